/*
 * nearest.c: see nearest.h.  Damerau's distance, restricted to swaps of neighbours.
 *
 * Invariant: three rows of the table are kept; rows are as long as the longest word allowed.
 */
#include "common/base/nearest.h"

#include <string.h>

void nearest_init(struct nearest *n, const char *wanted)
{
	n->wanted = wanted;
	n->best = NULL;
	n->distance = 0;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance_of(const char *a, const char *b)
{
	size_t rows[3][NEAREST_WORD_BYTES + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			now[j] = last[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(now[j], least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], older[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

void nearest_offer(struct nearest *n, const char *word)
{
	size_t distance;

	if (strlen(word) > NEAREST_WORD_BYTES || strlen(n->wanted) > NEAREST_WORD_BYTES)
		return;
	distance = distance_of(n->wanted, word);
	if (n->best != NULL && n->distance <= distance)
		return;
	n->best = word;
	n->distance = distance;
}

const char *nearest_best(const struct nearest *n)
{
	size_t allowed;

	if (n->best == NULL)
		return NULL;
	allowed = least((strlen(n->best) + 2) / 3, 3);
	return n->distance <= allowed ? n->best : NULL;
}

/*
 * nearest.h: "did you mean": the known word most like a misspelt one.
 *
 * Invariant: the answer is one of the words offered, or none.
 */
#ifndef KALPIS_BASE_NEAREST_H
#define KALPIS_BASE_NEAREST_H

#include <stddef.h>

enum { NEAREST_WORD_BYTES = 64 };   /* longer words are like no other */

struct nearest {
	const char *wanted;   /* borrowed */
	const char *best;     /* borrowed; NULL while no word is like it */
	size_t distance;
};

void nearest_init(struct nearest *n, const char *wanted);
void nearest_offer(struct nearest *n, const char *word);
/* NULL when nothing offered is near: within a third of the length, and at most 3 changes of one
 * letter (insert, delete, replace, swap with the next). */
const char *nearest_best(const struct nearest *n);

#endif

/*
 * roll.c: entries, chunks and the whole roll (formats-files.md §6).
 *
 * Invariant: entries ascend strictly by the bytes of their keys, so that no key is there twice and
 * nothing but the set of entries shows (attacks.md N23, N30).
 */
#include "common/election/roll.h"

#include "common/base/alloc.h"
#include "common/base/reader.h"
#include "common/election/credential.h"
#include "crypto/merkle.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAIL_BYTES = 4 + 2, CHUNK_HEAD_BYTES = 1024 };

static const uint64_t COUNT_MAX = UINT64_C(1) << 36;   /* formats-files.md §3.7 */

size_t roll_entry_len(const struct group *g)
{
	return group_element_len(g) + TAIL_BYTES;
}

size_t roll_chunk_entries_max(const struct group *g)
{
	size_t fit = (LIMIT_TX_BYTES - CHUNK_HEAD_BYTES) / roll_entry_len(g);

	return fit < LIMIT_ROLL_CHUNK ? fit : LIMIT_ROLL_CHUNK;
}

void roll_entry_write(struct writer *w, const struct group *g, const struct roll_entry *e)
{
	writer_bytes(w, e->key, group_element_len(g));
	writer_u32(w, e->weight);
	writer_u16(w, e->style);
}

void roll_entry_read(struct roll_entry *e, const struct group *g, const uint8_t *bytes)
{
	struct reader r;

	reader_init(&r, bytes, roll_entry_len(g));
	if (reader_view(&r, &e->key, group_element_len(g)) != ST_OK ||
	    reader_u32(&r, &e->weight) != ST_OK ||
	    reader_u16(&r, &e->style) != ST_OK)
		abort();   /* the caller promised that many bytes */
}

static int compare_keys(const void *a, const void *b, void *key_len)
{
	return memcmp(a, b, *(const size_t *)key_len);
}

void roll_sort(const struct group *g, uint8_t *entries, size_t count)
{
	size_t key_len = group_element_len(g);

	qsort_r(entries, count, roll_entry_len(g), compare_keys, &key_len);
}

/* path is the number of an entry, counted from 0, or NULL for the roll as a whole. */
__attribute__((format(printf, 4, 5)))
static enum status refuse(struct refusal *why, enum status st, const size_t *entry,
                          const char *format, ...)
{
	va_list args;

	if (why == NULL)
		return st;
	why->line = 0;
	why->path[0] = '\0';
	if (entry != NULL)
		(void)snprintf(why->path, sizeof(why->path), "[%zu]", *entry);
	va_start(args, format);
	(void)vsnprintf(why->reason, sizeof(why->reason), format, args);
	va_end(args);
	return st;
}

/* --- one chunk ----------------------------------------------------------------------------- */

static enum status check_entry(const struct manifest *m, struct refusal *why, size_t index,
                               const uint8_t *bytes)
{
	struct roll_entry e;
	struct element key;
	enum status st;

	roll_entry_read(&e, m->suite, bytes);
	if ((st = group_decode_var(m->suite, &key, e.key)) != ST_OK)
		return refuse(why, st, &index, "the credential is not an element of the group");
	if (group_is_identity(m->suite, &key))
		return refuse(why, ST_IDENTITY, &index, "the credential is the neutral element");
	if (e.weight < 1 || e.weight > LIMIT_WEIGHT)
		return refuse(why, ST_LIMIT, &index, "the weight is %u; it must be 1 to %d", e.weight,
		              LIMIT_WEIGHT);
	if (e.style >= m->styles_len)
		return refuse(why, ST_STYLE, &index, "the manifest has no ballot style %u", e.style);
	return ST_OK;
}

/* Two neighbours; index is that of the second. */
static enum status check_order(const struct manifest *m, struct refusal *why, size_t index,
                               const uint8_t *before, const uint8_t *entry)
{
	int order = memcmp(before, entry, group_element_len(m->suite));

	if (order == 0)
		return refuse(why, ST_DUPLICATE, &index, "the credential is on the roll twice");
	if (order > 0)
		return refuse(why, ST_ORDER, &index, "the entries are not in ascending order");
	return ST_OK;
}

static enum status check_len(const struct manifest *m, struct refusal *why, size_t len)
{
	if (len == 0 || len % roll_entry_len(m->suite) != 0)
		return refuse(why, ST_FORMAT, NULL, "a chunk of %zu bytes does not hold whole entries",
		              len);
	if (len / roll_entry_len(m->suite) > roll_chunk_entries_max(m->suite))
		return refuse(why, ST_LIMIT, NULL, "a chunk has at most %zu entries",
		              roll_chunk_entries_max(m->suite));
	return ST_OK;
}

enum status roll_chunk_check(const struct manifest *m, struct refusal *why,
                             const uint8_t *entries, size_t len)
{
	size_t entry_len = roll_entry_len(m->suite);
	enum status st = check_len(m, why, len);

	for (size_t i = 0; i < len / entry_len && st == ST_OK; i++) {
		const uint8_t *entry = entries + i * entry_len;

		if (i > 0)
			st = check_order(m, why, i, entry - entry_len, entry);
		if (st == ST_OK)
			st = check_entry(m, why, i, entry);
	}
	return st;
}

/* --- the whole ----------------------------------------------------------------------------- */

enum status roll_weights_check(const struct manifest *m, struct refusal *why,
                               uint64_t weight_sum, bool is_weighted)
{
	if (weight_sum > COUNT_MAX / m->value_max)
		return refuse(why, ST_LIMIT, NULL,
		              "one selection takes up to %u and all weights make %llu: a count "
		              "could exceed 2^36 and not be found", m->value_max,
		              (unsigned long long)weight_sum);
	if (is_weighted && !m->weights_reveal)
		return refuse(why, ST_DEFINITION, NULL,
		              "unequal weights can reveal votes; the definition must say "
		              "\"weights_reveal\": \"accepted\"");
	return ST_OK;
}

/* Place for the entries of all chunks.  Sets entry_len and count. */
static enum status gather(struct roll *r, struct refusal *why, const struct roll_chunk *chunks,
                          size_t chunks_len)
{
	size_t bytes = 0;
	enum status st;

	r->entry_len = roll_entry_len(r->manifest->suite);
	for (size_t i = 0; i < chunks_len; i++) {
		if ((st = check_len(r->manifest, why, chunks[i].len)) != ST_OK)
			return st;
		bytes += chunks[i].len;
		if (bytes / r->entry_len > LIMIT_VOTERS)
			return refuse(why, ST_LIMIT, NULL, "a roll has at most %d entries", LIMIT_VOTERS);
	}
	if (bytes == 0)
		return refuse(why, ST_ROLL, NULL, "the roll is empty");
	if ((r->entries = malloc(bytes)) == NULL)
		return ST_NO_MEMORY;
	r->count = (uint32_t)(bytes / r->entry_len);
	bytes = 0;
	for (size_t i = 0; i < chunks_len; i++) {
		memcpy(r->entries + bytes, chunks[i].entries, chunks[i].len);
		bytes += chunks[i].len;
	}
	return ST_OK;
}

/* Order, sum of weights and root, in one walk. */
static enum status walk(struct roll *r, struct refusal *why)
{
	struct merkle_frontier frontier;
	uint32_t first_weight = 0;
	enum status st;

	merkle_frontier_init(&frontier);
	for (uint32_t i = 0; i < r->count; i++) {
		const uint8_t *entry = r->entries + i * r->entry_len;
		uint8_t leaf[MERKLE_HASH_BYTES];
		struct roll_entry e;

		if (i > 0 && (st = check_order(r->manifest, why, i, entry - r->entry_len, entry)) != ST_OK)
			return st;
		roll_entry_read(&e, r->manifest->suite, entry);
		first_weight = i == 0 ? e.weight : first_weight;
		r->is_weighted |= e.weight != first_weight;
		r->weight_sum += e.weight;
		merkle_leaf_hash(leaf, entry, r->entry_len);
		if ((st = merkle_frontier_append(&frontier, leaf)) != ST_OK)
			return st;
	}
	merkle_frontier_root(&frontier, r->root);
	return ST_OK;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Whom a fingerprint names must be one entry (attacks.md N34; decisions/0041). */
static enum status check_fingerprints(const struct roll *r, struct refusal *why)
{
	uint64_t *print = malloc(r->count * sizeof(*print));
	enum status st = ST_OK;

	if (print == NULL)
		return ST_NO_MEMORY;
	for (uint32_t i = 0; i < r->count; i++)
		print[i] = credential_fingerprint(r->manifest->election_id, r->entries + i * r->entry_len,
		                                  r->entry_len - TAIL_BYTES);
	qsort(print, r->count, sizeof(*print), compare_u64);
	for (uint32_t i = 1; i < r->count && st == ST_OK; i++)
		if (print[i] == print[i - 1])
			st = refuse(why, ST_DUPLICATE, NULL, "two credentials have the same fingerprint");
	free(print);
	return st;
}

enum status roll_assemble(struct roll **out, struct refusal *why, const struct manifest *m,
                          const struct roll_chunk *chunks, size_t chunks_len)
{
	struct roll *r = alloc_zero(1, sizeof(*r));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (r == NULL)
		goto out;
	r->manifest = m;
	if ((st = gather(r, why, chunks, chunks_len)) != ST_OK ||
	    (st = walk(r, why)) != ST_OK ||
	    (st = roll_weights_check(m, why, r->weight_sum, r->is_weighted)) != ST_OK ||
	    (st = check_fingerprints(r, why)) != ST_OK)
		goto out;
	*out = r;
	r = NULL;
out:
	roll_free(r);
	if (st == ST_NO_MEMORY)
		return refuse(why, st, NULL, "there is not enough memory for the roll");
	return st;
}

void roll_free(struct roll *r)
{
	if (r == NULL)
		return;
	free(r->entries);
	free(r);
}

void roll_at(const struct roll *r, uint32_t index, struct roll_entry *out)
{
	assert(index < r->count);
	roll_entry_read(out, r->manifest->suite, r->entries + index * r->entry_len);
}

uint32_t roll_find(const struct roll *r, const uint8_t *key)
{
	size_t key_len = r->entry_len - TAIL_BYTES;
	uint32_t low = 0;
	uint32_t high = r->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order = memcmp(r->entries + mid * r->entry_len, key, key_len);

		if (order == 0)
			return mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return ROLL_NONE;
}

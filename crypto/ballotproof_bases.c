/*
 * ballotproof_bases.c: the common bases of ballot proofs (protocol-ballotproof.md §3).
 *
 * Invariant: h and the G_k depend on the suite and their index alone, so that nobody can have
 * chosen them and the bases of a longer layout begin with those of a shorter one.
 */
#include "crypto/ballotproof.h"
#include "crypto/transcript.h"

#include <assert.h>
#include <string.h>

enum { COUNTERS_MAX = 256 };   /* each is needed with probability 2^-240 */

/* The element that index and counter name; the counter is hashed only when it is not 0. */
static enum status candidate(const struct group *g, struct element *out, uint32_t index,
                             uint32_t counter)
{
	static const char DST[] = "kalpis/v1/generator";
	uint8_t uniform[64];
	struct hash h;

	expand_start(&h);
	hash_field_text(&h, group_name(g));
	hash_field_u32(&h, index);
	if (counter > 0)
		hash_field_u32(&h, counter);
	expand_finish(&h, uniform, sizeof(uniform), DST, sizeof(DST) - 1);
	return group_derive(g, out, uniform);
}

static bool is_usable(const struct group *g, const struct element *before, size_t before_len,
                      const struct element *e)
{
	if (group_is_identity(g, e))
		return false;
	for (size_t i = 0; i < before_len; i++)
		if (group_is_equal(g, &before[i], e))
			return false;
	return true;
}

/* first[index] from first[0..index). */
static enum status derive(const struct group *g, struct element *first, uint32_t index)
{
	for (uint32_t counter = 0; counter < COUNTERS_MAX; counter++) {
		enum status st = candidate(g, &first[index], index, counter);

		if (st != ST_OK)
			return st;
		if (is_usable(g, first, index, &first[index]))
			return ST_OK;
	}
	return ST_INTERNAL;
}

enum status ballotproof_bases(struct element *bases, const struct group *g,
                              const struct element *y, size_t bits_len)
{
	if (bits_len > BALLOTLAYOUT_BITS_MAX)
		return ST_LIMIT;
	if (group_is_identity(g, y))
		return ST_KEY;
	group_generator(g, &bases[BALLOTPROOF_BASE_G]);
	bases[BALLOTPROOF_BASE_Y] = *y;
	for (uint32_t i = 0; i <= bits_len; i++) {
		enum status st = derive(g, &bases[BALLOTPROOF_BASE_H], i);

		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}

void ballotproof_tables(struct group_table *tables, size_t tables_len, const struct group *g,
                        const struct element *bases)
{
	for (size_t i = 0; i < tables_len; i++)
		group_table_init(g, &tables[i], &bases[BALLOTPROOF_BASE_Y + i]);
}

size_t ballotproof_ciphertexts_len(const struct group *g, const struct ballotlayout *l)
{
	return 2 * l->ciphertexts_len * group_element_len(g);
}

size_t ballotproof_len(const struct group *g, const struct ballotlayout *l)
{
	return 6 * group_element_len(g) + (l->bits_len + 3) * group_scalar_len(g);
}

size_t ballotproof_openings_len(const struct group *g, const struct ballotlayout *l)
{
	return l->ciphertexts_len * group_scalar_len(g);
}

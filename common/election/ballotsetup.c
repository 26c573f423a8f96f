/*
 * ballotsetup.c: see ballotsetup.h.
 */
#include "common/election/ballotsetup.h"

#include "common/base/alloc.h"

#include <assert.h>
#include <stdlib.h>

_Static_assert((int)LIMIT_BALLOT_BITS == (int)BALLOTLAYOUT_BITS_MAX, "one bound, two names");
_Static_assert((int)LIMIT_BALLOT_CIPHERTEXTS == (int)BALLOTLAYOUT_CIPHERTEXTS_MAX,
               "one bound, two names");
_Static_assert((int)LIMIT_BALLOT_CONSTRAINTS == (int)BALLOTLAYOUT_CONSTRAINTS_MAX,
               "one bound, two names");
_Static_assert((int)LIMIT_STYLE_CONTESTS <= (int)BALLOTLAYOUT_RULES_MAX, "a style is a layout");

/* Bits of the longest style: how many generators are needed. */
static size_t bits_max(const struct manifest *m)
{
	size_t bits = 0;

	for (uint16_t i = 0; i < m->styles_len; i++)
		if (m->styles[i].bits_len > bits)
			bits = m->styles[i].bits_len;
	return bits;
}

enum status ballot_setup_new(struct ballot_setup **out, const struct manifest *m,
                             const struct element *y, size_t tables)
{
	struct ballot_setup *s = alloc_zero(1, sizeof(*s));
	size_t bits = bits_max(m);
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (s == NULL)
		return st;
	s->manifest = m;
	s->y = *y;
	s->y_len = group_element_len(m->suite);
	group_encode(m->suite, s->y_bytes, y);
	s->bases_len = BALLOTPROOF_BASE_G1 + bits;
	s->bases = alloc_zero(s->bases_len, sizeof(*s->bases));
	if (s->bases == NULL ||
	    (st = ballotproof_bases(s->bases, m->suite, y, bits)) != ST_OK)
		goto out;
	s->tables_len = tables < s->bases_len - 1 ? tables : s->bases_len - 1;
	if (s->tables_len > 0) {
		st = ST_NO_MEMORY;
		s->tables = alloc_zero(s->tables_len, sizeof(*s->tables));
		if (s->tables == NULL)
			goto out;
		ballotproof_tables(s->tables, s->tables_len, m->suite, s->bases);
	}
	*out = s;
	s = NULL;
	st = ST_OK;
out:
	ballot_setup_free(s);
	return st;
}

void ballot_setup_free(struct ballot_setup *s)
{
	if (s == NULL)
		return;
	free(s->bases);
	free(s->tables);
	free(s);
}

struct ballotproof_setup ballot_setup_style(const struct ballot_setup *s, uint16_t style)
{
	assert(style < s->manifest->styles_len);
	return (struct ballotproof_setup){
		.g = s->manifest->suite, .layout = s->manifest->styles[style].layout,
		.bases = s->bases, .bases_len = s->bases_len,
		.tables = s->tables, .tables_len = s->tables_len,
	};
}

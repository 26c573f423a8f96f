/*
 * ballotsetup.c: see ballotsetup.h.
 */
#include "common/election/ballotsetup.h"

#include <assert.h>
#include <stdlib.h>

_Static_assert((int)LIMIT_BALLOT_BITS == (int)BALLOTLAYOUT_BITS_MAX, "one bound, two names");
_Static_assert((int)LIMIT_BALLOT_CIPHERTEXTS == (int)BALLOTLAYOUT_CIPHERTEXTS_MAX,
               "one bound, two names");
_Static_assert((int)LIMIT_BALLOT_CONSTRAINTS == (int)BALLOTLAYOUT_CONSTRAINTS_MAX,
               "one bound, two names");
_Static_assert((int)LIMIT_STYLE_CONTESTS <= (int)BALLOTLAYOUT_RULES_MAX, "a style is a layout");

enum status ballot_layout(struct ballotlayout *out, struct ballotlayout_fault *fault,
                          const struct manifest_contest *contests, const uint16_t *indices,
                          size_t indices_len, uint16_t style)
{
	struct ballotlayout_rule rules[LIMIT_STYLE_CONTESTS];

	if (indices_len > LIMIT_STYLE_CONTESTS)
		return ST_LIMIT;
	for (size_t i = 0; i < indices_len; i++) {
		const struct manifest_contest *c = &contests[indices[i]];

		rules[i] = (struct ballotlayout_rule){
			.label = indices[i], .options = c->options_len, .each_max = c->each_max,
			.min = c->min, .max = c->max, .blank = c->blank,
		};
	}
	return ballotlayout_compile(out, fault, style, rules, indices_len);
}

static enum status compile_styles(struct ballot_setup *s, size_t *bits)
{
	const struct manifest *m = s->manifest;
	uint16_t indices[LIMIT_STYLE_CONTESTS];
	enum status st;

	*bits = 0;
	for (uint16_t i = 0; i < m->styles_len; i++) {
		const struct manifest_style *style = &m->styles[i];

		for (uint16_t k = 0; k < style->contests_len; k++)
			indices[k] = style->contests[k].contest;
		if ((st = ballot_layout(&s->layouts[i], NULL, m->contests, indices,
		                        style->contests_len, i)) != ST_OK)
			return st;
		assert(s->layouts[i].ciphertexts_len == style->ciphertexts_len);
		if (s->layouts[i].bits_len > *bits)
			*bits = s->layouts[i].bits_len;
	}
	return ST_OK;
}

enum status ballot_setup_new(struct ballot_setup **out, const struct manifest *m,
                             const struct element *y, size_t tables)
{
	struct ballot_setup *s = calloc(1, sizeof(*s));
	size_t bits;
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (s == NULL)
		return st;
	s->manifest = m;
	s->y = *y;
	s->y_len = group_element_len(m->suite);
	group_encode(m->suite, s->y_bytes, y);
	s->layouts = calloc(m->styles_len, sizeof(*s->layouts));
	if (s->layouts == NULL || (st = compile_styles(s, &bits)) != ST_OK)
		goto out;
	st = ST_NO_MEMORY;
	s->bases_len = BALLOTPROOF_BASE_G1 + bits;
	s->bases = calloc(s->bases_len, sizeof(*s->bases));
	if (s->bases == NULL ||
	    (st = ballotproof_bases(s->bases, m->suite, y, bits)) != ST_OK)
		goto out;
	s->tables_len = tables < s->bases_len - 1 ? tables : s->bases_len - 1;
	if (s->tables_len > 0) {
		st = ST_NO_MEMORY;
		s->tables = aligned_alloc(_Alignof(struct group_table),
		                          s->tables_len * sizeof(*s->tables));
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
	free(s->layouts);
	free(s->bases);
	free(s->tables);
	free(s);
}

struct ballotproof_setup ballot_setup_style(const struct ballot_setup *s, uint16_t style)
{
	assert(style < s->manifest->styles_len);
	return (struct ballotproof_setup){
		.g = s->manifest->suite, .layout = &s->layouts[style],
		.bases = s->bases, .bases_len = s->bases_len,
		.tables = s->tables, .tables_len = s->tables_len,
	};
}

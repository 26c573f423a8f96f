/*
 * trustees.c: see setup.h, "trustees".
 */
#include "common/belenios/setup.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* --- decoding -------------------------------------------------------------------------------- */

/* {"pok":{..},"public_key":"..","name":"..?"} */
static void lex_trustee(struct lex *l, struct bel_trustees *t, const struct group *g)
{
	if (t->count == LIMIT_BEL_TRUSTEES) {
		lex_fail(l, ST_LIMIT);
		return;
	}
	lex_lit(l, "{\"pok\":");
	lex_proof(l, g, &t->poks[t->count]);
	lex_lit(l, ",\"public_key\":");
	lex_element(l, g, &t->keys[t->count]);
	if (lex_is(l, ",\"name\":"))
		(void)lex_string(l, LIMIT_BEL_TEXT);
	lex_lit(l, "}");
	t->count++;
}

/* {"message":"..","signature":{..}}, and the message's own text in *inner. */
static void lex_signed(struct lex *l, struct lex *inner, struct bel_trustees *t,
                       struct bel_signed *out, const struct group *g)
{
	struct lex_text message;
	char *to = t->text + t->text_len;

	lex_lit(l, "{\"message\":");
	message = lex_string(l, LIMIT_BEL_TEXT);
	lex_lit(l, ",\"signature\":");
	lex_proof(l, g, &out->signature);
	lex_lit(l, "}");
	out->message = to;
	out->len = l->st == ST_OK ? lex_unescape(to, message) : 0;
	t->text_len += out->len;
	lex_init(inner, to, out->len);
}

static void lex_certs(struct lex *l, struct bel_trustees *t, struct bel_item *item,
                      const struct group *g)
{
	size_t i = SIZE_MAX;
	struct lex inner;

	lex_lit(l, ",\"certs\":[");
	while (lex_more(l, &i, SHAMIR_MAX)) {
		struct element encryption;
		size_t at = item->first + i;

		if (at >= LIMIT_BEL_TRUSTEES) {
			lex_fail(l, ST_LIMIT);
			return;
		}
		lex_signed(l, &inner, t, &t->certs[at], g);
		lex_lit(&inner, "{\"verification\":");
		lex_element(&inner, g, &t->verification[at]);
		lex_lit(&inner, ",\"encryption\":");
		lex_element(&inner, g, &encryption);
		lex_lit(&inner, "}");
		lex_fail(l, lex_end(&inner));
		item->count = i + 1;
	}
}

/* As many as there are certificates, each of as many coefficients as the threshold. */
static void lex_coefexps(struct lex *l, struct bel_trustees *t, const struct bel_item *item,
                         const struct group *g)
{
	lex_lit(l, ",\"coefexps\":[");
	for (size_t i = 0; i < item->count; i++) {
		struct lex inner;

		lex_lit(l, i > 0 ? "," : "");
		lex_signed(l, &inner, t, &t->commits[item->first + i], g);
		lex_lit(&inner, "{\"coefexps\":[");
		for (size_t k = 0; k < item->threshold; k++) {
			lex_lit(&inner, k > 0 ? "," : "");
			lex_element(&inner, g,
			            &t->coefexps[item->coefexps + i * item->threshold + k]);
		}
		lex_lit(&inner, "]}");
		lex_fail(l, lex_end(&inner));
	}
	lex_lit(l, "]");
}

static void lex_pedersen(struct lex *l, struct bel_trustees *t, struct bel_item *item,
                         const struct group *g)
{
	item->pedersen = true;
	lex_lit(l, "{\"threshold\":");
	item->threshold = (size_t)lex_number(l, SHAMIR_MAX);
	lex_certs(l, t, item, g);
	if (l->st == ST_OK && (item->threshold == 0 || item->threshold > item->count))
		lex_fail(l, ST_THRESHOLD);
	if (l->st != ST_OK)
		return;
	lex_coefexps(l, t, item, g);
	lex_lit(l, ",\"verification_keys\":[");
	for (size_t i = 0; i < item->count; i++) {
		lex_lit(l, i > 0 ? "," : "");
		lex_trustee(l, t, g);
	}
	lex_lit(l, "]}");
}

static void lex_item(struct lex *l, struct bel_trustees *t, struct bel_item *item,
                     const struct group *g)
{
	item->first = t->count;
	if (lex_is(l, "[\"Pedersen\",")) {
		lex_pedersen(l, t, item, g);
	} else {
		lex_lit(l, "[\"Single\",");
		lex_trustee(l, t, g);
		item->count = 1;
		item->threshold = 1;
	}
	lex_lit(l, "]");
}

enum status bel_trustees_decode(struct bel_trustees **out, const struct bel_election *e,
                                const void *bytes, size_t len)
{
	struct bel_trustees *t = alloc_zero(1, sizeof(*t));
	size_t i = SIZE_MAX, coefexps = 0;
	struct lex l;
	enum status st;

	*out = NULL;
	if (t == NULL || (t->text = malloc(len + 1)) == NULL) {
		free(t);
		return ST_NO_MEMORY;
	}
	lex_init(&l, bytes, len);
	lex_lit(&l, "[");
	while (lex_more(&l, &i, LIMIT_BEL_TRUSTEES)) {
		t->items[i].coefexps = coefexps;
		lex_item(&l, t, &t->items[i], e->g);
		coefexps += t->items[i].pedersen ? t->items[i].count * t->items[i].threshold : 0;
		t->items_len = i + 1;
	}
	st = lex_end(&l);
	if (st == ST_OK && t->items_len == 0)
		st = ST_LIMIT;
	if (st != ST_OK) {
		bel_trustees_free(t);
		return st;
	}
	*out = t;
	return ST_OK;
}

void bel_trustees_free(struct bel_trustees *t)
{
	if (t == NULL)
		return;
	free(t->text);
	free(t);
}

/* --- checks ---------------------------------------------------------------------------------- */

enum status bel_trustee_check(const struct bel_trustees *t, const struct bel_election *e,
                              size_t index)
{
	return belenios_key_verify_var(e->g, &t->keys[index], &t->poks[index]);
}

static enum status check_signed(const struct bel_election *e, const struct element *key,
                                const struct bel_signed *s)
{
	return belenios_message_check_var(e->g, key, s->message, s->len, &s->signature);
}

enum status bel_pedersen_check(const struct bel_trustees *t, const struct bel_election *e,
                               const struct bel_item *item, size_t *wrong)
{
	struct element subkey;
	enum status st;

	for (size_t i = item->first; i < item->first + item->count; i++) {
		*wrong = i;
		if ((st = check_signed(e, &t->verification[i], &t->certs[i])) != ST_OK ||
		    (st = check_signed(e, &t->verification[i], &t->commits[i])) != ST_OK)
			return st;
	}
	*wrong = 0;
	st = belenios_pedersen_check_var(e->g, &subkey, wrong, &t->coefexps[item->coefexps],
	                                 &t->keys[item->first], item->count, item->threshold);
	*wrong += item->first;
	return st;
}

/* What one item contributes: its key, or the sum of its trustees' first coefficients. */
static void subkey_of(struct element *out, const struct bel_trustees *t,
                      const struct bel_election *e, const struct bel_item *item)
{
	*out = t->keys[item->first];
	if (!item->pedersen)
		return;
	group_identity(e->g, out);
	for (size_t i = 0; i < item->count; i++)
		group_add(e->g, out, out, &t->coefexps[item->coefexps + i * item->threshold]);
}

enum status bel_key_check(const struct bel_trustees *t, const struct bel_election *e)
{
	struct element y, part;

	group_identity(e->g, &y);
	for (size_t i = 0; i < t->items_len; i++) {
		subkey_of(&part, t, e, &t->items[i]);
		group_add(e->g, &y, &y, &part);
	}
	return group_is_equal(e->g, &y, &e->y) ? ST_OK : ST_KEY;
}

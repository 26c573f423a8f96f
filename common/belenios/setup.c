/*
 * setup.c: elections and credentials; see setup.h.  Trustees: trustees.c.
 */
#include "common/belenios/setup.h"

#include "common/base/alloc.h"
#include "common/base/number.h"
#include "crypto/decimal.h"

#include <stdlib.h>
#include <string.h>

static const char BASE58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* --- questions ------------------------------------------------------------------------------- */

/* {"type":..,"value":..}: whatever it is, we do not check it. */
static void lex_other_question(struct lex *l, struct bel_question *q)
{
	q->skipped = true;
	(void)lex_string(l, LIMIT_BEL_TEXT);
	lex_lit(l, ",\"value\":");
	lex_skip(l);
	if (lex_is(l, ",\"extra\":"))
		lex_skip(l);
	lex_lit(l, "}");
}

static void lex_answers(struct lex *l, struct bel_election *e, struct bel_question *q)
{
	size_t i = SIZE_MAX;

	q->answers = &e->answers[e->answers_len];
	lex_lit(l, "[");
	while (lex_more(l, &i, BELENIOS_ANSWERS_MAX)) {
		if (e->answers_len == LIMIT_BEL_CHOICES) {
			lex_fail(l, ST_LIMIT);
			return;
		}
		e->answers[e->answers_len++] = lex_string(l, LIMIT_BEL_TEXT);
		q->rule.answers++;
	}
}

static void lex_question(struct lex *l, struct bel_election *e, struct bel_question *q)
{
	q->first = e->choices;
	if (lex_is(l, "{\"type\":")) {
		lex_other_question(l, q);
		e->skipped++;
		return;
	}
	lex_lit(l, "{\"answers\":");
	lex_answers(l, e, q);
	if (lex_is(l, ",\"blank\":true"))
		q->rule.blank = true;
	else
		(void)lex_is(l, ",\"blank\":false");
	lex_lit(l, ",\"min\":");
	q->rule.min = (uint32_t)lex_number(l, BELENIOS_ANSWERS_MAX);
	lex_lit(l, ",\"max\":");
	q->rule.max = (uint32_t)lex_number(l, BELENIOS_ANSWERS_MAX);
	lex_lit(l, ",\"question\":");
	q->title = lex_string(l, LIMIT_BEL_TEXT);
	lex_lit(l, "}");
	if (l->st != ST_OK)
		return;
	lex_fail(l, belenios_question_check(&q->rule));
	e->choices += belenios_choices(&q->rule);
	e->overall += belenios_overall_len(&q->rule);
	if (e->choices > LIMIT_BEL_CHOICES || e->overall > LIMIT_BEL_OVERALL)
		lex_fail(l, ST_LIMIT);
}

/* --- election -------------------------------------------------------------------------------- */

static void lex_group(struct lex *l, struct bel_election *e)
{
	struct lex_text t = lex_string(l, 32);
	char name[33] = "";

	memcpy(name, t.at, t.len);
	e->g = belenios_group(name);
	if (e->g == NULL)
		lex_fail(l, ST_STYLE);
}

static void lex_uuid(struct lex *l, struct bel_election *e)
{
	e->uuid = lex_string(l, 64);
	for (size_t i = 0; i < e->uuid.len; i++)
		if (strchr(BASE58, e->uuid.at[i]) == NULL)
			lex_fail(l, ST_FORMAT);
	if (e->uuid.len < 14)
		lex_fail(l, ST_FORMAT);
}

static void lex_election(struct lex *l, struct bel_election *e)
{
	size_t i = SIZE_MAX;

	lex_lit(l, "{\"version\":1,\"description\":");
	(void)lex_string(l, LIMIT_BEL_TEXT);
	lex_lit(l, ",\"name\":");
	e->name = lex_string(l, LIMIT_BEL_TEXT);
	lex_lit(l, ",\"group\":");
	lex_group(l, e);
	lex_lit(l, ",\"public_key\":");
	if (l->st == ST_OK)
		lex_element(l, e->g, &e->y);
	if (l->st == ST_OK && group_is_identity(e->g, &e->y))
		lex_fail(l, ST_IDENTITY);
	lex_lit(l, ",\"questions\":[");
	while (lex_more(l, &i, LIMIT_BEL_QUESTIONS)) {
		lex_question(l, e, &e->questions[i]);
		e->questions_len = i + 1;
	}
	lex_lit(l, ",\"uuid\":");
	lex_uuid(l, e);
	if (lex_is(l, ",\"administrator\":"))
		(void)lex_string(l, LIMIT_BEL_TEXT);
	if (lex_is(l, ",\"credential_authority\":"))
		(void)lex_string(l, LIMIT_BEL_TEXT);
	lex_lit(l, "}");
}

static uint8_t *copy_of(const void *bytes, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	if (copy != NULL && len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

enum status bel_election_decode(struct bel_election **out, const void *bytes, size_t len)
{
	struct bel_election *e = alloc_zero(1, sizeof(*e));
	enum status st = ST_NO_MEMORY;
	struct lex l;

	*out = NULL;
	if (e == NULL)
		return ST_NO_MEMORY;
	e->bytes = copy_of(bytes, len);
	e->questions = alloc_zero(LIMIT_BEL_QUESTIONS, sizeof(*e->questions));
	e->answers = alloc_zero(LIMIT_BEL_CHOICES, sizeof(*e->answers));
	if (e->bytes != NULL && e->questions != NULL && e->answers != NULL) {
		lex_init(&l, e->bytes, len);
		lex_election(&l, e);
		st = lex_end(&l);
	}
	if (st == ST_OK && e->questions_len == 0)
		st = ST_LIMIT;
	if (st != ST_OK) {
		bel_election_free(e);
		return st;
	}
	belenios_hash(e->fingerprint, e->bytes, len);
	*out = e;
	return ST_OK;
}

void bel_election_free(struct bel_election *e)
{
	if (e == NULL)
		return;
	free(e->bytes);
	free(e->questions);
	free(e->answers);
	free(e);
}

/* --- credentials ----------------------------------------------------------------------------- */

static int compare_text(struct lex_text a, struct lex_text b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return memcmp(a.at, b.at, a.len);
}

static int compare(const void *a, const void *b)
{
	return compare_text(((const struct bel_credential *)a)->key,
	                    ((const struct bel_credential *)b)->key);
}

/* "KEY" or "KEY,WEIGHT" */
static enum status split(struct bel_credential *c, struct lex_text text)
{
	const char *comma = memchr(text.at, ',', text.len);
	const char *end = text.at + text.len;

	c->key = text;
	c->weight = 1;
	if (comma == NULL)
		return ST_OK;
	c->key.len = (size_t)(comma - text.at);
	return number_decode(&c->weight, comma + 1, (size_t)(end - comma - 1), BEL_WEIGHT_MAX);
}

static size_t count_entries(const uint8_t *bytes, size_t len)
{
	size_t quotes = 0;

	for (size_t i = 0; i < len; i++)
		quotes += bytes[i] == '"';
	return quotes / 2;
}

static enum status lex_roll(struct bel_roll *r, size_t len, size_t room)
{
	size_t i = SIZE_MAX;
	struct lex l;

	lex_init(&l, r->bytes, len);
	lex_lit(&l, "[");
	while (lex_more(&l, &i, room)) {
		struct lex_text t = lex_string(&l, DECIMAL_TEXT + 16);

		if (l.st != ST_OK)
			break;
		lex_fail(&l, split(&r->list[i], t));
		r->len = i + 1;
		r->weight += r->list[i].weight;
	}
	return lex_end(&l);
}

enum status bel_roll_decode(struct bel_roll **out, const void *bytes, size_t len)
{
	struct bel_roll *r = alloc_zero(1, sizeof(*r));
	size_t room = count_entries(bytes, len);
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (r == NULL)
		return ST_NO_MEMORY;
	r->bytes = copy_of(bytes, len);
	r->list = room <= LIMIT_BEL_CREDENTIALS ? alloc_zero(room, sizeof(*r->list)) : NULL;
	if (r->bytes != NULL && r->list != NULL)
		st = lex_roll(r, len, room);
	else if (room > LIMIT_BEL_CREDENTIALS)
		st = ST_LIMIT;
	if (st == ST_OK) {
		qsort(r->list, r->len, sizeof(*r->list), compare);
		for (size_t i = 1; i < r->len; i++)
			if (compare(&r->list[i - 1], &r->list[i]) == 0)
				st = ST_DUPLICATE;
	}
	if (st != ST_OK) {
		bel_roll_free(r);
		return st;
	}
	belenios_hash(r->fingerprint, bytes, len);
	*out = r;
	return ST_OK;
}

void bel_roll_free(struct bel_roll *r)
{
	if (r == NULL)
		return;
	free(r->bytes);
	free(r->list);
	free(r);
}

enum status bel_credential_check(const struct bel_credential *c, const struct bel_election *e)
{
	struct element key;
	enum status st = decimal_element_read_var(e->g, &key, c->key.at, c->key.len);

	if (st != ST_OK)
		return st;
	return group_is_identity(e->g, &key) ? ST_IDENTITY : ST_OK;
}

const struct bel_credential *bel_roll_find(const struct bel_roll *r, struct lex_text key)
{
	const struct bel_credential wanted = { .key = key };

	return bsearch(&wanted, r->list, r->len, sizeof(*r->list), compare);
}

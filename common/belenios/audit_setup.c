/*
 * audit_setup.c: election, trustees and credentials are what they should be; see audit.h.
 */
#include "common/belenios/audit_impl.h"

#include "common/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The setup names the other three. */
static enum status check_links(struct bel_scan *s, const struct bel_step *step)
{
	uint8_t said[3 * 32], *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &step->data[3])) != ST_OK)
		return st;
	st = bel_setup_decode(said, bytes, step->data[3].len);
	free(bytes);
	for (int i = 0; i < 3 && st == ST_OK; i++)
		if (memcmp(said + 32 * i, step->data[i].hash, 32) != 0)
			st = ST_HASH;
	return st == ST_OK ? ST_OK :
	       bel_refuse(s, BEL_HASHES, st, 0, step->offset,
	                  "the setup does not name the data that stand before it");
}

static enum status decode_election(struct bel_scan *s, const struct bel_step *step)
{
	uint64_t since = bel_clock(s);
	uint8_t *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &step->data[0])) != ST_OK)
		return st;
	st = bel_election_decode(&s->a->election, bytes, step->data[0].len);
	free(bytes);
	if (st != ST_OK)
		return bel_refuse(s, BEL_ELECTION, st, 0, step->offset,
		                  "the election is not as Belenios writes one");
	bel_held(s, BEL_ELECTION, s->a->election->questions_len, since);
	if (s->options->fingerprint == NULL) {
		s->a->lines[BEL_FINGERPRINT].outcome = BEL_MISSING;
		return ST_OK;
	}
	if (strcmp(s->options->fingerprint, s->a->election->fingerprint) != 0)
		return bel_refuse(s, BEL_FINGERPRINT, ST_ELECTION, 0, step->offset,
		                  "this election's fingerprint is %s", s->a->election->fingerprint);
	bel_held(s, BEL_FINGERPRINT, 1, bel_clock(s));
	return ST_OK;
}

static enum status decode_trustees(struct bel_scan *s, const struct bel_step *step)
{
	uint8_t *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &step->data[1])) != ST_OK)
		return st;
	st = bel_trustees_decode(&s->a->trustees, s->a->election, bytes, step->data[1].len);
	free(bytes);
	return st == ST_OK ? ST_OK :
	       bel_refuse(s, BEL_TRUSTEES, st, 0, step->offset,
	                  "the trustees are not as Belenios writes them");
}

static enum status decode_roll(struct bel_scan *s, const struct bel_step *step)
{
	uint8_t *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &step->data[2])) != ST_OK)
		return st;
	st = bel_roll_decode(&s->a->roll, bytes, step->data[2].len);
	free(bytes);
	if (st != ST_OK)
		return bel_refuse(s, BEL_CREDENTIALS, st, 0, step->offset,
		                  st == ST_DUPLICATE ? "a credential stands twice on the list" :
		                  "the list of credentials is not as Belenios writes it");
	s->last = alloc_zero(s->a->roll->len, sizeof(*s->last));
	return s->last == NULL ? ST_NO_MEMORY : ST_OK;
}

enum status bel_audit_setup(struct bel_scan *s, const struct bel_step *step)
{
	enum status st;

	if ((st = check_links(s, step)) != ST_OK || (st = decode_election(s, step)) != ST_OK ||
	    (st = decode_trustees(s, step)) != ST_OK)
		return st;
	return decode_roll(s, step);
}

/* --- what is proved -------------------------------------------------------------------------- */

static enum status check_pedersen(struct bel_scan *s, const struct bel_trustees *t)
{
	uint64_t since = bel_clock(s), count = 0;
	size_t wrong;
	enum status st;

	for (size_t i = 0; i < t->items_len; i++) {
		if (!t->items[i].pedersen)
			continue;
		count += t->items[i].count;
		st = bel_pedersen_check(t, s->a->election, &t->items[i], &wrong);
		if (st != ST_OK)
			return bel_refuse(s, BEL_PEDERSEN, st, 0, 0, "trustee %zu: %s", wrong + 1,
			                  st == ST_SIGNATURE ? "a signed message is false" :
			                  "the key is not the one that the coefficients give");
	}
	bel_held(s, BEL_PEDERSEN, count, since);
	if (count == 0)
		s->a->lines[BEL_PEDERSEN].outcome = BEL_NONE;
	return ST_OK;
}

static enum status work_credential(void *ctx, size_t worker, size_t index, struct pool_note *note)
{
	const struct bel_scan *s = ctx;

	(void)worker;
	(void)snprintf(note->text, sizeof(note->text), "a credential is no key of the group");
	return bel_credential_check(&s->a->roll->list[index], s->a->election);
}

static enum status check_credentials(struct bel_scan *s)
{
	uint64_t since = bel_clock(s);
	struct pool_note note;
	enum status st;

	st = pool_run(s->threads, s->a->roll->len, work_credential, s, &note);
	if (st != ST_OK)
		return bel_refuse(s, BEL_CREDENTIALS, st, 0, 0, "%s", note.text);
	bel_held(s, BEL_CREDENTIALS, s->a->roll->len, since);
	return ST_OK;
}

enum status bel_audit_trustees(struct bel_scan *s)
{
	const struct bel_trustees *t = s->a->trustees;
	uint64_t since = bel_clock(s);
	enum status st;

	for (size_t i = 0; i < t->count; i++)
		if ((st = bel_trustee_check(t, s->a->election, i)) != ST_OK)
			return bel_refuse(s, BEL_TRUSTEES, st, 0, 0,
			                  "trustee %zu: the proof of knowing the key", i + 1);
	bel_held(s, BEL_TRUSTEES, t->count, since);
	if ((st = check_pedersen(s, t)) != ST_OK)
		return st;
	since = bel_clock(s);
	if ((st = bel_key_check(t, s->a->election)) != ST_OK)
		return bel_refuse(s, BEL_KEY, st, 0, 0,
		                  "the election's key is not that of its trustees together");
	bel_held(s, BEL_KEY, 1, since);
	return check_credentials(s);
}

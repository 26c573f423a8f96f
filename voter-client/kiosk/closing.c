/*
 * closing.c: see closing.h.
 */
#include "voter-client/kiosk/closing.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "common/base/writer.h"
#include "common/election/ballot.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSING_WIRE_MAX = 256, LINE_BYTES = BALLOT_TRACKER_TEXT + 8 };

struct closing {
	struct booth *b;
	const struct keyfile *key;
	uint32_t *order;
	uint32_t len;
	uint8_t wire[CLOSING_WIRE_MAX];
	size_t wire_len;
	uint8_t tag[32];            /* names the job of the closing */
};

/* --- the account ----------------------------------------------------------------------------- */

static enum status fate_of(enum slip_fate *out, const struct spool_record *r)
{
	switch (r->state) {
	case SPOOL_CAST:
		*out = SLIP_CAST;
		return ST_OK;
	case SPOOL_TESTED:
		*out = SLIP_TESTED;
		return ST_OK;
	case SPOOL_VOID:
		*out = SLIP_VOID;
		return ST_OK;
	case SPOOL_SEALED:
	case SPOOL_CAST_REQUESTED:
		break;
	}
	return ST_INCOMPLETE;
}

/* The sorted list; the caller frees. */
static enum status make_list(struct slip_closing **out, const struct spool *spool)
{
	size_t len = spool_count(spool);
	struct slip_closing *list = alloc_zero(len + 1, sizeof(*list));
	enum status st = list == NULL ? ST_NO_MEMORY : ST_OK;

	for (size_t i = 0; st == ST_OK && i < len; i++) {
		memcpy(list[i].tracker, spool_at(spool, i)->tracker, sizeof(list[i].tracker));
		st = fate_of(&list[i].fate, spool_at(spool, i));
	}
	if (st != ST_OK) {
		free(list);
		return st;
	}
	slip_closing_sort(list, len);
	*out = list;
	return ST_OK;
}

enum status closing_account(struct closing_account *out, const struct spool *spool)
{
	struct slip_closing *list = NULL;
	enum status st = make_list(&list, spool);

	*out = (struct closing_account){
		.cast = spool_count_in(spool, SPOOL_CAST),
		.tested = spool_count_in(spool, SPOOL_TESTED),
		.voided = spool_count_in(spool, SPOOL_VOID),
	};
	if (st == ST_OK)
		st = slip_closing_root(out->root, list, spool_count(spool));
	free(list);
	return st;
}

enum status closing_list(char **text, size_t *len, const struct spool *spool)
{
	struct slip_closing *list = NULL;
	char number[BALLOT_TRACKER_TEXT];
	enum status st = make_list(&list, spool);

	*len = 0;
	*text = NULL;
	if (st != ST_OK)
		return st;
	*text = alloc_zero(spool_count(spool) + 1, LINE_BYTES);
	for (size_t i = 0; *text != NULL && i < spool_count(spool); i++) {
		int n;

		ballot_tracker_format(number, list[i].tracker);
		n = snprintf(*text + *len, LINE_BYTES, "%s %s\n", number, slip_fate_name(list[i].fate));
		*len += n > 0 ? (size_t)n : 0;
	}
	free(list);
	return *text == NULL ? ST_NO_MEMORY : ST_OK;
}

static int compare_trackers(const void *a, const void *b, void *spool)
{
	return memcmp(spool_at(spool, *(const uint32_t *)a)->tracker,
	              spool_at(spool, *(const uint32_t *)b)->tracker, 32);
}

enum status closing_tests(uint32_t **order, uint32_t *len, struct spool *spool)
{
	uint32_t count = 0;

	*order = alloc_zero(spool_count(spool) + 1, sizeof(**order));
	if (*order == NULL)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < spool_count(spool); i++)
		if (spool_at(spool, i)->state == SPOOL_TESTED)
			(*order)[count++] = (uint32_t)i;
	qsort_r(*order, count, sizeof(**order), compare_trackers, spool);
	*len = count;
	return ST_OK;
}

/* --- sending --------------------------------------------------------------------------------- */

enum status closing_new(struct closing **out, struct booth *b, const struct keyfile *key)
{
	struct closing *c = alloc_zero(1, sizeof(*c));
	enum status st;

	*out = NULL;
	if (c == NULL)
		return ST_NO_MEMORY;
	c->b = b;
	c->key = key;
	rng_bytes(c->tag, sizeof(c->tag));
	if ((st = closing_tests(&c->order, &c->len, booth_spool(b))) != ST_OK) {
		closing_free(c);
		return st;
	}
	*out = c;
	return ST_OK;
}

void closing_free(struct closing *c)
{
	if (c == NULL)
		return;
	free(c->order);
	free(c);
}

static bool is_published(const struct closing *c, uint32_t i, const struct election *e)
{
	const struct spool_record *r = spool_at(booth_spool(c->b), c->order[i]);
	struct ballot_record found;

	return election_find(e, r->tracker, &found) == ST_OK && found.fate == FATE_TESTED;
}

static const struct election *proven(const struct closing *c)
{
	const struct chainview *v = chainlink_view(booth_link(c->b));

	return chainlink_is_ready(booth_link(c->b)) && chainview_is_proven(v) ?
	       chainview_election(v) : NULL;
}

uint32_t closing_published(const struct closing *c)
{
	const struct election *e = proven(c);
	uint32_t n = 0;

	for (uint32_t i = 0; e != NULL && i < c->len; i++)
		n += is_published(c, i, e);
	return n;
}

/* True when every test is on the chain. */
static bool send_tests(struct closing *c, const struct election *e, uint64_t now_ms)
{
	struct chainlink *l = booth_link(c->b);
	bool all = true;

	for (uint32_t i = 0; i < c->len; i++) {
		const struct spool_record *r = spool_at(booth_spool(c->b), c->order[i]);

		if (is_published(c, i, e)) {
			chainlink_drop(l, r->tracker);
			continue;
		}
		all = false;
		if (!chainlink_is_sending(l, r->tracker) &&
		    chainlink_send(l, now_ms, r->tracker, r->bytes, r->bytes_len) != ST_OK)
			break;   /* the others follow when these are through */
	}
	return all;
}

static enum status sign_closing(struct closing *c, const struct election *e)
{
	const struct election_params *p = election_params(e);
	uint16_t kiosk = booth_session(c->b)->c.kiosk;
	struct closing_account account;
	struct sign_secret secret;
	uint8_t key[SIGN_KEY_BYTES], sig[SIGN_BYTES];
	struct message m;
	struct writer w;
	enum status st;

	sign_from_seed(&secret, key, c->key->sign_seed);
	if ((st = closing_account(&account, booth_spool(c->b))) != ST_OK)
		goto out;
	writer_init(&w, c->wire, sizeof(c->wire));
	tx_begin(&w, TX_KIOSK_CLOSING);
	tx_closing_body(&w, kiosk, key, account.cast, account.tested, account.voided, account.root);
	m = check_message(p, TX_KIOSK_CLOSING, c->wire + 1, w.pos - 1);
	sign_message(&secret, sig, &m);
	writer_bytes(&w, sig, sizeof(sig));
	st = writer_end(&w, &c->wire_len);
out:
	sign_secret_wipe(&secret);
	params_unref(p);
	return st;
}

enum closing_state closing_step(struct closing *c, uint64_t now_ms)
{
	const struct election *e = proven(c);
	struct chainlink *l = booth_link(c->b);
	uint16_t kiosk = booth_session(c->b)->c.kiosk;
	bool all_tests;

	if (e == NULL || election_phase(e) < PHASE_CLOSED)
		return CLOSING_WAITS;
	if (chainview_has_closing(chainlink_view(l), kiosk)) {
		chainlink_drop(l, c->tag);
		return closing_published(c) == c->len ? CLOSING_DONE : CLOSING_LATE;
	}
	all_tests = election_phase(e) > PHASE_CLOSED || send_tests(c, e, now_ms);
	if (!all_tests || booth_pending(c->b) > 0)
		return CLOSING_TESTS;
	if (election_phase(e) > PHASE_ENDED)
		return CLOSING_LATE;
	if (c->wire_len == 0 && sign_closing(c, e) != ST_OK)
		return CLOSING_WAITS;
	crash_point("closing-signed");
	if (!chainlink_is_sending(l, c->tag) &&
	    chainlink_send(l, now_ms, c->tag, c->wire, c->wire_len) != ST_OK)
		return CLOSING_SIGNS;
	return CLOSING_SIGNS;
}

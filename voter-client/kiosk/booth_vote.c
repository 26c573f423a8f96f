/*
 * booth_vote.c: looking a voter up, locking, casting and testing: see booth_impl.h.
 *
 * Invariant: EV_LOCKED is answered only after the record is on the disk and the slip's top half is
 * written; a ballot is submitted only after its signed transaction is on the disk.
 */
#include "voter-client/kiosk/booth_impl.h"

#include "common/base/crash.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct session_event event_of(enum session_event_kind kind)
{
	return (struct session_event){ .kind = kind };
}

/* --- who ------------------------------------------------------------------------------------- */

struct session_event booth_lookup(struct booth *b, struct session_found *found)
{
	const struct election *e = chainview_election(chainlink_view(b->link));
	const struct roll *roll = e == NULL ? NULL : election_roll(e);
	struct voter *v = b->voter;
	struct session_event ev = event_of(EV_UNKNOWN);
	struct ballot_record live;
	struct roll_entry entry;

	mem_wipe(v, sizeof(*v));
	if (roll == NULL || credential_derive(&v->credential, b->m->suite, b->m->election_id,
	                                      &b->session->code) != ST_OK)
		return ev;
	v->index = roll_find(roll, v->credential.key_bytes);
	if (v->index == ROLL_NONE)
		return ev;
	roll_at(roll, v->index, &entry);
	found->style = entry.style;
	found->fingerprint = credential_fingerprint(b->m->election_id, entry.key,
	                                            group_element_len(b->m->suite));
	found->live_tracker = NULL;
	if (election_find_voter(e, v->index, &live) == ST_OK) {
		v->has_live = true;
		memcpy(v->live, live.tracker, sizeof(v->live));
		found->live_tracker = v->live;
	}
	ev.kind = EV_FOUND;
	ev.found = found;
	return ev;
}

struct session_event booth_old_slip(struct booth *b)
{
	struct voter *v = b->voter;
	const uint8_t *key = chainview_slip_key(chainlink_view(b->link), v->index);
	bool is_good;

	is_good = key != NULL &&
	          slip_secret_derive(&v->old_slip, b->m->suite, b->m->election_id,
	                             &b->session->code) == ST_OK &&
	          mem_is_equal(key, v->old_slip.key_bytes, group_element_len(b->m->suite));
	if (!is_good)
		credential_wipe(&v->old_slip);
	return event_of(is_good ? EV_OLD_GOOD : EV_OLD_BAD);
}

/* --- lock ------------------------------------------------------------------------------------ */

static struct ballot_intent intent_of(const struct booth *b, const uint8_t *device)
{
	const struct voter *v = b->voter;
	bool replaces = v->has_live && b->m->revote == REVOTE_LAST;

	return (struct ballot_intent){
		.style = b->session->style, .credential = &v->credential, .blinding = v->blinding,
		.device = device, .replaced = replaces ? v->live : NULL,
		.old_slip = replaces ? &v->old_slip.secret : NULL,
		.slip = b->m->revote == REVOTE_LAST ? &v->slip.secret : NULL,
		.device_secret = b->c.key->device_secret,
		.device_secret_len = sizeof(b->c.key->device_secret),
	};
}

/* A fresh secret code for this ballot's slip. */
static void draw_slip(struct booth *b)
{
	struct voter *v = b->voter;

	if (b->m->revote != REVOTE_LAST)
		return;
	do
		credential_code_generate(&v->slip_code);
	while (slip_secret_derive(&v->slip, b->m->suite, b->m->election_id, &v->slip_code) != ST_OK);
}

/* Encrypt, and keep the record; then the paper. */
static enum status lock(struct booth *b)
{
	struct voter *v = b->voter;
	uint8_t before[32], blinding[32], device[32];
	uint32_t sequence = spool_next(b->spool, before);
	const struct ballot_intent intent = intent_of(b, device);
	size_t len;
	enum status st;

	draw_slip(b);
	rng_bytes(v->blinding, sizeof(v->blinding));
	rng_bytes(blinding, sizeof(blinding));
	slip_device(device, b->c.session.kiosk, sequence, before, blinding);
	len = session_selections(b->session, v->selections);
	st = ballot_lock(&b->locked, b->setup, &intent, v->selections, len);
	mem_wipe(v->selections, sizeof(v->selections));
	if (st != ST_OK)
		return st;
	crash_point("lock-made");
	if ((st = spool_seal(b->spool, b->locked->tracker, blinding, b->locked->wire,
	                     b->locked->body_len)) != ST_OK)
		return st;
	b->sequence = sequence;
	crash_point("lock-sealed");
	if ((st = booth_write_slip(b, spool_at(b->spool, sequence - 1), SLIP_TOP_ONLY, SLIP_VOID,
	                           0)) != ST_OK)
		return st;
	return b->m->revote == REVOTE_LAST ?
	       booth_write_secret(b, b->locked->tracker, &v->slip_code) : ST_OK;
}

static void tell_locked(const struct booth *b)
{
	char number[BALLOT_TRACKER_TEXT], path[LIMIT_PATH_BYTES];

	ballot_tracker_format(number, b->locked->tracker);
	booth_tell(b, "tracker", number);
	if (booth_path(b, path, PAPER_SLIP, b->locked->tracker) == ST_OK)
		booth_tell(b, "slip", path);
	if (b->m->revote == REVOTE_LAST &&
	    booth_path(b, path, PAPER_SECRET, b->locked->tracker) == ST_OK)
		booth_tell(b, "slip-secret", path);
}

struct session_event booth_lock(struct booth *b)
{
	struct session_event ev = event_of(EV_LOCKED);
	enum status st = b->setup == NULL ? ST_PHASE : lock(b);

	if (st != ST_OK) {
		booth_void(b);
		booth_break(b, "lock", st);
		return event_of(EV_FAILED);
	}
	crash_point("lock-slip");
	tell_locked(b);
	ev.tracker = b->locked->tracker;
	return ev;
}

/* --- cast ------------------------------------------------------------------------------------ */

static void drop_locked(struct booth *b)
{
	ballot_locked_free(b->locked);
	b->locked = NULL;
}

bool booth_cast(struct booth *b, struct session_event *event)
{
	/* The device commitment stands in the ballot; the intent need not repeat it. */
	const struct ballot_intent intent = intent_of(b, NULL);
	const struct spool_record *r;
	enum status st = ballot_cast(b->locked, b->setup, &intent);

	crash_point("cast-signed");
	if (st == ST_OK)
		st = spool_change(b->spool, b->sequence, SPOOL_CAST_REQUESTED, b->locked->wire,
		                  b->locked->wire_len);
	crash_point("cast-recorded");
	drop_locked(b);
	if (st != ST_OK) {
		booth_void(b);
		booth_break(b, "cast", st);
		*event = event_of(EV_FAILED);
		return true;
	}
	r = spool_at(b->spool, b->sequence - 1);
	/* When there is no room among the jobs it is sent later, as one that is pending. */
	st = chainlink_send(b->link, b->now_ms, r->tracker, r->bytes, r->bytes_len);
	b->is_casting = true;
	return false;
}

/* --- test ------------------------------------------------------------------------------------ */

/* The signed opening: a whole test transaction. */
static enum status open_and_sign(struct booth *b, uint8_t **out, size_t *len)
{
	size_t cap = ballot_test_wire_len(b->setup, b->locked->style);
	struct message m = { .purpose = tx_purpose(TX_TEST), .group = b->m->suite,
	                     .election_id = b->m->election_id, .y = b->setup->y_bytes,
	                     .y_len = b->setup->y_len };
	enum status st;

	*out = malloc(cap);
	if (*out == NULL)
		return ST_NO_MEMORY;
	if ((st = ballot_open_test(b->locked, b->c.session.kiosk, b->sign_key, *out, cap,
	                           len)) != ST_OK)
		return st;
	assert(*len + SIGN_BYTES == cap);
	m.body = *out + 1;
	m.body_len = *len - 1;
	sign_message(b->sign, *out + *len, &m);
	*len = cap;
	return ST_OK;
}

/* What the opening itself says, not what the session chose. */
static enum status read_opening(const struct booth *b, const uint8_t *wire, size_t len,
                                uint32_t *values, size_t *count)
{
	struct ballot_test t;
	struct tx tx;
	enum status st;

	if ((st = tx_decode(&tx, wire, len)) != ST_OK ||
	    (st = ballot_test_decode(&t, b->m, &tx)) != ST_OK)
		return st;
	*count = t.body.ciphertexts_len;
	for (size_t i = 0; i < *count; i++)
		values[i] = ballot_test_selection(&t, b->m, i);
	return ST_OK;
}

static enum status test(struct booth *b, uint32_t *values, size_t *count)
{
	const struct spool_record *r;
	char path[LIMIT_PATH_BYTES];
	uint8_t *wire = NULL;
	size_t len;
	enum status st;

	if ((st = open_and_sign(b, &wire, &len)) != ST_OK ||
	    (st = spool_change(b->spool, b->sequence, SPOOL_TESTED, wire, len)) != ST_OK)
		goto out;
	crash_point("test-recorded");
	r = spool_at(b->spool, b->sequence - 1);
	if ((st = booth_open_paper(b, r)) != ST_OK ||
	    (st = read_opening(b, wire, len, values, count)) != ST_OK)
		goto out;
	crash_point("test-slip");
	if ((st = booth_path(b, path, PAPER_OPENING, r->tracker)) == ST_OK)
		booth_tell(b, "opening", path);
	booth_tell(b, "fate", slip_fate_name(SLIP_TESTED));
out:
	free(wire);
	return st;
}

struct session_event booth_test(struct booth *b, uint32_t *values)
{
	struct session_event ev = event_of(EV_OPENED);
	uint32_t used;
	enum status st = test(b, values, &ev.values_len);

	drop_locked(b);
	if (st != ST_OK) {
		booth_void(b);
		booth_break(b, "test", st);
		return event_of(EV_FAILED);
	}
	b->sequence = 0;
	used = spool_count_in(b->spool, SPOOL_TESTED);
	ev.values = values;
	ev.number = used < b->m->tests_per_kiosk ? b->m->tests_per_kiosk - used : 0;
	return ev;
}

/* --- end ------------------------------------------------------------------------------------- */

void booth_void(struct booth *b)
{
	const struct spool_record *r;
	enum status st;

	drop_locked(b);
	if (b->sequence == 0)
		return;
	r = spool_at(b->spool, b->sequence - 1);
	b->sequence = 0;
	if (r->state != SPOOL_SEALED)
		return;   /* it was decided before something failed */
	if ((st = booth_make_void(b, r)) != ST_OK)
		booth_break(b, "void", st);
	else
		booth_tell(b, "fate", slip_fate_name(SLIP_VOID));
}

void booth_forget(struct booth *b)
{
	drop_locked(b);
	mem_wipe(b->voter, sizeof(*b->voter));
	b->is_casting = false;
	b->sequence = 0;
	if (b->c.face != NULL)
		b->c.face->forget(b->c.face->ctx);
}

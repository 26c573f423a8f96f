/*
 * booth.c: the shell's frame: see booth.h.
 */
#include "voter-client/kiosk/booth_impl.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000, TABLES_MAX = 256 };

/* --- life ------------------------------------------------------------------------------------ */

/* Made, or rid of what a power cut left half written. */
static enum status make_folder(const char *path, struct fault *fault)
{
	enum status st = file_make_folder(path, FILE_PRIVATE);

	if (st == ST_EXISTS)
		st = file_sweep(path);
	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "the folder %s cannot be used: %s", path, status_text(st));
	fault_next(fault, "Make its parent folder, or name another one in the kiosk's file.");
	return st;
}

static enum status open_spool(struct booth *b, struct fault *fault)
{
	struct spool_owner *owner = mem_secret_alloc(sizeof(*owner));
	enum status st;

	if (owner == NULL)
		return fault_set(fault, ST_NO_MEMORY, "no memory that can be kept out of swap");
	memcpy(owner->election_id, b->m->election_id, sizeof(owner->election_id));
	owner->kiosk = b->c.session.kiosk;
	spool_key(owner->key, b->c.key->device_secret, b->m->election_id);
	st = spool_open(&b->spool, b->c.spool, owner, fault);
	mem_secret_free(owner);
	return st;
}

static enum status allocate(struct booth *b, struct fault *fault)
{
	b->session = mem_secret_alloc(sizeof(*b->session));
	b->voter = mem_secret_alloc(sizeof(*b->voter));
	b->sign = mem_secret_alloc(sizeof(*b->sign));
	if (b->session == NULL || b->voter == NULL || b->sign == NULL) {
		(void)fault_set(fault, ST_NO_MEMORY, "no memory that can be kept out of swap");
		fault_next(fault, "Raise the limit of locked memory (ulimit -l).");
		return ST_NO_MEMORY;
	}
	return ST_OK;
}

enum status booth_new(struct booth **out, const struct booth_config *c, struct fault *fault)
{
	struct booth *b = alloc_zero(1, sizeof(*b));
	enum status st;

	*out = NULL;
	if (b == NULL)
		return fault_set(fault, ST_NO_MEMORY, "no memory");
	b->c = *c;
	b->m = c->session.manifest;
	if ((st = allocate(b, fault)) != ST_OK)
		goto out;
	session_init(b->session, &c->session);
	sign_from_seed(b->sign, b->sign_key, c->key->sign_seed);
	/* First the spool: who holds it is alone in the other folders, too. */
	if ((st = open_spool(b, fault)) != ST_OK ||
	    (st = make_folder(c->receipts, fault)) != ST_OK ||
	    (st = make_folder(c->slips, fault)) != ST_OK ||
	    (st = booth_recover(b, fault)) != ST_OK)
		goto out;
	if ((st = chainlink_new(&b->link, c->port, b->m)) != ST_OK) {
		(void)fault_set(fault, st, "the election cannot be followed: %s", status_text(st));
		goto out;
	}
	*out = b;
	return ST_OK;
out:
	booth_free(b);
	return st;
}

void booth_free(struct booth *b)
{
	if (b == NULL)
		return;
	if (b->locked != NULL)
		booth_void(b);
	chainlink_free(b->link);
	spool_close(b->spool);
	ballot_setup_free(b->setup);
	mem_secret_free(b->session);
	mem_secret_free(b->voter);
	mem_secret_free(b->sign);
	free(b);
}

const struct session *booth_session(const struct booth *b)
{
	return b->session;
}

struct spool *booth_spool(struct booth *b)
{
	return b->spool;
}

struct chainlink *booth_link(struct booth *b)
{
	return b->link;
}

uint64_t booth_changes(const struct booth *b)
{
	return b->changes;
}

uint32_t booth_pending(const struct booth *b)
{
	return spool_count_in(b->spool, SPOOL_CAST_REQUESTED);
}

void booth_tell(const struct booth *b, const char *key, const char *value)
{
	if (b->c.face != NULL)
		b->c.face->tell(b->c.face->ctx, key, value);
}

void booth_break(struct booth *b, const char *what, enum status st)
{
	struct log_line line;

	b->is_broken = true;
	log_begin(&line, LOG_LEVEL_ERROR, "kiosk-failed");
	log_text(&line, "at", what);
	log_status(&line, "why", st);
	log_end(&line);
}

/* --- effects --------------------------------------------------------------------------------- */

/* A ballot without a receipt yet: the slip says so, and it stays pending. */
static void leave_waiting(struct booth *b)
{
	const struct spool_record *r;
	enum status st;

	if (b->sequence == 0)
		return;
	if (b->session->end == END_REJECTED) {
		booth_tell(b, "fate", "REJECTED");   /* the slip stays as it is until the chain decides */
		return;
	}
	r = spool_at(b->spool, b->sequence - 1);
	if (r->state == SPOOL_CAST_REQUESTED &&
	    (st = booth_write_slip(b, r, SLIP_WAITING, SLIP_CAST, 0)) != ST_OK)
		booth_break(b, "slip", st);
	crash_point("waiting-slip");
	booth_tell(b, "fate", "RECORDED");
}

/* One effect that is answered.  False: nothing is answered now. */
static bool carry_out(struct booth *b, unsigned int effects, struct session_event *answer,
                      struct session_found *found, uint32_t *values)
{
	if (effects & EFFECT_LOOKUP)
		*answer = booth_lookup(b, found);
	else if (effects & EFFECT_OLD)
		*answer = booth_old_slip(b);
	else if (effects & EFFECT_LOCK)
		*answer = booth_lock(b);
	else if (effects & EFFECT_CAST)
		return booth_cast(b, answer);
	else if (effects & EFFECT_TEST)
		*answer = booth_test(b, values);
	else
		return false;
	return true;
}

void booth_step(struct booth *b, const struct session_event *event)
{
	struct session_event ev = *event;
	struct session_found found;
	uint32_t *values = b->voter->selections;   /* locked memory that is free by then */
	bool goes_on = true;

	while (goes_on) {
		unsigned int effects;

		ev.now_ms = b->now_ms;
		effects = session_step(b->session, &ev);
		goes_on = carry_out(b, effects, &ev, &found, values);
		if (effects & EFFECT_VOID)
			booth_void(b);
		if (effects & EFFECT_LATE)
			leave_waiting(b);
		if (effects & EFFECT_FORGET)
			booth_forget(b);
	}
	b->changes++;
}

void booth_event(struct booth *b, const struct session_event *event)
{
	if (event->now_ms > b->now_ms)
		b->now_ms = event->now_ms;
	booth_step(b, event);
}

/* --- service --------------------------------------------------------------------------------- */

/* The joint key is on the chain: make what locking needs, once. */
static void prepare(struct booth *b, const struct election *e)
{
	const struct election_params *p;
	enum status st;

	if (b->setup != NULL)
		return;
	p = election_params(e);
	st = p->has_key ? ballot_setup_new(&b->setup, b->m, &p->y, TABLES_MAX) : ST_OK;
	params_unref(p);
	if (st != ST_OK)
		booth_break(b, "prepare", st);
}

static bool is_registered(const struct booth *b, const struct election *e)
{
	struct params_device device;

	return election_device(e, b->c.session.kiosk, &device) == ST_OK && device.known &&
	       memcmp(device.sign_key, b->sign_key, sizeof(device.sign_key)) == 0;
}

static enum session_service service_of(struct booth *b)
{
	const struct election *e = chainview_election(chainlink_view(b->link));

	if (b->is_broken)
		return SERVICE_BROKEN;
	if (chainlink_is_lost(b->link, b->now_ms))
		return SERVICE_UNREACHABLE;
	if (e == NULL || !chainlink_is_ready(b->link))
		return SERVICE_STARTING;
	if (election_phase(e) > PHASE_OPEN)
		return SERVICE_CLOSED;
	if (election_phase(e) < PHASE_OPEN)
		return SERVICE_NOT_OPEN;
	if (!is_registered(b, e))
		return SERVICE_NOT_REGISTERED;
	if (spool_count_in(b->spool, SPOOL_TESTED) >= b->m->tests_per_kiosk)
		return SERVICE_TESTS_USED;
	prepare(b, e);
	return b->is_broken ? SERVICE_BROKEN : SERVICE_READY;
}

/* --- time and answers ------------------------------------------------------------------------ */

static void take_outcomes(struct booth *b)
{
	while (chainlink_outcome(b->link, &b->outcome)) {
		const struct spool_record *r = b->sequence == 0 ? NULL :
		                               spool_at(b->spool, b->sequence - 1);
		bool is_at_hand = b->is_casting && r != NULL &&
		                  memcmp(r->tracker, b->outcome.tracker, sizeof(r->tracker)) == 0;

		if (b->outcome.news == CHAINLINK_RECEIPT)
			booth_receipt(b, &b->outcome);
		else if (is_at_hand)
			booth_step(b, &(struct session_event){ .kind = EV_REJECTED });
	}
}

void booth_tick(struct booth *b, uint64_t now_ms)
{
	enum session_at at = b->session->at;
	enum session_over over = b->session->over;
	uint64_t changes = b->changes;
	enum session_service service;

	b->now_ms = now_ms;
	/* Blocks are applied while nobody votes: a large one takes a second. */
	if (!session_has_voter(b->session))
		(void)chainlink_work(b->link);
	chainlink_tick(b->link, now_ms);
	take_outcomes(b);
	if (now_ms >= b->look_ms) {
		b->look_ms = now_ms + LOOK_MS;
		booth_look_at_pending(b);
	}
	service = service_of(b);
	if (service != b->session->service) {
		booth_step(b, &(struct session_event){ .kind = EV_SERVICE, .number = service });
		if (b->session->at == AT_OUT)
			changes = b->changes;   /* another reason is another screen */
	}
	booth_step(b, &(struct session_event){ .kind = EV_TICK });
	if (b->session->at == at && b->session->over == over)
		b->changes = changes;
}

void booth_answer(struct booth *b, const struct client_event *event, uint64_t now_ms)
{
	b->now_ms = now_ms;
	chainlink_answer(b->link, event, now_ms);
	take_outcomes(b);
}

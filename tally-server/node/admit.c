/*
 * admit.c: transactions on their way from the intake through the worker into the pool.
 *
 * Invariant: what enters the pool was checked against the snapshot that its verdict names; what is
 * promised was synced before.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/crash.h"
#include "common/base/log.h"

#include <stdlib.h>
#include <string.h>

enum {
	JOB_BYTES_MAX = 4 << 20,
	IGNORE_MS = 60000             /* a peer that passed on a false ballot */
};

/* --- promises -------------------------------------------------------------------------------- */

void admit_promise(struct node *n, struct pool_entry *e)
{
	enum status st;

	if (e->promised_min != 0) {
		door_submitted(n, e->id, e, ST_OK);   /* promised and synced before */
		return;
	}
	if (n->fresh_len == NODE_JOB_MAX)
		admit_flush(n);
	e->promised_min = clock_unix_min();
	if ((st = pool_log_append(n, e)) != ST_OK) {
		node_fail(n, "pool.log", st);
		return;
	}
	memcpy(n->fresh[n->fresh_len++], e->id, sizeof(e->id));
}

void admit_flush(struct node *n)
{
	struct pool_entry *entries[NODE_JOB_MAX];
	size_t len = 0;
	enum status st;

	if (n->fresh_len == 0 || n->failed != ST_OK)
		return;
	crash_point("pool-append");
	if ((st = wal_sync(n->pool_log)) != ST_OK) {
		node_fail(n, "pool.log", st);
		return;
	}
	crash_point("pool-sync");
	for (size_t i = 0; i < n->fresh_len; i++) {
		struct pool_entry *e = pool_find(n->pool, n->fresh[i]);

		if (e != NULL)
			entries[len++] = e;
	}
	n->fresh_len = 0;
	gossip_say(n, entries, len);
	crash_point("gossip");
	for (size_t i = 0; i < len; i++)
		door_submitted(n, entries[i]->id, entries[i], ST_OK);
	crash_point("promise");
	n->tick = true;
}

/* --- into the pool --------------------------------------------------------------------------- */

static void say_refused(const struct intake_item *item, enum status st)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_INFO, "refused");
	log_text(&line, "type", tx_type_name(item->tx.type));
	if (item->source >= INTAKE_ASKER)
		log_number(&line, "kiosk", item->source - INTAKE_ASKER);
	else if (item->source >= INTAKE_PEER)
		log_number(&line, "node", item->source - INTAKE_PEER);
	log_status(&line, "why", st);
	log_end(&line);
}

static void refuse(struct node *n, const struct intake_item *item, enum status st)
{
	if (item->source >= INTAKE_ASKER || st == ST_PROOF || st == ST_SIGNATURE)
		say_refused(item, st);
	door_submitted(n, item->id, NULL, st);
}

/*
 * May it wait here, by what the pool holds and the chain says?  What stands in a block that is not
 * final yet is kept besides, when it is to be promised: that block may be dropped.
 */
static enum status judge(struct node *n, const struct facts *f, const struct verdict *v,
                         bool asked, bool late, bool held)
{
	uint32_t voter = facts_voter(f, n->election);

	if (late && asked)
		return ST_PHASE;   /* protocol.md §7.13: the doors are shut */
	if (pool_find_voter(n->pool, voter) != NULL)
		return held ? ST_AGAIN : ST_VOTED;
	return held ? ST_OK : branch_try(n->branch, &f->tx, v);
}

static void admit(struct node *n, const struct intake_item *item, const struct verdict *v)
{
	bool asked = asks_has(n->asks, MESSAGE_SUBMIT, item->id);
	bool late = item->tx.type == TX_BALLOT && branch_phase(n->branch) != PHASE_OPEN;
	struct pool_entry e = {
		.verdict = *v, .type = item->tx.type, .wire = item->tx.wire,
		.wire_len = item->tx.wire_len, .source = item->source,
		.arrived_ms = clock_mono_ms(), .flags = late ? POOL_LATE : 0,
	};
	struct pool_entry *in = pool_find(n->pool, item->id);
	struct facts f;
	enum status st = facts_of(&f, n->manifest, item->tx.wire, item->tx.wire_len);
	const uint8_t *tracker = f.has_tracker ? f.tracker : NULL;
	bool held = st == ST_OK && branch_holds(n->branch, tracker, f.id);

	if (held && (!asked || branch_is_final(n->branch, tracker, f.id))) {
		door_submitted(n, item->id, NULL, ST_OK);   /* another node was quicker */
		return;
	}
	if (st == ST_OK && in == NULL && (st = judge(n, &f, v, asked, late, held)) == ST_OK) {
		memcpy(e.id, f.id, sizeof(e.id));
		memcpy(e.tracker, f.tracker, sizeof(e.tracker));
		e.has_tracker = f.has_tracker;
		e.voter = facts_voter(&f, n->election);
		st = pool_add(n->pool, &in, &e,
		              item->source >= INTAKE_ASKER ? POOL_SOURCE_MAX : 0);
	}
	if (st != ST_OK) {
		refuse(n, item, st);
		return;
	}
	branch_mark(n->branch, in);
	n->tick = true;
	if (asked)
		admit_promise(n, in);
	else if (item->source == INTAKE_PEER + (uint32_t)n->self)
		gossip_say(n, &in, 1);   /* this node's own evidence: its file keeps it (evidence.c) */
}

/* --- outcomes -------------------------------------------------------------------------------- */

static bool is_current(const struct node *n, const struct verdict *v)
{
	return memcmp(v->params, branch_params_hash(n->branch), sizeof(v->params)) == 0;
}

static void say_dropped(const struct pool_entry *e, enum status st)
{
	struct log_line line;

	log_begin(&line, e->promised_min != 0 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "dropped");
	log_text(&line, "type", tx_type_name(e->type));
	log_text(&line, "promised", e->promised_min != 0 ? "yes" : "no");
	log_status(&line, "why", st);
	log_end(&line);
}

static void drop(struct node *n, struct pool_entry *e, enum status st)
{
	say_dropped(e, st);
	door_submitted(n, e->id, NULL, st);
	pool_remove(n->pool, e);
}

/*
 * A pool entry was checked against a new snapshot.  It may stand in a block that is not final,
 * which the branch in force would hold against it: what was promised waits for that block's fate.
 */
static void rechecked(struct node *n, struct pool_entry *e, const struct intake_item *item,
                      enum status result, const struct verdict *v)
{
	enum status st = result;

	if (st == ST_OK) {
		pool_set_verdict(n->pool, e, v);
		pool_set_flags(n->pool, e, e->flags & ~(unsigned int)POOL_UNCHECKED);
		branch_mark(n->branch, e);
		st = branch_try_final(n->branch, &item->tx, v);
		n->tick = true;
	}
	if (branch_is_hopeless(st))
		drop(n, e, st);
	else if (st != ST_OK)
		pool_set_flags(n->pool, e, e->flags | POOL_PARKED);
	else if (asks_has(n->asks, MESSAGE_SUBMIT, e->id))
		admit_promise(n, e);
}

/* No honest node passes on a ballot that fails so, in whatever phase it is. */
static void blame(struct node *n, const struct intake_item *item, enum status result)
{
	uint32_t peer = item->source - INTAKE_PEER;
	struct log_line line;

	if (item->source < INTAKE_PEER || item->source >= INTAKE_ASKER ||
	    item->tx.type != TX_BALLOT || (result != ST_PROOF && result != ST_SIGNATURE))
		return;
	n->peer[peer].ignored_until_ms = clock_mono_ms() + IGNORE_MS;
	log_begin(&line, LOG_LEVEL_ERROR, "peer-false-ballot");
	log_number(&line, "node", peer);
	log_status(&line, "why", result);
	log_end(&line);
}

static void outcome(struct node *n, struct intake_item *item, enum status result,
                    const struct verdict *v, const uint8_t *params)
{
	struct pool_entry *e = pool_find(n->pool, item->id);
	bool stale = memcmp(params, branch_params_hash(n->branch), 32) != 0;

	if (result == ST_OK)
		branch_learn(n->branch, v);
	if (item->source == INTAKE_OWN && e == NULL) {
		return;
	} else if (stale || result == ST_NO_MEMORY) {
		/* The phase changed meanwhile: once more, against the new snapshot. */
		enum status st = intake_put(n->intake, item->source, item->id, &item->tx);

		if (st != ST_OK && st != ST_DUPLICATE)
			door_submitted(n, item->id, NULL, ST_AGAIN);
	} else if (item->source == INTAKE_OWN) {
		rechecked(n, e, item, result, v);
	} else if (result != ST_OK) {
		blame(n, item, result);
		refuse(n, item, result);
	} else {
		admit(n, item, v);
	}
}

/* --- the worker ------------------------------------------------------------------------------ */

static void take_job(struct node *n, struct work_job *job, const uint8_t *params)
{
	static const uint8_t none[32];

	if (memcmp(job->block, none, sizeof(none)) != 0) {
		branch_judged(n->branch, job);
		n->tick = true;
		return;
	}
	for (size_t i = 0; i < job->len; i++) {
		struct intake_item *item = job->owner[i];

		outcome(n, item, job->results[i], &job->verdicts[i], params);
		intake_drop(item);
	}
}

static bool fill_from_intake(struct node *n, struct work_job *job)
{
	struct intake_item *item;
	size_t bytes = 0;

	while (job->len < NODE_JOB_MAX && bytes < JOB_BYTES_MAX &&
	       (item = intake_take(n->intake)) != NULL) {
		bytes += item->tx.wire_len;
		job->owner[job->len] = item;
		job->txs[job->len++] = item->tx;
	}
	if (job->len > 0)
		job->params = branch_params(n->branch);
	return job->len > 0;
}

void admit_pump(struct node *n)
{
	struct work_job *job;

	while (n->failed == ST_OK) {
		if (work_is_busy(n->work)) {
			if ((job = work_take(n->work)) == NULL)
				return;
			take_job(n, job, n->job_params);
		}
		job = work_job(n->work);
		if (!branch_fill(n->branch, job) && !fill_from_intake(n, job))
			return;
		memcpy(n->job_params, job->params->hash, sizeof(n->job_params));
		work_start(n->work);
	}
}

/* --- after the chain grew -------------------------------------------------------------------- */

static void requeue(struct node *n, struct pool_entry *e)
{
	struct tx tx;
	enum status st = tx_decode(&tx, e->wire, e->wire_len);

	pool_set_flags(n->pool, e, e->flags | POOL_UNCHECKED);
	if (st == ST_OK)
		st = intake_put(n->intake, INTAKE_OWN, e->id, &tx);
	if (st != ST_OK && st != ST_DUPLICATE)
		node_fail(n, "pool", st);
}

void admit_recheck(struct node *n)
{
	for (struct pool_entry *e = pool_first(n->pool); e != NULL; e = pool_next(e))
		if (!is_current(n, &e->verdict))
			requeue(n, e);
}

static int compare_voters(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Is it worth asking the rules again? */
static bool is_touched(const struct pool_entry *e, const uint32_t *voters, size_t len,
                       uint32_t types)
{
	if (e->flags & POOL_UNCHECKED)
		return false;
	if (e->type == TX_BALLOT)
		return bsearch(&e->voter, voters, len, sizeof(*voters), compare_voters) != NULL;
	/* Chunks of a roll are large, many, and never contradict each other. */
	return e->type != TX_TEST && e->type != TX_ROLL && (types >> e->type & 1) != 0;
}

void admit_review(struct node *n, uint32_t *voters, size_t voters_len, uint32_t types)
{
	struct pool_entry *next;
	struct tx tx;

	if (voters_len > 1)
		qsort(voters, voters_len, sizeof(*voters), compare_voters);
	for (struct pool_entry *e = pool_first(n->pool); e != NULL; e = next) {
		enum status st;

		next = pool_next(e);
		if (!is_touched(e, voters, voters_len, types) ||
		    tx_decode(&tx, e->wire, e->wire_len) != ST_OK ||
		    branch_holds(n->branch, e->has_tracker ? e->tracker : NULL, e->id))
			continue;
		st = branch_try_final(n->branch, &tx, &e->verdict);
		if (branch_is_hopeless(st))
			drop(n, e, st);
	}
}

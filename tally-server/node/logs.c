/*
 * logs.c: the logs of a node, and what they tell after a stop (docs/consensus.md, R15).
 *
 * The log of consensus is ahead of the store after some crashes: final blocks that the store does
 * not have are put there first.  Then consensus reads its log, and the signer's votes.  A log that
 * is missing, damaged or older than the memory file says makes the node an amnesiac: it signs
 * nothing until the others have shown how far it can have gone.
 *
 * Invariant: a log that may have lost something is never taken for a whole one.
 */
#include "tally-server/node/node.h"

#include "common/base/crash.h"
#include "common/base/log.h"
#include "crypto/hash.h"
#include "crypto/rng.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD = 1 };   /* the one type of record in wal.log: consensus names its own inside */

/* --- opening --------------------------------------------------------------------------------- */

static void log_owner(uint8_t out[static WAL_OWNER_BYTES], const struct node *n, const char *what)
{
	struct hash h;

	hash256_purpose(&h, "node-log");
	hash_field_text(&h, what);
	hash_field(&h, n->manifest->election_id, sizeof(n->manifest->election_id));
	hash_field_u8(&h, n->self);
	hash256_final(&h, out);
}

static const char *found_name(enum wal_found found)
{
	switch (found) {
	case WAL_SOUND:
		return "sound";
	case WAL_CUT:
		return "cut";
	case WAL_MISSING:
		return "missing";
	case WAL_DAMAGED:
		return "damaged";
	}
	return "?";
}

static void say_found(const char *what, const struct wal_report *r)
{
	struct log_line line;

	if (r->found == WAL_SOUND)
		return;
	log_begin(&line, r->found == WAL_CUT ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "log-found");
	log_text(&line, "log", what);
	log_text(&line, "state", found_name(r->found));
	if (r->found == WAL_DAMAGED) {
		log_number(&line, "at", r->damage_at);
		log_text(&line, "kept", r->aside);
	}
	log_end(&line);
}

static enum status open_one(struct wal **out, const struct node *n, const char *name, bool create,
                            uint64_t remembered)
{
	uint8_t owner[WAL_OWNER_BYTES];
	char path[LIMIT_PATH_BYTES];
	struct wal_report report;
	enum status st;

	log_owner(owner, n, name);
	if ((st = settings_data(n->set, path, name)) != ST_OK)
		return st;
	if (create && (st = wal_create(path, owner)) != ST_OK && st != ST_EXISTS)
		return st;
	if ((st = wal_open_again(out, &report, path, owner, remembered)) == ST_OK)
		say_found(name, &report);
	return st;
}

static enum status fault_of_logs(const struct node *n, enum status st, struct fault *fault)
{
	return fault_set(fault, st, "the logs in %s cannot be opened: %s", n->set->data,
	                 status_text(st));
}

/* Which election it is: the signer remembers whether this key was used in it. */
static enum status begin_signer(struct node *n, struct remote_past *past, struct fault *fault)
{
	enum status st = remote_begin(n->signer, past, &n->committee, n->self);

	if (st != ST_OK && remote_is_gone(n->signer))
		return remote_fault(n->signer, fault);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "%s cannot be read", n->set->memory);
		fault_why(fault, "It remembers in which elections this key was used; without it a "
		          "node could sign twice after its data were lost.");
		fault_next(fault, "Restore the file, or name another one: memory= in [node].");
	}
	return st;
}

/* The log of votes, and the memory file behind it. */
static enum status open_votes(struct node *n, bool create, struct fault *fault)
{
	struct remote_report report;
	enum status st = remote_open(n->signer, &report, create, wal_instance(n->wal));

	if (st == ST_OK) {
		say_found("votes.log", &report.log);
		return ST_OK;
	}
	if (remote_is_gone(n->signer))
		return remote_fault(n->signer, fault);
	(void)fault_of_logs(n, st, fault);
	fault_why(fault, "The signer opens votes.log, and notes in %s that it did before it signs.",
	          n->set->memory);
	fault_next(fault, "Make that file's folder writable for the node, or name another file by "
	           "memory= in [node].");
	return st;
}

/*
 * A first start creates the logs; any other must find them (memory.h).  So must one that begins
 * from a chain, for what was signed in it is not known here: logs that are not there are begun
 * with amnesia, which no kill in between makes undone.
 */
static enum status open_all(struct node *n, struct fault *fault)
{
	struct remote_past past;
	bool create;
	enum status st = begin_signer(n, &past, fault);

	if (st != ST_OK)
		return st;
	create = !past.known && branch_tip(n->branch)->height == 0;
	if ((st = open_one(&n->wal, n, "wal.log", create, past.node_instance)) != ST_OK ||
	    (st = open_one(&n->pool_log, n, "pool.log", create, 0)) != ST_OK)
		return fault_of_logs(n, st, fault);
	crash_point("logs-opened");
	if ((st = open_votes(n, create, fault)) != ST_OK)
		return st;
	if (wal_has_amnesia(n->wal) && (st = remote_set_amnesia(n->signer)) != ST_OK)
		return fault_of_logs(n, st, fault);
	return ST_OK;
}

static enum status forget(struct node *n)
{
	enum status st;

	if ((st = wal_set_amnesia(n->wal)) != ST_OK || (st = wal_sync(n->wal)) != ST_OK)
		return st;
	return remote_set_amnesia(n->signer);
}

/* --- final blocks that the store lacks ------------------------------------------------------- */

struct recovery {
	struct node *n;
	enum status st;               /* of the log: ST_OK as long as it makes sense */
	bool stranger;                /* a certificate shows a vote that the signer does not know */
	bool gap;                     /* final blocks before the log's are in no store any more */
	uint64_t put;                 /* final blocks that the store lacked */
};

/* The store has forgotten what it had: the others have it. */
static bool is_beyond_gap(const struct recovery *rec, uint64_t height)
{
	return rec->gap && height > branch_tip(rec->n->branch)->height;
}

static enum status recover_block(struct recovery *rec, struct reader *r)
{
	struct node *n = rec->n;
	const struct consensus_app app = branch_app(n->branch);
	struct block_header h;
	const uint8_t *body;
	uint8_t id[BLOCK_ID_BYTES];
	size_t len;
	enum status st;

	if ((st = block_header_read(r, &h)) != ST_OK ||
	    (st = reader_vec32(r, &body, &len, BLOCK_BODY_BYTES_MAX)) != ST_OK ||
	    (st = reader_end(r)) != ST_OK || (st = block_body_check(&h, body, len)) != ST_OK)
		return st;
	if (h.height <= branch_tip(n->branch)->height || is_beyond_gap(rec, h.height))
		return ST_OK;
	block_id(id, &h);
	return app.put(app.ctx, &h, id, body, len);
}

static enum status recover_commit(struct recovery *rec, struct reader *r)
{
	struct node *n = rec->n;
	struct certificate cert;
	struct branch_final final = { 0 };
	uint8_t id[BLOCK_ID_BYTES], has_cert;
	uint64_t height;
	enum status st;

	if ((st = reader_u64(r, &height)) != ST_OK ||
	    (st = reader_bytes(r, id, sizeof(id))) != ST_OK ||
	    (st = reader_u8(r, &has_cert)) != ST_OK ||
	    (has_cert == 1 && (st = certificate_read(r, &cert)) != ST_OK) ||
	    (st = reader_end(r)) != ST_OK)
		return st;
	if (height <= branch_tip(n->branch)->height)
		return ST_OK;
	/* A log that was compacted begins after blocks that the store had on the disk. */
	rec->gap = rec->gap || height != branch_tip(n->branch)->height + 1;
	if (rec->gap)
		return ST_OK;
	if (has_cert == 1 && (st = certificate_check(&cert, &n->committee)) != ST_OK)
		return st;
	final.id = id;
	final.certificate = has_cert == 1 ? &cert : NULL;
	if ((st = store_begin(n->store)) != ST_OK)
		return st;
	st = branch_deliver(n->branch, &final, NULL, NULL);
	if (st == ST_OK) {
		rec->put++;
		return store_commit(n->store);
	}
	store_rollback(n->store);
	return st;
}

/* A vote of this node that its signer has no record of: the record is an older copy. */
static enum status recover_certificate(struct recovery *rec, struct reader *r)
{
	struct node *n = rec->n;
	struct certificate c;
	bool has;
	enum status st;

	if ((st = certificate_read(r, &c)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	if ((c.signers >> n->self & 1) == 0 || rec->stranger)
		return ST_OK;
	if ((st = remote_has(n->signer, &has, c.type, c.view, c.block)) == ST_OK)
		rec->stranger = !has;
	return st;
}

static enum status recover_record(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct recovery *rec = ctx;
	struct reader r;
	uint8_t kind = 0;

	if (rec->st != ST_OK)
		return ST_OK;
	reader_init(&r, payload, len);
	rec->st = type == RECORD ? reader_u8(&r, &kind) : ST_FORMAT;
	if (rec->st == ST_OK && kind == CONSENSUS_RECORD_BLOCK)
		rec->st = recover_block(rec, &r);
	else if (rec->st == ST_OK && kind == CONSENSUS_RECORD_COMMIT)
		rec->st = recover_commit(rec, &r);
	else if (rec->st == ST_OK && kind == CONSENSUS_RECORD_CERTIFICATE)
		rec->st = recover_certificate(rec, &r);
	return ST_OK;
}

static void say_recovered(const struct recovery *rec)
{
	struct log_line line;

	if (rec->put == 0 && !rec->gap)
		return;
	log_begin(&line, rec->gap ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "store-recovered");
	log_number(&line, "blocks", rec->put);
	log_number(&line, "height", branch_tip(rec->n->branch)->height);
	log_text(&line, "whole", rec->gap ? "no" : "yes");
	log_end(&line);
}

/* --- consensus ------------------------------------------------------------------------------- */

/* COMMITs of blocks that are not here any more would be nonsense to consensus. */
static bool is_skipped(const struct recovery *rec, const uint8_t *payload, size_t len)
{
	struct reader r;
	uint64_t height;
	uint8_t kind;

	reader_init(&r, payload, len);
	return rec->gap && reader_u8(&r, &kind) == ST_OK && kind == CONSENSUS_RECORD_COMMIT &&
	       reader_u64(&r, &height) == ST_OK && is_beyond_gap(rec, height);
}

static enum status replay_record(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct recovery *rec = ctx;
	enum status st = type == RECORD ? ST_OK : ST_FORMAT;

	if (st == ST_OK && !is_skipped(rec, payload, len))
		st = consensus_replay(rec->n->core, payload, len);
	if (rec->st == ST_OK)
		rec->st = st;
	return ST_OK;
}

static enum status replay_vote(void *ctx, const struct vote *v)
{
	struct recovery *rec = ctx;
	enum status st = consensus_replay_vote(rec->n->core, v);

	if (rec->st == ST_OK)
		rec->st = st;
	return ST_OK;
}

/* The certificate of the newest certified block: the log may have been compacted since. */
static enum status replay_tip(struct node *n)
{
	struct consensus_record rec = { .type = CONSENSUS_RECORD_CERTIFICATE };
	struct certified_head head;
	size_t len;
	enum status st = store_certified(n->store, &head, 1, branch_tip(n->branch)->height);

	if (st == ST_NOT_FOUND)
		return ST_OK;
	if (st != ST_OK)
		return st;
	rec.cert = head.certificate;
	st = consensus_record_encode(n->core, n->frame, LIMIT_FRAME_BULK, &len, &rec);
	return st == ST_OK ? consensus_replay(n->core, n->frame, len) : st;
}

static enum status make_core(struct node *n, bool amnesia)
{
	struct consensus_config cfg;
	size_t bytes;

	consensus_defaults(&cfg, n->set->delta_ms);
	cfg.committee = n->committee;
	cfg.self = n->self;
	cfg.amnesia = amnesia;
	rng_bytes(&cfg.seed, sizeof(cfg.seed));
	cfg.batch_min = n->manifest->batch_min;
	cfg.batch_wait_ms = n->manifest->batch_wait_ms;
	cfg.app = branch_app(n->branch);
	bytes = consensus_bytes(&cfg);
	if (n->core_memory == NULL && (n->core_memory = aligned_alloc(64, bytes)) == NULL)
		return ST_NO_MEMORY;
	return consensus_init(&n->core, n->core_memory, bytes, &cfg, branch_tip(n->branch));
}

/* *sense: what the logs say.  Anything but ST_OK as the return value: they cannot be read. */
static enum status replay_all(struct node *n, bool gap, enum status *sense)
{
	struct recovery rec = { .n = n, .gap = gap };
	enum status st = replay_tip(n);

	if (st != ST_OK || (st = wal_replay(n->wal, replay_record, &rec)) != ST_OK ||
	    (st = remote_replay(n->signer, replay_vote, &rec)) != ST_OK)
		return st;
	*sense = rec.st;
	return ST_OK;
}

static enum status become_amnesiac(struct node *n, enum status why)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_ERROR, "log-nonsense");
	log_status(&line, "why", why);
	log_end(&line);
	return forget(n);
}

static enum status refuse_lonely(struct node *n, struct fault *fault)
{
	(void)fault_set(fault, ST_INCOMPLETE, "the logs in %s are not whole", n->set->data);
	fault_why(fault, "This election has one node, and nobody can tell it what it forgot.");
	fault_next(fault, "Restore the whole folder from the newest copy, or begin anew with a "
	           "new manifest.");
	return ST_INCOMPLETE;
}

static enum status start_core(struct node *n, const struct recovery *rec, struct fault *fault)
{
	enum status sense = rec->st;
	bool amnesia;
	enum status st = ST_OK;

	if (sense != ST_OK && n->committee.n > 1)
		st = become_amnesiac(n, sense);
	amnesia = wal_has_amnesia(n->wal) || remote_has_amnesia(n->signer);
	if ((amnesia || sense != ST_OK || rec->gap) && n->committee.n == 1)
		return refuse_lonely(n, fault);
	if (st == ST_OK && (st = make_core(n, amnesia)) == ST_OK)
		st = replay_all(n, rec->gap, &sense);
	/* What a log without sense still says is read, as far as it holds, by an amnesiac. */
	if (st == ST_OK && sense != ST_OK && !amnesia) {
		if (n->committee.n == 1)
			return refuse_lonely(n, fault);
		if ((st = become_amnesiac(n, sense)) == ST_OK &&
		    (st = make_core(n, true)) == ST_OK)
			st = replay_all(n, rec->gap, &sense);
	}
	return st == ST_OK ? ST_OK : fault_set(fault, st, "consensus cannot start: %s",
	                                       status_text(st));
}

enum status logs_open(struct node *n, struct fault *fault)
{
	struct recovery rec = { .n = n };
	enum status st;

	if ((st = open_all(n, fault)) != ST_OK)
		return st;
	if ((st = wal_replay(n->wal, recover_record, &rec)) != ST_OK)
		return fault_set(fault, st, "the log of consensus cannot be read");
	if (rec.st == ST_IO || rec.st == ST_NO_MEMORY)
		return fault_set(fault, rec.st, "blocks of the log do not reach the store: %s",
		                 store_message(n->store));
	if (rec.st == ST_OK && rec.stranger)
		rec.st = ST_AMNESIA;
	say_recovered(&rec);
	if ((st = start_core(n, &rec, fault)) != ST_OK)
		return st;
	if ((st = pool_log_load(n)) != ST_OK)
		return fault_set(fault, st, "the log of promises cannot be read: %s",
		                 status_text(st));
	return ST_OK;
}

/* --- keeping them small ---------------------------------------------------------------------- */

struct live {
	struct node *n;
	uint64_t cursor;
};

static enum status next_live(void *ctx, uint8_t *type, const uint8_t **payload, size_t *len)
{
	struct live *live = ctx;
	struct node *n = live->n;
	struct consensus_record rec;

	branch_begin(n->branch);
	while (consensus_live(n->core, &rec, &live->cursor)) {
		if (consensus_record_encode(n->core, n->frame, LIMIT_FRAME_BULK, len, &rec) != ST_OK)
			continue;   /* its block is gone: it does not matter any more */
		*type = RECORD;
		*payload = n->frame;
		return ST_OK;
	}
	return ST_NOT_FOUND;
}

enum status logs_tidy(struct node *n)
{
	struct live live = { .n = n };
	struct consensus_info info;
	enum status st = ST_OK;

	if (wal_wants_compaction(n->wal))
		st = wal_compact(n->wal, next_live, &live);
	if (st == ST_OK && remote_wants_compaction(n->signer)) {
		consensus_info(n->core, &info);
		st = remote_compact(n->signer, info.final_view);
	}
	return st == ST_OK ? pool_log_tidy(n) : st;
}

enum status logs_append(struct node *n, const struct consensus_record *rec)
{
	size_t len;
	enum status st = consensus_record_encode(n->core, n->frame, LIMIT_FRAME_BULK, &len, rec);

	/* A record that cannot be made any more rests on nothing that will be sent. */
	return st == ST_OK ? wal_append(n->wal, RECORD, n->frame, len) : ST_OK;
}

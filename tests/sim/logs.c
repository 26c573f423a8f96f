/*
 * logs.c: the logs of a replica over its disk: opened, replayed and kept as the node does it
 * (tally-server/node/logs.c), and what the oracle notes of them.
 *
 * Invariant: notes say what the log holds as far as its appends and syncs were answered.
 */
#include "tests/sim/sim.h"

#include "tally-server/node/memory.h"
#include "tests/sim/disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD = 1 };

static const char WAL[] = "wal.log", VOTES[] = "votes.log", MEMORY[] = "memory";

static uint8_t frame[LIMIT_FRAME_BULK];

/* --- notes ------------------------------------------------------------------------------------ */

static void note(struct notes *n, const struct noted *what)
{
	if (n->len == n->cap) {
		n->cap = n->cap == 0 ? 128 : 2 * n->cap;
		n->at = realloc(n->at, n->cap * sizeof(*n->at));
		assert(n->at != NULL);
	}
	n->at[n->len++] = *what;
}

/* A record says what its type has; the rest of it is anything. */
static struct noted noted_of(const struct consensus_record *rec)
{
	struct noted what = { .type = rec->type };

	switch (rec->type) {
	case CONSENSUS_RECORD_BLOCK:
		memcpy(what.id, rec->id, sizeof(what.id));
		break;
	case CONSENSUS_RECORD_CERTIFICATE:
		what.view = rec->cert.view;
		what.vote = rec->cert.type;
		memcpy(what.id, rec->cert.block, sizeof(what.id));
		break;
	case CONSENSUS_RECORD_COMMIT:
		what.view = rec->height;
		memcpy(what.id, rec->id, sizeof(what.id));
		break;
	case CONSENSUS_RECORD_GUARD:
		what.view = rec->view;
		break;
	}
	return what;
}

/* The same of a record's bytes. */
static bool noted_read(struct noted *what, const uint8_t *payload, size_t len)
{
	struct certificate cert;
	struct block_header h;
	struct reader r;
	uint8_t type;

	memset(what, 0, sizeof(*what));
	reader_init(&r, payload, len);
	if (reader_u8(&r, &type) != ST_OK)
		return false;
	what->type = (enum consensus_record_type)type;
	switch (what->type) {
	case CONSENSUS_RECORD_BLOCK:
		if (block_header_read(&r, &h) != ST_OK)
			return false;
		block_id(what->id, &h);
		return true;
	case CONSENSUS_RECORD_CERTIFICATE:
		if (certificate_read(&r, &cert) != ST_OK)
			return false;
		what->view = cert.view;
		what->vote = cert.type;
		memcpy(what->id, cert.block, sizeof(what->id));
		return true;
	case CONSENSUS_RECORD_COMMIT:
		return reader_u64(&r, &what->view) == ST_OK &&
		       reader_bytes(&r, what->id, sizeof(what->id)) == ST_OK;
	case CONSENSUS_RECORD_GUARD:
		return reader_u64(&r, &what->view) == ST_OK;
	}
	return false;
}

static bool begins_with(const struct notes *log, const struct notes *want, size_t len)
{
	if (log->len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		const struct noted *a = &log->at[i], *b = &want->at[i];

		if (a->type != b->type || a->view != b->view || a->vote != b->vote ||
		    memcmp(a->id, b->id, sizeof(a->id)) != 0)
			return false;
	}
	return true;
}

/* What the log said it had synced must be there, or what a compaction put in its place. */
static void compare_notes(struct replica *r, const struct notes *found)
{
	bool is_old = begins_with(found, &r->notes, r->notes.synced);
	bool is_new = r->compacting && begins_with(found, &r->compacted, r->compacted.len);

	if (!r->forgot && r->honest && !is_old && !is_new)
		sim_fail(r->sim, "%u: a synced record is not in its log any more", r->inst);
}

/* --- what the log tells ----------------------------------------------------------------------- */

struct recovery {
	struct replica *r;
	struct notes found;
	enum status st;               /* of the log: ST_OK as long as it makes sense */
};

static enum status recover_block(struct replica *r, struct reader *in)
{
	struct block_header h;
	const uint8_t *body;
	uint8_t id[32];
	size_t len;
	enum status st;

	if ((st = block_header_read(in, &h)) != ST_OK ||
	    (st = reader_vec32(in, &body, &len, SIM_BODY_MAX)) != ST_OK)
		return st;
	block_id(id, &h);
	return h.height < r->chain_len ? ST_OK : app_template.put(r, &h, id, body, len);
}

static enum status recover_commit(struct replica *r, struct reader *in)
{
	struct certificate cert;
	uint8_t id[32], has_cert;
	uint64_t height;
	enum status st;

	if ((st = reader_u64(in, &height)) != ST_OK ||
	    (st = reader_bytes(in, id, sizeof(id))) != ST_OK ||
	    (st = reader_u8(in, &has_cert)) != ST_OK ||
	    (has_cert == 1 && (st = certificate_read(in, &cert)) != ST_OK))
		return st;
	if (height < r->chain_len)
		return ST_OK;
	if (height != r->chain_len || app_block(r, id) == NULL)
		return ST_PARENT;
	app_commit(r, id, has_cert == 1 ? &cert : NULL);
	if (r->honest)
		check_commit(r, height, id);
	return ST_OK;
}

static enum status recover_record(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct recovery *rec = ctx;
	struct noted what;
	struct reader in;
	uint8_t kind;

	if (type != RECORD || !noted_read(&what, payload, len)) {
		rec->st = ST_FORMAT;
		return ST_OK;
	}
	note(&rec->found, &what);
	reader_init(&in, payload, len);
	if (rec->st != ST_OK || (rec->st = reader_u8(&in, &kind)) != ST_OK)
		return ST_OK;
	if (kind == CONSENSUS_RECORD_BLOCK)
		rec->st = recover_block(rec->r, &in);
	else if (kind == CONSENSUS_RECORD_COMMIT)
		rec->st = recover_commit(rec->r, &in);
	return ST_OK;
}

static enum status replay_record(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct recovery *rec = ctx;
	enum status st = type == RECORD ? consensus_replay(rec->r->core, payload, len) : ST_FORMAT;

	if (rec->st == ST_OK)
		rec->st = st;
	return ST_OK;
}

static enum status replay_vote(void *ctx, const struct vote *v)
{
	struct recovery *rec = ctx;
	enum status st = consensus_replay_vote(rec->r->core, v);

	check_read_back(rec->r, v);
	if (rec->st == ST_OK)
		rec->st = st;
	return ST_OK;
}

/* --- the core --------------------------------------------------------------------------------- */

static void make_core(struct replica *r, bool amnesia)
{
	const struct sim *s = r->sim;
	struct consensus_config cfg;
	size_t bytes;
	enum status st;

	consensus_defaults(&cfg, SIM_DELTA_MS);
	cfg.committee = s->committee;
	cfg.verify = fake_verify;
	cfg.self = r->node;
	cfg.seed = (uint64_t)r->inst * 7919 + s->now;
	cfg.views = SIM_VIEWS;
	cfg.batch_min = s->o.batch_min;
	cfg.batch_wait_ms = s->o.batch_wait_ms;
	cfg.amnesia = amnesia;
	cfg.app = app_template;
	cfg.app.ctx = r;
	bytes = consensus_bytes(&cfg);
	if (r->memory == NULL)
		r->memory = malloc(bytes);
	assert(r->memory != NULL);
	st = consensus_init(&r->core, r->memory, bytes, &cfg, &r->chain[r->chain_len - 1].header);
	if (st != ST_OK)
		sim_fail(r->sim, "%u: init says %s", r->inst, status_name(st));
}

static enum status replay_all(struct replica *r, enum status *sense)
{
	const struct committed *top = &r->chain[r->chain_len - 1];
	struct recovery rec = { .r = r };
	enum status st;

	if (top->has_cert) {
		struct consensus_record tip = { .type = CONSENSUS_RECORD_CERTIFICATE,
		                                .cert = top->cert };
		size_t len;

		st = consensus_record_encode(r->core, frame, sizeof(frame), &len, &tip);
		if (st == ST_OK)
			st = consensus_replay(r->core, frame, len);
		if (st != ST_OK)
			rec.st = st;
	}
	if ((st = wal_replay(r->log, replay_record, &rec)) != ST_OK ||
	    (st = signer_replay(r->signer, replay_vote, &rec)) != ST_OK)
		return st;
	*sense = rec.st;
	return ST_OK;
}

static enum status become_amnesiac(struct replica *r)
{
	enum status st;

	if ((st = wal_set_amnesia(r->log)) != ST_OK || (st = wal_sync(r->log)) != ST_OK)
		return st;
	return signer_set_amnesia(r->signer);
}

static size_t guards_in(const struct notes *n)
{
	size_t count = 0;

	for (size_t i = 0; i < n->len; i++)
		count += n->at[i].type == CONSENSUS_RECORD_GUARD;
	return count;
}

/* As the node: what makes no sense is read as far as it holds, by one that does not sign. */
static enum status start_core(struct replica *r, enum status sense)
{
	bool amnesia;
	enum status st = ST_OK;

	if (sense != ST_OK)
		st = become_amnesiac(r);
	amnesia = wal_has_amnesia(r->log) || signer_has_amnesia(r->signer);
	if (st != ST_OK)
		return st;
	if (r->honest && amnesia && !r->forgot)
		sim_fail(r->sim, "%u believes that it forgot: %s", r->inst, status_name(sense));
	/* It may have passed the guard and died before anybody else knew. */
	if (!amnesia && guards_in(&r->notes) > r->guards_before)
		r->forgot = false;
	if (r->honest && !amnesia && r->forgot)
		sim_fail(r->sim, "%u does not notice what it forgot", r->inst);
	make_core(r, amnesia);
	if ((st = replay_all(r, &sense)) != ST_OK || sense == ST_OK || amnesia)
		return st;
	/* A twin reads back what the other one did; for an honest node that is the end. */
	if (r->honest)
		sim_fail(r->sim, "%u: replay says %s", r->inst, status_name(sense));
	return ST_OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum status open_all(struct replica *r)
{
	struct sim *s = r->sim;
	const uint8_t *election = s->committee.election_id;
	char memory[DISK_PATH_MAX], wal[DISK_PATH_MAX], votes[DISK_PATH_MAX];
	uint8_t owner[WAL_OWNER_BYTES];
	struct wal_report report, signer_report;
	struct memory past, now;
	bool known, create;
	enum status st;

	disk_path(memory, r->disk, MEMORY);
	disk_path(wal, r->disk, WAL);
	disk_path(votes, r->disk, VOTES);
	wal_owner(owner, "node", election, r->node, s->committee.node_key[r->node]);
	if ((st = memory_read(memory, election, &known, &past)) != ST_OK)
		return st;
	create = !known && r->chain_len <= 1;
	if (create) {
		if ((st = wal_create(wal, owner)) != ST_OK && st != ST_EXISTS)
			return st;
		st = signer_create(votes, &s->committee, r->node);
		if (st != ST_OK && st != ST_EXISTS)
			return st;
	}
	if ((st = wal_open_again(&r->log, &report, wal, owner, past.node)) != ST_OK ||
	    (st = signer_open_again(&r->signer, &signer_report, votes, signature_secret(r->node),
	                            &s->committee, r->node, past.votes)) != ST_OK)
		return st;
	if (report.found == WAL_CUT || signer_report.found == WAL_CUT)
		sim_note(s, FAULT_LOG_CUT);
	if (wal_has_amnesia(r->log) && (st = signer_set_amnesia(r->signer)) != ST_OK)
		return st;
	now = (struct memory){ .votes = signer_instance(r->signer), .node = wal_instance(r->log) };
	return memory_write(memory, election, &now);
}

enum status logs_open(struct replica *r)
{
	struct recovery rec = { .r = r };
	enum status st;

	if ((st = open_all(r)) == ST_OK &&
	    (st = wal_replay(r->log, recover_record, &rec)) == ST_OK) {
		compare_notes(r, &rec.found);
		free(r->notes.at);
		r->notes = rec.found;
		r->notes.synced = r->notes.len;
		r->compacting = false;
		r->starts++;
		return start_core(r, rec.st);
	}
	free(rec.found.at);
	if (st != ST_IO)
		sim_fail(r->sim, "%u: its logs do not open: %s", r->inst, status_name(st));
	return st;
}

void logs_close(struct replica *r, bool power_lost)
{
	wal_close(r->log);
	signer_close(r->signer);
	r->log = NULL;
	r->signer = NULL;
	disk_restart(r->disk, power_lost);
}

void logs_free(struct replica *r)
{
	free(r->notes.at);
	free(r->compacted.at);
}

/* --- writing ---------------------------------------------------------------------------------- */

enum status logs_append(struct replica *r, const struct consensus_record *rec)
{
	struct noted what = noted_of(rec);
	size_t len;
	enum status st = consensus_record_encode(r->core, frame, sizeof(frame), &len, rec);

	if (st != ST_OK)
		return ST_OK;   /* it rests on nothing that will be sent */
	if ((st = wal_append(r->log, RECORD, frame, len)) == ST_OK)
		note(&r->notes, &what);
	return st;
}

enum status logs_sync(struct replica *r)
{
	enum status st = wal_sync(r->log);

	if (st == ST_OK)
		r->notes.synced = r->notes.len;
	return st;
}

struct live {
	struct replica *r;
	uint64_t cursor;
};

static enum status next_live(void *ctx, uint8_t *type, const uint8_t **payload, size_t *len)
{
	struct live *live = ctx;
	struct consensus_record rec;

	while (consensus_live(live->r->core, &rec, &live->cursor)) {
		struct noted what = noted_of(&rec);

		if (consensus_record_encode(live->r->core, frame, sizeof(frame), len, &rec) !=
		    ST_OK)
			continue;
		note(&live->r->compacted, &what);
		*type = RECORD;
		*payload = frame;
		return ST_OK;
	}
	return ST_NOT_FOUND;
}

enum status logs_compact(struct replica *r)
{
	struct live live = { .r = r };
	struct consensus_info info;
	struct notes old = r->notes;
	enum status st;

	consensus_info(r->core, &info);
	r->compacting = true;
	r->compacted.len = 0;
	if ((st = wal_compact(r->log, next_live, &live)) != ST_OK)
		return st;
	r->notes = r->compacted;
	r->notes.synced = r->notes.len;
	r->compacted = old;
	r->compacting = false;
	return signer_compact(r->signer, info.final_view);
}

/* --- accidents -------------------------------------------------------------------------------- */

static void lose_chain(struct replica *r, size_t kept)
{
	while (r->chain_len > kept)
		free(r->chain[--r->chain_len].body);
}

/* The process is down.  One thing happens to its disk; but what it remembers elsewhere stays. */
void logs_forget(struct replica *r)
{
	struct sim *s = r->sim;
	size_t guards = guards_in(&r->notes);

	if (!disk_has(r->disk, MEMORY) || !disk_has(r->disk, WAL) || !disk_has(r->disk, VOTES))
		return;
	switch (prng_below(&s->rng, 5)) {
	case 0:
		disk_remove(r->disk, VOTES);
		disk_remove(r->disk, WAL);
		lose_chain(r, chance(s, 50) ? 1 : r->chain_len);
		guards = 0;
		break;
	case 1:
		disk_remove(r->disk, VOTES);
		break;
	case 2:
		disk_remove(r->disk, WAL);
		guards = 0;
		break;
	case 3:
		/* In what was synced: a flip in an unfinished record changes nothing. */
		if (!disk_flip(r->disk, chance(s, 50) || r->notes.synced == 0 ? VOTES : WAL))
			return;
		guards = 0;
		break;
	default:
		if (r->saved_chain == 0 || r->starts == r->saved_starts)
			return;   /* no older copy */
		(void)disk_bring_back(r->disk, WAL);
		(void)disk_bring_back(r->disk, VOTES);
		lose_chain(r, r->saved_chain);
		guards = 0;
		break;
	}
	r->forgot = true;
	check_forget(r);
	r->guards_before = guards;
	sim_note(s, FAULT_AMNESIA);
	sim_log(s, "%u forgets", r->inst);
}

/* An older copy to come back to. */
void logs_save(struct replica *r)
{
	if (!disk_has(r->disk, WAL) || !disk_has(r->disk, VOTES))
		return;
	disk_save(r->disk, WAL);
	disk_save(r->disk, VOTES);
	r->saved_chain = r->chain_len;
	r->saved_starts = r->starts;
}

void logs_steal(struct replica *r)
{
	disk_remove(r->disk, VOTES);
	disk_remove(r->disk, WAL);
	disk_remove(r->disk, MEMORY);
	lose_chain(r, 0);
}

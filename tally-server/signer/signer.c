/*
 * signer.c: see signer.h.
 *
 * The log holds votes as vote_write gives them, floors (u64): views that are closed, and
 * cosignatures as cosignature_write gives them.
 *
 * Invariant: views ascend, and each is above the floor; what they hold is in the log or in its
 * batch, and the batch is synced before a signature is given out.
 */
#include "tally-server/signer/signer.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/mem.h"
#include "tally-server/signer/guard.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD_VOTE = 1, RECORD_FLOOR = 2, RECORD_COSIGNATURE = 3 };
enum { FLOOR_BYTES = 8, VIEWS_MANY = 4096, TYPES = 3 };

/* What this node signed in one view. */
struct own_view {
	uint64_t view;
	struct guard guard;
	uint8_t sig[TYPES][VOTE_SIG_BYTES];   /* by type - 1 */
};

struct signer {
	struct wal *log;
	struct sign_secret *secret;           /* guarded memory */
	struct committee committee;
	uint8_t self;
	uint64_t floor;
	struct own_view *view;
	size_t views;
	size_t views_cap;
	bool cosigned[COSIGNED_HEADS];        /* by head - 1 */
	struct cosignature cosignature[COSIGNED_HEADS];
};

static void owner_of(uint8_t out[static WAL_OWNER_BYTES], const struct committee *c, uint8_t self)
{
	wal_owner(out, "signer", c->election_id, self, c->node_key[self]);
}

/* --- views ------------------------------------------------------------------------------------ */

/* The place of a view, or where it would be. */
static size_t find_view(const struct signer *s, uint64_t view)
{
	size_t low = 0, high = s->views;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->view[mid].view < view)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct own_view *look(const struct signer *s, uint64_t view)
{
	size_t at = find_view(s, view);

	return at < s->views && s->view[at].view == view ? &s->view[at] : NULL;
}

/* The view, made if it is not there. */
static enum status open_view(struct signer *s, struct own_view **out, uint64_t view)
{
	size_t at = find_view(s, view);

	if (at == s->views || s->view[at].view != view) {
		if (s->views == SIGNER_VIEWS_MAX)
			return ST_LIMIT;
		if (s->views == s->views_cap) {
			size_t cap = s->views_cap == 0 ? 64 : 2 * s->views_cap;
			struct own_view *more = realloc(s->view, cap * sizeof(*more));

			if (more == NULL)
				return ST_NO_MEMORY;
			s->view = more;
			s->views_cap = cap;
		}
		memmove(&s->view[at + 1], &s->view[at], (s->views - at) * sizeof(*s->view));
		s->view[at] = (struct own_view){ .view = view };
		s->views++;
	}
	*out = &s->view[at];
	return ST_OK;
}

static void raise_floor(struct signer *s, uint64_t floor)
{
	size_t gone;

	if (floor <= s->floor)
		return;
	s->floor = floor;
	for (gone = 0; gone < s->views && s->view[gone].view <= floor; gone++)
		continue;
	s->views -= gone;
	if (gone > 0 && s->views > 0)
		memmove(s->view, s->view + gone, s->views * sizeof(*s->view));
}

/* A vote as it was signed.  type is one of the three. */
static void vote_of(struct vote *out, const struct signer *s, const struct own_view *v,
                    enum vote_type type)
{
	*out = (struct vote){ .type = type, .view = v->view, .signer = s->self };
	if (type != VOTE_NULLIFY)
		memcpy(out->block, v->guard.block, sizeof(out->block));
	memcpy(out->sig, v->sig[type - 1], sizeof(out->sig));
}

static bool is_signed(const struct own_view *v, enum vote_type type)
{
	switch (type) {
	case VOTE_NOTARIZE:
		return v->guard.notarized;
	case VOTE_NULLIFY:
		return v->guard.nullified;
	case VOTE_FINALIZE:
		return v->guard.finalized;
	}
	return false;
}

/* --- the log ---------------------------------------------------------------------------------- */

static enum status load_vote(struct signer *s, const uint8_t *payload, size_t len)
{
	struct own_view *own;
	struct reader r;
	struct vote v;
	enum status st;

	reader_init(&r, payload, len);
	if ((st = vote_read(&r, &v)) != ST_OK || (st = reader_end(&r)) != ST_OK)
		return ST_FORMAT;
	if (v.signer != s->self)
		return ST_FORMAT;
	if (v.view <= s->floor)
		return ST_OK;
	if ((st = open_view(s, &own, v.view)) != ST_OK)
		return st;
	/* A log that holds a contradiction is not ours: this code never wrote it. */
	if ((st = guard_check(&own->guard, v.type, v.block)) != ST_OK)
		return ST_FORMAT;
	guard_add(&own->guard, v.type, v.block);
	memcpy(own->sig[v.type - 1], v.sig, sizeof(v.sig));
	return ST_OK;
}

static bool same_log(const struct cosignature *a, const struct cosignature *b)
{
	return a->size == b->size && mem_is_equal(a->root, b->root, sizeof(a->root));
}

static enum status load_cosignature(struct signer *s, const uint8_t *payload, size_t len)
{
	struct cosignature c;
	struct reader r;

	reader_init(&r, payload, len);
	if (cosignature_read(&r, &c) != ST_OK || reader_end(&r) != ST_OK || c.node != s->self ||
	    (s->cosigned[c.head - 1] && !same_log(&s->cosignature[c.head - 1], &c)))
		return ST_FORMAT;
	s->cosigned[c.head - 1] = true;
	s->cosignature[c.head - 1] = c;
	return ST_OK;
}

static enum status load_record(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct signer *s = ctx;
	struct reader r;
	uint64_t floor;

	switch (type) {
	case RECORD_VOTE:
		return load_vote(s, payload, len);
	case RECORD_FLOOR:
		reader_init(&r, payload, len);
		if (reader_u64(&r, &floor) != ST_OK || reader_end(&r) != ST_OK)
			return ST_FORMAT;
		raise_floor(s, floor);
		return ST_OK;
	case RECORD_COSIGNATURE:
		return load_cosignature(s, payload, len);
	default:
		return ST_FORMAT;
	}
}

static void encode_floor(uint8_t out[static FLOOR_BYTES], uint64_t floor)
{
	struct writer w;

	writer_init(&w, out, FLOOR_BYTES);
	writer_u64(&w, floor);
}

static enum status log_vote(struct signer *s, const struct vote *v)
{
	uint8_t bytes[VOTE_BYTES];
	struct writer w;
	size_t len;
	enum status st;

	writer_init(&w, bytes, sizeof(bytes));
	vote_write(&w, v);
	if ((st = writer_end(&w, &len)) != ST_OK)
		return st;
	return wal_append(s->log, RECORD_VOTE, bytes, len);
}

static enum status log_cosignature(struct signer *s, const struct cosignature *c)
{
	uint8_t bytes[COSIGNATURE_BYTES];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	cosignature_write(&w, c);
	return w.failed ? ST_FORMAT : wal_append(s->log, RECORD_COSIGNATURE, bytes, w.pos);
}

/* --- opening ---------------------------------------------------------------------------------- */

enum status signer_create(const char *path, const struct committee *c, uint8_t self)
{
	uint8_t owner[WAL_OWNER_BYTES];

	if (self >= c->n)
		return ST_ROLE;
	owner_of(owner, c, self);
	return wal_create(path, owner);
}

enum status signer_open(struct signer **out, struct wal_report *report, const char *path,
                        const struct sign_secret *secret, const struct committee *c,
                        uint8_t self)
{
	return signer_open_again(out, report, path, secret, c, self, 0);
}

enum status signer_open_again(struct signer **out, struct wal_report *report, const char *path,
                              const struct sign_secret *secret, const struct committee *c,
                              uint8_t self, uint64_t openings)
{
	uint8_t owner[WAL_OWNER_BYTES], key[SIGN_KEY_BYTES];
	struct signer *s;
	enum status st;

	*out = NULL;
	*report = (struct wal_report){ .found = WAL_SOUND };
	if (self >= c->n)
		return ST_ROLE;
	sign_secret_key(secret, key);
	if (!mem_is_equal(key, c->node_key[self], sizeof(key)))
		return ST_KEY;
	if ((s = alloc_zero(1, sizeof(*s))) == NULL)
		return ST_NO_MEMORY;
	s->committee = *c;
	s->self = self;
	s->secret = mem_secret_alloc(sizeof(*s->secret));
	st = ST_NO_MEMORY;
	if (s->secret == NULL)
		goto out;
	*s->secret = *secret;
	owner_of(owner, c, self);
	if ((st = wal_open_again(&s->log, report, path, owner, openings)) == ST_OK)
		st = wal_replay(s->log, load_record, s);
out:
	if (st == ST_OK)
		*out = s;
	else
		signer_close(s);
	return st;
}

void signer_close(struct signer *s)
{
	if (s == NULL)
		return;
	wal_close(s->log);
	mem_secret_free(s->secret);
	free(s->view);
	free(s);
}

/* --- signing ---------------------------------------------------------------------------------- */

/* A vote that is new: signed here, and in the log's batch. */
static enum status sign_new(struct signer *s, struct own_view *own, struct vote *v)
{
	uint8_t body[VOTE_BODY_BYTES];
	struct message m;
	enum status st;

	vote_body(body, v->type, v->view, v->block);
	vote_message(&m, &s->committee, body);
	sign_message(s->secret, v->sig, &m);
	if ((st = log_vote(s, v)) != ST_OK)
		return st;
	guard_add(&own->guard, v->type, v->block);
	memcpy(own->sig[v->type - 1], v->sig, sizeof(v->sig));
	return ST_OK;
}

/* *each says what becomes of the vote; anything but ST_OK returned stops them all. */
static enum status sign_one(struct signer *s, struct vote *v, enum status *each)
{
	const struct own_view *known;
	const struct guard none = { .notarized = false };
	struct own_view *own;
	enum status st;

	memset(v->sig, 0, sizeof(v->sig));
	*each = v->signer != s->self ? ST_ROLE :
	        wal_has_amnesia(s->log) || v->view <= s->floor ? ST_AMNESIA : ST_OK;
	if (*each != ST_OK)
		return ST_OK;
	known = look(s, v->view);
	*each = guard_check(known == NULL ? &none : &known->guard, v->type, v->block);
	if (*each != ST_OK)
		return ST_OK;
	if (known != NULL && guard_has(&known->guard, v->type, v->block)) {
		memcpy(v->sig, known->sig[v->type - 1], sizeof(v->sig));
		return ST_OK;
	}
	st = open_view(s, &own, v->view);
	if (st == ST_LIMIT) {
		*each = ST_LIMIT;
		return ST_OK;
	}
	return st == ST_OK ? sign_new(s, own, v) : st;
}

enum status signer_sign(struct signer *s, struct vote *votes, enum status *each, size_t count)
{
	enum status st = ST_OK;

	if (count > SIGNER_BATCH_MAX)
		return ST_LIMIT;
	for (size_t i = 0; st == ST_OK && i < count; i++)
		st = sign_one(s, &votes[i], &each[i]);
	crash_point("vote-append");
	if (st == ST_OK)
		st = wal_sync(s->log);
	crash_point("vote-sync");
	if (st == ST_OK)
		return ST_OK;
	/* Not known to be on the disk: as if they had not been made. */
	for (size_t i = 0; i < count; i++) {
		mem_wipe(votes[i].sig, sizeof(votes[i].sig));
		each[i] = ST_IO;
	}
	return st;
}

enum status signer_cosign(struct signer *s, struct cosignature *c,
                          const struct sign_secret *checkpoint)
{
	struct checkpoint of = { .size = c->size };
	unsigned int at = (unsigned int)c->head - 1;
	enum status st;

	if (wal_has_amnesia(s->log))
		return ST_AMNESIA;
	if (s->cosigned[at]) {
		if (!same_log(&s->cosignature[at], c))
			return ST_CONFLICT;
		*c = s->cosignature[at];
		return ST_OK;
	}
	if (c->time > INT64_MAX)
		return ST_FORMAT;
	memcpy(of.election_id, s->committee.election_id, sizeof(of.election_id));
	memcpy(of.root, c->root, sizeof(of.root));
	c->node = s->self;
	cosignature_make(c, &of, checkpoint);
	if ((st = log_cosignature(s, c)) != ST_OK || (st = wal_sync(s->log)) != ST_OK) {
		mem_wipe(c->sig, sizeof(c->sig));
		return st;
	}
	s->cosigned[at] = true;
	s->cosignature[at] = *c;
	return ST_OK;
}

enum status signer_replay(struct signer *s, signer_vote_fn *each, void *ctx)
{
	static const enum vote_type ORDER[] = { VOTE_NOTARIZE, VOTE_NULLIFY, VOTE_FINALIZE };
	struct vote v;
	enum status st;

	for (size_t i = 0; i < s->views; i++)
		for (size_t k = 0; k < TYPES; k++) {
			if (!is_signed(&s->view[i], ORDER[k]))
				continue;
			vote_of(&v, s, &s->view[i], ORDER[k]);
			if ((st = each(ctx, &v)) != ST_OK)
				return st;
		}
	return ST_OK;
}

bool signer_has(const struct signer *s, enum vote_type type, uint64_t view,
                const uint8_t block[static 32])
{
	const struct own_view *own = look(s, view);

	return view <= s->floor || (own != NULL && guard_has(&own->guard, type, block));
}

/* --- forgetting ------------------------------------------------------------------------------- */

uint64_t signer_instance(const struct signer *s)
{
	return wal_instance(s->log);
}

uint64_t signer_floor(const struct signer *s)
{
	return s->floor;
}

/* What a new log holds: the floor, cosignatures, then every vote above the floor. */
struct live {
	struct signer *s;
	unsigned int head;
	size_t view;
	unsigned int type;        /* 0: the floor is yet to come */
	uint8_t bytes[COSIGNATURE_BYTES];
};

static enum status next_live(void *ctx, uint8_t *type, const uint8_t **payload, size_t *len)
{
	struct live *l = ctx;
	struct writer w;
	struct vote v;

	*payload = l->bytes;
	if (l->type == 0) {
		l->type = VOTE_NOTARIZE;
		encode_floor(l->bytes, l->s->floor);
		*type = RECORD_FLOOR;
		*len = FLOOR_BYTES;
		return ST_OK;
	}
	while (l->head < COSIGNED_HEADS) {
		if (!l->s->cosigned[l->head++])
			continue;
		writer_init(&w, l->bytes, sizeof(l->bytes));
		cosignature_write(&w, &l->s->cosignature[l->head - 1]);
		*type = RECORD_COSIGNATURE;
		return writer_end(&w, len);
	}
	for (; l->view < l->s->views; l->view++, l->type = VOTE_NOTARIZE)
		for (; l->type <= VOTE_FINALIZE; l->type++) {
			const struct own_view *own = &l->s->view[l->view];

			if (!is_signed(own, (enum vote_type)l->type))
				continue;
			vote_of(&v, l->s, own, (enum vote_type)l->type++);
			writer_init(&w, l->bytes, sizeof(l->bytes));
			vote_write(&w, &v);
			*type = RECORD_VOTE;
			return writer_end(&w, len);
		}
	return ST_NOT_FOUND;
}

enum status signer_compact(struct signer *s, uint64_t final_view)
{
	struct live live = { .s = s };

	raise_floor(s, final_view);
	return wal_compact(s->log, next_live, &live);
}

bool signer_wants_compaction(const struct signer *s)
{
	return wal_wants_compaction(s->log) || s->views >= VIEWS_MANY;
}

/* --- amnesia ---------------------------------------------------------------------------------- */

bool signer_has_amnesia(const struct signer *s)
{
	return wal_has_amnesia(s->log);
}

enum status signer_set_amnesia(struct signer *s)
{
	enum status st = wal_set_amnesia(s->log);

	return st == ST_OK ? wal_sync(s->log) : st;
}

enum status signer_guard(struct signer *s, uint64_t above)
{
	uint8_t floor[FLOOR_BYTES];
	enum status st;

	encode_floor(floor, above > s->floor ? above : s->floor);
	if ((st = wal_append(s->log, RECORD_FLOOR, floor, sizeof(floor))) != ST_OK ||
	    (st = wal_clear_amnesia(s->log)) != ST_OK ||
	    (st = wal_sync(s->log)) != ST_OK)
		return st;
	raise_floor(s, above);
	return ST_OK;
}

/*
 * test_signer.c: the signer: no contradiction is ever signed, whatever is asked, whenever the
 * process dies, whatever the disk did to the log.
 */
#include "common/base/file.h"
#include "crypto/mem.h"
#include "tally-server/signer/signer.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NODES = 4, SELF = 2, FILE_MAX = 1 << 20 };

static struct prng random_bytes;
static struct committee committee;
static struct sign_secret secret[NODES];

/* --- the signer ------------------------------------------------------------------------------- */

static struct signer *open_signer(const char *path, struct wal_report *report)
{
	struct signer *s = NULL;
	enum status st = signer_open(&s, report, path, &secret[SELF], &committee, SELF);

	if (st != ST_OK)
		fail_msg("%s: %s", path, status_name(st));
	return s;
}

static struct signer *new_signer(const char *path)
{
	struct wal_report report;

	assert_int_equal(signer_create(path, &committee, SELF), ST_OK);
	return open_signer(path, &report);
}

static struct vote make(enum vote_type type, uint64_t view, uint8_t block)
{
	struct vote v = { .type = type, .view = view, .signer = SELF };

	if (type != VOTE_NULLIFY)
		memset(v.block, block, sizeof(v.block));
	return v;
}

/* Sign one; what became of it. */
static enum status sign(struct signer *s, struct vote *v)
{
	enum status each = ST_INTERNAL;

	assert_int_equal(signer_sign(s, v, &each, 1), ST_OK);
	if (each == ST_OK)
		assert_int_equal(vote_check(v, &committee), ST_OK);
	else
		assert_true(mem_is_zero(v->sig, sizeof(v->sig)));
	return each;
}

static enum status try(struct signer *s, enum vote_type type, uint64_t view, uint8_t block)
{
	struct vote v = make(type, view, block);

	return sign(s, &v);
}

static void a_vote_gets_the_same_signature_for_ever(void **state)
{
	const char *path = scratch_path("same.log");
	struct signer *s = new_signer(path);
	struct vote first[3] = {
		make(VOTE_NOTARIZE, 4, 7), make(VOTE_FINALIZE, 4, 7), make(VOTE_NULLIFY, 5, 0),
	};
	struct wal_report report;
	enum status each[3];

	(void)state;
	assert_int_equal(signer_sign(s, first, each, 3), ST_OK);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++) {
			struct vote again = first[i];

			memset(again.sig, 0xee, sizeof(again.sig));
			assert_int_equal(sign(s, &again), ST_OK);
			assert_memory_equal(again.sig, first[i].sig, 64);
		}
		signer_close(s);
		s = open_signer(path, &report);
		assert_int_equal(report.found, WAL_SOUND);
		assert_int_equal(report.records, 3);   /* nothing is logged twice */
	}
	signer_close(s);
}

static void a_contradiction_is_refused_before_and_after_a_restart(void **state)
{
	const char *path = scratch_path("conflict.log");
	struct signer *s = new_signer(path);
	struct wal_report report;
	struct vote v;

	(void)state;
	assert_int_equal(try(s, VOTE_NOTARIZE, 4, 7), ST_OK);
	assert_int_equal(try(s, VOTE_FINALIZE, 4, 7), ST_OK);
	assert_int_equal(try(s, VOTE_NULLIFY, 5, 0), ST_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(try(s, VOTE_NOTARIZE, 4, 8), ST_CONFLICT);
		assert_int_equal(try(s, VOTE_FINALIZE, 4, 8), ST_CONFLICT);
		assert_int_equal(try(s, VOTE_NULLIFY, 4, 0), ST_CONFLICT);
		assert_int_equal(try(s, VOTE_FINALIZE, 5, 7), ST_CONFLICT);
		assert_int_equal(try(s, VOTE_FINALIZE, 6, 7), ST_ORDER);
		v = make(VOTE_NULLIFY, 7, 0);
		v.block[31] = 1;
		assert_int_equal(sign(s, &v), ST_FORMAT);
		v = make(VOTE_NOTARIZE, 7, 1);
		v.signer = SELF + 1;
		assert_int_equal(sign(s, &v), ST_ROLE);
		assert_int_equal(try(s, VOTE_NOTARIZE, 5, 3), ST_OK);   /* after NULLIFY: allowed */
		assert_int_equal(try(s, VOTE_FINALIZE, 5, 3), ST_CONFLICT);
		signer_close(s);
		s = open_signer(path, &report);
	}
	signer_close(s);
}

static void a_batch_is_judged_vote_by_vote_in_order(void **state)
{
	struct signer *s = new_signer(scratch_path("batch.log"));
	struct vote votes[] = {
		make(VOTE_NOTARIZE, 4, 7), make(VOTE_NOTARIZE, 4, 8), make(VOTE_FINALIZE, 4, 7),
		make(VOTE_NULLIFY, 4, 0), make(VOTE_NOTARIZE, 4, 7), make(VOTE_NULLIFY, 9, 0),
	};
	static const enum status WANT[] = {
		ST_OK, ST_CONFLICT, ST_OK, ST_CONFLICT, ST_OK, ST_OK,
	};
	enum status each[6];
	struct vote *many = calloc(SIGNER_BATCH_MAX + 1, sizeof(*many));
	enum status *outcome = calloc(SIGNER_BATCH_MAX + 1, sizeof(*outcome));

	(void)state;
	assert_non_null(many);
	assert_non_null(outcome);
	assert_int_equal(signer_sign(s, votes, each, 6), ST_OK);
	assert_memory_equal(each, WANT, sizeof(each));
	assert_memory_equal(votes[0].sig, votes[4].sig, 64);
	assert_int_equal(signer_sign(s, votes, each, 0), ST_OK);
	for (size_t i = 0; i <= SIGNER_BATCH_MAX; i++)
		many[i] = make(VOTE_NULLIFY, 100 + i, 0);
	assert_int_equal(signer_sign(s, many, outcome, SIGNER_BATCH_MAX + 1), ST_LIMIT);
	assert_int_equal(signer_sign(s, many, outcome, SIGNER_BATCH_MAX), ST_OK);
	assert_int_equal(outcome[SIGNER_BATCH_MAX - 1], ST_OK);
	assert_true(signer_wants_compaction(s));
	free(outcome);
	free(many);
	signer_close(s);
}

/* --- replay ----------------------------------------------------------------------------------- */

enum { HEARD = 512 };

struct heard {
	struct vote vote[HEARD];
	size_t count;
};

static enum status hear(void *ctx, const struct vote *v)
{
	struct heard *h = ctx;

	assert_true(h->count < HEARD);
	assert_int_equal(vote_check(v, &committee), ST_OK);
	h->vote[h->count++] = *v;
	return ST_OK;
}

static enum status hear_two(void *ctx, const struct vote *v)
{
	struct heard *h = ctx;

	return h->count == 2 ? ST_AGAIN : hear(ctx, v);
}

static void every_vote_is_replayed_by_ascending_view(void **state)
{
	const char *path = scratch_path("replay.log");
	struct signer *s = new_signer(path);
	static const uint64_t VIEW[] = { 9, 3, 12, 4, 200, 5 };
	struct wal_report report;
	struct heard heard = { .count = 0 };
	enum status st;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(try(s, VOTE_NULLIFY, VIEW[i], 0), ST_OK);
		assert_int_equal(try(s, VOTE_NOTARIZE, VIEW[i], (uint8_t)(i + 1)), ST_OK);
	}
	assert_int_equal(try(s, VOTE_NOTARIZE, 7, 3), ST_OK);
	assert_int_equal(try(s, VOTE_FINALIZE, 7, 3), ST_OK);
	signer_close(s);
	s = open_signer(path, &report);
	assert_int_equal(signer_replay(s, hear, &heard), ST_OK);
	assert_int_equal(heard.count, 14);
	for (size_t i = 1; i < heard.count; i++)
		assert_true(heard.vote[i].view > heard.vote[i - 1].view ||
		            (heard.vote[i].view == heard.vote[i - 1].view &&
		             heard.vote[i].type > heard.vote[i - 1].type));
	heard.count = 0;
	st = signer_replay(s, hear_two, &heard);
	assert_int_equal(st, ST_AGAIN);   /* what the listener says ends it */
	signer_close(s);
}

static void a_vote_that_the_log_does_not_know_is_told(void **state)
{
	struct signer *s = new_signer(scratch_path("has.log"));
	struct vote a = make(VOTE_NOTARIZE, 4, 7), b = make(VOTE_NOTARIZE, 4, 8);
	const uint8_t zero[32] = { 0 };

	(void)state;
	assert_int_equal(sign(s, &a), ST_OK);
	assert_true(signer_has(s, VOTE_NOTARIZE, 4, a.block));
	assert_false(signer_has(s, VOTE_NOTARIZE, 4, b.block));
	assert_false(signer_has(s, VOTE_FINALIZE, 4, a.block));
	assert_false(signer_has(s, VOTE_NULLIFY, 4, zero));
	assert_false(signer_has(s, VOTE_NOTARIZE, 5, a.block));
	assert_int_equal(signer_compact(s, 5), ST_OK);
	assert_true(signer_has(s, VOTE_NOTARIZE, 5, a.block));   /* closed: nothing to fear */
	signer_close(s);
}

/* Restored from a backup: sound by itself; what was signed since shows elsewhere. */
static void an_older_copy_is_told_by_what_it_does_not_know(void **state)
{
	const char *path = scratch_path("older.log");
	struct signer *s = new_signer(path);
	struct vote before = make(VOTE_NOTARIZE, 4, 7), since = make(VOTE_NOTARIZE, 5, 7);
	struct wal_report report;
	uint8_t *copy;
	size_t len;

	(void)state;
	assert_int_equal(sign(s, &before), ST_OK);
	assert_int_equal(file_read(path, &copy, &len, FILE_MAX), ST_OK);
	assert_int_equal(sign(s, &since), ST_OK);
	signer_close(s);
	assert_int_equal(file_write(path, copy, len, FILE_REPLACE, FILE_PRIVATE), ST_OK);
	free(copy);
	s = open_signer(path, &report);
	assert_int_equal(report.found, WAL_SOUND);
	assert_true(signer_has(s, VOTE_NOTARIZE, 4, before.block));
	assert_false(signer_has(s, VOTE_NOTARIZE, 5, since.block));   /* yet a certificate has it */
	assert_int_equal(signer_set_amnesia(s), ST_OK);
	assert_int_equal(try(s, VOTE_NOTARIZE, 5, 8), ST_AMNESIA);
	signer_close(s);
}

/* --- forgetting ------------------------------------------------------------------------------- */

static void below_the_floor_nothing_is_signed(void **state)
{
	const char *path = scratch_path("floor.log");
	struct signer *s = new_signer(path);
	struct wal_report report;
	struct heard heard = { .count = 0 };

	(void)state;
	for (uint64_t v = 1; v <= 20; v++) {
		assert_int_equal(try(s, VOTE_NOTARIZE, v, 1), ST_OK);
		assert_int_equal(try(s, VOTE_FINALIZE, v, 1), ST_OK);
	}
	assert_int_equal(signer_compact(s, 15), ST_OK);
	assert_int_equal(signer_compact(s, 12), ST_OK);   /* never down again */
	for (int round = 0; round < 2; round++) {
		assert_int_equal(signer_floor(s), 15);
		assert_int_equal(try(s, VOTE_NOTARIZE, 15, 1), ST_AMNESIA);
		assert_int_equal(try(s, VOTE_NOTARIZE, 1, 2), ST_AMNESIA);
		assert_int_equal(try(s, VOTE_NOTARIZE, 16, 2), ST_CONFLICT);
		assert_int_equal(try(s, VOTE_NULLIFY, 20, 0), ST_CONFLICT);
		heard.count = 0;
		assert_int_equal(signer_replay(s, hear, &heard), ST_OK);
		assert_int_equal(heard.count, 10);
		signer_close(s);
		s = open_signer(path, &report);
		assert_int_equal(report.found, WAL_SOUND);
		assert_int_equal(report.records, 11);   /* the floor and ten votes */
	}
	signer_close(s);
}

static void views_without_end_are_bounded(void **state)
{
	struct signer *s = new_signer(scratch_path("views.log"));
	struct vote *votes = calloc(SIGNER_BATCH_MAX, sizeof(*votes));
	enum status *each = calloc(SIGNER_BATCH_MAX, sizeof(*each));
	uint64_t view = 1;

	(void)state;
	assert_non_null(votes);
	assert_non_null(each);
	for (size_t batch = 0; batch < SIGNER_VIEWS_MAX / SIGNER_BATCH_MAX; batch++) {
		for (size_t i = 0; i < SIGNER_BATCH_MAX; i++)
			votes[i] = make(VOTE_NULLIFY, view++, 0);
		assert_int_equal(signer_sign(s, votes, each, SIGNER_BATCH_MAX), ST_OK);
		assert_int_equal(each[SIGNER_BATCH_MAX - 1], ST_OK);
	}
	assert_int_equal(try(s, VOTE_NULLIFY, view, 0), ST_LIMIT);
	assert_int_equal(try(s, VOTE_NOTARIZE, view - 1, 1), ST_OK);   /* a view that is there */
	assert_int_equal(signer_compact(s, 1), ST_OK);
	assert_int_equal(try(s, VOTE_NULLIFY, view, 0), ST_OK);
	free(each);
	free(votes);
	signer_close(s);
}

/* --- amnesia ---------------------------------------------------------------------------------- */

static void a_log_that_is_gone_is_amnesia_until_the_guard(void **state)
{
	const char *path = scratch_path("gone.log");
	struct signer *s = new_signer(path);
	struct wal_report report;

	(void)state;
	assert_int_equal(try(s, VOTE_NOTARIZE, 30, 1), ST_OK);
	signer_close(s);
	assert_int_equal(unlink(path), 0);
	for (int round = 0; round < 2; round++) {
		s = open_signer(path, &report);
		assert_int_equal(report.found, round == 0 ? WAL_MISSING : WAL_SOUND);
		assert_true(signer_has_amnesia(s));
		assert_int_equal(try(s, VOTE_NOTARIZE, 30, 2), ST_AMNESIA);
		assert_int_equal(try(s, VOTE_NULLIFY, 999, 0), ST_AMNESIA);
		assert_int_equal(signer_compact(s, 10), ST_OK);   /* changes nothing of that */
		assert_true(signer_has_amnesia(s));
		signer_close(s);
	}
	s = open_signer(path, &report);
	assert_int_equal(signer_guard(s, 31), ST_OK);
	for (int round = 0; round < 2; round++) {
		assert_false(signer_has_amnesia(s));
		assert_int_equal(signer_floor(s), 31);
		assert_int_equal(try(s, VOTE_NOTARIZE, 30, 2), ST_AMNESIA);
		assert_int_equal(try(s, VOTE_NOTARIZE, 31, 2), ST_AMNESIA);
		assert_int_equal(try(s, VOTE_NOTARIZE, 32, 2), ST_OK);
		signer_close(s);
		s = open_signer(path, &report);
	}
	assert_int_equal(signer_set_amnesia(s), ST_OK);
	assert_int_equal(try(s, VOTE_NOTARIZE, 32, 2), ST_AMNESIA);
	signer_close(s);
	s = open_signer(path, &report);
	assert_int_equal(try(s, VOTE_NOTARIZE, 33, 2), ST_AMNESIA);
	signer_close(s);
}

static void only_the_nodes_own_key_and_log_are_opened(void **state)
{
	const char *path = scratch_path("own.log");
	struct signer *s = new_signer(path);
	struct committee other = committee;
	struct wal_report report;

	(void)state;
	signer_close(s);
	assert_int_equal(signer_open(&s, &report, path, &secret[1], &committee, SELF), ST_KEY);
	assert_null(s);
	assert_int_equal(signer_open(&s, &report, path, &secret[1], &committee, 1), ST_ELECTION);
	assert_int_equal(signer_open(&s, &report, path, &secret[SELF], &committee, NODES), ST_ROLE);
	other.election_id[0] ^= 1;
	assert_int_equal(signer_open(&s, &report, path, &secret[SELF], &other, SELF), ST_ELECTION);
	assert_int_equal(signer_create(path, &committee, SELF), ST_EXISTS);
	s = open_signer(path, &report);
	assert_int_equal(report.found, WAL_SOUND);
	signer_close(s);
}

/* --- the disk --------------------------------------------------------------------------------- */

static void write_file(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

/* After each vote: how long the log was when its signature was given out. */
struct history {
	uint8_t bytes[FILE_MAX];
	size_t len;
	struct vote vote[24];
	size_t length[24];
	size_t votes;
};

static struct history *make_history(const char *path)
{
	struct history *h = calloc(1, sizeof(*h));
	struct signer *s = new_signer(path);
	uint8_t *bytes;

	assert_non_null(h);
	for (uint64_t view = 1; view <= 8; view++) {
		struct vote v[3] = {
			make(VOTE_NOTARIZE, view, 1),
			view % 2 == 0 ? make(VOTE_NULLIFY, view, 0) : make(VOTE_FINALIZE, view, 1),
		};

		for (int i = 0; i < 2; i++) {
			assert_int_equal(sign(s, &v[i]), ST_OK);
			h->vote[h->votes] = v[i];
			assert_int_equal(file_read(path, &bytes, &h->length[h->votes++], FILE_MAX),
			                 ST_OK);
			free(bytes);
		}
	}
	signer_close(s);
	assert_int_equal(file_read(path, &bytes, &h->len, FILE_MAX), ST_OK);
	memcpy(h->bytes, bytes, h->len);
	free(bytes);
	return h;
}

/* Votes that would each contradict something of the history, and those of the history itself. */
static void ask_for_everything(struct signer *s, const struct history *h, size_t given)
{
	for (size_t i = 0; i < h->votes; i++) {
		static const enum vote_type TYPES[] = { VOTE_NULLIFY, VOTE_NOTARIZE, VOTE_FINALIZE };

		for (size_t t = 0; t < 3; t++)
			for (uint8_t block = 1; block <= 2; block++) {
				struct vote v = make(TYPES[t], h->vote[i].view, block);

				if (sign(s, &v) != ST_OK)
					continue;
				for (size_t k = 0; k < given; k++)
					assert_false(vote_conflicts(&v, &h->vote[k]));
			}
	}
}

/* Power fails while the next vote is being written: none of those given out is forgotten. */
static void a_log_torn_at_any_byte_signs_no_contradiction(void **state)
{
	const char *path = scratch_path("torn.log");
	struct history *h = make_history(scratch_path("history.log"));
	struct heard heard;

	(void)state;
	for (size_t given = 0; given + 1 < h->votes; given++)
		for (size_t len = h->length[given]; len < h->length[given + 1]; len += 1) {
			struct wal_report report;
			struct signer *s;

			write_file(path, h->bytes, len);
			s = open_signer(path, &report);
			assert_int_equal(report.found,
			                 len == h->length[given] ? WAL_SOUND : WAL_CUT);
			assert_false(signer_has_amnesia(s));
			heard.count = 0;
			assert_int_equal(signer_replay(s, hear, &heard), ST_OK);
			assert_int_equal(heard.count, given + 1);
			if (len % 64 == 0)
				ask_for_everything(s, h, given + 1);
			signer_close(s);
		}
	free(h);
}

static void a_log_with_a_flipped_byte_signs_nothing(void **state)
{
	const char *path = scratch_path("flip.log");
	struct history *h = make_history(scratch_path("history2.log"));

	(void)state;
	for (size_t at = 0; at < h->len; at++) {
		struct wal_report report;
		struct signer *s;

		h->bytes[at] ^= 0x20;
		write_file(path, h->bytes, h->len);
		h->bytes[at] ^= 0x20;
		s = open_signer(path, &report);
		assert_int_equal(report.found, WAL_DAMAGED);
		assert_true(signer_has_amnesia(s));
		assert_int_equal(try(s, VOTE_NOTARIZE, 4, 9), ST_AMNESIA);
		assert_int_equal(try(s, VOTE_NOTARIZE, 1000, 9), ST_AMNESIA);
		signer_close(s);
		assert_int_equal(unlink(report.aside), 0);
	}
	free(h);
}

/* Sound records that are no votes of ours: somebody wrote them. */
static void a_log_of_other_things_is_not_opened(void **state)
{
	const char *path = scratch_path("things.log");
	struct vote a = make(VOTE_NOTARIZE, 4, 7), b = make(VOTE_NOTARIZE, 4, 8);
	uint8_t owner[WAL_OWNER_BYTES], bytes[3][VOTE_BYTES + 1] = { { 0 } };
	struct vote foreign = make(VOTE_NOTARIZE, 4, 7);
	struct wal_report report;
	struct signer *s;
	struct wal *w;

	(void)state;
	foreign.signer = 0;
	wal_owner(owner, "signer", committee.election_id, SELF, committee.node_key[SELF]);
	for (int what = 0; what < 6; what++) {
		const struct vote *vote[3] = { &a, what == 0 ? &b : &a, &foreign };
		struct writer out;

		for (int i = 0; i < 3; i++) {
			writer_init(&out, bytes[i], sizeof(bytes[i]));
			vote_write(&out, vote[i]);
		}
		(void)unlink(path);
		assert_int_equal(wal_create(path, owner), ST_OK);
		assert_int_equal(wal_open(&w, &report, path, owner), ST_OK);
		assert_int_equal(wal_append(w, 1, bytes[0], VOTE_BYTES), ST_OK);
		if (what == 0)        /* two blocks in one view */
			assert_int_equal(wal_append(w, 1, bytes[1], VOTE_BYTES), ST_OK);
		else if (what == 1)   /* another node's */
			assert_int_equal(wal_append(w, 1, bytes[2], VOTE_BYTES), ST_OK);
		else if (what == 2)   /* something behind it */
			assert_int_equal(wal_append(w, 1, bytes[1], VOTE_BYTES + 1), ST_OK);
		else if (what == 3)   /* no such record */
			assert_int_equal(wal_append(w, 3, bytes[1], VOTE_BYTES), ST_OK);
		else if (what == 4)   /* no floor */
			assert_int_equal(wal_append(w, 2, bytes[1], 7), ST_OK);
		assert_int_equal(wal_sync(w), ST_OK);
		wal_close(w);
		assert_int_equal(signer_open(&s, &report, path, &secret[SELF], &committee, SELF),
		                 what == 5 ? ST_OK : ST_FORMAT);
		signer_close(s);
	}
}

static void no_signature_leaves_when_the_disk_is_full(void **state)
{
	const char *path = scratch_path("full.log");
	struct signer *s = new_signer(path);
	struct rlimit before, tight;
	struct wal_report report;
	struct vote v, given[64];
	size_t count = 0;
	enum status st = ST_OK, each;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = 3000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	for (uint64_t view = 1; st == ST_OK && view < 60; view++) {
		v = make(VOTE_NOTARIZE, view, 1);
		st = signer_sign(s, &v, &each, 1);
		if (st == ST_OK)
			given[count++] = v;
	}
	assert_int_equal(st, ST_IO);
	assert_int_equal(each, ST_IO);
	assert_true(mem_is_zero(v.sig, sizeof(v.sig)));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(signer_sign(s, &given[0], &each, 1), ST_IO);   /* stop the node */
	signer_close(s);
	s = open_signer(path, &report);
	assert_int_equal(report.found, WAL_CUT);
	for (size_t i = 0; i < count; i++) {
		struct vote again = given[i];

		memset(again.sig, 0, sizeof(again.sig));
		assert_int_equal(sign(s, &again), ST_OK);
		assert_int_equal(try(s, VOTE_NOTARIZE, given[i].view, 2), ST_CONFLICT);
	}
	signer_close(s);
}

/* --- crashes ---------------------------------------------------------------------------------- */

/* Sign two votes a view, saying each that was given out; now and then compact. */
static void sign_for_ever(const char *path, int said)
{
	struct wal_report report;
	struct signer *s = NULL;
	struct heard heard = { .count = 0 };
	uint64_t view;

	if (signer_open(&s, &report, path, &secret[SELF], &committee, SELF) != ST_OK ||
	    report.found > WAL_CUT || signer_replay(s, hear, &heard) != ST_OK)
		_exit(20);
	view = heard.count == 0 ? signer_floor(s) + 1 : heard.vote[heard.count - 1].view + 1;
	for (;; view++) {
		struct vote v[2] = { make(VOTE_NOTARIZE, view, 1), make(VOTE_FINALIZE, view, 1) };
		enum status each[2];

		if (signer_sign(s, v, each, 2) != ST_OK || each[0] != ST_OK || each[1] != ST_OK)
			_exit(21);
		if (write(said, &view, 8) != 8)
			_exit(22);
		if (view % 20 == 0 && signer_compact(s, view - 5) != ST_OK)
			_exit(23);
	}
}

static void a_signer_killed_at_any_moment_contradicts_nothing(void **state)
{
	const char *path = scratch_path("crash.log");
	struct wal_report report;
	uint64_t promised = 0, last;

	(void)state;
	signer_close(new_signer(path));
	for (int round = 0; round < 30; round++) {
		struct signer *s;
		int said[2], status;
		pid_t child;

		assert_int_equal(pipe(said), 0);
		child = fork();
		if (child == 0) {
			close(said[0]);
			sign_for_ever(path, said[1]);
		}
		close(said[1]);
		for (size_t k = prng_below(&random_bytes, 20); k > 0; k--)
			if (read(said[0], &last, 8) == 8)
				promised = last;
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		while (read(said[0], &last, 8) == 8)
			promised = last;
		close(said[0]);
		s = open_signer(path, &report);
		assert_false(signer_has_amnesia(s));
		for (uint64_t view = promised > 25 ? promised - 25 : 1; view <= promised; view++) {
			enum status st = try(s, VOTE_NOTARIZE, view, 2);

			assert_int_equal(st, view <= signer_floor(s) ? ST_AMNESIA : ST_CONFLICT);
			assert_int_not_equal(try(s, VOTE_NULLIFY, view, 0), ST_OK);
		}
		signer_close(s);
	}
	assert_true(promised > 40);
}

static int begin(void **state)
{
	uint8_t election[32] = { 0xe1 }, keys[NODES][32];

	(void)state;
	if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 1);
	prng_seed(&random_bytes, "test_signer");
	if (crypto_init() != ST_OK)
		return 1;
	for (int i = 0; i < NODES; i++)
		sign_keygen(&secret[i], keys[i]);
	return committee_init(&committee, NODES, election, group_ristretto255(),
	                      (const uint8_t (*)[32])keys) == ST_OK ? 0 : 1;
}

static int end(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_contradiction_is_refused_before_and_after_a_restart),
		cmocka_unit_test(a_vote_gets_the_same_signature_for_ever),
		cmocka_unit_test(a_batch_is_judged_vote_by_vote_in_order),
		cmocka_unit_test(every_vote_is_replayed_by_ascending_view),
		cmocka_unit_test(a_vote_that_the_log_does_not_know_is_told),
		cmocka_unit_test(an_older_copy_is_told_by_what_it_does_not_know),
		cmocka_unit_test(below_the_floor_nothing_is_signed),
		cmocka_unit_test(views_without_end_are_bounded),
		cmocka_unit_test(a_log_that_is_gone_is_amnesia_until_the_guard),
		cmocka_unit_test(only_the_nodes_own_key_and_log_are_opened),
		cmocka_unit_test(a_log_torn_at_any_byte_signs_no_contradiction),
		cmocka_unit_test(a_log_with_a_flipped_byte_signs_nothing),
		cmocka_unit_test(a_log_of_other_things_is_not_opened),
		cmocka_unit_test(no_signature_leaves_when_the_disk_is_full),
		cmocka_unit_test(a_signer_killed_at_any_moment_contradicts_nothing),
	};
	return cmocka_run_group_tests(tests, begin, end);
}

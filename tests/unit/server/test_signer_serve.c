/*
 * test_signer_serve.c: a signer in a process of its own, asked through its socket: the same answers
 * as signer.h gives; what it remembers of itself; requests that make no sense; and its death.
 *
 * The sandbox and the program around it are tests/e2e/test_signer's.
 */
#include "common/ledger/report.h"
#include "common/base/file.h"
#include "common/base/writer.h"
#include "crypto/mem.h"
#include "tally-server/node/memory.h"
#include "tally-server/signer/remote.h"
#include "tally-server/signer/serve.h"
#include "tally-server/signer/signer.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NODES = 4, SELF = 2 };

static struct prng random_bytes;
static struct committee committee;
static struct sign_secret secret[NODES], checkpoint;
static uint8_t checkpoint_key[32];
static const uint8_t curve[32] = { 0xc0, 0xde };
static uint8_t request[TALK_BYTES_MAX], answer[TALK_BYTES_MAX];

/* --- processes ------------------------------------------------------------------------------- */

struct pair {
	struct remote *r;
	pid_t pid;
};

static void be_signer(int fd, const char *log, const char *memory)
{
	struct serve_config cfg = { .secret = &secret[SELF], .checkpoint = &checkpoint, .log = log,
	                            .memory = memory };
	uint8_t hello[TALK_HELLO_BYTES + 1 + 64];
	struct serve *s;
	struct writer w;

	writer_init(&w, hello, sizeof(hello));
	writer_bytes(&w, TALK_HELLO, TALK_HELLO_BYTES);
	writer_u8(&w, ST_OK);
	writer_bytes(&w, committee.node_key[SELF], 32);
	writer_bytes(&w, curve, sizeof(curve));
	if (talk_send(fd, hello, w.pos) != ST_OK || serve_new(&s, &cfg) != ST_OK)
		_exit(1);
	_exit(serve_run(s, fd) == ST_OK ? 0 : 2);
}

static struct pair start(const char *log, const char *memory)
{
	struct remote_keys keys;
	struct fault fault;
	struct pair p;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	if ((p.pid = fork()) == 0) {
		close(fd[0]);
		be_signer(fd[1], log, memory);
	}
	close(fd[1]);
	assert_int_equal(remote_over(&p.r, &keys, fd[0], &fault), ST_OK);
	assert_memory_equal(keys.sign_key, committee.node_key[SELF], 32);
	assert_memory_equal(keys.curve_secret, curve, 32);
	return p;
}

static void stop(struct pair *p)
{
	int status;

	remote_close(p->r);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Begun and open; the node's log is said to have been opened so often. */
static struct pair open_pair(const char *log, const char *memory, uint64_t node_instance,
                             struct remote_report *report, bool *known)
{
	struct pair p = start(log, memory);
	struct remote_past past;

	assert_int_equal(remote_begin(p.r, &past, &committee, SELF), ST_OK);
	*known = past.known;
	assert_int_equal(remote_open(p.r, report, true, node_instance), ST_OK);
	return p;
}

static struct pair new_pair(const char *name)
{
	struct remote_report report;
	struct pair p;
	char log[64], memory[64];
	bool known;

	(void)snprintf(log, sizeof(log), "%s.log", name);
	(void)snprintf(memory, sizeof(memory), "%s.memory", name);
	p = open_pair(scratch_path(log), scratch_path(memory), 1, &report, &known);
	assert_false(known);
	assert_false(report.older);
	assert_int_equal(report.log.found, WAL_SOUND);
	return p;
}

static struct vote make(enum vote_type type, uint64_t view, uint8_t block)
{
	struct vote v = { .type = type, .view = view, .signer = SELF };

	if (type != VOTE_NULLIFY)
		memset(v.block, block, sizeof(v.block));
	return v;
}

static enum status try(struct remote *r, enum vote_type type, uint64_t view, uint8_t block)
{
	struct vote v = make(type, view, block);
	enum status each = ST_INTERNAL;

	assert_int_equal(remote_sign(r, &v, &each, 1), ST_OK);
	if (each == ST_OK)
		assert_int_equal(vote_check(&v, &committee), ST_OK);
	else
		assert_true(mem_is_zero(v.sig, sizeof(v.sig)));
	return each;
}

/* --- votes ----------------------------------------------------------------------------------- */

static void it_signs_what_the_guard_allows_and_nothing_else(void **state)
{
	struct pair p = new_pair("guard");
	bool has;

	(void)state;
	assert_int_equal(try(p.r, VOTE_NOTARIZE, 4, 7), ST_OK);
	assert_int_equal(try(p.r, VOTE_NOTARIZE, 4, 7), ST_OK);
	assert_int_equal(try(p.r, VOTE_NOTARIZE, 4, 8), ST_CONFLICT);
	assert_int_equal(try(p.r, VOTE_FINALIZE, 4, 7), ST_OK);
	assert_int_equal(try(p.r, VOTE_NULLIFY, 4, 0), ST_CONFLICT);
	assert_int_equal(try(p.r, VOTE_FINALIZE, 5, 7), ST_ORDER);
	assert_int_equal(remote_has(p.r, &has, VOTE_FINALIZE, 4, make(VOTE_FINALIZE, 4, 7).block),
	                 ST_OK);
	assert_true(has);
	assert_int_equal(remote_has(p.r, &has, VOTE_FINALIZE, 4, make(VOTE_FINALIZE, 4, 8).block),
	                 ST_OK);
	assert_false(has);
	stop(&p);
}

static enum status take(void *ctx, const struct vote *v)
{
	struct vote **next = ctx;

	*(*next)++ = *v;
	return ST_OK;
}

static void many_votes_are_signed_and_replayed_in_pages(void **state)
{
	enum { MANY = 2 * TALK_VOTES_MAX + 3 };
	struct pair p = new_pair("many");
	struct vote *votes = calloc(MANY, sizeof(*votes)), *back = calloc(MANY, sizeof(*back));
	enum status *each = calloc(MANY, sizeof(*each));
	struct vote *next = back, other = make(VOTE_NULLIFY, 9999, 0);

	(void)state;
	assert_true(votes != NULL && back != NULL && each != NULL);
	for (size_t i = 0; i < MANY; i++)
		votes[i] = make(VOTE_NULLIFY, i + 1, 0);
	assert_int_equal(remote_sign(p.r, votes, each, MANY), ST_OK);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(each[i], ST_OK);
		if (i % 97 == 0)
			assert_int_equal(vote_check(&votes[i], &committee), ST_OK);
	}
	assert_int_equal(remote_replay(p.r, take, &next), ST_OK);
	assert_int_equal(next - back, MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_memory_equal(back[i].sig, votes[i].sig, 64);
	other.signer = SELF + 1;
	assert_int_equal(remote_sign(p.r, &other, each, 1), ST_ROLE);
	stop(&p);
	free(votes);
	free(back);
	free(each);
}

static void floor_and_amnesia_are_as_the_last_answer_said(void **state)
{
	struct pair p = new_pair("flags");

	(void)state;
	assert_int_equal(try(p.r, VOTE_NULLIFY, 5, 0), ST_OK);
	assert_int_equal(remote_floor(p.r), 0);
	assert_int_equal(remote_compact(p.r, 4), ST_OK);
	assert_int_equal(remote_floor(p.r), 4);
	assert_int_equal(try(p.r, VOTE_NULLIFY, 4, 0), ST_AMNESIA);
	assert_false(remote_has_amnesia(p.r));
	assert_false(remote_wants_compaction(p.r));
	assert_int_equal(remote_set_amnesia(p.r), ST_OK);
	assert_true(remote_has_amnesia(p.r));
	assert_int_equal(try(p.r, VOTE_NULLIFY, 50, 0), ST_AMNESIA);
	assert_int_equal(remote_guard(p.r, 60), ST_OK);
	assert_false(remote_has_amnesia(p.r));
	assert_int_equal(remote_floor(p.r), 60);
	assert_int_equal(try(p.r, VOTE_NULLIFY, 60, 0), ST_AMNESIA);
	assert_int_equal(try(p.r, VOTE_NULLIFY, 61, 0), ST_OK);
	stop(&p);
}

static void a_promise_is_signed_as_this_nodes_and_no_vote(void **state)
{
	struct pair p = new_pair("promise");
	struct promise promise = { .tx_id = { 5, 6 }, .time_min = 77 };
	uint8_t body[PROMISE_BODY_BYTES];
	struct message m = {
		.purpose = "promise", .group = committee.group,
		.election_id = committee.election_id, .body = body, .body_len = sizeof(body),
	};

	(void)state;
	assert_int_equal(remote_promise(p.r, &promise), ST_OK);
	assert_int_equal(promise.node, SELF);
	promise_body(body, &promise);
	assert_int_equal(sign_verify(committee.node_key[SELF], promise.sig, &m), ST_OK);
	m.purpose = "vote";
	assert_int_equal(sign_verify(committee.node_key[SELF], promise.sig, &m), ST_SIGNATURE);
	stop(&p);
}

/* Whatever the node brings, it is signed as brought by this node, and as nothing else. */
static void evidence_is_signed_as_brought_by_this_node(void **state)
{
	static uint8_t bytes[LIMIT_TX_BYTES], wire[LIMIT_TX_BYTES + 16];
	const struct report_party self = { .role = PARTY_NODE, .index = SELF };
	struct pair p = new_pair("evidence");
	struct message m = {
		.purpose = "evidence", .group = committee.group,
		.election_id = committee.election_id, .body = wire,
	};
	uint8_t sig[64];
	struct writer w;

	(void)state;
	for (size_t len = 0; len <= LIMIT_TX_BYTES; len += LIMIT_TX_BYTES / 2) {
		memset(bytes, 3, len);
		assert_int_equal(remote_evidence(p.r, sig, bytes, len), ST_OK);
		writer_init(&w, wire, sizeof(wire));
		tx_evidence_body(&w, &self, bytes, len);
		m.body_len = w.pos;
		m.purpose = "evidence";
		assert_int_equal(sign_verify(committee.node_key[SELF], sig, &m), ST_OK);
		m.purpose = "complaint";
		assert_int_equal(sign_verify(committee.node_key[SELF], sig, &m), ST_SIGNATURE);
		m.purpose = "vote";
		assert_int_equal(sign_verify(committee.node_key[SELF], sig, &m), ST_SIGNATURE);
	}
	stop(&p);
}

static void it_vouches_once_for_the_end_and_once_for_the_result(void **state)
{
	const char *log = scratch_path("vouch.log"), *memory = scratch_path("vouch.memory");
	struct cosignature end = { .head = COSIGNED_END, .time = 100, .size = 9, .root = { 1 } };
	struct cosignature result = { .head = COSIGNED_RESULT, .time = 50, .size = 12 };
	struct remote_report report;
	struct cosignature c;
	bool known;
	struct pair p = open_pair(log, memory, 1, &report, &known);

	(void)state;
	for (uint64_t round = 2; round < 5; round++) {
		c = end;
		c.time += round;
		assert_int_equal(remote_cosign(p.r, &c), ST_OK);
		assert_int_equal(c.node, SELF);
		assert_int_equal(c.time, 102);            /* the first is the only one */
		assert_int_equal(cosignature_check(&c, committee.election_id, checkpoint_key),
		                 ST_OK);
		c = end;
		c.root[31] ^= 1;
		assert_int_equal(remote_cosign(p.r, &c), ST_CONFLICT);
		c = end;
		c.size++;
		assert_int_equal(remote_cosign(p.r, &c), ST_CONFLICT);
		if (round == 3)                           /* it is kept where votes are forgotten */
			assert_int_equal(remote_compact(p.r, 1000), ST_OK);
		stop(&p);
		p = open_pair(log, memory, round, &report, &known);
	}
	assert_int_equal(remote_cosign(p.r, &result), ST_OK);
	result.time = UINT64_MAX;
	assert_int_equal(remote_cosign(p.r, &result), ST_OK);
	assert_int_equal(remote_set_amnesia(p.r), ST_OK);
	assert_int_equal(remote_cosign(p.r, &result), ST_AMNESIA);
	stop(&p);
	p = new_pair("vouch-time");
	assert_int_equal(remote_cosign(p.r, &(struct cosignature){ .head = COSIGNED_END,
	                                                           .time = UINT64_MAX }), ST_FORMAT);
	stop(&p);
}

/* --- what it remembers ----------------------------------------------------------------------- */

static void copy(const char *to, const char *from)
{
	uint8_t *bytes;
	size_t len;

	assert_int_equal(file_read(from, &bytes, &len, 1 << 20), ST_OK);
	assert_int_equal(file_write(to, bytes, len, FILE_REPLACE, FILE_PRIVATE), ST_OK);
	free(bytes);
}

/* Start, see whether it knows the election and what it thinks of its logs, stop. */
static bool starts_with_amnesia(uint64_t node_instance, bool want_known, bool want_older)
{
	struct remote_report report;
	struct pair p;
	bool known, amnesia;

	p = open_pair(scratch_path("memory.log"), scratch_path("memory"), node_instance, &report,
	              &known);
	assert_int_equal(known, want_known);
	assert_int_equal(report.older, want_older);
	amnesia = remote_has_amnesia(p.r);
	assert_int_equal(try(p.r, VOTE_NULLIFY, 1000 * node_instance, 0),
	                 amnesia ? ST_AMNESIA : ST_OK);
	stop(&p);
	return amnesia;
}

static void a_log_that_is_lost_or_older_is_told_from_a_first_start(void **state)
{
	const char *log = scratch_path("memory.log"), *memory = scratch_path("memory");
	const char *old = scratch_path("old.log");
	struct remote_report report;
	struct pair p;
	bool known;

	(void)state;
	assert_false(starts_with_amnesia(1, false, false));
	assert_false(starts_with_amnesia(2, true, false));
	copy(old, log);
	assert_false(starts_with_amnesia(3, true, false));
	copy(log, old);                                   /* an older copy of the votes */
	assert_true(starts_with_amnesia(4, true, true));
	assert_true(starts_with_amnesia(5, true, false)); /* it lasts */
	p = open_pair(log, memory, 6, &report, &known);
	assert_int_equal(remote_guard(p.r, 9000), ST_OK);
	stop(&p);
	assert_false(starts_with_amnesia(10, true, false));
	assert_true(starts_with_amnesia(10, true, true)); /* an older copy of the node's log */
	p = open_pair(log, memory, 11, &report, &known);
	assert_int_equal(remote_guard(p.r, 10000), ST_OK);
	stop(&p);
	assert_int_equal(unlink(log), 0);                 /* lost */
	p = open_pair(log, memory, 12, &report, &known);
	assert_true(known);
	assert_int_equal(report.log.found, WAL_MISSING);
	assert_true(remote_has_amnesia(p.r));
	stop(&p);
}

static void a_memory_that_cannot_be_read_stops_it(void **state)
{
	const char *memory = scratch_path("broken.memory"), *log = scratch_path("broken.log");
	struct remote_past past;
	struct pair p;

	(void)state;
	assert_int_equal(file_write(memory, "what?\n", 6, FILE_NEW, FILE_PRIVATE), ST_OK);
	p = start(log, memory);
	assert_int_equal(remote_begin(p.r, &past, &committee, SELF), ST_FORMAT);
	stop(&p);
	assert_false(file_is_there(log));
}

static void the_memory_is_written_before_anything_is_signed(void **state)
{
	const char *log = scratch_path("first.log"), *memory = scratch_path("first.memory");
	struct remote_report report;
	struct memory m;
	struct pair p;
	bool known;

	(void)state;
	p = open_pair(log, memory, 7, &report, &known);
	assert_int_equal(memory_read(memory, committee.election_id, &known, &m), ST_OK);
	assert_true(known);
	assert_int_equal(m.votes, report.instance);
	assert_int_equal(m.node, 7);
	stop(&p);
}

/* --- requests that make no sense ------------------------------------------------------------- */

static enum status ask(struct serve *s, const uint8_t *bytes, size_t len)
{
	size_t out_len = 0;

	assert_int_equal(serve_answer(s, answer, &out_len, bytes, len), ST_OK);
	assert_true(out_len >= TALK_HEAD_BYTES);
	if (answer[0] != ST_OK)
		assert_int_equal(out_len, TALK_HEAD_BYTES);
	return (enum status)answer[0];
}

static size_t begin_request(const struct committee *c, uint8_t self, const char *suite)
{
	struct writer w;

	writer_init(&w, request, sizeof(request));
	writer_u8(&w, TALK_BEGIN);
	writer_bytes(&w, c->election_id, 32);
	writer_vec8(&w, suite, strlen(suite));
	writer_u8(&w, (uint8_t)c->n);
	writer_u8(&w, self);
	for (unsigned int i = 0; i < c->n; i++)
		writer_bytes(&w, c->node_key[i], 32);
	return w.pos;
}

static struct serve *new_serve(const char *log, const char *memory)
{
	const struct serve_config cfg = { .secret = &secret[SELF], .checkpoint = &checkpoint,
	                                  .log = log, .memory = memory };
	struct serve *s;

	assert_int_equal(serve_new(&s, &cfg), ST_OK);
	return s;
}

static void it_signs_for_its_own_place_in_one_election(void **state)
{
	struct serve *s = new_serve(scratch_path("own.log"), scratch_path("own.memory"));
	struct committee c = committee;
	size_t len;

	(void)state;
	len = begin_request(&c, SELF + 1, "ristretto255");
	assert_int_equal(ask(s, request, len), ST_KEY);
	len = begin_request(&c, NODES, "ristretto255");
	assert_int_equal(ask(s, request, len), ST_LIMIT);
	len = begin_request(&c, SELF, "ristretto256");
	assert_int_equal(ask(s, request, len), ST_FORMAT);
	c.n = 0;
	len = begin_request(&c, 0, "ristretto255");
	assert_int_equal(ask(s, request, len), ST_LIMIT);
	len = begin_request(&committee, SELF, "ristretto255");
	for (size_t i = 0; i < len; i++)
		assert_int_not_equal(ask(s, request, i), ST_OK);
	assert_int_not_equal(ask(s, request, len + 1), ST_OK);
	assert_int_equal(ask(s, request, len), ST_OK);
	c = committee;
	c.election_id[0] ^= 1;
	len = begin_request(&c, SELF, "ristretto255");
	assert_int_equal(ask(s, request, len), ST_ORDER);   /* no second election */
	serve_free(s);
}

static void nothing_is_answered_out_of_turn(void **state)
{
	struct serve *s = new_serve(scratch_path("turn.log"), scratch_path("turn.memory"));
	const uint8_t open[10] = { TALK_OPEN, 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	size_t len;

	(void)state;
	for (unsigned int kind = 0; kind < 256; kind++) {
		const uint8_t bytes[1] = { (uint8_t)kind };

		if (kind != TALK_BEGIN && kind != TALK_OPEN)
			assert_int_equal(ask(s, bytes, 1), ST_ORDER);
	}
	assert_int_equal(ask(s, open, sizeof(open)), ST_ORDER);
	len = begin_request(&committee, SELF, "ristretto255");
	assert_int_equal(ask(s, request, len), ST_OK);
	assert_int_equal(ask(s, open, sizeof(open)), ST_OK);
	assert_int_equal(ask(s, open, sizeof(open)), ST_ORDER);
	for (unsigned int kind = 0; kind < 256; kind++) {
		const uint8_t bytes[1] = { (uint8_t)kind };
		bool known = kind >= TALK_BEGIN && kind <= TALK_EVIDENCE;

		if (!known)
			assert_int_equal(ask(s, bytes, 1), ST_FORMAT);
		else if (kind != TALK_AMNESIA)
			assert_int_not_equal(ask(s, bytes, 1), ST_OK);
	}
	assert_int_equal(ask(s, NULL, 0), ST_FORMAT);
	serve_free(s);
}

static void a_request_that_is_cut_or_too_long_changes_nothing(void **state)
{
	static const uint8_t VOTES[] = { TALK_SIGN, 0, 1, VOTE_NULLIFY, 0, 0, 0, 0, 0, 0, 0, 9 };
	struct serve *s = new_serve(scratch_path("cut.log"), scratch_path("cut.memory"));
	const uint8_t open[10] = { TALK_OPEN, 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	const size_t whole = 3 + VOTE_BODY_BYTES;
	size_t len = begin_request(&committee, SELF, "ristretto255");

	(void)state;
	assert_int_equal(ask(s, request, len), ST_OK);
	assert_int_equal(ask(s, open, sizeof(open)), ST_OK);
	memset(request, 0, whole + 1);
	memcpy(request, VOTES, sizeof(VOTES));
	for (size_t i = 0; i < whole; i++)
		assert_int_not_equal(ask(s, request, i), ST_OK);
	assert_int_not_equal(ask(s, request, whole + 1), ST_OK);
	request[3] = 4;                                   /* no kind of vote */
	assert_int_equal(ask(s, request, whole), ST_FORMAT);
	request[3] = VOTE_NULLIFY;
	request[11] = 0;                                  /* no view */
	assert_int_equal(ask(s, request, whole), ST_FORMAT);
	request[1] = 2;
	request[2] = 1;                                   /* more votes than fit a frame */
	assert_int_equal(ask(s, request, whole), ST_LIMIT);
	memcpy(request, VOTES, sizeof(VOTES));
	assert_int_equal(ask(s, request, whole), ST_OK);
	assert_int_equal(answer[TALK_HEAD_BYTES], ST_OK);
	serve_free(s);
}

/* --- its death ------------------------------------------------------------------------------- */

static void when_it_dies_nothing_is_signed_any_more(void **state)
{
	struct pair p = new_pair("dies");
	struct vote v = make(VOTE_NULLIFY, 3, 0);
	struct promise promise = { .time_min = 1 };
	enum status each = ST_OK;
	bool has;
	int status;

	(void)state;
	assert_false(remote_is_gone(p.r));
	assert_int_equal(try(p.r, VOTE_NULLIFY, 2, 0), ST_OK);
	assert_int_equal(kill(p.pid, SIGKILL), 0);
	assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
	assert_true(remote_is_gone(p.r));
	memset(v.sig, 0xee, sizeof(v.sig));
	assert_int_equal(remote_sign(p.r, &v, &each, 1), ST_IO);
	assert_int_equal(each, ST_IO);
	assert_true(mem_is_zero(v.sig, sizeof(v.sig)));
	assert_int_equal(remote_promise(p.r, &promise), ST_IO);
	assert_int_equal(remote_has(p.r, &has, VOTE_NULLIFY, 2, v.block), ST_IO);
	assert_int_equal(remote_guard(p.r, 5), ST_IO);
	assert_string_equal(remote_how(p.r), "does not answer");
	remote_close(p.r);
}

static void one_that_is_silent_is_as_good_as_dead(void **state)
{
	const struct timeval soon = { .tv_usec = 50000 };
	struct pair p = new_pair("silent");
	struct vote v = make(VOTE_NULLIFY, 3, 0);
	enum status each;
	int status;

	(void)state;
	assert_int_equal(setsockopt(remote_fd(p.r), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)),
	                 0);
	assert_int_equal(kill(p.pid, SIGSTOP), 0);
	assert_int_equal(remote_sign(p.r, &v, &each, 1), ST_IO);
	assert_true(remote_is_gone(p.r));
	assert_int_equal(kill(p.pid, SIGCONT), 0);
	/* Its answer comes too late: it must not be taken for that to another question. */
	assert_int_equal(remote_sign(p.r, &v, &each, 1), ST_IO);
	remote_close(p.r);
	assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
}

static void two_signers_never_have_one_log(void **state)
{
	const char *log = scratch_path("two.log"), *memory = scratch_path("two.memory");
	struct remote_report report;
	struct signer *other;
	struct wal_report found;
	struct pair p;
	bool known;

	(void)state;
	p = open_pair(log, memory, 1, &report, &known);
	assert_int_equal(signer_open(&other, &found, log, &secret[SELF], &committee, SELF),
	                 ST_AGAIN);
	stop(&p);
	assert_int_equal(signer_open(&other, &found, log, &secret[SELF], &committee, SELF), ST_OK);
	signer_close(other);
}

/* What another program, or another version, says first. */
static enum status hear(const void *bytes, size_t len)
{
	struct remote_keys keys;
	struct fault fault;
	struct remote *r;
	enum status st;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	if (len > 0)
		assert_int_equal(talk_send(fd[1], bytes, len), ST_OK);
	close(fd[1]);
	st = remote_over(&r, &keys, fd[0], &fault);
	assert_null(r);
	assert_true(fault.what[0] != '\0');
	return st;
}

static void who_is_no_signer_of_this_version_is_refused(void **state)
{
	uint8_t hello[TALK_HELLO_BYTES + 1 + 64] = TALK_HELLO;
	static const char SAYS[] = "\0\3eye\0\3why\0\0";

	(void)state;
	assert_int_equal(hear(NULL, 0), ST_IO);
	for (size_t i = 1; i < sizeof(hello); i++)
		assert_int_equal(hear(hello, i), ST_FORMAT);
	hello[0] ^= 1;
	assert_int_equal(hear(hello, sizeof(hello)), ST_FORMAT);
	hello[0] ^= 1;
	hello[TALK_HELLO_BYTES] = ST_COUNT;
	assert_int_equal(hear(hello, sizeof(hello)), ST_FORMAT);
	hello[TALK_HELLO_BYTES] = ST_SEAL;
	memcpy(hello + TALK_HELLO_BYTES + 1, SAYS, sizeof(SAYS) - 1);
	assert_int_equal(hear(hello, TALK_HELLO_BYTES + sizeof(SAYS)), ST_SEAL);
}

/* --- frames ---------------------------------------------------------------------------------- */

static void a_frame_comes_whole_or_not_at_all(void **state)
{
	uint8_t small[8] = { 0 };
	size_t len;
	int fd[2];

	(void)state;
	assert_int_equal(talk_send(0, small, 0), ST_LIMIT);
	assert_int_equal(talk_send(0, request, TALK_BYTES_MAX + 1), ST_LIMIT);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(talk_send(fd[0], "12345678", 8), ST_OK);
	assert_int_equal(talk_receive(fd[1], small, sizeof(small), &len), ST_OK);
	assert_int_equal(len, 8);
	assert_int_equal(talk_send(fd[0], "123456789", 9), ST_OK);
	assert_int_equal(talk_receive(fd[1], small, sizeof(small), &len), ST_LIMIT);
	close(fd[0]);
	close(fd[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(write(fd[0], "\0\0\0\0", 4), 4);
	assert_int_equal(talk_receive(fd[1], small, sizeof(small), &len), ST_FORMAT);
	assert_int_equal(write(fd[0], "\0\0\0\5abc", 7), 7);
	close(fd[0]);
	assert_int_equal(talk_receive(fd[1], small, sizeof(small), &len), ST_IO);
	assert_int_equal(talk_receive(fd[1], small, sizeof(small), &len), ST_NOT_FOUND);
	close(fd[1]);
}

/* --- main ------------------------------------------------------------------------------------ */

static int begin(void **state)
{
	uint8_t keys[NODES][32], election[32];

	(void)state;
	if (crypto_init() != ST_OK)
		return 1;
	prng_seed(&random_bytes, "test_signer_serve");
	for (size_t i = 0; i < NODES; i++)
		sign_keygen(&secret[i], keys[i]);
	sign_keygen(&checkpoint, checkpoint_key);
	prng_bytes(&random_bytes, election, sizeof(election));
	return committee_init(&committee, NODES, election, group_ristretto255(),
	                      (const uint8_t (*)[32])keys) != ST_OK;
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
		cmocka_unit_test(it_signs_what_the_guard_allows_and_nothing_else),
		cmocka_unit_test(many_votes_are_signed_and_replayed_in_pages),
		cmocka_unit_test(floor_and_amnesia_are_as_the_last_answer_said),
		cmocka_unit_test(a_promise_is_signed_as_this_nodes_and_no_vote),
		cmocka_unit_test(evidence_is_signed_as_brought_by_this_node),
		cmocka_unit_test(it_vouches_once_for_the_end_and_once_for_the_result),
		cmocka_unit_test(a_log_that_is_lost_or_older_is_told_from_a_first_start),
		cmocka_unit_test(a_memory_that_cannot_be_read_stops_it),
		cmocka_unit_test(the_memory_is_written_before_anything_is_signed),
		cmocka_unit_test(it_signs_for_its_own_place_in_one_election),
		cmocka_unit_test(nothing_is_answered_out_of_turn),
		cmocka_unit_test(a_request_that_is_cut_or_too_long_changes_nothing),
		cmocka_unit_test(when_it_dies_nothing_is_signed_any_more),
		cmocka_unit_test(one_that_is_silent_is_as_good_as_dead),
		cmocka_unit_test(two_signers_never_have_one_log),
		cmocka_unit_test(who_is_no_signer_of_this_version_is_refused),
		cmocka_unit_test(a_frame_comes_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

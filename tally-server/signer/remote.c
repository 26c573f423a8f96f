/*
 * remote.c: see remote.h.
 *
 * Invariant: one request is under way at a time, and its answer is read before the next.
 */
#include "tally-server/signer/remote.h"

#include "common/base/alloc.h"
#include "crypto/mem.h"
#include "tally-server/signer/remote_impl.h"
#include "tally-server/signer/talk.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { END_WAIT_MS = 5000, SUBJECT_BYTES = VOTE_BODY_BYTES };

struct remote {
	int fd;
	pid_t pid;                        /* 0: no process of ours */
	bool failed;
	uint8_t self;
	uint8_t flags;
	uint64_t floor;
	bool ended;                       /* waited for */
	char how[64];
	uint8_t *frame;                   /* TALK_BYTES_MAX */
};

/* --- coming and going ------------------------------------------------------------------------ */

static enum status read_fault(struct reader *r, struct fault *fault, enum status st)
{
	char text[3][FAULT_TEXT_BYTES] = { { 0 } };
	const uint8_t *bytes;
	size_t len;

	for (unsigned int i = 0; i < 3; i++) {
		if (reader_vec16(r, &bytes, &len, FAULT_TEXT_BYTES - 1) != ST_OK)
			return fault_set(fault, ST_FORMAT, "the signer speaks another language");
		if (len > 0)
			memcpy(text[i], bytes, len);
	}
	(void)fault_set(fault, st, "%s", text[0]);
	if (text[1][0] != '\0')
		fault_why(fault, "%s", text[1]);
	if (text[2][0] != '\0')
		fault_next(fault, "%s", text[2]);
	return st;
}

/* The signer speaks first: when the passphrase was typed, which may take a person's time. */
static enum status read_hello(struct remote *r, struct remote_keys *keys, struct fault *fault)
{
	const uint8_t *hello;
	struct reader in;
	uint8_t status;
	size_t len;
	enum status st = talk_receive(r->fd, r->frame, TALK_BYTES_MAX, &len);

	if (st != ST_OK) {
		r->failed = true;
		st = fault_set(fault, ST_IO, "the signer does not start: it %s", remote_how(r));
		fault_why(fault, "It holds this node's key, in a process of its own.");
		fault_next(fault, "tally-signer must stand in the same folder as tally-server.");
		return st;
	}
	reader_init(&in, r->frame, len);
	st = ST_FORMAT;
	if (reader_view(&in, &hello, TALK_HELLO_BYTES) == ST_OK &&
	    memcmp(hello, TALK_HELLO, TALK_HELLO_BYTES) == 0 &&
	    reader_u8(&in, &status) == ST_OK && status < ST_COUNT) {
		if (status != ST_OK)
			return read_fault(&in, fault, (enum status)status);
		if (reader_bytes(&in, keys->sign_key, sizeof(keys->sign_key)) == ST_OK &&
		    reader_bytes(&in, keys->curve_secret, sizeof(keys->curve_secret)) == ST_OK)
			st = reader_end(&in);
	}
	mem_wipe(r->frame, len);
	return st == ST_OK ? ST_OK
	                   : fault_set(fault, st, "the signer is of another version than this node");
}

/* From now on an answer is due within REMOTE_WAIT_MS. */
static enum status set_patience(struct remote *r)
{
	struct timeval t = { .tv_sec = REMOTE_WAIT_MS / 1000 };

	return setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) == 0 &&
	       setsockopt(r->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) == 0 ? ST_OK : ST_IO;
}

enum status remote_with(struct remote **out, struct remote_keys *keys, int fd, pid_t pid,
                        struct fault *fault)
{
	struct remote *r = alloc_zero(1, sizeof(*r));
	enum status st;

	*out = NULL;
	if (r == NULL) {
		close(fd);
		return fault_set(fault, ST_NO_MEMORY, "no memory to start with");
	}
	r->fd = fd;
	r->pid = pid;
	r->frame = malloc(TALK_BYTES_MAX);
	st = r->frame == NULL ? fault_set(fault, ST_NO_MEMORY, "no memory to start with")
	                      : read_hello(r, keys, fault);
	if (st == ST_OK && (st = set_patience(r)) != ST_OK)
		(void)fault_set(fault, st, "the signer's socket cannot be set up");
	if (st == ST_OK)
		*out = r;
	else
		remote_close(r);
	return st;
}

enum status remote_over(struct remote **out, struct remote_keys *keys, int fd, struct fault *fault)
{
	return remote_with(out, keys, fd, 0, fault);
}

static void note_end(struct remote *r, int status)
{
	r->ended = true;
	if (WIFSIGNALED(status))
		(void)snprintf(r->how, sizeof(r->how), "was killed by signal %d",
		               WTERMSIG(status));
	else
		(void)snprintf(r->how, sizeof(r->how), "ended with code %d", WEXITSTATUS(status));
}

/* Wait for the process; after wait_ms it is killed. */
static void reap(struct remote *r, int wait_ms)
{
	int status = 0;

	for (int waited = 0; r->pid > 0 && !r->ended; waited += 10) {
		if (waitpid(r->pid, &status, WNOHANG) == r->pid) {
			note_end(r, status);
			return;
		}
		if (waited >= wait_ms)
			(void)kill(r->pid, SIGKILL);
		(void)poll(NULL, 0, 10);
	}
}

void remote_close(struct remote *r)
{
	if (r == NULL)
		return;
	(void)close(r->fd);
	reap(r, END_WAIT_MS);
	free(r->frame);
	free(r);
}

int remote_fd(const struct remote *r)
{
	return r->fd;
}

/* Nothing is ever sent unasked: what can be read now is the end. */
bool remote_is_gone(struct remote *r)
{
	uint8_t byte;

	if (!r->failed && recv(r->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
		r->failed = true;
	return r->failed;
}

const char *remote_how(struct remote *r)
{
	if (!r->ended && r->pid > 0)
		reap(r, 1000);
	return r->how[0] != '\0' ? r->how : "does not answer";
}

enum status remote_fault(struct remote *r, struct fault *fault)
{
	(void)fault_set(fault, ST_IO, "the signer %s, and the node stopped", remote_how(r));
	fault_why(fault, "It alone holds this node's key: nothing can be voted or promised without "
	          "it.");
	fault_next(fault, "Start the node again.  If it happens again, look for its line in the log, "
	           "for a full disk, and for who kills processes here.");
	return ST_IO;
}

/* --- asking ---------------------------------------------------------------------------------- */

static struct writer request(struct remote *r, enum talk_kind kind)
{
	struct writer w;

	writer_init(&w, r->frame, TALK_BYTES_MAX);
	writer_u8(&w, (uint8_t)kind);
	return w;
}

static enum status lose(struct remote *r)
{
	r->failed = true;
	return ST_IO;
}

/* Send what stands in w, read the answer; *body is what follows its head, borrowed. */
static enum status ask(struct remote *r, const struct writer *w, struct reader *body)
{
	uint8_t status;
	size_t len;

	if (r->failed)
		return ST_IO;
	if (w->failed)
		return ST_LIMIT;
	if (talk_send(r->fd, r->frame, w->pos) != ST_OK ||
	    talk_receive(r->fd, r->frame, TALK_BYTES_MAX, &len) != ST_OK)
		return lose(r);
	reader_init(body, r->frame, len);
	if (reader_u8(body, &status) != ST_OK || reader_u8(body, &r->flags) != ST_OK ||
	    reader_u64(body, &r->floor) != ST_OK || status >= ST_COUNT)
		return lose(r);
	return (enum status)status;
}

/* An answer that is not what was asked for is no answer. */
static enum status settle(struct remote *r, enum status st)
{
	return st == ST_OK ? ST_OK : lose(r);
}

static enum status ask_plain(struct remote *r, const struct writer *w)
{
	struct reader body;
	enum status st = ask(r, w, &body);

	return st == ST_OK ? settle(r, reader_end(&body)) : st;
}

enum status remote_begin(struct remote *r, struct remote_past *past, const struct committee *c,
                         uint8_t self)
{
	struct writer w = request(r, TALK_BEGIN);
	struct reader body;
	uint8_t answer;
	enum status st;

	writer_bytes(&w, c->election_id, sizeof(c->election_id));
	writer_vec8(&w, group_name(c->group), strlen(group_name(c->group)));
	writer_u8(&w, (uint8_t)c->n);
	writer_u8(&w, self);
	for (unsigned int i = 0; i < c->n; i++)
		writer_bytes(&w, c->node_key[i], sizeof(c->node_key[i]));
	if ((st = ask(r, &w, &body)) != ST_OK)
		return st;
	if (reader_u8(&body, &answer) != ST_OK ||
	    reader_u64(&body, &past->node_instance) != ST_OK ||
	    reader_end(&body) != ST_OK || answer > 1)
		return lose(r);
	past->known = answer == 1;
	r->self = self;
	return ST_OK;
}

enum status remote_open(struct remote *r, struct remote_report *out, bool create,
                        uint64_t node_instance)
{
	struct writer w = request(r, TALK_OPEN);
	struct reader b;
	const uint8_t *aside;
	uint8_t found, older;
	size_t len;
	enum status st;

	memset(out, 0, sizeof(*out));
	writer_u8(&w, create);
	writer_u64(&w, node_instance);
	if ((st = ask(r, &w, &b)) != ST_OK)
		return st;
	if (reader_u8(&b, &found) != ST_OK || reader_u64(&b, &out->log.records) != ST_OK ||
	    reader_u64(&b, &out->log.cut_bytes) != ST_OK ||
	    reader_u64(&b, &out->log.damage_at) != ST_OK ||
	    reader_vec16(&b, &aside, &len, LIMIT_PATH_BYTES - 1) != ST_OK ||
	    reader_u64(&b, &out->instance) != ST_OK || reader_u8(&b, &older) != ST_OK ||
	    reader_end(&b) != ST_OK || found > WAL_DAMAGED || older > 1)
		return lose(r);
	out->log.found = (enum wal_found)found;
	if (len > 0)
		memcpy(out->log.aside, aside, len);
	out->older = older == 1;
	return ST_OK;
}

/* --- votes ----------------------------------------------------------------------------------- */

static void write_subject(struct writer *w, enum vote_type type, uint64_t view,
                          const uint8_t block[static 32])
{
	uint8_t body[VOTE_BODY_BYTES];

	vote_body(body, type, view, block);
	writer_bytes(w, body, sizeof(body));
}

static enum status sign_some(struct remote *r, struct vote *votes, enum status *each, size_t count)
{
	struct writer w = request(r, TALK_SIGN);
	struct reader b;
	uint8_t status;
	enum status st;

	writer_u16(&w, (uint16_t)count);
	for (size_t i = 0; i < count; i++)
		write_subject(&w, votes[i].type, votes[i].view, votes[i].block);
	if ((st = ask(r, &w, &b)) != ST_OK)
		return st;
	for (size_t i = 0; i < count; i++) {
		if (reader_u8(&b, &status) != ST_OK || status >= ST_COUNT ||
		    reader_bytes(&b, votes[i].sig, sizeof(votes[i].sig)) != ST_OK)
			return lose(r);
		each[i] = (enum status)status;
	}
	return settle(r, reader_end(&b));
}

enum status remote_sign(struct remote *r, struct vote *votes, enum status *each, size_t count)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < count; i++)
		if (votes[i].signer != r->self)
			return ST_ROLE;
	for (size_t done = 0; st == ST_OK && done < count; done += TALK_VOTES_MAX)
		st = sign_some(r, votes + done, each + done,
		               count - done < TALK_VOTES_MAX ? count - done : TALK_VOTES_MAX);
	for (size_t i = 0; st != ST_OK && i < count; i++) {
		mem_wipe(votes[i].sig, sizeof(votes[i].sig));
		each[i] = st;
	}
	return st;
}

/* One page.  Votes are copied out first: each may ask the signer something. */
static enum status replay_page(struct remote *r, uint32_t from, uint16_t *count, bool *more,
                               struct vote *votes)
{
	struct writer w = request(r, TALK_REPLAY);
	struct reader b;
	uint8_t again;
	enum status st;

	writer_u32(&w, from);
	if ((st = ask(r, &w, &b)) != ST_OK)
		return st;
	if (reader_u8(&b, &again) != ST_OK || again > 1 || reader_u16(&b, count) != ST_OK ||
	    *count > TALK_VOTES_MAX)
		return lose(r);
	for (unsigned int i = 0; i < *count; i++)
		if (vote_read(&b, &votes[i]) != ST_OK)
			return lose(r);
	*more = again == 1;
	return settle(r, reader_end(&b));
}

enum status remote_replay(struct remote *r, remote_vote_fn *each, void *ctx)
{
	struct vote *votes = alloc_zero(TALK_VOTES_MAX, sizeof(*votes));
	uint32_t from = 0;
	uint16_t count = 0;
	bool more = true;
	enum status st = votes == NULL ? ST_NO_MEMORY : ST_OK;

	while (st == ST_OK && more) {
		st = replay_page(r, from, &count, &more, votes);
		for (unsigned int i = 0; st == ST_OK && i < count; i++)
			st = each(ctx, &votes[i]);
		from += count;
	}
	free(votes);
	return st;
}

enum status remote_has(struct remote *r, bool *has, enum vote_type type, uint64_t view,
                       const uint8_t block[static 32])
{
	struct writer w = request(r, TALK_HAS);
	struct reader b;
	uint8_t answer;
	enum status st;

	write_subject(&w, type, view, block);
	if ((st = ask(r, &w, &b)) != ST_OK)
		return st;
	if (reader_u8(&b, &answer) != ST_OK || reader_end(&b) != ST_OK || answer > 1)
		return lose(r);
	*has = answer == 1;
	return ST_OK;
}

static enum status ask_number(struct remote *r, enum talk_kind kind, uint64_t view)
{
	struct writer w = request(r, kind);

	writer_u64(&w, view);
	return ask_plain(r, &w);
}

enum status remote_compact(struct remote *r, uint64_t final_view)
{
	return ask_number(r, TALK_COMPACT, final_view);
}

enum status remote_guard(struct remote *r, uint64_t above)
{
	return ask_number(r, TALK_GUARD, above);
}

enum status remote_set_amnesia(struct remote *r)
{
	struct writer w = request(r, TALK_AMNESIA);

	return ask_plain(r, &w);
}

bool remote_has_amnesia(const struct remote *r)
{
	return (r->flags & TALK_AMNESIA_FLAG) != 0;
}

bool remote_wants_compaction(const struct remote *r)
{
	return (r->flags & TALK_COMPACT_FLAG) != 0;
}

uint64_t remote_floor(const struct remote *r)
{
	return r->floor;
}

enum status remote_promise(struct remote *r, struct promise *p)
{
	struct writer w = request(r, TALK_PROMISE);
	struct reader b;
	enum status st;

	writer_bytes(&w, p->tx_id, sizeof(p->tx_id));
	writer_u64(&w, p->time_min);
	if ((st = ask(r, &w, &b)) != ST_OK)
		return st;
	p->node = r->self;
	if (reader_bytes(&b, p->sig, sizeof(p->sig)) != ST_OK)
		return lose(r);
	return settle(r, reader_end(&b));
}

enum status remote_cosign(struct remote *r, struct cosignature *c)
{
	struct writer w = request(r, TALK_COSIGN);
	struct reader b;
	enum status st;

	writer_u8(&w, (uint8_t)c->head);
	writer_u64(&w, c->time);
	writer_u64(&w, c->size);
	writer_bytes(&w, c->root, sizeof(c->root));
	if ((st = ask(r, &w, &b)) != ST_OK)
		return st;
	c->node = r->self;
	if (reader_u64(&b, &c->time) != ST_OK || reader_bytes(&b, c->sig, sizeof(c->sig)) != ST_OK)
		return lose(r);
	return settle(r, reader_end(&b));
}

enum status remote_evidence(struct remote *r, uint8_t sig[static TX_SIG_BYTES],
                            const uint8_t *evidence, size_t len)
{
	struct writer w = request(r, TALK_EVIDENCE);
	struct reader b;
	enum status st;

	writer_vec32(&w, evidence, len);
	if ((st = ask(r, &w, &b)) != ST_OK)
		return st;
	if (reader_bytes(&b, sig, TX_SIG_BYTES) != ST_OK)
		return lose(r);
	return settle(r, reader_end(&b));
}

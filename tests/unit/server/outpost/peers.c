/*
 * peers.c: the three nodes that the test plays, the kiosks, and what stands in place of common/net:
 * see outpost.h.
 */
#include "tests/unit/server/outpost/outpost_impl.h"

#include "common/base/clock.h"
#include "tally-server/consensus/wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what peers say -------------------------------------------------------------------------- */

static void say(uint8_t from, const struct writer *w)
{
	struct frame *f = &life.queue[(life.first + life.count) % QUEUE];

	outpost_must(!w->failed && life.count < QUEUE);
	life.count++;
	*f = (struct frame){ .from = from, .len = w->pos, .bytes = malloc(w->pos) };
	outpost_must(f->bytes != NULL);
	memcpy(f->bytes, w->buf, w->pos);
	f->bulk = w->buf[0] >= GOSSIP_TXS || wire_is_bulk((enum wire_kind)w->buf[0]);
}

static void peer_vote(struct vote *out, unsigned int node, enum vote_type type, uint64_t view)
{
	uint8_t body[VOTE_BODY_BYTES];
	struct message m;

	*out = (struct vote){ .type = type, .view = view, .signer = (uint8_t)node };
	if (type != VOTE_NULLIFY)
		memcpy(out->block, outpost_world()->view[view].block, 32);
	vote_body(body, type, view, out->block);
	vote_message(&m, &life.committee, body);
	sign_message(&life.o->town->node[node], out->sig, &m);
}

static void peers_vote(enum vote_type type, uint64_t view)
{
	uint8_t buf[256];
	struct writer w;
	struct vote v;

	for (uint8_t node = 1; node < NODES; node++) {
		peer_vote(&v, node, type, view);
		writer_init(&w, buf, sizeof(buf));
		wire_kind_write(&w, WIRE_VOTE);
		writer_u8(&w, 1);
		vote_write(&w, &v);
		say(node, &w);
	}
}

static void peers_certificate(struct certificate *out, enum vote_type type, uint64_t view)
{
	struct vote v;

	*out = (struct certificate){ .type = type, .view = view, .signers = 0xe };
	for (uint8_t node = 1; node < NODES; node++) {
		peer_vote(&v, node, type, view);
		memcpy(out->sig[node - 1], v.sig, sizeof(v.sig));
	}
	memcpy(out->block, v.block, sizeof(out->block));
}

static uint64_t final_view(void)
{
	const struct outpost_world *o = outpost_world();

	return o->blocks == 0 ? 0 : o->block[o->blocks - 1].header.view;
}

/* Everything that proves where the peers are: the newest F, and U of each view since. */
static void say_certificates(void)
{
	uint8_t buf[1 << 16];
	struct certificate c;
	struct writer w;
	unsigned int count = 0;
	uint64_t v = final_view();
	size_t at;

	writer_init(&w, buf, sizeof(buf));
	wire_kind_write(&w, WIRE_CERT);
	at = wire_count_begin(&w, 1);
	if (v > 0) {
		peers_certificate(&c, VOTE_FINALIZE, v);
		certificate_write(&w, &c);
		count++;
	}
	for (v = (v == 0 ? outpost_first_view() : v) + 1; v < outpost_world()->cur && count < 60; v++) {
		if (!outpost_world()->view[v].nullified)
			continue;
		peers_certificate(&c, VOTE_NULLIFY, v);
		certificate_write(&w, &c);
		count++;
	}
	wire_count_set(&w, at, 1, count);
	if (count > 0)
		say(1, &w);
}

static void say_status(void)
{
	const struct outpost_world *o = outpost_world();
	const struct town *t = life.o->town;
	uint64_t height = o->blocks == 0 ? t->block[t->blocks - 1].header.height
	                                 : o->block[o->blocks - 1].header.height;
	uint64_t before = outpost_world()->cur - 1;
	uint8_t buf[4096];
	struct certificate c;
	struct writer w;

	for (uint8_t node = 1; node < NODES; node++) {
		unsigned int count = 0;
		size_t at;

		writer_init(&w, buf, sizeof(buf));
		wire_status_write(&w, outpost_world()->cur, height);
		at = wire_count_begin(&w, 1);
		if (final_view() > 0) {
			peers_certificate(&c, VOTE_FINALIZE, final_view());
			certificate_write(&w, &c);
			count++;
		}
		if (before > final_view() && outpost_world()->view[before].nullified) {
			peers_certificate(&c, VOTE_NULLIFY, before);
			certificate_write(&w, &c);
			count++;
		}
		wire_count_set(&w, at, 1, count);
		say(node, &w);
	}
}

static void say_blocks(uint64_t height)
{
	const struct outpost_world *o = outpost_world();
	uint8_t *buf = malloc(LIMIT_FRAME_BULK);
	struct certificate c;
	struct writer w;
	unsigned int count = 0;
	size_t at;

	outpost_must(buf != NULL);
	writer_init(&w, buf, LIMIT_FRAME_BULK);
	if (o->blocks == 0 || o->block[o->blocks - 1].header.height <= height) {
		free(buf);
		return;
	}
	peers_certificate(&c, VOTE_FINALIZE, final_view());
	wire_sync_write(&w, &c);
	at = wire_count_begin(&w, 2);
	for (size_t i = 0; i < o->blocks; i++) {
		if (o->block[i].header.height <= height)
			continue;
		wire_sync_block_write(&w, &o->block[i].header, o->bodies + o->block[i].body,
		                      o->block[i].body_len, true);
		count++;
	}
	wire_count_set(&w, at, 2, count);
	say(2, &w);
	free(buf);
}

/* --- what peers do --------------------------------------------------------------------------- */

static void nullify(uint64_t view)
{
	outpost_world()->view[view].nullified = true;
	peers_vote(VOTE_NULLIFY, view);
}

static void move_on(void)
{
	outpost_world()->cur++;
	life.entered_ms = clock_mono_ms();
	outpost_must(outpost_world()->cur < VIEWS - 1);
}

static bool all_cast(void)
{
	for (unsigned int i = 0; i < outpost_world()->wanted; i++)
		if (!outpost_world()->receipted[i])
			return false;
	return true;
}

/* They pass over what they lead themselves, and over a leader that says nothing. */
static void peers_look(void)
{
	while (committee_leader(&life.committee, outpost_world()->cur) != SELF) {
		nullify(outpost_world()->cur);
		move_on();
	}
	if (!all_cast() && clock_mono_ms() > life.entered_ms + PATIENCE_MS) {
		nullify(outpost_world()->cur);
		move_on();
		say_certificates();
	}
}

static void keep_block(const struct wire_proposal *p, const uint8_t *id)
{
	struct outpost_world *o = outpost_world();
	struct peer_block *b = &o->block[o->blocks++];

	outpost_must(o->blocks < BLOCKS && p->body_len <= BODIES - o->bodies_len);
	b->header = p->header;
	memcpy(b->id, id, 32);
	b->body = o->bodies_len;
	b->body_len = p->body_len;
	if (p->body_len > 0)
		memcpy(o->bodies + o->bodies_len, p->body, p->body_len);
	o->bodies_len += p->body_len;
}

/* A proposal of node 0: taken if it is of their view and on their last block. */
static void hear_proposal(struct reader *r)
{
	struct outpost_world *o = outpost_world();
	struct wire_proposal p;
	uint8_t id[32];

	outpost_must(wire_proposal_read(r, &p) == ST_OK);
	block_id(id, &p.header);
	outpost_must(p.header.view < VIEWS);
	if (p.header.view == o->cur && (o->blocks == 0 ||
	    memcmp(p.header.parent, o->block[o->blocks - 1].id, 32) == 0)) {
		struct peer_view *v = &o->view[o->cur];

		memcpy(v->block, id, 32);
		v->notarized = true;
		keep_block(&p, id);
		move_on();
	}
	if (o->view[p.header.view].notarized &&
	    memcmp(o->view[p.header.view].block, id, 32) == 0) {
		peers_vote(VOTE_NOTARIZE, p.header.view);
		peers_vote(VOTE_FINALIZE, p.header.view);
	} else {
		say_certificates();
	}
}

static void hear_votes(struct reader *r)
{
	struct wire_votes votes;
	struct vote v;

	outpost_must(wire_votes_read(r, &votes) == ST_OK);
	while (wire_next_vote(&votes.votes, &v)) {
		if (v.view >= outpost_world()->cur)
			continue;
		if (outpost_world()->view[v.view].notarized) {
			peers_vote(VOTE_NOTARIZE, v.view);
			peers_vote(VOTE_FINALIZE, v.view);
		}
		if (outpost_world()->view[v.view].nullified)
			peers_vote(VOTE_NULLIFY, v.view);
	}
}

static void hear_block_request(struct reader *r)
{
	const struct outpost_world *o = outpost_world();
	uint8_t buf[1 << 17], id[32];
	struct writer w;

	outpost_must(wire_block_req_read(r, id) == ST_OK);
	for (size_t i = 0; i < o->blocks; i++)
		if (memcmp(o->block[i].id, id, 32) == 0) {
			writer_init(&w, buf, sizeof(buf));
			wire_block_resp_write(&w, &o->block[i].header,
			                      o->bodies + o->block[i].body,
			                      o->block[i].body_len);
			say(3, &w);
		}
}

static void keep_frame(const uint8_t *bytes, size_t len)
{
	struct outpost_world *o = outpost_world();

	for (size_t i = 0; i < o->frames; i++)
		if (o->frame_len[i] == len && memcmp(o->frame[i], bytes, len) == 0)
			return;
	outpost_must(o->frames < FRAMES && len <= FRAME_BYTES);
	memcpy(o->frame[o->frames], bytes, len);
	o->frame_len[o->frames++] = len;
}

static void hear(const uint8_t *bytes, size_t len)
{
	struct wire_sync_req sync;
	enum wire_kind kind;
	struct reader r;

	if (bytes[0] >= GOSSIP_TXS) {
		if (bytes[0] == GOSSIP_TXS)
			keep_frame(bytes, len);
		return;
	}
	reader_init(&r, bytes, len);
	outpost_must(wire_kind_read(&r, &kind) == ST_OK);
	switch (kind) {
	case WIRE_PROPOSAL:
		hear_proposal(&r);
		break;
	case WIRE_VOTE:
		hear_votes(&r);
		break;
	case WIRE_SYNC_REQ:
		outpost_must(wire_sync_req_read(&r, &sync) == ST_OK);
		say_blocks(sync.height);
		break;
	case WIRE_BLOCK_REQ:
		hear_block_request(&r);
		break;
	case WIRE_STATUS:
		say_status();
		break;
	case WIRE_CERT_REQ:
		say_certificates();
		break;
	case WIRE_CERT:
	case WIRE_BLOCK_RESP:
	case WIRE_SYNC_RESP:
		break;
	}
}

/* --- in place of common/net ------------------------------------------------------------------- */

enum status link_public(uint8_t public[static LINK_KEY_BYTES],
                        const uint8_t secret[static LINK_KEY_BYTES])
{
	memcpy(public, secret, LINK_KEY_BYTES);   /* the test gives the public one for it */
	return ST_OK;
}

enum status link_open(struct link **out, struct fault *fault, const struct link_config *config)
{
	(void)fault;
	(void)config;
	*out = (struct link *)&life;
	return ST_OK;
}

void link_close(struct link *l)
{
	(void)l;
}

enum status link_watch(struct link *l, int fd)
{
	(void)l;
	(void)fd;
	return ST_OK;
}

enum status link_kiosk_keys(struct link *l, const uint8_t *keys, size_t count)
{
	(void)l;
	(void)keys;
	(void)count;
	return ST_OK;
}

void link_wake(struct link *l)
{
	(void)l;
}

enum status link_send(struct link *l, uint32_t peer, enum link_lane lane, const void *bytes,
                      size_t len)
{
	(void)l;
	(void)lane;
	if (peer != SELF)
		hear(bytes, len);
	return ST_OK;
}

enum status link_broadcast(struct link *l, enum link_lane lane, const void *bytes, size_t len)
{
	(void)l;
	(void)lane;
	hear(bytes, len);
	return ST_OK;
}

/* --- kiosks ---------------------------------------------------------------------------------- */

static unsigned int next_ballot(void)
{
	unsigned int i = 0;

	while (i < outpost_world()->wanted && outpost_world()->receipted[i])
		i++;
	return i;
}

enum status link_reply(struct link *l, const struct link_token *token, const void *bytes,
                       size_t len)
{
	struct message_response r;
	unsigned int i = next_ballot();

	(void)l;
	(void)token;
	outpost_must(message_response_decode(&r, bytes, len) == ST_OK && i < outpost_world()->wanted);
	life.asked = false;
	life.ask_ms = clock_mono_ms() + 2;
	if (r.answer == ANSWER_OK && r.kind == MESSAGE_SUBMIT) {
		outpost_world()->promised[i] = true;
	} else if (r.answer == ANSWER_OK && r.kind == MESSAGE_RECEIPT) {
		struct receipt receipt;

		outpost_must(receipt_decode(&receipt, r.bytes, r.bytes_len) == ST_OK);
		outpost_must(receipt_check(&receipt, &life.committee) == ST_OK);
		outpost_world()->receipted[i] = true;
	}
	return ST_OK;
}

/* A kiosk casts one ballot after the other until it is promised, and asks for its receipt. */
static bool ask(struct link_event *ev)
{
	unsigned int i = next_ballot();
	struct message_request req = { .kind = MESSAGE_RECEIPT };
	size_t len;

	if (i == outpost_world()->wanted || life.asked || clock_mono_ms() < life.ask_ms)
		return false;
	if (!outpost_world()->promised[i]) {
		req.kind = MESSAGE_SUBMIT;
		req.tx = life.o->ballot[i].wire;
		req.tx_len = life.o->ballot[i].len;
	} else {
		req.tracker = life.o->tracker[i];
	}
	outpost_must(message_request_encode(&req, life.request, sizeof(life.request), &len) == ST_OK);
	*ev = (struct link_event){ .kind = LINK_KIOSK_REQUEST, .bytes = life.request,
	                           .len = len };
	memcpy(ev->key, life.node->curve_key, sizeof(ev->key));
	life.asked = true;
	return true;
}

/* --- the loop -------------------------------------------------------------------------------- */

/* What the node has in its store is final to whoever looks. */
static void look_at_store(void)
{
	const struct block_header *tip = branch_tip(life.node->branch);
	struct outpost_world *o = outpost_world();

	if (tip->height <= o->seen)
		return;
	for (uint64_t h = o->seen + 1; h <= tip->height; h++) {
		struct block_header header;

		outpost_must(h < BLOCKS && store_block(life.node->store, h, &header, NULL, NULL) == ST_OK);
		block_id(o->seen_id[h], &header);
	}
	o->seen = tip->height;
}

enum status link_poll(struct link *l, struct link_event *ev, int timeout_ms)
{
	struct frame *f = &life.queue[life.first];

	(void)l;
	look_at_store();
	peers_look();
	free(life.lent);
	life.lent = NULL;
	if (all_cast())
		life.stop = true;
	if (life.count > 0) {
		life.first = (life.first + 1) % QUEUE;
		life.count--;
		life.lent = f->bytes;
		*ev = (struct link_event){
			.kind = f->bulk ? LINK_PEER_BULK : LINK_PEER_FAST, .peer = f->from,
			.bytes = f->bytes, .len = f->len,
		};
		return ST_OK;
	}
	if (ask(ev))
		return ST_OK;
	if (timeout_ms != 0)
		(void)usleep(300);
	return ST_TIMEOUT;
}

/* --- the beginning of a life ------------------------------------------------------------------ */

void outpost_gather(void)
{
	struct writer w;

	life.entered_ms = clock_mono_ms();
	peers_look();
	say_status();
	for (size_t i = 0; i < outpost_world()->frames; i++) {
		writer_init(&w, outpost_world()->frame[i], outpost_world()->frame_len[i]);
		w.pos = outpost_world()->frame_len[i];
		say(1, &w);
	}
}

/*
 * deeds.c: what the adversary does with what its node says and hears: see adversary.h.
 *
 * The deeds are those of the simulator (tests/sim/deeds.c), here on real links with real keys.
 *
 * Invariant: a block's other version, and who is sent which, are functions of the view, so that a
 * repetition contradicts nothing but what it should.
 */
#include "tests/adversary/adversary.h"

#include "common/base/clock.h"
#include "common/wire/message.h"

#include <string.h>

static uint8_t out[LIMIT_FRAME_BULK];

/* --- aids ------------------------------------------------------------------------------------- */

static bool chance(unsigned int pct)
{
	return prng_below(&adversary.rng, 100) < pct;
}

static void say_all(enum link_lane lane, const void *bytes, size_t len)
{
	for (uint32_t to = 0; to < adversary.node->committee.n; to++)
		say(to, lane, bytes, len);
}

/* The r-th of the others, counting round. */
static uint32_t other(uint64_t r)
{
	const struct node *n = adversary.node;
	uint32_t to = (uint32_t)(r % (n->committee.n - 1));

	return to < n->self ? to : to + 1;
}

static uint32_t somebody(void)
{
	return other(prng_u64(&adversary.rng));
}

static void know_block(const struct block_header *h, const uint8_t *body, size_t len)
{
	struct known_block *k = &adversary.known[adversary.known_len % KNOWN_MAX];

	if (len > sizeof(k->body) || len != h->body_len)
		return;
	k->header = *h;
	if (len > 0)
		memcpy(k->body, body, len);
	adversary.known_len++;
}

static const struct known_block *some_block(void)
{
	size_t count = adversary.known_len < KNOWN_MAX ? adversary.known_len : KNOWN_MAX;

	return count == 0 ? NULL : &adversary.known[prng_below(&adversary.rng, count)];
}

/* --- votes ------------------------------------------------------------------------------------ */

static struct vote make_vote(enum vote_type type, uint64_t view, const uint8_t *block)
{
	struct vote v = { .type = type, .view = view, .signer = adversary.node->self };
	uint8_t body[VOTE_BODY_BYTES];
	struct message m;

	if (type != VOTE_NULLIFY)
		memcpy(v.block, block, sizeof(v.block));
	vote_body(body, type, view, v.block);
	vote_message(&m, &adversary.node->committee, body);
	sign_message(&adversary.key, v.sig, &m);
	return v;
}

/* to: a node, or CONSENSUS_ALL. */
static void send_vote(const struct vote *v, uint32_t to)
{
	uint8_t bytes[2 + VOTE_BYTES];
	struct writer w;
	size_t len;

	writer_init(&w, bytes, sizeof(bytes));
	wire_kind_write(&w, WIRE_VOTE);
	writer_u8(&w, 1);
	vote_write(&w, v);
	if (writer_end(&w, &len) != ST_OK)
		return;
	if (to == CONSENSUS_ALL)
		say_all(LINK_FAST, bytes, len);
	else
		say(to, LINK_FAST, bytes, len);
}

static void vote(enum vote_type type, uint64_t view, const uint8_t *block)
{
	const struct vote v = make_vote(type, view, block);

	send_vote(&v, CONSENSUS_ALL);
}

static void vote_for_everything(const struct block_header *h)
{
	uint8_t id[32];

	block_id(id, h);
	vote(VOTE_NULLIFY, h->view, NULL);
	vote(VOTE_NOTARIZE, h->view, id);
	vote(VOTE_FINALIZE, h->view, id);
	if (chance(30))
		vote(VOTE_NULLIFY, h->view + 1, NULL);
	adversary.done++;
}

/* The signature of a vote that went out stands in its last bytes. */
static void false_vote(uint32_t to, const uint8_t *bytes, size_t len)
{
	if (len > 2 + VOTE_BYTES || !chance(20))
		return;
	memcpy(out, bytes, len);
	out[len - 1 - prng_below(&adversary.rng, 8)] ^= 1;
	/* Another view, for the same vote again would not be looked at. */
	out[2 + 8]++;
	say(to, LINK_FAST, out, len);
	adversary.done++;
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* A proposal of this block, signed; with every certificate of another one, or none. */
static size_t write_proposal(const struct block_header *h, const uint8_t *body,
                             const struct wire_proposal *like)
{
	struct reader certs = like->certs;
	struct certificate cert;
	unsigned int count = 0;
	struct writer w;
	struct vote v;
	uint8_t id[32];
	size_t at, len;

	block_id(id, h);
	v = make_vote(VOTE_NOTARIZE, h->view, id);
	writer_init(&w, out, sizeof(out));
	wire_proposal_write(&w, h, body, h->body_len, v.sig);
	at = wire_count_begin(&w, 2);
	while (wire_next_cert(&certs, &cert)) {
		certificate_write(&w, &cert);
		count++;
	}
	wire_count_set(&w, at, 2, count);
	return writer_end(&w, &len) == ST_OK ? len : 0;
}

/* The same block a minute later: as good as the first. */
static void equivocate(const struct wire_proposal *p, const uint8_t *bytes, size_t len)
{
	struct block_header twin = p->header;
	uint8_t id[32];
	size_t twin_len;

	twin.time_min++;
	twin_len = write_proposal(&twin, p->body, p);
	for (uint32_t r = 0; r + 1 < adversary.node->committee.n; r++) {
		unsigned int which = (unsigned int)((p->header.view + r) % 3);

		if (which != 0)
			say(other(r), LINK_BULK, out, twin_len);
		if (which != 1)
			say(other(r), LINK_BULK, bytes, len);
	}
	if (p->header.view != adversary.led)
		adversary.done++;
	adversary.led = p->header.view;
	block_id(id, &twin);
	vote(VOTE_NOTARIZE, twin.view, id);
	vote(VOTE_FINALIZE, twin.view, id);
}

/* An older block once more, as of this view; or this one with false figures. */
static void fork_propose(const struct wire_proposal *p)
{
	const struct known_block *k = some_block();
	struct block_header h = p->header;
	struct wire_proposal bare = *p;
	const uint8_t *body = p->body;
	size_t len;

	if (k != NULL && chance(60)) {
		h = k->header;
		body = k->body;
		h.view = p->header.view;
		h.proposer = p->header.proposer;
	} else if (chance(50)) {
		h.state_hash[0] ^= 1;
	} else if (chance(50)) {
		h.height++;
	} else {
		h.log_root[0] ^= 1;
	}
	if (chance(50))
		reader_init(&bare.certs, NULL, 0);
	len = write_proposal(&h, body, &bare);
	for (uint32_t r = 0; r + 1 < adversary.node->committee.n; r++)
		if (chance(70))
			say(other(r), LINK_BULK, out, len);
	adversary.done++;
}

void deed_lead(const uint8_t *bytes, size_t len)
{
	struct wire_proposal p;
	enum wire_kind kind;
	struct reader r;

	reader_init(&r, bytes, len);
	if (wire_kind_read(&r, &kind) != ST_OK || wire_proposal_read(&r, &p) != ST_OK)
		return;
	know_block(&p.header, p.body, p.body_len);
	if (adversary.deed == DEED_EQUIVOCATE) {
		equivocate(&p, bytes, len);
	} else if (adversary.deed == DEED_FORK_PROPOSE) {
		fork_propose(&p);
	} else if (adversary.deed == DEED_WITHHOLD) {
		say(other(p.header.view), LINK_BULK, bytes, len);
		adversary.done++;
	} else if (adversary.deed == DEED_LATE) {
		memcpy(adversary.late, bytes, len);
		adversary.late_len = len;
		/* Without a proposal a view is given up after 2 delta. */
		adversary.late_ms = clock_mono_ms() +
		                    (uint64_t)adversary.node->set->delta_ms * 19 / 10;
	} else if (adversary.deed == DEED_SILENT) {
		adversary.done++;
	} else {
		say_all(LINK_BULK, bytes, len);
	}
	if (adversary.deed == DEED_VOTE_ALL)
		vote_for_everything(&p.header);
}

/* --- what else the node says ------------------------------------------------------------------ */

/* As far ahead as an honest node would believe, and further. */
static void lie(uint32_t to)
{
	static const uint64_t AHEAD[] = { 1, 2, 100, UINT32_MAX };
	uint64_t height = branch_tip(adversary.node->branch)->height;
	struct writer w;
	size_t len;

	writer_init(&w, out, sizeof(out));
	wire_status_write(&w, height + AHEAD[prng_below(&adversary.rng, 4)],
	                  height + AHEAD[prng_below(&adversary.rng, 4)]);
	writer_u8(&w, 0);
	if (writer_end(&w, &len) == ST_OK)
		say(to, LINK_FAST, out, len);
	adversary.done++;
}

/* A block after the tip, final by the adversary's own signature alone, as often as it takes. */
static void forge_chunk(uint32_t to)
{
	const struct node *n = adversary.node;
	struct certificate cert = { .type = VOTE_FINALIZE };
	struct block_header h = *branch_tip(n->branch);
	struct writer w;
	struct vote v;
	size_t at, len;

	memcpy(h.parent, branch_tip_id(n->branch), sizeof(h.parent));
	h.height++;
	h.parent_view = h.view++;
	h.proposer = n->self;
	h.n_items = h.body_len = 0;
	block_body_hash(h.body_hash, NULL, 0);
	block_id(cert.block, &h);
	cert.view = h.view;
	v = make_vote(VOTE_FINALIZE, h.view, cert.block);
	for (unsigned int i = 0; i < n->committee.q; i++) {
		cert.signers |= (uint16_t)(1u << i);
		memcpy(cert.sig[i], v.sig, sizeof(v.sig));
	}
	writer_init(&w, out, sizeof(out));
	wire_sync_write(&w, &cert);
	at = wire_count_begin(&w, 2);
	wire_sync_block_write(&w, &h, NULL, 0, true);
	wire_count_set(&w, at, 2, 1);
	if (writer_end(&w, &len) == ST_OK)
		say(to, LINK_BULK, out, len);
	adversary.done++;
}

static void forge_certificate(uint32_t to)
{
	struct certificate cert = { .type = VOTE_NULLIFY };
	struct consensus_info info;
	struct writer w;
	struct vote v;
	size_t len;

	consensus_info(adversary.node->core, &info);
	cert.view = info.view + prng_below(&adversary.rng, 3);
	v = make_vote(VOTE_NULLIFY, cert.view, NULL);
	for (unsigned int i = 0; i < adversary.node->committee.q; i++) {
		cert.signers |= (uint16_t)(1u << i);
		memcpy(cert.sig[i], v.sig, sizeof(v.sig));
	}
	writer_init(&w, out, sizeof(out));
	wire_kind_write(&w, WIRE_CERT);
	writer_u8(&w, 1);
	certificate_write(&w, &cert);
	if (writer_end(&w, &len) == ST_OK)
		say(to, LINK_FAST, out, len);
	adversary.done++;
}

/* To one node only, each time another; nothing that would make up for it. */
static void withhold(uint32_t to, enum link_lane lane, const uint8_t *bytes, size_t len)
{
	struct consensus_info info;

	consensus_info(adversary.node->core, &info);
	if (bytes[0] == WIRE_STATUS ||
	    (bytes[0] == WIRE_VOTE && to == other(info.view)))
		say(to, lane, bytes, len);
}

void deed_say(uint32_t to, enum link_lane lane, const uint8_t *bytes, size_t len)
{
	if (len == 0 || adversary.deed == DEED_SILENT)
		return;
	if (adversary.deed == DEED_WITHHOLD) {
		withhold(to, lane, bytes, len);
		return;
	}
	if (adversary.deed == DEED_FORGE && bytes[0] == WIRE_STATUS) {
		lie(to);
		return;
	}
	if (adversary.deed == DEED_FORGE && bytes[0] == WIRE_SYNC_RESP) {
		forge_chunk(to);
		return;
	}
	say(to, lane, bytes, len);
	if (adversary.deed == DEED_FALSE_VOTE && bytes[0] == WIRE_VOTE)
		false_vote(to, bytes, len);
}

/* --- what it hears ---------------------------------------------------------------------------- */

void deed_hear(const struct link_event *ev)
{
	struct wire_proposal p;
	struct wire_sync_req sync;
	enum wire_kind kind;
	struct reader r;

	reader_init(&r, ev->bytes, ev->len);
	if (wire_kind_read(&r, &kind) != ST_OK)
		return;
	if (kind == WIRE_PROPOSAL && wire_proposal_read(&r, &p) == ST_OK) {
		know_block(&p.header, p.body, p.body_len);
		if (adversary.deed == DEED_VOTE_ALL)
			vote_for_everything(&p.header);
	} else if (kind == WIRE_SYNC_REQ && wire_sync_req_read(&r, &sync) == ST_OK &&
	           adversary.deed == DEED_FORGE) {
		forge_chunk(ev->peer);
	}
}

/* --- from time to time ------------------------------------------------------------------------ */

/* What is final already, said as if it waited; now and then with a bit that makes it false. */
static size_t write_ballots(const struct known_block *k)
{
	struct reader body;
	const uint8_t *item;
	struct writer w;
	size_t item_len, last = 2, len;

	writer_init(&w, out, sizeof(out));
	writer_u8(&w, GOSSIP_TXS);
	reader_init(&body, k->body, k->header.body_len);
	while (block_item_next(&body, &item, &item_len) == ST_OK) {
		writer_vec32(&w, item, item_len);
		last = item_len;
	}
	if (writer_end(&w, &len) != ST_OK)
		return 0;
	/* Not often: who is caught is not heard for a minute. */
	if (len > 1 && prng_below(&adversary.rng, 300) == 0)
		out[len - 1 - prng_below(&adversary.rng, last / 2)] ^= 1;
	return len;
}

static void flood_one(uint32_t to)
{
	const struct known_block *k = some_block();
	struct wire_proposal none = { .cert_count = 0 };
	unsigned int what = (unsigned int)prng_below(&adversary.rng, 6);
	enum link_lane lane = LINK_FAST;
	struct writer w;
	uint8_t id[32] = { 0 };
	size_t len;

	if (k != NULL)
		block_id(id, &k->header);
	writer_init(&w, out, sizeof(out));
	if (what == 0) {
		wire_sync_req_write(&w, prng_below(&adversary.rng, 20), LIMIT_FRAME_BULK);
	} else if (what == 1) {
		wire_cert_req_write(&w, 1, 900);
	} else if (what == 2) {
		wire_block_req_write(&w, id);
	} else if (what == 3) {
		len = 1 + prng_below(&adversary.rng, chance(5) ? LIMIT_FRAME_FAST : 200);
		prng_bytes(&adversary.rng, out, len);
		out[0] = (uint8_t)(1 + out[0] % 34);
		w.pos = len;
	} else if (k != NULL) {
		lane = LINK_BULK;
		reader_init(&none.certs, NULL, 0);
		w.pos = what == 4 ? write_ballots(k) : write_proposal(&k->header, k->body, &none);
	}
	if (writer_end(&w, &len) == ST_OK && len > 0)
		say(to, lane, out, len);
	adversary.done++;
}

void deed_turn(uint64_t now_ms)
{
	enum { FLOOD = 40, EVERY_MS = 20, FORGE_EVERY_MS = 400 };

	if (adversary.late_ms != 0 && now_ms >= adversary.late_ms) {
		adversary.late_ms = 0;
		say_all(LINK_BULK, adversary.late, adversary.late_len);
		adversary.done++;
	}
	if (now_ms < adversary.next_ms)
		return;
	adversary.next_ms = now_ms + EVERY_MS;
	if (adversary.deed == DEED_FLOOD) {
		for (unsigned int i = 0; i < FLOOD; i++)
			flood_one(somebody());
	} else if (adversary.deed == DEED_FORGE) {
		adversary.next_ms = now_ms + FORGE_EVERY_MS;
		lie(somebody());
		if (chance(20))
			forge_chunk(somebody());
		if (chance(20))
			forge_certificate(somebody());
	}
}

/* --- to kiosks and readers -------------------------------------------------------------------- */

/* A byte off, anywhere behind the first; or a refusal; or "ask again". */
void deed_answer(uint8_t *bytes, size_t *len)
{
	struct message_response r;

	if (adversary.deed != DEED_DECEIVE || *len < 2)
		return;
	adversary.done++;
	if (chance(40)) {
		bytes[1 + prng_below(&adversary.rng, *len - 1)] ^= 1;
		return;
	}
	if (bytes[0] == MESSAGE_RECEIPT && chance(50)) {
		bytes[1] = ANSWER_NOT_YET;
		*len = 2;
		return;
	}
	message_refuse(&r, (enum message_kind)bytes[0], chance(50) ? ST_PHASE : ST_TRACKER,
	               "the election is over");
	if (message_response_encode(&r, bytes, LIMIT_RESPONSE, len) != ST_OK)
		*len = 2;
}

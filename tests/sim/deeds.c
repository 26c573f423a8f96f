/*
 * deeds.c: what active cheats do with what they know.
 *
 * Twins (two honest machines with one key) never break a rule of proposing; these do.
 *
 * Invariant: they sign with the keys of cheating nodes only, and what they do is noted as done.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <string.h>

static uint8_t out[65536];

/* --- aids ------------------------------------------------------------------------------------- */

static void done(struct sim *s, enum sim_deed deed)
{
	s->result->deeds |= (uint64_t)1 << deed;
}

static bool does(const struct sim *s, uint8_t node, enum sim_deed deed)
{
	return (s->o.deeds[node] >> deed & 1) != 0;
}

static uint8_t somebody(struct sim *s)
{
	return chance(s, 30) ? CONSENSUS_ALL : (uint8_t)prng_below(&s->rng, s->o.n);
}

static uint64_t some_view(struct sim *s)
{
	uint64_t v = s->adversary.last_view + prng_below(&s->rng, 3);

	return v > 2 && chance(s, 20) ? v - prng_below(&s->rng, 3) : v + (v == 0);
}

static bool leads(const struct sim *s, uint8_t node, uint64_t view)
{
	for (unsigned int i = 0; i < s->instances; i++)
		if (s->replica[i].honest && s->replica[i].core != NULL)
			return consensus_leader(s->replica[i].core, view) == node;
	return false;
}

static unsigned int count_kind(const struct sim *s, enum sim_kind kind)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < s->o.n; i++)
		count += s->o.kind[i] == kind;
	return count;
}

static bool holds_n(const struct sim *s, const struct known_block *b)
{
	const struct adversary *a = &s->adversary;

	for (size_t i = a->certs_len; i > 0; i--)
		if (a->certs[i - 1].type != VOTE_NULLIFY &&
		    memcmp(a->certs[i - 1].block, b->id, 32) == 0)
			return true;
	return false;
}

/* --- votes ------------------------------------------------------------------------------------ */

static void send_vote(struct sim *s, uint8_t node, const struct vote *v, uint8_t to)
{
	struct writer w;
	size_t len;

	writer_init(&w, out, sizeof(out));
	wire_kind_write(&w, WIRE_VOTE);
	writer_u8(&w, 1);
	vote_write(&w, v);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, to, out, len);
}

static struct vote make_vote(struct sim *s, uint8_t node, enum vote_type type, uint64_t view,
                             const uint8_t *block)
{
	struct vote v = { .type = type, .view = view, .signer = node };

	if (type != VOTE_NULLIFY)
		memcpy(v.block, block, 32);
	fake_sign(&v);
	adversary_know_vote(s, &v);
	return v;
}

static void vote(struct sim *s, uint8_t node, enum vote_type type, uint64_t view,
                 const uint8_t *block)
{
	const struct vote v = make_vote(s, node, type, view, block);

	send_vote(s, node, &v, somebody(s));
}

static void vote_for_everything(struct sim *s, uint8_t node)
{
	static const enum vote_type types[] = { VOTE_NOTARIZE, VOTE_FINALIZE };
	const struct adversary *a = &s->adversary;
	uint64_t view = some_view(s);

	for (size_t i = a->blocks_len; i > 0 && a->blocks_len - i < 6; i--)
		for (unsigned int t = 0; t < 2; t++)
			if (chance(s, 60))
				vote(s, node, types[t], a->blocks[i - 1].header.view,
				     a->blocks[i - 1].id);
	if (chance(s, 50))
		vote(s, node, VOTE_NULLIFY, view, NULL);
	done(s, DEED_VOTE_ALL);
}

/* As an honest node would, so that what it did otherwise has a future. */
static void vote_along(struct sim *s, uint8_t node)
{
	const struct adversary *a = &s->adversary;
	const struct known_block *b;
	struct vote v;

	if (a->blocks_len == 0)
		return;
	b = &a->blocks[a->blocks_len - 1];
	v = make_vote(s, node, VOTE_NOTARIZE, b->header.view, b->id);
	send_vote(s, node, &v, CONSENSUS_ALL);
	if (!holds_n(s, b))
		return;
	v = make_vote(s, node, VOTE_FINALIZE, b->header.view, b->id);
	send_vote(s, node, &v, CONSENSUS_ALL);
}

/* A.2, ava-labs #546: something false in the place of something verified. */
static void false_vote(struct sim *s, uint8_t node)
{
	struct vote v = make_vote(s, node, VOTE_NULLIFY, some_view(s), NULL);
	uint8_t to = somebody(s);

	send_vote(s, node, &v, to);
	v.sig[prng_below(&s->rng, 8)] ^= 1;
	send_vote(s, node, &v, to);
	done(s, DEED_FALSE_VOTE);
}

static void future(struct sim *s, uint8_t node)
{
	static const uint64_t far[] = { 10, 63, 64, 65, 127, 128, 129, 4096, 1000000 };
	uint64_t view = s->adversary.last_view + far[prng_below(&s->rng, sizeof(far) / sizeof(far[0]))];
	uint8_t block[32];

	prng_bytes(&s->rng, block, sizeof(block));
	vote(s, node, VOTE_NULLIFY, view, NULL);
	vote(s, node, VOTE_NOTARIZE, view, block);
	vote(s, node, VOTE_FINALIZE, view, block);
	done(s, DEED_FUTURE);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static uint64_t true_minutes(const struct sim *s)
{
	return (s->now + s->wall_ms + 600000) / 60000;
}

/* The log after this block, from whoever has it; false: nobody. */
static bool log_after(const struct sim *s, struct merkle_frontier *log, const uint8_t id[static 32])
{
	for (unsigned int i = 0; i < s->instances; i++) {
		const struct sim_block *b = app_block(&s->replica[i], id);

		if (b == NULL || !b->valid)
			continue;
		*log = b->log;
		return true;
	}
	return false;
}

/* A block on this base (NULL: block 0), valid as far as its builder can tell. */
static const struct known_block *make_block(struct sim *s, uint8_t node, uint64_t view,
                                            const struct known_block *base, uint64_t minutes)
{
	struct block_header parent = base == NULL ? s->genesis : base->header;
	struct block_header h = { .version = BLOCK_VERSION, .view = view, .proposer = node,
	                          .height = parent.height + 1, .parent_view = parent.view };
	uint8_t body[8] = { 0, 0, 0, 4, 0, 0, 0, (uint8_t)(192 + prng_below(&s->rng, 64)) };
	size_t body_len = chance(s, 50) ? sizeof(body) : 0;
	struct merkle_frontier log;

	memcpy(h.parent, base == NULL ? s->genesis_id : base->id, 32);
	memcpy(h.election_id, s->committee.election_id, 32);
	h.time_min = (uint32_t)(minutes > parent.time_min ? minutes : parent.time_min);
	if (!log_after(s, &log, h.parent))
		merkle_frontier_init(&log);
	app_figures(&h, &log, &parent, body, body_len);
	h.body_len = (uint32_t)body_len;
	block_body_hash(h.body_hash, body, body_len);
	return adversary_know_block(s, &h, body, body_len);
}

static const struct known_block *best_base(const struct sim *s, uint64_t view);

/* The one block of this view; the same again if it was made already. */
static const struct known_block *own_block(struct sim *s, uint8_t node, uint64_t view,
                                           uint64_t minutes)
{
	const struct adversary *a = &s->adversary;

	for (size_t i = a->blocks_len; i > 0; i--)
		if (a->blocks[i - 1].header.view == view &&
		    a->blocks[i - 1].header.proposer == node)
			return &a->blocks[i - 1];
	return make_block(s, node, view, best_base(s, view), minutes);
}

/* The best base that is known, as an honest leader would take it. */
static const struct known_block *best_base(const struct sim *s, uint64_t view)
{
	const struct adversary *a = &s->adversary;
	const struct known_block *best = NULL;

	for (size_t i = 0; i < a->blocks_len; i++) {
		const struct known_block *b = &a->blocks[i];

		if (b->header.view < view && (best == NULL || b->header.view > best->header.view) &&
		    holds_n(s, b))
			best = b;
	}
	return best;
}

static size_t write_proposal(struct sim *s, const struct known_block *b, const uint8_t *body,
                             unsigned int skip_pct)
{
	const struct adversary *a = &s->adversary;
	struct vote v = { .type = VOTE_NOTARIZE, .view = b->header.view,
	                  .signer = b->header.proposer };
	unsigned int count = 0;
	struct writer w;
	size_t at, len;

	memcpy(v.block, b->id, 32);
	fake_sign(&v);
	writer_init(&w, out, sizeof(out));
	wire_proposal_write(&w, &b->header, body, b->header.body_len, v.sig);
	at = wire_count_begin(&w, 2);
	for (size_t i = 0; i < a->certs_len && count < 40; i++) {
		const struct certificate *c = &a->certs[i];

		if (c->view < b->header.parent_view || c->view >= b->header.view ||
		    chance(s, skip_pct))
			continue;
		certificate_write(&w, c);
		count++;
	}
	wire_count_set(&w, at, 2, count);
	return writer_end(&w, &len) == ST_OK ? len : 0;
}

static void propose_to(struct sim *s, const struct known_block *b, uint8_t to,
                       unsigned int skip_pct)
{
	size_t len = write_proposal(s, b, b->body, skip_pct);

	if (len > 0)
		network_send_as(s, b->header.proposer, to, out, len);
}

/* So many honest nodes, always the same for this view. */
static void propose_to_some(struct sim *s, const struct known_block *b, unsigned int count)
{
	uint64_t first = b->header.view * 5 + b->header.proposer;

	for (unsigned int i = 0; i < s->o.n && count > 0; i++) {
		uint8_t to = (uint8_t)((first + i) % s->o.n);

		if (s->o.kind[to] != SIM_HONEST)
			continue;
		propose_to(s, b, to, 0);
		count--;
	}
}

static void equivocate(struct sim *s, uint8_t node, uint64_t view)
{
	const struct known_block *b = make_block(s, node, view, best_base(s, view),
	                                         true_minutes(s));
	struct known_block one, two;

	if (b == NULL)
		return;
	one = *b;
	b = make_block(s, node, view, best_base(s, view), true_minutes(s));
	if (b == NULL)
		return;
	two = *b;
	for (uint8_t to = 0; to < s->o.n; to++)
		if (to != node)
			propose_to(s, chance(s, 50) ? &one : &two, to, 0);
	done(s, DEED_EQUIVOCATE);
}

/* Any older base, some of the justification, sometimes wrong figures. */
static void fork_proposals(struct sim *s, uint8_t node, uint64_t view)
{
	const struct adversary *a = &s->adversary;
	unsigned int skip_pct = chance(s, 40) ? 0 : 50;

	for (unsigned int k = 0; k < 2; k++) {
		size_t back = 1 + prng_below(&s->rng, 5);
		struct known_block base, b;
		const struct known_block *made;
		bool on_some = a->blocks_len >= back && chance(s, 90);

		if (on_some)
			base = a->blocks[a->blocks_len - back];
		made = make_block(s, node, view, on_some ? &base : NULL, true_minutes(s));
		if (made == NULL)
			return;
		b = *made;
		if (chance(s, 5))
			b.header.state_hash[0] ^= 1;
		if (chance(s, 5))
			b.header.height += 1 + prng_below(&s->rng, 2);
		block_id(b.id, &b.header);
		for (uint8_t to = 0; to < s->o.n; to++)
			if (to != node && chance(s, 40))
				propose_to(s, &b, to, skip_pct);
	}
	done(s, DEED_FORK);
}

static void false_body(struct sim *s, uint8_t node, uint64_t view)
{
	const struct known_block *b = own_block(s, node, view, true_minutes(s));
	uint8_t body[SIM_BODY_MAX];
	size_t len;

	if (b == NULL || b->header.body_len == 0)
		return;
	memcpy(body, b->body, sizeof(body));
	body[b->header.body_len - 1] ^= 1;
	len = write_proposal(s, b, body, 0);
	network_send_as(s, node, somebody(s), out, len);
	propose_to(s, b, somebody(s), 0);
	done(s, DEED_FALSE_BODY);
}

static void backdate(struct sim *s, uint8_t node, uint64_t view)
{
	uint64_t minutes = true_minutes(s), away = 5 + prng_below(&s->rng, 60);
	const struct known_block *b;

	minutes = chance(s, 30) ? minutes + away : minutes > away ? minutes - away : 0;
	b = own_block(s, node, view, minutes);
	if (b == NULL)
		return;
	propose_to(s, b, CONSENSUS_ALL, 0);
	done(s, DEED_BACKDATE);
}

static void lead_openly(struct sim *s, uint8_t node, uint64_t view)
{
	const struct known_block *b = own_block(s, node, view, true_minutes(s));

	if (b != NULL)
		propose_to(s, b, CONSENSUS_ALL, 0);
}

/* Its block reaches just so many honest nodes. */
static void lead_some(struct sim *s, uint8_t node, uint64_t view, enum sim_deed deed)
{
	const struct known_block *b = own_block(s, node, view, true_minutes(s));
	unsigned int honest = count_kind(s, SIM_HONEST), cheats = count_kind(s, SIM_ACTIVE);
	unsigned int f = committee_faults(s->o.n), q = s->committee.q;

	if (b == NULL)
		return;
	if (deed == DEED_WITHHOLD)
		propose_to_some(s, b, honest > f ? honest - f : honest);
	else
		propose_to_some(s, b, q > cheats ? q - cheats : 1);
	done(s, deed);
}

/* When the others are about to give up. */
static void last_moment(struct sim *s, uint8_t node, uint64_t view)
{
	uint64_t since = s->now - s->adversary.last_view_ms;

	if (since < 130 || since > 320)
		return;
	lead_openly(s, node, view);
	done(s, DEED_LAST_MOMENT);
}

static void lead(struct sim *s, uint8_t node, uint64_t view)
{
	static const enum sim_deed leading[] = {
		DEED_EQUIVOCATE, DEED_FORK, DEED_WITHHOLD, DEED_EXACTLY, DEED_FALSE_BODY,
		DEED_BACKDATE, DEED_LAST_MOMENT,
	};
	enum sim_deed deed = leading[prng_below(&s->rng, sizeof(leading) / sizeof(leading[0]))];
	unsigned int tries = 0;

	while (!does(s, node, deed) && tries++ < 20)
		deed = leading[prng_below(&s->rng, sizeof(leading) / sizeof(leading[0]))];
	if (!does(s, node, deed)) {
		lead_openly(s, node, view);
		return;
	}
	if (deed == DEED_EQUIVOCATE)
		equivocate(s, node, view);
	else if (deed == DEED_FORK)
		fork_proposals(s, node, view);
	else if (deed == DEED_FALSE_BODY)
		false_body(s, node, view);
	else if (deed == DEED_BACKDATE)
		backdate(s, node, view);
	else if (deed == DEED_LAST_MOMENT)
		last_moment(s, node, view);
	else
		lead_some(s, node, view, deed);
}

/* --- certificates and chunks ------------------------------------------------------------------ */

static void show_certificate(struct sim *s, uint8_t node, bool is_false)
{
	const struct adversary *a = &s->adversary;
	struct certificate c;
	struct writer w;
	size_t len;

	if (a->certs_len == 0)
		return;
	c = a->certs[a->certs_len - 1 - prng_below(&s->rng, a->certs_len < 8 ? a->certs_len : 8)];
	if (is_false && chance(s, 50))
		c.sig[0][prng_below(&s->rng, 8)] ^= 0x40;
	else if (is_false)
		c.view++;
	writer_init(&w, out, sizeof(out));
	wire_kind_write(&w, WIRE_CERT);
	writer_u8(&w, 1);
	certificate_write(&w, &c);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, (uint8_t)prng_below(&s->rng, s->o.n), out, len);
	done(s, is_false ? DEED_FALSE_CERT : DEED_HIDE);
}

/* A block of its own making after the asker's tip, with an F certificate of hardly anybody. */
void deed_forge_sync(struct sim *s, uint8_t node, uint8_t to, uint64_t height)
{
	struct certificate cert = { .type = VOTE_FINALIZE };
	const struct adversary *a = &s->adversary;
	const struct known_block *base = NULL, *b;
	struct writer w;
	struct vote v;
	size_t at, len;

	if (height > s->oracle.final_len)
		return;
	for (size_t i = 0; i < a->blocks_len && height > 0; i++)
		if (memcmp(a->blocks[i].id, s->oracle.final[height - 1], 32) == 0)
			base = &a->blocks[i];
	if (height > 0 && base == NULL)
		return;
	b = make_block(s, node, (base == NULL ? 0 : base->header.view) + 1 +
	               prng_below(&s->rng, 4), base, true_minutes(s));
	if (b == NULL)
		return;
	memcpy(cert.block, b->id, 32);
	cert.view = b->header.view;
	v = (struct vote){ .type = VOTE_FINALIZE, .view = cert.view, .signer = node };
	memcpy(v.block, cert.block, 32);
	fake_sign(&v);
	for (unsigned int i = 0; i < s->committee.q; i++) {
		cert.signers |= (uint16_t)(1u << i);
		memcpy(cert.sig[i], v.sig, VOTE_SIG_BYTES);
	}
	writer_init(&w, out, sizeof(out));
	wire_sync_write(&w, &cert);
	at = wire_count_begin(&w, 2);
	wire_sync_block_write(&w, &b->header, b->body, b->header.body_len, true);
	wire_count_set(&w, at, 2, 1);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, to, out, len);
	done(s, DEED_FORGE_SYNC);
}

/* --- noise ------------------------------------------------------------------------------------ */

static void lie(struct sim *s, uint8_t node)
{
	/* One draw after the other: a compiler may take arguments in any order. */
	uint64_t height = chance(s, 50) ? UINT64_MAX : prng_below(&s->rng, 1000);
	uint64_t view = some_view(s);
	struct writer w;
	size_t len;

	view += prng_below(&s->rng, 2000);
	writer_init(&w, out, sizeof(out));
	wire_status_write(&w, view, height);
	writer_u8(&w, 0);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, somebody(s), out, len);
	done(s, DEED_LIE);
}

/*
 * To a node that forgot how far it was, and asks: an old certificate, as if it were the newest.
 * Everybody else's word counts for more (R15).
 */
void deed_understate(struct sim *s, uint8_t node, uint8_t to)
{
	const struct adversary *a = &s->adversary;
	struct writer w;
	size_t len, at;

	if (a->certs_len == 0)
		return;
	at = prng_below(&s->rng, a->certs_len < 4 ? a->certs_len : 4);
	writer_init(&w, out, sizeof(out));
	wire_status_write(&w, a->certs[at].view + 1, 0);
	writer_u8(&w, 1);
	certificate_write(&w, &a->certs[at]);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, to, out, len);
	done(s, DEED_LIE);
}

static void flood(struct sim *s, uint8_t node)
{
	const struct adversary *a = &s->adversary;
	uint8_t to = somebody(s);
	struct writer w;
	size_t len;

	for (unsigned int i = 0; i < 40; i++) {
		writer_init(&w, out, sizeof(out));
		if (i % 3 == 0)
			wire_sync_req_write(&w, prng_below(&s->rng, 20), LIMIT_FRAME_BULK);
		else if (i % 3 == 1 || a->blocks_len == 0)
			wire_cert_req_write(&w, 1, 900);
		else
			wire_block_req_write(&w, a->blocks[prng_below(&s->rng, a->blocks_len)].id);
		if (writer_end(&w, &len) == ST_OK)
			network_send_as(s, node, to, out, len);
	}
	done(s, DEED_FLOOD);
}

static const struct buffer *some_heard(struct sim *s)
{
	return s->adversary.heard[prng_below(&s->rng, ADVERSARY_HEARD)];
}

static void stale(struct sim *s, uint8_t node)
{
	const struct buffer *b = some_heard(s);

	if (b == NULL)
		return;
	network_send_as(s, node, somebody(s), b->bytes, b->len);
	done(s, DEED_STALE);
}

/* ByzzFuzz: what was heard, with a byte or a count a little off. */
static void mutate(struct sim *s, uint8_t node)
{
	const struct buffer *b = some_heard(s);
	size_t at;

	if (b == NULL || b->len < 2 || b->len > sizeof(out))
		return;
	memcpy(out, b->bytes, b->len);
	/* Not in a signature, mostly: fields stand at the front. */
	at = 1 + prng_below(&s->rng, b->len > 48 ? 48 : b->len - 1);
	out[at] = (uint8_t)(out[at] + (chance(s, 50) ? 1 : 255));
	network_send_as(s, node, somebody(s), out, b->len);
	done(s, DEED_MUTATE);
}

static void garbage(struct sim *s, uint8_t node)
{
	const struct buffer *b = some_heard(s);
	size_t len = 1 + prng_below(&s->rng, chance(s, 5) ? sizeof(out) : 200);

	memset(out, 0, sizeof(out));
	if (b != NULL && b->len < sizeof(out) && chance(s, 60)) {
		memcpy(out, b->bytes, b->len);
		len = chance(s, 50) ? 1 + prng_below(&s->rng, b->len) : b->len + 1;
	} else {
		for (size_t i = 0; i < len; i += 97)
			out[i] = (uint8_t)prng_u64(&s->rng);
		out[0] = (uint8_t)(1 + prng_below(&s->rng, 10));
	}
	network_send_as(s, node, somebody(s), out, len);
	done(s, DEED_GARBAGE);
}

/* --- what next -------------------------------------------------------------------------------- */

/* Rarely what gets it silenced: a node that is not heard any more cheats nobody. */
static void do_one(struct sim *s, uint8_t node, enum sim_deed deed)
{
	switch (deed) {
	case DEED_VOTE_ALL:
		vote_for_everything(s, node);
		break;
	case DEED_HIDE:
		show_certificate(s, node, false);
		break;
	case DEED_STALE:
		stale(s, node);
		break;
	case DEED_FUTURE:
		future(s, node);
		break;
	case DEED_FALSE_VOTE:
		if (chance(s, 4))
			false_vote(s, node);
		break;
	case DEED_FALSE_CERT:
		if (chance(s, 4))
			show_certificate(s, node, true);
		break;
	case DEED_MUTATE:
		if (chance(s, 10))
			mutate(s, node);
		break;
	case DEED_GARBAGE:
		garbage(s, node);
		break;
	case DEED_FLOOD:
		if (chance(s, 10))
			flood(s, node);
		break;
	case DEED_LIE:
		lie(s, node);
		break;
	case DEED_FORGE_SYNC:
		/* Asked for or not. */
		if (chance(s, 10))
			deed_forge_sync(s, node, (uint8_t)prng_below(&s->rng, s->o.n),
			                s->oracle.final_len);
		break;
	case DEED_EQUIVOCATE:
	case DEED_FORK:
	case DEED_WITHHOLD:
	case DEED_EXACTLY:
	case DEED_LAST_MOMENT:
	case DEED_FALSE_BODY:
	case DEED_BACKDATE:
	case SIM_DEEDS:
		vote_along(s, node);
		break;
	}
}

void adversary_act(struct sim *s, uint8_t node)
{
	uint64_t view = some_view(s);
	enum sim_deed deed;

	if (leads(s, node, view) && chance(s, 60)) {
		lead(s, node, view);
		return;
	}
	if (chance(s, 30)) {
		vote_along(s, node);
		return;
	}
	for (unsigned int tries = 0; tries < 40; tries++) {
		deed = (enum sim_deed)prng_below(&s->rng, SIM_DEEDS);
		if (!does(s, node, deed))
			continue;
		do_one(s, node, deed);
		return;
	}
}

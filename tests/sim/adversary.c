/*
 * adversary.c: nodes that run no replica at all.  They hear what others hear, share what they
 * know, sign whatever helps, and lie about the rest.
 *
 * Twins (two honest machines with one key) never break a rule of proposing; these do: forks on any
 * older base, wrong, missing or stale justification, votes for everything, certificates shown to
 * one node only, replayed messages, false signatures, forged chunks.
 *
 * Invariant: they sign with the keys of cheating nodes only.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint8_t out[65536];

/* --- what they know ------------------------------------------------------------------------- */

static void know_cert(struct sim *s, const struct certificate *cert)
{
	struct adversary *a = &s->adversary;

	for (size_t i = 0; i < a->certs_len; i++)
		if (a->certs[i].type == cert->type && a->certs[i].view == cert->view &&
		    memcmp(a->certs[i].block, cert->block, 32) == 0)
			return;
	if (a->certs_len == a->certs_cap) {
		a->certs_cap = a->certs_cap == 0 ? 64 : 2 * a->certs_cap;
		a->certs = realloc(a->certs, a->certs_cap * sizeof(*a->certs));
		assert(a->certs != NULL);
	}
	a->certs[a->certs_len++] = *cert;
	if (certificate_check_with(cert, &s->committee, fake_verify) == ST_OK)
		check_certificate(s, cert);
}

static const struct known_block *know_block(struct sim *s, const struct block_header *h,
                                            const uint8_t *body, size_t len)
{
	struct adversary *a = &s->adversary;
	uint8_t id[32];

	block_id(id, h);
	for (size_t i = 0; i < a->blocks_len; i++)
		if (memcmp(a->blocks[i].id, id, 32) == 0)
			return &a->blocks[i];
	if (len > sizeof(a->blocks[0].body))
		return NULL;
	if (a->blocks_len == a->blocks_cap) {
		a->blocks_cap = a->blocks_cap == 0 ? 64 : 2 * a->blocks_cap;
		a->blocks = realloc(a->blocks, a->blocks_cap * sizeof(*a->blocks));
		assert(a->blocks != NULL);
	}
	a->blocks[a->blocks_len].header = *h;
	memcpy(a->blocks[a->blocks_len].id, id, 32);
	if (len > 0)
		memcpy(a->blocks[a->blocks_len].body, body, len);
	return &a->blocks[a->blocks_len++];
}

static bool is_cheat(const struct sim *s, unsigned int node)
{
	return s->o.kind[node] == SIM_ACTIVE;
}

/* With the cheating nodes' own votes added: is that a certificate? */
static void try_certificate(struct sim *s, enum vote_type type, uint64_t view,
                            const uint8_t block[static 32])
{
	const struct adversary *a = &s->adversary;
	struct certificate cert = { .type = type, .view = view };
	struct vote slot[LIMIT_TRUSTEES];
	bool has[LIMIT_TRUSTEES] = { false };
	unsigned int count = 0;

	for (unsigned int i = 0; i < s->o.n; i++) {
		if (!is_cheat(s, i))
			continue;
		slot[i] = (struct vote){ .type = type, .view = view, .signer = (uint8_t)i };
		memcpy(slot[i].block, block, 32);
		fake_sign(&slot[i]);
		has[i] = true;
	}
	for (size_t i = a->votes_len; i > 0 && a->votes_len - i < 512; i--) {
		const struct vote *v = &a->votes[i - 1];

		if (v->type == type && v->view == view && memcmp(v->block, block, 32) == 0) {
			slot[v->signer] = *v;
			has[v->signer] = true;
		}
	}
	memcpy(cert.block, block, 32);
	for (unsigned int i = 0; i < s->o.n; i++) {
		if (!has[i])
			continue;
		cert.signers |= (uint16_t)(1u << i);
		memcpy(cert.sig[count++], slot[i].sig, VOTE_SIG_BYTES);
	}
	if (count >= s->committee.q)
		know_cert(s, &cert);
}

static void know_vote(struct sim *s, const struct vote *v)
{
	struct adversary *a = &s->adversary;

	for (size_t i = a->votes_len; i > 0 && a->votes_len - i < 256; i--)
		if (memcmp(&a->votes[i - 1], v, sizeof(*v)) == 0)
			return;
	if (a->votes_len == a->votes_cap) {
		a->votes_cap = a->votes_cap == 0 ? 256 : 2 * a->votes_cap;
		a->votes = realloc(a->votes, a->votes_cap * sizeof(*a->votes));
		assert(a->votes != NULL);
	}
	a->votes[a->votes_len++] = *v;
	if (v->view > a->last_view && v->view < a->last_view + 100)
		a->last_view = v->view;
	try_certificate(s, v->type, v->view, v->block);
}

/* A block of its own making after the asker's tip, with an F certificate of hardly anybody. */
static void forge_chunk(struct sim *s, uint8_t node, uint8_t to, uint64_t height)
{
	const struct adversary *a = &s->adversary;
	const uint8_t *tip = height == 0 ? s->genesis_id : NULL;
	struct certificate cert = { .type = VOTE_FINALIZE };
	struct block_header h = s->genesis;
	struct vote v = { .type = VOTE_FINALIZE, .signer = node };
	struct writer w;
	size_t at, len;

	if (height > 0 && height <= s->oracle.final_len)
		tip = s->oracle.final[height - 1];
	for (size_t i = 0; i < a->blocks_len && tip != NULL; i++)
		if (memcmp(a->blocks[i].id, tip, 32) == 0)
			h = a->blocks[i].header;
	if (tip == NULL || h.height != height)
		return;
	memcpy(h.parent, tip, 32);
	h.parent_view = h.view;
	h.view += 1 + prng_below(&s->rng, 4);
	h.height++;
	h.n_items = 0;
	h.body_len = 0;
	h.proposer = node;
	block_body_hash(h.body_hash, NULL, 0);
	app_state(h.state_hash, h.state_hash, h.body_hash);
	memcpy(h.log_root, h.state_hash, 32);
	block_id(cert.block, &h);
	cert.view = v.view = h.view;
	memcpy(v.block, cert.block, 32);
	fake_sign(&v);
	for (unsigned int i = 0; i < s->committee.q; i++) {
		cert.signers |= (uint16_t)(1u << i);
		memcpy(cert.sig[i], v.sig, VOTE_SIG_BYTES);
	}
	writer_init(&w, out, sizeof(out));
	wire_sync_write(&w, &cert);
	at = wire_count_begin(&w, 2);
	wire_sync_block_write(&w, &h, NULL, 0, true);
	wire_count_set(&w, at, 2, 1);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, to, out, len);
}

void adversary_hear(struct sim *s, uint8_t node, uint8_t from, const uint8_t *bytes, size_t len)
{
	struct wire_proposal p;
	struct wire_votes votes;
	struct wire_certs certs;
	struct wire_sync_req sync;
	struct certificate cert;
	enum wire_kind kind;
	struct reader r;
	struct vote v;

	reader_init(&r, bytes, len);
	if (wire_kind_read(&r, &kind) != ST_OK)
		return;
	if (kind == WIRE_PROPOSAL && wire_proposal_read(&r, &p) == ST_OK) {
		v = (struct vote){ .type = VOTE_NOTARIZE, .view = p.header.view,
		                   .signer = p.header.proposer };
		block_id(v.block, &p.header);
		memcpy(v.sig, p.sig, sizeof(v.sig));
		(void)know_block(s, &p.header, p.body, p.body_len);
		know_vote(s, &v);
		while (wire_next_cert(&p.certs, &cert))
			know_cert(s, &cert);
	} else if (kind == WIRE_VOTE && wire_votes_read(&r, &votes) == ST_OK) {
		while (wire_next_vote(&votes.votes, &v))
			know_vote(s, &v);
	} else if (kind == WIRE_SYNC_REQ && wire_sync_req_read(&r, &sync) == ST_OK) {
		if (s->adversary.reckless)
			forge_chunk(s, node, from, sync.height);
	} else if (kind == WIRE_CERT && wire_certs_read(&r, &certs) == ST_OK) {
		while (wire_next_cert(&certs.certs, &cert))
			know_cert(s, &cert);
	}
}

/* --- what they do --------------------------------------------------------------------------- */

static uint8_t somebody(struct sim *s)
{
	return chance(s, 30) ? CONSENSUS_ALL : (uint8_t)prng_below(&s->rng, s->o.n);
}

static uint64_t some_view(struct sim *s)
{
	uint64_t v = s->adversary.last_view + prng_below(&s->rng, 3);

	return v > 2 && chance(s, 20) ? v - prng_below(&s->rng, 3) : v + (v == 0);
}

static void send_vote(struct sim *s, uint8_t node, enum vote_type type, uint64_t view,
                      const uint8_t *block, bool is_false)
{
	struct vote v = { .type = type, .view = view, .signer = node };
	struct writer w;
	size_t len;

	if (type != VOTE_NULLIFY)
		memcpy(v.block, block, 32);
	fake_sign(&v);
	if (is_false)
		v.sig[0] ^= 1;
	else
		know_vote(s, &v);
	writer_init(&w, out, sizeof(out));
	wire_kind_write(&w, WIRE_VOTE);
	writer_u8(&w, 1);
	vote_write(&w, &v);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, somebody(s), out, len);
}

static void vote_for_everything(struct sim *s, uint8_t node)
{
	const struct adversary *a = &s->adversary;
	static const enum vote_type types[] = { VOTE_NOTARIZE, VOTE_FINALIZE };
	uint64_t view = some_view(s);

	for (size_t i = a->blocks_len; i > 0 && a->blocks_len - i < 6; i--)
		for (unsigned int t = 0; t < 2; t++)
			if (chance(s, 60))
				send_vote(s, node, types[t], a->blocks[i - 1].header.view,
				          a->blocks[i - 1].id, false);
	if (chance(s, 50))
		send_vote(s, node, VOTE_NULLIFY, view, NULL, false);
}

/* A block on any base, signed, valid or not. */
static const struct known_block *forge_block(struct sim *s, uint8_t node, uint64_t view)
{
	const struct adversary *a = &s->adversary;
	struct block_header h = { .version = BLOCK_VERSION };
	struct block_header parent = s->genesis;
	uint8_t body[8] = { 0, 0, 0, 4, 0, 0, 0, (uint8_t)prng_below(&s->rng, SIM_ITEMS) };
	uint8_t parent_id[32];
	uint8_t hash[32];
	size_t body_len = chance(s, 50) ? sizeof(body) : 0;

	memcpy(parent_id, s->genesis_id, 32);
	if (a->blocks_len > 0 && chance(s, 90)) {
		size_t back = 1 + prng_below(&s->rng, a->blocks_len < 5 ? a->blocks_len : 5);

		parent = a->blocks[a->blocks_len - back].header;
		memcpy(parent_id, a->blocks[a->blocks_len - back].id, 32);
	}
	memcpy(h.election_id, s->committee.election_id, 32);
	h.height = parent.height + 1;
	h.view = view;
	h.parent_view = parent.view;
	memcpy(h.parent, parent_id, 32);
	h.proposer = node;
	h.time_min = parent.time_min;
	h.n_items = body_len > 0;
	h.body_len = (uint32_t)body_len;
	block_body_hash(h.body_hash, body, body_len);
	h.log_size = parent.log_size + h.n_items;
	block_body_hash(hash, body, body_len);
	app_state(h.state_hash, parent.state_hash, hash);
	if (chance(s, 5))
		h.state_hash[0] ^= 1;
	memcpy(h.log_root, h.state_hash, 32);
	if (chance(s, 5))
		h.height += prng_below(&s->rng, 2) * 2 - 1;
	return know_block(s, &h, body, body_len);
}

static void send_proposal(struct sim *s, const struct known_block *b, uint8_t to)
{
	const struct adversary *a = &s->adversary;
	struct vote v = { .type = VOTE_NOTARIZE, .view = b->header.view,
	                  .signer = b->header.proposer };
	unsigned int count = 0, skip_pct = chance(s, 40) ? 0 : 50;
	struct writer w;
	size_t at, len;

	memcpy(v.block, b->id, 32);
	fake_sign(&v);
	writer_init(&w, out, sizeof(out));
	wire_proposal_write(&w, &b->header, b->body, b->header.body_len, v.sig);
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
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, b->header.proposer, to, out, len);
}

static void fork_proposals(struct sim *s, uint8_t node, uint64_t view)
{
	struct known_block one, two;
	const struct known_block *b;

	if ((b = forge_block(s, node, view)) == NULL)
		return;
	one = *b;
	if ((b = forge_block(s, node, view)) == NULL)
		return;
	two = *b;
	for (uint8_t to = 0; to < s->o.n; to++)
		if (to != node && chance(s, 80))
			send_proposal(s, chance(s, 50) ? &one : &two, to);
}

static void show_certificate(struct sim *s, uint8_t node, bool is_false)
{
	const struct adversary *a = &s->adversary;
	struct certificate c;
	struct writer w;
	size_t len;

	if (a->certs_len == 0)
		return;
	c = a->certs[a->certs_len - 1 - prng_below(&s->rng, a->certs_len < 8 ? a->certs_len : 8)];
	if (is_false)
		c.sig[0][prng_below(&s->rng, 8)] ^= 0x40;
	writer_init(&w, out, sizeof(out));
	wire_kind_write(&w, WIRE_CERT);
	writer_u8(&w, 1);
	certificate_write(&w, &c);
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, (uint8_t)prng_below(&s->rng, s->o.n), out, len);
}

static void lie(struct sim *s, uint8_t node)
{
	const struct adversary *a = &s->adversary;
	struct writer w;
	size_t len;

	writer_init(&w, out, sizeof(out));
	switch (prng_below(&s->rng, 4)) {
	case 0:
		wire_status_write(&w, some_view(s) + 1000, prng_below(&s->rng, 1000));
		writer_u8(&w, 0);
		break;
	case 1:
		wire_sync_req_write(&w, prng_below(&s->rng, 20), LIMIT_FRAME_BULK);
		break;
	case 2:
		wire_cert_req_write(&w, 1, 900);
		break;
	default:
		if (a->blocks_len == 0)
			return;
		wire_block_req_write(&w, a->blocks[prng_below(&s->rng, a->blocks_len)].id);
		break;
	}
	if (writer_end(&w, &len) == ST_OK)
		network_send_as(s, node, somebody(s), out, len);
}

void adversary_act(struct sim *s, uint8_t node)
{
	const struct replica *r = NULL;
	uint64_t view = some_view(s);

	for (unsigned int i = 0; i < s->instances && r == NULL; i++)
		if (s->replica[i].honest && s->replica[i].core != NULL)
			r = &s->replica[i];
	if (r != NULL && consensus_leader(r->core, view) == node && chance(s, 60)) {
		fork_proposals(s, node, view);
		return;
	}
	switch (prng_below(&s->rng, 4)) {
	case 0:
	case 1:
		vote_for_everything(s, node);
		break;
	case 2:
		show_certificate(s, node, s->adversary.reckless && chance(s, 2));
		break;
	default:
		lie(s, node);
		break;
	}
	if (s->adversary.reckless && chance(s, 1))
		send_vote(s, node, VOTE_NULLIFY, view, NULL, true);
}

void adversary_free(struct sim *s)
{
	free(s->adversary.certs);
	free(s->adversary.blocks);
	free(s->adversary.votes);
}

/*
 * adversary.c: what cheating nodes that run no replica hear, and know together.
 *
 * They share everything, and make a certificate of any votes that suffice for one with their own.
 *
 * Invariant: they sign with the keys of cheating nodes only.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void know_cert(struct sim *s, const struct certificate *cert)
{
	struct adversary *a = &s->adversary;

	for (size_t i = a->certs_len; i > 0; i--)
		if (a->certs[i - 1].type == cert->type && a->certs[i - 1].view == cert->view &&
		    memcmp(a->certs[i - 1].block, cert->block, 32) == 0)
			return;
	if (a->certs_len == a->certs_cap) {
		a->certs_cap = a->certs_cap == 0 ? 64 : 2 * a->certs_cap;
		a->certs = realloc(a->certs, a->certs_cap * sizeof(*a->certs));
		assert(a->certs != NULL);
	}
	a->certs[a->certs_len++] = *cert;
	if (certificate_check_with(cert, &s->committee, fake_verify) == ST_OK)
		check_certificate(s, cert);
	else
		a->certs_len--;
}

const struct known_block *adversary_know_block(struct sim *s, const struct block_header *h,
                                               const uint8_t *body, size_t len)
{
	struct adversary *a = &s->adversary;
	struct known_block *b;
	uint8_t id[32];

	block_id(id, h);
	for (size_t i = a->blocks_len; i > 0; i--)
		if (memcmp(a->blocks[i - 1].id, id, 32) == 0)
			return &a->blocks[i - 1];
	if (len > sizeof(b->body) || len != h->body_len)
		return NULL;
	if (a->blocks_len == a->blocks_cap) {
		a->blocks_cap = a->blocks_cap == 0 ? 64 : 2 * a->blocks_cap;
		a->blocks = realloc(a->blocks, a->blocks_cap * sizeof(*a->blocks));
		assert(a->blocks != NULL);
	}
	b = &a->blocks[a->blocks_len++];
	b->header = *h;
	memcpy(b->id, id, 32);
	if (len > 0)
		memcpy(b->body, body, len);
	return b;
}

static bool is_cheat(const struct sim *s, unsigned int node)
{
	return s->o.kind[node] == SIM_ACTIVE;
}

/* With the cheating nodes' own votes added: is that a certificate? */
static void try_certificate(struct sim *s, const struct vote *of)
{
	const struct adversary *a = &s->adversary;
	struct certificate cert = { .type = of->type, .view = of->view };
	struct vote slot[LIMIT_TRUSTEES];
	bool has[LIMIT_TRUSTEES] = { false };
	unsigned int count = 0;

	for (unsigned int i = 0; i < s->o.n; i++) {
		if (!is_cheat(s, i))
			continue;
		slot[i] = *of;
		slot[i].signer = (uint8_t)i;
		fake_sign(&slot[i]);
		has[i] = true;
	}
	for (size_t i = a->votes_len; i > 0 && a->votes_len - i < 512; i--) {
		const struct vote *v = &a->votes[i - 1];

		if (v->type == of->type && v->view == of->view &&
		    memcmp(v->block, of->block, 32) == 0) {
			slot[v->signer] = *v;
			has[v->signer] = true;
		}
	}
	memcpy(cert.block, of->block, 32);
	for (unsigned int i = 0; i < s->o.n; i++) {
		if (!has[i])
			continue;
		cert.signers |= (uint16_t)(1u << i);
		memcpy(cert.sig[count++], slot[i].sig, VOTE_SIG_BYTES);
	}
	if (count >= s->committee.q)
		know_cert(s, &cert);
}

void adversary_know_vote(struct sim *s, const struct vote *v)
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
	if (v->view > a->last_view && v->view < a->last_view + 100 && !is_cheat(s, v->signer)) {
		a->last_view = v->view;
		a->last_view_ms = s->now;
	}
	try_certificate(s, v);
}

static void keep_heard(struct sim *s, const uint8_t *bytes, size_t len)
{
	struct adversary *a = &s->adversary;

	if (!chance(s, 10))
		return;
	buffer_drop(a->heard[a->heard_next]);
	a->heard[a->heard_next] = buffer_make(bytes, len);
	a->heard_next = (a->heard_next + 1) % ADVERSARY_HEARD;
}

static void hear_proposal(struct sim *s, struct wire_proposal *p)
{
	struct vote v = { .type = VOTE_NOTARIZE, .view = p->header.view,
	                  .signer = p->header.proposer };
	struct certificate cert;

	block_id(v.block, &p->header);
	memcpy(v.sig, p->sig, sizeof(v.sig));
	(void)adversary_know_block(s, &p->header, p->body, p->body_len);
	adversary_know_vote(s, &v);
	while (wire_next_cert(&p->certs, &cert))
		know_cert(s, &cert);
}

void adversary_hear(struct sim *s, uint8_t node, uint8_t from, const uint8_t *bytes, size_t len)
{
	struct wire_proposal p;
	struct wire_votes votes;
	struct wire_certs certs;
	struct wire_sync_req sync;
	struct wire_status status;
	struct certificate cert;
	enum wire_kind kind;
	struct reader r;
	struct vote v;

	reader_init(&r, bytes, len);
	if (wire_kind_read(&r, &kind) != ST_OK || is_cheat(s, from))
		return;
	keep_heard(s, bytes, len);
	if (kind == WIRE_PROPOSAL && wire_proposal_read(&r, &p) == ST_OK) {
		hear_proposal(s, &p);
	} else if (kind == WIRE_VOTE && wire_votes_read(&r, &votes) == ST_OK) {
		while (wire_next_vote(&votes.votes, &v))
			adversary_know_vote(s, &v);
	} else if (kind == WIRE_SYNC_REQ && wire_sync_req_read(&r, &sync) == ST_OK) {
		if ((s->o.deeds[node] >> DEED_FORGE_SYNC & 1) != 0)
			deed_forge_sync(s, node, from, sync.height);
	} else if (kind == WIRE_STATUS && wire_status_read(&r, &status) == ST_OK) {
		if (status.view == 0 && (s->o.deeds[node] >> DEED_LIE & 1) != 0)
			deed_understate(s, node, from);
	} else if (kind == WIRE_CERT && wire_certs_read(&r, &certs) == ST_OK) {
		while (wire_next_cert(&certs.certs, &cert))
			know_cert(s, &cert);
	}
}

void adversary_free(struct sim *s)
{
	free(s->adversary.certs);
	free(s->adversary.blocks);
	free(s->adversary.votes);
	for (unsigned int i = 0; i < ADVERSARY_HEARD; i++)
		buffer_drop(s->adversary.heard[i]);
}

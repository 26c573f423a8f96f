/*
 * reports.c: see reports.h.
 */
#include "tests/unit/lib/reports.h"

#include "common/election/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1 << 18 };

const struct sign_secret *reports_secret(const struct town *t, const struct report_party *p)
{
	switch (p->role) {
	case PARTY_TRUSTEE:
		return &t->trustee[p->index - 1];
	case PARTY_NODE:
		return &t->node[p->index];
	case PARTY_OFFICER:
		return &t->officer;
	case PARTY_REGISTRAR:
		return &t->registrar;
	case PARTY_KIOSK:
		break;
	}
	return &t->kiosk;
}

void reports_sign(struct town *t, struct town_tx *tx, const struct sign_secret *by)
{
	const struct election_params *p = election_params(t->e);
	const struct message m = check_message(p, (enum tx_type)tx->wire[0], tx->wire + 1,
	                                       tx->len - 1 - TX_SIG_BYTES);

	sign_message(by, tx->wire + tx->len - TX_SIG_BYTES, &m);
	params_unref(p);
}

static struct town_tx finish(struct town *t, uint8_t *wire, struct writer *w,
                             const struct report_party *by)
{
	struct town_tx tx = { .wire = wire };

	(void)writer_room(w, TX_SIG_BYTES);
	assert_int_equal(writer_end(w, &tx.len), ST_OK);
	reports_sign(t, &tx, reports_secret(t, by));
	return tx;
}

static struct writer begin(uint8_t **wire, enum tx_type type)
{
	struct writer w;

	*wire = malloc(ROOM);
	assert_non_null(*wire);
	writer_init(&w, *wire, ROOM);
	tx_begin(&w, type);
	return w;
}

struct town_tx reports_evidence(struct town *t, struct report_party by, const uint8_t *bytes,
                                size_t len)
{
	uint8_t *wire;
	struct writer w = begin(&wire, TX_EVIDENCE);

	tx_evidence_body(&w, &by, bytes, len);
	return finish(t, wire, &w, &by);
}

struct town_tx reports_complaint(struct town *t, struct report_party by, struct report_party about,
                                 const char *text)
{
	uint8_t *wire;
	struct writer w = begin(&wire, TX_COMPLAINT);

	tx_complaint_body(&w, &by, &about, NULL, text, strlen(text));
	return finish(t, wire, &w, &by);
}

struct town_tx reports_incident(struct town *t, struct report_party by,
                                enum incident_category category, int kiosk, const char *text)
{
	uint8_t *wire;
	uint16_t number = (uint16_t)kiosk;
	struct writer w = begin(&wire, TX_INCIDENT);

	tx_incident_body(&w, &by, category, kiosk < 0 ? NULL : &number, text, strlen(text));
	return finish(t, wire, &w, &by);
}

/* --- what nodes sign ------------------------------------------------------------------------- */

static void sign_vote(const struct town *t, struct vote *v)
{
	uint8_t body[VOTE_BODY_BYTES];
	struct committee c;
	struct message m;

	assert_int_equal(audit_committee(&c, t->m), ST_OK);
	vote_body(body, v->type, v->view, v->block);
	vote_message(&m, &c, body);
	sign_message(&t->node[v->signer], v->sig, &m);
}

struct vote reports_vote(const struct town *t, enum vote_type type, unsigned int node,
                         uint64_t view, uint8_t block)
{
	struct vote v = { .type = type, .view = view, .signer = (uint8_t)node };

	v.block[0] = type == VOTE_NULLIFY ? 0 : block;
	sign_vote(t, &v);
	return v;
}

size_t reports_double_vote(const struct town *t, uint8_t *out, size_t cap, unsigned int node,
                           uint64_t view)
{
	const struct evidence e = {
		.kind = EVIDENCE_DOUBLE_VOTE, .a = reports_vote(t, VOTE_NOTARIZE, node, view, 1),
		.b = reports_vote(t, VOTE_NOTARIZE, node, view, 2),
	};
	size_t len;

	assert_int_equal(evidence_encode(&e, out, cap, &len), ST_OK);
	return len;
}

struct block_header reports_header(const struct town *t, uint64_t view, uint32_t items,
                                   const uint8_t *body, size_t body_len)
{
	struct block_header h = {
		.version = BLOCK_VERSION, .height = 1, .view = view, .parent_view = view - 1,
		.time_min = 9, .n_items = items, .body_len = (uint32_t)body_len, .log_size = 2,
	};
	struct committee c;

	assert_int_equal(audit_committee(&c, t->m), ST_OK);
	h.proposer = committee_leader(&c, view);
	memcpy(h.election_id, t->m->election_id, sizeof(h.election_id));
	block_body_hash(h.body_hash, body, body_len);
	return h;
}

size_t reports_unsound(const struct town *t, uint8_t *out, size_t cap, uint64_t view,
                       const struct block_header *header, const uint8_t *body, size_t body_len)
{
	struct evidence e = {
		.kind = EVIDENCE_UNSOUND_BLOCK, .header = *header, .has_body = body != NULL,
		.body = body, .body_len = body_len,
		.a = { .type = VOTE_NOTARIZE, .view = view },
	};
	struct committee c;
	size_t len;

	assert_int_equal(audit_committee(&c, t->m), ST_OK);
	e.a.signer = committee_leader(&c, view);
	block_id(e.a.block, header);
	sign_vote(t, &e.a);
	assert_int_equal(evidence_encode(&e, out, cap, &len), ST_OK);
	return len;
}

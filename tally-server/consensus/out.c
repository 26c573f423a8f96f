/*
 * out.c: the update under construction.
 *
 * Lists are bounded.  What the protocol would say again (messages) is dropped when there is no
 * room; what must not be lost (own votes, deliveries) waits for the next step, and `again` asks
 * for one; foreign certificates and blocks are taken only while out_has_room.
 *
 * Invariant: records that a step makes of its own accord fit into RECORDS_SPARE.
 */
#include "tally-server/consensus/state.h"

#include <assert.h>
#include <string.h>

_Static_assert(RECORDS_MAX > WIRE_JUSTIFY_MAX + RECORDS_SPARE, "a proposal's certificates fit");
_Static_assert(RECORDS_SPARE > DELIVERIES_MAX + 8, "deliveries fit the spare records");

void out_reset(struct consensus *c)
{
	c->record_count = 0;
	c->sign_count = 0;
	c->message_count = 0;
	c->delivery_count = 0;
	c->evidence_count = 0;
	c->bad_peers = 0;
	c->full = false;
	c->recheck = false;
}

/* Votes that a finalization of the same step has overtaken need not be signed. */
static void drop_spent_votes(struct consensus *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->sign_count; i++)
		if (c->sign[i].view > c->final_view)
			c->sign[kept++] = c->sign[i];
	c->sign_count = kept;
}

void out_finish(struct consensus *c, struct consensus_update *up)
{
	drop_spent_votes(c);
	*up = (struct consensus_update){
		.records = c->records, .record_count = c->record_count,
		.sign = c->sign, .sign_count = c->sign_count,
		.messages = c->messages, .message_count = c->message_count,
		.deliveries = c->deliveries, .delivery_count = c->delivery_count,
		.evidence = c->evidence, .evidence_count = c->evidence_count,
		.deadline_ms = CONSENSUS_NEVER,
		.again = c->full,
		.bad_peers = c->bad_peers,
		.halted = c->halted,
	};
	if (c->halted == ST_OK)
		up->deadline_ms = c->full ? c->now
		                          : time_min(views_deadline(c), sync_deadline(c));
}

bool out_has_room(const struct consensus *c)
{
	return c->record_count < RECORDS_MAX - RECORDS_SPARE;
}

static struct consensus_record *record_push(struct consensus *c, enum consensus_record_type type)
{
	struct consensus_record *rec;

	assert(c->record_count < RECORDS_MAX);
	rec = &c->records[c->record_count++];
	rec->type = type;
	rec->has_cert = false;
	return rec;
}

void out_block(struct consensus *c, const uint8_t id[static 32])
{
	memcpy(record_push(c, CONSENSUS_RECORD_BLOCK)->id, id, 32);
}

void out_certificate(struct consensus *c, const struct certificate *cert)
{
	record_push(c, CONSENSUS_RECORD_CERTIFICATE)->cert = *cert;
}

void out_guard(struct consensus *c, uint64_t view)
{
	record_push(c, CONSENSUS_RECORD_GUARD)->view = view;
}

bool out_deliver(struct consensus *c, const struct block *b, const struct certificate *cert)
{
	struct consensus_delivery *d;
	struct consensus_record *rec;

	if (c->delivery_count == DELIVERIES_MAX) {
		c->full = true;
		return false;
	}
	d = &c->deliveries[c->delivery_count++];
	d->header = b->header;
	memcpy(d->id, b->id, sizeof(d->id));
	d->has_cert = cert != NULL;
	rec = record_push(c, CONSENSUS_RECORD_COMMIT);
	memcpy(rec->id, b->id, sizeof(rec->id));
	rec->height = b->header.height;
	rec->has_cert = cert != NULL;
	if (cert != NULL) {
		d->cert = *cert;
		rec->cert = *cert;
	}
	return true;
}

bool out_sign(struct consensus *c, enum vote_type type, uint64_t view,
              const uint8_t block[static 32])
{
	struct vote *v;

	if (c->sign_count == SIGN_MAX) {
		c->full = true;
		return false;
	}
	v = &c->sign[c->sign_count++];
	memset(v, 0, sizeof(*v));
	v->type = type;
	v->view = view;
	memcpy(v->block, block, sizeof(v->block));
	v->signer = c->cfg.self;
	return true;
}

struct consensus_message *out_message(struct consensus *c, enum wire_kind kind, uint8_t to)
{
	struct consensus_message *m;

	if (c->message_count == MESSAGES_MAX || c->cfg.committee.n == 1 || to == c->cfg.self)
		return NULL;
	m = &c->messages[c->message_count++];
	memset(m, 0, sizeof(*m));
	m->kind = (uint8_t)kind;
	m->to = to;
	m->bulk = wire_is_bulk(kind);
	return m;
}

void out_certs(struct consensus *c, uint8_t to, uint64_t first, uint64_t last, bool with_final)
{
	struct consensus_message *m = out_message(c, WIRE_CERT, to);

	if (m == NULL)
		return;
	m->first = first;
	m->last = last;
	m->with_final = with_final;
}

void out_votes(struct consensus *c, uint8_t to, uint64_t first, uint64_t last)
{
	struct consensus_message *m = out_message(c, WIRE_VOTE, to);

	if (m == NULL)
		return;
	m->first = first;
	m->last = last;
}

void out_evidence(struct consensus *c, const struct consensus_evidence *e)
{
	if (c->evidence_count < EVIDENCE_MAX)
		c->evidence[c->evidence_count++] = *e;
}

void out_bad_peer(struct consensus *c, uint8_t from)
{
	c->bad_peers |= (uint16_t)(1u << from);
}

void halt(struct consensus *c, enum status why)
{
	if (c->halted == ST_OK)
		c->halted = why;
}

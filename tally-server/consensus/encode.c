/*
 * encode.c: the bytes of records and messages.
 *
 * A message names what it says (views, an id); its bytes are made from the state when it is sent.
 * What is gone by then is left out: another will say it.
 *
 * Invariant: only stored votes and certificates are ever written (A.2: nothing is made anew for a
 * resend).
 */
#include "tally-server/consensus/state.h"

#include <string.h>

enum status consensus_record_encode(const struct consensus *c, uint8_t *buf, size_t cap,
                                    size_t *len, const struct consensus_record *rec)
{
	struct block_header header;
	const uint8_t *body;
	size_t body_len;
	struct writer w;
	enum status st;

	writer_init(&w, buf, cap);
	writer_u8(&w, (uint8_t)rec->type);
	switch (rec->type) {
	case CONSENSUS_RECORD_BLOCK:
		st = c->cfg.app.get(c->cfg.app.ctx, &header, &body, &body_len, rec->id);
		if (st != ST_OK)
			return st;
		block_header_write(&w, &header);
		writer_vec32(&w, body, body_len);
		break;
	case CONSENSUS_RECORD_CERTIFICATE:
		certificate_write(&w, &rec->cert);
		break;
	case CONSENSUS_RECORD_COMMIT:
		writer_u64(&w, rec->height);
		writer_bytes(&w, rec->id, sizeof(rec->id));
		writer_u8(&w, rec->has_cert);
		if (rec->has_cert)
			certificate_write(&w, &rec->cert);
		break;
	case CONSENSUS_RECORD_GUARD:
		writer_u64(&w, rec->view);
		break;
	}
	return writer_end(&w, len);
}

/* Own signed votes of [first, last], as many as a message holds. */
static enum status votes_write(const struct consensus *c, struct writer *w, uint64_t first,
                               uint64_t last)
{
	unsigned int count = 0;
	unsigned int self = c->cfg.self;
	size_t at;

	wire_kind_write(w, WIRE_VOTE);
	at = wire_count_begin(w, 1);
	for (uint64_t v = first; v <= last; v++) {
		const struct slot *s = slots_find(c, v);

		for (unsigned int t = 0; s != NULL && t < VOTE_TYPES && count < WIRE_LIST_MAX; t++) {
			struct vote vote = { .type = (enum vote_type)(t + VOTE_NOTARIZE),
			                     .view = v, .signer = (uint8_t)self };

			if (s->own[t].state != OWN_SIGNED || (s->tally[t].has >> self & 1) == 0)
				continue;
			memcpy(vote.block, s->tally[t].block[self], sizeof(vote.block));
			memcpy(vote.sig, s->tally[t].sig[self], sizeof(vote.sig));
			vote_write(w, &vote);
			count++;
		}
	}
	wire_count_set(w, at, 1, count);
	return count > 0 ? ST_OK : ST_NOT_FOUND;
}

/* N and U of [first, last], and the newest F if asked. */
static void certs_write(const struct consensus *c, struct writer *w, unsigned int *count,
                        const struct consensus_message *m)
{
	if (m->with_final && c->has_final) {
		certificate_write(w, &c->final);
		(*count)++;
	}
	for (uint64_t v = m->first; v > 0 && v <= m->last && *count + 2 <= WIRE_LIST_MAX; v++) {
		const struct slot *s = slots_find(c, v);

		if (s == NULL || v <= c->final_view)
			continue;
		if (s->has_n) {
			certificate_write(w, &s->n);
			(*count)++;
		}
		if (s->has_u) {
			certificate_write(w, &s->u);
			(*count)++;
		}
	}
}

static enum status cert_write(const struct consensus *c, struct writer *w,
                              const struct consensus_message *m)
{
	unsigned int count = 0;
	size_t at;

	wire_kind_write(w, WIRE_CERT);
	at = wire_count_begin(w, 1);
	certs_write(c, w, &count, m);
	wire_count_set(w, at, 1, count);
	return count > 0 ? ST_OK : ST_NOT_FOUND;
}

static void status_write(const struct consensus *c, struct writer *w)
{
	const struct slot *entry = c->cur - 1 > c->final_view ? slots_find(c, c->cur - 1) : NULL;
	unsigned int count = 0;
	size_t at;

	wire_status_write(w, recover_shown_view(c), c->tip.height);
	at = wire_count_begin(w, 1);
	if (c->has_final) {
		certificate_write(w, &c->final);
		count++;
	}
	if (entry != NULL && (entry->has_n || entry->has_u)) {
		certificate_write(w, entry->has_n ? &entry->n : &entry->u);
		count++;
	}
	wire_count_set(w, at, 1, count);
}

static enum status block_resp_write(const struct consensus *c, struct writer *w,
                                    const uint8_t id[static 32])
{
	struct block_header header;
	const uint8_t *body;
	size_t body_len;
	enum status st = c->cfg.app.get(c->cfg.app.ctx, &header, &body, &body_len, id);

	if (st == ST_OK)
		wire_block_resp_write(w, &header, body, body_len);
	return st;
}

static enum status message_write(const struct consensus *c, struct writer *w,
                                 const struct consensus_message *m)
{
	switch ((enum wire_kind)m->kind) {
	case WIRE_PROPOSAL:
		return propose_write(c, w, m->first);
	case WIRE_VOTE:
		return votes_write(c, w, m->first, m->last);
	case WIRE_CERT:
		return cert_write(c, w, m);
	case WIRE_STATUS:
		status_write(c, w);
		return ST_OK;
	case WIRE_CERT_REQ:
		wire_cert_req_write(w, m->first, m->last);
		return ST_OK;
	case WIRE_BLOCK_REQ:
		wire_block_req_write(w, m->id);
		return ST_OK;
	case WIRE_BLOCK_RESP:
		return block_resp_write(c, w, m->id);
	case WIRE_SYNC_REQ:
		wire_sync_req_write(w, m->first, (uint32_t)m->last);
		return ST_OK;
	case WIRE_SYNC_RESP:
		return sync_write(c, w, m);
	}
	return ST_INTERNAL;
}

enum status consensus_message_encode(const struct consensus *c, uint8_t *buf, size_t cap,
                                     size_t *len, const struct consensus_message *msg)
{
	struct writer w;
	enum status st;

	writer_init(&w, buf, cap);
	if ((st = message_write(c, &w, msg)) != ST_OK)
		return st;
	return writer_end(&w, len);
}

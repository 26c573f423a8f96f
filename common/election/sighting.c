/*
 * sighting.c: see sighting.h.
 */
#include "common/election/sighting.h"

#include "common/election/audit.h"
#include "common/election/genesis.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/receipt.h"
#include "common/ledger/stretch.h"

#include <string.h>

const char *sighting_weight_name(enum sighting_weight weight)
{
	switch (weight) {
	case SIGHTING_PROVES:
		return "proof";
	case SIGHTING_WITNESSES:
		return "word";
	case SIGHTING_OPEN:
		return "open";
	}
	return "unknown";
}

/* --- answers --------------------------------------------------------------------------------- */

static enum status check_head(const struct message_response *r, const struct committee *c)
{
	struct certified_head head;
	struct reader in;
	enum status st;

	reader_init(&in, r->bytes, r->bytes_len);
	if ((st = certified_head_read(&in, &head)) != ST_OK || (st = reader_end(&in)) != ST_OK)
		return st;
	return certified_head_check(&head, c);
}

static enum status check_genesis(const struct message_response *r, const struct manifest *m)
{
	unsigned int trustee;

	if (r->bytes_len % TX_SIG_BYTES != 0)
		return ST_FORMAT;
	return genesis_check(m, (const uint8_t (*)[TX_SIG_BYTES])r->bytes,
	                     r->bytes_len / TX_SIG_BYTES, &trustee);
}

/* Each by its own key; whether it is of this log is another matter (decisions/0089). */
static enum status check_vouchers(const struct message_response *r, const struct manifest *m)
{
	struct cosignature c;
	struct reader in;
	enum status st;

	reader_init(&in, r->bytes, r->bytes_len);
	while (reader_left(&in) > 0) {
		if ((st = cosignature_read(&in, &c)) != ST_OK)
			return st;
		if (c.node >= m->trustees_len)
			return ST_LIMIT;
		if ((st = cosignature_check(&c, m->election_id,
		                            m->trustees[c.node].checkpoint_key)) != ST_OK)
			return st;
	}
	return ST_OK;
}

/* The first block that the rules refuse, on the chain before it.  ST_NOT_FOUND: none. */
static enum status play(struct sighting *out, const struct stretch *s,
                        struct replay *before)
{
	struct reader at = stretch_begin(s);
	bool is_heir = true;
	struct chain_fault fault;
	struct block_header h;
	const uint8_t *body;
	size_t len;
	enum status st;

	while ((st = stretch_next(&at, &h, &body, &len)) == ST_OK) {
		/* Without its parent under it a block is no heir of this chain; block 0 is everybody's. */
		if (h.height > 1 && memcmp(h.parent, replay_tip_id(before), sizeof(h.parent)) != 0)
			is_heir = false;
		st = replay_accept(before, &h, body, len, &fault);
		if (st == ST_NO_MEMORY || st == ST_INTERNAL)
			return st;
		if (st == ST_OK)
			continue;
		out->reason = st;
		out->height = h.height;
		out->weight = SIGHTING_WITNESSES;
		if (is_heir && stretch_is_certified(s)) {
			out->weight = SIGHTING_PROVES;
			out->culprits = s->head.certificate.signers;
			out->culprits_min = certificate_count(&s->head.certificate);
		}
		return ST_OK;
	}
	return st;
}

static enum status judge_blocks(struct sighting *out, const struct message_response *r,
                                uint64_t from, const struct committee *c, struct replay *before)
{
	struct stretch s;
	enum status st;

	if (r->blocks == 0 || from == 0)
		return ST_NOT_FOUND;
	out->height = from;
	if ((st = stretch_open(&s, r, from, c)) != ST_OK || (st = stretch_check(&s)) != ST_OK) {
		out->reason = st;
		return ST_OK;
	}
	if (before == NULL) {
		out->weight = SIGHTING_OPEN;
		return ST_OK;
	}
	return replay_tip(before)->height == from - 1 ? play(out, &s, before) : ST_PARENT;
}

static enum status judge_answer(struct sighting *out, const struct evidence *e,
                                const struct manifest *m, const struct committee *c,
                                struct replay *before)
{
	struct message_request q;
	struct message_response r;
	enum status st;

	if (e->node >= c->n)
		return ST_ROLE;
	if ((st = message_request_decode(&q, e->request, e->request_len)) != ST_OK)
		return st;
	if (q.kind != MESSAGE_BLOCKS && q.kind != MESSAGE_HEAD && q.kind != MESSAGE_GENESIS &&
	    q.kind != MESSAGE_VOUCHERS)
		return ST_NOT_FOUND;   /* these have no answers that can be held against anything */
	out->weight = SIGHTING_WITNESSES;
	out->reason = message_response_decode(&r, e->answer, e->answer_len);
	if (out->reason == ST_OK && r.kind != q.kind)
		out->reason = ST_FORMAT;
	if (out->reason != ST_OK)
		return ST_OK;
	if (r.answer != ANSWER_OK)
		return ST_NOT_FOUND;
	if (q.kind == MESSAGE_BLOCKS)
		return judge_blocks(out, &r, q.from_height, c, before);
	out->reason = q.kind == MESSAGE_HEAD ? check_head(&r, c) :
	              q.kind == MESSAGE_GENESIS ? check_genesis(&r, m) : check_vouchers(&r, m);
	return out->reason == ST_OK ? ST_NOT_FOUND : ST_OK;
}

bool sighting_asks_from(uint64_t *height, const struct evidence *e)
{
	struct message_request q;

	if (e->kind != EVIDENCE_FALSE_ANSWER ||
	    message_request_decode(&q, e->request, e->request_len) != ST_OK ||
	    q.kind != MESSAGE_BLOCKS)
		return false;
	*height = q.from_height;
	return true;
}

/* --- all of them ----------------------------------------------------------------------------- */

static enum status judge_branches(struct sighting *out, const struct evidence *e,
                                  const struct committee *c)
{
	const struct evidence_branch *b = &e->branch[0];
	struct evidence_finding found;
	struct block_header h;
	enum status st = evidence_check(e, c, &found);

	evidence_header(&h, b, e->kind == EVIDENCE_FORK ? 0 : (uint16_t)(b->count - 1));
	out->height = h.height;
	if (e->kind == EVIDENCE_FORK && st == ST_OK) {
		out->weight = SIGHTING_PROVES;
		out->reason = ST_FORK;
		out->culprits = found.nodes;
		out->culprits_min = 2 * c->q - c->n;
		return ST_OK;
	}
	if (e->kind != EVIDENCE_ROLLBACK || st != ST_INCOMPLETE)
		return st;
	out->weight = SIGHTING_WITNESSES;
	out->reason = ST_AMNESIA;
	return ST_OK;
}

enum status sighting_judge(struct sighting *out, const struct evidence *e,
                           const struct manifest *m, struct replay *before)
{
	struct sighting found = { .weight = SIGHTING_WITNESSES };
	struct committee c;
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = audit_committee(&c, m)) != ST_OK)
		return st;
	st = ST_NOT_FOUND;
	switch (e->kind) {
	case EVIDENCE_FORK:
	case EVIDENCE_ROLLBACK:
		st = judge_branches(&found, e, &c);
		break;
	case EVIDENCE_FALSE_ANSWER:
		st = judge_answer(&found, e, m, &c, before);
		break;
	case EVIDENCE_DOUBLE_VOTE:
	case EVIDENCE_UNSOUND_BLOCK:
	case EVIDENCE_FALSE_MESSAGE:
	case EVIDENCE_BREACH:
	case EVIDENCE_TWO_FATES:
	case EVIDENCE_CAST_AND_TESTED:
		break;
	}
	if (st == ST_OK)
		*out = found;
	return st;
}

/*
 * accuse.c: see accuse.h.
 */
#include "common/election/accuse.h"

#include "crypto/hash.h"

#include <string.h>

/* A node's act in a view: one offence, whatever votes or block show it. */
static void name_offence(struct accusation *a, uint64_t view)
{
	struct hash h;

	hash256_purpose(&h, "offence");
	hash_field_u8(&h, (uint8_t)a->kind);
	hash_field_u8(&h, (uint8_t)a->accused.role);
	hash_field_u32(&h, a->accused.index);
	hash_field_u64(&h, view);
	hash256_final(&h, a->offence);
}

enum status accuse_name(struct accusation *out, const struct manifest *m, const struct evidence *e)
{
	memset(out, 0, sizeof(*out));
	out->kind = e->kind;
	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
	case EVIDENCE_UNSOUND_BLOCK:
		if (e->a.signer >= m->trustees_len)
			return ST_ROLE;
		out->accused = (struct report_party){ .role = PARTY_NODE, .index = e->a.signer };
		name_offence(out, e->a.view);
		return ST_OK;
	case EVIDENCE_FALSE_MESSAGE:
	case EVIDENCE_BREACH:
	case EVIDENCE_TWO_FATES:
	case EVIDENCE_CAST_AND_TESTED:
		return ST_UNPROVEN;   /* these need the chain: decisions/0087 */
	case EVIDENCE_FORK:
	case EVIDENCE_ROLLBACK:
	case EVIDENCE_FALSE_ANSWER:
		break;
	}
	return ST_FORMAT;
}

static enum status committee_of(struct committee *out, const struct manifest *m)
{
	uint8_t keys[LIMIT_TRUSTEES][32];

	for (unsigned int i = 0; i < m->trustees_len; i++)
		memcpy(keys[i], m->trustees[i].node_key, sizeof(keys[i]));
	return committee_init(out, m->trustees_len, m->election_id, m->suite,
	                      (const uint8_t (*)[32])keys);
}

/*
 * A body where the header alone shows the fault: nobody compares it with anything, so whoever
 * reports could put what he likes on the chain for ever.
 */
static bool has_idle_body(const struct evidence *e, const struct committee *c)
{
	return e->has_body &&
	       evidence_block_fault(c, e->a.view, &e->header, NULL, 0) != ST_OK;
}

enum status accuse_check(struct accusation *out, const struct election_params *p,
                         const struct evidence *e)
{
	struct evidence_finding found;
	struct committee c;
	enum status st;

	if ((st = accuse_name(out, p->manifest, e)) != ST_OK ||
	    (st = committee_of(&c, p->manifest)) != ST_OK)
		return st;
	if (e->kind == EVIDENCE_UNSOUND_BLOCK && has_idle_body(e, &c))
		return ST_FORMAT;
	st = evidence_check(e, &c, &found);
	if (st != ST_OK)
		return st == ST_INCOMPLETE || st == ST_OPENING ? ST_UNPROVEN : st;
	/* Whom it shows is whom it names. */
	return found.nodes == (uint16_t)(1u << out->accused.index) ? ST_OK : ST_INTERNAL;
}

/*
 * act.c: see act.h.
 */
#include "common/election/act.h"

#include "common/base/alloc.h"
#include "common/base/reader.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char PROPOSAL_MAGIC[16] = "kalpis-proposal\n";
static const char APPROVAL_MAGIC[16] = "kalpis-approval\n";

enum status act_sign(const struct election_params *p, uint8_t *tx, size_t *len, size_t cap,
                     const struct sign_secret *secret)
{
	struct message m;

	assert(*len >= 1);
	if (cap - *len < TX_SIG_BYTES)
		return ST_LIMIT;
	m = check_message(p, (enum tx_type)tx[0], tx + 1, *len - 1);
	sign_message(secret, tx + *len, &m);
	*len += TX_SIG_BYTES;
	return ST_OK;
}

/* --- papers ---------------------------------------------------------------------------------- */

enum status proposal_encode(const struct proposal *p, uint8_t *out, size_t cap, size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_bytes(&w, PROPOSAL_MAGIC, sizeof(PROPOSAL_MAGIC));
	writer_bytes(&w, p->election_id, sizeof(p->election_id));
	writer_vec32(&w, p->tx, p->tx_len);
	return writer_end(&w, len);
}

static enum status read_magic(struct reader *r, const char *magic)
{
	char seen[sizeof(PROPOSAL_MAGIC)];
	enum status st = reader_bytes(r, seen, sizeof(seen));

	if (st != ST_OK)
		return st;
	return memcmp(seen, magic, sizeof(seen)) == 0 ? ST_OK : ST_FORMAT;
}

enum status proposal_decode(struct proposal *out, const void *bytes, size_t len)
{
	struct reader r;
	enum status st;

	reader_init(&r, bytes, len);
	if ((st = read_magic(&r, PROPOSAL_MAGIC)) != ST_OK ||
	    (st = reader_bytes(&r, out->election_id, sizeof(out->election_id))) != ST_OK ||
	    (st = reader_vec32(&r, &out->tx, &out->tx_len, LIMIT_TX_BYTES)) != ST_OK ||
	    (st = reader_end(&r)) != ST_OK)
		return st;
	if (out->tx_len < 1 || !tx_is_phase_change((enum tx_type)out->tx[0]))
		return ST_FORMAT;
	return ST_OK;
}

void proposal_digest(const struct proposal *p, uint8_t out[static 32])
{
	struct hash h;

	hash256_purpose(&h, "proposal");
	hash_field(&h, p->election_id, sizeof(p->election_id));
	hash_field(&h, p->tx, p->tx_len);
	hash256_final(&h, out);
}

enum status approval_encode(const struct approval *a, uint8_t *out, size_t cap, size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_bytes(&w, APPROVAL_MAGIC, sizeof(APPROVAL_MAGIC));
	writer_bytes(&w, a->election_id, sizeof(a->election_id));
	writer_bytes(&w, a->proposal, sizeof(a->proposal));
	writer_u8(&w, a->trustee);
	writer_bytes(&w, a->sig, sizeof(a->sig));
	return writer_end(&w, len);
}

enum status approval_decode(struct approval *out, const void *bytes, size_t len)
{
	struct reader r;
	enum status st;

	reader_init(&r, bytes, len);
	if ((st = read_magic(&r, APPROVAL_MAGIC)) != ST_OK ||
	    (st = reader_bytes(&r, out->election_id, sizeof(out->election_id))) != ST_OK ||
	    (st = reader_bytes(&r, out->proposal, sizeof(out->proposal))) != ST_OK ||
	    (st = reader_u8(&r, &out->trustee)) != ST_OK ||
	    (st = reader_bytes(&r, out->sig, sizeof(out->sig))) != ST_OK)
		return st;
	return reader_end(&r);
}

/* --- proposing ------------------------------------------------------------------------------- */

static enum status write_open(struct writer *w, const struct election *e,
                              const struct election_params *p)
{
	const struct roll *roll = election_roll(e);

	if (roll == NULL)
		return ST_ROLL;
	tx_open_body(w, p->anchor, roll->root, roll->count, roll->weight_sum, p->y_bytes, p->y_len);
	return ST_OK;
}

static enum status write_result(struct writer *w, const struct election *e,
                                const struct election_params *p)
{
	size_t room = p->tally->aggregates_len;
	uint64_t *counts = alloc_zero(room + 1, sizeof(*counts));
	uint32_t len;
	enum status st = ST_NO_MEMORY;

	if (counts != NULL && (st = election_combine(e, counts, room, &len)) == ST_OK)
		tx_result_body(w, p->anchor, election_end_height(e), counts, len);
	free(counts);
	return st;
}

enum status act_propose(const struct election *e, enum tx_type type, uint8_t *out, size_t cap,
                        size_t *len)
{
	const struct election_params *p = election_params(e);
	enum status st = ST_OK;
	struct writer w;

	if (!tx_is_phase_change(type) || !check_is_of_phase(type, p->phase)) {
		params_unref(p);
		return ST_PHASE;
	}
	writer_init(&w, out, cap);
	tx_begin(&w, type);
	if (type == TX_ADVANCE)
		tx_advance_body(&w, (uint8_t)p->phase, p->anchor);
	else if (type == TX_OPEN)
		st = write_open(&w, e, p);
	else if (type == TX_RESULT)
		st = write_result(&w, e, p);
	else
		tx_step_body(&w, p->anchor);
	params_unref(p);
	return st != ST_OK ? st : writer_end(&w, len);
}

enum status act_judge(const struct election *e, const struct proposal *p)
{
	uint8_t *mine;
	size_t len;
	enum status st;

	if (!mem_is_equal(p->election_id, election_manifest(e)->election_id, sizeof(p->election_id)))
		return ST_ELECTION;
	mine = malloc(LIMIT_TX_BYTES);
	if (mine == NULL)
		return ST_NO_MEMORY;
	st = act_propose(e, (enum tx_type)p->tx[0], mine, LIMIT_TX_BYTES, &len);
	if (st == ST_OK && (len != p->tx_len || !mem_is_equal(mine, p->tx, len)))
		st = ST_HASH;
	free(mine);
	return st;
}

/* --- approving ------------------------------------------------------------------------------- */

static struct message statement(const struct election_params *params, const struct proposal *p)
{
	return check_message(params, (enum tx_type)p->tx[0], p->tx + 1, p->tx_len - 1);
}

void act_approve(const struct election_params *params, const struct proposal *p,
                 unsigned int trustee, const struct sign_secret *secret, struct approval *out)
{
	const struct message m = statement(params, p);

	*out = (struct approval){ .trustee = (uint8_t)trustee };
	memcpy(out->election_id, p->election_id, sizeof(out->election_id));
	proposal_digest(p, out->proposal);
	sign_message(secret, out->sig, &m);
}

static enum status check_approval(const struct election_params *params, const struct proposal *p,
                                  const struct approval *a)
{
	const struct message m = statement(params, p);
	uint8_t digest[32];

	proposal_digest(p, digest);
	if (!mem_is_equal(a->election_id, p->election_id, sizeof(a->election_id)))
		return ST_ELECTION;
	if (!mem_is_equal(a->proposal, digest, sizeof(digest)))
		return ST_HASH;
	if (a->trustee < 1 || a->trustee > params->manifest->trustees_len)
		return ST_ROLE;
	if (trustee_in(params->excluded, a->trustee))
		return ST_EXCLUDED;
	return sign_verify(params->manifest->trustees[a->trustee - 1].sign_key, a->sig, &m);
}

enum status act_combine(const struct election_params *params, const struct proposal *p,
                        const struct approval *approvals, size_t approvals_len, uint8_t *out,
                        size_t cap, size_t *len, size_t *bad)
{
	const struct approval *by[LIMIT_TRUSTEES] = { NULL };
	uint8_t trustees[LIMIT_TRUSTEES], sigs[LIMIT_TRUSTEES][TX_SIG_BYTES];
	unsigned int count = 0;
	struct writer w;
	enum status st;

	for (*bad = 0; *bad < approvals_len; (*bad)++) {
		const struct approval *a = &approvals[*bad];

		if ((st = check_approval(params, p, a)) != ST_OK)
			return st;
		if (by[a->trustee - 1] != NULL)
			return ST_DUPLICATE;
		by[a->trustee - 1] = a;
	}
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		if (by[i] == NULL)
			continue;
		trustees[count] = (uint8_t)(i + 1);
		memcpy(sigs[count++], by[i]->sig, TX_SIG_BYTES);
	}
	if (count < params->manifest->threshold)
		return ST_THRESHOLD;
	writer_init(&w, out, cap);
	writer_bytes(&w, p->tx, p->tx_len);
	tx_cosign_list(&w, trustees, (const uint8_t (*)[TX_SIG_BYTES])sigs, count);
	return writer_end(&w, len);
}

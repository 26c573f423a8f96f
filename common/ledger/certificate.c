/*
 * certificate.c: see certificate.h.
 *
 * Invariant: nothing here believes a signature without the committee's key.
 */
#include "common/ledger/certificate.h"

#include "crypto/hash.h"
#include "crypto/sign.h"

#include <assert.h>
#include <string.h>

static const uint8_t no_block[32];

unsigned int committee_faults(unsigned int n)
{
	assert(n >= 1);
	return (n - 1) / 3;
}

unsigned int committee_quorum(unsigned int n)
{
	return n - committee_faults(n);
}

enum status committee_init(struct committee *c, unsigned int n,
                           const uint8_t election_id[static 32], const struct group *group,
                           const uint8_t (*keys)[32])
{
	if (n < 1 || n > LIMIT_TRUSTEES)
		return ST_LIMIT;
	memset(c, 0, sizeof(*c));
	c->n = n;
	c->q = committee_quorum(n);
	memcpy(c->election_id, election_id, sizeof(c->election_id));
	c->group = group;
	memcpy(c->node_key, keys, n * sizeof(c->node_key[0]));
	return ST_OK;
}

uint8_t committee_leader(const struct committee *c, uint64_t view)
{
	uint8_t digest[HASH256_BYTES];
	struct hash h;
	uint32_t first = 0;

	hash256_purpose(&h, "leader");
	hash_field(&h, c->election_id, sizeof(c->election_id));
	hash256_final(&h, digest);
	for (unsigned int i = 0; i < 4; i++)
		first = first << 8 | digest[i];
	return (uint8_t)((view - 1 + first % c->n) % c->n);
}

const char *vote_type_name(enum vote_type type)
{
	switch (type) {
	case VOTE_NOTARIZE:
		return "notarize";
	case VOTE_NULLIFY:
		return "nullify";
	case VOTE_FINALIZE:
		return "finalize";
	}
	return "unknown";
}

void vote_body(uint8_t out[static VOTE_BODY_BYTES], enum vote_type type, uint64_t view,
               const uint8_t block[static 32])
{
	struct writer w;

	writer_init(&w, out, VOTE_BODY_BYTES);
	writer_u8(&w, (uint8_t)type);
	writer_u64(&w, view);
	writer_bytes(&w, block, 32);
	assert(!w.failed && w.pos == VOTE_BODY_BYTES);
}

void vote_message(struct message *m, const struct committee *c,
                  const uint8_t body[static VOTE_BODY_BYTES])
{
	*m = (struct message){
		.purpose = "vote",
		.group = c->group,
		.election_id = c->election_id,
		.y = NULL,   /* a reader of certificates needs the manifest alone */
		.y_len = 0,
		.body = body,
		.body_len = VOTE_BODY_BYTES,
	};
}

/* What votes and certificates have in common: type, view, block. */
static void subject_write(struct writer *w, enum vote_type type, uint64_t view,
                          const uint8_t block[static 32])
{
	writer_u8(w, (uint8_t)type);
	writer_u64(w, view);
	writer_bytes(w, block, 32);
}

static enum status subject_read(struct reader *r, enum vote_type *type, uint64_t *view,
                                uint8_t block[static 32])
{
	enum status st;
	uint8_t t;

	if ((st = reader_u8(r, &t)) != ST_OK ||
	    (st = reader_u64(r, view)) != ST_OK ||
	    (st = reader_bytes(r, block, 32)) != ST_OK)
		return st;
	if (t != VOTE_NOTARIZE && t != VOTE_NULLIFY && t != VOTE_FINALIZE)
		return ST_FORMAT;
	*type = (enum vote_type)t;
	/* Nobody votes on block 0, and a NULLIFY names no block. */
	if (*view == 0 || (t == VOTE_NULLIFY && memcmp(block, no_block, 32) != 0))
		return ST_FORMAT;
	return ST_OK;
}

void vote_write(struct writer *w, const struct vote *v)
{
	subject_write(w, v->type, v->view, v->block);
	writer_u8(w, v->signer);
	writer_bytes(w, v->sig, sizeof(v->sig));
}

enum status vote_read(struct reader *r, struct vote *out)
{
	struct reader at = *r;
	struct vote v;
	enum status st;

	memset(&v, 0, sizeof(v));
	if ((st = subject_read(&at, &v.type, &v.view, v.block)) != ST_OK ||
	    (st = reader_u8(&at, &v.signer)) != ST_OK ||
	    (st = reader_bytes(&at, v.sig, sizeof(v.sig))) != ST_OK)
		return st;
	if (v.signer >= LIMIT_TRUSTEES)
		return ST_FORMAT;
	*out = v;
	*r = at;
	return ST_OK;
}

enum status vote_verify_ed25519(const struct committee *c, unsigned int signer,
                                const uint8_t body[static VOTE_BODY_BYTES],
                                const uint8_t sig[static VOTE_SIG_BYTES])
{
	struct message m;

	assert(signer < c->n);
	vote_message(&m, c, body);
	return sign_verify(c->node_key[signer], sig, &m);
}

enum status vote_check_with(const struct vote *v, const struct committee *c,
                            vote_verify_fn *verify)
{
	uint8_t body[VOTE_BODY_BYTES];

	if (v->signer >= c->n)
		return ST_ROLE;
	vote_body(body, v->type, v->view, v->block);
	return verify(c, v->signer, body, v->sig);
}

enum status vote_check(const struct vote *v, const struct committee *c)
{
	return vote_check_with(v, c, vote_verify_ed25519);
}

bool vote_conflicts(const struct vote *a, const struct vote *b)
{
	if (a->signer != b->signer || a->view != b->view)
		return false;
	/* NULLIFY goes with NOTARIZE (the node gave up waiting), never with FINALIZE. */
	if (a->type == VOTE_NULLIFY || b->type == VOTE_NULLIFY)
		return a->type == VOTE_FINALIZE || b->type == VOTE_FINALIZE;
	return memcmp(a->block, b->block, sizeof(a->block)) != 0;
}

unsigned int certificate_count(const struct certificate *c)
{
	return (unsigned int)__builtin_popcount(c->signers);
}

void certificate_write(struct writer *w, const struct certificate *c)
{
	subject_write(w, c->type, c->view, c->block);
	writer_u16(w, c->signers);
	for (unsigned int i = 0; i < certificate_count(c); i++)
		writer_bytes(w, c->sig[i], sizeof(c->sig[i]));
}

enum status certificate_read(struct reader *r, struct certificate *out)
{
	struct reader at = *r;
	enum vote_type type;
	uint64_t view;
	uint8_t block[32];
	uint16_t signers;
	const uint8_t *sigs;
	size_t sigs_len;
	enum status st;

	if ((st = subject_read(&at, &type, &view, block)) != ST_OK ||
	    (st = reader_u16(&at, &signers)) != ST_OK)
		return st;
	if (signers == 0 || signers >> LIMIT_TRUSTEES != 0)
		return ST_FORMAT;
	sigs_len = (size_t)__builtin_popcount(signers) * VOTE_SIG_BYTES;
	if ((st = reader_view(&at, &sigs, sigs_len)) != ST_OK)
		return st;
	memset(out, 0, sizeof(*out));
	out->type = type;
	out->view = view;
	memcpy(out->block, block, sizeof(out->block));
	out->signers = signers;
	memcpy(out->sig, sigs, sigs_len);
	*r = at;
	return ST_OK;
}

enum status certificate_decode(struct certificate *out, const void *buf, size_t len)
{
	struct reader r;
	enum status st;

	reader_init(&r, buf, len);
	if ((st = certificate_read(&r, out)) != ST_OK)
		return st;
	return reader_end(&r);
}

void certificate_vote(struct vote *out, const struct certificate *c, unsigned int i)
{
	unsigned int signer = 0;
	unsigned int left = i;

	assert(i < certificate_count(c));
	for (;; signer++) {
		if ((c->signers >> signer & 1) == 0)
			continue;
		if (left-- == 0)
			break;
	}
	memset(out, 0, sizeof(*out));
	out->type = c->type;
	out->view = c->view;
	memcpy(out->block, c->block, sizeof(out->block));
	out->signer = (uint8_t)signer;
	memcpy(out->sig, c->sig[i], sizeof(out->sig));
}

enum status certificate_check_with(const struct certificate *c, const struct committee *com,
                                   vote_verify_fn *verify)
{
	uint8_t body[VOTE_BODY_BYTES];
	unsigned int index = 0;
	enum status st;

	if (c->signers >> com->n != 0 || certificate_count(c) < com->q || c->view == 0 ||
	    (c->type == VOTE_NULLIFY && memcmp(c->block, no_block, sizeof(no_block)) != 0))
		return ST_CERTIFICATE;
	vote_body(body, c->type, c->view, c->block);
	for (unsigned int signer = 0; signer < com->n; signer++) {
		if ((c->signers >> signer & 1) == 0)
			continue;
		if ((st = verify(com, signer, body, c->sig[index])) != ST_OK)
			return st;
		index++;
	}
	return ST_OK;
}

enum status certificate_check(const struct certificate *c, const struct committee *com)
{
	return certificate_check_with(c, com, vote_verify_ed25519);
}

enum status certificate_finalizes(const struct certificate *c, uint64_t view,
                                  const uint8_t block[static 32], const struct committee *com)
{
	if (c->type != VOTE_FINALIZE || c->view != view ||
	    memcmp(c->block, block, sizeof(c->block)) != 0)
		return ST_CERTIFICATE;
	return certificate_check(c, com);
}

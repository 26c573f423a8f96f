/*
 * ct_ceremony.c: do trustees' secrets decide branches or addresses: dealing, sealing and opening
 * shares, complaining, decrypting, signing?
 *
 * As ct_proofs.c: the secrets are marked as undefined, and each case says how many verdicts it
 * takes on them.  What a trustee is about to publish it checks as every receiver will, with
 * functions for public data: the linker puts wrappers before those, which mark as defined what is
 * published, and nothing else.
 *
 * Exit: 0 all as expected, 1 not so, 2 not under valgrind.
 */
#include "crypto/dkg.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/sign.h"
#include "crypto/threshold.h"
#include "crypto/x25519.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

enum { N = 3, T = 2, SUMS = 3, SELF = 1, OTHER = 2, CHEAT = 3 };

struct bench {
	const struct group *g;
	struct dkg_params p;
	struct dkg_self self[N];
	struct dkg_deal deal[N];                 /* of CHEAT: a bad share for SELF */
	const struct dkg_deal *deals[DKG_MAX];   /* of those who did not cheat */
	struct dkg_result result;
	struct scalar x;                         /* SELF's share of the joint secret */
	struct ciphertext sums[SUMS];
	struct element alpha[SUMS], partial[SUMS];
	struct thdec thdec;
	struct sign_secret sign_secret;
	uint8_t sign_key[SIGN_KEY_BYTES];
	uint8_t curve_secret[X25519_KEY_BYTES];
	/* What comes out. */
	struct dkg_deal out_deal;
	struct dkg_complaint complaint;
	struct scalar out;
	uint8_t bytes[DLEQ_BYTES_MAX];
	enum status st;
};

static struct bench t;

/* --- what is published ----------------------------------------------------------------------- */

enum status __real_pok_verify(const struct group *g, const uint8_t *proof, size_t proof_len,
                              const char *purpose, const uint8_t *context,
                              const struct element *base, const struct element *element);
enum status __wrap_pok_verify(const struct group *g, const uint8_t *proof, size_t proof_len,
                              const char *purpose, const uint8_t *context,
                              const struct element *base, const struct element *element);
enum status __real_dleq_prove(const struct group *g, uint8_t *proof,
                              const struct dleq_statement *s, const struct scalar *k);
enum status __wrap_dleq_prove(const struct group *g, uint8_t *proof,
                              const struct dleq_statement *s, const struct scalar *k);
enum status __real_dleq_verify(const struct group *g, const struct dleq_statement *s,
                               const uint8_t *proof, size_t proof_len);
enum status __wrap_dleq_verify(const struct group *g, const struct dleq_statement *s,
                               const uint8_t *proof, size_t proof_len);

static void publish(const void *p, size_t len)
{
	VALGRIND_MAKE_MEM_DEFINED(p, len);
}

enum status __wrap_pok_verify(const struct group *g, const uint8_t *proof, size_t proof_len,
                              const char *purpose, const uint8_t *context,
                              const struct element *base, const struct element *element)
{
	publish(proof, proof_len);
	publish(context, POK_CONTEXT_BYTES);
	publish(element, sizeof(*element));
	return __real_pok_verify(g, proof, proof_len, purpose, context, base, element);
}

/* The statement is public before it is proved: dleq.h. */
static void publish_statement(const struct dleq_statement *s)
{
	publish(s->context, s->context_len);
	publish(s->b, sizeof(*s->b));
	publish(s->c, s->count * sizeof(*s->c));
	publish(s->d, s->count * sizeof(*s->d));
}

enum status __wrap_dleq_prove(const struct group *g, uint8_t *proof,
                              const struct dleq_statement *s, const struct scalar *k)
{
	publish_statement(s);
	return __real_dleq_prove(g, proof, s, k);
}

enum status __wrap_dleq_verify(const struct group *g, const struct dleq_statement *s,
                               const uint8_t *proof, size_t proof_len)
{
	publish_statement(s);
	publish(proof, proof_len);
	return __real_dleq_verify(g, s, proof, proof_len);
}

/* --- the cases ------------------------------------------------------------------------------- */

static void secret(void *p, size_t len)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

static void hide_self(void)
{
	secret(&t.self[SELF - 1].key, sizeof(t.self[SELF - 1].key));
	secret(t.self[SELF - 1].seed, sizeof(t.self[SELF - 1].seed));
}

static void deal(void)
{
	hide_self();
	t.st = dkg_deal_make(&t.p, &t.out_deal, &t.self[SELF - 1]);
}

static void open_share(void)
{
	hide_self();
	t.st = dkg_share_open(&t.p, &t.out, &t.self[SELF - 1], OTHER, &t.deal[OTHER - 1]);
}

static void open_bad_share(void)
{
	hide_self();
	t.st = dkg_share_open(&t.p, &t.out, &t.self[SELF - 1], CHEAT, &t.deal[CHEAT - 1]);
	VALGRIND_MAKE_MEM_DEFINED(&t.st, sizeof(t.st));
	t.st = t.st == ST_OPENING ? ST_OK : ST_INTERNAL;
}

static void complain(void)
{
	hide_self();
	t.st = dkg_complaint_make(&t.p, &t.complaint, &t.self[SELF - 1], CHEAT,
	                          &t.deal[CHEAT - 1]);
}

static void sum_shares(void)
{
	hide_self();
	t.st = dkg_share_sum(&t.p, &t.out, &t.self[SELF - 1], &t.result, t.deals);
}

static void decrypt(void)
{
	secret(&t.x, sizeof(t.x));
	t.st = thdec_share_make(&t.thdec, t.partial, t.bytes, SELF, &t.x,
	                        &t.result.share[SELF - 1]);
}

static void sign(void)
{
	static const struct message m = { .purpose = "ct", .body = "b", .body_len = 1 };

	secret(t.sign_secret.bytes, SIGN_SEED_BYTES);
	sign_message(&t.sign_secret, t.bytes, &m);
	t.st = ST_OK;
}

static void make_sign_key(void)
{
	uint8_t seed[SIGN_SEED_BYTES];

	rng_bytes(seed, sizeof(seed));
	secret(seed, sizeof(seed));
	sign_from_seed(&t.sign_secret, t.sign_key, seed);
	t.st = ST_OK;
}

static void make_curve_key(void)
{
	secret(t.curve_secret, sizeof(t.curve_secret));
	t.st = x25519_public(t.bytes, t.curve_secret);
}

/* Control: what a verifier does with public data, done with a secret. */
static void check_secret_deal(void)
{
	struct dkg_deal d = t.deal[OTHER - 1];

	secret(&d.commit, sizeof(d.commit));
	t.st = ST_OK;
	if (group_is_equal(t.g, &d.commit[0], &d.commit[1]))
		t.bytes[0] = 1;
}

#define KEY_FITS "the key is that of the card"
#define IS_SCALAR "the share is a scalar"

static const struct {
	const char *name;
	void (*run)(void);
	unsigned int least, most;   /* verdicts: not every group branches on "is a scalar" */
	const char *about;
} cases[] = {
	{ "dkg_deal_make", deal, 13, 13, KEY_FITS "; of each of 4 proofs, secret and nonce are not 0; "
	  "its check: the commit is that of the deal, 3 pairs of ephemerals differ" },
	{ "dkg_share_open", open_share, 2, 3, KEY_FITS "; " IS_SCALAR "; it is what was promised" },
	{ "dkg_share_open, a bad one", open_bad_share, 2, 3, KEY_FITS "; " IS_SCALAR "; it is "
	  "not what was promised" },
	{ "dkg_complaint_make", complain, 3, 4, KEY_FITS "; " IS_SCALAR "; it is bad; the nonce is "
	  "not 0" },
	{ "dkg_share_sum", sum_shares, 6, 8, KEY_FITS "; of two shares: the same, " IS_SCALAR
	  " and what was promised; the sum fits the transcript" },
	{ "thdec_share_make", decrypt, 2, 2, "the share is its own; the nonce is not 0" },
	{ "sign_message", sign, 0, 0, "none" },
	{ "sign_from_seed", make_sign_key, 0, 0, "none" },
	{ "x25519_public", make_curve_key, 1, 1, "the key is not zero" },
	{ "control", check_secret_deal, 1, 1, "a branch" },
};

/* --- a ceremony ------------------------------------------------------------------------------ */

static void must(bool what)
{
	if (!what)
		abort();
}

static void make_dealers(void)
{
	const uint8_t id[DKG_ELECTION_BYTES] = { 1 };

	t.p = (struct dkg_params){ .g = t.g, .n = N, .t = T };
	memcpy(t.p.election_id, id, sizeof(id));
	for (uint8_t i = 1; i <= N; i++) {
		t.self[i - 1].index = i;
		rng_scalar(t.g, &t.self[i - 1].key);
		rng_bytes(t.self[i - 1].seed, DKG_SEED_BYTES);
		group_mul_base(t.g, &t.p.key[i - 1], &t.self[i - 1].key);
	}
	for (uint8_t i = 1; i <= N; i++)
		must(dkg_deal_make(&t.p, &t.deal[i - 1], &t.self[i - 1]) == ST_OK);
	t.deal[CHEAT - 1].parcel[SELF - 1].box[5] ^= 1;
	t.deals[0] = &t.deal[0];
	t.deals[1] = &t.deal[1];
	must(dkg_result_make(&t.p, &t.result, t.deals) == ST_OK);
	must(dkg_share_sum(&t.p, &t.x, &t.self[SELF - 1], &t.result, t.deals) == ST_OK);
}

static void prepare(const struct group *g)
{
	struct scalar r;

	memset(&t, 0, sizeof(t));
	t.g = g;
	make_dealers();
	for (size_t i = 0; i < SUMS; i++) {
		rng_scalar(g, &r);
		elgamal_encrypt_u64(g, &t.sums[i], &t.result.y, NULL, &r, i);
	}
	must(thdec_init(&t.thdec, t.alpha, g, t.p.election_id, t.p.election_id, &t.result.y, t.sums,
	                SUMS) == ST_OK);
	sign_keygen(&t.sign_secret, t.sign_key);
	rng_bytes(t.curve_secret, sizeof(t.curve_secret));
}

int main(void)
{
	const struct group *const groups[] = { group_ristretto255(), group_belenios2048() };
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_ceremony: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	must(crypto_init() == ST_OK);
	for (size_t n = 0; n < sizeof(groups) / sizeof(groups[0]); n++) {
		prepare(groups[n]);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			unsigned long before, seen;

			before = VALGRIND_COUNT_ERRORS;
			cases[i].run();
			seen = VALGRIND_COUNT_ERRORS - before;
			VALGRIND_MAKE_MEM_DEFINED(&t, sizeof(t));
			if (seen >= cases[i].least && seen <= cases[i].most &&
			    t.st == ST_OK)
				continue;
			printf("%s %s: %s, %lu jumps or addresses depend on secrets, %u to "
			       "%u may: %s\n", group_name(groups[n]), cases[i].name,
			       status_name(t.st), seen, cases[i].least, cases[i].most,
			       cases[i].about);
			bad = 1;
		}
	}
	printf("constant time: %zu things that trustees do in %zu groups, %s\n",
	       sizeof(cases) / sizeof(cases[0]), sizeof(groups) / sizeof(groups[0]),
	       bad ? "NOT as expected" : "all as expected");
	return bad;
}

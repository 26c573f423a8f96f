/*
 * signature.c: signatures of votes in a simulation.
 *
 * Invariant: who has no key of a node cannot make what fake_verify accepts in its name; in the
 * cheap kind that rests on the good manners of tests/sim.
 */
#include "tests/sim/sim.h"

#include "crypto/sign.h"

#include <string.h>

static bool is_real;
static struct committee real;
static struct sign_secret secret[LIMIT_TRUSTEES];

static void fake_bytes(uint8_t sig[static VOTE_SIG_BYTES], unsigned int signer,
                       const uint8_t body[static VOTE_BODY_BYTES])
{
	uint64_t h = 0xcbf29ce484222325u ^ (signer + 1) * 0x9e3779b97f4a7c15u;

	for (unsigned int i = 0; i < VOTE_BODY_BYTES; i++)
		h = (h ^ body[i]) * 0x100000001b3u;
	memset(sig, 0, VOTE_SIG_BYTES);
	memcpy(sig, &h, sizeof(h));
	sig[8] = (uint8_t)signer;
}

void signature_use_ed25519(struct committee *c)
{
	c->group = group_ristretto255();
	for (unsigned int i = 0; i < c->n; i++) {
		uint8_t seed[SIGN_SEED_BYTES] = { (uint8_t)(i + 1) };

		sign_from_seed(&secret[i], c->node_key[i], seed);
	}
	real = *c;
	is_real = true;
}

void signature_use_fake(void)
{
	is_real = false;
}

enum status fake_verify(const struct committee *c, unsigned int signer,
                        const uint8_t body[static VOTE_BODY_BYTES],
                        const uint8_t sig[static VOTE_SIG_BYTES])
{
	uint8_t want[VOTE_SIG_BYTES];

	if (is_real)
		return vote_verify_ed25519(c, signer, body, sig);
	fake_bytes(want, signer, body);
	return memcmp(want, sig, sizeof(want)) == 0 ? ST_OK : ST_SIGNATURE;
}

void fake_sign(struct vote *v)
{
	uint8_t body[VOTE_BODY_BYTES];

	vote_body(body, v->type, v->view, v->block);
	if (is_real) {
		struct message m;

		vote_message(&m, &real, body);
		sign_message(&secret[v->signer], v->sig, &m);
		return;
	}
	fake_bytes(v->sig, v->signer, body);
}

/*
 * signature.c: signatures of votes in a simulation.
 *
 * Invariant: who has no key of a node cannot make what fake_verify accepts in its name; in the
 * cheap kind that rests on the good manners of tests/sim.
 */
#include "tests/sim/sim.h"

#include <string.h>

static bool is_real, has_keys;
static struct committee real;
static struct sign_secret secret[LIMIT_TRUSTEES];
static uint8_t key[LIMIT_TRUSTEES][SIGN_KEY_BYTES];

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

static void make_keys(void)
{
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		uint8_t seed[SIGN_SEED_BYTES] = { (uint8_t)(i + 1) };

		sign_from_seed(&secret[i], key[i], seed);
	}
	has_keys = true;
}

void signature_use(struct committee *c, bool ed25519)
{
	if (!has_keys)
		make_keys();
	c->group = group_ristretto255();
	memcpy(c->node_key, key, c->n * sizeof(key[0]));
	real = *c;
	is_real = ed25519;
}

const struct sign_secret *signature_secret(unsigned int node)
{
	return &secret[node];
}

bool signature_is_fake(unsigned int *signer, const struct sign_secret *s)
{
	uint8_t public_key[SIGN_KEY_BYTES];

	sign_secret_key(s, public_key);
	for (*signer = 0; !is_real && *signer < LIMIT_TRUSTEES; (*signer)++)
		if (memcmp(public_key, key[*signer], sizeof(public_key)) == 0)
			return true;
	return false;
}

void signature_fake(uint8_t sig[static VOTE_SIG_BYTES], unsigned int signer, const void *body)
{
	fake_bytes(sig, signer, body);
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

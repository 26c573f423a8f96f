/*
 * belenios_credential.c: see belenios_credential.h (Belenios 2.0 specification §4.8).
 *
 * Invariant: a code's characters take part in arithmetic alone.
 */
#include "crypto/belenios_credential.h"

#include "crypto/belenios_impl.h"
#include "crypto/ct.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum {
	CHARS = 15,             /* the last is the check character */
	GROUP = 3,              /* characters between hyphens */
	CODE_LEN = BELENIOS_CODE_TEXT - 1,
	CHECK = 53,
	ROUNDS = 1000
};

/* The check digit of the first characters: CHECK minus their number, big-endian, mod CHECK. */
static uint32_t check_digit(const uint32_t digits[static CHARS - 1])
{
	uint32_t x = 0;

	for (size_t i = 0; i < CHARS - 1; i++)
		x = (x * BASE58_DIGITS + digits[i]) % CHECK;
	return CHECK - x;
}

void belenios_code_generate(char out[static BELENIOS_CODE_TEXT])
{
	uint32_t digits[CHARS];
	size_t pos = 0;

	for (size_t i = 0; i < CHARS - 1; i++)
		digits[i] = rng_below(BASE58_DIGITS);
	digits[CHARS - 1] = check_digit(digits);
	for (size_t i = 0; i < CHARS; i++) {
		if (i > 0 && i % GROUP == 0)
			out[pos++] = '-';
		out[pos++] = base58_char(digits[i]);
	}
	assert(pos == CODE_LEN);
	out[pos] = '\0';
	mem_wipe(digits, sizeof(digits));
}

enum status belenios_code_check(const char *code, size_t len)
{
	bool has_hyphens = len == CODE_LEN;
	uint32_t digits[CHARS];
	uint64_t wrong = 0;
	size_t pos = 0;
	enum status st;

	if (!has_hyphens && len != CHARS)
		return ST_FORMAT;
	for (size_t i = 0; i < CHARS; i++) {
		if (has_hyphens && i > 0 && i % GROUP == 0)
			wrong |= (uint64_t)(code[pos++] ^ '-');
		digits[i] = base58_digit(code[pos++]);
		wrong |= ~ct_mask(digits[i] ^ BASE58_DIGITS);
	}
	if (wrong != 0)
		st = ST_FORMAT;
	else
		st = digits[CHARS - 1] == check_digit(digits) ? ST_OK : ST_CODE;
	mem_wipe(digits, sizeof(digits));
	return st;
}

/* HMAC-SHA256 of a || b under the code, whose pads are in start. */
static void prf(uint8_t out[static HASH256_BYTES], const crypto_auth_hmacsha256_state *start,
                const void *a, size_t a_len, const void *b, size_t b_len)
{
	crypto_auth_hmacsha256_state state = *start;

	crypto_auth_hmacsha256_update(&state, a, a_len);
	crypto_auth_hmacsha256_update(&state, b, b_len);
	crypto_auth_hmacsha256_final(&state, out);
	mem_wipe(&state, sizeof(state));
}

/* The first block of PBKDF2 (RFC 8018 §5.2). */
static void stretch(uint8_t out[static HASH256_BYTES], const char *code, size_t len,
                    const char *salt)
{
	static const uint8_t BLOCK_1[4] = {0, 0, 0, 1};
	crypto_auth_hmacsha256_state start;
	uint8_t u[HASH256_BYTES];

	crypto_auth_hmacsha256_init(&start, (const unsigned char *)code, len);
	prf(u, &start, salt, strlen(salt), BLOCK_1, sizeof(BLOCK_1));
	memcpy(out, u, sizeof(u));
	for (int i = 1; i < ROUNDS; i++) {
		prf(u, &start, u, sizeof(u), NULL, 0);
		for (size_t k = 0; k < sizeof(u); k++)
			out[k] ^= u[k];
	}
	mem_wipe(&start, sizeof(start));
	mem_wipe(u, sizeof(u));
}

enum status belenios_credential_derive(const struct group *g, struct scalar *secret,
                                       struct element *pub, const char *code, size_t len,
                                       const char *uuid)
{
	uint8_t stretched[HASH256_BYTES];
	enum status st;

	group_scalar_zero(g, secret);
	group_identity(g, pub);
	if ((st = belenios_code_check(code, len)) != ST_OK)
		return st;
	stretch(stretched, code, len, uuid);
	belenios_scalar(g, secret, stretched);
	mem_wipe(stretched, sizeof(stretched));
	if (group_scalar_is_zero(g, secret))
		return ST_SCALAR;
	group_mul_base(g, pub, secret);
	return ST_OK;
}

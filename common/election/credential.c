/*
 * credential.c: codes with check characters, and what is derived from them (formats-files.md §5).
 *
 * The check characters make the 24 digits c_1..c_24 a word of a coset of the [24, 22, 3]
 * Reed-Solomon code over GF(32) = GF(2)[x]/(x^5 + x^2 + 1), a = x:
 *     sum c_i = CHECK_SUM,   sum c_i * a^(24 - i) = CHECK_WEIGHTED.
 * Two words of it differ in three places or more.  A wrong character is one difference and a swap
 * is two, so neither leads from a word to a word.  The coset keeps 000... from being one.
 */
#include "common/election/credential.h"

#include "common/base/base32.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/transcript.h"

#include <string.h>

enum {
	CHECK_SUM = 19,        /* "K" */
	CHECK_WEIGHTED = 25,   /* "S" */
	ONE_PLUS_A_INVERSE = 28,
	PRINT_BITS = 60
};

/* a * v; constant time. */
static uint8_t gf_times_a(uint8_t v)
{
	return (uint8_t)(((v << 1) ^ (0x25 & -(v >> 4))) & 31);
}

/* Constant time in both. */
static uint8_t gf_mul(uint8_t u, uint8_t v)
{
	uint8_t out = 0;

	for (int bit = 4; bit >= 0; bit--)
		out = (uint8_t)(gf_times_a(out) ^ (v & -((u >> bit) & 1)));
	return out;
}

/* The two sums over the first len digits, as if the code ended there. */
static void check_sums(uint8_t *sum, uint8_t *weighted, const uint8_t *digit, size_t len)
{
	*sum = 0;
	*weighted = 0;
	for (size_t i = 0; i < len; i++) {
		*sum = *sum ^ digit[i];
		*weighted = gf_times_a(*weighted) ^ digit[i];
	}
}

void credential_code_generate(struct credential_code *out)
{
	rng_bytes(out->digit, CREDENTIAL_CODE_DATA);
	for (size_t i = 0; i < CREDENTIAL_CODE_DATA; i++)
		out->digit[i] &= 31;
	credential_code_complete(out);
}

void credential_code_complete(struct credential_code *c)
{
	uint8_t sum;
	uint8_t weighted;

	/* c23 + c24 = sum, a*c23 + c24 = weighted: so (1 + a) * c23 = sum + weighted. */
	check_sums(&sum, &weighted, c->digit, CREDENTIAL_CODE_DATA);
	sum = sum ^ CHECK_SUM;
	weighted = gf_times_a(gf_times_a(weighted)) ^ CHECK_WEIGHTED;
	c->digit[22] = gf_mul(sum ^ weighted, ONE_PLUS_A_INVERSE);
	c->digit[23] = sum ^ c->digit[22];
	mem_wipe(&sum, sizeof(sum));
	mem_wipe(&weighted, sizeof(weighted));
}

void credential_code_format(char out[static CREDENTIAL_CODE_TEXT], const struct credential_code *c)
{
	size_t pos = 0;

	for (size_t i = 0; i < CREDENTIAL_CODE_CHARS; i++) {
		if (i > 0 && i % 4 == 0)
			out[pos++] = '-';
		out[pos++] = base32_symbol(c->digit[i]);
	}
	out[pos] = '\0';
}

/* One wrong character leaves e in the plain sum and e * a^(24 - i) in the weighted one. */
static size_t find_wrong(uint8_t error, uint8_t weighted)
{
	uint8_t v = error;

	if (error == 0)
		return 0;
	for (size_t back = 0; back < CREDENTIAL_CODE_CHARS; back++) {
		if (v == weighted)
			return CREDENTIAL_CODE_CHARS - back;
		v = gf_times_a(v);
	}
	return 0;
}

enum status credential_code_parse(struct credential_code *out, size_t *wrong_at,
                                  const char *text, size_t len)
{
	enum status st = ST_FORMAT;
	size_t digits = 0;
	uint32_t bad = 0;
	uint8_t sum = 0;
	uint8_t weighted = 0;

	if (wrong_at != NULL)
		*wrong_at = 0;
	memset(out, 0, sizeof(*out));
	if (len > CREDENTIAL_CODE_TYPED_MAX)
		return ST_FORMAT;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '-' || text[i] == ' ')
			continue;
		if (digits == CREDENTIAL_CODE_CHARS)
			goto out;
		out->digit[digits] = base32_value(text[i]);
		bad |= (uint32_t)out->digit[digits++] >> 5;
	}
	if (digits != CREDENTIAL_CODE_CHARS || bad != 0)
		goto out;
	check_sums(&sum, &weighted, out->digit, CREDENTIAL_CODE_CHARS);
	sum ^= CHECK_SUM;
	weighted ^= CHECK_WEIGHTED;
	st = (sum | weighted) == 0 ? ST_OK : ST_CODE;
	if (st != ST_OK && wrong_at != NULL)
		*wrong_at = find_wrong(sum, weighted);
out:
	mem_wipe(&sum, sizeof(sum));
	mem_wipe(&weighted, sizeof(weighted));
	if (st != ST_OK)
		mem_wipe(out, sizeof(*out));
	return st;
}

enum status credential_derive(struct credential *out, const struct group *g,
                              const uint8_t election_id[static HASH256_BYTES],
                              const struct credential_code *code)
{
	struct transcript t;
	char text[CREDENTIAL_CODE_CHARS];

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < CREDENTIAL_CODE_CHARS; i++)
		text[i] = base32_symbol(code->digit[i]);
	/* 110 random bits need no stretching; election_id keeps one code from two elections. */
	transcript_init(&t, g, "credential");
	transcript_text(&t, group_name(g));
	transcript_field(&t, election_id, HASH256_BYTES);
	transcript_field(&t, text, sizeof(text));
	transcript_challenge(&t, &out->secret);
	mem_wipe(text, sizeof(text));
	if (group_scalar_is_zero(g, &out->secret))
		return ST_SCALAR;
	group_mul_base(g, &out->key, &out->secret);
	group_encode(g, out->key_bytes, &out->key);
	return ST_OK;
}

void credential_wipe(struct credential *c)
{
	mem_wipe(c, sizeof(*c));
}

void credential_commit(uint8_t out[static HASH256_BYTES],
                       const uint8_t election_id[static HASH256_BYTES],
                       const uint8_t *key_bytes, size_t key_len,
                       const uint8_t blinding[static CREDENTIAL_BLINDING_BYTES])
{
	struct hash h;

	hash256_purpose(&h, "cred");
	hash_field(&h, election_id, HASH256_BYTES);
	hash_field(&h, key_bytes, key_len);
	hash_field(&h, blinding, CREDENTIAL_BLINDING_BYTES);
	hash256_final(&h, out);
}

uint64_t credential_fingerprint(const uint8_t election_id[static HASH256_BYTES],
                                const uint8_t *key_bytes, size_t key_len)
{
	struct hash h;
	uint8_t digest[HASH256_BYTES];
	uint64_t print = 0;

	hash256_purpose(&h, "fingerprint");
	hash_field(&h, election_id, HASH256_BYTES);
	hash_field(&h, key_bytes, key_len);
	hash256_final(&h, digest);
	for (size_t i = 0; i < 8; i++)
		print = print << 8 | digest[i];
	return print >> (64 - PRINT_BITS);
}

void credential_fingerprint_format(char out[static CREDENTIAL_FINGERPRINT_TEXT], uint64_t print)
{
	size_t pos = 0;

	for (int shift = PRINT_BITS - 5; shift >= 0; shift -= 5) {
		if (pos % 5 == 4)
			out[pos++] = '-';
		out[pos++] = base32_symbol((uint8_t)(print >> shift & 31));
	}
	out[pos] = '\0';
}

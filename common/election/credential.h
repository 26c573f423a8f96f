/*
 * credential.h: a voter's code, the key pair behind it and what is shown of it
 * (formats-files.md §5).
 *
 * A code is 24 Crockford base32 characters: 22 random ones (110 bits) and two check characters of
 * a Reed-Solomon code over GF(32), so that any one or two wrong characters, and any swap, are
 * noticed.  It is typed with or without hyphens, in either case; O counts as 0, I and L as 1.
 *
 * Invariant: a struct credential_code holds a code whose check characters fit.  Codes and secret
 * scalars are secret: handled in constant time, wiped by their owner.
 */
#ifndef KALPIS_ELECTION_CREDENTIAL_H
#define KALPIS_ELECTION_CREDENTIAL_H

#include "crypto/group.h"
#include "crypto/hash.h"

#include <stddef.h>
#include <stdint.h>

enum {
	CREDENTIAL_CODE_CHARS = 24,
	CREDENTIAL_CODE_DATA = 22,          /* the random ones; then two check characters */
	CREDENTIAL_CODE_TEXT = 30,          /* "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX" and NUL */
	CREDENTIAL_CODE_TYPED_MAX = 64,     /* longest input that is looked at */
	CREDENTIAL_FINGERPRINT_TEXT = 15,   /* "XXXX-XXXX-XXXX" and NUL: 60 bits */
	CREDENTIAL_BLINDING_BYTES = 32
};

/* Secret. */
struct credential_code {
	uint8_t digit[CREDENTIAL_CODE_CHARS];   /* each 0..31 */
};

/* secret is secret; the rest is on the roll. */
struct credential {
	struct scalar secret;
	struct element key;                            /* g^secret */
	uint8_t key_bytes[GROUP_ELEMENT_BYTES_MAX];    /* group_element_len of them */
};

/* A fresh code from the system's randomness. */
void credential_code_generate(struct credential_code *out);
/* Fill in the two check digits behind CREDENTIAL_CODE_DATA digits (0..31 each). */
void credential_code_complete(struct credential_code *c);
/* Upper case, in groups of four; out is secret. */
void credential_code_format(char out[static CREDENTIAL_CODE_TEXT], const struct credential_code *c);
/*
 * What a person typed or a QR code held.  Hyphens and spaces are skipped.  ST_FORMAT: not 24
 * characters, or one that cannot stand in a code; ST_CODE: mistyped.  On failure *out is zero and
 * *wrong_at, if not NULL, is the position (1..24) of the character that is likely wrong, or 0.
 * Time depends on where hyphens and spaces are, and on the outcome, not on the characters.
 */
MUST_USE enum status credential_code_parse(struct credential_code *out, size_t *wrong_at,
                                           const char *text, size_t len);

/*
 * The key pair of a code in one election: secret = H2S("credential", suite, election_id, code).
 * ST_SCALAR when it is zero (never met: issue another code).  The caller wipes *out.
 */
MUST_USE enum status credential_derive(struct credential *out, const struct group *g,
                                       const uint8_t election_id[static HASH256_BYTES],
                                       const struct credential_code *code);
void credential_wipe(struct credential *c);

/* H("cred", election_id, credential key, blinding): what a ballot's body shows of its voter. */
void credential_commit(uint8_t out[static HASH256_BYTES],
                       const uint8_t election_id[static HASH256_BYTES],
                       const uint8_t *key_bytes, size_t key_len,
                       const uint8_t blinding[static CREDENTIAL_BLINDING_BYTES]);

/*
 * The first 60 bits of H("fingerprint", election_id, credential key), as a number: printed on the
 * card and the slip and shown by the lookup.  No two entries of a roll share one (roll.h), so that
 * comparing them by eye tells voters apart.
 */
uint64_t credential_fingerprint(const uint8_t election_id[static HASH256_BYTES],
                                const uint8_t *key_bytes, size_t key_len);
void credential_fingerprint_format(char out[static CREDENTIAL_FINGERPRINT_TEXT], uint64_t print);

#endif

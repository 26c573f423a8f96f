/*
 * belenios_credential.h: a voter's secret code in the Belenios 2.0 dialect, and the key pair behind
 * it (its specification §4.8; docs/belenios.md).
 *
 * A code is 15 base-58 characters, in five groups of three with hyphens as it is given out, or
 * without the hyphens; the last is a check character.  The two forms are different passwords to
 * Belenios and give different keys; belenios-tool gives out the first.  82 bits, stretched by 1000
 * rounds of PBKDF2: less than our own codes (docs/belenios.md).
 *
 * Invariant: codes and scalars are secret, wiped by their owner.
 */
#ifndef KALPIS_CRYPTO_BELENIOS_CREDENTIAL_H
#define KALPIS_CRYPTO_BELENIOS_CREDENTIAL_H

#include "crypto/group.h"

enum { BELENIOS_CODE_TEXT = 20 };   /* 15 characters, 4 hyphens and NUL */

/* A fresh code, with hyphens. */
void belenios_code_generate(char out[static BELENIOS_CODE_TEXT]);
/* ST_FORMAT: not of either form; ST_CODE: mistyped.  Time depends on the outcome and the form. */
MUST_USE enum status belenios_code_check(const char *code, size_t len);

/*
 * secret from the code exactly as written, and the uuid of the election as salt; pub = secret *
 * generator.  ST_FORMAT, ST_CODE as above; ST_SCALAR: zero (never met).  Constant time in the
 * characters.
 */
MUST_USE enum status belenios_credential_derive(const struct group *g, struct scalar *secret,
                                                struct element *pub, const char *code, size_t len,
                                                const char *uuid);

#endif

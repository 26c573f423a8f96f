/*
 * ballot.h: a ballot: built, encoded, decoded, checked, opened as a test (protocol.md §5, §7).
 *
 * The body is what is hashed and proved: election, style, credential commitment, device
 * commitment, under revote "last" a commitment to the tracker it replaces (zeros for none) and a
 * slip key, the ciphertexts and the one proof.  tracker = H("tracker", body).  A `ballot`
 * transaction is the body without what can be derived (election, commitments), that tracker, and
 * the witness: credential, blinding, the credential's signature over the tracker and, where it
 * replaces a ballot, that ballot's slip key and its signature.  A `test` transaction is the body
 * with both commitments closed (decisions/0065), every randomness and selection, and the kiosk's
 * signature.
 *
 * Lengths follow from the manifest and the style alone.
 *
 * Invariant: a decoded ballot borrows from its transaction; its tracker, commitment and id are
 * recomputed, never read.
 */
#ifndef KALPIS_ELECTION_BALLOT_H
#define KALPIS_ELECTION_BALLOT_H

#include "common/election/ballotsetup.h"
#include "common/election/credential.h"
#include "common/election/manifest.h"
#include "common/ledger/transaction.h"
#include "crypto/elgamal.h"
#include "crypto/schnorr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BALLOT_TRACKER_BYTES = 32,
	BALLOT_PREFIX_BYTES = 10,      /* the 80 bits that people compare */
	BALLOT_TRACKER_TEXT = 20       /* "7K3Q-M9WX-2RTA-5HJD" and NUL */
};

/* The part that ballots and tests share.  Borrowed. */
struct ballot_body {
	uint16_t style;
	const uint8_t *device;         /* device commitment, 32 bytes */
	const uint8_t *replaced;       /* tracker, 32 bytes; NULL in a test and without revotes */
	const uint8_t *slip_key;       /* encoded element; NULL when the election has no revote */
	const uint8_t *ciphertexts;    /* M pairs (alpha, beta), encoded */
	size_t ciphertexts_len;        /* M: pairs, not bytes */
	const uint8_t *proof;
	size_t proof_len;
	uint8_t commitment[32];        /* credential commitment */
	uint8_t replaces[32];          /* commitment to `replaced`; unused without revotes */
	uint8_t tracker[BALLOT_TRACKER_BYTES];
};

struct ballot {
	struct ballot_body body;
	const uint8_t *credential;     /* encoded element */
	const uint8_t *blinding;       /* 32 bytes */
	const uint8_t *signature;      /* Schnorr, of the credential */
	const uint8_t *old_slip_key;   /* NULL when it replaces nothing */
	const uint8_t *old_signature;  /* Schnorr, of the old slip key */
	uint8_t id[TX_ID_BYTES];
};

struct ballot_test {
	struct ballot_body body;
	uint16_t kiosk;
	const uint8_t *kiosk_key;      /* its Ed25519 key: a check needs no moving state */
	const uint8_t *openings;       /* M randomnesses, then M selections (u32) */
	struct tx_signed sig;
	uint8_t id[TX_ID_BYTES];
};

/* ST_FORMAT, ST_STYLE, ST_LIMIT.  No group element is decoded here. */
MUST_USE enum status ballot_decode(struct ballot *out, const struct manifest *m,
                                   const struct tx *tx);
MUST_USE enum status ballot_test_decode(struct ballot_test *out, const struct manifest *m,
                                        const struct tx *tx);

/* Does it name a ballot that it replaces? */
bool ballot_is_replacing(const struct ballot *b);
/* What a test says was selected in ciphertext i. */
uint32_t ballot_test_selection(const struct ballot_test *t, const struct manifest *m, size_t i);

/* "7K3Q-M9WX-2RTA-5HJD" of the first 80 bits. */
void ballot_tracker_format(char out[static BALLOT_TRACKER_TEXT],
                           const uint8_t tracker[static BALLOT_PREFIX_BYTES]);

/* Bytes of a ballot transaction of a style; replacing says whether it replaces one. */
size_t ballot_wire_len(const struct ballot_setup *s, uint16_t style, bool replacing);

/* What the proof of a body binds (protocol.md §5): a 64-byte digest. */
void ballot_context(uint8_t ctx[static BALLOTPROOF_CTX_BYTES], const struct ballot_setup *s,
                    const struct ballot_body *b);

/* The statement that a credential ("ballot") or an old slip key ("revote") signs. */
struct message ballot_message(const struct ballot_setup *s, const char *purpose,
                              const struct ballot_body *b);

/* --- making ---------------------------------------------------------------------------------- */

/* What goes into a ballot besides the selections.  Borrowed. */
struct ballot_intent {
	uint16_t style;
	const struct credential *credential;
	const uint8_t *blinding;        /* 32 random bytes, used once; on the slip */
	const uint8_t *device;          /* device commitment, 32 bytes */
	const uint8_t *replaced;        /* tracker, or NULL when it replaces nothing */
	const struct scalar *old_slip;  /* that ballot's slip secret; NULL with replaced */
	const struct scalar *slip;      /* this ballot's slip secret, not zero; NULL: a fresh one */
	const uint8_t *device_secret;   /* hedges the random generator; at most 64 bytes */
	size_t device_secret_len;
};

/*
 * A locked ballot: what the kiosk holds between lock and decision.  body is what will be cast or
 * tested; openings and slip are secret.
 */
struct ballot_locked {
	uint16_t style;
	uint8_t *wire;                  /* the ballot transaction, signature still missing */
	size_t wire_len;
	size_t body_len;                /* where the witness begins */
	uint8_t tracker[BALLOT_TRACKER_BYTES];
	uint8_t commitment[32];
	uint8_t replaces[32];
	uint8_t *openings;              /* secret: M randomnesses, encoded; guarded memory */
	size_t openings_len;
	uint32_t *selections;           /* secret: M numbers; guarded memory */
	size_t selections_len;
	struct scalar *slip;            /* secret: the slip key of this ballot; NULL without revote */
};

/*
 * Encrypt and prove.  selections has one number for each ciphertext of the style (a blank flag is
 * 0 or 1).  ST_RANGE: they break a rule of a contest.  The result is checked by the verifier
 * before it is given out.  Free with ballot_locked_free, which wipes.
 */
MUST_USE enum status ballot_lock(struct ballot_locked **out, const struct ballot_setup *s,
                                 const struct ballot_intent *intent, const uint32_t *selections,
                                 size_t selections_len);
/* Add the witness: wire is then a whole transaction.  The openings and selections are wiped. */
MUST_USE enum status ballot_cast(struct ballot_locked *b, const struct ballot_setup *s,
                                 const struct ballot_intent *intent);
/*
 * Open it instead: write the body of a test transaction, for the kiosk to sign.  out has room for
 * ballot_test_wire_len; the type byte comes first, the kiosk's signature goes behind.  After it
 * the ballot can no longer be cast: the witness is gone.
 */
size_t ballot_test_wire_len(const struct ballot_setup *s, uint16_t style);
MUST_USE enum status ballot_open_test(struct ballot_locked *b, uint16_t kiosk,
                                      const uint8_t kiosk_key[static 32], uint8_t *out,
                                      size_t cap, size_t *len);
void ballot_locked_free(struct ballot_locked *b);

#endif

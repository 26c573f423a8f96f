/*
 * attack.h: what tests of attacks share: a town to attack, honest things to spoil, and the verdict
 * of the whole rulebook on what was spoilt.
 *
 * A spoilt ballot is signed again by its credential where that is meant, so that it is the rule at
 * stake which refuses it and not a signature that no longer fits.
 *
 * Invariant: attack_say changes nothing, and says so of the rulebook: it compares every byte of the
 * state before and after.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_ATTACK_H
#define KALPIS_TESTS_UNIT_LIB_ATTACK_H

#include "tests/unit/lib/town.h"

enum {
	ATTACK_STYLE_NORTH = 0,   /* mayor, judge, board, parks */
	ATTACK_STYLE_SOUTH = 1,   /* the same contests, another unit */
	ATTACK_STYLE_MAYOR = 2,   /* mayor alone */
	ATTACK_M = 11,            /* ciphertexts of the first two */
	ATTACK_M_MAYOR = 3,
	ATTACK_VOTERS = 8         /* voters 0-3 north, 4-6 south, 7 mayor alone */
};

/*
 * Four trustees, threshold 3, two tests a kiosk.  mayor and judge: one of two or blank; board: up
 * to two of three; parks: up to 3 points for each of two, 4 together.  Revote never, and last.
 */
extern const char ATTACK_NEVER[];
extern const char ATTACK_LAST[];

/* An honest selection of style north or south; and of mayor alone. */
extern const uint32_t ATTACK_CHOICE[ATTACK_M];
extern const uint32_t ATTACK_CHOICE_MAYOR[ATTACK_M_MAYOR];

/* A town in this phase: PHASE_COMMIT, PHASE_ENROL, PHASE_OPEN, PHASE_CLOSED or PHASE_ENDED; before
 * it closes three ballots are cast, by voters 1, 2 and 5.  attack_town_free. */
struct town *attack_town(const char *definition, enum election_phase phase);
void attack_town_free(struct town *t);

/*
 * What the rulebook says of a transaction as the first of the next block: of its bytes, its proofs
 * and signatures (alone and in a batch, which must agree), and of the present state.
 */
enum status attack_say(struct town *t, const struct town_tx *tx);
/* The same, and the transaction is freed. */
enum status attack_say_once(struct town *t, struct town_tx tx);

/* --- ballots --------------------------------------------------------------------------------- */

/* An honest ballot of a voter, of the style the voter has; under "last" a first one. */
struct town_tx attack_ballot(struct town *t, uint32_t voter);
/* An honest test of kiosk 0. */
struct town_tx attack_test(struct town *t, uint32_t voter);
/* Its parts, borrowed from tx.  Fails the test when it does not decode. */
struct ballot attack_decode(struct town *t, const struct town_tx *tx);
/* A part of tx (as attack_decode points at it), to write to. */
uint8_t *attack_part(const struct town_tx *tx, const uint8_t *part);
/* Sign again as this voter, whatever the ballot says. */
void attack_sign(struct town *t, struct town_tx *tx, uint32_t voter);
/* Say that this voter casts it, with a true signature. */
void attack_claim(struct town *t, struct town_tx *tx, uint32_t voter);
/* Encrypt anew with these randomnesses, prove (truly) and sign.  values: one a ciphertext. */
void attack_encrypt(struct town *t, struct town_tx *tx, uint32_t voter, const uint32_t *values,
                    const struct scalar *r);

/* One locked ballot of style north, cast and opened: what a kiosk must never do.  Kiosk 0 signs. */
void attack_both(struct town *t, uint32_t voter, struct town_tx *ballot, struct town_tx *test);

/* --- other transactions ---------------------------------------------------------------------- */

/* Sign the body of a transaction of one signer again: its last 64 bytes. */
void attack_sign_official(struct town *t, struct town_tx *tx, const struct sign_secret *by);
/* The message inside a trustee's transaction. */
uint8_t *attack_message(const struct town_tx *tx, size_t *len);

#endif

/*
 * town.h: a whole election in memory, for tests: trustees, officials, voters and a chain, driven
 * through the production code and nothing else.
 *
 * Secrets come from the system's randomness; choices of a test come from its own seed.
 *
 * Invariant: every block was built by chain_build from transactions that election_check passed.
 */
#ifndef KALPIS_TESTS_TOWN_H
#define KALPIS_TESTS_TOWN_H

#include "common/election/ballot.h"
#include "common/election/chain.h"
#include "common/election/credential.h"
#include "crypto/dkg.h"
#include "crypto/sign.h"

#include <stdio.h>

enum { TOWN_VOTERS = 1100, TOWN_BLOCKS = 256 };

/* A transaction that a test owns. */
struct town_tx {
	uint8_t *wire;
	size_t len;
};

struct town_block {
	struct block_header header;
	uint8_t *body;
};

struct town {
	unsigned int n;
	struct sign_secret trustee[LIMIT_TRUSTEES];
	struct sign_secret node[LIMIT_TRUSTEES];
	struct sign_secret checkpoint[LIMIT_TRUSTEES];
	struct dkg_self self[LIMIT_TRUSTEES];
	struct scalar share[LIMIT_TRUSTEES];      /* x_j, after the ceremony */
	struct sign_secret registrar;
	struct sign_secret officer;
	struct sign_secret kiosk;
	uint8_t kiosk_key[32];
	uint8_t card[LIMIT_TRUSTEES + 2][8192];   /* then registrar, officer */
	size_t card_len[LIMIT_TRUSTEES + 2];

	struct manifest *m;
	struct election *e;
	struct checker *checker;
	struct ballot_setup *setup;               /* after open */
	struct credential voter[TOWN_VOTERS];
	uint32_t voters;
	uint64_t minutes;                         /* the clock of the next block */
	uint64_t view;
	struct town_block block[TOWN_BLOCKS];
	size_t blocks;
};

/*
 * n trustees under a definition in JSON, in which the cards are called "t1.card".. "tN.card",
 * "registrar.card" and "officer.card".  Fails the test when refused.
 */
void town_new(struct town *t, unsigned int n, const char *definition);
void town_free(struct town *t);

/* A block of these transactions; each must be checked and taken.  Frees the wires. */
void town_block(struct town *t, struct town_tx *txs, size_t len);
void town_block_one(struct town *t, struct town_tx tx);
/* What check, then apply, say of one transaction on the tip.  Does not free it. */
enum status town_try(struct town *t, const struct town_tx *tx);
enum status town_try_check(struct town *t, const struct town_tx *tx);
void town_tx_free(struct town_tx *tx);
struct town_tx town_tx_copy(const struct town_tx *tx);

/* --- messages, honest ones -------------------------------------------------------------------- */

struct town_tx town_commit(struct town *t, unsigned int trustee);
struct town_tx town_deal(struct town *t, unsigned int trustee);
struct town_tx town_complain(struct town *t, unsigned int trustee);
struct town_tx town_confirm(struct town *t, unsigned int trustee);
/* A trustee's message of any content, signed. */
struct town_tx town_message(struct town *t, enum tx_type type, unsigned int trustee,
                            const void *message, size_t len);
/* A body that was written (type byte first), cosigned by the trustees in `by`. */
struct town_tx town_cosign(struct town *t, const uint8_t *body, size_t len, trustee_set by);
/* advance, open, close, end: of the present anchor. */
struct town_tx town_phase(struct town *t, enum tx_type type, trustee_set by);
struct town_tx town_roll(struct town *t, const uint16_t *styles, const uint32_t *weights,
                         uint32_t voters);
struct town_tx town_device(struct town *t, uint16_t kiosk);
struct town_tx town_share(struct town *t, unsigned int trustee);
struct town_tx town_result(struct town *t, trustee_set by);

/* --- stretches of an election ----------------------------------------------------------------- */

trustee_set town_everyone(const struct town *t);
/* Commit, deal, complain, confirm by those in `by`; `advance` by them where others are silent. */
void town_ceremony(struct town *t, trustee_set by);
void town_enrol(struct town *t, const uint16_t *styles, const uint32_t *weights, uint32_t voters);
void town_open(struct town *t);
void town_close_and_end(struct town *t);
void town_finish(struct town *t);   /* shares of the first t trustees, result */

/* --- ballots ---------------------------------------------------------------------------------- */

/* A voter's ballot.  selections: one for each ciphertext of the style. */
struct town_tx town_ballot(struct town *t, uint32_t voter, uint16_t style,
                           const uint32_t *selections, size_t len);
/* A replacement of the ballot behind old, whose slip secret is old_slip; *slip gets the new one. */
struct town_tx town_reballot(struct town *t, uint32_t voter, uint16_t style,
                             const uint32_t *selections, size_t len, const uint8_t *replaced,
                             const struct scalar *old_slip, struct scalar *slip,
                             uint8_t tracker[static 32]);
/* A test: the ballot is opened, signed by the kiosk. */
struct town_tx town_test(struct town *t, uint32_t voter, uint16_t style,
                         const uint32_t *selections, size_t len);

/* --- what comes out --------------------------------------------------------------------------- */

/* The whole chain with the given number of node signatures under its head. */
void town_archive(struct town *t, FILE *file, unsigned int signatures);
/* Everything there is to know about the published count of a contest's slot in a unit's group. */
uint64_t town_count(const struct town *t, const char *contest, uint16_t unit, uint16_t slot);

#endif

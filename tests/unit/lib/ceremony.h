/*
 * ceremony.h: whole key ceremonies for tests, and the tools of a cheating dealer.
 *
 * The hashes are written here a second time, from docs/protocol-ceremony.md, so that a cheat can
 * prove whatever is true about what it forged.
 *
 * Invariant: everything follows from the state of the generator.  Never for keys.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_CEREMONY_H
#define KALPIS_TESTS_UNIT_LIB_CEREMONY_H

#include "crypto/dkg.h"
#include "tests/unit/lib/prng.h"

/* Large: keep it static.  Index 0 belongs to trustee 1. */
struct ceremony {
	struct dkg_params p;
	struct dkg_self self[DKG_MAX];
	struct dkg_deal deal[DKG_MAX];
	uint8_t commit[DKG_MAX][DKG_COMMIT_BYTES];
	const struct dkg_deal *in[DKG_MAX];   /* NULL: excluded */
	struct dkg_result result;
	struct scalar x[DKG_MAX];             /* shares of those included */
};

/* Keys and seeds.  Then everybody deals and commits. */
void ceremony_start(struct ceremony *c, struct prng *r, const struct group *g, uint8_t n,
                    uint8_t t);
void ceremony_deal(struct ceremony *c);
/* Keys and shares of those in; the first status that is not ST_OK. */
enum status ceremony_finish(struct ceremony *c);
/* All of it, asserting success: for tests of what comes after. */
void ceremony_run(struct ceremony *c, struct prng *r, const struct group *g, uint8_t n, uint8_t t);

/* --- cheating ------------------------------------------------------------------------------ */

/* The polynomial of dealer, as dkg.c derives it from the seed. */
void cheat_coefficients(const struct ceremony *c, struct scalar *coeffs, uint8_t dealer);
/* Replace a parcel: box holds these bytes, ephemeral's exponent is e, and all that is proved. */
void cheat_parcel(struct ceremony *c, uint8_t dealer, uint8_t receiver, const uint8_t *share,
                  const struct scalar *e);
/* Seal a wrong share (the right one plus 1) to receiver. */
void cheat_bad_share(struct ceremony *c, struct prng *r, uint8_t dealer, uint8_t receiver);
/* Prove again that secret is the constant coefficient, of the commitments as they now are. */
void cheat_proof(struct ceremony *c, uint8_t dealer, const struct scalar *secret);
/* Commit to the deal as it now is. */
void cheat_commit(struct ceremony *c, uint8_t dealer);
/* A complaint with revealed = key * ephemeral and a true proof about it, whatever the share. */
void cheat_complaint(const struct ceremony *c, struct dkg_complaint *out, uint8_t complainer,
                     uint8_t dealer);
/* The 64- or 32-byte contexts of the three proofs. */
void cheat_deal_context(const struct ceremony *c, uint8_t out[static 64], uint8_t dealer);
void cheat_parcel_context(const struct ceremony *c, uint8_t out[static 64], uint8_t dealer,
                          uint8_t receiver);
void cheat_complaint_context(const struct ceremony *c, uint8_t out[static 32],
                             uint8_t complainer, uint8_t dealer);

#endif

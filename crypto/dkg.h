/*
 * dkg.h: the key ceremony as pure rounds (protocol-ceremony §3–§8).
 *
 * Trustees 1..n make one joint key y, of which any t hold the secret and fewer know nothing.
 * Pedersen's protocol (EUROCRYPT 1991) with Feldman's commitments, a commit round before the deals
 * (Gennaro et al., J. Cryptology 2007), proofs of knowledge against rogue keys, shares encrypted
 * on a public board, and complaints that everyone can judge.
 *
 *   commit  a hash of the deal's commitments and proof of knowledge
 *   deal    t commitments, the proof, and for each trustee one encrypted share with a proof
 *   complain  one list per trustee, perhaps empty: each entry opens one bad share
 *   confirm a hash of the transcript and of the keys that follow from it
 *
 * Nothing here does I/O or keeps state.  A deal is a function of its dealer's secrets and of the
 * ceremony, so that a tool that was interrupted says the same again and cannot be made to deal
 * twice.
 *
 * Invariant: a struct dkg_deal that was decoded holds exactly t commitments and n parcels, of
 * members of the group other than the identity and canonical scalars.
 *
 * Who is speaking (dealer, complainer: 1..n) comes from the signed envelope, never from the bytes.
 */
#ifndef KALPIS_CRYPTO_DKG_H
#define KALPIS_CRYPTO_DKG_H

#include "crypto/dleq.h"
#include "crypto/group.h"
#include "crypto/pok.h"
#include "crypto/shamir.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DKG_MAX = SHAMIR_MAX,        /* trustees */
	DKG_ELECTION_BYTES = 32,
	DKG_COMMIT_BYTES = 32,
	DKG_CONFIRM_BYTES = 32,
	DKG_SEED_BYTES = 32
};

/* What everybody knows before the ceremony: from the manifest.  key[j - 1] belongs to trustee j. */
struct dkg_params {
	const struct group *g;
	uint8_t election_id[DKG_ELECTION_BYTES];
	uint8_t n;
	uint8_t t;
	struct element key[DKG_MAX];   /* group encryption keys, their possession proved on the card */
};

/* What one trustee alone knows.  Secret; the owner wipes it. */
struct dkg_self {
	uint8_t index;                   /* 1..n */
	struct scalar key;               /* key * generator = params.key[index - 1] */
	uint8_t seed[DKG_SEED_BYTES];    /* random, drawn once for this election */
};

/* One share on its way: ephemeral = e * generator, box = share XOR a pad made of e * key. */
struct dkg_parcel {
	struct element ephemeral;
	uint8_t box[GROUP_SCALAR_BYTES_MAX];   /* the first group_scalar_len bytes */
	uint8_t proof[POK_BYTES_MAX];          /* of e: the first pok_len bytes */
};

/* Public.  About 17 KiB. */
struct dkg_deal {
	struct element commit[DKG_MAX];        /* the first t: coefficient * generator */
	uint8_t proof[POK_BYTES_MAX];          /* of the constant coefficient */
	struct dkg_parcel parcel[DKG_MAX];     /* the first n: parcel[j - 1] for trustee j */
};

/* "The share that dealer gave me is bad; this opens it." */
struct dkg_complaint {
	uint8_t dealer;                        /* 1..n */
	struct element shared;                 /* secret key of the complainer * ephemeral */
	uint8_t proof[DLEQ_BYTES_MAX];         /* that it is: the first dleq_len bytes */
};

/* The keys that a transcript leads to. */
struct dkg_result {
	bool included[DKG_MAX];                /* false: excluded, share[] is the identity */
	struct element y;                      /* the joint key */
	struct element share[DKG_MAX];         /* Y_j = x_j * generator */
};

/* ST_LIMIT unless 1 <= t <= n <= DKG_MAX (in the tiny group n <= 10); ST_KEY for a key that is
 * the identity or stands twice. */
MUST_USE enum status dkg_params_check(const struct dkg_params *p);

/* --- deal and commit ----------------------------------------------------------------------- */

/*
 * The deal of trustee self: always the same one for the same (p, self), checked before it is given
 * out.  ST_KEY when self's key or index is not that of p; on failure *out is of no use.  Constant
 * time in the secrets.
 */
MUST_USE enum status dkg_deal_make(const struct dkg_params *p, struct dkg_deal *out,
                                   const struct dkg_self *self);

/* The commit of a deal: what its dealer says in the first round. */
void dkg_commit(const struct dkg_params *p, uint8_t out[static DKG_COMMIT_BYTES], uint8_t dealer,
                const struct dkg_deal *deal);

size_t dkg_deal_len(const struct dkg_params *p);
/* Writes dkg_deal_len bytes. */
void dkg_deal_encode(const struct dkg_params *p, uint8_t *bytes, const struct dkg_deal *deal);
/*
 * ST_FORMAT unless len is dkg_deal_len: neither more nor fewer coefficients or parcels;
 * ST_ELEMENT, ST_SCALAR; ST_IDENTITY for a commitment or an ephemeral that is the identity.
 * On failure *out is unspecified.
 */
MUST_USE enum status dkg_deal_decode(const struct dkg_params *p, struct dkg_deal *out,
                                     const uint8_t *bytes, size_t len);

/*
 * Everything about a decoded deal that all can check: ST_HASH when it is not what dealer committed
 * to; ST_DUPLICATE when two parcels share an ephemeral; ST_PROOF when any proof is false (each is
 * bound to suite, election, dealer and, for a parcel, receiver and box).
 * ST_OK does not mean that the shares are good: only their receivers can tell.
 */
MUST_USE enum status dkg_deal_check(const struct dkg_params *p, uint8_t dealer,
                                    const struct dkg_deal *deal,
                                    const uint8_t commit[static DKG_COMMIT_BYTES]);

/* Writes the n encoded ephemerals of a deal, in the order of trustees: n * group_element_len. */
void dkg_deal_ephemerals(const struct dkg_params *p, uint8_t *bytes, const struct dkg_deal *deal);
/*
 * ST_DUPLICATE when an ephemeral of this deal is among the seen_count encodings in seen.  The
 * caller keeps the ephemerals of every deal it has accepted in this election, of dealers excluded
 * since too: a copied one would make a complaint about a bad share open a good one.
 */
MUST_USE enum status dkg_deal_is_new(const struct dkg_params *p, const struct dkg_deal *deal,
                                     const uint8_t *seen, size_t seen_count);

/* --- shares and complaints ----------------------------------------------------------------- */

/*
 * Open the share that dealer sent to self, in a deal that passed dkg_deal_check.  ST_OPENING when
 * it is bad (not a scalar, or not the value that the commitments promise): then complain.  *share
 * is secret, zero on failure.
 */
MUST_USE enum status dkg_share_open(const struct dkg_params *p, struct scalar *share,
                                    const struct dkg_self *self, uint8_t dealer,
                                    const struct dkg_deal *deal);

/*
 * Complain.  Gives away self's share of this dealer and nothing else, so it refuses unless the
 * share is indeed bad: ST_REFUTED.  ST_ROLE against oneself.
 */
MUST_USE enum status dkg_complaint_make(const struct dkg_params *p, struct dkg_complaint *out,
                                        const struct dkg_self *self, uint8_t dealer,
                                        const struct dkg_deal *deal);

/*
 * Judge a complaint against a deal that passed dkg_deal_check.  deal is complaint->dealer's.
 *   ST_OK       the share is bad: the dealer is at fault
 *   ST_REFUTED  the share is good: the complainer is at fault
 *   ST_PROOF    what is revealed is not the complainer's key to this parcel: it is at fault
 *   ST_ROLE     a complaint against oneself, or by or about nobody
 */
MUST_USE enum status dkg_complaint_judge(const struct dkg_params *p, uint8_t complainer,
                                         const struct dkg_complaint *complaint,
                                         const struct dkg_deal *deal);

/* One trustee's message of the complaint round: a list of 0..n-1, ascending by dealer. */
size_t dkg_complaints_len(const struct dkg_params *p, size_t count);
void dkg_complaints_encode(const struct dkg_params *p, uint8_t *bytes,
                           const struct dkg_complaint *list, size_t count);
/*
 * list has room for DKG_MAX.  ST_FORMAT: not of the exact length; ST_LIMIT: n or more, or a dealer
 * outside 1..n; ST_DUPLICATE, ST_ORDER: a dealer twice, or not ascending; ST_ELEMENT, ST_SCALAR;
 * ST_IDENTITY for a revealed identity.
 */
MUST_USE enum status dkg_complaints_decode(const struct dkg_params *p,
                                           struct dkg_complaint list[static DKG_MAX],
                                           size_t *count, const uint8_t *bytes, size_t len);

/* --- result -------------------------------------------------------------------------------- */

/*
 * The keys of those who were not excluded.  deals[i - 1] is trustee i's deal, or NULL when i is
 * excluded: then it adds nothing to y and has no Y_i.  ST_THRESHOLD when fewer than t are left:
 * the ceremony has failed; ST_IDENTITY when y, or a Y_j, is the identity: it has failed too.  On
 * failure *out holds no key.  Public data.
 */
MUST_USE enum status dkg_result_make(const struct dkg_params *p, struct dkg_result *out,
                                     const struct dkg_deal *const deals[static DKG_MAX]);

/*
 * self's share x_j of the joint secret, from the same deals.  ST_EXCLUDED when self is excluded;
 * ST_OPENING when a share is bad or the sum does not fit Y_j.  *x is secret, zero on failure.
 */
MUST_USE enum status dkg_share_sum(const struct dkg_params *p, struct scalar *x,
                                   const struct dkg_self *self, const struct dkg_result *result,
                                   const struct dkg_deal *const deals[static DKG_MAX]);

/*
 * What each trustee signs at the end: hash of the parameters, of the transcript (the caller's
 * digest of the ceremony's transactions in chain order) and of every resulting key.
 */
void dkg_confirm(const struct dkg_params *p, uint8_t out[static DKG_CONFIRM_BYTES],
                 const struct dkg_result *result, const uint8_t transcript[static 32]);

#endif

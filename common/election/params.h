/*
 * params.h: the snapshot against which proofs and signatures are checked (protocol.md §7).
 *
 * A snapshot is made whenever a step or phase begins and never changes afterwards, so that any
 * thread may check against it while the state moves on.  Its hash names it: a verdict that was
 * given against one snapshot is worth nothing against another.
 *
 * Invariant: immutable once its hash is set; freed when the last reference goes.
 */
#ifndef KALPIS_ELECTION_PARAMS_H
#define KALPIS_ELECTION_PARAMS_H

#include "common/base/limits.h"
#include "common/election/ballotsetup.h"
#include "common/election/manifest.h"
#include "common/election/roll.h"
#include "common/election/tally.h"
#include "crypto/dkg.h"
#include "crypto/group.h"
#include "crypto/threshold.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum election_phase {
	PHASE_COMMIT = 1,     /* ceremony: trustees commit to their dealings */
	PHASE_DEAL = 2,       /* ceremony: they deal */
	PHASE_COMPLAIN = 3,   /* ceremony: each says whether its shares are good */
	PHASE_CONFIRM = 4,    /* ceremony: each confirms transcript and keys */
	PHASE_ENROL = 5,      /* the key stands; roll and kiosks are published */
	PHASE_OPEN = 6,
	PHASE_CLOSED = 7,     /* doors are shut; ballots on their way still count */
	PHASE_ENDED = 8,      /* no ballot any more; the sums are fixed */
	PHASE_FINAL = 9,      /* the result stands */
	PHASE_FAILED = 10     /* the ceremony failed: a new manifest is needed */
};

const char *election_phase_name(enum election_phase phase);

/* Bit i - 1 stands for trustee i. */
typedef uint16_t trustee_set;

static inline bool trustee_in(trustee_set set, unsigned int trustee)
{
	return trustee >= 1 && trustee <= LIMIT_TRUSTEES &&
	       ((unsigned int)set >> (trustee - 1) & 1u) != 0;
}

/* Bytes that the state owns and snapshots borrow: a state outlives its snapshots. */
struct params_blob {
	const uint8_t *bytes;   /* NULL when there is none */
	size_t len;
};

struct params_device {
	bool known;
	uint8_t sign_key[32];
	uint8_t curve_key[32];
};

struct election_params {
	const struct manifest *manifest;      /* borrowed */
	enum election_phase phase;
	uint8_t anchor[32];                   /* block of the previous phase change or advance */
	uint8_t step_block[32];               /* block that ended the complaints */
	uint8_t dealt[32];                    /* the transcript when the deals were in; else zeros */
	uint8_t end_block[32];                /* block that holds `end`; zeros before */
	trustee_set excluded;

	struct dkg_params dkg;                       /* what everybody knows of the ceremony */
	struct params_blob commit[LIMIT_TRUSTEES];   /* from PHASE_DEAL on */
	struct params_blob deal[LIMIT_TRUSTEES];     /* from PHASE_COMPLAIN on */
	uint8_t confirm_hash[32];                    /* from PHASE_CONFIRM on */

	bool has_key;                                /* from PHASE_ENROL on */
	struct element y;
	uint8_t y_bytes[GROUP_ELEMENT_BYTES_MAX];
	size_t y_len;
	struct element share_key[LIMIT_TRUSTEES];    /* Y_j */

	const struct roll *roll;                     /* from PHASE_OPEN on; borrowed */
	const struct ballot_setup *ballots;          /* from PHASE_OPEN on; borrowed */
	const struct tally *tally;                   /* from PHASE_ENDED on; borrowed */
	struct thdec *sums;                          /* what is decrypted, from PHASE_ENDED on; NULL
	                                                when nothing is */

	uint8_t hash[32];                            /* of all the above */
	_Atomic unsigned int refs;
};

/* What everybody knows before the ceremony. */
void params_ceremony(struct dkg_params *out, const struct manifest *m);

/* One reference more.  Returns p. */
const struct election_params *params_ref(const struct election_params *p);
/* Give a reference back.  NULL is allowed. */
void params_unref(const struct election_params *p);

#endif

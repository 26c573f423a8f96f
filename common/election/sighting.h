/*
 * sighting.h: what somebody saw who followed the nodes, judged without any node: forks, rollbacks
 * and false answers (formats-evidence.md §3).
 *
 * What nodes answer is not signed.  So who sent something, and when, is the word of whoever wrote
 * the file; what a quorum signed is proof for everybody.  sighting_judge tells which it is.
 *
 * Invariant: SIGHTING_PROVES is only said of what follows from signatures of nodes under the
 * manifest, whoever handed the file or the chain before it.
 */
#ifndef KALPIS_ELECTION_SIGHTING_H
#define KALPIS_ELECTION_SIGHTING_H

#include "common/base/fault.h"
#include "common/election/replay.h"
#include "common/ledger/evidence.h"

/* How much it weighs. */
enum sighting_weight {
	SIGHTING_PROVES,      /* more nodes than may fail signed what honest nodes never sign */
	SIGHTING_WITNESSES,   /* the bytes are as told; that this node sent them is a word */
	SIGHTING_OPEN         /* a false answer: to judge it, the chain before it is needed */
};
/* "proof", "word", "open".  Static. */
const char *sighting_weight_name(enum sighting_weight weight);

struct sighting {
	enum sighting_weight weight;
	enum status reason;       /* what is wrong: ST_FORK, or why the answer is refused */
	uint64_t height;          /* of the block in question; 0: none */
	uint16_t culprits;        /* nodes (bit i: node i) whose signatures here break the rules */
	uint32_t culprits_min;    /* so many at least broke them, whether they can be named or not */
};

/*
 * Judge evidence of the kinds FORK, ROLLBACK and FALSE_ANSWER.  m is the manifest of its file.
 * before: NULL, or for an answer a replay that stands on the block below the first one of the
 * answer; it is moved.  ST_OK: *out says what it shows.  Anything else: it shows nothing, and this
 * is why: ST_NOT_FOUND (of another kind, or an answer in which nothing is wrong), ST_PARENT (before
 * stands elsewhere), and those of evidence_check.
 */
MUST_USE enum status sighting_judge(struct sighting *out, const struct evidence *e,
                                    const struct manifest *m, struct replay *before);
/* The height of the first block that an answer to BLOCKS was asked for; false for any other. */
bool sighting_asks_from(uint64_t *height, const struct evidence *e);

/* What was seen, what it means and what to do next, for a person.  Nodes are numbered from 1. */
void sighting_tell(struct fault *out, const struct evidence *e, const struct sighting *s,
                   const struct manifest *m);

#endif

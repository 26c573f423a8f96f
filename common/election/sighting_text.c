/*
 * sighting_text.c: sightings in words: see sighting.h.
 *
 * Invariant: words claim no more than the weight of the sighting.
 */
#include "common/election/sighting.h"

#include "common/base/clock.h"

#include <inttypes.h>
#include <stdio.h>

enum { NODE_TEXT = 128, NODES_TEXT = 256 };

#define A_WORD "That it was this node, and when, is the word of whoever wrote the file."

static void name_node(char out[static NODE_TEXT], const struct manifest *m, unsigned int node)
{
	if (node < m->trustees_len)
		(void)snprintf(out, NODE_TEXT, "node %u (%.80s)", node + 1, m->trustees[node].name);
	else
		(void)snprintf(out, NODE_TEXT, "somebody");
}

/* ": nodes 1, 3" of a set; empty for none. */
static void name_nodes(char out[static NODES_TEXT], const char *before, uint16_t nodes)
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++)
		if ((nodes >> i & 1) != 0 && at < NODES_TEXT - 8)
			at += (size_t)snprintf(out + at, NODES_TEXT - at, "%s%u", at == 0 ? before : ", ",
			                       i + 1);
}

static void tell_fork(struct fault *out, const struct sighting *f, const struct manifest *m)
{
	char nodes[NODES_TEXT];

	name_nodes(nodes, "; these signed both: nodes ", f->culprits);
	(void)fault_set(out, ST_FORK, "FORK: at height %" PRIu64 " there are two different blocks, and "
	                "a quorum of nodes has made each of the two final", f->height);
	fault_why(out, "Honest nodes never sign both: at least %u of the %u broke the rules%s. What "
	          "one chain says of the election may not be what the other says.",
	          f->culprits_min, m->trustees_len, nodes);
	fault_next(out, "Keep this file and a copy of both chains, tell the trustees and the public, "
	           "and accept no result until it is explained. Anybody can check the file: "
	           "voter-observer evidence FILE --fingerprint F");
}

static void tell_rollback(struct fault *out, const struct evidence *e, const struct manifest *m)
{
	char who[NODE_TEXT], when[CLOCK_TEXT_BYTES], head[64] = "no block at all";
	const struct evidence_branch *given = &e->branch[1];
	struct block_header seen, now;

	name_node(who, m, e->node);
	clock_format(when, e->time_min * 60, 1);
	evidence_header(&seen, &e->branch[0], (uint16_t)(e->branch[0].count - 1));
	if (given->count > 0) {
		evidence_header(&now, given, (uint16_t)(given->count - 1));
		(void)snprintf(head, sizeof(head), "block %" PRIu64, now.height);
	}
	(void)fault_set(out, ST_AMNESIA, "ROLLBACK: %s had shown block %" PRIu64 " as final, and at %s "
	                "it showed only %s", who, seen.height, when, head);
	fault_why(out, "No vote is lost while other nodes have the chain, but this node has gone "
	          "back: its disk was replaced by an older copy, or it hides what it has. " A_WORD);
	fault_next(out, "Ask its trustee what was done to that machine. Go on following: a node that "
	           "was restored honestly catches up and contradicts nobody.");
}

static void tell_answer(struct fault *out, const struct evidence *e,
                        const struct sighting *f, const struct manifest *m)
{
	char who[NODE_TEXT], nodes[NODES_TEXT];

	name_node(who, m, e->node);
	name_nodes(nodes, ": nodes ", f->culprits);
	switch (f->weight) {
	case SIGHTING_PROVES:
		(void)fault_set(out, f->reason, "INVALID BLOCK: block %" PRIu64 " breaks the rules of the "
		                "election, and a quorum of nodes made it final: %s", f->height,
		                status_text(f->reason));
		fault_why(out, "Honest nodes never sign such a block: %u did%s. What follows it cannot be "
		          "trusted.", f->culprits_min, nodes);
		fault_next(out, "Keep this file and the chain before the block, tell the trustees and the "
		           "public, and accept no result until it is explained.");
		return;
	case SIGHTING_WITNESSES:
		(void)fault_set(out, f->reason, "FALSE ANSWER: %s sent an answer that does not hold: %s",
		                who, status_text(f->reason));
		fault_why(out, "A sound node never sends this: it is broken, or it lies. Nothing of it was "
		          "believed. " A_WORD);
		fault_next(out, "Tell its trustee. The other nodes go on; the chain does not suffer.");
		return;
	case SIGHTING_OPEN:
		break;
	}
	(void)fault_set(out, ST_INCOMPLETE, "UNDECIDED: %s sent blocks from height %" PRIu64 " on; "
	                "whether they hold depends on the chain before them", who, f->height);
	fault_why(out, "A block can only be judged on top of the blocks before it.");
	fault_next(out, "voter-observer evidence FILE --fingerprint F --archive election.kalpis");
}

void sighting_tell(struct fault *out, const struct evidence *e, const struct sighting *s,
                   const struct manifest *m)
{
	switch (e->kind) {
	case EVIDENCE_FORK:
		tell_fork(out, s, m);
		return;
	case EVIDENCE_ROLLBACK:
		tell_rollback(out, e, m);
		return;
	case EVIDENCE_FALSE_ANSWER:
		tell_answer(out, e, s, m);
		return;
	case EVIDENCE_DOUBLE_VOTE:
	case EVIDENCE_UNSOUND_BLOCK:
	case EVIDENCE_FALSE_MESSAGE:
	case EVIDENCE_BREACH:
	case EVIDENCE_TWO_FATES:
	case EVIDENCE_CAST_AND_TESTED:
		break;
	}
	(void)fault_set(out, ST_NOT_FOUND, "this is evidence of another kind: %s",
	                evidence_kind_name(e->kind));
}

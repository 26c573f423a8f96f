/*
 * rules.h: the figures and guards of docs/consensus.md as the models use them.
 *
 * Promela's preprocessor and C read this file alike, so that a unit test can hold the product to it
 * (tests/unit/server/test_consensus_model.c): for each case of each guard, what a replica signs.
 */
#ifndef KALPIS_TESTS_MODEL_RULES_H
#define KALPIS_TESTS_MODEL_RULES_H

/* §1.1, §1.3: f; q; how many may cheat without a fork; who leads, from the leader of view 1. */
#define MODEL_FAULTS(n) (((n) - 1) / 3)
#define MODEL_QUORUM(n) ((n) - MODEL_FAULTS(n))
#define MODEL_CHEATS(n) (2 * MODEL_QUORUM(n) - (n) - 1)
#define MODEL_LEADER(v, first, n) (((v) - 1 + (first)) % (n))

/*
 * §2.2: do the votes of one node in one view convict it?  A set: 1, 2 NOTARIZE of one block and of
 * another; 4, 8 FINALIZE of the one and of the other; 16 NULLIFY.
 */
#define MODEL_CONFLICT(set) \
	(((set) & 3) == 3 || ((set) & 12) == 12 || (((set) & 12) != 0 && ((set) & 16) != 0) || \
	 ((set) & 9) == 9 || ((set) & 6) == 6)

/* R3: has it notarized in this view; is the base notarized or final; is the gap nullified? */
#define MODEL_MAY_NOTARIZE(before, base, gap) (!(before) && (base) && (gap))
/* R4: is N held; did it notarize this block; has it nullified? */
#define MODEL_MAY_FINALIZE(n_held, notarized_it, nullified) \
	((n_held) && (notarized_it) && !(nullified))
/* R5: has it finalized? */
#define MODEL_MAY_NULLIFY(finalized) (!(finalized))
/* R5: how many NULLIFY are joined? */
#define MODEL_JOIN(n) (MODEL_FAULTS(n) + 1)

/* R15: how many others are asked; the last view that is closed to it; who vouches for others? */
#define MODEL_ASKED(n) (MODEL_QUORUM(n) - (MODEL_QUORUM(n) == (n)))
#define MODEL_ABOVE(highest) ((highest) + 1)
#define MODEL_VOUCHES(guarded, view, above) (!(guarded) && (view) > (above))

#endif

/*
 * guard.pml: can a node that lost its disk contradict itself?  (docs/model.md §4)
 *
 * Only what R15's guard rests on is here: a view is entered by a certificate of the one before
 * it or of a later one, a certificate is of q votes that were signed in its view, and a node
 * signs in no view beyond the one that it entered last.  In each view there are two votes that
 * contradict each other (NOTARIZE of two blocks, or FINALIZE and NULLIFY).  A node that lost its
 * disk knows neither its votes nor any certificate.  It is shown, by certificates, how far
 * others are, and signs above the highest view shown plus one.
 *
 * Messages may be lost or late, but for one: STATUS tells how far its sender is at a time after
 * the loss, for it comes over a connection that was made after it.  The cheats show what they
 * like.
 */
#include "rules.h"

#ifndef NODES
#define NODES 4
#endif
#define CHEATS MODEL_CHEATS(NODES)
#ifndef VIEWS
#define VIEWS 3
#endif
#ifndef LOSSES
#define LOSSES 2                /* of disks, one after the other or all at once */
#endif
#define Q MODEL_QUORUM(NODES)
#define HONEST (NODES - CHEATS)
#if HONEST != 3 && HONEST != 5
#error "COUNT, HEARD and node() name three nodes or five"
#endif

/* The process: which view, which node. */
#define view (_pid / HONEST + 1)
#define self (_pid % HONEST)

#define THIS 1
#define THAT 2
byte votes[VIEWS * HONEST];     /* what was ever signed: others may have it */
byte known[VIEWS * HONEST];     /* what the node's disk knows of that */
byte cur[HONEST] = 1;
bool guarded[HONEST];
byte above[HONEST];             /* on the disk: sign only in views above */
byte heard[HONEST];             /* who vouched, one bit for each honest node */
byte losses;

#define AT(v, i) (((v) - 1) * HONEST + (i))
#define SIGNED(v, i, what) (i < HONEST && (votes[AT(v, i)] & (what)) != 0)
#define COUNT(v, what) \
	(SIGNED(v, 0, what) + SIGNED(v, 1, what) + SIGNED(v, 2, what) + SIGNED(v, 3, what) + \
	 SIGNED(v, 4, what))
#define CERT(v) (COUNT(v, THIS) + CHEATS >= Q || COUNT(v, THAT) + CHEATS >= Q)

/* --- R15 ------------------------------------------------------------------------------------- */
#define BIT(i, j) (heard[i] / (1 << j) & 1)
#define HEARD(i) (BIT(i, 0) + BIT(i, 1) + BIT(i, 2) + BIT(i, 3) + BIT(i, 4) + CHEATS)
#define ENOUGH(i) (HEARD(i) >= MODEL_ASKED(NODES))
/* A node that may not sign in its own view does not vouch: it may have been further. */
#define VOUCHES(j) MODEL_VOUCHES(guarded[j], cur[j], above[j])
#define MAY_SIGN(v, i) (!guarded[i] && (v) > above[i] && (v) <= cur[i] && !known[AT(v, i)])

byte v;

inline sign(what)
{
	printf("node %d signs %d in view %d\n", self, what, view);
	votes[AT(view, self)] = votes[AT(view, self)] | what;
	known[AT(view, self)] = what;
	assert(votes[AT(view, self)] != (THIS | THAT))
}

inline enter()
{
	printf("node %d enters view %d\n", self, view + 1);
	cur[self] = view + 1
}

inline lose()
{
	printf("node %d loses its disk\n", self);
	losses++;
	for (v : 1 .. VIEWS) {
		known[AT(v, self)] = 0
	}
	v = 0;
	cur[self] = 1;
	above[self] = 0;
	guarded[self] = true;
	heard[self] = 0
}

inline hear(j)
{
	printf("node %d hears that node %d is in view %d\n", self, j, cur[j]);
	heard[self] = heard[self] | (1 << j);
	cur[self] = (cur[j] > cur[self] -> cur[j] : cur[self])
}

/* The certificates that were shown are its own now, so cur is the highest view shown. */
inline pass()
{
	above[self] = MODEL_ABOVE(cur[self]);
	printf("node %d will sign above view %d\n", self, above[self]);
	guarded[self] = false;
	heard[self] = 0
}

#define HEAR(j) \
	d_step { \
		view == 1 && j < HONEST && j != self && guarded[self] && !BIT(self, j) && \
		VOUCHES(j) -> \
			hear(j) \
	}

active [VIEWS * HONEST] proctype node()
{
end:	do
	:: d_step { MAY_SIGN(view, self) -> sign(THIS) }
	/* Of two that contradict each other, the first is THIS. */
	:: d_step { MAY_SIGN(view, self) && COUNT(view, THIS) > 0 -> sign(THAT) }
	:: d_step { cur[self] <= view && CERT(view) -> enter() }
	/* Nodes are alike: let it be the first ones. */
	:: d_step { view == 1 && self < LOSSES && losses < LOSSES -> lose() }
	:: HEAR(0)
	:: HEAR(1)
	:: HEAR(2)
#if HONEST > 3
	:: HEAR(3)
	:: HEAR(4)
#endif
	:: d_step { view == 1 && guarded[self] && ENOUGH(self) -> pass() }
	od
}

/*
 * progress.pml: does the chain move on, whatever happened before?  (docs/model.md §3)
 *
 * Four nodes, the last of which cheats.  In all views but the last one anything that
 * docs/consensus.md allows may happen or not: votes and certificates reach a node or are lost,
 * timers run out when they like, nodes die and come back with their disks.  Then the network
 * heals: what honest nodes hold and have signed reaches every honest node, and what they must do
 * they do, one thing after the other.  The cheat goes on, between any two of them: it helps a
 * certificate to be made and shows it to whom it likes, and proposes what it likes to whom it
 * likes.  So do the timers.
 *
 * Only in the last view, which an honest node leads, no timer runs out while something is on its
 * way. Where nothing is, its block must be final at every honest node.  Each step but a restart
 * adds a vote or a certificate, so every run comes to that point (ENDS leaves the restarts out:
 * then the graph of states has no cycle at all).
 */
#include "rules.h"

#define NODES 4
#define Q MODEL_QUORUM(NODES)
#define CHEATS 1
#define HONEST 3
#ifndef VIEWS
#define VIEWS 2
#endif
#ifndef FIRST
#define FIRST 0                 /* the leader of view 1 */
#endif
#if (VIEWS - 1 + FIRST) % 4 == 3
#error "the cheat leads the last view"
#endif
#if VIEWS > 4
#error "IS_FINAL, GAP and node() name four views"
#endif
#define CHAOS (VIEWS - 1)

/* Who leads (§1.3).  Node 3 cheats. */
#define LEADER(v) MODEL_LEADER(v, FIRST, NODES)
#define CHEAT_LEADS(v) (LEADER(v) == 3)

/* The process: which view, which node; the blocks of the view, of which honest leaders make A. */
#define view (_pid / HONEST + 1)
#define self (_pid % HONEST)
#define A (2 * view)
#define B (2 * view + 1)

#define NOTARIZE(b) (1 << ((b) % 2))
#define NULLIFY 4
#define FINALIZE 8              /* of the block that the node notarized */
#define N 1
#define U 2
#define F 4
byte votes[VIEWS * HONEST];     /* signed, and on the disk */
byte held[VIEWS * HONEST];      /* certificates on the disk: the newest F, and all above it */
byte cur[HONEST] = 1;
byte base[2 * VIEWS + 2];       /* of a block: the view of its parent, 0 for block 0 */
bool healed, over;

#define AT(v, i) (((v) - 1) * HONEST + (i))
#define SIGNED(v, i, what) ((votes[AT(v, i)] & (what)) != 0)
#define HOLDS(v, i, kind) ((held[AT(v, i)] & (kind)) != 0)
#define COUNT(v, what) (SIGNED(v, 0, what) + SIGNED(v, 1, what) + SIGNED(v, 2, what))

/* --- R6: certificates that could be made.  The cheat has signed everything. ------------------ */
#define CERT(v, what) (COUNT(v, what) + CHEATS >= Q)
/* The block of this view that can be notarized: one at most (agreement.pml). */
#define BLOCK(v) (2 * (v) + (CERT(v, NOTARIZE(1)) -> 1 : 0))
#define CAN_BE(v, kind) (((kind) == N && CERT(v, NOTARIZE(BLOCK(v)))) || \
                         ((kind) == U && CERT(v, NULLIFY)) || \
                         ((kind) == F && CERT(v, FINALIZE)))

/* --- R2 to R5, for node i -------------------------------------------------------------------- */
#define F_FROM(u, v, i) (u <= VIEWS && u >= (v) && HOLDS(u, i, F))
#define IS_FINAL(v, i) (F_FROM(1, v, i) || F_FROM(2, v, i) || F_FROM(3, v, i) || F_FROM(4, v, i))
#define SKIPPED(u, p, v, i) (u > VIEWS || u <= (p) || u >= (v) || HOLDS(u, i, U))
#define GAP(p, v, i) (SKIPPED(1, p, v, i) && SKIPPED(2, p, v, i) && SKIPPED(3, p, v, i))
#define BASE(p, i) ((p) == 0 || HOLDS(p, i, N | F))

#define MAY_PROPOSE(v, i) (cur[i] == (v) && LEADER(v) == (i) && \
                           !SIGNED(v, i, NOTARIZE(0) | NULLIFY))
#define MAY_NOTARIZE(b, p, i) \
	(!IS_FINAL((b) / 2, i) && \
	 (cur[i] == (b) / 2 || (HOLDS((b) / 2, i, N) && (b) == BLOCK((b) / 2))) && \
	 MODEL_MAY_NOTARIZE(SIGNED((b) / 2, i, NOTARIZE(0) | NOTARIZE(1)), BASE(p, i), \
	                    GAP(p, (b) / 2, i)))
#define MAY_FINALIZE(v, i) \
	(!SIGNED(v, i, FINALIZE) && !IS_FINAL(v, i) && \
	 MODEL_MAY_FINALIZE(HOLDS(v, i, N), SIGNED(v, i, NOTARIZE(BLOCK(v))), \
	                    SIGNED(v, i, NULLIFY)))
#define MAY_NULLIFY(v, i) \
	(cur[i] == (v) && !SIGNED(v, i, NULLIFY) && MODEL_MAY_NULLIFY(SIGNED(v, i, FINALIZE)))

byte p, u;

inline sign(v, i, what)
{
	printf("node %d signs %d in view %d\n", i, what, v);
	votes[AT(v, i)] = votes[AT(v, i)] | (what)
}

/* R1: a certificate of cur or above ends the view.  R7: an F makes what is below it needless. */
inline learn(v, i, kind)
{
	printf("node %d learns %d of view %d\n", i, kind, v);
	held[AT(v, i)] = held[AT(v, i)] | (kind);
	cur[i] = ((v) >= cur[i] -> (v) + 1 : cur[i]);
	if
	:: (kind) == F ->
		for (u : 1 .. (v) - 1) {
			held[AT(u, i)] = 0
		}
		held[AT(v, i)] = F;
		u = 0
	:: else
	fi;
	assert(!(CERT(v, NULLIFY) && CERT(v, FINALIZE)));
	assert(!(CERT(v, NOTARIZE(0)) && CERT(v, NOTARIZE(1))))
}

/* R2: on the highest block that is notarized or final here, if every view after it is nullified. */
inline propose(v, i)
{
	p = (v) - 1;
	do
	:: p > 0 && !HOLDS(p, i, N | F) -> p--
	:: else -> break
	od;
	if
	:: BASE(p, i) && GAP(p, v, i) ->
		printf("node %d proposes on view %d\n", i, p);
		base[2 * (v)] = p;
		sign(v, i, NOTARIZE(0))
	:: else
	fi;
	p = 0
}

/* R15: what the disk holds is read; cur is one above the highest certificate. */
inline come_back(i)
{
	printf("node %d died and comes back\n", i);
	cur[i] = 1;
	for (u : 1 .. VIEWS) {
		cur[i] = (held[AT(u, i)] -> u + 1 : cur[i])
	}
	u = 0
}

/* --- what the cheat, the network and the clock may do ---------------------------------------- */
#define NEW(b) (!COUNT((b) / 2, NOTARIZE(b)))
#define LEARN(kind) \
	d_step { \
		!over && !HOLDS(view, self, kind) && !IS_FINAL(view, self) && \
		CAN_BE(view, kind) -> \
			learn(view, self, kind) \
	}
/* The cheat's block; the first honest vote for it says on what it stands. */
#define TAKE(b, p) \
	d_step { \
		!over && CHEAT_LEADS(view) && p < view && \
		(NEW(b) -> ((b) % 2 == 0 || !NEW((b) - 1)) : base[b] == p) && \
		MAY_NOTARIZE(b, p, self) -> \
			base[b] = p; \
			sign(view, self, NOTARIZE(b)) \
	}

active [VIEWS * HONEST] proctype node()
{
end:	do
	:: LEARN(N)
	:: LEARN(U)
	:: LEARN(F)
	:: TAKE(A, 0)
	:: TAKE(B, 0)
	:: TAKE(A, 1)
	:: TAKE(B, 1)
#if VIEWS > 2
	:: TAKE(A, 2)
	:: TAKE(B, 2)
#endif
	:: d_step { !over && view <= CHAOS && MAY_NULLIFY(view, self) -> /* its timer ran out */
		sign(view, self, NULLIFY) }
	/* Before the healing, what a node must do it may do late or never. */
	:: d_step { !healed && view <= CHAOS && MAY_PROPOSE(view, self) ->
		propose(view, self) }
	:: d_step { !healed && view <= CHAOS && !CHEAT_LEADS(view) && !NEW(A) &&
	            MAY_NOTARIZE(A, base[A], self) ->
		sign(view, self, NOTARIZE(A)) }
	:: d_step { !healed && MAY_FINALIZE(view, self) ->
		sign(view, self, FINALIZE) }
#ifndef ENDS
	:: d_step { !healed && view == 1 ->
		come_back(self) }
#endif
	od
}

/* --- after the healing: one thing that must happen ------------------------------------------- */
byte i, v;
bool moved;

/* R8, R15: does node i count this vote of node j, perhaps its own, in the end? */
#define REACHES(v, j, i, what) (SIGNED(v, j, what) && !IS_FINAL(v, j))
#define SAID(v, i, what) (REACHES(v, 0, i, what) + REACHES(v, 1, i, what) + \
                          REACHES(v, 2, i, what) >= Q)
#define MADE(v, i, kind) (((kind) == N && (SAID(v, i, NOTARIZE(0)) || SAID(v, i, NOTARIZE(1)))) || \
                          ((kind) == U && SAID(v, i, NULLIFY)) || \
                          ((kind) == F && SAID(v, i, FINALIZE)))
/* R1, R8, R11: certificates reach the others, with a proposal or alone. */
#define PASSED_ON(v, kind) (HOLDS(v, 0, kind) || HOLDS(v, 1, kind) || HOLDS(v, 2, kind))

inline hear(kind)
{
	if
	:: !moved && !HOLDS(v, i, kind) && !IS_FINAL(v, i) &&
	   (PASSED_ON(v, kind) || MADE(v, i, kind)) ->
		learn(v, i, kind);
		moved = true
	:: else
	fi
}

#define MUST(may, what) \
	if \
	:: !moved && may -> \
		sign(v, i, what); \
		moved = true \
	:: else \
	fi

inline act()
{
	if
	:: !moved && MAY_PROPOSE(v, i) ->
		propose(v, i);
		moved = SIGNED(v, i, NOTARIZE(0))
	:: else
	fi;
	MUST(!CHEAT_LEADS(v) && !NEW(2 * v) && MAY_NOTARIZE(2 * v, base[2 * v], i), NOTARIZE(0));
	MUST(HOLDS(v, i, N) && MAY_NOTARIZE(BLOCK(v), base[BLOCK(v)], i), NOTARIZE(BLOCK(v)));
	MUST(MAY_FINALIZE(v, i), FINALIZE);
	/* R5: f + 1 nodes have nullified, or its leader has. */
	MUST(MAY_NULLIFY(v, i) && COUNT(v, NULLIFY) >= MODEL_JOIN(NODES), NULLIFY);
	MUST(MAY_NULLIFY(v, i) && !CHEAT_LEADS(v) && SIGNED(v, LEADER(v), NULLIFY), NULLIFY)
}

#define IN_LAST(i) (cur[i] >= VIEWS)

/* Nothing is on its way any more. */
inline be_quiet()
{
	if
	:: IN_LAST(0) || IN_LAST(1) || IN_LAST(2) ->
		over = true;
		assert(IS_FINAL(VIEWS, 0) && IS_FINAL(VIEWS, 1) && IS_FINAL(VIEWS, 2))
	:: else ->
		for (i : 0 .. HONEST - 1) {
			v = cur[i];
			MUST(MAY_NULLIFY(v, i), NULLIFY)
		}
		assert(moved)
	fi
}

active proctype world()
{
end:	do
	:: !healed -> healed = true
	:: d_step { healed && !over ->
		for (v : 1 .. VIEWS) {
			for (i : 0 .. HONEST - 1) {
				hear(F);
				hear(N);
				hear(U)
			}
		}
		for (v : 1 .. VIEWS) {
			for (i : 0 .. HONEST - 1) {
				act()
			}
		}
		if
		:: !moved -> be_quiet()
		:: else
		fi;
		v = 0;
		i = 0;
		moved = false }
	od
}

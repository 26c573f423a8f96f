/*
 * agreement.pml: can two final blocks contradict each other?  (docs/model.md §2)
 *
 * Certificates are all that passes from one view to another, and a vote once signed may reach
 * anybody at any time, or never.  So the network is left out: whoever could hold a certificate,
 * by the votes that are signed, may act on it.  The cheating nodes have signed everything.  Any
 * node may propose any block in any view, and a node may vote in any view, in any order.  All
 * this allows more than docs/consensus.md does: what cannot happen here cannot happen there.
 *
 * One process is one honest node in one view, for no rule of voting couples the votes of a node
 * in two views.  Two blocks in a view are enough: two chains that contradict each other have no
 * more, and votes for a third can be struck from the run.
 *
 * Invariant: block b was made in view b / 2 (block 0 in view 0); votes[] is sorted in each view.
 */
#include "rules.h"

#ifndef NODES
#define NODES 4
#endif
#ifndef CHEATS
#define CHEATS MODEL_CHEATS(NODES)
#endif
#ifndef VIEWS
#define VIEWS 2
#endif
#define Q MODEL_QUORUM(NODES)
#define HONEST (NODES - CHEATS)
#if HONEST > 7 || VIEWS < 2 || VIEWS > 3
#error "COUNT, GAP and vote() name seven nodes and three views"
#endif

/* The process: which view, which node, and the two blocks of the view. */
#define view (_pid / HONEST + 1)
#define self (_pid % HONEST)
#define A (2 * view)
#define B (2 * view + 1)

/* What an honest node signed in one view: a set.  Its disk keeps it (R0, R15). */
#define NOTARIZE(b) (1 << ((b) % 2))
#define FINALIZE(b) (4 << ((b) % 2))
#define NULLIFY 16
byte votes[VIEWS * HONEST];
byte parent[2 * VIEWS + 2];     /* of a block that somebody notarized */

#define AT(v, i) (((v) - 1) * HONEST + (i))
#define HAS(v, i, what) (i < HONEST && (votes[AT(v, i)] & (what)))
#define COUNT3(v, what) (HAS(v, 0, what) + HAS(v, 1, what) + HAS(v, 2, what))
#if HONEST <= 3
#define COUNT(v, what) COUNT3(v, what)
#else
#define COUNT(v, what) \
	(COUNT3(v, what) + HAS(v, 3, what) + HAS(v, 4, what) + HAS(v, 5, what) + HAS(v, 6, what))
#endif

/* --- R6: q votes of a kind for one view and block are a certificate; a signer counts once. --- */
#define CERT(v, what) (COUNT(v, what) + CHEATS >= Q)
#define N(b) ((b) == 0 || CERT((b) / 2, NOTARIZE(b)))
#define F(b) ((b) == 0 || CERT((b) / 2, FINALIZE(b)))
#define U(v) CERT(v, NULLIFY)

/* --- R3, R4, R5.  MINE is what a node knows that it signed in this view. --------------------- */
#define MINE votes[AT(view, self)]
#define SKIPPED(p, b, v) (v <= (p) / 2 || v >= (b) / 2 || U(v))
#if VIEWS == 2
#define GAP(p, b) SKIPPED(p, b, 1)
#else
#define GAP(p, b) (SKIPPED(p, b, 1) && SKIPPED(p, b, 2))
#endif   /* 4 views */
#define MAY_NOTARIZE(b, p) \
	MODEL_MAY_NOTARIZE(MINE & (NOTARIZE(0) | NOTARIZE(1)), N(p), GAP(p, b))
#define MAY_FINALIZE(b) MODEL_MAY_FINALIZE(N(b), MINE & NOTARIZE(b), MINE & NULLIFY)
#define MAY_NULLIFY MODEL_MAY_NULLIFY(MINE & (FINALIZE(0) | FINALIZE(1)))

/* --- what must never be ---------------------------------------------------------------------- */
byte x, y, up, wrong;

/* Two final blocks, neither an ancestor of the other. */
inline look_for_fork()
{
	for (x : 2 .. 2 * VIEWS + 1) {
		for (y : 2 .. x - 1) {
			up = x;
			do
			:: up > y && up / 2 >= y / 2 -> up = parent[up]
			:: else -> break
			od;
			wrong = wrong || (up != y && F(x) && F(y))
		}
	}
}

/* §4, L1, L2: a final block's view is nullified as well, or two blocks of a view are notarized. */
inline look_for_pair()
{
	for (x : 2 .. 2 * VIEWS + 1) {
		wrong = wrong || (F(x) && U(x / 2)) || (x % 2 && N(x) && N(x - 1))
	}
}

/* §2.2, §4: an honest node signed what convicts it. */
inline look_for_framed()
{
	for (x : 0 .. VIEWS * HONEST - 1) {
		wrong = wrong || MODEL_CONFLICT(votes[x])
	}
}

/* Not wrong at all: a final block stands on another one, over a nullified view. */
inline look_for_skip()
{
	for (x : 2 .. 2 * VIEWS + 1) {
		up = parent[x];
		wrong = wrong || (up > 0 && F(x) && F(up) && x / 2 > up / 2 + 1)
	}
}

/* --- the nodes ------------------------------------------------------------------------------- */
/* Honest nodes are alike in a view: keep their sets sorted, and let the first of equals act. */
#define FIRST_OF_EQUALS (self == 0 || votes[AT(view, self)] != votes[AT(view, self - 1)])

inline sort()
{
	for (x : 1 .. HONEST - 1) {
		for (y : 0 .. HONEST - 1 - x) {
			if
			:: votes[AT(view, y)] > votes[AT(view, y + 1)] ->
				up = votes[AT(view, y)];
				votes[AT(view, y)] = votes[AT(view, y + 1)];
				votes[AT(view, y + 1)] = up
			:: else
			fi
		}
	}
	x = 0;
	y = 0;
	up = 0
}

inline sign(what)
{
	printf("view %d: an honest node signs %d (parent of A %d, of B %d)\n", view,
	       what, parent[A], parent[B]);
	votes[AT(view, self)] = votes[AT(view, self)] | (what);
	sort()
}

/* The first vote for a block says what its parent is.  Of two blocks, the even one comes first. */
#define NEW(b) (!COUNT(view, NOTARIZE(b)))
#define NOTARIZE_ON(b, p) \
	d_step { \
		(p) / 2 < view && (p) != 1 && FIRST_OF_EQUALS && !(MINE & NOTARIZE(b)) && \
		(NEW(b) -> ((b) % 2 == 0 || !NEW((b) - 1)) : parent[b] == (p)) && \
		MAY_NOTARIZE(b, p) -> \
			parent[b] = p; \
			sign(NOTARIZE(b)) \
	}

active [VIEWS * HONEST] proctype vote()
{
end:	do
	:: NOTARIZE_ON(A, 0)
	:: NOTARIZE_ON(B, 0)
	:: NOTARIZE_ON(A, 2)
	:: NOTARIZE_ON(A, 3)
	:: NOTARIZE_ON(B, 2)
	:: NOTARIZE_ON(B, 3)
#if VIEWS > 2
	:: NOTARIZE_ON(A, 4)
	:: NOTARIZE_ON(A, 5)
	:: NOTARIZE_ON(B, 4)
	:: NOTARIZE_ON(B, 5)
#endif
	:: d_step { FIRST_OF_EQUALS && !(MINE & FINALIZE(A)) && MAY_FINALIZE(A) ->
		sign(FINALIZE(A)) }
	:: d_step { FIRST_OF_EQUALS && !(MINE & FINALIZE(B)) && MAY_FINALIZE(B) ->
		sign(FINALIZE(B)) }
	:: d_step { FIRST_OF_EQUALS && !(MINE & NULLIFY) && MAY_NULLIFY ->
		sign(NULLIFY) }
	od
}

/* --- the one who looks at every state -------------------------------------------------------- */
active proctype monitor()
{
end:	do
	:: d_step {
#ifdef FORK
		look_for_fork();
#endif
#ifdef PAIR
		look_for_pair();
#endif
#ifdef FRAMED
		look_for_framed();
#endif
#ifdef SKIP
		look_for_skip();
#endif
		assert(!wrong);
		x = 0;
		y = 0;
		up = 0 }
	od
}

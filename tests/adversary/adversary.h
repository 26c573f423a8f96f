/*
 * adversary.h: a real node that cheats, for tests of whole elections (docs/testing.md).
 *
 * It is the production node with all its files, links and keys, and what it says to others is led
 * through this program by the linker (wrap.c).  So it follows the chain, answers kiosks and votes
 * like anybody, but for its one deed.  It holds the node's signing key itself: what the signer
 * would never sign is signed here.
 *
 * Invariant: it signs with its own key only, and counts what it did.
 */
#ifndef KALPIS_TESTS_ADVERSARY_H
#define KALPIS_TESTS_ADVERSARY_H

#include "common/net/link.h"
#include "crypto/sign.h"
#include "tally-server/consensus/wire.h"
#include "tally-server/node/node.h"
#include "tests/unit/lib/prng.h"

enum deed {
	DEED_EQUIVOCATE,      /* as leader: two blocks, each to some, and a vote for both */
	DEED_FORK_PROPOSE,    /* as leader: old blocks once more, or false figures */
	DEED_VOTE_ALL,        /* NOTARIZE, FINALIZE and NULLIFY of every block and view */
	DEED_WITHHOLD,        /* blocks and votes to one node only; passes nothing on */
	DEED_FLOOD,           /* requests, old and broken messages, false ballots, without end */
	DEED_SILENT,          /* hears all, promises to kiosks, and says nothing to nodes */
	DEED_FORGE,           /* heights it cannot show, chunks and certificates of its own making */
	DEED_FALSE_VOTE,      /* a vote with a false signature after the true one */
	DEED_LATE,            /* as leader: its block when the others are giving up */
	DEED_DECEIVE,         /* to kiosks and readers: false promises, receipts and words */
	DEEDS
};

enum { KNOWN_MAX = 16 };

struct known_block {
	struct block_header header;
	uint8_t body[BLOCK_BODY_BYTES_MAX];
};

struct adversary {
	struct node *node;
	enum deed deed;
	struct sign_secret key;
	struct prng rng;
	uint64_t done;                /* deeds */
	struct known_block *known;    /* KNOWN_MAX, the oldest replaced */
	size_t known_len;
	uint64_t next_ms;             /* of what is done from time to time */
	uint64_t late_ms;             /* DEED_LATE: when late is sent; 0: nothing waits */
	uint8_t *late;
	size_t late_len;
	uint64_t led;                 /* the last view in which it led */
};

extern struct adversary adversary;

/* --- what the node says and hears, seen from here --------------------------------------------- */

/* What the node wants to tell a peer, or (DEED_DECEIVE) who asks: it is changed, or not sent. */
void deed_say(uint32_t to, enum link_lane lane, const uint8_t *bytes, size_t len);
/* The node leads this view and has made a block. */
void deed_lead(const uint8_t *bytes, size_t len);
void deed_hear(const struct link_event *ev);
/* Between two events. */
void deed_turn(uint64_t now_ms);
/* An answer to a kiosk or reader; at most LIMIT_RESPONSE bytes. */
void deed_answer(uint8_t *bytes, size_t *len);

/* --- wrap.c ----------------------------------------------------------------------------------- */

/* Past the deeds. */
void say(uint32_t to, enum link_lane lane, const void *bytes, size_t len);

enum status __wrap_link_poll(struct link *l, struct link_event *event, int timeout_ms);
enum status __real_link_poll(struct link *l, struct link_event *event, int timeout_ms);
enum status __wrap_link_send(struct link *l, uint32_t peer, enum link_lane lane,
                             const void *bytes, size_t len);
enum status __real_link_send(struct link *l, uint32_t peer, enum link_lane lane,
                             const void *bytes, size_t len);
uint32_t __wrap_link_broadcast(struct link *l, enum link_lane lane, const void *bytes, size_t len);
enum status __wrap_link_reply(struct link *l, const struct link_token *token, const void *bytes,
                              size_t len);
enum status __real_link_reply(struct link *l, const struct link_token *token, const void *bytes,
                              size_t len);

#endif

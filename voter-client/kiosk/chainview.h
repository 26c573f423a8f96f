/*
 * chainview.h: the kiosk's own copy of the election, replayed from the manifest (docs/kiosk.md).
 *
 * A kiosk believes no node.  It applies every block by the rulebook, and believes the result once a
 * quorum of nodes has certified the block on which it stands.
 *
 * Invariant: the view stands on a chain that the rulebook accepts; chainview_is_proven says whether
 * that chain is the certified one.
 */
#ifndef KALPIS_KIOSK_CHAINVIEW_H
#define KALPIS_KIOSK_CHAINVIEW_H

#include "common/election/chain.h"
#include "common/ledger/receipt.h"
#include "common/wire/message.h"

struct chainview;

/* m is borrowed for the life of the view.  ST_NO_MEMORY. */
MUST_USE enum status chainview_new(struct chainview **out, const struct manifest *m);
void chainview_free(struct chainview *v);
/* Back to block 0: what was fed turned out to be another chain. */
MUST_USE enum status chainview_reset(struct chainview *v);

/*
 * Take an answer to BLOCKS from the height after the last one taken (copied).  Its certificate is
 * checked at once; its blocks when chainview_work gets to them.  ST_FORMAT, ST_ELECTION,
 * ST_CERTIFICATE, ST_SIGNATURE, ST_PARENT (not the next heights, or one does not name the one
 * before it), ST_HASH: nothing was taken, and the node that sent it lies.
 */
MUST_USE enum status chainview_feed(struct chainview *v, const struct message_response *r);
/* Apply one block.  ST_NOT_FOUND: none waits.  ST_FORK: the chain is not the certified one.  Else
 * the rulebook's refusal.  After both the view wants chainview_reset. */
MUST_USE enum status chainview_work(struct chainview *v);

/* The height after which blocks are wanted, those that wait included. */
uint64_t chainview_wanted(const struct chainview *v);
/* Do blocks wait for chainview_work? */
bool chainview_has_work(const struct chainview *v);
/* Is the tip certified, and nothing left to do? */
bool chainview_is_proven(const struct chainview *v);
/* The state; NULL until the tip was proven for the first time.  Valid until the next call. */
const struct election *chainview_election(const struct chainview *v);
const struct committee *chainview_committee(const struct chainview *v);

/* Under revote "last": the slip key of a voter's live ballot, encoded.  NULL: there is none. */
const uint8_t *chainview_slip_key(const struct chainview *v, uint32_t voter);
/* Is the closing of this kiosk on the chain? */
bool chainview_has_closing(const struct chainview *v, uint16_t kiosk);

/* Can a signed ballot transaction still come to count? */
enum ballot_prospect {
	PROSPECT_OPEN,      /* perhaps */
	PROSPECT_IN,        /* it is on the chain */
	PROSPECT_NEVER      /* no rule lets it in any more */
};
enum ballot_prospect chainview_prospect(const struct chainview *v, const uint8_t *wire,
                                        size_t len);

#endif

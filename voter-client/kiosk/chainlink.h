/*
 * chainlink.h: the kiosk's link to the chain: follows it, brings transactions to it, and fetches
 * receipts (docs/kiosk.md).
 *
 * It submits to f + 1 nodes at once and to the others one by one while no receipt is there, so that
 * one honest node at least has the transaction.  An answer is worth what its signatures are worth:
 * a node whose answer does not hold is asked less often.
 *
 * Nothing here blocks; time and answers are handed in.
 *
 * Invariant: a receipt is given out only after receipt_check against the manifest's committee, and
 * only for the very bytes that were submitted.
 */
#ifndef KALPIS_KIOSK_CHAINLINK_H
#define KALPIS_KIOSK_CHAINLINK_H

#include "voter-client/kiosk/chainview.h"
#include "common/net/port.h"

enum {
	CHAINLINK_JOBS_MAX = 32,
	CHAINLINK_SYNC_MS = 2000,        /* between questions for new blocks, when there are none */
	CHAINLINK_HASTE_MS = 200,        /* the same, until the chain was read for the first time */
	CHAINLINK_TIMEOUT_MS = 5000,     /* of one question */
	CHAINLINK_RECEIPT_MS = 250,      /* between questions for a receipt */
	CHAINLINK_WIDEN_MS = 2000,       /* until one more node gets a transaction */
	CHAINLINK_PENALTY = 8,           /* turns that a node loses for an answer that does not hold */
	CHAINLINK_LOST_MS = 20000        /* without any answer: the nodes are unreachable */
};

struct chainlink;

/* port and m are borrowed. */
MUST_USE enum status chainlink_new(struct chainlink **out, const struct port *port,
                                   const struct manifest *m);
void chainlink_free(struct chainlink *l);

/* Ask what is due.  Call it often (every 50 ms or so). */
void chainlink_tick(struct chainlink *l, uint64_t now_ms);
/* An answer from the port. */
void chainlink_answer(struct chainlink *l, const struct client_event *event, uint64_t now_ms);
/* Apply one block that waits, which may take a second; true when there was one. */
bool chainlink_work(struct chainlink *l);

const struct chainview *chainlink_view(const struct chainlink *l);
/* f + 1 nodes said that there was nothing after what we have proved, once at least. */
bool chainlink_is_ready(const struct chainlink *l);
bool chainlink_is_lost(const struct chainlink *l, uint64_t now_ms);

/* --- transactions ----------------------------------------------------------------------------- */

/*
 * Bring a transaction to the chain (copied).  A ballot's receipt is fetched; of others the view
 * tells when they are there.  ST_AGAIN: CHAINLINK_JOBS_MAX are under way; ST_EXISTS: this one is.
 */
MUST_USE enum status chainlink_send(struct chainlink *l, uint64_t now_ms,
                                    const uint8_t tracker[static 32], const uint8_t *wire,
                                    size_t len);
bool chainlink_is_sending(const struct chainlink *l, const uint8_t tracker[static 32]);
/* Stop bringing it. */
void chainlink_drop(struct chainlink *l, const uint8_t tracker[static 32]);
uint32_t chainlink_jobs(const struct chainlink *l);

enum chainlink_news {
	CHAINLINK_RECEIPT,     /* receipt, receipt_len, height: verified; the job is over */
	CHAINLINK_REFUSED      /* f + 1 nodes refuse it, the last with status; the job goes on */
};

struct chainlink_outcome {
	enum chainlink_news news;
	uint8_t tracker[32];
	uint8_t receipt[RECEIPT_BYTES_MAX];
	size_t receipt_len;
	uint64_t height;       /* of the certified head in the receipt */
	enum status status;
};
/* The next outcome; false when there is none. */
bool chainlink_outcome(struct chainlink *l, struct chainlink_outcome *out);

#endif

/*
 * receipt_make.h: receipts from the block store (receipt.h says what they prove).
 *
 * Invariant: what is given out passes receipt_check with the committee whose certificates are in
 * the store; damaged rows give a refusal, never a false receipt.
 */
#ifndef KALPIS_ELECTION_RECEIPT_MAKE_H
#define KALPIS_ELECTION_RECEIPT_MAKE_H

#include "common/election/manifest.h"
#include "common/ledger/receipt.h"
#include "common/ledger/store.h"

/*
 * The receipt of a ballot, under the lowest certified head at or above its block.  It borrows its
 * witness from the caller's room.  ST_NOT_FOUND: no such tracker here; ST_TRACKER: it was tested,
 * not cast, or another tracker has these 80 bits; ST_AGAIN: in the chain, but no head at or above
 * it is certified yet; ST_HASH: the store is damaged.
 */
MUST_USE enum status receipt_make(struct receipt *out, uint8_t witness[static RECEIPT_WITNESS_MAX],
                                  struct store *s, const struct manifest *m,
                                  const uint8_t tracker[static 32]);

#endif

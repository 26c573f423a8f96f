/*
 * genesis.h: block 0 (formats.md, "block 0").
 *
 * Its one item is the manifest; its header has height, view, proposer and time 0.  Id and leaf
 * depend on the manifest alone.  What constitutes the election is that every trustee signed the
 * manifest: those n signatures travel beside the chain and are required.
 */
#ifndef KALPIS_ELECTION_GENESIS_H
#define KALPIS_ELECTION_GENESIS_H

#include "common/election/election.h"
#include "common/ledger/block.h"

/* The id of the genesis transaction. */
void genesis_tx_id(uint8_t id[static TX_ID_BYTES], const struct manifest *m);
/* Block 0's header, given its body and the digest of the state after it. */
void genesis_header(struct block_header *out, const struct manifest *m, const uint8_t *body,
                    const struct election_digest *digest);
/* Block 0's body: one item.  body has m->len + 5 bytes. */
void genesis_body(uint8_t *body, const struct manifest *m);
/* What each trustee signs (purpose "genesis", body: the election id). */
struct message genesis_message(const struct manifest *m);
/* All n signatures, in the order of trustees.  ST_SIGNATURE; *trustee is the first that fails. */
MUST_USE enum status genesis_check(const struct manifest *m, const uint8_t (*sigs)[TX_SIG_BYTES],
                                   size_t sigs_len, unsigned int *trustee);

#endif

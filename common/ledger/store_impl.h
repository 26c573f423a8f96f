/*
 * store_impl.h: what the files of the block store share (store.h).
 *
 * Invariant: now, when known, is where the chain stands in the file as this connection last saw
 * it.
 */
#ifndef KALPIS_LEDGER_STORE_IMPL_H
#define KALPIS_LEDGER_STORE_IMPL_H

#include "common/ledger/store.h"
#include "common/ledger/store_db.h"

/* What the next block is compared with. */
struct store_standing {
	bool known;
	bool has_tip;
	struct block_header tip;
	uint8_t tip_id[BLOCK_ID_BYTES];
	struct merkle_frontier log;
};

struct store {
	struct store_db *db;
	enum store_access access;
	bool in_batch;
	struct store_standing now;
};

#endif

/*
 * counted.h: what shows that a ballot counts, not only that it is in the chain
 * (formats-store.md §3).
 *
 * The state hash in a certified header commits to a tree with one leaf a roll entry: its live
 * tracker, or zeros.  A counted proof is everything that the state hash is made of, a roll entry,
 * its tracker, the path from there to the tree's root, and the certified head.  Made at or after
 * `end`, when no ballot can replace another any more, it proves with the manifest alone that this
 * ballot is in the sums; a receipt proves only that it came in.
 *
 * The proof ties a tracker to a number on the roll, as the chain itself does.
 *
 * Invariant: encoding what was decoded gives the same bytes; every byte is hashed into the head,
 * compared, or part of a signature that counted_check verifies.
 */
#ifndef KALPIS_ELECTION_COUNTED_H
#define KALPIS_ELECTION_COUNTED_H

#include "common/election/election.h"
#include "common/ledger/receipt.h"
#include "common/ledger/store.h"

enum { COUNTED_BYTES_MAX = 4096 };

struct counted {
	uint8_t election_id[32];
	struct state_summary summary;     /* of the state after the head */
	uint32_t voter;                   /* index on the roll */
	uint8_t tracker[32];              /* its live ballot */
	uint8_t path[MERKLE_PATH_MAX][MERKLE_HASH_BYTES];
	size_t path_len;
	struct certified_head head;
};

MUST_USE enum status counted_encode(const struct counted *c, uint8_t *out, size_t cap,
                                    size_t *len);
MUST_USE enum status counted_decode(struct counted *out, const void *bytes, size_t len);
/*
 * ST_OK: q nodes of this committee finalised a head in whose state this tracker is the live ballot
 * of this roll entry.  ST_ELECTION, ST_CERTIFICATE, ST_SIGNATURE; ST_HASH: the summary or the path;
 * ST_RANGE: no such roll entry; ST_TRACKER: the zeros of an entry without a ballot; ST_FORMAT: a
 * path of another length.  Whether a later ballot may still replace it: counted_is_final.
 */
MUST_USE enum status counted_check(const struct counted *c, const struct committee *com);
/* The head is at or after `end`: what is live there is what is counted. */
bool counted_is_final(const struct counted *c);

/*
 * Make one for a tracker, at the tip of e, which must be certified in the store (ST_AGAIN
 * otherwise: ask after the next certificate).  ST_NOT_FOUND: no such tracker; ST_TRACKER: it is not
 * live: replaced, or a test.
 */
MUST_USE enum status counted_make(struct counted *out, struct store *s, const struct election *e,
                                  const uint8_t tracker[static 32]);

#endif

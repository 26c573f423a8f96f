/*
 * batch.h: many equations over public data, checked as one (protocol-ballotproof.md §6).
 *
 * An equation says that a sum of multiples of elements is the identity.  Each equation is weighed
 * with its own fresh secret 128-bit coefficient, and all are added up in one multi-scalar
 * multiplication.  Equations are gathered into items (a ballot and its signature); when the sum is
 * not the identity the batch is halved until every bad item is named.  Multiples of a few common
 * bases (g, y, the generators of ballotproof.h) are folded into one term for each base.
 *
 * Invariant: every element that enters was decoded, so that it is a member of the group of prime
 * order.  Then an item with a false equation passes with probability 2^-128 over the coefficients,
 * whatever the other items are; nobody sees the coefficients before or after.
 *
 * Not constant time: public data only.
 */
#ifndef KALPIS_CRYPTO_BATCH_H
#define KALPIS_CRYPTO_BATCH_H

#include "crypto/group.h"
#include "crypto/schnorr.h"

enum { BATCH_POOL_BYTES = 1024 };

struct batch_item {
	size_t first_term;
	size_t terms;
	size_t first_row;   /* its multiples of the common bases, bases[0..row) */
	size_t row;
};

/* How much a batch can hold. */
struct batch_room {
	size_t items;
	size_t terms;   /* elements of all items, common bases not counted */
	size_t rows;    /* common multiples of all items: an item takes as many as it asks for */
};

struct batch {
	const struct group *g;
	const struct element *bases;   /* borrowed */
	size_t bases_len;
	struct batch_room room;
	size_t items_len;
	size_t terms_len;
	size_t rows_len;
	size_t terms_most;             /* how far terms and rows ever reached: what is to be erased */
	size_t rows_most;
	bool is_open;                  /* the last item is being filled */
	size_t open_terms;             /* how many it asked for */
	struct batch_item *items;      /* these five lie in the caller's memory */
	struct element *points;
	struct scalar *coeffs;
	struct scalar *rows;
	struct scalar *sums;           /* bases_len */
	struct element *work;
	size_t work_len;
	struct scalar two_64;
	struct scalar weight;          /* of the equation at hand */
	uint8_t pool[BATCH_POOL_BYTES];
	size_t pool_left;
};

/* Bytes of memory that batch_init needs for this room; 0 when that is not a size. */
size_t batch_bytes(const struct group *g, size_t bases_len, const struct batch_room *room);

/*
 * mem is aligned to 64 bytes and of at least batch_bytes; bases and mem are borrowed until
 * batch_wipe.  A batch serves one thread.
 */
void batch_init(struct batch *b, const struct group *g, const struct element *bases,
                size_t bases_len, const struct batch_room *room, void *mem, size_t mem_len);

/* Forget all items: the batch is empty and may be filled again. */
void batch_reset(struct batch *b);

/* Erase the coefficients: as far as there ever were any. */
void batch_wipe(struct batch *b);

/*
 * Begin an item that adds at most `terms` elements and speaks of bases[0..row).  ST_AGAIN: the
 * batch is full; verify, reset, and try again.  Items are numbered from 0 in this order.
 */
MUST_USE enum status batch_item_open(struct batch *b, size_t terms, size_t row);
void batch_item_close(struct batch *b);
/* Take the open item back, as if it had not been begun (its bytes turned out to be bad). */
void batch_item_drop(struct batch *b);

/* Begin an equation of the open item: draws its coefficient. */
void batch_equation(struct batch *b);
/* Add k * p to it.  k = NULL stands for 1. */
void batch_term(struct batch *b, const struct element *p, const struct scalar *k);
/* Add k * bases[index] to it. */
void batch_base(struct batch *b, size_t index, const struct scalar *k);

/*
 * The equation of a signature, r + c * pk - z * g = 0, where bases[base_g] is the generator: two
 * terms of the open item.
 */
void batch_schnorr(struct batch *b, size_t base_g, const struct element *pk,
                   const struct schnorr_claim *claim);

/*
 * ST_OK: every item holds.  ST_PROOF: bad[0..*bad_len) are the items that do not, ascending; bad
 * has room for items_len.  An empty batch holds.  The cost of n items is one sum of them all, and
 * for k bad ones at most min(k, log2 n / 2) more (halving; the other half is got by subtraction).
 */
MUST_USE enum status batch_verify(struct batch *b, size_t *bad, size_t *bad_len);

#endif

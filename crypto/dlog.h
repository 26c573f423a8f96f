/*
 * dlog.h: from m * generator to the count m (protocol-ceremony §12).
 *
 * Shanks's baby steps and giant steps.  A table of the first multiples of the generator is made
 * once and serves every count of an election; then each count costs one encoding per step of the
 * table's width, beginning at 0: small counts are found at once.
 *
 * Invariant: a table in use holds 0 .. width-1 and fills at most half its slots; a candidate is
 * an answer only after m * generator was recomputed and compared.
 */
#ifndef KALPIS_CRYPTO_DLOG_H
#define KALPIS_CRYPTO_DLOG_H

#include "crypto/group.h"

#include <stddef.h>
#include <stdint.h>

enum {
	DLOG_BOUND_BITS = 36,             /* counts up to 2^36 */
	DLOG_WIDTH_MAX = 1 << 20,         /* multiples in a table */
	DLOG_SLOTS_MIN = 16,
	DLOG_SLOTS_MAX = 2 * DLOG_WIDTH_MAX
};

struct dlog_slot {
	uint32_t tag;      /* of a hash of the encoding */
	uint32_t number;   /* the multiple, plus 1; 0 is an empty slot */
};

/* Made by dlog_init, immutable after: threads may share it. */
struct dlog {
	const struct group *g;
	struct dlog_slot *slots;   /* borrowed */
	size_t slots_len;
	uint32_t width;
	struct element giant;      /* -width * generator: division is slow in some groups */
};

/*
 * How many slots serve best when some counts values up to bound are to be found: a power of two
 * in DLOG_SLOTS_MIN..DLOG_SLOTS_MAX.  Eight bytes each.
 */
size_t dlog_slots(uint64_t bound, size_t counts);

/*
 * Fill a table.  slots_len is a power of two in DLOG_SLOTS_MIN..DLOG_SLOTS_MAX, else ST_LIMIT; the
 * slots are the caller's and must outlive d.  Costs slots_len / 2 additions and encodings.
 */
MUST_USE enum status dlog_init(struct dlog *d, const struct group *g, struct dlog_slot *slots,
                               size_t slots_len);

/*
 * The smallest m in 0..bound with m * generator = target.  ST_RANGE when there is none: then
 * target is no count, whatever else it is.  ST_LIMIT for a bound above 2^DLOG_BOUND_BITS.  *m is 0
 * on failure.  Costs 1 + m / width encodings; at most 1 + bound / width.
 */
MUST_USE enum status dlog_solve_var(const struct dlog *d, uint64_t *m,
                                    const struct element *target, uint64_t bound);

#endif

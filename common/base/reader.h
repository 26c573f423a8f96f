/*
 * reader.h: a bounded cursor over bytes we do not trust (formats.md §1).
 *
 * Integers are big-endian, as in the TLS presentation language (RFC 8446 §3).
 * Invariant: pos <= len.  A failed read moves nothing and writes nothing.
 */
#ifndef KALPIS_BASE_READER_H
#define KALPIS_BASE_READER_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *buf;   /* borrowed: must outlive the reader */
	size_t len;
	size_t pos;
};

void reader_init(struct reader *r, const void *buf, size_t len);
size_t reader_left(const struct reader *r);

/* ST_FORMAT when the bytes are not there. */
MUST_USE enum status reader_u8(struct reader *r, uint8_t *out);
MUST_USE enum status reader_u16(struct reader *r, uint16_t *out);
MUST_USE enum status reader_u32(struct reader *r, uint32_t *out);
MUST_USE enum status reader_u64(struct reader *r, uint64_t *out);
/* Copy len bytes. */
MUST_USE enum status reader_bytes(struct reader *r, void *out, size_t len);
/* *out points into buf: borrowed. */
MUST_USE enum status reader_view(struct reader *r, const uint8_t **out, size_t len);
/* opaque<0..max>: a u32 (or u16, u8) length, then the bytes.  ST_LIMIT when longer than max. */
MUST_USE enum status reader_vec32(struct reader *r, const uint8_t **out, size_t *len, size_t max);
MUST_USE enum status reader_vec16(struct reader *r, const uint8_t **out, size_t *len, size_t max);
MUST_USE enum status reader_vec8(struct reader *r, const uint8_t **out, size_t *len, size_t max);
/* Nothing may be left. */
MUST_USE enum status reader_end(const struct reader *r);

/* ST_LIMIT when value > max. */
MUST_USE enum status limit_check(uint64_t value, uint64_t max);

#endif

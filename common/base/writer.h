/*
 * writer.h: a bounded cursor that encodes (formats.md §1).
 *
 * Invariant: pos <= cap.  The first write that does not fit sets failed; from then on nothing is
 * written and writer_end tells.  So an encoder is a straight list of writes and one check.
 */
#ifndef KALPIS_BASE_WRITER_H
#define KALPIS_BASE_WRITER_H

#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
	uint8_t *buf;   /* borrowed */
	size_t cap;
	size_t pos;
	bool failed;
};

void writer_init(struct writer *w, void *buf, size_t cap);
void writer_u8(struct writer *w, uint8_t v);
void writer_u16(struct writer *w, uint16_t v);
void writer_u32(struct writer *w, uint32_t v);
void writer_u64(struct writer *w, uint64_t v);
void writer_bytes(struct writer *w, const void *p, size_t len);
/* Length prefix of the named width in bits, then the bytes.  Too long a length fails. */
void writer_vec32(struct writer *w, const void *p, size_t len);
void writer_vec16(struct writer *w, const void *p, size_t len);
void writer_vec8(struct writer *w, const void *p, size_t len);
/* Room for len bytes that the caller fills; NULL once failed. */
uint8_t *writer_room(struct writer *w, size_t len);
/* ST_LIMIT when something did not fit; else *len is what was written. */
MUST_USE enum status writer_end(const struct writer *w, size_t *len);

#endif

/*
 * wal_record.c: see wal_record.h.
 */
#include "tally-server/node/wal_record.h"

#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <assert.h>
#include <string.h>

static const char MAGIC[16] = "kalpis-log-v1\r\n\n";

enum { FLAG_AMNESIA = 1, CRC_BYTES = 4, CHAIN_BYTES = 32 };

/* --- the head --------------------------------------------------------------------------------- */

static void first_link(struct wal_link *link, const uint8_t head[static WAL_HEAD_BYTES],
                       uint64_t first)
{
	struct hash h;

	hash256_purpose(&h, "log");
	hash_field(&h, head, WAL_HEAD_BYTES);
	hash256_final(&h, link->chain);
	link->number = first;
}

void wal_head_write(uint8_t out[static WAL_HEAD_BYTES], const struct wal_head *h,
                    struct wal_link *link)
{
	struct writer w;
	size_t len = 0;
	enum status st;

	writer_init(&w, out, WAL_HEAD_BYTES);
	writer_bytes(&w, MAGIC, sizeof(MAGIC));
	writer_bytes(&w, h->owner, sizeof(h->owner));
	writer_u64(&w, h->first);
	writer_u64(&w, h->instance);
	writer_u8(&w, h->amnesia ? FLAG_AMNESIA : 0);
	writer_u32(&w, wal_crc32c(0, out, w.pos));
	st = writer_end(&w, &len);
	assert(st == ST_OK && len == WAL_HEAD_BYTES);
	(void)st;
	first_link(link, out, h->first);
}

enum status wal_head_read(struct wal_head *out, struct wal_link *link, const uint8_t *buf,
                          size_t len)
{
	struct reader r;
	const uint8_t *magic;
	uint32_t crc;
	uint8_t flags;
	enum status st;

	if (len < WAL_HEAD_BYTES)
		return ST_FORMAT;
	reader_init(&r, buf, WAL_HEAD_BYTES);
	if ((st = reader_view(&r, &magic, sizeof(MAGIC))) != ST_OK ||
	    (st = reader_bytes(&r, out->owner, sizeof(out->owner))) != ST_OK ||
	    (st = reader_u64(&r, &out->first)) != ST_OK ||
	    (st = reader_u64(&r, &out->instance)) != ST_OK ||
	    (st = reader_u8(&r, &flags)) != ST_OK ||
	    (st = reader_u32(&r, &crc)) != ST_OK)
		return st;
	if (memcmp(magic, MAGIC, sizeof(MAGIC)) != 0 || flags > FLAG_AMNESIA ||
	    crc != wal_crc32c(0, buf, WAL_HEAD_BYTES - CRC_BYTES))
		return ST_FORMAT;
	out->amnesia = flags == FLAG_AMNESIA;
	first_link(link, buf, out->first);
	return ST_OK;
}

/* --- records ---------------------------------------------------------------------------------- */

static void next_chain(uint8_t out[static CHAIN_BYTES], const struct wal_link *link,
                       const uint8_t *record, size_t payload_len)
{
	struct hash h;

	hash256_purpose(&h, "log-record");
	hash_field(&h, link->chain, sizeof(link->chain));
	hash_field(&h, record, WAL_RECORD_HEAD_BYTES);
	hash_field(&h, record + WAL_RECORD_HEAD_BYTES, payload_len);
	hash256_final(&h, out);
}

void wal_record_write(uint8_t *out, struct wal_link *link, uint8_t type, const void *payload,
                      size_t len)
{
	uint8_t *end = out + WAL_RECORD_HEAD_BYTES + len;
	uint8_t chain[CHAIN_BYTES];
	struct writer w;

	assert(len <= WAL_PAYLOAD_MAX);
	writer_init(&w, out, WAL_RECORD_OVERHEAD + len);
	writer_u32(&w, (uint32_t)len);
	writer_u8(&w, type);
	writer_u64(&w, link->number);
	writer_u32(&w, wal_crc32c(0, out, w.pos));
	writer_bytes(&w, payload, len);
	writer_u32(&w, wal_crc32c(0, out, w.pos));
	next_chain(chain, link, out, len);
	memcpy(end + CRC_BYTES, chain, sizeof(chain));
	memcpy(link->chain, chain, sizeof(chain));
	link->number++;
}

/* The 17 bytes before the payload.  ST_FORMAT unless they are those of the next record. */
static enum status read_head(struct wal_record *out, const struct wal_link *link,
                             const uint8_t *buf)
{
	uint32_t len, crc;
	uint64_t number;
	uint8_t type;
	struct reader r;
	enum status st;

	reader_init(&r, buf, WAL_RECORD_HEAD_BYTES);
	if ((st = reader_u32(&r, &len)) != ST_OK || (st = reader_u8(&r, &type)) != ST_OK ||
	    (st = reader_u64(&r, &number)) != ST_OK || (st = reader_u32(&r, &crc)) != ST_OK)
		return st;
	if (crc != wal_crc32c(0, buf, WAL_RECORD_HEAD_BYTES - CRC_BYTES) ||
	    len > WAL_PAYLOAD_MAX || number != link->number || type > WAL_TYPE_RECOVERED)
		return ST_FORMAT;
	out->type = type;
	out->payload = buf + WAL_RECORD_HEAD_BYTES;
	out->len = len;
	out->bytes = WAL_RECORD_OVERHEAD + (size_t)len;
	return ST_OK;
}

enum wal_next wal_record_read(struct wal_record *out, struct wal_link *link, const uint8_t *buf,
                              size_t len)
{
	uint8_t chain[CHAIN_BYTES];
	const uint8_t *end;
	struct reader r;
	uint32_t crc;

	if (len == 0)
		return WAL_NEXT_END;
	if (len < WAL_RECORD_HEAD_BYTES)
		return WAL_NEXT_SHORT;
	if (read_head(out, link, buf) != ST_OK)
		return WAL_NEXT_WRONG;
	if (len < out->bytes)
		return WAL_NEXT_SHORT;
	end = out->payload + out->len;
	reader_init(&r, end, CRC_BYTES);
	if (reader_u32(&r, &crc) != ST_OK ||
	    crc != wal_crc32c(0, buf, WAL_RECORD_HEAD_BYTES + out->len))
		return WAL_NEXT_WRONG;
	next_chain(chain, link, buf, out->len);
	if (!mem_is_equal(chain, end + CRC_BYTES, sizeof(chain)))
		return WAL_NEXT_WRONG;
	memcpy(link->chain, chain, sizeof(chain));
	link->number++;
	return WAL_NEXT_RECORD;
}

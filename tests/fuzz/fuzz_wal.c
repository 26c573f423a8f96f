/*
 * fuzz_wal.c: a log from hostile bytes.
 *
 * Shown: reading is bounded, and what was read, written again behind the same head, gives the same
 * bytes; so a log says nothing that was not written to it in this order.
 */
#include "tally-server/node/wal_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t head_again[WAL_HEAD_BYTES];
	size_t at = WAL_HEAD_BYTES;
	struct wal_link link, copy;
	struct wal_record rec;
	struct wal_head head;
	enum wal_next next;

	if (wal_head_read(&head, &link, data, len) != ST_OK)
		return 0;
	wal_head_write(head_again, &head, &copy);
	must(memcmp(head_again, data, WAL_HEAD_BYTES) == 0);
	must(memcmp(link.chain, copy.chain, sizeof(copy.chain)) == 0);
	must(link.number == copy.number);
	while ((next = wal_record_read(&rec, &link, data + at, len - at)) == WAL_NEXT_RECORD) {
		uint8_t *again = malloc(rec.bytes);

		must(again != NULL && rec.bytes <= len - at);
		wal_record_write(again, &copy, rec.type, rec.payload, rec.len);
		must(memcmp(again, data + at, rec.bytes) == 0);
		must(memcmp(link.chain, copy.chain, sizeof(copy.chain)) == 0);
		free(again);
		at += rec.bytes;
	}
	must(next != WAL_NEXT_END || at == len);
	return 0;
}

/*
 * fuzz_archive_records.c: the records of an archive from hostile bytes.
 *
 * Shown: a reader ends, within bounds; what it read, written again, gives the same bytes; and a
 * file that was read to a sound end is exactly what a writer would have written.
 */
#include "common/ledger/archive.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

/* 0: this record cannot be written again (a certificate or signatures that are none). */
static int write_again(struct archive_writer *w, const struct archive_record *rec)
{
	struct certificate c;
	struct cosignature word;
	struct reader r;

	switch (rec->kind) {
	case ARCHIVE_BLOCK:
		archive_write_block(w, &rec->header, rec->body, rec->body_len);
		return 1;
	case ARCHIVE_GENESIS_SIGS:
		if (rec->len % 64 != 0)
			return 0;
		archive_write_genesis_sigs(w, (const uint8_t (*)[64])rec->bytes, rec->len / 64);
		return 1;
	case ARCHIVE_CERTIFICATE:
		if (certificate_decode(&c, rec->bytes, rec->len) != ST_OK)
			return 0;
		archive_write_certificate(w, &c);
		return 1;
	case ARCHIVE_COSIGNATURE:
		reader_init(&r, rec->bytes, rec->len);
		if (cosignature_read(&r, &word) != ST_OK || reader_end(&r) != ST_OK)
			return 0;
		archive_write_cosignature(w, &word);
		return 1;
	case ARCHIVE_END:
		break;
	}
	abort();   /* a reader never gives it out */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	FILE *in = len == 0 ? NULL : fmemopen((void *)(uintptr_t)data, len, "rb");
	char *copy = NULL;
	size_t copy_len = 0;
	FILE *out = open_memstream(&copy, &copy_len);
	struct archive_reader r;
	struct archive_record rec;
	struct archive_writer w;
	enum status st;
	int whole = 1;

	must(out != NULL);
	if (in == NULL) {
		(void)fclose(out);
		free(copy);
		return 0;
	}
	archive_write_begin(&w, out);
	st = archive_read_begin(&r, in);
	while (st == ST_OK && (st = archive_read_next(&r, &rec)) == ST_OK)
		whole = whole && write_again(&w, &rec);
	must(st == ST_NOT_FOUND || st == ST_INCOMPLETE || st == ST_FORMAT || st == ST_LIMIT);
	if (st == ST_NOT_FOUND && whole) {
		must(archive_write_end(&w) == ST_OK);
		must(copy_len == len && memcmp(copy, data, len) == 0);
	} else if (st == ST_INCOMPLETE && whole) {
		must(fflush(out) == 0);
		must(copy_len == len && memcmp(copy, data, len) == 0);
	}
	archive_read_end(&r);
	(void)fclose(out);
	(void)fclose(in);
	free(copy);
	return 0;
}

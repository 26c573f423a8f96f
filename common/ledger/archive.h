/*
 * archive.h: an election in one file, election.kalpis (formats.md, "archive").
 *
 * The magic, then records {kind u8, length u32, bytes}: every block in order (the chain, the same
 * bytes everywhere), the trustees' signatures under the manifest, certificates (any sufficient
 * set), cosignatures of the ended election and its result, and one end record with the number of
 * records before it.  Nothing follows.
 *
 * Invariant: a reader holds one record at a time; every byte of a file is either compared with a
 * fixed value, or hashed, or part of a signature that is checked by audit.h.
 */
#ifndef KALPIS_LEDGER_ARCHIVE_H
#define KALPIS_LEDGER_ARCHIVE_H

#include "common/ledger/block.h"
#include "common/ledger/certificate.h"
#include "common/ledger/checkpoint.h"

#include <stdio.h>

enum archive_kind {
	ARCHIVE_BLOCK = 1,          /* header, then body */
	ARCHIVE_GENESIS_SIGS = 2,   /* 64 bytes for each trustee, in order */
	ARCHIVE_CERTIFICATE = 3,    /* ascending by view */
	ARCHIVE_COSIGNATURE = 4,    /* ascending by head and node */
	ARCHIVE_END = 5             /* u64: records before this one */
};

enum { ARCHIVE_RECORD_MAX = BLOCK_HEADER_BYTES + BLOCK_BODY_BYTES_MAX };

/* --- writing ---------------------------------------------------------------------------------- */

struct archive_writer {
	FILE *file;          /* borrowed */
	uint64_t records;
	enum status st;      /* the first failure; later writes do nothing */
};

void archive_write_begin(struct archive_writer *w, FILE *file);
void archive_write_block(struct archive_writer *w, const struct block_header *h,
                         const void *body, size_t body_len);
void archive_write_genesis_sigs(struct archive_writer *w, const uint8_t (*sigs)[64], size_t count);
void archive_write_certificate(struct archive_writer *w, const struct certificate *c);
void archive_write_cosignature(struct archive_writer *w, const struct cosignature *c);
/* Ends and flushes (the caller syncs).  ST_IO when anything failed. */
MUST_USE enum status archive_write_end(struct archive_writer *w);

/* --- reading ---------------------------------------------------------------------------------- */

struct archive_reader {
	FILE *file;                  /* borrowed */
	uint64_t records;
	uint64_t offset;             /* of the record at hand: for messages */
	enum archive_kind last;
	uint8_t *buf;                /* owned: ARCHIVE_RECORD_MAX bytes */
};

struct archive_record {
	enum archive_kind kind;
	const uint8_t *bytes;        /* valid until the next call */
	size_t len;
	struct block_header header;  /* of a block */
	const uint8_t *body;
	size_t body_len;
};

/* ST_FORMAT when the magic is missing. */
MUST_USE enum status archive_read_begin(struct archive_reader *r, FILE *file);
/*
 * The next record; kinds never go back.  ST_NOT_FOUND after a sound end of the file.
 * ST_INCOMPLETE when the file stops between two records, before its end record; ST_FORMAT when it
 * stops within one, or is not of this form; ST_LIMIT, ST_IO.
 */
MUST_USE enum status archive_read_next(struct archive_reader *r, struct archive_record *out);
void archive_read_end(struct archive_reader *r);

#endif

/*
 * record.h: the record of a Belenios election: data and events in a tar, each under the name of its
 * SHA-256, the events a chain (Belenios 2.0 specification §4.4; docs/belenios.md, "The file").
 *
 * An event stands right after the data that it brings, and brings as many as its type has: so
 * nothing can lie in the file that no event refers to.
 *
 * Invariant: what bel_reader_next gave follows the events before it: parent, height, type, payload;
 * and every record in it has its own hash as its name.
 */
#ifndef KALPIS_BELENIOS_RECORD_H
#define KALPIS_BELENIOS_RECORD_H

#include "common/belenios/tar.h"
#include "common/base/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BEL_STEP_DATA = 4,                  /* most data that one event brings */
	BEL_EVENT_BYTES = 320,              /* longest event */
	BEL_HEADER_BYTES = 64,              /* longest content of the file BELENIOS */
	LIMIT_BEL_BALLOT = 4 << 20,         /* bytes of one ballot */
	LIMIT_BEL_DATA = 64 << 20,          /* of any other datum */
	LIMIT_BEL_EVENTS = 4 << 20
};

enum bel_type {
	BEL_SETUP = 0,             /* election, trustees, credentials, setup_data */
	BEL_BALLOT,                /* ballot */
	BEL_END_BALLOTS,           /* nothing */
	BEL_ENCRYPTED_TALLY,       /* encrypted_tally, sized_encrypted_tally */
	BEL_SHUFFLE,               /* shuffle, owned_shuffle */
	BEL_END_SHUFFLES,          /* nothing */
	BEL_PARTIAL_DECRYPTION,    /* partial_decryption, owned_partial_decryption */
	BEL_RESULT,                /* result */
	BEL_TYPES                  /* not a type: how many there are */
};

/* "Setup", "Ballot", ...  Static. */
const char *bel_type_name(enum bel_type type);
/* How many data the event brings; the last is its payload. */
size_t bel_type_data(enum bel_type type);
/* May an event of the type stand after one of type before?  before is BEL_TYPES at the start. */
bool bel_type_follows(enum bel_type before, enum bel_type type);

struct bel_event {
	enum bel_type type;
	uint64_t height;
	uint8_t parent[32];    /* meaningless at height 0 */
	uint8_t payload[32];   /* meaningless when the type has no data */
};

/* The one text of an event: parent first, payload last, each only where there is one. */
MUST_USE enum status bel_event_decode(struct bel_event *out, const void *bytes, size_t len);
void bel_event_encode(struct writer *w, const struct bel_event *e);

/* Some bytes of the archive. */
struct bel_blob {
	uint64_t offset;
	uint32_t len;
	uint8_t hash[32];
};

struct bel_step {
	struct bel_event event;
	uint8_t id[32];                        /* hash of the event itself */
	struct bel_blob data[BEL_STEP_DATA];   /* bel_type_data(event.type) of them */
	uint64_t offset;                       /* of the event's entry in the file */
};

struct bel_reader {
	struct tar tar;
	uint64_t timestamp;     /* of the header; every entry has it */
	uint64_t height;        /* of the next event */
	uint8_t head[32];       /* id of the last event */
	enum bel_type before;   /* its type; BEL_TYPES: none yet */
	uint64_t offset;        /* of the entry that was looked at last */
};

/* Reads the header.  src is borrowed.  ST_FORMAT: it is no Belenios archive of version 1. */
MUST_USE enum status bel_reader_open(struct bel_reader *r, const struct tar_source *src);
/*
 * ST_NOT_FOUND: the end, after a whole event.  ST_FORMAT: entry, name or event of another form;
 * ST_LIMIT: too long, or too many; ST_HASH: a record that is not what its name says; ST_PARENT:
 * parent or height; ST_ORDER: no event of this type may come now; ST_INCOMPLETE: the data do not
 * belong to the event.  r->offset says where.
 */
MUST_USE enum status bel_reader_next(struct bel_reader *r, struct bel_step *out);

/* The content of a datum, into room for blob->len bytes.  ST_HASH: the file was changed since. */
MUST_USE enum status bel_blob_read(const struct tar_source *src, void *out,
                                   const struct bel_blob *blob);

/* Does the file begin as a Belenios archive does? */
bool bel_is_archive(const struct tar_source *src);

/* --- writing --------------------------------------------------------------------------------- */

/*
 * An archive that grows at its end.  Where the bytes go is the caller's: write is called with whole
 * pieces, in order; a status other than ST_OK ends the writing.
 */
struct bel_writer {
	enum status (*write)(void *ctx, const void *bytes, size_t len);
	void *ctx;
	uint64_t timestamp;
	uint64_t height;
	uint8_t head[32];
	enum bel_type before;
};

/* The header. */
MUST_USE enum status bel_writer_open(struct bel_writer *w, uint64_t timestamp);
/* Go on where a reader came to the end: w gets its time, height, head and phase. */
void bel_writer_resume(struct bel_writer *w, const struct bel_reader *r);

struct bel_datum {
	const void *bytes;
	size_t len;
};
/*
 * The data of an event, of which the last is its payload, and the event.  ST_ORDER: not now, or
 * not that many data; then nothing is written.  id, if not NULL, receives the event's hash.
 */
MUST_USE enum status bel_writer_add(struct bel_writer *w, enum bel_type type,
                                    const struct bel_datum *data, size_t data_len, uint8_t *id);

/* What refers to a datum by its hash. */
void bel_setup_encode(struct writer *w, const uint8_t election[static 32],
                      const uint8_t trustees[static 32], const uint8_t credentials[static 32]);
void bel_sized_encode(struct writer *w, uint64_t num_tallied, uint64_t total_weight,
                      const uint8_t tally[static 32]);
void bel_owned_encode(struct writer *w, uint32_t owner, const uint8_t payload[static 32]);

#endif

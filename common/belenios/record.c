/*
 * record.c: reading a record; see record.h.  Writing: record_write.c.
 */
#include "common/belenios/record.h"

#include "common/belenios/lex.h"

#include "common/base/hex.h"
#include "common/base/number.h"
#include "crypto/hash.h"

#include <string.h>

static const struct {
	const char *name;
	size_t data;
} TYPES[BEL_TYPES] = {
	[BEL_SETUP] = { "Setup", 4 },
	[BEL_BALLOT] = { "Ballot", 1 },
	[BEL_END_BALLOTS] = { "EndBallots", 0 },
	[BEL_ENCRYPTED_TALLY] = { "EncryptedTally", 2 },
	[BEL_SHUFFLE] = { "Shuffle", 2 },
	[BEL_END_SHUFFLES] = { "EndShuffles", 0 },
	[BEL_PARTIAL_DECRYPTION] = { "PartialDecryption", 2 },
	[BEL_RESULT] = { "Result", 1 },
};

const char *bel_type_name(enum bel_type type)
{
	return type < BEL_TYPES ? TYPES[type].name : "nothing";
}

size_t bel_type_data(enum bel_type type)
{
	return TYPES[type].data;
}

bool bel_type_follows(enum bel_type before, enum bel_type type)
{
	switch (type) {
	case BEL_SETUP:
		return before == BEL_TYPES;
	case BEL_BALLOT:
	case BEL_END_BALLOTS:
		return before == BEL_SETUP || before == BEL_BALLOT;
	case BEL_ENCRYPTED_TALLY:
		return before == BEL_END_BALLOTS;
	case BEL_SHUFFLE:
		return before == BEL_ENCRYPTED_TALLY || before == BEL_SHUFFLE;
	case BEL_END_SHUFFLES:
		return before == BEL_SHUFFLE;
	case BEL_PARTIAL_DECRYPTION:
		return before == BEL_ENCRYPTED_TALLY || before == BEL_END_SHUFFLES ||
		       before == BEL_PARTIAL_DECRYPTION;
	case BEL_RESULT:
		return before == BEL_PARTIAL_DECRYPTION;
	case BEL_TYPES:
		break;
	}
	return false;
}

/* --- events ---------------------------------------------------------------------------------- */

static enum bel_type lex_type(struct lex *l)
{
	struct lex_text t = lex_string(l, 32);

	for (int i = 0; i < BEL_TYPES; i++)
		if (l->st == ST_OK && strlen(TYPES[i].name) == t.len &&
		    memcmp(TYPES[i].name, t.at, t.len) == 0)
			return (enum bel_type)i;
	lex_fail(l, ST_FORMAT);
	return BEL_SETUP;
}

enum status bel_event_decode(struct bel_event *out, const void *bytes, size_t len)
{
	struct lex l;
	bool has_parent;

	memset(out, 0, sizeof(*out));
	lex_init(&l, bytes, len);
	lex_lit(&l, "{");
	if ((has_parent = lex_is(&l, "\"parent\":"))) {
		lex_hash(&l, out->parent);
		lex_lit(&l, ",");
	}
	lex_lit(&l, "\"height\":");
	out->height = lex_number(&l, LIMIT_BEL_EVENTS);
	lex_lit(&l, ",\"type\":");
	out->type = lex_type(&l);
	if (bel_type_data(out->type) > 0) {
		lex_lit(&l, ",\"payload\":");
		lex_hash(&l, out->payload);
	}
	lex_lit(&l, "}");
	if (has_parent != (out->height > 0))
		lex_fail(&l, ST_FORMAT);
	return lex_end(&l);
}

/* --- entries --------------------------------------------------------------------------------- */

static enum status hash_content(const struct tar_source *src, uint8_t out[static 32],
                                uint64_t offset, uint64_t len)
{
	uint8_t piece[16384];
	struct hash h;
	enum status st = ST_OK;

	hash256_init(&h);
	while (st == ST_OK && len > 0) {
		size_t n = len < sizeof(piece) ? (size_t)len : sizeof(piece);

		if ((st = tar_read(src, piece, offset, n)) == ST_OK)
			hash_update(&h, piece, n);
		offset += n;
		len -= n;
	}
	hash256_final(&h, out);
	return st;
}

enum status bel_reader_open(struct bel_reader *r, const struct tar_source *src)
{
	char text[BEL_HEADER_BYTES];
	struct tar_entry e;
	struct lex l;
	enum status st;

	*r = (struct bel_reader){ .tar = { .src = src }, .before = BEL_TYPES };
	if ((st = tar_next(&r->tar, &e)) != ST_OK)
		return st == ST_NOT_FOUND ? ST_FORMAT : st;
	if (strcmp(e.name, "BELENIOS") != 0 || e.size > sizeof(text))
		return ST_FORMAT;
	if ((st = tar_read(src, text, e.offset, (size_t)e.size)) != ST_OK)
		return st;
	lex_init(&l, text, (size_t)e.size);
	lex_lit(&l, "{\"version\":1,\"timestamp\":\"");
	r->timestamp = lex_number(&l, UINT32_MAX * UINT64_C(4));
	lex_lit(&l, "\"}");
	if (e.time != r->timestamp)
		lex_fail(&l, ST_FORMAT);
	return lex_end(&l);
}

/* HASH.data.json or HASH.event.json, whose content has that hash. */
static enum status next_record(struct bel_reader *r, struct bel_blob *out, bool *is_event)
{
	uint8_t hash[32];
	struct tar_entry e;
	enum status st;

	r->offset = r->tar.pos;
	if ((st = tar_next(&r->tar, &e)) != ST_OK)
		return st;
	*is_event = strlen(e.name) > 64 && strcmp(e.name + 64, ".event.json") == 0;
	if (e.time != r->timestamp || strlen(e.name) < 64 ||
	    (!*is_event && strcmp(e.name + 64, ".data.json") != 0) ||
	    hex_decode(out->hash, sizeof(out->hash), e.name, 64) != ST_OK)
		return ST_FORMAT;
	if (e.size > (*is_event ? BEL_EVENT_BYTES : LIMIT_BEL_DATA))
		return ST_LIMIT;
	out->offset = e.offset;
	out->len = (uint32_t)e.size;
	if ((st = hash_content(r->tar.src, hash, e.offset, e.size)) != ST_OK)
		return st;
	return memcmp(hash, out->hash, sizeof(hash)) == 0 ? ST_OK : ST_HASH;
}

/* Does the event follow, and do the data before it belong to it? */
static enum status check_event(const struct bel_reader *r, const struct bel_step *s, size_t data)
{
	const struct bel_event *e = &s->event;

	if (e->height != r->height ||
	    (e->height > 0 && memcmp(e->parent, r->head, sizeof(r->head)) != 0))
		return ST_PARENT;
	if (!bel_type_follows(r->before, e->type))
		return ST_ORDER;
	if (data != bel_type_data(e->type) ||
	    (data > 0 && memcmp(e->payload, s->data[data - 1].hash, sizeof(e->payload)) != 0))
		return ST_INCOMPLETE;
	if (e->type == BEL_BALLOT && s->data[0].len > LIMIT_BEL_BALLOT)
		return ST_LIMIT;
	return e->height < LIMIT_BEL_EVENTS ? ST_OK : ST_LIMIT;
}

enum status bel_reader_next(struct bel_reader *r, struct bel_step *out)
{
	uint8_t text[BEL_EVENT_BYTES];
	struct bel_blob blob;
	size_t data = 0;
	bool is_event;
	enum status st;

	memset(out, 0, sizeof(*out));
	for (;;) {
		if ((st = next_record(r, &blob, &is_event)) != ST_OK)
			return st == ST_NOT_FOUND && data > 0 ? ST_INCOMPLETE : st;
		if (is_event)
			break;
		if (data == BEL_STEP_DATA)
			return ST_INCOMPLETE;
		out->data[data++] = blob;
	}
	out->offset = r->offset;
	memcpy(out->id, blob.hash, sizeof(out->id));
	if ((st = bel_blob_read(r->tar.src, text, &blob)) != ST_OK ||
	    (st = bel_event_decode(&out->event, text, blob.len)) != ST_OK ||
	    (st = check_event(r, out, data)) != ST_OK)
		return st;
	memcpy(r->head, out->id, sizeof(r->head));
	r->before = out->event.type;
	r->height++;
	return ST_OK;
}

enum status bel_blob_read(const struct tar_source *src, void *out, const struct bel_blob *blob)
{
	uint8_t hash[32];
	enum status st = tar_read(src, out, blob->offset, blob->len);

	if (st != ST_OK)
		return st;
	hash256(hash, out, blob->len);
	return memcmp(hash, blob->hash, sizeof(hash)) == 0 ? ST_OK : ST_HASH;
}

bool bel_is_archive(const struct tar_source *src)
{
	uint8_t name[9];

	return tar_read(src, name, 0, sizeof(name)) == ST_OK && memcmp(name, "BELENIOS", 9) == 0;
}

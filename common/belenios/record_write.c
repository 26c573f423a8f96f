/*
 * record_write.c: writing a record; see record.h.
 */
#include "common/belenios/record.h"

#include "common/belenios/lex.h"

#include "common/base/hex.h"
#include "crypto/hash.h"

#include <stdio.h>
#include <string.h>

void bel_event_encode(struct writer *w, const struct bel_event *e)
{
	lex_put(w, "{");
	if (e->height > 0) {
		lex_put(w, "\"parent\":");
		lex_put_hash(w, e->parent);
		lex_put(w, ",");
	}
	lex_put(w, "\"height\":");
	lex_put_number(w, e->height);
	lex_put(w, ",\"type\":\"");
	lex_put(w, bel_type_name(e->type));
	lex_put(w, "\"");
	if (bel_type_data(e->type) > 0) {
		lex_put(w, ",\"payload\":");
		lex_put_hash(w, e->payload);
	}
	lex_put(w, "}");
}

void bel_setup_encode(struct writer *w, const uint8_t election[static 32],
                      const uint8_t trustees[static 32], const uint8_t credentials[static 32])
{
	lex_put(w, "{\"election\":");
	lex_put_hash(w, election);
	lex_put(w, ",\"trustees\":");
	lex_put_hash(w, trustees);
	lex_put(w, ",\"credentials\":");
	lex_put_hash(w, credentials);
	lex_put(w, "}");
}

void bel_sized_encode(struct writer *w, uint64_t num_tallied, uint64_t total_weight,
                      const uint8_t tally[static 32])
{
	lex_put(w, "{\"num_tallied\":");
	lex_put_number(w, num_tallied);
	lex_put(w, ",\"total_weight\":");
	lex_put_weight(w, total_weight);
	lex_put(w, ",\"encrypted_tally\":");
	lex_put_hash(w, tally);
	lex_put(w, "}");
}

void bel_owned_encode(struct writer *w, uint32_t owner, const uint8_t payload[static 32])
{
	lex_put(w, "{\"owner\":");
	lex_put_number(w, owner);
	lex_put(w, ",\"payload\":");
	lex_put_hash(w, payload);
	lex_put(w, "}");
}

static enum status write_entry(struct bel_writer *w, const char *name, const void *bytes,
                               size_t len)
{
	static const uint8_t ZEROS[TAR_BLOCK];
	uint8_t header[TAR_BLOCK];
	size_t padding = tar_padding(len);
	enum status st;

	if ((st = tar_header(header, name, len, w->timestamp)) != ST_OK ||
	    (st = w->write(w->ctx, header, sizeof(header))) != ST_OK ||
	    (len > 0 && (st = w->write(w->ctx, bytes, len)) != ST_OK))
		return st;
	return padding > 0 ? w->write(w->ctx, ZEROS, padding) : ST_OK;
}

/* Under the name that its hash gives. */
static enum status write_record(struct bel_writer *w, uint8_t hash[static 32], const char *suffix,
                                const void *bytes, size_t len)
{
	char name[TAR_NAME_BYTES], hex[65];

	hash256(hash, bytes, len);
	hex_encode(hex, hash, 32);
	(void)snprintf(name, sizeof(name), "%s.%s.json", hex, suffix);
	return write_entry(w, name, bytes, len);
}

enum status bel_writer_open(struct bel_writer *w, uint64_t timestamp)
{
	uint8_t text[BEL_HEADER_BYTES];
	struct writer out;
	size_t len;
	enum status st;

	w->timestamp = timestamp;
	w->height = 0;
	w->before = BEL_TYPES;
	memset(w->head, 0, sizeof(w->head));
	writer_init(&out, text, sizeof(text));
	lex_put(&out, "{\"version\":1,\"timestamp\":\"");
	lex_put_number(&out, timestamp);
	lex_put(&out, "\"}");
	if ((st = writer_end(&out, &len)) != ST_OK)
		return st;
	return write_entry(w, "BELENIOS", text, len);
}

void bel_writer_resume(struct bel_writer *w, const struct bel_reader *r)
{
	w->timestamp = r->timestamp;
	w->height = r->height;
	w->before = r->before;
	memcpy(w->head, r->head, sizeof(w->head));
}

enum status bel_writer_add(struct bel_writer *w, enum bel_type type,
                           const struct bel_datum *data, size_t data_len, uint8_t *id)
{
	struct bel_event e = { .type = type, .height = w->height };
	uint8_t text[BEL_EVENT_BYTES];
	struct writer out;
	size_t len;
	enum status st;

	if (!bel_type_follows(w->before, type) || data_len != bel_type_data(type))
		return ST_ORDER;
	for (size_t i = 0; i < data_len; i++) {
		st = write_record(w, e.payload, "data", data[i].bytes, data[i].len);
		if (st != ST_OK)
			return st;
	}
	memcpy(e.parent, w->head, sizeof(e.parent));
	writer_init(&out, text, sizeof(text));
	bel_event_encode(&out, &e);
	if ((st = writer_end(&out, &len)) != ST_OK ||
	    (st = write_record(w, w->head, "event", text, len)) != ST_OK)
		return st;
	w->height++;
	w->before = type;
	if (id != NULL)
		memcpy(id, w->head, sizeof(w->head));
	return ST_OK;
}

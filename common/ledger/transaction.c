/*
 * transaction.c: see transaction.h.
 *
 * Invariant: decode and encode of a payload stand next to each other, field by field the same.
 */
#include "common/ledger/transaction.h"

#include "common/base/reader.h"
#include "crypto/hash.h"

#include <assert.h>
#include <string.h>

static const struct {
	const char *name;
	bool phase_change;
} TYPES[] = {
	[TX_GENESIS] = { "genesis", false },
	[TX_DKG_COMMIT] = { "dkg-commit", false },
	[TX_DKG_DEAL] = { "dkg-deal", false },
	[TX_DKG_COMPLAIN] = { "dkg-complain", false },
	[TX_DKG_CONFIRM] = { "dkg-confirm", false },
	[TX_ADVANCE] = { "advance", true },
	[TX_ROLL] = { "roll", false },
	[TX_DEVICE] = { "device", false },
	[TX_OPEN] = { "open", true },
	[TX_BALLOT] = { "ballot", false },
	[TX_TEST] = { "test", false },
	[TX_CLOSE] = { "close", true },
	[TX_END] = { "end", true },
	[TX_KIOSK_CLOSING] = { "kiosk-closing", false },
	[TX_SHARE] = { "share", false },
	[TX_RESULT] = { "result", true },
	[TX_EVIDENCE] = { "evidence", false },
	[TX_COMPLAINT] = { "complaint", false },
	[TX_INCIDENT] = { "incident", false },
};

static bool is_known(unsigned int type)
{
	return type < sizeof(TYPES) / sizeof(TYPES[0]) && TYPES[type].name != NULL;
}

enum status tx_decode(struct tx *out, const uint8_t *wire, size_t wire_len)
{
	if (wire_len > LIMIT_TX_BYTES)
		return ST_LIMIT;
	if (wire_len < 1 || !is_known(wire[0]))
		return ST_FORMAT;
	out->type = (enum tx_type)wire[0];
	out->payload = wire + 1;
	out->payload_len = wire_len - 1;
	out->wire = wire;
	out->wire_len = wire_len;
	return ST_OK;
}

const char *tx_type_name(enum tx_type type)
{
	return is_known(type) ? TYPES[type].name : "unknown";
}

const char *tx_purpose(enum tx_type type)
{
	return tx_type_name(type);
}

bool tx_is_phase_change(enum tx_type type)
{
	return is_known(type) && TYPES[type].phase_change;
}

void tx_plain_id(uint8_t id[static TX_ID_BYTES], const struct tx *tx)
{
	struct hash h;

	assert(tx->type != TX_BALLOT);
	hash256_purpose(&h, "tx");
	hash_field_u8(&h, (uint8_t)tx->type);
	hash_field(&h, tx->payload, tx->payload_len);
	hash256_final(&h, id);
}

void tx_ballot_id(uint8_t id[static TX_ID_BYTES], const uint8_t tracker[static TX_HASH_BYTES],
                  const uint8_t *witness, size_t witness_len)
{
	struct hash h;
	uint8_t inner[HASH256_BYTES];

	hash256(inner, witness, witness_len);
	hash256_purpose(&h, "tx");
	hash_field_u8(&h, TX_BALLOT);
	hash_field(&h, tracker, TX_HASH_BYTES);
	hash_field(&h, inner, sizeof(inner));
	hash256_final(&h, id);
}

void tx_leaf(uint8_t leaf[static TX_LEAF_BYTES], enum tx_type type,
             const uint8_t id[static TX_ID_BYTES], size_t wire_len)
{
	struct writer w;
	size_t len;
	enum status st;

	assert(wire_len <= LIMIT_TX_BYTES);
	writer_init(&w, leaf, TX_LEAF_BYTES);
	writer_u8(&w, (uint8_t)type);
	writer_bytes(&w, id, TX_ID_BYTES);
	writer_u32(&w, (uint32_t)wire_len);
	st = writer_end(&w, &len);
	assert(st == ST_OK);
	assert(len == TX_LEAF_BYTES);
	(void)st;
}

/* --- what stands behind every signed body --------------------------------------------------- */

/* The signature is the last field: the body is all before it. */
static enum status read_signed(struct reader *r, struct tx_signed *out)
{
	enum status st;

	out->body = r->buf;
	out->body_len = r->pos;
	if ((st = reader_view(r, &out->sig, TX_SIG_BYTES)) != ST_OK)
		return st;
	return reader_end(r);
}

static enum status read_cosigned(struct reader *r, struct tx_cosigned *out)
{
	enum status st;
	uint8_t count;

	out->body = r->buf;
	out->body_len = r->pos;
	if ((st = reader_u8(r, &count)) != ST_OK ||
	    (st = limit_check(count, LIMIT_TRUSTEES)) != ST_OK)
		return st;
	out->count = count;
	for (unsigned int i = 0; i < count; i++) {
		if ((st = reader_u8(r, &out->trustee[i])) != ST_OK ||
		    (st = reader_view(r, &out->sig[i], TX_SIG_BYTES)) != ST_OK)
			return st;
		if (out->trustee[i] == 0 || (i > 0 && out->trustee[i] <= out->trustee[i - 1]))
			return ST_FORMAT;
	}
	return reader_end(r);
}

void tx_cosign_list(struct writer *w, const uint8_t *trustee, const uint8_t (*sig)[64],
                    unsigned int count)
{
	assert(count <= LIMIT_TRUSTEES);
	writer_u8(w, (uint8_t)count);
	for (unsigned int i = 0; i < count; i++) {
		writer_u8(w, trustee[i]);
		writer_bytes(w, sig[i], TX_SIG_BYTES);
	}
}

static struct reader payload_reader(const struct tx *tx)
{
	struct reader r;

	reader_init(&r, tx->payload, tx->payload_len);
	return r;
}

void tx_begin(struct writer *w, enum tx_type type)
{
	assert(is_known(type));
	writer_u8(w, (uint8_t)type);
}

/* --- payload by payload ---------------------------------------------------------------------- */

enum status tx_trustee_message_decode(struct tx_trustee_message *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_u8(&r, &out->trustee)) != ST_OK ||
	    (st = reader_vec32(&r, &out->message, &out->message_len, LIMIT_TX_BYTES)) != ST_OK)
		return st;
	return read_signed(&r, &out->sig);
}

void tx_trustee_message_body(struct writer *w, uint8_t trustee, const void *message, size_t len)
{
	writer_u8(w, trustee);
	writer_vec32(w, message, len);
}

enum status tx_confirm_decode(struct tx_confirm *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_u8(&r, &out->trustee)) != ST_OK ||
	    (st = reader_view(&r, &out->step_block, TX_HASH_BYTES)) != ST_OK ||
	    (st = reader_view(&r, &out->hash, TX_HASH_BYTES)) != ST_OK)
		return st;
	return read_signed(&r, &out->sig);
}

void tx_confirm_body(struct writer *w, uint8_t trustee, const uint8_t step_block[static 32],
                     const uint8_t hash[static 32])
{
	writer_u8(w, trustee);
	writer_bytes(w, step_block, TX_HASH_BYTES);
	writer_bytes(w, hash, TX_HASH_BYTES);
}

enum status tx_advance_decode(struct tx_advance *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_u8(&r, &out->step)) != ST_OK ||
	    (st = reader_view(&r, &out->anchor, TX_HASH_BYTES)) != ST_OK)
		return st;
	return read_cosigned(&r, &out->by);
}

void tx_advance_body(struct writer *w, uint8_t step, const uint8_t anchor[static 32])
{
	writer_u8(w, step);
	writer_bytes(w, anchor, TX_HASH_BYTES);
}

enum status tx_roll_decode(struct tx_roll *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_u16(&r, &out->index)) != ST_OK ||
	    (st = reader_u16(&r, &out->total)) != ST_OK ||
	    (st = reader_vec32(&r, &out->entries, &out->entries_len, LIMIT_TX_BYTES)) != ST_OK)
		return st;
	if (out->index >= out->total)
		return ST_FORMAT;
	return read_signed(&r, &out->sig);
}

void tx_roll_body(struct writer *w, uint16_t index, uint16_t total, const void *entries,
                  size_t len)
{
	writer_u16(w, index);
	writer_u16(w, total);
	writer_vec32(w, entries, len);
}

enum status tx_device_decode(struct tx_device *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_u16(&r, &out->kiosk)) != ST_OK ||
	    (st = reader_view(&r, &out->sign_key, TX_KEY_BYTES)) != ST_OK ||
	    (st = reader_view(&r, &out->curve_key, TX_KEY_BYTES)) != ST_OK ||
	    (st = reader_vec8(&r, &out->label, &out->label_len, TX_LABEL_BYTES)) != ST_OK)
		return st;
	return read_signed(&r, &out->sig);
}

void tx_device_body(struct writer *w, uint16_t kiosk, const uint8_t sign_key[static 32],
                    const uint8_t curve_key[static 32], const char *label)
{
	writer_u16(w, kiosk);
	writer_bytes(w, sign_key, TX_KEY_BYTES);
	writer_bytes(w, curve_key, TX_KEY_BYTES);
	writer_vec8(w, label, strlen(label));
}

enum status tx_open_decode(struct tx_open *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_view(&r, &out->anchor, TX_HASH_BYTES)) != ST_OK ||
	    (st = reader_view(&r, &out->roll_root, TX_HASH_BYTES)) != ST_OK ||
	    (st = reader_u32(&r, &out->roll_count)) != ST_OK ||
	    (st = reader_u64(&r, &out->weight_sum)) != ST_OK ||
	    (st = reader_vec16(&r, &out->y, &out->y_len, 256)) != ST_OK)
		return st;
	return read_cosigned(&r, &out->by);
}

void tx_open_body(struct writer *w, const uint8_t anchor[static 32],
                  const uint8_t roll_root[static 32], uint32_t roll_count, uint64_t weight_sum,
                  const uint8_t *y, size_t y_len)
{
	writer_bytes(w, anchor, TX_HASH_BYTES);
	writer_bytes(w, roll_root, TX_HASH_BYTES);
	writer_u32(w, roll_count);
	writer_u64(w, weight_sum);
	writer_vec16(w, y, y_len);
}

enum status tx_step_decode(struct tx_step *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st = reader_view(&r, &out->anchor, TX_HASH_BYTES);

	return st != ST_OK ? st : read_cosigned(&r, &out->by);
}

void tx_step_body(struct writer *w, const uint8_t anchor[static 32])
{
	writer_bytes(w, anchor, TX_HASH_BYTES);
}

enum status tx_closing_decode(struct tx_closing *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_u16(&r, &out->kiosk)) != ST_OK ||
	    (st = reader_view(&r, &out->kiosk_key, TX_KEY_BYTES)) != ST_OK ||
	    (st = reader_u32(&r, &out->cast)) != ST_OK ||
	    (st = reader_u32(&r, &out->tested)) != ST_OK ||
	    (st = reader_u32(&r, &out->voided)) != ST_OK ||
	    (st = reader_view(&r, &out->root, TX_HASH_BYTES)) != ST_OK)
		return st;
	return read_signed(&r, &out->sig);
}

void tx_closing_body(struct writer *w, uint16_t kiosk, const uint8_t kiosk_key[static 32],
                     uint32_t cast, uint32_t tested, uint32_t voided,
                     const uint8_t root[static 32])
{
	writer_u16(w, kiosk);
	writer_bytes(w, kiosk_key, TX_KEY_BYTES);
	writer_u32(w, cast);
	writer_u32(w, tested);
	writer_u32(w, voided);
	writer_bytes(w, root, TX_HASH_BYTES);
}

enum status tx_result_decode(struct tx_result *out, const struct tx *tx)
{
	struct reader r = payload_reader(tx);
	enum status st;

	if ((st = reader_view(&r, &out->anchor, TX_HASH_BYTES)) != ST_OK ||
	    (st = reader_u64(&r, &out->end_height)) != ST_OK ||
	    (st = reader_u32(&r, &out->counts_len)) != ST_OK ||
	    (st = limit_check(out->counts_len, LIMIT_AGGREGATES)) != ST_OK ||
	    (st = reader_view(&r, &out->counts, out->counts_len * sizeof(uint64_t))) != ST_OK)
		return st;
	return read_cosigned(&r, &out->by);
}

void tx_result_body(struct writer *w, const uint8_t anchor[static 32], uint64_t end_height,
                    const uint64_t *counts, uint32_t counts_len)
{
	writer_bytes(w, anchor, TX_HASH_BYTES);
	writer_u64(w, end_height);
	writer_u32(w, counts_len);
	for (uint32_t i = 0; i < counts_len; i++)
		writer_u64(w, counts[i]);
}

uint64_t tx_result_count(const struct tx_result *r, uint32_t index)
{
	uint64_t v = 0;

	assert(index < r->counts_len);
	for (size_t i = 0; i < sizeof(v); i++)
		v = v << 8 | r->counts[index * sizeof(v) + i];
	return v;
}

/*
 * message.c: see message.h.
 */
#include "common/wire/message.h"

#include "common/base/text.h"

#include <assert.h>
#include <string.h>

_Static_assert(3 + (MESSAGE_CREDENTIAL_MAX) <= (LIMIT_REQUEST_READ), "a reader's request fits");
_Static_assert(5 + (LIMIT_TX_BYTES) <= (LIMIT_REQUEST), "a submission fits");
_Static_assert((MESSAGE_BLOCKS_BYTES) + (1 << 19) <= (LIMIT_RESPONSE), "blocks and a head fit");

enum { STATUS_NAME_MAX = 31 };

static bool is_kind(uint8_t kind)
{
	return kind >= MESSAGE_SUBMIT && kind <= MESSAGE_VOUCHERS;
}

/* --- requests -------------------------------------------------------------------------------- */

enum status message_request_encode(const struct message_request *r, uint8_t *out, size_t cap,
                                   size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_u8(&w, (uint8_t)r->kind);
	switch (r->kind) {
	case MESSAGE_SUBMIT:
		writer_vec32(&w, r->tx, r->tx_len);
		break;
	case MESSAGE_RECEIPT:
		writer_bytes(&w, r->tracker, 32);
		break;
	case MESSAGE_BLOCKS:
		writer_u64(&w, r->from_height);
		writer_u32(&w, r->max_bytes);
		break;
	case MESSAGE_FATE:
		writer_bytes(&w, r->prefix, MESSAGE_PREFIX_BYTES);
		break;
	case MESSAGE_VOTER:
		writer_vec16(&w, r->credential, r->credential_len);
		break;
	case MESSAGE_STATUS:
	case MESSAGE_HEAD:
	case MESSAGE_GENESIS:
	case MESSAGE_VOUCHERS:
		break;
	}
	return writer_end(&w, len);
}

/* opaque<1..max>: a list that may not be empty. */
static enum status read_some(struct reader *r, const uint8_t **out, size_t *len, size_t max,
                             bool is_wide)
{
	enum status st = is_wide ? reader_vec32(r, out, len, max) : reader_vec16(r, out, len, max);

	return st == ST_OK && *len == 0 ? ST_FORMAT : st;
}

static enum status read_request(struct reader *r, struct message_request *out)
{
	enum status st;

	switch (out->kind) {
	case MESSAGE_SUBMIT:
		return read_some(r, &out->tx, &out->tx_len, LIMIT_TX_BYTES, true);
	case MESSAGE_RECEIPT:
		return reader_view(r, &out->tracker, 32);
	case MESSAGE_BLOCKS:
		st = reader_u64(r, &out->from_height);
		return st != ST_OK ? st : reader_u32(r, &out->max_bytes);
	case MESSAGE_FATE:
		return reader_view(r, &out->prefix, MESSAGE_PREFIX_BYTES);
	case MESSAGE_VOTER:
		return read_some(r, &out->credential, &out->credential_len,
		                 MESSAGE_CREDENTIAL_MAX, false);
	case MESSAGE_STATUS:
	case MESSAGE_HEAD:
	case MESSAGE_GENESIS:
	case MESSAGE_VOUCHERS:
		return ST_OK;
	}
	return ST_INTERNAL;
}

enum status message_request_decode(struct message_request *out, const void *bytes, size_t len)
{
	struct reader r;
	uint8_t kind;
	enum status st;

	*out = (struct message_request){ 0 };
	reader_init(&r, bytes, len);
	if ((st = reader_u8(&r, &kind)) != ST_OK)
		return st;
	if (!is_kind(kind))
		return ST_FORMAT;
	out->kind = (enum message_kind)kind;
	if ((st = read_request(&r, out)) != ST_OK || (st = reader_end(&r)) != ST_OK)
		*out = (struct message_request){ 0 };
	return st;
}

/* --- promise and status ---------------------------------------------------------------------- */

static void write_promise_body(struct writer *w, const struct promise *p)
{
	writer_bytes(w, p->tx_id, sizeof(p->tx_id));
	writer_u8(w, p->node);
	writer_u64(w, p->time_min);
}

void promise_body(uint8_t out[static PROMISE_BODY_BYTES], const struct promise *p)
{
	struct writer w;

	writer_init(&w, out, PROMISE_BODY_BYTES);
	write_promise_body(&w, p);
}

void promise_write(struct writer *w, const struct promise *p)
{
	write_promise_body(w, p);
	writer_bytes(w, p->sig, sizeof(p->sig));
}

enum status promise_read(struct reader *r, struct promise *p)
{
	enum status st;

	if ((st = reader_bytes(r, p->tx_id, sizeof(p->tx_id))) != ST_OK ||
	    (st = reader_u8(r, &p->node)) != ST_OK ||
	    (st = reader_u64(r, &p->time_min)) != ST_OK)
		return st;
	/* Whoever checks the signature looks the key up by this. */
	if (p->node >= LIMIT_TRUSTEES)
		return ST_LIMIT;
	return reader_bytes(r, p->sig, sizeof(p->sig));
}

static void write_status(struct writer *w, const struct node_status *s)
{
	writer_u8(w, s->phase);
	writer_u8(w, s->node);
	writer_u64(w, s->height);
	writer_u64(w, s->view);
	writer_bytes(w, s->head, sizeof(s->head));
	writer_u32(w, s->peers);
	writer_u32(w, s->pending);
	writer_u32(w, s->live);
	writer_u8(w, s->is_stalled);
}

static enum status read_status(struct reader *r, struct node_status *s)
{
	uint8_t stalled;
	enum status st;

	if ((st = reader_u8(r, &s->phase)) != ST_OK ||
	    (st = reader_u8(r, &s->node)) != ST_OK ||
	    (st = reader_u64(r, &s->height)) != ST_OK ||
	    (st = reader_u64(r, &s->view)) != ST_OK ||
	    (st = reader_bytes(r, s->head, sizeof(s->head))) != ST_OK ||
	    (st = reader_u32(r, &s->peers)) != ST_OK ||
	    (st = reader_u32(r, &s->pending)) != ST_OK ||
	    (st = reader_u32(r, &s->live)) != ST_OK ||
	    (st = reader_u8(r, &stalled)) != ST_OK)
		return st;
	if (stalled > 1 || s->phase == 0 || s->phase > MESSAGE_PHASE_MAX ||
	    s->node >= LIMIT_TRUSTEES)
		return ST_FORMAT;
	s->is_stalled = stalled == 1;
	return ST_OK;
}

static void write_voter(struct writer *w, const struct voter_word *v)
{
	writer_u32(w, v->index);
	writer_u32(w, v->weight);
	writer_u16(w, v->style);
	writer_u8(w, v->has_ballot);
	if (v->has_ballot)
		writer_bytes(w, v->tracker, sizeof(v->tracker));
}

static enum status read_voter(struct reader *r, struct voter_word *v)
{
	uint8_t has;
	enum status st;

	if ((st = reader_u32(r, &v->index)) != ST_OK ||
	    (st = reader_u32(r, &v->weight)) != ST_OK ||
	    (st = reader_u16(r, &v->style)) != ST_OK ||
	    (st = reader_u8(r, &has)) != ST_OK)
		return st;
	if (has > 1)
		return ST_FORMAT;
	if (v->index >= LIMIT_VOTERS || v->weight == 0 || v->weight > LIMIT_WEIGHT ||
	    v->style >= LIMIT_STYLES)
		return ST_LIMIT;
	v->has_ballot = has == 1;
	return v->has_ballot ? reader_bytes(r, v->tracker, sizeof(v->tracker)) : ST_OK;
}

/* --- responses ------------------------------------------------------------------------------- */

static void write_ok(struct writer *w, const struct message_response *r)
{
	switch (r->kind) {
	case MESSAGE_SUBMIT:
		promise_write(w, &r->promise);
		break;
	case MESSAGE_RECEIPT:
	case MESSAGE_GENESIS:
	case MESSAGE_VOUCHERS:
		writer_vec32(w, r->bytes, r->bytes_len);
		break;
	case MESSAGE_STATUS:
		write_status(w, &r->node);
		break;
	case MESSAGE_BLOCKS:
		writer_u64(w, r->tip);
		writer_u32(w, r->blocks);
		writer_vec32(w, r->bytes, r->bytes_len);
		break;
	case MESSAGE_HEAD:
		writer_u64(w, r->tip);
		writer_vec32(w, r->bytes, r->bytes_len);
		break;
	case MESSAGE_FATE:
		writer_u8(w, r->fate);
		writer_u64(w, r->fate_height);
		break;
	case MESSAGE_VOTER:
		write_voter(w, &r->voter);
		break;
	}
}

/* By its name: numbers change when the list grows. */
static void write_refusal(struct writer *w, const struct message_response *r)
{
	const char *name = status_name(r->status);

	assert(r->status != ST_OK && r->status < ST_COUNT);
	writer_vec8(w, name, strlen(name));
	writer_vec16(w, r->text, r->text_len);
}

enum status message_response_encode(const struct message_response *r, uint8_t *out, size_t cap,
                                    size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_u8(&w, (uint8_t)r->kind);
	writer_u8(&w, (uint8_t)r->answer);
	switch (r->answer) {
	case ANSWER_OK:
		write_ok(&w, r);
		break;
	case ANSWER_REFUSED:
		write_refusal(&w, r);
		break;
	case ANSWER_NOT_YET:
		break;
	}
	return writer_end(&w, len);
}

static enum status read_ok(struct reader *r, struct message_response *out)
{
	enum status st;

	switch (out->kind) {
	case MESSAGE_SUBMIT:
		return promise_read(r, &out->promise);
	case MESSAGE_RECEIPT:
	case MESSAGE_GENESIS:
	case MESSAGE_VOUCHERS:
		return reader_vec32(r, &out->bytes, &out->bytes_len, LIMIT_RESPONSE);
	case MESSAGE_STATUS:
		return read_status(r, &out->node);
	case MESSAGE_BLOCKS:
		if ((st = reader_u64(r, &out->tip)) != ST_OK ||
		    (st = reader_u32(r, &out->blocks)) != ST_OK ||
		    (st = limit_check(out->blocks, MESSAGE_BLOCKS_MAX)) != ST_OK)
			return st;
		return reader_vec32(r, &out->bytes, &out->bytes_len, LIMIT_RESPONSE);
	case MESSAGE_HEAD:
		if ((st = reader_u64(r, &out->tip)) != ST_OK)
			return st;
		return reader_vec32(r, &out->bytes, &out->bytes_len, LIMIT_RESPONSE);
	case MESSAGE_FATE:
		if ((st = reader_u8(r, &out->fate)) != ST_OK ||
		    (st = limit_check(out->fate, MESSAGE_FATE_MAX)) != ST_OK)
			return st;
		return reader_u64(r, &out->fate_height);
	case MESSAGE_VOTER:
		return read_voter(r, &out->voter);
	}
	return ST_INTERNAL;
}

static enum status read_refusal(struct reader *r, struct message_response *out)
{
	const uint8_t *name;
	const uint8_t *text;
	size_t name_len;
	enum status st;

	if ((st = reader_vec8(r, &name, &name_len, STATUS_NAME_MAX)) != ST_OK)
		return st;
	/* "ok" is no reason to refuse. */
	for (int i = ST_OK + 1; i < ST_COUNT; i++)
		if (strlen(status_name((enum status)i)) == name_len &&
		    memcmp(status_name((enum status)i), name, name_len) == 0)
			out->status = (enum status)i;
	if (out->status == ST_OK)
		return ST_FORMAT;
	if ((st = reader_vec16(r, &text, &out->text_len, MESSAGE_TEXT_MAX)) != ST_OK)
		return st;
	out->text = (const char *)text;
	/* It will be shown: a node must not command the terminal. */
	return text_check(out->text, out->text_len, MESSAGE_TEXT_MAX);
}

enum status message_response_decode(struct message_response *out, const void *bytes, size_t len)
{
	struct reader r;
	uint8_t kind, answer;
	enum status st;

	*out = (struct message_response){ 0 };
	reader_init(&r, bytes, len);
	if ((st = reader_u8(&r, &kind)) != ST_OK || (st = reader_u8(&r, &answer)) != ST_OK)
		return st;
	if (!is_kind(kind) || answer > ANSWER_NOT_YET)
		return ST_FORMAT;
	out->kind = (enum message_kind)kind;
	out->answer = (enum message_answer)answer;
	if (out->answer == ANSWER_OK)
		st = read_ok(&r, out);
	else if (out->answer == ANSWER_REFUSED)
		st = read_refusal(&r, out);
	if (st != ST_OK || (st = reader_end(&r)) != ST_OK)
		*out = (struct message_response){ 0 };
	return st;
}

void message_refuse(struct message_response *out, enum message_kind kind, enum status st,
                    const char *text)
{
	size_t len = strlen(text);

	assert(st != ST_OK);
	if (len > MESSAGE_TEXT_MAX) {
		len = MESSAGE_TEXT_MAX;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;   /* inside a character */
	}
	*out = (struct message_response){
		.kind = kind, .answer = ANSWER_REFUSED, .status = st, .text = text,
		.text_len = len,
	};
}

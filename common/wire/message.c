/*
 * message.c: see message.h.
 */
#include "common/wire/message.h"

#include "common/base/reader.h"

#include <string.h>

static bool is_kind(uint8_t kind)
{
	return kind >= MESSAGE_SUBMIT && kind <= MESSAGE_FATE;
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
		writer_bytes(&w, r->prefix, 10);
		break;
	case MESSAGE_STATUS:
	case MESSAGE_HEAD:
		break;
	}
	return writer_end(&w, len);
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
	switch (out->kind) {
	case MESSAGE_SUBMIT:
		st = reader_vec32(&r, &out->tx, &out->tx_len, LIMIT_TX_BYTES);
		if (st == ST_OK && out->tx_len == 0)
			st = ST_FORMAT;
		break;
	case MESSAGE_RECEIPT:
		st = reader_view(&r, &out->tracker, 32);
		break;
	case MESSAGE_BLOCKS:
		st = reader_u64(&r, &out->from_height);
		st = st != ST_OK ? st : reader_u32(&r, &out->max_bytes);
		break;
	case MESSAGE_FATE:
		st = reader_view(&r, &out->prefix, 10);
		break;
	case MESSAGE_STATUS:
	case MESSAGE_HEAD:
		break;
	}
	return st != ST_OK ? st : reader_end(&r);
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

static enum status read_promise(struct reader *r, struct promise *p)
{
	enum status st;

	if ((st = reader_bytes(r, p->tx_id, sizeof(p->tx_id))) != ST_OK ||
	    (st = reader_u8(r, &p->node)) != ST_OK ||
	    (st = reader_u64(r, &p->time_min)) != ST_OK)
		return st;
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
	if (stalled > 1)
		return ST_FORMAT;
	s->is_stalled = stalled == 1;
	return ST_OK;
}

/* --- responses ------------------------------------------------------------------------------- */

static void write_ok(struct writer *w, const struct message_response *r)
{
	switch (r->kind) {
	case MESSAGE_SUBMIT:
		write_promise_body(w, &r->promise);
		writer_bytes(w, r->promise.sig, sizeof(r->promise.sig));
		break;
	case MESSAGE_RECEIPT:
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
	}
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
		writer_u8(&w, (uint8_t)r->status);
		writer_vec16(&w, r->text, r->text_len);
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
		return read_promise(r, &out->promise);
	case MESSAGE_RECEIPT:
		return reader_vec32(r, &out->bytes, &out->bytes_len, LIMIT_FRAME_BULK);
	case MESSAGE_STATUS:
		return read_status(r, &out->node);
	case MESSAGE_BLOCKS:
		if ((st = reader_u64(r, &out->tip)) != ST_OK ||
		    (st = reader_u32(r, &out->blocks)) != ST_OK ||
		    (st = limit_check(out->blocks, MESSAGE_BLOCKS_MAX)) != ST_OK)
			return st;
		return reader_vec32(r, &out->bytes, &out->bytes_len, LIMIT_FRAME_BULK);
	case MESSAGE_HEAD:
		if ((st = reader_u64(r, &out->tip)) != ST_OK)
			return st;
		return reader_vec32(r, &out->bytes, &out->bytes_len, LIMIT_FRAME_BULK);
	case MESSAGE_FATE:
		if ((st = reader_u8(r, &out->fate)) != ST_OK)
			return st;
		return reader_u64(r, &out->fate_height);
	}
	return ST_INTERNAL;
}

static enum status read_refusal(struct reader *r, struct message_response *out)
{
	const uint8_t *text;
	uint8_t status;
	enum status st;

	if ((st = reader_u8(r, &status)) != ST_OK)
		return st;
	if (status == ST_OK || status >= ST_COUNT)
		return ST_FORMAT;
	out->status = (enum status)status;
	st = reader_vec16(r, &text, &out->text_len, MESSAGE_TEXT_MAX);
	out->text = (const char *)text;
	return st;
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
	return st != ST_OK ? st : reader_end(&r);
}

void message_refuse(struct message_response *out, enum message_kind kind, enum status st,
                    const char *text)
{
	size_t len = strlen(text);

	*out = (struct message_response){
		.kind = kind, .answer = ANSWER_REFUSED, .status = st, .text = text,
		.text_len = len < MESSAGE_TEXT_MAX ? len : MESSAGE_TEXT_MAX,
	};
}

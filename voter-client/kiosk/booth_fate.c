/*
 * booth_fate.c: what becomes of ballots after the voter has left, or the power: see booth_impl.h.
 *
 * Invariant: a record says CAST only when its receipt is on the disk and its slip says so.
 */
#include "voter-client/kiosk/booth_impl.h"

#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/base/log.h"

#include <string.h>

/* --- fates ----------------------------------------------------------------------------------- */

enum status booth_make_void(struct booth *b, const struct spool_record *r)
{
	enum status st = spool_change(b->spool, r->sequence, SPOOL_VOID, NULL, 0);

	if (st != ST_OK)
		return st;
	crash_point("void-recorded");
	return booth_write_slip(b, r, SLIP_DECIDED, SLIP_VOID, 0);
}

enum status booth_open_paper(struct booth *b, const struct spool_record *r)
{
	enum status st = booth_write_paper(b, PAPER_OPENING, r->tracker, r->bytes, r->bytes_len);

	if (st != ST_OK)
		return st;
	crash_point("test-opening");
	return booth_write_slip(b, r, SLIP_DECIDED, SLIP_TESTED, 0);
}

/* --- after a power cut ----------------------------------------------------------------------- */

static enum status recover_one(struct booth *b, const struct spool_record *r)
{
	enum status st = ST_OK;

	switch (r->state) {
	case SPOOL_SEALED:
		st = booth_make_void(b, r);
		break;
	case SPOOL_TESTED:
		if (!booth_slip_is_decided(b, r->tracker))
			st = booth_open_paper(b, r);
		break;
	case SPOOL_VOID:
		if (!booth_slip_is_decided(b, r->tracker))
			st = booth_write_slip(b, r, SLIP_DECIDED, SLIP_VOID, 0);
		break;
	case SPOOL_CAST_REQUESTED:   /* sent again, by booth_look_at_pending */
	case SPOOL_CAST:
		break;
	}
	return st;
}

enum status booth_recover(struct booth *b, struct fault *fault)
{
	struct log_line line;
	enum status st = ST_OK;
	uint32_t sealed = spool_count_in(b->spool, SPOOL_SEALED);

	for (size_t i = 0; st == ST_OK && i < spool_count(b->spool); i++)
		st = recover_one(b, spool_at(b->spool, i));
	if (st != ST_OK) {
		(void)fault_set(fault, st, "what was interrupted cannot be completed: %s",
		                status_text(st));
		fault_why(fault, "A ballot was locked here and must end as cast, tested or void.");
		fault_next(fault, "Check the disk and the folders of slips and receipts.");
		return st;
	}
	if (sealed > 0) {
		log_begin(&line, LOG_LEVEL_WARN, "interrupted-ballot-void");
		log_number(&line, "count", sealed);
		log_end(&line);
	}
	return ST_OK;
}

/* --- receipts -------------------------------------------------------------------------------- */

static const struct spool_record *find(const struct booth *b, const uint8_t tracker[static 32])
{
	for (size_t i = spool_count(b->spool); i-- > 0;)
		if (memcmp(spool_at(b->spool, i)->tracker, tracker, 32) == 0)
			return spool_at(b->spool, i);
	return NULL;
}

static enum status keep_receipt(struct booth *b, const struct spool_record *r,
                                const struct chainlink_outcome *o)
{
	enum status st;

	crash_point("receipt-verified");
	if ((st = booth_write_paper(b, PAPER_RECEIPT, r->tracker, o->receipt,
	                            o->receipt_len)) != ST_OK)
		return st;
	crash_point("receipt-file");
	if ((st = booth_write_slip(b, r, SLIP_DECIDED, SLIP_CAST, o->height)) != ST_OK)
		return st;
	crash_point("receipt-slip");
	if ((st = spool_change(b->spool, r->sequence, SPOOL_CAST, NULL, 0)) != ST_OK)
		return st;
	crash_point("receipt-kept");
	return ST_OK;
}

void booth_receipt(struct booth *b, const struct chainlink_outcome *o)
{
	const struct spool_record *r = find(b, o->tracker);
	bool is_at_hand = b->is_casting && r != NULL && r->sequence == b->sequence;
	char path[LIMIT_PATH_BYTES];
	enum status st;

	if (r == NULL || r->state != SPOOL_CAST_REQUESTED)
		return;
	if ((st = keep_receipt(b, r, o)) != ST_OK)
		booth_break(b, "receipt", st);
	if (!is_at_hand)
		return;
	if (st == ST_OK && booth_path(b, path, PAPER_RECEIPT, o->tracker) == ST_OK)
		booth_tell(b, "receipt", path);
	booth_tell(b, "fate", slip_fate_name(SLIP_CAST));
	booth_step(b, &(struct session_event){ .kind = EV_CAST, .now_ms = b->now_ms });
}

/* --- what waits ------------------------------------------------------------------------------ */

static void give_up(struct booth *b, const struct spool_record *r)
{
	struct log_line line;
	enum status st;

	chainlink_drop(b->link, r->tracker);
	if ((st = booth_make_void(b, r)) != ST_OK) {
		booth_break(b, "void", st);
		return;
	}
	log_begin(&line, LOG_LEVEL_WARN, "recorded-ballot-void");
	log_end(&line);
}

void booth_look_at_pending(struct booth *b)
{
	const struct chainview *view = chainlink_view(b->link);

	if (b->is_broken)
		return;   /* it could not be written down: after a new start */
	for (size_t i = 0; i < spool_count(b->spool); i++) {
		const struct spool_record *r = spool_at(b->spool, i);

		if (r->state != SPOOL_CAST_REQUESTED || (b->is_casting && r->sequence == b->sequence))
			continue;
		if (chainview_prospect(view, r->bytes, r->bytes_len) == PROSPECT_NEVER)
			give_up(b, r);
		else if (!chainlink_is_sending(b->link, r->tracker) &&
		         chainlink_send(b->link, b->now_ms, r->tracker, r->bytes,
		                        r->bytes_len) != ST_OK)
			return;   /* no room now: the others come later */
	}
}

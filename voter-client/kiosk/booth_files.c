/*
 * booth_files.c: slips, receipts and openings as files: see booth_impl.h.
 *
 * Invariant: a file is whole and on the disk, or not there; its name is the ballot's number.
 */
#include "voter-client/kiosk/booth_impl.h"

#include "common/base/file.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *suffix_of(enum booth_paper paper)
{
	switch (paper) {
	case PAPER_SLIP:
		return "txt";
	case PAPER_SECRET:
		return "secret.txt";
	case PAPER_RECEIPT:
		return "receipt";
	case PAPER_OPENING:
		return "opening";
	}
	return "";
}

enum status booth_path(const struct booth *b, char out[static LIMIT_PATH_BYTES],
                       enum booth_paper paper, const uint8_t tracker[static 32])
{
	bool is_slip = paper == PAPER_SLIP || paper == PAPER_SECRET;
	char number[BALLOT_TRACKER_TEXT], name[64];

	ballot_tracker_format(number, tracker);
	(void)snprintf(name, sizeof(name), "%s.%s", number, suffix_of(paper));
	return file_join(out, LIMIT_PATH_BYTES, is_slip ? b->c.slips : b->c.receipts, name);
}

enum status booth_write_paper(const struct booth *b, enum booth_paper paper,
                              const uint8_t tracker[static 32], const void *bytes, size_t len)
{
	enum file_access access = paper == PAPER_SLIP || paper == PAPER_SECRET ? FILE_PRIVATE :
	                          FILE_PUBLIC;
	char path[LIMIT_PATH_BYTES];
	enum status st = booth_path(b, path, paper, tracker);

	return st == ST_OK ? file_write(path, bytes, len, FILE_REPLACE, access) : st;
}

/* A cast ballot's slip shows whose card it was: the voter compares it (N34). */
static void add_fingerprint(const struct booth *b, struct slip *slip, const struct spool_record *r)
{
	struct ballot ballot;
	struct tx tx;

	if (r->state != SPOOL_CAST_REQUESTED || tx_decode(&tx, r->bytes, r->bytes_len) != ST_OK ||
	    ballot_decode(&ballot, b->m, &tx) != ST_OK)
		return;
	slip->has_fingerprint = true;
	slip->fingerprint = credential_fingerprint(b->m->election_id, ballot.credential,
	                                           group_element_len(b->m->suite));
}

enum status booth_write_slip(const struct booth *b, const struct spool_record *r,
                             enum slip_half half, enum slip_fate fate, uint64_t height)
{
	struct slip slip = { .top = { .kiosk = b->c.session.kiosk, .sequence = r->sequence },
	                     .half = half, .fate = fate, .height = height };
	char text[SLIP_TEXT_MAX];
	size_t len;

	memcpy(slip.top.tracker, r->tracker, sizeof(slip.top.tracker));
	memcpy(slip.before, r->before, sizeof(slip.before));
	memcpy(slip.blinding, r->blinding, sizeof(slip.blinding));
	if (half == SLIP_WAITING || (half == SLIP_DECIDED && fate == SLIP_CAST))
		add_fingerprint(b, &slip, r);
	len = slip_text(text, b->m, &slip, b->sign);
	return booth_write_paper(b, PAPER_SLIP, r->tracker, text, len);
}

enum status booth_write_secret(const struct booth *b, const uint8_t tracker[static 32],
                               const struct credential_code *code)
{
	char text[SLIP_SECRET_TEXT_MAX];
	size_t len = slip_secret_text(text, tracker, code);
	enum status st = booth_write_paper(b, PAPER_SECRET, tracker, text, len);

	mem_wipe(text, sizeof(text));
	return st;
}

bool booth_slip_is_decided(const struct booth *b, const uint8_t tracker[static 32])
{
	char path[LIMIT_PATH_BYTES];
	uint8_t *text = NULL;
	size_t len;
	bool is_decided;

	if (booth_path(b, path, PAPER_SLIP, tracker) != ST_OK ||
	    file_read(path, &text, &len, SLIP_TEXT_MAX) != ST_OK)
		return false;
	is_decided = strstr((const char *)text, "\nfate=") != NULL;
	free(text);
	return is_decided;
}

/*
 * office.c: see office.h.
 */
#include "common/election/office.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/hex.h"

#include <stdlib.h>
#include <string.h>

/* --- files ----------------------------------------------------------------------------------- */

enum status office_read(uint8_t **out, size_t *len, const char *path, size_t max,
                        struct fault *fault)
{
	enum status st = file_read(path, out, len, max);

	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "%s cannot be read: %s", path, status_text(st));
	fault_next(fault, "Check the file's name.");
	return st;
}

enum status office_write(const char *path, const void *bytes, size_t len, struct fault *fault)
{
	enum status st = file_write(path, bytes, len, FILE_SAME, FILE_PUBLIC);

	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "%s cannot be written: %s", path, status_text(st));
	fault_next(fault, st == ST_EXISTS ? "Choose another name with --out, or move the old file "
	           "away: nothing is overwritten." : "Check the folder and the room on the disk.");
	return st;
}

/* --- archives -------------------------------------------------------------------------------- */

static enum status judge(const struct audit *a, const char *path, struct fault *fault)
{
	if (a->verdict == AUDIT_PROBLEM) {
		(void)fault_set(fault, a->failed_st, "%s fails the check \"%s\": %s", path,
		                audit_check_name(a->failed), status_text(a->failed_st));
		fault_why(fault, "Block %llu is not sound; this may be evidence of a fraud, or of the "
		          "wrong fingerprint.", (unsigned long long)a->failed_height);
		fault_next(fault, "Keep the file. Fetch the chain from another node and compare: "
		           "voter-observer verify %s", path);
		return a->failed_st;
	}
	if (a->lines[AUDIT_CONSTITUTION].outcome != AUDIT_HELD ||
	    (a->blocks > 1 && a->lines[AUDIT_CERTIFICATES].outcome != AUDIT_HELD)) {
		(void)fault_set(fault, ST_INCOMPLETE, "%s lacks signatures under its %s", path,
		                a->lines[AUDIT_CONSTITUTION].outcome != AUDIT_HELD ? "manifest" :
		                "newest block");
		fault_why(fault, "Without them nobody can know that the nodes agree on this chain.");
		fault_next(fault, "Export the chain from a node again: tally-server export");
		return ST_INCOMPLETE;
	}
	return ST_OK;
}

static uint64_t clock_ns(void)
{
	return clock_mono_us() * 1000;
}

enum status office_archive(struct audit *a, const char *path, const uint8_t *fingerprint,
                           struct fault *fault)
{
	const struct audit_options o = { .fingerprint = fingerprint, .clock_ns = clock_ns };
	FILE *f = fopen(path, "rbe");
	enum status st;

	*a = (struct audit){ .verdict = AUDIT_UNDECIDED };
	if (f == NULL) {
		(void)fault_set(fault, ST_NOT_FOUND, "%s cannot be opened", path);
		fault_next(fault, "Export the chain from a node: tally-server export");
		return ST_NOT_FOUND;
	}
	st = audit_run(a, f, &o);
	(void)fclose(f);
	if (st != ST_OK)
		return fault_set(fault, st, "%s could not be checked: %s", path, status_text(st));
	return judge(a, path, fault);
}

/* --- fingerprints ---------------------------------------------------------------------------- */

enum status office_fingerprint(uint8_t out[static 32], const char *text, struct fault *fault)
{
	enum status st = hex_decode_typed(out, 32, text, strlen(text));

	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "\"%.100s\" is no fingerprint", text);
	fault_why(fault, "A fingerprint has 64 digits 0-9 and a-f.");
	fault_next(fault, "Copy it from the poster, or from what tally-officer define printed.");
	return st;
}

void office_fingerprint_format(char out[static OFFICE_FINGERPRINT_TEXT],
                               const uint8_t fingerprint[static 32])
{
	size_t at = 0;

	for (size_t i = 0; i < 32; i += 2) {
		char group[5];

		hex_encode(group, fingerprint + i, 2);
		memcpy(out + at, group, 4);
		at += 4;
		out[at++] = ' ';
	}
	out[at - 1] = '\0';
}

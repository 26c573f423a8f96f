/*
 * print.c: what was found, for people.  For programs: report.c.
 */
#include "voter-client/observer/observer.h"

#include <stdio.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/base/text.h"

#define NAME_COLUMNS 40

const char *outcome_word(enum audit_outcome outcome)
{
	switch (outcome) {
	case AUDIT_HELD:
		return "ok";
	case AUDIT_FAILED:
		return "FAILED";
	case AUDIT_MISSING:
		return "missing";
	case AUDIT_NOT_RUN:
		break;
	}
	return "not reached";
}

/* Who says what of whom.  Only evidence is proof; the rest is the word of whoever signed it. */
static void print_reports(const struct audit *a)
{
	char text[AUDIT_REPORT_TEXT], hex[2 * TX_ID_BYTES + 1];

	for (size_t i = 0; i < a->reports_len; i++) {
		const struct audit_report *r = &a->reports[i];

		audit_report_text(text, r);
		printf("block %llu: %s\n", (unsigned long long)r->height, text);
		if (r->text[0] != '\0')
			printf("    \"%s\"\n", r->text);
		hex_encode(hex, r->tx, sizeof(r->tx));
		if (r->has_tx)
			printf("    of transaction %s\n", hex);
	}
}

void print_checks(const struct audit *a)
{
	for (int i = 0; i < AUDIT_CHECKS; i++) {
		const struct audit_line *l = &a->lines[i];

		printf("%2d  %-13s %-12s %8llu  %6llu ms  %s\n", i + 1,
		       audit_check_name((enum audit_check)i), outcome_word(l->outcome),
		       (unsigned long long)l->count, (unsigned long long)(l->ns / 1000000),
		       audit_check_text((enum audit_check)i));
	}
	for (size_t i = 0; i < a->incidents_len; i++)
		printf("incident: %s\n", a->incidents[i].text);
	print_reports(a);
}

/* --- result ---------------------------------------------------------------------------------- */

static const char *slot_name(const struct manifest_contest *c, uint16_t slot)
{
	if (c->blank && slot == 0)
		return "(blank)";
	return c->options[slot - (c->blank ? 1 : 0)].name.in[0];
}

/* A name in any script and its count, in columns as wide as the terminal shows them. */
static void print_count(const char *name, uint64_t count)
{
	size_t width = text_width(name, strlen(name));
	int pad = width < NAME_COLUMNS ? (int)(NAME_COLUMNS - width) : 0;

	printf("    %s%*s %10llu\n", name, pad, "", (unsigned long long)count);
}

static void print_group(const struct audit *a, const struct tally *t, size_t g,
                        const uint64_t *counts)
{
	const struct tally_group *group = &t->groups[g];
	const struct manifest_contest *c = &a->manifest->contests[group->contest];

	printf("\n%s, %s: %u %s\n", c->title.in[0], a->manifest->units[group->unit].name.in[0],
	       group->ballots, group->ballots == 1 ? "ballot" : "ballots");
	if (group->withheld) {
		printf("    withheld: fewer than %u ballots\n", a->manifest->publish_min);
		return;
	}
	for (uint16_t s = 0; s < c->ciphertexts_len; s++)
		print_count(slot_name(c, s), counts[group->first + s]);
}

void print_result(const struct audit *a)
{
	const struct tally *t;
	const uint64_t *counts;
	struct state_summary s;
	uint32_t len;

	if (a->verdict == AUDIT_PROBLEM || a->election == NULL ||
	    election_phase(a->election) != PHASE_FINAL)
		return;
	t = election_tally(a->election);
	counts = election_result(a->election, &len);
	election_summary(a->election, &s);
	printf("\n%s%s\n", a->manifest->title.in[0],
	       a->manifest->rehearsal ? "  (REHEARSAL: not an election)" : "");
	printf("turnout: %u of %u (%u.%u %%), %u %s\n", s.live, s.roll_count,
	       s.roll_count == 0 ? 0 : s.live * 100 / s.roll_count,
	       s.roll_count == 0 ? 0 : s.live * 1000 / s.roll_count % 10, s.tests,
	       s.tests == 1 ? "test of a machine" : "tests of machines");
	for (size_t g = 0; g < t->groups_len; g++)
		print_group(a, t, g, counts);
}

/* --- verdict --------------------------------------------------------------------------------- */

static void print_failure(const struct audit *a)
{
	printf("\nNO: the check \"%s\" failed: %s\n", audit_check_name(a->failed),
	       status_text(a->failed_st));
	printf("    at block %llu", (unsigned long long)a->failed_height);
	if (a->failed_item != CHAIN_NO_ITEM)
		printf(", transaction %u", a->failed_item);
	printf(" (byte %llu of the file), reason: %s\n", (unsigned long long)a->failed_offset,
	       status_name(a->failed_st));
	if (a->failed_offset == 0 && a->failed_st == ST_FORMAT)
		printf("    It does not begin as an archive does. Is it the right file?\n");
	printf("    Keep this file: it may be evidence. Compare it with a copy from another node.\n");
}

void print_verdict(const struct audit *a)
{
	char print[OFFICE_FINGERPRINT_TEXT];

	if (a->verdict == AUDIT_PROBLEM) {
		print_failure(a);
		return;
	}
	if (a->verdict == AUDIT_GOOD) {
		printf("\nYES: everything was checked, and everything holds%s.\n",
		       a->incidents_len + a->reports_len > 0 ? "; read the incidents above" : "");
		printf("%u of %u nodes vouch that the polls ended so, %u for this result.\n",
		       audit_cosigners(a, COSIGNED_END), a->manifest->trustees_len,
		       audit_cosigners(a, COSIGNED_RESULT));
		return;
	}
	printf("\nCANNOT TELL: nothing is wrong with what is here, but not all could be checked:\n");
	for (int i = 0; i < AUDIT_CHECKS; i++)
		if (a->lines[i].outcome != AUDIT_HELD)
			printf("    %s: %s\n", audit_check_name((enum audit_check)i),
			       outcome_word(a->lines[i].outcome));
	if (a->manifest != NULL && a->lines[AUDIT_FINGERPRINT].outcome == AUDIT_MISSING) {
		office_fingerprint_format(print, a->manifest->election_id);
		printf("    Compare this fingerprint with the one on the poster, and give it with "
		       "--fingerprint:\n    %s\n", print);
	}
}

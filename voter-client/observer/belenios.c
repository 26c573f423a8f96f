/*
 * belenios.c: verify, when the archive is a Belenios one (docs/belenios.md).  As JSON:
 * belenios_report.c.
 */
#include "voter-client/observer/belenios.h"

#include "voter-client/observer/observer.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_COLUMNS = 40 };

static uint64_t clock_ns(void)
{
	return clock_mono_us() * 1000;
}

const char *belenios_outcome_word(enum bel_outcome outcome)
{
	switch (outcome) {
	case BEL_HELD:
		return "ok";
	case BEL_FAILED:
		return "FAILED";
	case BEL_MISSING:
		return "missing";
	case BEL_CANNOT:
		return "could not check";
	case BEL_NONE:
		return "none here";
	case BEL_NOT_RUN:
		break;
	}
	return "not reached";
}

size_t election_text(char out[static BELENIOS_TEXT], struct lex_text text)
{
	static char whole[LIMIT_BEL_TEXT];
	size_t len = lex_unescape(whole, text);
	enum text_flaw flaw = text_flaw(whole, len, NULL);

	if (len >= BELENIOS_TEXT) {
		for (len = BELENIOS_TEXT - 1; len > 0 && (whole[len] & 0xc0) == 0x80; len--)
			;
	}
	for (size_t i = 0; i < len; i++) {
		bool plain = whole[i] >= ' ' && whole[i] <= '~';

		/* What changes how the rest is shown is not shown. */
		out[i] = plain || flaw == TEXT_FINE || flaw == TEXT_NOT_NFC ? whole[i] : '?';
	}
	out[len] = '\0';
	return len;
}

/* --- for people ------------------------------------------------------------------------------ */

static void print_lines(const struct bel_audit *a)
{
	for (int i = 0; i < BEL_CHECKS; i++) {
		const struct bel_line *l = &a->lines[i];

		printf("%2d  %-12s %-15s %8llu  %6llu ms  %s\n", i + 1,
		       bel_check_name((enum bel_check)i), belenios_outcome_word(l->outcome),
		       (unsigned long long)l->count, (unsigned long long)(l->ns / 1000000),
		       bel_check_text((enum bel_check)i));
	}
}

static void print_count(const char *name, uint64_t count)
{
	size_t width = text_width(name, strlen(name));
	int pad = width < NAME_COLUMNS ? (int)(NAME_COLUMNS - width) : 0;

	printf("    %s%*s %10llu\n", name, pad, "", (unsigned long long)count);
}

static void print_question(const struct bel_audit *a, size_t index)
{
	const struct bel_question *q = &a->election->questions[index];
	const uint64_t *counts = a->counts + q->first;
	char text[BELENIOS_TEXT];

	if (q->skipped) {
		printf("\nquestion %zu: could not check; it is not a homomorphic one\n", index + 1);
		return;
	}
	(void)election_text(text, q->title);
	printf("\n%s\n", text);
	if (q->rule.blank)
		print_count("(blank)", *counts++);
	for (uint32_t i = 0; i < q->rule.answers; i++) {
		(void)election_text(text, q->answers[i]);
		print_count(text, counts[i]);
	}
}

static void print_counts(const struct bel_audit *a)
{
	char text[BELENIOS_TEXT];

	if (a->verdict == BEL_PROBLEM || a->counts == NULL)
		return;
	(void)election_text(text, a->election->name);
	printf("\n%s (Belenios)\n", text);
	printf("turnout: %llu of %zu", (unsigned long long)a->counted, a->roll->len);
	if (a->weight != a->counted)
		printf(", by weight %llu of %llu", (unsigned long long)a->weight,
		       (unsigned long long)a->roll->weight);
	printf("; %llu replaced\n", (unsigned long long)(a->ballots - a->counted));
	for (size_t i = 0; i < a->election->questions_len; i++)
		print_question(a, i);
}

static void print_no(const struct bel_audit *a)
{
	printf("\nNO: the check \"%s\" failed: %s\n", bel_check_name(a->failed),
	       status_text(a->failed_st));
	printf("    %s\n", a->detail);
	printf("    at event %llu (byte %llu of the file), reason: %s\n",
	       (unsigned long long)a->failed_event, (unsigned long long)a->failed_offset,
	       status_name(a->failed_st));
	printf("    Keep this file: it may be evidence. Compare it with a copy from the election's "
	       "page.\n");
}

static void print_unsure(const struct bel_audit *a)
{
	printf("\nCANNOT TELL: nothing is wrong with what is here, but not all could be checked:\n");
	for (int i = 0; i < BEL_CHECKS; i++)
		if (a->lines[i].outcome != BEL_HELD && a->lines[i].outcome != BEL_NONE)
			printf("    %s: %s\n", bel_check_name((enum bel_check)i),
			       belenios_outcome_word(a->lines[i].outcome));
	if (a->lines[BEL_FINGERPRINT].outcome == BEL_MISSING)
		printf("    Compare this fingerprint with the one that the election's people gave out, "
		       "and give it with --fingerprint:\n    %s\n", a->election->fingerprint);
}

static void print_all(const struct bel_audit *a)
{
	print_lines(a);
	print_counts(a);
	if (a->verdict == BEL_PROBLEM) {
		print_no(a);
		return;
	}
	if (a->verdict == BEL_GOOD)
		printf("\nYES: everything was checked, and everything holds.\n");
	else
		print_unsure(a);
	/* The fingerprint covers the election and its key, not who may vote. */
	printf("The list of %zu voters has the fingerprint %s:\n"
	       "    compare it with the one of the credential authority.\n", a->roll->len,
	       a->roll->fingerprint);
}

/* --- the command ----------------------------------------------------------------------------- */

static enum status check_options(struct fault *fault)
{
	if (opt.fingerprint != NULL && strlen(opt.fingerprint) != BELENIOS_HASH_TEXT - 1) {
		(void)fault_set(fault, ST_USAGE, "\"%s\" is no fingerprint of a Belenios election",
		                opt.fingerprint);
		fault_why(fault, "%s holds a Belenios election; their fingerprints have 43 characters, "
		          "with small and capital letters.", opt.archive);
		fault_next(fault, "Copy it from the election's page, all of it.");
		return ST_USAGE;
	}
	if (opt.gamma > 0) {
		(void)fault_set(fault, ST_USAGE, "--gamma has no meaning for a Belenios archive");
		fault_why(fault, "Nobody vouches for one: there are no nodes.");
		fault_next(fault, "Leave it out, and compare the last hash with copies of others.");
		return ST_USAGE;
	}
	return ST_OK;
}

bool belenios_is_archive(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct tar_source src;
	bool yes;

	if (fd < 0)
		return false;
	yes = tar_source_file(&src, fd) == ST_OK && bel_is_archive(&src);
	(void)close(fd);
	return yes;
}

static size_t threads(void)
{
	long there = sysconf(_SC_NPROCESSORS_ONLN);

	if (opt.jobs > 0)
		return (size_t)opt.jobs;
	return there < 1 ? 1 : there > POOL_THREADS_MAX ? POOL_THREADS_MAX : (size_t)there;
}

static enum status audit(struct bel_audit *a, struct fault *fault)
{
	const struct bel_audit_options o = { .fingerprint = opt.fingerprint, .clock_ns = clock_ns,
	                                     .threads = threads() };
	struct tar_source src;
	enum status st;
	int fd;

	*a = (struct bel_audit){ .verdict = BEL_UNDECIDED };
	if ((st = check_options(fault)) != ST_OK)
		return st;
	fd = open(opt.archive, O_RDONLY | O_CLOEXEC);
	st = fd < 0 ? ST_IO : tar_source_file(&src, fd);
	if (st == ST_OK)
		st = bel_audit_run(a, &src, &o);
	if (fd >= 0)
		(void)close(fd);
	return st == ST_OK ? ST_OK :
	       fault_set(fault, st, "%s could not be read: %s", opt.archive, status_text(st));
}

static int exit_of(const struct bel_audit *a)
{
	switch (a->verdict) {
	case BEL_GOOD:
		return CLI_YES;
	case BEL_PROBLEM:
		return CLI_NO;
	case BEL_UNDECIDED:
		break;
	}
	return CLI_UNSURE;
}

int run_verify_belenios(void)
{
	struct fault fault = { 0 };
	struct bel_audit a;
	int code;

	if (audit(&a, &fault) != ST_OK) {
		bel_audit_free(&a);
		return fault.st == ST_USAGE ? cli_misuse(&fault) : cli_fault(&fault);
	}
	code = exit_of(&a);
	if (!opt.json)
		print_all(&a);
	else if (print_belenios_json(&a) != ST_OK)
		code = CLI_SOFTWARE;
	bel_audit_free(&a);
	return cli_done(code);
}

/*
 * cmd_verify.c: verify.
 */
#include "voter-client/observer/belenios.h"
#include "voter-client/observer/observer.h"

#include "common/base/clock.h"

#include <stdio.h>

static uint64_t clock_ns(void)
{
	return clock_mono_us() * 1000;
}

enum status observe(struct audit *a, struct fault *fault)
{
	struct audit_options o = { .clock_ns = clock_ns, .gamma = (unsigned int)opt.gamma };
	uint8_t print[32];
	FILE *f;
	enum status st;

	*a = (struct audit){ .verdict = AUDIT_UNDECIDED };
	if (opt.fingerprint != NULL) {
		if ((st = office_fingerprint(print, opt.fingerprint, fault)) != ST_OK)
			return st;
		o.fingerprint = print;
	}
	f = fopen(opt.archive, "rbe");
	if (f == NULL) {
		(void)fault_set(fault, ST_NOT_FOUND, "%s cannot be opened", opt.archive);
		fault_next(fault, "Fetch the archive from the election's page or from a node.");
		return ST_NOT_FOUND;
	}
	st = audit_run(a, f, &o);
	(void)fclose(f);
	return st == ST_OK ? ST_OK :
	       fault_set(fault, st, "%s could not be read: %s", opt.archive, status_text(st));
}

static int exit_of(const struct audit *a)
{
	switch (a->verdict) {
	case AUDIT_GOOD:
		return CLI_YES;
	case AUDIT_PROBLEM:
		return CLI_NO;
	case AUDIT_UNDECIDED:
		break;
	}
	return CLI_UNSURE;
}

int run_verify(void)
{
	struct fault fault = { 0 };
	struct audit a;
	int code;

	if (belenios_is_archive(opt.archive))
		return run_verify_belenios();
	if (observe(&a, &fault) != ST_OK) {
		audit_free(&a);
		return cli_fault(&fault);
	}
	code = exit_of(&a);
	if (opt.json) {
		if (print_json(&a) != ST_OK)
			code = CLI_SOFTWARE;
	} else {
		print_checks(&a);
		print_result(&a);
		print_verdict(&a);
	}
	audit_free(&a);
	return cli_done(code);
}

/*
 * officer.h: what the commands of tally-officer share.
 *
 * The tool of the election officer and of the registrar: defines an election, enrols voters and
 * kiosks, prepares what trustees sign.  Files in, files out, no network.
 *
 * Invariant: it holds no power over votes or result; whatever it makes is checked again by all.
 */
#ifndef KALPIS_OFFICER_OFFICER_H
#define KALPIS_OFFICER_OFFICER_H

#include "common/base/cli.h"
#include "common/election/act.h"
#include "common/election/office.h"
#include "common/election/report_make.h"

enum { OFFICER_FILES_MAX = 64 };

struct officer_options {
	const char *key;
	const char *passphrase_file;
	const char *role;
	const char *name;
	const char *archive;
	const char *fingerprint;
	const char *manifest;
	const char *definition;
	const char *voters;
	const char *kiosk_keys;
	const char *label;
	const char *out;
	const char *combine;
	uint64_t kiosk;
	struct report_wish report;
	struct cli_list files;
};
extern struct officer_options opt;

/* The archive of --archive, checked against --fingerprint. */
MUST_USE enum status open_election(struct audit *a, const struct election_params **p,
                                   struct fault *fault);
void close_election(struct audit *a, const struct election_params *p);

int run_keygen(void);
int run_define(void);
int run_check(void);
int run_genesis(void);
int run_enrol(void);
int run_device(void);
int run_propose(void);
int run_report(void);

#endif

/*
 * trustee.h: what the commands of tally-trustee share.
 *
 * The tool reads and writes files and never touches a network.  Every command that signs first
 * checks the whole archive, says in words what it is about to sign, and asks.
 *
 * Invariant: nothing is signed or decrypted for an election other than the one whose manifest this
 * trustee signed (its id stands in KEY.election) or whose fingerprint the person gave.
 */
#ifndef KALPIS_TRUSTEE_TRUSTEE_H
#define KALPIS_TRUSTEE_TRUSTEE_H

#include "common/base/cli.h"
#include "common/election/act.h"
#include "common/election/office.h"
#include "common/election/report_make.h"

/* Options of all commands; each fills what it takes. */
struct trustee_options {
	const char *key;
	const char *passphrase_file;
	const char *archive;
	const char *fingerprint;
	const char *manifest;
	const char *node;
	const char *name;
	const char *address;
	const char *suite;
	const char *file;
	const char *out;
	struct report_wish report;
	bool yes;            /* do not ask: the caller has looked */
};
extern struct trustee_options opt;

/* Everything a signing command works with.  Freed by session_end. */
struct session {
	struct keyfile *key;
	struct sign_secret secret;
	struct audit audit;
	const struct election_params *params;
	unsigned int index;          /* this trustee: 1..n */
};

/* Open key and archive, check everything, find ourselves among the trustees. */
MUST_USE enum status session_begin(struct session *s, struct fault *fault);
void session_end(struct session *s);

/* "yes" typed on the terminal, or --yes.  ST_DENIED. */
MUST_USE enum status ask_yes(const char *question, struct fault *fault);
/* Print election, phase and head: what is looked at. */
void print_election(const struct audit *a);

/* The election this key is bound to: from --fingerprint or KEY.election. */
MUST_USE enum status bound_election(uint8_t out[static 32], struct fault *fault);
MUST_USE enum status bind_election(const uint8_t election_id[static 32], struct fault *fault);

/* The ceremony's view of one trustee. */
struct dkg_self;
void session_self(const struct session *s, struct dkg_self *self);

int run_keygen(void);
int run_card(void);
int run_sign_genesis(void);
int run_ceremony(void);
int run_check_key(void);
int run_approve(void);
int run_decrypt(void);
int run_report(void);
int run_inspect(void);

#endif

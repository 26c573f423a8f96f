/*
 * commands.h: what the commands of tally-server share.
 */
#ifndef KALPIS_NODE_COMMANDS_H
#define KALPIS_NODE_COMMANDS_H

#include "common/base/cli.h"

enum { SUBMIT_FILES_MAX = 4096, SUBMIT_WAIT_MAX = 86400 };

/* Options of all commands; each fills what it takes. */
struct server_options {
	const char *config;
	const char *passphrase_file;
	const char *out;
	const char *tlog;
	bool replace;
	bool json;
	uint64_t wait_s;
	struct cli_list files;
};
extern struct server_options opt;

int run_keygen(void);
int run_node(void);
int run_submit(void);
int run_status(void);
int run_export(void);

#endif

/*
 * kiosk.h: what the commands of voter-client share.
 */
#ifndef KALPIS_KIOSK_KIOSK_H
#define KALPIS_KIOSK_KIOSK_H

#include "common/base/cli.h"

#include <signal.h>

struct kiosk_options {
	const char *config;
	const char *out;
	const char *passphrase_file;
	bool plain;
	bool once;
	uint64_t wait_s;
};
extern struct kiosk_options kiosk_opt;

/* Set by SIGTERM, SIGINT and SIGHUP once kiosk_signals was called. */
extern volatile sig_atomic_t kiosk_stop;
void kiosk_signals(void);

int run_serve(void);
int run_keygen(void);
int run_tests(void);
int run_close(void);

#endif

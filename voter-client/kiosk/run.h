/*
 * run.h: the loop of a running kiosk.
 */
#ifndef KALPIS_KIOSK_RUN_H
#define KALPIS_KIOSK_RUN_H

#include "voter-client/kiosk/booth.h"

#include <signal.h>

struct run_options {
	bool once;                           /* stop after one voter, or when none can be served */
	const volatile sig_atomic_t *stop;   /* nonzero: stop soon */
};

enum run_end {
	RUN_STOPPED,       /* told to stop, or the input ended between voters */
	RUN_CLOSED,        /* `once`, and the kiosk does not serve: not open, closed, cut off, ... */
	RUN_LEFT           /* the input ended while a voter was at work: nothing of them was cast */
};

/* Serve voters until told to stop. */
enum run_end run_kiosk(struct booth *b, const struct face *face, const struct port *port,
                       const struct run_options *o);

#endif

/*
 * cmd_run.c: tally-server run: the node itself.
 */
#include "tally-server/node/commands.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "tally-server/node/node.h"
#include "tally-server/node/own.h"

#include <signal.h>
#include <stdlib.h>

static volatile bool stop;
static struct link *to_wake;

static void on_signal(int number)
{
	(void)number;
	stop = true;
	if (to_wake != NULL)
		link_wake(to_wake);
}

static void take_signals(void)
{
	struct sigaction a = { .sa_handler = on_signal };

	(void)sigemptyset(&a.sa_mask);
	(void)sigaction(SIGTERM, &a, NULL);
	(void)sigaction(SIGINT, &a, NULL);
	a.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &a, NULL);
	(void)sigaction(SIGHUP, &a, NULL);
}

static void say_armed(void)
{
	struct log_line line;

	if (crash_armed() == NULL)
		return;
	log_begin(&line, LOG_LEVEL_WARN, "crash-armed");
	log_text(&line, "at", crash_armed());
	log_end(&line);
}

static enum status open_and_run(struct node *n, const struct settings *set,
                                const char *passphrase_file, struct fault *fault)
{
	struct log_line line;
	enum status st = node_open(n, set, passphrase_file, fault);

	if (st != ST_OK)
		return st;
	if ((st = own_mark_running(set, n->self)) != ST_OK)
		return fault_set(fault, st, "%s cannot be written to", set->data);
	to_wake = n->link;
	st = node_run(n);
	to_wake = NULL;
	log_begin(&line, LOG_LEVEL_INFO, "stopped");
	log_number(&line, "height", branch_tip(n->branch)->height);
	log_status(&line, "why", st);
	log_end(&line);
	if (st != ST_OK && remote_is_gone(n->signer)) {
		st = remote_fault(n->signer, fault);
	} else if (st != ST_OK) {
		(void)fault_set(fault, st, "the node had to stop: %s", status_text(st));
		fault_next(fault, "The log says where.  Nothing that it promised or voted is lost; "
		           "when the cause is removed, start it again.");
	}
	return st;
}

int run_node(void)
{
	struct node *n = alloc_zero(1, sizeof(*n));
	struct settings set;
	struct fault fault = { 0 };
	enum status st = settings_load(&set, opt.config, &fault);

	log_setup("tally-server", st == ST_OK ? set.log_level : LOG_LEVEL_INFO, LOG_STAMP_MINUTE);
	if (st == ST_OK && n == NULL)
		st = fault_set(&fault, ST_NO_MEMORY, "no memory to start with");
	if (st == ST_OK) {
		say_armed();
		take_signals();
		n->stop = &stop;
		st = open_and_run(n, &set, opt.passphrase_file != NULL ? opt.passphrase_file
		                                                       : set.passphrase_file, &fault);
		node_close(n);
	}
	settings_free(&set);
	free(n);
	return st == ST_OK ? CLI_YES : cli_fault(&fault);
}

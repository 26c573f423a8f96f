/*
 * cmd_watch.c: voter-follow watch and export.
 */
#include "voter-client/observer/follow/follow.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/number.h"
#include "common/election/office.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { READ_BLOCKS = 16, READ_SAY_MS = 5000, ONCE_INTERVAL_MS = 2000 };

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void take_signals(void)
{
	static const int stopping[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++)
		(void)sigaction(stopping[i], &sa, NULL);
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
}

/* --- where the nodes are --------------------------------------------------------------------- */

/* "2=host:port": the node's number, from 1, and the address as a card says it. */
static enum status take_address(struct address *addresses, const struct manifest *m,
                                const char *word, struct fault *fault)
{
	const char *equals = strchr(word, '=');
	uint64_t number = 0;

	if (equals != NULL &&
	    number_decode(&number, word, (size_t)(equals - word), m->trustees_len) == ST_OK &&
	    number > 0 &&
	    address_parse(&addresses[number - 1], equals + 1, strlen(equals + 1)) == ST_OK)
		return ST_OK;
	(void)fault_set(fault, ST_USAGE, "\"%s\" does not say where a node is", word);
	fault_why(fault, "It should be NUMBER=HOST:PORT, with a number from 1 to %u and the port that "
	          "the node's card would name.", m->trustees_len);
	return ST_USAGE;
}

static enum status open_port(struct port *port, const struct manifest *m, struct fault *fault)
{
	struct address addresses[LIMIT_TRUSTEES];
	enum status st;

	for (unsigned int i = 0; i < m->trustees_len; i++)
		addresses[i] = m->trustees[i].address;
	for (size_t i = 0; i < follow_opt.nodes.count; i++)
		if ((st = take_address(addresses, m, follow_opt.nodes.word[i], fault)) != ST_OK)
			return st;
	return port_reader(port, m, addresses, fault);
}

/* --- watching -------------------------------------------------------------------------------- */

static void hear(void *ctx, const struct evidence *e, const struct sighting *seen, uint32_t node,
                 const char *path, const struct fault *words)
{
	tell_evidence(((const struct copy *)ctx)->m, e, seen, node, path, words);
}

static enum status resume(struct copy *c, struct fault *fault)
{
	uint64_t said = clock_mono_ms();
	enum status st;

	while ((st = copy_resume(c, READ_BLOCKS, fault)) == ST_OK && !stop) {
		if (clock_mono_ms() < said + READ_SAY_MS)
			continue;
		said = clock_mono_ms();
		tell_reading(c, copy_height(c));
	}
	return st == ST_NOT_FOUND ? ST_OK : st == ST_OK ? ST_AGAIN : st;
}

static int exit_of(const struct follow_run *r, size_t kept)
{
	if (kept > 0 || r->view.evidence > 0)
		return CLI_NO;
	switch (r->end) {
	case FOLLOW_REACHED:
		return CLI_YES;
	case FOLLOW_STOPPED:
		return r->was_good && !follow_opt.once && !follow_opt.until_end ? CLI_YES : CLI_UNSURE;
	case FOLLOW_TIMED_OUT:
		return r->has_heard ? CLI_UNSURE : CLI_UNAVAILABLE;
	case FOLLOW_DEAD:
		break;
	}
	return CLI_UNSURE;
}

/* The archive, what was seen in the end, and the exit code. */
static int conclude(struct follow_run *r, struct fault *fault)
{
	char archive[LIMIT_PATH_BYTES];
	size_t kept = 0;
	enum status st = r->failed;
	int code;

	if (st != ST_OK) {
		(void)fault_set(fault, st, "following cannot go on: %s", status_text(st));
		fault_why(fault, "What was final stays in %s; nothing is lost.", r->copy->folder);
		fault_next(fault, st == ST_IO ? "Check the room on the disk, then start it again." :
		           "Start it again.");
		return cli_fault(fault);
	}
	if ((st = vault_count(r->vault, &kept)) != ST_OK ||
	    (st = copy_export(r->copy, archive)) != ST_OK) {
		(void)fault_set(fault, st, "%s cannot be written: %s", r->copy->folder, status_text(st));
		fault_next(fault, "Check the room on the disk; then: voter-follow export");
		return cli_fault(fault);
	}
	code = exit_of(r, kept);
	tell_end(r, code, archive, kept);
	return cli_done(code);
}

static int watch_nodes(struct copy *c, const struct vault *vault, const struct port *port,
                       struct fault *fault)
{
	const struct lookout_listener listener = { .ctx = c, .evidence = hear };
	struct follow_run r = { .port = port, .copy = c, .vault = vault };
	uint64_t interval = 1000 * follow_opt.interval_s;
	char heads[LIMIT_PATH_BYTES];
	int code;

	if (follow_opt.once && interval > ONCE_INTERVAL_MS)
		interval = ONCE_INTERVAL_MS;
	if (file_join(heads, sizeof(heads), c->folder, "heads") != ST_OK ||
	    lookout_new(&r.w, port, c, vault, heads, interval, &listener, fault) != ST_OK)
		return cli_fault(fault);
	follow_loop(&r, &stop);
	code = conclude(&r, fault);
	lookout_free(r.w);
	return code;
}

static int follow(const struct copy_source *from)
{
	struct fault fault = { 0 };
	struct port port = { .ctx = NULL };
	struct vault vault;
	struct copy c;
	int code;
	enum status st;

	if ((st = copy_open(&c, follow_opt.folder, from, &fault)) == ST_OK) {
		tell_begin(&c);
		if ((st = resume(&c, &fault)) == ST_AGAIN && stop) {
			copy_close(&c);
			return cli_done(CLI_UNSURE);
		}
	}
	if (st == ST_OK && (st = vault_open(&vault, c.folder, &fault)) == ST_OK)
		st = open_port(&port, c.m, &fault);
	if (st == ST_USAGE)
		code = cli_misuse(&fault);
	else if (st != ST_OK)
		code = cli_fault(&fault);
	else
		code = watch_nodes(&c, &vault, &port, &fault);
	if (port.ctx != NULL)
		port.close(port.ctx);
	copy_close(&c);
	return code;
}

int run_watch(void)
{
	struct copy_source from = { .archive = follow_opt.archive, .manifest = follow_opt.manifest };
	struct fault fault = { 0 };
	uint8_t print[32];

	if (follow_opt.once && follow_opt.until_end) {
		(void)fault_set(&fault, ST_USAGE, "--once and --until-end exclude each other");
		return cli_misuse(&fault);
	}
	if (office_fingerprint(print, follow_opt.fingerprint, &fault) != ST_OK)
		return cli_misuse(&fault);
	from.fingerprint = print;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	take_signals();
	return follow(&from);
}

/* --- export ---------------------------------------------------------------------------------- */

int run_export(void)
{
	char path[LIMIT_PATH_BYTES];
	struct fault fault = { 0 };
	struct store *s = NULL;
	uint8_t id[BLOCK_ID_BYTES];
	struct block_header tip;
	enum status st;

	if (file_join(path, sizeof(path), follow_opt.folder, "chain.db") != ST_OK)
		return cli_fault((fault_set(&fault, ST_LIMIT, "the folder's name is too long"), &fault));
	if ((st = store_open(&s, path, STORE_READ, &fault)) != ST_OK)
		return cli_fault(&fault);
	if ((st = store_tip(s, &tip, id)) == ST_OK)
		st = store_export_file(s, follow_opt.out, STORE_ALL, follow_opt.replace);
	store_close(s);
	if (st == ST_OK) {
		printf("archive=%s\nheight=%" PRIu64 "\n", follow_opt.out, tip.height);
		return cli_done(CLI_YES);
	}
	(void)fault_set(&fault, st, "%s cannot be written: %s", follow_opt.out, status_text(st));
	if (st == ST_EXISTS)
		fault_next(&fault, "Choose another name, or say --replace.");
	return cli_fault(&fault);
}

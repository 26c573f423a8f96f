/*
 * main.c: tally-signer, which holds a node's key and does nothing but sign.
 *
 * tally-server starts it and is the only one who can talk to it: through a socket pair that has no
 * name.  It links neither the network nor the store.  Once its log is open it can reach that log's
 * folder, the socket and standard error, and ask the kernel for little (sandbox.h).
 */
#include "common/base/cli.h"
#include "common/base/log.h"
#include "common/base/sandbox.h"
#include "common/base/writer.h"
#include "common/election/office.h"
#include "crypto/mem.h"
#include "tally-server/signer/program.h"
#include "tally-server/signer/serve.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct {
	const char *key;
	const char *passphrase_file;
	const char *memory;
	const char *log;
} opt;

struct secrets {
	struct sign_secret node;
	struct sign_secret checkpoint;
};

/* --- what it gives up ------------------------------------------------------------------------ */

static enum status set_limits(void)
{
	static const struct rlimit files = { 32, 32 }, processes = { 0, 0 };

	return setrlimit(RLIMIT_NOFILE, &files) == 0 &&
	       setrlimit(RLIMIT_NPROC, &processes) == 0 ? ST_OK : ST_DENIED;
}

/* The folder that the log of votes is in. */
static void find_folder(char out[static LIMIT_PATH_BYTES])
{
	const char *slash = strrchr(opt.log, '/');
	int len = slash == NULL ? 1 : slash == opt.log ? 1 : (int)(slash - opt.log);

	(void)snprintf(out, LIMIT_PATH_BYTES, "%.*s", len, slash == NULL ? "." : opt.log);
}

static enum status confine(void)
{
	char folder[LIMIT_PATH_BYTES];
	const char *write[] = { folder, NULL }, *none[] = { NULL };
	struct log_line line;
	enum status st;

	find_folder(folder);
	st = sandbox_folders(write, none);
	if (st == ST_NOT_FOUND) {
		log_begin(&line, LOG_LEVEL_WARN, "no-landlock");
		log_end(&line);
	} else if (st != ST_OK) {
		return st;
	}
	st = set_limits();
	return st == ST_OK ? sandbox_calls() : st;
}

/* --- the first word -------------------------------------------------------------------------- */

static enum status say_keys(const struct keyfile *k, struct secrets *secrets)
{
	uint8_t hello[TALK_HELLO_BYTES + 1 + SIGN_KEY_BYTES + sizeof(k->curve_secret)];
	uint8_t key[SIGN_KEY_BYTES];
	struct writer w;
	enum status st;

	sign_from_seed(&secrets->checkpoint, key, k->checkpoint_seed);
	sign_from_seed(&secrets->node, key, k->sign_seed);
	writer_init(&w, hello, sizeof(hello));
	writer_bytes(&w, TALK_HELLO, TALK_HELLO_BYTES);
	writer_u8(&w, ST_OK);
	writer_bytes(&w, key, sizeof(key));
	writer_bytes(&w, k->curve_secret, sizeof(k->curve_secret));
	st = talk_send(SIGNER_FD, hello, w.pos);
	mem_wipe(hello, sizeof(hello));
	return st;
}

static enum status say_fault(const struct fault *fault)
{
	uint8_t hello[TALK_HELLO_BYTES + 1 + 3 * (2 + FAULT_TEXT_BYTES)];
	struct writer w;

	writer_init(&w, hello, sizeof(hello));
	writer_bytes(&w, TALK_HELLO, TALK_HELLO_BYTES);
	writer_u8(&w, (uint8_t)fault->st);
	writer_vec16(&w, fault->what, strlen(fault->what));
	writer_vec16(&w, fault->why, strlen(fault->why));
	writer_vec16(&w, fault->next, strlen(fault->next));
	return talk_send(SIGNER_FD, hello, w.pos);
}

/* --- running --------------------------------------------------------------------------------- */

/* The node says when it is over, by closing; a terminal's signals are for the node. */
static void ignore_signals(void)
{
	static const int IGNORED[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT };
	struct sigaction a = { .sa_handler = SIG_IGN };

	(void)sigemptyset(&a.sa_mask);
	for (size_t i = 0; i < sizeof(IGNORED) / sizeof(IGNORED[0]); i++)
		(void)sigaction(IGNORED[i], &a, NULL);
}

/* The keys stay in guarded memory, the rest of the file is forgotten. */
static enum status take_keys(struct secrets **secrets)
{
	struct fault fault = { 0 };
	struct keyfile *k;
	enum status st = office_key(&k, opt.key, KEYFILE_NODE, opt.passphrase_file, &fault);

	*secrets = NULL;
	if (st != ST_OK)
		return say_fault(&fault) == ST_OK ? st : ST_IO;
	ignore_signals();
	*secrets = mem_secret_alloc(sizeof(**secrets));
	st = *secrets == NULL ? ST_NO_MEMORY : say_keys(k, *secrets);
	office_forget(k);
	return st;
}

static int run(void)
{
	struct serve_config cfg = { .log = opt.log, .memory = opt.memory, .confine = confine };
	struct secrets *secrets = NULL;
	struct serve *serve = NULL;
	enum status st;

	log_setup(SIGNER_PROGRAM, LOG_LEVEL_INFO, LOG_STAMP_MINUTE);
	if (fcntl(SIGNER_FD, F_GETFD) < 0) {
		struct fault fault = { 0 };

		(void)fault_set(&fault, ST_USAGE, "tally-signer is started by tally-server");
		fault_next(&fault, "Start the node: tally-server --config FILE");
		return cli_misuse(&fault);
	}
	/* Whatever else the node inherited is nothing to the signer. */
	if (close_range(SIGNER_FD + 1, UINT_MAX, 0) != 0)
		return CLI_OS;
	if ((st = take_keys(&secrets)) == ST_OK) {
		cfg.secret = &secrets->node;
		cfg.checkpoint = &secrets->checkpoint;
		if ((st = serve_new(&serve, &cfg)) == ST_OK)
			st = serve_run(serve, SIGNER_FD);
	}
	serve_free(serve);
	mem_secret_free(secrets);
	return cli_exit_code(st);
}

int main(int argc, char **argv)
{
	static const struct cli_option RUN[] = {
		{ "key", 'k', CLI_TEXT, &opt.key, "FILE", "the sealed key file of the node", 0, 0,
		  true },
		{ "passphrase-file", 'p', CLI_TEXT, &opt.passphrase_file, "FILE",
		  "a file whose one line is the passphrase (else you are asked)", 0, 0, false },
		{ "memory", 'm', CLI_TEXT, &opt.memory, "FILE",
		  "where it notes in which elections the key was used", 0, 0, true },
		{ "log", 'l', CLI_TEXT, &opt.log, "FILE", "the log of votes", 0, 0, true },
		{ NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0, false }
	};
	static const struct cli_command COMMANDS[] = {
		{ "run", "answer the node that started it", NULL, RUN, NULL, run },
		{ NULL, NULL, NULL, NULL, NULL, NULL }
	};
	static const struct cli_program program = {
		.name = SIGNER_PROGRAM, .commands = COMMANDS, .otherwise = "run",
		.summary = "Holds a node's signing key and its record of votes.  tally-server "
		           "starts it.",
	};

	if (sandbox_start() != ST_OK || crypto_init() != ST_OK)
		return CLI_OS;
	return cli_main(&program, argc, argv);
}

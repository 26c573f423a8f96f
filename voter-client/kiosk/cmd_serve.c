/*
 * cmd_serve.c: serve and keygen.
 */
#include "voter-client/kiosk/kiosk.h"

#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/election/office.h"
#include "common/wire/pubfile.h"
#include "voter-client/kiosk/face_full.h"
#include "voter-client/kiosk/guard.h"
#include "voter-client/kiosk/kiosk_conf.h"
#include "voter-client/kiosk/run.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

volatile sig_atomic_t kiosk_stop;

static void on_signal(int number)
{
	(void)number;
	kiosk_stop = 1;
}

/* Nothing that a keyboard can send leads out to a shell. */
void kiosk_signals(void)
{
	static const int stopping[] = { SIGTERM, SIGINT, SIGHUP };
	static const int ignored[] = { SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };
	struct sigaction sa = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++)
		(void)sigaction(stopping[i], &sa, NULL);
	sa.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)sigaction(ignored[i], &sa, NULL);
}

/* --- serve ----------------------------------------------------------------------------------- */

static enum status open_face(struct face *face, struct fault *fault)
{
	enum status st = kiosk_opt.plain ? plain_open(face, STDIN_FILENO, STDOUT_FILENO) :
	                 face_full_open(face);

	if (st == ST_OK)
		return st;
	(void)fault_set(fault, st, "the screen cannot be used: %s", status_text(st));
	fault_next(fault, "Start it on a terminal of at least 40 columns and 12 rows, or with "
	           "--plain.");
	return st;
}

/* A log line in the middle of a full screen would be seen by the voter. */
static void keep_logs_off_the_screen(void)
{
	int fd;

	if (kiosk_opt.plain || isatty(STDERR_FILENO) != 1)
		return;
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		log_to(fd);
}

static enum status serve(const struct kiosk *k, const struct port *port, enum run_end *end,
                         struct fault *fault)
{
	struct face face;
	struct booth_config c = { .session = k->session, .key = k->key, .spool = k->spool,
	                          .receipts = k->receipts, .slips = k->slips, .port = port,
	                          .face = &face };
	const struct run_options o = { .once = kiosk_opt.once, .stop = &kiosk_stop };
	struct booth *b = NULL;
	enum status st = open_face(&face, fault);

	if (st != ST_OK)
		return st;
	keep_logs_off_the_screen();
	if ((st = booth_new(&b, &c, fault)) == ST_OK) {
		*end = run_kiosk(b, &face, port, &o);
		booth_free(b);
	}
	face.end(face.ctx);
	return st;
}

static int serve_voters(void)
{
	struct fault fault = { 0 };
	struct port port = { .close = NULL };
	enum run_end end = RUN_STOPPED;
	struct kiosk k;
	enum status st;

	kiosk_signals();
	if ((st = kiosk_load(&k, kiosk_opt.config, &fault)) == ST_OK &&
	    (st = port_kiosk(&port, k.manifest, k.key->curve_secret, &fault)) == ST_OK) {
		st = serve(&k, &port, &end, &fault);
		port.close(port.ctx);
	}
	kiosk_unload(&k);
	if (st != ST_OK)
		return cli_fault(&fault);
	switch (end) {
	case RUN_STOPPED:
		break;
	case RUN_CLOSED:
		return CLI_UNAVAILABLE;
	case RUN_LEFT:
		return CLI_DATA;
	}
	return CLI_YES;
}

int run_serve(void)
{
	int exit_code = CLI_OS;

	/* Before anything is secret: who cleans the screen if we cannot. */
	if (!kiosk_opt.plain && !guard_is_child(&exit_code))
		return exit_code;
	return serve_voters();
}

/* --- keygen ---------------------------------------------------------------------------------- */

static enum status write_public(const struct keyfile *key, const char *path, struct fault *fault)
{
	char text[PUBFILE_TEXT_MAX];
	struct pubfile p;
	size_t len;
	enum status st;

	if ((st = pubfile_of(&p, key)) != ST_OK ||
	    (st = pubfile_format(&p, text, sizeof(text), &len)) != ST_OK)
		return fault_set(fault, st, "the public keys cannot be written: %s", status_text(st));
	return office_write(path, text, len, fault);
}

int run_keygen(void)
{
	char secret_path[LIMIT_PATH_BYTES], public_path[LIMIT_PATH_BYTES];
	struct fault fault = { 0 };
	struct keyfile *key = NULL;
	enum status st = file_make_folder(kiosk_opt.out, FILE_PRIVATE);

	if (st != ST_OK && st != ST_EXISTS) {
		(void)fault_set(&fault, st, "the folder %s cannot be made: %s", kiosk_opt.out,
		                status_text(st));
		return cli_fault(&fault);
	}
	if (file_join(secret_path, sizeof(secret_path), kiosk_opt.out, "kiosk.key") != ST_OK ||
	    file_join(public_path, sizeof(public_path), kiosk_opt.out, "kiosk.pub") != ST_OK) {
		(void)fault_set(&fault, ST_LIMIT, "the folder's name is too long");
		return cli_fault(&fault);
	}
	if ((st = office_new_pair(&key, secret_path, public_path, KEYFILE_KIOSK,
	                          kiosk_opt.passphrase_file, &fault)) == ST_OK) {
		crash_point("keygen-key");
		st = write_public(key, public_path, &fault);
	}
	office_forget(key);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("key=%s\npublic=%s\nNext: give %s to the election officer, who registers this kiosk "
	       "under a number (tally-officer device).\n", secret_path, public_path, public_path);
	return cli_done(CLI_YES);
}

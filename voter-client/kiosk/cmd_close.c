/*
 * cmd_close.c: close and tests: what a kiosk does after the close.
 */
#include "voter-client/kiosk/kiosk.h"

#include "common/base/clock.h"
#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/base/hex.h"
#include "common/election/office.h"
#include "crypto/mem.h"
#include "voter-client/kiosk/closing.h"
#include "voter-client/kiosk/kiosk_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEAT_MS = 50 };

static struct booth_config config_of(const struct kiosk *k, const struct port *port)
{
	return (struct booth_config){ .session = k->session, .key = k->key, .spool = k->spool,
	                              .receipts = k->receipts, .slips = k->slips, .port = port };
}

static enum closing_state drive(struct booth *b, struct closing *c, const struct port *port)
{
	uint64_t until = clock_mono_ms() + kiosk_opt.wait_s * 1000;
	enum closing_state state = CLOSING_WAITS;
	struct client_event ev;

	while (kiosk_stop == 0 && clock_mono_ms() < until) {
		int timeout = chainview_has_work(chainlink_view(booth_link(b))) ? 0 : BEAT_MS;

		booth_tick(b, clock_mono_ms());
		state = closing_step(c, clock_mono_ms());
		if (state == CLOSING_DONE || state == CLOSING_LATE)
			break;
		while (port->poll(port->ctx, &ev, timeout) == ST_OK) {
			booth_answer(b, &ev, clock_mono_ms());
			timeout = 0;
		}
	}
	return state;
}

static enum status write_list(const struct kiosk *k, struct booth *b, struct fault *fault)
{
	char name[32], path[LIMIT_PATH_BYTES];
	char *text = NULL;
	size_t len;
	enum status st = closing_list(&text, &len, booth_spool(b));

	(void)snprintf(name, sizeof(name), "closing-%u.txt", k->session.kiosk);
	if (st == ST_OK && (st = file_join(path, sizeof(path), k->receipts, name)) == ST_OK)
		st = file_write(path, text, len, FILE_REPLACE, FILE_PUBLIC);
	free(text);
	if (st != ST_OK)
		return fault_set(fault, st, "the closing list cannot be written: %s", status_text(st));
	printf("list=%s\n", path);
	return ST_OK;
}

static int tell(const struct kiosk *k, struct booth *b, enum closing_state state,
                struct fault *fault)
{
	struct closing_account a;
	char root[65];
	enum status st = closing_account(&a, booth_spool(b));

	crash_point("closing-done");
	if (st == ST_OK && state == CLOSING_DONE && (st = write_list(k, b, fault)) != ST_OK)
		return cli_fault(fault);
	hex_encode(root, a.root, sizeof(a.root));
	printf("cast=%u\ntested=%u\nvoid=%u\nwaiting=%u\n", a.cast, a.tested, a.voided,
	       booth_pending(b));
	if (state == CLOSING_DONE) {
		printf("root=%s\nclosing=done\n", root);
		return cli_done(CLI_YES);
	}
	(void)fault_set(fault, ST_AGAIN, state == CLOSING_WAITS ?
	                "the election is not closed yet, or the nodes do not answer" :
	                state == CLOSING_LATE ? "the election ended before everything was published" :
	                "not everything is on the chain yet");
	fault_why(fault, "The tests and the closing of this kiosk belong on the chain before the "
	          "election ends.");
	fault_next(fault, state == CLOSING_LATE ?
	           "Tell the election officer: it will show as an incident, and stops nothing." :
	           "Run it again: voter-client close --config %s", kiosk_opt.config);
	return cli_fault(fault);
}

static int close_with(const struct kiosk *k, const struct port *port, struct fault *fault)
{
	const struct booth_config config = config_of(k, port);
	struct closing *c = NULL;
	struct booth *b = NULL;
	enum status st;
	int code;

	if ((st = booth_new(&b, &config, fault)) != ST_OK)
		return cli_fault(fault);
	if ((st = closing_new(&c, b, k->key)) != ST_OK) {
		(void)fault_set(fault, st, "the closing cannot be made: %s", status_text(st));
		code = cli_fault(fault);
	} else {
		code = tell(k, b, drive(b, c, port), fault);
	}
	closing_free(c);
	booth_free(b);
	return code;
}

int run_close(void)
{
	struct fault fault = { 0 };
	struct port port;
	struct kiosk k;
	int code;

	kiosk_signals();
	if (kiosk_load(&k, kiosk_opt.config, &fault) != ST_OK ||
	    port_kiosk(&port, k.manifest, k.key->curve_secret, &fault) != ST_OK) {
		kiosk_unload(&k);
		return cli_fault(&fault);
	}
	code = close_with(&k, &port, &fault);
	port.close(port.ctx);
	kiosk_unload(&k);
	return code;
}

/* --- tests as files -------------------------------------------------------------------------- */

static enum status write_tests(struct spool *spool, uint32_t *written, struct fault *fault)
{
	char name[32], path[LIMIT_PATH_BYTES];
	uint32_t *order = NULL, len = 0;
	enum status st = closing_tests(&order, &len, spool);

	for (uint32_t i = 0; st == ST_OK && i < len; i++) {
		const struct spool_record *r = spool_at(spool, order[i]);

		(void)snprintf(name, sizeof(name), "test-%05u.tx", i + 1);
		if ((st = file_join(path, sizeof(path), kiosk_opt.out, name)) == ST_OK)
			st = office_write(path, r->bytes, r->bytes_len, fault);
	}
	free(order);
	*written = len;
	return st;
}

int run_tests(void)
{
	struct fault fault = { 0 };
	struct spool_owner owner;
	struct spool *spool = NULL;
	uint32_t written = 0;
	struct kiosk k;
	enum status st = kiosk_load(&k, kiosk_opt.config, &fault);

	if (st == ST_OK) {
		memcpy(owner.election_id, k.manifest->election_id, sizeof(owner.election_id));
		owner.kiosk = k.session.kiosk;
		spool_key(owner.key, k.key->device_secret, owner.election_id);
		st = spool_open(&spool, k.spool, &owner, &fault);
		mem_wipe(&owner, sizeof(owner));
	}
	if (st == ST_OK) {
		st = file_make_folder(kiosk_opt.out, FILE_PUBLIC);
		st = st == ST_EXISTS ? ST_OK : st;
		if (st != ST_OK)
			(void)fault_set(&fault, st, "the folder %s cannot be made", kiosk_opt.out);
	}
	if (st == ST_OK)
		st = write_tests(spool, &written, &fault);
	spool_close(spool);
	kiosk_unload(&k);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("tests=%u\n", written);
	return cli_done(CLI_YES);
}

/*
 * cast.c: voters for tests of whole elections: many ballots, made beforehand, sent as kiosks do.
 *
 *	cast keygen SECRET PUB                       a kiosk's keys; PUB goes to the officer
 *	cast make ARCHIVE SECRET FOLDER CARD...      a ballot for each card: option 0, 1, 2, ...
 *	cast send ARCHIVE SECRET NODE FLIGHT FILE... to one node (0..), at most FLIGHT under way
 *	cast receipts ARCHIVE SECRET NODE FILE...    is every ballot final?  Receipts are checked.
 *	cast vote ARCHIVE SECRET NODE FLIGHT FILE... sent, promised, and then its receipt: one time
 *	cast keep ARCHIVE SECRET NODE FLIGHT FILE... the same; FILE.promise is made when it is
 *	                                             promised, FILE.receipt when there is one
 *
 * `send`, `receipts` and `vote` print figures: key=value, times in microseconds.
 *
 * Invariant: exit 0 only if every ballot was promised, or has a receipt that holds.
 */
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/election/audit.h"
#include "common/election/ballot.h"
#include "common/election/credential.h"
#include "common/ledger/receipt.h"
#include "common/net/client.h"
#include "common/wire/message.h"
#include "common/wire/pubfile.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 100000, FLIGHT_MAX = 60, ASK_TIMEOUT_MS = 60000 };

static void die(const char *what, enum status st)
{
	(void)fprintf(stderr, "cast: %s: %s\n", what, status_text(st));
	exit(1);
}

static void need(enum status st, const char *what)
{
	if (st != ST_OK)
		die(what, st);
}

/* --- the election ---------------------------------------------------------------------------- */

static struct audit audit;

static void open_archive(const char *path)
{
	const struct audit_options options = { 0 };
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		die(path, ST_NOT_FOUND);
	need(audit_run(&audit, f, &options), path);
	(void)fclose(f);
	if (audit.verdict == AUDIT_PROBLEM)
		die(path, audit.failed_st);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void read_secret(struct keyfile *k, const char *path)
{
	size_t len;

	memset(k, 0, sizeof(*k));
	need(file_read_into(path, k, &len, sizeof(*k)), path);
}

static int keygen(const char *secret, const char *pub)
{
	struct keyfile k;
	struct pubfile p;
	char text[PUBFILE_TEXT_MAX];
	size_t len;

	keyfile_generate(&k, KEYFILE_KIOSK, NULL);
	need(pubfile_of(&p, &k), "public keys");
	need(pubfile_format(&p, text, sizeof(text), &len), "public keys");
	need(file_write(secret, &k, sizeof(k), FILE_NEW, FILE_PRIVATE), secret);
	need(file_write(pub, text, len, FILE_NEW, FILE_PUBLIC), pub);
	return 0;
}

/* --- ballots --------------------------------------------------------------------------------- */

/* The voting code stands on the card in a line of its own, behind four spaces. */
static void read_card(struct credential *out, const char *path)
{
	struct credential_code code;
	uint8_t *text;
	const char *line;
	size_t len, wrong;

	need(file_read(path, &text, &len, 4096), path);
	line = strstr((char *)text, "\n    ");
	if (line == NULL)
		die(path, ST_FORMAT);
	line += 5;
	need(credential_code_parse(&code, &wrong, line, strcspn(line, "\n")), path);
	need(credential_derive(out, audit.manifest->suite, audit.manifest->election_id, &code), path);
	free(text);
}

static uint16_t style_of(const struct credential *c)
{
	const struct roll *roll = election_roll(audit.election);
	uint32_t voter = roll_find(roll, c->key_bytes);
	struct roll_entry entry;

	if (voter == ROLL_NONE)
		die("a card", ST_ROLL);
	roll_at(roll, voter, &entry);
	return entry.style;
}

/* One option in every contest: the nth, counting round. */
static void choose(uint32_t *selections, uint16_t style, size_t nth)
{
	const struct manifest *m = audit.manifest;
	const struct manifest_style *s = &m->styles[style];

	for (uint16_t i = 0; i < s->contests_len; i++) {
		const struct manifest_style_contest *sc = &s->contests[i];
		const struct manifest_contest *c = &m->contests[sc->contest];

		selections[sc->first + (size_t)c->blank + nth % c->options_len] = 1;
	}
}

static void make_one(const struct ballot_setup *setup, const struct keyfile *k, const char *card,
                     const char *out, size_t nth)
{
	uint32_t selections[LIMIT_BALLOT_CIPHERTEXTS] = { 0 };
	uint8_t blinding[32], device[32];
	struct credential credential;
	struct ballot_locked *locked;
	struct ballot_intent intent = {
		.credential = &credential, .blinding = blinding, .device = device,
		.device_secret = k->device_secret, .device_secret_len = sizeof(k->device_secret),
	};

	read_card(&credential, card);
	intent.style = style_of(&credential);
	rng_bytes(blinding, sizeof(blinding));
	rng_bytes(device, sizeof(device));
	choose(selections, intent.style, nth);
	need(ballot_lock(&locked, setup, &intent, selections,
	                 audit.manifest->styles[intent.style].ciphertexts_len), "a ballot");
	need(ballot_cast(locked, setup, &intent), "a ballot");
	need(file_write(out, locked->wire, locked->wire_len, FILE_NEW, FILE_PUBLIC), out);
	ballot_locked_free(locked);
	credential_wipe(&credential);
}

static int make(const char *secret, const char *folder, char **cards, size_t count)
{
	const struct election_params *p = election_params(audit.election);
	struct ballot_setup *setup;
	struct keyfile k;
	char out[LIMIT_PATH_BYTES];

	if (!p->has_key)
		die("the election", ST_PHASE);
	read_secret(&k, secret);
	need(ballot_setup_new(&setup, audit.manifest, &p->y, 8), "the key");
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(out, sizeof(out), "%s/%06zu.tx", folder, i + 1);
		make_one(setup, &k, cards[i], out, i);
	}
	ballot_setup_free(setup);
	params_unref(p);
	return 0;
}

/* --- asking ---------------------------------------------------------------------------------- */

struct ballot_file {
	const char *path;
	uint8_t *wire;
	size_t len;
	uint8_t id[32];
	uint8_t tracker[32];
	enum message_kind kind;   /* what it is asked for now */
	uint64_t request;
	uint64_t asked_us;
	uint64_t took_us;
	bool busy, done;
};

static bool keeps;
static struct ballot_file *ballots;
static size_t ballots_len;
static struct client *client;
static uint32_t node;
static uint32_t slot;

static void load(char **files, size_t count)
{
	struct tx tx;
	struct ballot b;

	ballots = calloc(count, sizeof(*ballots));
	if (ballots == NULL || count > FILES_MAX)
		die("ballots", ST_LIMIT);
	ballots_len = count;
	for (size_t i = 0; i < count; i++) {
		ballots[i].path = files[i];
		need(file_read(files[i], &ballots[i].wire, &ballots[i].len, LIMIT_TX_BYTES), files[i]);
		need(tx_decode(&tx, ballots[i].wire, ballots[i].len), files[i]);
		need(ballot_decode(&b, audit.manifest, &tx), files[i]);
		memcpy(ballots[i].id, b.id, sizeof(b.id));
		memcpy(ballots[i].tracker, b.body.tracker, sizeof(b.body.tracker));
	}
}

static void connect_to(const char *secret, const char *number)
{
	struct keyfile k;

	node = (uint32_t)strtoul(number, NULL, 10);
	if (node >= audit.manifest->trustees_len)
		die(number, ST_USAGE);
	read_secret(&k, secret);
	need(client_open(&client, k.curve_secret), "network");
	need(client_add(client, &slot, CLIENT_KIOSK, &audit.manifest->trustees[node].address,
	                audit.manifest->trustees[node].curve_key), "network");
}

static void ask(struct ballot_file *b)
{
	const struct message_request req = {
		.kind = b->kind, .tx = b->wire, .tx_len = b->len, .tracker = b->tracker,
	};
	static uint8_t bytes[LIMIT_REQUEST];
	size_t len;

	need(message_request_encode(&req, bytes, sizeof(bytes), &len), "request");
	need(client_ask(client, &b->request, slot, bytes, len, ASK_TIMEOUT_MS), "request");
	b->busy = true;
}

static void check_promise(const struct ballot_file *b, const struct promise *p)
{
	uint8_t body[PROMISE_BODY_BYTES];
	const struct message m = {
		.purpose = "promise", .group = audit.manifest->suite,
		.election_id = audit.manifest->election_id, .body = body, .body_len = sizeof(body),
	};

	promise_body(body, p);
	if (p->node != node || memcmp(p->tx_id, b->id, sizeof(b->id)) != 0)
		die("promise", ST_SIGNATURE);
	need(sign_verify(audit.manifest->trustees[node].node_key, p->sig, &m), "promise");
}

static void check_receipt(const struct ballot_file *b, const uint8_t *bytes, size_t len)
{
	struct committee committee;
	struct receipt r;

	need(audit_committee(&committee, audit.manifest), "committee");
	need(receipt_decode(&r, bytes, len), "receipt");
	if (memcmp(r.tracker, b->tracker, sizeof(b->tracker)) != 0)
		die("receipt", ST_TRACKER);
	need(receipt_check(&r, &committee), "receipt");
}

/* What the node gave: on the disk before anybody counts on it. */
static void keep(const struct ballot_file *b, const char *what, const void *bytes, size_t len)
{
	char path[LIMIT_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s.%s", b->path, what);
	need(file_write(path, bytes, len, FILE_REPLACE, FILE_PUBLIC), path);
}

/* false: ask, again or for what comes next. */
static bool settle(struct ballot_file *b, const struct client_event *ev, enum message_kind last)
{
	const enum message_kind kind = b->kind;
	struct message_response r;

	b->busy = false;
	if (ev->kind == CLIENT_BUSY)
		return false;
	if (ev->kind != CLIENT_ANSWER)
		die("no answer", ST_TIMEOUT);
	need(message_response_decode(&r, ev->bytes, ev->len), "answer");
	if (r.answer == ANSWER_NOT_YET || (r.answer == ANSWER_REFUSED && r.status == ST_AGAIN) ||
	    (r.answer == ANSWER_REFUSED && r.status == ST_NOT_FOUND && kind == MESSAGE_RECEIPT))
		return false;
	if (r.answer != ANSWER_OK) {
		(void)fprintf(stderr, "cast: refused: %.*s\n", (int)r.text_len, r.text);
		exit(1);
	}
	if (kind == MESSAGE_SUBMIT)
		check_promise(b, &r.promise);
	else
		check_receipt(b, r.bytes, r.bytes_len);
	if (keeps && kind == MESSAGE_SUBMIT)
		keep(b, "promise", r.promise.sig, sizeof(r.promise.sig));
	else if (keeps)
		keep(b, "receipt", r.bytes, r.bytes_len);
	if (kind != last) {
		b->kind = last;
		return false;
	}
	b->took_us = clock_mono_us() - b->asked_us;
	b->done = true;
	return true;
}

static struct ballot_file *of_request(uint64_t request)
{
	for (size_t i = 0; i < ballots_len; i++)
		if (ballots[i].busy && ballots[i].request == request)
			return &ballots[i];
	return NULL;
}

/* --- figures --------------------------------------------------------------------------------- */

static int compare_times(const void *a, const void *b)
{
	const struct ballot_file *x = a, *y = b;

	return x->took_us < y->took_us ? -1 : x->took_us > y->took_us;
}

/* begun and ended are of one clock for all processes of the machine. */
static void print_figures(const char *what, uint64_t begun_us, uint64_t ended_us)
{
	const uint64_t total_us = ended_us - begun_us;

	qsort(ballots, ballots_len, sizeof(*ballots), compare_times);
	printf("what=%s ballots=%zu total_us=%" PRIu64 " per_s=%" PRIu64 " p50_us=%" PRIu64
	       " p99_us=%" PRIu64 " max_us=%" PRIu64 " begun_us=%" PRIu64 " ended_us=%" PRIu64 "\n",
	       what, ballots_len, total_us, (uint64_t)ballots_len * 1000000 / (total_us + 1),
	       ballots[ballots_len / 2].took_us, ballots[ballots_len * 99 / 100].took_us,
	       ballots[ballots_len - 1].took_us, begun_us, ended_us);
}

static int run(const char *what, enum message_kind first, enum message_kind last, size_t flight)
{
	uint64_t begun = clock_mono_us();
	size_t next = 0, busy = 0, done = 0;
	enum message_kind kind;
	struct client_event ev;

	while (done < ballots_len) {
		while (busy < flight && next < ballots_len) {
			ballots[next].asked_us = clock_mono_us();
			ballots[next].kind = first;
			ask(&ballots[next++]);
			busy++;
		}
		if (client_poll(client, &ev, 1000) != ST_OK)
			continue;
		if (ev.kind != CLIENT_READABLE) {
			struct ballot_file *b = of_request(ev.request);

			if (b == NULL)
				continue;
			kind = b->kind;
			if (settle(b, &ev, last)) {
				done++;
				busy--;
			} else {
				if (b->kind == kind)
					(void)usleep(10000);
				ask(b);
			}
		}
	}
	print_figures(what, begun, clock_mono_us());
	client_close(client);
	return 0;
}

int main(int argc, char **argv)
{
	need(crypto_init(), "crypto");
	if (argc == 4 && strcmp(argv[1], "keygen") == 0)
		return keygen(argv[2], argv[3]);
	if (argc < 5)
		die("usage", ST_USAGE);
	open_archive(argv[2]);
	if (strcmp(argv[1], "make") == 0)
		return make(argv[3], argv[4], argv + 5, (size_t)argc - 5);
	connect_to(argv[3], argv[4]);
	keeps = strcmp(argv[1], "keep") == 0;
	if (argc > 6 && (keeps || strcmp(argv[1], "send") == 0 || strcmp(argv[1], "vote") == 0)) {
		size_t flight = strtoul(argv[5], NULL, 10);

		flight = flight < FLIGHT_MAX ? flight : FLIGHT_MAX;
		load(argv + 6, (size_t)argc - 6);
		if (strcmp(argv[1], "send") != 0)
			return run("votes", MESSAGE_SUBMIT, MESSAGE_RECEIPT, flight);
		return run("promises", MESSAGE_SUBMIT, MESSAGE_SUBMIT, flight);
	}
	if (strcmp(argv[1], "receipts") == 0 && argc > 5) {
		load(argv + 5, (size_t)argc - 5);
		return run("receipts", MESSAGE_RECEIPT, MESSAGE_RECEIPT, FLIGHT_MAX);
	}
	die("usage", ST_USAGE);
}

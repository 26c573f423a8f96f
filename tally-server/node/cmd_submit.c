/*
 * cmd_submit.c: tally-server submit: transactions from files to the running node.
 *
 * Invariant: "final" is said of a transaction only when it stood in a block at or below a head
 * that q nodes certified.
 */
#include "tally-server/node/commands.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/base/hex.h"
#include "common/election/office.h"
#include "common/ledger/receipt.h"
#include "tally-server/node/facts.h"
#include "tally-server/node/own.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SUBMIT_TIMEOUT_MS = 30000,
	ASK_TIMEOUT_MS = 5000,
	LOOK_EVERY_MS = 100,
	LOOK_BACK_MS = 3000           /* not found by then: it may have been there before */
};

struct item {
	const char *file;
	uint8_t id[TX_ID_BYTES];
	bool promised;
	uint64_t height;              /* where it is final; 0: not yet */
};

struct job {
	struct own own;
	struct item *items;
	size_t len;
	size_t refused, final;
	uint64_t next;                /* height to look at */
};

/* --- promises -------------------------------------------------------------------------------- */

static enum status check_promise(const struct job *j, const struct promise *p,
                                 const uint8_t id[static TX_ID_BYTES])
{
	uint8_t body[PROMISE_BODY_BYTES];
	const struct message m = {
		.purpose = "promise", .group = j->own.manifest->suite,
		.election_id = j->own.manifest->election_id, .body = body, .body_len = sizeof(body),
	};

	promise_body(body, p);
	if (p->node != j->own.index || memcmp(p->tx_id, id, sizeof(p->tx_id)) != 0)
		return ST_SIGNATURE;
	return sign_verify(j->own.committee.node_key[p->node], p->sig, &m);
}

static void print_item(const struct item *it, const char *what)
{
	char hex[2 * TX_ID_BYTES + 1];

	hex_encode(hex, it->id, sizeof(it->id));
	printf("%s=%s file=%s", what, hex, it->file);
}

static enum status submit_one(struct job *j, struct item *it, const uint8_t *wire, size_t len,
                              struct fault *fault)
{
	const struct message_request req = { .kind = MESSAGE_SUBMIT, .tx = wire, .tx_len = len };
	struct message_response r;
	struct facts f;
	enum status st = facts_of(&f, j->own.manifest, wire, len);

	if (st != ST_OK) {
		(void)fault_set(fault, st, "%s is no transaction of this election", it->file);
		fault_next(fault, "Name a file that a Kalpis tool made for the chain.");
		return st;
	}
	memcpy(it->id, f.id, sizeof(it->id));
	if ((st = own_ask(&j->own, &r, &req, SUBMIT_TIMEOUT_MS, fault)) != ST_OK)
		return st;
	if (r.answer == ANSWER_OK && check_promise(j, &r.promise, it->id) != ST_OK)
		return fault_set(fault, ST_SIGNATURE, "the promise for %s is not this node's",
		                 it->file);
	crash_point("submit-answered");
	it->promised = r.answer == ANSWER_OK;
	if (it->promised) {
		print_item(it, "promised");
		printf("\n");
		return ST_OK;
	}
	j->refused++;
	print_item(it, "refused");
	printf(" why=%s text=%.*s\n",
	       status_name(r.answer == ANSWER_REFUSED ? r.status : ST_AGAIN), (int)r.text_len,
	       r.text_len > 0 ? r.text : "");
	return ST_OK;
}

static enum status submit_all(struct job *j, struct fault *fault)
{
	enum status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < j->len; i++) {
		uint8_t *wire;
		size_t len;

		j->items[i].file = opt.files.word[i];
		st = office_read(&wire, &len, opt.files.word[i], LIMIT_TX_BYTES, fault);
		if (st != ST_OK)
			break;
		st = submit_one(j, &j->items[i], wire, len, fault);
		free(wire);
		(void)fflush(stdout);
	}
	return st;
}

/* --- finality -------------------------------------------------------------------------------- */

static void found(struct job *j, const uint8_t id[static TX_ID_BYTES], uint64_t height)
{
	for (size_t i = 0; i < j->len; i++) {
		struct item *it = &j->items[i];

		if (!it->promised || it->height != 0 || memcmp(it->id, id, TX_ID_BYTES) != 0)
			continue;
		it->height = height;
		j->final++;
		print_item(it, "final");
		printf(" height=%" PRIu64 "\n", height);
		(void)fflush(stdout);
	}
}

static enum status look_at_block(struct job *j, const uint8_t *bytes, size_t len)
{
	struct block_header h;
	struct facts f;
	struct reader r;
	const uint8_t *item;
	size_t item_len;
	enum status st;

	reader_init(&r, bytes, len);
	if ((st = block_header_read(&r, &h)) != ST_OK ||
	    (st = block_body_check(&h, r.buf + r.pos, reader_left(&r))) != ST_OK)
		return st;
	while (h.height > 0 && block_item_next(&r, &item, &item_len) == ST_OK)
		if (facts_of(&f, j->own.manifest, item, item_len) == ST_OK)
			found(j, f.id, h.height);
	return h.height == j->next ? ST_OK : ST_PARENT;
}

/* Blocks from j->next on, as many as come at once.  *none: there is none yet. */
static enum status look(struct job *j, bool *none, struct fault *fault)
{
	const struct message_request req = {
		.kind = MESSAGE_BLOCKS, .from_height = j->next, .max_bytes = MESSAGE_BLOCKS_BYTES,
	};
	struct certified_head head;
	struct message_response r;
	struct reader in;
	const uint8_t *bytes;
	size_t len;
	enum status st = own_ask(&j->own, &r, &req, ASK_TIMEOUT_MS, fault);

	if (st != ST_OK)
		return st;
	*none = r.answer != ANSWER_OK || r.blocks == 0;
	if (*none)
		return ST_OK;
	reader_init(&in, r.bytes, r.bytes_len);
	for (uint32_t i = 0; st == ST_OK && i < r.blocks; i++) {
		st = reader_vec32(&in, &bytes, &len, BLOCK_HEADER_BYTES + BLOCK_BODY_BYTES_MAX);
		if (st == ST_OK && (st = look_at_block(j, bytes, len)) == ST_OK)
			j->next++;
	}
	if (st == ST_OK && (st = certified_head_read(&in, &head)) == ST_OK &&
	    (st = certified_head_check(&head, &j->own.committee)) == ST_OK &&
	    head.header.height + 1 < j->next)
		st = ST_CERTIFICATE;
	return st == ST_OK ? ST_OK : fault_set(fault, st, "the node's blocks do not hold: %s",
	                                       status_text(st));
}

/* The height to look from: everything before was final before anything was submitted. */
static enum status note_tip(struct job *j, struct fault *fault)
{
	const struct message_request req = { .kind = MESSAGE_STATUS };
	struct message_response r;
	enum status st = own_ask(&j->own, &r, &req, ASK_TIMEOUT_MS, fault);

	if (st == ST_OK && r.answer == ANSWER_OK)
		j->next = r.node.height + 1;
	return st;
}

static enum status wait_final(struct job *j, struct fault *fault)
{
	uint64_t begun = clock_mono_ms();
	bool none = false, looked_back = false;
	enum status st = ST_OK;

	while (j->final + j->refused < j->len) {
		uint64_t waited = clock_mono_ms() - begun;

		if (none && waited > opt.wait_s * 1000)
			return ST_TIMEOUT;
		if (none && !looked_back && waited > LOOK_BACK_MS) {
			looked_back = true;
			j->next = 1;
		} else if (none) {
			(void)usleep(LOOK_EVERY_MS * 1000);
		}
		if ((st = look(j, &none, fault)) != ST_OK)
			return st;
	}
	return ST_OK;
}

/* --- all of it ------------------------------------------------------------------------------- */

static enum status connect_own(struct job *j, struct fault *fault)
{
	struct keyfile *key;
	enum status st = own_settings(&j->own, opt.config, fault);

	if (st != ST_OK)
		return st;
	st = office_key(&key, j->own.set.key, KEYFILE_NODE,
	                opt.passphrase_file != NULL ? opt.passphrase_file
	                                            : j->own.set.passphrase_file, fault);
	if (st != ST_OK)
		return st;
	st = own_connect(&j->own, key, fault);
	office_forget(key);
	return st;
}

static int tell(const struct job *j, enum status st, const struct fault *fault, bool waiting)
{
	if (st == ST_TIMEOUT && waiting) {
		printf("waiting=%zu\n", j->len - j->final - j->refused);
		return cli_done(CLI_TEMPORARY);
	}
	if (st != ST_OK) {
		int code = cli_fault(fault);

		return st == ST_TIMEOUT || st == ST_AGAIN ? CLI_UNAVAILABLE : code;
	}
	return cli_done(j->refused == 0 ? CLI_YES : CLI_NO);
}

int run_submit(void)
{
	struct job j = { .len = opt.files.count };
	struct fault fault = { 0 };
	bool waiting = false;
	enum status st;
	int code;

	j.items = alloc_zero(j.len, sizeof(*j.items));
	if (j.items == NULL) {
		(void)fault_set(&fault, ST_NO_MEMORY, "no memory");
		return cli_fault(&fault);
	}
	if ((st = connect_own(&j, &fault)) == ST_OK && (st = note_tip(&j, &fault)) == ST_OK &&
	    (st = submit_all(&j, &fault)) == ST_OK && opt.wait_s > 0) {
		waiting = true;
		fault.st = ST_OK;
		st = wait_final(&j, &fault);
		waiting = fault.st == ST_OK;
	}
	code = tell(&j, st, &fault, waiting);
	own_close(&j.own);
	free(j.items);
	return code;
}

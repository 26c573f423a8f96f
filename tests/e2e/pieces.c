/*
 * pieces.c: an election in memory in which everybody does wrong, each once, and the evidence: a
 * piece of each kind that names somebody, and for each one that looks like it and is honest.
 *
 *	pieces FOLDER
 *
 * election.kalpis (with a result), early.kalpis (before the end), loose.kalpis (nobody certified
 * it), KIND.evidence, honest-KIND.evidence; prints the fingerprint.
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/ceremony.h"

#include "common/base/hex.h"
#include "common/election/judge.h"
#include "common/election/slip.h"
#include "common/election/state.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = EVIDENCE_FILE_MAX };

static struct town *t;
static struct ceremony c;
static const char *folder;
static uint8_t bytes[EVIDENCE_BYTES_MAX], file[ROOM];

static FILE *create(const char *name, const char *suffix)
{
	char path[4096];
	FILE *f;

	assert_true(snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix) <
	            (int)sizeof(path));
	f = fopen(path, "wb");
	assert_non_null(f);
	return f;
}

static void archive(const char *name, unsigned int signatures)
{
	FILE *f = create(name, ".kalpis");

	town_archive(t, f, signatures);
	assert_int_equal(fclose(f), 0);
}

static void piece(const char *name, const struct evidence *e)
{
	FILE *f = create(name, ".evidence");
	size_t len, file_len;

	assert_int_equal(evidence_encode(e, bytes, sizeof(bytes), &len), ST_OK);
	assert_int_equal(evidence_file_encode(file, sizeof(file), &file_len, t->m->bytes, t->m->len,
	                                      bytes, len), ST_OK);
	assert_int_equal(fwrite(file, 1, file_len, f), file_len);
	assert_int_equal(fclose(f), 0);
}

static void message(const char *name, struct town_tx tx)
{
	const struct evidence e = { .kind = EVIDENCE_FALSE_MESSAGE, .tx = tx.wire,
	                            .tx_len = tx.len };

	piece(name, &e);
	town_tx_free(&tx);
}

/* --- nodes ----------------------------------------------------------------------------------- */

static void sign_as_node(unsigned int node, const char *purpose, const uint8_t *body, size_t len,
                         uint8_t *sig)
{
	const struct message m = { .purpose = purpose, .group = t->m->suite,
	                           .election_id = t->m->election_id, .body = body, .body_len = len };

	sign_message(&t->node[node], sig, &m);
}

static struct vote vote_of(enum vote_type type, uint64_t view, const uint8_t *block,
                           unsigned int node)
{
	struct vote v = { .type = type, .view = view, .signer = (uint8_t)node };
	uint8_t body[VOTE_BODY_BYTES];

	memcpy(v.block, block, sizeof(v.block));
	vote_body(body, type, view, v.block);
	sign_as_node(node, "vote", body, sizeof(body), v.sig);
	return v;
}

static struct evidence block_of(const struct block_header *h, const uint8_t *body,
                                unsigned int node)
{
	struct evidence e = { .kind = EVIDENCE_UNSOUND_BLOCK, .header = *h, .has_body = true,
	                      .body = body, .body_len = h->body_len };
	uint8_t id[BLOCK_ID_BYTES];

	block_id(id, h);
	e.a = vote_of(VOTE_NOTARIZE, h->view, id, node);
	return e;
}

static void of_nodes(void)
{
	static const uint8_t one[32] = { 1 }, two[32] = { 2 }, none[32];
	const struct town_block *b = &t->block[5];
	struct block_header h = b->header;
	struct vote x = vote_of(VOTE_NOTARIZE, 9, one, 2), y = vote_of(VOTE_NOTARIZE, 9, two, 2);
	struct evidence e;

	assert_int_equal(evidence_of_votes(&e, &x, &y), ST_OK);
	piece("double-vote", &e);
	e.b = vote_of(VOTE_NULLIFY, 9, none, 2);
	piece("honest-double-vote", &e);
	h.parent_view = h.view;
	e = block_of(&h, b->body, h.proposer);
	piece("unsound-block", &e);
	e = block_of(&b->header, b->body, b->header.proposer);
	piece("honest-unsound-block", &e);
	h = b->header;
	h.state_hash[3] ^= 1;
	e = block_of(&h, b->body, h.proposer);
	piece("unsound-block-here", &e);
	h.parent[3] ^= 1;
	e = block_of(&h, b->body, h.proposer);
	piece("honest-unsound-block-elsewhere", &e);
}

static void promised(const char *name, const struct town_tx *ballot)
{
	struct evidence e = { .kind = EVIDENCE_BREACH, .tx = ballot->wire, .tx_len = ballot->len };
	uint8_t body[PROMISE_BODY_BYTES];

	memcpy(e.promise.tx_id, attack_decode(t, ballot).id, sizeof(e.promise.tx_id));
	e.promise.node = 2;
	e.promise.time_min = t->minutes;
	promise_body(body, &e.promise);
	sign_as_node(2, "promise", body, sizeof(body), e.promise.sig);
	piece(name, &e);
}

/* --- trustees -------------------------------------------------------------------------------- */

static void deal(const char *name)
{
	static uint8_t wire[8192];

	dkg_deal_encode(&c.p, wire, &c.deal[1]);
	message(name, town_message(t, TX_DKG_DEAL, 2, wire, dkg_deal_len(&c.p)));
}

static void complaint(const char *name, const struct dkg_complaint *list, size_t count)
{
	static uint8_t wire[8192];

	dkg_complaints_encode(&c.p, wire, list, count);
	message(name, town_message(t, TX_DKG_COMPLAIN, 2, wire, dkg_complaints_len(&c.p, count)));
}

/* As they spoke in the ceremony, when there was no key to name. */
static void of_trustees(void)
{
	struct dkg_complaint list[1];
	struct town_tx tx;

	memset(&c, 0, sizeof(c));
	c.p = t->e->dkg;
	memcpy(c.self, t->self, sizeof(c.self));
	ceremony_deal(&c);
	t->e->now.params->has_key = false;
	deal("honest-false-message-deal");
	c.deal[1].proof[5] ^= 1;
	deal("false-message-deal");
	complaint("honest-false-message-complaint", NULL, 0);
	cheat_complaint(&c, list, 2, 1);
	list[0].proof[5] ^= 1;
	complaint("false-message-complaint", list, 1);
	tx = town_confirm(t, 2);
	message("honest-false-message-confirm", town_tx_copy(&tx));
	tx.wire[40] ^= 1;
	attack_sign_official(t, &tx, &t->trustee[1]);
	message("false-message-confirm", tx);
	t->e->now.params->has_key = true;
}

static void of_shares(void)
{
	struct town_tx tx = town_share(t, 2);
	size_t len;

	message("honest-false-message-share", town_tx_copy(&tx));
	attack_message(&tx, &len)[len - 1] ^= 1;
	attack_sign_official(t, &tx, &t->trustee[1]);
	message("false-message-share", tx);
}

/* --- kiosks ---------------------------------------------------------------------------------- */

static void fates(const char *name, const struct sign_secret *key)
{
	struct evidence e = { .kind = EVIDENCE_TWO_FATES,
	                      .fates = { .tracker = { 5, 6 }, .fate = { SLIP_CAST, SLIP_TESTED } } };

	sign_secret_key(key, e.fates.key);
	slip_sign_fate(e.fates.sig[0], t->m, e.fates.tracker, SLIP_CAST, key);
	slip_sign_fate(e.fates.sig[1], t->m, e.fates.tracker, SLIP_TESTED, key);
	piece(name, &e);
}

static void opened(const char *name, struct town_tx test)
{
	const struct evidence e = { .kind = EVIDENCE_CAST_AND_TESTED, .tx = test.wire,
	                            .tx_len = test.len };

	piece(name, &e);
	town_tx_free(&test);
}

static void make(void **state)
{
	char print[2 * 32 + 1];
	struct town_tx ballot, kept, test;

	folder = *state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	promised("breach", &ballot);
	town_tx_free(&ballot);
	ballot = attack_ballot(t, 1);
	kept = town_tx_copy(&ballot);
	promised("honest-breach", &kept);
	town_tx_free(&kept);
	town_block_one(t, ballot);
	attack_both(t, 3, &ballot, &test);
	town_block_one(t, ballot);
	opened("cast-and-tested", test);
	opened("honest-cast-and-tested", attack_test(t, 4));
	fates("two-fates", &t->kiosk);
	fates("honest-two-fates", &t->node[0]);
	of_trustees();
	of_nodes();
	archive("early", t->m->quorum);
	t->minutes += 60;
	town_close_and_end(t);
	of_shares();
	town_finish(t);
	archive("election", t->m->quorum);
	archive("loose", 0);
	hex_encode(print, t->m->election_id, sizeof(t->m->election_id));
	printf("fingerprint %s\n", print);
	attack_town_free(t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(make, argv[argc - 1]) };

	if (argc != 2) {
		fprintf(stderr, "usage: pieces FOLDER\n");
		return 64;
	}
	return crypto_init() != ST_OK ? 71 : cmocka_run_group_tests_name("pieces", tests, NULL, NULL);
}

/*
 * fuzz_judge.c: evidence against the people of one town, altered in any way.
 *
 * The first byte chooses a piece that names somebody, or none; then come edits of its bytes,
 * {offset u16, xor u8}; or the rest is evidence itself.  Shown: whatever is altered names nobody,
 * and no bytes that nobody signed name anybody.  Keys are fresh in every run.
 */
#include "common/election/accuse.h"
#include "common/election/judge.h"
#include "common/election/slip.h"
#include "crypto/mem.h"
#include "tests/unit/lib/attack.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { PIECES = 5, ROOM = 1 << 15, EDITS_MAX = 64 };

static struct town *t;
static struct {
	uint8_t bytes[ROOM];
	size_t len;
} piece[PIECES];
static uint8_t room[ROOM];

static void must(int what)
{
	if (!what)
		abort();
}

static void keep(size_t i, const struct evidence *e)
{
	struct judgement j;

	must(evidence_encode(e, piece[i].bytes, ROOM, &piece[i].len) == ST_OK);
	must(judge_all(&j, e, t->e) == ST_OK);
}

static void sign(const char *purpose, const struct sign_secret *by, const void *body, size_t len,
                 uint8_t *sig)
{
	const struct message m = { .purpose = purpose, .group = t->m->suite,
	                           .election_id = t->m->election_id, .body = body, .body_len = len };

	sign_message(by, sig, &m);
}

static void make_votes(void)
{
	struct evidence e = { .kind = EVIDENCE_DOUBLE_VOTE };
	struct vote *v[2] = { &e.a, &e.b };
	uint8_t body[VOTE_BODY_BYTES];

	for (uint8_t i = 0; i < 2; i++) {
		*v[i] = (struct vote){ .type = VOTE_NOTARIZE, .view = 3, .block = { i }, .signer = 1 };
		vote_body(body, v[i]->type, v[i]->view, v[i]->block);
		sign("vote", &t->node[1], body, sizeof(body), v[i]->sig);
	}
	keep(0, &e);
}

static void make_breach(const struct town_tx *ballot)
{
	struct evidence e = { .kind = EVIDENCE_BREACH, .tx = ballot->wire, .tx_len = ballot->len };
	uint8_t body[PROMISE_BODY_BYTES];

	memcpy(e.promise.tx_id, attack_decode(t, ballot).id, sizeof(e.promise.tx_id));
	e.promise.time_min = 1;
	promise_body(body, &e.promise);
	sign("promise", &t->node[0], body, sizeof(body), e.promise.sig);
	keep(1, &e);
}

static void make_fates(void)
{
	struct evidence e = { .kind = EVIDENCE_TWO_FATES,
	                      .fates = { .fate = { SLIP_CAST, SLIP_VOID } } };

	sign_secret_key(&t->kiosk, e.fates.key);
	slip_sign_fate(e.fates.sig[0], t->m, e.fates.tracker, SLIP_CAST, &t->kiosk);
	slip_sign_fate(e.fates.sig[1], t->m, e.fates.tracker, SLIP_VOID, &t->kiosk);
	keep(2, &e);
}

static void make_share(void)
{
	struct town_tx tx = town_share(t, 2);
	const struct evidence e = { .kind = EVIDENCE_FALSE_MESSAGE, .tx = tx.wire,
	                            .tx_len = tx.len };
	size_t len;

	attack_message(&tx, &len)[len - 1] ^= 1;
	attack_sign_official(t, &tx, &t->trustee[1]);
	keep(3, &e);
	town_tx_free(&tx);
}

static void make_town(void)
{
	struct town_tx ballot, promised, test;

	must(crypto_init() == ST_OK);
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	promised = attack_ballot(t, 0);
	attack_both(t, 3, &ballot, &test);
	town_block_one(t, ballot);
	town_close_and_end(t);
	make_votes();
	make_breach(&promised);
	make_fates();
	make_share();
	keep(4, &(struct evidence){ .kind = EVIDENCE_CAST_AND_TESTED, .tx = test.wire,
	                            .tx_len = test.len });
	town_tx_free(&promised);
	town_tx_free(&test);
}

static void try_bytes(const uint8_t *bytes, size_t len)
{
	const struct election_params *p = election_params(t->e);
	struct judgement j;
	struct accusation a;
	struct evidence e;

	if (evidence_decode(&e, bytes, len) == ST_OK) {
		must(judge_all(&j, &e, t->e) != ST_OK);
		must(accuse_check(&a, p, &e) != ST_OK || accuse_stand(&e, t->e) != ST_OK);
	}
	params_unref(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t i, at, edits = 0;

	if (t == NULL)
		make_town();
	if (len < 1)
		return 0;
	i = data[0] % (PIECES + 1);
	if (i == PIECES) {
		try_bytes(data + 1, len - 1);
		return 0;
	}
	memcpy(room, piece[i].bytes, piece[i].len);
	for (at = 1; at + 3 <= len && edits < EDITS_MAX; at += 3, edits++)
		room[((size_t)data[at] << 8 | data[at + 1]) % piece[i].len] ^= data[at + 2];
	if (memcmp(room, piece[i].bytes, piece[i].len) != 0)
		try_bytes(room, piece[i].len);
	return 0;
}

/*
 * town.c: people and blocks: see town.h.  Their messages are in town_message.c.
 */
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"
#include "common/election/audit.h"
#include "common/election/definition.h"
#include "common/election/genesis.h"
#include "common/ledger/archive.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- people ---------------------------------------------------------------------------------- */

static void make_trustee(struct town *t, unsigned int i)
{
	struct card draft = { .role = CARD_TRUSTEE, .suite = group_ristretto255() };
	struct refusal why = { "", "", 0 };
	char address[32];

	(void)snprintf(draft.name, sizeof(draft.name), "Trustee %u", i + 1);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%u", 20000 + 100 * i);
	assert_int_equal(address_parse(&draft.address, address, strlen(address)), ST_OK);
	t->self[i].index = (uint8_t)(i + 1);
	rng_scalar(draft.suite, &t->self[i].key);
	rng_bytes(t->self[i].seed, sizeof(t->self[i].seed));
	sign_keygen(&t->node[i], draft.node_key);
	sign_keygen(&t->checkpoint[i], draft.checkpoint_key);
	rng_bytes(draft.curve_key, sizeof(draft.curve_key));
	sign_keygen(&t->trustee[i], draft.sign_key);
	if (card_make(t->card[i], sizeof(t->card[i]), &t->card_len[i], &why, &draft, &t->trustee[i],
	              &t->self[i].key) != ST_OK)
		fail_msg("card: %s %s", why.path, why.reason);
}

static void make_official(struct town *t, unsigned int at, enum card_role role,
                          struct sign_secret *secret)
{
	struct card draft = { .role = role };
	struct refusal why = { "", "", 0 };

	(void)snprintf(draft.name, sizeof(draft.name), "%s", card_role_name(role));
	sign_keygen(secret, draft.sign_key);
	if (card_make(t->card[at], sizeof(t->card[at]), &t->card_len[at], &why, &draft, secret,
	              NULL) != ST_OK)
		fail_msg("card: %s %s", why.path, why.reason);
}

static enum status read_card(void *ctx, const char *name, uint8_t *out, size_t cap, size_t *len)
{
	struct town *t = ctx;
	unsigned int at = t->n;

	if (name[0] == 't')
		at = (unsigned int)strtoul(name + 1, NULL, 10) - 1;
	else if (strcmp(name, "officer.card") == 0)
		at = t->n + 1;
	if (at > t->n + 1 || t->card_len[at] > cap)
		return ST_NOT_FOUND;
	memcpy(out, t->card[at], t->card_len[at]);
	*len = t->card_len[at];
	return ST_OK;
}

void town_new(struct town *t, unsigned int n, const char *definition)
{
	const struct card_source cards = { .read = read_card, .ctx = t };
	struct refusal why = { "", "", 0 };

	memset(t, 0, sizeof(*t));
	assert_int_equal(crypto_init(), ST_OK);
	t->n = n;
	t->minutes = 29000000;
	t->view = 1;
	for (unsigned int i = 0; i < n; i++)
		make_trustee(t, i);
	make_official(t, n, CARD_REGISTRAR, &t->registrar);
	make_official(t, n + 1, CARD_OFFICER, &t->officer);
	sign_keygen(&t->kiosk, t->kiosk_key);
	if (definition_compile(&t->m, &why, definition, strlen(definition), &cards) != ST_OK)
		fail_msg("definition: line %u, %s: %s", why.line, why.path, why.reason);
	assert_int_equal(t->m->trustees_len, n);
	assert_int_equal(election_new(&t->e, t->m), ST_OK);
	assert_int_equal(checker_new(&t->checker), ST_OK);
	assert_int_equal(chain_genesis(&t->block[0].header, t->e), ST_OK);
	t->block[0].body = malloc(t->m->len + 5);
	assert_non_null(t->block[0].body);
	genesis_body(t->block[0].body, t->m);
	t->blocks = 1;
}

void town_free(struct town *t)
{
	for (size_t i = 0; i < t->blocks; i++)
		free(t->block[i].body);
	ballot_setup_free(t->setup);
	checker_free(t->checker);
	election_free(t->e);
	manifest_free(t->m);
}

trustee_set town_everyone(const struct town *t)
{
	return (trustee_set)((1u << t->n) - 1u);
}

/* --- transactions and blocks ----------------------------------------------------------------- */

void town_tx_free(struct town_tx *tx)
{
	free(tx->wire);
	tx->wire = NULL;
}

struct town_tx town_tx_copy(const struct town_tx *tx)
{
	struct town_tx copy = { .wire = malloc(tx->len), .len = tx->len };

	assert_non_null(copy.wire);
	memcpy(copy.wire, tx->wire, tx->len);
	return copy;
}

static enum status check(struct town *t, const struct town_tx *tx, struct tx *out,
                         struct verdict *verdict)
{
	const struct election_params *p = election_params(t->e);
	enum status st = tx_decode(out, tx->wire, tx->len);

	if (st == ST_OK)
		st = election_check(p, out, verdict);
	params_unref(p);
	return st;
}

enum status town_try_check(struct town *t, const struct town_tx *tx)
{
	struct tx opened;
	struct verdict verdict;

	return check(t, tx, &opened, &verdict);
}

enum status town_try(struct town *t, const struct town_tx *tx)
{
	struct tx opened;
	struct verdict verdict;
	enum status st = check(t, tx, &opened, &verdict);

	return st != ST_OK ? st : election_would_apply(t->e, &opened, &verdict);
}

static void next_header(struct town *t, struct block_header *h)
{
	const struct block_header *parent = &t->block[t->blocks - 1].header;
	struct committee committee;

	assert_int_equal(audit_committee(&committee, t->m), ST_OK);
	*h = (struct block_header){
		.version = BLOCK_VERSION, .height = parent->height + 1, .view = t->view,
		.parent_view = parent->view, .time_min = (uint32_t)t->minutes,
		.proposer = committee_leader(&committee, t->view),
	};
	t->view++;
	memcpy(h->election_id, t->m->election_id, sizeof(h->election_id));
	memcpy(h->parent, election_tip(t->e), sizeof(h->parent));
}

void town_block(struct town *t, struct town_tx *txs, size_t len)
{
	struct chain_candidate *c = alloc_zero(len + 1, sizeof(*c));
	struct town_block *b = &t->block[t->blocks];
	struct tx tx;
	struct verdict verdict;

	assert_non_null(c);
	assert_true(t->blocks < TOWN_BLOCKS);
	next_header(t, &b->header);
	b->body = malloc(BLOCK_BODY_BYTES_MAX);
	assert_non_null(b->body);
	for (size_t i = 0; i < len; i++) {
		enum status st = check(t, &txs[i], &tx, &verdict);

		if (st != ST_OK)
			fail_msg("%s refused by check: %s", tx_type_name(tx.type), status_name(st));
		assert_int_equal(chain_candidate_init(&c[i], t->m, &tx, &verdict), ST_OK);
	}
	assert_int_equal(chain_build(t->e, c, len, &b->header, b->body), ST_OK);
	for (size_t i = 0; i < len; i++)
		if (c[i].taken != ST_OK)
			fail_msg("%s refused: %s", tx_type_name(c[i].tx.type), status_name(c[i].taken));
	assert_int_equal(b->header.n_items, len);
	t->blocks++;
	for (size_t i = 0; i < len; i++)
		town_tx_free(&txs[i]);
	free(c);
	election_seal(t->e, b->header.height);
}

void town_block_one(struct town *t, struct town_tx tx)
{
	town_block(t, &tx, 1);
}

/* --- what comes out -------------------------------------------------------------------------- */

static void certify_head(struct town *t, struct archive_writer *w, unsigned int signatures)
{
	struct certificate c = { .type = VOTE_FINALIZE, .view = t->block[t->blocks - 1].header.view };
	uint8_t body[VOTE_BODY_BYTES];

	block_id(c.block, &t->block[t->blocks - 1].header);
	vote_body(body, c.type, c.view, c.block);
	for (unsigned int i = 0; i < signatures; i++) {
		const struct message m = {
			.purpose = "vote", .group = t->m->suite, .election_id = t->m->election_id,
			.body = body, .body_len = sizeof(body),
		};

		c.signers |= (uint16_t)(1u << i);
		sign_message(&t->node[i], c.sig[i], &m);
	}
	archive_write_certificate(w, &c);
}

void town_archive(struct town *t, FILE *file, unsigned int signatures)
{
	const struct message genesis = genesis_message(t->m);
	uint8_t sigs[LIMIT_TRUSTEES][64];
	struct archive_writer w;

	archive_write_begin(&w, file);
	for (size_t i = 0; i < t->blocks; i++)
		archive_write_block(&w, &t->block[i].header, t->block[i].body,
		                    t->block[i].header.body_len);
	for (unsigned int i = 0; i < t->n; i++)
		sign_message(&t->trustee[i], sigs[i], &genesis);
	archive_write_genesis_sigs(&w, (const uint8_t (*)[64])sigs, t->n);
	if (signatures > 0)
		certify_head(t, &w, signatures);
	assert_int_equal(archive_write_end(&w), ST_OK);
}

uint64_t town_count(const struct town *t, const char *contest, uint16_t unit, uint16_t slot)
{
	const struct tally *y = election_tally(t->e);
	uint16_t c = manifest_find_contest(t->m, contest);
	uint32_t len;
	const uint64_t *counts = election_result(t->e, &len);

	assert_non_null(y);
	assert_non_null(counts);
	for (size_t i = 0; i < y->members_len; i++) {
		const struct tally_group *g = &y->groups[y->members[i].group];

		if (y->members[i].contest == c && y->members[i].unit == unit && !g->withheld)
			return counts[g->first + slot];
	}
	fail_msg("no count of %s in unit %u", contest, unit);
	return 0;
}

/*
 * test_chain_store.c: a whole election into a store and out of it again: the archive that a store
 * writes is judged as the town's own; a node begins from genesis.kalpis or from a whole chain, and
 * from nothing less.
 */
#include "common/base/alloc.h"
#include "common/election/audit.h"
#include "common/election/chain_store.h"
#include "crypto/mem.h"
#include "tests/unit/lib/chainlet.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"
#include "tests/unit/lib/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAMED(id) "{\"id\": \"" id "\", \"name\": {\"en\": \"" id "\"}}"

static const char DEFINITION[] =
	"{\"title\": {\"en\": \"Stored\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	"\"threshold\": 3, \"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], "
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", "
	"\"units\": [" NAMED("all") "], "
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	"\"blank\": true, \"title\": {\"en\": \"Mayor\"}, "
	"\"options\": [" NAMED("ada") ", " NAMED("alan") "]}]}";

enum { ARCHIVE_MAX = 1 << 20 };

static struct prng random_bytes;
static struct town *town;
static uint8_t sigs[LIMIT_TRUSTEES][64];

static int begin(void **state)
{
	static const uint32_t ADA[3] = { 0, 1, 0 }, BLANK[3] = { 1, 0, 0 };
	struct town_tx test;

	(void)state;
	prng_seed(&random_bytes, "test_chain_store");
	town = alloc_zero(1, sizeof(*town));
	if (crypto_init() != ST_OK || town == NULL)
		return 1;
	town_new(town, 4, DEFINITION);
	town_genesis_sigs(town, sigs);
	town_ceremony(town, town_everyone(town));
	town_enrol(town, NULL, NULL, 5);
	town_open(town);
	for (uint32_t v = 0; v < 4; v++)
		town_block_one(town, town_ballot(town, v, 0, v == 0 ? BLANK : ADA, 3));
	test = town_test(town, 4, 0, ADA, 3);
	town_block_one(town, town_phase(town, TX_CLOSE, 0x07));
	town_block_one(town, test);
	town_block_one(town, town_phase(town, TX_END, 0x07));
	town_finish(town);
	return 0;
}

static int end(void **state)
{
	(void)state;
	town_free(town);
	free(town);
	scratch_remove();
	return 0;
}

/* The whole town; every `each`-th block certified, and the last. */
static struct store *stored_town(const char *name, size_t each)
{
	struct store *s = chainlet_store(scratch_path(name), STORE_WRITE);
	struct certificate c;

	assert_int_equal(store_put_genesis_sigs(s, (const uint8_t (*)[64])sigs, town->n), ST_OK);
	for (size_t i = 0; i < town->blocks; i++) {
		bool certify = each > 0 && (i % each == each - 1 || i + 1 == town->blocks);

		town_certify(town, &c, i, 3);
		assert_int_equal(town_put(town, s, i, certify ? &c : NULL), ST_OK);
	}
	return s;
}

static FILE *exported(struct store *s, enum store_export what)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(store_export(s, f, what), ST_OK);
	rewind(f);
	return f;
}

static size_t contents(FILE *f, uint8_t *out)
{
	size_t len = fread(out, 1, ARCHIVE_MAX, f);

	rewind(f);
	return len;
}

static void audit_file(struct audit *a, FILE *f)
{
	const struct audit_options o = { .fingerprint = town->m->election_id };

	assert_int_equal(audit_run(a, f, &o), ST_OK);
	rewind(f);
}

/* --- out -------------------------------------------------------------------------------------- */

static void the_archive_of_a_store_is_judged_as_the_towns_own(void **state)
{
	struct store *s = stored_town("whole.db", 4);
	uint8_t *own = malloc(ARCHIVE_MAX), *out = malloc(ARCHIVE_MAX);
	FILE *town_file = tmpfile(), *f = exported(s, STORE_ENOUGH);
	struct audit a, b;
	uint64_t height;
	size_t len;

	(void)state;
	assert_non_null(own);
	assert_non_null(out);
	assert_non_null(town_file);
	town_archive(town, town_file, 3);
	rewind(town_file);
	len = contents(town_file, own);
	assert_int_equal(contents(f, out), len);
	assert_memory_equal(own, out, len);   /* to the byte: one certificate, of the last block */
	audit_file(&a, town_file);
	(void)fclose(f);
	f = exported(s, STORE_ALL);
	audit_file(&b, f);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	assert_int_equal(b.verdict, AUDIT_GOOD);
	assert_int_equal(b.blocks, a.blocks);
	assert_memory_equal(a.head_id, b.head_id, 32);
	for (int i = 0; i < AUDIT_CHECKS; i++) {
		assert_int_equal(a.lines[i].outcome, b.lines[i].outcome);
		if (i == AUDIT_CERTIFICATES)
			assert_true(b.lines[i].count > a.lines[i].count);
		else
			assert_int_equal(a.lines[i].count, b.lines[i].count);
	}
	assert_int_equal(store_check(s, &height, 0), ST_OK);
	assert_int_equal(height + 1, town->blocks);
	for (uint64_t from = 0; from <= town->blocks; from++)
		assert_int_equal(store_check(s, &height, from), ST_OK);
	audit_free(&a);
	audit_free(&b);
	(void)fclose(f);
	(void)fclose(town_file);
	store_close(s);
	free(own);
	free(out);
}

static void blocks_above_the_last_certificate_are_told_apart(void **state)
{
	struct store *s = chainlet_store(scratch_path("tail.db"), STORE_WRITE);
	struct certificate c, u = { .type = VOTE_NULLIFY, .signers = 0 };
	struct audit a;
	FILE *f;

	(void)state;
	assert_int_equal(store_put_genesis_sigs(s, (const uint8_t (*)[64])sigs, town->n), ST_OK);
	f = tmpfile();
	assert_non_null(f);
	assert_int_equal(store_export(s, f, STORE_ALL), ST_NOT_FOUND);   /* empty */
	(void)fclose(f);
	for (size_t i = 0; i < town->blocks; i++) {
		town_certify(town, &c, i, 3);
		assert_int_equal(town_put(town, s, i, i == 8 ? &c : NULL), ST_OK);
	}
	f = exported(s, STORE_ENOUGH);
	audit_file(&a, f);
	assert_int_equal(a.verdict, AUDIT_UNDECIDED);
	assert_int_equal(a.lines[AUDIT_CERTIFICATES].outcome, AUDIT_MISSING);
	assert_int_equal(a.certified_height, 8);
	assert_int_equal(a.blocks, town->blocks);
	audit_free(&a);
	(void)fclose(f);
	/* A certificate of a view beyond the tip stays at home. */
	u.view = town->block[town->blocks - 1].header.view + 1;
	u.signers = 7;
	assert_int_equal(store_put_certificate(s, &u), ST_OK);
	f = exported(s, STORE_ALL);
	audit_file(&a, f);
	assert_int_equal(a.verdict, AUDIT_UNDECIDED);
	audit_free(&a);
	(void)fclose(f);
	store_close(s);
}

/* --- in --------------------------------------------------------------------------------------- */

static enum status import(const char *name, FILE *f, const uint8_t *fingerprint,
                          struct store **out)
{
	struct store *s = chainlet_store(scratch_path(name), STORE_WRITE);
	struct manifest *m = NULL;
	struct block_header h;
	uint8_t id[32];
	enum status st = chain_store_import(s, &m, f, fingerprint);

	assert_true((m != NULL) == (st == ST_OK));
	if (st != ST_OK)   /* all or nothing */
		assert_int_equal(store_tip(s, &h, id), ST_NOT_FOUND);
	else
		assert_memory_equal(m->election_id, town->m->election_id, 32);
	manifest_free(m);
	rewind(f);
	if (out != NULL && st == ST_OK)
		*out = s;
	else
		store_close(s);
	return st;
}

/* genesis.kalpis, with these many signatures, and what else a test wants in it. */
static FILE *genesis_file(const struct block_header *h, const uint8_t *body, size_t count)
{
	struct archive_writer w;
	FILE *f = tmpfile();

	assert_non_null(f);
	archive_write_begin(&w, f);
	if (h != NULL)
		archive_write_block(&w, h, body, h->body_len);
	if (count > 0)
		archive_write_genesis_sigs(&w, (const uint8_t (*)[64])sigs, count);
	assert_int_equal(archive_write_end(&w), ST_OK);
	rewind(f);
	return f;
}

static void a_node_begins_from_block_0_and_all_signatures(void **state)
{
	const struct block_header *h = &town->block[0].header;
	const uint8_t *body = town->block[0].body;
	struct store *s = NULL, *made;
	struct manifest *m;
	struct block_header bad;
	uint8_t id[32], want[32], have[LIMIT_TRUSTEES][64];
	size_t count;
	FILE *f;

	(void)state;
	for (size_t n = 0; n < town->n; n++) {   /* a signature missing */
		f = genesis_file(h, body, n);
		assert_int_equal(import("g1.db", f, NULL, NULL), ST_THRESHOLD);
		(void)fclose(f);
	}
	sigs[1][7] ^= 1;
	f = genesis_file(h, body, town->n);
	assert_int_equal(import("g1.db", f, NULL, NULL), ST_SIGNATURE);
	(void)fclose(f);
	sigs[1][7] ^= 1;
	bad = *h;
	bad.time_min = 1;   /* block 0 follows from the manifest, all of it */
	f = genesis_file(&bad, body, town->n);
	assert_int_equal(import("g1.db", f, NULL, NULL), ST_HASH);
	(void)fclose(f);
	f = genesis_file(NULL, NULL, town->n);
	assert_int_equal(import("g1.db", f, NULL, NULL), ST_FORMAT);
	(void)fclose(f);
	f = genesis_file(&town->block[1].header, town->block[1].body, town->n);
	assert_int_equal(import("g1.db", f, NULL, NULL), ST_FORMAT);
	(void)fclose(f);
	f = genesis_file(h, body, town->n);
	assert_int_equal(import("g1.db", f, town->kiosk_key, NULL), ST_ELECTION);
	assert_int_equal(import("g1.db", f, town->m->election_id, &s), ST_OK);
	assert_int_equal(chain_store_import(s, &m, f, NULL), ST_EXISTS);
	assert_int_equal(store_tip(s, &bad, id), ST_OK);
	block_id(want, h);
	assert_memory_equal(id, want, 32);
	assert_int_equal(store_genesis_sigs(s, have, &count), ST_OK);
	assert_int_equal(count, town->n);
	for (size_t i = 1; i < town->blocks; i++)   /* and goes on */
		assert_int_equal(town_put(town, s, i, NULL), ST_OK);
	store_close(s);
	(void)fclose(f);
	made = chainlet_store(scratch_path("g2.db"), STORE_WRITE);
	assert_int_equal(chain_store_genesis(made, town->m, (const uint8_t (*)[64])sigs, 3),
	                 ST_THRESHOLD);
	assert_int_equal(chain_store_genesis(made, town->m, (const uint8_t (*)[64])sigs, 4), ST_OK);
	assert_int_equal(store_id_of(made, id, 0), ST_OK);
	assert_memory_equal(id, want, 32);
	store_close(made);
}

static void a_whole_chain_comes_in_only_when_it_is_final(void **state)
{
	struct store *from = stored_town("from.db", 5), *bare = stored_town("bare.db", 0);
	struct store *to = NULL;
	uint8_t *a = malloc(ARCHIVE_MAX), *b = malloc(ARCHIVE_MAX);
	FILE *f = exported(from, STORE_ALL), *g;
	size_t len;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	g = exported(bare, STORE_ALL);
	assert_int_equal(import("i1.db", g, NULL, NULL), ST_CERTIFICATE);
	(void)fclose(g);
	g = tmpfile();
	assert_non_null(g);
	town_archive(town, g, 2);   /* too few nodes */
	rewind(g);
	assert_int_equal(import("i1.db", g, NULL, NULL), ST_CERTIFICATE);
	(void)fclose(g);
	assert_int_equal(import("i1.db", f, town->m->election_id, &to), ST_OK);
	g = exported(to, STORE_ALL);
	len = contents(f, a);
	assert_int_equal(contents(g, b), len);
	assert_memory_equal(a, b, len);
	(void)fclose(g);
	(void)fclose(f);
	store_close(to);
	store_close(bare);
	store_close(from);
	free(a);
	free(b);
}

static void an_archive_with_a_byte_changed_or_cut_is_not_imported(void **state)
{
	struct store *from = stored_town("from2.db", 5);
	uint8_t *bytes = malloc(ARCHIVE_MAX);
	FILE *f = exported(from, STORE_ENOUGH);
	size_t len = contents(f, bytes);

	(void)state;
	assert_non_null(bytes);
	(void)fclose(f);
	for (int round = 0; round < 60; round++) {
		size_t at = prng_below(&random_bytes, len);
		size_t cut = prng_below(&random_bytes, len);

		bytes[at] ^= (uint8_t)(1u << prng_below(&random_bytes, 8));
		f = tmpfile();
		assert_non_null(f);
		assert_int_equal(fwrite(bytes, 1, len, f), len);
		rewind(f);
		assert_int_not_equal(import("i2.db", f, NULL, NULL), ST_OK);
		(void)fclose(f);
		f = fmemopen(bytes, cut + 1, "rb");
		assert_non_null(f);
		assert_int_not_equal(import("i2.db", f, NULL, NULL), ST_OK);
		(void)fclose(f);
		/* restored by exporting anew */
		f = exported(from, STORE_ENOUGH);
		(void)contents(f, bytes);
		(void)fclose(f);
	}
	f = fmemopen(bytes, len, "rb");
	assert_non_null(f);
	assert_int_equal(import("i2.db", f, NULL, NULL), ST_OK);
	(void)fclose(f);
	store_close(from);
	free(bytes);
}

static void a_block_whose_items_do_not_decode_is_not_put(void **state)
{
	struct store *s = stored_town("decode.db", 0);
	struct block_header h = town->block[town->blocks - 1].header;
	uint8_t body[64], wire[20] = { TX_BALLOT };
	struct writer w;
	size_t len;

	(void)state;
	block_id(h.parent, &h);
	h.parent_view = h.view++;
	h.height++;
	h.n_items = 1;
	h.log_size++;
	writer_init(&w, body, sizeof(body));
	block_item_write(&w, wire, sizeof(wire));
	assert_int_equal(writer_end(&w, &len), ST_OK);
	h.body_len = (uint32_t)len;
	block_body_hash(h.body_hash, body, len);
	assert_int_equal(chain_store_put(s, town->m, &h, body, len, NULL), ST_FORMAT);
	assert_int_equal(chain_store_put(s, town->m, &h, body, len - 1, NULL), ST_FORMAT);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_whose_items_do_not_decode_is_not_put),
		cmocka_unit_test(a_node_begins_from_block_0_and_all_signatures),
		cmocka_unit_test(a_whole_chain_comes_in_only_when_it_is_final),
		cmocka_unit_test(an_archive_with_a_byte_changed_or_cut_is_not_imported),
		cmocka_unit_test(blocks_above_the_last_certificate_are_told_apart),
		cmocka_unit_test(the_archive_of_a_store_is_judged_as_the_towns_own),
	};
	return cmocka_run_group_tests(tests, begin, end);
}

/*
 * test_checkpoint.c: what nodes vouch for: the note that is signed, who may sign it and for which
 * log; in the store, in the archive and before the audit.
 */
#include "common/base/alloc.h"
#include "common/election/audit.h"
#include "common/election/chain_store.h"
#include "common/ledger/checkpoint.h"
#include "crypto/mem.h"
#include "tests/unit/lib/chainlet.h"
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
	"{\"title\": {\"en\": \"Vouched\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	"\"threshold\": 3, \"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], "
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", "
	"\"units\": [" NAMED("all") "], "
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	"\"blank\": true, \"title\": {\"en\": \"Mayor\"}, "
	"\"options\": [" NAMED("ada") ", " NAMED("alan") "]}]}";

static struct town *town;
static uint8_t sigs[LIMIT_TRUSTEES][64];
static struct checkpoint head[COSIGNED_HEADS];
static struct cosignature good[COSIGNED_HEADS][4];

static void head_at_tip(struct checkpoint *out)
{
	const struct block_header *h = &town->block[town->blocks - 1].header;

	memcpy(out->election_id, town->m->election_id, 32);
	out->size = h->log_size;
	memcpy(out->root, h->log_root, 32);
}

static int begin(void **state)
{
	static const uint32_t ADA[3] = { 0, 1, 0 };

	(void)state;
	town = alloc_zero(1, sizeof(*town));
	if (crypto_init() != ST_OK || town == NULL)
		return 1;
	town_new(town, 4, DEFINITION);
	town_genesis_sigs(town, sigs);
	town_ceremony(town, town_everyone(town));
	town_enrol(town, NULL, NULL, 3);
	town_open(town);
	for (uint32_t v = 0; v < 3; v++)
		town_block_one(town, town_ballot(town, v, 0, ADA, 3));
	town_close_and_end(town);
	head_at_tip(&head[0]);
	town_finish(town);
	head_at_tip(&head[1]);
	for (int h = 0; h < COSIGNED_HEADS; h++)
		for (uint8_t i = 0; i < 4; i++) {
			good[h][i] = (struct cosignature){
				.head = (enum cosigned_head)(h + 1), .node = i,
				.time = 1700000000u + i,
			};
			cosignature_make(&good[h][i], &head[h], &town->checkpoint[i]);
		}
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

static const uint8_t *key_of(unsigned int node)
{
	return town->m->trustees[node].checkpoint_key;
}

static enum status check(const struct cosignature *c)
{
	return cosignature_check(c, town->m->election_id, key_of(c->node));
}

/* --- the note --------------------------------------------------------------------------------- */

static void a_note_is_three_lines_and_a_signature_names_its_key(void **state)
{
	struct checkpoint c = { .size = 20852163 };
	struct cosignature s = { .head = COSIGNED_END, .node = 7, .time = 1 };
	char text[CHECKPOINT_TEXT_MAX], line[COSIGNATURE_LINE_MAX];
	uint8_t key[32] = { 0 };

	(void)state;
	memset(c.election_id, 0xab, sizeof(c.election_id));
	checkpoint_text(text, &c);
	assert_string_equal(text,
		"kalpis/abababababababababababababababababababababababababababababababab\n"
		"20852163\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
	cosignature_line(line, &s, c.election_id, key);
	assert_memory_equal(line, "\xe2\x80\x94 node-7.abab", 15);
	assert_int_equal(line[strlen(line) - 1], '\n');
	/* key id 4, time 8, signature 64: 76 bytes are 104 characters. */
	assert_int_equal(strlen(strrchr(line, ' ') + 1), 104 + 1);
}

static void a_node_vouches_for_one_election_time_size_and_root(void **state)
{
	struct cosignature c = good[0][1];
	uint8_t other[32];

	(void)state;
	assert_int_equal(check(&c), ST_OK);
	c.time++;
	assert_int_equal(check(&c), ST_SIGNATURE);
	c = good[0][1];
	c.size++;
	assert_int_equal(check(&c), ST_SIGNATURE);
	c = good[0][1];
	c.root[31] ^= 1;
	assert_int_equal(check(&c), ST_SIGNATURE);
	c = good[0][1];
	c.node = 2;
	assert_int_equal(check(&c), ST_SIGNATURE);
	c = good[0][1];
	for (size_t i = 0; i < sizeof(c.sig); i++) {
		c.sig[i] ^= 0x10;
		assert_int_equal(check(&c), ST_SIGNATURE);
		c.sig[i] ^= 0x10;
	}
	memcpy(other, town->m->election_id, 32);
	other[0] ^= 1;
	assert_int_equal(cosignature_check(&c, other, key_of(1)), ST_SIGNATURE);
}

static void bytes_come_back_and_nothing_else_is_read(void **state)
{
	uint8_t bytes[COSIGNATURE_BYTES + 1] = { 0 };
	struct cosignature back;
	struct reader r;
	struct writer w;

	(void)state;
	writer_init(&w, bytes, COSIGNATURE_BYTES);
	cosignature_write(&w, &good[1][3]);
	assert_int_equal(w.pos, COSIGNATURE_BYTES);
	for (size_t len = 0; len < COSIGNATURE_BYTES; len++) {
		reader_init(&r, bytes, len);
		assert_int_equal(cosignature_read(&r, &back), ST_FORMAT);
	}
	reader_init(&r, bytes, COSIGNATURE_BYTES);
	assert_int_equal(cosignature_read(&r, &back), ST_OK);
	assert_int_equal(reader_end(&r), ST_OK);
	assert_int_equal(back.head, COSIGNED_RESULT);
	assert_int_equal(check(&back), ST_OK);
	for (unsigned int v = 0; v < 256; v++) {
		if (v == COSIGNED_END || v == COSIGNED_RESULT)
			continue;
		bytes[0] = (uint8_t)v;
		reader_init(&r, bytes, COSIGNATURE_BYTES);
		assert_int_equal(cosignature_read(&r, &back), ST_FORMAT);
	}
	bytes[0] = COSIGNED_END;
	bytes[1] = LIMIT_TRUSTEES;
	reader_init(&r, bytes, COSIGNATURE_BYTES);
	assert_int_equal(cosignature_read(&r, &back), ST_LIMIT);
}

/* --- the audit -------------------------------------------------------------------------------- */

/* An archive of the first `blocks` blocks with these cosignatures. */
static FILE *archive(size_t blocks, const struct cosignature *const *list, size_t len)
{
	struct archive_writer w;
	struct certificate c;
	FILE *f = tmpfile();

	assert_non_null(f);
	archive_write_begin(&w, f);
	for (size_t i = 0; i < blocks; i++)
		archive_write_block(&w, &town->block[i].header, town->block[i].body,
		                    town->block[i].header.body_len);
	archive_write_genesis_sigs(&w, (const uint8_t (*)[64])sigs, town->n);
	town_certify(town, &c, blocks - 1, 3);
	archive_write_certificate(&w, &c);
	for (size_t i = 0; i < len; i++)
		archive_write_cosignature(&w, list[i]);
	assert_int_equal(archive_write_end(&w), ST_OK);
	rewind(f);
	return f;
}

static void judge(size_t blocks, const struct cosignature *const *list, size_t len,
                  unsigned int gamma, enum audit_verdict verdict, enum status why)
{
	const struct audit_options o = { .fingerprint = town->m->election_id, .gamma = gamma };
	FILE *f = archive(blocks, list, len);
	struct audit a;

	assert_int_equal(audit_run(&a, f, &o), ST_OK);
	assert_int_equal(a.verdict, verdict);
	if (verdict == AUDIT_PROBLEM) {
		assert_int_equal(a.failed, AUDIT_COSIGNATURES);
		assert_int_equal(a.failed_st, why);
	} else if (verdict == AUDIT_UNDECIDED) {
		assert_int_equal(a.lines[AUDIT_COSIGNATURES].outcome, AUDIT_MISSING);
	} else {
		assert_int_equal(a.lines[AUDIT_COSIGNATURES].count, len);
	}
	audit_free(&a);
	(void)fclose(f);
}

static void a_reader_says_how_many_must_vouch(void **state)
{
	const struct cosignature *all[8] = {
		&good[0][0], &good[0][1], &good[0][2], &good[0][3],
		&good[1][0], &good[1][1], &good[1][2], &good[1][3],
	};

	(void)state;
	judge(town->blocks, all, 8, 4, AUDIT_GOOD, ST_OK);
	judge(town->blocks, all, 8, 5, AUDIT_UNDECIDED, ST_OK);
	judge(town->blocks, all, 7, 3, AUDIT_GOOD, ST_OK);
	judge(town->blocks, all, 7, 4, AUDIT_UNDECIDED, ST_OK);
	judge(town->blocks, all + 1, 7, 4, AUDIT_UNDECIDED, ST_OK);
	judge(town->blocks, all, 0, 0, AUDIT_GOOD, ST_OK);
	judge(town->blocks, all, 0, 1, AUDIT_UNDECIDED, ST_OK);
}

static void what_nodes_vouch_for_must_be_here(void **state)
{
	struct cosignature bad = good[0][1];
	struct checkpoint other = head[0];
	const struct cosignature *list[3] = { &good[0][0], &bad, &good[1][0] };

	(void)state;
	judge(town->blocks, list, 3, 0, AUDIT_GOOD, ST_OK);
	bad.sig[0] ^= 1;
	judge(town->blocks, list, 3, 0, AUDIT_PROBLEM, ST_SIGNATURE);
	/* It signed another log: this file proves it. */
	other.root[0] ^= 1;
	cosignature_make(&bad, &other, &town->checkpoint[1]);
	assert_int_equal(check(&bad), ST_OK);
	judge(town->blocks, list, 3, 0, AUDIT_PROBLEM, ST_FORK);
	other = head[0];
	other.size--;
	cosignature_make(&bad, &other, &town->checkpoint[1]);
	judge(town->blocks, list, 3, 0, AUDIT_PROBLEM, ST_FORK);
	/* The result in place of the end. */
	cosignature_make(&bad, &head[1], &town->checkpoint[1]);
	judge(town->blocks, list, 3, 0, AUDIT_PROBLEM, ST_FORK);
	/* A tail was cut off: the result is vouched for and not here. */
	bad = good[0][1];
	judge(town->blocks - 1, list, 3, 0, AUDIT_PROBLEM, ST_PARENT);
}

static void one_word_of_each_node_in_order(void **state)
{
	struct cosignature stranger = good[0][3];
	const struct cosignature *list[2];

	(void)state;
	list[0] = list[1] = &good[0][1];
	judge(town->blocks, list, 2, 0, AUDIT_PROBLEM, ST_ORDER);
	list[0] = &good[0][2];
	judge(town->blocks, list, 2, 0, AUDIT_PROBLEM, ST_ORDER);
	list[0] = &good[1][0];
	judge(town->blocks, list, 2, 0, AUDIT_PROBLEM, ST_ORDER);
	stranger.node = 4;
	list[0] = &good[0][0];
	list[1] = &stranger;
	judge(town->blocks, list, 2, 0, AUDIT_PROBLEM, ST_ORDER);
}

/* --- the store -------------------------------------------------------------------------------- */

/* The town from block `from` on, up to and including the one after which the log has `size`. */
static size_t put_until(struct store *s, size_t from, uint64_t size)
{
	struct certificate cert;
	size_t i = from;

	for (; i < town->blocks && town->block[i].header.log_size <= size; i++) {
		town_certify(town, &cert, i, 3);
		assert_int_equal(town_put(town, s, i, i == 0 ? NULL : &cert), ST_OK);
	}
	return i;
}

static void refuse_other_words(struct store *s)
{
	struct cosignature c = good[0][1];
	struct checkpoint other = head[0];

	c.sig[5] ^= 1;
	assert_int_equal(chain_store_cosign(s, town->m, &c), ST_SIGNATURE);
	other.root[3] ^= 1;
	cosignature_make(&c, &other, &town->checkpoint[1]);
	assert_int_equal(chain_store_cosign(s, town->m, &c), ST_FORK);
	other = head[0];
	other.size -= 2;
	cosignature_make(&c, &other, &town->checkpoint[1]);
	assert_int_equal(chain_store_cosign(s, town->m, &c), ST_FORK);
	other.size = 0;
	cosignature_make(&c, &other, &town->checkpoint[1]);
	assert_int_equal(chain_store_cosign(s, town->m, &c), ST_FORK);
	c = good[0][1];
	c.node = 4;
	assert_int_equal(chain_store_cosign(s, town->m, &c), ST_LIMIT);
	assert_int_equal(store_cosignature(s, &c, COSIGNED_END, 1), ST_NOT_FOUND);
}

static void a_store_keeps_what_holds(void **state)
{
	struct store *s = chainlet_store(scratch_path("kept.db"), STORE_WRITE);
	struct cosignature c, first = good[0][0];
	size_t at;

	(void)state;
	at = put_until(s, 0, head[0].size - 1);
	assert_int_equal(chain_store_cosign(s, town->m, &first), ST_NOT_FOUND);
	(void)put_until(s, at, head[0].size);
	assert_int_equal(chain_store_cosign(s, town->m, &first), ST_OK);
	assert_int_equal(chain_store_cosign(s, town->m, &good[1][0]), ST_NOT_FOUND);
	refuse_other_words(s);
	/* The first word stays. */
	c = first;
	c.time++;
	cosignature_make(&c, &head[0], &town->checkpoint[0]);
	assert_int_equal(chain_store_cosign(s, town->m, &c), ST_OK);
	assert_int_equal(store_cosignature(s, &c, COSIGNED_END, 0), ST_OK);
	assert_memory_equal(c.sig, first.sig, sizeof(c.sig));
	store_close(s);
}

static void what_a_store_keeps_travels_in_its_archive(void **state)
{
	const struct audit_options o = { .fingerprint = town->m->election_id, .gamma = 4 };
	struct store *s = chainlet_store(scratch_path("first.db"), STORE_WRITE), *again;
	struct manifest *m = NULL;
	struct cosignature c;
	struct audit a;
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	assert_int_equal(store_put_genesis_sigs(s, (const uint8_t (*)[64])sigs, town->n), ST_OK);
	(void)put_until(s, 0, UINT64_MAX);
	for (int h = 0; h < COSIGNED_HEADS; h++)
		for (int i = 3; i >= 0; i--)
			assert_int_equal(chain_store_cosign(s, town->m, &good[h][i]), ST_OK);
	assert_int_equal(store_export(s, f, STORE_ALL), ST_OK);
	rewind(f);
	assert_int_equal(audit_run(&a, f, &o), ST_OK);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	assert_int_equal(audit_cosigners(&a, COSIGNED_END), 4);
	assert_int_equal(audit_cosigners(&a, COSIGNED_RESULT), 4);
	audit_free(&a);
	rewind(f);
	again = chainlet_store(scratch_path("again.db"), STORE_WRITE);
	assert_int_equal(chain_store_import(again, &m, f, NULL), ST_OK);
	assert_int_equal(store_cosignature(again, &c, COSIGNED_RESULT, 2), ST_OK);
	assert_memory_equal(c.sig, good[1][2].sig, sizeof(c.sig));
	manifest_free(m);
	store_close(again);
	store_close(s);
	(void)fclose(f);
}

#define CASE(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_note_is_three_lines_and_a_signature_names_its_key),
		CASE(a_node_vouches_for_one_election_time_size_and_root),
		CASE(bytes_come_back_and_nothing_else_is_read),
		CASE(a_reader_says_how_many_must_vouch),
		CASE(what_nodes_vouch_for_must_be_here),
		CASE(one_word_of_each_node_in_order),
		CASE(a_store_keeps_what_holds),
		CASE(what_a_store_keeps_travels_in_its_archive),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

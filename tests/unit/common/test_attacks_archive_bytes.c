/*
 * test_attacks_archive_bytes.c: every byte of a whole archive, altered, must be called a problem
 * (attacks.md N73, N93; formats.md §6: every byte is compared, hashed or signed).
 *
 * A town with one trustee and every kind of block, so that the archive is small.  Each byte is
 * tried with one of several masks, chosen by its place and SEED; what stands behind the blocks,
 * and the head of every record and block, with two.  Two processes share the work: about 5 s.
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/prng.h"

#include "common/election/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char ALONE[] =
	"{\"title\": {\"en\": \"Test\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	"\"threshold\": 1, \"rehearsal\": true, \"trustees\": [\"t1.card\"], "
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", "
	"\"units\": [{\"id\": \"all\", \"name\": {\"en\": \"All\"}}], "
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"yes\"]}], "
	"\"contests\": [{\"id\": \"yes\", \"type\": \"choose\", \"min\": 0, \"max\": 1, "
	"\"title\": {\"en\": \"Yes?\"}, "
	"\"options\": [{\"id\": \"yes\", \"name\": {\"en\": \"Yes\"}}]}]}";

static const uint8_t MASKS[] = { 0x01, 0x80, 0xff, 0x20 };

enum { MASK_COUNT = sizeof(MASKS), WORKERS = 2 };

static uint8_t *archive;
static size_t archive_len;
static uint8_t fingerprint[32];

static void make_archive(void)
{
	static const uint32_t YES[1] = { 1 };
	static _Alignas(64) struct town t;
	char *bytes = NULL;
	FILE *f;

	town_new(&t, 1, ALONE);
	town_ceremony(&t, 0x1);
	town_enrol(&t, NULL, NULL, 2);
	town_open(&t);
	town_block_one(&t, town_ballot(&t, 0, 0, YES, 1));
	town_block_one(&t, town_phase(&t, TX_CLOSE, 0x1));
	town_block_one(&t, town_test(&t, 1, 0, YES, 1));
	town_block_one(&t, town_phase(&t, TX_END, 0x1));
	town_finish(&t);
	memcpy(fingerprint, t.m->election_id, sizeof(fingerprint));
	f = open_memstream(&bytes, &archive_len);
	assert_non_null(f);
	town_archive(&t, f, 1);
	assert_int_equal(fclose(f), 0);
	archive = (uint8_t *)bytes;
	town_free(&t);
}

static enum audit_verdict look(void)
{
	const struct audit_options o = { .fingerprint = fingerprint };
	FILE *f = fmemopen(archive, archive_len, "rb");
	enum audit_verdict v;
	struct audit a;

	if (f == NULL || audit_run(&a, f, &o) != ST_OK)
		abort();
	v = a.verdict;
	audit_free(&a);
	(void)fclose(f);
	return v;
}

static size_t u32(const uint8_t *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

/* Which bytes are worth a second mask: heads of records and blocks, and all behind the chain. */
static bool *find_heads(void)
{
	bool *twice = calloc(archive_len, sizeof(*twice));
	size_t at = 8;

	assert_non_null(twice);
	memset(twice, true, at);
	while (at < archive_len) {
		bool is_block = archive[at] == ARCHIVE_BLOCK;
		size_t len = u32(archive + at + 1);

		memset(twice + at, true, is_block ? 5 + 2 : 5 + len);   /* length, version */
		if (is_block && len > BLOCK_HEADER_BYTES + 5)
			memset(twice + at + 5 + BLOCK_HEADER_BYTES, true, 5);   /* first item */
		at += 5 + len;
	}
	assert_int_equal(at, archive_len);
	return twice;
}

/* Bytes worker, worker + WORKERS, ...; the count of those that were not noticed. */
static int try_bytes(unsigned int worker, const bool *twice, uint64_t seed)
{
	int missed = 0;

	for (size_t i = worker; i < archive_len; i += WORKERS) {
		size_t first = (size_t)((i / WORKERS + seed) % MASK_COUNT);
		size_t tries = twice[i] ? 2 : 1;

		for (size_t k = 0; k < tries; k++) {
			uint8_t mask = MASKS[(first + k) % MASK_COUNT];

			archive[i] ^= mask;
			if (look() != AUDIT_PROBLEM) {
				fprintf(stderr, "byte %zu, mask 0x%02x: not noticed\n", i, mask);
				missed++;
			}
			archive[i] ^= mask;
		}
	}
	return missed > 100 ? 100 : missed;
}

static void n93_every_altered_byte_of_an_archive_is_a_problem(void **state)
{
	struct prng r;
	uint64_t seed;
	pid_t child[WORKERS];
	bool *twice;

	(void)state;
	prng_seed(&r, "altered bytes");
	seed = prng_u64(&r) % MASK_COUNT;
	make_archive();
	assert_int_equal(look(), AUDIT_GOOD);
	twice = find_heads();
	for (unsigned int w = 0; w < WORKERS; w++) {
		child[w] = fork();
		assert_true(child[w] >= 0);
		if (child[w] == 0)
			_exit(try_bytes(w, twice, seed));
	}
	for (unsigned int w = 0; w < WORKERS; w++) {
		int status = -1;

		assert_true(waitpid(child[w], &status, 0) == child[w]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(look(), AUDIT_GOOD);
	print_message("%zu bytes\n", archive_len);
	free(twice);
	free(archive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n93_every_altered_byte_of_an_archive_is_a_problem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_seal.c: a sealed file opens for its passphrase and purpose, with not one byte changed
 * (N18, N63); a cost below the floor or beyond reason is refused before it is paid.
 */
#include "crypto/mem.h"
#include "crypto/seal.h"
#include "tests/unit/lib/cheap_seal.h"
#include "tests/unit/lib/hex.h"
#include "tests/vectors/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PLAIN = 40, SEALED = PLAIN + SEAL_OVERHEAD_BYTES, AT_OPERATIONS = 9, AT_MEMORY = 13 };

static const char secret[PLAIN + 1] = "the share of a trustee, forty bytes long";
static const char pass[] = "correct horse";
static uint8_t file[SEALED];
static uint8_t room[SEALED + 64];

static enum status open_it(const uint8_t *bytes, size_t len)
{
	size_t plain_len;
	enum status st;

	memset(room, 0xaa, sizeof(room));
	st = seal_open(room, &plain_len, bytes, len, "share", pass, strlen(pass));
	if (st == ST_OK) {
		assert_int_equal(plain_len, seal_plain_len(len));
	} else {
		assert_int_equal(plain_len, 0);
		assert_true(mem_is_zero(room, seal_plain_len(len)));
	}
	/* Nothing is written behind the plaintext. */
	assert_int_equal(room[seal_plain_len(len)], 0xaa);
	return st;
}

static void a_sealed_file_opens_for_its_passphrase_and_purpose_alone(void **state)
{
	size_t len;

	(void)state;
	assert_int_equal(seal_open(room, &len, file, SEALED, "share", "correct horsf", 13), ST_SEAL);
	assert_int_equal(seal_open(room, &len, file, SEALED, "share", pass, 12), ST_SEAL);
	assert_int_equal(seal_open(room, &len, file, SEALED, "share", "", 0), ST_SEAL);
	assert_int_equal(seal_open(room, &len, file, SEALED, "spool", pass, 13), ST_SEAL);
	assert_int_equal(seal_open(room, &len, file, SEALED, "shar", pass, 13), ST_SEAL);
	assert_int_equal(open_it(file, SEALED), ST_OK);
	assert_memory_equal(room, secret, PLAIN);
}

static void a_file_of_version_1_stays_readable(void **state)
{
	uint8_t sealed[128];
	size_t sealed_len = hex_bytes(sealed, sizeof(sealed), sealed_cheap);
	size_t len;

	(void)state;
	assert_int_equal(seal_open(room, &len, sealed, sealed_len, SEALED_PURPOSE, SEALED_PASSPHRASE,
	                           strlen(SEALED_PASSPHRASE)), ST_OK);
	assert_int_equal(len, strlen(SEALED_PLAIN));
	assert_memory_equal(room, SEALED_PLAIN, len);
}

static void every_altered_bit_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SEALED; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			enum status st;

			/* An honest cost of up to a gigabyte is tried in the test of the bounds. */
			if (i >= AT_OPERATIONS && i < AT_MEMORY + 4)
				continue;
			file[i] ^= (uint8_t)(1u << bit);
			st = open_it(file, SEALED);
			file[i] ^= (uint8_t)(1u << bit);
			if (st != ST_SEAL)
				fail_msg("byte %zu, bit %u: %d", i, bit, (int)st);
		}
	assert_int_equal(open_it(file, SEALED), ST_OK);
}

static void every_prefix_and_every_longer_file_is_refused(void **state)
{
	uint8_t longer[SEALED + 64] = { 0 };

	(void)state;
	memcpy(longer, file, SEALED);
	for (size_t len = 0; len < SEALED + 64; len++)
		if (len != SEALED)
			assert_int_equal(open_it(longer, len), ST_SEAL);
	assert_int_equal(open_it(longer, SEALED), ST_OK);
}

static void put_cost(uint8_t *to, uint32_t operations, uint32_t memory_kib)
{
	for (size_t i = 0; i < 4; i++) {
		to[AT_OPERATIONS + i] = (uint8_t)(operations >> (24 - 8 * i));
		to[AT_MEMORY + i] = (uint8_t)(memory_kib >> (24 - 8 * i));
	}
}

/* A hostile file must not make the machine work or swap. */
static void another_cost_is_refused(void **state)
{
	static const uint32_t operations[] = { 0, 2, SEAL_OPERATIONS_MAX, SEAL_OPERATIONS_MAX + 1,
	                                       0x7fffffff, UINT32_MAX };
	static const uint32_t memory_kib[] = { 0, 1, 7, 9, 64, SEAL_MEMORY_KIB_MAX + 1, 0x7fffffff,
	                                       UINT32_MAX };
	uint8_t bytes[SEALED];

	(void)state;
	memcpy(bytes, file, SEALED);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		put_cost(bytes, operations[i], seal_cost.memory_kib);
		assert_int_equal(open_it(bytes, SEALED), ST_SEAL);
	}
	for (size_t i = 0; i < sizeof(memory_kib) / sizeof(memory_kib[0]); i++) {
		put_cost(bytes, seal_cost.operations, memory_kib[i]);
		assert_int_equal(open_it(bytes, SEALED), ST_SEAL);
	}
	put_cost(bytes, seal_cost.operations, seal_cost.memory_kib);
	assert_int_equal(open_it(bytes, SEALED), ST_OK);
}

static void parts_of_two_files_do_not_make_a_third(void **state)
{
	uint8_t other[SEALED], bytes[SEALED];
	static const size_t cuts[] = { 25, SEAL_HEAD_BYTES, SEAL_HEAD_BYTES + 24, SEALED - 16 };

	(void)state;
	assert_int_equal(seal_close(other, secret, PLAIN, "share", pass, strlen(pass)), ST_OK);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		memcpy(bytes, file, cuts[i]);
		memcpy(bytes + cuts[i], other + cuts[i], SEALED - cuts[i]);
		assert_int_equal(open_it(bytes, SEALED), ST_SEAL);
	}
	assert_int_equal(open_it(other, SEALED), ST_OK);
}

static bool contains(const uint8_t *in, size_t len, const void *what, size_t what_len)
{
	for (size_t i = 0; i + what_len <= len; i++)
		if (memcmp(in + i, what, what_len) == 0)
			return true;
	return false;
}

/* N18 */
static void a_sealed_file_shows_nothing_and_is_never_the_same_twice(void **state)
{
	uint8_t again[SEALED];

	(void)state;
	for (size_t i = 0; i + 4 <= PLAIN; i++)
		assert_false(contains(file, SEALED, secret + i, 4));
	assert_false(contains(file, SEALED, pass, 4));
	assert_int_equal(seal_close(again, secret, PLAIN, "share", pass, strlen(pass)), ST_OK);
	assert_memory_not_equal(again + 17, file + 17, 16);
	assert_memory_not_equal(again + SEAL_HEAD_BYTES, file + SEAL_HEAD_BYTES, 24);
	assert_memory_not_equal(again + SEAL_HEAD_BYTES + 24, file + SEAL_HEAD_BYTES + 24, PLAIN);
}

static void an_empty_secret_and_a_long_one_come_back(void **state)
{
	static const size_t lens[] = { 0, 1, 63, 64, 65, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint8_t *plain = malloc(lens[i] + 1);
		uint8_t *sealed = malloc(seal_len(lens[i]));
		uint8_t *opened = malloc(lens[i] + 1);
		size_t len;

		assert_true(plain != NULL && sealed != NULL && opened != NULL);
		memset(plain, 0x5a, lens[i] + 1);
		assert_int_equal(seal_plain_len(seal_len(lens[i])), lens[i]);
		assert_int_equal(seal_close(sealed, plain, lens[i], "log", "p", 1), ST_OK);
		assert_int_equal(seal_open(opened, &len, sealed, seal_len(lens[i]), "log", "p", 1), ST_OK);
		assert_int_equal(len, lens[i]);
		assert_memory_equal(opened, plain, len);
		free(plain);
		free(sealed);
		free(opened);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	static char long_pass[SEAL_PASSPHRASE_MAX + 1];
	uint8_t bytes[SEALED];
	size_t len;

	(void)state;
	memset(long_pass, 'x', sizeof(long_pass));
	assert_int_equal(seal_len(SEAL_PLAIN_MAX), (size_t)SEAL_PLAIN_MAX + SEAL_OVERHEAD_BYTES);
	assert_int_equal(seal_len((size_t)SEAL_PLAIN_MAX + 1), 0);
	assert_int_equal(seal_plain_len((size_t)SEAL_PLAIN_MAX + SEAL_OVERHEAD_BYTES), SEAL_PLAIN_MAX);
	assert_int_equal(seal_plain_len((size_t)SEAL_PLAIN_MAX + SEAL_OVERHEAD_BYTES + 1), 0);
	assert_int_equal(seal_close(bytes, secret, (size_t)SEAL_PLAIN_MAX + 1, "share", pass, 13),
	                 ST_LIMIT);
	assert_int_equal(seal_close(bytes, secret, PLAIN, "share", pass, 0), ST_LIMIT);
	assert_true(mem_is_zero(bytes, sizeof(bytes)));
	assert_int_equal(seal_close(bytes, secret, PLAIN, "share", long_pass, sizeof(long_pass)),
	                 ST_LIMIT);
	assert_int_equal(seal_close(bytes, secret, PLAIN, "share", long_pass, sizeof(long_pass) - 1),
	                 ST_OK);
	assert_int_equal(seal_open(room, &len, bytes, SEALED, "share", long_pass, sizeof(long_pass)),
	                 ST_SEAL);
	assert_int_equal(seal_open(room, &len, bytes, SEALED, "share", long_pass,
	                           sizeof(long_pass) - 1), ST_OK);
}

static int start(void **state)
{
	(void)state;
	cheap_seal();
	if (crypto_init() != ST_OK)
		return -1;
	return seal_close(file, secret, PLAIN, "share", pass, strlen(pass)) == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_file_opens_for_its_passphrase_and_purpose_alone),
		cmocka_unit_test(a_file_of_version_1_stays_readable),
		cmocka_unit_test(every_altered_bit_is_refused),
		cmocka_unit_test(every_prefix_and_every_longer_file_is_refused),
		cmocka_unit_test(another_cost_is_refused),
		cmocka_unit_test(parts_of_two_files_do_not_make_a_third),
		cmocka_unit_test(a_sealed_file_shows_nothing_and_is_never_the_same_twice),
		cmocka_unit_test(an_empty_secret_and_a_long_one_come_back),
		cmocka_unit_test(what_is_too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}

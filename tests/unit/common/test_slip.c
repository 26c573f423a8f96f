/*
 * test_slip.c: what a kiosk signs on a slip holds for that slip alone; its chain and its closing
 * list bind all of it.
 */
#include "common/election/slip.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/parties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct parties parties;
static struct manifest *m;
static struct sign_secret kiosk;
static uint8_t key[32];

static void a_top_half_holds_for_its_tracker_kiosk_and_sequence_alone(void **state)
{
	struct slip_top top = { .kiosk = 3, .sequence = 17 }, other;
	uint8_t sig[SIGN_BYTES];

	(void)state;
	rng_bytes(top.tracker, sizeof(top.tracker));
	slip_sign_top(sig, m, &top, &kiosk);
	other = top;
	other.tracker[31] ^= 1;
	assert_int_equal(slip_check_top(m, &other, sig, key), ST_SIGNATURE);
	other = top;
	other.kiosk++;
	assert_int_equal(slip_check_top(m, &other, sig, key), ST_SIGNATURE);
	other = top;
	other.sequence++;
	assert_int_equal(slip_check_top(m, &other, sig, key), ST_SIGNATURE);
	assert_int_equal(slip_check_top(m, &top, sig, key), ST_OK);
}

static void a_fate_holds_for_no_other_fate(void **state)
{
	uint8_t tracker[32], sig[SIGN_BYTES];

	(void)state;
	rng_bytes(tracker, sizeof(tracker));
	slip_sign_fate(sig, m, tracker, SLIP_VOID, &kiosk);
	assert_int_equal(slip_check_fate(m, tracker, SLIP_CAST, sig, key), ST_SIGNATURE);
	assert_int_equal(slip_check_fate(m, tracker, SLIP_TESTED, sig, key), ST_SIGNATURE);
	assert_int_equal(slip_check_fate(m, tracker, SLIP_VOID, sig, key), ST_OK);
}

static void a_device_commitment_binds_everything_before(void **state)
{
	uint8_t blinding[3][32], tracker[3][32], chain[4][32], a[32], b[32];

	(void)state;
	slip_chain_start(chain[0], m->election_id, 1);
	slip_chain_start(a, m->election_id, 2);
	assert_memory_not_equal(a, chain[0], 32);
	for (size_t i = 0; i < 3; i++) {
		rng_bytes(blinding[i], 32);
		rng_bytes(tracker[i], 32);
		slip_chain_next(chain[i + 1], chain[i], tracker[i], blinding[i]);
	}
	slip_device(a, 1, 4, chain[3], blinding[2]);
	slip_device(b, 1, 5, chain[3], blinding[2]);
	assert_memory_not_equal(a, b, 32);
	slip_device(b, 2, 4, chain[3], blinding[2]);
	assert_memory_not_equal(a, b, 32);
	slip_device(b, 1, 4, chain[2], blinding[2]);
	assert_memory_not_equal(a, b, 32);
	/* In place. */
	memcpy(b, chain[2], 32);
	slip_chain_next(b, b, tracker[2], blinding[2]);
	assert_memory_equal(b, chain[3], 32);
	slip_chain_next(b, chain[2], tracker[1], blinding[2]);
	assert_memory_not_equal(b, chain[3], 32);
}

static void a_closing_list_is_sorted_and_its_root_binds_every_fate(void **state)
{
	struct slip_closing list[9];
	uint8_t root[32], other[32];

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		rng_bytes(list[i].tracker, 32);
		list[i].fate = (enum slip_fate)(1 + i % 3);
	}
	slip_closing_sort(list, 9);
	assert_int_equal(slip_closing_root(root, list, 9), ST_OK);
	for (size_t i = 0; i < 9; i++) {
		list[i].fate = list[i].fate == SLIP_VOID ? SLIP_CAST : SLIP_VOID;
		assert_int_equal(slip_closing_root(other, list, 9), ST_OK);
		assert_memory_not_equal(root, other, 32);
		list[i].fate = list[i].fate == SLIP_VOID ? SLIP_CAST : SLIP_VOID;
	}
	assert_int_equal(slip_closing_root(other, list, 8), ST_OK);
	assert_memory_not_equal(root, other, 32);
	list[4] = list[3];
	assert_int_equal(slip_closing_root(other, list, 9), ST_ORDER);
	assert_int_equal(slip_closing_root(root, NULL, 0), ST_OK);
}

static void a_slip_secret_is_no_credential(void **state)
{
	struct credential_code code;
	struct credential slip, credential;

	(void)state;
	credential_code_generate(&code);
	assert_int_equal(slip_secret_derive(&slip, m->suite, m->election_id, &code), ST_OK);
	assert_int_equal(credential_derive(&credential, m->suite, m->election_id, &code), ST_OK);
	assert_memory_not_equal(slip.key_bytes, credential.key_bytes, 32);
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	parties_make(&parties, 4, 7);
	m = parties_manifest(&parties, PARTIES_DEFINITION);
	sign_keygen(&kiosk, key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	manifest_free(m);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_top_half_holds_for_its_tracker_kiosk_and_sequence_alone),
		cmocka_unit_test(a_fate_holds_for_no_other_fate),
		cmocka_unit_test(a_device_commitment_binds_everything_before),
		cmocka_unit_test(a_closing_list_is_sorted_and_its_root_binds_every_fate),
		cmocka_unit_test(a_slip_secret_is_no_credential),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

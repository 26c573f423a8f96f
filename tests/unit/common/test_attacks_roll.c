/*
 * test_attacks_roll.c: attacks on enrolment: roll chunks, kiosks, and what `open` fixes
 * (attacks.md N21, N23, N24, N25, N26, N30, N72, N77).
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/forge.h"

#include "common/election/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VOTERS = 6, ENTRY = 32 + 4 + 2 };

static struct town *t;
static uint8_t roll[VOTERS][ENTRY];   /* in canonical order */

static int setup(void **state)
{
	struct writer w;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_ENROL);
	writer_init(&w, roll, sizeof(roll));
	for (uint32_t i = 0; i < VOTERS; i++) {
		struct credential_code code;
		struct roll_entry e = { .weight = 1, .style = (uint16_t)(i % 3) };

		credential_code_generate(&code);
		assert_int_equal(credential_derive(&t->voter[i], t->m->suite, t->m->election_id,
		                                   &code), ST_OK);
		e.key = t->voter[i].key_bytes;
		roll_entry_write(&w, t->m->suite, &e);
	}
	roll_sort(t->m->suite, roll[0], VOTERS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	attack_town_free(t);
	return 0;
}

/* --- pieces ---------------------------------------------------------------------------------- */

static struct town_tx chunk_of(uint16_t index, uint16_t total, const void *entries, size_t len)
{
	struct town_tx tx = { .wire = malloc(len + 256) };
	struct writer w;

	assert_non_null(tx.wire);
	writer_init(&w, tx.wire, len + 256);
	tx_begin(&w, TX_ROLL);
	tx_roll_body(&w, index, total, entries, len);
	assert_int_equal(writer_end(&w, &tx.len), ST_OK);
	tx.len += TX_SIG_BYTES;
	attack_sign_official(t, &tx, &t->registrar);
	return tx;
}

static struct town_tx chunk(uint16_t index, uint16_t total, size_t from, size_t count)
{
	return chunk_of(index, total, roll[from], count * ENTRY);
}

static struct town_tx device(uint16_t kiosk, const uint8_t *sign_key, const uint8_t *curve_key,
                             const char *label)
{
	struct town_tx tx = { .wire = malloc(512) };
	struct writer w;

	assert_non_null(tx.wire);
	writer_init(&w, tx.wire, 512);
	tx_begin(&w, TX_DEVICE);
	tx_device_body(&w, kiosk, sign_key, curve_key, label);
	assert_int_equal(writer_end(&w, &tx.len), ST_OK);
	tx.len += TX_SIG_BYTES;
	attack_sign_official(t, &tx, &t->officer);
	return tx;
}

struct fixed {
	uint8_t anchor[32], root[32], y[32];
	uint32_t count;
	uint64_t sum;
	size_t y_len;
};

static struct fixed fixed_now(void)
{
	struct fixed f = { .y_len = 32 };

	memcpy(f.anchor, t->e->now.anchor, 32);
	group_encode(t->m->suite, f.y, &t->e->now.keys->y);
	if (t->e->now.roll != NULL) {
		memcpy(f.root, t->e->now.roll->root, 32);
		f.count = t->e->now.roll->count;
		f.sum = t->e->now.roll->weight_sum;
	}
	return f;
}

static enum status say_open(const struct fixed *f)
{
	uint8_t body[256];
	struct writer w;
	size_t len;

	writer_init(&w, body, sizeof(body));
	tx_begin(&w, TX_OPEN);
	tx_open_body(&w, f->anchor, f->root, f->count, f->sum, f->y, f->y_len);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	return attack_say_once(t, town_cosign(t, body, len, 0xf));
}

/* --- the roll -------------------------------------------------------------------------------- */

static void n24_a_roll_that_the_registrar_did_not_sign_is_refused(void **state)
{
	struct town_tx tx = chunk(0, 1, 0, VOTERS);

	(void)state;
	attack_sign_official(t, &tx, &t->officer);
	assert_int_equal(attack_say(t, &tx), ST_SIGNATURE);
	attack_sign_official(t, &tx, &t->trustee[0]);
	assert_int_equal(attack_say(t, &tx), ST_SIGNATURE);
	attack_sign_official(t, &tx, &t->registrar);
	for (size_t i = 1; i < tx.len; i++) {
		enum status st;

		tx.wire[i] ^= 1;
		st = attack_say(t, &tx);
		assert_true(st == ST_SIGNATURE || st == ST_FORMAT || st == ST_LIMIT);
		tx.wire[i] ^= 1;
	}
	assert_int_equal(attack_say_once(t, tx), ST_OK);
}

/* N72: nothing is done with entries that nobody signed. */
static void n72_what_is_not_signed_is_not_looked_at(void **state)
{
	struct town_tx tx;
	uint8_t junk[3 * ENTRY];

	(void)state;
	memset(junk, 0xff, sizeof(junk));
	tx = chunk_of(0, 1, junk, sizeof(junk));
	assert_int_equal(attack_say(t, &tx), ST_ELEMENT);
	tx.wire[tx.len - 1] ^= 1;
	assert_int_equal(attack_say_once(t, tx), ST_SIGNATURE);
}

static void n23_a_bad_entry_is_refused_with_its_reason(void **state)
{
	uint8_t bad[2][ENTRY];

	(void)state;
	memcpy(bad, roll, sizeof(bad));
	memcpy(bad[1], bad[0], ENTRY);
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad, sizeof(bad))), ST_DUPLICATE);
	memcpy(bad[0], roll[1], ENTRY);
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad, sizeof(bad))), ST_ORDER);
	memcpy(bad, roll, sizeof(bad));
	bad[1][31] |= 0x80;
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad[1], ENTRY)), ST_ELEMENT);
	memset(bad[0], 0, 32);
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad[0], ENTRY)), ST_IDENTITY);
	memcpy(bad, roll, sizeof(bad));
	memset(bad[1] + 32, 0, 4);   /* weight 0 */
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad, sizeof(bad))), ST_LIMIT);
	memset(bad[1] + 32, 0xff, 4);
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad, sizeof(bad))), ST_LIMIT);
	memcpy(bad, roll, sizeof(bad));
	bad[1][37] = 3;              /* no such style */
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad, sizeof(bad))), ST_STYLE);
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad, ENTRY - 1)), ST_FORMAT);
	assert_int_equal(attack_say_once(t, chunk_of(0, 1, bad, 0)), ST_FORMAT);
	assert_int_equal(attack_say_once(t, chunk(0, 1, 0, VOTERS)), ST_OK);
}

static void n23_chunks_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	assert_int_equal(attack_say_once(t, chunk(3, 3, 0, 2)), ST_FORMAT);
	assert_int_equal(attack_say_once(t, chunk(0, 0, 0, 2)), ST_FORMAT);
	town_block_one(t, chunk(2, 3, 4, 2));   /* in any order */
	assert_int_equal(attack_say_once(t, chunk(2, 3, 4, 2)), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, chunk(2, 3, 0, 2)), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, chunk(0, 2, 0, 2)), ST_ROLL);
	assert_int_equal(attack_say_once(t, chunk(1, 65535, 0, 2)), ST_ROLL);
	town_block_one(t, chunk(0, 3, 0, 2));
	/* the last chunk is held against the others: a voter twice, or out of place */
	assert_int_equal(attack_say_once(t, chunk(1, 3, 1, 2)), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, chunk(1, 3, 4, 1)), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, chunk(1, 3, 0, 1)), ST_ORDER);
	assert_int_equal(attack_say_once(t, chunk(1, 3, 5, 1)), ST_ORDER);
	assert_null(election_roll(t->e));
	assert_int_equal(attack_say_once(t, chunk(1, 3, 2, 2)), ST_OK);
	town_block_one(t, chunk(1, 3, 2, 2));
	assert_int_equal(election_roll(t->e)->count, VOTERS);
	assert_int_equal(attack_say_once(t, chunk(1, 3, 2, 2)), ST_DUPLICATE);
}

/* A registrar who sends more and more chunks does not fill every node's memory. */
static void n24_more_entries_than_an_election_may_have_are_refused_at_once(void **state)
{
	(void)state;
	town_block_one(t, chunk(0, 60000, 0, 2));
	t->e->now.roll_entries = LIMIT_VOTERS - 2;
	assert_int_equal(attack_say_once(t, chunk(1, 60000, 2, 2)), ST_OK);
	t->e->now.roll_entries = LIMIT_VOTERS - 1;
	assert_int_equal(attack_say_once(t, chunk(1, 60000, 2, 2)), ST_LIMIT);
	assert_int_equal(attack_say_once(t, chunk(1, 60000, 2, 1)), ST_OK);
}

static void n30_unequal_weights_need_the_manifest_s_word(void **state)
{
	(void)state;
	roll[2][35] = 2;
	assert_int_equal(attack_say_once(t, chunk(0, 1, 0, VOTERS)), ST_DEFINITION);
	for (size_t i = 0; i < VOTERS; i++)
		roll[i][35] = 2;
	assert_int_equal(attack_say_once(t, chunk(0, 1, 0, VOTERS)), ST_OK);
}

/* --- open ------------------------------------------------------------------------------------ */

static void n30_open_fixes_the_roll_on_the_chain_and_no_other(void **state)
{
	struct fixed f = fixed_now();

	(void)state;
	assert_int_equal(say_open(&f), ST_ROLL);                    /* there is none */
	town_block_one(t, chunk(0, 2, 0, 3));
	assert_int_equal(say_open(&f), ST_ROLL);                    /* half of one */
	town_block_one(t, chunk(1, 2, 3, 3));
	f = fixed_now();
	assert_int_equal(say_open(&f), ST_OK);
	f.root[0] ^= 1;
	assert_int_equal(say_open(&f), ST_ROLL);
	f = fixed_now();
	f.count++;
	assert_int_equal(say_open(&f), ST_ROLL);
	f = fixed_now();
	f.sum--;
	assert_int_equal(say_open(&f), ST_ROLL);
	f = fixed_now();
	forge_element_next(t->m->suite, f.y);
	assert_int_equal(say_open(&f), ST_KEY);
	f = fixed_now();
	f.y_len = 31;
	assert_int_equal(say_open(&f), ST_KEY);
	f.y_len = 0;
	assert_int_equal(say_open(&f), ST_KEY);
	f = fixed_now();
	f.anchor[31] ^= 1;
	assert_int_equal(say_open(&f), ST_HASH);
	town_open(t);
	assert_int_equal(attack_say_once(t, chunk(0, 1, 0, VOTERS)), ST_PHASE);
	f = fixed_now();
	assert_int_equal(say_open(&f), ST_PHASE);
}

/* --- kiosks ---------------------------------------------------------------------------------- */

static void n25_weak_and_repeated_kiosk_keys_are_refused(void **state)
{
	static const uint8_t ZERO[32], IDENTITY[32] = { 1 };
	struct sign_secret unused;
	uint8_t key[3][32], curve[2][32] = { { 1, 1 }, { 1, 2 } };
	struct town_tx tx;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		sign_keygen(&unused, key[i]);
	assert_int_equal(attack_say_once(t, device(1, ZERO, curve[0], "a")), ST_KEY);
	assert_int_equal(attack_say_once(t, device(1, IDENTITY, curve[0], "a")), ST_KEY);
	assert_int_equal(attack_say_once(t, device(1, key[0], ZERO, "a")), ST_KEY);
	assert_int_equal(attack_say_once(t, device(1, key[0], key[0], "a")), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, device(LIMIT_KIOSKS, key[0], curve[0], "a")), ST_LIMIT);
	assert_int_equal(attack_say_once(t, device(LIMIT_KIOSKS - 1, key[0], curve[0], "a")), ST_OK);
	tx = device(1, key[0], curve[0], "a");
	attack_sign_official(t, &tx, &t->registrar);
	assert_int_equal(attack_say_once(t, tx), ST_SIGNATURE);
	town_block_one(t, device(1, key[0], curve[0], "a"));
	assert_int_equal(attack_say_once(t, device(1, key[1], curve[1], "a")), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, device(2, key[0], curve[1], "a")), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, device(2, key[1], curve[0], "a")), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, device(2, key[1], key[0], "a")), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, device(2, key[1], curve[1], "a")), ST_OK);
}

/* A key has one owner and one use (N77): none of the manifest's is a kiosk's as well. */
static void n77_a_key_of_the_manifest_is_no_kiosk_s(void **state)
{
	uint8_t key[32], curve[32] = { 9 };
	struct sign_secret unused;

	(void)state;
	sign_keygen(&unused, key);
	for (size_t i = 0; i < t->n; i++) {
		const struct card *card = &t->m->trustees[i];

		assert_int_equal(attack_say_once(t, device(1, card->sign_key, curve, "a")), ST_DUPLICATE);
		assert_int_equal(attack_say_once(t, device(1, card->node_key, curve, "a")), ST_DUPLICATE);
		assert_int_equal(attack_say_once(t, device(1, card->checkpoint_key, curve, "a")),
		                 ST_DUPLICATE);
		assert_int_equal(attack_say_once(t, device(1, key, card->curve_key, "a")), ST_DUPLICATE);
	}
	assert_int_equal(attack_say_once(t, device(1, t->m->officer->sign_key, curve, "a")),
	                 ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, device(1, t->m->registrar->sign_key, curve, "a")),
	                 ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, device(1, key, curve, "a")), ST_OK);
}

static void n21_a_label_that_commands_the_terminal_is_refused(void **state)
{
	static const char *const BAD[] = {
		"\x1b]0;owned\x07", "left\n", "a\tb", ("\xe2\x80\xae" "txt"), "\xff", "e\xcc\x81", "\x7f",
	};
	uint8_t key[32], curve[32] = { 9 };
	struct sign_secret unused;

	(void)state;
	sign_keygen(&unused, key);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(attack_say_once(t, device(1, key, curve, BAD[i])), ST_FORMAT);
	assert_int_equal(attack_say_once(t, device(1, key, curve, "Hall, l\xc3\xa9" "ft")), ST_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			n24_a_roll_that_the_registrar_did_not_sign_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n72_what_is_not_signed_is_not_looked_at, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n23_a_bad_entry_is_refused_with_its_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n23_chunks_that_contradict_each_other_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n24_more_entries_than_an_election_may_have_are_refused_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n30_unequal_weights_need_the_manifest_s_word, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n30_open_fixes_the_roll_on_the_chain_and_no_other, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n25_weak_and_repeated_kiosk_keys_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n77_a_key_of_the_manifest_is_no_kiosk_s, setup, teardown),
		cmocka_unit_test_setup_teardown(
			n21_a_label_that_commands_the_terminal_is_refused, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

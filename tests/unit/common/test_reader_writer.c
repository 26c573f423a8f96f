/* test_reader_writer.c: the bounded cursors over bytes. */
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* One of each kind of field. */
static const uint8_t SAMPLE[] = {
	0x01,                                            /* u8 */
	0x01, 0x02,                                      /* u16 */
	0x01, 0x02, 0x03, 0x04,                          /* u32 */
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,  /* u64 */
	0x02, 'a', 'b',                                  /* vec8 */
	0x00, 0x01, 'c',                                 /* vec16 */
	0x00, 0x00, 0x00, 0x03, 'd', 'e', 'f',           /* vec32 */
	'g', 'h',                                        /* bytes */
};

struct sample {
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	const uint8_t *vec[3];
	size_t len[3];
	uint8_t bytes[2];
};

static enum status sample_read(struct sample *s, const uint8_t *p, size_t len)
{
	struct reader r;
	enum status st;

	memset(s, 0, sizeof(*s));
	reader_init(&r, p, len);
	if ((st = reader_u8(&r, &s->u8)) != ST_OK ||
	    (st = reader_u16(&r, &s->u16)) != ST_OK ||
	    (st = reader_u32(&r, &s->u32)) != ST_OK ||
	    (st = reader_u64(&r, &s->u64)) != ST_OK ||
	    (st = reader_vec8(&r, &s->vec[0], &s->len[0], 2)) != ST_OK ||
	    (st = reader_vec16(&r, &s->vec[1], &s->len[1], 2)) != ST_OK ||
	    (st = reader_vec32(&r, &s->vec[2], &s->len[2], 3)) != ST_OK ||
	    (st = reader_bytes(&r, s->bytes, 2)) != ST_OK ||
	    (st = reader_end(&r)) != ST_OK)
		return st;
	return ST_OK;
}

static enum status sample_write(uint8_t *out, size_t cap, size_t *len, const struct sample *s)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_u8(&w, s->u8);
	writer_u16(&w, s->u16);
	writer_u32(&w, s->u32);
	writer_u64(&w, s->u64);
	writer_vec8(&w, s->vec[0], s->len[0]);
	writer_vec16(&w, s->vec[1], s->len[1]);
	writer_vec32(&w, s->vec[2], s->len[2]);
	writer_bytes(&w, s->bytes, sizeof(s->bytes));
	return writer_end(&w, len);
}

static void every_prefix_is_refused(void **state)
{
	struct sample s;

	(void)state;
	for (size_t len = 0; len < sizeof(SAMPLE); len++)
		assert_int_equal(sample_read(&s, SAMPLE, len), ST_FORMAT);
	assert_int_equal(sample_read(&s, SAMPLE, sizeof(SAMPLE)), ST_OK);
}

static void one_byte_more_is_refused(void **state)
{
	uint8_t more[sizeof(SAMPLE) + 1] = { 0 };
	struct sample s;

	(void)state;
	memcpy(more, SAMPLE, sizeof(SAMPLE));
	assert_int_equal(sample_read(&s, more, sizeof(more)), ST_FORMAT);
}

static void integers_are_big_endian(void **state)
{
	struct sample s;

	(void)state;
	assert_int_equal(sample_read(&s, SAMPLE, sizeof(SAMPLE)), ST_OK);
	assert_int_equal(s.u8, 0x01);
	assert_int_equal(s.u16, 0x0102);
	assert_int_equal(s.u32, 0x01020304);
	assert_true(s.u64 == 0x0102030405060708);
	assert_int_equal(s.len[0], 2);
	assert_memory_equal(s.vec[1], "c", 1);
	assert_memory_equal(s.vec[2], "def", 3);
	assert_memory_equal(s.bytes, "gh", 2);
}

static void what_was_read_writes_back_to_the_same_bytes(void **state)
{
	uint8_t out[sizeof(SAMPLE)];
	struct sample s;
	size_t len = 0;

	(void)state;
	assert_int_equal(sample_read(&s, SAMPLE, sizeof(SAMPLE)), ST_OK);
	assert_int_equal(sample_write(out, sizeof(out), &len, &s), ST_OK);
	assert_int_equal(len, sizeof(SAMPLE));
	assert_memory_equal(out, SAMPLE, sizeof(SAMPLE));
}

static void a_writer_says_when_it_ran_out_of_room(void **state)
{
	uint8_t out[sizeof(SAMPLE) + 1];
	struct sample s;
	size_t len = 77;

	(void)state;
	assert_int_equal(sample_read(&s, SAMPLE, sizeof(SAMPLE)), ST_OK);
	for (size_t cap = 0; cap < sizeof(SAMPLE); cap++) {
		memset(out, 0xee, sizeof(out));
		assert_int_equal(sample_write(out, cap, &len, &s), ST_LIMIT);
		assert_int_equal(len, 77);
		assert_int_equal(out[cap], 0xee);
	}
	assert_int_equal(sample_write(out, sizeof(SAMPLE), &len, &s), ST_OK);
}

static void nothing_is_written_after_the_first_failure(void **state)
{
	uint8_t out[4] = { 0 };
	struct writer w;
	size_t len;

	(void)state;
	writer_init(&w, out, sizeof(out));
	writer_u64(&w, 1);
	writer_u8(&w, 0xff);   /* would fit */
	assert_null(writer_room(&w, 1));
	assert_int_equal(out[0], 0);
	assert_int_equal(writer_end(&w, &len), ST_LIMIT);
}

static void a_failed_read_moves_nothing_and_writes_nothing(void **state)
{
	static const uint8_t few[] = { 0, 0, 0 };
	const uint8_t *p = few;
	struct reader r;
	uint32_t u32 = 7;
	uint64_t u64 = 7;
	uint8_t bytes[4] = { 7, 7, 7, 7 };
	size_t len = 7;

	(void)state;
	reader_init(&r, few, sizeof(few));
	assert_int_equal(reader_u32(&r, &u32), ST_FORMAT);
	assert_int_equal(reader_u64(&r, &u64), ST_FORMAT);
	assert_int_equal(reader_bytes(&r, bytes, 4), ST_FORMAT);
	assert_int_equal(reader_vec32(&r, &p, &len, 100), ST_FORMAT);
	assert_int_equal(reader_view(&r, &p, 4), ST_FORMAT);
	assert_int_equal(reader_left(&r), 3);
	assert_int_equal(u32, 7);
	assert_true(u64 == 7);
	assert_int_equal(bytes[0], 7);
	assert_int_equal(len, 7);
	assert_ptr_equal(p, few);
}

static void a_length_stops_at_its_limit(void **state)
{
	static const uint8_t three[] = { 0, 0, 0, 3, 'a', 'b', 'c' };
	const uint8_t *p;
	struct reader r;
	size_t len;

	(void)state;
	reader_init(&r, three, sizeof(three));
	assert_int_equal(reader_vec32(&r, &p, &len, 2), ST_LIMIT);
	assert_int_equal(reader_left(&r), sizeof(three));
	assert_int_equal(reader_vec32(&r, &p, &len, 3), ST_OK);
	assert_int_equal(reader_end(&r), ST_OK);
}

static void the_largest_length_does_not_wrap(void **state)
{
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff, 'a' };
	const uint8_t *p;
	struct reader r;
	size_t len;

	(void)state;
	reader_init(&r, huge, sizeof(huge));
	assert_int_equal(reader_vec32(&r, &p, &len, SIZE_MAX), ST_FORMAT);
	assert_int_equal(reader_view(&r, &p, SIZE_MAX), ST_FORMAT);
	assert_int_equal(reader_left(&r), sizeof(huge));
}

static void an_empty_vector_is_no_bytes(void **state)
{
	static const uint8_t none[] = { 0, 9 };
	const uint8_t *p = none;
	struct reader r;
	size_t len = 7;

	(void)state;
	reader_init(&r, none, sizeof(none));
	assert_int_equal(reader_vec8(&r, &p, &len, 0), ST_OK);
	assert_int_equal(len, 0);
	assert_int_equal(reader_left(&r), 1);
	reader_init(&r, NULL, 0);
	assert_int_equal(reader_end(&r), ST_OK);
}

static void a_vector_too_long_for_its_prefix_is_refused(void **state)
{
	static uint8_t out[70000], in[65536];
	struct writer w;
	size_t len;

	(void)state;
	writer_init(&w, out, sizeof(out));
	writer_vec8(&w, in, 256);
	assert_int_equal(writer_end(&w, &len), ST_LIMIT);
	writer_init(&w, out, sizeof(out));
	writer_vec16(&w, in, 65536);
	assert_int_equal(writer_end(&w, &len), ST_LIMIT);
	writer_init(&w, out, sizeof(out));
	writer_vec8(&w, in, 255);
	writer_vec16(&w, in, 65535);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	assert_int_equal(len, 1 + 255 + 2 + 65535);
}

static void limits_hold_at_the_limit_and_one_past(void **state)
{
	(void)state;
	assert_int_equal(limit_check(0, 0), ST_OK);
	assert_int_equal(limit_check(1, 0), ST_LIMIT);
	assert_int_equal(limit_check(UINT64_MAX, UINT64_MAX), ST_OK);
	assert_int_equal(limit_check(UINT64_MAX, UINT64_MAX - 1), ST_LIMIT);
}

static void random_bytes_are_read_in_one_way_only(void **state)
{
	struct prng r;
	struct sample s;
	uint8_t in[sizeof(SAMPLE)], out[sizeof(SAMPLE)];
	size_t len, accepted = 0;

	(void)state;
	prng_seed(&r, "reader");
	for (size_t i = 0; i < 20000; i++) {
		memcpy(in, SAMPLE, sizeof(in));
		in[prng_below(&r, sizeof(in))] = (uint8_t)prng_u64(&r);
		if (sample_read(&s, in, sizeof(in)) != ST_OK)
			continue;
		accepted++;
		assert_int_equal(sample_write(out, sizeof(out), &len, &s), ST_OK);
		assert_int_equal(len, sizeof(in));
		assert_memory_equal(in, out, len);
	}
	assert_true(accepted > 0 && accepted < 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(one_byte_more_is_refused),
		cmocka_unit_test(integers_are_big_endian),
		cmocka_unit_test(what_was_read_writes_back_to_the_same_bytes),
		cmocka_unit_test(a_writer_says_when_it_ran_out_of_room),
		cmocka_unit_test(nothing_is_written_after_the_first_failure),
		cmocka_unit_test(a_failed_read_moves_nothing_and_writes_nothing),
		cmocka_unit_test(a_length_stops_at_its_limit),
		cmocka_unit_test(the_largest_length_does_not_wrap),
		cmocka_unit_test(an_empty_vector_is_no_bytes),
		cmocka_unit_test(a_vector_too_long_for_its_prefix_is_refused),
		cmocka_unit_test(limits_hold_at_the_limit_and_one_past),
		cmocka_unit_test(random_bytes_are_read_in_one_way_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

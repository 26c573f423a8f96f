/* test_block.c: a block's bytes are canonical and its id commits to all of them. */
#include "common/ledger/block.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t body[64];
static size_t body_len;

/* A header whose every byte is different from zero, over a body of two items. */
static struct block_header sample(void)
{
	struct block_header h = {
		.version = BLOCK_VERSION, .height = 0x0102030405060708, .view = 0x1112131415161718,
		.parent_view = 0x0112131415161718, .proposer = 3, .time_min = 0x21222324,
		.n_items = 2, .log_size = 0x3132333435363738,
	};
	struct writer w;

	memset(h.election_id, 0xe1, sizeof(h.election_id));
	memset(h.parent, 0xa1, sizeof(h.parent));
	memset(h.log_root, 0xb1, sizeof(h.log_root));
	memset(h.state_hash, 0xc1, sizeof(h.state_hash));
	writer_init(&w, body, sizeof(body));
	block_item_write(&w, "one", 3);
	block_item_write(&w, "second", 6);
	assert_int_equal(writer_end(&w, &body_len), ST_OK);
	h.body_len = (uint32_t)body_len;
	block_body_hash(h.body_hash, body, body_len);
	return h;
}

static void a_header_comes_back_as_it_was_written(void **state)
{
	struct block_header h = sample(), back;
	uint8_t bytes[BLOCK_HEADER_BYTES], again[BLOCK_HEADER_BYTES];

	(void)state;
	block_header_encode(bytes, &h);
	assert_int_equal(block_header_decode(&back, bytes, sizeof(bytes)), ST_OK);
	block_header_encode(again, &back);
	assert_memory_equal(bytes, again, sizeof(bytes));
	assert_int_equal(bytes[1], BLOCK_VERSION);   /* big-endian */
	assert_int_equal(bytes[34], 0x01);
	assert_true(back.height == h.height && back.view == h.view && back.n_items == 2);
}

static void every_prefix_and_every_longer_buffer_is_refused(void **state)
{
	struct block_header h = sample(), back;
	uint8_t bytes[BLOCK_HEADER_BYTES + 1] = { 0 };

	(void)state;
	block_header_encode(bytes, &h);
	for (size_t len = 0; len < BLOCK_HEADER_BYTES; len++)
		assert_int_equal(block_header_decode(&back, bytes, len), ST_FORMAT);
	assert_int_equal(block_header_decode(&back, bytes, sizeof(bytes)), ST_FORMAT);
	bytes[1]++;
	assert_int_equal(block_header_decode(&back, bytes, BLOCK_HEADER_BYTES), ST_FORMAT);
}

static void every_byte_of_the_header_changes_the_id(void **state)
{
	struct block_header h = sample(), other;
	uint8_t bytes[BLOCK_HEADER_BYTES], id[32], changed[32];

	(void)state;
	block_header_encode(bytes, &h);
	block_id(id, &h);
	for (size_t i = 2; i < sizeof(bytes); i++) {
		bytes[i] ^= 1;
		assert_int_equal(block_header_decode(&other, bytes, sizeof(bytes)), ST_OK);
		block_id(changed, &other);
		assert_memory_not_equal(id, changed, sizeof(id));
		bytes[i] ^= 1;
	}
}

static void the_id_is_the_framed_hash_of_the_header(void **state)
{
	struct block_header h = sample();
	uint8_t m[4 + 15 + 4 + BLOCK_HEADER_BYTES] = { 0, 0, 0, 15 };
	uint8_t id[32], want[32];

	(void)state;
	memcpy(m + 4, "kalpis/v1/block", 15);
	m[4 + 15 + 3] = BLOCK_HEADER_BYTES;
	block_header_encode(m + 4 + 15 + 4, &h);
	hash256(want, m, sizeof(m));
	block_id(id, &h);
	assert_memory_equal(id, want, sizeof(id));
}

static void a_body_is_refused_for_its_reason(void **state)
{
	struct block_header h = sample();
	uint8_t other[64];

	(void)state;
	assert_int_equal(block_body_check(&h, body, body_len), ST_OK);
	assert_int_equal(block_body_check(&h, body, body_len - 1), ST_FORMAT);
	memcpy(other, body, sizeof(other));
	other[4] ^= 1;
	assert_int_equal(block_body_check(&h, other, body_len), ST_HASH);
	memcpy(other, body, sizeof(other));
	other[3] = 4;   /* the first item's length */
	assert_int_equal(block_body_check(&h, other, body_len), ST_FORMAT);
	h.n_items = 3;
	assert_int_equal(block_body_check(&h, body, body_len), ST_FORMAT);
	h.n_items = 1;
	assert_int_equal(block_body_check(&h, body, body_len), ST_FORMAT);
	h.n_items = LIMIT_BLOCK_ITEMS + 1;
	assert_int_equal(block_body_check(&h, body, body_len), ST_LIMIT);
}

static void an_empty_item_is_refused_and_an_empty_body_is_not(void **state)
{
	struct block_header h = sample();
	const uint8_t empty_item[4] = { 0 };

	(void)state;
	h.n_items = 1;
	h.body_len = 4;
	block_body_hash(h.body_hash, empty_item, 4);
	assert_int_equal(block_body_check(&h, empty_item, 4), ST_FORMAT);
	h.n_items = 0;
	h.body_len = 0;
	block_body_hash(h.body_hash, NULL, 0);
	assert_int_equal(block_body_check(&h, NULL, 0), ST_OK);
}

/* A body of count items whose lengths add up to total bytes. */
static uint8_t *large_body(struct block_header *h, uint32_t count, size_t total)
{
	uint8_t *p = calloc(1, total);
	struct writer w;
	size_t each = total / count - 4, len;
	uint8_t *item = calloc(1, total);

	assert_non_null(p);
	assert_non_null(item);
	writer_init(&w, p, total);
	for (uint32_t i = 0; i < count; i++)
		block_item_write(&w, item, i + 1 < count ? each : total - w.pos - 4);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	free(item);
	h->n_items = count;
	h->body_len = (uint32_t)len;
	block_body_hash(h->body_hash, p, len);
	return p;
}

static void a_body_holds_up_to_its_limit_and_not_one_byte_more(void **state)
{
	struct block_header h = sample();
	uint8_t *p;

	(void)state;
	p = large_body(&h, 2, LIMIT_BLOCK_BYTES);
	assert_int_equal(block_body_check(&h, p, LIMIT_BLOCK_BYTES), ST_OK);
	free(p);
	p = large_body(&h, 2, LIMIT_BLOCK_BYTES + 1);
	assert_int_equal(block_body_check(&h, p, LIMIT_BLOCK_BYTES + 1), ST_LIMIT);
	free(p);
	p = large_body(&h, 1, LIMIT_TX_BYTES + 4);   /* one transaction of the largest size */
	assert_int_equal(block_body_check(&h, p, LIMIT_TX_BYTES + 4), ST_OK);
	free(p);
	p = large_body(&h, 1, LIMIT_TX_BYTES + 5);
	assert_int_equal(block_body_check(&h, p, LIMIT_TX_BYTES + 5), ST_LIMIT);
	free(p);
	p = large_body(&h, LIMIT_BLOCK_ITEMS, (size_t)LIMIT_BLOCK_ITEMS * 5);
	assert_int_equal(block_body_check(&h, p, (size_t)LIMIT_BLOCK_ITEMS * 5), ST_OK);
	free(p);
}

static void items_come_out_in_order(void **state)
{
	struct reader r;
	const uint8_t *item;
	size_t len;

	(void)state;
	(void)sample();
	reader_init(&r, body, body_len);
	assert_int_equal(block_item_next(&r, &item, &len), ST_OK);
	assert_true(len == 3 && memcmp(item, "one", 3) == 0);
	assert_int_equal(block_item_next(&r, &item, &len), ST_OK);
	assert_true(len == 6 && memcmp(item, "second", 6) == 0);
	assert_int_equal(block_item_next(&r, &item, &len), ST_NOT_FOUND);
}

static void a_block_follows_only_its_parent(void **state)
{
	struct block_header parent = sample(), child = sample(), bad;
	uint8_t id[32];

	(void)state;
	block_id(id, &parent);
	child.height++;
	child.view += 4;   /* views may be skipped */
	child.parent_view = parent.view;
	child.log_size += child.n_items;
	memcpy(child.parent, id, sizeof(id));
	assert_int_equal(block_follows(&child, &parent, id), ST_OK);

	bad = child; bad.election_id[31] ^= 1;
	assert_int_equal(block_follows(&bad, &parent, id), ST_ELECTION);
	bad = child; bad.height++;
	assert_int_equal(block_follows(&bad, &parent, id), ST_PARENT);
	bad = child; bad.height = 0;
	assert_int_equal(block_follows(&bad, &parent, id), ST_PARENT);
	bad = child; bad.view = parent.view;
	assert_int_equal(block_follows(&bad, &parent, id), ST_PARENT);
	bad = child; bad.parent_view--;
	assert_int_equal(block_follows(&bad, &parent, id), ST_PARENT);
	bad = child; bad.parent[0] ^= 1;
	assert_int_equal(block_follows(&bad, &parent, id), ST_PARENT);
	bad = child; bad.log_size--;
	assert_int_equal(block_follows(&bad, &parent, id), ST_PARENT);
	bad = child; bad.log_size = 0;
	assert_int_equal(block_follows(&bad, &parent, id), ST_PARENT);
	bad = child; bad.time_min--;
	assert_int_equal(block_follows(&bad, &parent, id), ST_TIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_comes_back_as_it_was_written),
		cmocka_unit_test(every_prefix_and_every_longer_buffer_is_refused),
		cmocka_unit_test(every_byte_of_the_header_changes_the_id),
		cmocka_unit_test(the_id_is_the_framed_hash_of_the_header),
		cmocka_unit_test(a_body_is_refused_for_its_reason),
		cmocka_unit_test(an_empty_item_is_refused_and_an_empty_body_is_not),
		cmocka_unit_test(a_body_holds_up_to_its_limit_and_not_one_byte_more),
		cmocka_unit_test(items_come_out_in_order),
		cmocka_unit_test(a_block_follows_only_its_parent),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

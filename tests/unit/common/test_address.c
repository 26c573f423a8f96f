/*
 * test_address.c: "host:port", and nothing that only looks like it.
 */
#include "common/wire/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_parse(const char *text, enum status expected)
{
	struct address out;
	struct address before;
	char again[ADDRESS_TEXT_MAX + 1];
	enum status st;

	memset(&out, 0x77, sizeof(out));
	before = out;
	st = address_parse(&out, text, strlen(text));
	if (st != expected)
		fail_msg("\"%s\": %s, expected %s", text, status_name(st), status_name(expected));
	if (st == ST_OK) {
		address_format(again, &out);
		assert_string_equal(again, text);
	} else {
		assert_memory_equal(&out, &before, sizeof(out));
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"", ":", "host", ":7000", "host:", "host:port", "host:07000", "host:+7000",
		"host:7000 ", " host:7000", "host:7000:", "host: 7000", "host:-1", "host:700000",
		"a b:7000", "a_b:7000", "a/b:7000", "-a:7000", "a-:7000", "a..b:7000", ".a:7000",
		"a.:7000", "a.-b:7000", "a-.b:7000", "1.2.3:7000", "1.2.3.4.5:7000", "256.1.1.1:7000",
		"01.2.3.4:7000", "::1:7000", "[::1:7000", "::1]:7000", "[]:7000", "[1.2.3.4]:7000",
		"[::g]:7000", "[fe80::1%eth0]:7000", "[::1]x:7000", "tcp://host:7000", "\xc3\xa9:7000",
		"*:7000", "host\n:7000", "ho\tst:7000"
	};
	static const char nul[] = "ho\0st:7000";
	struct address out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_parse(bad[i], ST_FORMAT);
	assert_int_equal(address_parse(&out, nul, sizeof(nul) - 1), ST_FORMAT);
}

static void names_and_numbers_are_read_and_written_alike(void **state)
{
	static const char *const good[] = {
		"a:7000", "localhost:1024", "127.0.0.1:7000", "0.0.0.0:7000", "[::1]:7000",
		"[2001:db8::7]:65508", "node-1.trustee.example:7000", "XN--caf-dma.example:7000",
		"1a.2b:7000"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_parse(good[i], ST_OK);
}

static void the_whole_block_of_ports_must_fit(void **state)
{
	char text[32];
	struct address out;

	(void)state;
	assert_parse("host:1023", ST_LIMIT);
	assert_parse("host:80", ST_LIMIT);
	(void)snprintf(text, sizeof(text), "host:%d", ADDRESS_BASE_MAX);
	assert_parse(text, ST_OK);
	assert_int_equal(address_parse(&out, text, strlen(text)), ST_OK);
	assert_int_equal(address_port_peer(&out, LIMIT_TRUSTEES - 1, ADDRESS_BULK), 65535);
	(void)snprintf(text, sizeof(text), "host:%d", ADDRESS_BASE_MAX + 1);
	assert_parse(text, ST_LIMIT);
	assert_parse("host:65535", ST_LIMIT);
	assert_parse("host:65536", ST_LIMIT);
	assert_parse("host:99999", ST_LIMIT);
}

static void long_hosts_are_refused_at_the_limit(void **state)
{
	char text[ADDRESS_TEXT_MAX + 8];
	size_t len = 0;

	(void)state;
	while (len < ADDRESS_HOST_MAX - 1) {
		text[len++] = 'a';
		if (len < ADDRESS_HOST_MAX - 1)
			text[len++] = '.';
	}
	while (len < ADDRESS_HOST_MAX)
		text[len++] = 'b';
	memcpy(text + len, ":10000", 7);
	assert_parse(text, ST_OK);
	memcpy(text + len, "b:1000", 7);   /* the same length */
	assert_parse(text, ST_LIMIT);
	memcpy(text + len, "b:10000", 8);
	assert_parse(text, ST_LIMIT);
	/* A label has 63 bytes at most. */
	memset(text, 'a', 64);
	memcpy(text + 63, ":7000", 6);
	assert_parse(text, ST_OK);
	memset(text, 'a', 64);
	memcpy(text + 64, ":7000", 6);
	assert_parse(text, ST_FORMAT);
}

static void every_port_of_a_block_has_one_use(void **state)
{
	struct address a = { .host = "h", .base = 7000 };
	bool is_used[ADDRESS_PORTS] = { false };

	(void)state;
	is_used[address_port_kiosk(&a) - a.base] = true;
	assert_false(is_used[address_port_read(&a) - a.base]);
	is_used[address_port_read(&a) - a.base] = true;
	for (uint32_t j = 0; j < LIMIT_TRUSTEES; j++)
		for (int lane = ADDRESS_FAST; lane <= ADDRESS_BULK; lane++) {
			int at = address_port_peer(&a, j, (enum address_lane)lane) - a.base;

			assert_true(at >= 0 && at < ADDRESS_PORTS);
			assert_false(is_used[at]);
			is_used[at] = true;
		}
	for (size_t i = 0; i < ADDRESS_PORTS; i++)
		assert_true(is_used[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(names_and_numbers_are_read_and_written_alike),
		cmocka_unit_test(the_whole_block_of_ports_must_fit),
		cmocka_unit_test(long_hosts_are_refused_at_the_limit),
		cmocka_unit_test(every_port_of_a_block_has_one_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

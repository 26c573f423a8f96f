/*
 * address.c: see address.h.
 *
 * Invariant: a parsed host holds only characters of its grammar, so it may stand in a message or
 * in an endpoint without quoting.
 */
#include "common/wire/address.h"

#include "common/base/reader.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

_Static_assert((ADDRESS_TEXT_MAX) == (ADDRESS_HOST_MAX) + 6, "host, colon, five digits");
_Static_assert((ADDRESS_BASE_MAX) + (ADDRESS_PORTS) - 1 == 65535, "the block of ports fits");

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Labels of letters, digits and inner hyphens, 1..63 bytes each (RFC 1123 §2.1). */
static bool name_is_good(const char *host)
{
	size_t label = 0;

	for (size_t i = 0; host[i] != '\0'; i++) {
		if (host[i] == '.') {
			if (label == 0 || host[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!is_alnum(host[i]) && (host[i] != '-' || label == 0))
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0 && host[strlen(host) - 1] != '-';
}

/* Only digits and dots: an IPv4 address or nothing. */
static bool name_is_numeric(const char *host)
{
	return strspn(host, "0123456789.") == strlen(host);
}

static bool host_is_good(const char *host)
{
	char inner[ADDRESS_HOST_MAX + 1];
	struct in6_addr six;
	struct in_addr four;
	size_t len = strlen(host);

	if (host[0] == '[') {
		if (len < 4 || host[len - 1] != ']')
			return false;
		memcpy(inner, host + 1, len - 2);
		inner[len - 2] = '\0';
		return inet_pton(AF_INET6, inner, &six) == 1;
	}
	if (name_is_numeric(host))
		return inet_pton(AF_INET, host, &four) == 1;
	return name_is_good(host);
}

/* 1..5 digits, no leading zero. */
static enum status port_parse(uint32_t *out, const char *text, size_t len)
{
	uint32_t port = 0;

	if (len == 0 || len > 5 || text[0] == '0')
		return ST_FORMAT;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ST_FORMAT;
		port = port * 10 + (uint32_t)(text[i] - '0');
	}
	*out = port;
	return ST_OK;
}

enum status address_parse(struct address *out, const char *text, size_t len)
{
	struct address a = { .base = 0 };
	size_t colon = len;
	uint32_t port;
	enum status st;

	if ((st = limit_check(len, ADDRESS_TEXT_MAX)) != ST_OK)
		return st;
	if (memchr(text, '\0', len) != NULL)
		return ST_FORMAT;
	while (colon > 0 && text[colon - 1] != ':')
		colon--;
	if (colon < 2)
		return ST_FORMAT;
	if ((st = limit_check(colon - 1, ADDRESS_HOST_MAX)) != ST_OK ||
	    (st = port_parse(&port, text + colon, len - colon)) != ST_OK)
		return st;
	memcpy(a.host, text, colon - 1);
	if (!host_is_good(a.host))
		return ST_FORMAT;
	if (port < ADDRESS_BASE_MIN || port > ADDRESS_BASE_MAX)
		return ST_LIMIT;
	a.base = (uint16_t)port;
	*out = a;
	return ST_OK;
}

void address_format(char out[static ADDRESS_TEXT_MAX + 1], const struct address *address)
{
	int n = snprintf(out, ADDRESS_TEXT_MAX + 1, "%s:%" PRIu16, address->host, address->base);

	assert(n > 0 && n <= ADDRESS_TEXT_MAX);
	(void)n;
}

uint16_t address_port_kiosk(const struct address *address)
{
	assert(address->base <= ADDRESS_BASE_MAX);
	return address->base;
}

uint16_t address_port_read(const struct address *address)
{
	assert(address->base <= ADDRESS_BASE_MAX);
	return (uint16_t)(address->base + 1);
}

uint16_t address_port_peer(const struct address *address, uint32_t peer, enum address_lane lane)
{
	assert(address->base <= ADDRESS_BASE_MAX);
	assert(peer < LIMIT_TRUSTEES);
	return (uint16_t)(address->base + 2 + 2 * peer + (lane == ADDRESS_BULK ? 1 : 0));
}

/*
 * address.h: where a node listens, as its card says it: "host:port" (formats-wire.md §1).
 *
 * The host is a name, an IPv4 address, or an IPv6 address in brackets.  The port is the base of the
 * node's block of ports:
 *
 *	base             kiosks
 *	base + 1         readers
 *	base + 2 + 2j    votes of node j, bound for j and for nobody else
 *	base + 3 + 2j    bulk data of node j
 *
 * Of two nodes the one with the lower index binds and the one with the higher index connects, so
 * node i binds the pairs of ports of j > i only.  Indices count from 0, in manifest order.
 *
 * Invariant: address_format of a decoded address gives back the text.
 */
#ifndef KALPIS_WIRE_ADDRESS_H
#define KALPIS_WIRE_ADDRESS_H

#include "common/base/limits.h"
#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ADDRESS_HOST_MAX = 249,
	ADDRESS_TEXT_MAX = 255,            /* host, ":65535"; one byte more for the NUL */
	ADDRESS_PORTS = 2 + 2 * LIMIT_TRUSTEES,
	ADDRESS_BASE_MIN = 1024,
	ADDRESS_BASE_MAX = 65535 - (ADDRESS_PORTS - 1)
};

enum address_lane {
	ADDRESS_FAST,   /* votes */
	ADDRESS_BULK    /* blocks, transactions */
};

struct address {
	char host[ADDRESS_HOST_MAX + 1];   /* NUL-terminated; brackets kept */
	uint16_t base;
};

/*
 * Read "host:port" from len bytes that need not be NUL-terminated.  ST_FORMAT for anything but a
 * plain name, IPv4, or [IPv6] and a port without leading zeros; ST_LIMIT when the host is too long
 * or the block of ports does not fit.  Nothing is resolved.  *out is untouched on failure.
 */
MUST_USE enum status address_parse(struct address *out, const char *text, size_t len);

/* "host:port" with a NUL. */
void address_format(char out[static ADDRESS_TEXT_MAX + 1], const struct address *address);

uint16_t address_port_kiosk(const struct address *address);
uint16_t address_port_read(const struct address *address);
/* The port that the owner of address binds for node peer (peer < LIMIT_TRUSTEES). */
uint16_t address_port_peer(const struct address *address, uint32_t peer, enum address_lane lane);

#endif

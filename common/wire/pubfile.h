/*
 * pubfile.h: the public keys of a node or a kiosk, as a small text file that travels to the
 * trustee or officer who vouches for them (formats.md, "keys").
 *
 *	kalpis-node 1                     kalpis-kiosk 1
 *	signing HEX                       signing HEX
 *	checkpoint HEX                    transport HEX
 *	transport HEX
 *
 * Invariant: reading accepts exactly what writing makes.
 */
#ifndef KALPIS_WIRE_PUBFILE_H
#define KALPIS_WIRE_PUBFILE_H

#include "common/wire/keyfile.h"

struct pubfile {
	bool is_kiosk;
	uint8_t signing[32];       /* Ed25519 */
	uint8_t checkpoint[32];    /* Ed25519; a node's */
	uint8_t transport[32];     /* CURVE */
};

enum { PUBFILE_TEXT_MAX = 512 };

/* The public half of a node's or kiosk's key file.  ST_KEY when it is of another kind. */
MUST_USE enum status pubfile_of(struct pubfile *out, const struct keyfile *k);
/* Writes text and a NUL; *len without it. */
MUST_USE enum status pubfile_format(const struct pubfile *p, char *out, size_t cap, size_t *len);
/* ST_FORMAT; ST_KEY for a weak signing key. */
MUST_USE enum status pubfile_parse(struct pubfile *out, const char *text, size_t len);

#endif

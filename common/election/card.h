/*
 * card.h: the card by which a trustee, the registrar or the officer brings public keys into an
 * election (formats.md, "cards"; design §6).
 *
 * A card is canonical JSON, signed by its own Ed25519 key with purpose "card".  It precedes the
 * election, so it is the one signed thing without an election_id.  A trustee's card also proves
 * possession of the secret of its group encryption key, bound to suite and Ed25519 key.
 *
 * Invariant: a struct card that card_read or card_make_* returned is checked: keys are strong and
 * differ within the card, proof and signature hold.
 */
#ifndef KALPIS_ELECTION_CARD_H
#define KALPIS_ELECTION_CARD_H

#include "common/base/limits.h"
#include "common/election/refusal.h"
#include "crypto/group.h"

#include <stddef.h>
#include <stdint.h>

enum card_role {
	CARD_TRUSTEE = 1,
	CARD_REGISTRAR = 2,
	CARD_OFFICER = 3
};

enum {
	CARD_BYTES_MAX = 8192,      /* one encoded card */
	CARD_KEY_BYTES = 32,        /* Ed25519 and CURVE public keys */
	CARD_SIGNATURE_BYTES = 64,
	CARD_ADDRESS_BYTES = 255    /* "host:port" */
};

struct card {
	enum card_role role;
	char name[LIMIT_TEXT_BYTES + 1];       /* of the organisation or person, one language */
	uint8_t sign_key[CARD_KEY_BYTES];      /* Ed25519: what this party signs with */

	/* Trustees only; zero otherwise. */
	const struct group *suite;
	struct element enc_key;                /* the shares of the ceremony are sealed for it */
	uint8_t enc_key_bytes[GROUP_ELEMENT_BYTES_MAX];   /* group_element_len of them */
	uint8_t node_key[CARD_KEY_BYTES];          /* Ed25519: consensus votes */
	uint8_t checkpoint_key[CARD_KEY_BYTES];    /* Ed25519: cosigned checkpoints */
	uint8_t curve_key[CARD_KEY_BYTES];         /* CURVE25519: the node's transport */
	char address[CARD_ADDRESS_BYTES + 1];      /* "host:port" of the node's peer endpoint */
};

/* "trustee", "registrar", "officer". */
const char *card_role_name(enum card_role role);

#endif

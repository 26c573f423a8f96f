/*
 * card.h: the card by which a trustee, the registrar or the officer brings public keys into an
 * election (formats-files.md §4).
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
#include "common/wire/address.h"
#include "crypto/group.h"
#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

enum card_role {
	CARD_TRUSTEE = 1,
	CARD_REGISTRAR = 2,
	CARD_OFFICER = 3
};

enum {
	CARD_BYTES_MAX = 8192,      /* one encoded card */
	CARD_KEY_BYTES = 32         /* Ed25519 and CURVE public keys */
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
	struct address address;                    /* where the node listens */
};

/* "trustee", "registrar", "officer". */
const char *card_role_name(enum card_role role);

/*
 * Make a card.  draft gives role and name, and for a trustee suite, node_key, checkpoint_key,
 * curve_key and address; sign_key and enc_key follow from the secrets.  enc is the secret of the
 * group encryption key, NULL for other roles.  The bytes are read back with card_read, so what it
 * refuses is refused here.  *len <= cap bytes are written; CARD_BYTES_MAX is always enough.
 */
MUST_USE enum status card_make(uint8_t *out, size_t cap, size_t *len, struct refusal *why,
                               const struct card *draft, const struct sign_secret *sign,
                               const struct scalar *enc);

/*
 * Read and check one card.  ST_FORMAT: not canonical; ST_LIMIT; ST_DEFINITION: a text, role or
 * address that is not allowed; ST_KEY: a weak or repeated key; ST_ELEMENT, ST_IDENTITY: the
 * encryption key; ST_PROOF: possession is not proved; ST_SIGNATURE.  why may be NULL.  On failure
 * *out is zero.
 */
MUST_USE enum status card_read(struct card *out, struct refusal *why, const void *bytes,
                               size_t len);

/* The same for a card that lies in a manifest (jnode.h), whose bytes are checked as a whole. */
struct jnode;
MUST_USE enum status card_read_node(struct card *out, const struct jnode *at);

#endif

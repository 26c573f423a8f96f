/*
 * message.h: what a signature is over (protocol.md §5).
 *
 * M = frame("kalpis/v1/" || purpose) || frame(suite) || frame(election_id) || frame(y) ||
 * frame(body), where frame(x) = u32 big-endian length || x.  What does not exist yet (a card has
 * no election, an election before `open` has no y) is an empty field, never a missing one.  Under
 * two purposes, "dkg-complain" and "share", frame(context) follows: what the signer looked at.
 *
 * Invariant: two different messages have different M, so that a signature made for one purpose,
 * suite, election or key is none for another.
 */
#ifndef KALPIS_CRYPTO_MESSAGE_H
#define KALPIS_CRYPTO_MESSAGE_H

#include "crypto/group.h"
#include "crypto/hash.h"

enum {
	MESSAGE_ELECTION_ID_BYTES = 32,
	MESSAGE_CONTEXT_BYTES = 32,
	MESSAGE_PURPOSE_MAX = 64
};

/* Everything is borrowed. */
struct message {
	const char *purpose;           /* 1..MESSAGE_PURPOSE_MAX characters, such as "ballot" */
	const struct group *group;     /* the suite; NULL: an empty field */
	const uint8_t *election_id;    /* 32 bytes; NULL: an empty field */
	const uint8_t *y;              /* the encoded joint key; NULL: an empty field */
	size_t y_len;
	const void *body;
	size_t body_len;
	const uint8_t *context;        /* 32 bytes; NULL: no field, always so for this purpose */
};

/* Feed M to a hash under way. */
void message_hash(struct hash *h, const struct message *m);

#endif

/*
 * asks.h: requests whose answer is not known yet: submissions until they are checked and durable,
 * receipts until they are final.
 *
 * Pure, bounded.  Invariant: a token is given out once.
 */
#ifndef KALPIS_NODE_ASKS_H
#define KALPIS_NODE_ASKS_H

#include "common/net/link.h"
#include "common/wire/message.h"

enum { ASKS_MAX = 1024 };

struct ask {
	enum message_kind kind;       /* SUBMIT or RECEIPT */
	uint8_t about[32];            /* id of the transaction, or the tracker */
	struct link_token token;
	uint64_t deadline_ms;
};

struct asks {
	struct ask ask[ASKS_MAX];
	size_t len;
};

/* ST_AGAIN when there are too many. */
MUST_USE enum status asks_add(struct asks *a, const struct ask *ask);
/* Take one of this kind about this, or one whose time has come.  false: there is none. */
bool asks_take(struct asks *a, struct ask *out, enum message_kind kind,
               const uint8_t about[static 32]);
bool asks_take_due(struct asks *a, struct ask *out, uint64_t now_ms);
bool asks_has(const struct asks *a, enum message_kind kind, const uint8_t about[static 32]);
/* When the first of them is due; UINT64_MAX. */
uint64_t asks_deadline(const struct asks *a);

#endif

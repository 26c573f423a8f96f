/*
 * link_impl.h: the insides of struct link, shared by link_open.c (setting up) and link.c (running).
 */
#ifndef KALPIS_NET_LINK_IMPL_H
#define KALPIS_NET_LINK_IMPL_H

#include "common/net/bucket.h"
#include "common/net/gate.h"
#include "common/net/link.h"
#include "common/net/socket.h"
#include "common/net/tend.h"
#include "common/net/watch.h"
#include "common/net/zap.h"

enum {
	LINK_SOURCES_MAX = 2 * LIMIT_TRUSTEES + LINK_KIOSK_CONNECTIONS_MAX +
			   LINK_READ_CONNECTIONS_MAX,
	LINK_READERS_MAX = 256,       /* keys whose rate is remembered */
	LINK_TURN_FAST = 16,          /* messages in one turn of a votes lane; others: 1 */
	LINK_REFUSED_MAX = 256,       /* refused messages within one call of link_poll */
	LINK_HEAD_REQUEST = 8,        /* request number */
	LINK_HEAD_ANSWER = 9,         /* request number, enum link_verdict */
	LINK_TAG_WAKE = 1 << 16       /* of the wake-up descriptor; a source's tag is its index */
};

enum link_verdict {
	LINK_ANSWERED = 0,
	LINK_BUSY = 1
};

enum source_kind {
	SOURCE_FAST,
	SOURCE_BULK,
	SOURCE_KIOSK,
	SOURCE_READ
};

/* One socket: a lane of one peer, or one of the connections of the kiosk or read endpoint. */
struct source {
	enum source_kind kind;
	struct sock sock;
	uint32_t target;                /* of the gate */
	bool may_have;                  /* a message may be there */
	bool is_server;                 /* libzmq asked zap.c about the sender */
	struct tend tend;               /* unless is_server */
	uint32_t peer;                  /* FAST, BULK */
	uint8_t key[LINK_KEY_BYTES];    /* KIOSK, READ: of the last sender */
	char user[ZAP_USER_BYTES];      /* FAST, BULK: expected; KIOSK, READ: of key */
	uint64_t checked;               /* KIOSK: generation of the set that holds key; 0: none */
};

struct reader {
	uint8_t key[LINK_KEY_BYTES];
	uint64_t used_ms;               /* 0: free */
	struct bucket bucket;
};

struct link {
	uint32_t count;
	uint32_t self;
	uint32_t read_rate;
	void *ctx;
	struct gate *gate;
	struct zap *zap;
	struct watch watch;
	int wake;
	struct source sources[LINK_SOURCES_MAX];
	uint32_t source_count;
	uint32_t peer_source[LIMIT_TRUSTEES][2];
	uint32_t cursor;                /* whose turn it is */
	uint32_t turn_left;
	uint64_t tended_ms;
	uint32_t looked;                /* sources seen since the descriptors were looked at */
	struct frame frame;             /* what the last event borrowed from */
	bool is_woken;
	struct reader readers[LINK_READERS_MAX];
	struct bucket read_all;
	struct link_stats stats;
};

#endif

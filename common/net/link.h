/*
 * link.h: a node's door to the network (formats-wire.md §2).
 *
 * Only common/net/ knows <zmq.h>.  Everything is CURVE: who sends is known by a public key, and
 * nothing is delivered from a key that is not allowed.  Three kinds of endpoint:
 *
 *	peer    one pair of connections for each other node: votes (fast) and bulk.  The lower index
 *	        binds a port that only the higher index may use; both ends know each other's key.
 *	kiosk   requests of keys that link_kiosk_keys named; the set follows the chain.
 *	read    requests of any key, limited in number for each key and over all keys.
 *
 * One thread owns a struct link and makes every call on it, except link_kiosk_keys and
 * link_wake, which any thread may call.  Nothing here blocks but link_poll, and that at most
 * timeout_ms.  A message that cannot be queued at once is dropped and counted: the protocols above
 * send again.
 *
 * Invariant: bytes that reach an event came from the named key in one frame within the limit of
 * its lane.  They are not otherwise checked.
 */
#ifndef KALPIS_NET_LINK_H
#define KALPIS_NET_LINK_H

#include "common/base/fault.h"
#include "common/base/limits.h"
#include "common/wire/address.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LINK_KEY_BYTES = 32,
	LINK_TOKEN_BYTES = 32,
	LINK_WATCH_MAX = 8,         /* extra descriptors in the poll set */
	LINK_READ_RATE = 50,        /* default: requests in a second of one reader */
	LINK_READ_RATE_ALL = 500,   /* default: of all readers together */
	LINK_KIOSK_CONNECTIONS = 64,    /* default: kiosks connected at one time */
	LINK_READ_CONNECTIONS = 32,     /* default: readers connected at one time */
	LINK_KIOSK_CONNECTIONS_MAX = LIMIT_KIOSKS,   /* each kiosk keeps one to every node */
	LINK_READ_CONNECTIONS_MAX = 192
};

enum link_lane {
	LINK_FAST,   /* at most LIMIT_FRAME_FAST bytes */
	LINK_BULK    /* at most LIMIT_FRAME_BULK bytes */
};

/* --- keys ------------------------------------------------------------------------------------- */

/*
 * A fresh CURVE key pair, raw bytes.  The caller wipes the secret.  Programs without the network
 * use crypto/x25519.h, which is the same.
 */
void link_keygen(uint8_t public_key[static LINK_KEY_BYTES], uint8_t secret[static LINK_KEY_BYTES]);
/* The public key of a secret.  Constant time in the secret.  ST_KEY: zero. */
MUST_USE enum status link_public(uint8_t public_key[static LINK_KEY_BYTES],
				 const uint8_t secret[static LINK_KEY_BYTES]);

/* --- opening ---------------------------------------------------------------------------------- */

struct link;

struct link_node {
	struct address address;         /* of its card */
	uint8_t key[LINK_KEY_BYTES];    /* CURVE public key of its card */
};

struct link_config {
	const struct link_node *nodes;  /* in manifest order; copied */
	uint32_t count;                 /* 1..LIMIT_TRUSTEES */
	uint32_t self;                  /* own index, below count */
	/*
	 * Own CURVE secret, LINK_KEY_BYTES; not needed afterwards.  libzmq keeps copies, which it
	 * does not wipe: this key protects transport and nothing else.
	 */
	const uint8_t *secret;
	/*
	 * Local interface for our sockets, such as "127.0.0.1", "[::1]" or "*" (all); NULL means "*".
	 * The ports are always those of nodes[self].address.
	 */
	const char *bind_host;
	bool has_kiosk;                 /* open the kiosk endpoint */
	bool has_read;                  /* open the read endpoint */
	uint32_t read_rate;             /* requests in a second of one reader; 0: LINK_READ_RATE */
	uint32_t read_rate_all;         /* of all readers; 0: LINK_READ_RATE_ALL */
	uint32_t kiosk_connections;     /* 0: LINK_KIOSK_CONNECTIONS */
	uint32_t read_connections;      /* 0: LINK_READ_CONNECTIONS */
};

/*
 * Start listening and connecting.  On failure *out is NULL and fault (may be NULL) says what
 * could not be done, why that matters and what to do.
 *   ST_KEY   the secret is not that of nodes[self], or a key is repeated or zero
 *   ST_LIMIT count or self out of range, or fewer descriptors allowed than all connections need
 *   ST_IO    a port could not be bound
 * Peers that are away are no failure: they are tried again for ever.
 */
MUST_USE enum status link_open(struct link **out, struct fault *fault,
			       const struct link_config *config);

/* Drops what is unsent, closes, joins the threads.  NULL is harmless. */
void link_close(struct link *l);

/* --- receiving -------------------------------------------------------------------------------- */

enum link_kind {
	LINK_PEER_FAST,
	LINK_PEER_BULK,
	LINK_KIOSK_REQUEST,
	LINK_READ_REQUEST,
	LINK_READABLE,   /* an extra descriptor can be read */
	LINK_WOKEN       /* somebody called link_wake */
};

/* Names a request for its reply.  Opaque; may be copied and kept; no secret. */
struct link_token {
	uint8_t bytes[LINK_TOKEN_BYTES];
};

struct link_event {
	enum link_kind kind;
	uint32_t peer;                  /* PEER_*: index of the sender */
	int fd;                         /* READABLE */
	struct link_token token;        /* *_REQUEST */
	uint8_t key[LINK_KEY_BYTES];    /* *_REQUEST: CURVE public key of the sender */
	const uint8_t *bytes;           /* borrowed until the next call of link_poll or link_close */
	size_t len;
};

/*
 * The next event.  ST_TIMEOUT when none came within timeout_ms (0: look only; negative: no limit),
 * which may also return a little early; ST_INTERNAL: the transport has failed, close and stop.
 * A signal makes it return ST_TIMEOUT early, so that the caller sees its own flags.
 * Every source has its turn: a flood on one cannot starve another.
 */
MUST_USE enum status link_poll(struct link *l, struct link_event *event, int timeout_ms);

/*
 * Add a descriptor (an eventfd, a timerfd) to the poll set; it is reported for as long as it is
 * readable.  ST_LIMIT above LINK_WATCH_MAX; ST_EXISTS; ST_IO: it cannot be waited for.
 */
MUST_USE enum status link_watch(struct link *l, int fd);
void link_unwatch(struct link *l, int fd);

/* Make link_poll return LINK_WOKEN.  Any thread, also a signal handler. */
void link_wake(struct link *l);

/* --- sending ---------------------------------------------------------------------------------- */

/*
 * Queue bytes for a peer.  ST_AGAIN: not connected or its queue is full: dropped and counted.
 * ST_LIMIT: longer than the lane carries, or empty, or no such peer.  Never blocks.  The outcome
 * may be ignored: the protocols above send again.
 */
enum status link_send(struct link *l, uint32_t peer, enum link_lane lane,
		      const void *bytes, size_t len);

/* The same to every other node; what does not fit is dropped.  Returns how many queues took it. */
uint32_t link_broadcast(struct link *l, enum link_lane lane, const void *bytes, size_t len);

/*
 * Answer a request, once.  ST_NOT_FOUND: the asker is gone.  ST_AGAIN: its queue is full: dropped.
 * ST_LIMIT: longer than LIMIT_RESPONSE, or empty.
 */
enum status link_reply(struct link *l, const struct link_token *token,
		       const void *bytes, size_t len);

/* --- who may come in -------------------------------------------------------------------------- */

/*
 * The keys allowed at the kiosk endpoint from now on: count keys of LINK_KEY_BYTES, one after the
 * other; copied.  A key that is left out is refused from the next message on.  Any thread.
 * ST_LIMIT above LIMIT_KIOSKS (the set is then unchanged).
 */
MUST_USE enum status link_kiosk_keys(struct link *l, const uint8_t *keys, size_t count);

/* --- figures ---------------------------------------------------------------------------------- */

struct link_lane_stats {
	uint64_t sent;
	uint64_t received;
	uint64_t dropped;    /* not sent: queue full or nobody there */
	uint64_t refused;    /* received and thrown away: multipart, wrong sender, empty */
};

struct link_stats {
	struct link_lane_stats peer[LIMIT_TRUSTEES][2];   /* [index][enum link_lane] */
	struct link_lane_stats kiosk;
	struct link_lane_stats read;
	uint64_t limited;        /* read requests above the rate */
	uint64_t denied;         /* handshakes refused for their key */
	uint64_t turned_away;    /* connections closed at once: too many or too quick */
	uint64_t cut;            /* connections cut later: silent, endless or abusive */
	uint32_t connected;      /* peers that a message could be sent to now, on both lanes */
	uint32_t clients;        /* connections at the kiosk and read endpoints */
};

void link_stats(struct link *l, struct link_stats *out);

#endif

/*
 * gate_impl.h: the insides of the gate, shared by gate.c (routes, thread) and gate_conn.c (one
 * connection).  Nobody else includes this.
 *
 * Invariant: only the gate's thread touches what is not marked shared, once the thread runs.
 */
#ifndef KALPIS_NET_GATE_IMPL_H
#define KALPIS_NET_GATE_IMPL_H

#include "common/net/bucket.h"
#include "common/net/gate.h"
#include "common/net/resolve.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	GATE_CONNS_MAX = 1536,
	GATE_TICK_BUSY_MS = 50,       /* while something is paused or waits to be dialled */
	GATE_TICK_MS = 500,
	GATE_CREDIT_PER_S = 256,      /* heartbeats are bytes too, and deliver nothing */
	GATE_ENDLESS_MS = 2000,       /* paused so long, with nothing to deliver: endless */
	GATE_ENDLESS_STRIKES = 3,
	GATE_PENALTY_MS = 1000,
	GATE_REST_MS = 250,           /* between two connections of one target */
	GATE_BACKOFF_MIN_MS = 50,
	GATE_BACKOFF_MAX_MS = 2000,
	GATE_SOUND_MS = 1000          /* a connection that lived so long was no failure */
};

struct gate_conn;
struct gate_route;

enum end_kind {
	END_WAKE,
	END_LISTENER,   /* of a route */
	END_OUTER,      /* TCP side of a connection */
	END_INNER       /* local side, to libzmq */
};

/* One descriptor in the epoll set. */
struct end {
	enum end_kind kind;
	int fd;                    /* -1: none */
	uint32_t interest;         /* what epoll was told */
	struct gate_conn *conn;
	struct gate_route *route;
};

/* Bytes read and not yet written: [pos, len). */
struct flow {
	uint8_t *bytes;            /* GATE_BUFFER_BYTES */
	size_t pos;
	size_t len;
};

struct gate_target {
	/* shared */
	_Atomic uint64_t delivered;      /* bytes, since the gate last looked */
	_Atomic uint64_t generation;
	_Atomic uint32_t live;
	_Atomic bool is_idle;
	_Atomic bool is_paused;
	_Atomic bool must_cut;

	struct gate_route *route;
	uint64_t owed;                   /* bytes passed in and not delivered */
	uint64_t settled_ms;             /* when owed was last brought up to date */
	uint64_t delivered_ms;           /* when something was last delivered */
	uint64_t paused_ms;
	uint64_t closed_until_ms;        /* penalty */
	uint64_t freed_ms;
	uint32_t ending;                 /* connections */
	uint32_t strikes;
};

struct gate_route {
	bool is_outward;
	uint32_t first;
	uint32_t count;
	struct gate_rule rule;
	struct end listener;
	struct bucket bucket;            /* inward */
	uint64_t full_until_ms;          /* no descriptors left: do not accept before */
	struct resolve *resolve;         /* outward */
	uint32_t address_next;
	uint32_t backoff_ms;
	uint64_t dial_after_ms;
};

struct gate_conn {
	bool is_used;
	bool is_dead;          /* has ended: closed after this round of events */
	bool is_ending;        /* its outer side is closed, its inner one not yet */
	bool must_reap;        /* while ending: libzmq has closed its side */
	bool must_dial;        /* outward: waits for dial_after_ms */
	bool is_dialling;      /* outward: connect is under way */
	struct end outer;
	struct end inner;
	struct flow inward;
	struct flow outward;
	struct gate_route *route;
	uint32_t target;
	uint64_t born_ms;
	uint8_t source[16];    /* address, IPv6 form; of an IPv6 address the /64 */
};

/* How often connections have come from one address to one port. */
struct gate_source {
	const struct gate_route *route;   /* NULL: free */
	uint8_t source[16];
	uint64_t used_ms;
	struct bucket bucket;
};

struct gate {
	uint8_t tag[8];                 /* in the names of our local sockets */
	int epoll;
	struct end wake;
	pthread_t thread;
	bool is_started;
	_Atomic bool must_stop;
	_Atomic bool is_waiting;
	_Atomic uint64_t polls;
	_Atomic uint64_t accepted;
	_Atomic uint64_t refused;
	_Atomic uint64_t cut;
	uint64_t seen_polls;
	bool is_busy;                   /* tick quickly */
	bool has_dead;
	struct gate_route routes[GATE_ROUTES_MAX];
	uint32_t route_count;
	struct gate_target targets[GATE_TARGETS_MAX];
	uint32_t target_count;
	struct gate_source sources[GATE_SOURCES_MAX];
	struct gate_conn conns[GATE_CONNS_MAX];
};

/* The name of a target without the scheme, as in an abstract socket address. */
void gate_plain_name(const struct gate *g, uint32_t target, char out[static GATE_NAME_BYTES]);
/* Tell epoll what to wait for. */
void end_want(struct gate *g, struct end *e, uint32_t interest);

/* Take a free connection, with buffers; NULL when there is none. */
struct gate_conn *conn_take(struct gate *g, struct gate_route *route, uint32_t target,
			    uint64_t now_ms);
/* Inward: fd is the accepted TCP socket, taken.  Reaches for the target. */
void conn_begin_inward(struct gate *g, struct gate_conn *c, int fd);
/* Outward: fd is the accepted local socket, taken.  Dials when the route allows. */
void conn_begin_outward(struct gate *g, struct gate_conn *c, int fd, uint64_t now_ms);
void conn_dial(struct gate *g, struct gate_conn *c, uint64_t now_ms);
/* epoll reported events on one end. */
void conn_event(struct gate *g, struct gate_conn *c, struct end *e, uint32_t events,
		uint64_t now_ms);
/* Bring interest up to date with the state. */
void conn_interest(struct gate *g, struct gate_conn *c);
/* Close when the round of events is over. */
void conn_kill(struct gate *g, struct gate_conn *c);
/*
 * After conn_kill: the outer side is closed.  The inner one is shut for writing only, so that
 * libzmq finds its end behind the last byte and closes it: were it closed while what libzmq read
 * from it finds no room, the process could die of it (docs/decisions/0035).  Then conn_reap.
 */
void conn_end(struct gate *g, struct gate_conn *c, uint64_t now_ms);
/* Close all that is left of it. */
void conn_reap(struct gate *g, struct gate_conn *c);
/* Bring owed up to date; pause or resume. */
void target_settle(struct gate *g, struct gate_target *t, uint64_t now_ms);

#endif

/*
 * townport.h: the nodes of a town (town.h) as a kiosk meets them, in memory: requests decoded and
 * answered with real blocks, promises, certificates and receipts.
 *
 * Each node has a character.  Submitted transactions wait until townport_mine, or until the next
 * poll when is_mining.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_TOWNPORT_H
#define KALPIS_TESTS_UNIT_LIB_TOWNPORT_H

#include "tests/unit/lib/town.h"
#include "common/net/port.h"

enum {
	TOWNPORT_EVENTS = 256,
	TOWNPORT_PENDING = 64
};

enum townport_character {
	NODE_HONEST = 0,
	NODE_SILENT,           /* never answers */
	NODE_FORGETFUL,        /* promises, and keeps nothing */
	NODE_NOISY,            /* answers with noise */
	NODE_RECEIPT_LIAR,     /* receipts with a certificate that is not one */
	NODE_OTHERS_RECEIPT,   /* somebody else's receipt, sound in itself */
	NODE_UNCERTIFIED,      /* blocks without a sufficient certificate */
	NODE_STALE             /* knows block 0 alone, and says that there is no more */
};

struct townport_event {
	uint64_t request;
	uint32_t node;
	bool is_silence;
	uint8_t *bytes;
	size_t len;
};

struct townport {
	struct town *t;
	enum townport_character character[LIMIT_TRUSTEES];
	bool is_mining;                 /* blocks are made as soon as something waits */
	bool is_away;                   /* nobody answers at all */
	struct town_tx pending[TOWNPORT_PENDING];
	size_t pending_len;
	struct townport_event event[TOWNPORT_EVENTS];
	size_t first;
	size_t events;
	uint64_t requests;
	uint32_t submitted[LIMIT_TRUSTEES];   /* how often each was asked to take a transaction */
	uint8_t *held;                  /* bytes of the event given last */
	struct port port;               /* hand this to the kiosk */
};

void townport_init(struct townport *p, struct town *t);
void townport_free(struct townport *p);
/* A block of what waits; what no longer fits is dropped. */
void townport_mine(struct townport *p);
/* The receipt of a tracker as of now.  ST_NOT_FOUND. */
enum status townport_receipt(struct townport *p, const uint8_t tracker[static 32], uint8_t *out,
                             size_t cap, size_t *len);

#endif

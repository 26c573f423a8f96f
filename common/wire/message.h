/*
 * message.h: what kiosks and readers ask nodes, and what they answer (formats-wire.md §3, §4).
 *
 * A request is a kind byte and its fields; a response begins with the kind of the request it
 * answers, then an answer byte.  What a node says is signed (SUBMIT, GENESIS, VOUCHERS), certified
 * (RECEIPT, BLOCKS, HEAD), or a mere word (STATUS, FATE, VOTER, a refusal).  A word is for display;
 * whoever acts on it asks several nodes, since of f + 1 equal answers one at least is honest (N68).
 *
 * Invariant: decoding what was encoded gives the same, and encoding what was decoded gives the
 * same bytes; every list is bounded; structs borrow; a text is fit for a terminal.
 */
#ifndef KALPIS_WIRE_MESSAGE_H
#define KALPIS_WIRE_MESSAGE_H

#include "common/base/limits.h"
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_kind {
	MESSAGE_SUBMIT = 1,     /* kiosk endpoint only */
	MESSAGE_RECEIPT = 2,
	MESSAGE_STATUS = 3,
	MESSAGE_BLOCKS = 4,
	MESSAGE_HEAD = 5,
	MESSAGE_FATE = 6,
	MESSAGE_VOTER = 7,
	MESSAGE_GENESIS = 8,
	MESSAGE_VOUCHERS = 9
};

enum message_answer {
	ANSWER_OK = 0,
	ANSWER_REFUSED = 1,     /* status and text follow */
	ANSWER_NOT_YET = 2      /* RECEIPT: known and pending; ask again */
};

enum {
	MESSAGE_BLOCKS_MAX = 64,                 /* blocks in one answer */
	MESSAGE_BLOCKS_BYTES = 1 << 20,          /* of blocks in one answer; one block at least */
	MESSAGE_TEXT_MAX = 512,
	MESSAGE_PHASE_MAX = 10,                  /* enum election_phase */
	MESSAGE_FATE_MAX = 3,                    /* enum ballot_fate */
	MESSAGE_CREDENTIAL_MAX = 256,            /* an encoded group element */
	MESSAGE_PREFIX_BYTES = 10,
	PROMISE_BYTES = 32 + 1 + 8 + 64
};

struct message_request {
	enum message_kind kind;
	const uint8_t *tx;             /* SUBMIT; borrowed */
	size_t tx_len;
	const uint8_t *tracker;        /* RECEIPT: 32 bytes; borrowed */
	const uint8_t *prefix;         /* FATE: MESSAGE_PREFIX_BYTES; borrowed */
	const uint8_t *credential;     /* VOTER: encoded public key; borrowed */
	size_t credential_len;
	uint64_t from_height;          /* BLOCKS */
	uint32_t max_bytes;            /* BLOCKS */
};

/*
 * Encoders: ST_LIMIT when out is too short or a field too long.  Decoders: ST_FORMAT, ST_LIMIT;
 * *out is all zeros on failure.
 */
MUST_USE enum status message_request_encode(const struct message_request *r, uint8_t *out,
                                            size_t cap, size_t *len);
MUST_USE enum status message_request_decode(struct message_request *out, const void *bytes,
                                            size_t len);

/* formats-wire.md §4: a node's word that this transaction is durable here and was sent on. */
struct promise {
	uint8_t tx_id[32];
	uint8_t node;                  /* index, 0..n-1 */
	uint64_t time_min;             /* minutes since 1970 */
	uint8_t sig[64];               /* Ed25519 of the node key, purpose "promise", y left empty */
};
/* The bytes that are signed: everything but the signature, 41 of them. */
enum { PROMISE_BODY_BYTES = 32 + 1 + 8 };
void promise_body(uint8_t out[static PROMISE_BODY_BYTES], const struct promise *p);
/* All PROMISE_BYTES of it.  ST_LIMIT for a node that no committee has. */
void promise_write(struct writer *w, const struct promise *p);
MUST_USE enum status promise_read(struct reader *r, struct promise *out);

/* For display; nobody relies on it. */
struct node_status {
	uint8_t phase;                 /* enum election_phase */
	uint8_t node;
	uint64_t height;
	uint64_t view;
	uint8_t head[32];
	uint32_t peers;                /* connected */
	uint32_t pending;              /* transactions that wait */
	uint32_t live;                 /* ballots */
	bool is_stalled;               /* no quorum is in sight */
};

/* Who a credential stands for on the roll, and whether it has voted. */
struct voter_word {
	uint32_t index;                /* on the roll */
	uint32_t weight;
	uint16_t style;                /* index into the manifest's styles */
	bool has_ballot;               /* a live one */
	uint8_t tracker[32];           /* of that; else zeros */
};

struct message_response {
	enum message_kind kind;        /* of the request */
	enum message_answer answer;
	/* REFUSED */
	enum status status;            /* not ST_OK; travels by its name */
	const char *text;              /* for a person: no control characters; borrowed, not ended */
	size_t text_len;
	/* OK */
	struct promise promise;        /* SUBMIT */
	const uint8_t *bytes;          /* RECEIPT: receipt.h; HEAD: a certified head; GENESIS: the
	                                  trustees' signatures, 64 bytes each; VOUCHERS:
	                                  cosignatures (checkpoint.h); BLOCKS: below */
	size_t bytes_len;
	uint32_t blocks;               /* BLOCKS: how many stand in bytes */
	uint64_t tip;                  /* BLOCKS, HEAD: height of the newest final block */
	struct node_status node;       /* STATUS */
	uint8_t fate;                  /* FATE: enum ballot_fate; display only without a receipt */
	uint64_t fate_height;          /* FATE */
	struct voter_word voter;       /* VOTER; a stranger is REFUSED with ST_ROLL */
};

/*
 * BLOCKS: bytes is a sequence of {u32 length, header and body}, ascending and gapless from
 * from_height, then a certified head (header, F certificate) of a block at or after the last of
 * them, so that what was sent is final.
 */
MUST_USE enum status message_response_encode(const struct message_response *r, uint8_t *out,
                                             size_t cap, size_t *len);
MUST_USE enum status message_response_decode(struct message_response *out, const void *bytes,
                                             size_t len);
/* Shorthand: a refusal.  text (UTF-8) is cut to MESSAGE_TEXT_MAX, between characters. */
void message_refuse(struct message_response *out, enum message_kind kind, enum status st,
                    const char *text);

#endif

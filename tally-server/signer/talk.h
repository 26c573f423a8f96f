/*
 * talk.h: what a node and its signer say to each other over their socket pair
 * (formats-store.md §4).
 *
 * The node asks, the signer answers, one after the other.  A frame is a u32 length and that many
 * bytes; a request begins with its kind, an answer with a status, flags and the floor.
 *
 * Invariant: nothing longer than TALK_BYTES_MAX is sent or read; a frame comes whole or not at all.
 */
#ifndef KALPIS_SIGNER_TALK_H
#define KALPIS_SIGNER_TALK_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum talk_kind {
	TALK_BEGIN = 1,       /* which election, which node: has this key signed there? */
	TALK_OPEN = 2,        /* open the log of votes; from here on the signer is confined */
	TALK_SIGN = 3,        /* votes */
	TALK_REPLAY = 4,      /* votes that were signed */
	TALK_HAS = 5,         /* is this vote known? */
	TALK_COMPACT = 6,
	TALK_GUARD = 7,
	TALK_AMNESIA = 8,
	TALK_PROMISE = 9,     /* a node's word to a kiosk */
	TALK_COSIGN = 10,     /* its word on the end or the result (ledger/checkpoint.h) */
	TALK_EVIDENCE = 11    /* that it brings this evidence (ledger/report.h) */
};

enum {
	TALK_BYTES_MAX = 2 << 20,
	TALK_VOTES_MAX = 512,         /* in one frame */
	TALK_HEAD_BYTES = 10,         /* of an answer: status, flags, floor */
	TALK_AMNESIA_FLAG = 1,
	TALK_COMPACT_FLAG = 2         /* compaction is worth its while */
};

/* What the signer says first, unasked: TALK_HELLO, a status; keys if it is ST_OK, else a fault. */
#define TALK_HELLO "kalpis-signer-1\n"
enum { TALK_HELLO_BYTES = 16 };

/* ST_IO: the other end is gone, or took nothing for as long as the socket's timeout allows. */
MUST_USE enum status talk_send(int fd, const void *bytes, size_t len);
/*
 * The next frame.  ST_NOT_FOUND: the other end closed between two frames; ST_TIMEOUT: nothing came;
 * ST_IO: it broke off within one; ST_LIMIT: longer than cap.
 */
MUST_USE enum status talk_receive(int fd, uint8_t *buf, size_t cap, size_t *len);

#endif

/*
 * wire.h: what replicas say to each other (consensus.md §5).
 *
 *   u8 kind, then
 *   PROPOSAL    header, opaque body<u32>, leader's NOTARIZE signature, u16 n, n certificates
 *   VOTE        u8 n (1..64), n votes
 *   CERT        u8 n (1..64), n certificates
 *   STATUS      u64 view, u64 height, u8 n (0..2), n certificates
 *   CERT_REQ    u64 first view, u64 last view (at most 1024 of them)
 *   BLOCK_REQ   block id
 *   BLOCK_RESP  header, opaque body<u32>
 *   SYNC_REQ    u64 height that is held, u32 bytes that are wanted at most
 *   SYNC_RESP   F certificate of the last block, u16 n (1..4096), n of {header, u8 has_body,
 *               opaque body<u32> if 1}
 *
 * Decoders are total and bounded; lists are walked once while decoding, so that reading them
 * afterwards cannot fail.  Encode and decode of a message stand together.
 *
 * Invariant: encoding what was decoded gives the same bytes; what was decoded borrows.
 */
#ifndef KALPIS_CONSENSUS_WIRE_H
#define KALPIS_CONSENSUS_WIRE_H

#include "common/ledger/block.h"
#include "common/ledger/certificate.h"

enum wire_kind {
	WIRE_PROPOSAL = 1,
	WIRE_VOTE = 2,
	WIRE_CERT = 3,
	WIRE_STATUS = 4,
	WIRE_CERT_REQ = 5,
	WIRE_BLOCK_REQ = 6,
	WIRE_BLOCK_RESP = 7,
	WIRE_SYNC_REQ = 8,
	WIRE_SYNC_RESP = 9
	/* 32 and above belong to the node (transactions, checkpoints). */
};

enum {
	WIRE_JUSTIFY_MAX = 512,           /* certificates in a proposal */
	WIRE_LIST_MAX = 64,               /* votes or certificates in a fast message */
	WIRE_STATUS_MAX = 2,
	WIRE_CERT_SPAN_MAX = 1024,        /* views in a CERT_REQ */
	WIRE_SYNC_BLOCKS_MAX = 4096,
	WIRE_SYNC_BYTES_MAX = LIMIT_FRAME_BULK - 65536   /* of the blocks in a SYNC_RESP */
};

struct wire_proposal {
	struct block_header header;
	const uint8_t *body;
	size_t body_len;
	uint8_t sig[VOTE_SIG_BYTES];      /* the leader's NOTARIZE */
	unsigned int cert_count;
	struct reader certs;              /* wire_next_cert */
};

struct wire_votes {
	unsigned int count;
	struct reader votes;              /* wire_next_vote */
};

struct wire_certs {
	unsigned int count;
	struct reader certs;
};

struct wire_status {
	uint64_t view;
	uint64_t height;
	unsigned int cert_count;
	struct reader certs;
};

struct wire_cert_req {
	uint64_t first;
	uint64_t last;
};

struct wire_block {
	struct block_header header;
	bool has_body;                    /* always true in BLOCK_RESP */
	const uint8_t *body;
	size_t body_len;
};

struct wire_sync_req {
	uint64_t height;
	uint32_t bytes_max;
};

struct wire_sync {
	struct certificate cert;
	unsigned int count;
	struct reader blocks;             /* wire_next_block */
};

/* The kind byte; ST_FORMAT for any other.  The rest is left in *r. */
MUST_USE enum status wire_kind_read(struct reader *r, enum wire_kind *out);
/* Which lane a kind travels on. */
bool wire_is_bulk(enum wire_kind kind);

void wire_proposal_write(struct writer *w, const struct block_header *header, const uint8_t *body,
                         size_t body_len, const uint8_t sig[static VOTE_SIG_BYTES]);
/* Each decoder reads what follows the kind byte, to the end. */
MUST_USE enum status wire_proposal_read(struct reader *r, struct wire_proposal *out);
MUST_USE enum status wire_votes_read(struct reader *r, struct wire_votes *out);
MUST_USE enum status wire_certs_read(struct reader *r, struct wire_certs *out);
void wire_status_write(struct writer *w, uint64_t view, uint64_t height);
MUST_USE enum status wire_status_read(struct reader *r, struct wire_status *out);
void wire_cert_req_write(struct writer *w, uint64_t first, uint64_t last);
MUST_USE enum status wire_cert_req_read(struct reader *r, struct wire_cert_req *out);
void wire_block_req_write(struct writer *w, const uint8_t id[static 32]);
MUST_USE enum status wire_block_req_read(struct reader *r, uint8_t id[static 32]);
void wire_block_resp_write(struct writer *w, const struct block_header *header,
                           const uint8_t *body, size_t body_len);
MUST_USE enum status wire_block_resp_read(struct reader *r, struct wire_block *out);
void wire_sync_req_write(struct writer *w, uint64_t height, uint32_t bytes_max);
MUST_USE enum status wire_sync_req_read(struct reader *r, struct wire_sync_req *out);
void wire_sync_write(struct writer *w, const struct certificate *cert);
/* body may be NULL: left out. */
void wire_sync_block_write(struct writer *w, const struct block_header *header,
                           const uint8_t *body, size_t body_len, bool has_body);
MUST_USE enum status wire_sync_read(struct reader *r, struct wire_sync *out);

/*
 * Lists: a count of width bytes goes first and is known last.  wire_count_begin leaves room for
 * it and says where; wire_count_set fills it in.
 */
size_t wire_count_begin(struct writer *w, unsigned int width);
void wire_count_set(struct writer *w, size_t at, unsigned int width, unsigned int count);
void wire_kind_write(struct writer *w, enum wire_kind kind);   /* all there is to VOTE and CERT */

/* The next of a list that was decoded; false after the last. */
bool wire_next_vote(struct reader *votes, struct vote *out);
bool wire_next_cert(struct reader *certs, struct certificate *out);
bool wire_next_block(struct reader *blocks, struct wire_block *out);

#endif

/*
 * transaction.h: what the chain carries (formats.md, "transactions").
 *
 * A transaction on the wire is one type byte and a payload.  This file knows the bytes of every
 * payload but the two that hold a ballot (election/ballot.h) and the three that report somebody
 * (report.h); it checks no signature and no rule: that is election/check.h and election/election.h.
 *
 * Invariant: a decoded struct borrows from the payload, every list is within its limit, and
 * encoding what was decoded gives the same bytes.
 */
#ifndef KALPIS_LEDGER_TRANSACTION_H
#define KALPIS_LEDGER_TRANSACTION_H

#include "common/base/limits.h"
#include "common/base/writer.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TX_ID_BYTES = 32,
	TX_HASH_BYTES = 32,
	TX_SIG_BYTES = 64,        /* Ed25519 */
	TX_KEY_BYTES = 32,        /* Ed25519 or CURVE public key */
	TX_LEAF_BYTES = 37,       /* type, id, length: a leaf of the log */
	TX_LABEL_BYTES = 64       /* a kiosk's label */
};

enum tx_type {
	TX_GENESIS = 1,
	TX_DKG_COMMIT = 2,
	TX_DKG_DEAL = 3,
	TX_DKG_COMPLAIN = 4,
	TX_DKG_CONFIRM = 5,
	TX_ADVANCE = 6,
	TX_ROLL = 7,
	TX_DEVICE = 8,
	TX_OPEN = 9,
	TX_BALLOT = 10,
	TX_TEST = 11,
	TX_CLOSE = 12,
	TX_END = 13,
	TX_KIOSK_CLOSING = 14,
	TX_SHARE = 15,
	TX_RESULT = 16,
	TX_EVIDENCE = 17,         /* these three: report.h */
	TX_COMPLAINT = 18,
	TX_INCIDENT = 19
};

/* One transaction as it travels.  Borrowed. */
struct tx {
	enum tx_type type;
	const uint8_t *payload;
	size_t payload_len;
	const uint8_t *wire;      /* type byte and payload together */
	size_t wire_len;
};

/* Open the envelope.  ST_FORMAT for an unknown type, ST_LIMIT beyond LIMIT_TX_BYTES. */
MUST_USE enum status tx_decode(struct tx *out, const uint8_t *wire, size_t wire_len);

/* Static, for people: "ballot", "dkg-deal". */
const char *tx_type_name(enum tx_type type);
/* open, close, end, advance, result: alone in their block. */
bool tx_is_phase_change(enum tx_type type);
/* The purpose under which the signature(s) of this type are made: its name, "ballot" excepted. */
const char *tx_purpose(enum tx_type type);

/* id = H("tx", type, payload).  Not for ballots, whose id leads from the tracker (ballot.h). */
void tx_plain_id(uint8_t id[static TX_ID_BYTES], const struct tx *tx);
/* A ballot's id = H("tx", type, tracker, SHA-256(witness)). */
void tx_ballot_id(uint8_t id[static TX_ID_BYTES], const uint8_t tracker[static TX_HASH_BYTES],
                  const uint8_t *witness, size_t witness_len);
/* The leaf of the log: type u8, id, wire length u32. */
void tx_leaf(uint8_t leaf[static TX_LEAF_BYTES], enum tx_type type,
             const uint8_t id[static TX_ID_BYTES], size_t wire_len);

/* What a signature covers (body) and the signature behind it, both borrowed. */
struct tx_signed {
	const uint8_t *body;
	size_t body_len;
	const uint8_t *sig;
};

/* Signatures of several trustees over one body, ascending, no repeats. */
struct tx_cosigned {
	const uint8_t *body;
	size_t body_len;
	unsigned int count;
	uint8_t trustee[LIMIT_TRUSTEES];   /* 1..n */
	const uint8_t *sig[LIMIT_TRUSTEES];
};

/* dkg-commit, dkg-deal, dkg-complain and share: a trustee's message of known inner form. */
struct tx_trustee_message {
	uint8_t trustee;                  /* 1..n */
	const uint8_t *message;
	size_t message_len;
	struct tx_signed sig;
};

struct tx_confirm {
	uint8_t trustee;
	const uint8_t *step_block;        /* id of the block that ended the complaints */
	const uint8_t *hash;              /* of transcript and keys */
	struct tx_signed sig;
};

struct tx_advance {
	uint8_t step;                     /* the step that ends: enum election_phase */
	const uint8_t *anchor;            /* id of the block of the previous change or advance */
	struct tx_cosigned by;
};

struct tx_roll {
	uint16_t index;
	uint16_t total;
	const uint8_t *entries;           /* as roll.h encodes them */
	size_t entries_len;
	struct tx_signed sig;
};

struct tx_device {
	uint16_t kiosk;                   /* its number */
	const uint8_t *sign_key;          /* Ed25519 */
	const uint8_t *curve_key;
	const uint8_t *label;             /* printable UTF-8, not terminated */
	size_t label_len;
	struct tx_signed sig;
};

struct tx_open {
	const uint8_t *anchor;
	const uint8_t *roll_root;
	uint32_t roll_count;
	uint64_t weight_sum;
	const uint8_t *y;                 /* encoded joint key */
	size_t y_len;
	struct tx_cosigned by;
};

/* close and end fix nothing but the anchor. */
struct tx_step {
	const uint8_t *anchor;
	struct tx_cosigned by;
};

struct tx_closing {
	uint16_t kiosk;
	const uint8_t *kiosk_key;         /* its Ed25519 key: a check needs no moving state */
	uint32_t cast;
	uint32_t tested;
	uint32_t voided;
	const uint8_t *root;              /* of the sorted (tracker, status) list */
	struct tx_signed sig;
};

struct tx_result {
	const uint8_t *anchor;            /* id of the block that held `end` */
	uint64_t end_height;
	uint32_t counts_len;
	const uint8_t *counts;            /* counts_len big-endian u64 */
	struct tx_cosigned by;
};

MUST_USE enum status tx_trustee_message_decode(struct tx_trustee_message *out, const struct tx *tx);
MUST_USE enum status tx_confirm_decode(struct tx_confirm *out, const struct tx *tx);
MUST_USE enum status tx_advance_decode(struct tx_advance *out, const struct tx *tx);
MUST_USE enum status tx_roll_decode(struct tx_roll *out, const struct tx *tx);
MUST_USE enum status tx_device_decode(struct tx_device *out, const struct tx *tx);
MUST_USE enum status tx_open_decode(struct tx_open *out, const struct tx *tx);
MUST_USE enum status tx_step_decode(struct tx_step *out, const struct tx *tx);
MUST_USE enum status tx_closing_decode(struct tx_closing *out, const struct tx *tx);
MUST_USE enum status tx_result_decode(struct tx_result *out, const struct tx *tx);
uint64_t tx_result_count(const struct tx_result *r, uint32_t index);

/*
 * Writing: tx_begin writes the type byte; a *_body call writes what is signed; the caller signs
 * the bytes from body_start on and appends the signature or, for cosigned ones, the list.
 */
void tx_begin(struct writer *w, enum tx_type type);
void tx_trustee_message_body(struct writer *w, uint8_t trustee, const void *message, size_t len);
void tx_confirm_body(struct writer *w, uint8_t trustee, const uint8_t step_block[static 32],
                     const uint8_t hash[static 32]);
void tx_advance_body(struct writer *w, uint8_t step, const uint8_t anchor[static 32]);
void tx_roll_body(struct writer *w, uint16_t index, uint16_t total, const void *entries,
                  size_t len);
void tx_device_body(struct writer *w, uint16_t kiosk, const uint8_t sign_key[static 32],
                    const uint8_t curve_key[static 32], const char *label);
void tx_open_body(struct writer *w, const uint8_t anchor[static 32],
                  const uint8_t roll_root[static 32], uint32_t roll_count, uint64_t weight_sum,
                  const uint8_t *y, size_t y_len);
void tx_step_body(struct writer *w, const uint8_t anchor[static 32]);
void tx_closing_body(struct writer *w, uint16_t kiosk, const uint8_t kiosk_key[static 32],
                     uint32_t cast, uint32_t tested, uint32_t voided,
                     const uint8_t root[static 32]);
void tx_result_body(struct writer *w, const uint8_t anchor[static 32], uint64_t end_height,
                    const uint64_t *counts, uint32_t counts_len);
/* The list of signatures behind a cosigned body: count u8, then (trustee u8, signature)... */
void tx_cosign_list(struct writer *w, const uint8_t *trustee, const uint8_t (*sig)[64],
                    unsigned int count);

#endif

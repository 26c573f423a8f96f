/*
 * checkpoint.h: what a node says once of a head for everybody (formats.md §6).
 *
 * A checkpoint names the state of the log: election, size, root.  A cosignature is a node's word
 * that this is *the* log at which it saw the election ended, or its result; it says so once, for
 * ever.  The text and the signature are those of C2SP (tlog-checkpoint, tlog-cosignature v1), so
 * that tools which know nothing of elections can check them.
 *
 * A certificate says that a quorum agreed.  With more than f bad nodes two quorums can differ;
 * two sets of γ cosignatures cannot unless 2γ − n nodes signed twice.
 *
 * Invariant: a struct cosignature that cosignature_check passed was made with the node's
 * checkpoint key; two of one node and kind that differ in size or root are evidence.
 */
#ifndef KALPIS_LEDGER_CHECKPOINT_H
#define KALPIS_LEDGER_CHECKPOINT_H

#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

enum cosigned_head {
	COSIGNED_END = 1,        /* the log after the block that holds `end` */
	COSIGNED_RESULT = 2      /* after the block that holds `result` */
};
enum { COSIGNED_HEADS = 2 };

struct checkpoint {
	uint8_t election_id[32];
	uint64_t size;           /* leaves of the log */
	uint8_t root[32];
};

struct cosignature {
	enum cosigned_head head;
	uint8_t node;            /* index, 0..n-1 */
	uint64_t time;           /* seconds since 1970, by the node's clock */
	uint64_t size;
	uint8_t root[32];
	uint8_t sig[SIGN_BYTES];
};

enum {
	COSIGNATURE_BYTES = 1 + 1 + 8 + 8 + 32 + SIGN_BYTES,
	CHECKPOINT_TEXT_MAX = 192,     /* three lines, with the NUL */
	COSIGNER_NAME_MAX = 96,        /* with the NUL */
	COSIGNATURE_LINE_MAX = 256     /* a line of a signed note, with the NUL */
};

/* "end", "result".  Static. */
const char *cosigned_head_name(enum cosigned_head head);

/* The body of the note: origin, size, root, each on a line. */
void checkpoint_text(char out[static CHECKPOINT_TEXT_MAX], const struct checkpoint *c);
/* The name under which a node signs notes: "node-<index>.<election id>.kalpis". */
void cosigner_name(char out[static COSIGNER_NAME_MAX], uint8_t node,
                   const uint8_t election_id[static 32]);

/* Fill in size, root and sig: head, node and time are the caller's. */
void cosignature_make(struct cosignature *c, const struct checkpoint *of,
                      const struct sign_secret *secret);
/* ST_SIGNATURE.  key: the checkpoint key of c->node, checked when the manifest was loaded. */
MUST_USE enum status cosignature_check(const struct cosignature *c,
                                       const uint8_t election_id[static 32],
                                       const uint8_t key[static SIGN_KEY_BYTES]);

void cosignature_write(struct writer *w, const struct cosignature *c);
/* ST_FORMAT; ST_LIMIT: a node that no committee has, a time beyond 2^63. */
MUST_USE enum status cosignature_read(struct reader *r, struct cosignature *out);

/* As a line of a signed note: "— <name> <base64 of key id, time, signature>\n". */
void cosignature_line(char out[static COSIGNATURE_LINE_MAX], const struct cosignature *c,
                      const uint8_t election_id[static 32],
                      const uint8_t key[static SIGN_KEY_BYTES]);

#endif

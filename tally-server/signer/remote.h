/*
 * remote.h: the signer as its node sees it: another process behind a socket pair (talk.h).
 *
 * The node's key never enters this process.  The signer is a program of its own, tally-signer,
 * beside this one; it opens the key file, asks for the passphrase if need be, and hands over what
 * the network needs: the public key of the node and the secret of its transport.
 *
 * Invariant: when the signer is gone, or says nothing for REMOTE_WAIT_MS, every call fails with
 * ST_IO from then on, and remote_is_gone says so: nothing is signed any more.
 */
#ifndef KALPIS_SIGNER_REMOTE_H
#define KALPIS_SIGNER_REMOTE_H

#include "common/base/fault.h"
#include "common/ledger/certificate.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/transaction.h"
#include "common/wire/message.h"
#include "tally-server/node/wal.h"

enum { REMOTE_WAIT_MS = 60000 };

struct remote;

struct remote_config {
	const char *program;              /* NULL: tally-signer, where this program is */
	const char *key;
	const char *passphrase_file;      /* NULL: the signer asks on the terminal */
	const char *memory;
	const char *log;                  /* of votes */
};

/* What the node needs of its key file.  curve_secret is a secret: wipe it. */
struct remote_keys {
	uint8_t sign_key[32];
	uint8_t curve_secret[32];
};

/*
 * Start the signer.  On failure fault says why (it is the signer's own, if it could say it).
 * *keys in memory of mem_secret_alloc.
 */
MUST_USE enum status remote_start(struct remote **out, struct remote_keys *keys,
                                  const struct remote_config *cfg, struct fault *fault);
/* The same over a socket that has a signer at its other end already. */
MUST_USE enum status remote_over(struct remote **out, struct remote_keys *keys, int fd,
                                 struct fault *fault);
/* The signer ends.  NULL is allowed. */
void remote_close(struct remote *r);

/* Readable when the signer is gone.  For the event loop. */
int remote_fd(const struct remote *r);
/* Looks, without waiting. */
bool remote_is_gone(struct remote *r);
/* "ended with 74", "was killed by signal 31": once it is gone; static. */
const char *remote_how(struct remote *r);
/* The same for a person.  Returns ST_IO. */
enum status remote_fault(struct remote *r, struct fault *fault);

/* What the memory file says of an election. */
struct remote_past {
	bool known;                       /* the key was used in it: its logs must be there */
	uint64_t node_instance;           /* as remote_open was told last; 0: never */
};
/* Which election. */
MUST_USE enum status remote_begin(struct remote *r, struct remote_past *past,
                                  const struct committee *c, uint8_t self);

struct remote_report {
	struct wal_report log;
	uint64_t instance;                /* how often the log of votes was opened, now included */
	bool older;                       /* one of the logs is an older copy, says the memory file */
};
/*
 * Open the log; what was found.  create: begin one that is not there without amnesia, if the key
 * was never used in the election.  node_instance: of the node's own log, opened before.  Failures
 * as of signer_open, and those of the memory file.
 */
MUST_USE enum status remote_open(struct remote *r, struct remote_report *report, bool create,
                                 uint64_t node_instance);

/* --- as in signer.h --------------------------------------------------------------------------- */

/* Any number of votes; TALK_VOTES_MAX share a sync. */
MUST_USE enum status remote_sign(struct remote *r, struct vote *votes, enum status *each,
                                 size_t count);
typedef enum status remote_vote_fn(void *ctx, const struct vote *v);
MUST_USE enum status remote_replay(struct remote *r, remote_vote_fn *each, void *ctx);
MUST_USE enum status remote_has(struct remote *r, bool *has, enum vote_type type, uint64_t view,
                                const uint8_t block[static 32]);
MUST_USE enum status remote_compact(struct remote *r, uint64_t final_view);
MUST_USE enum status remote_set_amnesia(struct remote *r);
MUST_USE enum status remote_guard(struct remote *r, uint64_t above);
/* As the last answer said. */
bool remote_has_amnesia(const struct remote *r);
bool remote_wants_compaction(const struct remote *r);
uint64_t remote_floor(const struct remote *r);

/* A promise: tx_id and time_min are set; node and sig are filled in. */
MUST_USE enum status remote_promise(struct remote *r, struct promise *p);
/*
 * A cosignature: head, time, size and root are set; node and sig are filled in.  Asked again the
 * signer gives the one that it gave, with its time.  ST_CONFLICT: it gave another; ST_AMNESIA.
 */
MUST_USE enum status remote_cosign(struct remote *r, struct cosignature *c);
/* The node's signature under evidence as a transaction; evidence: at most LIMIT_TX_BYTES. */
MUST_USE enum status remote_evidence(struct remote *r, uint8_t sig[static TX_SIG_BYTES],
                                     const uint8_t *evidence, size_t len);

#endif

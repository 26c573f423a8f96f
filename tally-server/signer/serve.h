/*
 * serve.h: the signer's side of the talk with its node (talk.h; decisions/0084).
 *
 * One request at a time.  The keys sign votes and cosignatures that signer.h lets pass, promises,
 * evidence that the node brings, and nothing else; every message is put together here, so that no
 * request can make one of another purpose.  Whether this key was used in an election before is for
 * the signer to know (memory.h), not for the node to tell.
 *
 * Invariant: after the log is open the process has passed cfg.confine; no answer holds a signature
 * whose vote is not on the disk.
 */
#ifndef KALPIS_SIGNER_SERVE_H
#define KALPIS_SIGNER_SERVE_H

#include "crypto/sign.h"
#include "tally-server/signer/talk.h"

struct serve_config {
	const struct sign_secret *secret;     /* the node's; guarded memory; borrowed */
	const struct sign_secret *checkpoint; /* the same */
	const char *log;                      /* of votes */
	const char *memory;                   /* outside the data folder (memory.h) */
	enum status (*confine)(void);         /* once the log is open; NULL: not */
};

struct serve;

MUST_USE enum status serve_new(struct serve **out, const struct serve_config *cfg);
/* Closes the log.  NULL is allowed. */
void serve_free(struct serve *s);

/*
 * Answer one request into out (TALK_BYTES_MAX).  The answer is to be sent whatever is returned;
 * anything but ST_OK: then stop, the log cannot be relied on any more.
 */
MUST_USE enum status serve_answer(struct serve *s, uint8_t *out, size_t *out_len,
                                  const uint8_t *request, size_t len);
/* Answer until the node closes.  ST_OK then. */
MUST_USE enum status serve_run(struct serve *s, int fd);

#endif

/*
 * own.h: how the commands of tally-server reach the node that runs with the same node.ini.
 *
 * Invariant: a struct own is zero or was opened; own_close serves both.
 */
#ifndef KALPIS_NODE_OWN_H
#define KALPIS_NODE_OWN_H

#include "common/election/manifest.h"
#include "common/ledger/certificate.h"
#include "common/net/client.h"
#include "common/wire/keyfile.h"
#include "common/wire/message.h"
#include "tally-server/node/settings.h"

struct own {
	struct settings set;
	struct manifest *manifest;
	struct committee committee;
	uint32_t index;
	struct client *client;
	uint32_t slot;
	uint8_t *request;             /* LIMIT_REQUEST */
};

/* Block 0's manifest in an archive, loaded and so checked; signatures are not. */
MUST_USE enum status own_manifest(struct manifest **out, const char *path, struct fault *fault);
/* Which node of the manifest has this key.  ST_KEY. */
MUST_USE enum status own_index(uint32_t *out, const struct manifest *m, const struct keyfile *key,
                               struct fault *fault);

/*
 * Read node.ini.  With key (opened by the caller from set.key) requests go to the kiosk endpoint,
 * else (NULL) to the read endpoint of the node that last ran on this data folder.
 */
MUST_USE enum status own_settings(struct own *o, const char *config, struct fault *fault);
MUST_USE enum status own_connect(struct own *o, const struct keyfile *key, struct fault *fault);
void own_close(struct own *o);

/* Ask and wait.  ST_TIMEOUT: the node does not answer (fault says so).  *out borrows. */
MUST_USE enum status own_ask(struct own *o, struct message_response *out,
                             const struct message_request *req, uint32_t timeout_ms,
                             struct fault *fault);

/* data/running: which node runs here.  Written by run. */
MUST_USE enum status own_mark_running(const struct settings *set, uint32_t index);

#endif

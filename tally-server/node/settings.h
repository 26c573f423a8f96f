/*
 * settings.h: node.ini (docs/operating.md, "configuration of a node").
 *
 *	[node]
 *	key = node.key                  ; as `tally-server keygen` made it
 *	passphrase_file = node.pass     ; else it is asked for
 *	genesis = genesis.kalpis        ; as `tally-officer genesis` made it
 *	data = data                     ; a folder of the node's own
 *	memory = node.key.elections     ; outside data: where this key was used
 *
 *	[net]
 *	bind = *                        ; local interface
 *	delta_ms = 500                  ; what one message takes at most, on a normal day
 *	read_rate = 50                  ; requests in a second of one reader, and of all together
 *	read_rate_all = 500
 *	kiosk_connections = 64
 *	read_connections = 32
 *
 *	[log]
 *	level = info
 *
 * Invariant: after settings_load returned ST_OK every field has a value.
 */
#ifndef KALPIS_NODE_SETTINGS_H
#define KALPIS_NODE_SETTINGS_H

#include "common/base/conf.h"
#include "common/base/limits.h"
#include "common/base/log.h"

struct settings {
	struct conf conf;
	const char *key;
	const char *passphrase_file;          /* NULL: ask */
	const char *genesis;
	const char *data;
	char memory[LIMIT_PATH_BYTES];
	const char *bind;
	uint32_t delta_ms;
	uint32_t read_rate, read_rate_all;
	uint32_t kiosk_connections, read_connections;
	enum log_level log_level;
};

/* fault says what is wrong, and where.  Free with settings_free in any case. */
MUST_USE enum status settings_load(struct settings *s, const char *path, struct fault *fault);
void settings_free(struct settings *s);
/* "data/name".  ST_LIMIT. */
MUST_USE enum status settings_data(const struct settings *s, char out[static LIMIT_PATH_BYTES],
                                   const char *name);

#endif

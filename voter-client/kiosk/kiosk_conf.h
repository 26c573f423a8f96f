/*
 * kiosk_conf.h: the kiosk's configuration file and what follows from it: manifest, key, folders.
 *
 *	[kiosk]
 *	number = 3
 *	manifest = manifest.json          compared with the fingerprint
 *	fingerprint = 1a2b 3c4d ...       from the poster
 *	key = kiosk.key
 *	passphrase_file = passphrase      optional: else it is asked for
 *	spool = spool
 *	receipts = receipts
 *	slips = slips
 *	language = en                     optional: the election's first
 *	idle_s = 180
 *	warn_s = 45
 *
 * Invariant: after kiosk_load the manifest is the one with that fingerprint.
 */
#ifndef KALPIS_KIOSK_KIOSK_CONF_H
#define KALPIS_KIOSK_KIOSK_CONF_H

#include "common/base/conf.h"
#include "common/election/manifest.h"
#include "common/wire/keyfile.h"
#include "voter-client/kiosk/session.h"

struct kiosk {
	struct conf conf;
	struct manifest *manifest;
	struct keyfile *key;             /* secret memory */
	struct session_config session;
	const char *spool;               /* borrowed from conf */
	const char *receipts;
	const char *slips;
};

extern const struct conf_key kiosk_keys[];

/* Everything that a kiosk needs to start.  Free with kiosk_unload, also after a failure. */
MUST_USE enum status kiosk_load(struct kiosk *k, const char *path, struct fault *fault);
void kiosk_unload(struct kiosk *k);

#endif

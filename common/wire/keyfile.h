/*
 * keyfile.h: the sealed key files of trustees, nodes, officials and kiosks (formats.md, "keys").
 *
 * Each kind is sealed under a purpose of its own, so that one cannot pass for another.
 *
 * Invariant: what keyfile_load wrote is whole and of the asked kind; on failure it is zero.  All
 * structs are secret: the owner keeps them in memory of mem_secret_alloc and wipes them.
 */
#ifndef KALPIS_WIRE_KEYFILE_H
#define KALPIS_WIRE_KEYFILE_H

#include "common/base/passphrase.h"
#include "crypto/group.h"
#include "crypto/sign.h"

#include <stdint.h>

enum keyfile_kind {
	KEYFILE_TRUSTEE = 1,
	KEYFILE_NODE = 2,
	KEYFILE_REGISTRAR = 3,
	KEYFILE_OFFICER = 4,
	KEYFILE_KIOSK = 5
};

/* Fields that a kind does not have are zero. */
struct keyfile {
	enum keyfile_kind kind;
	uint8_t sign_seed[SIGN_SEED_BYTES];         /* all kinds: Ed25519 */
	const struct group *suite;                  /* trustee */
	struct scalar enc;                          /* trustee: of the group encryption key */
	uint8_t ceremony_seed[32];                  /* trustee: see keyfile_ceremony_seed */
	uint8_t checkpoint_seed[SIGN_SEED_BYTES];   /* node */
	uint8_t curve_secret[32];                   /* node, kiosk */
	uint8_t device_secret[32];                  /* kiosk: hedges its random generator */
};

/* "trustee", "node", ...  Static. */
const char *keyfile_kind_name(enum keyfile_kind kind);

/* Fresh keys of a kind.  suite: a trustee's, else NULL. */
void keyfile_generate(struct keyfile *out, enum keyfile_kind kind, const struct group *suite);
void keyfile_wipe(struct keyfile *k);

/* A new private file.  ST_EXISTS rather than overwrite. */
MUST_USE enum status keyfile_save(const char *path, const struct keyfile *k,
                                  const struct passphrase *p);
/* ST_NOT_FOUND, ST_SEAL (wrong passphrase, kind or altered), ST_FORMAT. */
MUST_USE enum status keyfile_load(struct keyfile *out, const char *path, enum keyfile_kind kind,
                                  const struct passphrase *p);

/* The seed of a trustee's part in one election's ceremony: always the same for that election. */
void keyfile_ceremony_seed(uint8_t out[static 32], const struct keyfile *k,
                           const uint8_t election_id[static 32]);

#endif

/*
 * vault.h: the folder of evidence files (formats-evidence.md): FOLDER/evidence.
 *
 * A node can make us see new contradictions for ever; so many files are kept of each node and kind,
 * the first ones.  A file is never overwritten, and what is there already is not written again.
 *
 * Invariant: a file that has its name is whole and on the disk.
 */
#ifndef KALPIS_FOLLOW_VAULT_H
#define KALPIS_FOLLOW_VAULT_H

#include "common/base/fault.h"
#include "common/election/manifest.h"
#include "common/ledger/evidence.h"

enum { VAULT_EACH_MAX = 8, VAULT_FILES_MAX = 4096 };

struct vault {
	char folder[LIMIT_PATH_BYTES];
};

MUST_USE enum status vault_open(struct vault *v, const char *folder, struct fault *fault);
/* How many files there are. */
MUST_USE enum status vault_count(const struct vault *v, size_t *count);
/*
 * Keep it, with the manifest.  path (LIMIT_PATH_BYTES) gets the file's name.  ST_EXISTS: it is
 * there already; ST_LIMIT: there are VAULT_EACH_MAX of this node and kind, or it is too large.
 */
MUST_USE enum status vault_put(const struct vault *v, char *path, const struct evidence *e,
                               uint32_t node, const struct manifest *m);

#endif

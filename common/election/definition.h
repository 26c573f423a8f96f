/*
 * definition.h: from what an officer writes to the manifest (formats-files.md §2).
 *
 * A definition is JSON that a person can write: members may be left out that have a usual value,
 * and cards are named by file.  Compiling fills in the usual values, puts the cards in and loads
 * the result; all rules are those of manifest_load.
 *
 * Invariant: the manifest depends on the definition and the cards alone, to the byte.
 */
#ifndef KALPIS_ELECTION_DEFINITION_H
#define KALPIS_ELECTION_DEFINITION_H

#include "common/election/manifest.h"
#include "common/election/refusal.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Where cards are found.  read writes the file's bytes, at most cap (ST_LIMIT when there are
 * more).  name was checked: relative, no "..", no control characters.
 */
struct card_source {
	enum status (*read)(void *ctx, const char *name, uint8_t *out, size_t cap, size_t *len);
	void *ctx;
};

/* A source that reads files below a folder.  folder is borrowed. */
struct card_source card_source_folder(const char *folder);

/*
 * On ST_OK *out is the manifest, to be freed with manifest_free; its bytes are what is published.
 * Otherwise *out is NULL and *why, if not NULL, tells path, line and reason.  Statuses are those
 * of manifest_load and of cards->read.
 */
MUST_USE enum status definition_compile(struct manifest **out, struct refusal *why,
                                        const void *text, size_t len,
                                        const struct card_source *cards);

#endif

/*
 * manifest_load.h: what the files that load a manifest share.  Nobody else includes it.
 *
 * Invariant: a load_* function either filled its part of the manifest and returned ST_OK, or
 * refused with path and reason.
 */
#ifndef KALPIS_ELECTION_MANIFEST_LOAD_H
#define KALPIS_ELECTION_MANIFEST_LOAD_H

#include "common/election/arena.h"
#include "common/election/jnode.h"
#include "common/election/manifest.h"

/* The manifest and all its parts lie in one arena; the arena's head lies behind the manifest. */
struct manifest_box {
	struct manifest m;   /* first: manifest_free finds the box by it */
	struct arena arena;
};

/* An id: [a-z0-9][a-z0-9-]*, at most LIMIT_ID_BYTES.  Copied. */
MUST_USE enum status load_id(struct manifest_box *box, const char **out, const struct jnode *at);
/* A text in every language and in no other.  Copied. */
MUST_USE enum status load_text(struct manifest_box *box, struct manifest_text *out,
                               const struct jnode *at);
/* Trustees, registrar, officer: cards, and that no key or address is there twice. */
MUST_USE enum status load_cards(struct manifest_box *box, const struct jnode *root);
/* Units, contests, styles and layouts, in this order. */
MUST_USE enum status load_ballots(struct manifest_box *box, const struct jnode *root);

#endif

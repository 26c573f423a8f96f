/*
 * manifest.h: the election as every program holds it: compiled, bounded, immutable
 * (formats-files.md §3; protocol-ballotproof.md §2).
 *
 * The manifest is canonical JSON; election_id = SHA-256(its bytes).  manifest_load refuses every
 * byte string that is not the canonical encoding of a sound election, so that whoever holds a
 * struct manifest need not check it again: indices are in range, keys distinct and strong, cards
 * signed, units a forest, ballot layouts within limits.
 *
 * Invariant: nothing changes after manifest_load; threads may share a manifest.  All pointers in
 * it live until manifest_free.
 */
#ifndef KALPIS_ELECTION_MANIFEST_H
#define KALPIS_ELECTION_MANIFEST_H

#include "common/base/limits.h"
#include "common/election/card.h"
#include "common/election/refusal.h"
#include "crypto/ballotlayout.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ELECTION_ID_BYTES = HASH256_BYTES,
	MANIFEST_NONE = 0xffff               /* no such index: a unit without parent, a failed find */
};

/* A text in every language of the election: in[i] is in languages[i].  NFC, no controls. */
struct manifest_text {
	const char *in[LIMIT_LANGUAGES];
};

struct manifest_option {
	const char *id;
	struct manifest_text name;
};

enum contest_type {
	CONTEST_CHOOSE = 1,   /* each option 0 or 1, min..max of them */
	CONTEST_SCORE = 2     /* each option 0..each_max points, min..max together */
};

/* 1 <= options_len, 1 <= each_max, 0 <= min <= max, 1 <= max <= options_len * each_max. */
struct manifest_contest {
	const char *id;
	enum contest_type type;
	struct manifest_text title;
	uint32_t min;
	uint32_t max;
	uint32_t each_max;              /* 1 for choose */
	bool blank;                     /* a blank ballot is allowed: one more ciphertext, the first */
	uint16_t options_len;
	uint16_t ciphertexts_len;       /* options_len, and one more where blank is allowed */
	const struct manifest_option *options;
};

struct manifest_unit {
	const char *id;
	struct manifest_text name;
	uint16_t parent;                /* merge_into; MANIFEST_NONE for a root */
};

/* Where a contest's ciphertexts lie in a ballot of one style. */
struct manifest_style_contest {
	uint16_t contest;               /* index into contests; ascending within a style */
	uint16_t first;                 /* its first ciphertext: the blank one where there is one */
	uint16_t len;                   /* = contests[contest].ciphertexts_len */
};

struct manifest_style {
	const char *id;
	uint16_t unit;                  /* index into units */
	uint16_t contests_len;
	uint16_t ciphertexts_len;       /* M of protocol-ballotproof.md §2 */
	uint16_t bits_len;              /* N, slack included */
	uint16_t constraints_len;
	const struct manifest_style_contest *contests;
	const struct ballotlayout *layout;   /* labels: index of the style, indices of contests */
};

enum manifest_revote { REVOTE_NEVER = 0, REVOTE_LAST = 1 };

struct manifest {
	const uint8_t *bytes;           /* the canonical bytes, as published */
	size_t len;
	uint8_t election_id[ELECTION_ID_BYTES];

	const struct group *suite;
	struct manifest_text title;
	const char *languages[LIMIT_LANGUAGES];
	uint16_t languages_len;

	uint16_t threshold;             /* t */
	uint16_t trustees_len;          /* n; trustee j of the papers is trustees[j - 1] */
	uint16_t faults;                /* f = floor((n - 1) / 3) */
	uint16_t quorum;                /* q = n - f */
	const struct card *trustees;
	const struct card *registrar;
	const struct card *officer;

	enum manifest_revote revote;
	bool rehearsal;                 /* shown on every page; t = 1 is allowed only then */
	bool weights_reveal;            /* unequal weights were accepted */
	uint32_t publish_min;
	uint32_t tests_per_kiosk;
	uint32_t dkg_min_minutes;
	uint32_t batch_min;
	uint32_t batch_wait_ms;

	const struct manifest_unit *units;
	const struct manifest_style *styles;
	const struct manifest_contest *contests;
	uint16_t units_len;
	uint16_t styles_len;
	uint16_t contests_len;
	uint32_t value_max;             /* K: the largest value of one selection of any contest */
};

/*
 * Check and compile manifest bytes (copied).  On ST_OK the caller frees *out with manifest_free;
 * otherwise *out is NULL and *why, if not NULL, says where and why.  ST_FORMAT: not canonical
 * JSON; ST_LIMIT: beyond limits.h; ST_KEY, ST_SIGNATURE, ST_PROOF, ST_ELEMENT: a card;
 * ST_DEFINITION: another rule; ST_NO_MEMORY.  Needs crypto_init.
 */
MUST_USE enum status manifest_load(struct manifest **out, struct refusal *why,
                                   const void *bytes, size_t len);
void manifest_free(struct manifest *m);

/* Index by id or key; MANIFEST_NONE when there is none.  Trustees are 0-based here. */
uint16_t manifest_find_unit(const struct manifest *m, const char *id);
uint16_t manifest_find_style(const struct manifest *m, const char *id);
uint16_t manifest_find_contest(const struct manifest *m, const char *id);
uint16_t manifest_find_option(const struct manifest_contest *c, const char *id);
uint16_t manifest_find_language(const struct manifest *m, const char *language);
uint16_t manifest_find_trustee(const struct manifest *m, const uint8_t key[static CARD_KEY_BYTES]);
uint16_t manifest_find_node(const struct manifest *m, const uint8_t key[static CARD_KEY_BYTES]);

/* The entry of a contest in a style; NULL when the style does not carry it. */
const struct manifest_style_contest *manifest_style_contest(const struct manifest *m,
                                                            uint16_t style, uint16_t contest);

/* What is allowed but weak.  Shown when the election is defined, and by the observer. */
enum manifest_warning {
	WARNING_NODE_FAULTS,      /* f = 0: no node may fail or cheat */
	WARNING_THRESHOLD_LOW,    /* n - t + 1 > t: fewer can decrypt than can prevent it */
	WARNING_THRESHOLD_HIGH,   /* t > n - f: no tally when f trustees are lost with their nodes */
	WARNING_PUBLISH_MIN,      /* publish_min 1: a lone ballot's content is published */
	WARNING_BATCH_MIN,        /* batch_min 1: no order privacy */
	WARNING_REHEARSAL,        /* marked as a rehearsal: not an election */
	WARNING_UNIT_UNUSED,      /* a unit that no style and no other unit names */
	WARNING_COUNT             /* not a warning: how many there are */
};

/* Fill out with those that apply, in the order of the enum; returns how many. */
size_t manifest_warnings(const struct manifest *m, enum manifest_warning out[static WARNING_COUNT]);
/* What it is, why it matters, what to do.  Static. */
const char *manifest_warning_text(enum manifest_warning w);

#endif

/*
 * roll.h: who may vote: credential keys, weights and ballot styles; no names (formats-files.md §6).
 *
 * An entry is the encoded credential key, u32 weight, u16 style index.  Entries stand in strictly
 * ascending order of their keys: that is the shuffle, and it makes a repeated key visible.  The
 * roll travels in chunks of entries, one after the other; its root is that of the RFC 6962 tree
 * whose leaves are the entries.
 *
 * Invariant: a struct roll is immutable and complete: ordered, distinct in keys and fingerprints,
 * weights and styles within the manifest's rules.
 */
#ifndef KALPIS_ELECTION_ROLL_H
#define KALPIS_ELECTION_ROLL_H

#include "common/base/writer.h"
#include "common/election/manifest.h"
#include "common/election/refusal.h"

#define ROLL_NONE UINT32_MAX   /* no such entry */

struct roll_entry {
	const uint8_t *key;   /* group_element_len bytes, borrowed */
	uint32_t weight;      /* 1..LIMIT_WEIGHT */
	uint16_t style;       /* index into the manifest's styles */
};

struct roll {
	const struct manifest *manifest;   /* borrowed */
	uint8_t *entries;                  /* encoded, count * entry_len bytes */
	size_t entry_len;
	uint32_t count;
	uint64_t weight_sum;
	bool is_weighted;                  /* not all weights are equal */
	uint8_t root[HASH256_BYTES];
};

/* A chunk as a transaction carries it. */
struct roll_chunk {
	const uint8_t *entries;   /* borrowed */
	size_t len;
};

size_t roll_entry_len(const struct group *g);
/* Entries that fit a transaction: at most LIMIT_ROLL_CHUNK. */
size_t roll_chunk_entries_max(const struct group *g);
void roll_entry_write(struct writer *w, const struct group *g, const struct roll_entry *e);
/* bytes has roll_entry_len; e borrows from it. */
void roll_entry_read(struct roll_entry *e, const struct group *g, const uint8_t *bytes);
/* Put encoded entries into canonical order. */
void roll_sort(const struct group *g, uint8_t *entries, size_t count);

/*
 * All that can be said of one chunk alone: length, order, keys that decode and are not the
 * identity, weights, styles.  Stateless: for worker threads.  ST_FORMAT, ST_LIMIT, ST_ORDER,
 * ST_DUPLICATE, ST_ELEMENT, ST_IDENTITY, ST_STYLE.
 */
MUST_USE enum status roll_chunk_check(const struct manifest *m, struct refusal *why,
                                      const uint8_t *entries, size_t len);

/*
 * The whole roll from chunks, in order, each of which passed roll_chunk_check (keys are not
 * decoded again).  Checks order across chunks, LIMIT_VOTERS, fingerprints and roll_weights_check;
 * copies.  Free with roll_free.  ST_ROLL for no entries at all.
 */
MUST_USE enum status roll_assemble(struct roll **out, struct refusal *why,
                                   const struct manifest *m,
                                   const struct roll_chunk *chunks, size_t chunks_len);
void roll_free(struct roll *r);

/*
 * Design §5.6, §7: K * weight_sum <= 2^36 (ST_LIMIT), and unequal weights only where the manifest
 * accepts that they reveal (ST_DEFINITION).
 */
MUST_USE enum status roll_weights_check(const struct manifest *m, struct refusal *why,
                                        uint64_t weight_sum, bool is_weighted);

/* index < count. */
void roll_at(const struct roll *r, uint32_t index, struct roll_entry *out);
/* The index of an encoded key; ROLL_NONE when it is not on the roll. */
uint32_t roll_find(const struct roll *r, const uint8_t *key);

#endif

/*
 * jnode.h: strict reading of a JSON tree that knows the path of what it reads.
 *
 * A jnode is a value and the way to it.  A reader takes children by name or index and asks for a
 * type; the first thing that is wrong fills the refusal with the path, such as
 * "contests[2].max", and the reason.  Only the files that read or write the election's JSON
 * include this header, because it opens the door to jansson.
 *
 * Invariant: jnodes live on the stack, each pointing to its parent; the tree outlives them.
 */
#ifndef KALPIS_ELECTION_JNODE_H
#define KALPIS_ELECTION_JNODE_H

#include "common/election/refusal.h"

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jnode {
	json_t *json;                  /* borrowed; NULL when absent */
	const struct jnode *parent;    /* NULL at the root */
	const char *key;               /* name in the parent object, or NULL */
	size_t index;                  /* position in the parent array */
	struct refusal *why;           /* NULL: the caller does not want to know */
};

enum {
	JNODE_DEPTH = 12,       /* deepest path that is shown whole */
	JNODE_HEX_BYTES = 512   /* longest field of hexadecimal */
};

/* Parse one JSON object; duplicate keys, NUL and bytes after it are refused.  ST_FORMAT with the
 * line.  The caller gives root->json back to json_decref. */
MUST_USE enum status jnode_parse(struct jnode *root, struct refusal *why, const void *bytes,
                                 size_t len);

/* Always returns st.  What is not printable ASCII is shown as "?". */
enum status jnode_refuse(const struct jnode *at, enum status st, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A member, absent or not; an element, which must exist. */
struct jnode jnode_child(const struct jnode *at, const char *key);
struct jnode jnode_item(const struct jnode *at, size_t index);

/* at is an object that has every name of required and none but those and optional; both lists end
 * with NULL. */
MUST_USE enum status jnode_keys(const struct jnode *at, const char *const *required,
                                const char *const *optional);
MUST_USE enum status jnode_list(const struct jnode *at, size_t *len, size_t min, size_t max);
MUST_USE enum status jnode_uint(const struct jnode *at, uint32_t *out, uint32_t min, uint32_t max);
MUST_USE enum status jnode_bool(const struct jnode *at, bool *out);
/* Borrowed from the tree; 1..max bytes. */
MUST_USE enum status jnode_string(const struct jnode *at, const char **out, size_t max);
/* A string for people: text_check holds as well. */
MUST_USE enum status jnode_text(const struct jnode *at, const char **out, size_t max);
/* Lower-case hexadecimal of exactly len bytes. */
MUST_USE enum status jnode_hex(const struct jnode *at, uint8_t *out, size_t len);
json_t *jnode_make_hex(const uint8_t *bytes, size_t len);

/* Canonical JSON (sorted keys, no spaces, UTF-8, integers only): RFC 8785 form.  ST_LIMIT. */
MUST_USE enum status jnode_encode(const json_t *json, uint8_t *out, size_t cap, size_t *len);
/* ST_FORMAT unless bytes are what jnode_encode gives for this tree. */
MUST_USE enum status jnode_canonical(const struct jnode *root, const void *bytes, size_t len);

#endif

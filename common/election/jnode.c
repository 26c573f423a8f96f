/*
 * jnode.c: strict reading of a JSON tree (formats-files.md §1).
 *
 * Invariant: a refusal is printable ASCII whatever the tree holds (N21), and the first refusal is
 * the one that is told: a reader stops at it.
 */
#include "common/election/jnode.h"

#include "common/base/hex.h"
#include "common/base/nearest.h"
#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_printable(char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = '?';
}

/* Root first: "contests[2].max". */
static void show_path(char *out, size_t cap, const struct jnode *at)
{
	const struct jnode *way[JNODE_DEPTH];
	size_t depth = 0;
	size_t pos = 0;

	for (; at->parent != NULL && depth < JNODE_DEPTH; at = at->parent)
		way[depth++] = at;
	out[0] = '\0';
	while (depth-- > 0 && pos < cap) {
		const struct jnode *step = way[depth];
		int n = step->key == NULL ? snprintf(out + pos, cap - pos, "[%zu]", step->index) :
		        snprintf(out + pos, cap - pos, "%s%s", pos == 0 ? "" : ".", step->key);

		pos += n > 0 ? (size_t)n : 0;
	}
	make_printable(out);
}

enum status jnode_refuse(const struct jnode *at, enum status st, const char *format, ...)
{
	struct refusal *why = at->why;
	va_list args;

	if (why == NULL)
		return st;
	show_path(why->path, sizeof(why->path), at);
	va_start(args, format);
	(void)vsnprintf(why->reason, sizeof(why->reason), format, args);
	va_end(args);
	make_printable(why->reason);
	why->line = 0;
	return st;
}

enum status jnode_parse(struct jnode *root, struct refusal *why, const void *bytes, size_t len)
{
	json_error_t error;
	enum status st;

	*root = (struct jnode){ .why = why };
	root->json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (root->json == NULL) {
		st = jnode_refuse(root, ST_FORMAT, "this is not JSON: %s", error.text);
		if (why != NULL && error.line > 0)
			why->line = (unsigned int)error.line;
		return st;
	}
	if (!json_is_object(root->json)) {
		json_decref(root->json);
		root->json = NULL;
		return jnode_refuse(root, ST_FORMAT, "the file must be one JSON object");
	}
	return ST_OK;
}

struct jnode jnode_child(const struct jnode *at, const char *key)
{
	return (struct jnode){ .json = json_object_get(at->json, key), .parent = at, .key = key,
	                       .why = at->why };
}

struct jnode jnode_item(const struct jnode *at, size_t index)
{
	return (struct jnode){ .json = json_array_get(at->json, index), .parent = at, .index = index,
	                       .why = at->why };
}

/* Is name on the list?  If not, offer what is, for a "did you mean". */
static bool is_listed(const char *const *list, const char *name, struct nearest *near)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, name) == 0)
			return true;
		nearest_offer(near, *list);
	}
	return false;
}

static enum status refuse_key(const struct jnode *child, const struct nearest *near)
{
	const char *best = nearest_best(near);

	if (best == NULL)
		return jnode_refuse(child, ST_DEFINITION, "unknown key \"%s\"", child->key);
	return jnode_refuse(child, ST_DEFINITION, "unknown key \"%s\"; did you mean \"%s\"?",
	                    child->key, best);
}

enum status jnode_keys(const struct jnode *at, const char *const *required,
                       const char *const *optional)
{
	if (!json_is_object(at->json))
		return jnode_refuse(at, ST_FORMAT, "this must be an object, {...}");
	for (void *it = json_object_iter(at->json); it != NULL;
	     it = json_object_iter_next(at->json, it)) {
		struct jnode child = jnode_child(at, json_object_iter_key(it));
		struct nearest near;

		nearest_init(&near, child.key);
		if (!is_listed(required, child.key, &near) && !is_listed(optional, child.key, &near))
			return refuse_key(&child, &near);
	}
	for (; *required != NULL; required++)
		if (json_object_get(at->json, *required) == NULL)
			return jnode_refuse(at, ST_DEFINITION, "the key \"%s\" is missing", *required);
	return ST_OK;
}

enum status jnode_list(const struct jnode *at, size_t *len, size_t min, size_t max)
{
	*len = 0;
	if (!json_is_array(at->json))
		return jnode_refuse(at, ST_FORMAT, "this must be a list, [...]");
	*len = json_array_size(at->json);
	if (*len < min)
		return jnode_refuse(at, ST_DEFINITION, "the list has %zu entries; it needs at least %zu",
		                    *len, min);
	if (*len > max)
		return jnode_refuse(at, ST_LIMIT, "the list has %zu entries; at most %zu are allowed",
		                    *len, max);
	return ST_OK;
}

enum status jnode_uint(const struct jnode *at, uint32_t *out, uint32_t min, uint32_t max)
{
	json_int_t value;

	*out = 0;
	if (!json_is_integer(at->json))
		return jnode_refuse(at, ST_FORMAT, "this must be a whole number");
	value = json_integer_value(at->json);
	if (value < (json_int_t)min)
		return jnode_refuse(at, ST_DEFINITION,
		                    "%" JSON_INTEGER_FORMAT " is too small; at least %u is needed", value,
		                    min);
	if (value > (json_int_t)max)
		return jnode_refuse(at, ST_LIMIT,
		                    "%" JSON_INTEGER_FORMAT " is too large; at most %u is allowed", value,
		                    max);
	*out = (uint32_t)value;
	return ST_OK;
}

enum status jnode_bool(const struct jnode *at, bool *out)
{
	*out = json_is_true(at->json);
	if (!json_is_boolean(at->json))
		return jnode_refuse(at, ST_FORMAT, "this must be true or false");
	return ST_OK;
}

enum status jnode_string(const struct jnode *at, const char **out, size_t max)
{
	size_t len;

	*out = NULL;
	if (!json_is_string(at->json))
		return jnode_refuse(at, ST_FORMAT, "this must be a text, \"...\"");
	len = json_string_length(at->json);
	if (len == 0)
		return jnode_refuse(at, ST_DEFINITION, "this text is empty");
	if (len > max)
		return jnode_refuse(at, ST_LIMIT, "this text has %zu bytes; at most %zu are allowed", len,
		                    max);
	*out = json_string_value(at->json);
	return ST_OK;
}

enum status jnode_text(const struct jnode *at, const char **out, size_t max)
{
	enum status st = jnode_string(at, out, max);
	enum text_flaw flaw;

	if (st != ST_OK)
		return st;
	flaw = text_flaw(*out, json_string_length(at->json), NULL);
	if (flaw != TEXT_FINE)
		return jnode_refuse(at, ST_DEFINITION, "this text %s", text_flaw_phrase(flaw));
	return ST_OK;
}

enum status jnode_hex(const struct jnode *at, uint8_t *out, size_t len)
{
	memset(out, 0, len);
	if (!json_is_string(at->json) ||
	    hex_decode(out, len, json_string_value(at->json), json_string_length(at->json)) != ST_OK)
		return jnode_refuse(at, ST_FORMAT, "this must be %zu lower-case hexadecimal digits",
		                    2 * len);
	return ST_OK;
}

json_t *jnode_make_hex(const uint8_t *bytes, size_t len)
{
	char text[2 * JNODE_HEX_BYTES + 1];

	if (len > JNODE_HEX_BYTES)
		return NULL;
	hex_encode(text, bytes, len);
	return json_stringn(text, 2 * len);
}

enum status jnode_encode(const json_t *json, uint8_t *out, size_t cap, size_t *len)
{
	size_t need = json_dumpb(json, (char *)out, cap, JSON_SORT_KEYS | JSON_COMPACT);

	*len = 0;
	if (need == 0)
		return ST_NO_MEMORY;
	if (need > cap)
		return ST_LIMIT;
	*len = need;
	return ST_OK;
}

enum status jnode_canonical(const struct jnode *root, const void *bytes, size_t len)
{
	uint8_t *again = malloc(len + 1);
	size_t again_len;
	enum status st;

	if (again == NULL)
		return ST_NO_MEMORY;
	st = jnode_encode(root->json, again, len + 1, &again_len);
	if (st != ST_NO_MEMORY && (st != ST_OK || again_len != len || memcmp(again, bytes, len) != 0))
		st = jnode_refuse(root, ST_FORMAT, "this is not canonical JSON (sorted keys, no spaces)");
	free(again);
	return st;
}

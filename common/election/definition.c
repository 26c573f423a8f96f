/*
 * definition.c: the definition completed to a manifest (formats-files.md §2).
 *
 * Nothing is judged here but what a manifest does not have: names of card files and members left
 * out.  What is of a wrong type is left as it is, for manifest_load to refuse at the same path.
 *
 * Invariant: the tree that is loaded differs from the officer's by added members, cards in place
 * of their names, the form's name, and a score contest's max lowered to what its options take.
 */
#include "common/election/definition.h"

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/election/jnode.h"

#include <stdlib.h>
#include <string.h>

static const char *const REQUIRED_KEYS[] = {
	"contests", "languages", "officer", "registrar", "styles", "threshold", "title", "trustees",
	"units", NULL
};
static const char *const OPTIONAL_KEYS[] = {
	"batch_min", "batch_wait_ms", "dkg_min_minutes", "publish_min", "rehearsal", "revote", "suite",
	"tests_per_kiosk", "weights_reveal", NULL
};

/* What is meant when nothing is said. */
static const struct {
	const char *key;
	json_int_t value;
} USUAL_NUMBERS[] = {
	{ "batch_min", 1 }, { "batch_wait_ms", 500 }, { "dkg_min_minutes", 0 }, { "publish_min", 1 },
	{ "tests_per_kiosk", 200 },
};
static const struct {
	const char *key;
	const char *value;
} USUAL_WORDS[] = {
	{ "revote", "never" }, { "suite", "ristretto255" }, { "weights_reveal", "refused" },
};

/* Add a member unless it is there.  Consumes value. */
static enum status add_usual(json_t *object, const char *key, json_t *value)
{
	if (json_object_get(object, key) != NULL) {
		json_decref(value);
		return ST_OK;
	}
	return json_object_set_new(object, key, value) == 0 ? ST_OK : ST_NO_MEMORY;
}

static enum status complete_root(const struct jnode *root)
{
	enum status st = add_usual(root->json, "rehearsal", json_false());

	for (size_t i = 0; i < sizeof(USUAL_NUMBERS) / sizeof(USUAL_NUMBERS[0]) && st == ST_OK; i++)
		st = add_usual(root->json, USUAL_NUMBERS[i].key, json_integer(USUAL_NUMBERS[i].value));
	for (size_t i = 0; i < sizeof(USUAL_WORDS) / sizeof(USUAL_WORDS[0]) && st == ST_OK; i++)
		st = add_usual(root->json, USUAL_WORDS[i].key, json_string(USUAL_WORDS[i].value));
	if (st == ST_OK &&
	    json_object_set_new(root->json, "format", json_string("kalpis/v1/manifest")) != 0)
		st = ST_NO_MEMORY;
	return st;
}

/* --- contests ------------------------------------------------------------------------------ */

/* Design §5.4: max := min(max, n * each_max), which is also what is meant when nothing is said. */
static enum status complete_score(json_t *contest)
{
	const json_t *max = json_object_get(contest, "max");
	const json_t *each_max = json_object_get(contest, "each_max");
	json_int_t options = (json_int_t)json_array_size(json_object_get(contest, "options"));
	json_int_t each = json_integer_value(each_max);
	json_int_t sum = 1;   /* never seen: what makes it unknown is refused */

	if (options >= 1 && options <= LIMIT_OPTIONS && each >= 1 && each <= LIMIT_EACH_MAX)
		sum = options * each;
	if (max != NULL && (!json_is_integer(max) || json_integer_value(max) <= sum))
		return ST_OK;
	return json_object_set_new(contest, "max", json_integer(sum)) == 0 ? ST_OK : ST_NO_MEMORY;
}

static enum status complete_contests(const struct jnode *root)
{
	const json_t *list = json_object_get(root->json, "contests");
	enum status st;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *contest = json_array_get(list, i);
		const char *type = json_string_value(json_object_get(contest, "type"));

		if (!json_is_object(contest))
			continue;
		if ((st = add_usual(contest, "min", json_integer(0))) != ST_OK ||
		    (st = add_usual(contest, "blank", json_false())) != ST_OK)
			return st;
		if (type != NULL && strcmp(type, "score") == 0 && (st = complete_score(contest)) != ST_OK)
			return st;
	}
	return ST_OK;
}

/* --- cards --------------------------------------------------------------------------------- */

/* "a.card", "cards/a.card": relative and without "." or ".." on the way (attacks.md N73). */
static bool is_plain_path(const char *name)
{
	if (text_flaw(name, strlen(name), NULL) != TEXT_FINE)
		return false;
	for (const char *part = name;;) {
		size_t n = strcspn(part, "/");

		if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && memcmp(part, "..", 2) == 0))
			return false;
		if (part[n] == '\0')
			return true;
		part += n + 1;
	}
}

/* A card's tree, checked; the caller owns it. */
static enum status read_card(json_t **out, const struct jnode *at, const struct card_source *cards)
{
	uint8_t bytes[CARD_BYTES_MAX];
	struct refusal inner = { .reason = "" };
	struct jnode card;
	struct card checked;
	const char *name;
	size_t len = 0;
	enum status st;

	*out = NULL;
	if ((st = jnode_string(at, &name, LIMIT_PATH_BYTES)) != ST_OK)
		return st;
	if (!is_plain_path(name))
		return jnode_refuse(at, ST_DEFINITION,
		                    "this must be the name of a card's file, relative to this one");
	if ((st = cards->read(cards->ctx, name, bytes, sizeof(bytes), &len)) != ST_OK)
		return jnode_refuse(at, st, "the card \"%s\" cannot be read: %s", name, status_text(st));
	if ((st = card_read(&checked, &inner, bytes, len)) != ST_OK)
		return jnode_refuse(at, st, "the card \"%s\" is refused at \"%s\": %s", name, inner.path,
		                    inner.reason);
	if ((st = jnode_parse(&card, at->why, bytes, len)) == ST_OK)
		*out = card.json;
	return st;
}

static enum status inline_trustees(const struct jnode *root, const struct card_source *cards)
{
	struct jnode list = jnode_child(root, "trustees");
	size_t len;
	enum status st = jnode_list(&list, &len, 1, LIMIT_TRUSTEES);

	for (size_t i = 0; i < len && st == ST_OK; i++) {
		struct jnode item = jnode_item(&list, i);
		json_t *card;

		st = read_card(&card, &item, cards);
		if (st == ST_OK && json_array_set_new(list.json, i, card) != 0)
			st = ST_NO_MEMORY;
	}
	return st;
}

static enum status inline_official(const struct jnode *root, const char *key,
                                   const struct card_source *cards)
{
	struct jnode node = jnode_child(root, key);
	json_t *card;
	enum status st = read_card(&card, &node, cards);

	if (st == ST_OK && json_object_set_new(root->json, key, card) != 0)
		st = ST_NO_MEMORY;
	return st;
}

static enum status read_folder(void *ctx, const char *name, uint8_t *out, size_t cap, size_t *len)
{
	char path[LIMIT_PATH_BYTES];
	enum status st = file_join(path, sizeof(path), ctx, name);

	*len = 0;
	return st != ST_OK ? st : file_read_into(path, out, len, cap);
}

struct card_source card_source_folder(const char *folder)
{
	/* read_folder does not write to its context. */
	return (struct card_source){ .read = read_folder, .ctx = (void *)(uintptr_t)folder };
}

/* --- all together -------------------------------------------------------------------------- */

static enum status load_tree(struct manifest **out, const struct jnode *root)
{
	uint8_t *bytes = malloc(LIMIT_MANIFEST_BYTES);
	size_t len;
	enum status st = ST_NO_MEMORY;

	if (bytes != NULL)
		st = jnode_encode(root->json, bytes, LIMIT_MANIFEST_BYTES, &len);
	if (st == ST_OK)
		st = manifest_load(out, root->why, bytes, len);
	else if (st == ST_LIMIT)
		st = jnode_refuse(root, st, "the manifest would be longer than %d bytes",
		                  LIMIT_MANIFEST_BYTES);
	free(bytes);
	return st;
}

static enum status compile_tree(struct manifest **out, const struct jnode *root,
                                const struct card_source *cards)
{
	enum status st;

	if ((st = jnode_keys(root, REQUIRED_KEYS, OPTIONAL_KEYS)) != ST_OK ||
	    (st = complete_root(root)) != ST_OK ||
	    (st = complete_contests(root)) != ST_OK ||
	    (st = inline_trustees(root, cards)) != ST_OK ||
	    (st = inline_official(root, "registrar", cards)) != ST_OK ||
	    (st = inline_official(root, "officer", cards)) != ST_OK)
		return st;
	return load_tree(out, root);
}

enum status definition_compile(struct manifest **out, struct refusal *why, const void *text,
                               size_t len, const struct card_source *cards)
{
	struct refusal local;
	struct jnode root = { .why = why == NULL ? &local : why };
	enum status st;

	*out = NULL;
	if (len > LIMIT_MANIFEST_BYTES)
		return jnode_refuse(&root, ST_LIMIT, "a definition has at most %d bytes",
		                    LIMIT_MANIFEST_BYTES);
	if ((st = jnode_parse(&root, root.why, text, len)) != ST_OK)
		return st;
	st = compile_tree(out, &root, cards);
	json_decref(root.json);
	if (st == ST_NO_MEMORY)
		return jnode_refuse(&(struct jnode){ .why = why }, st, "there is not enough memory");
	if (st != ST_OK)
		root.why->line = refusal_line(text, len, root.why->path);
	return st;
}

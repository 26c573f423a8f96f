/*
 * manifest_load.c: manifest bytes, checked and compiled (formats-files.md §3).
 *
 * All rules about an election's definition are here and in manifest_cards.c and
 * manifest_ballots.c: the officer's compiler (definition.c) only completes and inlines, then loads
 * what it made.  So a rule cannot hold for the officer and not for a node.
 *
 * Invariant: *out is a manifest whose every part was checked, or NULL.
 */
#include "common/election/manifest_load.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>

static const char FORMAT[] = "kalpis/v1/manifest";

static const char *const ROOT_KEYS[] = {
	"batch_min", "batch_wait_ms", "contests", "dkg_min_minutes", "format", "languages",
	"officer", "publish_min", "registrar", "rehearsal", "revote", "styles", "suite",
	"tests_per_kiosk", "threshold", "title", "trustees", "units", "weights_reveal", NULL
};
static const char *const NO_KEYS[] = { NULL };

static bool is_id_char(char c, bool is_first)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && !is_first);
}

enum status load_id(struct manifest_box *box, const char **out, const struct jnode *at)
{
	const char *text;
	enum status st = jnode_string(at, &text, LIMIT_ID_BYTES);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; text[i] != '\0'; i++)
		if (!is_id_char(text[i], i == 0))
			return jnode_refuse(at, ST_DEFINITION,
			                    "an id has only a-z, 0-9 and -, and does not begin with -");
	*out = arena_text(&box->arena, text);
	return *out == NULL ? ST_NO_MEMORY : ST_OK;
}

enum status load_text(struct manifest_box *box, struct manifest_text *out, const struct jnode *at)
{
	const struct manifest *m = &box->m;
	const char *languages[LIMIT_LANGUAGES + 1] = { NULL };
	enum status st;

	memcpy(languages, m->languages, m->languages_len * sizeof(languages[0]));
	if ((st = jnode_keys(at, NO_KEYS, languages)) != ST_OK)
		return st;
	for (uint16_t i = 0; i < m->languages_len; i++) {
		struct jnode node = jnode_child(at, m->languages[i]);
		const char *text;

		if (node.json == NULL)
			return jnode_refuse(at, ST_DEFINITION, "the text in language \"%s\" is missing",
			                    m->languages[i]);
		if ((st = jnode_text(&node, &text, LIMIT_TEXT_BYTES)) != ST_OK)
			return st;
		if ((out->in[i] = arena_text(&box->arena, text)) == NULL)
			return ST_NO_MEMORY;
	}
	return ST_OK;
}

/* "en", "gsw", "fr-CH", "zh-Hant": letters, then parts of letters and digits behind hyphens. */
static bool is_language(const char *s)
{
	size_t part = 0;
	bool is_first = true;

	for (; *s != '\0'; s++) {
		bool is_lower = *s >= 'a' && *s <= 'z';
		bool is_other = (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9');

		if (*s == '-') {
			if (part < 2)
				return false;
			is_first = false;
			part = 0;
		} else if (is_lower || (is_other && !is_first)) {
			part++;
		} else {
			return false;
		}
	}
	return part >= 2;
}

static enum status load_languages(struct manifest_box *box, const struct jnode *root)
{
	struct jnode list = jnode_child(root, "languages");
	struct manifest *m = &box->m;
	size_t len;
	enum status st;

	if ((st = jnode_list(&list, &len, 1, LIMIT_LANGUAGES)) != ST_OK)
		return st;
	for (size_t i = 0; i < len; i++) {
		struct jnode node = jnode_item(&list, i);
		const char *text;

		if ((st = jnode_string(&node, &text, LIMIT_LANGUAGE_BYTES)) != ST_OK)
			return st;
		if (!is_language(text))
			return jnode_refuse(&node, ST_DEFINITION,
			                    "\"%s\" is not a language tag such as \"en\" or \"fr-CH\"", text);
		if (manifest_find_language(m, text) != MANIFEST_NONE)
			return jnode_refuse(&node, ST_DEFINITION, "the language \"%s\" is there twice", text);
		if ((m->languages[i] = arena_text(&box->arena, text)) == NULL)
			return ST_NO_MEMORY;
		m->languages_len++;
	}
	return ST_OK;
}

/* The value of a member that is one of two words: false for the first, true for the second. */
static enum status load_word(bool *out, const struct jnode *root, const char *key,
                             const char *first, const char *second)
{
	struct jnode node = jnode_child(root, key);
	const char *text;
	enum status st = jnode_string(&node, &text, LIMIT_TEXT_BYTES);

	if (st != ST_OK)
		return st;
	*out = strcmp(text, second) == 0;
	if (!*out && strcmp(text, first) != 0)
		return jnode_refuse(&node, ST_DEFINITION, "this must be \"%s\" or \"%s\"", first, second);
	return ST_OK;
}

static enum status load_format(const struct jnode *root)
{
	struct jnode node = jnode_child(root, "format");
	const char *text;
	enum status st = jnode_string(&node, &text, LIMIT_TEXT_BYTES);

	if (st != ST_OK)
		return st;
	if (strcmp(text, FORMAT) != 0)
		return jnode_refuse(&node, ST_DEFINITION, "this is not \"%s\"", FORMAT);
	return ST_OK;
}

/* A group is chosen by name and never described: attacks.md N04, N06, N07. */
static enum status load_suite(struct manifest_box *box, const struct jnode *root)
{
	struct jnode node = jnode_child(root, "suite");
	const char *name;
	enum status st = jnode_string(&node, &name, LIMIT_TEXT_BYTES);

	if (st != ST_OK)
		return st;
	box->m.suite = group_by_name(name);
	if (box->m.suite == NULL)
		return jnode_refuse(&node, ST_DEFINITION, "the group \"%s\" is not allowed", name);
	if (!group_is_ristretto(box->m.suite))
		return jnode_refuse(&node, ST_DEFINITION,
		                    "Belenios elections (\"%s\") are not supported yet", name);
	return ST_OK;
}

static enum status load_number(uint32_t *out, const struct jnode *root, const char *key,
                               uint32_t min, uint32_t max)
{
	struct jnode node = jnode_child(root, key);

	return jnode_uint(&node, out, min, max);
}

static enum status load_settings(struct manifest *m, const struct jnode *root)
{
	struct jnode rehearsal = jnode_child(root, "rehearsal");
	bool last = false;
	enum status st;

	if ((st = jnode_bool(&rehearsal, &m->rehearsal)) != ST_OK ||
	    (st = load_word(&last, root, "revote", "never", "last")) != ST_OK ||
	    (st = load_word(&m->weights_reveal, root, "weights_reveal", "refused",
	                    "accepted")) != ST_OK ||
	    (st = load_number(&m->publish_min, root, "publish_min", 1, LIMIT_VOTERS)) != ST_OK ||
	    (st = load_number(&m->tests_per_kiosk, root, "tests_per_kiosk", 1,
	                      LIMIT_TESTS_PER_KIOSK)) != ST_OK ||
	    (st = load_number(&m->dkg_min_minutes, root, "dkg_min_minutes", 0,
	                      LIMIT_DKG_MINUTES)) != ST_OK ||
	    (st = load_number(&m->batch_min, root, "batch_min", 1, LIMIT_BLOCK_ITEMS)) != ST_OK ||
	    (st = load_number(&m->batch_wait_ms, root, "batch_wait_ms", 0,
	                      LIMIT_BATCH_WAIT_MS)) != ST_OK)
		return st;
	m->revote = last ? REVOTE_LAST : REVOTE_NEVER;
	return ST_OK;
}

static enum status load_root(struct manifest_box *box, const struct jnode *root)
{
	struct jnode title = jnode_child(root, "title");
	enum status st;

	if ((st = jnode_keys(root, ROOT_KEYS, NO_KEYS)) != ST_OK ||
	    (st = load_format(root)) != ST_OK ||
	    (st = load_suite(box, root)) != ST_OK ||
	    (st = load_languages(box, root)) != ST_OK ||
	    (st = load_text(box, &box->m.title, &title)) != ST_OK ||
	    (st = load_settings(&box->m, root)) != ST_OK ||
	    (st = load_cards(box, root)) != ST_OK)
		return st;
	return load_ballots(box, root);
}

static enum status load_bytes(struct manifest_box *box, const void *bytes, size_t len)
{
	uint8_t *copy = arena_alloc(&box->arena, len, 1);

	if (copy == NULL)
		return ST_NO_MEMORY;
	memcpy(copy, bytes, len);
	box->m.bytes = copy;
	box->m.len = len;
	hash256(box->m.election_id, bytes, len);
	return ST_OK;
}

enum status manifest_load(struct manifest **out, struct refusal *why, const void *bytes, size_t len)
{
	struct jnode root = { .why = why };
	struct manifest_box *box = NULL;
	enum status st;

	*out = NULL;
	if (len > LIMIT_MANIFEST_BYTES)
		return jnode_refuse(&root, ST_LIMIT, "a manifest has at most %d bytes",
		                    LIMIT_MANIFEST_BYTES);
	if ((st = jnode_parse(&root, why, bytes, len)) != ST_OK)
		return st;
	box = alloc_zero(1, sizeof(*box));
	if (box == NULL)
		st = ST_NO_MEMORY;
	else if ((st = jnode_canonical(&root, bytes, len)) == ST_OK &&
	         (st = load_bytes(box, bytes, len)) == ST_OK)
		st = load_root(box, &root);
	json_decref(root.json);
	if (st == ST_NO_MEMORY)
		st = jnode_refuse(&root, st, "there is not enough memory to load the manifest");
	if (st == ST_OK)
		*out = &box->m;
	else if (box != NULL)
		manifest_free(&box->m);
	return st;
}

void manifest_free(struct manifest *m)
{
	struct manifest_box *box = (struct manifest_box *)m;

	if (box == NULL)
		return;
	arena_free(&box->arena);
	free(box);
}

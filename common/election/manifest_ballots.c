/*
 * manifest_ballots.c: units, contests, ballot styles and their layouts (formats-files.md §3;
 * protocol-ballotproof.md §2; protocol.md §8.2).
 *
 * Invariant: what is loaded can be proved, added up and decrypted: every contest's rule has
 * answers (attacks.md N12), nothing in a layout wraps, units form a forest, every contest is on
 * some style, and the sums that could be opened are within LIMIT_AGGREGATES.
 */
#include "common/election/manifest_load.h"

#include <string.h>

_Static_assert((uint64_t)LIMIT_OPTIONS * LIMIT_EACH_MAX * 3 < UINT64_C(1) << 32,
               "n * each_max + 2 * max < 2^32: no sum wraps");
_Static_assert((int)BALLOTLAYOUT_CIPHERTEXTS_MAX == (int)LIMIT_BALLOT_CIPHERTEXTS &&
               (int)BALLOTLAYOUT_BITS_MAX == (int)LIMIT_BALLOT_BITS &&
               (int)BALLOTLAYOUT_RULES_MAX == (int)LIMIT_STYLE_CONTESTS,
               "the layout's limits are those of limits.h");

static const char *const UNIT_KEYS[] = { "id", "name", NULL };
static const char *const UNIT_MORE_KEYS[] = { "merge_into", NULL };
static const char *const STYLE_KEYS[] = { "contests", "id", "unit", NULL };
static const char *const OPTION_KEYS[] = { "id", "name", NULL };
static const char *const CHOOSE_KEYS[] = {
	"blank", "id", "max", "min", "options", "title", "type", NULL
};
static const char *const SCORE_KEYS[] = {
	"blank", "each_max", "id", "max", "min", "options", "title", "type", NULL
};
static const char *const NO_KEYS[] = { NULL };

static enum status refuse_twice(const struct jnode *at, const char *id)
{
	return jnode_refuse(at, ST_DEFINITION, "the id \"%s\" is there twice", id);
}

/* --- units --------------------------------------------------------------------------------- */

static enum status load_unit(struct manifest_box *box, struct manifest_unit *out,
                             const struct jnode *at)
{
	struct jnode id = jnode_child(at, "id");
	struct jnode name = jnode_child(at, "name");
	enum status st;

	out->parent = MANIFEST_NONE;
	if ((st = jnode_keys(at, UNIT_KEYS, UNIT_MORE_KEYS)) != ST_OK ||
	    (st = load_id(box, &out->id, &id)) != ST_OK)
		return st;
	if (manifest_find_unit(&box->m, out->id) != MANIFEST_NONE)
		return refuse_twice(&id, out->id);
	return load_text(box, &out->name, &name);
}

/* Once all units are known. */
static enum status load_parent(const struct manifest *m, struct manifest_unit *u,
                               const struct jnode *at)
{
	struct jnode node = jnode_child(at, "merge_into");
	const char *text;
	enum status st;

	if (node.json == NULL)
		return ST_OK;
	if ((st = jnode_string(&node, &text, LIMIT_ID_BYTES)) != ST_OK)
		return st;
	u->parent = manifest_find_unit(m, text);
	if (u->parent == MANIFEST_NONE)
		return jnode_refuse(&node, ST_DEFINITION, "there is no unit \"%s\"", text);
	return ST_OK;
}

static enum status check_forest(const struct manifest *m, const struct jnode *list)
{
	for (size_t i = 0; i < m->units_len; i++) {
		struct jnode item = jnode_item(list, i);
		struct jnode node = jnode_child(&item, "merge_into");
		size_t steps = 0;

		for (uint16_t u = (uint16_t)i; u != MANIFEST_NONE; u = m->units[u].parent)
			if (++steps > m->units_len)
				return jnode_refuse(&node, ST_DEFINITION,
				                    "following merge_into from \"%s\" never ends",
				                    m->units[i].id);
	}
	return ST_OK;
}

static enum status load_units(struct manifest_box *box, const struct jnode *root)
{
	struct jnode list = jnode_child(root, "units");
	struct manifest *m = &box->m;
	struct manifest_unit *units;
	size_t len;
	enum status st;

	if ((st = jnode_list(&list, &len, 1, LIMIT_UNITS)) != ST_OK)
		return st;
	if ((units = arena_alloc(&box->arena, len, sizeof(*units))) == NULL)
		return ST_NO_MEMORY;
	m->units = units;
	for (size_t i = 0; i < len; i++) {
		struct jnode item = jnode_item(&list, i);

		if ((st = load_unit(box, &units[i], &item)) != ST_OK)
			return st;
		m->units_len++;
	}
	for (size_t i = 0; i < len; i++) {
		struct jnode item = jnode_item(&list, i);

		if ((st = load_parent(m, &units[i], &item)) != ST_OK)
			return st;
	}
	return check_forest(m, &list);
}

/* --- contests ------------------------------------------------------------------------------ */

static enum status load_type(struct manifest_contest *c, const struct jnode *at)
{
	struct jnode node = jnode_child(at, "type");
	const char *type;
	enum status st;

	if (!json_is_object(at->json))
		return jnode_refuse(at, ST_FORMAT, "this must be an object, {...}");
	if (node.json == NULL)
		return jnode_refuse(at, ST_DEFINITION, "the key \"type\" is missing");
	if ((st = jnode_string(&node, &type, LIMIT_TEXT_BYTES)) != ST_OK)
		return st;
	if (strcmp(type, "choose") == 0)
		c->type = CONTEST_CHOOSE;
	else if (strcmp(type, "score") == 0)
		c->type = CONTEST_SCORE;
	else if (strcmp(type, "ranked") == 0 || strcmp(type, "write-in") == 0)
		return jnode_refuse(&node, ST_DEFINITION,
		                    "%s contests need a verifiable shuffle and are not supported yet",
		                    type);
	else
		return jnode_refuse(&node, ST_DEFINITION,
		                    "the type \"%s\" is unknown; it must be \"choose\" or \"score\"", type);
	return ST_OK;
}

static enum status load_options(struct manifest_box *box, struct manifest_contest *c,
                                const struct jnode *at)
{
	struct jnode list = jnode_child(at, "options");
	struct manifest_option *options;
	size_t len;
	enum status st;

	if ((st = jnode_list(&list, &len, 1, LIMIT_OPTIONS)) != ST_OK)
		return st;
	if ((options = arena_alloc(&box->arena, len, sizeof(*options))) == NULL)
		return ST_NO_MEMORY;
	c->options = options;
	for (size_t i = 0; i < len; i++) {
		struct jnode item = jnode_item(&list, i);
		struct jnode id = jnode_child(&item, "id");
		struct jnode name = jnode_child(&item, "name");

		if ((st = jnode_keys(&item, OPTION_KEYS, NO_KEYS)) != ST_OK ||
		    (st = load_id(box, &options[i].id, &id)) != ST_OK)
			return st;
		if (manifest_find_option(c, options[i].id) != MANIFEST_NONE)
			return refuse_twice(&id, options[i].id);
		if ((st = load_text(box, &options[i].name, &name)) != ST_OK)
			return st;
		c->options_len++;
	}
	return ST_OK;
}

/* Design §5.4: n, each_max, max >= 1; min <= max <= n * each_max. */
static enum status load_rule(struct manifest_contest *c, const struct jnode *at)
{
	struct jnode min = jnode_child(at, "min");
	struct jnode max = jnode_child(at, "max");
	struct jnode each_max = jnode_child(at, "each_max");
	struct jnode blank = jnode_child(at, "blank");
	uint32_t sum;
	enum status st;

	c->each_max = 1;
	if ((c->type == CONTEST_SCORE &&
	     (st = jnode_uint(&each_max, &c->each_max, 1, LIMIT_EACH_MAX)) != ST_OK) ||
	    (st = jnode_uint(&min, &c->min, 0, UINT32_MAX)) != ST_OK ||
	    (st = jnode_uint(&max, &c->max, 1, UINT32_MAX)) != ST_OK ||
	    (st = jnode_bool(&blank, &c->blank)) != ST_OK)
		return st;
	sum = c->options_len * c->each_max;
	if (c->min > c->max)
		return jnode_refuse(&min, ST_DEFINITION, "min is %u, more than max, which is %u", c->min,
		                    c->max);
	if (c->max > sum && c->type == CONTEST_CHOOSE)
		return jnode_refuse(&max, ST_DEFINITION, "max is %u, but there are %u options", c->max,
		                    sum);
	if (c->max > sum)
		return jnode_refuse(&max, ST_DEFINITION,
		                    "max is %u, but all options together take at most %u", c->max, sum);
	c->ciphertexts_len = (uint16_t)(c->options_len + (c->blank ? 1 : 0));
	return ST_OK;
}

static enum status load_contest(struct manifest_box *box, struct manifest_contest *c,
                                const struct jnode *at)
{
	struct jnode id = jnode_child(at, "id");
	struct jnode title = jnode_child(at, "title");
	enum status st;

	if ((st = load_type(c, at)) != ST_OK ||
	    (st = jnode_keys(at, c->type == CONTEST_SCORE ? SCORE_KEYS : CHOOSE_KEYS,
	                     NO_KEYS)) != ST_OK ||
	    (st = load_id(box, &c->id, &id)) != ST_OK)
		return st;
	if (manifest_find_contest(&box->m, c->id) != MANIFEST_NONE)
		return refuse_twice(&id, c->id);
	if ((st = load_text(box, &c->title, &title)) != ST_OK ||
	    (st = load_options(box, c, at)) != ST_OK)
		return st;
	return load_rule(c, at);
}

static enum status load_contests(struct manifest_box *box, const struct jnode *root)
{
	struct jnode list = jnode_child(root, "contests");
	struct manifest *m = &box->m;
	struct manifest_contest *contests;
	size_t len;
	enum status st;

	if ((st = jnode_list(&list, &len, 1, LIMIT_CONTESTS)) != ST_OK)
		return st;
	if ((contests = arena_alloc(&box->arena, len, sizeof(*contests))) == NULL)
		return ST_NO_MEMORY;
	m->contests = contests;
	for (size_t i = 0; i < len; i++) {
		struct jnode item = jnode_item(&list, i);

		if ((st = load_contest(box, &contests[i], &item)) != ST_OK)
			return st;
		m->contests_len++;
		if (contests[i].each_max > m->value_max)
			m->value_max = contests[i].each_max;
	}
	return ST_OK;
}

/* --- styles -------------------------------------------------------------------------------- */

/* One order everywhere, so that a style's layout follows from the set of its contests. */
static enum status load_style_contests(struct manifest_box *box, struct manifest_style *s,
                                       struct manifest_style_contest **out, const struct jnode *at)
{
	struct jnode list = jnode_child(at, "contests");
	struct manifest_style_contest *contests;
	size_t len;
	enum status st;

	if ((st = jnode_list(&list, &len, 1, LIMIT_STYLE_CONTESTS)) != ST_OK)
		return st;
	if ((contests = arena_alloc(&box->arena, len, sizeof(*contests))) == NULL)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < len; i++) {
		struct jnode node = jnode_item(&list, i);
		const char *id;
		uint16_t c;

		if ((st = jnode_string(&node, &id, LIMIT_ID_BYTES)) != ST_OK)
			return st;
		c = manifest_find_contest(&box->m, id);
		if (c == MANIFEST_NONE)
			return jnode_refuse(&node, ST_DEFINITION, "there is no contest \"%s\"", id);
		if (i > 0 && c == contests[i - 1].contest)
			return jnode_refuse(&node, ST_DEFINITION, "the contest \"%s\" is there twice", id);
		if (i > 0 && c < contests[i - 1].contest)
			return jnode_refuse(&node, ST_DEFINITION,
			                    "the contests of a style stand in the order of the list "
			                    "\"contests\", each once: \"%s\" is out of place", id);
		contests[i].contest = c;
	}
	*out = contests;
	s->contests = contests;
	s->contests_len = (uint16_t)len;
	return ST_OK;
}

static void fill_rule(struct ballotlayout_rule *out, const struct manifest_contest *c,
                      uint16_t index)
{
	out->label = index;
	out->options = c->options_len;
	out->each_max = c->each_max;
	out->min = c->min;
	out->max = c->max;
	out->blank = c->blank;
}

static void fill_places(const struct manifest *m, struct manifest_style_contest *contests,
                        const struct ballotlayout *layout)
{
	for (size_t i = 0; i < layout->groups_len; i++) {
		const struct ballotlayout_group *g = &layout->groups[i];

		contests[i].first = g->blank != BALLOTLAYOUT_NONE ? g->blank : g->first_ciphertext;
		contests[i].len = m->contests[contests[i].contest].ciphertexts_len;
	}
}

static enum status load_layout(struct manifest_box *box, struct manifest_style *s,
                               struct manifest_style_contest *contests, uint16_t index,
                               const struct jnode *at)
{
	struct ballotlayout_rule rules[LIMIT_STYLE_CONTESTS];
	struct ballotlayout_fault fault = { .why = "" };
	struct ballotlayout *layout = arena_alloc(&box->arena, 1, sizeof(*layout));
	enum status st;

	if (layout == NULL)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < s->contests_len; i++)
		fill_rule(&rules[i], &box->m.contests[contests[i].contest], contests[i].contest);
	st = ballotlayout_compile(layout, &fault, index, rules, s->contests_len);
	if (st != ST_OK)
		return jnode_refuse(at, st, "no ballot can be made of this style: %s", fault.why);
	fill_places(&box->m, contests, layout);
	s->layout = layout;
	s->ciphertexts_len = (uint16_t)layout->ciphertexts_len;
	s->bits_len = (uint16_t)layout->bits_len;
	s->constraints_len = (uint16_t)layout->constraints_len;
	return ST_OK;
}

static enum status load_style(struct manifest_box *box, struct manifest_style *s, uint16_t index,
                              const struct jnode *at)
{
	struct jnode id = jnode_child(at, "id");
	struct jnode unit = jnode_child(at, "unit");
	struct manifest_style_contest *contests = NULL;
	const char *text;
	enum status st;

	if ((st = jnode_keys(at, STYLE_KEYS, NO_KEYS)) != ST_OK ||
	    (st = load_id(box, &s->id, &id)) != ST_OK)
		return st;
	if (manifest_find_style(&box->m, s->id) != MANIFEST_NONE)
		return refuse_twice(&id, s->id);
	if ((st = jnode_string(&unit, &text, LIMIT_ID_BYTES)) != ST_OK)
		return st;
	s->unit = manifest_find_unit(&box->m, text);
	if (s->unit == MANIFEST_NONE)
		return jnode_refuse(&unit, ST_DEFINITION, "there is no unit \"%s\"", text);
	if ((st = load_style_contests(box, s, &contests, at)) != ST_OK)
		return st;
	return load_layout(box, s, contests, index, at);
}

static enum status load_styles(struct manifest_box *box, const struct jnode *root)
{
	struct jnode list = jnode_child(root, "styles");
	struct manifest *m = &box->m;
	struct manifest_style *styles;
	size_t len;
	enum status st;

	if ((st = jnode_list(&list, &len, 1, LIMIT_STYLES)) != ST_OK)
		return st;
	if ((styles = arena_alloc(&box->arena, len, sizeof(*styles))) == NULL)
		return ST_NO_MEMORY;
	m->styles = styles;
	for (uint16_t i = 0; i < len; i++) {
		struct jnode item = jnode_item(&list, i);

		if ((st = load_style(box, &styles[i], i, &item)) != ST_OK)
			return st;
		m->styles_len++;
	}
	return ST_OK;
}

/* --- all together -------------------------------------------------------------------------- */

/* Units in which a contest is voted on. */
static size_t count_units(const struct manifest *m, uint16_t contest)
{
	bool seen[LIMIT_UNITS] = { false };
	size_t count = 0;

	for (uint16_t s = 0; s < m->styles_len; s++) {
		uint16_t unit = m->styles[s].unit;

		if (seen[unit] || manifest_style_contest(m, s, contest) == NULL)
			continue;
		seen[unit] = true;
		count++;
	}
	return count;
}

static enum status check_use(const struct manifest *m, const struct jnode *root)
{
	struct jnode list = jnode_child(root, "contests");
	size_t aggregates = 0;

	for (uint16_t c = 0; c < m->contests_len; c++) {
		struct jnode item = jnode_item(&list, c);
		size_t units = count_units(m, c);

		if (units == 0)
			return jnode_refuse(&item, ST_DEFINITION, "no ballot style has the contest \"%s\"",
			                    m->contests[c].id);
		aggregates += units * m->contests[c].ciphertexts_len;
	}
	if (aggregates > LIMIT_AGGREGATES)
		return jnode_refuse(&list, ST_LIMIT,
		                    "options times units of all contests make %zu sums; at most %d can be "
		                    "opened", aggregates, LIMIT_AGGREGATES);
	return ST_OK;
}

enum status load_ballots(struct manifest_box *box, const struct jnode *root)
{
	enum status st;

	if ((st = load_units(box, root)) != ST_OK ||
	    (st = load_contests(box, root)) != ST_OK ||
	    (st = load_styles(box, root)) != ST_OK)
		return st;
	return check_use(&box->m, root);
}

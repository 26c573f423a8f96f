/*
 * tally.c: see tally.h.
 *
 * Invariant: every ciphertext of a cell is the sum of the weighted ciphertexts of its live
 * ballots, and every cell ends in exactly one group.
 */
#include "common/election/tally.h"

#include "common/base/alloc.h"
#include "crypto/hash.h"

#include <assert.h>
#include <stdlib.h>

/* --- cells ----------------------------------------------------------------------------------- */

static bool unit_carries(const struct manifest *m, uint16_t contest, uint16_t unit)
{
	for (uint16_t s = 0; s < m->styles_len; s++)
		if (m->styles[s].unit == unit && manifest_style_contest(m, s, contest) != NULL)
			return true;
	return false;
}

/* Fill cells (when not NULL) and count them and their sums. */
static void list_cells(const struct manifest *m, struct tally_cell *cells, size_t *cells_len,
                       size_t *sums_len)
{
	*cells_len = 0;
	*sums_len = 0;
	for (uint16_t contest = 0; contest < m->contests_len; contest++) {
		for (uint16_t unit = 0; unit < m->units_len; unit++) {
			if (!unit_carries(m, contest, unit))
				continue;
			if (cells != NULL)
				cells[*cells_len] = (struct tally_cell){
					.contest = contest, .unit = unit, .first = (uint32_t)*sums_len,
				};
			*cells_len += 1;
			*sums_len += m->contests[contest].ciphertexts_len;
		}
	}
}

enum status tally_cells_init(struct tally_cells *c, const struct manifest *m)
{
	*c = (struct tally_cells){ .manifest = m };
	list_cells(m, NULL, &c->cells_len, &c->sums_len);
	c->cells = alloc_zero(c->cells_len + 1, sizeof(*c->cells));
	c->sums = alloc_zero(c->sums_len + 1, sizeof(*c->sums));
	if (c->cells == NULL || c->sums == NULL) {
		tally_cells_free(c);
		return ST_NO_MEMORY;
	}
	list_cells(m, c->cells, &c->cells_len, &c->sums_len);
	for (size_t i = 0; i < c->sums_len; i++)
		ciphertext_zero(m->suite, &c->sums[i]);
	return ST_OK;
}

void tally_cells_free(struct tally_cells *c)
{
	if (c == NULL)
		return;
	free(c->cells);
	free(c->sums);
	*c = (struct tally_cells){ 0 };
}

struct tally_cell *tally_cell_at(const struct tally_cells *c, uint16_t contest, uint16_t unit)
{
	size_t low = 0, high = c->cells_len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct tally_cell *cell = &c->cells[mid];

		if (cell->contest < contest || (cell->contest == contest && cell->unit < unit))
			low = mid + 1;
		else
			high = mid;
	}
	if (low < c->cells_len && c->cells[low].contest == contest && c->cells[low].unit == unit)
		return &c->cells[low];
	return NULL;
}

/* --- groups of one contest ------------------------------------------------------------------- */

/* One contest while its groups form; arrays are indexed by unit. */
struct merging {
	const struct manifest *m;
	uint16_t contest;
	uint16_t slots;
	uint16_t depth[LIMIT_UNITS];     /* of each unit in the forest; the same for all contests */
	bool present[LIMIT_UNITS];
	uint32_t ballots[LIMIT_UNITS];
	uint64_t weight[LIMIT_UNITS];
	uint16_t joined[LIMIT_UNITS];    /* the parent it joined; MANIFEST_NONE when it stands */
	struct ciphertext *sums;         /* units_len x slots */
};

static void merging_load(struct merging *g, const struct tally_cells *c, uint16_t contest)
{
	g->contest = contest;
	g->slots = g->m->contests[contest].ciphertexts_len;
	for (uint16_t u = 0; u < g->m->units_len; u++) {
		g->present[u] = false;
		g->ballots[u] = 0;
		g->weight[u] = 0;
		g->joined[u] = MANIFEST_NONE;
		for (uint16_t s = 0; s < g->slots; s++)
			ciphertext_zero(g->m->suite, &g->sums[(size_t)u * g->slots + s]);
	}
	for (size_t i = 0; i < c->cells_len; i++) {
		const struct tally_cell *cell = &c->cells[i];

		if (cell->contest != contest)
			continue;
		g->present[cell->unit] = true;
		g->ballots[cell->unit] = cell->ballots;
		g->weight[cell->unit] = cell->weight;
		for (uint16_t s = 0; s < g->slots; s++)
			g->sums[(size_t)cell->unit * g->slots + s] = c->sums[cell->first + s];
	}
}

static uint16_t unit_depth(const struct manifest *m, uint16_t unit)
{
	uint16_t depth = 0;

	while (m->units[unit].parent != MANIFEST_NONE) {
		unit = m->units[unit].parent;
		depth++;
		assert(depth <= LIMIT_UNITS);   /* the manifest's units form a forest */
	}
	return depth;
}

static void join_parent(struct merging *g, uint16_t unit)
{
	uint16_t parent = g->m->units[unit].parent;

	g->joined[unit] = parent;
	g->present[parent] = true;
	g->ballots[parent] += g->ballots[unit];
	g->weight[parent] += g->weight[unit];
	for (uint16_t s = 0; s < g->slots; s++)
		ciphertext_add(g->m->suite, &g->sums[(size_t)parent * g->slots + s],
		               &g->sums[(size_t)parent * g->slots + s],
		               &g->sums[(size_t)unit * g->slots + s]);
}

/* protocol.md §8: deepest units first, so that a parent is judged with all that joined it. */
static void merge_small(struct merging *g)
{
	for (unsigned int depth = LIMIT_UNITS; depth > 0; depth--)
		for (uint16_t u = 0; u < g->m->units_len; u++)
			if (g->present[u] && g->depth[u] == depth &&
			    g->ballots[u] < g->m->publish_min)
				join_parent(g, u);
}

static uint16_t standing_unit(const struct merging *g, uint16_t unit)
{
	while (g->joined[unit] != MANIFEST_NONE)
		unit = g->joined[unit];
	return unit;
}

/* --- the tally ------------------------------------------------------------------------------- */

static uint64_t slot_bound(const struct manifest_contest *c, uint16_t slot, uint64_t weight)
{
	return c->blank && slot == 0 ? weight : weight * c->each_max;
}

static void add_group(struct tally *t, const struct merging *g, uint16_t unit)
{
	const struct manifest_contest *c = &g->m->contests[g->contest];
	struct tally_group *group = &t->groups[t->groups_len];

	*group = (struct tally_group){
		.contest = g->contest, .unit = unit,
		.ballots = g->ballots[unit], .weight = g->weight[unit],
		.withheld = g->ballots[unit] > 0 && g->ballots[unit] < g->m->publish_min,
		.first = (uint32_t)t->aggregates_len,
	};
	for (uint16_t s = 0; !group->withheld && s < g->slots; s++) {
		t->aggregates[t->aggregates_len++] = (struct tally_aggregate){
			.contest = g->contest, .group = (uint16_t)t->groups_len, .slot = s,
			.opened = group->ballots > 0,
			.bound = slot_bound(c, s, group->weight),
			.sum = g->sums[(size_t)unit * g->slots + s],
		};
		if (group->ballots == 0)
			continue;
		t->opened[t->opened_len++] = g->sums[(size_t)unit * g->slots + s];
	}
	t->groups_len++;
}

static void add_contest(struct tally *t, const struct merging *g, const struct tally_cells *c)
{
	uint16_t group_at[LIMIT_UNITS];

	for (uint16_t u = 0; u < g->m->units_len; u++) {
		if (!g->present[u] || g->joined[u] != MANIFEST_NONE)
			continue;
		group_at[u] = (uint16_t)t->groups_len;
		add_group(t, g, u);
	}
	for (size_t i = 0; i < c->cells_len; i++) {
		if (c->cells[i].contest != g->contest)
			continue;
		t->members[t->members_len++] = (struct tally_member){
			.contest = g->contest, .unit = c->cells[i].unit,
			.group = group_at[standing_unit(g, c->cells[i].unit)],
		};
	}
}

static void make_digest(struct tally *t, const struct manifest *m)
{
	struct hash h;
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];

	hash256_purpose(&h, "tally");
	hash_field(&h, m->election_id, sizeof(m->election_id));
	for (size_t i = 0; i < t->groups_len; i++) {
		hash_field_u32(&h, t->groups[i].contest);
		hash_field_u32(&h, t->groups[i].unit);
		hash_field_u32(&h, t->groups[i].ballots);
		hash_field_u64(&h, t->groups[i].weight);
		hash_field_u8(&h, t->groups[i].withheld);
	}
	for (size_t i = 0; i < t->aggregates_len; i++) {
		hash_field_u32(&h, t->aggregates[i].group);
		hash_field_u32(&h, t->aggregates[i].slot);
		group_encode(m->suite, bytes, &t->aggregates[i].sum.a);
		hash_field(&h, bytes, group_element_len(m->suite));
		group_encode(m->suite, bytes, &t->aggregates[i].sum.b);
		hash_field(&h, bytes, group_element_len(m->suite));
	}
	hash256_final(&h, t->digest);
}

/* Room for every cell to stand as a group of its own, and for parents that only receive. */
static enum status tally_alloc(struct tally **out, const struct manifest *m, size_t cells)
{
	struct tally *t = alloc_zero(1, sizeof(*t));
	size_t groups = (size_t)m->contests_len * m->units_len;
	size_t aggregates = 0;

	*out = t;
	if (t == NULL)
		return ST_NO_MEMORY;
	for (uint16_t i = 0; i < m->contests_len; i++)
		aggregates += (size_t)m->units_len * m->contests[i].ciphertexts_len;
	t->groups = alloc_zero(groups + 1, sizeof(*t->groups));
	t->aggregates = alloc_zero(aggregates + 1, sizeof(*t->aggregates));
	t->members = alloc_zero(cells + 1, sizeof(*t->members));
	t->alpha = alloc_zero(aggregates + 1, sizeof(*t->alpha));
	t->opened = alloc_zero(aggregates + 1, sizeof(*t->opened));
	return t->groups == NULL || t->aggregates == NULL || t->members == NULL ||
	       t->alpha == NULL || t->opened == NULL ? ST_NO_MEMORY : ST_OK;
}

enum status tally_make(struct tally **out, const struct tally_cells *c)
{
	const struct manifest *m = c->manifest;
	struct merging g = { .m = m };
	struct tally *t = NULL;
	enum status st;

	if ((st = tally_alloc(&t, m, c->cells_len)) != ST_OK)
		goto out;
	st = ST_NO_MEMORY;
	g.sums = alloc_zero((size_t)m->units_len * (LIMIT_OPTIONS + 1), sizeof(*g.sums));
	if (g.sums == NULL)
		goto out;
	for (uint16_t u = 0; u < m->units_len; u++)
		g.depth[u] = unit_depth(m, u);
	for (uint16_t contest = 0; contest < m->contests_len; contest++) {
		merging_load(&g, c, contest);
		merge_small(&g);
		add_contest(t, &g, c);
	}
	st = ST_LIMIT;
	if (t->aggregates_len > LIMIT_AGGREGATES)
		goto out;
	make_digest(t, m);
	*out = t;
	t = NULL;
	st = ST_OK;
out:
	free(g.sums);
	tally_free(t);
	return st;
}

void tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	free(t->groups);
	free(t->aggregates);
	free(t->members);
	free(t->alpha);
	free(t->opened);
	free(t);
}

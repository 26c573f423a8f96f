/*
 * slots.c: the table of views (docs/consensus.md §2).
 *
 * A ring: view v lives in slot v mod views.  Views up to the last final one are spent and are
 * overwritten when a view that far ahead is opened; until then their blocks can still be read.
 *
 * Invariant: slots_open never overwrites a view above final_view.
 */
#include "tally-server/consensus/state.h"

#include <string.h>

bool ids_equal(const uint8_t a[static 32], const uint8_t b[static 32])
{
	return memcmp(a, b, 32) == 0;
}

bool slots_within(const struct consensus *c, uint64_t view)
{
	return view > c->final_view && view - c->final_view <= c->cfg.views;
}

static struct slot *slot_at(const struct consensus *c, uint64_t view)
{
	return &c->slots[view & (c->cfg.views - 1)];
}

struct slot *slots_find(const struct consensus *c, uint64_t view)
{
	struct slot *s = slot_at(c, view);

	return view > 0 && s->view == view ? s : NULL;
}

struct slot *slots_open(struct consensus *c, uint64_t view)
{
	struct slot *s = slot_at(c, view);

	if (!slots_within(c, view))
		return NULL;
	if (s->view != view) {
		memset(s, 0, sizeof(*s));
		s->view = view;
	}
	return s;
}

struct block *slots_block(const struct consensus *c, uint64_t view, const uint8_t id[static 32])
{
	struct slot *s = slots_find(c, view);

	if (s == NULL)
		return NULL;
	for (unsigned int i = 0; i < BLOCKS_PER_VIEW; i++)
		if (s->block[i].known && ids_equal(s->block[i].id, id))
			return &s->block[i];
	return NULL;
}

const struct slot *slots_highest_n(const struct consensus *c, uint64_t view)
{
	for (uint64_t v = view - 1; v > c->final_view; v--) {
		const struct slot *s = slots_find(c, v);

		if (s != NULL && s->has_n)
			return s;
	}
	return NULL;
}

struct tally *slot_tally(struct slot *s, enum vote_type type)
{
	return &s->tally[(unsigned int)type - VOTE_NOTARIZE];
}

struct own_vote *slot_own(struct slot *s, enum vote_type type)
{
	return &s->own[(unsigned int)type - VOTE_NOTARIZE];
}

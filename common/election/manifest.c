/*
 * manifest.c: looking things up in a manifest, and what is weak about it.
 *
 * Invariant: no function here changes a manifest.
 */
#include "common/election/manifest.h"

#include <string.h>

uint16_t manifest_find_unit(const struct manifest *m, const char *id)
{
	for (uint16_t i = 0; i < m->units_len; i++)
		if (strcmp(m->units[i].id, id) == 0)
			return i;
	return MANIFEST_NONE;
}

uint16_t manifest_find_style(const struct manifest *m, const char *id)
{
	for (uint16_t i = 0; i < m->styles_len; i++)
		if (strcmp(m->styles[i].id, id) == 0)
			return i;
	return MANIFEST_NONE;
}

uint16_t manifest_find_contest(const struct manifest *m, const char *id)
{
	for (uint16_t i = 0; i < m->contests_len; i++)
		if (strcmp(m->contests[i].id, id) == 0)
			return i;
	return MANIFEST_NONE;
}

uint16_t manifest_find_option(const struct manifest_contest *c, const char *id)
{
	for (uint16_t i = 0; i < c->options_len; i++)
		if (strcmp(c->options[i].id, id) == 0)
			return i;
	return MANIFEST_NONE;
}

uint16_t manifest_find_language(const struct manifest *m, const char *language)
{
	for (uint16_t i = 0; i < m->languages_len; i++)
		if (strcmp(m->languages[i], language) == 0)
			return i;
	return MANIFEST_NONE;
}

uint16_t manifest_find_trustee(const struct manifest *m, const uint8_t key[static CARD_KEY_BYTES])
{
	for (uint16_t i = 0; i < m->trustees_len; i++)
		if (memcmp(m->trustees[i].sign_key, key, CARD_KEY_BYTES) == 0)
			return i;
	return MANIFEST_NONE;
}

uint16_t manifest_find_node(const struct manifest *m, const uint8_t key[static CARD_KEY_BYTES])
{
	for (uint16_t i = 0; i < m->trustees_len; i++)
		if (memcmp(m->trustees[i].node_key, key, CARD_KEY_BYTES) == 0)
			return i;
	return MANIFEST_NONE;
}

const struct manifest_style_contest *manifest_style_contest(const struct manifest *m,
                                                            uint16_t style, uint16_t contest)
{
	const struct manifest_style *s = &m->styles[style];

	for (uint16_t i = 0; i < s->contests_len; i++)
		if (s->contests[i].contest == contest)
			return &s->contests[i];
	return NULL;
}

/* --- warnings ------------------------------------------------------------------------------ */

static bool has_unused_unit(const struct manifest *m)
{
	for (uint16_t u = 0; u < m->units_len; u++) {
		bool used = false;

		for (uint16_t s = 0; s < m->styles_len; s++)
			used |= m->styles[s].unit == u;
		for (uint16_t v = 0; v < m->units_len; v++)
			used |= m->units[v].parent == u;
		if (!used)
			return true;
	}
	return false;
}

static bool applies(const struct manifest *m, enum manifest_warning w)
{
	switch (w) {
	case WARNING_NODE_FAULTS:
		return m->faults == 0;
	case WARNING_THRESHOLD_LOW:
		return m->trustees_len - m->threshold + 1 > m->threshold;
	case WARNING_THRESHOLD_HIGH:
		return m->threshold > m->quorum;
	case WARNING_PUBLISH_MIN:
		return m->publish_min <= 1;
	case WARNING_BATCH_MIN:
		return m->batch_min <= 1;
	case WARNING_REHEARSAL:
		return m->rehearsal;
	case WARNING_UNIT_UNUSED:
		return has_unused_unit(m);
	case WARNING_COUNT:
		break;
	}
	return false;
}

size_t manifest_warnings(const struct manifest *m, enum manifest_warning out[static WARNING_COUNT])
{
	size_t len = 0;

	for (enum manifest_warning w = WARNING_NODE_FAULTS; w < WARNING_COUNT; w++)
		if (applies(m, w))
			out[len++] = w;
	return len;
}

const char *manifest_warning_text(enum manifest_warning w)
{
	switch (w) {
	case WARNING_NODE_FAULTS:
		return "With fewer than 4 trustees the election stops when one node stops, and one "
		       "dishonest node can fork it; take 4 or more.";
	case WARNING_THRESHOLD_LOW:
		return "Fewer than half of the trustees suffice to decrypt; a higher threshold "
		       "protects the secrecy of the vote better.";
	case WARNING_THRESHOLD_HIGH:
		return "The threshold is so high that losing no more trustees than the nodes tolerate "
		       "loses the result; lower it, or keep good copies of the shares.";
	case WARNING_PUBLISH_MIN:
		return "publish_min is 1: the result of a unit with one ballot shows how that person "
		       "voted; 10 or more is better.";
	case WARNING_BATCH_MIN:
		return "batch_min is 1: ballots are published in the order in which they were cast, "
		       "so who watched a kiosk can tell whose is whose; their content stays secret.";
	case WARNING_REHEARSAL:
		return "This is marked as a rehearsal: no election may be held with it.";
	case WARNING_UNIT_UNUSED:
		return "A unit stands alone: no ballot style and no other unit names it; remove it, or "
		       "add the style that is missing.";
	case WARNING_COUNT:
		break;
	}
	return "Unknown warning.";
}

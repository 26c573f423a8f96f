/*
 * manifest_cards.c: the parties of a manifest (formats-files.md §3 and §4).
 *
 * Invariant: every card was checked by card_read_node and is of the role and suite that its place
 * asks for; no key, name or port of a node is there twice (attacks.md N53; formats-files.md §3.4).
 */
#include "common/election/manifest_load.h"

#include <string.h>

enum { KEYS_OF_A_TRUSTEE = 5, KEYS_MAX = LIMIT_TRUSTEES * KEYS_OF_A_TRUSTEE + 2 };

static enum status load_role_card(struct card *out, const struct jnode *at, enum card_role role)
{
	struct jnode node = jnode_child(at, "role");
	enum status st = card_read_node(out, at);

	if (st == ST_OK && out->role != role)
		return jnode_refuse(&node, ST_ROLE, "this card is for the role %s, not %s",
		                    card_role_name(out->role), card_role_name(role));
	return st;
}

static enum status load_trustee(struct card *out, const struct jnode *at, const struct group *suite)
{
	struct jnode node = jnode_child(at, "suite");
	enum status st = load_role_card(out, at, CARD_TRUSTEE);

	if (st == ST_OK && out->suite != suite)
		return jnode_refuse(&node, ST_DEFINITION,
		                    "this card was made for the suite \"%s\", the election has \"%s\"",
		                    group_name(out->suite), group_name(suite));
	return st;
}

/* --- nothing twice ------------------------------------------------------------------------- */

/* A key and where it stands. */
struct key_place {
	const uint8_t *key;
	size_t len;
	const struct card *card;
	const char *field;
};

static size_t list_keys(struct key_place *out, const struct manifest *m)
{
	size_t len = 0;

	for (uint16_t i = 0; i < m->trustees_len; i++) {
		const struct card *c = &m->trustees[i];

		out[len++] = (struct key_place){ c->sign_key, CARD_KEY_BYTES, c, "signing_key" };
		out[len++] = (struct key_place){ c->node_key, CARD_KEY_BYTES, c, "node_key" };
		out[len++] = (struct key_place){ c->checkpoint_key, CARD_KEY_BYTES, c,
		                                 "checkpoint_key" };
		out[len++] = (struct key_place){ c->curve_key, CARD_KEY_BYTES, c, "curve_key" };
		out[len++] = (struct key_place){ c->enc_key_bytes, group_element_len(c->suite), c,
		                                 "encryption_key" };
	}
	out[len++] = (struct key_place){ m->registrar->sign_key, CARD_KEY_BYTES, m->registrar,
	                                 "signing_key" };
	out[len++] = (struct key_place){ m->officer->sign_key, CARD_KEY_BYTES, m->officer,
	                                 "signing_key" };
	return len;
}

/* The way from the root to a card of m, written into two jnodes of the caller. */
static const struct jnode *card_node(struct jnode way[static 2], const struct jnode *root,
                                     const struct manifest *m, const struct card *c)
{
	if (c == m->registrar || c == m->officer) {
		way[0] = jnode_child(root, c == m->officer ? "officer" : "registrar");
		return &way[0];
	}
	way[0] = jnode_child(root, "trustees");
	way[1] = jnode_item(&way[0], (size_t)(c - m->trustees));
	return &way[1];
}

static enum status check_keys(const struct manifest *m, const struct jnode *root)
{
	struct key_place keys[KEYS_MAX];
	size_t len = list_keys(keys, m);

	for (size_t i = 0; i < len; i++) {
		for (size_t j = 0; j < i; j++) {
			struct jnode way[2];
			struct jnode node;

			if (keys[i].len != keys[j].len ||
			    memcmp(keys[i].key, keys[j].key, keys[i].len) != 0)
				continue;
			node = jnode_child(card_node(way, root, m, keys[i].card), keys[i].field);
			return jnode_refuse(&node, ST_KEY, "this key is also the %s of \"%s\"",
			                    keys[j].field, keys[j].card->name);
		}
	}
	return ST_OK;
}

/* A node listens on ADDRESS_PORTS ports from its base on. */
static bool do_ports_overlap(const struct address *a, const struct address *b)
{
	uint16_t low = a->base < b->base ? a->base : b->base;
	uint16_t high = a->base < b->base ? b->base : a->base;

	return strcmp(a->host, b->host) == 0 && high - low < ADDRESS_PORTS;
}

static enum status check_trustees_differ(const struct manifest *m, const struct jnode *list)
{
	for (size_t i = 0; i < m->trustees_len; i++) {
		struct jnode item = jnode_item(list, i);
		struct jnode name = jnode_child(&item, "name");
		struct jnode address = jnode_child(&item, "address");

		for (size_t j = 0; j < i; j++) {
			if (strcmp(m->trustees[i].name, m->trustees[j].name) == 0)
				return jnode_refuse(&name, ST_DEFINITION,
				                    "trustees %zu and %zu have the same name", j + 1, i + 1);
			if (do_ports_overlap(&m->trustees[i].address, &m->trustees[j].address))
				return jnode_refuse(&address, ST_DEFINITION,
				                    "the nodes of trustees %zu and %zu share ports: on one host "
				                    "their ports must be %d or more apart",
				                    j + 1, i + 1, ADDRESS_PORTS);
		}
	}
	return ST_OK;
}

/* --- threshold ----------------------------------------------------------------------------- */

static enum status load_threshold(struct manifest *m, const struct jnode *root)
{
	struct jnode node = jnode_child(root, "threshold");
	uint32_t t;
	enum status st = jnode_uint(&node, &t, 1, UINT32_MAX);

	if (st != ST_OK)
		return st;
	if (t > m->trustees_len)
		return jnode_refuse(&node, ST_DEFINITION, "the threshold is %u, but there are %u trustees",
		                    t, m->trustees_len);
	if (t == 1 && !m->rehearsal)
		return jnode_refuse(&node, ST_DEFINITION,
		                    "with a threshold of 1 each trustee could decrypt alone; only a "
		                    "definition with \"rehearsal\": true may have it");
	m->threshold = (uint16_t)t;
	return ST_OK;
}

enum status load_cards(struct manifest_box *box, const struct jnode *root)
{
	struct jnode list = jnode_child(root, "trustees");
	struct jnode registrar = jnode_child(root, "registrar");
	struct jnode officer = jnode_child(root, "officer");
	struct manifest *m = &box->m;
	struct card *cards;
	size_t len;
	enum status st;

	if ((st = jnode_list(&list, &len, 1, LIMIT_TRUSTEES)) != ST_OK)
		return st;
	if ((cards = arena_alloc(&box->arena, len + 2, sizeof(*cards))) == NULL)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < len; i++) {
		struct jnode item = jnode_item(&list, i);

		if ((st = load_trustee(&cards[i], &item, m->suite)) != ST_OK)
			return st;
	}
	if ((st = load_role_card(&cards[len], &registrar, CARD_REGISTRAR)) != ST_OK ||
	    (st = load_role_card(&cards[len + 1], &officer, CARD_OFFICER)) != ST_OK)
		return st;
	m->trustees = cards;
	m->registrar = &cards[len];
	m->officer = &cards[len + 1];
	m->trustees_len = (uint16_t)len;
	m->faults = (uint16_t)((len - 1) / 3);
	m->quorum = (uint16_t)(len - m->faults);
	if ((st = check_keys(m, root)) != ST_OK ||
	    (st = check_trustees_differ(m, &list)) != ST_OK)
		return st;
	return load_threshold(m, root);
}

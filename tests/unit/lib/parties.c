/* parties.c: see parties.h. */
#include "tests/unit/lib/parties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char PARTIES_DEFINITION[] =
	"{ \"title\": {\"en\": \"Town council\", \"fr\": \"Conseil communal\"},\n"
	"  \"languages\": [\"en\", \"fr\"],\n"
	"  \"suite\": \"ristretto255\",\n"
	"  \"threshold\": 3,\n"
	"  \"trustees\": [\"1.card\", \"2.card\", \"3.card\", \"4.card\"],\n"
	"  \"registrar\": \"registrar.card\",\n"
	"  \"officer\": \"officer.card\",\n"
	"  \"revote\": \"never\",\n"
	"  \"publish_min\": 10,\n"
	"  \"tests_per_kiosk\": 200,\n"
	"  \"dkg_min_minutes\": 0,\n"
	"  \"batch_wait_ms\": 500,\n"
	"  \"units\": [\n"
	"    {\"id\": \"north\", \"name\": {\"en\": \"North\", \"fr\": \"Nord\"},"
	" \"merge_into\": \"south\"},\n"
	"    {\"id\": \"south\", \"name\": {\"en\": \"South\", \"fr\": \"Sud\"}}],\n"
	"  \"styles\": [\n"
	"    {\"id\": \"north\", \"unit\": \"north\", \"contests\": [\"mayor\", \"parks\"]},\n"
	"    {\"id\": \"south\", \"unit\": \"south\", \"contests\": [\"mayor\"]}],\n"
	"  \"contests\": [\n"
	"    {\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, \"blank\": true,\n"
	"     \"title\": {\"en\": \"Mayor\", \"fr\": \"Maire\"},\n"
	"     \"options\": [\n"
	"       {\"id\": \"ada\", \"name\": {\"en\": \"Ada Lovelace\", \"fr\": \"Ada Lovelace\"}},\n"
	"       {\"id\": \"alan\", \"name\": {\"en\": \"Alan Turing\", \"fr\": \"Alan Turing\"}}]},\n"
	"    {\"id\": \"parks\", \"type\": \"score\", \"each_max\": 5, \"max\": 10,\n"
	"     \"title\": {\"en\": \"Parks budget\", \"fr\": \"Budget des parcs\"},\n"
	"     \"options\": [\n"
	"       {\"id\": \"oak\", \"name\": {\"en\": \"Oak park\","
	" \"fr\": \"Parc du ch\xc3\xaane\"}},\n"
	"       {\"id\": \"elm\", \"name\": {\"en\": \"Elm park\", \"fr\": \"Parc de l'orme\"}},\n"
	"       {\"id\": \"ash\", \"name\": {\"en\": \"Ash park\","
	" \"fr\": \"Parc du fr\xc3\xaane\"}}]}]\n"
	"}\n";

/* A seed for one key of one party. */
static void key_seed(uint8_t out[static SIGN_SEED_BYTES], uint8_t seed, size_t party, uint8_t which)
{
	const uint8_t name[3] = { seed, (uint8_t)party, which };

	hash256(out, name, sizeof(name));
}

static void key_pair(struct sign_secret *secret, uint8_t key[static SIGN_KEY_BYTES], uint8_t seed,
                     size_t party, uint8_t which)
{
	uint8_t bytes[SIGN_SEED_BYTES];

	key_seed(bytes, seed, party, which);
	sign_from_seed(secret, key, bytes);
}

static void draft_trustee(struct party *y, uint8_t seed, size_t party)
{
	uint8_t bytes[SIGN_SEED_BYTES];
	uint64_t enc = 0;

	y->draft.role = CARD_TRUSTEE;
	y->draft.suite = group_ristretto255();
	(void)snprintf(y->draft.name, sizeof(y->draft.name), "Trustee %zu", party + 1);
	(void)snprintf(y->draft.address.host, sizeof(y->draft.address.host), "node%zu.example",
	               party + 1);
	y->draft.address.base = 7000;
	key_pair(&y->node, y->draft.node_key, seed, party, 'n');
	key_pair(&y->checkpoint, y->draft.checkpoint_key, seed, party, 'c');
	key_seed(y->draft.curve_key, seed, party, 'v');
	key_seed(bytes, seed, party, 'e');
	for (size_t i = 0; i < 8; i++)
		enc = enc << 8 | bytes[i];
	group_scalar_u64(y->draft.suite, &y->enc, enc | 1);
	group_mul_base(y->draft.suite, &y->draft.enc_key, &y->enc);
	group_encode(y->draft.suite, y->draft.enc_key_bytes, &y->draft.enc_key);
}

void parties_remake(struct parties *p, size_t party)
{
	struct party *y = &p->party[party];
	struct refusal why;

	if (card_make(y->bytes, sizeof(y->bytes), &y->len, &why, &y->draft, &y->sign,
	              y->draft.role == CARD_TRUSTEE ? &y->enc : NULL) != ST_OK) {
		fprintf(stderr, "card %zu: %s: %s\n", party, why.path, why.reason);
		abort();
	}
}

void parties_make(struct parties *p, unsigned int trustees, uint8_t seed)
{
	memset(p, 0, sizeof(*p));
	p->trustees = trustees;
	for (size_t i = 0; i < PARTIES_MAX; i++) {
		struct party *y = &p->party[i];

		if (i < LIMIT_TRUSTEES && i >= trustees)
			continue;
		key_pair(&y->sign, y->draft.sign_key, seed, i, 's');
		if (i < trustees) {
			draft_trustee(y, seed, i);
		} else {
			y->draft.role = i == PARTIES_OFFICER ? CARD_OFFICER : CARD_REGISTRAR;
			(void)snprintf(y->draft.name, sizeof(y->draft.name), "Town hall, %s",
			               card_role_name(y->draft.role));
		}
		parties_remake(p, i);
	}
}

static enum status read_card(void *ctx, const char *name, uint8_t *out, size_t cap, size_t *len)
{
	const struct parties *p = ctx;
	size_t i = PARTIES_MAX;
	char numbered[16];

	for (size_t j = 0; j < p->trustees; j++) {
		(void)snprintf(numbered, sizeof(numbered), "%zu.card", j + 1);
		if (strcmp(name, numbered) == 0)
			i = j;
	}
	if (strcmp(name, "registrar.card") == 0)
		i = PARTIES_REGISTRAR;
	if (strcmp(name, "officer.card") == 0)
		i = PARTIES_OFFICER;
	*len = 0;
	if (i == PARTIES_MAX)
		return ST_NOT_FOUND;
	if (p->party[i].len > cap)
		return ST_LIMIT;
	memcpy(out, p->party[i].bytes, p->party[i].len);
	*len = p->party[i].len;
	return ST_OK;
}

struct card_source parties_source(struct parties *p)
{
	return (struct card_source){ .read = read_card, .ctx = p };
}

struct manifest *parties_manifest(struct parties *p, const char *definition)
{
	struct card_source cards = parties_source(p);
	struct manifest *m;
	struct refusal why;

	if (definition_compile(&m, &why, definition, strlen(definition), &cards) != ST_OK) {
		fprintf(stderr, "line %u, %s: %s\n", why.line, why.path, why.reason);
		abort();
	}
	return m;
}

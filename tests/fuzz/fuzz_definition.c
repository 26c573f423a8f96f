/*
 * fuzz_definition.c: bytes as an officer's definition, with good cards at hand.
 *
 * What is proved: what compiles is a manifest that loads again to the same election; what does not
 * has a printable reason and a line of the text.
 */
#include "crypto/mem.h"
#include "tests/unit/lib/parties.h"

#include <stdlib.h>
#include <string.h>

const uint32_t fuzz_runs = 3000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct parties people;

static void must(int what)
{
	if (!what)
		abort();
}

static void check_refusal(const struct refusal *why, const uint8_t *data, size_t len)
{
	unsigned int lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	must(why->line <= lines && why->reason[0] != '\0');
	for (const char *s = why->path; *s != '\0'; s++)
		must(*s >= 0x20 && *s <= 0x7e);
	for (const char *s = why->reason; *s != '\0'; s++)
		must(*s >= 0x20 && *s <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct card_source cards;
	struct manifest *m, *again;
	struct refusal why;

	if (people.trustees == 0) {
		must(crypto_init() == ST_OK);
		parties_make(&people, 4, 1);
	}
	cards = parties_source(&people);
	/* Text that was never parsed, too. */
	must(refusal_line((const char *)data, len, "contests[1].options[0].name.fr") >= 1);
	if (definition_compile(&m, &why, data, len, &cards) != ST_OK) {
		must(m == NULL);
		check_refusal(&why, data, len);
		return 0;
	}
	must(manifest_load(&again, &why, m->bytes, m->len) == ST_OK);
	must(memcmp(again->election_id, m->election_id, ELECTION_ID_BYTES) == 0);
	manifest_free(again);
	manifest_free(m);
	return 0;
}

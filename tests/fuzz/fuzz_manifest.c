/*
 * fuzz_manifest.c: bytes as a manifest.
 *
 * What is proved: a manifest that loads was canonical, and every index and length in it is what
 * manifest.h promises; what is refused leaves nothing behind.
 */
#include "common/election/manifest.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

const uint32_t fuzz_runs = 3000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

static void check_style(const struct manifest *m, const struct manifest_style *s)
{
	uint16_t next = 0;

	must(s->unit < m->units_len && s->contests_len >= 1);
	for (uint16_t i = 0; i < s->contests_len; i++) {
		const struct manifest_style_contest *c = &s->contests[i];

		must(c->contest < m->contests_len && c->first == next);
		must(i == 0 || c->contest > s->contests[i - 1].contest);
		must(c->len == m->contests[c->contest].ciphertexts_len);
		next = (uint16_t)(next + c->len);
	}
	must(s->ciphertexts_len == next && s->layout->ciphertexts_len == next);
}

static void check(const struct manifest *m)
{
	must(m->trustees_len >= 1 && m->trustees_len <= LIMIT_TRUSTEES);
	must(m->threshold >= 1 && m->threshold <= m->trustees_len);
	must(m->threshold > 1 || m->rehearsal);
	must(m->quorum + m->faults == m->trustees_len && m->quorum > 2 * m->faults);
	for (uint16_t i = 0; i < m->contests_len; i++) {
		const struct manifest_contest *c = &m->contests[i];

		must(c->options_len >= 1 && c->each_max >= 1 && c->each_max <= m->value_max);
		must(c->min <= c->max && c->max >= 1 && c->max <= c->options_len * c->each_max);
	}
	for (uint16_t i = 0; i < m->units_len; i++)
		must(m->units[i].parent == MANIFEST_NONE || m->units[i].parent < m->units_len);
	for (uint16_t i = 0; i < m->styles_len; i++)
		check_style(m, &m->styles[i]);
	for (uint16_t i = 0; i < m->languages_len; i++)
		must(m->title.in[i] != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int started;
	struct refusal why;
	struct manifest *m;

	if (!started)
		must(crypto_init() == ST_OK);
	started = 1;
	if (manifest_load(&m, &why, data, len) != ST_OK) {
		must(m == NULL && why.reason[0] != '\0');
		return 0;
	}
	must(m->len == len && memcmp(m->bytes, data, len) == 0);
	check(m);
	manifest_free(m);
	return 0;
}

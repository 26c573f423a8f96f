/*
 * fuzz_belenios.c: bytes as a Belenios archive.
 *
 * Shown: reading is bounded and says no cleanly; what was read, written again, is the same bytes;
 * and no mutation of a true election, which the seeds are, is called good.
 */
#include "common/belenios/audit.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

const uint32_t fuzz_runs = 1000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

struct copy {
	const uint8_t *bytes;   /* what must come */
	size_t len;
	size_t pos;
};

static enum status compare(void *ctx, const void *bytes, size_t len)
{
	struct copy *c = ctx;

	must(len <= c->len - c->pos && memcmp(c->bytes + c->pos, bytes, len) == 0);
	c->pos += len;
	return ST_OK;
}

/* Every whole event, written again. */
static void write_again(const struct tar_source *src, const uint8_t *data, size_t len)
{
	struct copy c = { data, len, 0 };
	struct bel_writer w = { .write = compare, .ctx = &c };
	struct bel_reader r;
	struct bel_step s;

	if (bel_reader_open(&r, src) != ST_OK)
		return;
	must(bel_writer_open(&w, r.timestamp) == ST_OK);
	while (bel_reader_next(&r, &s) == ST_OK) {
		struct bel_datum d[BEL_STEP_DATA];
		size_t n = bel_type_data(s.event.type);

		for (size_t i = 0; i < n; i++)
			d[i] = (struct bel_datum){ data + s.data[i].offset, s.data[i].len };
		must(bel_writer_add(&w, s.event.type, d, n, NULL) == ST_OK);
		must(c.pos == r.tar.pos && w.height == r.height);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct bel_audit_options options = { .threads = 1 };
	static int started;
	struct tar_source src;
	struct bel_audit a;

	if (!started)
		must(crypto_init() == ST_OK);
	started = 1;
	tar_source_memory(&src, data, len);
	write_again(&src, data, len);
	must(bel_audit_run(&a, &src, &options) == ST_OK);
	must(a.verdict != BEL_GOOD);   /* without a fingerprint */
	must(a.counts == NULL || a.lines[BEL_COUNTS].outcome == BEL_HELD);
	bel_audit_free(&a);
	return 0;
}

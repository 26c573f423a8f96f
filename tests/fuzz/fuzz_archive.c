/*
 * fuzz_archive.c: any bytes as an archive, and any bytes as a block on a sound chain.
 *
 * The first byte chooses: 0, the rest is an archive for an observer; h > 0, the rest is the body of
 * a block on block h - 1 of the election in corpus/archive/election, under a header that fits it.
 * What is proved: without a fingerprint nothing is green; a problem is always named; whatever the
 * rulebook refuses leaves the state as it was.
 */
#include "common/election/audit.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint32_t fuzz_runs = 1000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { HEIGHTS = 16, ELECTION_MAX = 1 << 16 };

static struct manifest *manifest;
static struct checker *checker;
static struct election *at[HEIGHTS];         /* the state on block h */
static struct block_header head[HEIGHTS];
static size_t heights;

static void must(int what)
{
	if (!what)
		abort();
}

/* --- archives ------------------------------------------------------------------------------- */

static void must_be_printable(const char *s)
{
	for (; *s != '\0'; s++)
		must(*s >= 0x20 && *s <= 0x7e);
}

static void try_archive(const uint8_t *data, size_t len)
{
	const struct audit_options o = { .fingerprint = NULL };
	FILE *f = len == 0 ? NULL : fmemopen((void *)(uintptr_t)data, len, "rb");
	struct audit a;

	if (f == NULL)
		return;
	must(audit_run(&a, f, &o) == ST_OK);
	must(a.verdict != AUDIT_GOOD);
	for (int i = 0; i < AUDIT_CHECKS; i++)
		must((a.lines[i].outcome == AUDIT_FAILED) ==
		     (a.verdict == AUDIT_PROBLEM && (int)a.failed == i));
	must(a.verdict != AUDIT_PROBLEM || a.failed_st != ST_OK);
	must(a.verdict != AUDIT_PROBLEM || a.failed_st != ST_INTERNAL);
	for (size_t i = 0; i < a.incidents_len; i++)
		must_be_printable(a.incidents[i].text);
	audit_free(&a);
	(void)fclose(f);
}

/* --- blocks --------------------------------------------------------------------------------- */

static void try_body(size_t height, const uint8_t *body, size_t len)
{
	struct block_header h = { .version = BLOCK_VERSION, .height = height + 1,
		                  .view = head[height].view + 1,
		                  .parent_view = head[height].view,
		                  .time_min = head[height].time_min, .body_len = (uint32_t)len };
	struct election_digest before, after;
	struct chain_fault fault;
	const uint8_t *item;
	struct reader r;
	size_t item_len;
	enum status st;

	memcpy(h.election_id, manifest->election_id, sizeof(h.election_id));
	memcpy(h.parent, election_tip(at[height]), sizeof(h.parent));
	reader_init(&r, body, len);
	while (block_item_next(&r, &item, &item_len) == ST_OK)
		h.n_items++;
	h.log_size = head[height].log_size + h.n_items;
	block_body_hash(h.body_hash, body, len);
	election_digest(at[height], &before);
	st = chain_accept(at[height], checker, NULL, &head[height], &h, body, len, &fault);
	must(st == fault.st && st != ST_OK && st != ST_INTERNAL);   /* the digests are zeros */
	election_digest(at[height], &after);
	must(memcmp(&before, &after, sizeof(before)) == 0);
	must(election_height(at[height]) == height);
}

static size_t read_election(uint8_t *out)
{
	FILE *f = fopen("tests/fuzz/corpus/archive/election", "rb");
	size_t len;

	must(f != NULL);
	len = fread(out, 1, ELECTION_MAX, f);
	must(len > 1 && len < ELECTION_MAX);
	(void)fclose(f);
	return len;
}

/* The election up to block `top`; false when there is no such block. */
static bool replay(size_t top, const uint8_t *bytes, size_t len)
{
	FILE *f = fmemopen((void *)(uintptr_t)bytes, len, "rb");
	struct archive_reader in;
	struct archive_record rec;
	struct chain_fault fault;
	size_t done = 0;

	must(f != NULL && archive_read_begin(&in, f) == ST_OK);
	while (done <= top && archive_read_next(&in, &rec) == ST_OK && rec.kind == ARCHIVE_BLOCK) {
		if (manifest == NULL)
			must(manifest_load(&manifest, NULL, rec.body + 5, rec.body_len - 5) == ST_OK);
		if (done == 0)
			must(election_new(&at[top], manifest) == ST_OK &&
			     chain_genesis(&head[top], at[top]) == ST_OK);
		else
			must(chain_accept(at[top], checker, NULL, &head[top], &rec.header, rec.body,
			                  rec.body_len, &fault) == ST_OK);
		head[top] = rec.header;
		done++;
	}
	archive_read_end(&in);
	(void)fclose(f);
	return done == top + 1;
}

static void start(void)
{
	static uint8_t bytes[ELECTION_MAX];
	size_t len = read_election(bytes);

	must(crypto_init() == ST_OK);
	must(checker_new(&checker) == ST_OK);
	while (heights < HEIGHTS && replay(heights, bytes + 1, len - 1))
		heights++;
	must(heights > 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (heights == 0)
		start();
	if (len < 1 || len > ELECTION_MAX)
		return 0;
	if (data[0] == 0)
		try_archive(data + 1, len - 1);
	else
		try_body((data[0] - 1) % heights, data + 1, len - 1);
	return 0;
}

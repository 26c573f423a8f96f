/*
 * bench_store.c: what it costs to keep things: blocks in the store and votes of the signer, on the
 * disk that holds $TMPDIR.  Prints key=value lines: microseconds of the wall's clock, since waiting
 * for the disk is what is measured (docs/bench.md).
 */
#include "tests/bench/unit.h"

#include "common/base/clock.h"
#include "common/election/receipt_make.h"
#include "tally-server/signer/remote.h"
#include "tally-server/signer/serve.h"
#include "tally-server/signer/signer.h"
#include "tests/unit/lib/chainlet.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCKS = 400, ITEMS = 16, LOOKUPS = 2000, VOTES = 400 };

static struct prng random_bytes = { .state = 1 };

static void must(bool what)
{
	if (!what)
		abort();
}

static void print(const char *what, uint64_t start, size_t times)
{
	unit_print_us(what, (double)(clock_mono_us() - start) * 1e-6 / (double)times);
}

static uint64_t leaves;

static void put(const char *name, size_t batch)
{
	struct store *s = chainlet_store(scratch_path(name), STORE_WRITE);
	struct chainlet_block *b = chainlet_room();
	struct certificate cert;
	struct chainlet c;
	uint64_t spent = 0;

	chainlet_init(&c, &random_bytes);
	for (size_t i = 0; i < BLOCKS; i++) {
		uint64_t start;

		chainlet_next(&c, b, ITEMS);
		chainlet_certificate(&cert, &b->header);
		b->put.certificate = i == 0 ? NULL : &cert;
		start = clock_mono_us();
		if (batch > 1 && i % batch == 0)
			must(store_begin(s) == ST_OK);
		must(store_put_block(s, &b->put) == ST_OK);
		if (batch > 1 && (i + 1) % batch == 0)
			must(store_commit(s) == ST_OK);
		spent += clock_mono_us() - start;
	}
	leaves = c.log.size;
	unit_print_us(batch > 1 ? "put_block_in_batch" : "put_block",
	              (double)spent * 1e-6 / BLOCKS);
	store_close(s);
	free(b);
}

static void look(const char *name)
{
	struct store *s = chainlet_store(scratch_path(name), STORE_READ);
	const struct merkle_source log = store_merkle_source(s);
	uint8_t path[MERKLE_PATH_MAX][32], tracker[32];
	struct certified_head head;
	struct store_place p;
	uint64_t height, start;
	struct stat info;
	size_t len;
	FILE *f;

	start = clock_mono_us();
	for (size_t i = 0; i < LOOKUPS; i++)
		must(store_item_by_leaf(s, &p, prng_below(&random_bytes, leaves)) == ST_OK);
	print("item_by_leaf", start, LOOKUPS);
	do
		must(store_item_by_leaf(s, &p, prng_below(&random_bytes, leaves)) == ST_OK);
	while (!p.has_tracker);
	memcpy(tracker, p.tracker, sizeof(tracker));
	start = clock_mono_us();
	for (size_t i = 0; i < LOOKUPS; i++)
		must(store_item_by_prefix(s, &p, tracker) == ST_OK);
	print("item_by_tracker", start, LOOKUPS);
	start = clock_mono_us();
	for (size_t i = 0; i < LOOKUPS; i++)
		must(merkle_inclusion_prove(&log, path, &len, prng_below(&random_bytes, leaves),
		                            leaves) == ST_OK);
	print("inclusion_path", start, LOOKUPS);
	start = clock_mono_us();
	for (size_t i = 0; i < LOOKUPS; i++)
		must(store_certificate_for(s, &head, prng_below(&random_bytes, BLOCKS)) == ST_OK);
	print("certificate_for", start, LOOKUPS);
	start = clock_mono_us();
	must(store_check(s, &height, 0) == ST_OK);
	print("check_block", start, BLOCKS);
	f = tmpfile();
	must(f != NULL);
	start = clock_mono_us();
	must(store_export(s, f, STORE_ENOUGH) == ST_OK);
	print("export_block", start, BLOCKS);
	must(stat(scratch_path(name), &info) == 0);
	unit_print_size("file_bytes", (size_t)info.st_size);
	unit_print_size("archive_bytes", (size_t)ftell(f));
	(void)fclose(f);
	store_close(s);
}

static void sign(size_t batch)
{
	struct committee c;
	struct sign_secret secret;
	uint8_t key[32], election[32] = { 1 };
	struct vote votes[16];
	enum status each[16];
	struct wal_report report;
	struct signer *s;
	const char *path = scratch_path(batch > 1 ? "signer16.log" : "signer1.log");
	uint64_t start;

	sign_keygen(&secret, key);
	must(committee_init(&c, 1, election, group_ristretto255(),
	                    (const uint8_t (*)[32])&key) == ST_OK);
	must(signer_create(path, &c, 0) == ST_OK);
	must(signer_open(&s, &report, path, &secret, &c, 0) == ST_OK);
	start = clock_mono_us();
	for (uint64_t i = 0; i < VOTES / batch; i++) {
		for (size_t k = 0; k < batch; k++)
			votes[k] = (struct vote){ .type = VOTE_NULLIFY, .view = 1 + i * batch + k };
		must(signer_sign(s, votes, each, batch) == ST_OK && each[batch - 1] == ST_OK);
	}
	print(batch > 1 ? "sign_vote_of_16" : "sign_vote", start, VOTES);
	signer_close(s);
}

/* A signer in a process of its own, without its program around it. */
static struct remote *start_signer(const struct sign_secret *secret, const uint8_t *key)
{
	struct serve_config cfg = {
		.secret = secret, .checkpoint = secret, .log = scratch_path("remote.log"),
		.memory = scratch_path("memory"),
	};
	uint8_t hello[TALK_HELLO_BYTES + 1 + 64] = TALK_HELLO;
	struct remote_keys keys;
	struct remote *r;
	struct serve *s;
	int fd[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	memcpy(hello + TALK_HELLO_BYTES + 1, key, 32);
	if (fork() == 0) {
		close(fd[0]);
		must(serve_new(&s, &cfg) == ST_OK);
		must(talk_send(fd[1], hello, sizeof(hello)) == ST_OK);
		_exit(serve_run(s, fd[1]) == ST_OK ? 0 : 1);
	}
	close(fd[1]);
	must(remote_over(&r, &keys, fd[0], NULL) == ST_OK);
	return r;
}

static void sign_remotely(void)
{
	struct remote_report report;
	struct remote_past past;
	struct committee c;
	struct sign_secret secret;
	uint8_t key[32], election[32] = { 1 };
	struct promise promise = { .time_min = 1 };
	struct vote vote;
	enum status each;
	struct remote *r;
	uint64_t start;
	bool has;

	sign_keygen(&secret, key);
	must(committee_init(&c, 1, election, group_ristretto255(),
	                    (const uint8_t (*)[32])&key) == ST_OK);
	r = start_signer(&secret, key);
	must(remote_begin(r, &past, &c, 0) == ST_OK);
	must(remote_open(r, &report, true, 1) == ST_OK);
	start = clock_mono_us();
	for (uint64_t i = 0; i < VOTES; i++) {
		vote = (struct vote){ .type = VOTE_NULLIFY, .view = 1 + i };
		must(remote_sign(r, &vote, &each, 1) == ST_OK && each == ST_OK);
	}
	print("sign_vote_remote", start, VOTES);
	start = clock_mono_us();
	for (int i = 0; i < 10 * VOTES; i++)
		must(remote_has(r, &has, VOTE_NULLIFY, 1, vote.block) == ST_OK && has);
	print("ask", start, 10 * VOTES);
	start = clock_mono_us();
	for (int i = 0; i < 10 * VOTES; i++)
		must(remote_promise(r, &promise) == ST_OK);
	print("promise", start, 10 * VOTES);
	remote_close(r);
}

int main(void)
{
	unit_init();
	unit_prefix("store_");
	put("one.db", 1);
	put("batch.db", 50);
	look("one.db");
	unit_prefix("signer_");
	sign(1);
	sign(16);
	sign_remotely();
	scratch_remove();
	return 0;
}

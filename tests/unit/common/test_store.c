/*
 * test_store.c: the block store: what is put is there again, what does not fit is refused, proofs
 * from it hold, a batch is kept as one.
 */
#include "common/ledger/store.h"
#include "crypto/mem.h"
#include "tests/unit/lib/chainlet.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct prng random_bytes;

/* --- what is there ---------------------------------------------------------------------------- */

static void expect_block(struct store *s, const struct chainlet_block *b)
{
	uint8_t id[32], want[32], have_header[BLOCK_HEADER_BYTES], header[BLOCK_HEADER_BYTES];
	struct block_header h;
	uint8_t *body;
	size_t len;
	uint64_t height;

	block_id(want, &b->header);
	assert_int_equal(store_block(s, b->header.height, &h, &body, &len), ST_OK);
	block_header_encode(have_header, &h);
	block_header_encode(header, &b->header);
	assert_memory_equal(have_header, header, sizeof(header));
	assert_int_equal(len, b->body_len);
	assert_memory_equal(body, b->body, len);
	free(body);
	assert_int_equal(store_id_of(s, id, b->header.height), ST_OK);
	assert_memory_equal(id, want, 32);
	assert_int_equal(store_height_of(s, &height, want), ST_OK);
	assert_int_equal(height, b->header.height);
}

static void expect_items(struct store *s, const struct chainlet_block *b)
{
	uint64_t leaf = b->header.log_size - b->header.n_items;
	size_t offset = 0;

	for (size_t i = 0; i < b->header.n_items; i++, leaf++) {
		const struct store_item *item = &b->item[i];
		struct store_place p, by_prefix;
		uint8_t *wire;

		offset += 4;
		assert_int_equal(store_item_by_leaf(s, &p, leaf), ST_OK);
		assert_int_equal(p.leaf, leaf);
		assert_int_equal(p.height, b->header.height);
		assert_int_equal(p.offset, offset);
		assert_int_equal(p.wire_len, item->wire_len);
		assert_int_equal(p.type, item->type);
		assert_memory_equal(p.id, item->id, 32);
		assert_int_equal(p.has_tracker, item->tracker != NULL);
		assert_int_equal(store_item_wire(s, &wire, &p), ST_OK);
		assert_memory_equal(wire, b->body + offset, item->wire_len);
		free(wire);
		offset += item->wire_len;
		if (item->tracker == NULL)
			continue;
		assert_memory_equal(p.tracker, item->tracker, 32);
		assert_int_equal(store_item_by_prefix(s, &by_prefix, item->tracker), ST_OK);
		assert_int_equal(by_prefix.leaf, leaf);
	}
}

static void what_was_put_is_there_after_every_reopening(void **state)
{
	const char *path = scratch_path("reopen.db");
	struct chainlet_block *b = chainlet_room();
	struct store *s = chainlet_store(path, STORE_WRITE);
	struct chainlet c;
	struct block_header h;
	struct store_place p;
	uint8_t id[32], want[32];
	uint64_t height;

	(void)state;
	chainlet_init(&c, &random_bytes);
	assert_int_equal(store_tip(s, &h, id), ST_NOT_FOUND);
	for (int i = 0; i < 12; i++) {
		chainlet_next(&c, b, (size_t)i % 5 * 3);
		assert_int_equal(store_put_block(s, &b->put), ST_OK);
		store_close(s);
		s = chainlet_store(path, i % 2 == 0 ? STORE_READ : STORE_WRITE);
		expect_block(s, b);
		expect_items(s, b);
		assert_int_equal(store_tip(s, &h, id), ST_OK);
		block_id(want, &b->header);
		assert_memory_equal(id, want, 32);
		assert_int_equal(store_check(s, &height, 0), ST_OK);
		assert_int_equal(height, h.height);
		store_close(s);
		s = chainlet_store(path, STORE_WRITE);
	}
	memset(id, 7, sizeof(id));
	assert_int_equal(store_height_of(s, &height, id), ST_NOT_FOUND);
	assert_int_equal(store_block(s, 12, &h, NULL, NULL), ST_NOT_FOUND);
	assert_int_equal(store_block(s, UINT64_MAX, &h, NULL, NULL), ST_NOT_FOUND);
	assert_int_equal(store_item_by_leaf(s, &p, h.log_size + 1000), ST_NOT_FOUND);
	assert_int_equal(store_item_by_prefix(s, &p, id), ST_NOT_FOUND);
	store_close(s);
	free(b);
}

static void what_is_no_store_is_not_opened(void **state)
{
	const char *path = scratch_path("none.db");
	struct store *s;
	struct fault fault;
	FILE *f;

	(void)state;
	assert_int_equal(store_open(&s, path, STORE_READ, &fault), ST_NOT_FOUND);
	assert_null(s);
	assert_true(strlen(fault.next) > 0);
	f = fopen(path, "wb");
	assert_non_null(f);
	for (int i = 0; i < 9000; i++)
		(void)fputc(i & 0xff, f);
	(void)fclose(f);
	assert_int_equal(store_open(&s, path, STORE_READ, &fault), ST_FORMAT);
	assert_int_equal(store_open(&s, path, STORE_WRITE, &fault), ST_FORMAT);
	path = scratch_path("empty.db");
	f = fopen(path, "wb");
	assert_non_null(f);
	(void)fclose(f);
	assert_int_equal(store_open(&s, path, STORE_READ, NULL), ST_FORMAT);
	/* A process that died before the tables were made: the next one makes them. */
	assert_int_equal(store_open(&s, path, STORE_WRITE, NULL), ST_OK);
	store_close(s);
	s = chainlet_store(path, STORE_READ);
	store_close(s);
}

static void a_reader_puts_nothing(void **state)
{
	const char *path = scratch_path("reader.db");
	struct chainlet_block *b = chainlet_room();
	struct store *s = chainlet_store(path, STORE_WRITE);
	struct certificate cert;
	struct chainlet c;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_next(&c, b, 3);
	store_close(s);
	s = chainlet_store(path, STORE_READ);
	chainlet_certificate(&cert, &b->header);
	assert_int_equal(store_put_block(s, &b->put), ST_DENIED);
	assert_int_equal(store_put_certificate(s, &cert), ST_DENIED);
	assert_int_equal(store_begin(s), ST_DENIED);
	store_close(s);
	free(b);
}

/* --- what does not fit ------------------------------------------------------------------------ */

struct wrong {
	const char *what;
	enum status st;
	void (*spoil)(struct chainlet_block *b);
};

static void spoil_height(struct chainlet_block *b)
{
	b->header.height++;
}

static void spoil_height_back(struct chainlet_block *b)
{
	b->header.height--;
}

static void spoil_height_huge(struct chainlet_block *b)
{
	b->header.height = UINT64_MAX;
}

static void spoil_parent(struct chainlet_block *b)
{
	b->header.parent[31] ^= 1;
}

static void spoil_view(struct chainlet_block *b)
{
	b->header.view = b->header.parent_view;
}

static void spoil_election(struct chainlet_block *b)
{
	b->header.election_id[0] ^= 1;
}

static void spoil_body(struct chainlet_block *b)
{
	b->body[20] ^= 1;
}

static void spoil_body_len(struct chainlet_block *b)
{
	b->put.body_len--;
}

static void spoil_items_len(struct chainlet_block *b)
{
	b->put.items_len--;
}

static void spoil_item_type(struct chainlet_block *b)
{
	b->item[0].type = TX_DEVICE;
}

static void spoil_item_len(struct chainlet_block *b)
{
	b->item[0].wire_len++;
}

static void spoil_item_id(struct chainlet_block *b)
{
	b->item[0].id[0] ^= 1;
}

static void spoil_tracker_missing(struct chainlet_block *b)
{
	b->item[1].tracker = NULL;
}

static void spoil_tracker_extra(struct chainlet_block *b)
{
	b->item[0].tracker = b->tracker[0];
}

static void spoil_tracker_twice(struct chainlet_block *b)
{
	memcpy(b->tracker[4], b->tracker[1], STORE_PREFIX_BYTES);
}

static void spoil_log_root(struct chainlet_block *b)
{
	b->header.log_root[5] ^= 0x10;
}

static void spoil_log_size(struct chainlet_block *b)
{
	b->header.log_size++;
}

static struct certificate wrong_certificate;

static void spoil_certificate_block(struct chainlet_block *b)
{
	chainlet_certificate(&wrong_certificate, &b->header);
	wrong_certificate.block[0] ^= 1;
	b->put.certificate = &wrong_certificate;
}

static void spoil_certificate_view(struct chainlet_block *b)
{
	chainlet_certificate(&wrong_certificate, &b->header);
	wrong_certificate.view++;
	b->put.certificate = &wrong_certificate;
}

static void spoil_certificate_type(struct chainlet_block *b)
{
	chainlet_certificate(&wrong_certificate, &b->header);
	wrong_certificate.type = VOTE_NOTARIZE;
	b->put.certificate = &wrong_certificate;
}

static const struct wrong WRONGS[] = {
	{ "a gap in heights", ST_PARENT, spoil_height },
	{ "a height that is taken", ST_PARENT, spoil_height_back },
	{ "a height beyond all", ST_LIMIT, spoil_height_huge },
	{ "another parent", ST_PARENT, spoil_parent },
	{ "a view that does not advance", ST_PARENT, spoil_view },
	{ "another election", ST_ELECTION, spoil_election },
	{ "another body", ST_HASH, spoil_body },
	{ "a shorter body", ST_FORMAT, spoil_body_len },
	{ "an item too few", ST_FORMAT, spoil_items_len },
	{ "another type", ST_FORMAT, spoil_item_type },
	{ "another length", ST_FORMAT, spoil_item_len },
	{ "another id", ST_HASH, spoil_item_id },
	{ "a ballot without tracker", ST_FORMAT, spoil_tracker_missing },
	{ "a tracker of no ballot", ST_FORMAT, spoil_tracker_extra },
	{ "a tracker prefix twice", ST_TRACKER, spoil_tracker_twice },
	{ "another log root", ST_HASH, spoil_log_root },
	{ "another log size", ST_PARENT, spoil_log_size },
	{ "a certificate of another block", ST_CERTIFICATE, spoil_certificate_block },
	{ "a certificate of another view", ST_CERTIFICATE, spoil_certificate_view },
	{ "a certificate that finalises nothing", ST_CERTIFICATE, spoil_certificate_type },
};

/* At block 0 and later, on their own and within a batch; afterwards the right block is taken. */
static void a_block_that_does_not_fit_changes_nothing(void **state)
{
	struct chainlet_block *b = chainlet_room(), *bad = chainlet_room();
	struct store *s = chainlet_store(scratch_path("wrong.db"), STORE_WRITE);
	struct chainlet c;
	uint64_t height;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 3, 7);
	for (int batch = 0; batch < 2; batch++) {
		if (batch == 1)
			assert_int_equal(store_begin(s), ST_OK);
		for (size_t i = 0; i < sizeof(WRONGS) / sizeof(WRONGS[0]); i++) {
			enum status st;

			chainlet_next(&c, b, 7);
			memcpy(bad, b, sizeof(*bad));
			bad->put.header = &bad->header;
			bad->put.body = bad->body;
			bad->put.items = bad->item;
			for (size_t k = 0; k < bad->header.n_items; k++)
				if (bad->item[k].tracker != NULL)
					bad->item[k].tracker = bad->tracker[k];
			WRONGS[i].spoil(bad);
			st = store_put_block(s, &bad->put);
			if (st != WRONGS[i].st)
				fail_msg("%s: %s", WRONGS[i].what, status_name(st));
			assert_int_equal(store_put_block(s, &b->put), ST_OK);
		}
	}
	assert_int_equal(store_commit(s), ST_OK);
	assert_int_equal(store_check(s, &height, 0), ST_OK);
	assert_int_equal(height + 1, c.blocks);
	assert_int_equal(store_put_block(s, &b->put), ST_PARENT);   /* twice */
	store_close(s);
	free(bad);
	free(b);
}

static void a_prefix_of_an_older_ballot_is_refused(void **state)
{
	struct chainlet_block *b = chainlet_room(), *later = chainlet_room();
	struct store *s = chainlet_store(scratch_path("prefix.db"), STORE_WRITE);
	struct chainlet c;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_next(&c, b, 2);
	assert_int_equal(store_put_block(s, &b->put), ST_OK);
	chainlet_next(&c, later, 2);
	memcpy(later->tracker[1], b->tracker[1], STORE_PREFIX_BYTES);
	assert_int_equal(store_put_block(s, &later->put), ST_TRACKER);
	later->tracker[1][STORE_PREFIX_BYTES - 1] ^= 1;
	assert_int_equal(store_put_block(s, &later->put), ST_OK);
	store_close(s);
	free(later);
	free(b);
}

/* --- batches ---------------------------------------------------------------------------------- */

static void a_batch_is_kept_or_undone_as_a_whole(void **state)
{
	const char *path = scratch_path("batch.db");
	struct store *s = chainlet_store(path, STORE_WRITE), *other;
	struct chainlet c, before;
	struct block_header h;
	uint8_t id[32];

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 4, 0);
	before = c;
	assert_int_equal(store_commit(s), ST_INTERNAL);   /* none is open */
	assert_int_equal(store_begin(s), ST_OK);
	assert_int_equal(store_begin(s), ST_INTERNAL);
	chainlet_fill(s, &c, 3, 0);
	assert_int_equal(store_tip(s, &h, id), ST_OK);
	assert_int_equal(h.height, 6);
	other = chainlet_store(path, STORE_READ);             /* sees it once it is kept */
	assert_int_equal(store_tip(other, &h, id), ST_OK);
	assert_int_equal(h.height, 3);
	assert_int_equal(store_copy(s, scratch_path("no.db")), ST_INTERNAL);
	store_rollback(s);
	c = before;
	assert_int_equal(store_tip(s, &h, id), ST_OK);
	assert_int_equal(h.height, 3);
	assert_int_equal(store_begin(s), ST_OK);
	chainlet_fill(s, &c, 3, 0);
	assert_int_equal(store_commit(s), ST_OK);
	assert_int_equal(store_tip(other, &h, id), ST_OK);
	assert_int_equal(h.height, 6);
	before = c;
	assert_int_equal(store_begin(s), ST_OK);
	chainlet_fill(s, &c, 3, 0);
	store_close(s);                                    /* with a batch open: undone */
	s = chainlet_store(path, STORE_WRITE);
	c = before;
	chainlet_fill(s, &c, 1, 5);
	assert_int_equal(store_tip(other, &h, id), ST_OK);
	assert_int_equal(h.height, 7);
	store_close(other);
	store_close(s);
}

/* --- certificates and signatures -------------------------------------------------------------- */

static void the_certificate_at_or_above_a_height_is_found(void **state)
{
	struct store *s = chainlet_store(scratch_path("certs.db"), STORE_WRITE);
	struct certified_head head;
	struct chainlet c;

	(void)state;
	chainlet_init(&c, &random_bytes);
	assert_int_equal(store_certificate_for(s, &head, 0), ST_NOT_FOUND);
	chainlet_fill(s, &c, 10, 2);   /* heights 2, 5 and 8 are certified */
	for (uint64_t h = 0; h < 10; h++) {
		uint64_t up = h <= 2 ? 2 : h <= 5 ? 5 : 8;
		uint8_t id[32];

		if (h > 8) {
			assert_int_equal(store_certificate_for(s, &head, h), ST_NOT_FOUND);
			continue;
		}
		assert_int_equal(store_certificate_for(s, &head, h), ST_OK);
		assert_int_equal(head.header.height, up);
		block_id(id, &head.header);
		assert_memory_equal(head.certificate.block, id, 32);
		assert_int_equal(head.certificate.view, head.header.view);
	}
	assert_int_equal(store_certified(s, &head, 0, 7), ST_OK);
	assert_int_equal(head.header.height, 5);
	assert_int_equal(store_certified(s, &head, 0, UINT64_MAX), ST_OK);
	assert_int_equal(head.header.height, 8);
	assert_int_equal(store_certified(s, &head, 6, 7), ST_NOT_FOUND);
	assert_int_equal(store_certified(s, &head, 7, 6), ST_NOT_FOUND);
	store_close(s);
}

static void certificates_are_kept_once_and_in_their_place(void **state)
{
	struct store *s = chainlet_store(scratch_path("certs2.db"), STORE_WRITE);
	struct chainlet_block *b = chainlet_room();
	struct certificate f, n, u, have;
	struct chainlet c;
	uint64_t view = 0;
	unsigned int type = 0, seen = 0;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 4, 2);
	chainlet_next(&c, b, 2);
	chainlet_certificate(&f, &b->header);
	assert_int_equal(store_put_certificate(s, &f), ST_NOT_FOUND);   /* the block is not here */
	assert_int_equal(store_id_of(s, f.block, 0), ST_OK);
	f.view = 0;
	assert_int_equal(store_put_certificate(s, &f), ST_FORMAT);      /* nobody votes in view 0 */
	chainlet_certificate(&f, &b->header);
	assert_int_equal(store_put_block(s, &b->put), ST_OK);
	n = f;
	n.view++;
	assert_int_equal(store_put_certificate(s, &n), ST_CERTIFICATE);
	n = f;
	n.type = VOTE_NOTARIZE;
	assert_int_equal(store_put_certificate(s, &n), ST_OK);
	u = (struct certificate){ .type = VOTE_NULLIFY, .view = f.view, .signers = 7 };
	assert_int_equal(store_put_certificate(s, &f), ST_OK);
	assert_int_equal(store_put_certificate(s, &u), ST_FORK);   /* never both F and U */
	f.sig[0][0] ^= 1;
	assert_int_equal(store_put_certificate(s, &f), ST_OK);     /* dropped: the first one stands */
	f.sig[0][0] ^= 1;
	assert_int_equal(store_certificate(s, &have, VOTE_FINALIZE, f.view), ST_OK);
	assert_memory_equal(have.sig[0], f.sig[0], 64);
	u.view = f.view + 5;
	assert_int_equal(store_put_certificate(s, &u), ST_OK);
	u.view = UINT64_MAX;
	assert_int_equal(store_put_certificate(s, &u), ST_LIMIT);
	while (store_certificate_next(s, &have, type, view) == ST_OK) {
		assert_true(have.view > view || (have.view == view && have.type > type));
		view = have.view;
		type = (unsigned int)have.type;
		seen++;
	}
	assert_int_equal(seen, 4);   /* F of height 2, N and F of this, U */
	/* A notarized block may be in a nullified view, and final through a descendant. */
	chainlet_next(&c, b, 1);
	assert_int_equal(store_put_block(s, &b->put), ST_OK);
	chainlet_certificate(&f, &b->header);
	u.view = f.view;
	n = f;
	n.type = VOTE_NOTARIZE;
	assert_int_equal(store_put_certificate(s, &u), ST_OK);
	assert_int_equal(store_put_certificate(s, &n), ST_OK);
	assert_int_equal(store_put_certificate(s, &f), ST_FORK);
	store_close(s);
	free(b);
}

static void genesis_signatures_are_put_once(void **state)
{
	struct store *s = chainlet_store(scratch_path("sigs.db"), STORE_WRITE);
	uint8_t sigs[LIMIT_TRUSTEES + 1][64], have[LIMIT_TRUSTEES][64];
	const uint8_t (*in)[64] = (const uint8_t (*)[64])sigs;
	size_t count;

	(void)state;
	prng_bytes(&random_bytes, sigs, sizeof(sigs));
	assert_int_equal(store_genesis_sigs(s, have, &count), ST_NOT_FOUND);
	assert_int_equal(store_put_genesis_sigs(s, in, 0), ST_LIMIT);
	assert_int_equal(store_put_genesis_sigs(s, in, LIMIT_TRUSTEES + 1), ST_LIMIT);
	assert_int_equal(store_put_genesis_sigs(s, in, LIMIT_TRUSTEES), ST_OK);
	assert_int_equal(store_put_genesis_sigs(s, in, LIMIT_TRUSTEES), ST_OK);
	assert_int_equal(store_put_genesis_sigs(s, in, 4), ST_EXISTS);
	assert_int_equal(store_put_genesis_sigs(s, in + 1, LIMIT_TRUSTEES), ST_EXISTS);
	assert_int_equal(store_genesis_sigs(s, have, &count), ST_OK);
	assert_int_equal(count, LIMIT_TRUSTEES);
	assert_memory_equal(have, sigs, sizeof(have));
	store_close(s);
}

/* --- proofs ----------------------------------------------------------------------------------- */

enum { LEAVES = 640 };

static void every_leaf_is_proved_at_many_sizes(void **state)
{
	static uint8_t leaf[LEAVES][32];
	struct merkle_leaves plain = { .leaf = (const uint8_t (*)[32])leaf };
	struct store *s = chainlet_store(scratch_path("proofs.db"), STORE_WRITE);
	struct merkle_source log = store_merkle_source(s), oracle = merkle_leaves_source(&plain);
	uint8_t path[MERKLE_PATH_MAX][32], root[32], other[32], bytes[TX_LEAF_BYTES];
	struct store_place p;
	struct chainlet c;
	uint64_t proved = 0;
	size_t len;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, LEAVES / 16, 16);
	for (uint64_t i = 0; i < LEAVES; i++) {
		assert_int_equal(store_item_by_leaf(s, &p, i), ST_OK);
		tx_leaf(bytes, p.type, p.id, p.wire_len);
		merkle_leaf_hash(leaf[i], bytes, sizeof(bytes));
	}
	plain.count = LEAVES;
	for (uint64_t size = 1; size <= LEAVES; size += size < 40 ? 1 : 37) {
		assert_int_equal(merkle_root(&oracle, root, size), ST_OK);
		assert_int_equal(merkle_root(&log, other, size), ST_OK);
		assert_memory_equal(root, other, 32);
		for (uint64_t i = 0; i < size; i++, proved++) {
			assert_int_equal(merkle_inclusion_prove(&log, path, &len, i, size), ST_OK);
			assert_int_equal(merkle_inclusion_verify(root, size, i, leaf[i],
			                                         (const uint8_t (*)[32])path, len),
			                 ST_OK);
		}
		assert_int_equal(merkle_root(&oracle, other, LEAVES), ST_OK);
		assert_int_equal(merkle_consistency_prove(&log, path, &len, size, LEAVES), ST_OK);
		assert_int_equal(merkle_consistency_verify(root, size, other, LEAVES,
		                                           (const uint8_t (*)[32])path, len),
		                 ST_OK);
	}
	assert_true(proved > 5000);
	assert_int_equal(merkle_inclusion_prove(&log, path, &len, 3, LEAVES + 64), ST_NOT_FOUND);
	store_close(s);
}

static int begin(void **state)
{
	(void)state;
	prng_seed(&random_bytes, "test_store");
	return crypto_init() == ST_OK ? 0 : 1;
}

static int end(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_store_is_not_opened),
		cmocka_unit_test(a_reader_puts_nothing),
		cmocka_unit_test(a_block_that_does_not_fit_changes_nothing),
		cmocka_unit_test(a_prefix_of_an_older_ballot_is_refused),
		cmocka_unit_test(what_was_put_is_there_after_every_reopening),
		cmocka_unit_test(a_batch_is_kept_or_undone_as_a_whole),
		cmocka_unit_test(the_certificate_at_or_above_a_height_is_found),
		cmocka_unit_test(certificates_are_kept_once_and_in_their_place),
		cmocka_unit_test(genesis_signatures_are_put_once),
		cmocka_unit_test(every_leaf_is_proved_at_many_sizes),
	};
	return cmocka_run_group_tests(tests, begin, end);
}

/*
 * test_evidence.c: evidence names who contradicted himself, and nobody honest; nothing in it can be
 * changed.
 */
#include "common/ledger/evidence.h"
#include "common/ledger/transaction.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 4, VIEW = 7, ROOM = 1 << 16 };

static struct sign_secret secret[N];
static struct committee committee, others;
static uint8_t room[ROOM], again[ROOM];
static const uint8_t election[32] = { 0xe1, 0xec }, elsewhere[32] = { 0xe1, 0x5e };
static const uint8_t none[32], one[32] = { 1 }, two[32] = { 2 };

static int begin(void **state)
{
	uint8_t keys[N][32], seed[32] = { 3 };

	(void)state;
	if (crypto_init() != ST_OK)
		return 1;
	for (uint8_t i = 0; i < N; i++) {
		seed[1] = i;
		sign_from_seed(&secret[i], keys[i], seed);
	}
	return committee_init(&committee, N, election, group_ristretto255(),
	                      (const uint8_t (*)[32])keys) != ST_OK ||
	       committee_init(&others, N, elsewhere, group_ristretto255(),
	                      (const uint8_t (*)[32])keys) != ST_OK;
}

/* --- what nodes sign ------------------------------------------------------------------------- */

static struct vote vote_of(enum vote_type type, uint64_t view, const uint8_t *block,
                           unsigned int signer)
{
	struct vote v = { .type = type, .view = view, .signer = (uint8_t)signer };
	uint8_t body[VOTE_BODY_BYTES];
	struct message m;

	memcpy(v.block, type == VOTE_NULLIFY ? none : block, sizeof(v.block));
	vote_body(body, type, view, v.block);
	vote_message(&m, &committee, body);
	sign_message(&secret[signer], v.sig, &m);
	return v;
}

static struct certificate certificate_of(enum vote_type type, uint64_t view, const uint8_t *block,
                                         uint16_t signers)
{
	struct certificate c = { .type = type, .view = view, .signers = signers };
	unsigned int count = 0;

	memcpy(c.block, type == VOTE_NULLIFY ? none : block, sizeof(c.block));
	for (unsigned int i = 0; i < N; i++)
		if ((signers >> i & 1) != 0) {
			struct vote v = vote_of(type, view, block, i);

			memcpy(c.sig[count++], v.sig, sizeof(v.sig));
		}
	return c;
}

/* A header that its leader may sign, as far as the committee can tell. */
static struct block_header header_of(uint64_t view, uint64_t height)
{
	struct block_header h = {
		.version = BLOCK_VERSION, .height = height, .view = view, .parent_view = view - 1,
		.proposer = committee_leader(&committee, view), .time_min = 5,
		.log_size = 9,
	};

	memcpy(h.election_id, election, sizeof(h.election_id));
	block_body_hash(h.body_hash, NULL, 0);
	return h;
}

static struct vote vote_for(const struct block_header *h)
{
	uint8_t id[BLOCK_ID_BYTES];

	block_id(id, h);
	return vote_of(VOTE_NOTARIZE, h->view, id, committee_leader(&committee, h->view));
}

static enum status check(const struct evidence *e, uint16_t *nodes)
{
	struct evidence_finding f;
	enum status st = evidence_check(e, &committee, &f);

	if (nodes != NULL)
		*nodes = f.nodes;
	else
		assert_true(st == ST_OK || f.nodes == 0);
	return st;
}

/* Encode, decode, encode: the same.  Every prefix and every longer one is refused. */
static struct evidence travel(const struct evidence *e, size_t *len)
{
	struct evidence out;
	size_t more;

	assert_int_equal(evidence_encode(e, room, sizeof(room), len), ST_OK);
	assert_int_equal(evidence_encode(e, again, *len - 1, &more), ST_LIMIT);
	for (size_t i = 0; i < *len; i += 1 + i / 64)
		assert_int_not_equal(evidence_decode(&out, room, i), ST_OK);
	room[*len] = 0;
	assert_int_not_equal(evidence_decode(&out, room, *len + 1), ST_OK);
	assert_int_equal(evidence_decode(&out, room, *len), ST_OK);
	assert_int_equal(evidence_encode(&out, again, sizeof(again), &more), ST_OK);
	assert_int_equal(more, *len);
	assert_memory_equal(room, again, *len);
	return out;
}

/* What was shown is shown no more, or shown of the same nodes, if any byte is altered. */
static void no_byte_can_be_changed(const struct evidence *e, enum status want)
{
	struct evidence changed;
	struct evidence_finding f, was;
	size_t len;

	(void)travel(e, &len);
	assert_int_equal(evidence_check(e, &committee, &was), want);
	for (size_t i = 0; i < len; i++) {
		room[i] = (uint8_t)(room[i] ^ 1u << i % 8);
		if (evidence_decode(&changed, room, len) == ST_OK)
			assert_int_not_equal(evidence_check(&changed, &committee, &f), ST_OK);
		room[i] = (uint8_t)(room[i] ^ 1u << i % 8);
	}
}

/* --- double votes ---------------------------------------------------------------------------- */

static void pairs_that_no_honest_node_signs_name_their_signer(void **state)
{
	static const struct {
		enum vote_type a, b;
		const uint8_t *block_a, *block_b;
	} PAIRS[] = {
		{ VOTE_NOTARIZE, VOTE_NOTARIZE, one, two },
		{ VOTE_FINALIZE, VOTE_FINALIZE, one, two },
		{ VOTE_NOTARIZE, VOTE_FINALIZE, one, two },
		{ VOTE_NULLIFY, VOTE_FINALIZE, none, one },
	};
	struct evidence e, back;
	uint16_t nodes;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++)
		for (unsigned int signer = 0; signer < N; signer++) {
			struct vote a = vote_of(PAIRS[i].a, VIEW, PAIRS[i].block_a, signer);
			struct vote b = vote_of(PAIRS[i].b, VIEW, PAIRS[i].block_b, signer);

			assert_int_equal(evidence_of_votes(&e, &b, &a), ST_OK);
			back = travel(&e, &len);
			assert_int_equal(check(&back, &nodes), ST_OK);
			assert_int_equal(nodes, 1u << signer);
			if (signer == 1)
				no_byte_can_be_changed(&e, ST_OK);
		}
}

static void pairs_that_an_honest_node_signs_show_nothing(void **state)
{
	const struct vote honest[] = {
		vote_of(VOTE_NOTARIZE, VIEW, one, 2), vote_of(VOTE_NULLIFY, VIEW, none, 2),
		vote_of(VOTE_NOTARIZE, VIEW + 1, two, 2), vote_of(VOTE_FINALIZE, VIEW + 1, two, 2),
		vote_of(VOTE_FINALIZE, VIEW + 2, one, 2), vote_of(VOTE_NOTARIZE, VIEW, two, 1),
	};
	struct evidence e, back;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(honest) / sizeof(honest[0]); i++)
		for (size_t k = 0; k < sizeof(honest) / sizeof(honest[0]); k++) {
			assert_int_equal(evidence_of_votes(&e, &honest[i], &honest[k]), ST_OPENING);
			e = (struct evidence){ .kind = EVIDENCE_DOUBLE_VOTE, .a = honest[i],
			                       .b = honest[k] };
			back = travel(&e, &len);
			assert_int_equal(check(&back, NULL), ST_OPENING);
		}
}

static void votes_of_another_election_or_another_key_show_nothing(void **state)
{
	struct vote a = vote_of(VOTE_NOTARIZE, VIEW, one, 1);
	struct vote b = vote_of(VOTE_NOTARIZE, VIEW, two, 1);
	struct evidence_finding f;
	struct evidence e;

	(void)state;
	assert_int_equal(evidence_of_votes(&e, &a, &b), ST_OK);
	assert_int_equal(evidence_check(&e, &others, &f), ST_SIGNATURE);
	e.a.signer = e.b.signer = 2;
	assert_int_equal(evidence_check(&e, &committee, &f), ST_SIGNATURE);
	assert_int_equal(f.nodes, 0);
	e.a.signer = e.b.signer = N;
	assert_int_equal(evidence_check(&e, &committee, &f), ST_ROLE);
}

static void there_is_one_order_of_two_votes(void **state)
{
	struct vote a = vote_of(VOTE_NOTARIZE, VIEW, one, 1);
	struct vote b = vote_of(VOTE_NOTARIZE, VIEW, two, 1);
	struct evidence e, out;
	size_t len;

	(void)state;
	assert_int_equal(evidence_of_votes(&e, &a, &b), ST_OK);
	assert_int_equal(evidence_encode(&e, room, sizeof(room), &len), ST_OK);
	memcpy(again, room, len);
	memcpy(again + 1, room + 1 + VOTE_BYTES, VOTE_BYTES);
	memcpy(again + 1 + VOTE_BYTES, room + 1, VOTE_BYTES);
	assert_int_equal(evidence_decode(&out, again, len), ST_FORMAT);
	assert_int_equal(evidence_decode(&out, room, len), ST_OK);
}

/* --- unsound blocks -------------------------------------------------------------------------- */

static struct evidence unsound(const struct block_header *h)
{
	return (struct evidence){ .kind = EVIDENCE_UNSOUND_BLOCK, .a = vote_for(h), .header = *h };
}

static void a_header_that_can_never_be_valid_names_its_leader(void **state)
{
	struct block_header h[6];
	static const enum status WHY[] = { ST_ELECTION, ST_ROLE, ST_PARENT, ST_PARENT, ST_LIMIT,
	                                   ST_LIMIT };
	struct evidence_finding f;
	struct evidence e, back;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		h[i] = header_of(VIEW, 5);
	memcpy(h[0].election_id, elsewhere, sizeof(elsewhere));
	h[1].proposer = (uint8_t)((h[1].proposer + 1) % N);
	h[2].parent_view = VIEW;
	h[3].height = 0;
	h[4].n_items = LIMIT_BLOCK_ITEMS + 1;
	h[5].body_len = BLOCK_BODY_BYTES_MAX + 1;
	for (size_t i = 0; i < 6; i++) {
		e = unsound(&h[i]);
		back = travel(&e, &len);
		assert_int_equal(evidence_check(&back, &committee, &f), ST_OK);
		assert_int_equal(f.why, WHY[i]);
		assert_int_equal(f.nodes, 1u << committee_leader(&committee, VIEW));
		no_byte_can_be_changed(&e, ST_OK);
	}
}

static void a_body_that_can_never_be_valid_names_its_leader(void **state)
{
	/* One item of no known type; an item of no bytes; a manifest; bytes left over. */
	static const struct {
		uint8_t body[12];
		size_t len;
		uint32_t items;
		enum status why;
	} BODY[] = {
		{ { 0, 0, 0, 1, 0xee }, 5, 1, ST_FORMAT },
		{ { 0, 0, 0, 0 }, 4, 1, ST_FORMAT },
		{ { 0, 0, 0, 2, TX_GENESIS, 0 }, 6, 1, ST_PHASE },
		{ { 0, 0, 0, 1, TX_ROLL, 0 }, 6, 1, ST_FORMAT },
		{ { 0, 0, 0, 1, TX_ROLL }, 5, 2, ST_FORMAT },
		{ { 0, 0, 0, 1, TX_CLOSE, 0, 0, 0, 1, TX_ROLL }, 10, 2, ST_ORDER },
	};
	struct evidence_finding f;
	struct evidence e, back;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(BODY) / sizeof(BODY[0]); i++) {
		struct block_header h = header_of(VIEW, 5);

		h.n_items = BODY[i].items;
		h.body_len = (uint32_t)BODY[i].len;
		block_body_hash(h.body_hash, BODY[i].body, BODY[i].len);
		e = unsound(&h);
		assert_int_equal(check(&e, NULL), ST_INCOMPLETE);   /* the header alone is fine */
		e.has_body = true;
		e.body = BODY[i].body;
		e.body_len = BODY[i].len;
		back = travel(&e, &len);
		assert_int_equal(evidence_check(&back, &committee, &f), ST_OK);
		assert_int_equal(f.why, BODY[i].why);
		no_byte_can_be_changed(&e, ST_OK);
	}
}

static void an_honest_block_can_not_be_held_against_its_leader(void **state)
{
	static const uint8_t body[] = { 0, 0, 0, 1, TX_ROLL }, other[] = { 0, 0, 0, 1, 0xee };
	struct block_header h = header_of(VIEW, 5);
	struct evidence e;

	(void)state;
	h.n_items = 1;
	h.body_len = sizeof(body);
	block_body_hash(h.body_hash, body, sizeof(body));
	e = unsound(&h);
	e.has_body = true;
	e.body = body;
	e.body_len = sizeof(body);
	assert_int_equal(check(&e, NULL), ST_INCOMPLETE);
	e.body = other;                               /* not what was signed */
	assert_int_equal(check(&e, NULL), ST_HASH);
	e.body = body;
	e.header.time_min++;                          /* nor this */
	assert_int_equal(check(&e, NULL), ST_HASH);
	e.header.time_min--;
	/* A vote of somebody who does not lead says nothing of who proposed it. */
	e.a = vote_of(VOTE_NOTARIZE, VIEW, e.a.block, (committee_leader(&committee, VIEW) + 1u) % N);
	assert_int_equal(check(&e, NULL), ST_ROLE);
	e.a = vote_of(VOTE_FINALIZE, VIEW, e.a.block, committee_leader(&committee, VIEW));
	assert_int_equal(check(&e, NULL), ST_HASH);
}

/* --- forks ----------------------------------------------------------------------------------- */

struct branch {
	struct block_header h[3];
	uint8_t bytes[3 * BLOCK_HEADER_BYTES];
	struct evidence_branch b;
};

/* count headers from this view and height on; salt tells branches apart. */
static void make_branch(struct branch *b, uint64_t view, uint64_t height, uint16_t count,
                        uint8_t salt, uint16_t signers)
{
	uint8_t id[BLOCK_ID_BYTES];

	for (uint16_t i = 0; i < count; i++) {
		b->h[i] = header_of(view + i, height + i);
		b->h[i].state_hash[0] = salt;
		if (i > 0)
			memcpy(b->h[i].parent, id, sizeof(id));
		block_id(id, &b->h[i]);
		block_header_encode(b->bytes + i * BLOCK_HEADER_BYTES, &b->h[i]);
	}
	b->b.count = count;
	b->b.headers = b->bytes;
	b->b.certificate = certificate_of(VOTE_FINALIZE, view + count - 1u, id, signers);
}

static struct evidence fork_of(const struct branch *a, const struct branch *b)
{
	return (struct evidence){ .kind = EVIDENCE_FORK, .branch = { a->b, b->b } };
}

static void two_final_blocks_of_one_view_name_who_signed_both(void **state)
{
	struct evidence e, back;
	struct branch a, b;
	uint16_t nodes;
	size_t len;

	(void)state;
	make_branch(&a, VIEW, 5, 1, 1, 0x7);
	make_branch(&b, VIEW, 5, 1, 2, 0xe);
	e = fork_of(&a, &b);
	back = travel(&e, &len);
	assert_int_equal(check(&back, &nodes), ST_OK);
	assert_int_equal(nodes, 0x6);
	no_byte_can_be_changed(&e, ST_OK);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(evidence_of_certificates(&back, &a.b.certificate, &b.b.certificate,
		                                          i), ST_OK);
		assert_int_equal(check(&back, &nodes), ST_OK);
		assert_int_equal(nodes, 2u << i);
	}
	assert_int_equal(evidence_of_certificates(&back, &a.b.certificate, &b.b.certificate, 2),
	                 ST_NOT_FOUND);
	assert_int_equal(evidence_of_certificates(&back, &a.b.certificate, &a.b.certificate, 0),
	                 ST_OPENING);
}

static void a_fork_of_two_views_names_nobody_without_the_skipped_view(void **state)
{
	struct certificate u = certificate_of(VOTE_NULLIFY, VIEW, NULL, 0xd);
	uint8_t more[CERTIFICATE_BYTES_MAX];
	struct evidence e, back;
	struct branch a, b;
	struct writer w;
	uint16_t nodes;
	size_t len;

	(void)state;
	make_branch(&a, VIEW, 5, 1, 1, 0x7);
	make_branch(&b, VIEW + 2, 5, 3, 2, 0xe);
	e = fork_of(&a, &b);
	back = travel(&e, &len);
	assert_int_equal(check(&back, &nodes), ST_OK);
	assert_int_equal(nodes, 0);
	writer_init(&w, more, sizeof(more));
	certificate_write(&w, &u);
	e.certificates_len = 1;
	reader_init(&e.certificates, more, w.pos);
	back = travel(&e, &len);
	assert_int_equal(check(&back, &nodes), ST_OK);
	assert_int_equal(nodes, 0x5);
	no_byte_can_be_changed(&e, ST_OK);
}

static void what_is_no_fork_is_refused(void **state)
{
	struct branch a, b, child, longer, weak;
	struct evidence e;

	(void)state;
	make_branch(&a, VIEW, 5, 1, 1, 0x7);
	make_branch(&b, VIEW + 2, 7, 1, 2, 0x7);
	make_branch(&longer, VIEW, 5, 2, 1, 0x7);
	child = longer;                               /* the second of these two alone */
	child.b.count = 1;
	child.b.headers = child.bytes + BLOCK_HEADER_BYTES;
	make_branch(&weak, VIEW, 5, 1, 2, 0x3);
	e = fork_of(&a, &a);
	assert_int_equal(check(&e, NULL), ST_OPENING);
	e = fork_of(&a, &b);                          /* there is a height between them */
	assert_int_equal(check(&e, NULL), ST_OPENING);
	e = fork_of(&a, &child);
	assert_int_equal(check(&e, NULL), ST_OPENING);
	e = fork_of(&child, &a);                      /* the wrong way round */
	assert_int_equal(check(&e, NULL), ST_OPENING);
	e = fork_of(&a, &longer);                     /* the same, and its child */
	assert_int_equal(check(&e, NULL), ST_OPENING);
	e = fork_of(&a, &weak);
	assert_int_equal(check(&e, NULL), ST_CERTIFICATE);
	make_branch(&longer, VIEW + 1, 5, 3, 2, 0x7);
	longer.h[1].time_min++;                       /* not the parent of the third */
	block_header_encode(longer.bytes + BLOCK_HEADER_BYTES, &longer.h[1]);
	e = fork_of(&a, &longer);
	assert_int_equal(check(&e, NULL), ST_PARENT);
}

static void a_final_block_with_another_parent_than_the_final_one_is_a_fork(void **state)
{
	struct evidence e, back;
	struct branch a, b;
	uint16_t nodes;
	size_t len;

	(void)state;
	make_branch(&a, VIEW, 5, 1, 1, 0x7);
	make_branch(&b, VIEW + 1, 6, 2, 2, 0xe);   /* its parent is zeros */
	e = fork_of(&a, &b);
	back = travel(&e, &len);
	assert_int_equal(check(&back, &nodes), ST_OK);
	assert_int_equal(nodes, 0);   /* two views */
	no_byte_can_be_changed(&e, ST_OK);
}

static void a_fork_with_headers_that_break_other_rules_is_one_no_less(void **state)
{
	struct evidence e;
	struct branch a, b;
	uint8_t id[BLOCK_ID_BYTES];

	(void)state;
	make_branch(&a, VIEW, 5, 1, 1, 0x7);
	make_branch(&b, VIEW, 5, 2, 2, 0x7);
	b.h[1].time_min = 0;   /* time goes back */
	block_header_encode(b.bytes + BLOCK_HEADER_BYTES, &b.h[1]);
	block_id(id, &b.h[1]);
	b.b.certificate = certificate_of(VOTE_FINALIZE, VIEW + 1, id, 0x7);
	e = fork_of(&a, &b);
	assert_int_equal(check(&e, NULL), ST_OK);
}

static void a_rollback_is_never_more_than_a_word(void **state)
{
	struct evidence e = { .kind = EVIDENCE_ROLLBACK, .node = 2, .time_min = 77 };
	struct evidence back;
	struct branch high, low;
	size_t len;

	(void)state;
	make_branch(&high, VIEW, 9, 1, 1, 0x7);
	make_branch(&low, VIEW - 2, 5, 1, 1, 0x7);
	e.branch[0] = high.b;
	e.branch[1] = low.b;
	back = travel(&e, &len);
	assert_int_equal(check(&back, NULL), ST_INCOMPLETE);
	e.branch[1] = high.b;
	assert_int_equal(check(&e, NULL), ST_OPENING);
	e.branch[1] = low.b;
	e.node = N;
	assert_int_equal(check(&e, NULL), ST_ROLE);
	e.node = 2;
	e.branch[1].count = 0;   /* to nothing at all */
	back = travel(&e, &len);
	assert_int_equal(check(&back, NULL), ST_INCOMPLETE);
	e.branch[0] = e.branch[1];   /* but it had something */
	assert_int_equal(evidence_encode(&e, room, sizeof(room), &len), ST_OK);
	assert_int_equal(evidence_decode(&back, room, len), ST_FORMAT);
}

static void an_answer_is_for_those_who_have_the_manifest(void **state)
{
	static const uint8_t request[] = { MESSAGE_HEAD }, answer[] = { 99, 1, 2 };
	struct evidence e = { .kind = EVIDENCE_FALSE_ANSWER, .node = 2, .time_min = 77,
	                      .request = request, .request_len = sizeof(request),
	                      .answer = answer, .answer_len = sizeof(answer) };
	struct evidence back;
	size_t len;

	(void)state;
	back = travel(&e, &len);
	assert_int_equal(check(&back, NULL), ST_INCOMPLETE);
	e.node = N;
	assert_int_equal(check(&e, NULL), ST_ROLE);
	e.node = LIMIT_TRUSTEES;
	assert_int_equal(evidence_encode(&e, room, sizeof(room), &len), ST_OK);
	assert_int_equal(evidence_decode(&back, room, len), ST_FORMAT);
}

static void lists_end_at_their_limits(void **state)
{
	struct evidence e = { .kind = EVIDENCE_ROLLBACK }, back;
	const uint16_t count = EVIDENCE_HEADERS_MAX + 1;
	struct certificate c = certificate_of(VOTE_FINALIZE, VIEW, one, 0x7);
	uint8_t *headers = malloc((size_t)count * BLOCK_HEADER_BYTES);
	uint8_t *large = malloc(EVIDENCE_BYTES_MAX + 1), *certs = malloc(ROOM);
	struct block_header h = header_of(VIEW, 5);
	struct writer w;
	size_t len;

	(void)state;
	assert_non_null(headers);
	assert_non_null(large);
	assert_non_null(certs);
	for (unsigned int i = 0; i < count; i++)
		block_header_encode(headers + (size_t)i * BLOCK_HEADER_BYTES, &h);
	for (uint16_t n = EVIDENCE_HEADERS_MAX; n <= count; n++) {
		e.branch[0] = e.branch[1] = (struct evidence_branch){ n, headers, c };
		assert_int_equal(evidence_encode(&e, large, EVIDENCE_BYTES_MAX, &len), ST_OK);
		assert_int_equal(evidence_decode(&back, large, len), n == count ? ST_LIMIT : ST_OK);
	}
	e.kind = EVIDENCE_FORK;
	e.branch[0].count = e.branch[1].count = 1;
	writer_init(&w, certs, ROOM);
	for (uint16_t n = 1; n <= EVIDENCE_CERTIFICATES_MAX + 1; n++) {
		certificate_write(&w, &c);
		e.certificates_len = n;
		reader_init(&e.certificates, certs, w.pos);
		assert_int_equal(evidence_encode(&e, large, EVIDENCE_BYTES_MAX, &len), ST_OK);
		assert_int_equal(evidence_decode(&back, large, len),
		                 n > EVIDENCE_CERTIFICATES_MAX ? ST_LIMIT : ST_OK);
	}
	assert_int_equal(evidence_decode(&back, large, EVIDENCE_BYTES_MAX + 1), ST_LIMIT);
	free(headers);
	free(large);
	free(certs);
}

/* --- what needs the chain, and files --------------------------------------------------------- */

static struct promise promise_of(unsigned int node)
{
	struct promise p = { .tx_id = { 9 }, .node = (uint8_t)node, .time_min = 123 };
	uint8_t body[PROMISE_BODY_BYTES];
	const struct message m = {
		.purpose = "promise", .group = committee.group, .election_id = election,
		.body = body, .body_len = sizeof(body),
	};

	promise_body(body, &p);
	sign_message(&secret[node], p.sig, &m);
	return p;
}

static void a_promise_alone_shows_no_breach(void **state)
{
	static const uint8_t ballot[] = { TX_BALLOT, 1, 2, 3 };
	struct evidence e = { .kind = EVIDENCE_BREACH, .promise = promise_of(3), .tx = ballot,
	                      .tx_len = sizeof(ballot) };
	struct evidence back;
	size_t len;

	(void)state;
	back = travel(&e, &len);
	assert_int_equal(check(&back, NULL), ST_INCOMPLETE);
	e.promise.time_min++;
	assert_int_equal(check(&e, NULL), ST_SIGNATURE);
	e.promise = promise_of(3);
	e.promise.node = N;
	assert_int_equal(check(&e, NULL), ST_ROLE);
	e.promise.node = LIMIT_TRUSTEES;
	assert_int_equal(evidence_encode(&e, room, sizeof(room), &len), ST_OK);
	assert_int_equal(evidence_decode(&back, room, len), ST_LIMIT);
}

static void what_kiosks_and_trustees_signed_travels_whole(void **state)
{
	static const uint8_t share[] = { TX_SHARE, 2, 0, 0, 0, 1, 7 };
	struct evidence e = { .kind = EVIDENCE_TWO_FATES, .fates = {
		.kiosk = 3, .key = { 1 }, .tracker = { 2 }, .fate = { 3, 1 },
		.sig = { { 4 }, { 5 } } } };
	struct evidence back;
	size_t len;

	(void)state;
	back = travel(&e, &len);
	assert_int_equal(back.fates.fate[0], 1);
	assert_int_equal(back.fates.sig[0][0], 5);
	assert_int_equal(check(&back, NULL), ST_INCOMPLETE);
	e.fates.fate[1] = 3;                          /* twice the same is no contradiction */
	assert_int_equal(evidence_encode(&e, room, sizeof(room), &len), ST_OK);
	assert_int_equal(evidence_decode(&back, room, len), ST_FORMAT);
	for (int kind = EVIDENCE_FALSE_MESSAGE; kind <= EVIDENCE_CAST_AND_TESTED;
	     kind += EVIDENCE_CAST_AND_TESTED - EVIDENCE_FALSE_MESSAGE) {
		e = (struct evidence){ .kind = (enum evidence_kind)kind, .tx = share,
		                       .tx_len = sizeof(share) };
		back = travel(&e, &len);
		assert_int_equal(check(&back, NULL), ST_INCOMPLETE);
	}
}

static void a_file_gives_back_manifest_and_evidence(void **state)
{
	static const char manifest[] = "{\"title\": 1}";
	struct vote a = vote_of(VOTE_NOTARIZE, VIEW, one, 1);
	struct vote b = vote_of(VOTE_NOTARIZE, VIEW, two, 1);
	struct evidence e, back;
	const uint8_t *m;
	size_t len, file_len, m_len;

	(void)state;
	assert_int_equal(evidence_of_votes(&e, &a, &b), ST_OK);
	assert_int_equal(evidence_encode(&e, room, sizeof(room), &len), ST_OK);
	assert_int_equal(evidence_file_encode(again, sizeof(again), &file_len, manifest,
	                                      sizeof(manifest), room, len), ST_OK);
	assert_int_equal(file_len, EVIDENCE_HEAD_BYTES + sizeof(manifest) + len);
	for (size_t i = 0; i < file_len; i++)
		assert_int_not_equal(evidence_file_decode(&back, &m, &m_len, again, i), ST_OK);
	assert_int_equal(evidence_file_decode(&back, &m, &m_len, again, file_len), ST_OK);
	assert_int_equal(m_len, sizeof(manifest));
	assert_memory_equal(m, manifest, m_len);
	assert_int_equal(check(&back, NULL), ST_OK);
	again[3] ^= 1;
	assert_int_equal(evidence_file_decode(&back, &m, &m_len, again, file_len), ST_FORMAT);
}

static void kinds_that_do_not_exist_are_refused(void **state)
{
	static const uint8_t known[] = { 1, 2, 3, 4, 5, 6, 32, 33, 34 };
	struct evidence e;

	(void)state;
	for (unsigned int kind = 0; kind < 256; kind++) {
		bool is_known = memchr(known, (int)kind, sizeof(known)) != NULL;

		room[0] = (uint8_t)kind;
		assert_int_equal(evidence_decode(&e, room, 1), ST_FORMAT);
		assert_int_equal(strcmp(evidence_kind_name((enum evidence_kind)kind), "unknown") != 0,
		                 is_known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_that_no_honest_node_signs_name_their_signer),
		cmocka_unit_test(pairs_that_an_honest_node_signs_show_nothing),
		cmocka_unit_test(votes_of_another_election_or_another_key_show_nothing),
		cmocka_unit_test(there_is_one_order_of_two_votes),
		cmocka_unit_test(a_header_that_can_never_be_valid_names_its_leader),
		cmocka_unit_test(a_body_that_can_never_be_valid_names_its_leader),
		cmocka_unit_test(an_honest_block_can_not_be_held_against_its_leader),
		cmocka_unit_test(two_final_blocks_of_one_view_name_who_signed_both),
		cmocka_unit_test(a_fork_of_two_views_names_nobody_without_the_skipped_view),
		cmocka_unit_test(what_is_no_fork_is_refused),
		cmocka_unit_test(a_final_block_with_another_parent_than_the_final_one_is_a_fork),
		cmocka_unit_test(a_fork_with_headers_that_break_other_rules_is_one_no_less),
		cmocka_unit_test(a_rollback_is_never_more_than_a_word),
		cmocka_unit_test(an_answer_is_for_those_who_have_the_manifest),
		cmocka_unit_test(lists_end_at_their_limits),
		cmocka_unit_test(a_promise_alone_shows_no_breach),
		cmocka_unit_test(what_kiosks_and_trustees_signed_travels_whole),
		cmocka_unit_test(a_file_gives_back_manifest_and_evidence),
		cmocka_unit_test(kinds_that_do_not_exist_are_refused),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}

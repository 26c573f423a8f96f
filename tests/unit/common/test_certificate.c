/* test_certificate.c: a certificate is q true votes of one committee for one thing, or refused. */
#include "common/ledger/certificate.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct sign_secret secret[LIMIT_TRUSTEES];
static uint8_t key[LIMIT_TRUSTEES][32];
static const uint8_t election[32] = { 0xe1, 0xec };
static const uint8_t block[32] = { 0xb1, 0x0c };

static struct committee make_committee(unsigned int n)
{
	struct committee c;

	assert_int_equal(committee_init(&c, n, election, group_ristretto255(),
	                                (const uint8_t (*)[32])key), ST_OK);
	return c;
}

static struct vote make_vote(const struct committee *c, enum vote_type type, uint64_t view,
                             unsigned int signer)
{
	struct vote v = { .type = type, .view = view, .signer = (uint8_t)signer };
	uint8_t body[VOTE_BODY_BYTES];
	struct message m;

	if (type != VOTE_NULLIFY)
		memcpy(v.block, block, sizeof(v.block));
	vote_body(body, type, view, v.block);
	vote_message(&m, c, body);
	sign_message(&secret[signer], v.sig, &m);
	return v;
}

static struct certificate make_certificate(const struct committee *c, enum vote_type type,
                                           uint16_t signers)
{
	struct certificate cert = { .type = type, .view = 7, .signers = signers };
	unsigned int n = 0;

	if (type != VOTE_NULLIFY)
		memcpy(cert.block, block, sizeof(cert.block));
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		if ((signers >> i & 1) == 0)
			continue;
		struct vote v = make_vote(c, type, 7, i);
		memcpy(cert.sig[n++], v.sig, sizeof(v.sig));
	}
	return cert;
}

static void the_quorum_is_n_minus_f_for_every_n(void **state)
{
	static const unsigned int want[] = { 0, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9, 9 };

	(void)state;
	for (unsigned int n = 1; n <= LIMIT_TRUSTEES; n++) {
		assert_int_equal(committee_quorum(n), want[n]);
		/* Two quorums share more than f nodes, and q honest ones exist without f. */
		assert_true(2 * committee_quorum(n) - n > committee_faults(n));
	}
}

static void a_committee_of_none_or_of_too_many_is_refused(void **state)
{
	struct committee c;
	uint8_t keys[LIMIT_TRUSTEES + 1][32] = { { 0 } };

	(void)state;
	assert_int_equal(committee_init(&c, 0, election, group_ristretto255(),
	                                (const uint8_t (*)[32])keys), ST_LIMIT);
	assert_int_equal(committee_init(&c, LIMIT_TRUSTEES + 1, election, group_ristretto255(),
	                                (const uint8_t (*)[32])keys), ST_LIMIT);
	assert_int_equal(committee_init(&c, LIMIT_TRUSTEES, election, group_ristretto255(),
	                                (const uint8_t (*)[32])keys), ST_OK);
}

static void a_vote_holds_for_its_signer_view_type_block_election_and_suite_alone(void **state)
{
	struct committee c = make_committee(4), other = c;
	struct vote v = make_vote(&c, VOTE_NOTARIZE, 7, 2), bad;

	(void)state;
	assert_int_equal(vote_check(&v, &c), ST_OK);
	bad = v; bad.view = 8;
	assert_int_equal(vote_check(&bad, &c), ST_SIGNATURE);
	bad = v; bad.type = VOTE_FINALIZE;
	assert_int_equal(vote_check(&bad, &c), ST_SIGNATURE);
	bad = v; bad.block[0] ^= 1;
	assert_int_equal(vote_check(&bad, &c), ST_SIGNATURE);
	bad = v; bad.signer = 1;
	assert_int_equal(vote_check(&bad, &c), ST_SIGNATURE);
	bad = v; bad.signer = 4;
	assert_int_equal(vote_check(&bad, &c), ST_ROLE);
	bad = v; bad.sig[63] ^= 0x10;
	assert_int_equal(vote_check(&bad, &c), ST_SIGNATURE);
	other.election_id[5] ^= 1;
	assert_int_equal(vote_check(&v, &other), ST_SIGNATURE);
	other = c;
	other.group = group_rfc3526_2048();
	assert_int_equal(vote_check(&v, &other), ST_SIGNATURE);
}

static void a_vote_comes_back_as_it_was_written_and_no_prefix_does(void **state)
{
	struct committee c = make_committee(4);
	struct vote v = make_vote(&c, VOTE_FINALIZE, 0x0102030405060708, 3), back;
	uint8_t bytes[VOTE_BYTES];
	struct writer w;
	struct reader r;
	size_t len;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	vote_write(&w, &v);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	assert_int_equal(len, VOTE_BYTES);
	for (size_t cut = 0; cut < len; cut++) {
		reader_init(&r, bytes, cut);
		assert_int_equal(vote_read(&r, &back), ST_FORMAT);
		assert_int_equal(r.pos, 0);
	}
	reader_init(&r, bytes, len);
	assert_int_equal(vote_read(&r, &back), ST_OK);
	assert_int_equal(vote_check(&back, &c), ST_OK);
}

static void a_vote_that_is_no_vote_is_refused(void **state)
{
	struct committee c = make_committee(4);
	struct vote v = make_vote(&c, VOTE_NULLIFY, 7, 3), back;
	uint8_t good[VOTE_BYTES], bytes[VOTE_BYTES];
	struct { size_t at; uint8_t value; } bad[] = {
		{ 0, 0 }, { 0, 4 },              /* no such type */
		{ 9, 1 },                        /* NULLIFY with a block */
		{ 41, LIMIT_TRUSTEES },          /* no such node */
	};
	struct writer w;
	struct reader r;

	(void)state;
	writer_init(&w, good, sizeof(good));
	vote_write(&w, &v);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memcpy(bytes, good, sizeof(bytes));
		bytes[bad[i].at] = bad[i].value;
		reader_init(&r, bytes, sizeof(bytes));
		assert_int_equal(vote_read(&r, &back), ST_FORMAT);
	}
	memset(good + 1, 0, 8);   /* view 0 */
	reader_init(&r, good, sizeof(good));
	assert_int_equal(vote_read(&r, &back), ST_FORMAT);
}

static void votes_that_no_honest_node_signs_together_conflict(void **state)
{
	struct vote n = { .type = VOTE_NOTARIZE, .view = 3, .block = { 1 }, .signer = 1 };
	struct vote n2 = n, f = n, f2, u = { .type = VOTE_NULLIFY, .view = 3, .signer = 1 };

	(void)state;
	n2.block[0] = 2;
	f.type = VOTE_FINALIZE;
	f2 = f;
	f2.block[0] = 2;
	assert_true(vote_conflicts(&n, &n2) && vote_conflicts(&f, &f2) && vote_conflicts(&n, &f2));
	assert_true(vote_conflicts(&u, &f) && vote_conflicts(&f, &u));
	assert_false(vote_conflicts(&n, &f) || vote_conflicts(&n, &u) || vote_conflicts(&u, &n2));
	f2.view = 4;
	assert_false(vote_conflicts(&f, &f2));
	f2.view = 3;
	f2.signer = 2;
	assert_false(vote_conflicts(&f, &f2));
}

static void q_votes_are_a_certificate_and_fewer_are_not(void **state)
{
	struct committee c = make_committee(7);   /* q = 5 */
	struct certificate cert = make_certificate(&c, VOTE_FINALIZE, 0x1f);

	(void)state;
	assert_int_equal(certificate_check(&cert, &c), ST_OK);
	cert = make_certificate(&c, VOTE_FINALIZE, 0x6d);
	assert_int_equal(certificate_check(&cert, &c), ST_OK);
	cert = make_certificate(&c, VOTE_FINALIZE, 0x7f);
	assert_int_equal(certificate_check(&cert, &c), ST_OK);
	cert = make_certificate(&c, VOTE_FINALIZE, 0x0f);
	assert_int_equal(certificate_check(&cert, &c), ST_CERTIFICATE);
	cert = make_certificate(&c, VOTE_FINALIZE, 0x8f);   /* node 7 is not of this committee */
	assert_int_equal(certificate_check(&cert, &c), ST_CERTIFICATE);
}

static void one_false_signature_of_any_position_spoils_a_certificate(void **state)
{
	struct committee c = make_committee(7);
	struct certificate good = make_certificate(&c, VOTE_NOTARIZE, 0x75);

	(void)state;
	assert_int_equal(certificate_check(&good, &c), ST_OK);
	for (unsigned int i = 0; i < certificate_count(&good); i++) {
		struct certificate bad = good;

		bad.sig[i][3] ^= 1;
		assert_int_equal(certificate_check(&bad, &c), ST_SIGNATURE);
		bad = good;   /* somebody else's true signature in this place */
		memcpy(bad.sig[i], good.sig[(i + 1) % certificate_count(&good)], VOTE_SIG_BYTES);
		assert_int_equal(certificate_check(&bad, &c), ST_SIGNATURE);
	}
	good.signers = 0x7a;   /* the same signatures under other names */
	assert_int_equal(certificate_check(&good, &c), ST_SIGNATURE);
}

static void a_certificate_finalizes_its_own_block_and_no_other(void **state)
{
	struct committee c = make_committee(4);
	struct certificate f = make_certificate(&c, VOTE_FINALIZE, 0x7);
	struct certificate n = make_certificate(&c, VOTE_NOTARIZE, 0x7);
	uint8_t other[32];

	(void)state;
	memcpy(other, block, sizeof(other));
	other[31] ^= 1;
	assert_int_equal(certificate_finalizes(&f, 7, block, &c), ST_OK);
	assert_int_equal(certificate_finalizes(&f, 8, block, &c), ST_CERTIFICATE);
	assert_int_equal(certificate_finalizes(&f, 7, other, &c), ST_CERTIFICATE);
	assert_int_equal(certificate_finalizes(&n, 7, block, &c), ST_CERTIFICATE);
	f.sig[0][0] ^= 1;
	assert_int_equal(certificate_finalizes(&f, 7, block, &c), ST_SIGNATURE);
}

static void a_certificate_comes_back_as_it_was_written_and_no_prefix_does(void **state)
{
	struct committee c = make_committee(LIMIT_TRUSTEES);
	struct certificate cert = make_certificate(&c, VOTE_NOTARIZE, 0x1fff), back;
	uint8_t bytes[CERTIFICATE_BYTES_MAX], again[CERTIFICATE_BYTES_MAX];
	struct writer w;
	size_t len;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	certificate_write(&w, &cert);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	assert_int_equal(len, CERTIFICATE_BYTES_MAX);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(certificate_decode(&back, bytes, cut), ST_FORMAT);
	assert_int_equal(certificate_decode(&back, bytes, len), ST_OK);
	assert_int_equal(certificate_check(&back, &c), ST_OK);
	writer_init(&w, again, sizeof(again));
	certificate_write(&w, &back);
	assert_memory_equal(bytes, again, len);
	/* Fewer bits than signatures, a bit beyond the limit, no bit at all. */
	bytes[41] = 0x0f;
	assert_int_equal(certificate_decode(&back, bytes, len), ST_FORMAT);
	bytes[41] = 0x3f;
	assert_int_equal(certificate_decode(&back, bytes, len), ST_FORMAT);
	bytes[41] = bytes[42] = 0;
	assert_int_equal(certificate_decode(&back, bytes, CERTIFICATE_BYTES_MIN), ST_FORMAT);
}

static void the_votes_of_a_certificate_can_be_taken_out(void **state)
{
	struct committee c = make_committee(7);
	struct certificate cert = make_certificate(&c, VOTE_NULLIFY, 0x75);
	static const uint8_t signers[] = { 0, 2, 4, 5, 6 };

	(void)state;
	assert_int_equal(certificate_count(&cert), 5);
	for (unsigned int i = 0; i < 5; i++) {
		struct vote v;

		certificate_vote(&v, &cert, i);
		assert_int_equal(v.signer, signers[i]);
		assert_int_equal(vote_check(&v, &c), ST_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_quorum_is_n_minus_f_for_every_n),
		cmocka_unit_test(a_committee_of_none_or_of_too_many_is_refused),
		cmocka_unit_test(a_vote_holds_for_its_signer_view_type_block_election_and_suite_alone),
		cmocka_unit_test(a_vote_comes_back_as_it_was_written_and_no_prefix_does),
		cmocka_unit_test(a_vote_that_is_no_vote_is_refused),
		cmocka_unit_test(votes_that_no_honest_node_signs_together_conflict),
		cmocka_unit_test(q_votes_are_a_certificate_and_fewer_are_not),
		cmocka_unit_test(one_false_signature_of_any_position_spoils_a_certificate),
		cmocka_unit_test(a_certificate_finalizes_its_own_block_and_no_other),
		cmocka_unit_test(a_certificate_comes_back_as_it_was_written_and_no_prefix_does),
		cmocka_unit_test(the_votes_of_a_certificate_can_be_taken_out),
	};

	if (crypto_init() != ST_OK)
		return 1;
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		uint8_t seed[32] = { (uint8_t)(i + 1) };

		sign_from_seed(&secret[i], key[i], seed);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

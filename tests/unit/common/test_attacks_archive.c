/*
 * test_attacks_archive.c: what somebody who hands an archive to an observer may do to it
 * (attacks.md N40, N43, N61, N67, N71, N73, N78, N92, N93; protocol.md §10).
 *
 * Altered bytes are test_attacks_archive_bytes.c's; here whole records come and go, and whatever
 * is put in is signed as well as the attacker can.
 */
#include "tests/unit/lib/attack.h"

#include "common/election/audit.h"
#include "common/election/genesis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORDS = 128 };

struct record {
	uint8_t kind;
	uint8_t *bytes;
	size_t len;
};

/* An archive in pieces; the end record is made when it is written. */
struct archive {
	struct record rec[RECORDS];
	size_t len;
	size_t blocks;
};

static struct town *t;
static struct archive whole;   /* of t, complete and good */

static void add(struct archive *a, size_t at, uint8_t kind, const void *bytes, size_t len)
{
	struct record r = { .kind = kind, .bytes = malloc(len + 1), .len = len };

	assert_non_null(r.bytes);
	assert_true(a->len < RECORDS && at <= a->len);
	if (len > 0)
		memcpy(r.bytes, bytes, len);
	memmove(&a->rec[at + 1], &a->rec[at], (a->len - at) * sizeof(r));
	a->rec[at] = r;
	a->len++;
}

static void drop(struct archive *a, size_t at)
{
	free(a->rec[at].bytes);
	a->len--;
	memmove(&a->rec[at], &a->rec[at + 1], (a->len - at) * sizeof(a->rec[0]));
}

static void clear(struct archive *a)
{
	while (a->len > 0)
		drop(a, a->len - 1);
}

static void copy(struct archive *to, const struct archive *from)
{
	*to = (struct archive){ .blocks = from->blocks };
	for (size_t i = 0; i < from->len; i++)
		add(to, i, from->rec[i].kind, from->rec[i].bytes, from->rec[i].len);
}

static size_t put(uint8_t *out, const struct record *r)
{
	out[0] = r->kind;
	for (int i = 0; i < 4; i++)
		out[1 + i] = (uint8_t)(r->len >> (24 - 8 * i));
	memcpy(out + 5, r->bytes, r->len);
	return 5 + r->len;
}

/* The file; *starts, if not NULL, gets where each record begins, the end record last.  free. */
static uint8_t *write_out(const struct archive *a, size_t *len, size_t *starts)
{
	uint8_t count[8] = { 0 };
	struct record end = { .kind = ARCHIVE_END, .bytes = count, .len = sizeof(count) };
	size_t room = 8 + 13;
	uint8_t *out;

	for (size_t i = 0; i < a->len; i++)
		room += 5 + a->rec[i].len;
	out = malloc(room);
	assert_non_null(out);
	memcpy(out, "KALPIS1\n", 8);
	*len = 8;
	for (size_t i = 0; i <= a->len; i++) {
		if (starts != NULL)
			starts[i] = *len;
		count[7] = (uint8_t)a->len;
		*len += put(out + *len, i < a->len ? &a->rec[i] : &end);
	}
	assert_int_equal(*len, room);
	return out;
}

struct finding {
	enum audit_verdict verdict;
	enum audit_check failed;
	enum status st;
	uint64_t height;
	size_t incidents;
	char incident[2][160];
};

static struct finding look_bytes(const uint8_t *bytes, size_t len)
{
	const struct audit_options o = { .fingerprint = t->m->election_id };
	FILE *f = len == 0 ? tmpfile() : fmemopen((void *)(uintptr_t)bytes, len, "rb");
	struct finding out = { 0 };
	struct audit a;

	assert_non_null(f);
	assert_int_equal(audit_run(&a, f, &o), ST_OK);
	out.verdict = a.verdict;
	out.failed = a.failed;
	out.st = a.failed_st;
	out.height = a.failed_height;
	out.incidents = a.incidents_len;
	for (size_t i = 0; i < a.incidents_len && i < 2; i++)
		memcpy(out.incident[i], a.incidents[i].text, sizeof(out.incident[i]));
	audit_free(&a);
	(void)fclose(f);
	return out;
}

static struct finding look(const struct archive *a)
{
	size_t len;
	uint8_t *bytes = write_out(a, &len, NULL);
	struct finding out = look_bytes(bytes, len);

	free(bytes);
	return out;
}

/* The observer must call it a problem, for this reason; the archive is dropped. */
static void refused(struct archive *a, enum audit_check failed, enum status st)
{
	struct finding f = look(a);

	assert_int_equal(f.verdict, AUDIT_PROBLEM);
	assert_int_equal(f.st, st);
	assert_int_equal(f.failed, failed);
	clear(a);
}

static void undecided(struct archive *a)
{
	assert_int_equal(look(a).verdict, AUDIT_UNDECIDED);
	clear(a);
}

/* --- nodes that sign what they should not ---------------------------------------------------- */

static struct certificate certificate(enum vote_type type, uint64_t view, const uint8_t *block,
                                      uint16_t signers)
{
	struct certificate c = { .type = type, .view = view, .signers = signers };
	uint8_t body[VOTE_BODY_BYTES];
	size_t at = 0;

	if (block != NULL)
		memcpy(c.block, block, sizeof(c.block));
	vote_body(body, c.type, c.view, c.block);
	for (unsigned int i = 0; i < t->n; i++) {
		const struct message m = {
			.purpose = "vote", .group = t->m->suite, .election_id = t->m->election_id,
			.body = body, .body_len = sizeof(body),
		};

		if ((signers >> i & 1) != 0)
			sign_message(&t->node[i], c.sig[at++], &m);
	}
	return c;
}

static void add_certificate(struct archive *a, size_t at, const struct certificate *c)
{
	uint8_t bytes[CERTIFICATE_BYTES_MAX];
	struct writer w;
	size_t len;

	writer_init(&w, bytes, sizeof(bytes));
	certificate_write(&w, c);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	add(a, at, ARCHIVE_CERTIFICATE, bytes, len);
}

static void set_certificate(struct archive *a, const struct certificate *c)
{
	while (a->rec[a->len - 1].kind == ARCHIVE_CERTIFICATE)
		drop(a, a->len - 1);
	add_certificate(a, a->len, c);
}

static const struct block_header *header(size_t height)
{
	return &t->block[height].header;
}

/* --- setting up ------------------------------------------------------------------------------ */

static void load(struct town *town, struct archive *out)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&bytes, &len);
	struct reader r;

	assert_non_null(f);
	town_archive(town, f, 3);
	assert_int_equal(fclose(f), 0);
	reader_init(&r, bytes + 8, len - 8);
	for (;;) {
		const uint8_t *p;
		size_t n;
		uint8_t kind;

		assert_int_equal(reader_u8(&r, &kind), ST_OK);
		assert_int_equal(reader_vec32(&r, &p, &n, len), ST_OK);
		if (kind == ARCHIVE_END)
			break;
		add(out, out->len, kind, p, n);
		out->blocks += kind == ARCHIVE_BLOCK;
	}
	free(bytes);
}

static struct town_tx closing(struct town *town, uint32_t cast, uint32_t tested)
{
	static const uint8_t ROOT[32];
	struct town_tx tx = { .wire = malloc(512) };
	struct writer w;

	assert_non_null(tx.wire);
	writer_init(&w, tx.wire, 512);
	tx_begin(&w, TX_KIOSK_CLOSING);
	tx_closing_body(&w, 0, town->kiosk_key, cast, tested, 0, ROOT);
	assert_int_equal(writer_end(&w, &tx.len), ST_OK);
	tx.len += TX_SIG_BYTES;
	attack_sign_official(town, &tx, &town->kiosk);
	return tx;
}

/* Three ballots, one test, a kiosk that says so (or otherwise), and a result. */
static struct town *finished(uint32_t cast, uint32_t tested)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_CLOSED);

	town_block_one(town, attack_test(town, 0));
	town_block_one(town, closing(town, cast, tested));
	town_block_one(town, town_phase(town, TX_END, 0xf));
	town_finish(town);
	return town;
}

static int setup(void **state)
{
	(void)state;
	t = finished(3, 1);
	load(t, &whole);
	assert_int_equal(whole.blocks, t->blocks);
	assert_int_equal(whole.len, whole.blocks + 2);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	clear(&whole);
	attack_town_free(t);
	return 0;
}

/* --- cuts (N71) ------------------------------------------------------------------------------ */

static void n71_a_file_cut_between_two_records_is_never_green(void **state)
{
	size_t starts[RECORDS + 1], len;
	uint8_t *bytes = write_out(&whole, &len, starts);

	(void)state;
	assert_int_equal(look_bytes(bytes, len).verdict, AUDIT_GOOD);
	for (size_t i = 0; i <= whole.len; i++)
		assert_int_equal(look_bytes(bytes, starts[i]).verdict, AUDIT_UNDECIDED);
	free(bytes);
}

static void n71_a_file_cut_within_a_record_is_a_problem(void **state)
{
	size_t starts[RECORDS + 1], len;
	uint8_t *bytes = write_out(&whole, &len, starts);

	(void)state;
	for (size_t i = 0; i < 8; i++)   /* within the magic */
		assert_int_equal(look_bytes(bytes, i).verdict, AUDIT_PROBLEM);
	for (size_t i = 0; i <= whole.len; i++) {
		size_t end = i < whole.len ? starts[i + 1] : len;
		const size_t cuts[] = { starts[i] + 1, starts[i] + 4, starts[i] + 5, starts[i] + 6,
			                (starts[i] + end) / 2, end - 1 };

		for (size_t k = 0; k < sizeof(cuts) / sizeof(cuts[0]); k++) {
			struct finding f = look_bytes(bytes, cuts[k]);

			assert_int_equal(f.verdict, AUDIT_PROBLEM);
			assert_int_equal(f.st, ST_FORMAT);
		}
	}
	free(bytes);
}

/* Cut and closed again, as if it had always ended there. */
static void n71_a_tail_that_was_cut_off_cleanly_is_noticed(void **state)
{
	struct archive a;

	(void)state;
	for (size_t blocks = 1; blocks < whole.blocks; blocks++) {
		/* without certificate: it may be an election that goes on */
		copy(&a, &whole);
		while (a.rec[blocks].kind == ARCHIVE_BLOCK)
			drop(&a, blocks);
		drop(&a, a.len - 1);
		undecided(&a);
		/* with the certificate of the head that is missing: evidence */
		copy(&a, &whole);
		while (a.rec[blocks].kind == ARCHIVE_BLOCK)
			drop(&a, blocks);
		refused(&a, AUDIT_CERTIFICATES, ST_PARENT);
	}
}

static void n78_what_is_missing_is_never_green(void **state)
{
	struct audit_options o = { 0 };
	struct archive a;
	struct audit out;
	uint8_t *bytes;
	size_t len;
	FILE *f;

	(void)state;
	copy(&a, &whole);
	drop(&a, a.len - 1);                     /* no certificate */
	undecided(&a);
	copy(&a, &whole);
	drop(&a, whole.blocks);                  /* no signature under the manifest */
	undecided(&a);
	a = (struct archive){ 0 };               /* nothing at all */
	undecided(&a);
	copy(&a, &whole);                        /* the last block is not final */
	{
		size_t height = whole.blocks - 2;
		uint8_t id[32];
		struct certificate c;

		block_id(id, header(height));
		c = certificate(VOTE_FINALIZE, header(height)->view, id, 0x7);
		set_certificate(&a, &c);
	}
	undecided(&a);
	bytes = write_out(&whole, &len, NULL);   /* no fingerprint */
	f = fmemopen(bytes, len, "rb");
	assert_non_null(f);
	assert_int_equal(audit_run(&out, f, &o), ST_OK);
	assert_int_equal(out.verdict, AUDIT_UNDECIDED);
	audit_free(&out);
	(void)fclose(f);
	free(bytes);
}

/* --- records that come twice, go, or change places ------------------------------------------- */

static void n73_records_out_of_place_are_refused(void **state)
{
	struct archive a;

	(void)state;
	for (size_t i = 1; i < whole.blocks; i++) {
		copy(&a, &whole);                                    /* a block twice */
		add(&a, i, whole.rec[i].kind, whole.rec[i].bytes, whole.rec[i].len);
		refused(&a, AUDIT_BLOCKS, ST_PARENT);
		copy(&a, &whole);                                    /* a block less */
		drop(&a, i);
		if (i == whole.blocks - 1)
			refused(&a, AUDIT_CERTIFICATES, ST_PARENT);
		else
			refused(&a, AUDIT_BLOCKS, ST_PARENT);
		if (i == whole.blocks - 1)
			continue;
		copy(&a, &whole);                                    /* two that change places */
		add(&a, i, whole.rec[i + 1].kind, whole.rec[i + 1].bytes, whole.rec[i + 1].len);
		drop(&a, i + 2);
		refused(&a, AUDIT_BLOCKS, ST_PARENT);
	}
	copy(&a, &whole);                                            /* block 0 twice */
	add(&a, 1, whole.rec[0].kind, whole.rec[0].bytes, whole.rec[0].len);
	refused(&a, AUDIT_BLOCKS, ST_PARENT);
	copy(&a, &whole);                                            /* block 0 not first */
	drop(&a, 0);
	assert_int_equal(look(&a).verdict, AUDIT_PROBLEM);
	clear(&a);
	copy(&a, &whole);                                            /* signatures twice */
	add(&a, whole.blocks, whole.rec[whole.blocks].kind, whole.rec[whole.blocks].bytes,
	    whole.rec[whole.blocks].len);
	refused(&a, AUDIT_CONSTITUTION, ST_FORMAT);
	copy(&a, &whole);                                            /* or before the blocks */
	add(&a, 0, whole.rec[whole.blocks].kind, whole.rec[whole.blocks].bytes,
	    whole.rec[whole.blocks].len);
	assert_int_equal(look(&a).verdict, AUDIT_PROBLEM);
	clear(&a);
	copy(&a, &whole);                                            /* a certificate twice */
	add(&a, a.len, whole.rec[whole.len - 1].kind, whole.rec[whole.len - 1].bytes,
	    whole.rec[whole.len - 1].len);
	refused(&a, AUDIT_CERTIFICATES, ST_ORDER);
	copy(&a, &whole);                                            /* a kind that is none */
	add(&a, a.len, 7, "x", 1);
	refused(&a, AUDIT_COMPLETE, ST_FORMAT);
	copy(&a, &whole);                                            /* a record of no bytes */
	add(&a, a.len, ARCHIVE_CERTIFICATE, "", 0);
	refused(&a, AUDIT_CERTIFICATES, ST_FORMAT);
}

static void n73_more_bytes_behind_the_end_or_a_wrong_count_are_refused(void **state)
{
	size_t len;
	uint8_t *bytes = write_out(&whole, &len, NULL), *more = malloc(len + 1);

	(void)state;
	assert_non_null(more);
	memcpy(more, bytes, len);
	more[len] = 0;
	assert_int_equal(look_bytes(more, len + 1).verdict, AUDIT_PROBLEM);
	more[len - 1]++;
	assert_int_equal(look_bytes(more, len).verdict, AUDIT_PROBLEM);
	more[len - 1] -= 2;
	assert_int_equal(look_bytes(more, len).verdict, AUDIT_PROBLEM);
	more[len - 1]++;
	assert_int_equal(look_bytes(more, len).verdict, AUDIT_GOOD);
	free(bytes);
	free(more);
}

/* A length of 2^32 - 1 is refused before anything is read. */
static void n14_a_record_of_any_claimed_length_is_refused(void **state)
{
	static const uint8_t LENGTHS[][4] = { { 0xff, 0xff, 0xff, 0xff }, { 0x80, 0, 0, 0 },
		                              { 0, 0x10, 1, 0 } };
	size_t starts[RECORDS + 1], len;
	uint8_t *bytes = write_out(&whole, &len, starts);

	(void)state;
	for (size_t i = 0; i < sizeof(LENGTHS) / sizeof(LENGTHS[0]); i++) {
		struct finding f;

		memcpy(bytes + starts[1] + 1, LENGTHS[i], 4);
		f = look_bytes(bytes, len);
		assert_int_equal(f.verdict, AUDIT_PROBLEM);
		assert_int_equal(f.st, ST_LIMIT);
	}
	free(bytes);
}

/* --- who signed (N43, N67) ------------------------------------------------------------------- */

static void n43_signatures_under_another_manifest_are_refused(void **state)
{
	struct town *other = attack_town(ATTACK_LAST, PHASE_COMMIT);
	struct archive a, theirs = { 0 };
	uint8_t sigs[4][64];
	const struct message m = genesis_message(other->m);

	(void)state;
	load(other, &theirs);
	copy(&a, &whole);                                            /* of others' trustees */
	memcpy(a.rec[whole.blocks].bytes, theirs.rec[theirs.blocks].bytes,
	       theirs.rec[theirs.blocks].len);
	refused(&a, AUDIT_CONSTITUTION, ST_SIGNATURE);
	for (unsigned int i = 0; i < 4; i++)                         /* our own, of the other's */
		sign_message(&t->trustee[i], sigs[i], &m);
	copy(&a, &whole);
	memcpy(a.rec[whole.blocks].bytes, sigs, sizeof(sigs));
	refused(&a, AUDIT_CONSTITUTION, ST_SIGNATURE);
	copy(&a, &whole);                                            /* one missing */
	a.rec[whole.blocks].len -= 64;
	refused(&a, AUDIT_CONSTITUTION, ST_THRESHOLD);
	copy(&a, &whole);                                            /* two exchanged */
	memcpy(a.rec[whole.blocks].bytes, whole.rec[whole.blocks].bytes + 64, 64);
	memcpy(a.rec[whole.blocks].bytes + 64, whole.rec[whole.blocks].bytes, 64);
	refused(&a, AUDIT_CONSTITUTION, ST_SIGNATURE);
	/* the other election, whole and sound, under the fingerprint of this one */
	refused(&theirs, AUDIT_FINGERPRINT, ST_ELECTION);
	attack_town_free(other);
}

static void n67_certificates_that_are_too_weak_or_of_others_are_refused(void **state)
{
	const struct block_header *head = header(whole.blocks - 1);
	struct certificate c;
	struct archive a;
	uint8_t id[32];

	(void)state;
	block_id(id, head);
	c = certificate(VOTE_FINALIZE, head->view, id, 0x3);         /* too few */
	copy(&a, &whole);
	set_certificate(&a, &c);
	refused(&a, AUDIT_CERTIFICATES, ST_CERTIFICATE);
	c = certificate(VOTE_FINALIZE, head->view, id, 0xb);         /* node 3 said to be node 2 */
	c.signers = 0x7;
	copy(&a, &whole);
	set_certificate(&a, &c);
	refused(&a, AUDIT_CERTIFICATES, ST_SIGNATURE);
	c.signers = 0x13;                                            /* a node 4 of none */
	copy(&a, &whole);
	set_certificate(&a, &c);
	refused(&a, AUDIT_CERTIFICATES, ST_CERTIFICATE);
	c = certificate(VOTE_NOTARIZE, head->view, id, 0xf);         /* notarized, not final */
	copy(&a, &whole);
	set_certificate(&a, &c);
	undecided(&a);
	c.type = VOTE_FINALIZE;
	copy(&a, &whole);
	set_certificate(&a, &c);
	refused(&a, AUDIT_CERTIFICATES, ST_SIGNATURE);
	c = certificate(VOTE_FINALIZE, head->view, id, 0xe);         /* any three will do */
	copy(&a, &whole);
	set_certificate(&a, &c);
	assert_int_equal(look(&a).verdict, AUDIT_GOOD);
	clear(&a);
}

/* q nodes that sign two things: what an observer holds is then evidence, not an election. */
static void n67_certificates_that_contradict_the_chain_are_evidence(void **state)
{
	static const enum vote_type TYPES[] = { VOTE_NOTARIZE, VOTE_FINALIZE };
	const struct block_header *head = header(whole.blocks - 1);
	struct certificate c;
	struct archive a;
	uint8_t id[32], other[32];

	(void)state;
	block_id(id, head);
	memcpy(other, id, sizeof(other));
	other[0] ^= 1;
	for (size_t i = 0; i < 2; i++) {
		for (size_t height = 1; height < whole.blocks; height++) {
			c = certificate(TYPES[i], header(height)->view, other, 0xe);
			copy(&a, &whole);
			add_certificate(&a, whole.blocks + 1, &c);
			refused(&a, AUDIT_CERTIFICATES, ST_FORK);
		}
	}
	/* a view that q nodes gave up is none that q nodes made final */
	c = certificate(VOTE_NULLIFY, head->view, NULL, 0xe);
	copy(&a, &whole);
	add_certificate(&a, whole.blocks + 1, &c);
	refused(&a, AUDIT_CERTIFICATES, ST_CONFLICT);
	/* one that was given up after its block was notarized may lead on */
	c = certificate(VOTE_NULLIFY, header(3)->view, NULL, 0xe);
	copy(&a, &whole);
	add_certificate(&a, whole.blocks + 1, &c);
	assert_int_equal(look(&a).verdict, AUDIT_GOOD);
	clear(&a);
	/* a block of a view that has none here */
	c = certificate(VOTE_FINALIZE, head->view + 5, id, 0xe);
	copy(&a, &whole);
	add_certificate(&a, a.len, &c);
	refused(&a, AUDIT_CERTIFICATES, ST_PARENT);
}

/* --- what is in the blocks ------------------------------------------------------------------- */

static void a_proposer_that_does_not_lead_is_refused(void **state)
{
	struct archive a;
	struct block_header h = *header(1);
	const uint8_t leader = h.proposer;

	(void)state;
	for (uint8_t i = 0; i < 5; i++) {   /* node 4 is none */
		h.proposer = i;
		copy(&a, &whole);
		block_header_encode(a.rec[1].bytes, &h);
		if (i == leader) {
			assert_int_equal(look(&a).verdict, AUDIT_GOOD);
			clear(&a);
		} else {
			refused(&a, AUDIT_BLOCKS, ST_ROLE);
		}
	}
}

/* N61, N93: a leader who re-writes one block consistently has to re-write them all, and the nodes'
 * signature is over the last. */
static void n93_a_block_that_was_replaced_afterwards_is_refused(void **state)
{
	struct archive a;
	struct block_header h;

	(void)state;
	for (size_t height = 1; height < whole.blocks; height++) {
		h = *header(height);
		h.time_min++;   /* nothing else: all still holds */
		copy(&a, &whole);
		block_header_encode(a.rec[height].bytes, &h);
		if (height == whole.blocks - 1)
			refused(&a, AUDIT_CERTIFICATES, ST_FORK);
		else
			refused(&a, AUDIT_BLOCKS, ST_PARENT);
	}
}

/* Design §7: what a kiosk says at the close never stops anything, and is never passed over. */
static void a_kiosk_whose_figures_do_not_fit_is_told(void **state)
{
	struct town *kept = t;
	struct archive a = { 0 };
	struct finding f = look(&whole);

	(void)state;
	assert_int_equal(f.verdict, AUDIT_GOOD);
	assert_int_equal(f.incidents, 0);
	t = finished(5, 0);
	load(t, &a);
	f = look(&a);
	assert_int_equal(f.verdict, AUDIT_GOOD);
	assert_int_equal(f.incidents, 2);
	assert_string_equal(f.incident[0], "tests of kiosk 0: 0 said, 1 on the chain");
	assert_string_equal(f.incident[1], "ballots cast at kiosks: 5 said, 3 on the chain");
	clear(&a);
	attack_town_free(t);
	/* and one that says nothing */
	t = attack_town(ATTACK_NEVER, PHASE_ENDED);
	town_finish(t);
	load(t, &a);
	f = look(&a);
	assert_int_equal(f.verdict, AUDIT_GOOD);
	assert_int_equal(f.incidents, 1);
	assert_string_equal(f.incident[0],
	                    "kiosks that signed their closing: 0 said, 1 on the chain");
	clear(&a);
	attack_town_free(t);
	t = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n71_a_file_cut_between_two_records_is_never_green),
		cmocka_unit_test(n71_a_file_cut_within_a_record_is_a_problem),
		cmocka_unit_test(n71_a_tail_that_was_cut_off_cleanly_is_noticed),
		cmocka_unit_test(n78_what_is_missing_is_never_green),
		cmocka_unit_test(n73_records_out_of_place_are_refused),
		cmocka_unit_test(n73_more_bytes_behind_the_end_or_a_wrong_count_are_refused),
		cmocka_unit_test(n14_a_record_of_any_claimed_length_is_refused),
		cmocka_unit_test(n43_signatures_under_another_manifest_are_refused),
		cmocka_unit_test(n67_certificates_that_are_too_weak_or_of_others_are_refused),
		cmocka_unit_test(n67_certificates_that_contradict_the_chain_are_evidence),
		cmocka_unit_test(a_proposer_that_does_not_lead_is_refused),
		cmocka_unit_test(n93_a_block_that_was_replaced_afterwards_is_refused),
		cmocka_unit_test(a_kiosk_whose_figures_do_not_fit_is_told),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

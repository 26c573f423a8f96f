/*
 * test_booth.c: a whole kiosk in a town: keys, spool, papers and chain (N36, N37, N39, N41, N68,
 * N79, N83; kiosk.md: K10, K11).
 */
#include "common/base/file.h"
#include "common/base/hex.h"
#include "common/base/log.h"
#include "common/election/audit.h"
#include "common/election/check_ballot.h"
#include "crypto/mem.h"
#include "tests/unit/lib/booths.h"
#include "tests/unit/lib/scratch.h"
#include "voter-client/kiosk/booth_impl.h"
#include "voter-client/kiosk/closing.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct booths b;

/* --- looking at papers ------------------------------------------------------------------------ */

/* The value of "key=" in a file's text; "" when it is not there.  One of four buffers. */
static const char *line_of(const char *path, const char *key)
{
	static char value[4][512];
	static unsigned int turn;
	char *out = value[turn++ % 4], *at;
	char wanted[64];
	uint8_t *text;
	size_t len;

	(void)snprintf(wanted, sizeof(wanted), "\n%s=", key);
	out[0] = '\0';
	assert_int_equal(file_read(path, &text, &len, 65536), ST_OK);
	at = strstr((char *)text, wanted);
	if (at != NULL)
		(void)snprintf(out, 512, "%.*s", (int)strcspn(at + strlen(wanted), "\n"),
		               at + strlen(wanted));
	free(text);
	return out;
}

static void hex_line(uint8_t *out, size_t len, const char *path, const char *key)
{
	const char *hex = line_of(path, key);

	assert_int_equal(hex_decode(out, len, hex, strlen(hex)), ST_OK);
}

static const struct spool_record *record(uint32_t sequence)
{
	return spool_at(booth_spool(b.booth), sequence - 1);
}

static const char *slip_path(uint32_t sequence)
{
	static char path[LIMIT_PATH_BYTES];

	assert_int_equal(booth_path(b.booth, path, PAPER_SLIP, record(sequence)->tracker), ST_OK);
	return path;
}

static const char *receipt_path(uint32_t sequence)
{
	static char path[LIMIT_PATH_BYTES];

	assert_int_equal(booth_path(b.booth, path, PAPER_RECEIPT, record(sequence)->tracker), ST_OK);
	return path;
}

static void assert_receipt_is_good(uint32_t sequence)
{
	struct committee committee;
	struct receipt r;
	uint8_t *bytes;
	size_t len;

	assert_int_equal(file_read(receipt_path(sequence), &bytes, &len, RECEIPT_BYTES_MAX), ST_OK);
	assert_int_equal(receipt_decode(&r, bytes, len), ST_OK);
	assert_int_equal(audit_committee(&committee, b.town.m), ST_OK);
	assert_int_equal(receipt_check(&r, &committee), ST_OK);
	assert_memory_equal(r.tracker, record(sequence)->tracker, 32);
	free(bytes);
}

/* Both signatures on the slip, and its one fate. */
static void assert_slip(uint32_t sequence, enum slip_fate fate)
{
	const char *path = slip_path(sequence);
	struct slip_top top = { .kiosk = BOOTHS_KIOSK, .sequence = sequence };
	uint8_t sig[64];

	memcpy(top.tracker, record(sequence)->tracker, 32);
	hex_line(sig, 64, path, "signature");
	assert_int_equal(slip_check_top(b.town.m, &top, sig, b.town.kiosk_key), ST_OK);
	assert_string_equal(line_of(path, "fate"), slip_fate_name(fate));
	hex_line(sig, 64, path, "fate-signature");
	assert_int_equal(slip_check_fate(b.town.m, top.tracker, fate, sig, b.town.kiosk_key), ST_OK);
}

/* --- casting ---------------------------------------------------------------------------------- */

static void a_cast_ballot_is_on_the_chain_with_slip_and_receipt(void **state)
{
	struct ballot_record found;
	char print[CREDENTIAL_FINGERPRINT_TEXT];

	(void)state;
	booths_make(&b, "cast", "never", 3);
	booths_up(&b);
	booths_enter(&b, 0);
	booths_choose_and_lock(&b, 1);
	/* The top half stands before the voter decides, and says nothing of a fate (N36). */
	assert_int_equal(record(1)->state, SPOOL_SEALED);
	assert_string_equal(booths_told(&b, "slip"), slip_path(1));
	assert_string_equal(line_of(slip_path(1), "fate"), "");
	assert_string_equal(line_of(slip_path(1), "fingerprint"), "");
	assert_string_equal(booths_told(&b, "tracker"), booths_session(&b)->tracker);
	booths_command(&b, CMD_CAST);
	assert_int_equal(record(1)->state, SPOOL_CAST_REQUESTED);
	assert_int_equal(booths_session(&b)->at, AT_CASTING);
	booths_run(&b, 1000);
	assert_int_equal(booths_session(&b)->end, END_VOTED);
	assert_int_equal(record(1)->state, SPOOL_CAST);
	assert_receipt_is_good(1);
	assert_slip(1, SLIP_CAST);
	credential_fingerprint_format(print, credential_fingerprint(b.town.m->election_id,
	                                                            b.town.voter[0].key_bytes, 32));
	assert_string_equal(line_of(slip_path(1), "fingerprint"), print);
	assert_string_equal(booths_told(&b, "receipt"), receipt_path(1));
	assert_string_equal(booths_told(&b, "fate"), "CAST");
	assert_int_equal(election_find(b.town.e, record(1)->tracker, &found), ST_OK);
	assert_int_equal(found.fate, FATE_LIVE);
	assert_true(b.forgotten > 0);
	/* And that card is used up. */
	booths_command(&b, CMD_DONE);
	booths_run(&b, 10000);
	{
		char text[CREDENTIAL_CODE_TEXT];

		credential_code_format(text, &b.code[0]);
		booths_line(&b, text);
	}
	assert_int_equal(booths_session(&b)->end, END_USED);
	booths_free(&b);
}

static void a_transaction_goes_to_f_plus_one_nodes_at_once(void **state)
{
	unsigned int asked = 0;

	(void)state;
	booths_make(&b, "nodes", "never", 3);
	booths_up(&b);
	b.port.is_mining = false;
	booths_enter(&b, 1);
	booths_choose_and_lock(&b, 0);
	booths_command(&b, CMD_CAST);
	booths_run(&b, 50);
	for (unsigned int i = 0; i < 4; i++)
		asked += b.port.submitted[i];
	assert_int_equal(asked, 2);
	/* While no receipt comes, the others get it too. */
	booths_run(&b, 6000);
	for (unsigned int i = 0; i < 4; i++)
		assert_true(b.port.submitted[i] >= 1);
	b.port.is_mining = true;
	booths_run(&b, 1000);
	assert_int_equal(booths_session(&b)->end, END_VOTED);
	booths_free(&b);
}

static void without_a_quorum_it_is_recorded_and_the_receipt_comes_late(void **state)
{
	(void)state;
	booths_make(&b, "late", "never", 3);
	booths_up(&b);
	b.port.is_mining = false;
	booths_enter(&b, 0);
	booths_choose_and_lock(&b, 2);
	booths_command(&b, CMD_CAST);
	booths_run(&b, SESSION_PATIENCE_MS);
	assert_int_equal(booths_session(&b)->end, END_RECORDED);
	assert_string_equal(booths_told(&b, "fate"), "RECORDED");
	assert_int_equal(record(1)->state, SPOOL_CAST_REQUESTED);
	assert_string_equal(line_of(slip_path(1), "fate"), "");
	assert_false(file_is_there(receipt_path(1)));
	assert_int_equal(booth_pending(b.booth), 1);
	/* The next voter comes, and the chain goes on while they vote. */
	booths_command(&b, CMD_DONE);
	booths_enter(&b, 1);
	b.port.is_mining = true;
	booths_run(&b, 2000);
	assert_int_equal(booths_session(&b)->at, AT_CONTEST);
	assert_int_equal(record(1)->state, SPOOL_CAST);
	assert_receipt_is_good(1);
	assert_slip(1, SLIP_CAST);
	booths_free(&b);
}

static void a_lie_of_a_node_never_says_that_you_have_voted(void **state)
{
	static const enum townport_character liars[] = { NODE_RECEIPT_LIAR, NODE_OTHERS_RECEIPT,
	                                                 NODE_NOISY, NODE_FORGETFUL, NODE_SILENT };

	(void)state;
	booths_make(&b, "lies", "never", 3);
	booths_up(&b);
	booths_vote(&b, 11, 0);   /* somebody else's receipt is to be had */
	for (size_t i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
		for (unsigned int n = 0; n < 4; n++)
			b.port.character[n] = liars[i];
		booths_enter(&b, (uint32_t)(2 * i));
		booths_choose_and_lock(&b, 1);
		booths_command(&b, CMD_CAST);
		booths_run(&b, SESSION_PATIENCE_MS);
		assert_int_equal(booths_session(&b)->end, END_RECORDED);
		/* One honest node is enough to come through. */
		b.port.character[3] = NODE_HONEST;
		booths_command(&b, CMD_DONE);
		booths_run(&b, 40000);
		assert_int_equal(record((uint32_t)i + 2)->state, SPOOL_CAST);
		assert_receipt_is_good((uint32_t)i + 2);
		for (unsigned int n = 0; n < 4; n++)
			b.port.character[n] = NODE_HONEST;
		booths_run(&b, 25000);
	}
	booths_free(&b);
}

static void it_serves_only_on_a_certified_chain(void **state)
{
	struct fault fault;

	(void)state;
	booths_make(&b, "proof", "never", 3);
	for (unsigned int n = 0; n < 4; n++)
		b.port.character[n] = NODE_UNCERTIFIED;
	assert_int_equal(booths_start(&b, &fault), ST_OK);
	booths_run(&b, 30000);
	assert_int_equal(booths_session(&b)->at, AT_OUT);
	assert_int_equal(booths_session(&b)->service, SERVICE_STARTING);
	/* One node that is behind is not believed when it says that there is no more. */
	b.port.character[0] = b.port.character[1] = NODE_HONEST;
	b.port.character[2] = NODE_STALE;
	booths_run(&b, 30000);
	assert_int_equal(booths_session(&b)->service, SERVICE_READY);
	booths_free(&b);
}

static void a_kiosk_that_is_not_registered_or_cut_off_does_not_serve(void **state)
{
	struct fault fault;

	(void)state;
	booths_make(&b, "device", "never", 3);
	b.key->sign_seed[0] ^= 1;
	assert_int_equal(booths_start(&b, &fault), ST_OK);
	booths_run(&b, 15000);
	assert_int_equal(booths_session(&b)->service, SERVICE_NOT_REGISTERED);
	booths_down(&b);
	b.key->sign_seed[0] ^= 1;
	booths_up(&b);
	assert_int_equal(booths_session(&b)->service, SERVICE_READY);
	b.port.is_away = true;
	booths_run(&b, 30000);
	assert_int_equal(booths_session(&b)->service, SERVICE_UNREACHABLE);
	assert_int_equal(booths_session(&b)->at, AT_OUT);
	b.port.is_away = false;
	booths_run(&b, 5000);
	assert_int_equal(booths_session(&b)->at, AT_CREDENTIAL);
	booths_free(&b);
}

/* Two kiosks, one card: one ballot counts, and the other kiosk says so. */
static void a_ballot_that_the_chain_refuses_is_rejected_and_becomes_void(void **state)
{
	const uint32_t mayor[4] = { 0, 1, 0, 0 };
	struct town_tx tx;

	(void)state;
	booths_make(&b, "reject", "never", 3);
	booths_up(&b);
	booths_enter(&b, 1);
	booths_choose_and_lock(&b, 0);
	tx = town_ballot(&b.town, 1, 1, mayor, 4);   /* meanwhile, elsewhere */
	town_block_one(&b.town, tx);
	booths_command(&b, CMD_CAST);
	booths_run(&b, 1000);
	assert_int_equal(booths_session(&b)->end, END_REJECTED);
	assert_string_equal(booths_told(&b, "fate"), "REJECTED");
	booths_command(&b, CMD_DONE);
	booths_run(&b, 10000);
	assert_int_equal(record(1)->state, SPOOL_VOID);
	assert_slip(1, SLIP_VOID);
	booths_free(&b);
}

/* --- testing ---------------------------------------------------------------------------------- */

/* The signed opening is one that an observer accepts. */
static void assert_opening_is_good(const char *path, uint32_t mayor_slot)
{
	const struct election_params *p = election_params(b.town.e);
	struct ballot_test t;
	uint8_t id[TX_ID_BYTES];
	uint8_t *bytes;
	struct tx tx;
	size_t len;

	assert_int_equal(file_read(path, &bytes, &len, LIMIT_TX_BYTES), ST_OK);
	assert_int_equal(tx_decode(&tx, bytes, len), ST_OK);
	assert_int_equal(ballot_test_decode(&t, b.town.m, &tx), ST_OK);
	assert_int_equal(check_ballot_once(p, &tx, id), ST_OK);
	assert_memory_equal(t.kiosk_key, b.town.kiosk_key, 32);
	assert_int_equal(t.kiosk, BOOTHS_KIOSK);
	assert_int_equal(ballot_test_selection(&t, b.town.m, mayor_slot), 1);
	params_unref(p);
	free(bytes);
}

static void a_tested_ballot_is_opened_and_the_voter_votes_again(void **state)
{
	(void)state;
	booths_make(&b, "test", "never", 3);
	booths_up(&b);
	booths_enter(&b, 0);
	booths_choose_and_lock(&b, 2);
	booths_command(&b, CMD_TEST);
	assert_int_equal(booths_session(&b)->at, AT_OPENED);
	assert_int_equal(record(1)->state, SPOOL_TESTED);
	assert_slip(1, SLIP_TESTED);
	assert_opening_is_good(booths_told(&b, "opening"), 3);
	/* No fingerprint ties the opened choices to a card. */
	assert_string_equal(line_of(slip_path(1), "fingerprint"), "");
	booths_command(&b, CMD_AGAIN);
	booths_choose_and_lock(&b, 0);
	booths_command(&b, CMD_CAST);
	booths_run(&b, 1000);
	assert_int_equal(booths_session(&b)->end, END_VOTED);
	assert_slip(2, SLIP_CAST);
	assert_slip(1, SLIP_TESTED);
	booths_free(&b);
}

static void at_its_quota_of_tests_it_locks_nothing_more(void **state)
{
	(void)state;
	booths_make(&b, "quota", "never", 1);
	booths_up(&b);
	booths_enter(&b, 1);
	booths_choose_and_lock(&b, 0);
	booths_command(&b, CMD_TEST);
	assert_true(booths_session(&b)->no_tests_left);
	booths_command(&b, CMD_STOP);
	booths_command(&b, CMD_LEAVE);
	booths_command(&b, CMD_DONE);
	booths_run(&b, 1000);
	assert_int_equal(booths_session(&b)->at, AT_OUT);
	assert_int_equal(booths_session(&b)->service, SERVICE_TESTS_USED);
	booths_free(&b);
}

/* --- void ------------------------------------------------------------------------------------- */

static void idle_or_stopped_a_locked_ballot_is_void(void **state)
{
	(void)state;
	booths_make(&b, "void", "never", 3);
	booths_up(&b);
	booths_enter(&b, 0);
	booths_choose_and_lock(&b, 1);
	booths_run(&b, SESSION_IDLE_MS + SESSION_WARN_MS + 100);
	assert_int_equal(booths_session(&b)->end, END_VOIDED);
	assert_int_equal(record(1)->state, SPOOL_VOID);
	assert_int_equal(record(1)->bytes_len, 0);
	assert_slip(1, SLIP_VOID);
	booths_command(&b, CMD_DONE);
	/* The card still works; and switching off is no way to leave a ballot undecided. */
	booths_enter(&b, 0);
	booths_choose_and_lock(&b, 1);
	booths_down(&b);
	booths_up(&b);
	assert_int_equal(record(2)->state, SPOOL_VOID);
	assert_slip(2, SLIP_VOID);
	booths_vote(&b, 0, 0);
	assert_slip(3, SLIP_CAST);
	booths_free(&b);
}

/* --- revote ----------------------------------------------------------------------------------- */

/* The code on the folded paper of a ballot. */
static void secret_code(char out[static CREDENTIAL_CODE_TEXT], uint32_t sequence)
{
	char path[LIMIT_PATH_BYTES];
	uint8_t *text;
	size_t len;
	char *at;

	assert_int_equal(booth_path(b.booth, path, PAPER_SECRET, record(sequence)->tracker), ST_OK);
	assert_int_equal(file_read(path, &text, &len, 4096), ST_OK);
	at = strstr((char *)text, "\n    ");
	assert_non_null(at);
	(void)snprintf(out, CREDENTIAL_CODE_TEXT, "%.29s", at + 5);
	free(text);
}

static void under_last_the_slips_secret_replaces_the_ballot(void **state)
{
	char first[CREDENTIAL_CODE_TEXT], wrong[CREDENTIAL_CODE_TEXT];
	struct ballot_record found;
	struct credential_code other;

	(void)state;
	booths_make(&b, "revote", "last", 3);
	booths_up(&b);
	booths_vote(&b, 1, 0);
	secret_code(first, 1);
	booths_enter(&b, 1);
	assert_int_equal(booths_session(&b)->at, AT_OLD_SLIP);
	credential_code_generate(&other);
	credential_code_format(wrong, &other);
	booths_line(&b, wrong);
	assert_int_equal(booths_session(&b)->notice, NOTICE_OLD_BAD);
	booths_command(&b, CMD_OK);
	/* The credential's own code is not the slip's. */
	credential_code_format(wrong, &b.code[1]);
	booths_line(&b, wrong);
	assert_int_equal(booths_session(&b)->notice, NOTICE_OLD_BAD);
	booths_command(&b, CMD_OK);
	booths_line(&b, first);
	assert_int_equal(booths_session(&b)->at, AT_CONTEST);
	booths_choose_and_lock(&b, 2);
	booths_command(&b, CMD_CAST);
	booths_run(&b, 1000);
	assert_int_equal(booths_session(&b)->end, END_VOTED);
	assert_receipt_is_good(2);
	assert_int_equal(election_find(b.town.e, record(1)->tracker, &found), ST_OK);
	assert_int_equal(found.fate, FATE_REPLACED);
	assert_int_equal(election_find(b.town.e, record(2)->tracker, &found), ST_OK);
	assert_int_equal(found.fate, FATE_LIVE);
	/* A second time, with the second slip; the first is of no use any more. */
	booths_command(&b, CMD_DONE);
	booths_run(&b, 10000);
	booths_enter(&b, 1);
	booths_line(&b, first);
	assert_int_equal(booths_session(&b)->notice, NOTICE_OLD_BAD);
	booths_free(&b);
}

/* --- what is left behind ---------------------------------------------------------------------- */

static bool holds(const uint8_t *bytes, size_t len, const void *wanted, size_t wanted_len)
{
	return memmem(bytes, len, wanted, wanted_len) != NULL;
}

static size_t search_folder(const char *folder, const void *wanted, size_t wanted_len,
                            size_t *files)
{
	struct file_names names;
	size_t hits = 0;

	assert_int_equal(file_list(&names, folder, 1000), ST_OK);
	for (size_t i = 0; i < names.count; i++) {
		char path[LIMIT_PATH_BYTES];
		uint8_t *bytes;
		size_t len;

		assert_int_equal(file_join(path, sizeof(path), folder, names.name[i]), ST_OK);
		assert_int_equal(file_read(path, &bytes, &len, 4 << 20), ST_OK);
		hits += holds(bytes, len, wanted, wanted_len);
		++*files;
		free(bytes);
	}
	file_names_free(&names);
	return hits;
}

static void assert_nowhere(const void *wanted, size_t len)
{
	size_t files = 0;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(search_folder(b.folder[i], wanted, len, &files), 0);
	assert_true(files >= 6);   /* spool, slips, receipts: there was something to look at */
}

static void no_file_holds_a_choice_a_code_or_a_cast_ballots_randomness(void **state)
{
	static const char *const words[] = {
		"ada-id", "alan-id", "grace-id", "Ada Lovelace", "Alan Turing", "Grace Hopper", "emmy-id",
		"Emmy Noether", "evariste-id", "mayor",
	};
	uint8_t openings[3][LIMIT_BALLOT_CIPHERTEXTS * 32];
	size_t openings_len[3];
	char code[CREDENTIAL_CODE_TEXT];
	char log_path[600];
	uint8_t *log;
	size_t log_len;
	int fd;

	(void)state;
	(void)snprintf(log_path, sizeof(log_path), "%s", scratch_path("kiosk.log"));
	fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	log_setup("voter-client", LOG_LEVEL_DEBUG, LOG_STAMP_NONE);
	log_to(fd);
	booths_make(&b, "grep", "never", 3);
	booths_up(&b);
	for (uint32_t v = 0; v < 3; v++) {   /* cast, cast, void */
		booths_enter(&b, v);
		booths_choose_and_lock(&b, (uint16_t)v);
		openings_len[v] = b.booth->locked->openings_len;
		memcpy(openings[v], b.booth->locked->openings, openings_len[v]);
		if (v < 2)
			booths_command(&b, CMD_CAST);
		booths_run(&b, v < 2 ? 1000 : SESSION_IDLE_MS + SESSION_WARN_MS + 100);
		booths_command(&b, CMD_DONE);
		booths_run(&b, 5000);
	}
	booths_enter(&b, 4);
	booths_choose_and_lock(&b, 1);
	booths_down(&b);   /* a power cut, as far as the disk can tell */
	booths_up(&b);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_nowhere(words[i], strlen(words[i]));
	for (uint32_t v = 0; v < 3; v++) {
		for (size_t i = 0; i < openings_len[v]; i += 32)
			assert_nowhere(openings[v] + i, 32);
		credential_code_format(code, &b.code[v]);
		assert_nowhere(code, 9);
	}
	assert_nowhere(b.key->sign_seed, 32);
	assert_nowhere(b.key->device_secret, 32);
	assert_int_equal(file_read(log_path, &log, &log_len, 1 << 20), ST_OK);
	assert_true(holds(log, log_len, "interrupted-ballot-void", 23) || log_len == 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_false(holds(log, log_len, words[i], strlen(words[i])));
	free(log);
	log_to(STDERR_FILENO);
	(void)close(fd);
	booths_free(&b);
}

/* Every slip opens the commitment in its ballot, and the slips together are one chain. */
static void slips_open_the_device_commitments_of_one_chain(void **state)
{
	uint8_t chain[32], before[32], blinding[32], device[32];

	(void)state;
	booths_make(&b, "chain", "never", 3);
	booths_up(&b);
	b.port.is_mining = false;   /* so that the records keep their bytes */
	slip_chain_start(chain, b.town.m->election_id, BOOTHS_KIOSK);
	for (uint32_t n = 1; n <= 3; n++) {
		struct ballot_test t;
		struct ballot ballot;
		struct tx tx;

		booths_enter(&b, n);
		booths_choose_and_lock(&b, 0);
		booths_command(&b, n == 2 ? CMD_TEST : CMD_CAST);
		booths_run(&b, SESSION_PATIENCE_MS);
		hex_line(before, 32, slip_path(n), "device-before");
		hex_line(blinding, 32, slip_path(n), "device-blinding");
		assert_memory_equal(before, chain, 32);
		slip_device(device, BOOTHS_KIOSK, n, before, blinding);
		assert_int_equal(tx_decode(&tx, record(n)->bytes, record(n)->bytes_len), ST_OK);
		if (n == 2) {
			assert_int_equal(ballot_test_decode(&t, b.town.m, &tx), ST_OK);
			assert_memory_equal(t.body.device, device, 32);
			booths_command(&b, CMD_STOP);
			booths_command(&b, CMD_LEAVE);
		} else {
			assert_int_equal(ballot_decode(&ballot, b.town.m, &tx), ST_OK);
			assert_memory_equal(ballot.body.device, device, 32);
		}
		slip_chain_next(chain, chain, record(n)->tracker, blinding);
		booths_command(&b, CMD_DONE);
	}
	booths_free(&b);
}

/* --- the close -------------------------------------------------------------------------------- */

static enum closing_state drive_closing(struct closing *c, uint32_t ms)
{
	enum closing_state state = CLOSING_WAITS;

	for (uint32_t t = 0; t < ms && state != CLOSING_DONE && state != CLOSING_LATE; t += 50) {
		booths_run(&b, 50);
		state = closing_step(c, b.now);
	}
	return state;
}

static void audit_is_good(struct audit *a, unsigned int incidents)
{
	const struct audit_options o = { .fingerprint = b.town.m->election_id };
	FILE *f = tmpfile();

	assert_non_null(f);
	town_archive(&b.town, f, b.town.m->quorum);
	rewind(f);
	assert_int_equal(audit_run(a, f, &o), ST_OK);
	(void)fclose(f);
	assert_int_equal(a->verdict, AUDIT_GOOD);
	assert_int_equal(a->incidents_len, incidents);
}

static void after_the_close_tests_and_closing_go_to_the_chain(void **state)
{
	struct closing_account account;
	struct ballot_record found;
	struct closing *c;
	struct audit a;
	char *list;
	size_t len;

	(void)state;
	booths_make(&b, "close", "never", 9);
	booths_up(&b);
	booths_vote(&b, 0, 0);
	for (int i = 0; i < 3; i++) {
		booths_enter(&b, 2);
		booths_choose_and_lock(&b, 1);
		booths_command(&b, CMD_TEST);
		booths_command(&b, CMD_STOP);
		booths_command(&b, CMD_LEAVE);
		booths_command(&b, CMD_DONE);
	}
	booths_enter(&b, 4);
	booths_choose_and_lock(&b, 1);
	booths_run(&b, SESSION_IDLE_MS + SESSION_WARN_MS + 100);
	booths_command(&b, CMD_DONE);
	booths_vote(&b, 3, 2);
	assert_int_equal(closing_new(&c, b.booth, b.key), ST_OK);
	/* Before the close nothing is sent. */
	assert_int_equal(drive_closing(c, 5000), CLOSING_WAITS);
	assert_int_equal(election_kiosk_tests(b.town.e, BOOTHS_KIOSK), 0);
	town_block_one(&b.town, town_phase(&b.town, TX_CLOSE, town_everyone(&b.town)));
	assert_int_equal(drive_closing(c, 60000), CLOSING_DONE);
	assert_int_equal(closing_published(c), 3);
	assert_int_equal(election_kiosk_tests(b.town.e, BOOTHS_KIOSK), 3);
	assert_int_equal(closing_account(&account, booth_spool(b.booth)), ST_OK);
	assert_int_equal(account.cast, 2);
	assert_int_equal(account.tested, 3);
	assert_int_equal(account.voided, 1);
	assert_int_equal(closing_list(&list, &len, booth_spool(b.booth)), ST_OK);
	assert_non_null(strstr(list, " TESTED\n"));
	assert_int_equal(len, 6 * 20 + 2 * 4 + 3 * 6 + 4 + 6);
	free(list);
	for (uint32_t n = 2; n <= 4; n++) {
		assert_int_equal(election_find(b.town.e, record(n)->tracker, &found), ST_OK);
		assert_int_equal(found.fate, FATE_TESTED);
	}
	closing_free(c);
	/* The whole election, checked by a stranger; the closing adds up. */
	town_block_one(&b.town, town_phase(&b.town, TX_END, town_everyone(&b.town)));
	town_finish(&b.town);
	audit_is_good(&a, 0);
	assert_int_equal(a.lines[AUDIT_TESTS].count, 3);
	audit_free(&a);
	booths_free(&b);
}

/* What was written before a kill is what is written after it; and it says nothing of time. */
static void the_order_of_tests_is_that_of_their_trackers(void **state)
{
	uint32_t *order, *again, len, in_time = 0;

	(void)state;
	booths_make(&b, "order", "never", 30);
	booths_up(&b);
	booths_enter(&b, 1);
	for (int i = 0; i < 12; i++) {
		booths_choose_and_lock(&b, 0);
		booths_command(&b, CMD_TEST);
		booths_command(&b, CMD_AGAIN);
	}
	assert_int_equal(closing_tests(&order, &len, booth_spool(b.booth)), ST_OK);
	assert_int_equal(len, 12);
	assert_int_equal(closing_tests(&again, &len, booth_spool(b.booth)), ST_OK);
	assert_memory_equal(order, again, len * sizeof(*order));
	for (uint32_t i = 1; i < len; i++) {
		assert_true(memcmp(record(order[i - 1] + 1)->tracker, record(order[i] + 1)->tracker,
		                   32) < 0);
		in_time += order[i - 1] < order[i];
	}
	assert_true(in_time < len - 1);   /* fails once in 12! tries */
	free(order);
	free(again);
	booths_free(&b);
}

static int setup(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cast_ballot_is_on_the_chain_with_slip_and_receipt),
		cmocka_unit_test(a_transaction_goes_to_f_plus_one_nodes_at_once),
		cmocka_unit_test(without_a_quorum_it_is_recorded_and_the_receipt_comes_late),
		cmocka_unit_test(a_lie_of_a_node_never_says_that_you_have_voted),
		cmocka_unit_test(it_serves_only_on_a_certified_chain),
		cmocka_unit_test(a_kiosk_that_is_not_registered_or_cut_off_does_not_serve),
		cmocka_unit_test(a_ballot_that_the_chain_refuses_is_rejected_and_becomes_void),
		cmocka_unit_test(a_tested_ballot_is_opened_and_the_voter_votes_again),
		cmocka_unit_test(at_its_quota_of_tests_it_locks_nothing_more),
		cmocka_unit_test(idle_or_stopped_a_locked_ballot_is_void),
		cmocka_unit_test(under_last_the_slips_secret_replaces_the_ballot),
		cmocka_unit_test(no_file_holds_a_choice_a_code_or_a_cast_ballots_randomness),
		cmocka_unit_test(slips_open_the_device_commitments_of_one_chain),
		cmocka_unit_test(after_the_close_tests_and_closing_go_to_the_chain),
		cmocka_unit_test(the_order_of_tests_is_that_of_their_trackers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

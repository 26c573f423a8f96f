/*
 * test_spool.c: what was written is there after a power cut at any moment, and every ballot ends
 * as exactly one of cast, tested and void (N37, N75; kiosk.md: K10).
 */
#include "common/base/file.h"
#include "common/election/audit.h"
#include "common/ledger/receipt.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/booths.h"
#include "tests/unit/lib/scratch.h"
#include "voter-client/kiosk/booth_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- power cuts ------------------------------------------------------------------------------- */

enum { EXIT_CUT = 42 };

/* The program ends as this many more calls that reach the disk have begun; negative: never. */
static int cut_after = -1;

static void maybe_cut(void)
{
	if (cut_after > 0 && --cut_after == 0)
		_exit(EXIT_CUT);
}

/* In place of the C library's: file.c calls these.  What matters here is their order; the disk is
 * spared. */
int fsync(int fd)
{
	(void)fd;
	maybe_cut();
	return 0;
}

int rename(const char *from, const char *to)
{
	maybe_cut();
	return (int)syscall(SYS_rename, from, to);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
	maybe_cut();
	return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* --- the spool alone -------------------------------------------------------------------------- */

static struct spool_owner owner;
static const uint8_t body[] = "the body of a ballot";
static unsigned int folders;

static const char *new_folder(void)
{
	static char name[32];

	(void)snprintf(name, sizeof(name), "spool-%u", folders++);
	return scratch_path(name);
}

static struct spool *open_spool(const char *folder)
{
	struct fault fault = { 0 };
	struct spool *s;

	if (spool_open(&s, folder, &owner, &fault) != ST_OK)
		fail_msg("%s", fault.what);
	return s;
}

static void add(struct spool *s)
{
	uint8_t tracker[32], blinding[32];

	rng_bytes(tracker, sizeof(tracker));
	rng_bytes(blinding, sizeof(blinding));
	assert_int_equal(spool_seal(s, tracker, blinding, body, sizeof(body)), ST_OK);
}

static void records_come_back_as_they_were(void **state)
{
	const char *folder = new_folder();
	struct spool *s = open_spool(folder);
	struct spool_record was[3];
	uint8_t before[32], again[32];

	(void)state;
	for (int i = 0; i < 3; i++)
		add(s);
	assert_int_equal(spool_change(s, 2, SPOOL_CAST_REQUESTED, body, 7), ST_OK);
	assert_int_equal(spool_change(s, 3, SPOOL_VOID, NULL, 0), ST_OK);
	for (size_t i = 0; i < 3; i++)
		was[i] = *spool_at(s, i);
	assert_int_equal(spool_next(s, before), 4);
	spool_close(s);
	s = open_spool(folder);
	assert_int_equal(spool_count(s), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct spool_record *r = spool_at(s, i);

		assert_int_equal(r->sequence, i + 1);
		assert_int_equal(r->state, was[i].state);
		assert_memory_equal(r->tracker, was[i].tracker, 32);
		assert_memory_equal(r->before, was[i].before, 32);
		assert_memory_equal(r->blinding, was[i].blinding, 32);
		assert_int_equal(r->bytes_len, was[i].bytes_len);
	}
	assert_memory_equal(spool_at(s, 1)->bytes, body, 7);
	assert_int_equal(spool_next(s, again), 4);
	assert_memory_equal(again, before, 32);
	assert_int_equal(spool_count_in(s, SPOOL_VOID), 1);
	spool_close(s);
}

static void a_record_goes_no_other_way(void **state)
{
	struct spool *s = open_spool(new_folder());
	static const enum spool_state to[] = { SPOOL_SEALED, SPOOL_CAST_REQUESTED, SPOOL_CAST,
	                                       SPOOL_TESTED, SPOOL_VOID };
	/* rows: from; columns: to */
	static const bool may[5][5] = { { 0, 1, 0, 1, 1 }, { 0, 0, 1, 0, 1 }, { 0 }, { 0 }, { 0 } };

	(void)state;
	for (size_t from = 0; from < 5; from++)
		for (size_t i = 0; i < 5; i++) {
			bool has_bytes = to[i] == SPOOL_SEALED || to[i] == SPOOL_CAST_REQUESTED ||
			                 to[i] == SPOOL_TESTED;
			uint32_t n;

			add(s);
			n = (uint32_t)spool_count(s);
			if (to[from] == SPOOL_CAST || to[from] == SPOOL_CAST_REQUESTED)
				assert_int_equal(spool_change(s, n, SPOOL_CAST_REQUESTED, body, 3), ST_OK);
			if (to[from] == SPOOL_CAST || to[from] == SPOOL_VOID)
				assert_int_equal(spool_change(s, n, to[from], NULL, 0), ST_OK);
			if (to[from] == SPOOL_TESTED)
				assert_int_equal(spool_change(s, n, SPOOL_TESTED, body, 3), ST_OK);
			assert_int_equal(spool_change(s, n, to[i], has_bytes ? body : NULL,
			                              has_bytes ? 5 : 0),
			                 may[from][i] ? ST_OK : ST_CONFLICT);
		}
	assert_int_equal(spool_change(s, 0, SPOOL_VOID, NULL, 0), ST_NOT_FOUND);
	assert_int_equal(spool_change(s, 26, SPOOL_VOID, NULL, 0), ST_NOT_FOUND);
	add(s);
	assert_int_equal(spool_change(s, 26, SPOOL_VOID, body, 1), ST_FORMAT);
	assert_int_equal(spool_change(s, 26, SPOOL_TESTED, NULL, 0), ST_FORMAT);
	spool_close(s);
}

static enum status reopen(const char *folder, const struct spool_owner *who)
{
	struct spool *s;
	enum status st = spool_open(&s, folder, who, NULL);

	spool_close(s);
	return st;
}

static void another_key_kiosk_or_election_is_refused(void **state)
{
	const char *folder = new_folder();
	struct spool *s = open_spool(folder);
	struct spool_owner other;

	(void)state;
	add(s);
	assert_int_equal(reopen(folder, &owner), ST_AGAIN);   /* it is held */
	spool_close(s);
	other = owner;
	other.key[0] ^= 1;
	assert_int_equal(reopen(folder, &other), ST_SEAL);
	other = owner;
	other.kiosk++;
	assert_int_equal(reopen(folder, &other), ST_ELECTION);
	other = owner;
	other.election_id[31] ^= 1;
	assert_int_equal(reopen(folder, &other), ST_ELECTION);
	assert_int_equal(reopen(folder, &owner), ST_OK);
}

static void a_missing_swapped_or_altered_record_is_noticed(void **state)
{
	const char *folder = new_folder();
	struct spool *s = open_spool(folder);
	char one[600], two[600], three[600];
	uint8_t *bytes;
	size_t len;

	(void)state;
	for (int i = 0; i < 3; i++)
		add(s);
	spool_close(s);
	(void)snprintf(one, sizeof(one), "%s/000001.ballot", folder);
	(void)snprintf(two, sizeof(two), "%s/000002.ballot", folder);
	(void)snprintf(three, sizeof(three), "%s/aside", folder);
	assert_int_equal(rename(two, three), 0);
	assert_int_equal(reopen(folder, &owner), ST_HASH);
	assert_int_equal(rename(one, two), 0);
	assert_int_equal(rename(three, one), 0);
	assert_int_equal(reopen(folder, &owner), ST_HASH);
	assert_int_equal(rename(one, three), 0);
	assert_int_equal(rename(two, one), 0);
	assert_int_equal(rename(three, two), 0);
	assert_int_equal(reopen(folder, &owner), ST_OK);
	assert_int_equal(file_read(two, &bytes, &len, 4096), ST_OK);
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 0x40;
		assert_int_equal(file_write(two, bytes, len, FILE_REPLACE, FILE_PRIVATE), ST_OK);
		assert_int_equal(reopen(folder, &owner), ST_SEAL);
		bytes[i] ^= 0x40;
	}
	assert_int_equal(file_write(two, bytes, len, FILE_REPLACE, FILE_PRIVATE), ST_OK);
	assert_int_equal(reopen(folder, &owner), ST_OK);
	free(bytes);
}

static void its_files_show_nothing(void **state)
{
	const char *folder = new_folder();
	struct spool *s = open_spool(folder);
	char path[600];
	uint8_t *bytes;
	struct stat st;
	size_t len;

	(void)state;
	add(s);
	(void)snprintf(path, sizeof(path), "%s/000001.ballot", folder);
	assert_int_equal(file_read(path, &bytes, &len, 4096), ST_OK);
	assert_null(memmem(bytes, len, body, 8));
	assert_null(memmem(bytes, len, spool_at(s, 0)->tracker, 8));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(bytes);
	spool_close(s);
}

/* --- a kiosk whose power fails ---------------------------------------------------------------- */

static struct booths b;

/* One ballot cast, one tested, one left void. */
static void a_morning(uint32_t voter)
{
	booths_up(&b);
	booths_enter(&b, voter);
	booths_choose_and_lock(&b, 0);
	booths_command(&b, CMD_CAST);
	booths_run(&b, 1000);
	booths_command(&b, CMD_DONE);
	booths_run(&b, 5000);
	booths_enter(&b, 61);
	booths_choose_and_lock(&b, 1);
	booths_command(&b, CMD_TEST);
	booths_command(&b, CMD_STOP);
	booths_command(&b, CMD_LEAVE);
	booths_command(&b, CMD_DONE);
	booths_enter(&b, 63);
	booths_choose_and_lock(&b, 2);
	booths_run(&b, SESSION_IDLE_MS + SESSION_WARN_MS + 100);
}

/* In a child, until the power fails.  True: it did. */
static bool morning_with_a_cut(int after, uint32_t voter)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		cut_after = after;
		a_morning(voter);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EXIT_CUT);
	return WEXITSTATUS(status) == EXIT_CUT;
}

static bool slip_says(uint32_t sequence, const char *what)
{
	const struct spool_record *r = spool_at(booth_spool(b.booth), sequence - 1);
	char path[LIMIT_PATH_BYTES];
	uint8_t *text;
	size_t len;
	bool says;

	assert_int_equal(booth_path(b.booth, path, PAPER_SLIP, r->tracker), ST_OK);
	if (file_read(path, &text, &len, SLIP_TEXT_MAX) != ST_OK)
		return false;
	says = strstr((char *)text, what) != NULL;
	free(text);
	return says;
}

static void check_receipt(const struct spool_record *r)
{
	struct committee committee;
	struct receipt receipt;
	char path[LIMIT_PATH_BYTES];
	uint8_t *bytes;
	size_t len;

	assert_int_equal(booth_path(b.booth, path, PAPER_RECEIPT, r->tracker), ST_OK);
	assert_int_equal(file_read(path, &bytes, &len, RECEIPT_BYTES_MAX), ST_OK);
	assert_int_equal(receipt_decode(&receipt, bytes, len), ST_OK);
	assert_int_equal(audit_committee(&committee, b.town.m), ST_OK);
	assert_int_equal(receipt_check(&receipt, &committee), ST_OK);
	assert_memory_equal(receipt.tracker, r->tracker, 32);
	free(bytes);
}

static void check_record(const struct spool_record *r)
{
	char path[LIMIT_PATH_BYTES];
	enum slip_fate fate;

	assert_true(r->state == SPOOL_CAST || r->state == SPOOL_TESTED || r->state == SPOOL_VOID);
	fate = r->state == SPOOL_CAST ? SLIP_CAST : r->state == SPOOL_TESTED ? SLIP_TESTED : SLIP_VOID;
	for (enum slip_fate f = SLIP_CAST; f <= SLIP_VOID; f++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "\nfate=%s\n", slip_fate_name(f));
		assert_int_equal(slip_says(r->sequence, line), f == fate);
	}
	if (r->state == SPOOL_CAST)
		check_receipt(r);
	assert_int_equal(booth_path(b.booth, path, PAPER_OPENING, r->tracker), ST_OK);
	/* An opening may be on the disk only of what ended as a test. */
	assert_int_equal(file_is_there(path), r->state == SPOOL_TESTED);
}

static void no_half_files(const char *folder)
{
	struct file_names names;

	assert_int_equal(file_list(&names, folder, 100), ST_OK);
	for (size_t i = 0; i < names.count; i++)
		assert_null(strstr(names.name[i], ".tmp"));
	file_names_free(&names);
}

static void after_a_power_cut_at_any_moment_every_ballot_has_one_fate(void **state)
{
	static const char *const folder[] = { "spool", "receipts", "slips" };
	uint32_t fates[SPOOL_VOID + 1] = { 0 };
	int cuts = 0;
	bool was_cut = true;

	(void)state;
	booths_make(&b, "cut", "never", 5);
	while (was_cut) {
		cuts++;
		for (size_t i = 0; i < 3; i++)
			(void)snprintf(b.folder[i], sizeof(b.folder[i]), "%s/cut-%d-%s", scratch_folder(),
			               cuts, folder[i]);
		assert_true(cuts < 60);
		was_cut = morning_with_a_cut(cuts, (uint32_t)cuts);   /* a voter who may still vote */
		/* The voter of a ballot that was asked to be cast is long gone; the nodes have lost it. */
		booths_up(&b);
		booths_run(&b, 5000);
		assert_int_equal(booth_pending(b.booth), 0);
		for (size_t i = 0; i < spool_count(booth_spool(b.booth)); i++) {
			check_record(spool_at(booth_spool(b.booth), i));
			fates[spool_at(booth_spool(b.booth), i)->state]++;
		}
		no_half_files(b.folder[0]);
		/* The kiosk goes on where it was. */
		assert_int_equal(booths_session(&b)->at, AT_CREDENTIAL);
		booths_down(&b);
	}
	assert_true(cuts > 30);   /* so many moments there were */
	assert_true(fates[SPOOL_CAST] > 0 && fates[SPOOL_TESTED] > 0 && fates[SPOOL_VOID] > 0);
	booths_free(&b);
}

static bool has_a_sealed_record(void)
{
	struct spool_owner mine = { .kiosk = BOOTHS_KIOSK };
	struct spool *s;
	bool has;

	memcpy(mine.election_id, b.town.m->election_id, 32);
	spool_key(mine.key, b.key->device_secret, mine.election_id);
	if (spool_open(&s, b.folder[0], &mine, NULL) != ST_OK)
		return false;
	has = spool_count_in(s, SPOOL_SEALED) == 1;
	spool_close(s);
	return has;
}

/* The same while it recovers: a second cut changes nothing. */
static void a_power_cut_during_recovery_is_recovered_from(void **state)
{
	bool was_cut = true;

	(void)state;
	booths_make(&b, "twice", "never", 5);
	for (int after = 1; !has_a_sealed_record(); after++)
		assert_true(morning_with_a_cut(after, 1));
	for (int after = 1; was_cut; after++) {
		int status;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			cut_after = after;
			booths_up(&b);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		was_cut = WEXITSTATUS(status) == EXIT_CUT;
	}
	booths_up(&b);
	assert_int_equal(spool_count(booth_spool(b.booth)), 1);
	check_record(spool_at(booth_spool(b.booth), 0));
	assert_int_equal(spool_at(booth_spool(b.booth), 0)->state, SPOOL_VOID);
	booths_free(&b);
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	rng_bytes(&owner, sizeof(owner));
	return 0;
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
		cmocka_unit_test(records_come_back_as_they_were),
		cmocka_unit_test(a_record_goes_no_other_way),
		cmocka_unit_test(another_key_kiosk_or_election_is_refused),
		cmocka_unit_test(a_missing_swapped_or_altered_record_is_noticed),
		cmocka_unit_test(its_files_show_nothing),
		cmocka_unit_test(after_a_power_cut_at_any_moment_every_ballot_has_one_fate),
		cmocka_unit_test(a_power_cut_during_recovery_is_recovered_from),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

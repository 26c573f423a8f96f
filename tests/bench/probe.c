/*
 * probe.c: what the units cost now: a decoding of a point (D), a check of a node's signature, and
 * an fsync of a short record in the folder given.
 *
 *	probe FOLDER     measures every 100 ms until its input ends, then prints the medians:
 *	                 decode_us=, check_us=, fsync_us=
 *
 * Decoding and checking are processor time; the fsync is as long as it takes.
 */
#include "tests/bench/unit.h"

#include "common/base/clock.h"
#include "crypto/sign.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES_MAX = 4096, CHECKS = 8, INTERVAL_MS = 100, RECORD = 256 };

static double check[SAMPLES_MAX], sync_[SAMPLES_MAX];
static const struct message message = { .purpose = "bench", .body = "b", .body_len = 1 };
static uint8_t key[SIGN_KEY_BYTES], sig[SIGN_BYTES];

static double check_s(void)
{
	double start = unit_seconds();

	for (int i = 0; i < CHECKS; i++)
		if (sign_verify(key, sig, &message) != ST_OK)
			abort();
	return (unit_seconds() - start) / CHECKS;
}

static double sync_s(int fd)
{
	static const uint8_t record[RECORD] = { 1 };
	uint64_t start = clock_mono_us();

	if (write(fd, record, sizeof(record)) != RECORD || fdatasync(fd) != 0)
		abort();
	return (double)(clock_mono_us() - start) * 1e-6;
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	struct sign_secret secret;
	char path[4096];
	size_t n = 0;
	int fd;

	if (argc != 2 || snprintf(path, sizeof(path), "%s/probe", argv[1]) >= (int)sizeof(path))
		return 2;
	unit_init();
	sign_keygen(&secret, key);
	sign_message(&secret, sig, &message);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return 1;
	do {
		(void)unit_decode_s();
		check[n] = check_s();
		sync_[n] = sync_s(fd);
	} while (++n < SAMPLES_MAX && poll(&input, 1, INTERVAL_MS) == 0);
	(void)close(fd);
	(void)unlink(path);
	unit_print_decode();
	unit_print_us("check", unit_median(check, n));
	unit_print_us("fsync", unit_median(sync_, n));
	return 0;
}

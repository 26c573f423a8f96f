/*
 * keyseek.c: is a node's signing key in the memory of a process?
 *
 *	keyseek KEYFILE PASSPHRASEFILE PID...
 *
 * For each process one line, `pid=N copies=K swappable=S bytes=B`, S being those in memory that
 * is not locked, or `pid=N unreadable=yes`.  Looked for are the seed, and what Ed25519 makes of it:
 * the scalar and the prefix of RFC 8032 §5.1.5.  This process holds the key while it looks; it
 * does not look at itself.
 */
#include "common/election/office.h"
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "tests/unit/lib/cheap_seal.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NEEDLES = 3, NEEDLE_BYTES = 32, WINDOW = 1 << 20 };

static uint8_t needle[NEEDLES][NEEDLE_BYTES];
static uint8_t window[WINDOW + NEEDLE_BYTES];

static void make_needles(const uint8_t *seed)
{
	uint8_t hash[HASH512_BYTES];

	hash512(hash, seed, NEEDLE_BYTES);
	memcpy(needle[0], seed, NEEDLE_BYTES);
	memcpy(needle[1], hash, NEEDLE_BYTES);
	memcpy(needle[2], hash + NEEDLE_BYTES, NEEDLE_BYTES);
	needle[1][0] &= 248;
	needle[1][31] = (uint8_t)((needle[1][31] & 127) | 64);
}

static unsigned long count_in(const uint8_t *bytes, size_t len)
{
	unsigned long count = 0;

	for (int i = 0; i < NEEDLES; i++)
		for (const uint8_t *at = bytes; at != NULL; at++) {
			at = memmem(at, len - (size_t)(at - bytes), needle[i], NEEDLE_BYTES);
			if (at == NULL)
				break;
			count++;
		}
	return count;
}

/* One mapping, in windows that overlap by less than a needle. */
static unsigned long seek_mapping(int mem, uint64_t from, uint64_t to, uint64_t *bytes)
{
	unsigned long count = 0;
	size_t kept = 0;

	while (from < to) {
		size_t want = to - from < WINDOW ? (size_t)(to - from) : WINDOW;
		ssize_t n = pread(mem, window + kept, want, (off_t)from);
		size_t have;

		if (n <= 0)
			return count;   /* guard pages, [vvar] */
		have = kept + (size_t)n;
		count += count_in(window, have);
		kept = have < NEEDLE_BYTES - 1 ? have : NEEDLE_BYTES - 1;
		memmove(window, window + have - kept, kept);
		from += (uint64_t)n;
		*bytes += (uint64_t)n;
	}
	return count;
}

struct found {
	unsigned long copies, swappable;
	uint64_t bytes;
};

/* Each mapping: a line with its ends, and later one with its flags, "lo" being locked. */
static void seek_all(FILE *maps, int mem, struct found *f)
{
	unsigned long from = 0, to = 0, copies;
	char line[512];
	char *end;

	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long first = strtoul(line, &end, 16);

		if (*end == '-') {
			from = first;
			to = strtoul(end + 1, NULL, 16);
		} else if (strncmp(line, "VmFlags:", 8) == 0) {
			copies = seek_mapping(mem, from, to, &f->bytes);
			f->copies += copies;
			f->swappable += strstr(line, " lo") == NULL ? copies : 0;
		}
	}
}

static void seek_process(const char *pid)
{
	struct found f = { 0 };
	char path[64];
	FILE *maps;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%s/smaps", pid);
	maps = fopen(path, "r");
	(void)snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY);
	if (maps != NULL && mem >= 0)
		seek_all(maps, mem, &f);
	if (f.bytes == 0)
		printf("pid=%s unreadable=yes\n", pid);
	else
		printf("pid=%s copies=%lu swappable=%lu bytes=%llu\n", pid, f.copies, f.swappable,
		       (unsigned long long)f.bytes);
	if (maps != NULL)
		(void)fclose(maps);
	if (mem >= 0)
		(void)close(mem);
}

int main(int argc, char **argv)
{
	struct fault fault = { 0 };
	struct keyfile *k;

	cheap_seal();
	if (argc < 4 || crypto_init() != ST_OK ||
	    office_key(&k, argv[1], KEYFILE_NODE, argv[2], &fault) != ST_OK) {
		fprintf(stderr, "keyseek: %s\n", fault.what);
		return 2;
	}
	make_needles(k->sign_seed);
	office_forget(k);
	for (int i = 3; i < argc; i++)
		seek_process(argv[i]);
	return 0;
}

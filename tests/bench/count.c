/*
 * count.c: how often a node and its signer wait for the disk, counted.  Linked into a second
 * tally-server and tally-signer (bench.mk), otherwise made of the same objects: it stands before
 * fsync and fdatasync, for the libraries too.
 *
 * The figures lie in the file $COUNTS, which other processes may read and write at any time:
 * integers of 64 bits, of this machine's order (count.h).
 *
 * Invariant: a call does what it would have done.
 */
#include "tests/bench/count.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096 };

static _Atomic uint64_t nowhere[COUNT_LEN];
_Atomic uint64_t *counts = nowhere;
_Thread_local enum count count_sync = COUNT_SYNC_OTHER;

__attribute__((constructor)) static void open_counts(void)
{
	const char *path = getenv("COUNTS");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *page;

	if (fd < 0)
		return;
	if (ftruncate(fd, PAGE) == 0) {
		page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (page != MAP_FAILED)
			counts = page;
	}
	(void)close(fd);
}

int fsync(int fd)
{
	counts[count_sync]++;
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	counts[count_sync]++;
	return (int)syscall(SYS_fdatasync, fd);
}

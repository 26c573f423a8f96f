/*
 * disk.h: a disk whose power fails, for tests of what must survive it.
 *
 * In place of the C library's calls that reach a disk (pwrite, write, ftruncate, fsync, fdatasync,
 * rename, renameat2, unlink; SQLite's as well as ours) stand those of disk.c.  Below one folder
 * they are counted, and what was not yet synced is remembered, so that at any call the program can
 * end as if it had been killed, or as if the machine had lost its power: then of every write that
 * was not synced some, none or half a sector is there.  Syncs do not reach the real disk.
 *
 * Invariant: what was synced before the cut is there after it.
 */
#ifndef KALPIS_TESTS_DISK_H
#define KALPIS_TESTS_DISK_H

#include <stddef.h>
#include <stdint.h>

enum disk_cut {
	DISK_COUNT,     /* never: count */
	DISK_KILL,      /* the process: what was written stays; the call itself is half done */
	DISK_LOSE,      /* the power: nothing that was not synced is there */
	DISK_MIX        /* the power: of what was not synced some is there, some is zeros, some not */
};

enum { DISK_EXIT = 42 };   /* what the process ends with */

/* From now on, below folder: at the at-th call (from 0) the process ends so.  seed: of MIX. */
void disk_arm(const char *folder, enum disk_cut how, uint64_t at, uint64_t seed);
/* The same at the nth sync (from 1) of the file of this name below folder, before it is done. */
void disk_arm_sync(const char *folder, enum disk_cut how, const char *name, unsigned int nth,
                   uint64_t seed);
/* Calls so far. */
uint64_t disk_calls(void);

#endif

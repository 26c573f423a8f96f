/*
 * scratch.h: a folder of a test's own.
 *
 * Invariant: a test program that calls scratch_remove at its end leaves nothing behind.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_SCRATCH_H
#define KALPIS_TESTS_UNIT_LIB_SCRATCH_H

enum { SCRATCH_PATH_BYTES = 512 };

/* Makes a new, empty folder (under $TMPDIR or /tmp) on the first call.  Its path; static. */
const char *scratch_folder(void);
/* "FOLDER/name"; one of eight static buffers that are used in turn. */
const char *scratch_path(const char *name);
/* Removes the folder and everything in it. */
void scratch_remove(void);

#endif

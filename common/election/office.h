/*
 * office.h: what the tools of trustees, officials and observers share: key files, archives and
 * papers, with messages for people.
 *
 * Invariant: office_archive only gives out a chain that was checked whole, from block 0 to its
 * head, and whose head a quorum of nodes has finalised.
 */
#ifndef KALPIS_ELECTION_OFFICE_H
#define KALPIS_ELECTION_OFFICE_H

#include "common/base/fault.h"
#include "common/election/audit.h"
#include "common/wire/keyfile.h"

/* From --passphrase-file or the terminal.  Guarded memory; the caller frees by office_forget. */
MUST_USE enum status office_passphrase(struct passphrase **out, const char *file,
                                       const char *prompt, bool twice, struct fault *fault);
/* Load a key file; asks for the passphrase.  Guarded memory; freed by office_forget. */
MUST_USE enum status office_key(struct keyfile **out, const char *path, enum keyfile_kind kind,
                                const char *passphrase_file, struct fault *fault);
/* Make and save a new key file of a kind. */
MUST_USE enum status office_new_key(struct keyfile **out, const char *path,
                                    enum keyfile_kind kind, const struct group *suite,
                                    const char *passphrase_file, struct fault *fault);
/*
 * As office_new_key; but where the key is there and its public half, which is written after it, is
 * not, the tool was killed in between: the key is opened, so that the caller completes it.
 */
MUST_USE enum status office_new_pair(struct keyfile **out, const char *path,
                                     const char *public_half, enum keyfile_kind kind,
                                     const char *passphrase_file, struct fault *fault);
/* Wipe and free what the three above gave.  NULL is harmless. */
void office_forget(void *secret);

/* Whole small files; the caller frees *out. */
MUST_USE enum status office_read(uint8_t **out, size_t *len, const char *path, size_t max,
                                 struct fault *fault);
/* A new public file; never overwrites.  One that holds these very bytes already is as good. */
MUST_USE enum status office_write(const char *path, const void *bytes, size_t len,
                                  struct fault *fault);

/*
 * Read and check an archive of a running or ended election.  fingerprint: 32 bytes, required.
 * *a is the caller's to audit_free, also on failure.  ST_OK: everything on the chain holds and
 * its head is final; it need not be complete.
 */
MUST_USE enum status office_archive(struct audit *a, const char *path, const uint8_t *fingerprint,
                                    struct fault *fault);

/* 64 digits, in groups or not.  ST_FORMAT. */
MUST_USE enum status office_fingerprint(uint8_t out[static 32], const char *text,
                                        struct fault *fault);
/* "1a2b 3c4d ...": 16 groups of 4 and a NUL; what posters show. */
enum { OFFICE_FINGERPRINT_TEXT = 80 };
void office_fingerprint_format(char out[static OFFICE_FINGERPRINT_TEXT],
                               const uint8_t fingerprint[static 32]);

#endif

/*
 * journal.h: how the state of the election takes a step back (decisions/0045).
 *
 * Every change of state goes through a journal that remembers what stood there before.  A refused
 * transaction, a dropped block and an abandoned branch are undone by rolling back to a mark, so
 * "on error the state is unchanged" is a property of one small file.
 *
 * Invariant: rolling back to a mark restores exactly the bytes and index entries of that moment.
 */
#ifndef KALPIS_ELECTION_JOURNAL_H
#define KALPIS_ELECTION_JOURNAL_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

/* What an undo other than restoring bytes looks like: called with the arguments it was given. */
typedef void (*journal_undo)(void *owner, void *item);

struct journal;

MUST_USE enum status journal_new(struct journal **out);
void journal_free(struct journal *j);

/* Write len bytes over dst and remember the old ones.  dst must stay valid until forgotten. */
MUST_USE enum status journal_set(struct journal *j, void *dst, const void *src, size_t len);
/* Remember len bytes of dst as they are; the caller may then change them in place. */
MUST_USE enum status journal_keep(struct journal *j, void *dst, size_t len);
/* Remember to call undo(owner, item) on the way back. */
MUST_USE enum status journal_call(struct journal *j, journal_undo undo, void *owner, void *item);

/* Marks count what was remembered since the journal began; they stay valid across forget. */
uint64_t journal_mark(const struct journal *j);
/* Undo, newest first, down to mark.  mark must not lie below what was forgotten. */
void journal_rollback(struct journal *j, uint64_t mark);
/* What lies below mark will never be undone: drop it. */
void journal_forget(struct journal *j, uint64_t mark);

#endif

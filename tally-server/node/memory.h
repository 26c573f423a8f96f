/*
 * memory.h: a small file outside the data folder that remembers in which elections this key was
 * used, and how often (decisions/0058).
 *
 *	64 hex digits, a space, a number, a space, a number: one line for each election
 *
 * The numbers are how often the signer's log of votes and the node's own log were opened.  The
 * signer alone reads and writes it: it is what lets it tell a first start from one after its data
 * were lost or were replaced by an older copy.
 *
 * Invariant: the file holds a line for an election before anything is signed there.
 */
#ifndef KALPIS_NODE_MEMORY_H
#define KALPIS_NODE_MEMORY_H

#include "crypto/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { MEMORY_BYTES_MAX = 64 << 10 };

/* Instances (wal_instance) of the two logs. */
struct memory {
	uint64_t votes;
	uint64_t node;
};

/* *known is false when there is no file or no line.  ST_FORMAT, ST_IO, ST_DENIED. */
MUST_USE enum status memory_read(const char *path, const uint8_t election_id[static 32],
                                 bool *known, struct memory *out);
/* Add or replace the line.  ST_LIMIT when the file is full. */
MUST_USE enum status memory_write(const char *path, const uint8_t election_id[static 32],
                                  const struct memory *m);

#endif

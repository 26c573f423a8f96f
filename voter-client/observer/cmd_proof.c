/*
 * cmd_proof.c: a receipt as a proof that tools for transparency logs can check (C2SP tlog-proof).
 *
 * The archive, which was checked before, goes into a block store beside the proof for as long as it
 * takes, because a store has every hash of the log.
 */
#include "voter-client/observer/observer.h"

#include "common/base/file.h"
#include "common/election/chain_store.h"
#include "common/ledger/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum status fill(struct store *s, struct manifest **m)
{
	FILE *f = fopen(opt.archive, "rbe");
	enum status st;

	if (f == NULL)
		return ST_NOT_FOUND;
	st = chain_store_import(s, m, f, NULL);
	(void)fclose(f);
	return st;
}

static enum status prove(struct store *s, const struct manifest *m, uint64_t leaf)
{
	const struct merkle_source source = store_merkle_source(s);
	uint8_t path[MERKLE_PATH_MAX][MERKLE_HASH_BYTES];
	char *note = malloc(TLOG_NOTE_MAX), *proof = malloc(TLOG_PROOF_MAX);
	size_t note_len, path_len, len;
	uint64_t size;
	enum status st = ST_NO_MEMORY;

	if (note != NULL && proof != NULL &&
	    (st = chain_store_note(s, m, note, &note_len, &size)) == ST_OK &&
	    (st = merkle_inclusion_prove(&source, path, &path_len, leaf, size)) == ST_OK) {
		len = tlog_proof(proof, leaf, (const uint8_t (*)[MERKLE_HASH_BYTES])path, path_len, note,
		                 note_len);
		st = file_write(opt.proof, proof, len, FILE_NEW, FILE_PUBLIC);
	}
	free(note);
	free(proof);
	return st;
}

enum status write_proof(uint64_t leaf, struct fault *fault)
{
	static const char *const PART[] = { "", "-wal", "-shm" };
	char base[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES + 8];
	struct manifest *m = NULL;
	struct store *s = NULL;
	int len = snprintf(base, sizeof(base), "%s.%ld.part", opt.proof, (long)getpid());
	enum status st;

	if (len < 0 || (size_t)len >= sizeof(base))
		return fault_set(fault, ST_LIMIT, "the name is too long");
	if ((st = store_open(&s, base, STORE_WRITE, fault)) == ST_OK && (st = fill(s, &m)) == ST_OK)
		st = prove(s, m, leaf);
	store_close(s);
	manifest_free(m);
	for (size_t i = 0; i < sizeof(PART) / sizeof(PART[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", base, PART[i]);
		(void)unlink(path);
	}
	if (st == ST_NOT_FOUND || st == ST_RANGE) {
		(void)fault_set(fault, ST_INCOMPLETE, "no node vouches in this archive for a log with this "
		                "ballot");
		fault_next(fault, "Fetch the archive of the ended election and try again.");
		return ST_INCOMPLETE;
	}
	return st == ST_OK ? ST_OK :
	       fault_set(fault, st, "%s cannot be written: %s", opt.proof, status_text(st));
}

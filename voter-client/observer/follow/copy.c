/*
 * copy.c: see copy.h.
 */
#include "voter-client/observer/follow/copy.h"

#include "common/base/file.h"
#include "common/election/audit.h"
#include "common/election/chain_store.h"
#include "common/election/genesis.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SWEEP_MAX = 4096 };   /* entries of the folder */

/* --- stretches ------------------------------------------------------------------------------- */

static enum status break_down(struct copy *c, enum status st)
{
	c->broken = st;
	return st;
}

enum status copy_add(struct copy *c, const struct block_header *h, const uint8_t *body,
                     size_t body_len)
{
	struct chain_fault fault;
	enum status st;

	if (!c->is_batch) {
		if ((st = store_begin(c->store)) != ST_OK)
			return break_down(c, st);
		c->is_batch = true;
	}
	if ((st = replay_accept(c->replay, h, body, body_len, &fault)) != ST_OK)
		return st;
	st = chain_store_put(c->store, c->m, h, body, body_len, NULL);
	return st == ST_OK ? ST_OK : break_down(c, st);
}

enum status copy_prove(struct copy *c, const struct certified_head *head)
{
	enum status st;

	assert(c->is_batch && memcmp(head->certificate.block, replay_tip_id(c->replay), 32) == 0);
	if ((st = store_put_certificate(c->store, &head->certificate)) != ST_OK ||
	    (st = store_commit(c->store)) != ST_OK)
		return break_down(c, st);
	c->is_batch = false;
	replay_settle(c->replay);
	return ST_OK;
}

enum status copy_drop(struct copy *c)
{
	struct fault fault;
	enum status st;

	if (!c->is_batch)
		return ST_OK;
	store_rollback(c->store);
	c->is_batch = false;
	if ((st = replay_undo(c->replay)) != ST_OK)
		return st;
	/* Only after a very long stretch: the replay begins anew, from what is ours. */
	while ((st = copy_resume(c, 64, &fault)) == ST_OK)
		continue;
	return st == ST_NOT_FOUND ? ST_OK : break_down(c, st);
}

/* --- looking --------------------------------------------------------------------------------- */

uint64_t copy_height(const struct copy *c)
{
	return replay_settled(c->replay);
}

enum status copy_id(struct copy *c, uint8_t id[static BLOCK_ID_BYTES], uint64_t height)
{
	return height > copy_height(c) ? ST_NOT_FOUND : store_id_of(c->store, id, height);
}

enum status copy_branch(struct copy *c, struct evidence_branch *out, uint8_t **headers,
                        uint64_t from)
{
	struct certified_head head;
	struct block_header h;
	uint64_t count;
	uint8_t *bytes;
	enum status st;

	if ((st = store_certificate_for(c->store, &head, from)) != ST_OK)
		return st;
	count = head.header.height - from + 1;
	if ((st = limit_check(count, EVIDENCE_HEADERS_MAX)) != ST_OK)
		return st;
	bytes = malloc(count * BLOCK_HEADER_BYTES);
	if (bytes == NULL)
		return ST_NO_MEMORY;
	for (uint64_t i = 0; st == ST_OK && i < count; i++) {
		st = store_block(c->store, from + i, &h, NULL, NULL);
		if (st == ST_OK)
			block_header_encode(bytes + i * BLOCK_HEADER_BYTES, &h);
	}
	if (st != ST_OK) {
		free(bytes);
		return st;
	}
	*headers = bytes;
	*out = (struct evidence_branch){ .count = (uint16_t)count, .headers = bytes,
	                                 .certificate = head.certificate };
	return ST_OK;
}

enum status copy_export(struct copy *c, char *path)
{
	enum status st = file_join(path, LIMIT_PATH_BYTES, c->folder, "election.kalpis");

	return st != ST_OK ? st : store_export_file(c->store, path, STORE_ALL, true);
}

/* --- reading what is there ------------------------------------------------------------------- */

static enum status damaged(const struct copy *c, enum status st, uint64_t height,
                           struct fault *fault)
{
	(void)fault_set(fault, st, "the copy in %s does not hold at block %" PRIu64 ": %s", c->folder,
	                height, status_text(st));
	fault_why(fault, "Either the disk has damaged it, or the archive that it was begun from breaks "
	          "the rules of the election.");
	fault_next(fault, "Check that archive with voter-observer verify; then follow anew into "
	           "another folder, and keep this one.");
	return st;
}

static enum status replay_stored(struct copy *c, uint64_t height)
{
	struct chain_fault where;
	struct block_header h;
	uint8_t *body = NULL;
	size_t len;
	enum status st = store_block(c->store, height, &h, &body, &len);

	if (st == ST_OK)
		st = replay_accept(c->replay, &h, body, len, &where);
	free(body);
	return st == ST_NOT_FOUND ? ST_HASH : st;
}

/* The last block must be final: by its own certificate, or as block 0. */
static enum status check_end(struct copy *c)
{
	struct certified_head head;
	uint64_t height = replay_tip(c->replay)->height;
	enum status st;

	if (height == 0)
		return ST_OK;
	if ((st = store_certified(c->store, &head, height, height)) != ST_OK)
		return st == ST_NOT_FOUND ? ST_CERTIFICATE : st;
	return certified_head_check(&head, &c->committee);
}

enum status copy_resume(struct copy *c, uint32_t blocks, struct fault *fault)
{
	uint8_t id[BLOCK_ID_BYTES];
	struct block_header tip;
	uint64_t height = replay_tip(c->replay)->height;
	enum status st = store_tip(c->store, &tip, id);

	for (uint32_t i = 0; st == ST_OK && i < blocks && height < tip.height; i++)
		if ((st = replay_stored(c, ++height)) == ST_OK)
			replay_settle(c->replay);   /* nothing that was not final is ever stored */
	if (st == ST_OK && height < tip.height)
		return ST_OK;
	if (st == ST_OK && memcmp(id, replay_tip_id(c->replay), sizeof(id)) != 0)
		st = ST_HASH;
	if (st == ST_OK && (st = check_end(c)) == ST_OK)
		return ST_NOT_FOUND;
	return damaged(c, st, height, fault);
}

/* --- beginning ------------------------------------------------------------------------------- */

static enum status refuse_election(const char *what, struct fault *fault)
{
	(void)fault_set(fault, ST_ELECTION, "%s is of another election", what);
	fault_why(fault, "Its fingerprint is not the one that you gave.");
	fault_next(fault, "Compare the fingerprint with the one on the poster.");
	return ST_ELECTION;
}

/* Block 0 alone; the signatures come from the nodes. */
static enum status put_manifest(struct copy *c)
{
	struct replay *r = NULL;
	uint8_t *body = malloc(c->m->len + 5);
	enum status st = body == NULL ? ST_NO_MEMORY : replay_new(&r, c->m);

	if (st == ST_OK) {
		genesis_body(body, c->m);
		st = chain_store_put(c->store, c->m, replay_tip(r), body, c->m->len + 5, NULL);
	}
	replay_free(r);
	free(body);
	return st;
}

static enum status begin_manifest(struct copy *c, const struct copy_source *from,
                                  struct fault *fault)
{
	struct refusal why = { "", "", 0 };
	uint8_t *bytes = NULL;
	size_t len;
	enum status st = file_read(from->manifest, &bytes, &len, LIMIT_MANIFEST_BYTES);

	if (st == ST_OK)
		st = manifest_load(&c->m, &why, bytes, len);
	free(bytes);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "%s cannot be used: %s %s", from->manifest, status_text(st),
		                why.reason);
		fault_next(fault, "Fetch the manifest from the election's page.");
		return st;
	}
	if (memcmp(c->m->election_id, from->fingerprint, ELECTION_ID_BYTES) != 0)
		return refuse_election(from->manifest, fault);
	if ((st = put_manifest(c)) != ST_OK)
		return fault_set(fault, st, "%s cannot be written: %s", c->folder, status_text(st));
	return ST_OK;
}

static enum status begin_archive(struct copy *c, const struct copy_source *from,
                                 struct fault *fault)
{
	FILE *f = fopen(from->archive, "rbe");
	enum status st = ST_NOT_FOUND;

	if (f != NULL) {
		st = chain_store_import(c->store, &c->m, f, from->fingerprint);
		(void)fclose(f);
	}
	if (st == ST_OK)
		return st;
	if (st == ST_ELECTION)
		return refuse_election(from->archive, fault);
	(void)fault_set(fault, st, "%s cannot be used: %s", from->archive, status_text(st));
	if (st == ST_CERTIFICATE) {
		fault_why(fault, "Its last block is not under a certificate yet.");
		fault_next(fault, "Begin with genesis.kalpis or --manifest: the nodes have the rest.");
	} else {
		fault_next(fault, "voter-observer verify %s", from->archive);
	}
	return st;
}

static enum status begin(struct copy *c, const struct copy_source *from, struct fault *fault)
{
	if (from->archive != NULL)
		return begin_archive(c, from, fault);
	if (from->manifest != NULL)
		return begin_manifest(c, from, fault);
	(void)fault_set(fault, ST_NOT_FOUND, "%s holds no election yet", c->folder);
	fault_next(fault, "Say where to begin: --archive election.kalpis, or --manifest manifest.json");
	return ST_NOT_FOUND;
}

static enum status load_manifest(struct copy *c, const struct copy_source *from,
                                 struct fault *fault)
{
	enum status st = chain_store_manifest(c->store, &c->m);

	if (st != ST_OK)
		return damaged(c, st, 0, fault);
	return memcmp(c->m->election_id, from->fingerprint, ELECTION_ID_BYTES) == 0 ? ST_OK :
	       refuse_election(c->folder, fault);
}

/* What an export left that was killed. */
static void sweep(const struct copy *c)
{
	static const char HEAD[] = "election.kalpis.", TAIL[] = ".part";
	char path[LIMIT_PATH_BYTES];
	struct file_names names;

	if (file_list(&names, c->folder, SWEEP_MAX) != ST_OK)
		return;
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.name[i];
		size_t len = strlen(name);

		if (len > sizeof(HEAD) + sizeof(TAIL) && strncmp(name, HEAD, sizeof(HEAD) - 1) == 0 &&
		    strcmp(name + len - (sizeof(TAIL) - 1), TAIL) == 0 &&
		    file_join(path, sizeof(path), c->folder, name) == ST_OK)
			(void)unlink(path);
	}
	file_names_free(&names);
}

static enum status open_folder(struct copy *c, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	enum status st = file_make_folder(c->folder, FILE_PUBLIC);

	if ((st != ST_OK && st != ST_EXISTS) ||
	    (st = file_join(path, sizeof(path), c->folder, "lock")) != ST_OK) {
		(void)fault_set(fault, st, "the folder %s cannot be used: %s", c->folder, status_text(st));
		fault_next(fault, "Name another with --dir.");
		return st;
	}
	if ((st = file_lock(&c->lock, path)) != ST_OK) {
		c->lock = -1;
		(void)fault_set(fault, st, "the folder %s cannot be taken: %s", c->folder,
		                st == ST_AGAIN ? "another voter-follow runs in it" : status_text(st));
		fault_next(fault, "One process follows into one folder.");
		return st;
	}
	sweep(c);
	st = file_join(path, sizeof(path), c->folder, "chain.db");
	return st != ST_OK ? st : store_open(&c->store, path, STORE_WRITE, fault);
}

enum status copy_open(struct copy *c, const char *folder, const struct copy_source *from,
                      struct fault *fault)
{
	uint8_t sigs[LIMIT_TRUSTEES][STORE_GENESIS_SIG_BYTES], id[BLOCK_ID_BYTES];
	struct block_header tip;
	size_t count, len = strlen(folder);
	enum status st;

	*c = (struct copy){ .lock = -1, .broken = ST_OK };
	if (len == 0 || len >= sizeof(c->folder) - 64)
		return fault_set(fault, ST_LIMIT, "the folder's name is too long");
	memcpy(c->folder, folder, len + 1);
	if ((st = open_folder(c, fault)) != ST_OK)
		return st;
	st = store_tip(c->store, &tip, id);
	st = st == ST_NOT_FOUND ? begin(c, from, fault) :
	     st == ST_OK ? load_manifest(c, from, fault) : damaged(c, st, 0, fault);
	if (st != ST_OK)
		return st;
	c->has_sigs = store_genesis_sigs(c->store, sigs, &count) == ST_OK;
	if ((st = audit_committee(&c->committee, c->m)) != ST_OK ||
	    (st = replay_new(&c->replay, c->m)) != ST_OK)
		return fault_set(fault, st, "the election cannot be loaded: %s", status_text(st));
	return ST_OK;
}

void copy_close(struct copy *c)
{
	store_close(c->store);
	replay_free(c->replay);
	manifest_free(c->m);
	if (c->lock >= 0)
		file_unlock(c->lock);
	*c = (struct copy){ .lock = -1 };
}

enum status copy_put_sigs(struct copy *c, const uint8_t *sigs, size_t len)
{
	const uint8_t (*each)[STORE_GENESIS_SIG_BYTES] = (const uint8_t (*)[64])sigs;
	size_t count = len / STORE_GENESIS_SIG_BYTES;
	unsigned int trustee;
	enum status st;

	if (len % STORE_GENESIS_SIG_BYTES != 0)
		return ST_FORMAT;
	if ((st = genesis_check(c->m, each, count, &trustee)) != ST_OK)
		return st;
	if ((st = store_put_genesis_sigs(c->store, each, count)) != ST_OK)
		return break_down(c, st);
	c->has_sigs = true;
	return ST_OK;
}

enum status copy_put_vouchers(struct copy *c, const uint8_t *list, size_t len, uint32_t *forked)
{
	struct cosignature one, have;
	struct reader in;
	enum status st;

	*forked = 0;
	if (c->is_batch)
		return ST_AGAIN;
	reader_init(&in, list, len);
	while (reader_left(&in) > 0) {
		if ((st = cosignature_read(&in, &one)) != ST_OK)
			return st;
		if (one.node >= c->m->trustees_len)
			return ST_LIMIT;
		if ((st = cosignature_check(&one, c->m->election_id,
		                            c->m->trustees[one.node].checkpoint_key)) != ST_OK)
			return st;
		if (store_cosignature(c->store, &have, one.head, one.node) == ST_OK)
			continue;
		st = chain_store_cosign(c->store, c->m, &one);
		if (st == ST_FORK)
			*forked |= (uint32_t)1 << one.node;
		else if (st != ST_OK && st != ST_NOT_FOUND)   /* beyond our log: later */
			return break_down(c, st);
	}
	return ST_OK;
}

unsigned int copy_vouchers(struct copy *c, enum cosigned_head head)
{
	struct cosignature have;
	unsigned int count = 0;

	for (uint8_t i = 0; i < c->m->trustees_len; i++)
		count += store_cosignature(c->store, &have, head, i) == ST_OK;
	return count;
}

/*
 * evidence.c: what consensus shows of other nodes: a file each, and a transaction
 * (docs/consensus.md, R14; decisions/0087).
 *
 * The files are data/evidence/KIND-nodeN-viewV.evidence, N counted from 1, each with the manifest:
 * whoever has one and the poster needs no node.  They are the memory too: at the start, and from
 * time to time while something is open, each that the chain can judge and does not hold yet is
 * signed by the signer and goes to the pool, as any other transaction.
 *
 * Invariant: an act has one file, and at most one transaction on the chain; of one node and kind
 * there are at most FILES_OF files.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/election/accuse.h"
#include "common/ledger/evidence.h"
#include "common/ledger/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILES_OF = 8,                 /* of one kind and node: who cheats for ever fills no disk */
	FILES_MAX = 4096,             /* looked at in the folder, whoever put them there */
	NAME_MAX_BYTES = 128,
	LOOK_EVERY_MS = 30000
};

static const char FOLDER[] = "evidence", SUFFIX[] = ".evidence";

static void say(enum log_level level, const char *event, const char *name, enum status st)
{
	struct log_line line;

	log_begin(&line, level, event);
	log_text(&line, "file", name);
	log_status(&line, "why", st);
	log_end(&line);
}

/* --- one file -------------------------------------------------------------------------------- */

static enum status in_folder(const struct node *n, char path[static LIMIT_PATH_BYTES],
                             const char *name)
{
	char folder[LIMIT_PATH_BYTES];
	enum status st = settings_data(n->set, folder, FOLDER);

	return st != ST_OK ? st : file_join(path, LIMIT_PATH_BYTES, folder, name);
}

static void name_of(char out[static NAME_MAX_BYTES], const struct evidence *e)
{
	(void)snprintf(out, NAME_MAX_BYTES, "%s-node%u-view%" PRIu64 "%s",
	               evidence_kind_name(e->kind), e->a.signer + 1u, e->a.view, SUFFIX);
}

/* Are there as many files of this kind and node as are kept? */
static bool is_full(const struct node *n, const struct evidence *e)
{
	char folder[LIMIT_PATH_BYTES], prefix[NAME_MAX_BYTES];
	struct file_names names = { 0 };
	unsigned int count = 0;

	(void)snprintf(prefix, sizeof(prefix), "%s-node%u-", evidence_kind_name(e->kind),
	               e->a.signer + 1u);
	if (settings_data(n->set, folder, FOLDER) != ST_OK ||
	    file_list(&names, folder, FILES_MAX) != ST_OK)
		return true;
	for (size_t i = 0; i < names.count; i++)
		count += strncmp(names.name[i], prefix, strlen(prefix)) == 0;
	file_names_free(&names);
	return count >= FILES_OF;
}

static enum status write_file(const struct node *n, const char *path, const struct evidence *e)
{
	size_t room = EVIDENCE_HEAD_BYTES + n->manifest->len + EVIDENCE_BYTES_MAX, len, bytes_len;
	uint8_t *file = malloc(room), *bytes = malloc(EVIDENCE_BYTES_MAX);
	enum status st = ST_NO_MEMORY;

	if (file != NULL && bytes != NULL &&
	    (st = evidence_encode(e, bytes, EVIDENCE_BYTES_MAX, &bytes_len)) == ST_OK &&
	    (st = evidence_file_encode(file, room, &len, n->manifest->bytes, n->manifest->len, bytes,
	                               bytes_len)) == ST_OK)
		st = file_write(path, file, len, FILE_NEW, FILE_PUBLIC);
	free(file);
	free(bytes);
	return st;
}

/* ST_EXISTS: it is there already; ST_QUOTA: enough of this kind and node are. */
static enum status keep(const struct node *n, const struct evidence *e,
                        char name[static NAME_MAX_BYTES])
{
	char path[LIMIT_PATH_BYTES];
	enum status st;

	name_of(name, e);
	if ((st = settings_data(n->set, path, FOLDER)) != ST_OK)
		return st;
	st = file_make_folder(path, FILE_PUBLIC);
	if (st != ST_OK && st != ST_EXISTS)
		return st;
	if ((st = in_folder(n, path, name)) != ST_OK)
		return st;
	if (file_is_there(path))
		return ST_EXISTS;
	return is_full(n, e) ? ST_QUOTA : write_file(n, path, e);
}

/* --- from consensus -------------------------------------------------------------------------- */

/* As evidence.h has it.  A body goes along only where the header alone does not show the fault. */
static void translate(const struct node *n, struct evidence *out,
                      const struct consensus_evidence *e)
{
	struct consensus_app app = branch_app(n->branch);
	struct block_header header;

	*out = (struct evidence){ .kind = EVIDENCE_DOUBLE_VOTE, .a = e->a, .b = e->b };
	if (e->type == CONSENSUS_DOUBLE_VOTE)
		return;
	*out = (struct evidence){ .kind = EVIDENCE_UNSOUND_BLOCK, .a = e->a, .header = e->header };
	out->has_body = evidence_block_fault(&n->committee, e->a.view, &e->header, NULL, 0) == ST_OK &&
	                app.get(app.ctx, &header, &out->body, &out->body_len, e->a.block) == ST_OK;
	if (out->has_body && out->body == NULL)
		out->body = (const uint8_t *)"";
}

void evidence_take(struct node *n, const struct consensus_evidence *found)
{
	char name[NAME_MAX_BYTES];
	struct evidence e;
	enum status st;

	translate(n, &e, found);
	st = keep(n, &e, name);
	branch_begin(n->branch);
	if (st == ST_EXISTS)
		return;
	if (st == ST_OK)
		say(LOG_LEVEL_ERROR, "evidence-kept", name, st);
	else
		say(LOG_LEVEL_ERROR, "evidence-not-kept", name, st);
	n->evidence_ms = 0;
	n->evidence_open = true;
}

/* --- to the chain ---------------------------------------------------------------------------- */

/* The node's own name under it, and into the intake: the pool takes what the rules take. */
static enum status submit(struct node *n, const uint8_t *bytes, size_t len)
{
	const struct report_party self = { .role = PARTY_NODE, .index = n->self };
	struct writer w;
	struct facts f;
	uint8_t *sig;
	size_t wire_len;
	enum status st;

	writer_init(&w, n->frame, LIMIT_TX_BYTES);
	tx_begin(&w, TX_EVIDENCE);
	tx_evidence_body(&w, &self, bytes, len);
	sig = writer_room(&w, TX_SIG_BYTES);
	if ((st = writer_end(&w, &wire_len)) != ST_OK)
		return st;   /* too long for a transaction: the file is all there will be */
	if ((st = remote_evidence(n->signer, sig, bytes, len)) != ST_OK) {
		if (remote_is_gone(n->signer))
			node_fail_signer(n);
		return st;
	}
	if ((st = facts_of(&f, n->manifest, n->frame, wire_len)) != ST_OK)
		return st;
	if (pool_find(n->pool, f.id) != NULL)
		return ST_OK;
	st = intake_put(n->intake, INTAKE_PEER + n->self, f.id, &f.tx);
	return st == ST_DUPLICATE ? ST_OK : st;
}

/* true: it is not on the chain, and may come to stand there. */
static bool look_at(struct node *n, const char *name)
{
	const struct election_params *p = NULL;
	char path[LIMIT_PATH_BYTES];
	const uint8_t *manifest;
	uint8_t *file = NULL;
	struct accusation a;
	struct evidence e;
	size_t len, manifest_len, head;
	bool open = false;
	enum status st;

	if ((st = in_folder(n, path, name)) == ST_OK &&
	    (st = file_read(path, &file, &len, EVIDENCE_FILE_MAX)) == ST_OK &&
	    (st = evidence_file_decode(&e, &manifest, &manifest_len, file, len)) == ST_OK &&
	    (manifest_len != n->manifest->len ||
	     memcmp(manifest, n->manifest->bytes, manifest_len) != 0))
		st = ST_ELECTION;
	if (st != ST_OK) {
		say(LOG_LEVEL_WARN, "evidence-unread", name, st);
		free(file);
		return false;
	}
	p = branch_params(n->branch);
	head = EVIDENCE_HEAD_BYTES + manifest_len;
	if (accuse_check(&a, p, &e) == ST_OK && accuse_stand(&e, n->election) == ST_OK &&
	    accuse_room(&a, n->election) == ST_OK) {
		open = true;
		st = submit(n, file + head, len - head);
		if (st != ST_OK)
			say(LOG_LEVEL_WARN, "evidence-waits", name, st);
	}
	params_unref(p);
	free(file);
	return open;
}

static bool has_suffix(const char *name)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	return len > suffix && strcmp(name + len - suffix, SUFFIX) == 0;
}

void evidence_look(struct node *n, uint64_t now_ms)
{
	char folder[LIMIT_PATH_BYTES];
	struct file_names names = { 0 };

	if (!n->evidence_open || now_ms < n->evidence_ms || n->failed != ST_OK)
		return;
	n->evidence_ms = now_ms + LOOK_EVERY_MS;
	n->evidence_open = false;
	if (settings_data(n->set, folder, FOLDER) != ST_OK ||
	    file_list(&names, folder, FILES_MAX) != ST_OK)
		return;   /* nobody was ever found out */
	for (size_t i = 0; i < names.count && n->failed == ST_OK; i++)
		if (has_suffix(names.name[i]) && look_at(n, names.name[i]))
			n->evidence_open = true;
	file_names_free(&names);
}

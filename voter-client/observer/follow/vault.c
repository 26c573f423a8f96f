/*
 * vault.c: see vault.h.
 */
#include "voter-client/observer/follow/vault.h"

#include "common/base/file.h"
#include "common/base/hex.h"
#include "crypto/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 96, MARK_BYTES = 8 };

static const char SUFFIX[] = ".evidence";

enum status vault_open(struct vault *v, const char *folder, struct fault *fault)
{
	enum status st = file_join(v->folder, sizeof(v->folder), folder, "evidence");

	if (st == ST_OK)
		st = file_make_folder(v->folder, FILE_PUBLIC);
	if (st == ST_OK || st == ST_EXISTS)
		return ST_OK;
	(void)fault_set(fault, st, "the folder for evidence in %s cannot be made: %s", folder,
	                status_text(st));
	fault_next(fault, "Check the folder's rights and the room on the disk.");
	return st;
}

static bool is_evidence(const char *name)
{
	size_t len = strlen(name), tail = sizeof(SUFFIX) - 1;

	return len > tail && strcmp(name + len - tail, SUFFIX) == 0;
}

/* Files whose names begin with prefix. */
static enum status count_some(const struct vault *v, size_t *count, const char *prefix)
{
	struct file_names names;
	enum status st = file_list(&names, v->folder, VAULT_FILES_MAX);

	*count = 0;
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < names.count; i++)
		*count += is_evidence(names.name[i]) &&
		          strncmp(names.name[i], prefix, strlen(prefix)) == 0;
	file_names_free(&names);
	return ST_OK;
}

enum status vault_count(const struct vault *v, size_t *count)
{
	return count_some(v, count, "");
}

/* What is the same whenever it is seen again: not the time. */
static void mark_of(uint8_t out[static HASH256_BYTES], const struct evidence *e)
{
	struct hash h;

	hash256_purpose(&h, "evidence-name");
	hash_field(&h, e->branch[0].headers, e->branch[0].count == 0 ? 0 : BLOCK_HEADER_BYTES);
	if (e->kind == EVIDENCE_FORK)
		hash_field(&h, e->branch[1].headers, BLOCK_HEADER_BYTES);
	hash_field(&h, e->request, e->request_len);
	hash_field(&h, e->answer, e->answer_len);
	hash256_final(&h, out);
}

static enum status write_file(const char *path, const struct evidence *e, const struct manifest *m)
{
	size_t room = EVIDENCE_BYTES_MAX, len, file_len;
	uint8_t *bytes = malloc(room), *file = malloc(EVIDENCE_FILE_MAX);
	enum status st = ST_NO_MEMORY;

	if (bytes != NULL && file != NULL &&
	    (st = evidence_encode(e, bytes, room, &len)) == ST_OK &&
	    (st = evidence_file_encode(file, EVIDENCE_FILE_MAX, &file_len, m->bytes, m->len, bytes,
	                               len)) == ST_OK)
		st = file_write(path, file, file_len, FILE_NEW, FILE_PUBLIC);
	free(bytes);
	free(file);
	return st;
}

enum status vault_put(const struct vault *v, char *path, const struct evidence *e, uint32_t node,
                      const struct manifest *m)
{
	char name[NAME_BYTES], prefix[NAME_BYTES / 2], hex[2 * MARK_BYTES + 1];
	uint8_t mark[HASH256_BYTES];
	size_t count;
	enum status st;

	mark_of(mark, e);
	hex_encode(hex, mark, MARK_BYTES);
	(void)snprintf(prefix, sizeof(prefix), "%s-node%u-", evidence_kind_name(e->kind), node + 1);
	(void)snprintf(name, sizeof(name), "%s%s%s", prefix, hex, SUFFIX);
	if ((st = file_join(path, LIMIT_PATH_BYTES, v->folder, name)) != ST_OK)
		return st;
	if (file_is_there(path))
		return ST_EXISTS;
	if ((st = count_some(v, &count, prefix)) != ST_OK)
		return st;
	return count >= VAULT_EACH_MAX ? ST_LIMIT : write_file(path, e, m);
}

/*
 * heads.c: see heads.h.
 */
#include "voter-client/observer/follow/heads.h"

#include "common/base/file.h"

#include <stdlib.h>
#include <string.h>

static const char MAGIC[16] = "kalpis-heads-v1";   /* and its NUL */

enum status heads_encode(const struct heads *h, uint8_t *out, size_t cap, size_t *len)
{
	uint8_t count = 0;
	struct writer w;

	for (uint8_t i = 0; i < LIMIT_TRUSTEES; i++)
		count = (uint8_t)(count + h->node[i].has);
	writer_init(&w, out, cap);
	writer_bytes(&w, MAGIC, sizeof(MAGIC));
	writer_bytes(&w, h->election_id, sizeof(h->election_id));
	writer_u8(&w, count);
	for (uint8_t i = 0; i < LIMIT_TRUSTEES; i++) {
		if (!h->node[i].has)
			continue;
		writer_u8(&w, i);
		certified_head_write(&w, &h->node[i].head);
	}
	return writer_end(&w, len);
}

static enum status read_node(struct reader *r, struct heads *out, unsigned int least, uint8_t *node)
{
	enum status st;

	if ((st = reader_u8(r, node)) != ST_OK)
		return st;
	if (*node < least || *node >= LIMIT_TRUSTEES)
		return ST_FORMAT;
	out->node[*node].has = true;
	return certified_head_read(r, &out->node[*node].head);
}

enum status heads_decode(struct heads *out, const void *bytes, size_t len)
{
	char magic[sizeof(MAGIC)];
	unsigned int least = 0;
	uint8_t count, node;
	struct reader r;
	enum status st;

	memset(out, 0, sizeof(*out));
	reader_init(&r, bytes, len);
	if ((st = reader_bytes(&r, magic, sizeof(magic))) != ST_OK)
		return st;
	if (memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return ST_FORMAT;
	if ((st = reader_bytes(&r, out->election_id, sizeof(out->election_id))) != ST_OK ||
	    (st = reader_u8(&r, &count)) != ST_OK)
		return st;
	for (unsigned int i = 0; i < count; i++) {
		if ((st = read_node(&r, out, least, &node)) != ST_OK)
			return st;
		least = node + 1u;
	}
	return reader_end(&r);
}

static enum status check(const struct heads *h, const struct committee *c)
{
	enum status st = ST_OK;

	if (memcmp(h->election_id, c->election_id, sizeof(h->election_id)) != 0)
		return ST_ELECTION;
	for (unsigned int i = 0; st == ST_OK && i < LIMIT_TRUSTEES; i++)
		if (h->node[i].has)
			st = i < c->n ? certified_head_check(&h->node[i].head, c) : ST_ROLE;
	return st;
}

enum status heads_load(struct heads *out, const char *path, const struct committee *c,
                       struct fault *fault)
{
	uint8_t *bytes = NULL;
	size_t len;
	enum status st = file_read(path, &bytes, &len, HEADS_BYTES_MAX);

	if (st == ST_NOT_FOUND) {
		memset(out, 0, sizeof(*out));
		memcpy(out->election_id, c->election_id, sizeof(out->election_id));
		return ST_OK;
	}
	if (st == ST_OK && (st = heads_decode(out, bytes, len)) == ST_OK)
		st = check(out, c);
	free(bytes);
	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "%s is not what was saved there: %s", path, status_text(st));
	fault_why(fault, "Without it a node that went back since the last run would not be noticed.");
	fault_next(fault, "Move it away to go on without; what is seen from then on is kept again.");
	return st;
}

enum status heads_save(const struct heads *h, const char *path)
{
	uint8_t bytes[HEADS_BYTES_MAX];
	size_t len;
	enum status st = heads_encode(h, bytes, sizeof(bytes), &len);

	return st != ST_OK ? st : file_write(path, bytes, len, FILE_REPLACE, FILE_PUBLIC);
}

/*
 * checkpoint.c: see checkpoint.h.
 *
 * Invariant: what is signed is the text that is published, byte for byte.
 */
#include "common/ledger/checkpoint.h"

#include "common/base/hex.h"
#include "common/base/limits.h"
#include "crypto/base64.h"
#include "crypto/hash.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* tlog-cosignature: "cosignature/v1", the time, then the note's body. */
enum {
	SIGNED_MAX = CHECKPOINT_TEXT_MAX + 64,
	KEY_ID_BYTES = 4,
	COSIGNATURE_V1 = 4       /* the type of signature in a key id */
};

const char *cosigned_head_name(enum cosigned_head head)
{
	switch (head) {
	case COSIGNED_END:
		return "end";
	case COSIGNED_RESULT:
		return "result";
	}
	return "unknown";
}

void checkpoint_text(char out[static CHECKPOINT_TEXT_MAX], const struct checkpoint *c)
{
	char id[65], root[BASE64_CHARS(32)];
	int len;

	hex_encode(id, c->election_id, sizeof(c->election_id));
	base64_encode(root, c->root, sizeof(c->root));
	len = snprintf(out, CHECKPOINT_TEXT_MAX, "kalpis/%s\n%" PRIu64 "\n%s\n", id, c->size, root);
	assert(len > 0 && len < CHECKPOINT_TEXT_MAX);
	(void)len;
}

void cosigner_name(char out[static COSIGNER_NAME_MAX], uint8_t node,
                   const uint8_t election_id[static 32])
{
	char id[65];

	hex_encode(id, election_id, 32);
	(void)snprintf(out, COSIGNER_NAME_MAX, "node-%u.%s.kalpis", node, id);
}

static size_t signed_text(char out[static SIGNED_MAX], const struct cosignature *c,
                          const uint8_t election_id[static 32])
{
	struct checkpoint of = { .size = c->size };
	char text[CHECKPOINT_TEXT_MAX];
	int len;

	memcpy(of.election_id, election_id, sizeof(of.election_id));
	memcpy(of.root, c->root, sizeof(of.root));
	checkpoint_text(text, &of);
	len = snprintf(out, SIGNED_MAX, "cosignature/v1\ntime %" PRIu64 "\n%s", c->time, text);
	assert(len > 0 && len < SIGNED_MAX);
	return (size_t)len;
}

void cosignature_make(struct cosignature *c, const struct checkpoint *of,
                      const struct sign_secret *secret)
{
	char text[SIGNED_MAX];

	c->size = of->size;
	memcpy(c->root, of->root, sizeof(c->root));
	sign_bytes(secret, c->sig, text, signed_text(text, c, of->election_id));
}

enum status cosignature_check(const struct cosignature *c, const uint8_t election_id[static 32],
                              const uint8_t key[static SIGN_KEY_BYTES])
{
	char text[SIGNED_MAX];

	return sign_verify_bytes(key, c->sig, text, signed_text(text, c, election_id));
}

void cosignature_write(struct writer *w, const struct cosignature *c)
{
	writer_u8(w, (uint8_t)c->head);
	writer_u8(w, c->node);
	writer_u64(w, c->time);
	writer_u64(w, c->size);
	writer_bytes(w, c->root, sizeof(c->root));
	writer_bytes(w, c->sig, sizeof(c->sig));
}

enum status cosignature_read(struct reader *r, struct cosignature *out)
{
	uint8_t head;
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = reader_u8(r, &head)) != ST_OK)
		return st;
	if (head != COSIGNED_END && head != COSIGNED_RESULT)
		return ST_FORMAT;
	out->head = (enum cosigned_head)head;
	if ((st = reader_u8(r, &out->node)) != ST_OK ||
	    (st = out->node < LIMIT_TRUSTEES ? ST_OK : ST_LIMIT) != ST_OK ||
	    (st = reader_u64(r, &out->time)) != ST_OK ||
	    (st = out->time <= INT64_MAX ? ST_OK : ST_LIMIT) != ST_OK ||
	    (st = reader_u64(r, &out->size)) != ST_OK ||
	    (st = reader_bytes(r, out->root, sizeof(out->root))) != ST_OK)
		return st;
	return reader_bytes(r, out->sig, sizeof(out->sig));
}

/* tlog-cosignature: SHA-256(name, newline, 4, key), its first four bytes. */
static void key_id(uint8_t out[static KEY_ID_BYTES], const char *name,
                   const uint8_t key[static SIGN_KEY_BYTES])
{
	static const uint8_t between[2] = { '\n', COSIGNATURE_V1 };
	uint8_t digest[HASH256_BYTES];
	struct hash h;

	hash256_init(&h);
	hash_update(&h, name, strlen(name));
	hash_update(&h, between, sizeof(between));
	hash_update(&h, key, SIGN_KEY_BYTES);
	hash256_final(&h, digest);
	memcpy(out, digest, KEY_ID_BYTES);
}

void cosignature_line(char out[static COSIGNATURE_LINE_MAX], const struct cosignature *c,
                      const uint8_t election_id[static 32],
                      const uint8_t key[static SIGN_KEY_BYTES])
{
	uint8_t bytes[KEY_ID_BYTES + 8 + SIGN_BYTES];
	char name[COSIGNER_NAME_MAX], text[BASE64_CHARS(sizeof(bytes))];
	struct writer w;
	int len;

	cosigner_name(name, c->node, election_id);
	key_id(bytes, name, key);
	writer_init(&w, bytes + KEY_ID_BYTES, sizeof(bytes) - KEY_ID_BYTES);
	writer_u64(&w, c->time);
	writer_bytes(&w, c->sig, sizeof(c->sig));
	base64_encode(text, bytes, sizeof(bytes));
	len = snprintf(out, COSIGNATURE_LINE_MAX, "\xe2\x80\x94 %s %s\n", name, text);
	assert(len > 0 && len < COSIGNATURE_LINE_MAX);
	(void)len;
}

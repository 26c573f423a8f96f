/*
 * tlog.c: see tlog.h.
 */
#include "common/ledger/tlog.h"

#include "common/base/file.h"
#include "crypto/base64.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TILE_HEIGHT = 8,
	BUNDLE_BYTES = TLOG_TILE_WIDTH * (2 + TX_LEAF_BYTES)
};
_Static_assert(BUNDLE_BYTES >= TLOG_TILE_WIDTH * MERKLE_HASH_BYTES, "one buffer serves both");

/* --- texts ------------------------------------------------------------------------------------ */

size_t tlog_note(char *out, const struct checkpoint *c, const struct cosignature *list,
                 const uint8_t (*keys)[SIGN_KEY_BYTES], size_t count)
{
	char line[COSIGNATURE_LINE_MAX];
	size_t at;

	assert(count <= LIMIT_TRUSTEES);
	checkpoint_text(out, c);
	at = strlen(out);
	out[at++] = '\n';
	for (size_t i = 0; i < count; i++) {
		cosignature_line(line, &list[i], c->election_id, keys[i]);
		memcpy(out + at, line, strlen(line));
		at += strlen(line);
	}
	return at;
}

size_t tlog_proof(char *out, uint64_t leaf, const uint8_t (*path)[MERKLE_HASH_BYTES],
                  size_t path_len, const char *note, size_t note_len)
{
	char hash[BASE64_CHARS(MERKLE_HASH_BYTES)];
	size_t at;

	assert(path_len <= MERKLE_PATH_MAX && note_len <= TLOG_NOTE_MAX);
	at = (size_t)snprintf(out, TLOG_PROOF_MAX, "c2sp.org/tlog-proof@v1\nindex %" PRIu64 "\n", leaf);
	for (size_t i = 0; i < path_len; i++) {
		base64_encode(hash, path[i], MERKLE_HASH_BYTES);
		at += (size_t)snprintf(out + at, TLOG_PROOF_MAX - at, "%s\n", hash);
	}
	out[at++] = '\n';
	memcpy(out + at, note, note_len);
	return at + note_len;
}

/* --- names ------------------------------------------------------------------------------------ */

/* folder/part; the folder is made if it is not there. */
static enum status sub_folder(char out[static LIMIT_PATH_BYTES], const char *folder,
                              const char *part)
{
	enum status st = file_join(out, LIMIT_PATH_BYTES, folder, part);

	if (st == ST_OK && (st = file_make_folder(out, FILE_PUBLIC)) == ST_EXISTS)
		st = file_is_folder(out) ? ST_OK : ST_EXISTS;
	return st;
}

/*
 * tile/<level>/<index>[.p/<width>]: the index in groups of three digits, each a folder that begins
 * with "x", but for the last.  level is a number or "entries".
 */
static enum status tile_path(char out[static LIMIT_PATH_BYTES], const char *folder,
                             const char *level, uint64_t index, unsigned int width)
{
	char at[LIMIT_PATH_BYTES], part[16];
	uint64_t unit = 1;
	enum status st = sub_folder(at, folder, "tile");

	if (st == ST_OK && (st = sub_folder(out, at, level)) != ST_OK)
		return st;
	while (index / unit >= 1000)
		unit *= 1000;
	for (; st == ST_OK && unit > 1; unit /= 1000) {
		memcpy(at, out, LIMIT_PATH_BYTES);
		(void)snprintf(part, sizeof(part), "x%03u", (unsigned int)(index / unit % 1000));
		st = sub_folder(out, at, part);
	}
	if (st != ST_OK)
		return st;
	memcpy(at, out, LIMIT_PATH_BYTES);
	if (width == TLOG_TILE_WIDTH) {
		(void)snprintf(part, sizeof(part), "%03u", (unsigned int)(index % 1000));
		return file_join(out, LIMIT_PATH_BYTES, at, part);
	}
	(void)snprintf(part, sizeof(part), "%03u.p", (unsigned int)(index % 1000));
	if ((st = sub_folder(out, at, part)) != ST_OK)
		return st;
	memcpy(at, out, LIMIT_PATH_BYTES);
	(void)snprintf(part, sizeof(part), "%u", width);
	return file_join(out, LIMIT_PATH_BYTES, at, part);
}

/* --- tiles ------------------------------------------------------------------------------------ */

static enum status put_file(const char *path, const void *p, size_t len)
{
	return file_write(path, p, len, FILE_REPLACE, FILE_PUBLIC);
}

static enum status write_tile(const char *folder, const struct tlog_source *s, unsigned int level,
                              uint64_t index, unsigned int width, uint8_t *buf)
{
	char path[LIMIT_PATH_BYTES], name[16];
	enum status st;

	for (unsigned int i = 0; i < width; i++)
		if ((st = s->hashes.get(s->hashes.ctx, buf + (size_t)i * MERKLE_HASH_BYTES,
		                        level * TILE_HEIGHT, index * TLOG_TILE_WIDTH + i)) != ST_OK)
			return st;
	(void)snprintf(name, sizeof(name), "%u", level);
	if ((st = tile_path(path, folder, name, index, width)) != ST_OK)
		return st;
	return put_file(path, buf, (size_t)width * MERKLE_HASH_BYTES);
}

static enum status write_bundle(const char *folder, const struct tlog_source *s, uint64_t index,
                                unsigned int width, uint8_t *buf)
{
	char path[LIMIT_PATH_BYTES];
	uint8_t *at = buf;
	enum status st;

	for (unsigned int i = 0; i < width; i++) {
		*at++ = 0;
		*at++ = TX_LEAF_BYTES;
		if ((st = s->entry(s->ctx, at, index * TLOG_TILE_WIDTH + i)) != ST_OK)
			return st;
		at += TX_LEAF_BYTES;
	}
	if ((st = tile_path(path, folder, "entries", index, width)) != ST_OK)
		return st;
	return put_file(path, buf, (size_t)(at - buf));
}

static enum status write_level(const char *folder, const struct tlog_source *s, unsigned int level,
                               uint64_t hashes, uint8_t *buf)
{
	enum status st = ST_OK;

	for (uint64_t done = 0; st == ST_OK && done < hashes; done += TLOG_TILE_WIDTH) {
		uint64_t left = hashes - done;
		unsigned int width = left < TLOG_TILE_WIDTH ? (unsigned int)left : TLOG_TILE_WIDTH;

		st = write_tile(folder, s, level, done / TLOG_TILE_WIDTH, width, buf);
		if (st == ST_OK && level == 0)
			st = write_bundle(folder, s, done / TLOG_TILE_WIDTH, width, buf);
	}
	return st;
}

enum status tlog_write(const char *folder, const struct tlog_source *s, const char *note,
                       size_t note_len)
{
	uint8_t *buf = malloc(BUNDLE_BYTES);
	char path[LIMIT_PATH_BYTES];
	unsigned int level = 0;
	enum status st = buf == NULL ? ST_NO_MEMORY : file_make_folder(folder, FILE_PUBLIC);

	if (st == ST_EXISTS && file_is_folder(folder))
		st = ST_OK;
	for (uint64_t hashes = s->size; st == ST_OK && hashes > 0; hashes /= TLOG_TILE_WIDTH)
		st = write_level(folder, s, level++, hashes, buf);
	if (st == ST_OK && (st = file_join(path, sizeof(path), folder, "checkpoint")) == ST_OK)
		st = put_file(path, note, note_len);
	free(buf);
	return st;
}

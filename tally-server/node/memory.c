/*
 * memory.c: see memory.h.
 */
#include "tally-server/node/memory.h"

#include "common/base/file.h"
#include "common/base/hex.h"
#include "common/base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_DIGITS = 64 };

struct line {
	const char *text;
	size_t len;                   /* without the line feed */
	uint8_t election_id[32];
	struct memory memory;
};

/* "12 34" */
static enum status read_numbers(struct memory *out, const char *text, size_t len)
{
	const char *space = memchr(text, ' ', len);
	size_t first = space == NULL ? 0 : (size_t)(space - text);
	enum status st;

	if (space == NULL)
		return ST_FORMAT;
	if ((st = number_decode(&out->votes, text, first, UINT64_MAX)) != ST_OK)
		return st;
	return number_decode(&out->node, space + 1, len - first - 1, UINT64_MAX);
}

/* The next line of *text.  ST_NOT_FOUND at the end. */
static enum status next_line(struct line *out, const char **text)
{
	const char *end = strchr(*text, '\n');

	if (**text == '\0')
		return ST_NOT_FOUND;
	if (end == NULL || end - *text < ID_DIGITS + 2 || (*text)[ID_DIGITS] != ' ')
		return ST_FORMAT;
	out->text = *text;
	out->len = (size_t)(end - *text);
	*text = end + 1;
	if (hex_decode(out->election_id, sizeof(out->election_id), out->text, ID_DIGITS) != ST_OK)
		return ST_FORMAT;
	return read_numbers(&out->memory, out->text + ID_DIGITS + 1, out->len - ID_DIGITS - 1);
}

/* The whole file; an empty text when there is none. */
static enum status read_all(char **out, const char *path)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	enum status st = file_read(path, &bytes, &len, MEMORY_BYTES_MAX);

	*out = NULL;
	if (st == ST_NOT_FOUND) {
		*out = strdup("");
		return *out == NULL ? ST_NO_MEMORY : ST_OK;
	}
	if (st == ST_OK && strlen((char *)bytes) != len)
		st = ST_FORMAT;
	if (st != ST_OK) {
		free(bytes);
		return st;
	}
	*out = (char *)bytes;
	return ST_OK;
}

enum status memory_read(const char *path, const uint8_t election_id[static 32], bool *known,
                        struct memory *out)
{
	struct line line;
	const char *at;
	char *text;
	enum status st;

	*known = false;
	*out = (struct memory){ 0 };
	if ((st = read_all(&text, path)) != ST_OK)
		return st;
	at = text;
	while ((st = next_line(&line, &at)) == ST_OK)
		if (memcmp(line.election_id, election_id, sizeof(line.election_id)) == 0) {
			*known = true;
			*out = line.memory;
		}
	free(text);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static enum status write_lines(FILE *f, const char *text, const uint8_t *election_id,
                               const struct memory *m)
{
	char hex[ID_DIGITS + 1];
	struct line line;
	enum status st;

	while ((st = next_line(&line, &text)) == ST_OK)
		if (memcmp(line.election_id, election_id, sizeof(line.election_id)) != 0)
			(void)fprintf(f, "%.*s\n", (int)line.len, line.text);
	if (st != ST_NOT_FOUND)
		return st;
	hex_encode(hex, election_id, 32);
	(void)fprintf(f, "%s %" PRIu64 " %" PRIu64 "\n", hex, m->votes, m->node);
	return ST_OK;
}

enum status memory_write(const char *path, const uint8_t election_id[static 32],
                         const struct memory *m)
{
	char *text, *bytes = NULL;
	size_t len = 0;
	FILE *f;
	enum status st;

	if ((st = read_all(&text, path)) != ST_OK)
		return st;
	f = open_memstream(&bytes, &len);
	st = f == NULL ? ST_NO_MEMORY : write_lines(f, text, election_id, m);
	if (f != NULL && fclose(f) != 0)
		st = ST_NO_MEMORY;
	if (st == ST_OK && len > MEMORY_BYTES_MAX)
		st = ST_LIMIT;
	if (st == ST_OK)
		st = file_write(path, bytes, len, FILE_REPLACE, FILE_PRIVATE);
	free(bytes);
	free(text);
	return st;
}

/*
 * spool.c: see spool.h.
 *
 * A file's plaintext: "kalpis-spool-1\n", NUL, election_id, kiosk u16, sequence u32, state u8,
 * tracker, before, blinding, bytes (u32 length).
 */
#include "voter-client/kiosk/spool.h"

#include "common/base/alloc.h"
#include "common/base/file.h"
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_BYTES = 16 + 32 + 2 + 4 + 1 + 3 * 32 + 4 };

static const char MAGIC[16] = "kalpis-spool-1\n";
static const char PURPOSE[] = "spool";

struct spool {
	char folder[LIMIT_PATH_BYTES];
	int lock;
	bool is_held;
	bool is_broken;
	struct spool_owner *owner;       /* secret memory */
	struct spool_record *record;     /* SPOOL_RECORDS_MAX */
	size_t count;
	uint8_t chain[32];               /* after the last record */
};

void spool_key(uint8_t out[static SEAL_KEY_BYTES], const uint8_t device_secret[static 32],
               const uint8_t election_id[static 32])
{
	struct hash h;

	hash256_purpose(&h, "spool-key");
	hash_field(&h, election_id, 32);
	hash_field(&h, device_secret, 32);
	hash256_final(&h, out);
}

/* --- one record ------------------------------------------------------------------------------ */

static enum status path_of(char out[static LIMIT_PATH_BYTES], const struct spool *s,
                           uint32_t sequence)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%06u.ballot", sequence);
	return file_join(out, LIMIT_PATH_BYTES, s->folder, name);
}

static enum status encode(const struct spool *s, const struct spool_record *r, uint8_t *out,
                          size_t cap, size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_bytes(&w, MAGIC, sizeof(MAGIC));
	writer_bytes(&w, s->owner->election_id, 32);
	writer_u16(&w, s->owner->kiosk);
	writer_u32(&w, r->sequence);
	writer_u8(&w, (uint8_t)r->state);
	writer_bytes(&w, r->tracker, 32);
	writer_bytes(&w, r->before, 32);
	writer_bytes(&w, r->blinding, 32);
	writer_vec32(&w, r->bytes, r->bytes_len);
	return writer_end(&w, len);
}

static enum status read_owner(const struct spool *s, struct reader *r)
{
	char magic[sizeof(MAGIC)];
	uint8_t id[32];
	uint16_t kiosk;
	enum status st;

	if ((st = reader_bytes(r, magic, sizeof(magic))) != ST_OK ||
	    (st = memcmp(magic, MAGIC, sizeof(MAGIC)) == 0 ? ST_OK : ST_FORMAT) != ST_OK ||
	    (st = reader_bytes(r, id, sizeof(id))) != ST_OK ||
	    (st = reader_u16(r, &kiosk)) != ST_OK)
		return st;
	return kiosk == s->owner->kiosk && memcmp(id, s->owner->election_id, sizeof(id)) == 0 ?
	       ST_OK : ST_ELECTION;
}

static bool has_bytes(enum spool_state state)
{
	return state == SPOOL_SEALED || state == SPOOL_CAST_REQUESTED || state == SPOOL_TESTED;
}

/* bytes is copied. */
static enum status decode(const struct spool *s, struct spool_record *out, const uint8_t *plain,
                          size_t len)
{
	struct reader r;
	const uint8_t *bytes;
	uint8_t state;
	enum status st;

	reader_init(&r, plain, len);
	if ((st = read_owner(s, &r)) != ST_OK ||
	    (st = reader_u32(&r, &out->sequence)) != ST_OK ||
	    (st = reader_u8(&r, &state)) != ST_OK ||
	    (st = reader_bytes(&r, out->tracker, 32)) != ST_OK ||
	    (st = reader_bytes(&r, out->before, 32)) != ST_OK ||
	    (st = reader_bytes(&r, out->blinding, 32)) != ST_OK ||
	    (st = reader_vec32(&r, &bytes, &out->bytes_len, SPOOL_BYTES_MAX)) != ST_OK ||
	    (st = reader_end(&r)) != ST_OK)
		return st;
	if (state < SPOOL_SEALED || state > SPOOL_VOID)
		return ST_FORMAT;
	out->state = (enum spool_state)state;
	if (has_bytes(out->state) != (out->bytes_len > 0))
		return ST_FORMAT;
	out->bytes = NULL;
	if (out->bytes_len == 0)
		return ST_OK;
	out->bytes = malloc(out->bytes_len);
	if (out->bytes == NULL)
		return ST_NO_MEMORY;
	memcpy(out->bytes, bytes, out->bytes_len);
	return ST_OK;
}

static enum status write_record(struct spool *s, const struct spool_record *r, enum file_mode mode)
{
	size_t cap = HEAD_BYTES + r->bytes_len, len;
	uint8_t *plain = malloc(cap);
	uint8_t *sealed = malloc(cap + SEAL_KEY_OVERHEAD_BYTES);
	char path[LIMIT_PATH_BYTES];
	enum status st = ST_NO_MEMORY;

	if (s->is_broken)
		st = ST_IO;
	else if (plain != NULL && sealed != NULL &&
	         (st = encode(s, r, plain, cap, &len)) == ST_OK &&
	         (st = path_of(path, s, r->sequence)) == ST_OK &&
	         (st = seal_key_close(sealed, plain, len, PURPOSE, s->owner->key)) == ST_OK)
		st = file_write(path, sealed, len + SEAL_KEY_OVERHEAD_BYTES, mode, FILE_PRIVATE);
	if (st != ST_OK)
		s->is_broken = true;   /* the disk may be ahead of us */
	if (plain != NULL)
		mem_wipe(plain, cap);
	free(plain);
	free(sealed);
	return st;
}

static enum status read_record(struct spool *s, struct spool_record *out, const char *path)
{
	uint8_t *sealed = NULL, *plain = NULL;
	size_t len, plain_len;
	enum status st = file_read(path, &sealed, &len,
	                           HEAD_BYTES + SPOOL_BYTES_MAX + SEAL_KEY_OVERHEAD_BYTES);

	if (st != ST_OK)
		return st;
	plain = malloc(len + 1);
	st = plain == NULL ? ST_NO_MEMORY :
	     seal_key_open(plain, &plain_len, sealed, len, PURPOSE, s->owner->key);
	if (st == ST_OK)
		st = decode(s, out, plain, plain_len);
	if (plain != NULL)
		mem_wipe(plain, len + 1);
	free(plain);
	free(sealed);
	return st;
}

/* --- the folder ------------------------------------------------------------------------------ */

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), want = strlen(end);

	return len > want && strcmp(name + len - want, end) == 0;
}

/* The next record must be this one: its number and its place in the chain. */
static enum status take(struct spool *s, const char *path)
{
	struct spool_record *r = &s->record[s->count];
	enum status st;

	if (s->count == SPOOL_RECORDS_MAX)
		return ST_LIMIT;
	if ((st = read_record(s, r, path)) != ST_OK)
		return st;
	s->count++;   /* its bytes are freed from now on */
	if (r->sequence != s->count || memcmp(r->before, s->chain, sizeof(s->chain)) != 0)
		return ST_HASH;
	slip_chain_next(s->chain, s->chain, r->tracker, r->blinding);
	return ST_OK;
}

/* Records in the order of their names; what a crash left half written is removed. */
static enum status read_folder(struct spool *s, struct fault *fault)
{
	struct file_names names = { NULL, 0 };
	char path[LIMIT_PATH_BYTES];
	enum status st = file_list(&names, s->folder, 2 * SPOOL_RECORDS_MAX);

	for (size_t i = 0; st == ST_OK && i < names.count; i++) {
		if ((st = file_join(path, sizeof(path), s->folder, names.name[i])) != ST_OK)
			break;
		if (ends_in(names.name[i], ".tmp"))
			(void)unlink(path);
		else if (ends_in(names.name[i], ".ballot"))
			st = take(s, path);
		if (st != ST_OK) {
			(void)fault_set(fault, st, "the kiosk's record %s is not sound: %s", path,
			                status_text(st));
			fault_why(fault, "It says what became of a ballot that was locked here.");
			fault_next(fault, "Do not use this kiosk. Keep its disk, and call the election "
			           "officer.");
		}
	}
	file_names_free(&names);
	return st;
}

static enum status hold(struct spool *s, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	enum status st = file_make_folder(s->folder, FILE_PRIVATE);

	if (st != ST_OK && st != ST_EXISTS)
		return fault_set(fault, st, "the folder %s cannot be made: %s", s->folder,
		                 status_text(st));
	if ((st = file_join(path, sizeof(path), s->folder, "lock")) != ST_OK ||
	    (st = file_lock(&s->lock, path)) != ST_OK) {
		(void)fault_set(fault, st, "the spool %s cannot be used: %s", s->folder, status_text(st));
		fault_next(fault, st == ST_AGAIN ? "Another voter-client runs with it: stop that first." :
		           "Check the folder's owner and the disk.");
		return st;
	}
	s->is_held = true;
	return ST_OK;
}

static enum status spool_new(struct spool **out, const char *folder,
                             const struct spool_owner *owner)
{
	struct spool *s = alloc_zero(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return ST_NO_MEMORY;
	s->owner = mem_secret_alloc(sizeof(*s->owner));
	s->record = alloc_zero(SPOOL_RECORDS_MAX, sizeof(*s->record));
	if (s->owner == NULL || s->record == NULL)
		return ST_NO_MEMORY;
	*s->owner = *owner;
	slip_chain_start(s->chain, owner->election_id, owner->kiosk);
	return (size_t)snprintf(s->folder, sizeof(s->folder), "%s", folder) < sizeof(s->folder) ?
	       ST_OK : ST_LIMIT;
}

enum status spool_open(struct spool **out, const char *folder, const struct spool_owner *owner,
                       struct fault *fault)
{
	struct spool *s;
	enum status st = spool_new(&s, folder, owner);

	*out = NULL;
	if (st != ST_OK)
		(void)fault_set(fault, st, "the spool %s cannot be used: %s", folder, status_text(st));
	if (st != ST_OK || (st = hold(s, fault)) != ST_OK || (st = read_folder(s, fault)) != ST_OK) {
		spool_close(s);
		return st;
	}
	*out = s;
	return ST_OK;
}

void spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; s->record != NULL && i < s->count; i++)
		free(s->record[i].bytes);
	if (s->is_held)
		file_unlock(s->lock);
	mem_secret_free(s->owner);
	free(s->record);
	free(s);
}

/* --- looking --------------------------------------------------------------------------------- */

size_t spool_count(const struct spool *s)
{
	return s->count;
}

const struct spool_record *spool_at(const struct spool *s, size_t index)
{
	return &s->record[index];
}

uint32_t spool_count_in(const struct spool *s, enum spool_state state)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		n += s->record[i].state == state;
	return n;
}

uint32_t spool_next(const struct spool *s, uint8_t before[static 32])
{
	memcpy(before, s->chain, 32);
	return (uint32_t)s->count + 1;
}

/* --- changing -------------------------------------------------------------------------------- */

static enum status copy_bytes(uint8_t **out, const uint8_t *bytes, size_t len)
{
	*out = NULL;
	if (len == 0)
		return ST_OK;
	*out = malloc(len);
	if (*out == NULL)
		return ST_NO_MEMORY;
	memcpy(*out, bytes, len);
	return ST_OK;
}

enum status spool_seal(struct spool *s, const uint8_t tracker[static 32],
                       const uint8_t blinding[static 32], const uint8_t *body, size_t body_len)
{
	struct spool_record r = { .state = SPOOL_SEALED, .bytes_len = body_len };
	enum status st;

	if (s->count == SPOOL_RECORDS_MAX || body_len == 0 || body_len > SPOOL_BYTES_MAX)
		return ST_LIMIT;
	r.sequence = spool_next(s, r.before);
	memcpy(r.tracker, tracker, 32);
	memcpy(r.blinding, blinding, 32);
	if ((st = copy_bytes(&r.bytes, body, body_len)) != ST_OK)
		return st;
	if ((st = write_record(s, &r, FILE_NEW)) != ST_OK) {
		free(r.bytes);
		return st;
	}
	s->record[s->count++] = r;
	slip_chain_next(s->chain, s->chain, tracker, blinding);
	return ST_OK;
}

static bool may_become(enum spool_state from, enum spool_state to)
{
	if (from == SPOOL_SEALED)
		return to == SPOOL_CAST_REQUESTED || to == SPOOL_TESTED || to == SPOOL_VOID;
	return from == SPOOL_CAST_REQUESTED && (to == SPOOL_CAST || to == SPOOL_VOID);
}

enum status spool_change(struct spool *s, uint32_t sequence, enum spool_state state,
                         const uint8_t *bytes, size_t bytes_len)
{
	struct spool_record *old, r;
	enum status st;

	if (sequence < 1 || sequence > s->count)
		return ST_NOT_FOUND;
	old = &s->record[sequence - 1];
	if (!may_become(old->state, state))
		return ST_CONFLICT;
	if (bytes_len > SPOOL_BYTES_MAX || has_bytes(state) != (bytes_len > 0))
		return ST_FORMAT;
	r = *old;
	r.state = state;
	r.bytes_len = bytes_len;
	if ((st = copy_bytes(&r.bytes, bytes, bytes_len)) != ST_OK)
		return st;
	if ((st = write_record(s, &r, FILE_REPLACE)) != ST_OK) {
		free(r.bytes);
		return st;
	}
	free(old->bytes);
	*old = r;
	return ST_OK;
}

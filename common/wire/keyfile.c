/*
 * keyfile.c: see keyfile.h.
 *
 * Plain form: kind u8, suite name (opaque<0..32>), then the fields of the struct in order, each in
 * full; enc is group_scalar_len bytes, or none without a suite.
 */
#include "common/wire/keyfile.h"

#include "common/base/file.h"
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/seal.h"
#include "crypto/x25519.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PLAIN_MAX = 1024 };

static const char *const NAME[] = {
	[KEYFILE_TRUSTEE] = "trustee", [KEYFILE_NODE] = "node", [KEYFILE_REGISTRAR] = "registrar",
	[KEYFILE_OFFICER] = "officer", [KEYFILE_KIOSK] = "kiosk",
};

static const char *const PURPOSE[] = {
	[KEYFILE_TRUSTEE] = "key-trustee", [KEYFILE_NODE] = "key-node",
	[KEYFILE_REGISTRAR] = "key-registrar", [KEYFILE_OFFICER] = "key-officer",
	[KEYFILE_KIOSK] = "key-kiosk",
};

const char *keyfile_kind_name(enum keyfile_kind kind)
{
	return kind >= KEYFILE_TRUSTEE && kind <= KEYFILE_KIOSK ? NAME[kind] : "unknown";
}

static void make_transport(struct keyfile *k)
{
	uint8_t public_key[X25519_KEY_BYTES];

	x25519_keygen(public_key, k->curve_secret);
}

void keyfile_generate(struct keyfile *out, enum keyfile_kind kind, const struct group *suite)
{
	assert((kind == KEYFILE_TRUSTEE) == (suite != NULL));
	*out = (struct keyfile){ .kind = kind, .suite = suite };
	rng_bytes(out->sign_seed, sizeof(out->sign_seed));
	if (kind == KEYFILE_TRUSTEE) {
		rng_scalar(suite, &out->enc);
		rng_bytes(out->ceremony_seed, sizeof(out->ceremony_seed));
	}
	if (kind == KEYFILE_NODE)
		rng_bytes(out->checkpoint_seed, sizeof(out->checkpoint_seed));
	if (kind == KEYFILE_KIOSK)
		rng_bytes(out->device_secret, sizeof(out->device_secret));
	if (kind == KEYFILE_NODE || kind == KEYFILE_KIOSK)
		make_transport(out);
}

void keyfile_wipe(struct keyfile *k)
{
	if (k != NULL)
		mem_wipe(k, sizeof(*k));
}

static enum status encode(const struct keyfile *k, uint8_t *plain, size_t *len)
{
	const char *suite = k->suite == NULL ? "" : group_name(k->suite);
	struct writer w;
	uint8_t *room;

	writer_init(&w, plain, PLAIN_MAX);
	writer_u8(&w, (uint8_t)k->kind);
	writer_vec8(&w, suite, strlen(suite));
	writer_bytes(&w, k->sign_seed, sizeof(k->sign_seed));
	if (k->suite != NULL) {
		room = writer_room(&w, group_scalar_len(k->suite));
		if (room == NULL)
			return ST_LIMIT;
		group_scalar_encode(k->suite, room, &k->enc);
	}
	writer_bytes(&w, k->ceremony_seed, sizeof(k->ceremony_seed));
	writer_bytes(&w, k->checkpoint_seed, sizeof(k->checkpoint_seed));
	writer_bytes(&w, k->curve_secret, sizeof(k->curve_secret));
	writer_bytes(&w, k->device_secret, sizeof(k->device_secret));
	return writer_end(&w, len);
}

static enum status read_suite(struct reader *r, struct keyfile *k)
{
	char name[33] = "";
	const uint8_t *text;
	const uint8_t *scalar;
	size_t len;
	enum status st = reader_vec8(r, &text, &len, sizeof(name) - 1);

	if (st != ST_OK)
		return st;
	if (len > 0)
		memcpy(name, text, len);
	k->suite = len == 0 ? NULL : group_by_name(name);
	if ((k->suite == NULL) != (k->kind != KEYFILE_TRUSTEE))
		return ST_FORMAT;
	if ((st = reader_bytes(r, k->sign_seed, sizeof(k->sign_seed))) != ST_OK)
		return st;
	if (k->suite == NULL)
		return ST_OK;
	if ((st = reader_view(r, &scalar, group_scalar_len(k->suite))) != ST_OK)
		return st;
	return group_scalar_decode(k->suite, &k->enc, scalar);
}

static enum status decode(struct keyfile *k, enum keyfile_kind kind, const uint8_t *plain,
                          size_t len)
{
	struct reader r;
	uint8_t said;
	enum status st;

	reader_init(&r, plain, len);
	if ((st = reader_u8(&r, &said)) != ST_OK)
		return st;
	if (said != (uint8_t)kind)
		return ST_FORMAT;
	k->kind = kind;
	if ((st = read_suite(&r, k)) != ST_OK ||
	    (st = reader_bytes(&r, k->ceremony_seed, sizeof(k->ceremony_seed))) != ST_OK ||
	    (st = reader_bytes(&r, k->checkpoint_seed, sizeof(k->checkpoint_seed))) != ST_OK ||
	    (st = reader_bytes(&r, k->curve_secret, sizeof(k->curve_secret))) != ST_OK ||
	    (st = reader_bytes(&r, k->device_secret, sizeof(k->device_secret))) != ST_OK)
		return st;
	return reader_end(&r);
}

enum status keyfile_save(const char *path, const struct keyfile *k, const struct passphrase *p)
{
	uint8_t *plain = mem_secret_alloc(PLAIN_MAX);
	uint8_t *sealed = NULL;
	size_t len;
	enum status st = ST_NO_MEMORY;

	if (plain == NULL || (st = encode(k, plain, &len)) != ST_OK)
		goto out;
	st = ST_NO_MEMORY;
	sealed = malloc(seal_len(len));
	if (sealed == NULL ||
	    (st = seal_close(sealed, plain, len, PURPOSE[k->kind], p->text, p->len)) != ST_OK)
		goto out;
	st = file_write(path, sealed, seal_len(len), FILE_NEW, FILE_PRIVATE);
out:
	mem_secret_free(plain);
	free(sealed);
	return st;
}

enum status keyfile_load(struct keyfile *out, const char *path, enum keyfile_kind kind,
                         const struct passphrase *p)
{
	uint8_t *plain = NULL;
	uint8_t *sealed = NULL;
	size_t sealed_len, len;
	enum status st;

	*out = (struct keyfile){ 0 };
	if ((st = file_read(path, &sealed, &sealed_len, PLAIN_MAX + SEAL_OVERHEAD_BYTES)) != ST_OK)
		return st;
	st = ST_SEAL;
	if (seal_plain_len(sealed_len) == 0 || seal_plain_len(sealed_len) > PLAIN_MAX)
		goto out;
	st = ST_NO_MEMORY;
	plain = mem_secret_alloc(PLAIN_MAX);
	if (plain == NULL ||
	    (st = seal_open(plain, &len, sealed, sealed_len, PURPOSE[kind], p->text,
	                    p->len)) != ST_OK)
		goto out;
	st = decode(out, kind, plain, len);
out:
	if (st != ST_OK)
		keyfile_wipe(out);
	mem_secret_free(plain);
	free(sealed);
	return st;
}

void keyfile_ceremony_seed(uint8_t out[static 32], const struct keyfile *k,
                           const uint8_t election_id[static 32])
{
	struct hash h;

	hash256_purpose(&h, "ceremony-seed");
	hash_field(&h, k->ceremony_seed, sizeof(k->ceremony_seed));
	hash_field(&h, election_id, 32);
	hash256_final(&h, out);
}

/*
 * seal.c: see seal.h.  Argon2id and secretstream of libsodium.
 *
 * Invariant: the cost in a file is judged before a byte of memory is spent on it, and nothing of
 * the plaintext is given out unless every byte was authentic.
 */
#include "crypto/seal.h"

#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

enum {
	SALT_BYTES = crypto_pwhash_SALTBYTES,
	STREAM_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	TAG_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
	KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
	MAGIC_BYTES = 8,
	VERSION = 1,
	AT_VERSION = MAGIC_BYTES,
	AT_OPERATIONS = AT_VERSION + 1,
	AT_MEMORY = AT_OPERATIONS + 4,
	AT_SALT = AT_MEMORY + 4
};

_Static_assert((int)AT_SALT + (int)SALT_BYTES == (int)SEAL_HEAD_BYTES, "the head ends in the salt");
_Static_assert((int)SEAL_HEAD_BYTES + (int)STREAM_BYTES + (int)TAG_BYTES ==
               (int)SEAL_OVERHEAD_BYTES, "the overhead");

static const char MAGIC[] = "KALPSEAL";

size_t seal_len(size_t plain_len)
{
	return plain_len <= SEAL_PLAIN_MAX ? plain_len + SEAL_OVERHEAD_BYTES : 0;
}

size_t seal_plain_len(size_t sealed_len)
{
	if (sealed_len < SEAL_OVERHEAD_BYTES || sealed_len - SEAL_OVERHEAD_BYTES > SEAL_PLAIN_MAX)
		return 0;
	return sealed_len - SEAL_OVERHEAD_BYTES;
}

static void put_u32(uint8_t *p, uint32_t v)
{
	for (size_t i = 0; i < sizeof(v); i++)
		p[i] = (uint8_t)(v >> (8 * (sizeof(v) - 1 - i)));
}

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void head_write(uint8_t head[static SEAL_HEAD_BYTES])
{
	memcpy(head, MAGIC, MAGIC_BYTES);
	head[AT_VERSION] = VERSION;
	put_u32(head + AT_OPERATIONS, seal_cost.operations);
	put_u32(head + AT_MEMORY, seal_cost.memory_kib);
	rng_bytes(head + AT_SALT, SALT_BYTES);
}

static bool head_is_ours(const uint8_t head[static SEAL_HEAD_BYTES])
{
	uint32_t operations = get_u32(head + AT_OPERATIONS);
	uint32_t memory_kib = get_u32(head + AT_MEMORY);

	return mem_is_equal(head, MAGIC, MAGIC_BYTES) && head[AT_VERSION] == VERSION &&
	       operations >= seal_cost.operations && operations <= SEAL_OPERATIONS_MAX &&
	       memory_kib >= seal_cost.memory_kib && memory_kib <= SEAL_MEMORY_KIB_MAX;
}

static bool passphrase_is_usable(size_t len)
{
	return len >= 1 && len <= SEAL_PASSPHRASE_MAX;
}

/* The key of a file with this head.  ST_NO_MEMORY. */
static enum status derive(uint8_t key[static KEY_BYTES], const uint8_t head[static SEAL_HEAD_BYTES],
                          const void *passphrase, size_t len)
{
	int rc = crypto_pwhash(key, KEY_BYTES, passphrase, len, head + AT_SALT,
	                       get_u32(head + AT_OPERATIONS), (size_t)get_u32(head + AT_MEMORY) * 1024,
	                       crypto_pwhash_ALG_ARGON2ID13);

	return rc == 0 ? ST_OK : ST_NO_MEMORY;
}

struct associated {
	uint8_t bytes[SEAL_HEAD_BYTES + SEAL_PURPOSE_MAX];
	size_t len;
};

/* What is authenticated beside the plaintext: the head, then the purpose. */
static void associate(struct associated *out, const uint8_t head[static SEAL_HEAD_BYTES],
                      const char *purpose)
{
	size_t len = strlen(purpose);

	assert(len >= 1 && len <= SEAL_PURPOSE_MAX);
	memcpy(out->bytes, head, SEAL_HEAD_BYTES);
	memcpy(out->bytes + SEAL_HEAD_BYTES, purpose, len);
	out->len = SEAL_HEAD_BYTES + len;
}

enum status seal_close(uint8_t *out, const void *plain, size_t plain_len, const char *purpose,
                       const void *passphrase, size_t passphrase_len)
{
	crypto_secretstream_xchacha20poly1305_state stream;
	uint8_t key[KEY_BYTES];
	struct associated ad;
	enum status st;

	if (plain_len > SEAL_PLAIN_MAX)
		return ST_LIMIT;
	memset(out, 0, seal_len(plain_len));
	if (!passphrase_is_usable(passphrase_len))
		return ST_LIMIT;
	head_write(out);
	associate(&ad, out, purpose);
	if ((st = derive(key, out, passphrase, passphrase_len)) != ST_OK) {
		memset(out, 0, seal_len(plain_len));
		return st;
	}
	crypto_secretstream_xchacha20poly1305_init_push(&stream, out + SEAL_HEAD_BYTES, key);
	crypto_secretstream_xchacha20poly1305_push(
	    &stream, out + SEAL_HEAD_BYTES + STREAM_BYTES, NULL, plain, plain_len, ad.bytes, ad.len,
	    crypto_secretstream_xchacha20poly1305_TAG_FINAL);
	mem_wipe(key, sizeof(key));
	mem_wipe(&stream, sizeof(stream));
	return ST_OK;
}

enum status seal_open(void *plain, size_t *plain_len, const uint8_t *sealed, size_t sealed_len,
                      const char *purpose, const void *passphrase, size_t passphrase_len)
{
	crypto_secretstream_xchacha20poly1305_state stream;
	size_t len = seal_plain_len(sealed_len);
	uint8_t key[KEY_BYTES];
	struct associated ad;
	uint8_t tag = 0;
	enum status st;
	int rc;

	*plain_len = 0;
	mem_wipe(plain, len);
	if (sealed_len != seal_len(len) || !head_is_ours(sealed) ||
	    !passphrase_is_usable(passphrase_len))
		return ST_SEAL;
	associate(&ad, sealed, purpose);
	if ((st = derive(key, sealed, passphrase, passphrase_len)) != ST_OK)
		return st;
	rc = crypto_secretstream_xchacha20poly1305_init_pull(&stream, sealed + SEAL_HEAD_BYTES, key);
	if (rc == 0)
		rc = crypto_secretstream_xchacha20poly1305_pull(
		    &stream, plain, NULL, &tag, sealed + SEAL_HEAD_BYTES + STREAM_BYTES,
		    len + TAG_BYTES, ad.bytes, ad.len);
	mem_wipe(key, sizeof(key));
	mem_wipe(&stream, sizeof(stream));
	if (rc != 0 || tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
		mem_wipe(plain, len);
		return ST_SEAL;
	}
	*plain_len = len;
	return ST_OK;
}

/* --- under a key ----------------------------------------------------------------------------- */

_Static_assert((int)SEAL_KEY_BYTES == (int)KEY_BYTES, "one key, two names");
_Static_assert((int)MAGIC_BYTES + (int)STREAM_BYTES + (int)TAG_BYTES ==
               (int)SEAL_KEY_OVERHEAD_BYTES, "the overhead");

static const char KEY_MAGIC[] = "KALPSEK1";

static const unsigned char *purpose_bytes(const char *purpose, size_t *len)
{
	*len = strlen(purpose);
	assert(*len >= 1);
	assert(*len <= SEAL_PURPOSE_MAX);
	return (const unsigned char *)purpose;
}

enum status seal_key_close(uint8_t *out, const void *plain, size_t plain_len, const char *purpose,
                           const uint8_t key[static SEAL_KEY_BYTES])
{
	crypto_secretstream_xchacha20poly1305_state stream;
	const unsigned char *ad;
	size_t ad_len;

	memset(out, 0, plain_len + SEAL_KEY_OVERHEAD_BYTES);
	if (plain_len > SEAL_PLAIN_MAX)
		return ST_LIMIT;
	ad = purpose_bytes(purpose, &ad_len);
	memcpy(out, KEY_MAGIC, MAGIC_BYTES);
	crypto_secretstream_xchacha20poly1305_init_push(&stream, out + MAGIC_BYTES, key);
	crypto_secretstream_xchacha20poly1305_push(&stream, out + MAGIC_BYTES + STREAM_BYTES, NULL,
	                                           plain, plain_len, ad, ad_len,
	                                           crypto_secretstream_xchacha20poly1305_TAG_FINAL);
	mem_wipe(&stream, sizeof(stream));
	return ST_OK;
}

enum status seal_key_open(void *plain, size_t *plain_len, const uint8_t *sealed, size_t sealed_len,
                          const char *purpose, const uint8_t key[static SEAL_KEY_BYTES])
{
	crypto_secretstream_xchacha20poly1305_state stream;
	const unsigned char *ad;
	size_t ad_len, len;
	uint8_t tag = 0;
	int rc;

	*plain_len = 0;
	mem_wipe(plain, sealed_len);
	if (sealed_len < SEAL_KEY_OVERHEAD_BYTES ||
	    sealed_len - SEAL_KEY_OVERHEAD_BYTES > SEAL_PLAIN_MAX ||
	    !mem_is_equal(sealed, KEY_MAGIC, MAGIC_BYTES))
		return ST_SEAL;
	len = sealed_len - SEAL_KEY_OVERHEAD_BYTES;
	ad = purpose_bytes(purpose, &ad_len);
	rc = crypto_secretstream_xchacha20poly1305_init_pull(&stream, sealed + MAGIC_BYTES, key);
	if (rc == 0)
		rc = crypto_secretstream_xchacha20poly1305_pull(&stream, plain, NULL, &tag,
		                                                sealed + MAGIC_BYTES + STREAM_BYTES,
		                                                len + TAG_BYTES, ad, ad_len);
	mem_wipe(&stream, sizeof(stream));
	if (rc != 0 || tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
		mem_wipe(plain, sealed_len);
		return ST_SEAL;
	}
	*plain_len = len;
	return ST_OK;
}

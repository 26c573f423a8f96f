/*
 * hash.c: see hash.h.  SHA-256 and SHA-512 of libsodium.
 *
 * Invariant: the state knows which function it runs; a final of the other one stops the process,
 * for a hash of the wrong kind is our own bug.
 */
#include "crypto/hash.h"

#include "crypto/mem.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

struct state {
	union {
		crypto_hash_sha256_state s256;
		crypto_hash_sha512_state s512;
	};
	size_t out_len;   /* HASH256_BYTES or HASH512_BYTES; anything else: not initialised */
};

_Static_assert(sizeof(struct state) <= sizeof(struct hash), "the library's state fits");
_Static_assert(_Alignof(struct state) <= _Alignof(struct hash), "and is aligned");

static struct state *state_of(struct hash *h)
{
	return (struct state *)(void *)h->opaque;
}

void hash256(uint8_t out[static HASH256_BYTES], const void *p, size_t len)
{
	crypto_hash_sha256(out, p, len);
}

void hash512(uint8_t out[static HASH512_BYTES], const void *p, size_t len)
{
	crypto_hash_sha512(out, p, len);
}

void hash256_init(struct hash *h)
{
	struct state *s = state_of(h);

	crypto_hash_sha256_init(&s->s256);
	s->out_len = HASH256_BYTES;
}

void hash512_init(struct hash *h)
{
	struct state *s = state_of(h);

	crypto_hash_sha512_init(&s->s512);
	s->out_len = HASH512_BYTES;
}

void hash_update(struct hash *h, const void *p, size_t len)
{
	struct state *s = state_of(h);

	assert(s->out_len == HASH256_BYTES || s->out_len == HASH512_BYTES);
	assert(p != NULL || len == 0);
	if (len == 0)
		return;
	if (s->out_len == HASH256_BYTES)
		crypto_hash_sha256_update(&s->s256, p, len);
	else
		crypto_hash_sha512_update(&s->s512, p, len);
}

void hash256_final(struct hash *h, uint8_t out[static HASH256_BYTES])
{
	struct state *s = state_of(h);

	assert(s->out_len == HASH256_BYTES);
	crypto_hash_sha256_final(&s->s256, out);
	mem_wipe(h, sizeof(*h));
}

void hash512_final(struct hash *h, uint8_t out[static HASH512_BYTES])
{
	struct state *s = state_of(h);

	assert(s->out_len == HASH512_BYTES);
	crypto_hash_sha512_final(&s->s512, out);
	mem_wipe(h, sizeof(*h));
}

/* The low width bytes of v, big-endian. */
static void put_be(uint8_t *out, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		out[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static void frame(struct hash *h, size_t len)
{
	uint8_t head[4];

	assert(len <= UINT32_MAX);
	put_be(head, len, sizeof(head));
	hash_update(h, head, sizeof(head));
}

/* protocol.md §2: everything hashed begins with its purpose, so that no two uses collide. */
static void begin(struct hash *h, const char *purpose)
{
	static const char prefix[] = "kalpis/v1/";
	size_t prefix_len = sizeof(prefix) - 1;
	size_t purpose_len = strlen(purpose);

	frame(h, prefix_len + purpose_len);
	hash_update(h, prefix, prefix_len);
	hash_update(h, purpose, purpose_len);
}

void hash256_purpose(struct hash *h, const char *purpose)
{
	hash256_init(h);
	begin(h, purpose);
}

void hash512_purpose(struct hash *h, const char *purpose)
{
	hash512_init(h);
	begin(h, purpose);
}

void hash_field(struct hash *h, const void *p, size_t len)
{
	frame(h, len);
	hash_update(h, p, len);
}

void hash_field_u8(struct hash *h, uint8_t v)
{
	hash_field(h, &v, 1);
}

void hash_field_u32(struct hash *h, uint32_t v)
{
	uint8_t b[4];

	put_be(b, v, sizeof(b));
	hash_field(h, b, sizeof(b));
}

void hash_field_u64(struct hash *h, uint64_t v)
{
	uint8_t b[8];

	put_be(b, v, sizeof(b));
	hash_field(h, b, sizeof(b));
}

void hash_field_text(struct hash *h, const char *s)
{
	hash_field(h, s, strlen(s));
}

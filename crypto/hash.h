/*
 * hash.h: SHA-256 and SHA-512, streaming, and the framed hashes of protocol.md §2.
 *
 * H(purpose, fields...) = SHA-256 over frame("kalpis/v1/" || purpose) || frame(field)..., where
 * frame(x) = u32 big-endian length || x.  Digest64 is the same with SHA-512.
 *
 * Invariant: a struct hash is between _init and _final; _final leaves it wiped.
 */
#ifndef KALPIS_CRYPTO_HASH_H
#define KALPIS_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH256_BYTES = 32, HASH512_BYTES = 64 };

struct hash {
	_Alignas(16) unsigned char opaque[256];   /* the library's state, and which function */
};

/* Plain functions, no framing. */
void hash256(uint8_t out[static HASH256_BYTES], const void *p, size_t len);
void hash512(uint8_t out[static HASH512_BYTES], const void *p, size_t len);
void hash256_init(struct hash *h);
void hash512_init(struct hash *h);
void hash_update(struct hash *h, const void *p, size_t len);   /* no framing */
void hash256_final(struct hash *h, uint8_t out[static HASH256_BYTES]);
void hash512_final(struct hash *h, uint8_t out[static HASH512_BYTES]);

/* Framed: begin with a purpose, add fields, finish with hash256_final or hash512_final. */
void hash256_purpose(struct hash *h, const char *purpose);
void hash512_purpose(struct hash *h, const char *purpose);
void hash_field(struct hash *h, const void *p, size_t len);
void hash_field_u8(struct hash *h, uint8_t v);     /* a field of 1 byte */
void hash_field_u32(struct hash *h, uint32_t v);   /* a field of 4 bytes, big-endian */
void hash_field_u64(struct hash *h, uint64_t v);   /* a field of 8 bytes, big-endian */
void hash_field_text(struct hash *h, const char *s);

#endif

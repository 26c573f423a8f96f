/*
 * seal.h: sealed files, the only way a secret becomes storable bytes (protocol.md §7).
 *
 * magic "KALPSEAL" (8) | version u8 = 1 | Argon2id operations u32 | memory in KiB u32 | salt (16)
 * | secretstream header (24) | one final secretstream message, XChaCha20-Poly1305 (n + 17).
 * Integers are big-endian.  Everything before the stream header, and the purpose, is authenticated
 * with the message, so no byte can change unnoticed and no file can pass for one of another kind.
 *
 * Invariant: a cost below seal_cost is refused, above SEAL_*_MAX too, both before memory is
 * spent.  seal_cost is libsodium's "moderate" in every program that people run; only test programs
 * that ask for tests/unit/lib/cheap_seal.h get a lower one (docs/decisions/0017).
 */
#ifndef KALPIS_CRYPTO_SEAL_H
#define KALPIS_CRYPTO_SEAL_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
	SEAL_HEAD_BYTES = 8 + 1 + 4 + 4 + 16,
	SEAL_OVERHEAD_BYTES = SEAL_HEAD_BYTES + 24 + 17,
	SEAL_PLAIN_MAX = 64 << 20,
	SEAL_PASSPHRASE_MAX = 1024,
	SEAL_PURPOSE_MAX = 64,
	SEAL_OPERATIONS_MAX = 16,
	SEAL_MEMORY_KIB_MAX = 1 << 20      /* 1 GiB */
};

/* What sealing costs, and the least that opening accepts. */
struct seal_cost {
	uint32_t operations;
	uint32_t memory_kib;
};
extern const struct seal_cost seal_cost;

/* Bytes of a sealed file with this many inside, and back; 0 when there is no such file. */
size_t seal_len(size_t plain_len);
size_t seal_plain_len(size_t sealed_len);

/*
 * out has seal_len(plain_len) bytes, apart from plain.  Takes about a second and 256 MiB.
 * ST_LIMIT: plain beyond SEAL_PLAIN_MAX, or a passphrase that is empty or too long;
 * ST_NO_MEMORY.  out is zero on failure.
 */
MUST_USE enum status seal_close(uint8_t *out, const void *plain, size_t plain_len,
                                const char *purpose, const void *passphrase,
                                size_t passphrase_len);

/*
 * plain has seal_plain_len(sealed_len) bytes, apart from sealed; on failure it is zero.
 * ST_SEAL: wrong passphrase or purpose, an altered byte, a byte too few or too many, a cost out
 * of bounds; which of these is not told.  ST_NO_MEMORY.  The caller wipes plain.
 */
MUST_USE enum status seal_open(void *plain, size_t *plain_len, const uint8_t *sealed,
                               size_t sealed_len, const char *purpose, const void *passphrase,
                               size_t passphrase_len);

/*
 * The same under a key of 32 uniform bytes, for a machine that writes often: no Argon2id.
 * magic "KALPSEK1" (8) | secretstream header (24) | one final message (n + 17).
 */
enum { SEAL_KEY_BYTES = 32, SEAL_KEY_OVERHEAD_BYTES = 8 + 24 + 17 };

/* out has plain_len + SEAL_KEY_OVERHEAD_BYTES bytes, apart from plain.  ST_LIMIT: plain beyond
 * SEAL_PLAIN_MAX; out is then zero. */
MUST_USE enum status seal_key_close(uint8_t *out, const void *plain, size_t plain_len,
                                    const char *purpose,
                                    const uint8_t key[static SEAL_KEY_BYTES]);
/* plain has room for sealed_len bytes, apart from sealed; zero on failure.  ST_SEAL: another key
 * or purpose, or any altered byte.  The caller wipes plain. */
MUST_USE enum status seal_key_open(void *plain, size_t *plain_len, const uint8_t *sealed,
                                   size_t sealed_len, const char *purpose,
                                   const uint8_t key[static SEAL_KEY_BYTES]);

#endif

/*
 * mem.h: memory that holds secrets (libsodium behind this door).
 *
 * Invariant: crypto_init() ran before anything else of crypto/.
 */
#ifndef KALPIS_CRYPTO_MEM_H
#define KALPIS_CRYPTO_MEM_H

#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Start the libraries behind crypto/: libsodium, wiping allocators for GMP, a self-test of the
 * random generator.  Call once, first; further calls do nothing.  ST_RANDOM or ST_INTERNAL: stop.
 */
MUST_USE enum status crypto_init(void);

/* Erase, in a way the compiler does not drop.  NULL with length 0 is allowed. */
void mem_wipe(void *p, size_t len);

/* Compare in time that depends on len alone. */
bool mem_is_equal(const void *a, const void *b, size_t len);
bool mem_is_zero(const void *p, size_t len);

/* Keep [p, p+len) out of swap and core files.  ST_DENIED when the system refuses. */
MUST_USE enum status mem_lock(void *p, size_t len);
/* Wipes, then unlocks. */
void mem_unlock(void *p, size_t len);

/* Guarded, locked, zeroed heap memory for secrets; NULL when refused.  mem_secret_free wipes. */
void *mem_secret_alloc(size_t len);
void mem_secret_free(void *p);

#endif

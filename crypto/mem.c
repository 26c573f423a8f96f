/*
 * mem.c: see mem.h.
 *
 * Invariant: the libraries are ready once crypto_init has returned ST_OK, and stay so.
 */
#include "crypto/mem.h"

#include "crypto/group_impl.h"
#include "crypto/rng.h"

#include <assert.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

/*
 * A generator that is stuck, or that repeats, is caught here.  This says nothing about quality: it
 * is the test of a broken set-up (a sandbox without getrandom, a stub in a test build).
 */
static enum status rng_self_test(void)
{
	uint8_t a[64];
	uint8_t b[64];
	enum status st = ST_RANDOM;

	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	rng_bytes(a, sizeof(a));
	rng_bytes(b, sizeof(b));
	if (mem_is_equal(a, b, sizeof(a)) || mem_is_zero(a, sizeof(a)) || mem_is_zero(b, sizeof(b)))
		goto out;
	for (size_t i = 0; i + 32 <= sizeof(a); i += 32)
		if (mem_is_equal(a + i, b, 32) || mem_is_equal(a, b + i, 32))
			goto out;
	st = ST_OK;
out:
	mem_wipe(a, sizeof(a));
	mem_wipe(b, sizeof(b));
	return st;
}

enum status crypto_init(void)
{
	static bool is_ready;
	enum status st;

	if (is_ready)
		return ST_OK;
	if (sodium_init() < 0)
		return ST_INTERNAL;
	group_modp_init();
	st = rng_self_test();
	is_ready = st == ST_OK;
	return st;
}

void mem_wipe(void *p, size_t len)
{
	assert(p != NULL || len == 0);
	if (len > 0)
		sodium_memzero(p, len);
}

bool mem_is_equal(const void *a, const void *b, size_t len)
{
	assert((a != NULL && b != NULL) || len == 0);
	return len == 0 || sodium_memcmp(a, b, len) == 0;
}

bool mem_is_zero(const void *p, size_t len)
{
	assert(p != NULL || len == 0);
	return len == 0 || sodium_is_zero(p, len) == 1;
}

enum status mem_lock(void *p, size_t len)
{
	return sodium_mlock(p, len) == 0 ? ST_OK : ST_DENIED;
}

void mem_unlock(void *p, size_t len)
{
	/* A failure leaves the pages locked and wiped, which harms nothing. */
	(void)sodium_munlock(p, len);
}

void *mem_secret_alloc(size_t len)
{
	/* sodium_malloc ends the block at the guard page: a multiple of 64 keeps it aligned. */
	enum { ALIGN = 64 };
	size_t padded;
	void *p;

	if (len > SIZE_MAX / 2)
		return NULL;
	padded = (len + ALIGN - 1) / ALIGN * ALIGN;
	if (padded == 0)
		padded = ALIGN;
	p = sodium_malloc(padded);
	if (p == NULL)
		return NULL;
	/* sodium_malloc forgives a refused lock; we do not. */
	if (sodium_mlock(p, padded) != 0) {
		sodium_free(p);
		return NULL;
	}
	memset(p, 0, padded);
	return p;
}

void mem_secret_free(void *p)
{
	sodium_free(p);
}

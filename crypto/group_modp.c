/*
 * group_modp.c: the door of GMP.  No other file includes its header.
 */
#include "crypto/group_impl.h"
#include "crypto/mem.h"

#include <gmp.h>
#include <stdlib.h>
#include <string.h>

/* GMP cannot report a failed allocation, and works with secrets: stop, and wipe what is freed. */
static void *wiping_alloc(size_t len)
{
	void *p = malloc(len);

	if (p == NULL)
		abort();
	return p;
}

static void wiping_free(void *p, size_t len)
{
	mem_wipe(p, len);
	free(p);
}

static void *wiping_realloc(void *old, size_t old_len, size_t len)
{
	void *p = wiping_alloc(len);

	memcpy(p, old, old_len < len ? old_len : len);
	wiping_free(old, old_len);
	return p;
}

void group_modp_init(void)
{
	mp_set_memory_functions(wiping_alloc, wiping_realloc, wiping_free);
}

/*
 * alloc.c: see alloc.h.
 */
#include "common/base/alloc.h"

#include "crypto/group.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(_Alignof(struct group_table) <= ALLOC_ALIGN, "the strictest type of ours");
_Static_assert(_Alignof(struct element) <= ALLOC_ALIGN, "elements too");

void *alloc_zero(size_t count, size_t size)
{
	size_t len;
	void *p;

	if (size != 0 && count > (SIZE_MAX - ALLOC_ALIGN) / size)
		return NULL;
	len = count * size;
	len = len == 0 ? ALLOC_ALIGN : (len + ALLOC_ALIGN - 1) / ALLOC_ALIGN * ALLOC_ALIGN;
	p = aligned_alloc(ALLOC_ALIGN, len);
	if (p != NULL)
		memset(p, 0, len);
	return p;
}

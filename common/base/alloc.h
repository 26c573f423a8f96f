/*
 * alloc.h: zeroed memory, aligned for every type of ours.
 *
 * Elements and scalars (crypto/group.h) ask for more than malloc's 16 bytes, so anything that may
 * hold one comes from here.  Not for secrets: those live in mem_secret_alloc.
 *
 * Invariant: what alloc_zero gives is aligned to ALLOC_ALIGN bytes and is given back with free().
 */
#ifndef KALPIS_BASE_ALLOC_H
#define KALPIS_BASE_ALLOC_H

#include <stddef.h>

enum { ALLOC_ALIGN = 64 };

/* count items of size bytes, all zero; NULL when there is not that much.  Never NULL for 0. */
__attribute__((malloc, warn_unused_result))
void *alloc_zero(size_t count, size_t size);

#endif

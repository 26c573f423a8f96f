/*
 * ct.h: words for code whose time must not depend on secrets.
 *
 * A compiler that sees through a mask may put the branch back that the mask was to avoid: clang 14
 * does.  So a mask passes through an empty piece of assembly, which tells the compiler nothing of
 * its value.  tests/ct looks at what came out.
 *
 * Invariant: no function here branches or indexes.
 */
#ifndef KALPIS_CRYPTO_CT_H
#define KALPIS_CRYPTO_CT_H

#include <stdint.h>

/* v, of which the compiler knows nothing from here on. */
static inline uint64_t ct_hide(uint64_t v)
{
	__asm__("" : "+r"(v));
	return v;
}

/* All ones when v is not 0, else 0. */
static inline uint64_t ct_mask(uint64_t v)
{
	return ct_hide(0 - ((v | (0 - v)) >> 63));
}

/* mask is all ones or 0: b or a. */
static inline uint64_t ct_pick(uint64_t a, uint64_t b, uint64_t mask)
{
	return a ^ (mask & (a ^ b));
}

#endif

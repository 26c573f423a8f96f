/*
 * row32.c: see row32.h.
 *
 * Invariant: between the first and the last instruction of a row nothing but mulx, adcx, adox and
 * mov runs, so that both carries live in their flags: CF adds the high half of the product before,
 * OF what stood in r.
 */
#include "crypto/row32.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stdatomic.h>

/* Two limbs: the high halves go through rax and r9 in turn. */
#define LIMB(at, high, before) \
	"mulx " at "(%[a]), %%r8, %%" high "\n\t" \
	"adcx %%" before ", %%r8\n\t" \
	"adox " at "(%[r]), %%r8\n\t" \
	"mov %%r8, " at "(%[r])\n\t"
#define TWO(at, next) LIMB(at, "r9", "rax") LIMB(next, "rax", "r9")

uint64_t row32_addmul(uint64_t r[static ROW32_LIMBS], const uint64_t a[static ROW32_LIMBS],
                      uint64_t b)
{
	uint64_t carry;

	__asm__ volatile(
		"xor %%eax, %%eax\n\t"   /* and both flags */
		TWO("0", "8") TWO("16", "24") TWO("32", "40") TWO("48", "56")
		TWO("64", "72") TWO("80", "88") TWO("96", "104") TWO("112", "120")
		TWO("128", "136") TWO("144", "152") TWO("160", "168") TWO("176", "184")
		TWO("192", "200") TWO("208", "216") TWO("224", "232") TWO("240", "248")
		"mov $0, %%r8d\n\t"
		"adcx %%r8, %%rax\n\t"
		"adox %%r8, %%rax\n\t"
		: "=&a"(carry)
		: [r] "r"(r), [a] "r"(a), "d"(b)
		: "r8", "r9", "cc", "memory");
	return carry;
}

bool row32_is_here(void)
{
	enum { UNKNOWN, NO, YES };
	static atomic_int known = UNKNOWN;
	int answer = atomic_load_explicit(&known, memory_order_relaxed);
	unsigned int eax, ebx, ecx, edx;

	if (answer == UNKNOWN) {
		answer = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
		         (ebx & bit_BMI2) != 0 && (ebx & bit_ADX) != 0 ? YES : NO;
		atomic_store_explicit(&known, answer, memory_order_relaxed);
	}
	return answer == YES;
}

#else

#include <stdlib.h>

uint64_t row32_addmul(uint64_t r[static ROW32_LIMBS], const uint64_t a[static ROW32_LIMBS],
                      uint64_t b)
{
	(void)r;
	(void)a;
	(void)b;
	abort();
}

bool row32_is_here(void)
{
	return false;
}

#endif

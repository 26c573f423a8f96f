/* sigma.c: see sigma.h. */
#include "crypto/sigma.h"

#include "crypto/mem.h"

enum { WORK = 64 };   /* scratch of a sum of two multiples */

void sigma_respond(const struct group *g, struct scalar *z, enum sigma_sign sign,
                   const struct scalar *w, const struct scalar *c, const struct scalar *x)
{
	struct scalar cx;

	group_scalar_mul(g, &cx, c, x);
	if (sign == SIGMA_PLUS)
		group_scalar_add(g, z, w, &cx);
	else
		group_scalar_sub(g, z, w, &cx);
	mem_wipe(&cx, sizeof(cx));
}

void sigma_commitment_var(const struct group *g, struct element *out, enum sigma_sign sign,
                          const struct element *base, const struct element *image,
                          const struct scalar *c, const struct scalar *z)
{
	struct element bases[2], work[WORK];
	struct scalar times[2];

	times[0] = *z;
	times[1] = *c;
	if (sign == SIGMA_PLUS)
		group_scalar_neg(g, &times[1], c);
	if (base == NULL) {
		group_mul_base_add_var(g, out, &times[0], image, &times[1]);
		return;
	}
	bases[0] = *base;
	bases[1] = *image;
	group_msm_var(g, out, times, bases, 2, work, WORK);
}

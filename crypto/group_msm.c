/*
 * group_msm.c: sums of multiples over public data; see group.h.
 */
#include "crypto/group_impl.h"

#include <assert.h>

size_t group_msm_work(const struct group *g, size_t len)
{
	(void)g;
	(void)len;
	return 0;
}

void group_msm_var(const struct group *g, struct element *out, const struct scalar *k,
                   const struct element *a, size_t len, struct element *work, size_t work_len)
{
	struct element sum;
	struct element term;

	assert(work != NULL || work_len == 0);
	g->identity(g, &sum);
	for (size_t i = 0; i < len; i++) {
		g->mul_var(g, &term, &a[i], &k[i]);
		g->add(g, &sum, &sum, &term);
	}
	*out = sum;
}

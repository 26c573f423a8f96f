/*
 * group_modp_var.c: the group operation of the GMP door over public data; see group_modp.h.
 *
 * Invariant: as in group_modp.c an element holds p_limbs limbs in Montgomery form, below p; here
 * GMP's faster functions do the work, whose time tells what they worked on, or rows of our own
 * where the processor has better instructions than GMP as it was built uses (row32.h).
 */
#include "crypto/group_modp.h"
#include "crypto/row32.h"

#include <gmp.h>
#include <string.h>

static mp_limb_t *limbs(struct element *e)
{
	return (mp_limb_t *)(void *)e->opaque;
}

static const mp_limb_t *climbs(const struct element *e)
{
	return (const mp_limb_t *)(const void *)e->opaque;
}

/* r += a * b over len limbs; the limb that is carried out. */
static mp_limb_t row(mp_limb_t *r, const mp_limb_t *a, int len, mp_limb_t b, bool fast)
{
	return fast ? row32_addmul(r, a, b) : mpn_addmul_1(r, a, len, b);
}

static bool is_fast(const struct modp *m)
{
	return m->p_limbs == ROW32_LIMBS && row32_is_here();
}

/* out = t / R mod p for t < p R; t is destroyed. */
static void redc(const struct modp *m, mp_limb_t *out, mp_limb_t *t, bool fast)
{
	int len = m->p_limbs;

	for (int i = 0; i < len; i++)
		t[i] = row(t + i, m->p, len, t[i] * m->p_inv, fast);
	if (mpn_add_n(out, t, t + len, len) != 0 || mpn_cmp(out, m->p, len) >= 0)
		(void)mpn_sub_n(out, out, m->p, len);
}

void modp_add_var(const struct group *g, struct element *out, const struct element *a,
                  const struct element *b)
{
	const struct modp *m = g->modp;
	mp_limb_t t[2 * MODP_LIMBS];
	bool fast = is_fast(m);

	if (fast) {
		memset(t, 0, sizeof(t) / 2);
		for (int i = 0; i < ROW32_LIMBS; i++)
			t[ROW32_LIMBS + i] = row32_addmul(t + i, climbs(a), climbs(b)[i]);
	} else {
		mpn_mul_n(t, climbs(a), climbs(b), m->p_limbs);
	}
	redc(m, limbs(out), t, fast);
}

void modp_dbl_var(const struct group *g, struct element *out, const struct element *a)
{
	mp_limb_t t[2 * MODP_LIMBS];

	mpn_sqr(t, climbs(a), g->modp->p_limbs);
	redc(g->modp, limbs(out), t, is_fast(g->modp));
}

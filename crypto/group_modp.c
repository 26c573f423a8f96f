/*
 * group_modp.c: the door of GMP: elements of prime-order subgroups of the integers modulo p
 * (Belenios 2.0 specification §5).  Only crypto/group_modp*.c include its header.
 *
 * Invariant: an element holds p_limbs limbs in Montgomery form, below p, of a number whose order
 * divides q.  Nothing is allocated but in group_modp_self_check.
 */
#include "crypto/group_modp.h"
#include "crypto/mem.h"

#include <assert.h>
#include <gmp.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* A comb (Lim and Lee, CRYPTO '94) of 5 teeth in 4 blocks: 128 elements of 256 bytes. */
	TEETH = 5,
	BLOCKS = 4,
	BLOCK_LEN = 1 << TEETH
};

_Static_assert(BLOCKS * BLOCK_LEN * MODP_LIMBS * sizeof(mp_limb_t) <= GROUP_TABLE_BYTES,
               "the comb fits in a table");
_Static_assert(MODP_LIMBS * sizeof(mp_limb_t) <= sizeof(struct element), "an element fits");

static mp_limb_t *limbs(struct element *e)
{
	return (mp_limb_t *)(void *)e->opaque;
}

static const mp_limb_t *climbs(const struct element *e)
{
	return (const mp_limb_t *)(const void *)e->opaque;
}

static void copy(mp_limb_t *out, const mp_limb_t *a, int len)
{
	memmove(out, a, (size_t)len * sizeof(mp_limb_t));
}

/* --- Montgomery arithmetic (Montgomery 1985) ------------------------------------------------ */

/* out = t / R mod p for t < p R; t is destroyed. */
static void redc(const struct modp *m, mp_limb_t *out, mp_limb_t *t)
{
	mp_limb_t less_p[MODP_LIMBS];
	mp_limb_t carry;
	mp_limb_t borrow;

	/* Each step clears the lowest limb and leaves its carry there, to be added at the end. */
	for (int i = 0; i < m->p_limbs; i++)
		t[i] = mpn_addmul_1(t + i, m->p, m->p_limbs, t[i] * m->p_inv);
	carry = mpn_add_n(t, t, t + m->p_limbs, m->p_limbs);
	borrow = mpn_sub_n(less_p, t, m->p, m->p_limbs);
	modp_pick(out, t, less_p, m->p_limbs, carry | (borrow ^ 1));
	mem_wipe(less_p, sizeof(less_p));
}

static void mont_mul(const struct modp *m, mp_limb_t *out, const mp_limb_t *a, const mp_limb_t *b)
{
	mp_limb_t t[2 * MODP_LIMBS];
	mp_limb_t scratch[1];

	assert(mpn_sec_mul_itch(MODP_LIMBS, MODP_LIMBS) <= 1);
	mpn_sec_mul(t, a, m->p_limbs, b, m->p_limbs, scratch);
	redc(m, out, t);
	mem_wipe(t, sizeof(t));
}

static void mont_sqr(const struct modp *m, mp_limb_t *out, const mp_limb_t *a)
{
	mp_limb_t t[2 * MODP_LIMBS];
	mp_limb_t scratch[1];

	assert(mpn_sec_sqr_itch(MODP_LIMBS) <= 1);
	mpn_sec_sqr(t, a, m->p_limbs, scratch);
	redc(m, out, t);
	mem_wipe(t, sizeof(t));
}

static void from_mont(const struct modp *m, mp_limb_t *out, const mp_limb_t *a)
{
	mp_limb_t t[2 * MODP_LIMBS] = {0};

	copy(t, a, m->p_limbs);
	redc(m, out, t);
	mem_wipe(t, sizeof(t));
}

/* --- elements ----------------------------------------------------------------------------- */

static void identity(const struct group *g, struct element *out)
{
	copy(limbs(out), g->modp->one, g->modp->p_limbs);
}

static void generator(const struct group *g, struct element *out)
{
	copy(limbs(out), g->modp->generator, g->modp->p_limbs);
}

static bool is_equal(const struct group *g, const struct element *a, const struct element *b)
{
	return mem_is_equal(a->opaque, b->opaque, (size_t)g->modp->p_limbs * sizeof(mp_limb_t));
}

static void add(const struct group *g, struct element *out, const struct element *a,
                const struct element *b)
{
	mont_mul(g->modp, limbs(out), climbs(a), climbs(b));
}

static void dbl(const struct group *g, struct element *out, const struct element *a)
{
	mont_sqr(g->modp, limbs(out), climbs(a));
}

static void neg(const struct group *g, struct element *out, const struct element *a)
{
	const struct modp *m = g->modp;
	mp_limb_t spent[MODP_LIMBS];
	mp_limb_t inverse[MODP_LIMBS];
	mp_limb_t scratch[MODP_SCRATCH];

	assert(mpn_sec_invert_itch(m->p_limbs) <= MODP_SCRATCH);
	copy(spent, climbs(a), m->p_limbs);
	/* It cannot fail: p is prime and an element is not 0.  A branch on that would be a branch
	 * on a secret. */
	(void)mpn_sec_invert(inverse, spent, m->p, m->p_limbs,
	                     2 * (mp_bitcnt_t)m->p_limbs * GMP_NUMB_BITS, scratch);
	/* That is a^-1 R^-1; twice R^2 / R makes it a^-1 R. */
	mont_mul(m, inverse, inverse, m->square);
	mont_mul(m, limbs(out), inverse, m->square);
	mem_wipe(spent, sizeof(spent));
	mem_wipe(inverse, sizeof(inverse));
	mem_wipe(scratch, sizeof(scratch));
}

static void sub(const struct group *g, struct element *out, const struct element *a,
                const struct element *b)
{
	struct element negated;

	neg(g, &negated, b);
	add(g, out, a, &negated);
	mem_wipe(&negated, sizeof(negated));
}

static void pick(const struct group *g, struct element *out, const struct element *a,
                 const struct element *b, unsigned int pick_b)
{
	modp_pick(limbs(out), climbs(a), climbs(b), g->modp->p_limbs, pick_b);
}

/* --- encodings ---------------------------------------------------------------------------- */

void modp_element_set(const struct group *g, struct element *out, const mp_limb_t *x)
{
	mont_mul(g->modp, limbs(out), x, g->modp->square);
}

/* In a safe-prime group the subgroup of order q is that of the squares. */
static bool is_square(const struct modp *m, const struct element *e)
{
	mp_limb_t x[MODP_LIMBS];
	mpz_t view_x;
	mpz_t view_p;

	from_mont(m, x, climbs(e));
	return mpz_jacobi(mpz_roinit_n(view_x, x, m->p_limbs),
	                  mpz_roinit_n(view_p, m->p, m->p_limbs)) == 1;
}

bool modp_is_member_var(const struct group *g, const struct element *e)
{
	const struct modp *m = g->modp;
	struct element power;
	struct element one;
	struct scalar order;

	if (m->is_safe_prime)
		return is_square(m, e);
	memcpy(order.opaque, m->q, (size_t)m->q_limbs * sizeof(mp_limb_t));
	group_power_var(g, &power, e, &order);
	identity(g, &one);
	return is_equal(g, &power, &one);
}

static bool decode(const struct group *g, struct element *out, const uint8_t *bytes)
{
	const struct modp *m = g->modp;
	mp_limb_t x[MODP_LIMBS];

	modp_from_bytes(x, m->p_limbs, bytes, g->element_len);
	if (mpn_zero_p(x, m->p_limbs) || mpn_cmp(x, m->p, m->p_limbs) >= 0)
		return false;
	modp_element_set(g, out, x);
	return modp_is_member_var(g, out);
}

static void encode(const struct group *g, uint8_t *bytes, const struct element *a)
{
	mp_limb_t x[MODP_LIMBS];

	from_mont(g->modp, x, climbs(a));
	modp_to_bytes(bytes, g->element_len, x, g->modp->p_limbs);
	mem_wipe(x, sizeof(x));
}

/* --- multiples ---------------------------------------------------------------------------- */

static void mul(const struct group *g, struct element *out, const struct element *a,
                const struct scalar *k)
{
	const struct modp *m = g->modp;
	mp_limb_t base[MODP_LIMBS];
	mp_limb_t power[MODP_LIMBS];
	mp_limb_t scratch[MODP_SCRATCH];

	assert(mpn_sec_powm_itch(m->p_limbs, g->scalar_bits, m->p_limbs) <= MODP_SCRATCH);
	from_mont(m, base, climbs(a));
	mpn_sec_powm(power, base, m->p_limbs, modp_cwords(k), g->scalar_bits, m->p, m->p_limbs,
	             scratch);
	mont_mul(m, limbs(out), power, m->square);
	mem_wipe(base, sizeof(base));
	mem_wipe(power, sizeof(power));
	mem_wipe(scratch, sizeof(scratch));
}

static void mul_base(const struct group *g, struct element *out, const struct scalar *k)
{
	struct element base;

	generator(g, &base);
	mul(g, out, &base, k);
}

static void mul_base_add_var(const struct group *g, struct element *out, const struct scalar *j,
                             const struct element *a, const struct scalar *k)
{
	struct element work[64];
	struct element base[2];
	struct scalar times[2];

	generator(g, &base[0]);
	base[1] = *a;
	times[0] = *j;
	times[1] = *k;
	group_msm_var(g, out, times, base, 2, work, sizeof(work) / sizeof(work[0]));
}

/* --- the comb ----------------------------------------------------------------------------- */

/*
 * The bits of k stand in TEETH rows of row_len; tooth j sees bits j row_len, ....  The columns
 * fall into BLOCKS blocks of block_len.  Entry i of block b is the sum, over the bits j of i, of
 * 2^(j row_len + b block_len) base.
 */
static size_t comb_row_len(const struct group *g)
{
	return (g->scalar_bits + TEETH - 1) / TEETH;
}

static size_t comb_block_len(const struct group *g)
{
	return (comb_row_len(g) + BLOCKS - 1) / BLOCKS;
}

static mp_limb_t *comb_entry(const struct group *g, struct group_table *t, size_t block, size_t i)
{
	return (mp_limb_t *)(void *)t->opaque + (block * BLOCK_LEN + i) * (size_t)g->modp->p_limbs;
}

static void table_init(const struct group *g, struct group_table *t, const struct element *base)
{
	const struct modp *m = g->modp;
	struct element power = *base;   /* 2^bit base */
	size_t row_len = comb_row_len(g);
	size_t block_len = comb_block_len(g);

	for (size_t b = 0; b < BLOCKS; b++)
		copy(comb_entry(g, t, b, 0), m->one, m->p_limbs);
	for (size_t bit = 0; bit < TEETH * row_len; bit++) {
		size_t tooth = bit / row_len;
		size_t column = bit % row_len;
		size_t block = column / block_len;
		size_t low = (size_t)1 << tooth;

		if (column % block_len == 0)
			for (size_t i = 0; i < low; i++)
				mont_mul(m, comb_entry(g, t, block, low + i),
				         comb_entry(g, t, block, i), climbs(&power));
		dbl(g, &power, &power);
	}
}

/* The bits of k in a column, as an index into a block. */
static mp_size_t comb_index(const struct group *g, const struct scalar *k, size_t column)
{
	const mp_limb_t *words = modp_cwords(k);
	mp_limb_t index = 0;

	for (size_t j = 0; j < TEETH; j++) {
		size_t bit = j * comb_row_len(g) + column;

		if (bit < g->scalar_bits)   /* public: a position, not a value */
			index |= (words[bit / 64] >> bit % 64 & 1) << j;
	}
	return (mp_size_t)index;
}

static void table_mul(const struct group *g, struct element *out, const struct group_table *t,
                      const struct scalar *k)
{
	const struct modp *m = g->modp;
	const mp_limb_t *entries = (const mp_limb_t *)(const void *)t->opaque;
	struct element sum;
	mp_limb_t entry[MODP_LIMBS];
	size_t block_len = comb_block_len(g);

	identity(g, &sum);
	for (size_t r = block_len; r-- > 0;) {
		dbl(g, &sum, &sum);
		for (size_t b = 0; b < BLOCKS && b * block_len + r < comb_row_len(g); b++) {
			/* Reads every entry of the block: the index is secret. */
			mpn_sec_tabselect(entry, entries + b * BLOCK_LEN * (size_t)m->p_limbs,
			                  m->p_limbs, BLOCK_LEN,
			                  comb_index(g, k, b * block_len + r));
			mont_mul(m, limbs(&sum), climbs(&sum), entry);
		}
	}
	*out = sum;
	mem_wipe(&sum, sizeof(sum));
	mem_wipe(entry, sizeof(entry));
}

/* --- the library, and the parameters -------------------------------------------------------- */

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

static bool is_number(const mp_limb_t *a, int len, const mpz_t want)
{
	mpz_t view;

	return mpz_cmp(mpz_roinit_n(view, a, len), want) == 0;
}

/* Do the derived numbers follow from p, q and the generator? */
static bool are_derived(const struct modp *m, const mpz_t p, const mpz_t generator_want)
{
	mpz_t r;
	mpz_t x;
	bool ok;

	mpz_inits(r, x, NULL);
	mpz_setbit(r, (mp_bitcnt_t)m->p_limbs * GMP_NUMB_BITS);
	mpz_mod(x, r, p);
	ok = is_number(m->one, m->p_limbs, x);
	mpz_mul(x, x, x);
	mpz_mod(x, x, p);
	ok = ok && is_number(m->square, m->p_limbs, x);
	mpz_mul(x, generator_want, r);
	mpz_mod(x, x, p);
	ok = ok && is_number(m->generator, m->p_limbs, x);
	ok = ok && m->p[0] * m->p_inv == (mp_limb_t)0 - 1;
	mpz_clears(r, x, NULL);
	return ok;
}

bool group_modp_self_check(const struct group *g, const char *p_want, const char *q_want,
                           const char *generator_want)
{
	enum { ROUNDS = 40 };
	const struct modp *m = g->modp;
	mpz_t p;
	mpz_t q;
	mpz_t base;
	mpz_t x;
	bool ok;

	mpz_inits(p, q, base, x, NULL);
	ok = mpz_set_str(p, p_want, 10) == 0 && mpz_set_str(q, q_want, 10) == 0 &&
	     mpz_set_str(base, generator_want, 10) == 0;
	ok = ok && is_number(m->p, m->p_limbs, p) && is_number(m->q, m->q_limbs, q) &&
	     are_derived(m, p, base);
	ok = ok && mpz_sizeinbase(q, 2) == g->scalar_bits;
	ok = ok && mpz_probab_prime_p(p, ROUNDS) > 0 && mpz_probab_prime_p(q, ROUNDS) > 0;
	mpz_sub_ui(x, p, 1);
	ok = ok && mpz_divisible_p(x, q);
	mpz_divexact_ui(x, x, 2);
	ok = ok && m->is_safe_prime == (mpz_cmp(x, q) == 0);
	if (ok)
		mpz_powm(x, base, q, p);
	ok = ok && mpz_cmp_ui(base, 1) > 0 && mpz_cmp(base, p) < 0 && mpz_cmp_ui(x, 1) == 0;
	mpz_clears(p, q, base, x, NULL);
	return ok;
}

/* What the three groups have in common. */
#define MODP_DOOR \
	.is_ristretto = false, \
	.is_neg_cheap = false, \
	.scalar_u64 = modp_scalar_u64, \
	.scalar_wide = modp_scalar_wide, \
	.scalar_decode = modp_scalar_decode, \
	.scalar_encode = modp_scalar_encode, \
	.scalar_add = modp_scalar_add, \
	.scalar_sub = modp_scalar_sub, \
	.scalar_mul = modp_scalar_mul, \
	.scalar_inv = modp_scalar_inv, \
	.identity = identity, \
	.generator = generator, \
	.decode = decode, \
	.encode = encode, \
	.add = add, \
	.sub = sub, \
	.neg = neg, \
	.add_var = modp_add_var, \
	.dbl_var = modp_dbl_var, \
	.select = pick, \
	.is_equal = is_equal, \
	.mul = mul, \
	.mul_base = mul_base, \
	.mul_var = group_power_var, \
	.mul_base_add_var = mul_base_add_var, \
	.table_init = table_init, \
	.table_mul = table_mul, \
	.derive = NULL

static const struct group belenios2048 = {
	.name = "belenios-2048",
	.element_len = 256,
	.scalar_len = 32,
	.wide_len = 48,
	.scalar_bits = 256,
	.scalar_words = 4,
	.modp = &modp_belenios2048,
	MODP_DOOR
};

static const struct group rfc3526_2048 = {
	.name = "rfc3526-2048",
	.element_len = 256,
	.scalar_len = 256,
	.wide_len = 272,
	.scalar_bits = 2047,
	.scalar_words = 32,
	.modp = &modp_rfc3526_2048,
	MODP_DOOR
};

static const struct group tiny = {
	.name = "tiny-23",
	.element_len = 1,
	.scalar_len = 1,
	.wide_len = 17,
	.scalar_bits = 4,
	.scalar_words = 1,
	.modp = &modp_tiny,
	MODP_DOOR
};

const struct group *group_belenios2048(void)
{
	return &belenios2048;
}

const struct group *group_rfc3526_2048(void)
{
	return &rfc3526_2048;
}

const struct group *group_tiny(void)
{
	return &tiny;
}

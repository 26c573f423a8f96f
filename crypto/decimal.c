/*
 * decimal.c: see decimal.h.
 *
 * Invariant: reading takes 19 digits at a time, and writing a scalar gives 19 at a time, by GMP's
 * functions for secrets; only what is public goes through mpn_get_str.
 */
#include "crypto/decimal.h"

#include "crypto/ct.h"
#include "crypto/group_modp.h"
#include "crypto/mem.h"
#include "crypto/power.h"

#include <assert.h>
#include <gmp.h>
#include <string.h>

enum {
	CHUNK_DIGITS = 19,
	LIMBS_ROOM = MODP_LIMBS + 1,
	CHUNKS_MAX = (DECIMAL_TEXT + CHUNK_DIGITS - 1) / CHUNK_DIGITS
};

static const mp_limb_t CHUNK = 10000000000000000000u;   /* 10^19 */

/* Digits of the longest number of so many limbs: each limb holds at most 19.27. */
static size_t digits_most(int limbs)
{
	return (size_t)limbs * 64 * 30103 / 100000 + 1;
}

/* --- writing -------------------------------------------------------------------------------- */

size_t decimal_element_write_var(const struct group *g, char out[static DECIMAL_TEXT],
                                 const struct element *a)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];
	mp_limb_t x[LIMBS_ROOM];
	mp_size_t limbs;
	size_t len;

	assert(g->modp != NULL);
	group_encode(g, bytes, a);
	limbs = g->modp->p_limbs;
	modp_from_bytes(x, (int)limbs, bytes, group_element_len(g));
	while (limbs > 1 && x[limbs - 1] == 0)
		limbs--;
	len = mpn_get_str((unsigned char *)out, 10, x, limbs);
	assert(len < DECIMAL_TEXT);
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(out[i] + '0');
	out[len] = '\0';
	return len;
}

/* All digits of a, the last at the end of the room; leading zeros included. */
static void digits_of(char room[static DECIMAL_TEXT], mp_limb_t *a, int limbs, size_t count)
{
	mp_limb_t quotient[LIMBS_ROOM];
	mp_limb_t scratch[3 * LIMBS_ROOM + 16];
	char *end = room + DECIMAL_TEXT;

	assert((size_t)mpn_sec_div_qr_itch(limbs, 1) <= sizeof(scratch) / sizeof(scratch[0]));
	for (size_t done = 0; done < count; done += CHUNK_DIGITS) {
		mp_limb_t chunk;

		quotient[limbs - 1] = mpn_sec_div_qr(quotient, a, limbs, &CHUNK, 1, scratch);
		chunk = a[0];
		memcpy(a, quotient, (size_t)limbs * sizeof(*a));
		for (size_t i = 0; i < CHUNK_DIGITS && done + i < count; i++) {
			*--end = (char)('0' + chunk % 10);
			chunk /= 10;
		}
	}
	mem_wipe(quotient, sizeof(quotient));
	mem_wipe(scratch, sizeof(scratch));
}

size_t decimal_scalar_write(const struct group *g, char out[static DECIMAL_TEXT],
                            const struct scalar *a)
{
	size_t count = digits_most(g->modp->q_limbs);
	mp_limb_t x[LIMBS_ROOM] = {0};
	char room[DECIMAL_TEXT];
	const char *first = room + DECIMAL_TEXT - count;

	assert(g->modp != NULL && count < DECIMAL_TEXT);
	memcpy(x, a->opaque, (size_t)g->modp->q_limbs * sizeof(*x));
	digits_of(room, x, g->modp->q_limbs, count);
	while (count > 1 && *first == '0') {
		first++;
		count--;
	}
	memcpy(out, first, count);
	out[count] = '\0';
	mem_wipe(x, sizeof(x));
	mem_wipe(room, sizeof(room));
	return count;
}

/* --- reading -------------------------------------------------------------------------------- */

/* Digits alone, the first not 0 unless it stands alone. */
static bool is_canonical(const char *text, size_t len)
{
	unsigned int wrong = 0;

	for (size_t i = 0; i < len; i++)
		wrong |= (unsigned int)((unsigned char)(text[i] - '0') > 9);
	return len > 0 && wrong == 0 && (len == 1 || text[0] != '0');
}

/* out, of limbs + 1 limbs, which digits_most(limbs) digits cannot overflow. */
static void number_of(mp_limb_t *out, int limbs, const char *text, size_t len)
{
	mp_limb_t scratch[LIMBS_ROOM + 16];
	size_t first = len % CHUNK_DIGITS;

	assert((size_t)mpn_sec_add_1_itch(limbs + 1) <= sizeof(scratch) / sizeof(scratch[0]));
	memset(out, 0, ((size_t)limbs + 1) * sizeof(*out));
	for (size_t pos = 0; pos < len;) {
		size_t end = pos == 0 && first > 0 ? first : pos + CHUNK_DIGITS;
		mp_limb_t chunk = 0;

		for (; pos < end; pos++)
			chunk = chunk * 10 + (mp_limb_t)(text[pos] - '0');
		(void)mpn_mul_1(out, out, limbs + 1, CHUNK);
		(void)mpn_sec_add_1(out, out, limbs + 1, chunk, scratch);
	}
	mem_wipe(scratch, sizeof(scratch));
}

enum status decimal_candidate_read_var(const struct group *g, struct element *out,
                                       const char *text, size_t len)
{
	const struct modp *m = g->modp;
	mp_limb_t x[LIMBS_ROOM];

	assert(m != NULL);
	group_identity(g, out);
	if (len > digits_most(m->p_limbs) || !is_canonical(text, len))
		return ST_FORMAT;
	number_of(x, m->p_limbs, text, len);
	if (x[m->p_limbs] != 0 || mpn_zero_p(x, m->p_limbs) || mpn_cmp(x, m->p, m->p_limbs) >= 0)
		return ST_ELEMENT;
	modp_element_set(g, out, x);
	return ST_OK;
}

enum status decimal_member_check_var(const struct group *g, const struct element *a)
{
	assert(g->modp != NULL);
	return power_many_member_var(g, NULL, a, NULL, 0) ? ST_OK : ST_ELEMENT;
}

enum status decimal_element_read_var(const struct group *g, struct element *out,
                                     const char *text, size_t len)
{
	enum status st;

	if ((st = decimal_candidate_read_var(g, out, text, len)) != ST_OK ||
	    (st = decimal_member_check_var(g, out)) != ST_OK)
		group_identity(g, out);
	return st;
}

enum status decimal_scalar_read(const struct group *g, struct scalar *out, const char *text,
                                size_t len)
{
	const struct modp *m = g->modp;
	uint8_t bytes[GROUP_SCALAR_BYTES_MAX];
	mp_limb_t x[LIMBS_ROOM];
	enum status st = ST_SCALAR;
	bool is_long;

	assert(m != NULL);
	group_scalar_zero(g, out);
	if (len > digits_most(m->q_limbs) || !is_canonical(text, len))
		return ST_FORMAT;
	number_of(x, m->q_limbs, text, len);
	is_long = x[m->q_limbs] != 0 || x[m->q_limbs - 1] >> (g->scalar_bits - 1) % 64 > 1;
	if (!is_long) {
		modp_to_bytes(bytes, group_scalar_len(g), x, m->q_limbs);
		st = group_scalar_decode(g, out, bytes);
	}
	mem_wipe(bytes, sizeof(bytes));
	mem_wipe(x, sizeof(x));
	return st;
}

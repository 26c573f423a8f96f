/*
 * power.h: many multiples of one public element at once, for verifiers that must recompute each
 * commitment of a proof and cannot add equations up (docs/belenios.md, "speed").
 *
 * Two ways.  A base that is met once (a ciphertext) is doubled along one chain, which all its
 * multiples share (Yao, SIAM J. Comput. 1976): one more multiple costs a quarter of the first.  A
 * base that is met always (the generator, the election key) has a table (Lim and Lee, CRYPTO '94).
 *
 * Invariant: modp groups alone (an assertion fails elsewhere), and public data alone: everything
 * here takes time, and reads addresses, that depend on its input.
 */
#ifndef KALPIS_CRYPTO_POWER_H
#define KALPIS_CRYPTO_POWER_H

#include "crypto/group.h"

/* out[i] = k[i] * base, i < len.  out does not overlap base.  base may be no member of the subgroup
 * (decimal.h, candidates). */
void power_many_var(const struct group *g, struct element *out, const struct element *base,
                    const struct scalar *k, size_t len);
/* The same, and whether base is a member, which costs little beside.  out and k may be NULL with
 * len 0. */
bool power_many_member_var(const struct group *g, struct element *out, const struct element *base,
                           const struct scalar *k, size_t len);

/* Elements of a base's table. */
size_t power_table_len(const struct group *g);
/* table has power_table_len(g) elements; base must be a member. */
void power_table_init(const struct group *g, struct element *table, const struct element *base);
/* out = j * A + k * B, from the tables of A and B; table_b may be NULL for j * A alone. */
void power_table_mul_var(const struct group *g, struct element *out, const struct element *table_a,
                         const struct scalar *j, const struct element *table_b,
                         const struct scalar *k);

#endif

/*
 * decimal.h: elements and scalars of a modp group as decimal text, as Belenios 2.0 writes and
 * hashes them (its specification, §4.2; docs/belenios.md).
 *
 * Text is canonical: digits alone, no leading zero ("0" for zero), so reading and then writing
 * gives the same characters.
 *
 * Invariant: what is read is below p or q.  The modp groups alone; elsewhere an assertion fails.
 */
#ifndef KALPIS_CRYPTO_DECIMAL_H
#define KALPIS_CRYPTO_DECIMAL_H

#include "crypto/group.h"

enum { DECIMAL_TEXT = 640 };   /* room for any element or scalar, and NUL */

/* Number of characters written, without the NUL.  _var: the element is public. */
size_t decimal_element_write_var(const struct group *g, char out[static DECIMAL_TEXT],
                                 const struct element *a);
/* The same for a scalar.  Constant time but for the number of digits. */
size_t decimal_scalar_write(const struct group *g, char out[static DECIMAL_TEXT],
                            const struct scalar *a);

/*
 * A member of the group.  ST_FORMAT: not canonical decimal, or longer than any number of the group;
 * ST_ELEMENT: 0, or p or more, or not in the subgroup.  *out is the identity on failure.
 */
MUST_USE enum status decimal_element_read_var(const struct group *g, struct element *out,
                                              const char *text, size_t len);
/*
 * The same without the look at the subgroup, which costs as much as everything else about a
 * ciphertext.  *out may be given to nothing but a function that says it checks membership
 * (belenios_answer_verify_var) or to decimal_member_check_var.
 */
MUST_USE enum status decimal_candidate_read_var(const struct group *g, struct element *out,
                                                const char *text, size_t len);
/* ST_ELEMENT when a, from decimal_candidate_read_var, is not in the subgroup. */
MUST_USE enum status decimal_member_check_var(const struct group *g, const struct element *a);

/* ST_FORMAT; ST_SCALAR: q or more.  Constant time in the digits.  *out is zero on failure. */
MUST_USE enum status decimal_scalar_read(const struct group *g, struct scalar *out,
                                         const char *text, size_t len);

#endif

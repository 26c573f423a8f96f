/*
 * lex.h: Belenios's JSON, read by matching the one form in which it is written (docs/belenios.md,
 * "The file").
 *
 * A decoder is a straight list of what must stand there: names in the order of the specification,
 * no spaces, numbers without leading zeros.  It cannot accept two texts for one thing, so what was
 * decoded encodes to the same bytes (decisions/0096).
 *
 * Invariant: start <= at <= end.  The first failure is kept in st; from then on nothing is read and
 * every result is empty.
 */
#ifndef KALPIS_BELENIOS_LEX_H
#define KALPIS_BELENIOS_LEX_H

#include "common/base/writer.h"
#include "crypto/belenios.h"
#include "crypto/elgamal.h"
#include "crypto/group.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lex {
	const char *start;      /* borrowed */
	const char *at;
	const char *end;
	enum status st;
};

/* A piece of the text, borrowed from it. */
struct lex_text {
	const char *at;
	size_t len;
};

void lex_init(struct lex *l, const void *bytes, size_t len);
/* ST_FORMAT when something follows; else the first failure. */
MUST_USE enum status lex_end(const struct lex *l);
/* st, unless there is a failure already. */
void lex_fail(struct lex *l, enum status st);

/* Does this stand next?  Then it is taken.  Never a failure. */
bool lex_is(struct lex *l, const char *literal);
/* This must stand next. */
void lex_lit(struct lex *l, const char *literal);
/*
 * One more element of a list whose "[" has been taken?  Takes the comma, or the closing bracket.
 * *index counts from 0 and must begin as SIZE_MAX; at max elements another is ST_LIMIT.
 */
bool lex_more(struct lex *l, size_t *index, size_t max);

/* Digits without a leading zero, at most max.  ST_LIMIT when larger. */
uint64_t lex_number(struct lex *l, uint64_t max);
/* As Belenios writes a weight: a number below 2^30, else the digits in quotes. */
uint64_t lex_weight(struct lex *l, uint64_t max);
/* Lower-case hexadecimal, in quotes. */
void lex_hash(struct lex *l, uint8_t out[static 32]);
/* A string in quotes, in the form that Belenios's encoder gives (valid UTF-8; only what must be is
 * escaped).  The text stays escaped; max bytes. */
struct lex_text lex_string(struct lex *l, size_t max);
/* Any value, unread but for brackets and quotes: for what is not checked.  ST_LIMIT: too deep. */
void lex_skip(struct lex *l);

/* "123": members of the group; _candidate leaves membership to who is given it (decimal.h). */
void lex_element(struct lex *l, const struct group *g, struct element *out);
void lex_element_candidate(struct lex *l, const struct group *g, struct element *out);
/* {"alpha":"..","beta":".."} */
void lex_ciphertext(struct lex *l, const struct group *g, struct ciphertext *out);
void lex_ciphertext_candidate(struct lex *l, const struct group *g, struct ciphertext *out);
/* {"challenge":"..","response":".."} */
void lex_proof(struct lex *l, const struct group *g, struct belenios_proof *out);

/* What a string means: its characters.  Room for text.len bytes in out; the number written. */
size_t lex_unescape(char *out, struct lex_text text);

/* --- and written ----------------------------------------------------------------------------- */

void lex_put(struct writer *w, const char *literal);
void lex_put_number(struct writer *w, uint64_t value);
void lex_put_weight(struct writer *w, uint64_t value);
void lex_put_hash(struct writer *w, const uint8_t hash[static 32]);
void lex_put_string(struct writer *w, const char *text, size_t len);
void lex_put_element(struct writer *w, const struct group *g, const struct element *e);
void lex_put_ciphertext(struct writer *w, const struct group *g, const struct ciphertext *ct);
void lex_put_proof(struct writer *w, const struct group *g, const struct belenios_proof *p);

#endif

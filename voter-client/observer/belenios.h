/*
 * belenios.h: what the observer's files about Belenios archives share.
 */
#ifndef KALPIS_OBSERVER_BELENIOS_H
#define KALPIS_OBSERVER_BELENIOS_H

#include "common/belenios/audit.h"

enum { BELENIOS_TEXT = 512 };

/* Is it a file that begins as Belenios archives do? */
bool belenios_is_archive(const char *path);
/* verify, of opt. */
int run_verify_belenios(void);

/* "ok", "could not check", ...  Static. */
const char *belenios_outcome_word(enum bel_outcome outcome);
/* A text of the election as it can be shown on a terminal, cut to fit, NUL-terminated. */
size_t election_text(char out[static BELENIOS_TEXT], struct lex_text text);
MUST_USE enum status print_belenios_json(const struct bel_audit *a);

#endif

/*
 * screen_impl.h: what the two files that write screens share.
 *
 * Invariant: texts are complete or the program stops: SCREEN_TEXT_BYTES is enough for every
 * manifest.
 */
#ifndef KALPIS_KIOSK_SCREEN_IMPL_H
#define KALPIS_KIOSK_SCREEN_IMPL_H

#include "voter-client/kiosk/screen.h"

/* A text in the screen's own memory. */
__attribute__((format(printf, 2, 3)))
const char *screen_print(struct screen *s, const char *format, ...);
void screen_say(struct screen *s, enum line_role role, const char *text);

/* The names of what is chosen in a contest, one a line; NULL when nothing is.  value: the
 * contest's slots. */
const char *screen_choices(struct screen *out, const struct session *s, uint16_t place,
                           const uint32_t *value);
/* The manifest's text in the session's language. */
const char *screen_text(const struct session *s, const struct manifest_text *t);

/* screen_words.c: titles and lines, by state. */
void words_contest(const struct session *s, struct screen *out);
void words_opened(const struct session *s, struct screen *out);
void words_out(const struct session *s, struct screen *out);
void words_end(const struct session *s, struct screen *out);
void words_notice(const struct session *s, struct screen *out);
void words_base(const struct session *s, struct screen *out);
/* What a command is called on its button, and in --plain. */
const char *words_command(const struct session *s, enum session_command command);
const char *words_command_plain(enum session_command command);
/* What the review says below a contest. */
const char *words_review(const struct session *s, struct screen *out, uint16_t place);

#endif

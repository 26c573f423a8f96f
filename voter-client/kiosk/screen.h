/*
 * screen.h: what a person sees or hears, as a list of texts and items: what every face of the
 * kiosk shows (docs/kiosk.md).
 *
 * Invariant: a function of the session alone.  items are those of session_menu, in its order.  All
 * of our own wording is in screen_words.c; no word of cryptography is in it.  A screen is secret:
 * it shows choices.
 */
#ifndef KALPIS_KIOSK_SCREEN_H
#define KALPIS_KIOSK_SCREEN_H

#include "voter-client/kiosk/session.h"

enum {
	SCREEN_LINES_MAX = 16 + 3 * LIMIT_STYLE_CONTESTS,
	/* Every name of every option of a style may be on one screen. */
	SCREEN_TEXT_BYTES = 2 * (LIMIT_BALLOT_CIPHERTEXTS + 2 * LIMIT_STYLE_CONTESTS) *
	                    (LIMIT_TEXT_BYTES + 32)
};

enum line_role {
	LINE_PLAIN,
	LINE_STRONG,      /* must not be missed */
	LINE_WARN,        /* something is amiss */
	LINE_NUMBER,      /* the number of a ballot */
	LINE_CHOSEN       /* what is chosen in this contest: shown where options do not all fit */
};

struct screen_line {
	enum line_role role;
	const char *text;
};

struct screen_item {
	enum menu_kind kind;
	const char *text;
	const char *detail;       /* below it; may hold "\n"; NULL for none */
	bool is_marked;           /* chosen */
	bool has_points;
	uint32_t points;
	bool is_primary;          /* the usual next step */
	bool is_flagged;          /* needs attention */
	enum session_command command;
	const char *word;         /* what --plain calls it: "next"; NULL for options */
};

struct screen {
	enum session_at at;
	enum session_over over;
	const char *banner;       /* "REHEARSAL", or NULL */
	const char *progress;     /* "Contest 1 of 2", or NULL */
	const char *title;        /* never NULL */
	uint16_t lines_len;
	struct screen_line line[SCREEN_LINES_MAX];
	uint16_t items_len;
	struct screen_item item[SESSION_MENU_MAX];
	uint16_t focus;           /* < items_len, or 0 */
	const char *field;        /* what was typed so far, where a code is asked for; else NULL */
	bool is_waiting;          /* nothing can be done but wait */
	size_t text_len;
	char text[SCREEN_TEXT_BYTES];   /* what the pointers point into, besides constants */
};

/* Write the screen of this session.  out is large and secret. */
void session_screen(const struct session *s, struct screen *out);
/* Wipe what was used of it. */
void screen_wipe(struct screen *s);

#endif

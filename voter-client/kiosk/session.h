/*
 * session.h: what passes between one voter and the kiosk, as a pure machine (docs/kiosk.md).
 *
 * session_step(session, event) changes the session and says what the shell is to do; the shell
 * answers with further events.  session_screen (screen.h) says what the person sees.  No files, no
 * network, no clock: time comes with the events.
 *
 *	CREDENTIAL -> BALLOT [-> OLD_SLIP] -> CONTEST 1..n -> REVIEW -> lock -> DECIDE
 *	    DECIDE -> cast -> END            DECIDE -> test -> OPENED -> CONTEST 1 ...
 *
 * Invariants: nothing that was chosen is ever unchosen but by the voter's own act; no contest holds
 * more than its rule allows; every LOCK effect is followed by exactly one of CAST, TEST and VOID;
 * END_VOTED is reached by EV_CAST alone; whoever is idle is cleared; from END on the session holds
 * no choice and no code.
 *
 * A session is secret: it lives in memory of mem_secret_alloc.
 */
#ifndef KALPIS_KIOSK_SESSION_H
#define KALPIS_KIOSK_SESSION_H

#include "common/election/ballot.h"
#include "common/election/credential.h"
#include "common/election/manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SESSION_TYPED_MAX = CREDENTIAL_CODE_TYPED_MAX,
	SESSION_MENU_MAX = LIMIT_OPTIONS + 8,
	SESSION_IDLE_MS = 180000,       /* until "Are you still voting?" */
	SESSION_WARN_MS = 45000,        /* from there until the choices are cleared */
	SESSION_PATIENCE_MS = 10000,    /* for a receipt, until "recorded, waiting" */
	SESSION_END_MS = 15000          /* how long the last screen stays */
};

_Static_assert((int)LIMIT_STYLE_CONTESTS + 4 <= (int)SESSION_MENU_MAX, "a review is a menu");
_Static_assert((int)LIMIT_STYLE_CONTESTS <= 64, "contests that were seen are bits");

struct session_config {
	const struct manifest *manifest;   /* borrowed */
	uint16_t language;                 /* index into the manifest's */
	uint16_t kiosk;                    /* number, as registered */
	uint32_t idle_ms;
	uint32_t warn_ms;
	uint32_t patience_ms;
	uint32_t end_ms;
};

enum session_at {
	AT_OUT = 0,       /* not in service: see service */
	AT_CREDENTIAL,    /* asks for the code on the card */
	AT_LOOKUP,        /* waits for EV_FOUND or EV_UNKNOWN */
	AT_BALLOT,        /* "this is your ballot" */
	AT_OLD_SLIP,      /* revote: asks for the secret code of the slip before */
	AT_OLD_CHECK,     /* waits for EV_OLD_GOOD or EV_OLD_BAD */
	AT_CONTEST,
	AT_REVIEW,
	AT_LOCKING,       /* waits for EV_LOCKED or EV_FAILED */
	AT_DECIDE,        /* cast or test */
	AT_CASTING,       /* waits for EV_CAST, EV_REJECTED or EV_FAILED */
	AT_TESTING,       /* waits for EV_OPENED or EV_FAILED */
	AT_OPENED,        /* a test was opened: not voted yet */
	AT_END,           /* the last screen */
	AT_COUNT
};

enum session_service {
	SERVICE_READY = 0,
	SERVICE_STARTING,        /* the chain is being read */
	SERVICE_NOT_OPEN,        /* the election is not open yet */
	SERVICE_CLOSED,          /* it is closed */
	SERVICE_NOT_REGISTERED,  /* this kiosk is not on the chain */
	SERVICE_TESTS_USED,      /* the quota of tests is used up: locks no further ballot */
	SERVICE_UNREACHABLE,     /* the nodes do not answer */
	SERVICE_BROKEN,          /* a disk, key or memory failed */
	SERVICE_COUNT
};

enum session_end {
	END_VOTED = 0,      /* a verified receipt is in hand */
	END_RECORDED,       /* kept here and sent; no receipt yet */
	END_REJECTED,       /* the nodes do not take the ballot */
	END_VOIDED,         /* locked, then idle */
	END_CLEARED,        /* idle before the lock */
	END_STOPPED,        /* the voter left without voting */
	END_NOT_MINE,       /* "no, this is not my ballot" */
	END_USED,           /* this credential has voted, and may not again */
	END_TEST_LEFT,      /* left after a test, without voting */
	END_BROKEN,
	END_COUNT
};

/* A message that lies over the screen until it is acknowledged. */
enum session_notice {
	NOTICE_NONE = 0,
	NOTICE_CODE_SHORT,      /* not 24 characters, or a strange one */
	NOTICE_CODE_WRONG,      /* mistyped; number: where (1..24), or 0 */
	NOTICE_UNKNOWN,         /* the code is not one of this election */
	NOTICE_OLD_BAD,         /* not the secret of that ballot */
	NOTICE_FULL,            /* number: how many are allowed */
	NOTICE_POINTS_GONE,     /* number: how many points there are in all */
	NOTICE_EACH_FULL,       /* number: how many one option may have */
	NOTICE_BLANK_FIRST,     /* the contest was left blank: take that back first */
	NOTICE_CHOICES_FIRST,   /* there are choices: take them back before leaving it blank */
	NOTICE_TOO_FEW,         /* number: how many are needed */
	NOTICE_SEE_ALL,         /* the review comes after every contest was seen */
	NOTICE_NOT_UNDERSTOOD,  /* what was typed is nothing that can be done here */
	NOTICE_COUNT
};

/* What lies over the screen below. */
enum session_over { OVER_NONE = 0, OVER_NOTICE, OVER_STOP, OVER_STILL };

enum session_command {
	CMD_NONE = 0,
	CMD_SUBMIT,      /* the typed code */
	CMD_YES,         /* this is my ballot */
	CMD_NO,
	CMD_NEXT,        /* next contest; after the last: review */
	CMD_BACK,
	CMD_REVIEW,      /* back to the review */
	CMD_LOCK,
	CMD_CAST,
	CMD_TEST,
	CMD_AGAIN,       /* after a test: vote now */
	CMD_STOP,        /* asks whether to stop without voting */
	CMD_STAY,        /* no, go on */
	CMD_LEAVE,       /* yes, stop */
	CMD_STILL,       /* yes, still voting */
	CMD_OK,          /* the notice was read */
	CMD_DONE,        /* the last screen was read */
	CMD_COUNT
};

enum session_event_kind {
	/* the person */
	EV_FOCUS_NEXT = 0,
	EV_FOCUS_BEFORE,
	EV_FOCUS,          /* number: item of the menu */
	EV_SELECT,         /* the focused item */
	EV_RAISE,          /* a point more for the focused option */
	EV_LOWER,
	EV_TYPE,           /* number: a character, while a code is asked for */
	EV_ERASE,
	EV_LINE,           /* text: a whole code */
	EV_COMMAND,        /* number: enum session_command, if it can be done here */
	EV_ANSWER,         /* values: one for each slot of the contest at hand */
	EV_EDIT,           /* number: place of a contest, at the review */
	EV_STRANGE,        /* something that means nothing here */
	/* the clock */
	EV_TICK,
	/* the shell */
	EV_SERVICE,        /* number: enum session_service */
	EV_FOUND,          /* found */
	EV_UNKNOWN,
	EV_OLD_GOOD,
	EV_OLD_BAD,
	EV_LOCKED,         /* tracker */
	EV_CAST,
	EV_REJECTED,
	EV_OPENED,         /* values: what the signed opening says; number: tests that are left */
	EV_FAILED,
	EV_COUNT
};

/* What the chain says of a credential.  live_tracker: NULL when it has no live ballot. */
struct session_found {
	uint16_t style;
	uint64_t fingerprint;
	const uint8_t *live_tracker;
};

struct session_event {
	enum session_event_kind kind;
	uint64_t now_ms;                     /* a clock that never goes back */
	uint32_t number;
	const char *text;                    /* borrowed */
	size_t text_len;
	const uint32_t *values;              /* borrowed */
	size_t values_len;
	const uint8_t *tracker;              /* 32 bytes, borrowed */
	const struct session_found *found;   /* borrowed */
};

/* What the shell is to do, in this order when several are asked for. */
enum session_effect {
	EFFECT_LOOKUP = 1 << 0,   /* whose is session->code? */
	EFFECT_OLD = 1 << 1,      /* is session->code the secret of the live ballot's slip? */
	EFFECT_LOCK = 1 << 2,     /* encrypt and prove session_selections; write the top half */
	EFFECT_CAST = 1 << 3,     /* sign, keep, submit; answer when a receipt was verified */
	EFFECT_TEST = 1 << 4,     /* open, sign, keep */
	EFFECT_VOID = 1 << 5,     /* the locked ballot ends as void */
	EFFECT_LATE = 1 << 6,     /* no receipt yet: write so on the slip and go on trying */
	EFFECT_FORGET = 1 << 7    /* the voter is gone: wipe what was kept for them */
};

/* One thing that can be focused. */
enum menu_kind { MENU_OPTION, MENU_BLANK, MENU_COMMAND, MENU_CONTEST, MENU_FIELD };

struct menu_item {
	enum menu_kind kind;
	uint16_t slot;                    /* OPTION: which; CONTEST: place in the style */
	enum session_command command;     /* COMMAND, FIELD */
};

struct menu {
	uint16_t len;                     /* 0 only where the session waits or is out of service */
	struct menu_item item[SESSION_MENU_MAX];
};

struct session {
	struct session_config c;
	enum session_at at;
	enum session_service service;
	enum session_end end;
	enum session_over over;
	enum session_over under;          /* what lies below OVER_STILL */
	enum session_notice notice;
	uint32_t notice_number;
	uint64_t touched_ms;              /* the person's last act */
	uint64_t since_ms;                /* when `at` began */
	uint64_t now_ms;                  /* of the last event */
	uint16_t focus;
	uint16_t over_focus;

	/* The voter: secret, wiped at the end. */
	char typed[SESSION_TYPED_MAX + 1];
	size_t typed_len;
	struct credential_code code;
	uint16_t style;
	char fingerprint[CREDENTIAL_FINGERPRINT_TEXT];
	bool has_live;
	char live_tracker[BALLOT_TRACKER_TEXT];
	uint16_t place;                   /* contest at hand: its place in the style */
	bool from_review;
	bool tested;                      /* a ballot of this session was tested */
	bool no_tests_left;
	uint64_t seen;                    /* bit p: the contest at place p was shown */
	uint32_t value[LIMIT_BALLOT_CIPHERTEXTS];    /* slots as in the ballot */
	uint32_t opened[LIMIT_BALLOT_CIPHERTEXTS];   /* what the opening of a test says */
	char tracker[BALLOT_TRACKER_TEXT];           /* of the locked ballot */
};

/* Out of service (SERVICE_STARTING).  c is copied. */
void session_init(struct session *s, const struct session_config *c);
/* One event.  What makes no sense in this state changes nothing.  Returns enum session_effect. */
unsigned int session_step(struct session *s, const struct session_event *event);
/* Does it wait for the shell?  Then it takes nothing from the person. */
bool session_is_waiting(const struct session *s);
/* Is a voter in front of it? */
bool session_has_voter(const struct session *s);
/* What can be focused now, in order. */
void session_menu(const struct session *s, struct menu *out);
/* The place in the menu where the focus is. */
uint16_t session_focus(const struct session *s);
/*
 * The numbers to encrypt, one for each ciphertext of the style: as chosen, and blank where nothing
 * was chosen, something must be, and blank is allowed.  out has room for the style's.  Returns how
 * many.  Secret.
 */
size_t session_selections(const struct session *s, uint32_t *out);

/* --- the contest at a place of the style (session_votes.c) ------------------------------------ */

enum votes_state {
	VOTES_FULL,        /* as many as are allowed */
	VOTES_SOME,        /* allowed, and more would be */
	VOTES_NONE,        /* nothing chosen, which is allowed */
	VOTES_BLANK,       /* left blank by the voter */
	VOTES_TO_BLANK,    /* nothing chosen: will count as blank */
	VOTES_TOO_FEW      /* cannot be locked so */
};

uint16_t votes_places(const struct session *s);
const struct manifest_contest *votes_contest(const struct session *s, uint16_t place);
/* Where the option's number stands in value; blank: the slot of the blank flag. */
size_t votes_slot(const struct session *s, uint16_t place, uint16_t option);
size_t votes_blank_slot(const struct session *s, uint16_t place);
uint32_t votes_of(const struct session *s, uint16_t place, uint16_t option);
bool votes_is_blank(const struct session *s, uint16_t place);
uint32_t votes_total(const struct session *s, uint16_t place);
enum votes_state votes_state(const struct session *s, uint16_t place);
/* What is encrypted for it, blank flag first where there is one; out has room for
 * LIMIT_OPTIONS + 1.  Returns how many. */
size_t votes_encrypted(const struct session *s, uint16_t place, uint32_t *out);
/* The first place that cannot be locked; votes_places when all can. */
uint16_t votes_first_bad(const struct session *s);

/* Acts of the voter.  They change the contest, or nothing and give the notice that says why. */
enum session_notice votes_toggle(struct session *s, uint16_t place, uint16_t option,
                                 uint32_t *number);
enum session_notice votes_raise(struct session *s, uint16_t place, uint16_t option,
                                uint32_t *number);
void votes_lower(struct session *s, uint16_t place, uint16_t option);
enum session_notice votes_toggle_blank(struct session *s, uint16_t place);
/* The whole contest at once: blank flag first where there is one, then the options. */
enum session_notice votes_answer(struct session *s, uint16_t place, const uint32_t *values,
                                 size_t values_len, uint32_t *number);

#endif

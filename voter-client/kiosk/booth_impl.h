/*
 * booth_impl.h: what the files of the booth share.
 *
 * Invariant: struct voter lies in secret memory and is wiped when the session says FORGET.
 */
#ifndef KALPIS_KIOSK_BOOTH_IMPL_H
#define KALPIS_KIOSK_BOOTH_IMPL_H

#include "voter-client/kiosk/booth.h"
#include "voter-client/kiosk/slip_text.h"

/* What a voter brought, and the ballot at hand.  Secret. */
struct voter {
	struct credential credential;
	uint32_t index;                    /* on the roll */
	bool has_live;
	uint8_t live[32];                  /* tracker of the live ballot */
	struct credential old_slip;        /* of that ballot's slip: under "last" */
	struct credential slip;            /* of the ballot at hand: under "last" */
	struct credential_code slip_code;
	uint8_t blinding[32];              /* of the credential commitment */
	uint32_t selections[LIMIT_BALLOT_CIPHERTEXTS];
};

struct booth {
	struct booth_config c;
	const struct manifest *m;
	struct session *session;           /* secret memory */
	struct voter *voter;               /* secret memory */
	struct sign_secret *sign;          /* secret memory: the kiosk's signing key */
	uint8_t sign_key[SIGN_KEY_BYTES];
	struct spool *spool;
	struct chainlink *link;
	struct ballot_setup *setup;        /* once the joint key is known */
	struct ballot_locked *locked;      /* between lock and decision */
	uint32_t sequence;                 /* of the ballot at hand; 0: none */
	bool is_casting;                   /* the session waits for its receipt */
	bool is_broken;
	uint64_t now_ms;
	uint64_t look_ms;                  /* when to look at what is pending */
	uint64_t changes;
	struct chainlink_outcome outcome;
};

/* booth.c */
void booth_step(struct booth *b, const struct session_event *event);
void booth_tell(const struct booth *b, const char *key, const char *value);
void booth_break(struct booth *b, const char *what, enum status st);

/* booth_vote.c: what the session asks for; each gives the event that answers it. */
struct session_event booth_lookup(struct booth *b, struct session_found *found);
struct session_event booth_old_slip(struct booth *b);
struct session_event booth_lock(struct booth *b);
/* EV_CAST comes later; EV_FAILED at once. */
bool booth_cast(struct booth *b, struct session_event *event);
struct session_event booth_test(struct booth *b, uint32_t *values);
void booth_void(struct booth *b);
void booth_forget(struct booth *b);

/* booth_fate.c: what becomes of ballots after that, and after a power cut. */
MUST_USE enum status booth_recover(struct booth *b, struct fault *fault);
/* Record, then slip. */
MUST_USE enum status booth_make_void(struct booth *b, const struct spool_record *r);
/* Of a record that says TESTED: the opening, then the slip. */
MUST_USE enum status booth_open_paper(struct booth *b, const struct spool_record *r);
/* A verified receipt: files, slip, record. */
void booth_receipt(struct booth *b, const struct chainlink_outcome *o);
/* Send what waits, and give up what the chain can never take. */
void booth_look_at_pending(struct booth *b);

/* booth_files.c: papers. */
enum booth_paper { PAPER_SLIP, PAPER_SECRET, PAPER_RECEIPT, PAPER_OPENING };
MUST_USE enum status booth_path(const struct booth *b, char out[static LIMIT_PATH_BYTES],
                                enum booth_paper paper, const uint8_t tracker[static 32]);
/* Write the slip of a record as it now stands. */
MUST_USE enum status booth_write_slip(const struct booth *b, const struct spool_record *r,
                                      enum slip_half half, enum slip_fate fate, uint64_t height);
MUST_USE enum status booth_write_secret(const struct booth *b, const uint8_t tracker[static 32],
                                        const struct credential_code *code);
MUST_USE enum status booth_write_paper(const struct booth *b, enum booth_paper paper,
                                       const uint8_t tracker[static 32], const void *bytes,
                                       size_t len);
/* Does its slip name a fate already? */
bool booth_slip_is_decided(const struct booth *b, const uint8_t tracker[static 32]);

#endif

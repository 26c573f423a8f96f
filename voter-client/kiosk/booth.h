/*
 * booth.h: the shell around a session: carries out what it asks for, with keys, spool, papers and
 * the chain (docs/kiosk.md).
 *
 * What must not be forgotten is on the disk before the step it speaks of: the record before the
 * slip's top half, the top half before the decision, the decision before it is carried out, the
 * receipt before "you have voted".
 *
 * Invariant: the fate of every locked ballot is exactly one of CAST, TESTED and VOID; no file and
 * no log line holds a choice, or the randomness of a ballot that was not tested; whatever a voter
 * brought is wiped when they leave.
 */
#ifndef KALPIS_KIOSK_BOOTH_H
#define KALPIS_KIOSK_BOOTH_H

#include "common/wire/keyfile.h"
#include "voter-client/kiosk/chainlink.h"
#include "voter-client/kiosk/face.h"
#include "voter-client/kiosk/spool.h"

/* All borrowed for the life of the booth. */
struct booth_config {
	struct session_config session;      /* manifest, language, kiosk, times */
	const struct keyfile *key;          /* KEYFILE_KIOSK */
	const char *spool;                  /* folders */
	const char *receipts;
	const char *slips;
	const struct port *port;
	const struct face *face;            /* tell and forget are called; NULL: nobody looks */
};

struct booth;

/*
 * Opens the spool, ends what a power cut left half done (a sealed ballot becomes void), and is
 * then ready for booth_tick.  fault says why not.
 */
MUST_USE enum status booth_new(struct booth **out, const struct booth_config *c,
                               struct fault *fault);
/* A ballot that is locked becomes void. */
void booth_free(struct booth *b);

const struct session *booth_session(const struct booth *b);
struct spool *booth_spool(struct booth *b);
struct chainlink *booth_link(struct booth *b);

/* An act of the person. */
void booth_event(struct booth *b, const struct session_event *event);
/* Time passes; call it every 50 ms or so. */
void booth_tick(struct booth *b, uint64_t now_ms);
/* An answer of a node. */
void booth_answer(struct booth *b, const struct client_event *event, uint64_t now_ms);
/* Grows whenever the session may look different. */
uint64_t booth_changes(const struct booth *b);
/* Ballots that were cast and have no receipt yet. */
uint32_t booth_pending(const struct booth *b);

#endif

/*
 * slip_text.h: the slip that a voter takes home, as text (docs/formats-kiosk.md).
 *
 * The top half is written before the voter decides; the second half after it.  It never holds a
 * choice, a name, a time, or the slip's secret, which is on a paper of its own.
 *
 * Invariant: a slip names exactly one fate, or none yet.
 */
#ifndef KALPIS_KIOSK_SLIP_TEXT_H
#define KALPIS_KIOSK_SLIP_TEXT_H

#include "common/election/credential.h"
#include "common/election/slip.h"

#include <stdbool.h>

enum { SLIP_TEXT_MAX = 4096, SLIP_SECRET_TEXT_MAX = 512 };

enum slip_half {
	SLIP_TOP_ONLY,    /* not decided */
	SLIP_WAITING,     /* cast, no receipt yet */
	SLIP_DECIDED      /* fate holds */
};

struct slip {
	struct slip_top top;
	uint8_t before[32];                /* opening of the device commitment */
	uint8_t blinding[32];
	enum slip_half half;
	enum slip_fate fate;
	uint64_t height;                   /* CAST: a certified block at or after its own */
	bool has_fingerprint;              /* CAST and WAITING */
	uint64_t fingerprint;              /* of the credential */
};

/* Text and a NUL; returns its length.  Signs with the kiosk's key. */
size_t slip_text(char out[static SLIP_TEXT_MAX], const struct manifest *m, const struct slip *slip,
                 const struct sign_secret *kiosk);
/* The folded paper with the secret code.  out is secret. */
size_t slip_secret_text(char out[static SLIP_SECRET_TEXT_MAX],
                        const uint8_t tracker[static 32], const struct credential_code *code);

#endif

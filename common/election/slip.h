/*
 * slip.h: what a kiosk says of a ballot on its slip, and what it owes for every slip
 * (formats-kiosk.md §1).
 *
 * The kiosk signs the top half {tracker, kiosk, sequence} before the voter decides, and the fate
 * after it.  Every ballot holds a device commitment, which binds it to all that the kiosk locked
 * before; its opening stands on the slip.  At the close the kiosk signs the root of its list of
 * (tracker, fate).
 *
 * Invariant: statements have one encoding each and a purpose of their own.
 */
#ifndef KALPIS_ELECTION_SLIP_H
#define KALPIS_ELECTION_SLIP_H

#include "common/election/credential.h"
#include "common/election/manifest.h"
#include "crypto/sign.h"

enum {
	SLIP_TOP_BYTES = 32 + 2 + 4,   /* tracker, kiosk, sequence: what is signed */
	SLIP_FATE_BYTES = 32 + 1,      /* tracker, fate */
	SLIP_CLOSING_LEAF_BYTES = 33   /* the same, as a leaf of the closing list */
};

enum slip_fate { SLIP_CAST = 1, SLIP_TESTED = 2, SLIP_VOID = 3 };

/* "CAST", "TESTED", "VOID".  Static. */
const char *slip_fate_name(enum slip_fate fate);

/* What identifies a slip. */
struct slip_top {
	uint8_t tracker[32];
	uint16_t kiosk;
	uint32_t sequence;      /* 1, 2, 3 ... of this kiosk */
};

/* Purpose "slip" and "slip-fate"; the joint key is left empty: a manifest is enough to check. */
void slip_sign_top(uint8_t sig[static SIGN_BYTES], const struct manifest *m,
                   const struct slip_top *top, const struct sign_secret *kiosk);
MUST_USE enum status slip_check_top(const struct manifest *m, const struct slip_top *top,
                                    const uint8_t sig[static SIGN_BYTES],
                                    const uint8_t kiosk_key[static SIGN_KEY_BYTES]);
void slip_sign_fate(uint8_t sig[static SIGN_BYTES], const struct manifest *m,
                    const uint8_t tracker[static 32], enum slip_fate fate,
                    const struct sign_secret *kiosk);
MUST_USE enum status slip_check_fate(const struct manifest *m, const uint8_t tracker[static 32],
                                     enum slip_fate fate, const uint8_t sig[static SIGN_BYTES],
                                     const uint8_t kiosk_key[static SIGN_KEY_BYTES]);

/* --- the chain of what a kiosk locked --------------------------------------------------------- */

/* chain_0 = H("device-chain", election_id, kiosk u32) */
void slip_chain_start(uint8_t out[static 32], const uint8_t election_id[static 32],
                      uint16_t kiosk);
/* chain_n = H("device-chain", chain_{n-1}, tracker_n, blinding_n); out may be before. */
void slip_chain_next(uint8_t out[static 32], const uint8_t before[static 32],
                     const uint8_t tracker[static 32], const uint8_t blinding[static 32]);
/* device commitment = H("device", kiosk u32, sequence u32, chain_{n-1}, blinding) */
void slip_device(uint8_t out[static 32], uint16_t kiosk, uint32_t sequence,
                 const uint8_t before[static 32], const uint8_t blinding[static 32]);

/* --- the closing list ------------------------------------------------------------------------- */

struct slip_closing {
	uint8_t tracker[32];
	enum slip_fate fate;
};

/* Into ascending order of trackers, as the root wants it. */
void slip_closing_sort(struct slip_closing *list, size_t len);
/*
 * Root of the RFC 6962 tree whose leaves are tracker and fate.  ST_ORDER when the trackers do not
 * ascend strictly; ST_NO_MEMORY.
 */
MUST_USE enum status slip_closing_root(uint8_t out[static 32], const struct slip_closing *list,
                                       size_t len);

/* --- the slip's secret, under revote "last" --------------------------------------------------- */

/*
 * The key pair of a slip's secret code: as a credential's, under the purpose "slip".  The code is
 * printed for the voter alone.  ST_SCALAR when it is zero: draw another code.  The caller wipes.
 */
MUST_USE enum status slip_secret_derive(struct credential *out, const struct group *g,
                                        const uint8_t election_id[static 32],
                                        const struct credential_code *code);

#endif

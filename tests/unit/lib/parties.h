/*
 * parties.h: trustees, a registrar and an officer with known secrets, their cards, and manifests
 * made of definitions that name those cards.
 *
 * Cards are named "1.card" ... "13.card", "registrar.card", "officer.card".  The same seed gives
 * the same keys (the proofs of possession are random).  Needs crypto_init.  For programs of
 * common/ and above.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_PARTIES_H
#define KALPIS_TESTS_UNIT_LIB_PARTIES_H

#include "common/base/limits.h"
#include "common/election/card.h"
#include "common/election/definition.h"
#include "common/election/manifest.h"
#include "crypto/sign.h"

enum {
	PARTIES_REGISTRAR = LIMIT_TRUSTEES,
	PARTIES_OFFICER,
	PARTIES_MAX
};

/* One of them.  A registrar and an officer have sign and card only. */
struct party {
	struct card draft;              /* what the card says; keys of this party filled in */
	struct sign_secret sign;
	struct sign_secret node;
	struct sign_secret checkpoint;
	struct scalar enc;
	uint8_t bytes[CARD_BYTES_MAX];   /* the card */
	size_t len;
};

struct parties {
	unsigned int trustees;
	struct party party[PARTIES_MAX];   /* trustees first; then see the enum */
};

/* The keys follow from seed.  Every card is made. */
void parties_make(struct parties *p, unsigned int trustees, uint8_t seed);
/* Make one party's card again after its draft was changed. */
void parties_remake(struct parties *p, size_t party);
struct card_source parties_source(struct parties *p);
/* The manifest of a definition that must be good; otherwise the reason is printed and the test
 * program ends.  manifest_free. */
struct manifest *parties_manifest(struct parties *p, const char *definition);

/* Two contests (choose with blank, score), two units, two styles, four trustees, threshold 3. */
extern const char PARTIES_DEFINITION[];

#endif

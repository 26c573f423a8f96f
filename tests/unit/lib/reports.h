/*
 * reports.h: evidence, complaints and incidents of a town's people, for tests.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_REPORTS_H
#define KALPIS_TESTS_UNIT_LIB_REPORTS_H

#include "common/ledger/evidence.h"
#include "common/ledger/report.h"
#include "tests/unit/lib/town.h"

/* Whoever signs as this party; the kiosk's key is kiosk 0's. */
const struct sign_secret *reports_secret(const struct town *t, const struct report_party *p);

struct town_tx reports_evidence(struct town *t, struct report_party by, const uint8_t *bytes,
                                size_t len);
struct town_tx reports_complaint(struct town *t, struct report_party by, struct report_party about,
                                 const char *text);
/* kiosk: -1 for none. */
struct town_tx reports_incident(struct town *t, struct report_party by,
                                enum incident_category category, int kiosk, const char *text);
/* Sign a changed report again, as whoever it says. */
void reports_sign(struct town *t, struct town_tx *tx, const struct sign_secret *by);

/* A vote that this node truly signed. */
struct vote reports_vote(const struct town *t, enum vote_type type, unsigned int node,
                         uint64_t view, uint8_t block);
/* Two NOTARIZE of one view, encoded: length. */
size_t reports_double_vote(const struct town *t, uint8_t *out, size_t cap, unsigned int node,
                           uint64_t view);
/* A header of height 0 that the leader of the view signed; body may be NULL. */
size_t reports_unsound(const struct town *t, uint8_t *out, size_t cap, uint64_t view,
                       const struct block_header *header, const uint8_t *body, size_t body_len);
/* A header of this view that is sound as far as one can see, of this body. */
struct block_header reports_header(const struct town *t, uint64_t view, uint32_t items,
                                   const uint8_t *body, size_t body_len);

#endif

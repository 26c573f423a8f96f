/*
 * observer.h: what the commands of voter-observer share.
 *
 * The observer's tool needs an archive and the fingerprint from the poster, no network and no
 * trust in anybody.
 *
 * Invariant: exit code 0 only for what was wholly checked and held; 1 for evidence of a problem;
 * 3 for what could not be told.
 */
#ifndef KALPIS_OBSERVER_OBSERVER_H
#define KALPIS_OBSERVER_OBSERVER_H

#include "common/base/cli.h"
#include "common/election/judge.h"
#include "common/election/office.h"
#include "common/election/sighting.h"

struct observer_options {
	const char *archive;
	const char *fingerprint;
	const char *file;
	const char *proof;
	bool json;
	uint64_t gamma;
	uint64_t jobs;
};
extern struct observer_options opt;

/*
 * Check the archive of opt; *a is the caller's to audit_free.  The fingerprint is taken from opt
 * when given.  ST_OK: *a holds the verdict, whatever it is.
 */
MUST_USE enum status observe(struct audit *a, struct fault *fault);

/* "ok", "FAILED", "missing", "not reached".  Static. */
const char *outcome_word(enum audit_outcome outcome);
/* The lines of the checks, the verdict and, when there is one, the result. */
void print_checks(const struct audit *a);
void print_verdict(const struct audit *a);
void print_result(const struct audit *a);
/* The same as one JSON object. */
MUST_USE enum status print_json(const struct audit *a);
/* What a piece of evidence shows, of whichever kind. */
struct weighed {
	bool is_accusation;        /* of a kind that stands in transactions too: by says who */
	struct sighting seen;
	struct judgement by;
};
/*
 * Judge a piece: with opt.archive where the manifest is not enough.  ST_OK: *out says what it
 * shows.  Else it shows nothing, or the archive cannot be used: *fault says which.
 */
MUST_USE enum status weigh(struct weighed *out, const struct evidence *e, const struct manifest *m,
                           struct fault *fault);
void weigh_tell(struct fault *words, const struct weighed *w, const struct evidence *e,
                const struct manifest *m);
/* Evidence as one JSON object. */
MUST_USE enum status print_evidence_json(const struct evidence *e, const struct weighed *w,
                                         const struct manifest *m, const struct fault *words);

/* The leaf of a receipt that holds, as a tlog-proof, to opt.proof. */
MUST_USE enum status write_proof(uint64_t leaf, struct fault *fault);

int run_verify(void);
int run_receipt(void);
int run_tested(void);
int run_evidence(void);

#endif

/*
 * audit.h: every check of a Belenios election, from its archive alone (docs/belenios.md, "What is
 * checked").
 *
 * The archive may have been made by anybody's program.  Nothing in it is taken on trust: hashes and
 * the chain of events, trustees' and ballots' proofs, the sum, the decryption and each count are
 * computed again.  What we have no means to check (questions that are not homomorphic, shuffles) is
 * named, and the answer is then never "good".
 *
 * Invariant: BEL_GOOD is only said when every check ran and held, the fingerprint's among them.
 */
#ifndef KALPIS_BELENIOS_AUDIT_H
#define KALPIS_BELENIOS_AUDIT_H

#include "common/belenios/count.h"
#include "common/belenios/pool.h"
#include "common/belenios/record.h"
#include "common/belenios/vote.h"

enum bel_check {
	BEL_ARCHIVE = 0,    /* a tar of named records, one after the other, and nothing else */
	BEL_HASHES,         /* every record's name is its SHA-256; what refers to data finds them */
	BEL_EVENTS,         /* each event follows the one before */
	BEL_ELECTION,       /* election, group, key and questions have their form */
	BEL_FINGERPRINT,    /* the election is the one whose fingerprint was given */
	BEL_TRUSTEES,       /* each trustee proved to know their key */
	BEL_PEDERSEN,       /* certificates, coefficients and keys of threshold trustees fit */
	BEL_KEY,            /* the election's key is the trustees' together */
	BEL_CREDENTIALS,    /* public credentials are keys, each once, with weights */
	BEL_BALLOTS,        /* every ballot is of this election, in its one form */
	BEL_ROLL,           /* every ballot names a credential of the roll */
	BEL_SIGNATURES,     /* and is signed with it */
	BEL_PROOFS,         /* every answer is proved legal */
	BEL_COPIES,         /* no ballot stands twice */
	BEL_TALLY,          /* the encrypted sums are those of the last ballots, by weight */
	BEL_SHARES,         /* partial decryptions proved, of trustees of this election, once each */
	BEL_COUNTS,         /* each count is what its encrypted sum holds */
	BEL_COMPLETE,       /* the record reaches a result */
	BEL_UNCHECKED,      /* what is outside our reach: shuffles, other kinds of questions */
	BEL_CHECKS          /* not a check: how many there are */
};

enum bel_outcome {
	BEL_NOT_RUN = 0,    /* not reached: never green */
	BEL_HELD,
	BEL_FAILED,
	BEL_MISSING,        /* could not be checked for want of data */
	BEL_CANNOT,         /* could not be checked: outside our reach */
	BEL_NONE            /* the election has nothing of the kind */
};

enum bel_verdict { BEL_GOOD = 0, BEL_PROBLEM = 1, BEL_UNDECIDED = 3 };

struct bel_line {
	enum bel_outcome outcome;
	uint64_t count;
	uint64_t ns;        /* for people; of all threads together */
};

struct bel_audit {
	struct bel_line lines[BEL_CHECKS];
	enum bel_verdict verdict;
	/* The failure, when there is one. */
	enum bel_check failed;
	enum status failed_st;
	uint64_t failed_event;      /* height */
	uint64_t failed_offset;     /* in the file */
	char detail[POOL_NOTE_BYTES];

	struct bel_election *election;   /* owned; NULL when it was not reached or refused */
	struct bel_trustees *trustees;   /* likewise */
	struct bel_roll *roll;           /* likewise */
	uint64_t events;
	uint8_t head[32];                /* id of the last event */
	uint64_t ballots;                /* recorded */
	uint64_t counted;                /* the last of each credential */
	uint64_t weight;                 /* of those together */
	uint64_t *counts;                /* election->choices; NULL: no result that holds */
};

struct bel_audit_options {
	const char *fingerprint;         /* 43 characters of base64, or NULL */
	size_t threads;                  /* 0 is 1 */
	uint64_t (*clock_ns)(void);      /* NULL: no times */
};

/* "archive", "ballots", ...  Static. */
const char *bel_check_name(enum bel_check check);
/* What it shows, for a person.  Static. */
const char *bel_check_text(enum bel_check check);

/*
 * Read and check everything.  ST_OK: *out says what was found.  Else it could not be run at all
 * (ST_NO_MEMORY, ST_IO).  Free with bel_audit_free in any case.
 */
MUST_USE enum status bel_audit_run(struct bel_audit *out, const struct tar_source *src,
                                   const struct bel_audit_options *options);
void bel_audit_free(struct bel_audit *a);

#endif

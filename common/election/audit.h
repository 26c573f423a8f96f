/*
 * audit.h: every check of a whole election, from its archive alone (observing.md).
 *
 * The observer, the trustee's tool and the tests call this one function.  It reads block by
 * block, replays the rulebook from the manifest on, and checks every signature it meets; nothing
 * in the file is taken on trust.
 *
 * Invariant: AUDIT_GOOD is only said when every check ran and held.
 */
#ifndef KALPIS_ELECTION_AUDIT_H
#define KALPIS_ELECTION_AUDIT_H

#include "common/election/chain.h"
#include "common/ledger/archive.h"
#include "common/ledger/evidence.h"
#include "common/ledger/report.h"

enum audit_check {
	AUDIT_MANIFEST = 0,     /* canonical, sound; cards signed */
	AUDIT_FINGERPRINT,      /* the manifest is the one on the poster */
	AUDIT_CONSTITUTION,     /* every trustee signed the manifest */
	AUDIT_BLOCKS,           /* each block follows the one before, with the body it names */
	AUDIT_CEREMONY,         /* commitments, deals, complaints, confirmations */
	AUDIT_ROLL,             /* roll chunks and kiosks, signed by those who may */
	AUDIT_PHASES,           /* advance, open, close, end: t trustees each */
	AUDIT_BALLOTS,          /* every ballot: credential, signature, proof, once */
	AUDIT_TESTS,            /* every test opened */
	AUDIT_CLOSINGS,         /* what kiosks said at the close; what does not fit is an incident */
	AUDIT_REPORTS,          /* evidence, complaints, incidents: by who may; evidence is shown */
	AUDIT_SHARES,           /* every decryption share proved */
	AUDIT_RESULT,           /* every count is that of its encrypted sum */
	AUDIT_LOG,              /* the log's root and the state's hash after every block */
	AUDIT_CERTIFICATES,     /* q nodes signed; the last block is final */
	AUDIT_COSIGNATURES,     /* nodes that vouch for this end and this result, once and for all */
	AUDIT_COMPLETE,         /* the chain reaches a result and the file its end */
	AUDIT_CHECKS            /* not a check: how many there are */
};

enum audit_outcome {
	AUDIT_NOT_RUN = 0,      /* nothing of the kind was reached: never green */
	AUDIT_HELD,
	AUDIT_FAILED,
	AUDIT_MISSING           /* could not be checked for want of data */
};

enum audit_verdict {
	AUDIT_GOOD = 0,         /* the exit code of the same number */
	AUDIT_PROBLEM = 1,      /* evidence that something is wrong */
	AUDIT_UNDECIDED = 3     /* all that is there holds, but not all is there */
};

struct audit_line {
	enum audit_outcome outcome;
	uint64_t count;         /* how many things were checked */
	uint64_t ns;            /* time spent, for people; never part of a decision */
};

struct audit_incident {
	char text[160];
};

/* What stands on the chain about somebody: proven (evidence), or claimed by who signed it. */
struct audit_report {
	enum tx_type type;               /* TX_EVIDENCE, TX_COMPLAINT, TX_INCIDENT */
	struct report_party by;
	bool has_about;
	struct report_party about;       /* accused; of an incident the kiosk, where it has one */
	enum evidence_kind kind;         /* TX_EVIDENCE */
	enum incident_category category; /* TX_INCIDENT */
	bool has_tx;
	uint8_t tx[TX_ID_BYTES];         /* what a complaint names */
	char text[LIMIT_REPORT_TEXT + 1];
	uint64_t height;
};

struct audit {
	struct audit_line lines[AUDIT_CHECKS];
	enum audit_verdict verdict;
	/* The failure, when there is one. */
	enum audit_check failed;
	enum status failed_st;
	uint64_t failed_height;
	uint32_t failed_item;            /* CHAIN_NO_ITEM: the block itself */
	uint64_t failed_offset;          /* in the file */

	struct manifest *manifest;       /* owned; NULL when it was refused */
	struct election *election;       /* owned; the state after the last good block */
	struct block_header head;        /* the last good block */
	uint8_t head_id[BLOCK_ID_BYTES];
	uint64_t blocks;
	uint64_t certified_height;       /* the highest block under a certificate */
	trustee_set cosigned[COSIGNED_HEADS];   /* bit i: node i vouches; by enum cosigned_head - 1 */
	struct audit_incident incidents[16];
	size_t incidents_len;
	struct audit_report *reports;    /* owned; as many as the quotas allow at most */
	size_t reports_len;
};

struct audit_options {
	const uint8_t *fingerprint;      /* 32 bytes, or NULL */
	unsigned int gamma;              /* how many nodes must vouch; 0: certificates are enough */
	/* Called for every transaction that was accepted; NULL allowed. */
	void (*each)(void *ctx, const struct audit *a, const struct tx *tx, uint64_t height);
	void *ctx;
	uint64_t (*clock_ns)(void);      /* for audit_line.ns; NULL: none */
};

/* "manifest", "ballots", ...  Static. */
const char *audit_check_name(enum audit_check check);
/* What it shows, for a person.  Static. */
const char *audit_check_text(enum audit_check check);

/*
 * Read and check everything.  ST_OK: *out says what was found.  Else it could not be run at all
 * (ST_NO_MEMORY, ST_IO).  Free with audit_free in any case.  file is borrowed.
 */
MUST_USE enum status audit_run(struct audit *out, FILE *file, const struct audit_options *options);
void audit_free(struct audit *a);

/* "proof: node 2 did double-vote, shown by trustee 1": who says what of whom. */
enum { AUDIT_REPORT_TEXT = 160 };
void audit_report_text(char out[static AUDIT_REPORT_TEXT], const struct audit_report *r);

/* How many nodes vouch for a head. */
unsigned int audit_cosigners(const struct audit *a, enum cosigned_head head);

/* The committee of a manifest, for certificates and receipts. */
MUST_USE enum status audit_committee(struct committee *out, const struct manifest *m);

#endif

/*
 * status.h: the outcome of every fallible function (docs/house.md, "outcomes").
 *
 * ST_OK is zero and is the only success.  A verifier returns the reason of its refusal, so that
 * "could not check" is never read as "checked".  The list lives on the ground floor because every
 * floor above reports with it; it knows nothing of what the floors do.
 */
#ifndef KALPIS_CRYPTO_STATUS_H
#define KALPIS_CRYPTO_STATUS_H

#define MUST_USE __attribute__((warn_unused_result))

enum status {
	ST_OK = 0,
	ST_INTERNAL,     /* our own bug, or a library that failed where it cannot */

	/* Bytes we were given. */
	ST_FORMAT,       /* truncated, trailing, non-canonical or otherwise not of the format */
	ST_LIMIT,        /* a count or length beyond limits.h or beyond the manifest */
	ST_ELEMENT,      /* not a canonical encoding of a group element */
	ST_SCALAR,       /* not a canonical scalar */
	ST_IDENTITY,     /* the identity where a statement forbids it */
	ST_KEY,          /* a weak, repeated or malformed public key */

	/* Mathematics that did not hold. */
	ST_PROOF,        /* a zero-knowledge proof is false */
	ST_SIGNATURE,    /* a signature is false */
	ST_REFUTED,      /* a complaint about a share that is good */
	ST_OPENING,      /* a commitment or encryption was not opened by what was given */
	ST_RANGE,        /* a count outside its range */
	ST_CODE,         /* a code that a person typed: its check characters do not fit */
	ST_SEAL,         /* a sealed file: wrong passphrase or altered bytes */

	/* Rules of the election. */
	ST_ELECTION,     /* made for another election */
	ST_PHASE,        /* not in this phase of the election */
	ST_ROLE,         /* signed by somebody who has no right to this act */
	ST_EXCLUDED,     /* the trustee has been excluded from the ceremony */
	ST_DUPLICATE,    /* said or present already */
	ST_ROLL,         /* credential not on the roll, or the roll is not complete */
	ST_STYLE,        /* ballot style unknown, or not the voter's */
	ST_VOTED,        /* this credential has a live ballot */
	ST_TRACKER,      /* tracker (or its 80-bit prefix) is taken, or names no live ballot */
	ST_COPIED,       /* a ciphertext that stands in another ballot */
	ST_QUOTA,        /* a quota, of the manifest or of limits.h, is used up */
	ST_THRESHOLD,    /* fewer than t valid signatures or shares */
	ST_EARLY,        /* a waiting time of the manifest has not passed */
	ST_TALLY,        /* counts or aggregates differ from those the chain gives */
	ST_UNPROVEN,     /* evidence that does not show what it says, or not to the chain */
	ST_ONCE,         /* another sum was opened before: refused for ever */
	ST_DEFINITION,   /* the election definition is refused; a message says where */

	/* The chain. */
	ST_PARENT,       /* a block that does not follow its parent */
	ST_HASH,         /* a hash that differs from what it commits to */
	ST_CERTIFICATE,  /* fewer than q valid signatures, or of another block */
	ST_TIME,         /* a time that goes back, or lies ahead of the clock */
	ST_ORDER,        /* items out of their canonical order */
	ST_FORK,         /* two certified blocks at one height */
	ST_UNVERIFIED,   /* applied without a verdict of election_check */
	ST_CONFLICT,     /* contradicts what this key signed before */
	ST_AMNESIA,      /* what was signed before may be forgotten: will not sign */

	/* The world. */
	ST_IO,           /* reading, writing or syncing failed */
	ST_NO_MEMORY,
	ST_NOT_FOUND,
	ST_EXISTS,       /* will not overwrite */
	ST_AGAIN,        /* not now: full, busy or not yet there */
	ST_TIMEOUT,
	ST_DENIED,       /* the peer or the permissions do not allow it */
	ST_CONFIG,       /* a configuration file is refused; a message quotes the line */
	ST_USAGE,        /* the command line is wrong */
	ST_INCOMPLETE,   /* could not check everything: never green */
	ST_RANDOM,       /* the random generator does not work: stop */

	ST_COUNT         /* not an outcome: how many there are */
};

/* The stable name of a status, such as "proof" for ST_PROOF.  Static; never NULL. */
const char *status_name(enum status st);

/* One sentence for a person.  Static; never NULL. */
const char *status_text(enum status st);

#endif

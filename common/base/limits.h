/*
 * limits.h: every bound of the system, in one place (formats.md, "limits").
 *
 * Each is tested at the limit and one past it.  How limits relate is asserted below.
 */
#ifndef KALPIS_BASE_LIMITS_H
#define KALPIS_BASE_LIMITS_H

enum {
	LIMIT_TRUSTEES = 13,
	LIMIT_LANGUAGES = 8,
	LIMIT_LANGUAGE_BYTES = 8,           /* "en", "fr-CH" */
	LIMIT_ID_BYTES = 32,                /* an id in a definition: [a-z0-9-] */
	LIMIT_TEXT_BYTES = 512,             /* one text in one language */
	LIMIT_CONTESTS = 64,
	LIMIT_OPTIONS = 128,                /* in one contest */
	LIMIT_STYLES = 256,
	LIMIT_UNITS = 256,
	LIMIT_STYLE_CONTESTS = 64,
	LIMIT_EACH_MAX = 1000000,           /* points on one option */
	LIMIT_BALLOT_CIPHERTEXTS = 1024,    /* M of one style */
	LIMIT_BALLOT_BITS = 2048,           /* N of one style, slack included */
	LIMIT_BALLOT_CONSTRAINTS = 64,      /* at most one for a contest */
	LIMIT_VOTERS = 1000000,
	LIMIT_ROLL_CHUNK = 4096,            /* entries in one roll transaction */
	LIMIT_WEIGHT = 1000000,             /* of one voter */
	LIMIT_VOTER_BALLOTS = 100,          /* of one voter under revote "last", the first included */
	LIMIT_KIOSKS = 1024,
	LIMIT_TESTS_PER_KIOSK = 10000,
	LIMIT_DKG_MINUTES = 43200,          /* dkg_min_minutes: 30 days */
	LIMIT_BATCH_WAIT_MS = 60000,
	LIMIT_AGGREGATES = 16384,           /* contests x groups x options of one election */
	LIMIT_MANIFEST_BYTES = 1 << 20,
	LIMIT_TX_BYTES = 1 << 20,
	LIMIT_BLOCK_BYTES = 1 << 20,        /* of one body, when it holds more than one item */
	LIMIT_BLOCK_ITEMS = 4096,
	LIMIT_REPORT_TEXT = 512,            /* of a complaint or incident */
	LIMIT_COMPLAINTS = 16,              /* on the chain, of one signer */
	LIMIT_INCIDENTS = 64,               /* the same */
	LIMIT_EVIDENCE_BY = 32,             /* the same, of one kind */
	LIMIT_EVIDENCE_OF = 4,              /* offences of one kind of one accused */
	LIMIT_LOG_DEPTH = 40,               /* hashes in one inclusion path */
	LIMIT_FRAME_FAST = 64 << 10,        /* one message on a votes lane */
	LIMIT_FRAME_BULK = 4 << 20,         /* one message on a bulk lane */
	LIMIT_REQUEST = (1 << 20) + 1024,   /* one request of a kiosk: a transaction and its envelope */
	LIMIT_REQUEST_READ = 4 << 10,       /* one request of a reader */
	LIMIT_RESPONSE = 2 << 20,           /* one answer to a kiosk or reader */
	LIMIT_PASSPHRASE_BYTES = 1024,
	LIMIT_PATH_BYTES = 4096
};

_Static_assert((LIMIT_TX_BYTES) <= (LIMIT_FRAME_BULK) / 2, "a proposal with one item fits a frame");
_Static_assert((LIMIT_BLOCK_BYTES) <= (LIMIT_FRAME_BULK) / 2, "a proposal fits a frame");
_Static_assert((LIMIT_TX_BYTES) + 64 <= (LIMIT_REQUEST), "a transaction fits a request");
_Static_assert((LIMIT_BLOCK_BYTES) <= (LIMIT_RESPONSE) / 2, "a block and its proofs fit");
_Static_assert((LIMIT_MANIFEST_BYTES) <= (LIMIT_TX_BYTES), "the manifest is a transaction");

#endif

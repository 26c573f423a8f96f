/*
 * audit.c: see audit.h.
 *
 * Invariant: the first failure stops the reading; what was not reached stays AUDIT_NOT_RUN.
 */
#include "common/election/audit.h"

#include "common/base/alloc.h"
#include "common/election/audit_report.h"
#include "common/election/genesis.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *text;
} CHECKS[AUDIT_CHECKS] = {
	[AUDIT_MANIFEST] = { "manifest", "the election is soundly defined and every card is signed" },
	[AUDIT_FINGERPRINT] = { "fingerprint", "it is the election whose fingerprint you gave" },
	[AUDIT_CONSTITUTION] = { "constitution", "every trustee signed this manifest" },
	[AUDIT_BLOCKS] = { "blocks", "each block follows the one before it" },
	[AUDIT_CEREMONY] = { "ceremony", "the joint key was made by the trustees together" },
	[AUDIT_ROLL] = { "roll", "roll and kiosks were signed by those in charge" },
	[AUDIT_PHASES] = { "phases", "enough trustees signed every change of phase" },
	[AUDIT_BALLOTS] = { "ballots", "each is signed by a voter on the roll and well formed" },
	[AUDIT_TESTS] = { "tests", "each tested ballot opens to what was selected" },
	[AUDIT_CLOSINGS] = { "closings", "kiosks signed their figures; what does not fit is told" },
	[AUDIT_REPORTS] = { "reports", "each is signed by who may report; evidence holds" },
	[AUDIT_SHARES] = { "shares", "each decryption share is proved" },
	[AUDIT_RESULT] = { "result", "each count is that of its encrypted sum" },
	[AUDIT_LOG] = { "log", "log and state after each block are as its header says" },
	[AUDIT_CERTIFICATES] = { "certificates", "a quorum of nodes signed the chain as final" },
	[AUDIT_COSIGNATURES] = { "cosignatures", "nodes vouch for this end and this result" },
	[AUDIT_COMPLETE] = { "complete", "the chain reaches its result and the file its end" },
};

const char *audit_check_name(enum audit_check check)
{
	return (unsigned int)check < AUDIT_CHECKS ? CHECKS[check].name : "unknown";
}

const char *audit_check_text(enum audit_check check)
{
	return (unsigned int)check < AUDIT_CHECKS ? CHECKS[check].text : "";
}

enum status audit_committee(struct committee *out, const struct manifest *m)
{
	uint8_t keys[LIMIT_TRUSTEES][32];

	for (unsigned int i = 0; i < m->trustees_len; i++)
		memcpy(keys[i], m->trustees[i].node_key, sizeof(keys[i]));
	return committee_init(out, m->trustees_len, m->election_id, m->suite,
	                      (const uint8_t (*)[32])keys);
}

/* What lives while the file is read. */
struct reading {
	struct audit *a;
	const struct audit_options *o;
	struct archive_reader in;
	struct checker *checker;
	struct committee committee;
	uint8_t (*ids)[BLOCK_ID_BYTES];   /* of every block: certificates name blocks */
	uint64_t *views;
	size_t ids_cap;
	bool constituted;
	uint64_t last_cert_view;
	enum vote_type last_cert_type;
	uint64_t certificates;
	struct checkpoint head[COSIGNED_HEADS];   /* size 0: not reached */
	uint32_t last_cosigned;                   /* head and node of the one before */
	struct closing *closings;         /* LIMIT_KIOSKS: what each kiosk said of itself */
};

struct closing {
	bool said;
	uint32_t cast;
	uint32_t tested;
};

static void held(struct audit *a, enum audit_check check, uint64_t count)
{
	a->lines[check].count += count;
	if (a->lines[check].outcome == AUDIT_NOT_RUN)
		a->lines[check].outcome = AUDIT_HELD;
}

static enum status refuse(struct reading *r, enum audit_check check, enum status st,
                          uint64_t height, uint32_t item)
{
	struct audit *a = r->a;

	a->lines[check].outcome = AUDIT_FAILED;
	a->failed = check;
	a->failed_st = st;
	a->failed_height = height;
	a->failed_item = item;
	a->failed_offset = r->in.offset;
	return st;
}

static enum audit_check check_of(enum tx_type type)
{
	switch (type) {
	case TX_DKG_COMMIT:
	case TX_DKG_DEAL:
	case TX_DKG_COMPLAIN:
	case TX_DKG_CONFIRM:
		return AUDIT_CEREMONY;
	case TX_ROLL:
	case TX_DEVICE:
		return AUDIT_ROLL;
	case TX_ADVANCE:
	case TX_OPEN:
	case TX_CLOSE:
	case TX_END:
		return AUDIT_PHASES;
	case TX_BALLOT:
		return AUDIT_BALLOTS;
	case TX_TEST:
		return AUDIT_TESTS;
	case TX_KIOSK_CLOSING:
		return AUDIT_CLOSINGS;
	case TX_EVIDENCE:
	case TX_COMPLAINT:
	case TX_INCIDENT:
		return AUDIT_REPORTS;
	case TX_SHARE:
		return AUDIT_SHARES;
	case TX_RESULT:
		return AUDIT_RESULT;
	case TX_GENESIS:
		break;
	}
	return AUDIT_MANIFEST;
}

/* --- block 0 --------------------------------------------------------------------------------- */

static enum status read_manifest(struct reading *r, const struct archive_record *rec)
{
	struct audit *a = r->a;
	struct reader in;
	const uint8_t *item;
	size_t len;
	struct tx tx;
	enum status st;

	if ((st = block_body_check(&rec->header, rec->body, rec->body_len)) != ST_OK)
		return refuse(r, AUDIT_BLOCKS, st, 0, CHAIN_NO_ITEM);
	reader_init(&in, rec->body, rec->body_len);
	if ((st = block_item_next(&in, &item, &len)) != ST_OK ||
	    (st = tx_decode(&tx, item, len)) != ST_OK ||
	    (st = tx.type == TX_GENESIS ? ST_OK : ST_FORMAT) != ST_OK ||
	    (st = manifest_load(&a->manifest, NULL, tx.payload, tx.payload_len)) != ST_OK)
		return st == ST_NO_MEMORY ? st : refuse(r, AUDIT_MANIFEST, st, 0, 0);
	held(a, AUDIT_MANIFEST, 1);
	return ST_OK;
}

static enum status read_genesis(struct reading *r, const struct archive_record *rec)
{
	struct audit *a = r->a;
	uint8_t mine[BLOCK_HEADER_BYTES];
	enum status st;

	if ((st = read_manifest(r, rec)) != ST_OK)
		return st;
	if (r->o->fingerprint == NULL)
		a->lines[AUDIT_FINGERPRINT].outcome = AUDIT_MISSING;
	else if (!mem_is_equal(r->o->fingerprint, a->manifest->election_id, 32))
		return refuse(r, AUDIT_FINGERPRINT, ST_ELECTION, 0, CHAIN_NO_ITEM);
	else
		held(a, AUDIT_FINGERPRINT, 1);
	if ((st = audit_committee(&r->committee, a->manifest)) != ST_OK ||
	    (st = election_new(&a->election, a->manifest)) != ST_OK ||
	    (st = chain_genesis(&a->head, a->election)) != ST_OK)
		return st == ST_NO_MEMORY ? st : refuse(r, AUDIT_MANIFEST, st, 0, CHAIN_NO_ITEM);
	/* Every byte of block 0 follows from the manifest. */
	block_header_encode(mine, &a->head);
	if (memcmp(mine, rec->bytes, sizeof(mine)) != 0)
		return refuse(r, AUDIT_BLOCKS, ST_HASH, 0, CHAIN_NO_ITEM);
	return ST_OK;
}

/* --- later blocks ---------------------------------------------------------------------------- */

static enum status remember_block(struct reading *r, const uint8_t *id, uint64_t view)
{
	struct audit *a = r->a;

	if (a->blocks == r->ids_cap) {
		size_t cap = r->ids_cap == 0 ? 256 : 2 * r->ids_cap;
		void *ids = realloc(r->ids, cap * sizeof(*r->ids));
		void *views;

		if (ids == NULL)
			return ST_NO_MEMORY;
		r->ids = ids;
		views = realloc(r->views, cap * sizeof(*r->views));
		if (views == NULL)
			return ST_NO_MEMORY;
		r->views = views;
		r->ids_cap = cap;
	}
	memcpy(r->ids[a->blocks], id, BLOCK_ID_BYTES);
	r->views[a->blocks] = view;
	a->blocks++;
	return ST_OK;
}

static void keep_closing(struct reading *r, const struct tx *tx)
{
	struct tx_closing c;

	if (tx->type == TX_KIOSK_CLOSING && tx_closing_decode(&c, tx) == ST_OK)
		r->closings[c.kiosk] = (struct closing){ .said = true, .cast = c.cast,
		                                         .tested = c.tested };
}

static enum status count_items(struct reading *r, const struct archive_record *rec)
{
	struct reader in;
	const uint8_t *item;
	size_t len;
	struct tx tx;
	enum status st;

	reader_init(&in, rec->body, rec->body_len);
	while (block_item_next(&in, &item, &len) == ST_OK && tx_decode(&tx, item, len) == ST_OK) {
		held(r->a, check_of(tx.type), 1);
		keep_closing(r, &tx);
		if (tx_is_report(tx.type) &&
		    (st = audit_keep_report(r->a, &tx, rec->header.height)) != ST_OK)
			return st;
		if (r->o->each != NULL)
			r->o->each(r->o->ctx, r->a, &tx, rec->header.height);
	}
	return ST_OK;
}

static enum audit_check blame(const struct chain_fault *fault, const struct archive_record *rec)
{
	if (fault->item != CHAIN_NO_ITEM)
		return check_of(fault->type) == AUDIT_MANIFEST ? AUDIT_BLOCKS : check_of(fault->type);
	/* Which hash was wrong: that of the body, or those of log and state? */
	return fault->st == ST_HASH &&
	       block_body_check(&rec->header, rec->body, rec->body_len) == ST_OK ? AUDIT_LOG :
	                                                                            AUDIT_BLOCKS;
}

/* The first block after which the election is ended, or final. */
static void note_head(struct reading *r, enum cosigned_head head, enum election_phase phase)
{
	struct checkpoint *c = &r->head[head - 1];

	if (c->size != 0 || election_phase(r->a->election) < phase ||
	    election_phase(r->a->election) == PHASE_FAILED)
		return;
	memcpy(c->election_id, r->a->manifest->election_id, sizeof(c->election_id));
	c->size = r->a->head.log_size;
	memcpy(c->root, r->a->head.log_root, sizeof(c->root));
}

static enum status read_block(struct reading *r, const struct archive_record *rec)
{
	struct audit *a = r->a;
	struct chain_fault fault;
	enum status st;

	if (a->manifest == NULL) {
		if ((st = read_genesis(r, rec)) != ST_OK)
			return st;
	} else {
		/* View 0 is block 0's: nobody leads it, and no other block follows in it. */
		if (rec->header.view > 0 &&
		    rec->header.proposer != committee_leader(&r->committee, rec->header.view))
			return refuse(r, AUDIT_BLOCKS, ST_ROLE, rec->header.height, CHAIN_NO_ITEM);
		st = chain_accept(a->election, r->checker, NULL, &a->head, &rec->header, rec->body,
		                  rec->body_len, &fault);
		if (st == ST_NO_MEMORY)
			return st;
		if (st != ST_OK)
			return refuse(r, blame(&fault, rec), st, rec->header.height, fault.item);
		election_seal(a->election, rec->header.height);
		a->head = rec->header;
		if ((st = count_items(r, rec)) != ST_OK)
			return st;
		note_head(r, COSIGNED_END, PHASE_ENDED);
		note_head(r, COSIGNED_RESULT, PHASE_FINAL);
	}
	memcpy(a->head_id, election_tip(a->election), sizeof(a->head_id));
	held(a, AUDIT_BLOCKS, 1);
	held(a, AUDIT_LOG, 1);
	return remember_block(r, a->head_id, rec->header.view);
}

/* --- proofs ---------------------------------------------------------------------------------- */

static enum status read_genesis_sigs(struct reading *r, const struct archive_record *rec)
{
	unsigned int trustee;
	enum status st = ST_FORMAT;

	if (r->a->manifest == NULL || r->constituted || rec->len % TX_SIG_BYTES != 0 ||
	    (st = genesis_check(r->a->manifest, (const uint8_t (*)[TX_SIG_BYTES])rec->bytes,
	                        rec->len / TX_SIG_BYTES, &trustee)) != ST_OK)
		return refuse(r, AUDIT_CONSTITUTION, st, 0, CHAIN_NO_ITEM);
	r->constituted = true;
	held(r->a, AUDIT_CONSTITUTION, r->a->manifest->trustees_len);
	return ST_OK;
}

/* The block of a view; views ascend with height. */
static bool find_view(const struct reading *r, uint64_t view, size_t *at)
{
	size_t low = 0, high = (size_t)r->a->blocks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->views[mid] < view)
			low = mid + 1;
		else
			high = mid;
	}
	*at = low;
	return low < r->a->blocks && r->views[low] == view;
}

/*
 * A certificate against the chain, at height *at, and the certificate before it.  ST_PARENT: its
 * block comes after the last one here, a tail was cut off.  ST_FORK: two blocks of one view.
 * ST_CONFLICT: a view that q nodes gave up and q nodes made final.
 */
static enum status place_certificate(struct reading *r, const struct certificate *c, size_t *at)
{
	bool is_here = find_view(r, c->view, at);

	if (c->type == VOTE_NULLIFY)
		return ST_OK;   /* a block notarized in a view given up may still have descendants */
	if (is_here && memcmp(r->ids[*at], c->block, sizeof(c->block)) != 0)
		return ST_FORK;
	if (c->type == VOTE_NOTARIZE)
		return ST_OK;   /* of a block that led nowhere, perhaps */
	if (!is_here)
		return c->view > r->a->head.view ? ST_PARENT : ST_FORK;
	if (r->certificates > 0 && r->last_cert_view == c->view &&
	    r->last_cert_type == VOTE_NULLIFY)
		return ST_CONFLICT;
	r->a->certified_height = *at;
	return ST_OK;
}

static enum status read_certificate(struct reading *r, const struct archive_record *rec)
{
	struct certificate c;
	size_t at = 0;
	enum status st;

	if (r->a->manifest == NULL)
		return refuse(r, AUDIT_CERTIFICATES, ST_ORDER, 0, CHAIN_NO_ITEM);
	if ((st = certificate_decode(&c, rec->bytes, rec->len)) != ST_OK)
		return refuse(r, AUDIT_CERTIFICATES, st, 0, CHAIN_NO_ITEM);
	if (r->certificates > 0 && (c.view < r->last_cert_view ||
	    (c.view == r->last_cert_view && c.type <= r->last_cert_type)))
		return refuse(r, AUDIT_CERTIFICATES, ST_ORDER, 0, CHAIN_NO_ITEM);
	if ((st = certificate_check(&c, &r->committee)) != ST_OK)
		return refuse(r, AUDIT_CERTIFICATES, st, 0, CHAIN_NO_ITEM);
	if ((st = place_certificate(r, &c, &at)) != ST_OK)
		return refuse(r, AUDIT_CERTIFICATES, st, at, CHAIN_NO_ITEM);
	r->last_cert_view = c.view;
	r->last_cert_type = c.type;
	r->certificates++;
	held(r->a, AUDIT_CERTIFICATES, certificate_count(&c));
	return ST_OK;
}

/*
 * A node's word against the chain.  ST_PARENT: of a head that is not reached here, a tail was cut
 * off.  ST_FORK: it vouched for another log, and this record proves it.
 */
static enum status place_cosignature(const struct reading *r, const struct cosignature *c)
{
	const struct checkpoint *head = &r->head[c->head - 1];

	if (head->size == 0)
		return ST_PARENT;
	if (head->size != c->size || memcmp(head->root, c->root, sizeof(c->root)) != 0)
		return ST_FORK;
	return ST_OK;
}

static enum status read_cosignature(struct reading *r, const struct archive_record *rec)
{
	const struct manifest *m = r->a->manifest;
	struct cosignature c;
	struct reader in;
	uint32_t place;
	enum status st;

	reader_init(&in, rec->bytes, rec->len);
	if (m == NULL)
		return refuse(r, AUDIT_COSIGNATURES, ST_ORDER, 0, CHAIN_NO_ITEM);
	if ((st = cosignature_read(&in, &c)) != ST_OK || (st = reader_end(&in)) != ST_OK)
		return refuse(r, AUDIT_COSIGNATURES, st, 0, CHAIN_NO_ITEM);
	place = (uint32_t)c.head << 8 | c.node;
	if (c.node >= m->trustees_len || place <= r->last_cosigned)
		return refuse(r, AUDIT_COSIGNATURES, ST_ORDER, 0, CHAIN_NO_ITEM);
	r->last_cosigned = place;
	if ((st = cosignature_check(&c, m->election_id,
	                            m->trustees[c.node].checkpoint_key)) != ST_OK ||
	    (st = place_cosignature(r, &c)) != ST_OK)
		return refuse(r, AUDIT_COSIGNATURES, st, r->a->head.height, CHAIN_NO_ITEM);
	r->a->cosigned[c.head - 1] |= (trustee_set)(1u << c.node);
	held(r->a, AUDIT_COSIGNATURES, 1);
	return ST_OK;
}

/* Which line the time of a record is booked on: that of its first item. */
static enum audit_check line_of(const struct archive_record *rec)
{
	if (rec->kind == ARCHIVE_CERTIFICATE)
		return AUDIT_CERTIFICATES;
	if (rec->kind == ARCHIVE_COSIGNATURE)
		return AUDIT_COSIGNATURES;
	if (rec->kind == ARCHIVE_GENESIS_SIGS)
		return AUDIT_CONSTITUTION;
	return rec->body_len > 4 && rec->body[4] <= TX_INCIDENT ?
	       check_of((enum tx_type)rec->body[4]) : AUDIT_BLOCKS;
}

static enum status read_all(struct reading *r, FILE *file)
{
	struct archive_record rec;
	enum status st;

	if ((st = archive_read_begin(&r->in, file)) != ST_OK)
		return st == ST_NO_MEMORY ? st : refuse(r, AUDIT_COMPLETE, st, 0, CHAIN_NO_ITEM);
	while ((st = archive_read_next(&r->in, &rec)) == ST_OK) {
		uint64_t start = r->o->clock_ns == NULL ? 0 : r->o->clock_ns();
		enum audit_check line = line_of(&rec);

		switch (rec.kind) {
		case ARCHIVE_BLOCK:
			st = read_block(r, &rec);
			break;
		case ARCHIVE_GENESIS_SIGS:
			st = read_genesis_sigs(r, &rec);
			break;
		case ARCHIVE_CERTIFICATE:
			st = read_certificate(r, &rec);
			break;
		case ARCHIVE_COSIGNATURE:
			st = read_cosignature(r, &rec);
			break;
		case ARCHIVE_END:
			st = ST_INTERNAL;
			break;
		}
		if (r->o->clock_ns != NULL)
			r->a->lines[line].ns += r->o->clock_ns() - start;
		if (st != ST_OK)
			return st;
	}
	return st;
}

/* --- what the whole says --------------------------------------------------------------------- */

static void note(struct audit *a, const char *text, uint64_t said, uint64_t seen)
{
	if (a->incidents_len == sizeof(a->incidents) / sizeof(a->incidents[0]))
		return;
	(void)snprintf(a->incidents[a->incidents_len++].text, sizeof(a->incidents[0].text),
	               "%s: %llu said, %llu on the chain", text, (unsigned long long)said,
	               (unsigned long long)seen);
}

/* protocol.md §7.10: missing or unequal closings are incidents and never block the tally. */
static void compare_closings(const struct reading *r)
{
	struct audit *a = r->a;
	struct state_summary s;
	uint64_t cast = 0;
	char text[48];

	election_summary(a->election, &s);
	if (election_phase(a->election) != PHASE_FINAL)
		return;   /* a kiosk may still say it */
	if (s.closings != s.kiosks)
		note(a, "kiosks that signed their closing", s.closings, s.kiosks);
	for (unsigned int k = 0; k < LIMIT_KIOSKS; k++) {
		const struct closing *c = &r->closings[k];
		unsigned int tests = election_kiosk_tests(a->election, k);

		cast += c->cast;
		if (!c->said || c->tested == tests)
			continue;
		(void)snprintf(text, sizeof(text), "tests of kiosk %u", k);
		note(a, text, c->tested, tests);
	}
	/* Ballots do not name their kiosk: only all together can be compared. */
	if (s.closings == s.kiosks ? cast != s.ballots : cast > s.ballots)
		note(a, "ballots cast at kiosks", cast, s.ballots);
}

/* Checks that found nothing to check held if the phase says that nothing was owed. */
static void settle_empty(struct audit *a)
{
	enum election_phase phase = election_phase(a->election);
	struct state_summary s;

	election_summary(a->election, &s);
	if (phase >= PHASE_ENDED && phase != PHASE_FAILED) {
		held(a, AUDIT_BALLOTS, 0);
		held(a, AUDIT_TESTS, 0);
		held(a, AUDIT_CLOSINGS, 0);
		held(a, AUDIT_REPORTS, 0);
	}
	if (phase == PHASE_FINAL)
		held(a, AUDIT_SHARES, 0);
}

unsigned int audit_cosigners(const struct audit *a, enum cosigned_head head)
{
	unsigned int count = 0;

	for (unsigned int i = 1; i <= LIMIT_TRUSTEES; i++)
		count += trustee_in(a->cosigned[head - 1], i);
	return count;
}

/* As many as the reader asked for, of every head that is here. */
static void judge_cosigners(const struct reading *r)
{
	struct audit *a = r->a;

	held(a, AUDIT_COSIGNATURES, 0);
	for (int h = COSIGNED_END; h <= COSIGNED_RESULT; h++)
		if (audit_cosigners(a, (enum cosigned_head)h) < r->o->gamma)
			a->lines[AUDIT_COSIGNATURES].outcome = AUDIT_MISSING;
}

static void conclude(struct reading *r)
{
	struct audit *a = r->a;
	bool all = true;

	if (a->election != NULL) {
		compare_closings(r);
		settle_empty(a);
		if (election_phase(a->election) == PHASE_FINAL)
			held(a, AUDIT_COMPLETE, 1);
		else
			a->lines[AUDIT_COMPLETE].outcome = AUDIT_MISSING;
	}
	judge_cosigners(r);
	if (!r->constituted)
		a->lines[AUDIT_CONSTITUTION].outcome = AUDIT_MISSING;
	if (a->blocks == 0 || r->certificates == 0 || a->certified_height + 1 < a->blocks)
		a->lines[AUDIT_CERTIFICATES].outcome = AUDIT_MISSING;
	for (int i = 0; i < AUDIT_CHECKS; i++)
		all = all && a->lines[i].outcome == AUDIT_HELD;
	a->verdict = all ? AUDIT_GOOD : AUDIT_UNDECIDED;
}

enum status audit_run(struct audit *out, FILE *file, const struct audit_options *options)
{
	struct reading r = { .a = out, .o = options };
	enum status st;

	*out = (struct audit){ .verdict = AUDIT_UNDECIDED };
	r.closings = alloc_zero(LIMIT_KIOSKS, sizeof(*r.closings));
	if (r.closings == NULL || (st = checker_new(&r.checker)) != ST_OK) {
		free(r.closings);
		return ST_NO_MEMORY;
	}
	st = read_all(&r, file);
	if (out->lines[out->failed].outcome != AUDIT_FAILED &&
	    (st == ST_NOT_FOUND || st == ST_INCOMPLETE)) {
		bool is_whole = st == ST_NOT_FOUND;

		conclude(&r);
		if (!is_whole) {   /* the file stops between two records: a copy that broke off */
			out->lines[AUDIT_COMPLETE].outcome = AUDIT_MISSING;
			out->verdict = AUDIT_UNDECIDED;
		}
		st = ST_OK;
	} else if (st != ST_NO_MEMORY && st != ST_IO) {
		if (out->lines[out->failed].outcome != AUDIT_FAILED)
			(void)refuse(&r, AUDIT_COMPLETE, st, out->head.height, CHAIN_NO_ITEM);
		out->verdict = AUDIT_PROBLEM;
		st = ST_OK;
	}
	archive_read_end(&r.in);
	checker_free(r.checker);
	free(r.ids);
	free(r.views);
	free(r.closings);
	return st;
}

void audit_free(struct audit *a)
{
	election_free(a->election);
	manifest_free(a->manifest);
	free(a->reports);
	a->reports = NULL;
	a->election = NULL;
	a->manifest = NULL;
}

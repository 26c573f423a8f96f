/*
 * cmd_decrypt.c: a trustee's one share.
 *
 * Before a share is made, {election, ended block, hash of the sums} is written to KEY.opening and
 * synced; before it leaves, the same and the transaction to KEY.opened.  So no share of other sums
 * is ever made, not even one that a kill leaves in a temporary file; and the same sums give the
 * same bytes again (attacks N58, N59).
 *
 * Invariant: a share exists outside this process's memory only for the sums that KEY.opening names.
 */
#include "tally-server/trustee/trustee.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/base/reader.h"
#include "crypto/dkg.h"
#include "crypto/mem.h"
#include "crypto/threshold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUMS_BYTES = 16 + 3 * 32 };

static const char OPENING[16] = "kalpis-opening1\n";
static const char MAGIC[16] = "kalpis-opened-1\n";

/* KEY.opened; borrowed from the file's bytes. */
struct opened {
	uint8_t election_id[32];
	uint8_t end_block[32];
	uint8_t sums[32];
	const uint8_t *tx;
	size_t tx_len;
};

static enum status opened_decode(struct opened *out, const uint8_t *bytes, size_t len)
{
	char magic[sizeof(MAGIC)];
	struct reader r;
	enum status st;

	reader_init(&r, bytes, len);
	if ((st = reader_bytes(&r, magic, sizeof(magic))) != ST_OK)
		return st;
	if (memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return ST_FORMAT;
	if ((st = reader_bytes(&r, out->election_id, 32)) != ST_OK ||
	    (st = reader_bytes(&r, out->end_block, 32)) != ST_OK ||
	    (st = reader_bytes(&r, out->sums, 32)) != ST_OK ||
	    (st = reader_vec32(&r, &out->tx, &out->tx_len, LIMIT_TX_BYTES)) != ST_OK)
		return st;
	return reader_end(&r);
}

/* what: "opening" or "opened". */
static enum status opened_path(char *out, size_t cap, const struct session *s, const char *what)
{
	int n = snprintf(out, cap, "%s.%s.%02x%02x%02x%02x", opt.key, what,
	                 s->audit.manifest->election_id[0], s->audit.manifest->election_id[1],
	                 s->audit.manifest->election_id[2], s->audit.manifest->election_id[3]);

	return n < 0 || (size_t)n >= cap ? ST_LIMIT : ST_OK;
}

static enum status refuse_others(struct fault *fault, enum status st, const char *path)
{
	(void)fault_set(fault, st, st == ST_ONCE ?
	                "your share was made for other sums of this election" :
	                "%s cannot be read", path);
	fault_why(fault, "The difference of two sums could show one voter's ballot.");
	fault_next(fault, "Do not go on. Compare the archives, with an observer present.");
	return st;
}

/* ST_OK: *tx is the share made before, to be given out again.  ST_NOT_FOUND: none was made. */
static enum status made_before(const struct session *s, const char *path, uint8_t **tx,
                               size_t *tx_len, struct fault *fault)
{
	struct opened o;
	uint8_t *file;
	size_t len;
	enum status st = file_read(path, &file, &len, LIMIT_TX_BYTES + 256);

	if (st == ST_NOT_FOUND)
		return st;
	if (st == ST_OK)
		st = opened_decode(&o, file, len);
	if (st == ST_OK && (memcmp(o.election_id, s->audit.manifest->election_id, 32) != 0 ||
	                    memcmp(o.end_block, s->params->sums->end_block, 32) != 0 ||
	                    memcmp(o.sums, s->params->sums->digest, 32) != 0))
		st = ST_ONCE;
	if (st == ST_OK) {
		*tx = malloc(o.tx_len + 1);
		*tx_len = o.tx_len;
		st = *tx == NULL ? ST_NO_MEMORY : ST_OK;
		if (*tx != NULL)
			memcpy(*tx, o.tx, o.tx_len);
	}
	free(file);
	return st == ST_OK ? ST_OK : refuse_others(fault, st, path);
}

static void write_sums(struct writer *w, const struct session *s, const char magic[static 16])
{
	writer_bytes(w, magic, 16);
	writer_bytes(w, s->audit.manifest->election_id, 32);
	writer_bytes(w, s->params->sums->end_block, 32);
	writer_bytes(w, s->params->sums->digest, 32);
}

/* From now on a share is made for these sums, and for no others. */
static enum status intend(const struct session *s, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	uint8_t bytes[SUMS_BYTES];
	struct writer w;
	size_t len;
	enum status st;

	writer_init(&w, bytes, sizeof(bytes));
	write_sums(&w, s, OPENING);
	if ((st = writer_end(&w, &len)) == ST_OK &&
	    (st = opened_path(path, sizeof(path), s, "opening")) == ST_OK)
		st = file_write(path, bytes, len, FILE_SAME, FILE_PRIVATE);
	if (st == ST_EXISTS)
		return refuse_others(fault, ST_ONCE, path);
	return st == ST_OK ? ST_OK :
	       fault_set(fault, st, "%s cannot be written, so no share is made", path);
}

static enum status remember(const struct session *s, const char *path, const uint8_t *tx,
                            size_t tx_len, struct fault *fault)
{
	uint8_t *bytes = alloc_zero(1, tx_len + 256);
	struct writer w;
	size_t len;
	enum status st = ST_NO_MEMORY;

	if (bytes == NULL)
		return fault_set(fault, st, "not enough memory");
	writer_init(&w, bytes, tx_len + 256);
	write_sums(&w, s, MAGIC);
	writer_vec32(&w, tx, tx_len);
	if ((st = writer_end(&w, &len)) == ST_OK)
		st = file_write(path, bytes, len, FILE_NEW, FILE_PRIVATE);
	free(bytes);
	return st == ST_OK ? ST_OK :
	       fault_set(fault, st, "%s cannot be written, so no share is given out", path);
}

/* --- the share ------------------------------------------------------------------------------- */

static enum status own_share(const struct session *s, struct scalar *x)
{
	const struct election_params *p = s->params;
	struct dkg_self *self = mem_secret_alloc(sizeof(*self));
	struct dkg_deal *deals = alloc_zero(DKG_MAX, sizeof(*deals));
	struct dkg_result *keys = alloc_zero(1, sizeof(*keys));
	const struct dkg_deal *by[DKG_MAX] = { NULL };
	enum status st = ST_NO_MEMORY;

	if (self == NULL || deals == NULL || keys == NULL)
		goto out;
	session_self(s, self);
	for (unsigned int i = 1; i <= p->manifest->trustees_len; i++) {
		if (p->deal[i - 1].bytes == NULL || trustee_in(p->excluded, i))
			continue;
		if ((st = dkg_deal_decode(&p->dkg, &deals[i - 1], p->deal[i - 1].bytes,
		                          p->deal[i - 1].len)) != ST_OK)
			goto out;
		by[i - 1] = &deals[i - 1];
	}
	if ((st = dkg_result_make(&p->dkg, keys, by)) == ST_OK)
		st = dkg_share_sum(&p->dkg, x, self, keys, by);
out:
	mem_secret_free(self);
	free(deals);
	free(keys);
	return st;
}

static enum status make_message(const struct session *s, uint8_t *message)
{
	const struct thdec *sums = s->params->sums;
	struct scalar *x = mem_secret_alloc(sizeof(*x));
	struct element *partial = alloc_zero(sums->count, sizeof(*partial));
	uint8_t proof[DLEQ_BYTES_MAX];
	enum status st = ST_NO_MEMORY;

	if (x == NULL || partial == NULL || (st = own_share(s, x)) != ST_OK ||
	    (st = thdec_share_make(sums, partial, proof, (uint8_t)s->index, x,
	                           &s->params->share_key[s->index - 1])) != ST_OK)
		goto out;
	thdec_share_encode(sums->g, message, partial, sums->count, proof);
out:
	mem_secret_free(x);
	free(partial);
	return st;
}

static enum status make_tx(const struct session *s, uint8_t **tx, size_t *tx_len,
                           struct fault *fault)
{
	size_t len = thdec_share_len(s->params->sums->g, s->params->sums->count);
	uint8_t *message = malloc(len);
	struct writer w;
	enum status st = ST_NO_MEMORY;

	*tx = malloc(LIMIT_TX_BYTES);
	if (message == NULL || *tx == NULL || (st = make_message(s, message)) != ST_OK)
		goto out;
	writer_init(&w, *tx, LIMIT_TX_BYTES);
	tx_begin(&w, TX_SHARE);
	tx_trustee_message_body(&w, (uint8_t)s->index, message, len);
	if ((st = writer_end(&w, tx_len)) == ST_OK)
		st = act_sign(s->params, *tx, tx_len, LIMIT_TX_BYTES, &s->secret);
out:
	free(message);
	return st == ST_OK ? ST_OK :
	       fault_set(fault, st, "the share cannot be made: %s", status_text(st));
}

/*
 * How many nodes must vouch for this end so that no other can have as many, although t - 1 trustees
 * who hold shares, and all who were excluded, sign twice with their nodes (docs/decisions/0089).
 * More than there are nodes: nobody can know it from signatures.
 */
static unsigned int vouchers_wanted(const struct session *s)
{
	const struct manifest *m = s->audit.manifest;
	unsigned int bad = m->threshold - 1u;

	for (unsigned int i = 1; i <= m->trustees_len; i++)
		bad += trustee_in(s->params->excluded, i);
	return (m->trustees_len + bad) / 2 + 1;
}

/* docs/decisions/0070: on a forked chain two trustees would see two lists. */
static void print_vouchers(const struct session *s)
{
	unsigned int have = audit_cosigners(&s->audit, COSIGNED_END);
	unsigned int wanted = vouchers_wanted(s);

	if (have >= wanted) {
		printf("%u of %u nodes vouch for this end of the election, and for no other: the other\n"
		       "trustees see the same sums.\n", have, s->audit.manifest->trustees_len);
		return;
	}
	printf("Only %u of %u nodes vouch for this end of the election so far; %u are needed to know\n"
	       "that all trustees see the same sums. Read the digits above to the other trustees\n"
	       "before you go on. If theirs differ, stop: two lists of sums that differ by one ballot\n"
	       "show how its voter voted.\n", have, s->audit.manifest->trustees_len, wanted);
}

static void print_sums(const struct session *s)
{
	const struct manifest *m = s->audit.manifest;
	const struct tally *t = election_tally(s->audit.election);
	char digest[OFFICE_FINGERPRINT_TEXT];

	printf("You are about to help open %zu encrypted sums, and nothing else:\n", t->opened_len);
	for (size_t i = 0; i < t->groups_len; i++)
		printf("  %s, %s: %u ballots%s\n", m->contests[t->groups[i].contest].title.in[0],
		       m->units[t->groups[i].unit].name.in[0], t->groups[i].ballots,
		       t->groups[i].withheld ? " (too few: withheld, never opened)" : "");
	office_fingerprint_format(digest, s->params->sums->digest);
	printf("sums         %s\n", digest);
	print_vouchers(s);
}

static enum status may_decrypt(const struct session *s, struct fault *fault)
{
	if (s->params->phase != PHASE_ENDED) {
		(void)fault_set(fault, ST_PHASE, "the election has not ended, or is over (%s)",
		                election_phase_name(s->params->phase));
		fault_why(fault, "A share is made once, after the last ballot.");
		fault_next(fault, "Run this again with an archive of the ended election.");
		return ST_PHASE;
	}
	if (trustee_in(s->params->excluded, s->index))
		return fault_set(fault, ST_EXCLUDED, "you were excluded and hold no share");
	if (s->params->sums == NULL) {
		(void)fault_set(fault, ST_TALLY, "no group has enough ballots: nothing is decrypted");
		fault_why(fault, "A group below the manifest's publish_min is never opened.");
		fault_next(fault, "The officer proposes the result, which opens nothing.");
		return ST_TALLY;
	}
	return ST_OK;
}

static enum status decrypt(const struct session *s, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	uint8_t *tx = NULL;
	size_t len = 0;
	enum status st;

	if ((st = opened_path(path, sizeof(path), s, "opened")) != ST_OK)
		return fault_set(fault, st, "the key file's name is too long");
	st = made_before(s, path, &tx, &len, fault);
	if (st == ST_OK)
		printf("Your share was made before; here are the same bytes again.\n");
	if (st == ST_NOT_FOUND && (st = ask_yes("Make your share?", fault)) == ST_OK &&
	    (st = intend(s, fault)) == ST_OK) {
		crash_point("share-intended");
		if ((st = make_tx(s, &tx, &len, fault)) == ST_OK) {
			crash_point("share-made");
			st = remember(s, path, tx, len, fault);
		}
	}
	if (st == ST_OK) {
		crash_point("share-kept");
		st = office_write(opt.out, tx, len, fault);
	}
	free(tx);
	return st;
}

int run_decrypt(void)
{
	struct fault fault = { 0 };
	struct session s;
	enum status st = session_begin(&s, &fault);

	if (st == ST_OK) {
		print_election(&s.audit);
		if ((st = may_decrypt(&s, &fault)) == ST_OK) {
			print_sums(&s);
			st = decrypt(&s, &fault);
		}
	}
	session_end(&s);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("transaction=%s\n", opt.out);
	printf("Next: a node submits it: tally-server submit --config node.ini %s\n", opt.out);
	return cli_done(CLI_YES);
}

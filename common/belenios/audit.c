/*
 * audit.c: the way through a Belenios archive; see audit.h.
 */
#include "common/belenios/audit_impl.h"

#include "common/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *text;
} CHECKS[BEL_CHECKS] = {
	[BEL_ARCHIVE] = { "archive", "named records in a tar, and nothing else" },
	[BEL_HASHES] = { "hashes", "every record's name is the hash of its bytes" },
	[BEL_EVENTS] = { "events", "each event follows the one before and brings its data" },
	[BEL_ELECTION] = { "election", "group, key and questions in their one form" },
	[BEL_FINGERPRINT] = { "fingerprint", "it is the election whose fingerprint you gave" },
	[BEL_TRUSTEES] = { "trustees", "each trustee knows the secret of their key" },
	[BEL_PEDERSEN] = { "pedersen", "threshold trustees: signed, and keys that fit together" },
	[BEL_KEY] = { "key", "ballots are encrypted to these trustees together" },
	[BEL_CREDENTIALS] = { "credentials", "public keys of voters, each once" },
	[BEL_BALLOTS] = { "ballots", "of this election, in their one form" },
	[BEL_ROLL] = { "roll", "every ballot is from a credential of the list" },
	[BEL_SIGNATURES] = { "signatures", "and signed with it" },
	[BEL_PROOFS] = { "proofs", "every answer is proved to be a legal choice" },
	[BEL_COPIES] = { "copies", "no ballot was put in a second time" },
	[BEL_TALLY] = { "tally", "the sums are of the last ballot of each voter, by weight" },
	[BEL_SHARES] = { "shares", "each decryption is proved, and there are enough" },
	[BEL_COUNTS] = { "counts", "each count is what its encrypted sum holds" },
	[BEL_COMPLETE] = { "complete", "the record reaches a result" },
	[BEL_UNCHECKED] = { "unchecked", "other kinds of questions, and their shuffles" },
};

const char *bel_check_name(enum bel_check check)
{
	return check < BEL_CHECKS ? CHECKS[check].name : "?";
}

const char *bel_check_text(enum bel_check check)
{
	return check < BEL_CHECKS ? CHECKS[check].text : "?";
}

uint64_t bel_clock(const struct bel_scan *s)
{
	return s->options->clock_ns == NULL ? 0 : s->options->clock_ns();
}

void bel_held(struct bel_scan *s, enum bel_check check, uint64_t count, uint64_t since)
{
	struct bel_line *line = &s->a->lines[check];

	line->outcome = BEL_HELD;
	line->count = count;
	line->ns += bel_clock(s) - since;
}

enum status bel_refuse(struct bel_scan *s, enum bel_check check, enum status st, uint64_t height,
                       uint64_t offset, const char *format, ...)
{
	struct bel_audit *a = s->a;
	va_list args;

	if (st == ST_NO_MEMORY || st == ST_IO || st == ST_INTERNAL)
		return st;
	a->verdict = BEL_PROBLEM;
	a->lines[check].outcome = BEL_FAILED;
	a->failed = check;
	a->failed_st = st;
	a->failed_event = height;
	a->failed_offset = offset;
	va_start(args, format);
	(void)vsnprintf(a->detail, sizeof(a->detail), format, args);
	va_end(args);
	return st;
}

enum status bel_load(struct bel_scan *s, uint8_t **out, const struct bel_blob *blob)
{
	enum status st;

	*out = malloc((size_t)blob->len + 1);
	if (*out == NULL)
		return ST_NO_MEMORY;
	if ((st = bel_blob_read(s->src, *out, blob)) != ST_OK) {
		free(*out);
		*out = NULL;
	}
	return st;
}

/* --- one pass over the archive --------------------------------------------------------------- */

static enum status grow(struct bel_scan *s)
{
	struct bel_found_ballot *more;

	if (s->ballots_len < s->ballots_room)
		return ST_OK;
	s->ballots_room = s->ballots_room == 0 ? 1024 : 2 * s->ballots_room;
	more = realloc(s->ballots, s->ballots_room * sizeof(*more));
	if (more == NULL)
		return ST_NO_MEMORY;
	s->ballots = more;
	return ST_OK;
}

/* Whose is it?  What it holds is looked at later, on all threads. */
static enum status scan_ballot(struct bel_scan *s, const struct bel_step *step)
{
	const struct bel_blob *blob = &step->data[0];
	size_t len = blob->len < BEL_VOTE_PREFIX ? blob->len : BEL_VOTE_PREFIX;
	uint64_t height = step->event.height;
	const struct bel_credential *c;
	uint8_t prefix[BEL_VOTE_PREFIX];
	struct lex_text key;
	enum status st;

	if ((st = grow(s)) != ST_OK || (st = tar_read(s->src, prefix, blob->offset, len)) != ST_OK)
		return st;
	if ((st = bel_vote_credential(&key, s->a->election, prefix, len)) != ST_OK)
		return bel_refuse(s, BEL_BALLOTS, st, height, step->offset,
		                  "the ballot does not begin as one of this election");
	if ((c = bel_roll_find(s->a->roll, key)) == NULL)
		return bel_refuse(s, BEL_ROLL, ST_ROLL, height, step->offset,
		                  "the credential of the ballot is not on the list");
	s->ballots[s->ballots_len] = (struct bel_found_ballot){
		.blob = *blob, .offset = step->offset, .height = height,
		.voter = (uint32_t)(c - s->a->roll->list) };
	s->last[c - s->a->roll->list] = (uint32_t)++s->ballots_len;
	return ST_OK;
}

static void keep(struct bel_found *f, const struct bel_step *step)
{
	memcpy(f->data, step->data, sizeof(f->data));
	f->offset = step->offset;
	f->height = step->event.height;
	f->is_there = true;
}

static enum status scan_step(struct bel_scan *s, const struct bel_step *step)
{
	switch (step->event.type) {
	case BEL_SETUP:
		return bel_audit_setup(s, step);
	case BEL_BALLOT:
		return scan_ballot(s, step);
	case BEL_END_BALLOTS:
		s->has_ended = true;
		return ST_OK;
	case BEL_ENCRYPTED_TALLY:
		keep(&s->tally, step);
		return ST_OK;
	case BEL_SHUFFLE:
		s->shuffles++;
		return ST_OK;
	case BEL_END_SHUFFLES:
		return ST_OK;
	case BEL_PARTIAL_DECRYPTION:
		if (s->shares_len == LIMIT_BEL_TRUSTEES)
			return bel_refuse(s, BEL_SHARES, ST_LIMIT, step->event.height, step->offset,
			                  "more partial decryptions than there can be trustees");
		keep(&s->shares[s->shares_len++], step);
		return ST_OK;
	case BEL_RESULT:
		keep(&s->result, step);
		return ST_OK;
	case BEL_TYPES:
		break;
	}
	return ST_INTERNAL;
}

static enum status refuse_entry(struct bel_scan *s, const struct bel_reader *r, enum status st)
{
	switch ((int)st) {
	case ST_HASH:
		return bel_refuse(s, BEL_HASHES, st, r->height, r->offset,
		                  "a record is not what its name says");
	case ST_PARENT:
	case ST_ORDER:
	case ST_INCOMPLETE:
		return bel_refuse(s, BEL_EVENTS, st, r->height, r->offset, "%s",
		                  st != ST_INCOMPLETE ? "an event that does not follow the one before" :
		                  "data without their event, or an event without its data");
	default:
		return bel_refuse(s, BEL_ARCHIVE, st, r->height, r->offset,
		                  "the file is not as Belenios writes it");
	}
}

static enum status scan(struct bel_scan *s)
{
	uint64_t since = bel_clock(s);
	struct bel_reader r;
	struct bel_step step;
	enum status st;

	if ((st = bel_reader_open(&r, s->src)) != ST_OK)
		return refuse_entry(s, &r, st);
	while ((st = bel_reader_next(&r, &step)) == ST_OK) {
		if ((st = scan_step(s, &step)) != ST_OK)
			return st;
		s->a->events = r.height;
		memcpy(s->a->head, r.head, sizeof(s->a->head));
	}
	if (st != ST_NOT_FOUND)
		return refuse_entry(s, &r, st);
	if (r.height == 0)
		return bel_refuse(s, BEL_EVENTS, ST_INCOMPLETE, 0, r.offset, "there is no event");
	s->a->ballots = s->ballots_len;
	bel_held(s, BEL_ARCHIVE, 1, since);
	bel_held(s, BEL_HASHES, s->a->events, bel_clock(s));
	bel_held(s, BEL_EVENTS, s->a->events, bel_clock(s));
	return ST_OK;
}

/* --- all of it ------------------------------------------------------------------------------- */

static void judge_reach(struct bel_scan *s)
{
	struct bel_audit *a = s->a;
	size_t other = a->election->skipped + s->shuffles;

	a->lines[BEL_UNCHECKED] = (struct bel_line){ .outcome = other > 0 ? BEL_CANNOT : BEL_NONE,
	                                             .count = other };
	if (s->result.is_there)
		bel_held(s, BEL_COMPLETE, 1, bel_clock(s));
	else
		a->lines[BEL_COMPLETE].outcome = BEL_MISSING;
}

static enum status run(struct bel_scan *s)
{
	enum status st;

	if ((st = scan(s)) != ST_OK || (st = bel_audit_trustees(s)) != ST_OK ||
	    (st = bel_audit_ballots(s)) != ST_OK || (st = bel_audit_tally(s)) != ST_OK ||
	    (st = bel_audit_result(s)) != ST_OK)
		return st;
	judge_reach(s);
	s->a->verdict = BEL_GOOD;
	for (int i = 0; i < BEL_CHECKS; i++)
		if (s->a->lines[i].outcome != BEL_HELD && s->a->lines[i].outcome != BEL_NONE)
			s->a->verdict = BEL_UNDECIDED;
	return ST_OK;
}

enum status bel_audit_run(struct bel_audit *out, const struct tar_source *src,
                          const struct bel_audit_options *options)
{
	struct bel_scan *s = alloc_zero(1, sizeof(*s));
	enum status st;

	*out = (struct bel_audit){ .verdict = BEL_UNDECIDED };
	if (s == NULL)
		return ST_NO_MEMORY;
	s->a = out;
	s->src = src;
	s->options = options;
	s->threads = options->threads == 0 ? 1 : options->threads;
	if (s->threads > POOL_THREADS_MAX)
		s->threads = POOL_THREADS_MAX;
	st = run(s);
	if (out->verdict == BEL_PROBLEM)
		st = ST_OK;
	free(s->ballots);
	free(s->last);
	free(s->sums);
	free(s);
	return st;
}

void bel_audit_free(struct bel_audit *a)
{
	bel_election_free(a->election);
	bel_trustees_free(a->trustees);
	bel_roll_free(a->roll);
	free(a->counts);
	*a = (struct bel_audit){ .verdict = BEL_UNDECIDED };
}

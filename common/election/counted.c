/*
 * counted.c: see counted.h.
 */
#include "common/election/counted.h"

#include "crypto/mem.h"

#include <string.h>

static const char MAGIC[16] = "kalpis-counted1\n";

/* --- bytes ------------------------------------------------------------------------------------ */

static void summary_write(struct writer *w, const struct state_summary *s)
{
	writer_u8(w, (uint8_t)s->phase);
	writer_u16(w, s->excluded);
	writer_u16(w, s->acted);
	writer_u16(w, s->shared);
	writer_u32(w, s->roll_count);
	writer_u64(w, s->weight_sum);
	writer_u32(w, s->ballots);
	writer_u32(w, s->live);
	writer_u32(w, s->tests);
	writer_u32(w, s->kiosks);
	writer_u32(w, s->closings);
	writer_bytes(w, s->votes_root, sizeof(s->votes_root));
	writer_bytes(w, s->tally_digest, sizeof(s->tally_digest));
}

static enum status summary_read(struct reader *r, struct state_summary *out)
{
	uint8_t phase;
	enum status st;

	if ((st = reader_u8(r, &phase)) != ST_OK ||
	    (st = reader_u16(r, &out->excluded)) != ST_OK ||
	    (st = reader_u16(r, &out->acted)) != ST_OK ||
	    (st = reader_u16(r, &out->shared)) != ST_OK ||
	    (st = reader_u32(r, &out->roll_count)) != ST_OK ||
	    (st = reader_u64(r, &out->weight_sum)) != ST_OK ||
	    (st = reader_u32(r, &out->ballots)) != ST_OK ||
	    (st = reader_u32(r, &out->live)) != ST_OK ||
	    (st = reader_u32(r, &out->tests)) != ST_OK ||
	    (st = reader_u32(r, &out->kiosks)) != ST_OK ||
	    (st = reader_u32(r, &out->closings)) != ST_OK ||
	    (st = reader_bytes(r, out->votes_root, sizeof(out->votes_root))) != ST_OK ||
	    (st = reader_bytes(r, out->tally_digest, sizeof(out->tally_digest))) != ST_OK)
		return st;
	if (phase < PHASE_COMMIT || phase > PHASE_FAILED)
		return ST_FORMAT;
	out->phase = (enum election_phase)phase;
	return ST_OK;
}

enum status counted_encode(const struct counted *c, uint8_t *out, size_t cap, size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_bytes(&w, MAGIC, sizeof(MAGIC));
	writer_bytes(&w, c->election_id, sizeof(c->election_id));
	summary_write(&w, &c->summary);
	writer_u32(&w, c->voter);
	writer_bytes(&w, c->tracker, sizeof(c->tracker));
	writer_u8(&w, (uint8_t)c->path_len);
	for (size_t i = 0; i < c->path_len; i++)
		writer_bytes(&w, c->path[i], MERKLE_HASH_BYTES);
	certified_head_write(&w, &c->head);
	return writer_end(&w, len);
}

static enum status path_read(struct reader *r, struct counted *out)
{
	uint8_t count;
	enum status st;

	if ((st = reader_u8(r, &count)) != ST_OK ||
	    (st = limit_check(count, MERKLE_PATH_MAX)) != ST_OK)
		return st;
	out->path_len = count;
	for (size_t i = 0; i < count; i++)
		if ((st = reader_bytes(r, out->path[i], MERKLE_HASH_BYTES)) != ST_OK)
			return st;
	return ST_OK;
}

enum status counted_decode(struct counted *out, const void *bytes, size_t len)
{
	char magic[sizeof(MAGIC)];
	struct reader r;
	enum status st;

	reader_init(&r, bytes, len);
	if ((st = reader_bytes(&r, magic, sizeof(magic))) != ST_OK)
		return st;
	if (memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return ST_FORMAT;
	if ((st = reader_bytes(&r, out->election_id, sizeof(out->election_id))) != ST_OK ||
	    (st = summary_read(&r, &out->summary)) != ST_OK ||
	    (st = reader_u32(&r, &out->voter)) != ST_OK ||
	    (st = reader_bytes(&r, out->tracker, sizeof(out->tracker))) != ST_OK ||
	    (st = path_read(&r, out)) != ST_OK ||
	    (st = certified_head_read(&r, &out->head)) != ST_OK)
		return st;
	return reader_end(&r);
}

/* --- meaning ---------------------------------------------------------------------------------- */

enum status counted_check(const struct counted *c, const struct committee *com)
{
	uint8_t hash[MERKLE_HASH_BYTES];
	enum status st;

	if (!mem_is_equal(c->election_id, com->election_id, sizeof(c->election_id)))
		return ST_ELECTION;
	if ((st = certified_head_check(&c->head, com)) != ST_OK)
		return st;
	election_summary_hash(&c->summary, hash);
	if (!mem_is_equal(hash, c->head.header.state_hash, sizeof(hash)))
		return ST_HASH;
	if (mem_is_zero(c->tracker, sizeof(c->tracker)))
		return ST_TRACKER;
	merkle_leaf_hash(hash, c->tracker, sizeof(c->tracker));
	return merkle_inclusion_verify(c->summary.votes_root, c->summary.roll_count, c->voter,
	                               hash, (const uint8_t (*)[MERKLE_HASH_BYTES])c->path,
	                               c->path_len);
}

bool counted_is_final(const struct counted *c)
{
	return c->summary.phase == PHASE_ENDED || c->summary.phase == PHASE_FINAL;
}

enum status counted_make(struct counted *out, struct store *s, const struct election *e,
                         const uint8_t tracker[static 32])
{
	uint64_t height = election_height(e);
	struct ballot_record record;
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	if ((st = election_find(e, tracker, &record)) != ST_OK)
		return st;
	if (record.fate != FATE_LIVE ||
	    !mem_is_equal(record.tracker, tracker, sizeof(record.tracker)))
		return ST_TRACKER;
	*out = (struct counted){ .voter = record.voter };
	memcpy(out->election_id, election_manifest(e)->election_id, sizeof(out->election_id));
	memcpy(out->tracker, tracker, sizeof(out->tracker));
	election_summary(e, &out->summary);
	if ((st = store_certified(s, &out->head, height, height)) != ST_OK)
		return st == ST_NOT_FOUND ? ST_AGAIN : st;
	block_id(id, &out->head.header);
	if (!mem_is_equal(id, election_tip(e), sizeof(id)))
		return ST_AGAIN;   /* the state stands on another branch, not final yet */
	return election_counted_path(e, record.voter, out->path, &out->path_len);
}

/*
 * election_view.c: looking at the state: see election.h.
 */
#include "common/election/state.h"

#include "crypto/hash.h"

#include <string.h>

enum election_phase election_phase(const struct election *e)
{
	return e->now.phase;
}

uint64_t election_height(const struct election *e)
{
	return e->now.height;
}

uint64_t election_time(const struct election *e)
{
	return e->now.time;
}

const uint8_t *election_tip(const struct election *e)
{
	return e->now.tip;
}

const struct manifest *election_manifest(const struct election *e)
{
	return e->m;
}

void election_digest(const struct election *e, struct election_digest *out)
{
	*out = e->digest;
}

void election_summary(const struct election *e, struct state_summary *out)
{
	state_summarise(e, out);
}

static enum ballot_fate fate_of(const struct election *e, const struct tracker_record *r)
{
	if (r->is_test)
		return FATE_TESTED;
	return memcmp(e->votes[r->voter].tracker, r->tracker, sizeof(r->tracker)) == 0 ?
	       FATE_LIVE : FATE_REPLACED;
}

enum status election_find(const struct election *e, const uint8_t prefix[static 10],
                          struct ballot_record *out)
{
	const struct tracker_record *r = index_find(&e->trackers, prefix);

	if (r == NULL)
		return ST_NOT_FOUND;
	*out = (struct ballot_record){
		.fate = fate_of(e, r), .leaf = r->leaf, .height = r->height,
		.voter = r->is_test ? 0 : r->voter, .kiosk = r->is_test ? r->voter : 0,
	};
	memcpy(out->tracker, r->tracker, sizeof(out->tracker));
	return ST_OK;
}

enum status election_find_voter(const struct election *e, uint32_t voter,
                                struct ballot_record *out)
{
	if (e->votes == NULL || voter >= e->now.roll->count || !e->votes[voter].is_live)
		return ST_NOT_FOUND;
	return election_find(e, e->votes[voter].tracker, out);
}

enum status election_device(const struct election *e, unsigned int kiosk,
                            struct params_device *out)
{
	if (kiosk >= LIMIT_KIOSKS || !e->devices[kiosk].id.known)
		return ST_NOT_FOUND;
	*out = e->devices[kiosk].id;
	return ST_OK;
}

unsigned int election_kiosk_tests(const struct election *e, unsigned int kiosk)
{
	return kiosk < LIMIT_KIOSKS ? e->devices[kiosk].tests : 0;
}

enum status election_counted_path(const struct election *e, uint32_t voter,
                                  uint8_t path[static MERKLE_PATH_MAX][32], size_t *path_len)
{
	if (e->votes == NULL || voter >= e->now.roll->count)
		return ST_NOT_FOUND;
	merkle_tree_path(&e->tree, path, path_len, voter);
	return ST_OK;
}

const struct tally *election_tally(const struct election *e)
{
	return e->now.tally;
}

uint64_t election_end_height(const struct election *e)
{
	return e->now.end_height;
}

uint64_t election_end_time(const struct election *e)
{
	return e->now.end_time;
}

bool election_has_ciphertext_of(const struct election *e, const struct ballot_body *b)
{
	size_t len = group_element_len(e->m->suite);
	uint8_t key[HASH256_BYTES];

	for (size_t i = 0; i < b->ciphertexts_len; i++) {
		hash256(key, b->ciphertexts + 2 * i * len, len);
		if (index_find(&e->alphas, key) != NULL)
			return true;
	}
	return false;
}

const struct roll *election_roll(const struct election *e)
{
	return e->now.roll;
}

const uint64_t *election_result(const struct election *e, uint32_t *len)
{
	*len = e->now.result == NULL ? 0 : (uint32_t)e->now.tally->aggregates_len;
	return e->now.result;
}

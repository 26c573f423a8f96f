/*
 * lookout_evidence.c: evidence made, judged, kept and told: see lookout.h.
 *
 * Invariant: what sighting_judge does not confirm is told to nobody.
 */
#include "voter-client/observer/follow/lookout_impl.h"

#include <stdlib.h>
#include <string.h>

static void tell(struct lookout *w, const struct evidence *e, const struct sighting *seen,
                 uint32_t node, const char *path)
{
	struct fault words;

	sighting_tell(&words, e, seen, w->copy->m);
	w->listener->evidence(w->listener->ctx, e, seen, node, path, &words);
}

static void keep_and_tell(struct lookout *w, const struct evidence *e, const struct sighting *seen,
                          uint32_t node)
{
	struct peer *p = &w->peer[node];
	uint8_t bit = (uint8_t)(1u << (e->kind - EVIDENCE_FILE_ONLY));
	char path[LIMIT_PATH_BYTES];
	enum status st = vault_put(w->vault, path, e, node, w->copy->m);

	if (st == ST_OK)
		w->evidence++;
	else if (st != ST_EXISTS && st != ST_LIMIT)
		lookout_fail(w, st);
	/* The same again, or too many of them, is told once. */
	if (st != ST_OK && (p->accused & bit) != 0)
		return;
	p->accused |= bit;
	tell(w, e, seen, node, st == ST_OK || st == ST_EXISTS ? path : NULL);
}

static void accuse(struct lookout *w, struct evidence *e, uint32_t node, struct replay *before)
{
	struct sighting seen;
	enum status st;

	e->time_min = w->unix_s / 60;
	e->node = (uint8_t)node;
	st = sighting_judge(&seen, e, w->copy->m, before);
	if (st == ST_OK)
		keep_and_tell(w, e, &seen, node);
	else
		lookout_fail(w, st == ST_NO_MEMORY ? st : ST_INTERNAL);   /* we were wrong */
}

/* A head as a branch of one; header: BLOCK_HEADER_BYTES, which it borrows. */
static struct evidence_branch branch_of(const struct certified_head *head, uint8_t *header)
{
	block_header_encode(header, &head->header);
	return (struct evidence_branch){ .count = 1, .headers = header,
	                                 .certificate = head->certificate };
}

void lookout_accuse_answer(struct lookout *w, const struct question *q, const uint8_t *answer,
                           size_t answer_len, struct replay *before)
{
	struct evidence e = { .kind = EVIDENCE_FALSE_ANSWER, .request = q->bytes, .request_len = q->len,
	                      .answer = answer, .answer_len = answer_len };

	enum status st;

	w->peer[q->node].is_false = true;
	lookout_rest(w, q->node);
	accuse(w, &e, q->node, before);
	/* To judge it the replay was moved. */
	if (before != NULL && (st = replay_undo(before)) != ST_OK)
		lookout_fail(w, st);
}

void lookout_accuse_back(struct lookout *w, uint32_t node, const struct certified_head *before,
                         const struct certified_head *after)
{
	uint8_t header[2][BLOCK_HEADER_BYTES];
	struct evidence e = { .kind = EVIDENCE_ROLLBACK };

	e.branch[0] = branch_of(before, header[0]);
	if (after != NULL)
		e.branch[1] = branch_of(after, header[1]);
	accuse(w, &e, node, NULL);
}

/* --- forks ----------------------------------------------------------------------------------- */

static void accuse_fork(struct lookout *w, uint32_t node, const struct evidence_branch *ours,
                        const struct evidence_branch *theirs)
{
	struct evidence e = { .kind = EVIDENCE_FORK, .branch = { *ours, *theirs } };

	w->peer[node].is_forked = true;
	accuse(w, &e, node, NULL);
}

/* Too long a piece of our chain would be needed to show it in one file. */
static void tell_unkept(struct lookout *w, uint32_t node, uint64_t height)
{
	const struct evidence e = { .kind = EVIDENCE_FORK };
	const struct sighting seen = {
		.weight = SIGHTING_PROVES, .reason = ST_FORK, .height = height,
		.culprits_min = 2 * w->copy->committee.q - w->copy->committee.n,
	};

	w->peer[node].is_forked = true;
	w->evidence++;
	tell(w, &e, &seen, node, NULL);
}

/* Our chain from this height on, against theirs. */
static void accuse_from(struct lookout *w, uint32_t node, uint64_t height,
                        const struct evidence_branch *theirs)
{
	struct evidence_branch ours;
	uint8_t *headers = NULL;
	enum status st = copy_branch(w->copy, &ours, &headers, height);

	if (st == ST_OK)
		accuse_fork(w, node, &ours, theirs);
	else if (st == ST_LIMIT || st == ST_NOT_FOUND)
		tell_unkept(w, node, height);
	else
		lookout_fail(w, st);
	free(headers);
}

static void close_fork(struct lookout *w)
{
	uint8_t header[BLOCK_HEADER_BYTES];
	const struct evidence_branch theirs = branch_of(&w->fork_head, header);

	w->is_fork_open = false;
	accuse_from(w, w->fork_node, w->fork_head.header.height, &theirs);
}

void lookout_accuse_head(struct lookout *w, uint32_t node, const struct certified_head *head)
{
	if (w->is_fork_open)
		return;   /* one after the other: its head comes again in the next round */
	w->peer[node].is_forked = true;
	w->is_fork_open = true;
	w->fork_node = node;
	w->fork_head = *head;
}

/* Somebody whose chain is ours. */
static bool find_witness(const struct lookout *w, uint32_t *node, uint64_t height)
{
	for (uint32_t i = 0; i < w->port->nodes; i++) {
		const struct peer *p = &w->peer[i];

		if (p->has_answered && p->is_on_chain && !p->is_forked && !p->is_false &&
		    p->head.header.height >= height) {
			*node = i;
			return true;
		}
	}
	return false;
}

void lookout_fork_tick(struct lookout *w)
{
	uint64_t height = w->fork_head.header.height;
	struct certified_head ours;
	uint32_t node;

	if (!w->is_fork_open || w->fork_question.is_asked)
		return;
	if ((store_certificate_for(w->copy->store, &ours, height) == ST_OK &&
	     ours.header.height == height) || !find_witness(w, &node, height) ||
	    !lookout_ask(w, &w->fork_question, MESSAGE_BLOCKS, node, height, 1))
		close_fork(w);
}

/* Our block of that height under a certificate of its own: kept.  Without it the fork is proved as
 * well; only who signed both may then not be known. */
void lookout_fork_answer(struct lookout *w, const uint8_t *bytes, size_t len)
{
	uint64_t height = w->fork_head.header.height;
	uint8_t id[BLOCK_ID_BYTES];
	struct message_response r;
	struct stretch s;
	enum status st;

	if (bytes != NULL && message_response_decode(&r, bytes, len) == ST_OK &&
	    stretch_open(&s, &r, height, &w->copy->committee) == ST_OK &&
	    s.head.header.height == height && copy_id(w->copy, id, height) == ST_OK &&
	    memcmp(id, s.head.certificate.block, sizeof(id)) == 0 &&
	    (st = store_put_certificate(w->copy->store, &s.head.certificate)) != ST_OK)
		lookout_fail(w, st);
	close_fork(w);
}

void lookout_accuse_heads(struct lookout *w, uint32_t node, const struct certified_head *first,
                          const struct certified_head *second)
{
	uint8_t header[2][BLOCK_HEADER_BYTES];
	const struct evidence_branch a = branch_of(first, header[0]);
	const struct evidence_branch b = branch_of(second, header[1]);

	accuse_fork(w, node, &a, &b);
}

void lookout_accuse_strand(struct lookout *w, uint32_t node, const uint8_t *headers, uint16_t count,
                           const struct certificate *certificate)
{
	const struct evidence_branch theirs = { .count = count, .headers = headers,
	                                        .certificate = *certificate };

	accuse_from(w, node, copy_height(w->copy), &theirs);
}

/*
 * open.c: a node comes up and goes down: see node.h.
 */
#include "tally-server/node/node.h"

#include "common/base/alloc.h"
#include "common/base/file.h"
#include "common/wire/keyfile.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

static enum status open_secrets(struct node *n, const struct keyfile *key, struct fault *fault)
{
	uint8_t public_key[SIGN_KEY_BYTES];

	n->secret = mem_secret_alloc(sizeof(*n->secret));
	n->checkpoint = mem_secret_alloc(sizeof(*n->checkpoint));
	n->asks = alloc_zero(1, sizeof(*n->asks));
	n->frame = malloc(LIMIT_FRAME_BULK);
	n->answer = malloc(LIMIT_RESPONSE);
	if (n->secret == NULL || n->checkpoint == NULL || n->asks == NULL || n->frame == NULL ||
	    n->answer == NULL)
		return fault_set(fault, ST_NO_MEMORY, "no memory to start with");
	sign_from_seed(n->secret, public_key, key->sign_seed);
	sign_from_seed(n->checkpoint, public_key, key->checkpoint_seed);
	if (link_public(n->curve_key, key->curve_secret) != ST_OK)
		return fault_set(fault, ST_KEY, "the key file holds no transport key");
	return ST_OK;
}

static enum status open_link(struct node *n, const struct keyfile *key, struct fault *fault)
{
	struct link_node nodes[LIMIT_TRUSTEES];
	struct link_config cfg = {
		.nodes = nodes, .count = n->committee.n, .self = n->self,
		.secret = key->curve_secret, .bind_host = n->set->bind,
		.has_kiosk = true, .has_read = true,
		.read_rate = n->set->read_rate, .read_rate_all = n->set->read_rate_all,
		.kiosk_connections = n->set->kiosk_connections,
		.read_connections = n->set->read_connections,
	};
	enum status st;

	for (unsigned int i = 0; i < n->committee.n; i++) {
		nodes[i].address = n->manifest->trustees[i].address;
		memcpy(nodes[i].key, n->manifest->trustees[i].curve_key, LINK_KEY_BYTES);
	}
	if ((st = link_open(&n->link, fault, &cfg)) != ST_OK)
		return st;
	if ((st = link_watch(n->link, work_fd(n->work))) != ST_OK)
		return fault_set(fault, st, "the worker cannot be waited for");
	deliver_kiosks(n);
	return ST_OK;
}

enum status node_open(struct node *n, const struct settings *set, const struct keyfile *key,
                      struct fault *fault)
{
	enum status st;

	n->set = set;
	n->lock = -1;
	n->deadline_ms = CONSENSUS_NEVER;
	if ((st = open_secrets(n, key, fault)) != ST_OK || (st = found_open(n, fault)) != ST_OK ||
	    (st = logs_open(n, fault)) != ST_OK)
		return st;
	n->phase = branch_phase(n->branch);
	return open_link(n, key, fault);
}

void node_close(struct node *n)
{
	link_close(n->link);
	if (n->work != NULL)
		work_wait(n->work);   /* its job borrows from the branch */
	branch_free(n->branch);
	work_free(n->work);
	intake_free(n->intake);
	pool_free(n->pool);
	signer_close(n->signer);
	wal_close(n->wal);
	wal_close(n->pool_log);
	store_close(n->store);
	election_free(n->election);
	manifest_free(n->manifest);
	free(n->core_memory);
	free(n->asks);
	free(n->frame);
	free(n->answer);
	mem_secret_free(n->secret);
	mem_secret_free(n->checkpoint);
	if (n->lock >= 0)
		file_unlock(n->lock);
}

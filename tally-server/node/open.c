/*
 * open.c: a node comes up and goes down: see node.h.
 */
#include "tally-server/node/node.h"

#include "common/base/alloc.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/sandbox.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

static enum status open_memory(struct node *n, struct fault *fault)
{
	n->keys = mem_secret_alloc(sizeof(*n->keys));
	n->asks = alloc_zero(1, sizeof(*n->asks));
	n->frame = malloc(LIMIT_FRAME_BULK);
	n->answer = malloc(LIMIT_RESPONSE);
	if (n->keys == NULL || n->asks == NULL || n->frame == NULL || n->answer == NULL)
		return fault_set(fault, ST_NO_MEMORY, "no memory to start with");
	return ST_OK;
}

/* What the signer told of itself. */
enum status node_take_keys(struct node *n, struct fault *fault)
{
	memcpy(n->sign_key, n->keys->sign_key, sizeof(n->sign_key));
	if (link_public(n->curve_key, n->keys->curve_secret) != ST_OK)
		return fault_set(fault, ST_KEY, "the key file holds no transport key");
	return ST_OK;
}

static enum status start_signer(struct node *n, const char *passphrase_file, struct fault *fault)
{
	char log[LIMIT_PATH_BYTES];
	const struct remote_config cfg = {
		.key = n->set->key, .passphrase_file = passphrase_file,
		.memory = n->set->memory, .log = log,
	};
	enum status st = settings_data(n->set, log, "votes.log");

	if (st != ST_OK)
		return fault_set(fault, st, "the name of the data folder is too long");
	if ((st = remote_start(&n->signer, n->keys, &cfg, fault)) != ST_OK)
		return st;
	return node_take_keys(n, fault);
}

/*
 * From here on this process, which strangers talk to, reaches its data folder and what the network
 * needs; not the key, its passphrase or the memory file, and no other process (decisions/0084).
 */
static enum status confine(const struct node *n, struct fault *fault)
{
	const char *write[] = { n->set->data, "/dev/null", NULL };
	const char *read[] = {
		n->set->genesis, "/usr", "/lib", "/lib64", "/dev/urandom", "/run/systemd/resolve",
		"/run/resolvconf", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf",
		"/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
		"/etc/ld.so.cache", "/etc/localtime", NULL
	};
	struct log_line line;
	enum status st = sandbox_folders(write, read);

	if (st == ST_NOT_FOUND) {
		log_begin(&line, LOG_LEVEL_WARN, "no-landlock");
		log_end(&line);
		return ST_OK;
	}
	return st == ST_OK ? ST_OK : fault_set(fault, st, "the node cannot be confined to %s",
	                                       n->set->data);
}

static enum status open_link(struct node *n, struct fault *fault)
{
	struct link_node nodes[LIMIT_TRUSTEES];
	struct link_config cfg = {
		.nodes = nodes, .count = n->committee.n, .self = n->self,
		.secret = n->keys->curve_secret, .bind_host = n->set->bind,
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
	st = link_open(&n->link, fault, &cfg);
	mem_secret_free(n->keys);
	n->keys = NULL;
	if (st != ST_OK)
		return st;
	if ((st = link_watch(n->link, work_fd(n->work))) != ST_OK ||
	    (st = link_watch(n->link, remote_fd(n->signer))) != ST_OK)
		return fault_set(fault, st, "worker and signer cannot be waited for");
	deliver_kiosks(n);
	return ST_OK;
}

enum status node_begin(struct node *n, const struct settings *set, struct fault *fault)
{
	n->set = set;
	n->lock = -1;
	n->deadline_ms = CONSENSUS_NEVER;
	n->evidence_open = true;
	return open_memory(n, fault);
}

enum status node_found(struct node *n, struct fault *fault)
{
	enum status st;

	if ((st = found_open(n, fault)) != ST_OK || (st = logs_open(n, fault)) != ST_OK)
		return st;
	n->phase = branch_phase(n->branch);
	return open_link(n, fault);
}

enum status node_open(struct node *n, const struct settings *set, const char *passphrase_file,
                      struct fault *fault)
{
	enum status st;

	if ((st = node_begin(n, set, fault)) != ST_OK ||
	    (st = start_signer(n, passphrase_file, fault)) != ST_OK ||
	    (st = found_folder(n, fault)) != ST_OK || (st = confine(n, fault)) != ST_OK)
		return st;
	return node_found(n, fault);
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
	remote_close(n->signer);
	wal_close(n->wal);
	wal_close(n->pool_log);
	store_close(n->store);
	election_free(n->election);
	manifest_free(n->manifest);
	free(n->core_memory);
	free(n->asks);
	free(n->frame);
	free(n->answer);
	mem_secret_free(n->keys);
	if (n->lock >= 0)
		file_unlock(n->lock);
}

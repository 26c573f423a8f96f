/*
 * own.c: see own.h.
 */
#include "tally-server/node/own.h"

#include "common/base/file.h"
#include "common/base/number.h"
#include "common/election/audit.h"
#include "common/ledger/archive.h"
#include "common/ledger/transaction.h"
#include "crypto/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the election ---------------------------------------------------------------------------- */

static enum status read_manifest(struct manifest **out, FILE *f, struct refusal *why)
{
	struct archive_reader a = { 0 };
	struct archive_record rec;
	struct reader r;
	struct tx tx;
	const uint8_t *item;
	size_t len;
	enum status st;

	if ((st = archive_read_begin(&a, f)) == ST_OK &&
	    (st = archive_read_next(&a, &rec)) == ST_OK) {
		st = rec.kind == ARCHIVE_BLOCK ? block_body_check(&rec.header, rec.body, rec.body_len)
		                               : ST_FORMAT;
		reader_init(&r, rec.body, rec.body_len);
		if (st == ST_OK && (st = block_item_next(&r, &item, &len)) == ST_OK &&
		    (st = tx_decode(&tx, item, len)) == ST_OK)
			st = tx.type == TX_GENESIS ? manifest_load(out, why, tx.payload, tx.payload_len)
			                           : ST_FORMAT;
	}
	archive_read_end(&a);
	return st;
}

enum status own_manifest(struct manifest **out, const char *path, struct fault *fault)
{
	struct refusal why = { "", "", 0 };
	FILE *f = fopen(path, "rb");
	enum status st = ST_NOT_FOUND;

	*out = NULL;
	if (f != NULL) {
		st = read_manifest(out, f, &why);
		(void)fclose(f);
	}
	if (st == ST_OK)
		return st;
	(void)fault_set(fault, st, "%s holds no election: %s %s", path, status_text(st),
	                why.reason);
	fault_next(fault, "Name the file that tally-officer genesis made: genesis= in [node].");
	return st;
}

enum status own_index(uint32_t *out, const struct manifest *m, const struct keyfile *key,
                      struct fault *fault)
{
	struct sign_secret secret;
	uint8_t public_key[SIGN_KEY_BYTES];
	uint16_t at;

	sign_from_seed(&secret, public_key, key->sign_seed);
	sign_secret_wipe(&secret);
	at = manifest_find_node(m, public_key);
	*out = at;
	if (at != MANIFEST_NONE)
		return ST_OK;
	(void)fault_set(fault, ST_KEY, "this key is no node's of this election");
	fault_next(fault, "Check key= and genesis= in [node].");
	return ST_KEY;
}

/* --- data/running ---------------------------------------------------------------------------- */

enum status own_mark_running(const struct settings *set, uint32_t index)
{
	char path[LIMIT_PATH_BYTES], text[64];
	int len = snprintf(text, sizeof(text), "%u\n", index);
	enum status st = settings_data(set, path, "running");

	return st != ST_OK ? st : file_write(path, text, (size_t)len, FILE_REPLACE, FILE_PRIVATE);
}

static enum status read_running(struct own *o, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	uint8_t *text = NULL;
	uint64_t index = 0;
	size_t len;
	enum status st;

	if ((st = settings_data(&o->set, path, "running")) == ST_OK &&
	    (st = file_read(path, &text, &len, 64)) == ST_OK)
		st = len < 2 ? ST_FORMAT : number_decode(&index, (char *)text, len - 1,
		                                         o->committee.n - 1);
	free(text);
	o->index = (uint32_t)index;
	if (st != ST_OK) {
		st = fault_set(fault, ST_TIMEOUT, "no node has run with %s yet", o->set.data);
		fault_why(fault, "A node that has started leaves its number in the file running there.");
		fault_next(fault, "Start it: tally-server --config FILE");
	}
	return st;
}

/* --- the connection -------------------------------------------------------------------------- */

enum status own_settings(struct own *o, const char *config, struct fault *fault)
{
	enum status st;

	memset(o, 0, sizeof(*o));
	if ((st = settings_load(&o->set, config, fault)) != ST_OK ||
	    (st = own_manifest(&o->manifest, o->set.genesis, fault)) != ST_OK)
		return st;
	if ((st = audit_committee(&o->committee, o->manifest)) != ST_OK)
		return fault_set(fault, st, "the manifest has no committee");
	return ST_OK;
}

/* Where the node listens for us: its interface, or this machine. */
static enum status local_address(struct address *out, const struct own *o)
{
	const char *host = strcmp(o->set.bind, "*") == 0 ? "127.0.0.1" : o->set.bind;
	char text[ADDRESS_TEXT_MAX + 1];
	int len = snprintf(text, sizeof(text), "%s:%u", host,
	                   (unsigned int)o->manifest->trustees[o->index].address.base);

	return len < 0 || (size_t)len >= sizeof(text) ? ST_LIMIT
	                                              : address_parse(out, text, (size_t)len);
}

enum status own_connect(struct own *o, const struct keyfile *key, struct fault *fault)
{
	struct address address;
	enum status st = key != NULL ? own_index(&o->index, o->manifest, key, fault)
	                             : read_running(o, fault);

	if (st != ST_OK)
		return st;
	o->request = malloc(LIMIT_REQUEST);
	if (o->request == NULL || (st = local_address(&address, o)) != ST_OK ||
	    (st = client_open(&o->client, key == NULL ? NULL : key->curve_secret)) != ST_OK ||
	    (st = client_add(o->client, &o->slot, key == NULL ? CLIENT_READ : CLIENT_KIOSK, &address,
	                     o->manifest->trustees[o->index].curve_key)) != ST_OK)
		return fault_set(fault, st == ST_OK ? ST_NO_MEMORY : st, "cannot connect: %s",
		                 status_text(st));
	return ST_OK;
}

void own_close(struct own *o)
{
	client_close(o->client);
	manifest_free(o->manifest);
	free(o->request);
	settings_free(&o->set);
}

enum status own_ask(struct own *o, struct message_response *out, const struct message_request *req,
                    uint32_t timeout_ms, struct fault *fault)
{
	const uint8_t *answer;
	size_t len;
	enum status st;

	if ((st = message_request_encode(req, o->request, LIMIT_REQUEST, &len)) != ST_OK)
		return fault_set(fault, st, "the request cannot be made: %s", status_text(st));
	st = client_request(o->client, &answer, &len, o->slot, o->request, len, timeout_ms);
	if (st == ST_OK)
		st = message_response_decode(out, answer, len);
	if (st == ST_OK && out->kind != req->kind)
		st = ST_FORMAT;
	if (st != ST_OK) {
		(void)fault_set(fault, st, "the node does not answer");
		fault_why(fault, "%s", status_text(st));
		fault_next(fault, "Is it running?  Its log says why it stopped.");
	}
	return st;
}

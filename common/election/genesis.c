/*
 * genesis.c: see genesis.h.
 */
#include "common/election/genesis.h"

#include "crypto/sign.h"

#include <string.h>

void genesis_tx_id(uint8_t id[static TX_ID_BYTES], const struct manifest *m)
{
	const struct tx tx = { .type = TX_GENESIS, .payload = m->bytes, .payload_len = m->len };

	tx_plain_id(id, &tx);
}

void genesis_body(uint8_t *body, const struct manifest *m)
{
	struct writer w;

	writer_init(&w, body, m->len + 5);
	writer_u32(&w, (uint32_t)(m->len + 1));
	writer_u8(&w, TX_GENESIS);
	writer_bytes(&w, m->bytes, m->len);
}

void genesis_header(struct block_header *out, const struct manifest *m, const uint8_t *body,
                    const struct election_digest *digest)
{
	*out = (struct block_header){
		.version = BLOCK_VERSION, .n_items = 1, .body_len = (uint32_t)(m->len + 5),
		.log_size = digest->log_size,
	};
	memcpy(out->election_id, m->election_id, sizeof(out->election_id));
	block_body_hash(out->body_hash, body, m->len + 5);
	memcpy(out->log_root, digest->log_root, sizeof(out->log_root));
	memcpy(out->state_hash, digest->state_hash, sizeof(out->state_hash));
}

struct message genesis_message(const struct manifest *m)
{
	return (struct message){
		.purpose = "genesis", .group = m->suite, .election_id = m->election_id,
		.body = m->election_id, .body_len = sizeof(m->election_id),
	};
}

enum status genesis_check(const struct manifest *m, const uint8_t (*sigs)[TX_SIG_BYTES],
                          size_t sigs_len, unsigned int *trustee)
{
	const struct message msg = genesis_message(m);
	enum status st;

	*trustee = 0;
	if (sigs_len != m->trustees_len)
		return ST_THRESHOLD;
	for (unsigned int i = 0; i < m->trustees_len; i++) {
		*trustee = i + 1;
		if ((st = sign_verify(m->trustees[i].sign_key, sigs[i], &msg)) != ST_OK)
			return st;
	}
	*trustee = 0;
	return ST_OK;
}

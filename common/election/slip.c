/*
 * slip.c: see slip.h.
 */
#include "common/election/slip.h"

#include "common/base/alloc.h"
#include "common/base/base32.h"
#include "common/base/writer.h"
#include "crypto/mem.h"
#include "crypto/merkle.h"
#include "crypto/transcript.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *slip_fate_name(enum slip_fate fate)
{
	switch (fate) {
	case SLIP_CAST:
		return "CAST";
	case SLIP_TESTED:
		return "TESTED";
	case SLIP_VOID:
		return "VOID";
	}
	return "";
}

/* --- signatures ------------------------------------------------------------------------------ */

static struct message message_of(const struct manifest *m, const char *purpose, const void *body,
                                 size_t body_len)
{
	return (struct message){ .purpose = purpose, .group = m->suite,
	                         .election_id = m->election_id, .body = body,
	                         .body_len = body_len };
}

static void top_body(uint8_t out[static SLIP_TOP_BYTES], const struct slip_top *top)
{
	struct writer w;

	writer_init(&w, out, SLIP_TOP_BYTES);
	writer_bytes(&w, top->tracker, sizeof(top->tracker));
	writer_u16(&w, top->kiosk);
	writer_u32(&w, top->sequence);
}

static void fate_body(uint8_t out[static SLIP_FATE_BYTES], const uint8_t tracker[static 32],
                      enum slip_fate fate)
{
	memcpy(out, tracker, 32);
	out[32] = (uint8_t)fate;
}

void slip_sign_top(uint8_t sig[static SIGN_BYTES], const struct manifest *m,
                   const struct slip_top *top, const struct sign_secret *kiosk)
{
	uint8_t body[SLIP_TOP_BYTES];
	const struct message msg = message_of(m, "slip", body, sizeof(body));

	top_body(body, top);
	sign_message(kiosk, sig, &msg);
}

enum status slip_check_top(const struct manifest *m, const struct slip_top *top,
                           const uint8_t sig[static SIGN_BYTES],
                           const uint8_t kiosk_key[static SIGN_KEY_BYTES])
{
	uint8_t body[SLIP_TOP_BYTES];
	const struct message msg = message_of(m, "slip", body, sizeof(body));

	top_body(body, top);
	return sign_verify(kiosk_key, sig, &msg);
}

void slip_sign_fate(uint8_t sig[static SIGN_BYTES], const struct manifest *m,
                    const uint8_t tracker[static 32], enum slip_fate fate,
                    const struct sign_secret *kiosk)
{
	uint8_t body[SLIP_FATE_BYTES];
	const struct message msg = message_of(m, "slip-fate", body, sizeof(body));

	fate_body(body, tracker, fate);
	sign_message(kiosk, sig, &msg);
}

enum status slip_check_fate(const struct manifest *m, const uint8_t tracker[static 32],
                            enum slip_fate fate, const uint8_t sig[static SIGN_BYTES],
                            const uint8_t kiosk_key[static SIGN_KEY_BYTES])
{
	uint8_t body[SLIP_FATE_BYTES];
	const struct message msg = message_of(m, "slip-fate", body, sizeof(body));

	fate_body(body, tracker, fate);
	return sign_verify(kiosk_key, sig, &msg);
}

/* --- the chain ------------------------------------------------------------------------------- */

void slip_chain_start(uint8_t out[static 32], const uint8_t election_id[static 32], uint16_t kiosk)
{
	struct hash h;

	hash256_purpose(&h, "device-chain");
	hash_field(&h, election_id, 32);
	hash_field_u32(&h, kiosk);
	hash256_final(&h, out);
}

void slip_chain_next(uint8_t out[static 32], const uint8_t before[static 32],
                     const uint8_t tracker[static 32], const uint8_t blinding[static 32])
{
	struct hash h;

	hash256_purpose(&h, "device-chain");
	hash_field(&h, before, 32);
	hash_field(&h, tracker, 32);
	hash_field(&h, blinding, 32);
	hash256_final(&h, out);
}

void slip_device(uint8_t out[static 32], uint16_t kiosk, uint32_t sequence,
                 const uint8_t before[static 32], const uint8_t blinding[static 32])
{
	struct hash h;

	hash256_purpose(&h, "device");
	hash_field_u32(&h, kiosk);
	hash_field_u32(&h, sequence);
	hash_field(&h, before, 32);
	hash_field(&h, blinding, 32);
	hash256_final(&h, out);
}

/* --- the closing list ------------------------------------------------------------------------ */

static int by_tracker(const void *a, const void *b)
{
	const struct slip_closing *x = a, *y = b;

	return memcmp(x->tracker, y->tracker, sizeof(x->tracker));
}

void slip_closing_sort(struct slip_closing *list, size_t len)
{
	if (len > 1)
		qsort(list, len, sizeof(*list), by_tracker);
}

enum status slip_closing_root(uint8_t out[static 32], const struct slip_closing *list, size_t len)
{
	uint8_t leaf[SLIP_CLOSING_LEAF_BYTES];
	uint8_t (*hash)[MERKLE_HASH_BYTES];
	struct merkle_leaves leaves;
	struct merkle_source source;
	enum status st;

	for (size_t i = 1; i < len; i++)
		if (by_tracker(&list[i - 1], &list[i]) >= 0)
			return ST_ORDER;
	hash = alloc_zero(len + 1, sizeof(*hash));
	if (hash == NULL)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < len; i++) {
		fate_body(leaf, list[i].tracker, list[i].fate);
		merkle_leaf_hash(hash[i], leaf, sizeof(leaf));
	}
	leaves = (struct merkle_leaves){ .leaf = (const uint8_t (*)[MERKLE_HASH_BYTES])hash,
	                                 .count = len };
	source = merkle_leaves_source(&leaves);
	st = merkle_root(&source, out, len);
	free(hash);
	return st;
}

/* --- the secret ------------------------------------------------------------------------------ */

enum status slip_secret_derive(struct credential *out, const struct group *g,
                               const uint8_t election_id[static 32],
                               const struct credential_code *code)
{
	char text[CREDENTIAL_CODE_CHARS];
	struct transcript t;

	mem_wipe(out, sizeof(*out));
	for (size_t i = 0; i < CREDENTIAL_CODE_CHARS; i++)
		text[i] = base32_symbol(code->digit[i]);
	transcript_init(&t, g, "slip");
	transcript_text(&t, group_name(g));
	transcript_field(&t, election_id, 32);
	transcript_field(&t, text, sizeof(text));
	transcript_challenge(&t, &out->secret);
	mem_wipe(text, sizeof(text));
	if (group_scalar_is_zero(g, &out->secret))
		return ST_SCALAR;
	group_mul_base(g, &out->key, &out->secret);
	group_encode(g, out->key_bytes, &out->key);
	return ST_OK;
}

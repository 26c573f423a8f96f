/*
 * transcript.c: see transcript.h (protocol.md §2, RFC 9380 §5.3.1).
 *
 * Invariant: what is hashed may be secret (nonces are derived here), so every buffer that has
 * held output or an encoding is wiped.
 */
#include "crypto/transcript.h"

#include "crypto/mem.h"

#include <assert.h>
#include <string.h>

enum {
	XMD_BLOCK_BYTES = 128,          /* s_in_bytes of SHA-512 */
	XMD_OUT_MAX = 65535,
	XMD_BLOCKS_MAX = 255,
	XMD_DST_MAX = 255
};

_Static_assert(sizeof(((struct transcript *)0)->dst) > (size_t)XMD_DST_MAX, "a DST fits");

static const char PREFIX[] = "kalpis/v1/";

/* --- RFC 9380 ------------------------------------------------------------------------------- */

void expand_start(struct hash *h)
{
	static const uint8_t Z_PAD[XMD_BLOCK_BYTES] = { 0 };

	hash512_init(h);
	hash_update(h, Z_PAD, sizeof(Z_PAD));
}

static void add_dst_prime(struct hash *h, const void *dst, size_t dst_len)
{
	uint8_t len = (uint8_t)dst_len;

	hash_update(h, dst, dst_len);
	hash_update(h, &len, sizeof(len));
}

/* b_i = H(x || I2OSP(i, 1) || DST_prime) */
static void block(uint8_t b[static HASH512_BYTES], const uint8_t x[static HASH512_BYTES],
                  uint8_t i, const void *dst, size_t dst_len)
{
	struct hash h;

	hash512_init(&h);
	hash_update(&h, x, HASH512_BYTES);
	hash_update(&h, &i, sizeof(i));
	add_dst_prime(&h, dst, dst_len);
	hash512_final(&h, b);
}

void expand_finish(struct hash *h, uint8_t *out, size_t out_len, const void *dst, size_t dst_len)
{
	const uint8_t tail[3] = { (uint8_t)(out_len >> 8), (uint8_t)out_len, 0 };
	uint8_t b0[HASH512_BYTES];
	uint8_t b[HASH512_BYTES] = { 0 };
	uint8_t x[HASH512_BYTES];
	uint8_t i = 0;

	assert(out_len >= 1 && out_len <= XMD_OUT_MAX);
	assert(out_len <= (size_t)XMD_BLOCKS_MAX * HASH512_BYTES);
	assert(dst_len <= XMD_DST_MAX);
	hash_update(h, tail, sizeof(tail));
	add_dst_prime(h, dst, dst_len);
	hash512_final(h, b0);
	for (size_t done = 0; done < out_len; done += HASH512_BYTES) {
		size_t n = out_len - done < HASH512_BYTES ? out_len - done : HASH512_BYTES;

		/* b_1 takes b_0 itself; b starts as zeros, so one rule serves all. */
		for (size_t k = 0; k < HASH512_BYTES; k++)
			x[k] = b0[k] ^ b[k];
		block(b, x, ++i, dst, dst_len);
		memcpy(out + done, b, n);
	}
	mem_wipe(b0, sizeof(b0));
	mem_wipe(b, sizeof(b));
	mem_wipe(x, sizeof(x));
}

void expand_message_xmd(uint8_t *out, size_t out_len, const void *msg, size_t msg_len,
                        const void *dst, size_t dst_len)
{
	struct hash h;

	expand_start(&h);
	hash_update(&h, msg, msg_len);
	expand_finish(&h, out, out_len, dst, dst_len);
}

void expand_scalar(const struct group *g, struct scalar *out, struct hash *h, const void *dst,
                   size_t dst_len)
{
	uint8_t wide[GROUP_WIDE_BYTES_MAX];

	assert(group_wide_len(g) <= sizeof(wide));
	expand_finish(h, wide, group_wide_len(g), dst, dst_len);
	group_scalar_wide(g, out, wide);
	mem_wipe(wide, sizeof(wide));
}

void hash_to_scalar(const struct group *g, struct scalar *out, const void *msg, size_t msg_len,
                    const void *dst, size_t dst_len)
{
	struct hash h;

	expand_start(&h);
	hash_update(&h, msg, msg_len);
	expand_scalar(g, out, &h, dst, dst_len);
}

/* --- the transcript ------------------------------------------------------------------------- */

void transcript_init(struct transcript *t, const struct group *g, const char *purpose)
{
	size_t prefix_len = sizeof(PREFIX) - 1;
	size_t purpose_len = strlen(purpose);

	assert(purpose_len > 0);
	assert(prefix_len + purpose_len <= XMD_DST_MAX);
	t->g = g;
	t->dst_len = prefix_len + purpose_len;
	memcpy(t->dst, PREFIX, prefix_len);
	memcpy(t->dst + prefix_len, purpose, purpose_len + 1);
	expand_start(&t->hash);
}

void transcript_field(struct transcript *t, const void *p, size_t len)
{
	hash_field(&t->hash, p, len);
}

void transcript_u8(struct transcript *t, uint8_t v)
{
	hash_field_u8(&t->hash, v);
}

void transcript_u32(struct transcript *t, uint32_t v)
{
	hash_field_u32(&t->hash, v);
}

void transcript_u64(struct transcript *t, uint64_t v)
{
	hash_field_u64(&t->hash, v);
}

void transcript_text(struct transcript *t, const char *s)
{
	hash_field_text(&t->hash, s);
}

void transcript_element(struct transcript *t, const struct element *a)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];

	group_encode(t->g, bytes, a);
	hash_field(&t->hash, bytes, group_element_len(t->g));
	mem_wipe(bytes, sizeof(bytes));
}

void transcript_scalar(struct transcript *t, const struct scalar *a)
{
	uint8_t bytes[GROUP_SCALAR_BYTES_MAX];

	group_scalar_encode(t->g, bytes, a);
	hash_field(&t->hash, bytes, group_scalar_len(t->g));
	mem_wipe(bytes, sizeof(bytes));
}

void transcript_challenge(struct transcript *t, struct scalar *out)
{
	expand_scalar(t->g, out, &t->hash, t->dst, t->dst_len);
	mem_wipe(t, sizeof(*t));
}

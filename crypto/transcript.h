/*
 * transcript.h: hash to scalar, H2S(purpose, fields...) (protocol.md §2).
 *
 * RFC 9380 expand_message_xmd with SHA-512, DST = "kalpis/v1/" || purpose; the message is the
 * fields, each u32 big-endian length || bytes.  ristretto255: 64 bytes, little-endian, mod q;
 * modp: ceil((bits(q) + 128) / 8) bytes, big-endian, mod q.
 *
 * Invariant: every challenge binds suite, election_id, joint key, roles and indices, the whole
 * statement and every commitment; the caller adds them, nothing is implied.
 */
#ifndef KALPIS_CRYPTO_TRANSCRIPT_H
#define KALPIS_CRYPTO_TRANSCRIPT_H

#include "crypto/group.h"
#include "crypto/hash.h"

struct transcript {
	const struct group *g;
	struct hash hash;
	char dst[256];
	size_t dst_len;
};

void transcript_init(struct transcript *t, const struct group *g, const char *purpose);
void transcript_field(struct transcript *t, const void *p, size_t len);
void transcript_u8(struct transcript *t, uint8_t v);
void transcript_u32(struct transcript *t, uint32_t v);
void transcript_u64(struct transcript *t, uint64_t v);
void transcript_text(struct transcript *t, const char *s);
void transcript_element(struct transcript *t, const struct element *a);   /* its encoding */
void transcript_scalar(struct transcript *t, const struct scalar *a);     /* its encoding */

/* The challenge.  t is wiped. */
void transcript_challenge(struct transcript *t, struct scalar *out);

/*
 * RFC 9380 §5.3.1 with SHA-512.  1 <= out_len <= 65535 and out_len <= 255 * 64; dst_len <= 255.
 * expand_start/expand_finish allow a message that arrives in pieces through hash_update.
 */
void expand_message_xmd(uint8_t *out, size_t out_len, const void *msg, size_t msg_len,
                        const void *dst, size_t dst_len);
void expand_start(struct hash *h);
void expand_finish(struct hash *h, uint8_t *out, size_t out_len, const void *dst, size_t dst_len);

/* A scalar from group_wide_len bytes of a finished expansion; h is wiped. */
void expand_scalar(const struct group *g, struct scalar *out, struct hash *h, const void *dst,
                   size_t dst_len);

/* H2S of one flat, already framed message under a full DST of the caller (RFC test vectors). */
void hash_to_scalar(const struct group *g, struct scalar *out, const void *msg, size_t msg_len,
                    const void *dst, size_t dst_len);

#endif

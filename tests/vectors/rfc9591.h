/*
 * rfc9591.h: FROST signatures of RFC 9591 appendix E.1 (Ed25519) and E.3 (ristretto255).  What a
 * threshold of signers made must verify as the signature of one.  Figures in hexadecimal.
 */
#ifndef KALPIS_TESTS_VECTORS_RFC9591_H
#define KALPIS_TESTS_VECTORS_RFC9591_H

struct rfc9591 {
	const char *secret;   /* of the group, little-endian */
	const char *key;
	const char *message;
	const char *sig;
};

static const struct rfc9591 rfc9591_ristretto255 = {
	.secret = "1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b",
	.key = "e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57",
	.message = "74657374",
	.sig = "fc45655fbc66bbffad654ea4ce5fdae253a49a64ace25d9adb62010dd9fb2555216414178716"
	       "2e5b4cab915b4aa45d94655dbb9ed7c378a53b980a0be220a802"
};

static const struct rfc9591 rfc9591_ed25519 = {
	.secret = "7b1c33d3f5291d85de664833beb1ad469f7fb6025a0ec78b3a790c6e13a98304",
	.key = "15d21ccd7ee42959562fc8aa63224c8851fb3ec85a3faf66040d380fb9738673",
	.message = "74657374",
	.sig = "36282629c383bb820a88b71cae937d41f2f2adfcc3d02e55507e2fb9e2dd3cbebd9d2b0844e4"
	       "9ae0f3fa935161e1419aab7b47d21a37ebeae1f17d4987b3160b"
};

#endif

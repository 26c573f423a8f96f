/*
 * rfc9591_shares.h: figures of RFC 9591, appendix E, on the sharing of the group key: E.3
 * (ristretto255, SHA-512) and E.1 (Ed25519, SHA-512), whose scalars are those of the same order q.
 * Scalars are little-endian; the polynomial is secret + coefficient * x; any two of three restore.
 */
#ifndef KALPIS_TESTS_VECTORS_RFC9591_SHARES_H
#define KALPIS_TESTS_VECTORS_RFC9591_SHARES_H

#include <stddef.h>

static const struct {
	const char *section;
	const char *secret;
	const char *coefficient;
	const char *share[3];
	const char *ristretto_key;   /* secret * generator, where the RFC gives it in ristretto255 */
} rfc9591_shares[] = {
	{
		"E.3",
		"1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b",
		"410f8b744b19325891d73736923525a4f596c805d060dfb9c98009d34e3fec02",
		{
			"5c3430d391552f6e60ecdc093ff9f6f4488756aa6cebdbad75a768010b8f830e",
			"b06fc5eac20b4f6e1b271d9df2343d843e1e1fb03c4cbb673f2872d459ce6f01",
			"f17e505f0e2581c6acfe54d3846a622834b5e7b50cad9a2109a97ba7a80d5c04",
		},
		"e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57",
	},
	{
		"E.1",
		"7b1c33d3f5291d85de664833beb1ad469f7fb6025a0ec78b3a790c6e13a98304",
		"178199860edd8c62f5212ee91eff1295d0d670ab4ed4506866bae57e7030b204",
		{
			"929dcc590407aae7d388761cddb0c0db6f5627aea8e217f4a033f2ec83d93509",
			"a91e66e012e4364ac9aaa405fcafd370402d9859f7b6685c07eed76bf409e80d",
			"d3cb090a075eb154e82fdb4b3cb507f110040905468bb9c46da8bdea643a9a02",
		},
		NULL,
	},
};

#endif

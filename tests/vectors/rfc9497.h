/*
 * rfc9497.h: batched DLEQ proofs, RFC 9497 appendix A.1.2 (VOPRF, ristretto255-SHA512).
 * Figures in hexadecimal, scalars little-endian; r is the randomness of the proof.
 */
#ifndef KALPIS_TESTS_VECTORS_RFC9497_H
#define KALPIS_TESTS_VECTORS_RFC9497_H

/* contextString = "OPRFV1-" || I2OSP(1, 1) || "-ristretto255-SHA512" */
static const char rfc9497_context[] = "OPRFV1-\x01-ristretto255-SHA512";

static const char rfc9497_secret[] =
	"e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
static const char rfc9497_key[] =
	"c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";

static const struct {
	unsigned int count;
	const char *blinded[2];
	const char *evaluated[2];
	const char *r;
	const char *proof;
} rfc9497[] = {
	{ 1,
	  { "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945" },
	  { "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e" },
	  "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
	  "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117"
	  "a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d" },
	{ 1,
	  { "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c" },
	  { "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468" },
	  "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
	  "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd9360"
	  "51dec80b0b6ae29c9503493dde7393b722eafdf5a50b02" },
	{ 2,
	  { "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
	    "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654" },
	  { "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
	    "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a" },
	  "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
	  "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4ceae04"
	  "94c2cf89529dcf94572ed267473d567aeed6ab873dee08" },
};

#endif

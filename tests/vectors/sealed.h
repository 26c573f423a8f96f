/*
 * sealed.h: a sealed file of version 1 at the cost of tests (1 operation, 8 KiB), made by this
 * project itself: the format must stay readable.  Hexadecimal.
 */
#ifndef KALPIS_TESTS_VECTORS_SEALED_H
#define KALPIS_TESTS_VECTORS_SEALED_H

#define SEALED_PLAIN "a share"
#define SEALED_PURPOSE "share"
#define SEALED_PASSPHRASE "correct horse"

static const char sealed_cheap[] =
	"4b414c505345414c0100000001000000083bb7cff7fd8f6a4f787ab00a24f86f09210e4508f4b4da"
	"e9311bd20ce72c1e5c482f60e76cfe39ad6619508ceb96ba8f444bf1b0ba35f84d0e47379de7cfa5"
	"a9";

#endif

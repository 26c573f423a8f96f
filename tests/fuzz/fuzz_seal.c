/*
 * fuzz_seal.c: sealed files from hostile bytes.
 *
 * What is proved: only the file that was sealed opens; any other is refused, gives nothing out and
 * writes nothing behind the plaintext's place.  A cost that is allowed but takes seconds is left to
 * test_seal.
 */
#include "crypto/mem.h"
#include "crypto/seal.h"
#include "tests/unit/lib/cheap_seal.h"
#include "tests/unit/lib/hex.h"
#include "tests/vectors/sealed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Each run may derive a key. */
extern const uint32_t fuzz_runs;
const uint32_t fuzz_runs = 3000;

static void must(int what)
{
	if (!what)
		abort();
}

static int is_slow(const uint8_t *data, size_t len)
{
	return len >= SEAL_HEAD_BYTES && (data[13] != 0 || data[14] != 0 || data[12] > 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t good[128], plain[1 << 16];
	size_t good_len, plain_len, want = seal_plain_len(len);
	enum status st;

	cheap_seal();
	must(crypto_init() == ST_OK);
	if (is_slow(data, len) || want >= sizeof(plain))
		return 0;
	good_len = hex_bytes(good, sizeof(good), sealed_cheap);
	plain[want] = 0xaa;
	st = seal_open(plain, &plain_len, data, len, SEALED_PURPOSE, SEALED_PASSPHRASE,
	               strlen(SEALED_PASSPHRASE));
	must(plain[want] == 0xaa);
	if (len == good_len && memcmp(data, good, len) == 0) {
		must(st == ST_OK && plain_len == want && memcmp(plain, SEALED_PLAIN, want) == 0);
	} else {
		must(st == ST_SEAL && plain_len == 0 && mem_is_zero(plain, want));
	}
	return 0;
}

/*
 * fuzz_card.c: bytes as a card.
 *
 * What is proved: a card that is read is canonical, printable, of strong and different keys, and
 * what is refused leaves nothing behind.
 */
#include "common/base/text.h"
#include "common/election/card.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <stdlib.h>
#include <string.h>

const uint32_t fuzz_runs = 10000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

static void must_be_printable(const char *s)
{
	for (; *s != '\0'; s++)
		must(*s >= 0x20 && *s <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int started;
	struct refusal why;
	struct card c;

	if (!started)
		must(crypto_init() == ST_OK);
	started = 1;
	if (card_read(&c, &why, data, len) != ST_OK) {
		must(mem_is_zero(&c, sizeof(c)));
		must_be_printable(why.path);
		must_be_printable(why.reason);
		must(why.reason[0] != '\0');
		return 0;
	}
	must(c.role >= CARD_TRUSTEE && c.role <= CARD_OFFICER);
	must(text_check(c.name, strlen(c.name), LIMIT_TEXT_BYTES) == ST_OK && c.name[0] != '\0');
	must(sign_key_check(c.sign_key) == ST_OK);
	must((c.suite != NULL) == (c.role == CARD_TRUSTEE));
	if (c.suite != NULL)
		must(!group_is_identity(c.suite, &c.enc_key) &&
		     memcmp(c.sign_key, c.node_key, CARD_KEY_BYTES) != 0);
	return 0;
}

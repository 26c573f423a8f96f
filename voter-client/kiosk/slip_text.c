/*
 * slip_text.c: see slip_text.h.
 *
 * 42 columns, as a receipt printer has them; what machines read stands in lines "key=value".
 */
#include "voter-client/kiosk/slip_text.h"

#include "common/base/base32.h"
#include "common/base/hex.h"
#include "common/election/ballot.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct paper {
	char *out;
	size_t cap;
	size_t len;
};

__attribute__((format(printf, 2, 3)))
static void print(struct paper *p, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(p->out + p->len, p->cap - p->len, format, ap);
	va_end(ap);
	assert(n >= 0);
	assert((size_t)n < p->cap - p->len);
	p->len += (size_t)n;
}

static void print_hex(struct paper *p, const char *key, const uint8_t *bytes, size_t len)
{
	char hex[2 * SIGN_BYTES + 1];

	assert(len <= SIGN_BYTES);
	hex_encode(hex, bytes, len);
	print(p, "%s=%s\n", key, hex);
}

static void print_top(struct paper *p, const struct manifest *m, const struct slip *s,
                      const struct sign_secret *kiosk)
{
	char number[BALLOT_TRACKER_TEXT], whole[64];
	uint8_t sig[SIGN_BYTES];

	slip_sign_top(sig, m, &s->top, kiosk);
	ballot_tracker_format(number, s->top.tracker);
	base32_encode(whole, 0, s->top.tracker, sizeof(s->top.tracker));
	print(p, "%s%s\n\n", m->rehearsal ? "REHEARSAL - not an election\n" : "",
	      m->title.in[0]);
	print(p, "Your ballot is locked. Its number:\n\n    %s\n\n", number);
	print(p, "tracker=%s\nkiosk=%u\nsequence=%u\n", whole, s->top.kiosk, s->top.sequence);
	print_hex(p, "election", m->election_id, sizeof(m->election_id));
	print_hex(p, "device-before", s->before, sizeof(s->before));
	print_hex(p, "device-blinding", s->blinding, sizeof(s->blinding));
	print_hex(p, "signature", sig, sizeof(sig));
}

static void print_fate_words(struct paper *p, const struct slip *s)
{
	switch (s->fate) {
	case SLIP_CAST:
		print(p, "CAST - in the public ballot chain\nat or before block %llu.\n"
		      "Keep this slip. After the election look up\nits number: the ballot must be "
		      "counted.\n", (unsigned long long)s->height);
		break;
	case SLIP_TESTED:
		print(p, "TEST - NOT COUNTED\nThis ballot was opened to test the machine.\nTake this slip "
		      "to the check table.\nYou have NOT voted with it.\n");
		break;
	case SLIP_VOID:
		print(p, "VOID - NOT COUNTED\nYou have NOT voted with this ballot.\nYour card still "
		      "works: ask a poll worker.\n");
		break;
	}
}

static void print_fingerprint(struct paper *p, const struct slip *s)
{
	char text[CREDENTIAL_FINGERPRINT_TEXT];

	if (!s->has_fingerprint)
		return;
	credential_fingerprint_format(text, s->fingerprint);
	print(p, "fingerprint=%s\nCompare it with your card.\n", text);
}

static void print_second(struct paper *p, const struct manifest *m, const struct slip *s,
                         const struct sign_secret *kiosk)
{
	uint8_t sig[SIGN_BYTES];

	if (s->half == SLIP_TOP_ONLY)
		return;
	print(p, "\n- - - - - - - - - - - - - - - - - - - - -\n\n");
	if (s->half == SLIP_WAITING) {
		print(p, "RECORDED - waiting to be published.\nIt is sent again until it is. Keep this "
		      "slip\nand look up its number later.\n");
		print_fingerprint(p, s);
		return;
	}
	print_fate_words(p, s);
	print_fingerprint(p, s);
	slip_sign_fate(sig, m, s->top.tracker, s->fate, kiosk);
	print(p, "fate=%s\n", slip_fate_name(s->fate));
	print_hex(p, "fate-signature", sig, sizeof(sig));
}

size_t slip_text(char out[static SLIP_TEXT_MAX], const struct manifest *m, const struct slip *slip,
                 const struct sign_secret *kiosk)
{
	struct paper p = { .out = out, .cap = SLIP_TEXT_MAX };

	print_top(&p, m, slip, kiosk);
	print_second(&p, m, slip, kiosk);
	return p.len;
}

size_t slip_secret_text(char out[static SLIP_SECRET_TEXT_MAX],
                        const uint8_t tracker[static 32], const struct credential_code *code)
{
	struct paper p = { .out = out, .cap = SLIP_SECRET_TEXT_MAX };
	char number[BALLOT_TRACKER_TEXT], text[CREDENTIAL_CODE_TEXT];

	ballot_tracker_format(number, tracker);
	credential_code_format(text, code);
	print(&p, "FOLD THIS PAPER. Secret code of ballot\n%s:\n\n    %s\n\nYou need it, with your "
	      "card, only if you\nwant to vote again. Show it to nobody.\n", number, text);
	mem_wipe(text, sizeof(text));
	return p.len;
}

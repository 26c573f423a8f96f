/*
 * pubfile.c: see pubfile.h.
 */
#include "common/wire/pubfile.h"

#include "common/base/hex.h"
#include "crypto/mem.h"
#include "crypto/sign.h"
#include "crypto/x25519.h"

#include <stdio.h>
#include <string.h>

static const char NODE[] = "kalpis-node 1\n";
static const char KIOSK[] = "kalpis-kiosk 1\n";

static void public_of(uint8_t out[static 32], const uint8_t seed[static SIGN_SEED_BYTES])
{
	struct sign_secret secret;

	sign_from_seed(&secret, out, seed);
	sign_secret_wipe(&secret);
}

enum status pubfile_of(struct pubfile *out, const struct keyfile *k)
{
	*out = (struct pubfile){ .is_kiosk = k->kind == KEYFILE_KIOSK };
	if (k->kind != KEYFILE_KIOSK && k->kind != KEYFILE_NODE)
		return ST_KEY;
	public_of(out->signing, k->sign_seed);
	if (!out->is_kiosk)
		public_of(out->checkpoint, k->checkpoint_seed);
	return x25519_public(out->transport, k->curve_secret);
}

static size_t put_line(char *out, size_t cap, size_t at, const char *name, const uint8_t *key)
{
	char hex[65];
	int n;

	hex_encode(hex, key, 32);
	n = snprintf(out + at, cap - at, "%s %s\n", name, hex);
	return n < 0 || (size_t)n >= cap - at ? cap : at + (size_t)n;
}

enum status pubfile_format(const struct pubfile *p, char *out, size_t cap, size_t *len)
{
	const char *head = p->is_kiosk ? KIOSK : NODE;
	size_t at = strlen(head);

	if (cap < PUBFILE_TEXT_MAX)
		return ST_LIMIT;
	memcpy(out, head, at + 1);
	at = put_line(out, cap, at, "signing", p->signing);
	if (!p->is_kiosk)
		at = put_line(out, cap, at, "checkpoint", p->checkpoint);
	at = put_line(out, cap, at, "transport", p->transport);
	*len = at;
	return at >= cap ? ST_LIMIT : ST_OK;
}

static enum status take_line(const char **text, size_t *len, const char *name, uint8_t *key)
{
	size_t name_len = strlen(name);
	size_t line = name_len + 1 + 64 + 1;

	if (*len < line || memcmp(*text, name, name_len) != 0 || (*text)[name_len] != ' ' ||
	    (*text)[line - 1] != '\n' ||
	    hex_decode(key, 32, *text + name_len + 1, 64) != ST_OK)
		return ST_FORMAT;
	*text += line;
	*len -= line;
	return ST_OK;
}

enum status pubfile_parse(struct pubfile *out, const char *text, size_t len)
{
	const char *head;
	enum status st;

	*out = (struct pubfile){ .is_kiosk = len > sizeof(KIOSK) &&
	                         memcmp(text, KIOSK, sizeof(KIOSK) - 1) == 0 };
	head = out->is_kiosk ? KIOSK : NODE;
	if (len < strlen(head) || memcmp(text, head, strlen(head)) != 0)
		return ST_FORMAT;
	text += strlen(head);
	len -= strlen(head);
	if ((st = take_line(&text, &len, "signing", out->signing)) != ST_OK ||
	    (!out->is_kiosk &&
	     (st = take_line(&text, &len, "checkpoint", out->checkpoint)) != ST_OK) ||
	    (st = take_line(&text, &len, "transport", out->transport)) != ST_OK)
		return st;
	if (len != 0)
		return ST_FORMAT;
	if (mem_is_zero(out->transport, sizeof(out->transport)) ||
	    sign_key_check(out->signing) != ST_OK ||
	    (!out->is_kiosk && sign_key_check(out->checkpoint) != ST_OK))
		return ST_KEY;
	return ST_OK;
}

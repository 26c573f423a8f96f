/*
 * card.c: cards, made and read (formats-files.md §4).
 *
 * The signature is over the canonical JSON of the card without its member "signature", so that
 * every other byte is signed.  The proof of possession is bound to suite and signing key: taken
 * from somebody's card, it is no proof in another (formats-files.md §4.4; attacks.md N45).
 */
#include "common/election/card.h"

#include "common/election/jnode.h"
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "crypto/pok.h"

#include <string.h>

static const char FORMAT[] = "kalpis/v1/card";

static const char *const OFFICIAL_KEYS[] = {
	"format", "name", "role", "signature", "signing_key", NULL
};
static const char *const TRUSTEE_KEYS[] = {
	"address", "checkpoint_key", "curve_key", "encryption_key", "encryption_proof", "format",
	"name", "node_key", "role", "signature", "signing_key", "suite", NULL
};
static const char *const NO_KEYS[] = { NULL };

const char *card_role_name(enum card_role role)
{
	switch (role) {
	case CARD_TRUSTEE:
		return "trustee";
	case CARD_REGISTRAR:
		return "registrar";
	case CARD_OFFICER:
		return "officer";
	}
	return "unknown";
}

static void possession_context(uint8_t out[static POK_CONTEXT_BYTES], const struct card *c)
{
	struct hash h;

	hash512_purpose(&h, "card-key");
	hash_field_text(&h, group_name(c->suite));
	hash_field(&h, c->sign_key, CARD_KEY_BYTES);
	hash512_final(&h, out);
}

/* --- reading ------------------------------------------------------------------------------- */

static enum status read_name(struct card *c, const struct jnode *at)
{
	struct jnode name = jnode_child(at, "name");
	const char *text;
	enum status st = jnode_text(&name, &text, LIMIT_TEXT_BYTES);

	if (st == ST_OK)
		memcpy(c->name, text, strlen(text) + 1);
	return st;
}

static enum status read_role(struct card *c, const struct jnode *at)
{
	struct jnode format = jnode_child(at, "format");
	struct jnode role = jnode_child(at, "role");
	const char *text;
	enum status st;

	if ((st = jnode_string(&format, &text, LIMIT_TEXT_BYTES)) != ST_OK)
		return st;
	if (strcmp(text, FORMAT) != 0)
		return jnode_refuse(&format, ST_DEFINITION, "this is not \"%s\"", FORMAT);
	if ((st = jnode_string(&role, &text, LIMIT_TEXT_BYTES)) != ST_OK)
		return st;
	for (enum card_role r = CARD_TRUSTEE; r <= CARD_OFFICER; r++) {
		if (strcmp(text, card_role_name(r)) == 0) {
			c->role = r;
			return ST_OK;
		}
	}
	return jnode_refuse(&role, ST_DEFINITION, "the role \"%s\" is unknown", text);
}

static enum status read_sign_key(uint8_t out[static CARD_KEY_BYTES], const struct jnode *at,
                                 const char *key)
{
	struct jnode node = jnode_child(at, key);
	enum status st = jnode_hex(&node, out, CARD_KEY_BYTES);

	if (st == ST_OK && sign_key_check(out) != ST_OK)
		return jnode_refuse(&node, ST_KEY, "this Ed25519 key is weak or malformed");
	return st;
}

static enum status read_suite(struct card *c, const struct jnode *at)
{
	struct jnode node = jnode_child(at, "suite");
	const char *name;
	enum status st = jnode_string(&node, &name, LIMIT_TEXT_BYTES);

	if (st != ST_OK)
		return st;
	c->suite = group_by_name(name);
	if (c->suite == NULL)
		return jnode_refuse(&node, ST_DEFINITION, "the group \"%s\" is not allowed", name);
	return ST_OK;
}

static enum status read_enc_key(struct card *c, const struct jnode *at)
{
	struct jnode key = jnode_child(at, "encryption_key");
	struct jnode proof = jnode_child(at, "encryption_proof");
	uint8_t proof_bytes[POK_BYTES_MAX];
	uint8_t context[POK_CONTEXT_BYTES];
	size_t proof_len = pok_len(c->suite);
	enum status st;

	if ((st = jnode_hex(&key, c->enc_key_bytes, group_element_len(c->suite))) != ST_OK)
		return st;
	if ((st = group_decode_var(c->suite, &c->enc_key, c->enc_key_bytes)) != ST_OK)
		return jnode_refuse(&key, st, "this is not an element of the group");
	if (group_is_identity(c->suite, &c->enc_key))
		return jnode_refuse(&key, ST_IDENTITY, "this encryption key is the neutral element");
	if ((st = jnode_hex(&proof, proof_bytes, proof_len)) != ST_OK)
		return st;
	possession_context(context, c);
	st = pok_verify(c->suite, proof_bytes, proof_len, "card", context, NULL, &c->enc_key);
	if (st != ST_OK)
		return jnode_refuse(&proof, st, "the owner does not prove to hold this encryption key");
	return ST_OK;
}

static enum status read_address(struct card *c, const struct jnode *at)
{
	struct jnode node = jnode_child(at, "address");
	const char *text;
	enum status st = jnode_string(&node, &text, ADDRESS_TEXT_MAX);

	if (st != ST_OK)
		return st;
	st = address_parse(&c->address, text, strlen(text));
	if (st == ST_LIMIT)
		return jnode_refuse(&node, st, "the port must be %d to %d", ADDRESS_BASE_MIN,
		                    ADDRESS_BASE_MAX);
	if (st != ST_OK)
		return jnode_refuse(&node, ST_DEFINITION, "this address is not \"host:port\"");
	return ST_OK;
}

static enum status check_keys_differ(const struct card *c, const struct jnode *at)
{
	const uint8_t *const keys[] = { c->sign_key, c->node_key, c->checkpoint_key, c->curve_key };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		for (size_t j = 0; j < i; j++)
			if (memcmp(keys[i], keys[j], CARD_KEY_BYTES) == 0)
				return jnode_refuse(at, ST_KEY, "one key stands twice on this card");
	return ST_OK;
}

static enum status read_trustee(struct card *c, const struct jnode *at)
{
	struct jnode curve = jnode_child(at, "curve_key");
	enum status st;

	if ((st = read_suite(c, at)) != ST_OK ||
	    (st = read_enc_key(c, at)) != ST_OK ||
	    (st = read_sign_key(c->node_key, at, "node_key")) != ST_OK ||
	    (st = read_sign_key(c->checkpoint_key, at, "checkpoint_key")) != ST_OK ||
	    (st = jnode_hex(&curve, c->curve_key, CARD_KEY_BYTES)) != ST_OK ||
	    (st = read_address(c, at)) != ST_OK)
		return st;
	if (mem_is_zero(c->curve_key, CARD_KEY_BYTES))
		return jnode_refuse(&curve, ST_KEY, "this CURVE key is zero");
	return check_keys_differ(c, at);
}

/* What is signed: the card without its signature. */
static enum status encode_body(const json_t *card, uint8_t *out, size_t cap, size_t *len)
{
	json_t *body = json_copy((json_t *)card);
	enum status st = ST_NO_MEMORY;

	if (body != NULL) {
		(void)json_object_del(body, "signature");
		st = jnode_encode(body, out, cap, len);
	}
	json_decref(body);
	return st;
}

static enum status read_signature(const struct card *c, const struct jnode *at)
{
	struct jnode node = jnode_child(at, "signature");
	uint8_t body[CARD_BYTES_MAX];
	uint8_t signature[SIGN_BYTES];
	struct message m = { .purpose = "card", .group = c->suite, .body = body };
	enum status st;

	if ((st = jnode_hex(&node, signature, sizeof(signature))) != ST_OK)
		return st;
	if ((st = encode_body(at->json, body, sizeof(body), &m.body_len)) != ST_OK)
		return jnode_refuse(at, st, "this card is longer than %d bytes", CARD_BYTES_MAX);
	if ((st = sign_verify(c->sign_key, signature, &m)) != ST_OK)
		return jnode_refuse(&node, st, "the signature on this card does not hold");
	return ST_OK;
}

enum status card_read_node(struct card *out, const struct jnode *at)
{
	struct jnode role = jnode_child(at, "role");
	const char *name = json_string_value(role.json);
	bool is_trustee = name != NULL && strcmp(name, card_role_name(CARD_TRUSTEE)) == 0;
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = jnode_keys(at, is_trustee ? TRUSTEE_KEYS : OFFICIAL_KEYS, NO_KEYS)) == ST_OK &&
	    (st = read_role(out, at)) == ST_OK &&
	    (st = read_name(out, at)) == ST_OK &&
	    (st = read_sign_key(out->sign_key, at, "signing_key")) == ST_OK &&
	    (st = out->role == CARD_TRUSTEE ? read_trustee(out, at) : ST_OK) == ST_OK)
		st = read_signature(out, at);
	if (st != ST_OK)
		memset(out, 0, sizeof(*out));
	return st;
}

enum status card_read(struct card *out, struct refusal *why, const void *bytes, size_t len)
{
	struct jnode root = { .why = why };
	enum status st;

	memset(out, 0, sizeof(*out));
	if (len > CARD_BYTES_MAX)
		return jnode_refuse(&root, ST_LIMIT, "a card has at most %d bytes", CARD_BYTES_MAX);
	if ((st = jnode_parse(&root, why, bytes, len)) != ST_OK)
		return st;
	if ((st = jnode_canonical(&root, bytes, len)) == ST_OK)
		st = card_read_node(out, &root);
	json_decref(root.json);
	return st;
}

/* --- making -------------------------------------------------------------------------------- */

/* Consumes value; false when there is no memory. */
static bool put(json_t *card, const char *key, json_t *value)
{
	return json_object_set_new(card, key, value) == 0;
}

static enum status put_trustee(json_t *card, struct card *c, const struct scalar *enc)
{
	const struct group *g = c->suite;
	uint8_t proof[POK_BYTES_MAX];
	uint8_t context[POK_CONTEXT_BYTES];
	char address[ADDRESS_TEXT_MAX + 1];
	enum status st;

	if (g == NULL || enc == NULL)
		return ST_INTERNAL;
	group_mul_base(g, &c->enc_key, enc);
	group_encode(g, c->enc_key_bytes, &c->enc_key);
	possession_context(context, c);
	if ((st = pok_prove(g, proof, "card", context, NULL, enc)) != ST_OK)
		return st;
	address_format(address, &c->address);
	if (!put(card, "suite", json_string(group_name(g))) ||
	    !put(card, "encryption_key", jnode_make_hex(c->enc_key_bytes, group_element_len(g))) ||
	    !put(card, "encryption_proof", jnode_make_hex(proof, pok_len(g))) ||
	    !put(card, "node_key", jnode_make_hex(c->node_key, CARD_KEY_BYTES)) ||
	    !put(card, "checkpoint_key", jnode_make_hex(c->checkpoint_key, CARD_KEY_BYTES)) ||
	    !put(card, "curve_key", jnode_make_hex(c->curve_key, CARD_KEY_BYTES)) ||
	    !put(card, "address", json_string(address)))
		return ST_NO_MEMORY;
	return ST_OK;
}

static enum status put_signature(json_t *card, const struct card *c,
                                 const struct sign_secret *sign)
{
	uint8_t body[CARD_BYTES_MAX];
	uint8_t signature[SIGN_BYTES];
	struct message m = { .purpose = "card", .group = c->suite, .body = body };
	enum status st = encode_body(card, body, sizeof(body), &m.body_len);

	if (st != ST_OK)
		return st;
	sign_message(sign, signature, &m);
	return put(card, "signature", jnode_make_hex(signature, sizeof(signature))) ? ST_OK :
	       ST_NO_MEMORY;
}

enum status card_make(uint8_t *out, size_t cap, size_t *len, struct refusal *why,
                      const struct card *draft, const struct sign_secret *sign,
                      const struct scalar *enc)
{
	struct jnode root = { .json = json_object(), .why = why };
	struct card c = *draft;
	struct card again;
	enum status st = ST_NO_MEMORY;

	*len = 0;
	if (c.role != CARD_TRUSTEE)
		c.suite = NULL;
	sign_secret_key(sign, c.sign_key);
	/* json_string refuses what is not UTF-8; a name that it refuses is refused as a text. */
	if (root.json == NULL || !put(root.json, "format", json_string(FORMAT)) ||
	    !put(root.json, "role", json_string(card_role_name(c.role))) ||
	    !put(root.json, "signing_key", jnode_make_hex(c.sign_key, CARD_KEY_BYTES)))
		goto out;
	if (!put(root.json, "name", json_string(c.name))) {
		st = jnode_refuse(&root, ST_DEFINITION, "the name is not UTF-8");
		goto out;
	}
	if ((st = c.role == CARD_TRUSTEE ? put_trustee(root.json, &c, enc) : ST_OK) == ST_OK &&
	    (st = put_signature(root.json, &c, sign)) == ST_OK &&
	    (st = jnode_encode(root.json, out, cap, len)) == ST_OK)
		st = card_read(&again, why, out, *len);
out:
	if (st != ST_OK)
		*len = 0;
	json_decref(root.json);
	return st;
}

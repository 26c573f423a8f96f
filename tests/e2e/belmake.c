/*
 * belmake.c: codes, keys, ballots and partial decryptions of the Belenios dialect, made here, for
 * belenios-tool to judge.
 *
 *	belmake code GROUP UUID                            a fresh code and its public key
 *	belmake key GROUP                                  a secret key; and its public key, as JSON
 *	belmake ballot GROUP UUID FINGERPRINT Y CODE ANSWER...   a ballot, as JSON
 *	belmake share GROUP FINGERPRINT X ALPHA...         factor, challenge, response; a line each
 *	belmake false GROUP FINGERPRINT X ALPHA...         the same with a first factor that is false
 *
 * ANSWER is ANSWERS,MIN,MAX,BLANK:VALUES, such as 3,1,2,0:011.
 *
 * Invariant: keys of elections that nobody holds; arguments are no place for others.
 */
#include "crypto/belenios_answer.h"
#include "crypto/belenios_credential.h"
#include "crypto/belenios_impl.h"
#include "crypto/decimal.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHOICES_MAX = 16, OVERALL_MAX = 16 };

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "belmake: %s\n", what);
	exit(2);
}

static struct element element(const struct group *g, const char *text)
{
	struct element e;

	need(decimal_element_read_var(g, &e, text, strlen(text)) == ST_OK, "not an element");
	return e;
}

static void put_element(FILE *out, const struct group *g, const struct element *e)
{
	char text[DECIMAL_TEXT];

	(void)decimal_element_write_var(g, text, e);
	fputs(text, out);
}

static void put_scalar(FILE *out, const struct group *g, const struct scalar *s)
{
	char text[DECIMAL_TEXT];

	(void)decimal_scalar_write(g, text, s);
	fputs(text, out);
}

static void put_proof(FILE *out, const struct group *g, const struct belenios_proof *p)
{
	fputs("{\"challenge\":\"", out);
	put_scalar(out, g, &p->challenge);
	fputs("\",\"response\":\"", out);
	put_scalar(out, g, &p->response);
	fputs("\"}", out);
}

static void put_proofs(FILE *out, const struct group *g, const struct belenios_proof *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		fputs(i == 0 ? "[" : ",", out);
		put_proof(out, g, &p[i]);
	}
	fputs("]", out);
}

/* --- ballots -------------------------------------------------------------------------------- */

/* One answer and the room for it. */
struct answer {
	struct belenios_question q;
	uint8_t values[CHOICES_MAX];
	struct ciphertext choices[CHOICES_MAX];
	struct belenios_proof individual[CHOICES_MAX][2];
	struct belenios_proof overall[OVERALL_MAX];
	struct belenios_proof blank[2];
	struct scalar r[CHOICES_MAX];
	struct belenios_answer view;
};

/* A number up to the mark, which is passed over. */
static uint32_t number(char **text, char mark)
{
	unsigned long n = strtoul(*text, text, 10);

	need(**text == mark && n <= UINT32_MAX, "not an answer");
	++*text;
	return (uint32_t)n;
}

static void answer_parse(struct answer *a, char *text)
{
	a->q.answers = number(&text, ',');
	a->q.min = number(&text, ',');
	a->q.max = number(&text, ',');
	a->q.blank = number(&text, ':') != 0;
	need(belenios_question_check(&a->q) == ST_OK && belenios_choices(&a->q) <= CHOICES_MAX &&
	     belenios_overall_len(&a->q) <= OVERALL_MAX, "not a question");
	need(strlen(text) == belenios_choices(&a->q), "too many or too few values");
	for (size_t i = 0; i < belenios_choices(&a->q); i++)
		a->values[i] = (uint8_t)(text[i] - '0');
	a->view = (struct belenios_answer){a->choices, a->individual, a->overall,
	                                   a->q.blank ? a->blank : NULL};
}

static void put_answer(FILE *out, const struct group *g, const struct answer *a)
{
	size_t len = belenios_choices(&a->q);

	for (size_t i = 0; i < len; i++) {
		fputs(i == 0 ? "{\"choices\":[{\"alpha\":\"" : ",{\"alpha\":\"", out);
		put_element(out, g, &a->choices[i].a);
		fputs("\",\"beta\":\"", out);
		put_element(out, g, &a->choices[i].b);
		fputs("\"}", out);
	}
	fputs("],\"individual_proofs\":", out);
	for (size_t i = 0; i < len; i++) {
		fputs(i == 0 ? "[" : ",", out);
		put_proofs(out, g, a->individual[i], 2);
	}
	fputs("],\"overall_proof\":", out);
	put_proofs(out, g, a->overall, belenios_overall_len(&a->q));
	if (a->q.blank) {
		fputs(",\"blank_proof\":", out);
		put_proofs(out, g, a->blank, 2);
	}
	fputs("}", out);
}

static void make_answers(FILE *out, const struct belenios_voter *v, char *const *texts, int len)
{
	for (int i = 0; i < len; i++) {
		static struct answer a;

		answer_parse(&a, texts[i]);
		need(belenios_answer_make(v, &a.q, &a.view, a.r, a.values) == ST_OK,
		     "not a legal answer");
		fputs(i == 0 ? "[" : ",", out);
		put_answer(out, v->key->g, &a);
	}
	fputs("]", out);
}

/* args: UUID FINGERPRINT Y CODE ANSWER... */
static void ballot(const struct group *g, char *const *args, int len)
{
	struct element *tables = calloc(orproof_key_room(g), sizeof(*tables));
	struct element y = element(g, args[2]), credential;
	struct belenios_voter v = {.fingerprint = args[1], .credential = &credential};
	struct belenios_proof signature;
	char hash[BELENIOS_HASH_TEXT];
	struct orproof_key key;
	struct scalar secret;
	char *text = NULL;
	size_t text_len = 0;
	FILE *out = open_memstream(&text, &text_len);

	need(tables != NULL && out != NULL, "no memory");
	need(orproof_key_init(&key, tables, g, &y) == ST_OK, "not a key");
	v.key = &key;
	need(belenios_credential_derive(g, &secret, &credential, args[3], strlen(args[3]),
	                                args[0]) == ST_OK, "not a code");
	fprintf(out, "{\"election_uuid\":\"%s\",\"election_hash\":\"%s\",\"credential\":\"", args[0],
	        args[1]);
	put_element(out, g, &credential);
	fputs("\",\"answers\":", out);
	make_answers(out, &v, args + 4, len - 4);
	fputs("}", out);
	need(fclose(out) == 0, "no memory");
	belenios_hash(hash, text, text_len);
	need(belenios_ballot_sign(g, &signature, &secret, hash) == ST_OK, "cannot sign");
	printf("%.*s,\"signature\":{\"hash\":\"%s\",\"proof\":", (int)text_len - 1, text, hash);
	put_proof(stdout, g, &signature);
	puts("}}");
	free(text);
	free(tables);
}

/* --- trustees and credentials --------------------------------------------------------------- */

static void code(const struct group *g, const char *uuid)
{
	char text[BELENIOS_CODE_TEXT];
	struct element pub;
	struct scalar secret;

	belenios_code_generate(text);
	need(belenios_credential_derive(g, &secret, &pub, text, strlen(text), uuid) == ST_OK,
	     "no credential");
	printf("%s ", text);
	put_element(stdout, g, &pub);
	puts("");
}

static void key(const struct group *g)
{
	struct belenios_proof pok;
	struct element pub;
	struct scalar x;

	rng_scalar(g, &x);
	need(belenios_key_prove(g, &pok, &pub, &x) == ST_OK, "no key");
	put_scalar(stdout, g, &x);
	fputs("\n{\"pok\":", stdout);
	put_proof(stdout, g, &pok);
	fputs(",\"public_key\":\"", stdout);
	put_element(stdout, g, &pub);
	puts("\"}");
}

/* A factor that is not x*alpha, with a proof that holds (docs/belenios.md, "what a challenge leaves
 * out"). */
static void forge(const struct group *g, struct element *factor, struct belenios_proof *out,
                  const struct scalar *x, const struct element *pub, const char *fingerprint,
                  const struct element *alpha)
{
	struct scalar w, w2, inverse;
	struct element a, b;
	struct hash h;

	rng_scalar(g, &w);
	rng_scalar(g, &w2);
	group_mul_base(g, &a, &w);
	group_mul(g, &b, alpha, &w2);
	hash256_init(&h);
	belenios_text(&h, "decrypt|");
	belenios_text(&h, fingerprint);
	belenios_text(&h, "|");
	belenios_text_element(&h, g, pub);
	belenios_text(&h, "|");
	belenios_text_element(&h, g, &a);
	belenios_text(&h, ",");
	belenios_text_element(&h, g, &b);
	belenios_challenge(g, &out->challenge, &h);
	group_scalar_mul(g, &out->response, &out->challenge, x);
	group_scalar_sub(g, &out->response, &w, &out->response);
	group_scalar_sub(g, &w2, &w2, &out->response);
	group_scalar_inv(g, &inverse, &out->challenge);
	group_scalar_mul(g, &w2, &w2, &inverse);
	group_mul(g, factor, alpha, &w2);
}

/* args: FINGERPRINT X ALPHA... */
static void share(const struct group *g, char *const *args, int len, bool is_false)
{
	struct belenios_proof proof;
	struct element pub, factor;
	struct scalar x;

	need(decimal_scalar_read(g, &x, args[1], strlen(args[1])) == ST_OK, "not a key");
	group_mul_base(g, &pub, &x);
	for (int i = 2; i < len; i++) {
		struct element alpha = element(g, args[i]);

		need(belenios_decrypt(g, &factor, &proof, &x, &pub, args[0], &alpha) == ST_OK,
		     "cannot decrypt");
		if (is_false && i == 2)
			forge(g, &factor, &proof, &x, &pub, args[0], &alpha);
		put_element(stdout, g, &factor);
		fputs(" ", stdout);
		put_scalar(stdout, g, &proof.challenge);
		fputs(" ", stdout);
		put_scalar(stdout, g, &proof.response);
		puts("");
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	const struct group *g = argc > 2 ? belenios_group(argv[2]) : NULL;

	need(g != NULL, "usage: belmake code|key|ballot|share|false GROUP ...");
	need(crypto_init() == ST_OK, "cannot start");
	if (strcmp(what, "code") == 0 && argc == 4)
		code(g, argv[3]);
	else if (strcmp(what, "key") == 0 && argc == 3)
		key(g);
	else if (strcmp(what, "ballot") == 0 && argc > 7)
		ballot(g, argv + 3, argc - 3);
	else if ((strcmp(what, "share") == 0 || strcmp(what, "false") == 0) && argc > 5)
		share(g, argv + 3, argc - 3, strcmp(what, "false") == 0);
	else
		need(false, "usage: belmake code|key|ballot|share|false GROUP ...");
	return 0;
}

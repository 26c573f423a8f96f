/*
 * cmd_propose.c: propose, device.
 */
#include "tally-server/officer/officer.h"

#include "common/wire/pubfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status open_election(struct audit *a, const struct election_params **p, struct fault *fault)
{
	uint8_t print[32];
	enum status st;

	*a = (struct audit){ .verdict = AUDIT_UNDECIDED };
	*p = NULL;
	if ((st = office_fingerprint(print, opt.fingerprint, fault)) != ST_OK ||
	    (st = office_archive(a, opt.archive, print, fault)) != ST_OK)
		return st;
	*p = election_params(a->election);
	return ST_OK;
}

void close_election(struct audit *a, const struct election_params *p)
{
	params_unref(p);
	audit_free(a);
}

/* --- propose --------------------------------------------------------------------------------- */

static enum tx_type step_of(const char *name)
{
	static const enum tx_type STEPS[] = { TX_ADVANCE, TX_OPEN, TX_CLOSE, TX_END, TX_RESULT };

	for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++)
		if (strcmp(tx_type_name(STEPS[i]), name) == 0)
			return STEPS[i];
	return TX_GENESIS;
}

static enum status propose(const struct audit *a, uint8_t *tx, uint8_t *out, size_t *len,
                           struct fault *fault)
{
	struct proposal p;
	enum tx_type type = step_of(opt.files.word[0]);
	enum status st;

	if (type == TX_GENESIS || opt.files.count != 1) {
		(void)fault_set(fault, ST_USAGE, "\"%.40s\" is no step", opt.files.word[0]);
		fault_next(fault, "Say one of: advance, open, close, end, result.");
		return ST_USAGE;
	}
	st = act_propose(a->election, type, tx, LIMIT_TX_BYTES, &p.tx_len);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "it is not the time for \"%s\": %s", tx_type_name(type),
		                status_text(st));
		fault_why(fault, "The election is in the phase: %s.",
		          election_phase_name(election_phase(a->election)));
		fault_next(fault, "tally-trustee inspect %s shows what is missing.", opt.archive);
		return st;
	}
	p.tx = tx;
	memcpy(p.election_id, a->manifest->election_id, sizeof(p.election_id));
	return proposal_encode(&p, out, LIMIT_TX_BYTES, len);
}

static enum status read_approval(struct approval *out, const char *path, struct fault *fault)
{
	uint8_t *bytes;
	size_t len;
	enum status st = office_read(&bytes, &len, path, APPROVAL_BYTES, fault);

	if (st != ST_OK)
		return st;
	if ((st = approval_decode(out, bytes, len)) != ST_OK)
		(void)fault_set(fault, st, "%s is no approval", path);
	free(bytes);
	return st;
}

static enum status combine(const struct election_params *params, uint8_t *out, size_t *len,
                           struct fault *fault)
{
	struct approval approvals[LIMIT_TRUSTEES];
	struct proposal p;
	uint8_t *file;
	size_t file_len, bad = 0;
	enum status st;

	for (size_t i = 0; i < opt.files.count; i++)
		if ((st = read_approval(&approvals[i], opt.files.word[i], fault)) != ST_OK)
			return st;
	if ((st = office_read(&file, &file_len, opt.combine, PROPOSAL_BYTES_MAX, fault)) != ST_OK)
		return st;
	if ((st = proposal_decode(&p, file, file_len)) != ST_OK)
		(void)fault_set(fault, st, "%s is no proposal", opt.combine);
	else if ((st = act_combine(params, &p, approvals, opt.files.count, out, LIMIT_TX_BYTES, len,
	                           &bad)) != ST_OK)
		(void)fault_set(fault, st, "%s: %s", bad < opt.files.count ? opt.files.word[bad] :
		                "the approvals together", status_text(st));
	free(file);
	return st;
}

int run_propose(void)
{
	const struct election_params *params;
	struct fault fault = { 0 };
	struct audit a;
	uint8_t *tx = malloc(LIMIT_TX_BYTES);
	uint8_t *out = malloc(LIMIT_TX_BYTES);
	size_t len = 0;
	enum status st = open_election(&a, &params, &fault);

	if (st == ST_OK && (tx == NULL || out == NULL))
		st = fault_set(&fault, ST_NO_MEMORY, "not enough memory");
	if (st == ST_OK)
		st = opt.combine == NULL ? propose(&a, tx, out, &len, &fault) :
		     combine(params, out, &len, &fault);
	if (st == ST_OK)
		st = office_write(opt.out, out, len, &fault);
	close_election(&a, params);
	free(tx);
	free(out);
	if (st != ST_OK)
		return cli_fault(&fault);
	if (opt.combine == NULL)
		printf("proposal=%s\nNext: trustees look at it and sign: tally-trustee approve --key KEY "
		       "--archive %s --out APPROVAL %s\n", opt.out, opt.archive, opt.out);
	else
		printf("transaction=%s\nNext: a node submits it: tally-server submit --config node.ini "
		       "%s\n", opt.out, opt.out);
	return cli_done(CLI_YES);
}

/* --- device ---------------------------------------------------------------------------------- */

static enum status read_kiosk(struct pubfile *pub, struct fault *fault)
{
	uint8_t *text;
	size_t len;
	enum status st = office_read(&text, &len, opt.kiosk_keys, PUBFILE_TEXT_MAX, fault);

	if (st != ST_OK)
		return st;
	st = pubfile_parse(pub, (const char *)text, len);
	free(text);
	if (st == ST_OK && pub->is_kiosk)
		return ST_OK;
	(void)fault_set(fault, ST_FORMAT, "%s does not hold a kiosk's public keys", opt.kiosk_keys);
	fault_next(fault, "Make them on the kiosk: voter-client keygen");
	return ST_FORMAT;
}

static enum status make_device(const struct election_params *params, struct fault *fault)
{
	uint8_t tx[1024];
	struct sign_secret secret;
	struct pubfile pub;
	struct keyfile *k;
	uint8_t key[SIGN_KEY_BYTES];
	struct writer w;
	size_t len;
	enum status st;

	if ((st = read_kiosk(&pub, fault)) != ST_OK ||
	    (st = office_key(&k, opt.key, KEYFILE_OFFICER, opt.passphrase_file, fault)) != ST_OK)
		return st;
	writer_init(&w, tx, sizeof(tx));
	tx_begin(&w, TX_DEVICE);
	tx_device_body(&w, (uint16_t)opt.kiosk, pub.signing, pub.transport, opt.label);
	sign_from_seed(&secret, key, k->sign_seed);
	if ((st = writer_end(&w, &len)) == ST_OK)
		st = act_sign(params, tx, &len, sizeof(tx), &secret);
	sign_secret_wipe(&secret);
	office_forget(k);
	if (st != ST_OK)
		return fault_set(fault, st, "the label is too long");
	return office_write(opt.out, tx, len, fault);
}

int run_device(void)
{
	const struct election_params *params;
	struct fault fault = { 0 };
	struct audit a;
	enum status st = open_election(&a, &params, &fault);

	if (st == ST_OK && !check_is_of_phase(TX_DEVICE, params->phase)) {
		st = fault_set(&fault, ST_PHASE, "kiosks are admitted from enrolment to the end");
		fault_why(&fault, "The election is in the phase: %s.", election_phase_name(params->phase));
	}
	if (st == ST_OK)
		st = make_device(params, &fault);
	close_election(&a, params);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("transaction=%s\nNext: a node submits it: tally-server submit --config node.ini %s\n",
	       opt.out, opt.out);
	return cli_done(CLI_YES);
}

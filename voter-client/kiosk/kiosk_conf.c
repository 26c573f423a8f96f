/*
 * kiosk_conf.c: see kiosk_conf.h.
 */
#include "voter-client/kiosk/kiosk_conf.h"

#include "common/election/office.h"

#include <stdlib.h>
#include <string.h>

static const char TERMINAL[] = "/dev/tty";

const struct conf_key kiosk_keys[] = {
	{ "kiosk", "number", CONF_NUMBER, NULL, 0, LIMIT_KIOSKS - 1,
	  "the kiosk's number, as the officer registered it" },
	{ "kiosk", "manifest", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES, "the election: manifest.json" },
	{ "kiosk", "fingerprint", CONF_TEXT, NULL, 64, 120, "of the election, from the poster" },
	{ "kiosk", "key", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES, "the sealed key file: kiosk.key" },
	{ "kiosk", "passphrase_file", CONF_PATH, TERMINAL, 1, LIMIT_PATH_BYTES,
	  "a file whose one line opens the key; asked for on the terminal when left out" },
	{ "kiosk", "spool", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES,
	  "a folder for what must not be forgotten" },
	{ "kiosk", "receipts", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES,
	  "a folder for receipts and opened tests" },
	{ "kiosk", "slips", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES, "a folder for slips" },
	{ "kiosk", "language", CONF_TEXT, "", 0, LIMIT_LANGUAGE_BYTES,
	  "of the names on the screen; the election's first when left out" },
	{ "kiosk", "idle_s", CONF_NUMBER, "180", 120, 300,
	  "seconds without a key until \"Are you still voting?\"" },
	{ "kiosk", "warn_s", CONF_NUMBER, "45", 20, 45,
	  "seconds from there until everything is cleared" },
	{ NULL, NULL, CONF_TEXT, NULL, 0, 0, NULL }
};

static enum status load_manifest(struct kiosk *k, struct fault *fault)
{
	const char *path = conf_path(&k->conf, "kiosk", "manifest");
	struct refusal why = { "", "", 0 };
	uint8_t wanted[32];
	uint8_t *bytes = NULL;
	size_t len;
	enum status st;

	if ((st = office_fingerprint(wanted, conf_text(&k->conf, "kiosk", "fingerprint"),
	                             fault)) != ST_OK ||
	    (st = office_read(&bytes, &len, path, LIMIT_MANIFEST_BYTES, fault)) != ST_OK)
		return st;
	if ((st = manifest_load(&k->manifest, &why, bytes, len)) != ST_OK) {
		(void)fault_set(fault, st, "%s is no manifest: %s %s", path, why.path, why.reason);
		fault_next(fault, "Copy manifest.json from the election officer again.");
	} else if (memcmp(wanted, k->manifest->election_id, sizeof(wanted)) != 0) {
		st = fault_set(fault, ST_ELECTION, "%s is not the election with that fingerprint", path);
		fault_why(fault, "Voters would vote in an election that is not the one on the poster.");
		fault_next(fault, "Compare the fingerprint with the poster, and copy the right "
		           "manifest.json.");
	}
	free(bytes);
	return st;
}

static enum status choose_language(struct kiosk *k, struct fault *fault)
{
	const char *language = conf_text(&k->conf, "kiosk", "language");
	uint16_t i = language[0] == '\0' ? 0 : manifest_find_language(k->manifest, language);

	if (i == MANIFEST_NONE) {
		(void)fault_set(fault, ST_CONFIG, "%s: the election has no language \"%s\"",
		                conf_origin(&k->conf, "kiosk", "language"), language);
		fault_next(fault, "Choose one of the manifest's, such as %s.", k->manifest->languages[0]);
		return ST_CONFIG;
	}
	k->session.language = i;
	return ST_OK;
}

enum status kiosk_load(struct kiosk *k, const char *path, struct fault *fault)
{
	const char *passphrase;
	enum status st;

	memset(k, 0, sizeof(*k));
	conf_init(&k->conf, kiosk_keys);
	if ((st = conf_load(&k->conf, path, fault)) != ST_OK ||
	    (st = load_manifest(k, fault)) != ST_OK)
		return st;
	passphrase = conf_path(&k->conf, "kiosk", "passphrase_file");
	if ((st = office_key(&k->key, conf_path(&k->conf, "kiosk", "key"), KEYFILE_KIOSK,
	                     strcmp(passphrase, TERMINAL) == 0 ? NULL : passphrase, fault)) != ST_OK)
		return st;
	k->session = (struct session_config){
		.manifest = k->manifest,
		.kiosk = (uint16_t)conf_number(&k->conf, "kiosk", "number"),
		.idle_ms = (uint32_t)conf_number(&k->conf, "kiosk", "idle_s") * 1000,
		.warn_ms = (uint32_t)conf_number(&k->conf, "kiosk", "warn_s") * 1000,
		.patience_ms = SESSION_PATIENCE_MS, .end_ms = SESSION_END_MS,
	};
	k->spool = conf_path(&k->conf, "kiosk", "spool");
	k->receipts = conf_path(&k->conf, "kiosk", "receipts");
	k->slips = conf_path(&k->conf, "kiosk", "slips");
	return choose_language(k, fault);
}

void kiosk_unload(struct kiosk *k)
{
	office_forget(k->key);
	manifest_free(k->manifest);
	conf_free(&k->conf);
	memset(k, 0, sizeof(*k));
}

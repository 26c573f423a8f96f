/*
 * cmd_enrol.c: the registrar makes credentials, printable cards and the roll.
 *
 * A line of the voters' file is a style's id, a weight and an optional note for the envelope (a
 * number, never printed on a card and never on the chain).  Codes exist in memory until their card
 * is written; the roll holds only public keys, in the order of the keys.
 *
 * Everything is written into OUT.part, which takes the name OUT when it is whole: cards of an
 * enrolment that was interrupted are on no roll, and nobody is to print them.  The next run removes
 * them.
 *
 * Invariant: OUT is not there, or holds every card and the whole roll.
 */
#include "tally-server/officer/officer.h"

#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/base/number.h"
#include "common/election/credential.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct enrolment {
	char part[LIMIT_PATH_BYTES];     /* OUT.part */
	char cards[LIMIT_PATH_BYTES];    /* OUT.part/cards */
	int lock;
	const struct manifest *m;
	const struct election_params *params;
	struct sign_secret secret;
	uint8_t *entries;
	size_t entry_len;
	size_t count;
	size_t cap;
};

/* One line, without its end: "style weight note...". */
static enum status parse_line(struct enrolment *en, char *line, struct roll_entry *entry,
                              const char **note)
{
	char *weight = strchr(line, ' ');
	char *rest;
	uint64_t number;

	if (weight == NULL)
		return ST_FORMAT;
	*weight++ = '\0';
	rest = strchr(weight, ' ');
	if (rest != NULL)
		*rest++ = '\0';
	*note = rest == NULL ? "" : rest;
	entry->style = manifest_find_style(en->m, line);
	if (entry->style == MANIFEST_NONE)
		return ST_STYLE;
	if (number_decode(&number, weight, strlen(weight), LIMIT_WEIGHT) != ST_OK || number == 0)
		return ST_RANGE;
	entry->weight = (uint32_t)number;
	return ST_OK;
}

static enum status grow(struct enrolment *en)
{
	size_t cap = en->cap == 0 ? 256 : 2 * en->cap;
	uint8_t *bigger;

	if (en->count < en->cap)
		return ST_OK;
	bigger = realloc(en->entries, cap * en->entry_len);
	if (bigger == NULL)
		return ST_NO_MEMORY;
	en->entries = bigger;
	en->cap = cap;
	return ST_OK;
}

/* The card: what a voter is handed.  Plain text that any printer prints. */
static enum status write_card(const struct enrolment *en, const struct credential_code *code,
                              const struct credential *c, uint16_t style, const char *note)
{
	char text[CREDENTIAL_CODE_TEXT], print[CREDENTIAL_FINGERPRINT_TEXT];
	char path[LIMIT_PATH_BYTES], card[1024];
	uint64_t fingerprint = credential_fingerprint(en->m->election_id, c->key_bytes,
	                                              group_element_len(en->m->suite));
	int n, len;
	enum status st;

	credential_code_format(text, code);
	credential_fingerprint_format(print, fingerprint);
	n = snprintf(path, sizeof(path), "%s/%04zu.card", en->cards, en->count + 1);
	len = snprintf(card, sizeof(card),
	               "%s\n\nYour voting code\n\n    %s\n\nFingerprint   %s\nBallot style  %s\n"
	               "%s%s%s\nKeep this card.  Compare its fingerprint with the slip that the kiosk "
	               "prints.\n", en->m->title.in[0], text, print, en->m->styles[style].id,
	               note[0] == '\0' ? "" : "Envelope      ", note, note[0] == '\0' ? "" : "\n");
	st = n < 0 || (size_t)n >= sizeof(path) || len < 0 || (size_t)len >= sizeof(card) ?
	     ST_LIMIT : file_write(path, card, (size_t)len, FILE_NEW, FILE_PRIVATE);
	mem_wipe(text, sizeof(text));
	mem_wipe(card, sizeof(card));
	return st;
}

static enum status enrol_one(struct enrolment *en, struct roll_entry *entry, const char *note)
{
	struct credential_code code;
	struct credential c;
	struct writer w;
	enum status st;

	if ((st = grow(en)) != ST_OK)
		return st;
	credential_code_generate(&code);
	if ((st = credential_derive(&c, en->m->suite, en->m->election_id, &code)) == ST_OK &&
	    (st = write_card(en, &code, &c, entry->style, note)) == ST_OK) {
		entry->key = c.key_bytes;
		writer_init(&w, en->entries + en->count * en->entry_len, en->entry_len);
		roll_entry_write(&w, en->m->suite, entry);
		en->count++;
	}
	mem_wipe(&code, sizeof(code));
	credential_wipe(&c);
	return st;
}

static enum status enrol_all(struct enrolment *en, char *text, struct fault *fault)
{
	unsigned int number = 0;
	char *next;
	enum status st;

	for (char *line = text; *line != '\0'; line = next) {
		struct roll_entry entry;
		const char *note;
		char *end = strchr(line, '\n');

		number++;
		next = end == NULL ? line + strlen(line) : end + 1;
		if (end != NULL)
			*end = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (en->count == LIMIT_VOTERS)
			return fault_set(fault, ST_LIMIT, "more than %d voters", (int)LIMIT_VOTERS);
		if ((st = parse_line(en, line, &entry, &note)) != ST_OK) {
			(void)fault_set(fault, st, "%s:%u: %s", opt.voters, number,
			                st == ST_STYLE ? "there is no such ballot style" :
			                "not \"STYLE WEIGHT NOTE\"");
			fault_next(fault, "Correct the line, and enrol again.");
			return st;
		}
		if ((st = enrol_one(en, &entry, note)) != ST_OK)
			return fault_set(fault, st, "a card cannot be written in %s", en->cards);
		crash_point("enrol-card");
	}
	return ST_OK;
}

/* --- the roll -------------------------------------------------------------------------------- */

static enum status check_roll(const struct enrolment *en, struct fault *fault)
{
	const struct roll_chunk all = { .entries = en->entries, .len = en->count * en->entry_len };
	struct refusal why = { "", "", 0 };
	struct roll *roll;
	enum status st = roll_assemble(&roll, &why, en->m, &all, 1);

	if (st != ST_OK) {
		(void)fault_set(fault, st, "the roll is refused: %s %s", why.path, why.reason);
		fault_next(fault, "Correct %s, and enrol again.", opt.voters);
		return st;
	}
	printf("voters=%u\nweight_sum=%llu\n", roll->count, (unsigned long long)roll->weight_sum);
	roll_free(roll);
	return ST_OK;
}

static enum status write_chunk(const struct enrolment *en, uint8_t *tx, size_t index, size_t total,
                               size_t first, size_t entries, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	struct writer w;
	size_t len;
	enum status st;

	writer_init(&w, tx, LIMIT_TX_BYTES);
	tx_begin(&w, TX_ROLL);
	tx_roll_body(&w, (uint16_t)index, (uint16_t)total, en->entries + first * en->entry_len,
	             entries * en->entry_len);
	if ((st = writer_end(&w, &len)) != ST_OK ||
	    (st = act_sign(en->params, tx, &len, LIMIT_TX_BYTES, &en->secret)) != ST_OK)
		return fault_set(fault, st, "a chunk of the roll cannot be made");
	(void)snprintf(path, sizeof(path), "%.3900s/roll-%04zu.tx", en->part, index);
	st = office_write(path, tx, len, fault);
	crash_point("enrol-roll");
	return st;
}

static enum status write_roll(struct enrolment *en, struct fault *fault)
{
	size_t most = roll_chunk_entries_max(en->m->suite);
	size_t total = (en->count + most - 1) / most;
	uint8_t *tx = malloc(LIMIT_TX_BYTES);
	enum status st = tx == NULL ? ST_NO_MEMORY : ST_OK;

	roll_sort(en->m->suite, en->entries, en->count);
	if (st == ST_OK)
		st = check_roll(en, fault);
	for (size_t i = 0; st == ST_OK && i < total; i++) {
		size_t left = en->count - i * most;

		st = write_chunk(en, tx, i, total, i * most, left < most ? left : most, fault);
	}
	free(tx);
	return st;
}

/* --- the folder ------------------------------------------------------------------------------ */

static bool is_ours(const char *name)
{
	size_t len = strlen(name);

	return (len > 5 && strcmp(name + len - 5, ".card") == 0) ||
	       (strncmp(name, "roll-", 5) == 0 && strcmp(name + len - 3, ".tx") == 0);
}

/* What an interrupted enrolment made. */
static enum status empty(const char *folder)
{
	struct file_names names = { NULL, 0 };
	char path[LIMIT_PATH_BYTES];
	enum status st = file_sweep(folder);

	if (st != ST_OK || (st = file_list(&names, folder, LIMIT_VOTERS + 16)) != ST_OK)
		return st == ST_NOT_FOUND ? ST_OK : st;
	for (size_t i = 0; st == ST_OK && i < names.count; i++)
		if (is_ours(names.name[i]) &&
		    (st = file_join(path, sizeof(path), folder, names.name[i])) == ST_OK &&
		    unlink(path) != 0)
			st = ST_IO;
	file_names_free(&names);
	return st;
}

static enum status make_folders(struct enrolment *en)
{
	char lock[LIMIT_PATH_BYTES];
	int n = snprintf(en->part, sizeof(en->part), "%s.part", opt.out);
	enum status st;

	if (n < 0 || (size_t)n >= sizeof(en->part))
		return ST_LIMIT;
	if (file_is_there(opt.out))
		return ST_EXISTS;
	if ((st = file_make_folder(en->part, FILE_PRIVATE)) == ST_EXISTS)
		st = ST_OK;
	if (st != ST_OK ||
	    (st = file_join(en->cards, sizeof(en->cards), en->part, "cards")) != ST_OK ||
	    (st = file_join(lock, sizeof(lock), en->part, "lock")) != ST_OK ||
	    (st = file_lock(&en->lock, lock)) != ST_OK ||
	    (st = empty(en->part)) != ST_OK || (st = empty(en->cards)) != ST_OK)
		return st;
	st = file_make_folder(en->cards, FILE_PRIVATE);
	return st == ST_EXISTS ? ST_OK : st;
}

/* Whole: now it may be seen. */
static enum status name_folder(struct fault *fault, const struct enrolment *en)
{
	char lock[LIMIT_PATH_BYTES];
	enum status st;

	crash_point("enrol-made");
	if ((st = file_join(lock, sizeof(lock), opt.out, "lock")) != ST_OK ||
	    (st = file_rename_folder(en->part, opt.out)) != ST_OK)
		return fault_set(fault, st, "%s cannot be named %s: %s", en->part, opt.out,
		                 status_text(st));
	crash_point("enrol-named");
	(void)unlink(lock);
	return ST_OK;
}

static enum status enrol(struct enrolment *en, struct fault *fault)
{
	struct keyfile *k = NULL;
	uint8_t *text = NULL;
	uint8_t key[SIGN_KEY_BYTES];
	size_t len;
	enum status st;

	if ((st = office_read(&text, &len, opt.voters, 64 << 20, fault)) != ST_OK ||
	    (st = office_key(&k, opt.key, KEYFILE_REGISTRAR, opt.passphrase_file, fault)) != ST_OK)
		goto out;
	sign_from_seed(&en->secret, key, k->sign_seed);
	if (memcmp(key, en->m->registrar->sign_key, sizeof(key)) != 0) {
		st = fault_set(fault, ST_ROLE, "this is not the registrar's key of this election");
		goto out;
	}
	if ((st = make_folders(en)) != ST_OK) {
		(void)fault_set(fault, st, "the folder %s cannot be made: %s", opt.out,
		                status_text(st));
		fault_next(fault, st == ST_AGAIN ? "Another enrolment is writing it." :
		           "Choose a folder that is not there yet.");
		goto out;
	}
	if ((st = enrol_all(en, (char *)text, fault)) == ST_OK &&
	    (st = write_roll(en, fault)) == ST_OK)
		st = name_folder(fault, en);
out:
	file_unlock(en->lock);
	free(text);
	office_forget(k);
	sign_secret_wipe(&en->secret);
	return st;
}

int run_enrol(void)
{
	struct enrolment en = { .lock = -1 };
	struct fault fault = { 0 };
	struct audit a;
	enum status st = open_election(&a, &en.params, &fault);

	if (st == ST_OK && en.params->phase != PHASE_ENROL) {
		st = fault_set(&fault, ST_PHASE, "voters are enrolled after the key ceremony and before "
		               "the polls open");
		fault_why(&fault, "The election is in the phase: %s.",
		          election_phase_name(en.params->phase));
	}
	if (st == ST_OK) {
		en.m = a.manifest;
		en.entry_len = roll_entry_len(en.m->suite);
		st = enrol(&en, &fault);
	}
	free(en.entries);
	close_election(&a, en.params);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("cards=%s/cards\nNext: print and hand out the cards; a node submits the roll:\n"
	       "      tally-server submit --config node.ini %s/roll-*.tx\n", opt.out, opt.out);
	return cli_done(CLI_YES);
}

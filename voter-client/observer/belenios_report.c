/*
 * belenios_report.c: what was found in a Belenios archive, as JSON for programs.
 */
#include "voter-client/observer/belenios.h"

#include "common/base/hex.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

static json_t *json_lines(const struct bel_audit *a)
{
	json_t *list = json_array();

	for (int i = 0; i < BEL_CHECKS; i++)
		json_array_append_new(list, json_pack(
			"{s:i, s:s, s:s, s:I, s:s}", "number", i + 1,
			"name", bel_check_name((enum bel_check)i),
			"outcome", belenios_outcome_word(a->lines[i].outcome),
			"count", (json_int_t)a->lines[i].count,
			"shows", bel_check_text((enum bel_check)i)));
	return list;
}

/* As Belenios orders them: the blank votes first.  null where we could not check. */
static json_t *json_counts(const struct bel_audit *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->election->questions_len; i++) {
		const struct bel_question *q = &a->election->questions[i];
		json_t *counts;

		if (q->skipped) {
			json_array_append_new(list, json_null());
			continue;
		}
		counts = json_array();
		for (size_t k = 0; k < belenios_choices(&q->rule); k++)
			json_array_append_new(counts, json_integer((json_int_t)a->counts[q->first + k]));
		json_array_append_new(list, counts);
	}
	return list;
}

static void add_failure(json_t *root, const struct bel_audit *a)
{
	json_object_set_new(root, "failure", json_pack(
		"{s:s, s:s, s:s, s:I, s:I}", "check", bel_check_name(a->failed),
		"reason", status_name(a->failed_st), "where", a->detail,
		"height", (json_int_t)a->failed_event, "offset", (json_int_t)a->failed_offset));
}

static void add_election(json_t *root, const struct bel_audit *a)
{
	json_object_set_new(root, "fingerprint", json_string(a->election->fingerprint));
	json_object_set_new(root, "uuid", json_stringn(a->election->uuid.at, a->election->uuid.len));
	if (a->roll == NULL)
		return;
	json_object_set_new(root, "credentials", json_string(a->roll->fingerprint));
	json_object_set_new(root, "turnout", json_pack(
		"{s:I, s:I, s:I, s:I}", "voters", (json_int_t)a->roll->len,
		"ballots", (json_int_t)a->ballots, "live", (json_int_t)a->counted,
		"weight", (json_int_t)a->weight));
}

enum status print_belenios_json(const struct bel_audit *a)
{
	static const char *const WORD[] = { [BEL_GOOD] = "yes", [BEL_PROBLEM] = "no",
	                                    [BEL_UNDECIDED] = "cannot-tell" };
	json_t *root = json_object();
	char head[65];
	int failed;

	hex_encode(head, a->head, sizeof(a->head));
	json_object_set_new(root, "format", json_string("belenios"));
	json_object_set_new(root, "verdict", json_string(WORD[a->verdict]));
	json_object_set_new(root, "events", json_integer((json_int_t)a->events));
	json_object_set_new(root, "head", json_string(head));
	json_object_set_new(root, "checks", json_lines(a));
	if (a->election != NULL)
		add_election(root, a);
	if (a->verdict == BEL_PROBLEM)
		add_failure(root, a);
	else if (a->counts != NULL)
		json_object_set_new(root, "result", json_counts(a));
	failed = json_dumpf(root, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
	printf("\n");
	json_decref(root);
	return failed == 0 ? ST_OK : ST_IO;
}

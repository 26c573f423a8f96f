/*
 * report.c: what was found, as JSON for programs: the only jansson of the observer.
 */
#include "voter-client/observer/observer.h"

#include "common/base/hex.h"

#include <stdio.h>

#include <jansson.h>

static json_t *json_checks(const struct audit *a)
{
	json_t *list = json_array();

	for (int i = 0; i < AUDIT_CHECKS; i++)
		json_array_append_new(list, json_pack(
			"{s:i, s:s, s:s, s:I, s:s}", "number", i + 1,
			"name", audit_check_name((enum audit_check)i),
			"outcome", outcome_word(a->lines[i].outcome),
			"count", (json_int_t)a->lines[i].count,
			"shows", audit_check_text((enum audit_check)i)));
	return list;
}

static json_t *json_incidents(const struct audit *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->incidents_len; i++)
		json_array_append_new(list, json_string(a->incidents[i].text));
	return list;
}

/* Nobody is named by a number alone: "trustee 2", "node 2", "kiosk 17". */
static json_t *json_report(const struct audit_report *r)
{
	char by[PARTY_TEXT], about[PARTY_TEXT], hex[2 * TX_ID_BYTES + 1];
	json_t *out;

	party_text(by, &r->by);
	party_text(about, &r->about);
	hex_encode(hex, r->tx, sizeof(r->tx));
	out = json_pack("{s:s, s:s, s:s, s:I}", "type", tx_type_name(r->type),
	                "weight", r->type == TX_EVIDENCE ? "proof" : "claim", "by", by,
	                "height", (json_int_t)r->height);
	if (r->has_about)
		json_object_set_new(out, "about", json_string(about));
	if (r->type == TX_EVIDENCE)
		json_object_set_new(out, "kind", json_string(evidence_kind_name(r->kind)));
	else
		json_object_set_new(out, "text", json_string(r->text));
	if (r->type == TX_INCIDENT)
		json_object_set_new(out, "category", json_string(incident_name(r->category)));
	if (r->has_tx)
		json_object_set_new(out, "transaction", json_string(hex));
	return out;
}

static json_t *json_reports(const struct audit *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->reports_len; i++)
		json_array_append_new(list, json_report(&a->reports[i]));
	return list;
}

static json_t *json_group(const struct audit *a, const struct tally_group *group,
                          const uint64_t *counts)
{
	const struct manifest_contest *c = &a->manifest->contests[group->contest];
	json_t *list = json_array();

	for (uint16_t s = 0; !group->withheld && s < c->ciphertexts_len; s++)
		json_array_append_new(list, json_pack(
			"{s:s, s:I}", "option",
			c->blank && s == 0 ? "blank" : c->options[s - (c->blank ? 1 : 0)].id,
			"count", (json_int_t)counts[group->first + s]));
	return json_pack("{s:s, s:s, s:i, s:I, s:b, s:o}", "contest", c->id,
	                 "unit", a->manifest->units[group->unit].id, "ballots", (int)group->ballots,
	                 "weight", (json_int_t)group->weight, "withheld", (int)group->withheld,
	                 "counts", list);
}

static void json_add_result(json_t *root, const struct audit *a)
{
	const struct tally *t = election_tally(a->election);
	const uint64_t *counts;
	json_t *list = json_array();
	struct state_summary s;
	uint32_t len;

	counts = election_result(a->election, &len);
	election_summary(a->election, &s);
	for (size_t g = 0; g < t->groups_len; g++)
		json_array_append_new(list, json_group(a, &t->groups[g], counts));
	json_object_set_new(root, "result", list);
	json_object_set_new(root, "turnout", json_pack(
		"{s:i, s:i, s:i, s:i}", "voters", (int)s.roll_count, "live", (int)s.live,
		"replaced", (int)(s.ballots - s.live), "tests", (int)s.tests));
}

static void json_add_failure(json_t *root, const struct audit *a)
{
	json_t *failure = json_pack("{s:s, s:s, s:I, s:I}", "check", audit_check_name(a->failed),
	                            "reason", status_name(a->failed_st),
	                            "height", (json_int_t)a->failed_height,
	                            "offset", (json_int_t)a->failed_offset);

	if (a->failed_item != CHAIN_NO_ITEM)
		json_object_set_new(failure, "item", json_integer((json_int_t)a->failed_item));
	json_object_set_new(root, "failure", failure);
}

enum status print_json(const struct audit *a)
{
	static const char *const WORD[] = { [AUDIT_GOOD] = "yes", [AUDIT_PROBLEM] = "no",
	                                    [AUDIT_UNDECIDED] = "cannot-tell" };
	char id[65] = "", head[65];
	json_t *root = json_object();
	int failed;

	hex_encode(head, a->head_id, sizeof(a->head_id));
	if (a->manifest != NULL)
		hex_encode(id, a->manifest->election_id, 32);
	json_object_set_new(root, "verdict", json_string(WORD[a->verdict]));
	json_object_set_new(root, "fingerprint", json_string(id));
	json_object_set_new(root, "blocks", json_integer((json_int_t)a->blocks));
	json_object_set_new(root, "head", json_string(head));
	json_object_set_new(root, "checks", json_checks(a));
	json_object_set_new(root, "vouched", json_pack(
		"{s:i, s:i}", "end", (int)audit_cosigners(a, COSIGNED_END),
		"result", (int)audit_cosigners(a, COSIGNED_RESULT)));
	json_object_set_new(root, "incidents", json_incidents(a));
	json_object_set_new(root, "reports", json_reports(a));
	if (a->verdict == AUDIT_PROBLEM)
		json_add_failure(root, a);
	else if (a->election != NULL && election_phase(a->election) == PHASE_FINAL)
		json_add_result(root, a);
	failed = json_dumpf(root, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
	printf("\n");
	json_decref(root);
	return failed == 0 ? ST_OK : ST_IO;
}

static void json_add_party(json_t *root, const struct judgement *j, const struct manifest *m)
{
	static const char *const ROLE[] = { [CULPRIT_NODE] = "node", [CULPRIT_TRUSTEE] = "trustee",
	                                    [CULPRIT_KIOSK] = "kiosk" };
	unsigned int trustee = j->role == CULPRIT_NODE ? j->index : j->index - 1u;

	json_object_set_new(root, "role", json_string(ROLE[j->role]));
	json_object_set_new(root, "number", json_integer(
		j->role == CULPRIT_NODE ? j->index + 1 : j->index));
	if (j->role != CULPRIT_KIOSK)
		json_object_set_new(root, "name", json_string(m->trustees[trustee].name));
}

enum status print_evidence_json(const struct evidence *e, const struct weighed *w,
                                const struct manifest *m, const struct fault *words)
{
	const struct sighting *seen = &w->seen;
	json_t *culprits = json_array(), *root;
	char id[65];
	int failed;

	hex_encode(id, m->election_id, 32);
	for (int i = 0; i < LIMIT_TRUSTEES; i++)
		if ((seen->culprits >> i & 1) != 0)
			json_array_append_new(culprits, json_integer(i + 1));
	root = json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:i, s:s, s:s, s:s}",
	                 "kind", evidence_kind_name(e->kind),
	                 "weight", sighting_weight_name(seen->weight), "fingerprint", id,
	                 "reason", status_name(seen->reason),
	                 "height", (json_int_t)seen->height, "culprits", culprits,
	                 "culprits_min", (int)seen->culprits_min,
	                 "what", words->what, "why", words->why, "next", words->next);
	if (w->is_accusation)
		json_add_party(root, &w->by, m);
	else if (e->kind != EVIDENCE_FORK)
		json_object_set_new(root, "node", json_integer(e->node + 1));
	failed = json_dumpf(root, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
	printf("\n");
	json_decref(root);
	return failed == 0 ? ST_OK : ST_IO;
}

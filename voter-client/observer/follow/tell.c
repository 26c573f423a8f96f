/*
 * tell.c: what is seen, in plain lines for people and screen readers, or as one JSON object a line.
 *
 * Invariant: a line is written whole; what came from outside is fit for a terminal.
 */
#include "voter-client/observer/follow/follow.h"

#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/text.h"
#include "common/election/office.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *now_text(void)
{
	static char text[CLOCK_TEXT_BYTES];

	clock_format(text, clock_unix_s(), 0);
	return text;
}

/* A string of JSON.  Bytes that are no UTF-8 (in a path) become '?'. */
static void put_json(const char *text)
{
	bool is_utf8 = text_is_utf8(text, strlen(text));

	(void)putchar('"');
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			(void)putchar(c >= 0x80 && !is_utf8 ? '?' : c);
	}
	(void)putchar('"');
}

static void begin_json(const char *event)
{
	printf("{\"event\":\"%s\",\"time\":\"%s\"", event, now_text());
}

static void key_json(const char *key, const char *text)
{
	printf(",\"%s\":", key);
	put_json(text);
}

/* --- beginning ------------------------------------------------------------------------------- */

void tell_begin(const struct copy *c)
{
	char print[OFFICE_FINGERPRINT_TEXT], hex[65];

	if (follow_opt.json) {
		hex_encode(hex, c->m->election_id, 32);
		begin_json("begin");
		key_json("title", c->m->title.in[0]);
		printf(",\"fingerprint\":\"%s\",\"nodes\":%u,\"faults\":%u", hex, c->m->trustees_len,
		       c->m->faults);
		key_json("folder", c->folder);
		printf("}\n");
		return;
	}
	office_fingerprint_format(print, c->m->election_id);
	printf("Following: %s%s\nFingerprint: %s\nNodes: %u, of which %u may fail. Folder: %s\n",
	       c->m->title.in[0], c->m->rehearsal ? " (REHEARSAL: not an election)" : "", print,
	       c->m->trustees_len, c->m->faults, c->folder);
}

void tell_reading(const struct copy *c, uint64_t height)
{
	if (follow_opt.json) {
		begin_json("reading");
		printf(",\"height\":%" PRIu64 "}\n", height);
	} else {
		printf("Reading the copy in %s: block %" PRIu64 ".\n", c->folder, height);
	}
}

/* --- status ---------------------------------------------------------------------------------- */

static void status_json(const struct manifest *m, const struct lookout_view *v)
{
	char head[65];

	hex_encode(head, v->head, sizeof(v->head));
	begin_json("status");
	printf(",\"height\":%" PRIu64 ",\"head\":\"%s\",\"phase\":\"%s\",\"ballots\":%u,"
	       "\"nodes\":%u,\"answered\":%u,\"agree\":%u,\"vouch\":%u,\"level\":%s,"
	       "\"evidence\":%zu,\"stands\":[",
	       v->height, head, election_phase_name(v->phase), v->ballots, v->nodes, v->answered,
	       v->agree, v->vouch, v->is_level ? "true" : "false", v->evidence);
	for (uint32_t i = 0; i < v->nodes; i++) {
		printf("%s{\"node\":%u", i == 0 ? "" : ",", i + 1);
		key_json("name", m->trustees[i].name);
		printf(",\"stand\":\"%s\",\"height\":%" PRIu64 "}", lookout_stand_name(v->stand[i]),
		       v->shown[i]);
	}
	printf("]}\n");
}

/* What is to be said of a node that does not simply agree. */
static void say_stand(const struct manifest *m, const struct lookout_view *v, uint32_t node)
{
	const char *name = m->trustees[node].name;

	switch (v->stand[node]) {
	case STAND_AGREES:
		break;
	case STAND_UNHEARD:
		printf(" Node %u (%s) does not answer.", node + 1, name);
		break;
	case STAND_BEHIND:
		printf(" Node %u (%s) is behind, at block %" PRIu64 ".", node + 1, name, v->shown[node]);
		break;
	case STAND_AHEAD:
		printf(" Node %u (%s) shows block %" PRIu64 ", which is not here yet.", node + 1, name,
		       v->shown[node]);
		break;
	case STAND_BACK:
		printf(" Node %u (%s) HAS GONE BACK to block %" PRIu64 ".", node + 1, name,
		       v->shown[node]);
		break;
	case STAND_FORKED:
		printf(" Node %u (%s) SHOWED ANOTHER CHAIN.", node + 1, name);
		break;
	case STAND_FALSE:
		printf(" Node %u (%s) ANSWERS FALSELY.", node + 1, name);
		break;
	}
}

void tell_status(const struct manifest *m, const struct lookout_view *v)
{
	if (follow_opt.json) {
		status_json(m, v);
		return;
	}
	printf("%s block %" PRIu64 ", %u ballots, %s: heads agree at %u of %u nodes.", now_text(),
	       v->height, v->ballots, election_phase_name(v->phase), v->agree, v->nodes);
	if (v->phase == PHASE_ENDED || v->phase == PHASE_FINAL)
		printf(" %u of %u nodes vouch for the %s.", v->vouch, v->nodes,
		       v->phase == PHASE_FINAL ? "result" : "end");
	for (uint32_t i = 0; i < v->nodes; i++)
		say_stand(m, v, i);
	printf("\n");
}

/* --- evidence -------------------------------------------------------------------------------- */

void tell_evidence(const struct manifest *m, const struct evidence *e, const struct sighting *seen,
                   uint32_t node, const char *path, const struct fault *words)
{
	if (!follow_opt.json) {
		printf("%s EVIDENCE, from what node %u (%s) showed. %s.\n  why:  %s\n  next: %s\n"
		       "  file: %s\n", now_text(), node + 1, m->trustees[node].name, words->what,
		       words->why, words->next, path == NULL ? "(not kept: there are enough of this kind, "
		       "or it is too large)" : path);
		return;
	}
	begin_json("evidence");
	printf(",\"kind\":\"%s\",\"weight\":\"%s\",\"node\":%u,\"height\":%" PRIu64
	       ",\"reason\":\"%s\"",
	       evidence_kind_name(e->kind), sighting_weight_name(seen->weight), node + 1, seen->height,
	       status_name(seen->reason));
	key_json("what", words->what);
	key_json("why", words->why);
	key_json("next", words->next);
	if (path != NULL)
		key_json("file", path);
	printf("}\n");
}

/* --- the end --------------------------------------------------------------------------------- */

static const char *end_name(enum follow_end end)
{
	switch (end) {
	case FOLLOW_REACHED:
		return "reached";
	case FOLLOW_STOPPED:
		return "stopped";
	case FOLLOW_TIMED_OUT:
		return "timed-out";
	case FOLLOW_DEAD:
		break;
	}
	return "election-failed";
}

static void end_json(const struct follow_run *r, int code, const char *archive, size_t kept)
{
	begin_json("end");
	printf(",\"how\":\"%s\",\"exit\":%d,\"height\":%" PRIu64 ",\"evidence_files\":%zu",
	       end_name(r->end), code, copy_height(r->copy), kept);
	if (archive != NULL)
		key_json("archive", archive);
	printf("}\n");
}

static void say_verdict(const struct follow_run *r, int code, size_t kept)
{
	uint32_t enough = r->copy->m->faults + 1u;

	if (kept > 0 || r->view.evidence > 0)
		printf("NO: there is evidence of a problem: %zu files in %s. Read what was said of them; "
		       "move them away when they are dealt with.\n", kept, r->vault->folder);
	else if (code == CLI_YES)
		printf("YES: the copy is level with what %u of %u nodes show, and nothing speaks against "
		       "it.\n", r->view.fresh, r->view.nodes);
	else if (r->end == FOLLOW_DEAD)
		printf("CANNOT TELL: the key ceremony failed, and this election will have no result.\n");
	else if (!r->copy->has_sigs)
		printf("CANNOT TELL: no node has given the trustees' signatures under the manifest.\n");
	else
		printf("CANNOT TELL: %u of %u nodes answered and are up to date; at least %u are needed, "
		       "since %u may fail or lie%s.\n", r->view.fresh, r->view.nodes, enough,
		       r->copy->m->faults, r->view.is_level ? "" :
		       ", and not all that they show is here");
}

void tell_end(const struct follow_run *r, int code, const char *archive, size_t kept)
{
	char print[OFFICE_FINGERPRINT_TEXT];

	if (follow_opt.json) {
		end_json(r, code, archive, kept);
		return;
	}
	say_verdict(r, code, kept);
	if (archive == NULL)
		return;
	office_fingerprint_format(print, r->copy->m->election_id);
	printf("The copy, up to block %" PRIu64 ": %s\nCheck it: voter-observer verify %s "
	       "--fingerprint \"%s\"\n", copy_height(r->copy), archive, archive, print);
}

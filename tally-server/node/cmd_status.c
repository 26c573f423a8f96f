/*
 * cmd_status.c: tally-server status: what the running node says of itself.
 */
#include "tally-server/node/commands.h"

#include "common/base/hex.h"
#include "common/election/params.h"
#include "tally-server/node/own.h"

#include <inttypes.h>
#include <stdio.h>

enum { STATUS_TIMEOUT_MS = 3000 };

static void print_json(const struct node_status *s, const struct own *o, const char *head)
{
	printf("{\"node\":%u,\"nodes\":%u,\"phase\":\"%s\",\"height\":%" PRIu64 ",\"head\":\"%s\","
	       "\"view\":%" PRIu64 ",\"peers\":%u,\"pending\":%u,\"ballots\":%u,\"stalled\":%s}\n",
	       s->node, o->committee.n, election_phase_name((enum election_phase)s->phase), s->height,
	       head, s->view, s->peers, s->pending, s->live, s->is_stalled ? "true" : "false");
}

static void print_lines(const struct node_status *s, const struct own *o, const char *head)
{
	printf("node=%u\nname=%s\nphase=%s\nheight=%" PRIu64 "\nhead=%s\nview=%" PRIu64 "\n", s->node,
	       o->manifest->trustees[o->index].name,
	       election_phase_name((enum election_phase)s->phase), s->height, head, s->view);
	printf("peers=%u\nnodes=%u\npending=%u\nballots=%u\nstalled=%s\n", s->peers, o->committee.n,
	       s->pending, s->live, s->is_stalled ? "yes" : "no");
}

int run_status(void)
{
	const struct message_request req = { .kind = MESSAGE_STATUS };
	struct message_response r;
	struct fault fault = { 0 };
	struct own o;
	char head[65];
	enum status st;

	if ((st = own_settings(&o, opt.config, &fault)) == ST_OK &&
	    (st = own_connect(&o, NULL, &fault)) == ST_OK &&
	    (st = own_ask(&o, &r, &req, STATUS_TIMEOUT_MS, &fault)) == ST_OK &&
	    (r.answer != ANSWER_OK || r.node.phase < PHASE_COMMIT || r.node.phase > PHASE_FAILED))
		st = fault_set(&fault, ST_FORMAT, "the node's answer makes no sense");
	if (st == ST_OK) {
		hex_encode(head, r.node.head, sizeof(r.node.head));
		if (opt.json)
			print_json(&r.node, &o, head);
		else
			print_lines(&r.node, &o, head);
	}
	own_close(&o);
	if (st == ST_TIMEOUT || st == ST_AGAIN) {
		(void)cli_fault(&fault);
		return CLI_UNAVAILABLE;
	}
	return st == ST_OK ? cli_done(CLI_YES) : cli_fault(&fault);
}

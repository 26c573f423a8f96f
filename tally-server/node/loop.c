/*
 * loop.c: the one loop of a node: network, worker, clock.
 *
 * Invariant: between two events everything that follows from the first is done, or is bounded work
 * that waits its turn.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/crash.h"
#include "common/base/log.h"

enum {
	HOUSEKEEPING_MS = 1000,
	WAIT_MAX_MS = 1000
};

static void on_peer(struct node *n, const struct link_event *ev)
{
	const struct consensus_event in = {
		.type = CONSENSUS_MESSAGE, .from = (uint8_t)ev->peer, .bytes = ev->bytes,
		.len = ev->len,
	};

	if (ev->peer >= n->committee.n || ev->len == 0)
		return;
	gossip_heard(n, ev->peer, clock_mono_ms());
	if (ev->bytes[0] >= GOSSIP_TXS)
		gossip_hear(n, ev->peer, ev->bytes, ev->len);
	else
		drive_event(n, &in);
}

static void on_event(struct node *n, const struct link_event *ev)
{
	switch (ev->kind) {
	case LINK_PEER_FAST:
	case LINK_PEER_BULK:
		on_peer(n, ev);
		break;
	case LINK_KIOSK_REQUEST:
	case LINK_READ_REQUEST:
		door_request(n, ev);
		break;
	case LINK_READABLE:
		if (remote_is_gone(n->signer))
			node_fail_signer(n);
		break;   /* or the worker is done: looked at below, as is a signal */
	case LINK_WOKEN:
		break;
	}
}

static void keep_house(struct node *n, uint64_t now_ms)
{
	enum status st;

	door_look(n, now_ms);
	gossip_again(n, now_ms);
	cosign_look(n, now_ms);
	evidence_look(n, now_ms);
	if (now_ms < n->housekeeping_ms)
		return;
	n->housekeeping_ms = now_ms + HOUSEKEEPING_MS;
	gossip_look(n, now_ms);
	if ((st = logs_tidy(n)) != ST_OK)
		node_fail(n, "logs", st);
}

static int wait_ms(const struct node *n)
{
	uint64_t now = clock_mono_ms();
	uint64_t at = asks_deadline(n->asks);

	if (n->deadline_ms < at)
		at = n->deadline_ms;
	if (n->tick || at <= now)
		return 0;
	return at - now < WAIT_MAX_MS ? (int)(at - now) : WAIT_MAX_MS;
}

static void turn(struct node *n)
{
	const struct consensus_event tick = { .type = CONSENSUS_TICK };

	admit_pump(n);
	admit_flush(n);
	if (!n->tick && clock_mono_ms() < n->deadline_ms)
		return;
	n->tick = false;
	drive_event(n, &tick);
}

enum status node_run(struct node *n)
{
	struct log_line line;
	struct link_event ev;

	log_begin(&line, LOG_LEVEL_INFO, "started");
	log_number(&line, "node", n->self);
	log_number(&line, "height", branch_tip(n->branch)->height);
	log_text(&line, "phase", election_phase_name(branch_phase(n->branch)));
	log_end(&line);
	drive_start(n);
	while (!*n->stop && n->failed == ST_OK) {
		enum status st = link_poll(n->link, &ev, wait_ms(n));

		if (st == ST_OK)
			on_event(n, &ev);
		else if (st != ST_TIMEOUT)
			node_fail(n, "network", st);
		turn(n);
		keep_house(n, clock_mono_ms());
	}
	return n->failed;
}

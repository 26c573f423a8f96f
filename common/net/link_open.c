/*
 * link_open.c: setting a link up and taking it down.  See link.h.
 *
 * Order: gate, context, ZAP thread, then sockets, then the gate's thread: nobody comes in before
 * somebody is there to judge.
 */
#include "common/net/link_impl.h"

#include "common/base/clock.h"
#include "common/net/rules.h"
#include "crypto/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

_Static_assert(2 * (LIMIT_TRUSTEES) + 2 <= (GATE_ROUTES_MAX), "a route for each endpoint");
_Static_assert((int)LINK_SOURCES_MAX <= (int)GATE_TARGETS_MAX, "a target for each source");
_Static_assert((LINK_SOURCES_MAX) < (LINK_TAG_WAKE), "tags do not collide");
_Static_assert((int)LINK_SOURCES_MAX < (int)SOCK_MAX, "a socket of libzmq for each source");

/* --- checking --------------------------------------------------------------------------------- */

static enum status keys_check(struct fault *fault, const struct link_config *config)
{
	const struct link_node *nodes = config->nodes;
	uint8_t public_key[LINK_KEY_BYTES];
	enum status st = link_public(public_key, config->secret);

	if (st != ST_OK || memcmp(public_key, nodes[config->self].key, LINK_KEY_BYTES) != 0) {
		(void)fault_set(fault, ST_KEY, "The transport key of this node is not the one in "
				"the manifest.");
		fault_why(fault, "No other node would talk to it.");
		fault_next(fault, "Use the key that was made with this node's card.");
		return ST_KEY;
	}
	for (uint32_t i = 0; i < config->count; i++) {
		bool is_bad = mem_is_zero(nodes[i].key, LINK_KEY_BYTES);

		for (uint32_t j = 0; j < i; j++)
			is_bad |= memcmp(nodes[i].key, nodes[j].key, LINK_KEY_BYTES) == 0;
		if (!is_bad)
			continue;
		(void)fault_set(fault, ST_KEY, "The transport key of node %" PRIu32 " is missing, "
				"or another node has the same.", i + 1);
		fault_why(fault, "One node could pass for another.");
		return ST_KEY;
	}
	return ST_OK;
}

static enum status config_check(struct fault *fault, const struct link_config *config)
{
	if (config->count == 0 || config->count > LIMIT_TRUSTEES || config->self >= config->count)
		return fault_set(fault, ST_LIMIT, "There are %" PRIu32 " nodes and this is number %"
				 PRIu32 "; at most %d are possible.", config->count,
				 config->self + 1, LIMIT_TRUSTEES);
	if (config->kiosk_connections > LINK_KIOSK_CONNECTIONS_MAX ||
	    config->read_connections > LINK_READ_CONNECTIONS_MAX)
		return fault_set(fault, ST_LIMIT, "At most %d kiosks and %d readers can be "
				 "connected at one time.", LINK_KIOSK_CONNECTIONS_MAX,
				 LINK_READ_CONNECTIONS_MAX);
	for (uint32_t i = 0; i < config->count; i++)
		if (config->nodes[i].address.base < ADDRESS_BASE_MIN ||
		    config->nodes[i].address.base > ADDRESS_BASE_MAX)
			return fault_set(fault, ST_LIMIT, "The address of node %" PRIu32
					 " has a port outside %d to %d.", i + 1,
					 ADDRESS_BASE_MIN, ADDRESS_BASE_MAX);
	return keys_check(fault, config);
}

/*
 * Every socket of libzmq takes two descriptors, every connection three or four.  Running out of
 * them in the middle of an election is worse than not starting.
 */
static enum status descriptors_check(struct fault *fault, const struct link_config *config)
{
	uint32_t kiosks = config->kiosk_connections == 0 ? LINK_KIOSK_CONNECTIONS :
			  config->kiosk_connections;
	uint32_t readers = config->read_connections == 0 ? LINK_READ_CONNECTIONS :
			   config->read_connections;
	rlim_t needed = 128 + 2 * (RULE_FAST.each_max + 2) * 4 * (config->count - 1) +
			6 * ((config->has_kiosk ? kiosks : 0) + (config->has_read ? readers : 0));
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur >= needed)
		return ST_OK;
	limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
	if (limit.rlim_cur >= needed && setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return ST_OK;
	(void)fault_set(fault, ST_LIMIT, "This process may open %ju files; its connections can "
			"need %ju.", (uintmax_t)limit.rlim_cur, (uintmax_t)needed);
	fault_why(fault, "It could fail in the middle of the election.");
	fault_next(fault, "Raise the limit (ulimit -n, or LimitNOFILE= of the service), or allow "
		   "fewer connections.");
	return ST_LIMIT;
}

/* --- sources ---------------------------------------------------------------------------------- */

static enum status source_open(struct link *l, struct source *s, struct sock_config *config)
{
	char endpoint[GATE_NAME_BYTES];
	enum status st;

	gate_name(l->gate, s->target, endpoint);
	config->endpoint = endpoint;
	if ((st = sock_open(&s->sock, l->ctx, config)) != ST_OK)
		return st;
	s->may_have = true;
	return watch_source(&l->watch, s->sock.fd, (uint32_t)(s - l->sources));
}

static struct source *source_add(struct link *l, enum source_kind kind)
{
	struct source *s;

	assert(l->source_count < LINK_SOURCES_MAX);
	s = &l->sources[l->source_count++];
	s->kind = kind;
	return s;
}

/* One lane between us and a peer: bind for a higher index, connect to a lower one. */
static enum status lane_open(struct link *l, struct fault *fault,
			     const struct link_config *config, uint32_t peer, enum link_lane lane)
{
	const struct link_node *self = &config->nodes[config->self];
	const struct link_node *other = &config->nodes[peer];
	enum address_lane port = lane == LINK_FAST ? ADDRESS_FAST : ADDRESS_BULK;
	size_t limit = lane == LINK_FAST ? LIMIT_FRAME_FAST : LIMIT_FRAME_BULK;
	const struct gate_rule *rule = lane == LINK_FAST ? &RULE_FAST : &RULE_BULK;
	struct source *s = source_add(l, lane == LINK_FAST ? SOURCE_FAST : SOURCE_BULK);
	struct sock_config sc = { .secret = config->secret, .receive_limit = limit,
				  .send_limit = limit,
				  .hwm = lane == LINK_FAST ? RULE_HWM_FAST : RULE_HWM_BULK };
	char domain[ZAP_DOMAIN_BYTES];
	enum status st;

	l->peer_source[peer][lane] = l->source_count - 1;
	s->peer = peer;
	zap_peer_domain(domain, peer);
	if (peer > config->self) {
		s->is_server = true;
		(void)snprintf(s->user, sizeof(s->user), "%s", domain);
		sc.domain = domain;
		zap_set_peer(l->zap, peer, other->key);
		st = gate_inward(l->gate, &s->target, fault,
				 config->bind_host == NULL ? "*" : config->bind_host,
				 address_port_peer(&self->address, peer, port), 1, rule);
	} else {
		sc.public_key = self->key;
		sc.server_key = other->key;
		st = gate_outward(l->gate, &s->target, other->address.host,
				  address_port_peer(&other->address, config->self, port), rule);
	}
	return st == ST_OK ? source_open(l, s, &sc) : st;
}

/* The kiosk or the read endpoint: one port, connections sources. */
static enum status endpoint_open(struct link *l, struct fault *fault,
				 const struct link_config *config, enum source_kind kind)
{
	const struct address *self = &config->nodes[config->self].address;
	bool is_kiosk = kind == SOURCE_KIOSK;
	uint32_t asked = is_kiosk ? config->kiosk_connections : config->read_connections;
	uint32_t standard = is_kiosk ? LINK_KIOSK_CONNECTIONS : LINK_READ_CONNECTIONS;
	uint32_t count = asked == 0 ? standard : asked;
	struct gate_rule rule = is_kiosk ? RULE_KIOSK : RULE_READ;
	struct sock_config sc = { .secret = config->secret,
				  .domain = is_kiosk ? "kiosk" : "read",
				  .receive_limit = LINK_HEAD_REQUEST +
					(is_kiosk ? LIMIT_REQUEST : LIMIT_REQUEST_READ),
				  .send_limit = LINK_HEAD_ANSWER + LIMIT_RESPONSE,
				  .hwm = RULE_HWM_CLIENT };
	uint32_t first;
	enum status st;

	rule.source_max = rule_source_max(is_kiosk, count);
	st = gate_inward(l->gate, &first, fault, config->bind_host == NULL ? "*" : config->bind_host,
			 is_kiosk ? address_port_kiosk(self) : address_port_read(self), count,
			 &rule);
	for (uint32_t i = 0; i < count && st == ST_OK; i++) {
		struct source *s = source_add(l, kind);

		s->target = first + i;
		s->is_server = true;
		st = source_open(l, s, &sc);
	}
	return st;
}

static enum status sources_open(struct link *l, struct fault *fault,
				const struct link_config *config)
{
	enum status st = ST_OK;

	for (int lane = LINK_FAST; lane <= LINK_BULK; lane++)
		for (uint32_t j = 0; j < config->count && st == ST_OK; j++)
			if (j != config->self)
				st = lane_open(l, fault, config, j, (enum link_lane)lane);
	if (st == ST_OK && config->has_kiosk)
		st = endpoint_open(l, fault, config, SOURCE_KIOSK);
	if (st == ST_OK && config->has_read)
		st = endpoint_open(l, fault, config, SOURCE_READ);
	return st;
}

/* --- opening and closing ---------------------------------------------------------------------- */

static enum status waiting_open(struct link *l)
{
	enum status st = watch_open(&l->watch);

	if (st != ST_OK)
		return st;
	l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return l->wake >= 0 ? watch_source(&l->watch, l->wake, LINK_TAG_WAKE) : ST_IO;
}

enum status link_open(struct link **out, struct fault *fault,
		      const struct link_config *config)
{
	struct link *l = NULL;
	enum status st;

	*out = NULL;
	(void)fault_set(fault, ST_OK, "%s", "");
	if ((st = config_check(fault, config)) != ST_OK ||
	    (st = descriptors_check(fault, config)) != ST_OK)
		return st;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return ST_NO_MEMORY;
	frame_init(&l->frame);
	l->watch.epoll = l->wake = -1;
	l->count = config->count;
	l->self = config->self;
	l->read_rate = config->read_rate == 0 ? LINK_READ_RATE : config->read_rate;
	bucket_init(&l->read_all, config->read_rate_all == 0 ? LINK_READ_RATE_ALL :
		    config->read_rate_all, 2 * (config->read_rate_all == 0 ? LINK_READ_RATE_ALL :
		    config->read_rate_all), clock_mono_ms());
	if ((st = waiting_open(l)) != ST_OK || (st = gate_open(&l->gate)) != ST_OK)
		goto out;
	l->ctx = sock_context();
	if (l->ctx == NULL) {
		st = ST_NO_MEMORY;
		goto out;
	}
	if ((st = zap_start(&l->zap, l->ctx)) != ST_OK ||
	    (st = sources_open(l, fault, config)) != ST_OK ||
	    (st = gate_start(l->gate)) != ST_OK)
		goto out;
	*out = l;
	l = NULL;
out:
	if (st != ST_OK && (fault == NULL || fault->st == ST_OK))
		(void)fault_set(fault, st, "The network could not be set up.");
	link_close(l);
	return st;
}

void link_close(struct link *l)
{
	if (l == NULL)
		return;
	frame_close(&l->frame);
	for (uint32_t i = 0; i < l->source_count; i++)
		sock_close(&l->sources[i].sock);
	gate_close(l->gate);   /* after the sockets: its connections end whatever they hold */
	if (l->ctx != NULL) {
		(void)zmq_ctx_shutdown(l->ctx);
		zap_stop(l->zap);
		(void)zmq_ctx_term(l->ctx);
	}
	if (l->wake >= 0)
		(void)close(l->wake);
	watch_close(&l->watch);
	free(l);
}

/*
 * test_socket.c: our sockets and who may come in, without a gate.
 *
 * The traps of libzmq that let everybody in (no domain, no handler) are each tried against the
 * configuration that sock_open makes.
 */
#include "common/net/socket.h"

#include "common/base/clock.h"
#include "common/net/bucket.h"
#include "common/net/link.h"
#include "common/net/zap.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, A_WHILE_MS = 300, LIMIT = 1000 };

static void *ctx;
static struct zap *zap;
static void *broken;      /* a handler of the test's own */
static uint32_t asked;    /* questions it was asked */
static struct sock server;
static struct sock client;
static uint8_t server_public[32];
static uint8_t server_secret[32];
static uint8_t client_public[32];
static uint8_t client_secret[32];
static char endpoint[64];

static int setup(void **state)
{
	uint64_t tag;

	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	ctx = sock_context();
	link_keygen(server_public, server_secret);
	link_keygen(client_public, client_secret);
	rng_bytes(&tag, sizeof(tag));
	(void)snprintf(endpoint, sizeof(endpoint), "ipc://@kalpis-test-%016" PRIx64, tag);
	return ctx == NULL;
}

static void broken_close(void)
{
	assert_int_equal(zmq_close(broken), 0);
	broken = NULL;
}

static int teardown(void **state)
{
	(void)state;
	sock_close(&server);
	sock_close(&client);
	if (broken != NULL)
		broken_close();
	(void)zmq_ctx_shutdown(ctx);
	zap_stop(zap);
	zap = NULL;
	(void)zmq_ctx_term(ctx);
	return 0;
}

static void open_server(const char *domain)
{
	const struct sock_config config = { .endpoint = endpoint, .domain = domain,
					    .secret = server_secret, .receive_limit = LIMIT,
					    .send_limit = LIMIT, .hwm = 10 };

	assert_int_equal(sock_open(&server, ctx, &config), ST_OK);
}

static void open_client(void)
{
	const struct sock_config config = { .endpoint = endpoint, .secret = client_secret,
					    .public_key = client_public,
					    .server_key = server_public, .receive_limit = LIMIT,
					    .send_limit = LIMIT, .hwm = 10 };

	assert_int_equal(sock_open(&client, ctx, &config), ST_OK);
}

/* Send from the client until the server has something, or time is up.  user: its User-Id. */
static enum status pass(char user[static ZAP_USER_BYTES], uint32_t wait_ms)
{
	uint64_t end_ms = clock_mono_ms() + wait_ms;
	enum status st = ST_AGAIN;
	bool is_sent = false;
	struct frame f;

	frame_init(&f);
	user[0] = '\0';
	while (st == ST_AGAIN && clock_mono_ms() < end_ms) {
		const char *id;

		if (!is_sent)
			is_sent = sock_send(&client, NULL, 0, "hello", 5) == ST_OK;
		st = sock_recv(&server, &f, &id);
		if (st == ST_OK && id != NULL)
			(void)snprintf(user, ZAP_USER_BYTES, "%s", id);
		(void)usleep(1000);
	}
	frame_close(&f);
	return st;
}

/* --- the traps -------------------------------------------------------------------------------- */

static void without_a_handler_nobody_comes_in(void **state)
{
	char user[ZAP_USER_BYTES];

	(void)state;
	open_server("read");
	open_client();
	assert_int_equal(pass(user, A_WHILE_MS), ST_AGAIN);
}

/* What libzmq's handler of ours might say, one day, if it were broken. */
enum reply {
	SAY_YES,
	SAY_NO,
	SAY_NOTHING,
	SAY_ANOTHER_VERSION,
	SAY_ANOTHER_NUMBER,
	SAY_ANOTHER_CODE,
	SAY_TOO_LITTLE,
	REPLIES
};

static void broken_bind(void)
{
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	const int zero = 0;

	asked = 0;
	broken = zmq_socket(ctx, ZMQ_REP);
	assert_non_null(broken);
	assert_int_equal(zmq_setsockopt(broken, ZMQ_LINGER, &zero, sizeof(zero)), 0);
	/* The name of one that was closed is free a little later. */
	while (zmq_bind(broken, "inproc://zeromq.zap.01") != 0)
		assert_true(clock_mono_ms() < end_ms);
}

/* Answer a question, if there is one. */
static void broken_turn(enum reply how)
{
	const char *frames[6] = { "1.0", NULL, "200", "OK", "somebody", "" };
	char number[64];
	char rest[300];
	int more = 1;
	size_t size = sizeof(more);
	int n = zmq_recv(broken, rest, sizeof(rest), ZMQ_DONTWAIT);

	if (n < 0)
		return;
	n = zmq_recv(broken, number, sizeof(number) - 1, 0);
	assert_true(n >= 0 && n < (int)sizeof(number));
	number[n] = '\0';
	frames[1] = how == SAY_ANOTHER_NUMBER ? "77" : number;
	while (zmq_getsockopt(broken, ZMQ_RCVMORE, &more, &size) == 0 && more != 0)
		assert_true(zmq_recv(broken, rest, sizeof(rest), 0) >= 0);
	asked++;
	if (how == SAY_NOTHING)
		return;
	if (how == SAY_ANOTHER_VERSION)
		frames[0] = "2.0";
	if (how == SAY_NO)
		frames[2] = "400";
	if (how == SAY_ANOTHER_CODE)
		frames[2] = "999";
	for (int i = 0; i < 6; i++) {
		bool is_last = i == (how == SAY_TOO_LITTLE ? 3 : 5);

		assert_true(zmq_send(broken, frames[i], strlen(frames[i]),
				     is_last ? 0 : ZMQ_SNDMORE) >= 0);
		if (is_last)
			break;
	}
}

/* As pass, with the broken handler saying the same to everybody. */
static enum status pass_by(enum reply how, char user[static ZAP_USER_BYTES], uint32_t wait_ms)
{
	uint64_t end_ms = clock_mono_ms() + wait_ms;
	enum status st = ST_AGAIN;

	while (st == ST_AGAIN && clock_mono_ms() < end_ms) {
		broken_turn(how);
		st = pass(user, 5);
	}
	return st;
}

static void ends_close(void)
{
	sock_close(&client);
	sock_close(&server);
	endpoint[strlen(endpoint) - 1] ^= 1;   /* the old name may linger */
}

static void when_the_handler_dies_nobody_comes_in_any_more(void **state)
{
	char user[ZAP_USER_BYTES];

	(void)state;
	broken_bind();
	open_server("read");
	open_client();
	assert_int_equal(pass_by(SAY_YES, user, PATIENCE_MS), ST_OK);
	broken_close();
	sock_close(&client);
	open_client();
	assert_int_equal(pass(user, A_WHILE_MS), ST_AGAIN);
	/* It was the handler that was missing. */
	assert_int_equal(zap_start(&zap, ctx), ST_OK);
	sock_close(&client);
	open_client();
	assert_int_equal(pass(user, PATIENCE_MS), ST_OK);
}

static void nothing_but_yes_lets_anybody_in(void **state)
{
	char user[ZAP_USER_BYTES];

	(void)state;
	for (int how = SAY_NO; how < REPLIES; how++) {
		broken_bind();
		open_server("read");
		open_client();
		assert_int_equal(pass_by((enum reply)how, user, A_WHILE_MS), ST_AGAIN);
		assert_true(asked > 0);
		broken_close();
		ends_close();
	}
	broken_bind();
	open_server("read");
	open_client();
	assert_int_equal(pass_by(SAY_YES, user, PATIENCE_MS), ST_OK);
	assert_string_equal(user, "somebody");
	broken_close();
}

/* The trap itself: whoever comes to an enforced but empty domain is let in. */
static void libzmq_asks_nobody_for_a_socket_without_a_domain(void **state)
{
	const int zero = 0;
	const int one = 1;
	char user[ZAP_USER_BYTES];

	(void)state;
	broken_bind();
	server = (struct sock){ .zmq = zmq_socket(ctx, ZMQ_DEALER), .receive_limit = LIMIT };
	assert_int_equal(zmq_setsockopt(server.zmq, ZMQ_LINGER, &zero, sizeof(zero)), 0);
	assert_int_equal(zmq_setsockopt(server.zmq, ZMQ_CURVE_SERVER, &one, sizeof(one)), 0);
	assert_int_equal(zmq_setsockopt(server.zmq, ZMQ_CURVE_SECRETKEY, server_secret, 32), 0);
	assert_int_equal(zmq_setsockopt(server.zmq, 93, &one, sizeof(one)), 0);
	assert_int_equal(zmq_bind(server.zmq, endpoint), 0);
	open_client();
	assert_int_equal(pass_by(SAY_NO, user, PATIENCE_MS), ST_OK);
	assert_int_equal(asked, 0);
	assert_string_equal(user, "");
	broken_close();
}

static void a_server_without_a_domain_stops_the_program(void **state)
{
	int outcome = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGABRT, SIG_DFL);   /* cmocka's, that would fail the test */
		(void)close(STDERR_FILENO);
		ctx = sock_context();
		open_server("");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &outcome, 0), pid);
	assert_true(WIFSIGNALED(outcome));
	assert_int_equal(WTERMSIG(outcome), SIGABRT);
}

static void with_a_handler_the_domain_decides(void **state)
{
	char user[ZAP_USER_BYTES];
	char expected[ZAP_USER_BYTES];

	(void)state;
	assert_int_equal(zap_start(&zap, ctx), ST_OK);
	open_server("read");
	open_client();
	assert_int_equal(pass(user, PATIENCE_MS), ST_OK);
	zap_user_of_key(expected, client_public);
	assert_string_equal(user, expected);
	assert_int_equal(zap_denied(zap), 0);
}

static void a_domain_that_nobody_knows_lets_nobody_in(void **state)
{
	static const char *const domains[] = { "nobody", "reader", "rea", "peer-", "peer-99" };
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	char user[ZAP_USER_BYTES];

	(void)state;
	assert_int_equal(zap_start(&zap, ctx), ST_OK);
	zap_set_peer(zap, 1, client_public);
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		uint64_t before = zap_denied(zap);

		open_server(domains[i]);
		open_client();
		while (zap_denied(zap) == before && clock_mono_ms() < end_ms)
			assert_int_equal(pass(user, 10), ST_AGAIN);
		assert_int_equal(pass(user, 50), ST_AGAIN);
		assert_true(zap_denied(zap) > before);
		ends_close();
	}
	open_server("peer-1");
	open_client();
	assert_int_equal(pass(user, PATIENCE_MS), ST_OK);
	assert_string_equal(user, "peer-1");
}

static void a_client_without_curve_does_not_come_in(void **state)
{
	char user[ZAP_USER_BYTES];
	const int zero = 0;

	(void)state;
	assert_int_equal(zap_start(&zap, ctx), ST_OK);
	open_server("read");
	client.zmq = zmq_socket(ctx, ZMQ_DEALER);
	client.send_limit = LIMIT;
	assert_int_equal(zmq_setsockopt(client.zmq, ZMQ_LINGER, &zero, sizeof(zero)), 0);
	assert_int_equal(zmq_connect(client.zmq, endpoint), 0);
	assert_int_equal(pass(user, A_WHILE_MS), ST_AGAIN);
}

static int64_t option(const struct sock *s, int which, size_t size)
{
	int64_t wide = 0;
	int narrow = 0;
	size_t len = size;

	assert_int_equal(zmq_getsockopt(s->zmq, which, size == sizeof(wide) ? (void *)&wide :
					(void *)&narrow, &len), 0);
	return size == sizeof(wide) ? wide : narrow;
}

static void every_socket_has_its_options(void **state)
{
	char domain[32] = "";
	size_t len = sizeof(domain);
	const struct sock *both[2] = { &server, &client };

	(void)state;
	open_server("kiosk");
	open_client();
	assert_int_equal(zmq_getsockopt(server.zmq, ZMQ_ZAP_DOMAIN, domain, &len), 0);
	assert_string_equal(domain, "kiosk");
	assert_int_equal(option(&server, 93, sizeof(int)), 1);   /* ZMQ_ZAP_ENFORCE_DOMAIN */
	assert_int_equal(option(&server, ZMQ_CURVE_SERVER, sizeof(int)), 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(option(both[i], ZMQ_TYPE, sizeof(int)), ZMQ_DEALER);
		assert_int_equal(option(both[i], ZMQ_MECHANISM, sizeof(int)), ZMQ_CURVE);
		assert_int_equal(option(both[i], ZMQ_MAXMSGSIZE, sizeof(int64_t)), LIMIT + 33);
		assert_int_equal(option(both[i], ZMQ_LINGER, sizeof(int)), 0);
		assert_int_equal(option(both[i], ZMQ_IMMEDIATE, sizeof(int)), 1);
		assert_int_equal(option(both[i], ZMQ_SNDHWM, sizeof(int)), 10);
		assert_int_equal(option(both[i], ZMQ_RCVHWM, sizeof(int)), 10);
		assert_int_equal(option(both[i], ZMQ_SNDTIMEO, sizeof(int)), 0);
		assert_int_equal(option(both[i], ZMQ_RCVTIMEO, sizeof(int)), 0);
		assert_true(option(both[i], ZMQ_HANDSHAKE_IVL, sizeof(int)) > 0);
		assert_true(option(both[i], ZMQ_HEARTBEAT_IVL, sizeof(int)) > 0);
		assert_true(option(both[i], ZMQ_HEARTBEAT_TIMEOUT, sizeof(int)) > 0);
	}
}

static void a_refused_option_is_a_failure_to_open(void **state)
{
	struct sock_config config = { .endpoint = "nonsense://", .domain = "read",
				      .secret = server_secret, .receive_limit = LIMIT,
				      .send_limit = LIMIT, .hwm = 10 };

	(void)state;
	assert_int_equal(sock_open(&server, ctx, &config), ST_INTERNAL);
	assert_null(server.zmq);
	config.endpoint = endpoint;
	config.hwm = -1;
	assert_int_equal(sock_open(&server, ctx, &config), ST_INTERNAL);
	assert_null(server.zmq);
}

/* --- the set of kiosks ------------------------------------------------------------------------ */

static void kiosks_are_those_of_the_latest_set(void **state)
{
	uint8_t keys[3][32];

	(void)state;
	assert_int_equal(zap_start(&zap, ctx), ST_OK);
	for (int i = 0; i < 3; i++)
		rng_bytes(keys[i], 32);
	assert_false(zap_is_kiosk(zap, keys[0]));
	assert_int_equal(zap_set_kiosks(zap, keys[0], 2), ST_OK);
	assert_true(zap_is_kiosk(zap, keys[0]));
	assert_true(zap_is_kiosk(zap, keys[1]));
	assert_false(zap_is_kiosk(zap, keys[2]));
	assert_int_equal(zap_set_kiosks(zap, keys[2], 1), ST_OK);
	assert_false(zap_is_kiosk(zap, keys[0]));
	assert_true(zap_is_kiosk(zap, keys[2]));
	keys[2][31] ^= 1;
	assert_false(zap_is_kiosk(zap, keys[2]));
	assert_int_equal(zap_set_kiosks(zap, NULL, 0), ST_OK);
	keys[2][31] ^= 1;
	assert_false(zap_is_kiosk(zap, keys[2]));
	assert_int_equal(zap_generation(zap), 3);
}

static void a_user_is_a_key_in_hexadecimal_and_nothing_else(void **state)
{
	char user[ZAP_USER_BYTES];
	uint8_t key[32];

	(void)state;
	zap_user_of_key(user, client_public);
	assert_int_equal(zap_key_of_user(key, user), ST_OK);
	assert_memory_equal(key, client_public, 32);
	user[63] = 'g';
	assert_int_equal(zap_key_of_user(key, user), ST_FORMAT);
	user[63] = 'A';
	assert_int_equal(zap_key_of_user(key, user), ST_FORMAT);
	user[63] = '\0';
	assert_int_equal(zap_key_of_user(key, user), ST_FORMAT);
	assert_int_equal(zap_key_of_user(key, "peer-1"), ST_FORMAT);
	assert_int_equal(zap_key_of_user(key, ""), ST_FORMAT);
}

/* --- keys and buckets ------------------------------------------------------------------------- */

static void our_public_keys_are_libzmq_s(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		char secret_text[41];
		char public_text[41];
		uint8_t secret[32];
		uint8_t expected[32];
		uint8_t key[32];

		assert_int_equal(zmq_curve_keypair(public_text, secret_text), 0);
		assert_non_null(zmq_z85_decode(secret, secret_text));
		assert_non_null(zmq_z85_decode(expected, public_text));
		assert_int_equal(link_public(key, secret), ST_OK);
		assert_memory_equal(key, expected, 32);
	}
}

static void a_bucket_gives_its_burst_and_then_its_rate(void **state)
{
	struct bucket b;
	uint32_t taken = 0;

	(void)state;
	bucket_init(&b, 10, 5, 1000);
	for (int i = 0; i < 5; i++)
		assert_true(bucket_take(&b, 1000));
	assert_false(bucket_take(&b, 1000));
	assert_false(bucket_take(&b, 1099));
	assert_true(bucket_take(&b, 1100));
	assert_false(bucket_take(&b, 1100));
	assert_false(bucket_take(&b, 500));   /* a clock that goes back gives nothing */
	for (uint64_t now = 2000; now < 12000; now++)
		taken += bucket_take(&b, now) ? 1 : 0;
	assert_in_range(taken, 100, 105);
	for (int i = 0; i < 5; i++)
		assert_true(bucket_take(&b, UINT64_MAX / 2));
	assert_false(bucket_take(&b, UINT64_MAX / 2));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(without_a_handler_nobody_comes_in),
		CASE(when_the_handler_dies_nobody_comes_in_any_more),
		CASE(nothing_but_yes_lets_anybody_in),
		CASE(libzmq_asks_nobody_for_a_socket_without_a_domain),
		CASE(a_server_without_a_domain_stops_the_program),
		CASE(with_a_handler_the_domain_decides),
		CASE(a_domain_that_nobody_knows_lets_nobody_in),
		CASE(a_client_without_curve_does_not_come_in),
		CASE(every_socket_has_its_options),
		CASE(a_refused_option_is_a_failure_to_open),
		CASE(kiosks_are_those_of_the_latest_set),
		CASE(a_user_is_a_key_in_hexadecimal_and_nothing_else),
		CASE(our_public_keys_are_libzmq_s),
		CASE(a_bucket_gives_its_burst_and_then_its_rate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

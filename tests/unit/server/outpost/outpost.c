/*
 * outpost.c: see outpost.h.
 *
 * One life is a child: the main thread is the node, one thread its signer, one its worker.
 */
#include "tests/unit/server/outpost/outpost_impl.h"

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/election/audit.h"
#include "crypto/mem.h"
#include "tally-server/signer/serve.h"
#include "tests/unit/lib/chainlet.h"
#include "tests/unit/lib/scratch.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct outpost_life life;


void outpost_must(bool what)
{
	if (!what)
		_exit(EXIT_BUG);
}

struct outpost_world *outpost_world(void)
{
	return life.o->world;
}

uint64_t outpost_first_view(void)
{
	return life.o->town->block[life.o->town->blocks - 1].header.view;
}

/* --- the signer ------------------------------------------------------------------------------ */

static void note_votes(const uint8_t *request, size_t len, const uint8_t *answer,
                       size_t answer_len)
{
	struct vote v = { .signer = SELF };
	struct reader r, a;
	uint16_t count;
	uint8_t type, each;

	reader_init(&r, request + 1, len - 1);
	reader_init(&a, answer + TALK_HEAD_BYTES, answer_len - TALK_HEAD_BYTES);
	outpost_must(reader_u16(&r, &count) == ST_OK);
	for (unsigned int i = 0; i < count; i++) {
		outpost_must(reader_u8(&r, &type) == ST_OK && reader_u64(&r, &v.view) == ST_OK &&
		     reader_bytes(&r, v.block, sizeof(v.block)) == ST_OK &&
		     reader_u8(&a, &each) == ST_OK &&
		     reader_bytes(&a, v.sig, sizeof(v.sig)) == ST_OK);
		v.type = (enum vote_type)type;
		if (each != ST_OK)
			continue;
		outpost_must(vote_check(&v, &life.committee) == ST_OK &&
		             outpost_world()->given_len < GIVEN);
		outpost_world()->given[outpost_world()->given_len++] = v;
	}
}

/* As serve_run, but every signature is noted before it is given out. */
static void *be_signer(void *arg)
{
	uint8_t hello[TALK_HELLO_BYTES + 1 + 64] = TALK_HELLO;
	uint8_t *in = malloc(TALK_BYTES_MAX), *out = malloc(TALK_BYTES_MAX);
	char log[600], memory[600];
	struct serve_config cfg = {
		.secret = &life.o->town->node[SELF], .checkpoint = &life.o->town->node[SELF],
		.log = log, .memory = memory,
	};
	int fd = *(int *)arg;
	struct serve *s;
	size_t len, out_len;

	(void)snprintf(log, sizeof(log), "%s/data/votes.log", life.o->folder);
	(void)snprintf(memory, sizeof(memory), "%s/memory", life.o->folder);
	outpost_must(in != NULL && out != NULL && serve_new(&s, &cfg) == ST_OK);
	sign_secret_key(cfg.secret, hello + TALK_HELLO_BYTES + 1);
	memcpy(hello + TALK_HELLO_BYTES + 33, life.o->town->m->trustees[SELF].curve_key, 32);
	outpost_must(talk_send(fd, hello, sizeof(hello)) == ST_OK);
	while (talk_receive(fd, in, TALK_BYTES_MAX, &len) == ST_OK) {
		(void)!serve_answer(s, out, &out_len, in, len);
		if (in[0] == TALK_SIGN && out[0] == ST_OK)
			note_votes(in, len, out, out_len);
		if (talk_send(fd, out, out_len) != ST_OK)
			break;
	}
	serve_free(s);
	(void)close(fd);
	free(in);
	free(out);
	return NULL;
}

/* --- a life ---------------------------------------------------------------------------------- */

static enum status open_node(struct node *n, const struct settings *set, struct fault *fault,
                             int fd)
{
	enum status st;

	if ((st = node_begin(n, set, fault)) != ST_OK ||
	    (st = remote_over(&n->signer, n->keys, fd, fault)) != ST_OK ||
	    (st = node_take_keys(n, fault)) != ST_OK || (st = found_folder(n, fault)) != ST_OK)
		return st;
	return node_found(n, fault);
}

/* Is what the outside saw final still there? */
static unsigned int count_lost(const struct node *n)
{
	unsigned int lost = 0;
	uint64_t first = life.o->town->block[life.o->town->blocks - 1].header.height + 1;

	for (uint64_t h = first; h <= outpost_world()->seen; h++) {
		struct block_header header;
		uint8_t id[32];

		if (store_block(n->store, h, &header, NULL, NULL) != ST_OK) {
			lost++;
			continue;
		}
		block_id(id, &header);
		lost += memcmp(id, outpost_world()->seen_id[h], 32) != 0;
	}
	return lost;
}

static void live(struct outpost *o, const struct outpost_cut *cut)
{
	struct node *n = calloc(1, sizeof(*n));
	char data[600], memory[600];
	struct settings set = {
		.key = "none", .genesis = o->genesis, .data = data, .bind = "*", .delta_ms = 5,
		.read_rate = 50, .read_rate_all = 500, .kiosk_connections = 4,
		.read_connections = 4,
	};
	struct fault fault = { 0 };
	struct consensus_info info;
	pthread_t signer;
	int fd[2];

	(void)snprintf(data, sizeof(data), "%s/data", o->folder);
	(void)snprintf(memory, sizeof(memory), "%s/memory", o->folder);
	(void)snprintf(set.memory, sizeof(set.memory), "%s", memory);
	outpost_must(n != NULL && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	life.o = o;
	life.node = n;
	n->stop = &life.stop;
	town_committee(o->town, &life.committee);
	if (cut->file != NULL)
		disk_arm_sync(o->folder, cut->how, cut->file, (unsigned int)cut->nth, cut->seed);
	else
		disk_arm(o->folder, cut->how, cut->nth, cut->seed);
	outpost_must(pthread_create(&signer, NULL, be_signer, &fd[1]) == 0);
	o->world->why = open_node(n, &set, &fault, fd[0]);
	if (o->world->why == ST_OK) {
		consensus_info(n->core, &info);
		o->world->guarded = info.guarded;
		outpost_gather();
		o->world->why = node_run(n);
		o->world->lost = count_lost(n);
	}
	node_close(n);
	outpost_must(pthread_join(signer, NULL) == 0);
	o->world->calls = disk_calls();
	_exit(o->world->why == ST_OK ? EXIT_DONE : EXIT_REFUSED);
}

enum outpost_end outpost_live(struct outpost *o, unsigned int ballots,
                              const struct outpost_cut *cut)
{
	pid_t pid;
	int status;

	o->world->wanted = ballots;
	o->world->calls = 0;
	o->world->guarded = false;
	o->world->lost = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int quiet = getenv("OUTPOST_LOG") != NULL ? STDERR_FILENO
		                                          : open("/dev/null", O_WRONLY);

		log_to(quiet);
		(void)alarm(LIFE_S);
		live(o, cut);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return OUTPOST_STUCK;
	if (!WIFEXITED(status))
		fail_msg("the node was killed by signal %d", WTERMSIG(status));
	switch (WEXITSTATUS(status)) {
	case EXIT_DONE:
		return OUTPOST_DONE;
	case DISK_EXIT:
		return OUTPOST_CUT;
	case EXIT_REFUSED:
		return OUTPOST_REFUSED;
	default:
		fail_msg("the outpost itself broke: %d", WEXITSTATUS(status));
		return OUTPOST_STUCK;
	}
}

/* --- looking --------------------------------------------------------------------------------- */

uint64_t outpost_calls(const struct outpost *o)
{
	return o->world->calls;
}

enum status outpost_why(const struct outpost *o)
{
	return o->world->why;
}

bool outpost_was_guarded(const struct outpost *o)
{
	return o->world->guarded;
}

unsigned int outpost_lost(const struct outpost *o)
{
	return o->world->lost;
}

unsigned int outpost_conflicts(const struct outpost *o)
{
	unsigned int count = 0;

	for (size_t i = 0; i < o->world->given_len; i++)
		for (size_t k = 0; k < i; k++)
			count += vote_conflicts(&o->world->given[i], &o->world->given[k]);
	return count;
}

unsigned int outpost_votes(const struct outpost *o)
{
	return (unsigned int)o->world->given_len;
}

/* --- making ---------------------------------------------------------------------------------- */

#define NAMED(id) "{\"id\": \"" id "\", \"name\": {\"en\": \"" id "\"}}"
static const char DEFINITION[] =
	"{\"title\": {\"en\": \"Outpost\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	"\"threshold\": 3, \"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], "
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", \"batch_wait_ms\": 1, "
	"\"units\": [" NAMED("all") "], "
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	"\"title\": {\"en\": \"Mayor\"}, \"options\": [" NAMED("ada") ", " NAMED("alan") "]}]}";

static void make_ballots(struct outpost *o)
{
	static const uint32_t ADA[2] = { 1, 0 };

	for (uint32_t i = 0; i < OUTPOST_BALLOTS; i++) {
		struct ballot b;
		struct tx tx;

		o->ballot[i] = town_ballot(o->town, i, 0, ADA, 2);
		assert_int_equal(tx_decode(&tx, o->ballot[i].wire, o->ballot[i].len), ST_OK);
		assert_int_equal(ballot_decode(&b, o->town->m, &tx), ST_OK);
		memcpy(o->tracker[i], b.body.tracker, 32);
	}
}

void outpost_new(struct outpost *o)
{
	FILE *f;

	memset(o, 0, sizeof(*o));
	o->town = calloc(1, sizeof(*o->town));
	o->world = mmap(NULL, sizeof(*o->world), PROT_READ | PROT_WRITE,
	                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_non_null(o->town);
	assert_true(o->world != MAP_FAILED);
	town_new(o->town, NODES, DEFINITION);
	town_ceremony(o->town, town_everyone(o->town));
	town_enrol(o->town, NULL, NULL, OUTPOST_BALLOTS);
	town_open(o->town);
	make_ballots(o);
	(void)snprintf(o->root, sizeof(o->root), "%s", scratch_folder());
	(void)snprintf(o->folder, sizeof(o->folder), "%s/node", o->root);
	(void)snprintf(o->genesis, sizeof(o->genesis), "%s/genesis", o->root);
	assert_int_equal(file_make_folder(o->folder, FILE_PRIVATE), ST_OK);
	f = fopen(o->genesis, "wb");
	assert_non_null(f);
	town_archive(o->town, f, 3);
	assert_int_equal(fclose(f), 0);
	o->world->seen = o->town->block[o->town->blocks - 1].header.height;
	o->world->cur = o->town->block[o->town->blocks - 1].header.view + 1;
}

void outpost_free(struct outpost *o)
{
	for (size_t i = 0; i < OUTPOST_BALLOTS; i++)
		town_tx_free(&o->ballot[i]);
	town_free(o->town);
	free(o->town);
	(void)munmap(o->world, sizeof(*o->world));
}

/* --- going back ------------------------------------------------------------------------------ */

static struct outpost_world saved[OUTPOST_SLOTS];

static void copy_folder(const char *to, const char *from)
{
	char command[2048];
	pid_t pid;
	int status;

	(void)snprintf(command, sizeof(command), "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
	if ((pid = fork()) == 0) {
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

void outpost_save(struct outpost *o, unsigned int slot)
{
	char to[600];

	assert_true(slot < OUTPOST_SLOTS);
	(void)snprintf(to, sizeof(to), "%s.saved%u", o->folder, slot);
	copy_folder(to, o->folder);
	saved[slot] = *o->world;
}

void outpost_restore(struct outpost *o, unsigned int slot)
{
	char from[600];

	(void)snprintf(from, sizeof(from), "%s.saved%u", o->folder, slot);
	copy_folder(o->folder, from);
	*o->world = saved[slot];
}

/*
 * replay.c: runs a fuzz target as an ordinary, repeatable test.
 *
 * The target sees the empty input, every seed of tests/fuzz/corpus/NAME, every prefix of each, and
 * a series of mutations of them that depends on SEED (1 unless set) and FUZZ_RUNS alone.  An input
 * that kills the target is left in NAME.crash in the current folder.  A slow target may define
 * `const uint32_t fuzz_runs` to ask for fewer mutations.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
extern const uint32_t fuzz_runs __attribute__((weak));

enum { INPUT_MAX = 1 << 16, SEEDS_MAX = 512, RUNS = 20000, PREFIXES_MAX = 2048 };

struct seed {
	uint8_t *bytes;
	size_t len;
};

static struct seed seeds[SEEDS_MAX];
static size_t seed_count;
static uint8_t input[INPUT_MAX];   /* what the target saw last */
static size_t input_len;
static char crash_path[512];
static uint64_t state;

static uint32_t draw(uint32_t bound)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % bound);
}

static void on_crash(int sig)
{
	int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd >= 0) {
		if (write(fd, input, input_len) >= 0)
			(void)!write(STDERR_FILENO, crash_path, strlen(crash_path));
		close(fd);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

/* The target gets a block of its own exact size, so that a sanitizer sees one byte too far. */
static void run(void)
{
	uint8_t *copy = malloc(input_len + 1);

	if (copy == NULL)
		abort();
	memcpy(copy + 1, input, input_len);
	(void)LLVMFuzzerTestOneInput(copy + 1, input_len);
	free(copy);
}

static void load_seed(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct seed *s = &seeds[seed_count];

	if (f == NULL || seed_count == SEEDS_MAX)
		abort();
	s->bytes = malloc(INPUT_MAX);
	if (s->bytes == NULL)
		abort();
	s->len = fread(s->bytes, 1, INPUT_MAX, f);
	fclose(f);
	seed_count++;
}

static void load_seeds(const char *name)
{
	char folder[256], path[512];
	struct dirent **list = NULL;
	int n;

	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", name);
	n = scandir(folder, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", folder, list[i]->d_name);
			load_seed(path);
		}
		free(list[i]);
	}
	free(list);
}

static void run_prefixes(const struct seed *s)
{
	size_t step = s->len / PREFIXES_MAX + 1;

	for (size_t len = 0; len < s->len; len += step) {
		memcpy(input, s->bytes, len);
		input_len = len;
		run();
	}
	memcpy(input, s->bytes, s->len);
	input_len = s->len;
	run();
}

/* Put other bytes, from anywhere in another seed, over or into the input. */
static void splice_seed(void)
{
	const struct seed *s = &seeds[draw((uint32_t)seed_count)];
	size_t from, len, to;

	if (s->len == 0 || input_len == 0)
		return;
	from = draw((uint32_t)s->len);
	len = 1 + draw((uint32_t)(s->len - from));
	to = draw((uint32_t)input_len);
	if (len > INPUT_MAX - to)
		len = INPUT_MAX - to;
	memcpy(input + to, s->bytes + from, len);
	if (to + len > input_len)
		input_len = to + len;
}

static void mutate(void)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };
	size_t at = draw((uint32_t)input_len + 1);
	uint32_t how = draw(6);

	if (how == 0 && at < input_len) {
		input[at] ^= (uint8_t)(1u << draw(8));
	} else if (how == 1 && at < input_len) {
		input[at] = edges[draw(sizeof(edges))];
	} else if (how == 2 && at < input_len) {
		input[at] = (uint8_t)draw(256);
	} else if (how == 3 && input_len < INPUT_MAX) {
		memmove(input + at + 1, input + at, input_len - at);
		input[at] = (uint8_t)draw(256);
		input_len++;
	} else if (how == 4 && at < input_len) {
		memmove(input + at, input + at + 1, input_len - at - 1);
		input_len--;
	} else if (seed_count > 0) {
		splice_seed();
	}
}

static void run_mutation(void)
{
	input_len = 0;
	if (seed_count > 0) {
		const struct seed *s = &seeds[draw((uint32_t)seed_count)];

		memcpy(input, s->bytes, s->len);
		input_len = s->len;
	}
	for (uint32_t n = 1 + draw(8); n > 0; n--)
		mutate();
	run();
}

static uint64_t from_env(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL || text[0] == '\0' ? otherwise : strtoull(text, NULL, 0);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *program = slash == NULL ? argv[0] : slash + 1;
	const char *name = strncmp(program, "fuzz_", 5) == 0 ? program + 5 : program;
	uint64_t seed = from_env("SEED", 1);
	uint64_t runs = from_env("FUZZ_RUNS", &fuzz_runs != NULL ? fuzz_runs : RUNS);

	snprintf(crash_path, sizeof(crash_path), "%s.crash", program);
	signal(SIGABRT, on_crash);
	signal(SIGSEGV, on_crash);
	state = seed * 2685821657736338717u + 88172645463325252u;
	for (int i = 1; i < argc; i++)
		load_seed(argv[i]);
	if (argc == 1)
		load_seeds(name);
	run();
	for (size_t i = 0; i < seed_count; i++)
		run_prefixes(&seeds[i]);
	for (uint64_t i = 0; argc == 1 && i < runs; i++)
		run_mutation();
	for (size_t i = 0; i < seed_count; i++)
		free(seeds[i].bytes);
	printf("%zu seeds, %llu mutations, SEED=%llu\n[       OK ] %s\n", seed_count,
	       (unsigned long long)runs, (unsigned long long)seed, program);
	return 0;
}

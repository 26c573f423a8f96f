/*
 * stroll.c: see stroll.h.
 */
#include "tests/unit/lib/stroll.h"

#include "common/base/file.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNIX_S = 1770000000 };

static void hear(void *ctx, const struct evidence *e, const struct sighting *seen, uint32_t node,
                 const char *path, const struct fault *words)
{
	struct stroll *s = ctx;
	struct stroll_told *t = &s->told[s->told_len];

	assert_true(s->told_len < STROLL_TOLD);
	*t = (struct stroll_told){ .kind = e->kind, .node = node, .seen = *seen,
	                           .words = *words };
	(void)snprintf(t->path, sizeof(t->path), "%s", path == NULL ? "" : path);
	s->told_len++;
}

void stroll_make(struct stroll *s, struct town *t, const char *name)
{
	memset(s, 0, sizeof(*s));
	crowd_init(&s->crowd, t, &s->chain);
	(void)snprintf(s->folder, sizeof(s->folder), "%s/%s", scratch_folder(), name);
	(void)snprintf(s->heads, sizeof(s->heads), "%s/heads", s->folder);
	s->listener = (struct lookout_listener){ .ctx = s, .evidence = hear };
	s->copy.lock = -1;
}

enum status stroll_start(struct stroll *s, struct fault *fault)
{
	const struct manifest *m = s->crowd.t->m;
	const char *manifest = scratch_path("manifest.json");
	const struct copy_source from = { .manifest = manifest, .fingerprint = m->election_id };
	enum status st;

	assert_int_equal(file_write(manifest, m->bytes, m->len, FILE_REPLACE, FILE_PUBLIC), ST_OK);
	if ((st = copy_open(&s->copy, s->folder, &from, fault)) != ST_OK)
		return st;
	while ((st = copy_resume(&s->copy, 3, fault)) == ST_OK)
		continue;
	if (st != ST_NOT_FOUND || (st = vault_open(&s->vault, s->folder, fault)) != ST_OK)
		return st;
	return lookout_new(&s->w, &s->crowd.port, &s->copy, &s->vault, s->heads, STROLL_INTERVAL_MS,
	                   &s->listener, fault);
}

void stroll_up(struct stroll *s)
{
	struct fault fault = { 0 };

	if (stroll_start(s, &fault) != ST_OK)
		fail_msg("the follower does not start: %s", fault.what);
}

void stroll_down(struct stroll *s)
{
	lookout_free(s->w);
	s->w = NULL;
	copy_close(&s->copy);
}

void stroll_free(struct stroll *s)
{
	stroll_down(s);
	crowd_free(&s->crowd);
}

void stroll_run(struct stroll *s, uint64_t ms)
{
	uint64_t until = s->now + ms;
	struct client_event ev;

	while (s->now < until) {
		s->now += 50;
		lookout_tick(s->w, s->now, UNIX_S + s->now / 1000);
		while (s->crowd.port.poll(&s->crowd, &ev, 0) == ST_OK)
			lookout_answer(s->w, &ev, s->now);
		while (lookout_work(s->w, s->now))
			continue;
	}
}

struct lookout_view stroll_look(const struct stroll *s)
{
	struct lookout_view v;

	assert_int_equal(lookout_failed(s->w), ST_OK);
	lookout_look(s->w, &v);
	return v;
}

enum status stroll_judge(const struct stroll *s, const struct stroll_told *told,
                         struct sighting *out, struct replay *before)
{
	const struct manifest *m = s->crowd.t->m;
	const uint8_t *manifest;
	struct evidence e;
	uint8_t *bytes;
	size_t len, manifest_len;
	enum status st;

	assert_int_equal(file_read(told->path, &bytes, &len, EVIDENCE_FILE_MAX), ST_OK);
	assert_int_equal(evidence_file_decode(&e, &manifest, &manifest_len, bytes, len), ST_OK);
	assert_int_equal(manifest_len, m->len);
	assert_memory_equal(manifest, m->bytes, m->len);
	assert_int_equal(e.kind, told->kind);
	st = sighting_judge(out, &e, m, before);
	free(bytes);
	return st;
}

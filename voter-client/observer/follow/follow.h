/*
 * follow.h: what the files of voter-follow share.
 *
 * Invariant: exit code 0 only when the copy is level with what the nodes show, f + 1 of them at
 * least agree, and no evidence lies in the folder.
 */
#ifndef KALPIS_FOLLOW_FOLLOW_H
#define KALPIS_FOLLOW_FOLLOW_H

#include "common/base/cli.h"
#include "voter-client/observer/follow/lookout.h"

#include <signal.h>

struct follow_options {
	const char *folder;
	const char *fingerprint;
	const char *archive;
	const char *manifest;
	const char *out;
	struct cli_list nodes;        /* "2=host:port" */
	uint64_t interval_s;
	uint64_t timeout_s;
	bool once;
	bool until_end;
	bool json;
	bool replace;
};
extern struct follow_options follow_opt;

/* How a run ended. */
enum follow_end {
	FOLLOW_REACHED,       /* what was asked for: level once, or the result */
	FOLLOW_STOPPED,       /* by a signal */
	FOLLOW_TIMED_OUT,
	FOLLOW_DEAD           /* the election failed, and will have no result */
};

struct follow_run {
	const struct port *port;
	struct copy *copy;
	const struct vault *vault;
	struct lookout *w;
	enum follow_end end;
	enum status failed;   /* of our side; ST_OK */
	struct lookout_view view;
	bool was_good;        /* level, and enough nodes agreed, when that was last known */
	bool has_heard;       /* any node ever answered */
};
/* Watch until the end that the options name.  stop: set by a signal. */
void follow_loop(struct follow_run *r, const volatile sig_atomic_t *stop);

/* --- words (tell.c) -------------------------------------------------------------------------- */

void tell_begin(const struct copy *c);
void tell_reading(const struct copy *c, uint64_t height);
/* One line: where the election stands and who agrees. */
void tell_status(const struct manifest *m, const struct lookout_view *v);
void tell_evidence(const struct manifest *m, const struct evidence *e, const struct sighting *seen,
                   uint32_t node, const char *path, const struct fault *words);
/* How it ended; archive: NULL, or the file that was written; kept: evidence files in the folder. */
void tell_end(const struct follow_run *r, int code, const char *archive, size_t kept);

int run_watch(void);
int run_export(void);

#endif

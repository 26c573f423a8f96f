/*
 * remote_impl.h: what remote.c and remote_start.c share (remote.h).
 */
#ifndef KALPIS_SIGNER_REMOTE_IMPL_H
#define KALPIS_SIGNER_REMOTE_IMPL_H

#include "tally-server/signer/remote.h"

#include <sys/types.h>

/* A signer that was started: reads what it says first.  Takes fd, also on failure; pid 0: none. */
MUST_USE enum status remote_with(struct remote **out, struct remote_keys *keys, int fd, pid_t pid,
                                 struct fault *fault);

#endif

/*
 * asks.c: see asks.h.
 */
#include "tally-server/node/asks.h"

#include <string.h>

enum status asks_add(struct asks *a, const struct ask *ask)
{
	if (a->len == ASKS_MAX)
		return ST_AGAIN;
	a->ask[a->len++] = *ask;
	return ST_OK;
}

static void take(struct asks *a, struct ask *out, size_t i)
{
	*out = a->ask[i];
	a->ask[i] = a->ask[--a->len];
}

static bool is_about(const struct ask *ask, enum message_kind kind, const uint8_t *about)
{
	return ask->kind == kind && memcmp(ask->about, about, sizeof(ask->about)) == 0;
}

bool asks_take(struct asks *a, struct ask *out, enum message_kind kind,
               const uint8_t about[static 32])
{
	for (size_t i = 0; i < a->len; i++)
		if (is_about(&a->ask[i], kind, about)) {
			take(a, out, i);
			return true;
		}
	return false;
}

bool asks_take_due(struct asks *a, struct ask *out, uint64_t now_ms)
{
	for (size_t i = 0; i < a->len; i++)
		if (a->ask[i].deadline_ms <= now_ms) {
			take(a, out, i);
			return true;
		}
	return false;
}

bool asks_has(const struct asks *a, enum message_kind kind, const uint8_t about[static 32])
{
	for (size_t i = 0; i < a->len; i++)
		if (is_about(&a->ask[i], kind, about))
			return true;
	return false;
}

uint64_t asks_deadline(const struct asks *a)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < a->len; i++)
		if (a->ask[i].deadline_ms < first)
			first = a->ask[i].deadline_ms;
	return first;
}

/*
 * crash.c: see crash.h.
 */
#include "common/base/crash.h"

#include "common/base/number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CRASH_EXIT = 137 };   /* what a shell says of a process killed by SIGKILL */

static char armed[32];
static uint64_t left;

bool crash_arm(void)
{
	const char *text = getenv("KALPIS_CRASH_AT");
	const char *colon;
	size_t len;

	armed[0] = '\0';
	if (text == NULL)
		return true;
	colon = strchr(text, ':');
	len = colon == NULL ? strlen(text) : (size_t)(colon - text);
	left = 1;
	if (len == 0 || len >= sizeof(armed) ||
	    (colon != NULL &&
	     (number_decode(&left, colon + 1, strlen(colon + 1), UINT32_MAX) != ST_OK || left == 0)))
		return false;
	memcpy(armed, text, len);
	armed[len] = '\0';
	return true;
}

const char *crash_armed(void)
{
	return armed[0] == '\0' ? NULL : armed;
}

void crash_point(const char *name)
{
	if (armed[0] != '\0' && strcmp(name, armed) == 0 && --left == 0)
		_exit(CRASH_EXIT);
}

/* suites.c: see suites.h. */
#include "tests/unit/lib/suites.h"

#include <stddef.h>

static const struct group *const *suites(const struct group *last)
{
	static const struct group *all[2][5];
	const struct group **list = all[last != NULL];

	list[0] = group_ristretto255();
	list[1] = group_belenios2048();
	list[2] = group_rfc3526_2048();
	list[3] = last;
	return list;
}

const struct group *const *suites_large(void)
{
	return suites(NULL);
}

const struct group *const *suites_all(void)
{
	return suites(group_tiny());
}

/* clock.c: a case of the lint. */
#include <time.h>

long a(void)
{
	return (long)time(0);
}

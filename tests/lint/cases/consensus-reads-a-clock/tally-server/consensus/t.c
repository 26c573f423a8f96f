/* t.c: a case of the lint. */
#include <time.h>

long t(void)
{
	return (long)time(0);
}

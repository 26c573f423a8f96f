/* a.c: a case of the lint. */
#include <assert.h>

void a(int n)
{
	assert(n == 1 && n >= 0 && n != 7);
	assert(n++ == 1);
}

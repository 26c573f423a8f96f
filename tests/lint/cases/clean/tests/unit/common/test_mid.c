/* test_mid.c: a case of the lint. */
#include "common/base/mid.h"

void assert_true(int what);

int main(void)
{
	assert_true(mid());
	return 0;
}

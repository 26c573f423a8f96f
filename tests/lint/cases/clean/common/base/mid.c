/* mid.c: a case of the lint. */
#include "common/base/mid.h"
#include "crypto/low.h"

int mid(void)
{
	return low();
}

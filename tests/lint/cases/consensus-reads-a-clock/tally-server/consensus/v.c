/* v.c: a case of the lint. */
#include "common/base/clock.h"

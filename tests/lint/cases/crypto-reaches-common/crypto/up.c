/* up.c: a case of the lint. */
#include "common/base/mid.h"

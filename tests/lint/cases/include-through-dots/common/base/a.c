/* a.c: a case of the lint. */
#include "../../crypto/low.h"

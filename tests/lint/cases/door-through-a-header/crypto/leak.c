/* leak.c: a case of the lint. */
#include "crypto/leak.h"

/* f.c: a case of the lint. */
#include "common/net/link.h"

/* a.c: a case of the lint. */
#include <gmp.h>

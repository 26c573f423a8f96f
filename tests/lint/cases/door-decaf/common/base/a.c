/* a.c: a case of the lint. */
#include <decaf.h>

/* a.c: a case of the lint. */
#include <sodium.h>

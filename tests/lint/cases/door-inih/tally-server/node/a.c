/* a.c: a case of the lint. */
#include <ini.h>

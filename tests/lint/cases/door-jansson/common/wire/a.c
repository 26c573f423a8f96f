/* a.c: a case of the lint. */
#include <jansson.h>

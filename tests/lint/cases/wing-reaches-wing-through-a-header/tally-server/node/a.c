/* a.c: a case of the lint. */
#include "tally-server/node/a.h"

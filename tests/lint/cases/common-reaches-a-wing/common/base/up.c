/* up.c: a case of the lint. */
#include "tally-server/node/n.h"

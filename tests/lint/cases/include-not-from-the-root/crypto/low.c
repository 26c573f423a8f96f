/* low.c: a case of the lint. */
#include "low.h"

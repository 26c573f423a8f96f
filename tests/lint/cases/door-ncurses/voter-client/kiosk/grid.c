/* grid.c: a case of the lint. */
#include <panel.h>

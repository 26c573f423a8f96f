/* grid.c: a case of the lint. */
#include <uninorm.h>

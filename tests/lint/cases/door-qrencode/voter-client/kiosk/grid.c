/* grid.c: a case of the lint. */
#include <qrencode.h>

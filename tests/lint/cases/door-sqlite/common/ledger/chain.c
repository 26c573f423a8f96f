/* chain.c: a case of the lint. */
#include <sqlite3.h>

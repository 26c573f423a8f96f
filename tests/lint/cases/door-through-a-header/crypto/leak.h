/* leak.h: a case of the lint. */
#ifndef L_H
#define L_H

#include <sodium.h>

#endif

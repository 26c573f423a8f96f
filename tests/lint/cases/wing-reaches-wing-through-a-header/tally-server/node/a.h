/* a.h: a case of the lint. */
#ifndef A_H
#define A_H

#include "voter-client/kiosk/k.h"

#endif

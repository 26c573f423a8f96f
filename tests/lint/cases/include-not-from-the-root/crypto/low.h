/* low.h: a case of the lint. */
#ifndef LOW_H
#define LOW_H

int low(void);

#endif

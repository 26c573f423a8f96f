/* mid.h: a case of the lint. */
#ifndef MID_H
#define MID_H

int mid(void);

#endif

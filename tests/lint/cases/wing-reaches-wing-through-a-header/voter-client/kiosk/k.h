/* k.h: a case of the lint. */
#ifndef K_H
#define K_H

extern int k;

#endif

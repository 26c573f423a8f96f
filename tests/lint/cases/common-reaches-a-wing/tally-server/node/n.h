/* n.h: a case of the lint. */
#ifndef N_H
#define N_H

extern int n;

#endif

/* a.h: a case of the lint. */
#ifndef A_H
#define A_H

size_t a(void);

#endif

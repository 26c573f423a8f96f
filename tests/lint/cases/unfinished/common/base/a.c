/* a.c: a case of the lint. */
extern int a;   /* TODO: all of it */

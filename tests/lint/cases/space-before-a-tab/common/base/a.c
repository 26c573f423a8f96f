/* a.c: a case of the lint. */
extern int a;
 	extern int b;

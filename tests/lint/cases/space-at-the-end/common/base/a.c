/* a.c: a case of the lint. */
extern int a; 

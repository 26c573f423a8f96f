/* a.c: a case of the lint. */
#ifdef OTHER
extern int x;
#endif

int a(void)
{
#ifdef OTHER
	return 1;
#endif
	return 0;
}

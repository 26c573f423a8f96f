/* a.c: a case of the lint. */
void a(void)
{
	(void)sprintf(a, "%d", 1);
}

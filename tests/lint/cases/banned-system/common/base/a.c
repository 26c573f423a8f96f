/* a.c: a case of the lint. */
void a(void)
{
	(void)system(a);
}

/* a.c: a case of the lint. */
void a(void)
{
	(void)calloc(1, 1);
}

/* a.c: a case of the lint. */
void a(void)
{
	(void)memcmp(0, 0, 0);
}

/* mem.c: a case of the lint. */
void a(void)
{
	free(malloc(1));
}

/* a.c: a case of the lint. */
void a(void)
{
	(void)dlopen("libzmq.so.5", 1);
}

/* test_a.c: a case of the lint. */
int main(void)
{
	return 0;   /* assert_true(1) */
}

/* tty.c: a case of the lint. */
#include <ncurses.h>

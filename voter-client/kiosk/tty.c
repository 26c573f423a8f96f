/*
 * tty.c: see tty.h.
 *
 * raw(): ^C, ^Z, ^\, ^S are keys like others, and nothing more.  Cells are written one by one at
 * their place, so that a terminal that thinks otherwise about the width of a character spoils that
 * character and no other.
 *
 * Invariant: state is this file's alone; there is one terminal.
 */
#include "voter-client/kiosk/tty.h"

#include "crypto/mem.h"

#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { ESC_DELAY_MS = 25, KEY_ESCAPE = 27, KEY_DELETE = 127, SIGNALS = 4 };

static const int SIGNAL[SIGNALS] = { SIGINT, SIGQUIT, SIGTSTP, SIGHUP };
static struct sigaction before[SIGNALS];
static SCREEN *terminal;

static void ignore_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < SIGNALS; i++)
		(void)sigaction(SIGNAL[i], &ignore, &before[i]);
}

static void restore_signals(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		(void)sigaction(SIGNAL[i], &before[i], NULL);
}

enum status tty_start(void)
{
	if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)
		return ST_NOT_FOUND;
	/* A service has no LANG; what we write is UTF-8 whatever it says. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	ignore_signals();
	terminal = newterm(NULL, stdout, stdin);
	if (terminal == NULL) {
		restore_signals();
		return ST_NOT_FOUND;
	}
	(void)raw();
	(void)noecho();
	(void)nonl();
	(void)set_escdelay(ESC_DELAY_MS);
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)curs_set(1);
	tty_clear();
	return ST_OK;
}

/* --- showing --------------------------------------------------------------------------------- */

void tty_size(uint16_t *columns, uint16_t *rows)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
	    is_term_resized(size.ws_row, size.ws_col)) {
		(void)resizeterm(size.ws_row, size.ws_col);
		(void)clearok(curscr, TRUE);
	}
	*columns = (uint16_t)(COLS < GRID_COLUMNS_MAX ? COLS : GRID_COLUMNS_MAX);
	*rows = (uint16_t)(LINES < GRID_ROWS_MAX ? LINES : GRID_ROWS_MAX);
}

static attr_t attribute(uint8_t attr)
{
	switch ((enum grid_attr)attr) {
	case GRID_NORMAL:
		break;
	case GRID_STRONG:
	case GRID_WARN:
		return A_BOLD;
	case GRID_TITLE:
		return A_BOLD | A_UNDERLINE;
	case GRID_FOCUS:
		return A_REVERSE;
	case GRID_ATTR_COUNT:
		break;
	}
	return A_NORMAL;
}

static void show_cell(int row, int column, const struct grid_cell *c)
{
	wchar_t wide[GRID_CELL_BYTES + 1];
	char text[GRID_CELL_BYTES + 1];
	size_t n;

	if (c->width == 0)
		return;
	(void)attrset((int)attribute(c->attr));
	memcpy(text, c->text, c->len);
	text[c->len] = '\0';
	n = mbstowcs(wide, text, GRID_CELL_BYTES);
	if (n == (size_t)-1 || n == 0)
		(void)mvaddch(row, column, '?');
	else
		(void)mvaddnwstr(row, column, wide, (int)n);
	mem_wipe(text, sizeof(text));
	mem_wipe(wide, sizeof(wide));
}

void tty_show(const struct grid *g, uint16_t row, uint16_t column, bool has_cursor)
{
	int top = (LINES - g->rows) / 2, left = (COLS - g->columns) / 2;

	(void)erase();
	top = top > 0 ? top : 0;
	left = left > 0 ? left : 0;
	for (uint16_t r = 0; r < g->rows; r++)
		for (uint16_t c = 0; c < g->columns; c++)
			show_cell(top + r, left + c, grid_at(g, r, c));
	(void)attrset(A_NORMAL);
	(void)curs_set(has_cursor ? 1 : 0);
	(void)move(has_cursor ? top + row : 0, has_cursor ? left + column : 0);
	(void)refresh();
}

/* --- keys ------------------------------------------------------------------------------------ */

static struct press press_of(int key)
{
	switch (key) {
	case KEY_UP:
		return (struct press){ .kind = PRESS_UP };
	case KEY_DOWN:
	case '\t':
		return (struct press){ .kind = PRESS_DOWN };
	case KEY_BTAB:
		return (struct press){ .kind = PRESS_UP };
	case KEY_LEFT:
		return (struct press){ .kind = PRESS_LEFT };
	case KEY_RIGHT:
		return (struct press){ .kind = PRESS_RIGHT };
	case KEY_ENTER:
	case '\r':
	case '\n':
		return (struct press){ .kind = PRESS_ENTER };
	case KEY_BACKSPACE:
	case KEY_DC:
	case '\b':
	case KEY_DELETE:
		return (struct press){ .kind = PRESS_ERASE };
	case KEY_PPAGE:
		return (struct press){ .kind = PRESS_PAGE_UP };
	case KEY_NPAGE:
		return (struct press){ .kind = PRESS_PAGE_DOWN };
	case KEY_ESCAPE:
		return (struct press){ .kind = PRESS_ESC };
	case KEY_RESIZE:
		return (struct press){ .kind = PRESS_RESIZE };
	default:   /* not an enum: every other key */
		break;
	}
	if (key >= ' ' && key <= '~')
		return (struct press){ .kind = PRESS_CHAR, .c = (char)key };
	return (struct press){ .kind = PRESS_OTHER };
}

/* No key came: is there still somebody who could press one? */
static bool is_gone(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	int bytes = 0;

	if (poll(&pfd, 1, 0) <= 0)
		return false;
	if ((pfd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		return true;
	return ioctl(STDIN_FILENO, FIONREAD, &bytes) != 0;
}

enum status tty_next(struct press *out)
{
	int key = getch();

	if (key == ERR)
		return is_gone() ? ST_NOT_FOUND : ST_AGAIN;
	*out = press_of(key);
	return ST_OK;
}

void tty_flush(void)
{
	(void)flushinp();
}

/* --- clearing -------------------------------------------------------------------------------- */

static void write_all(const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

void tty_clear(void)
{
	(void)erase();
	(void)clearok(stdscr, TRUE);
	(void)refresh();
	write_all("\033[3J");      /* the scrollback, where there is one */
}

void tty_stop(void)
{
	if (terminal == NULL)
		return;
	tty_clear();
	(void)endwin();
	delscreen(terminal);
	terminal = NULL;
	write_all("\033[0m\033[H\033[2J\033[3J");
	restore_signals();
}

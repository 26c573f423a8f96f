/*
 * passphrase.c: see passphrase.h.
 *
 * Invariant: between echo_off and echo_on every signal that would end or stop the process waits;
 * none is lost.
 */
#include "common/base/passphrase.h"

#include "common/base/file.h"
#include "crypto/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum {
	KEY_CTRL_C = 3, KEY_CTRL_D = 4, KEY_BACKSPACE = 8, KEY_LINE_FEED = 10, KEY_RETURN = 13,
	KEY_CTRL_U = 21, KEY_DELETE = 127
};

/* A terminal in our hands, and how it was. */
struct terminal {
	int fd;
	int signals;             /* signalfd of those that wait */
	struct termios before;
	sigset_t mask_before;
};

void passphrase_wipe(struct passphrase *p)
{
	mem_wipe(p, sizeof(*p));
}

/* --- files ------------------------------------------------------------------------------------ */

static enum status first_line(struct passphrase *out, const char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (len == 0 || memchr(text, '\n', len) != NULL || memchr(text, '\0', len) != NULL)
		return ST_FORMAT;
	if (len > sizeof(out->text))
		return ST_LIMIT;
	memcpy(out->text, text, len);
	out->len = len;
	return ST_OK;
}

enum status passphrase_file(struct passphrase *out, const char *path)
{
	const size_t size = LIMIT_PASSPHRASE_BYTES + 2;   /* with its line end */
	char *text = mem_secret_alloc(size);
	enum status st = ST_NO_MEMORY;
	size_t len = 0;

	out->len = 0;
	if (text == NULL)
		return st;
	st = file_read_into(path, text, &len, size);
	if (st == ST_OK)
		st = first_line(out, text, len);
	mem_secret_free(text);
	return st;
}

/* --- the terminal ----------------------------------------------------------------------------- */

static enum status echo_off(struct terminal *t, int fd)
{
	struct termios quiet;
	sigset_t waiting;

	t->fd = fd;
	if (tcgetattr(fd, &t->before) != 0)
		return ST_NOT_FOUND;
	sigemptyset(&waiting);
	sigaddset(&waiting, SIGINT);
	sigaddset(&waiting, SIGTERM);
	sigaddset(&waiting, SIGHUP);
	sigaddset(&waiting, SIGQUIT);
	sigaddset(&waiting, SIGTSTP);
	if (sigprocmask(SIG_BLOCK, &waiting, &t->mask_before) != 0)
		return ST_INTERNAL;
	t->signals = signalfd(-1, &waiting, SFD_CLOEXEC | SFD_NONBLOCK);
	quiet = t->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	quiet.c_iflag &= ~(tcflag_t)IXON;
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	if (t->signals >= 0 && tcsetattr(fd, TCSAFLUSH, &quiet) == 0)
		return ST_OK;
	if (t->signals >= 0)
		close(t->signals);
	(void)sigprocmask(SIG_SETMASK, &t->mask_before, NULL);
	return ST_IO;
}

/* The signals that waited arrive when their mask goes. */
static void echo_on(struct terminal *t)
{
	(void)tcsetattr(t->fd, TCSAFLUSH, &t->before);
	close(t->signals);
	(void)sigprocmask(SIG_SETMASK, &t->mask_before, NULL);
}

/* ST_DENIED when a signal came instead of a key, or the terminal went away. */
static enum status next_key(struct terminal *t, unsigned char *key)
{
	struct pollfd wait[2] = { { t->fd, POLLIN, 0 }, { t->signals, POLLIN, 0 } };

	for (;;) {
		ssize_t n;

		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			return ST_IO;
		if (wait[1].revents != 0)
			return ST_DENIED;
		if (wait[0].revents == 0)
			continue;
		n = read(t->fd, key, 1);
		if (n == 1)
			return ST_OK;
		if (n == 0 || (errno != EINTR && errno != EAGAIN))
			return ST_DENIED;
	}
}

/* Forget the last character: its last byte and, of UTF-8, those before it that it needs. */
static void forget_last(struct passphrase *p)
{
	while (p->len > 0) {
		unsigned char last = (unsigned char)p->text[--p->len];

		p->text[p->len] = 0;
		if ((last & 0xc0) != 0x80)
			return;
	}
}

static enum status read_keys(struct passphrase *out, struct terminal *t)
{
	enum status st = ST_OK;
	bool too_long = false;
	unsigned char key = 0;

	for (;;) {
		if ((st = next_key(t, &key)) != ST_OK)
			return st;
		if (key == KEY_RETURN || key == KEY_LINE_FEED)
			break;
		if (key == KEY_CTRL_C || key == KEY_CTRL_D)
			return ST_DENIED;
		if (key == KEY_BACKSPACE || key == KEY_DELETE) {
			forget_last(out);
		} else if (key == KEY_CTRL_U) {
			passphrase_wipe(out);
			too_long = false;
		} else if (out->len == sizeof(out->text)) {
			too_long = true;
		} else {
			out->text[out->len++] = (char)key;
		}
	}
	key = 0;
	if (too_long)
		return ST_LIMIT;
	return out->len == 0 ? ST_FORMAT : ST_OK;
}

static void show(int fd, const char *text)
{
	/* When the prompt cannot be shown the person will not answer; nothing is lost. */
	if (write(fd, text, strlen(text)) < 0)
		return;
}

static enum status ask_once(struct passphrase *out, int tty, const char *prompt)
{
	struct terminal t = { 0 };
	enum status st = echo_off(&t, tty);

	out->len = 0;
	if (st != ST_OK)
		return st;
	show(tty, prompt);
	st = read_keys(out, &t);
	show(tty, "\n");
	echo_on(&t);
	return st;
}

static enum status ask_again(const struct passphrase *first, int tty)
{
	struct passphrase *second = mem_secret_alloc(sizeof(*second));
	enum status st;

	if (second == NULL)
		return ST_NO_MEMORY;
	st = ask_once(second, tty, "The same again: ");
	if (st == ST_OK && (second->len != first->len ||
	                    !mem_is_equal(second->text, first->text, first->len)))
		st = ST_FORMAT;
	mem_secret_free(second);
	return st;
}

enum status passphrase_ask_fd(struct passphrase *out, int tty, const char *prompt, int twice)
{
	enum status st = ask_once(out, tty, prompt);

	if (st == ST_OK && twice)
		st = ask_again(out, tty);
	if (st != ST_OK)
		passphrase_wipe(out);
	return st;
}

enum status passphrase_ask(struct passphrase *out, const char *prompt, int twice)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	enum status st;

	out->len = 0;
	if (tty < 0)
		return ST_NOT_FOUND;
	st = passphrase_ask_fd(out, tty, prompt, twice);
	close(tty);
	return st;
}

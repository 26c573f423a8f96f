/*
 * plain.c: the face of plain lines, on descriptors: see face.h and plain.h.
 *
 * Lines are read with read(2) into locked memory and written with write(2), so that no library
 * buffer keeps a choice.  A line is taken only when the session asks for one: a script may write
 * all its lines beforehand.
 *
 * Invariant: on a terminal the screen and its scrollback are cleared when a voter has left.
 */
#include "voter-client/kiosk/plain.h"

#include "crypto/mem.h"
#include "voter-client/kiosk/face.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Secret memory. */
struct plain {
	int in;
	int to;
	bool is_terminal;
	bool is_over;             /* the input has ended */
	bool is_dead;             /* the output cannot be written */
	bool skips;               /* the rest of a line that was too long */
	uint16_t first;           /* option at the top of the page */
	uint32_t values[LIMIT_OPTIONS + 1];
	size_t have;              /* bytes in buf */
	size_t used;              /* of them, the line that was taken */
	char buf[PLAIN_LINE_MAX];
	size_t out_len;
	char out[4096];
	struct screen screen;
};

/* --- writing --------------------------------------------------------------------------------- */

static void flush(struct plain *p)
{
	size_t done = 0;

	while (done < p->out_len && !p->is_dead) {
		ssize_t n = write(p->to, p->out + done, p->out_len - done);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			p->is_dead = true;
	}
	mem_wipe(p->out, p->out_len);
	p->out_len = 0;
}

static void put(void *ctx, const char *text, size_t len)
{
	struct plain *p = ctx;

	while (len > 0) {
		size_t room = sizeof(p->out) - p->out_len;
		size_t part = len < room ? len : room;

		memcpy(p->out + p->out_len, text, part);
		p->out_len += part;
		text += part;
		len -= part;
		if (p->out_len == sizeof(p->out))
			flush(p);
	}
}

static void put_text(struct plain *p, const char *text)
{
	put(p, text, strlen(text));
}

static void prompt(struct plain *p)
{
	if (p->is_terminal)
		put_text(p, "> ");
	flush(p);
}

/* --- showing --------------------------------------------------------------------------------- */

static void print_all(struct plain *p)
{
	const struct plain_out out = { .put = put, .ctx = p };

	plain_print(&out, &p->screen, p->first);
}

static void print_notice(struct plain *p)
{
	for (uint16_t i = 0; i < p->screen.lines_len; i++) {
		put_text(p, "! ");
		put_text(p, p->screen.line[i].text);
		put_text(p, "\n");
	}
}

static void clear_terminal(struct plain *p)
{
	if (p->is_terminal)
		put_text(p, "\033[H\033[2J\033[3J");
}

static void plain_show(void *ctx, const struct session *s)
{
	struct plain *p = ctx;
	enum session_at at = p->screen.at;

	session_screen(s, &p->screen);
	if (at != p->screen.at)
		p->first = 0;
	if (at == AT_END && s->at == AT_CREDENTIAL)
		clear_terminal(p);
	if (s->over == OVER_NOTICE)
		print_notice(p);
	else
		print_all(p);
	if (!p->screen.is_waiting && s->over != OVER_NOTICE)
		prompt(p);
	flush(p);
}

static void plain_tell(void *ctx, const char *key, const char *value)
{
	struct plain *p = ctx;

	put_text(p, key);
	put_text(p, "=");
	put_text(p, value);
	put_text(p, "\n");
	flush(p);
}

/* --- reading --------------------------------------------------------------------------------- */

static void drop_used(struct plain *p)
{
	memmove(p->buf, p->buf + p->used, p->have - p->used);
	mem_wipe(p->buf + p->have - p->used, p->used);
	p->have -= p->used;
	p->used = 0;
}

static bool is_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

/* Get more bytes.  ST_AGAIN when there are none now, ST_NOT_FOUND at the end. */
static enum status fill(struct plain *p)
{
	ssize_t n;

	if (p->have == sizeof(p->buf)) {   /* a line that is too long: forget it */
		p->used = p->have;
		drop_used(p);
		p->skips = true;
	}
	if (p->is_over || p->is_dead)
		return ST_NOT_FOUND;
	if (!is_readable(p->in))
		return ST_AGAIN;
	n = read(p->in, p->buf + p->have, sizeof(p->buf) - p->have);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? ST_AGAIN : ST_NOT_FOUND;
	if (n == 0) {
		p->is_over = true;
		return ST_NOT_FOUND;
	}
	p->have += (size_t)n;
	return ST_OK;
}

/* The next whole line, at buf, without its end.  The last may lack its newline. */
static enum status next_line(struct plain *p, size_t *len)
{
	enum status st = ST_OK;
	const char *end;

	drop_used(p);
	while ((end = memchr(p->buf, '\n', p->have)) == NULL && st == ST_OK)
		st = fill(p);
	if (end == NULL && (st != ST_NOT_FOUND || p->have == 0))
		return st;
	*len = end == NULL ? p->have : (size_t)(end - p->buf);
	p->used = end == NULL ? p->have : *len + 1;
	return ST_OK;
}

static void more(struct plain *p)
{
	p->first = (uint16_t)(p->first + PLAIN_PAGE);
	if (p->first >= p->screen.items_len || p->screen.item[p->first].kind != MENU_OPTION)
		p->first = 0;
}

/* What the session must be told before a line can be looked at. */
static bool clears_the_way(const struct plain *p, const struct session *s,
                           struct session_event *event)
{
	bool is_read = s->over == OVER_NOTICE;
	/* Nobody waits at a script's end screen. */
	bool is_done = s->at == AT_END && s->over == OVER_NONE && !p->is_terminal;

	*event = (struct session_event){ .kind = EV_COMMAND, .number = is_read ? CMD_OK : CMD_DONE };
	return is_read || is_done;
}

static bool is_yes(const char *line, size_t len)
{
	return len == 3 && memcmp(line, "yes", 3) == 0;
}

/* Whoever types anything is still there; what was typed is then taken for itself. */
static bool shows_life(struct plain *p, const struct session *s, struct session_event *event)
{
	if (s->over != OVER_STILL)
		return false;
	p->used = 0;
	*event = (struct session_event){ .kind = EV_COMMAND, .number = CMD_STILL };
	return true;
}

static enum status plain_next(void *ctx, const struct session *s, struct session_event *event)
{
	struct plain *p = ctx;
	enum status st;
	size_t len;

	if (clears_the_way(p, s, event))
		return ST_OK;
	while ((st = next_line(p, &len)) == ST_OK) {
		if (p->skips) {
			p->skips = false;
			*event = (struct session_event){ .kind = EV_STRANGE };
			return ST_OK;
		}
		if (!is_yes(p->buf, len) && shows_life(p, s, event))
			return ST_OK;
		switch (plain_parse(event, p->values, s, p->buf, len)) {
		case PLAIN_EVENT:
			return ST_OK;
		case PLAIN_MORE:
			more(p);
			break;
		case PLAIN_SHOW:
			break;
		}
		print_all(p);
		prompt(p);
	}
	return st;
}

/* --- ending ---------------------------------------------------------------------------------- */

static void plain_forget(void *ctx)
{
	struct plain *p = ctx;

	screen_wipe(&p->screen);
	mem_wipe(p->values, sizeof(p->values));
	clear_terminal(p);
	flush(p);
}

static void plain_end(void *ctx)
{
	plain_forget(ctx);
	mem_secret_free(ctx);
}

enum status plain_open(struct face *out, int in, int to)
{
	struct plain *p = mem_secret_alloc(sizeof(*p));

	if (p == NULL)
		return ST_NO_MEMORY;
	p->in = in;
	p->to = to;
	p->is_terminal = isatty(in) == 1 && isatty(to) == 1;
	*out = (struct face){ .ctx = p, .fd = in, .show = plain_show, .next = plain_next,
	                      .tell = plain_tell, .forget = plain_forget, .end = plain_end };
	return ST_OK;
}

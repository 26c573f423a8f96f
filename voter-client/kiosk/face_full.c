/*
 * face_full.c: a session on a terminal: see face_full.h.
 *
 * Everything is drawn anew from the session each time: base screen, and what lies over it.  The
 * face remembers nothing but which page of a long text is being read.
 */
#include "voter-client/kiosk/face_full.h"

#include "common/base/clock.h"
#include "crypto/mem.h"
#include "voter-client/kiosk/tty.h"

/* What makes a screen another one: keys pressed on one are not for the next. */
struct identity {
	enum session_at at;
	enum session_over over;
	uint16_t place;
	bool from_review;
};

/* Secret memory. */
struct full {
	struct identity seen;
	uint16_t reading;            /* page of a text that is read first */
	uint64_t selected_ms;        /* when a key last chose */
	struct screens_place at;
	struct session base;         /* without what lies over it */
	struct screen screen;
	struct grid grid;
};

static struct identity identity_of(const struct session *s)
{
	return (struct identity){ .at = s->at, .over = s->over, .place = s->place,
	                          .from_review = s->from_review };
}

/* Is the screen below the message the same? */
static bool is_same_base(const struct identity *a, const struct identity *b)
{
	return a->at == b->at && a->place == b->place && a->from_review == b->from_review;
}

static void draw_over(struct full *f, const struct session *s, uint16_t columns, uint16_t rows)
{
	session_screen(s, &f->screen);
	if (!screens_box(&f->grid, &f->at, &f->screen))
		screens_draw(&f->grid, &f->at, &f->screen, columns, rows, UINT16_MAX, false);
}

static void draw(struct full *f, const struct session *s)
{
	uint16_t columns, rows;

	tty_size(&columns, &rows);
	f->base = *s;
	f->base.over = OVER_NONE;
	session_screen(&f->base, &f->screen);
	screens_draw(&f->grid, &f->at, &f->screen, columns, rows, f->reading, s->over != OVER_NONE);
	if (s->over != OVER_NONE && !f->at.is_too_small)
		draw_over(f, s, columns, rows);
	mem_wipe(&f->base, sizeof(f->base));
	screen_wipe(&f->screen);
	tty_show(&f->grid, f->at.row, f->at.column, f->at.has_cursor);
}

static void full_show(void *ctx, const struct session *s)
{
	struct full *f = ctx;
	struct identity now = identity_of(s);

	if (!is_same_base(&now, &f->seen))
		f->reading = 0;
	if (!is_same_base(&now, &f->seen) || now.over != f->seen.over)
		tty_flush();
	f->seen = now;
	draw(f, s);
}

/* A key that is held repeats: that must not take back what it chose, or choose on the next
 * screen. */
static bool is_held(struct full *f, const struct press *p, const struct session *s)
{
	uint64_t now = clock_mono_ms(), since = now - f->selected_ms;

	if (!press_is_select(p, s))
		return false;
	f->selected_ms = now;
	return since < FACE_FULL_HELD_MS;
}

static enum status full_next(void *ctx, const struct session *s, struct session_event *event)
{
	struct full *f = ctx;
	struct press p;
	enum status st;

	while ((st = tty_next(&p)) == ST_OK) {
		if (p.kind == PRESS_RESIZE) {
			draw(f, s);
			continue;
		}
		if (is_held(f, &p, s))
			continue;
		switch (press_meaning(event, &f->reading, &p, s, &f->at)) {
		case PRESS_READ:
			draw(f, s);
			return ST_OK;
		case PRESS_EVENT:
			return ST_OK;
		case PRESS_NOTHING:
			break;
		}
	}
	return st;
}

/* A full screen says everything itself. */
static void full_tell(void *ctx, const char *key, const char *value)
{
	(void)ctx;
	(void)key;
	(void)value;
}

static void full_forget(void *ctx)
{
	struct full *f = ctx;

	screen_wipe(&f->screen);
	grid_wipe(&f->grid);
	mem_wipe(&f->base, sizeof(f->base));
	/* Keys do nothing till the next show. */
	f->at = (struct screens_place){ .is_too_small = true };
	tty_clear();
}

static void full_end(void *ctx)
{
	tty_stop();
	mem_secret_free(ctx);
}

enum status face_full_open(struct face *out)
{
	struct full *f = mem_secret_alloc(sizeof(*f));
	enum status st;

	if (f == NULL)
		return ST_NO_MEMORY;
	if ((st = tty_start()) != ST_OK) {
		mem_secret_free(f);
		return st;
	}
	f->seen.at = AT_COUNT;
	*out = (struct face){ .ctx = f, .fd = TTY_FD, .show = full_show, .next = full_next,
	                      .tell = full_tell, .forget = full_forget, .end = full_end };
	return ST_OK;
}

/*
 * plain_print.c: a screen as lines: see plain.h.
 */
#include "voter-client/kiosk/plain.h"

#include <stdio.h>
#include <string.h>

static void put(const struct plain_out *out, const char *text)
{
	out->put(out->ctx, text, strlen(text));
}

/* text with a mark before each of its lines but the first. */
static void put_lines(const struct plain_out *out, const char *indent, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		out->put(out->ctx, text, (size_t)(end - text) + 1);
		put(out, indent);
	}
	put(out, text);
	put(out, "\n");
}

static void put_option(const struct plain_out *out, const struct screen_item *item,
                       unsigned int number)
{
	char mark[64];

	if (item->has_points)
		(void)snprintf(mark, sizeof(mark), "%3u  points %u  ", number, item->points);
	else
		(void)snprintf(mark, sizeof(mark), "%3u %s ", number, item->is_marked ? "[x]" : "[ ]");
	put(out, mark);
	put(out, item->text);
	put(out, "\n");
}

static void put_contest(const struct plain_out *out, const struct screen_item *item,
                        unsigned int number)
{
	char mark[16];

	(void)snprintf(mark, sizeof(mark), "%3u ", number);
	put(out, mark);
	put(out, item->text);
	put(out, "\n");
	if (item->detail != NULL) {
		put(out, "      ");
		put_lines(out, "      ", item->detail);
	}
}

static void put_command(const struct plain_out *out, const struct screen_item *item)
{
	char word[24];

	(void)snprintf(word, sizeof(word), "  %-7s ", item->word);
	put(out, word);
	put(out, item->is_marked ? "[x] " : "");
	put(out, item->text);
	put(out, "\n");
}

static void put_field(const struct plain_out *out, const struct screen *s)
{
	if (s->at == AT_OLD_SLIP)
		put(out, "Type the secret code of the slip:\n");
	else
		put(out, "Type the code on your card:\n");
}

/* "Choices 1-20 of 43. Type more for the others." */
static void put_page(const struct plain_out *out, unsigned int first, unsigned int last,
                     unsigned int options)
{
	char text[80];

	(void)snprintf(text, sizeof(text), "    (%u to %u of %u; type: more)\n", first + 1, last,
	               options);
	put(out, text);
}

static void put_items(const struct plain_out *out, const struct screen *s, uint16_t first)
{
	unsigned int options = 0, last;

	while (options < s->items_len && s->item[options].kind == MENU_OPTION)
		options++;
	first = first < options ? first : 0;
	last = options > first + (unsigned int)PLAIN_PAGE ? first + (unsigned int)PLAIN_PAGE : options;
	for (unsigned int i = 0; i < s->items_len; i++) {
		const struct screen_item *item = &s->item[i];

		if (options > PLAIN_PAGE && i == options)
			put_page(out, first, last, options);
		switch (item->kind) {
		case MENU_OPTION:
			if (i >= first && i < last)
				put_option(out, item, i + 1);
			break;
		case MENU_CONTEST:
			put_contest(out, item, i + 1);
			break;
		case MENU_BLANK:
		case MENU_COMMAND:
			put_command(out, item);
			break;
		case MENU_FIELD:
			put_field(out, s);
			break;
		}
	}
}

static const char *hint(const struct screen *s)
{
	if (s->at != AT_CONTEST || s->over != OVER_NONE)
		return NULL;
	return s->item[0].has_points ?
	       "Type points such as 1=3 2=5 (instead of those before), or a word.\n" :
	       "Type numbers with spaces between (instead of those before), or a word.\n";
}

void plain_print(const struct plain_out *out, const struct screen *s, uint16_t first)
{
	const char *help = hint(s);

	put(out, "\n");
	if (s->banner != NULL) {
		put(out, s->banner);
		put(out, "\n");
	}
	if (s->progress != NULL) {
		put(out, s->progress);
		put(out, "\n");
	}
	put(out, s->title);
	put(out, "\n");
	for (uint16_t i = 0; i < s->lines_len; i++)
		put_lines(out, "  ", s->line[i].text);
	put_items(out, s, first);
	if (help != NULL)
		put(out, help);
}

/*
 * settings.c: see settings.h.
 */
#include "tally-server/node/settings.h"

#include "common/base/file.h"
#include "common/net/link.h"

#include <stdio.h>
#include <string.h>

#define NOT_GIVEN "none"

static const struct conf_key KEYS[] = {
	{ "node", "key", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES,
	  "the sealed key file of this node" },
	{ "node", "passphrase_file", CONF_PATH, NOT_GIVEN, 1, LIMIT_PATH_BYTES,
	  "a file whose one line is its passphrase" },
	{ "node", "genesis", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES,
	  "block 0 and every trustee's signature, as tally-officer genesis makes it" },
	{ "node", "data", CONF_PATH, NULL, 1, LIMIT_PATH_BYTES,
	  "the folder where chain and logs are kept" },
	{ "node", "memory", CONF_PATH, NOT_GIVEN, 1, LIMIT_PATH_BYTES,
	  "a file outside data that remembers in which elections this key was used" },
	{ "net", "bind", CONF_TEXT, "*", 1, 255, "the local interface to listen on" },
	{ "net", "delta_ms", CONF_NUMBER, "500", 10, 60000,
	  "what a message between nodes takes at most on a normal day, in milliseconds" },
	{ "net", "read_rate", CONF_NUMBER, "50", 1, 100000,
	  "requests in a second that one reader may make" },
	{ "net", "read_rate_all", CONF_NUMBER, "500", 1, 1000000,
	  "requests in a second that all readers together may make" },
	{ "net", "kiosk_connections", CONF_NUMBER, "64", 1, LINK_KIOSK_CONNECTIONS_MAX,
	  "kiosks connected at one time" },
	{ "net", "read_connections", CONF_NUMBER, "32", 1, LINK_READ_CONNECTIONS_MAX,
	  "readers connected at one time" },
	{ "log", "level", CONF_TEXT, "info", 1, 16, "error, warn, info or debug" },
	{ NULL, NULL, CONF_TEXT, NULL, 0, 0, NULL }
};

/* NULL when no file gives it. */
static const char *given(const struct conf *c, const char *section, const char *name)
{
	return strcmp(conf_origin(c, section, name), "default") == 0 ? NULL
	                                                              : conf_path(c, section, name);
}

static enum status set_memory(struct settings *s, struct fault *fault)
{
	const char *memory = given(&s->conf, "node", "memory");
	int len = memory != NULL
	          ? snprintf(s->memory, sizeof(s->memory), "%s", memory)
	          : snprintf(s->memory, sizeof(s->memory), "%s.elections", s->key);

	if (len < 0 || (size_t)len >= sizeof(s->memory))
		return fault_set(fault, ST_CONFIG, "the name of the memory file is too long");
	return ST_OK;
}

enum status settings_load(struct settings *s, const char *path, struct fault *fault)
{
	const struct conf *c = &s->conf;
	enum status st;

	memset(s, 0, sizeof(*s));
	conf_init(&s->conf, KEYS);
	if ((st = conf_load(&s->conf, path, fault)) != ST_OK)
		return st;
	s->key = conf_path(c, "node", "key");
	s->passphrase_file = given(c, "node", "passphrase_file");
	s->genesis = conf_path(c, "node", "genesis");
	s->data = conf_path(c, "node", "data");
	s->bind = conf_text(c, "net", "bind");
	s->delta_ms = (uint32_t)conf_number(c, "net", "delta_ms");
	s->read_rate = (uint32_t)conf_number(c, "net", "read_rate");
	s->read_rate_all = (uint32_t)conf_number(c, "net", "read_rate_all");
	s->kiosk_connections = (uint32_t)conf_number(c, "net", "kiosk_connections");
	s->read_connections = (uint32_t)conf_number(c, "net", "read_connections");
	if (log_level_parse(&s->log_level, conf_text(c, "log", "level")) != ST_OK) {
		(void)fault_set(fault, ST_CONFIG, "%s: there is no log level \"%s\"",
		                conf_origin(c, "log", "level"), conf_text(c, "log", "level"));
		fault_next(fault, "Say error, warn, info or debug.");
		return ST_CONFIG;
	}
	return set_memory(s, fault);
}

void settings_free(struct settings *s)
{
	conf_free(&s->conf);
}

enum status settings_data(const struct settings *s, char out[static LIMIT_PATH_BYTES],
                          const char *name)
{
	return file_join(out, LIMIT_PATH_BYTES, s->data, name);
}

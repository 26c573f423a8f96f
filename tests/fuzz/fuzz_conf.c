/*
 * fuzz_conf.c: any bytes as a configuration file: refused with a line that exists, or every key
 * has a value that its own check accepts.
 */
#include "common/base/conf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct conf_key KEYS[] = {
	{ "network", "listen", CONF_TEXT, "here", 1, 20, "Where the node listens." },
	{ "network", "peers", CONF_NUMBER, "4", 1, 13, "How many peers." },
	{ "store", "folder", CONF_PATH, "data", 0, 0, "Where blocks are kept." },
	{ "store", "sync", CONF_BOOL, "yes", 0, 0, "Whether to sync." },
	{ NULL, NULL, CONF_TEXT, NULL, 0, 0, NULL },
};

static void must(int what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct conf c;
	struct fault fault;
	uint64_t peers;
	size_t listen;

	conf_init(&c, KEYS);
	if (conf_parse(&c, "etc/x.ini", data, len, &fault) == ST_OK) {
		peers = conf_number(&c, "network", "peers");
		listen = strlen(conf_text(&c, "network", "listen"));
		must(peers >= 1 && peers <= 13);
		must(listen >= 1 && listen <= 20);
		must(conf_path(&c, "store", "folder")[0] != '\0');
		(void)conf_bool(&c, "store", "sync");
	} else {
		must(fault.st != ST_OK && fault.st != ST_INTERNAL && fault.what[0] != '\0');
	}
	conf_free(&c);
	return 0;
}

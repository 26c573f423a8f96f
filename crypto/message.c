/* message.c: see message.h. */
#include "crypto/message.h"

#include <assert.h>
#include <string.h>

void message_hash(struct hash *h, const struct message *m)
{
	static const char PREFIX[] = "kalpis/v1/";
	char purpose[sizeof(PREFIX) + MESSAGE_PURPOSE_MAX];
	size_t len = strlen(m->purpose);

	assert(len >= 1 && len <= MESSAGE_PURPOSE_MAX);
	assert(m->y != NULL || m->y_len == 0);
	memcpy(purpose, PREFIX, sizeof(PREFIX) - 1);
	memcpy(purpose + sizeof(PREFIX) - 1, m->purpose, len);
	hash_field(h, purpose, sizeof(PREFIX) - 1 + len);
	hash_field_text(h, m->group != NULL ? group_name(m->group) : "");
	hash_field(h, m->election_id, m->election_id != NULL ? MESSAGE_ELECTION_ID_BYTES : 0);
	hash_field(h, m->y, m->y_len);
	hash_field(h, m->body, m->body_len);
	if (m->context != NULL)
		hash_field(h, m->context, MESSAGE_CONTEXT_BYTES);
}

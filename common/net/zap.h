/*
 * zap.h: who may come in (ZeroMQ RFC 27, ZAP 1.0).
 *
 * Every CURVE handshake at one of our sockets is decided here by the domain of the socket and the
 * client's public key:
 *
 *	"peer-<j>"   the key of node j and no other
 *	"kiosk"      the keys of zap_set_kiosks
 *	"read"       any key
 *	else         nobody
 *
 * libzmq asks nobody when a socket has no domain, and lets everybody in when nobody answers:
 * so socket.c sets a domain and ZMQ_ZAP_ENFORCE_DOMAIN on each server socket, and zap_start comes
 * before any bind.
 *
 * The User-Id of a message that was let in is "peer-<j>", or the client's key in hexadecimal.
 *
 * Invariant: default deny; keys are compared in constant time.
 */
#ifndef KALPIS_NET_ZAP_H
#define KALPIS_NET_ZAP_H

#include "common/base/limits.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ZAP_KEY_BYTES = 32,
	ZAP_DOMAIN_BYTES = 16,     /* with the NUL */
	ZAP_USER_BYTES = 65        /* with the NUL */
};

struct zap;

/* ctx: a libzmq context without sockets yet.  The thread answers when this returns ST_OK. */
MUST_USE enum status zap_start(struct zap **out, void *ctx);
/* After zmq_ctx_shutdown(ctx), which ends the thread. */
void zap_stop(struct zap *z);

/* --- any thread ------------------------------------------------------------------------------- */

/* Allow key, and only key, in domain "peer-<peer>". */
void zap_set_peer(struct zap *z, uint32_t peer, const uint8_t key[static ZAP_KEY_BYTES]);
/* Replace the kiosks.  ST_LIMIT above LIMIT_KIOSKS: unchanged. */
MUST_USE enum status zap_set_kiosks(struct zap *z, const uint8_t *keys, size_t count);
bool zap_is_kiosk(struct zap *z, const uint8_t key[static ZAP_KEY_BYTES]);
/* Grows with each zap_set_kiosks. */
uint64_t zap_generation(struct zap *z);
/* Handshakes refused so far. */
uint64_t zap_denied(struct zap *z);

/* --- names ------------------------------------------------------------------------------------ */

void zap_peer_domain(char out[static ZAP_DOMAIN_BYTES], uint32_t peer);
void zap_user_of_key(char out[static ZAP_USER_BYTES], const uint8_t key[static ZAP_KEY_BYTES]);
/* ST_FORMAT when user is not 64 lower-case hexadecimal digits. */
MUST_USE enum status zap_key_of_user(uint8_t key[static ZAP_KEY_BYTES], const char *user);

#endif

/*
 * program.h: what tally-server and tally-signer must agree on before they can talk.
 */
#ifndef KALPIS_SIGNER_PROGRAM_H
#define KALPIS_SIGNER_PROGRAM_H

#define SIGNER_PROGRAM "tally-signer"

enum {
	SIGNER_FD = 3,            /* where it finds its end of the socket pair */
	SIGNER_EXIT_START = 127   /* it could not be started */
};

#endif

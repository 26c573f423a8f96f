/* a.c: a case of the lint. */
#include <zmq.h>

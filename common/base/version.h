/*
 * version.h: the version of all programs, as --version shows it.
 *
 * Invariant: nothing that is hashed, signed or stored depends on it.
 */
#ifndef KALPIS_BASE_VERSION_H
#define KALPIS_BASE_VERSION_H

#define KALPIS_VERSION "0.1.0"

#endif

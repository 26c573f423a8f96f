#!/usr/bin/env python3
"""Codes, credentials and rolls, a second time, from docs/formats-files.md §5 and §6 alone.

    credential.py > tests/vectors/credential.h    writes the figures that unit tests check

Slow and not constant in time: for figures, never for an election.  Groups and hashes are those of
ceremony.py.  Comments name the clauses.
"""
import hashlib
import struct

from ceremony import H, H2S, Ristretto255, rfc3526

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def gf_mul(u, v):
    """5.1: GF(2)[x]/(x^5 + x^2 + 1)."""
    out = 0
    for bit in range(5):
        if u >> bit & 1:
            out ^= v << bit
    for bit in range(9, 4, -1):
        if out >> bit & 1:
            out ^= 0b100101 << (bit - 5)
    return out


def gf_pow(u, n):
    out = 1
    for _ in range(n):
        out = gf_mul(out, u)
    return out


def is_code(c):
    """5.1, as it is written."""
    plain = weighted = 0
    for i, digit in enumerate(c, 1):
        plain ^= digit
        weighted ^= gf_mul(digit, gf_pow(2, 24 - i))
    return plain == 19 and weighted == 25


def code(data):
    """5.1: the two last digits by trial; there is one pair."""
    found = [data + [u, v] for u in range(32) for v in range(32) if is_code(data + [u, v])]
    assert len(found) == 1
    return "".join(ALPHABET[d] for d in found[0])


def base32(n, chars):
    return "".join(ALPHABET[n >> 5 * k & 31] for k in range(chars - 1, -1, -1))


def grouped(text):
    return "-".join(text[k:k + 4] for k in range(0, len(text), 4))


def fingerprint(g, election, credential):
    """5.5"""
    return base32(int.from_bytes(H(g, "fingerprint", election, credential), "big") >> 196, 12)


def tree(leaves):
    """RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:])).digest()


def voters(g, election, count):
    for n in range(count):
        c = code([(7 * n + k * (n + 1)) % 32 for k in range(22)])
        yield n, c, g.encode(g.mul(H2S(g, "credential", g.name, election, c), g.g))   # 5.3


def c_text(data):
    text = data.hex()
    return "\n".join(f'\t\t"{text[k:k + 80]}"' for k in range(0, len(text), 80))


def figures(g, count):
    election = hashlib.sha256(f"credential figures {g.name}".encode()).digest()
    blinding = hashlib.sha256(b"blinding").digest()
    out = f'\t{{ "{g.name}",\n{c_text(election)},\n{c_text(blinding)},\n\t  {{\n'
    entries = []
    for n, c, key in voters(g, election, count):
        entries.append(key + struct.pack(">IH", 1 + n % 3, n % 2))                    # 6.1
        out += (f'\t\t{{ "{grouped(c)}",\n{c_text(key)},\n' +
                f'{c_text(H(g, "cred", election, key, blinding))},\n' +                # 5.4
                f'\t\t"{grouped(fingerprint(g, election, key))}" }},\n')
    root = tree(sorted(entries))                                                      # 6.2, 6.3
    return out + f"\t  }},\n{c_text(root)} }},\n"


HEAD = """\
/*
 * credential.h: codes, credentials and the root of a roll as tests/reference/credential.py computes
 * them from docs/formats-files.md.  Made by that program; do not edit.
 */
#ifndef KALPIS_TESTS_VECTORS_CREDENTIAL_H
#define KALPIS_TESTS_VECTORS_CREDENTIAL_H

enum { CREDENTIAL_FIGURES = 2, CREDENTIAL_VOTERS = 5 };

/* Voter n, from 0, has weight 1 + n % 3 and style n % 2. */
static const struct credential_figures {
	const char *suite, *election_id, *blinding;
	struct {
		const char *code, *key, *commitment, *fingerprint;
	} voter[CREDENTIAL_VOTERS];
	const char *root;
} credential_figures[CREDENTIAL_FIGURES] = {
"""

if __name__ == "__main__":
    assert code(list(range(22))) == "0123456789ABCDEFGHJKMN0J"                        # 5.6
    print(HEAD + figures(Ristretto255(), 5) + figures(rfc3526(), 5) + "};\n\n#endif")

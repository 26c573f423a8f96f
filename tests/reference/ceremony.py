#!/usr/bin/env python3
"""The key ceremony and the decryption, a second time, from docs/protocol-ceremony.md alone.

    ceremony.py > tests/vectors/ceremony.h    writes the figures that test_ceremony_vectors.c checks

Slow, not constant in time, with fixed secrets: for figures, never for an election.  Comments name
the clauses.  Needs nothing but Python's own library.
"""
import hashlib
import struct

# --- groups -----------------------------------------------------------------------------------

P25519 = 2**255 - 19
D = -121665 * pow(121666, -1, P25519) % P25519
SQRT_M1 = pow(2, (P25519 - 1) // 4, P25519)


def _sqrt_ratio(u, v):
    r = u * v**3 * pow(u * v**7, (P25519 - 5) // 8, P25519) % P25519
    check = v * r * r % P25519
    if check in (-u % P25519, -u * SQRT_M1 % P25519):
        r = r * SQRT_M1 % P25519
    was_square = check in (u % P25519, -u % P25519)
    return was_square, min(r, P25519 - r) if r % 2 != 0 else r


def _even(x):
    return x if x % 2 == 0 else P25519 - x


INVSQRT_A_MINUS_D = _sqrt_ratio(1, (-1 - D) % P25519)[1]


class Ristretto255:
    """RFC 9496.  Points are (x, y) of the twisted Edwards curve with a = -1."""
    name, q = "ristretto255", 2**252 + 27742317777372353535851937790883648493
    element_len, scalar_len, wide_len, order = 32, 32, 64, "little"
    identity = (0, 1)

    def __init__(self):
        y = 4 * pow(5, -1, P25519) % P25519
        self.g = (_even(_sqrt_ratio(y * y - 1, D * y * y + 1)[1]), y)

    def add(self, a, b):
        (x1, y1), (x2, y2) = a, b
        k = D * x1 * x2 * y1 * y2 % P25519
        return ((x1 * y2 + x2 * y1) * pow(1 + k, -1, P25519) % P25519,
                (y1 * y2 + x1 * x2) * pow(1 - k, -1, P25519) % P25519)

    def neg(self, a):
        return (-a[0] % P25519, a[1])

    def mul(self, k, a):
        out = self.identity
        for bit in bin(k % self.q)[2:]:
            out = self.add(out, out)
            if bit == "1":
                out = self.add(out, a)
        return out

    def encode(self, a):
        x, y = a
        u1, u2 = (1 + y) * (1 - y) % P25519, x * y % P25519
        inv = _sqrt_ratio(1, u1 * u2 * u2 % P25519)[1]
        d1, d2 = inv * u1 % P25519, inv * u2 % P25519
        z_inv = d1 * d2 * x * y % P25519
        if x * y * z_inv % P25519 % 2 != 0:
            x, y, den = y * SQRT_M1 % P25519, x * SQRT_M1 % P25519, d1 * INVSQRT_A_MINUS_D
        else:
            den = d2
        if x * z_inv % P25519 % 2 != 0:
            y = -y
        return _even(den * (1 - y) % P25519).to_bytes(32, "little")


class Modp:
    """The suites of the Belenios specification: the subgroup of order q modulo p."""
    order, identity = "big", 1

    def __init__(self, name, p, q, g):
        self.name, self.p, self.q, self.g = name, p, q, g
        self.element_len = (p.bit_length() + 7) // 8
        self.scalar_len = (q.bit_length() + 7) // 8
        self.wide_len = (q.bit_length() + 128 + 7) // 8

    def add(self, a, b):
        return a * b % self.p

    def neg(self, a):
        return pow(a, -1, self.p)

    def mul(self, k, a):
        return pow(a, k % self.q, self.p)

    def encode(self, a):
        return a.to_bytes(self.element_len, "big")


def rfc3526():
    # RFC 3526, section 3: 2^2048 - 2^1984 - 1 + 2^64 * ([2^1918 pi] + 124476)
    one, pi = 1 << 2000, 0
    for a, x in ((16, 5), (-4, 239)):      # Machin: pi = 16 atan(1/5) - 4 atan(1/239)
        power, n, sign, s = one // x, 1, 1, 0
        while power:
            s += sign * (power // n)
            power //= x * x
            n, sign = n + 2, -sign
        pi += a * s
    p = 2**2048 - 2**1984 - 1 + 2**64 * ((pi >> (2000 - 1918)) + 124476)
    return Modp("rfc3526-2048", p, (p - 1) // 2, 2)


# --- 1. hashes --------------------------------------------------------------------------------

def frame(x):
    return struct.pack(">I", len(x)) + x


def field(g, x):
    """1.3: ("u8", n), ("u32", n), ("e", element), ("s", scalar), text or bytes."""
    if isinstance(x, str):
        x = x.encode()
    elif isinstance(x, tuple) and x[0] == "u8":
        x = bytes([x[1]])
    elif isinstance(x, tuple) and x[0] == "u32":
        x = struct.pack(">I", x[1])
    elif isinstance(x, tuple) and x[0] == "e":
        x = g.encode(x[1])
    elif isinstance(x, tuple) and x[0] == "s":
        x = encode_scalar(g, x[1])
    return frame(x)


def fields(g, xs):
    return b"".join(field(g, x) for x in xs)


def encode_scalar(g, s):
    return (s % g.q).to_bytes(g.scalar_len, g.order)


def H(g, purpose, *xs):
    return hashlib.sha256(frame(b"kalpis/v1/" + purpose.encode()) + fields(g, xs)).digest()


def H64(g, purpose, *xs):
    return hashlib.sha512(frame(b"kalpis/v1/" + purpose.encode()) + fields(g, xs)).digest()


def expand(n, message, dst):
    """RFC 9380, section 5.3.1, with SHA-512."""
    dst_prime = dst + bytes([len(dst)])
    b0 = hashlib.sha512(bytes(128) + message + struct.pack(">H", n) + b"\0" + dst_prime).digest()
    out, b, i = b"", bytes(64), 0
    while len(out) < n:
        i += 1
        b = hashlib.sha512(bytes(x ^ y for x, y in zip(b0, b)) + bytes([i]) + dst_prime).digest()
        out += b
    return out[:n]


def X(g, n, purpose, *xs):
    return expand(n, fields(g, xs), b"kalpis/v1/" + purpose.encode())


def H2S(g, purpose, *xs):
    return int.from_bytes(X(g, g.wide_len, purpose, *xs), g.order) % g.q


def nonce(g, entropy, secret, statement):
    """Our own way to a nonce (13.2): the statement is all the challenge depends on but R."""
    return H2S(g, "nonce", entropy, ("u32", 0), ("s", secret), *statement)


def pok_prove(g, purpose, context, x, entropy):
    """1.6"""
    statement = (purpose, g.name, context, ("e", g.g), ("e", g.mul(x, g.g)))
    k = nonce(g, entropy, x, statement)
    c = H2S(g, "pok", *statement, ("e", g.mul(k, g.g)))
    return encode_scalar(g, c) + encode_scalar(g, k + c * x)


def i2osp2(x):
    return struct.pack(">H", len(x)) + x


def dleq_prove(g, purpose, context, x, pairs, r):
    """1.7, which is RFC 9497, section 2.2.1, under our context string."""
    B = g.mul(x, g.g)
    flat = [("e", e) for pair in pairs for e in pair]
    string = b"kalpis/v1/" + purpose.encode() + H(g, "dleq", g.name, purpose, context, ("e", B),
                                                  ("u32", len(pairs)), *flat)

    def to_scalar(message):
        return int.from_bytes(expand(g.wide_len, message, b"HashToScalar-" + string),
                              g.order) % g.q

    seed = hashlib.sha512(i2osp2(g.encode(B)) + i2osp2(b"Seed-" + string)).digest()
    M = g.identity
    for i, (C, Di) in enumerate(pairs):
        d = to_scalar(i2osp2(seed) + struct.pack(">H", i) + i2osp2(g.encode(C)) +
                      i2osp2(g.encode(Di)) + b"Composite")
        M = g.add(M, g.mul(d, C))
    Z, t2, t3 = g.mul(x, M), g.mul(r, g.g), g.mul(r, M)
    c = to_scalar(b"".join(i2osp2(g.encode(e)) for e in (B, M, Z, t2, t3)) + b"Challenge")
    return encode_scalar(g, c) + encode_scalar(g, r - c * x)


# --- 2. to 8. the ceremony ---------------------------------------------------------------------

class Ceremony:
    def __init__(self, g, n, t, label):
        self.g, self.n, self.t = g, n, t
        self.election = hashlib.sha256(label.encode()).digest()
        self.p = [H2S(g, "test-key", label, ("u8", j)) for j in range(1, n + 1)]
        self.P = [g.mul(p, g.g) for p in self.p]
        self.seed = [hashlib.sha256(f"{label} seed {j}".encode()).digest()
                     for j in range(1, n + 1)]

    def who(self, i):
        """3.2"""
        return (self.g.name, self.election, ("u8", self.n), ("u8", self.t), ("u8", i))

    def secret(self, i, what, k):
        """13.1"""
        return H2S(self.g, "dkg-secret", *self.who(i), self.seed[i - 1], ("s", self.p[i - 1]),
                   what, ("u8", k))

    def f(self, i, x):
        """2.1"""
        return sum(self.secret(i, "coefficient", k) * x**k for k in range(self.t)) % self.g.q

    def C(self, i):
        g = self.g
        return [g.mul(self.secret(i, "coefficient", k), g.g) for k in range(self.t)]

    def head(self, i):
        """4.1, 4.2: the commitments and the proof"""
        Cs = [("e", c) for c in self.C(i)]
        context = H64(self.g, "dkg-deal", *self.who(i), *Cs)
        return Cs, pok_prove(self.g, "dkg-deal", context, self.secret(i, "coefficient", 0),
                             self.seed[i - 1])

    def commit(self, i):
        """4.3"""
        Cs, proof = self.head(i)
        return H(self.g, "dkg-commit", *self.who(i), *Cs, proof)

    def pad(self, i, j, E, shared):
        """4.4"""
        return X(self.g, self.g.scalar_len, "dkg-pad", *self.who(i), ("u8", j),
                 ("e", self.P[j - 1]), ("e", E), ("e", shared))

    def parcel(self, i, j, error=0):
        """4.4, 4.5; an error makes the share bad"""
        g, e = self.g, self.secret(i, "ephemeral", j)
        E, shared = g.mul(e, g.g), g.mul(e, self.P[j - 1])
        share = encode_scalar(g, self.f(i, j) + error)
        box = bytes(x ^ y for x, y in zip(share, self.pad(i, j, E, shared)))
        context = H64(g, "dkg-parcel", *self.who(i), ("u8", j), ("e", self.P[j - 1]), ("e", E), box)
        return E, box, pok_prove(g, "dkg-parcel", context, e, self.seed[i - 1])

    def deal(self, i, bad=None):
        """4.6"""
        Cs, proof = self.head(i)
        out = b"".join(self.g.encode(c) for _, c in Cs) + proof
        for j in range(1, self.n + 1):
            E, box, proof = self.parcel(i, j, 1 if j == bad else 0)
            out += self.g.encode(E) + box + proof
        return out

    def complaint(self, j, i, error):
        """7.1, 7.2: a list of one"""
        g, p = self.g, self.p[j - 1]
        E, box, _ = self.parcel(i, j, error)
        R = g.mul(p, E)
        context = H(g, "dkg-complaint", *self.who(i), ("u8", j), ("e", self.P[j - 1]),
                    *[("e", c) for c in self.C(i)], ("e", E), box)
        r = H2S(g, "test-nonce", context)
        return bytes([1, i]) + g.encode(R) + dleq_prove(g, "dkg-complaint", context, p,
                                                        [(E, R)], r)

    def result(self, excluded=()):
        """8.2, 8.3"""
        g, included = self.g, [i for i in range(1, self.n + 1) if i not in excluded]
        joint = [g.identity] * self.t
        for i in included:
            joint = [g.add(a, c) for a, c in zip(joint, self.C(i))]
        Y = {}
        for j in included:
            Y[j] = g.identity
            for k in range(self.t):
                Y[j] = g.add(Y[j], g.mul(j**k, joint[k]))
        x = {j: sum(self.f(i, j) for i in included) % g.q for j in included}
        assert all(g.encode(g.mul(x[j], g.g)) == g.encode(Y[j]) for j in included)
        return joint[0], Y, x

    def confirm(self, transcript, y, Y):
        """8.4"""
        Ys = [("e", Y[j]) if j in Y else b"" for j in range(1, self.n + 1)]
        return H(self.g, "dkg-confirm", self.g.name, self.election, ("u8", self.n),
                 ("u8", self.t), transcript, ("e", y), *Ys)


# --- 9. and 10. the decryption -------------------------------------------------------------------

def digest(g, election, sums):
    """9.2"""
    flat = [("e", e) for pair in sums for e in pair]
    return H(g, "aggregates", g.name, election, ("u32", len(sums)), *flat)


def share(c, j, x, y, end, sums):
    """10.1, 10.2"""
    g = c.g
    context = H(g, "share", g.name, c.election, ("e", y), ("u8", j), end,
                digest(g, c.election, sums))
    pairs = [(alpha, g.mul(x, alpha)) for alpha, _ in sums]
    r = H2S(g, "test-nonce", context)
    return (b"".join(g.encode(Dk) for _, Dk in pairs) +
            dleq_prove(g, "share", context, x, pairs, r))


# --- figures --------------------------------------------------------------------------------------

def c_text(data):
    text = data.hex()
    return "\n".join(f'\t"{text[k:k + 88]}"' for k in range(0, len(text), 88))


def c_string(name, data):
    return f"\t.{name} =\n{c_text(data)},\n"


def c_strings(name, items):
    return f"\t.{name} = {{\n" + "".join(c_text(data) + ",\n" for data in items) + "\t},\n"


def figures(g, n, t, bad):
    """A ceremony; then, unless bad is (0, 0), dealer bad[0]'s deal with a bad share for bad[1], the
    complaint about it, and the keys without that dealer."""
    label = f"ceremony figures {g.name} {n} {t}"
    c = Ceremony(g, n, t, label)
    y, Y, x = c.result()
    transcript = hashlib.sha256(label.encode() + b" transcript").digest()
    end = hashlib.sha256(label.encode() + b" end").digest()
    counts, sums = [0, 1, 42], []
    for k, m in enumerate(counts):
        r = H2S(g, "test-encryption", label, ("u8", k)) if k != 1 else 0   # alpha = identity
        sums.append((g.mul(r, g.g), g.add(g.mul(r, y), g.mul(m, g.g))))
    trustees = range(1, n + 1)
    out = "{\n" + f'\t.suite = "{g.name}", .n = {n}, .t = {t},\n'
    out += f"\t.bad_dealer = {bad[0]}, .bad_receiver = {bad[1]},\n"
    out += c_string("election_id", c.election)
    out += c_strings("secret_key", [encode_scalar(g, p) for p in c.p])
    out += c_strings("seed", c.seed)
    out += c_strings("commit", [c.commit(i) for i in trustees])
    out += c_strings("deal", [c.deal(i) for i in trustees])
    if bad[0] != 0:
        out += c_string("bad_deal", c.deal(bad[0], bad[1]))
        out += c_string("complaints", c.complaint(bad[1], bad[0], 1))
        out += c_string("confirm_without_bad",
                        c.confirm(transcript, *c.result(excluded=(bad[0],))[:2]))
    out += c_string("y", g.encode(y))
    out += c_strings("share_key", [g.encode(Y[j]) for j in trustees])
    out += c_strings("share_secret", [encode_scalar(g, x[j]) for j in trustees])
    out += c_string("transcript", transcript)
    out += c_string("confirm", c.confirm(transcript, y, Y))
    out += c_string("end_block", end)
    out += c_strings("sum", [g.encode(a) + g.encode(b) for a, b in sums])
    out += "\t.count = { " + ", ".join(map(str, counts)) + " },\n"
    out += c_string("digest", digest(g, c.election, sums))
    out += c_strings("share", [share(c, j, x[j], y, end, sums) for j in trustees])
    return out + "},\n"


HEAD = """/*
 * ceremony.h: whole ceremonies and decryptions as tests/reference/ceremony.py computes them from
 * docs/protocol-ceremony.md, with fixed secrets.  Made by that program; do not edit.
 */
#ifndef KALPIS_TESTS_VECTORS_CEREMONY_H
#define KALPIS_TESTS_VECTORS_CEREMONY_H

#include <stdint.h>

static const struct ceremony_figures {
	const char *suite;
	uint8_t n, t, bad_dealer, bad_receiver;   /* 0: no bad share here */
	const char *election_id;
	const char *secret_key[3], *seed[3], *commit[3], *deal[3];
	const char *bad_deal;                /* of bad_dealer, its share for bad_receiver plus 1 */
	const char *complaints;              /* of bad_receiver: a list of one */
	const char *y, *share_key[3], *share_secret[3];
	const char *transcript, *confirm;
	const char *confirm_without_bad;     /* the same transcript, bad_dealer excluded */
	const char *end_block, *sum[3];
	uint64_t count[3];
	const char *digest, *share[3];
} ceremony_figures[] = {
"""


def belenios():
    import os
    import re
    path = os.path.join(os.path.dirname(__file__), "..", "vectors", "belenios_groups.h")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    found = {name: int("".join(re.findall(r'"(\d+)"', body)))
             for name, body in re.findall(r"belenios2048_(\w)\[\] =([^;]*);", text)}
    return Modp("belenios-2048", found["p"], found["q"], found["g"])


if __name__ == "__main__":
    print(HEAD + figures(Ristretto255(), 3, 2, (2, 3)) + figures(belenios(), 2, 1, (1, 2)) +
          figures(rfc3526(), 1, 1, (0, 0)) + "};\n\n#endif")

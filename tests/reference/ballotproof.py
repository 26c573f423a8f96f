#!/usr/bin/env python3
"""The ballot proof, a second time, from docs/protocol-ballotproof.md alone.

    ballotproof.py > tests/vectors/ballotproof_reference.h

makes a ballot with fixed secrets, for test_ballotproof_vectors.c to check, and

    ballotproof.py tests/vectors/ballotproof.h

checks one that our C made: exit 0, it holds, opens to the numbers of 9.1, and fails when a byte of
any part is changed; 1, something differs.  Slow, not constant in time, with fixed secrets: never
for an election.  Comments name the clauses.  Needs nothing but Python's own library.
"""
import re
import sys
import ceremony
from ceremony import D, H2S, H64, P25519, SQRT_M1, Ristretto255, X, _even

G = Ristretto255()
Q = G.q
# RFC 9496, section 4.1: the root of -D - 1 that it names.
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
assert SQRT_AD_MINUS_ONE**2 % P25519 == (-D - 1) % P25519


# --- 1. the group -----------------------------------------------------------------------------

def sqrt_ratio(u, v):
    """RFC 9496, 4.2: the root that is even."""
    square, r = ceremony._sqrt_ratio(u, v)
    return square, _even(r)


def decode(b):
    """RFC 9496, 4.3.1; None when refused."""
    s = int.from_bytes(b, "little")
    if len(b) != 32 or s >= P25519 or s % 2 != 0:
        return None
    u1, u2 = (1 - s * s) % P25519, (1 + s * s) % P25519
    v = (-D * u1 * u1 - u2 * u2) % P25519
    square, inv = sqrt_ratio(1, v * u2 * u2 % P25519)
    dx, dy = inv * u2 % P25519, inv * inv * u2 * v % P25519
    x, y = _even(2 * s * dx % P25519), u1 * dy % P25519
    if not square or x * y % P25519 % 2 != 0 or y == 0:
        return None
    return x, y


def one_way_map(t):
    """RFC 9496, 4.3.4, MAP"""
    r = SQRT_M1 * t * t % P25519
    u = (r + 1) * (1 - D * D) % P25519
    v = (-1 - r * D) * (r + D) % P25519
    square, s = sqrt_ratio(u, v)
    c = P25519 - 1
    if not square:
        s, c = -_even(s * t % P25519) % P25519, r
    n = (c * (r - 1) * (D - 1)**2 - v) % P25519
    return (2 * s * v * pow(n * SQRT_AD_MINUS_ONE, -1, P25519) % P25519,
            (1 - s * s) * pow(1 + s * s, -1, P25519) % P25519)


def derive(uniform):
    """RFC 9496, 4.3.4"""
    halves = [int.from_bytes(uniform[i:i + 32], "little") % 2**255 % P25519 for i in (0, 32)]
    return G.add(one_way_map(halves[0]), one_way_map(halves[1]))


def same(a, b):
    return G.encode(a) == G.encode(b)


def total(terms):
    out = G.identity
    for k, p in terms:
        out = G.add(out, G.mul(k % Q, p))
    return out


def scalar(b):
    s = int.from_bytes(b, "little")
    return s if s < Q else None


# --- 2. layout --------------------------------------------------------------------------------

def digits(k):
    """2.3"""
    out, power = [], 1
    while sum(out) + power <= k:
        out.append(power)
        power *= 2
    if sum(out) < k:
        out.append(k - sum(out))
    return out


class Layout:
    """label; groups: (label, n, each_max, min, max, blank)"""

    def __init__(self, label, groups):
        self.weights, self.constraints, self.n, self.groups = [], [], 0, []
        fields = []
        for name, n, each, low, high, blank in groups:
            high = min(high, n * each)                                          # 2.2
            assert each >= 1 and high >= 1 and low <= high and n * each + 2 * high < 2**32
            constrained = blank or low > 0 or high < n * each
            factors, first = [], self.n
            self.groups.append((high, first, len(self.weights), constrained))
            if blank:
                self.ciphertext([1])
                factors.append(high)
            for _ in range(n):
                self.ciphertext(digits(each))
                factors += digits(each)
            if constrained:
                factors += digits(high - low)
                self.n += len(digits(high - low))
                self.constraints.append((high, {first + k: u for k, u in enumerate(factors)}))
            fields += [("u32", v) for v in (name, n, each, low, high)] + [("u8", int(blank))]
        self.m = len(self.weights)
        self.digest = H64(G, "layout", ("u32", label), ("u32", len(groups)), *fields)  # 2.6

    def ciphertext(self, weights):
        self.weights.append({self.n + k: w for k, w in enumerate(weights)})
        self.n += len(weights)

    def bits(self, values):
        """7.1"""
        out = [0] * self.n
        for w, v in zip(self.weights, values):
            for k in sorted(w, reverse=True):
                if v >= w[k]:
                    out[k], v = 1, v - w[k]
            assert v == 0
        for high, factors in self.constraints:
            left = high - sum(u * out[k] for k, u in factors.items())
            for k in sorted(factors, reverse=True):
                if not any(k in w for w in self.weights) and left >= factors[k]:
                    out[k], left = 1, left - factors[k]
            assert left == 0
        return out


# --- 3. bases ---------------------------------------------------------------------------------

def bases(n):
    out = []
    for i in range(n + 1):
        counter = 0
        while True:
            more = [("u32", counter)] if counter else []
            e = derive(X(G, 64, "generator", G.name, ("u32", i), *more))
            if not same(e, G.identity) and not any(same(e, o) for o in out):
                break
            counter += 1
        out.append(e)
    return out


# --- 4. challenges ----------------------------------------------------------------------------

def cut(b):
    return [b[i:i + 32] for i in range(0, len(b), 32)]


def t_1(layout, ctx, ciphertexts, proof):
    return H64(G, "ballot-1", ctx, ("u32", layout.m), ("u32", layout.n), *cut(ciphertexts),
               *cut(proof)[:4])


def rho_of(t1):
    return H2S(G, "rho", t1)


def x_of(t1, t):
    return H2S(G, "ballot-2", t1, t[:32], t[32:])


# --- 5. verifying -----------------------------------------------------------------------------

def verify(layout, y, ctx, ciphertexts, proof):
    """The number of the check that fails, "format", "zero", or None."""
    n, m = layout.n, layout.m
    if len(ciphertexts) != 64 * m or len(proof) != 32 * (n + 9):
        return "format"
    points = [decode(b) for b in cut(ciphertexts) + cut(proof)[:6]]
    scalars = [scalar(b) for b in cut(proof)[6:]]
    if None in points or None in scalars:
        return "format"
    alpha, beta = points[0:2 * m:2], points[1:2 * m:2]
    B, A, C, DD, T1, T2 = points[2 * m:]
    f, (z_a, z_c, z) = scalars[:n], scalars[n:]
    t1 = t_1(layout, ctx, ciphertexts, proof)
    rho, x = rho_of(t1), x_of(t1, proof[128:192])
    if rho == 0 or x == 0:
        return "zero"
    h, *g = bases(n)
    for u_sum, factors in layout.constraints:
        if sum(u * f[k] for k, u in factors.items()) % Q != x * u_sum % Q:
            return 1
    if not same(total([(x, B), (1, A)]), total([(z_a, h)] + list(zip(f, g)))):
        return 2
    products = [k * (x - k) for k in f]
    if not same(total([(x, C), (1, DD)]), total([(z_c, h)] + list(zip(products, g)))):
        return 3
    powers = [pow(rho, i, Q) for i in range(1, m + 1)]
    if not same(total([(x * p, a) for p, a in zip(powers, alpha)] + [(1, T1)]), total([(z, G.g)])):
        return 4
    v = sum(p * sum(w * f[k] for k, w in ws.items()) for p, ws in zip(powers, layout.weights))
    if not same(total([(x * p, b) for p, b in zip(powers, beta)] + [(1, T2)]),
                total([(z, y), (v, G.g)])):
        return 5
    return None


# --- 7. proving -------------------------------------------------------------------------------

def prove(layout, y, ctx, values, seed):
    """ciphertexts, proof, openings; the secrets are hashes of a seed, one for each use."""
    def draw(what, i=0):
        return H2S(G, "reference", seed, what, ("u32", i))

    n, m, bits = layout.n, layout.m, layout.bits(values)
    h, *g = bases(n)
    r = [draw("r", i) for i in range(m)]
    a = [draw("a", k) for k in range(n)]
    for _, factors in layout.constraints:
        free = next(k for k in sorted(factors) if factors[k] == 1)
        a[free] = -sum(u * a[k] for k, u in factors.items() if k != free) % Q
    r_b, r_a, r_c, r_d, s = (draw(w) for w in ("r_b", "r_a", "r_c", "r_d", "s"))

    def commit(blind, each):
        return G.encode(total([(blind, h)] + list(zip(each, g))))

    ciphertexts = b"".join(G.encode(total([(k, G.g)])) + G.encode(total([(k, y), (v, G.g)]))
                           for k, v in zip(r, values))
    proof = (commit(r_b, bits) + commit(r_a, a) +
             commit(r_c, [k * (1 - 2 * b) for k, b in zip(a, bits)]) +
             commit(r_d, [-k * k for k in a]))
    t1 = t_1(layout, ctx, ciphertexts, proof)
    rho = rho_of(t1)
    powers = [pow(rho, i, Q) for i in range(1, m + 1)]
    tau = sum(p * sum(w * a[k] for k, w in ws.items()) for p, ws in zip(powers, layout.weights))
    proof += G.encode(total([(s, G.g)])) + G.encode(total([(s, y), (tau, G.g)]))
    x = x_of(t1, proof[128:192])
    last = [x * b + k for b, k in zip(bits, a)]
    last += [x * r_b + r_a, x * r_c + r_d, x * sum(p * k for p, k in zip(powers, r)) + s]
    return (ciphertexts, proof + b"".join((k % Q).to_bytes(32, "little") for k in last),
            b"".join(k.to_bytes(32, "little") for k in r))


# --- 8. opening -------------------------------------------------------------------------------

def opens(y, ciphertexts, openings, values):
    for i, (r, v) in enumerate(zip(map(scalar, cut(openings)), values)):
        alpha, beta = ciphertexts[64 * i:64 * i + 32], ciphertexts[64 * i + 32:64 * i + 64]
        if alpha != G.encode(total([(r, G.g)])) or beta != G.encode(total([(r, y), (v, G.g)])):
            return False
    return True


# --- 9. figures -------------------------------------------------------------------------------

STYLE = (3, [(4, 2, 1, 1, 1, True), (9, 1, 5, 1, 9, False)])
VALUES = [0, 1, 0, 4]
CTX = bytes(range(64))
KEY = 7


def print_ballot():
    layout, y = Layout(*STYLE), G.mul(KEY, G.g)
    # Another selection than that of 9.1: blank above, the smallest below.
    ciphertexts, proof, openings = prove(layout, y, CTX, [1, 0, 0, 1], b"a ballot")
    assert verify(layout, y, CTX, ciphertexts, proof) is None
    print("/*\n * ballotproof_reference.h: a ballot made by tests/reference/ballotproof.py, for the "
          "style, key and\n * context of protocol-ballotproof.md §9; values 1, 0, 0 and 1.\n */")
    print("#ifndef KALPIS_TESTS_VECTORS_BALLOTPROOF_REFERENCE_H")
    print("#define KALPIS_TESTS_VECTORS_BALLOTPROOF_REFERENCE_H\n")
    print("static const struct {\n\tconst char *ciphertexts;\n\tconst char *proof;\n"
          "\tconst char *openings;\n} ballotproof_reference = {")
    for name, value in (("ciphertexts", ciphertexts), ("proof", proof), ("openings", openings)):
        print(f"\t.{name} =")
        print("\n".join(f'\t\t"{b.hex()}"' for b in cut(value)) + ",")
    print("};\n\n#endif")


def check_file(path):
    text = open(path, encoding="utf-8").read()
    file = {name: bytes.fromhex("".join(re.findall(r'"([0-9a-f]+)"', body)))
            for name, body in re.findall(r"\.(\w+) =\s*((?:\s*\"[0-9a-f]+\")+)", text)}
    layout, y = Layout(*STYLE), G.mul(KEY, G.g)
    ciphertexts, proof = file["ciphertexts"], file["proof"]
    t1 = t_1(layout, CTX, ciphertexts, proof)
    facts = {
        "generators": b"".join(G.encode(e) for e in bases(layout.n)) == file["generators"],
        "y": G.encode(y) == file["y"],
        "layout_digest": layout.digest == file["layout_digest"],
        "ctx": CTX == file["ctx"],
        "t1": t1 == file["t1"],
        "rho": rho_of(t1).to_bytes(32, "little") == file["rho"],
        "x": x_of(t1, proof[128:192]).to_bytes(32, "little") == file["x"],
        "proof": verify(layout, y, CTX, ciphertexts, proof) is None,
        "openings": opens(y, ciphertexts, file["openings"], VALUES),
    }
    both = ciphertexts + proof
    for at in range(0, len(both), 32):   # one bit of each part
        bad = both[:at + 1] + bytes([both[at + 1] ^ 1]) + both[at + 2:]
        result = verify(layout, y, CTX, bad[:len(ciphertexts)], bad[len(ciphertexts):])
        facts[f"changed {at // 32}"] = result is not None
    for name, holds in facts.items():
        if not holds:
            print(f"ballotproof.py: {path}: {name} differs")
    print(f"{sum(facts.values())} of {len(facts)} as they should be")
    return 0 if all(facts.values()) else 1


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print_ballot()
    elif len(sys.argv) == 2:
        sys.exit(check_file(sys.argv[1]))
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(2)

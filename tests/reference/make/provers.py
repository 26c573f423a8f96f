"""What signers and provers do, the other side of verify/ed25519.py, proofs.py and ballotproof.py."""
import hashlib

from verify import ballotproof, group
from verify.ed25519 import BASE, encode
from verify.field import Q, total
from verify.hashing import expand, h, h2s, h64, message, u16, u32, x as expand_fields


class Chance:
    """Numbers from a seed."""

    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def bytes(self, n=32):
        self.count += 1
        return hashlib.shake_256(f"{self.seed}/{self.count}".encode()).digest(n)

    def scalar(self):
        return int.from_bytes(self.bytes(64), "little") % (Q - 1) + 1

    def below(self, n):
        return int.from_bytes(self.bytes(8), "little") % n


def times(k, point=None):
    return group.encode(total([(k, point or group.GENERATOR)]))


class Signer:
    """An Ed25519 key (RFC 8032)."""

    def __init__(self, chance):
        digest = hashlib.sha512(chance.bytes()).digest()
        self.prefix = digest[32:]
        self.a = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.public = encode(total([(self.a, BASE)]))

    def sign(self, purpose, election_id, y, body, suite=group.NAME, context=None):
        return self.plain(hashlib.sha512(
            message(purpose, suite, election_id, y, body, context)).digest())

    def plain(self, data):
        r = int.from_bytes(hashlib.sha512(self.prefix + data).digest(), "little") % Q
        point = encode(total([(r, BASE)]))
        k = int.from_bytes(hashlib.sha512(point + self.public + data).digest(), "little")
        return point + ((r + k * self.a) % Q).to_bytes(32, "little")


class Schnorr:
    """A credential or slip key (protocol.md 5.3)."""

    def __init__(self, chance):
        self.chance, self.secret = chance, chance.scalar()
        self.public = times(self.secret)

    def sign(self, purpose, election_id, y, tracker):
        k = self.chance.scalar()
        r = times(k)
        data = b"FROST-RISTRETTO255-SHA512-v1chal" + r + self.public + \
            message(purpose, group.NAME, election_id, y, tracker)
        c = int.from_bytes(hashlib.sha512(data).digest(), "little") % Q
        return r + group.scalar_bytes((k + c * self.secret) % Q)


def knowledge(chance, secret, public, purpose, context):
    k = chance.scalar()
    c = h2s("pok", purpose.encode(), group.NAME, context, group.GENERATOR_BYTES, public, times(k))
    return group.scalar_bytes(c) + group.scalar_bytes((k + c * secret) % Q)


def equality(chance, secret, public, pairs, purpose, context):
    """pairs: (C, C_bytes, D_bytes)."""
    def field(data):
        return u16(len(data)) + data

    def to_scalar(data):
        return int.from_bytes(expand(64, b"HashToScalar-" + tag, data), "little") % Q

    flat = [e for p in pairs for e in p[1:]]
    tag = b"kalpis/v1/" + purpose.encode() + \
        h("dleq", group.NAME, purpose.encode(), context, public, u32(len(pairs)), *flat)
    seed = hashlib.sha512(field(public) + field(b"Seed-" + tag)).digest()
    m = total([(to_scalar(field(seed) + u16(i) + field(p[1]) + field(p[2]) + b"Composite"), p[0])
               for i, p in enumerate(pairs)])
    k = chance.scalar()
    parts = (public, group.encode(m), times(secret, m), times(k), times(k, m))
    c = to_scalar(b"".join(map(field, parts)) + b"Challenge")
    return group.scalar_bytes(c) + group.scalar_bytes((k - c * secret) % Q)


def _write(number, weights):
    """protocol-ballotproof 7.1: the bits of a number, from the greatest index down."""
    bits = [0] * len(weights)
    for i in reversed(range(len(weights))):
        if weights[i] <= number:
            bits[i], number = 1, number - weights[i]
    return bits


def selected_bits(layout, selection):
    """Not asked whether it is legal: a cheating prover writes what fits, and its proof is false."""
    bits = [0] * layout.bits
    for numbers, cipher in zip(selection, layout.ciphertexts):
        for (bit, _), value in zip(cipher, _write(numbers, [w for _, w in cipher])):
            bits[bit] = value
    in_cipher = {bit for cipher in layout.ciphertexts for bit, _ in cipher}
    for factors, u in layout.constraints:
        slack = [(bit, k) for bit, k in factors if bit not in in_cipher]
        left = u - sum(k * bits[bit] for bit, k in factors if bit in in_cipher)
        for (bit, _), value in zip(slack, _write(left, [k for _, k in slack])):
            bits[bit] = value
    return bits


def encrypt(y, selection, randomness):
    """y is a Table."""
    return b"".join(times(r) + group.encode(total([(r, y), (m, group.GENERATOR)]))
                    for m, r in zip(selection, randomness))


def prove(chance, layout, y, ctx, selection, randomness, ciphertexts, bits=None):
    """protocol-ballotproof §7; y is a Table."""
    n, m = layout.bits, layout.size
    b = bits or selected_bits(layout, selection)
    a = [chance.scalar() for _ in range(n)]
    for factors, _ in layout.constraints:
        free = next(bit for bit, k in factors if k == 1)
        a[free] = -sum(k * a[bit] for bit, k in factors if bit != free) % Q
    r_b, r_a, r_c, r_d, s = (chance.scalar() for _ in range(5))
    base, g = ballotproof.base, range(1, n + 1)

    def commit(blind, values):
        return group.encode(total([(blind, base(0))] + [(v, base(k)) for k, v in zip(g, values)]))

    head = [commit(r_b, b), commit(r_a, a),
            commit(r_c, [ak * (1 - 2 * bk) for ak, bk in zip(a, b)]),
            commit(r_d, [-ak * ak for ak in a])]
    encoded = [ciphertexts[i:i + 32] for i in range(0, len(ciphertexts), 32)]
    first = h64("ballot-1", ctx, u32(m), u32(n), *encoded, *head)
    rho = h2s("rho", first)
    plain = sum(pow(rho, i, Q) * w * a[bit]
                for i, cipher in enumerate(layout.ciphertexts, 1) for bit, w in cipher)
    head += [times(s), group.encode(total([(s, y), (plain, group.GENERATOR)]))]
    x = h2s("ballot-2", first, head[4], head[5])
    z = sum(pow(rho, i, Q) * r for i, r in enumerate(randomness, 1)) * x + s
    scalars = [x * bk + ak for bk, ak in zip(b, a)] + [x * r_b + r_a, x * r_c + r_d, z]
    return b"".join(head) + b"".join(group.scalar_bytes(v % Q) for v in scalars)


def seal(share, suite_who, j, receiver, e, shared):
    """The box of a parcel (protocol-ceremony 4.4)."""
    pad = expand_fields(32, "dkg-pad", *suite_who, bytes([j]), receiver, e, shared)
    return bytes(p ^ q for p, q in zip(share, pad))

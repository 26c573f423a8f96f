"""
Ed25519 as officials, trustees, nodes and kiosks use it (protocol.md 5.1, 5.2).

A key is checked once, in full; a signature by the equation S*B = R + k*A without cofactor, bytes
of R compared.
"""
import functools
import hashlib

from .errors import Refused, require
from .field import D, P, Q, SQRT_M1, Table, ZERO, is_same, negate, total
from .hashing import message


def decode(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise Refused("an Ed25519 key is not canonical")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) % P * pow(u * pow(v, 7, P) % P, (P - 5) // 8, P) % P
    if v * x % P * x % P == -u % P:
        x = x * SQRT_M1 % P
    if v * x % P * x % P != u:
        raise Refused("an Ed25519 key is no point of the curve")
    if x == 0 and sign:
        raise Refused("an Ed25519 key is not canonical")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encode(point):
    z = pow(point[2], -1, P)
    x, y = point[0] * z % P, point[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = Table(decode((4 * pow(5, -1, P) % P).to_bytes(32, "little")))


@functools.lru_cache(maxsize=4096)
def _key(data):
    point = decode(data)
    require(not is_same(point, ZERO), "an Ed25519 key is the identity")
    # Q * A, by hand: total() reduces what it multiplies with
    require(is_same(total([(Q - 1, point)]), negate(point)),
            "an Ed25519 key is outside the prime-order subgroup")
    return Table(negate(point))


def check_key(data):
    """Canonical, in the prime-order subgroup, not the identity."""
    _key(data)


@functools.lru_cache(maxsize=65536)
def holds(key, signature, data):
    """Plain Ed25519 over these bytes, with a key that was checked."""
    s = int.from_bytes(signature[32:], "little")
    if s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + data).digest(), "little")
    r = total([(s, BASE), (k, _key(key))])
    return not is_same(r, ZERO) and encode(r) == signature[:32]


def verify(key, signature, purpose, suite, election_id, y, body, context=None):
    digest = hashlib.sha512(message(purpose, suite, election_id, y, body, context)).digest()
    require(holds(key, signature, digest), f"a signature ({purpose}) does not hold")

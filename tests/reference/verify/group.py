"""
ristretto255 (RFC 9496): a group of prime order Q, every element with exactly one encoding.

Written additively.  An element is a point of field.py; many points are one element, which is why
elements are compared with is_equal and never with ==.
"""
import functools

from .errors import Refused
from .field import D, P, Q, SQRT_M1, Table, ZERO, add

NAME = b"ristretto255"
SIZE = 32
IDENTITY_BYTES = bytes(SIZE)

_SQRT_AD_MINUS_ONE = \
    25063068953384623474111414158702152701244531502492656460079210482610430750235
_INVSQRT_A_MINUS_D = \
    54469307008909316920995813868745141605393597292927456921205312896311721017578
_ONE_MINUS_D_SQ = (1 - D * D) % P
_D_MINUS_ONE_SQ = (D - 1) * (D - 1) % P


def _is_negative(x):
    return x & 1 == 1


def _abs(x):
    return P - x if x & 1 else x


def _sqrt_ratio(u, v):
    """RFC 9496 §4.2: whether u/v is a square, and a root of u/v or of sqrt(-1)*u/v."""
    v3 = v * v % P * v % P
    v7 = v3 * v3 % P * v % P
    r = u * v3 % P * pow(u * v7 % P, (P - 5) // 8, P) % P
    check = v * r % P * r % P
    u %= P
    is_correct = check == u
    is_flipped = check == -u % P
    if is_flipped or check == -u * SQRT_M1 % P:
        r = r * SQRT_M1 % P
    return is_correct or is_flipped, _abs(r)


def decode(data):
    """The element of 32 bytes; anything but the one encoding of an element is refused."""
    s = int.from_bytes(data, "little")
    if len(data) != SIZE or s >= P or _is_negative(s):
        raise Refused("an element is not canonically encoded")
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    u2_squared = u2 * u2 % P
    v = (-D * u1 % P * u1 - u2_squared) % P
    is_square, inv = _sqrt_ratio(1, v * u2_squared % P)
    den_x = inv * u2 % P
    x = _abs(2 * s * den_x % P)
    y = u1 * inv % P * den_x % P * v % P
    t = x * y % P
    if not is_square or _is_negative(t) or y == 0:
        raise Refused("32 bytes are no element of the group")
    return x, y, 1, t


def encode(point):
    x0, y0, z0, t0 = point
    u1 = (z0 + y0) * (z0 - y0) % P
    u2 = x0 * y0 % P
    _, inv = _sqrt_ratio(1, u1 * u2 % P * u2 % P)
    den1, den2 = inv * u1 % P, inv * u2 % P
    z_inv = den1 * den2 % P * t0 % P
    x, y, den = x0, y0, den2
    if _is_negative(t0 * z_inv % P):
        x, y = y0 * SQRT_M1 % P, x0 * SQRT_M1 % P
        den = den1 * _INVSQRT_A_MINUS_D % P
    if _is_negative(x * z_inv % P):
        y = -y
    return _abs(den * (z0 - y) % P).to_bytes(SIZE, "little")


def is_equal(a, b):
    return (a[0] * b[1] - a[1] * b[0]) % P == 0 or (a[1] * b[1] - a[0] * b[0]) % P == 0


def is_identity(a):
    return is_equal(a, ZERO)


def derive(uniform):
    """RFC 9496 §4.3.4: an element of 64 bytes, whose logarithm nobody knows."""
    def part(data):
        return _map((int.from_bytes(data, "little") & (2**255 - 1)) % P)
    return add(part(uniform[:32]), part(uniform[32:]))


def _map(t):
    r = SQRT_M1 * t % P * t % P
    u = (r + 1) * _ONE_MINUS_D_SQ % P
    v = (-1 - r * D) % P * (r + D) % P
    is_square, s = _sqrt_ratio(u, v)
    c = P - 1
    if not is_square:
        s = -_abs(s * t % P) % P
        c = r
    n = (c * (r - 1) % P * _D_MINUS_ONE_SQ - v) % P
    w0, w1 = 2 * s * v % P, n * _SQRT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


@functools.lru_cache(maxsize=64)
def table(data):
    """Of an element that is used again and again, such as y."""
    return Table(decode(data))


def scalar(data):
    """A number below Q, little-endian."""
    k = int.from_bytes(data, "little")
    if len(data) != SIZE or k >= Q:
        raise Refused("a scalar is not canonically encoded")
    return k


def scalar_bytes(k):
    return k.to_bytes(SIZE, "little")


GENERATOR_BYTES = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
GENERATOR = Table(decode(GENERATOR_BYTES))

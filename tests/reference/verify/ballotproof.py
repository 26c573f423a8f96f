"""The one proof of a ballot (protocol-ballotproof.md §3, §4, §5, §8)."""
from . import group
from .errors import require
from .field import Q, Table, total
from .hashing import h2s, h64, u32, x

_bases = []


def base(i):
    """E_i as a table: h is E_0, G_k is E_k (3.1, 3.2)."""
    while len(_bases) <= i:
        k, c = len(_bases), 0
        point = group.derive(x(64, "generator", group.NAME, u32(k)))
        while group.is_identity(point) or any(group.is_equal(point, b.point) for b in _bases):
            c += 1
            point = group.derive(x(64, "generator", group.NAME, u32(k), u32(c)))
        _bases.append(Table(point))
    return _bases[i]


def _elements(data):
    return [data[i:i + 32] for i in range(0, len(data), 32)]


def verify(layout, y, ctx, ciphertexts, proof):
    """Returns the ciphertexts as pairs of elements.  y is the encoded key."""
    require(len(ciphertexts) == 64 * layout.size and len(proof) == layout.proof_size,
            "a ballot or its proof has not the length of its style")
    m, n = layout.size, layout.bits
    encoded = _elements(ciphertexts)
    points = [group.decode(e) for e in encoded]
    alphas, betas = points[0::2], points[1::2]
    head, tail = _elements(proof)[:6], _elements(proof)[6:]
    b, a, c, d, t1, t2 = (group.decode(e) for e in head)
    f = [group.scalar(e) for e in tail[:n]]
    z_a, z_c, z = (group.scalar(e) for e in tail[n:])

    first = h64("ballot-1", ctx, u32(m), u32(n), *encoded, *head[:4])
    rho = h2s("rho", first)
    xx = h2s("ballot-2", first, head[4], head[5])
    require(rho != 0 and xx != 0, "a challenge is 0")

    for factors, u in layout.constraints:                                      # (1)
        require((sum(k * f[bit] for bit, k in factors) - xx * u) % Q == 0,
                "the proof of a ballot is false: a constraint")
    h, g = base(0), [base(k) for k in range(1, n + 1)]
    powers = [pow(rho, i, Q) for i in range(1, m + 1)]
    plain = sum(p * w * f[bit] for p, bits in zip(powers, layout.ciphertexts) for bit, w in bits)
    equations = (
        [(xx, b), (1, a), (-z_a, h)] + [(-fk, gk) for fk, gk in zip(f, g)],                  # (2)
        [(xx, c), (1, d), (-z_c, h)] + [(-fk * (xx - fk), gk) for fk, gk in zip(f, g)],      # (3)
        [(xx * p, e) for p, e in zip(powers, alphas)] + [(1, t1), (-z, group.GENERATOR)],    # (4)
        [(xx * p, e) for p, e in zip(powers, betas)] +
        [(1, t2), (-z, group.table(y)), (-plain, group.GENERATOR)])                                       # (5)
    for number, terms in enumerate(equations, 2):
        require(group.is_identity(total(terms)),
                f"the proof of a ballot is false: equation {number}")
    return list(zip(alphas, betas))


def open_ciphertexts(pairs, y, randomness, selection):
    """That each pair encrypts what is said, with the randomness that is said (8.1)."""
    y = group.table(y)
    for (alpha, beta), r, m in zip(pairs, randomness, selection):
        require(group.is_equal(alpha, total([(r, group.GENERATOR)])) and
                group.is_equal(beta, total([(r, y), (m, group.GENERATOR)])),
                "a ciphertext of a test does not open to what is said")

"""Schnorr signatures (protocol.md 5.3), proofs of knowledge and of equality (protocol-ceremony §1)."""
import hashlib

from . import group
from .errors import require
from .field import Q, total
from .hashing import expand, h, h2s, message, u16, u32


def _field(data):
    return u16(len(data)) + data


def schnorr(key, key_bytes, signature, purpose, suite, election_id, y, body):
    """R || z of the owner of a credential or slip key."""
    r = group.decode(signature[:32])
    z = group.scalar(signature[32:])
    require(not group.is_identity(key) and not group.is_identity(r),
            "a key or a nonce of a signature is the identity")
    data = b"FROST-RISTRETTO255-SHA512-v1chal" + signature[:32] + key_bytes + \
        message(purpose, suite, election_id, y, body)
    c = int.from_bytes(hashlib.sha512(data).digest(), "little") % Q
    require(group.is_equal(total([(z, group.GENERATOR), (-c, key)]), r),
            f"a signature ({purpose}) does not hold")


def knowledge(a, a_bytes, proof, purpose, context):
    """c || z: who made it knows x with A = x*g (1.6)."""
    c, z = group.scalar(proof[:32]), group.scalar(proof[32:])
    require(not group.is_identity(a), "what is proved to be known is the identity")
    nonce = group.encode(total([(z, group.GENERATOR), (-c, a)]))
    expected = h2s("pok", purpose.encode(), group.NAME, context, group.GENERATOR_BYTES, a_bytes,
                   nonce)
    require(c == expected, f"a proof of knowledge ({purpose}) is false")


def equality(b, b_bytes, pairs, proof, purpose, context):
    """
    c || s: one number takes g to B and each C to its D (1.7, RFC 9497 §2.2).  pairs: (C, C_bytes,
    D, D_bytes).
    """
    c, s = group.scalar(proof[:32]), group.scalar(proof[32:])
    require(not group.is_identity(b), "the key of a proof of equality is the identity")
    flat = [e for pair in pairs for e in (pair[1], pair[3])]
    context_string = b"kalpis/v1/" + purpose.encode() + \
        h("dleq", group.NAME, purpose.encode(), context, b_bytes, u32(len(pairs)), *flat)

    def to_scalar(data):
        return int.from_bytes(expand(64, b"HashToScalar-" + context_string, data), "little") % Q

    seed = hashlib.sha512(_field(b_bytes) + _field(b"Seed-" + context_string)).digest()
    weights = [to_scalar(_field(seed) + u16(i) + _field(p[1]) + _field(p[3]) + b"Composite")
               for i, p in enumerate(pairs)]
    m = total([(w, p[0]) for w, p in zip(weights, pairs)])
    z = total([(w, p[2]) for w, p in zip(weights, pairs)])
    t2 = total([(s, group.GENERATOR), (c, b)])
    t3 = total([(s, m), (c, z)])
    transcript = b"".join(_field(e) for e in
                          (b_bytes, *map(group.encode, (m, z, t2, t3))))
    require(c == to_scalar(transcript + b"Challenge"), f"a proof of equality ({purpose}) is false")


"""Hashes with a purpose (protocol.md §2), and the trees of RFC 6962."""
import hashlib

from .field import Q


def frame(data):
    return len(data).to_bytes(4, "big") + data


def u8(n):
    return n.to_bytes(1, "big")


def u16(n):
    return n.to_bytes(2, "big")


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def _tag(purpose):
    return b"kalpis/v1/" + purpose.encode()


def _framed(fields):
    return b"".join(frame(f) for f in fields)


def sha256(data):
    return hashlib.sha256(data).digest()


def h(purpose, *fields):
    return sha256(frame(_tag(purpose)) + _framed(fields))


def h64(purpose, *fields):
    return hashlib.sha512(frame(_tag(purpose)) + _framed(fields)).digest()


def expand(length, dst, message):
    """RFC 9380 §5.3.1, expand_message_xmd with SHA-512."""
    if len(dst) > 255:
        dst = hashlib.sha512(b"H2C-OVERSIZE-DST-" + dst).digest()
    dst += u8(len(dst))
    b0 = hashlib.sha512(bytes(128) + message + u16(length) + b"\0" + dst).digest()
    out, b = b"", bytes(64)
    for i in range(1, -(-length // 64) + 1):
        b = hashlib.sha512(bytes(x ^ y for x, y in zip(b0, b)) + u8(i) + dst).digest()
        out += b
    return out[:length]


def x(length, purpose, *fields):
    return expand(length, _tag(purpose), _framed(fields))


def h2s(purpose, *fields):
    return int.from_bytes(x(64, purpose, *fields), "little") % Q


def message(purpose, suite, election_id, y, body, context=None):
    """What a signature is over (protocol.md 5.1)."""
    fields = [suite, election_id, y, body] + ([] if context is None else [context])
    return frame(_tag(purpose)) + _framed(fields)


# RFC 6962 §2.1

def leaf_hash(data):
    return sha256(b"\0" + data)


def _node(left, right):
    return sha256(b"\1" + left + right)


def tree_root(leaves):
    """The root of the tree over leaves that are hashed already; SHA-256 of nothing if there are none."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


class Tree:
    """A tree that grows at its right edge: only the roots of its full subtrees are kept."""

    def __init__(self):
        self.size = 0
        self.peaks = []

    def append(self, leaf):
        size = self.size
        while size & 1:
            leaf = _node(self.peaks.pop(), leaf)
            size >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256(b"")
        out = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            out = _node(peak, out)
        return out

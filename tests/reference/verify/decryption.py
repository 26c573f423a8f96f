"""Shares of the decryption and the counts that follow (protocol-ceremony.md §9 to §12)."""
from . import group, proofs
from .errors import require
from .field import Q, total
from .hashing import h, u8, u32


def lagrange(j, members):
    """λ_j over the set (2.2)."""
    top = bottom = 1
    for k in members:
        if k != j:
            top, bottom = top * k % Q, bottom * (k - j) % Q
    return top * pow(bottom, -1, Q) % Q


class Decryption:
    def __init__(self, manifest, y, public_shares, tally, end):
        self.manifest, self.y, self.public = manifest, y, public_shares
        self.tally, self.end = tally, end             # the block that ended the election
        opened = tally.opened
        flat = [e for a in opened for e in (a.alpha_bytes, a.beta_bytes)]
        self.sums = h("aggregates", group.NAME, manifest.id, u32(len(opened)), *flat)
        self.shares = []                              # (trustee, [D_k]) in the order of the chain

    def add(self, j, data):
        self.shares.append((j, self.check(j, data)))

    def check(self, j, data):
        """§10."""
        opened = self.tally.opened
        require(len(data) == 32 * len(opened) + 64, "a share has a wrong length")
        encoded = [data[i:i + 32] for i in range(0, 32 * len(opened), 32)]
        points = [group.decode(e) for e in encoded]
        context = h("share", group.NAME, self.manifest.id, self.y, u8(j), self.end.id, self.sums)
        point, point_bytes = self.public[j]
        pairs = [(a.alpha, a.alpha_bytes, d, e) for a, d, e in zip(opened, points, encoded)]
        proofs.equality(point, point_bytes, pairs, data[-64:], "share", context)
        return points

    def check_counts(self, counts):
        """protocol.md 8.6."""
        first = self.shares[:self.manifest.t]
        members = [j for j, _ in first]
        weights = [lagrange(j, members) for j in members]
        require(len(counts) == len(self.tally.aggregates), "the result has a wrong number of counts")
        at = 0
        for count, a in zip(counts, self.tally.aggregates):
            if not a.is_opened:
                require(count == 0, "a sum of no ballots is not counted 0")
                continue
            require(len(first) == self.manifest.t, "too few trustees gave a share")
            require(count <= a.bound, "a count is larger than the ballots permit")
            plain = total([(1, a.beta)] + [(-w, d[at]) for w, (_, d) in zip(weights, first)])
            require(group.is_equal(plain, total([(count, group.GENERATOR)])),
                    "a count is not that of its encrypted sum")
            at += 1

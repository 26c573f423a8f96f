"""Which numbers a style encrypts, of which bits, under which constraints (protocol-ballotproof §2)."""
from collections import namedtuple

from .errors import require
from .hashing import h64, u8, u32

Group = namedtuple("Group", "label n each_max min max blank")


def digits(k):
    """Numbers whose subsets have exactly the sums 0 to k (2.3)."""
    out, power = [], 1
    while sum(out) + power <= k:
        out.append(power)
        power *= 2
    return out + [k - sum(out)] * (k > sum(out))


class Layout:
    """
    ciphertexts: for each, the list of (bit, weight); bits are numbered from 0 here.
    constraints: pairs of a list of (bit, factor) and their sum U.
    starts: the first ciphertext of each group.
    """

    def __init__(self, label, groups):
        self.groups = [g._replace(max=min(g.max, g.n * g.each_max)) for g in groups]
        self.bits = 0
        self.ciphertexts, self.constraints, self.starts = [], [], []
        fields = [u32(label), u32(len(self.groups))]
        for g in self.groups:
            require(g.each_max >= 1 and g.max >= 1 and g.min <= g.max and
                    g.n * g.each_max + 2 * g.max < 2**32, "a contest has figures out of range")
            self.starts.append(len(self.ciphertexts))
            self._group(g)
            fields += [u32(g.label), u32(g.n), u32(g.each_max), u32(g.min), u32(g.max),
                       u8(int(g.blank))]
        self.size = len(self.ciphertexts)
        require(len(self.groups) <= 64 and self.size <= 1024 and self.bits <= 2048,
                "a style makes too many ciphertexts or bits")
        self.digest = h64("layout", *fields)

    def _bits(self, weights):
        first = self.bits
        self.bits += len(weights)
        return list(zip(range(first, self.bits), weights))

    def _group(self, g):
        factors = []
        if g.blank:
            flag = self._bits([1])
            self.ciphertexts.append(flag)
            factors += [(flag[0][0], g.max)]
        for _ in range(g.n):
            number = self._bits(digits(g.each_max))
            self.ciphertexts.append(number)
            factors += number
        if g.min > 0 or g.max < g.n * g.each_max or g.blank:
            factors += self._bits(digits(g.max - g.min))
            self.constraints.append((factors, g.max))

    @property
    def proof_size(self):
        return 32 * (self.bits + 9)

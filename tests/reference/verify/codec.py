"""Reading bytes (formats.md §1): to the end, and nothing left over."""
from .errors import Refused


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def raw(self, n):
        if n > len(self.data) - self.at:
            raise Refused("bytes end too early")
        out = self.data[self.at:self.at + n]
        self.at += n
        return out

    def number(self, n):
        return int.from_bytes(self.raw(n), "big")

    def u8(self):
        return self.number(1)

    def u16(self):
        return self.number(2)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def hash(self):
        return self.raw(32)

    def opaque(self, width, limit):
        n = self.number(width)
        if n > limit:
            raise Refused("a length is above its limit")
        return self.raw(n)

    def rest(self):
        return self.raw(len(self.data) - self.at)

    def end(self):
        if self.at != len(self.data):
            raise Refused("bytes are left over")

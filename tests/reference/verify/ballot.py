"""Ballots and tests as they travel, and what is made of their bytes (formats.md §3, protocol.md 7.7)."""
from . import ballotproof, group
from .codec import Reader
from .errors import require
from .hashing import h, h64, sha256, u8, u16

NONE = bytes(32)


class Body:
    """
    What ballot and test have in common.  With `commitment` (to the credential) and `replacement`
    (to the tracker that is replaced, empty without revotes) it has a tracker and a context.
    """

    def __init__(self, manifest, r, style_index):
        require(style_index < len(manifest.styles), "there is no such style")
        self.m, self.style_index = manifest, style_index
        self.layout = manifest.styles[style_index].layout
        self.device = r.raw(32)
        self.replaced, self.slip_key = (r.raw(32), r.raw(32)) if manifest.revote else (b"", b"")
        self.ciphertexts = r.raw(64 * self.layout.size)
        self.proof = r.raw(self.layout.proof_size)

    def close(self, commitment, replacement):
        self.commitment, self.replacement = commitment, replacement
        self.tracker = h("tracker", self.m.id + u16(self.style_index) + commitment + self.device +
                         replacement + self.slip_key + self.ciphertexts + self.proof)

    @property
    def alphas(self):
        return [self.ciphertexts[i:i + 32] for i in range(0, len(self.ciphertexts), 64)]

    def pairs(self, y):
        """The ciphertexts as pairs of elements, if the proof holds."""
        if self.m.revote:
            require(not group.is_identity(group.decode(self.slip_key)), "a slip key is the identity")
        ctx = h64("ballot-context", u8(1), group.NAME, self.m.id, y, self.layout.digest,
                  self.commitment, self.device, self.replacement, self.slip_key)
        return ballotproof.verify(self.layout, y, ctx, self.ciphertexts, self.proof)


class Ballot:
    def __init__(self, manifest, payload):
        r = Reader(payload)
        self.body = Body(manifest, r, r.u16())
        witness = r.at
        self.credential, blinding = r.raw(32), r.raw(32)
        self.signature = r.raw(64)
        self.old_slip_key = None
        if manifest.revote and self.body.replaced != NONE:
            self.old_slip_key, self.old_signature = r.raw(32), r.raw(64)
        r.end()
        replacement = b""
        if manifest.revote:
            replacement = h("replaces", manifest.id, self.body.replaced, blinding)
        self.body.close(h("cred", manifest.id, self.credential, blinding), replacement)
        self.tracker = self.body.tracker
        self.id = h("tx", u8(10), self.tracker, sha256(payload[witness:]))


class Test:
    def __init__(self, manifest, payload):
        r = Reader(payload)
        self.kiosk, self.kiosk_key = r.u16(), r.raw(32)
        style_index, commitment = r.u16(), r.raw(32)
        self.body = Body(manifest, r, style_index)
        self.body.close(commitment, self.body.replaced)
        self.tracker = self.body.tracker
        size = self.body.layout.size
        self.scalars = [r.raw(32) for _ in range(size)]
        self.selection = [r.u32() for _ in range(size)]
        self.signed, self.signature = payload[:r.at], r.raw(64)
        r.end()
        self.id = h("tx", u8(11), payload)

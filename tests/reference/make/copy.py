"""
A copy of an election in which something is changed, and everything that depends on it is made
anew: signatures by whoever changes it, then bodies, hashes, log, state, links, certificates.
"""
import contextlib

from verify import rules
from verify.chain import FINALIZE
from verify.errors import Refused
from verify.hashing import h, sha256, u8, u32
from verify.rules import ADVANCE, CLOSE, END, GENESIS, OPEN, RESULT

from . import chain
from .chain import Draft, Sealer, certificate, in_order


def flipped(data, at, bit=1):
    out = bytearray(data)
    out[at] ^= bit
    return bytes(out)


def spliced(data, at, new):
    """new in the place of as many bytes."""
    at %= len(data)
    return data[:at] + new + data[at + len(new):]


class Copy:
    def __init__(self, election):
        self.e = election
        self.drafts = [d.copy() for d in election.drafts]
        self.originals = list(self.drafts)
        self.signatures = election.signatures
        self.fingerprint = election.id
        self.certificates = None               # or a function of the drafts that makes them
        self.cosignatures = None               # the same
        self.manifest = None                   # other bytes; then only block 0 is made anew
        self.finish = lambda data: data        # what is done to the file at last

    # ------------------------------------------------------------ where things are

    def place(self, kind, n=0):
        found = [(d, i) for d in self.drafts for i, tx in enumerate(d.items) if tx[0] == kind]
        return found[n]

    def tx(self, kind, n=0):
        draft, i = self.place(kind, n)
        return draft.items[i]

    def put(self, kind, n, tx):
        draft, i = self.place(kind, n)
        draft.items[i] = tx
        self._order(draft)

    def beside(self, kind, n, *items):
        """More items in the block of this one."""
        draft, _ = self.place(kind, n)
        draft.items += items
        self._order(draft)

    def _order(self, draft):
        with contextlib.suppress(Refused):
            draft.items = in_order(self.e.m, draft.items)

    def drop(self, kind, n=0):
        draft, i = self.place(kind, n)
        del draft.items[i]

    def block_before(self, kind, n, *items):
        self._insert(self.drafts.index(self.place(kind, n)[0]), items)

    def block_after(self, kind, n, *items):
        self._insert(self.drafts.index(self.place(kind, n)[0]) + 1, items)

    def _insert(self, at, items):
        before = self.drafts[at - 1]
        for d in self.drafts[at:]:
            d.view += 1
        self.drafts.insert(at, Draft(before.view + 1, before.time, list(items)))

    def header(self, kind, n=0, **fields):
        self.place(kind, n)[0].fields.update(fields)

    # ------------------------------------------------------------ signing anew

    @contextlib.contextmanager
    def in_ceremony(self):
        self.e.is_before_y = True
        yield self.e
        self.e.is_before_y = False

    def signer(self, tx):
        kind, e = tx[0], self.e
        if kind == rules.ROLL:
            return e.officials["registrar"]
        if kind == rules.DEVICE:
            return e.officials["officer"]
        if kind in (rules.TEST, rules.CLOSING):
            return e.kiosks[int.from_bytes(tx[1:3], "big")]
        return e.trustees[(tx[1] - 1) % len(e.trustees)].sign

    def resigned(self, tx, by=None):
        """The same with a signature (or signatures) that hold for what it says now."""
        kind, e = tx[0], self.e
        e.is_before_y = kind in (rules.COMMIT, rules.DEAL, rules.COMPLAIN, rules.CONFIRM, ADVANCE)
        ends = {ADVANCE: 34, CLOSE: 33, END: 33, OPEN: 111}
        if kind == RESULT:
            ends[RESULT] = 45 + 8 * int.from_bytes(tx[41:45], "big")
        if kind in ends:
            at = ends[kind]
            signers = by or [tx[at + 1 + 65 * i] for i in range(tx[at])]
            out = e.cosigned(kind, tx[1:at], signers)
        else:
            out = e.signed(kind, tx[1:-64], by or self.signer(tx))
        e.is_before_y = False
        return out

    def change(self, kind, n, at, new):
        """Other bytes at this place of the transaction, signed anew by those who signed it."""
        self.put(kind, n, self.resigned(spliced(self.tx(kind, n), at, new)))

    # ------------------------------------------------------------ the file

    def build(self):
        if self.manifest is not None:
            return self.finish(self._with_manifest())
        sealer, self.renamed = Sealer(self.e.m), {}
        ids = {id(copy): old.id for copy, old in zip(self.originals, self.e.drafts)}
        blocks = []
        for draft in self.drafts:
            items = [self._follow(tx) for tx in draft.items] if sealer.is_sound else draft.items
            if items != draft.items:               # behind what is wrong nobody reads
                draft.items = items
                self._order(draft)
            blocks.append(sealer.seal(draft))
            old = ids.get(id(draft))
            if old is not None and old != draft.id:
                self.renamed[old] = draft.id
        certificates = (self.certificates or self.final)(self.drafts)
        words = (self.cosignatures or self.e.vouch)(self.drafts) if sealer.is_sound else []
        return self.finish(chain.archive(blocks, self.signatures, certificates, words))

    def _follow(self, tx):
        """Blocks before have other ids now: what names them names them still, signed anew."""
        kind = tx[0]
        if kind == rules.SHARE:
            end = self.e.state.decryption.end.id
            if end in self.renamed and tx in self.e.shares:
                return self.e.share(tx[1], self.renamed[end])
            return tx
        at = {ADVANCE: 2, rules.CONFIRM: 2, OPEN: 1, CLOSE: 1, END: 1, RESULT: 1}.get(kind)
        new = self.renamed.get(tx[at:at + 32]) if at else None
        return self.resigned(spliced(tx, at, new)) if new else tx

    def certificate(self, kind, view, block, indices=None):
        nodes = [t.node for t in self.e.trustees]
        return certificate(nodes, self.e.id, kind, view, block,
                           range(self.e.m.quorum) if indices is None else indices)

    def final(self, drafts):
        return [self.certificate(FINALIZE, drafts[-1].view, drafts[-1].id)]

    def _with_manifest(self):
        item = u8(GENESIS) + self.manifest
        body = u32(len(item)) + item
        header = self.e.blocks[0][:207]
        header = header[:2] + sha256(self.manifest) + header[34:]
        header = spliced(header, 99, u32(len(body)) + h("body", body))
        blocks = [header + body] + self.e.blocks[1:]
        self.fingerprint = sha256(self.manifest)
        return chain.archive(blocks, self.signatures, self.final(self.e.drafts))

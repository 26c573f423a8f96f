"""Archive, blocks, transactions and certificates (formats.md §4, §5, §6; protocol.md 7.3, 7.11, 9.3)."""
import base64

from . import ed25519, group
from .ballot import Ballot, Test
from .codec import Reader
from .errors import Missing, require
from .hashing import h, leaf_hash, u8, u32, u64
from .rules import BALLOT, GENESIS, INCIDENT, NAMES, TEST

MAGIC = b"KALPIS1\n"
HEADER = 207
BLOCK, SIGNATURES, CERTIFICATE, COSIGNATURE, END_OF_FILE = 1, 2, 3, 4, 5
NOTARIZE, NULLIFY, FINALIZE = 1, 2, 3
MAX_TX = 2**20
MAX_ITEMS = 4096
NONE = bytes(32)


class Transaction:
    def __init__(self, data):
        require(1 <= len(data) <= MAX_TX, "a transaction has a wrong length")
        self.kind, self.payload, self.length = data[0], data[1:], len(data)
        require(GENESIS <= self.kind <= INCIDENT, "a transaction has an unknown type")
        self.content = None

    def read(self, manifest):
        """What follows without the state: content of ballots and tests, id, place in a block."""
        if self.kind in (BALLOT, TEST):
            self.content = (Ballot if self.kind == BALLOT else Test)(manifest, self.payload)
            self.id = self.content.id
            self.order = (1, self.content.tracker)
        else:
            self.id = h("tx", u8(self.kind), self.payload)
            self.order = (0, u8(self.kind) + self.id)

    def identified(self, manifest):
        self.read(manifest)
        return self.id

    @property
    def leaf(self):
        return leaf_hash(u8(self.kind) + self.id + u32(self.length))

    @property
    def name(self):
        return NAMES[self.kind]


class Block:
    def __init__(self, data):
        r = Reader(data)
        header, self.body = r.raw(HEADER), r.rest()
        self.id = h("block", header)
        r = Reader(header)
        self.version, self.election_id = r.u16(), r.hash()
        self.height, self.view, self.parent_view, self.parent = r.u64(), r.u64(), r.u64(), r.hash()
        self.proposer, self.time = r.u8(), r.u32()
        self.n_items, self.body_len, self.body_hash = r.u32(), r.u32(), r.hash()
        self.log_size, self.log_root, self.state_hash = r.u64(), r.hash(), r.hash()
        require(self.version == 1, "a block has another version")

    def open_body(self):
        """The items, when the body is the one that the header names."""
        require(self.n_items <= MAX_ITEMS, "a block has too many items")
        require(self.body_len == len(self.body), "a body has another length than its header says")
        require(len(self.body) <= MAX_TX + (0 if self.n_items > 1 else 4), "a body is too long")
        require(h("body", self.body) == self.body_hash, "a body is not that of its header")
        r = Reader(self.body)
        self.items = [Transaction(r.opaque(4, MAX_TX)) for _ in range(self.n_items)]
        r.end()

    def follows(self, parent, manifest):
        """7.14."""
        require(self.election_id == manifest.id, "a block is of another election")
        require(self.height == parent.height + 1 and self.parent == parent.id and
                self.parent_view == parent.view, "a block does not name the one before it")
        require(self.view > parent.view, "a view goes back")
        require(self.time >= parent.time, "time goes back")
        require(self.proposer == manifest.leader(self.view), "a block is not from its view's leader")
        require(self.log_size == parent.log_size + self.n_items, "the log grows by another number")

    def is_first(self, manifest):
        return (self.election_id, self.height, self.view, self.parent_view, self.parent,
                self.proposer, self.time, self.log_size) == (manifest.id, 0, 0, 0, NONE, 0, 0, 1)


class Certificate:
    def __init__(self, data, manifest):
        r = Reader(data)
        self.type, self.view, self.block = r.u8(), r.u64(), r.hash()
        signers = r.u16()
        self.signers = [i for i in range(16) if signers >> i & 1]
        self.signatures = [r.raw(64) for _ in self.signers]
        r.end()
        require(self.type in (NOTARIZE, NULLIFY, FINALIZE), "a certificate has an unknown type")
        require(self.view > 0, "nobody votes in view 0")
        require(self.type != NULLIFY or self.block == NONE, "a view that is given up has no block")
        require(all(i < manifest.n for i in self.signers), "a certificate names an unknown node")
        require(len(self.signers) >= manifest.quorum, "a certificate has too few signatures")
        body = u8(self.type) + u64(self.view) + self.block
        for i, signature in zip(self.signers, self.signatures):
            ed25519.verify(manifest.trustees[i].node_key, signature, "vote", group.NAME,
                           manifest.id, b"", body)


class Cosignature:
    """A node's word for the log after `end` (head 1) or `result` (2): protocol.md 9.4."""

    def __init__(self, data, manifest):
        r = Reader(data)
        self.head, self.node, self.time, self.size = r.u8(), r.u8(), r.u64(), r.u64()
        self.root, signature = r.hash(), r.raw(64)
        r.end()
        require(self.head in (1, 2), "a cosignature is of an unknown head")
        require(self.node < manifest.n, "a cosignature names an unknown node")
        text = f"cosignature/v1\ntime {self.time}\nkalpis/{manifest.id.hex()}\n{self.size}\n" + \
            base64.b64encode(self.root).decode() + "\n"
        require(ed25519.holds(manifest.trustees[self.node].checkpoint_key, signature, text.encode()),
                "a cosignature does not hold")


def records(data):
    """The records of a file, one after the other, as (kind, bytes); Missing if it has no end."""
    require(data[:8] == MAGIC, "this is not an archive")
    at, count, before = 8, 0, 0
    while at < len(data):
        kind, n = data[at], int.from_bytes(data[at + 1:at + 5], "big")
        require(len(data) - at >= 5 and len(data) - at - 5 >= n, "a record is cut")
        record, at = data[at + 5:at + 5 + n], at + 5 + n
        require(before <= kind and BLOCK <= kind <= END_OF_FILE, "records are not in order")
        if kind == END_OF_FILE:
            require(record == u64(count) and at == len(data), "the end is not as it must be")
            return
        yield kind, record
        before, count = kind, count + 1
    raise Missing("the file stops between two records")

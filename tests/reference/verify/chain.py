"""Archive, blocks, transactions and certificates (formats.md §4, §5, §6; protocol.md 7.3, 7.11, 9.3)."""
from . import ed25519, group
from .ballot import Ballot, Test
from .codec import Reader
from .errors import Refused, require
from .hashing import h, leaf_hash, u8, u32, u64
from .rules import BALLOT, GENESIS, NAMES, PHASE_CHANGES, RESULT, TEST

MAGIC = b"KALPIS1\n"
HEADER = 207
BLOCK, SIGNATURES, CERTIFICATE, END_OF_FILE = 1, 2, 3, 4
NOTARIZE, NULLIFY, FINALIZE = 1, 2, 3
MAX_TX = 2**20
MAX_ITEMS = 4096
NONE = bytes(32)


class Transaction:
    def __init__(self, data):
        require(1 <= len(data) <= MAX_TX, "a transaction has a wrong length")
        self.kind, self.payload, self.length = data[0], data[1:], len(data)
        require(GENESIS <= self.kind <= RESULT, "a transaction has an unknown type")
        self.content = self.id = None

    def read(self, manifest):
        """What can be read without the state: content of ballots and tests, id, place in a block."""
        if self.kind in (BALLOT, TEST):
            self.content = (Ballot if self.kind == BALLOT else Test)(manifest, self.payload)
            self.id = self.content.id
            self.order = (1, self.content.tracker)
        else:
            self.id = h("tx", u8(self.kind), self.payload)
            self.order = (0, u8(self.kind) + self.id)

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
        self.n_items, body_len, body_hash = r.u32(), r.u32(), r.hash()
        self.log_size, self.log_root, self.state_hash = r.u64(), r.hash(), r.hash()
        require(self.version == 1, "a block has another version")
        require(self.n_items <= MAX_ITEMS, "a block has too many items")
        require(body_len == len(self.body), "a body has another length than its header says")
        require(len(self.body) <= MAX_TX + (4 if self.n_items == 1 else 0), "a body is too long")
        require(h("body", self.body) == body_hash, "a body is not that of its header")
        r = Reader(self.body)
        self.items = [Transaction(r.opaque(4, MAX_TX)) for _ in range(self.n_items)]
        r.end()

    def follows(self, parent, manifest):
        require(self.election_id == manifest.id, "a block is of another election")
        require(self.height == parent.height + 1 and self.parent == parent.id and
                self.parent_view == parent.view, "a block does not name the one before it")
        require(self.view > parent.view, "a view goes back")
        require(self.time >= parent.time, "time goes back")
        first = int.from_bytes(h("leader", manifest.id)[:4], "big") % manifest.n
        require(self.proposer == (self.view - 1 + first) % manifest.n,
                "a block is not from the leader of its view")

    def check_genesis(self, manifest):
        require(self.election_id == manifest.id, "block 0 is of another election")
        require((self.height, self.view, self.parent_view, self.parent, self.proposer, self.time) ==
                (0, 0, 0, NONE, 0, 0), "block 0 is not as it must be")

    def read_items(self, manifest):
        """7.3: order and loneliness."""
        for tx in self.items:
            tx.read(manifest)
            require(tx.kind != GENESIS, "genesis stands in a later block")
            require(tx.kind not in PHASE_CHANGES or self.n_items == 1,
                    "a phase change is not alone in its block")
        order = [tx.order for tx in self.items]
        require(all(a < b for a, b in zip(order, order[1:])), "a block is not in order")


class Certificate:
    def __init__(self, data, manifest):
        r = Reader(data)
        self.type, self.view, self.block = r.u8(), r.u64(), r.hash()
        signers = r.u16()
        self.signers = [i for i in range(16) if signers >> i & 1]
        self.signatures = [r.raw(64) for _ in self.signers]
        r.end()
        require(self.type in (NOTARIZE, NULLIFY, FINALIZE), "a certificate has an unknown type")
        require((self.block == NONE) == (self.type == NULLIFY), "a certificate names a wrong block")
        require(all(i < manifest.n for i in self.signers), "a certificate names an unknown node")
        require(len(self.signers) >= manifest.quorum, "a certificate has too few signatures")
        body = u8(self.type) + u64(self.view) + self.block
        for i, signature in zip(self.signers, self.signatures):
            ed25519.verify(manifest.trustees[i].node_key, signature, "vote", group.NAME,
                           manifest.id, b"", body)


class Archive:
    """The records of a file: blocks, signatures and certificates as bytes; `fault` is what is wrong
    with the file itself, after which nothing is read."""

    def __init__(self, data):
        require(data[:8] == MAGIC, "this is not an archive")
        self.blocks, self.signatures, self.certificates, self.has_end = [], None, [], False
        self.fault = None
        at, self.count, self.before = 8, 0, 0
        try:
            while at < len(data):
                require(not self.has_end, "something follows the end")
                n = int.from_bytes(data[at + 1:at + 5], "big")
                require(len(data) - at >= 5 and len(data) - at - 5 >= n, "a record is cut")
                self._take(data[at], data[at + 5:at + 5 + n])
                at += 5 + n
        except Refused as e:
            self.fault = str(e)

    def _take(self, kind, record):
        require(kind >= self.before and (kind, self.before) != (SIGNATURES, SIGNATURES),
                "records are not in order")
        if kind == BLOCK:
            self.blocks.append(record)
        elif kind == SIGNATURES:
            self.signatures = record
        elif kind == CERTIFICATE:
            self.certificates.append(record)
        else:
            require(kind == END_OF_FILE and record == u64(self.count), "the end is not as it must be")
            self.has_end = True
        self.before = kind
        self.count += 1

"""From a list of transactions to an archive: headers, log, state, certificates, records."""
import base64

from verify.chain import BLOCK, CERTIFICATE, COSIGNATURE, END_OF_FILE, MAGIC, SIGNATURES, Transaction
from verify.errors import Refused
from verify.hashing import Tree, h, u8, u16, u32, u64
from verify.rules import GENESIS, State

NONE = bytes(32)


class Draft:
    """A block in the making, with what rules.State asks of a block."""

    def __init__(self, view, minute, items):
        self.view, self.time = view, minute
        self.items = items                     # transactions as bytes, in order
        self.fields = {}                       # of the header, said otherwise than they are
        self.body = None                       # other bytes than those of the items
        self.id = None

    def copy(self):
        out = Draft(self.view, self.time, list(self.items))
        out.fields, out.body = dict(self.fields), self.body
        return out


def in_order(manifest, items):
    """As 7.3 wants it; what cannot be read stays where it is."""
    def order(data):
        tx = Transaction(data)
        tx.read(manifest)
        return tx.order
    return sorted(items, key=order)


class Sealer:
    """
    Makes headers for drafts, one after the other.  What the rules refuse is sealed nevertheless:
    the state then stays what it was, and the log holds whatever can be read.
    """

    def __init__(self, manifest):
        self.m = manifest
        self.log, self.parent = Tree(), None
        self.state, self.is_sound = None, True

    def seal(self, draft):
        """The bytes of the block; sets height and id of the draft."""
        draft.height = self.parent.height + 1 if self.parent else 0
        if self.state is None:
            self.state = State(self.m, draft)
        self._apply(draft)
        body = draft.body
        if body is None:
            body = b"".join(u32(len(i)) + i for i in draft.items)
        f = {"version": 1, "election_id": self.m.id, "height": draft.height, "view": draft.view,
             "parent_view": self.parent.view if self.parent else 0,
             "parent": self.parent.id if self.parent else NONE,
             "proposer": self.m.leader(draft.view) if self.parent else 0, "time": draft.time,
             "n_items": len(draft.items), "body_len": len(body), "body_hash": h("body", body),
             "log_size": self.log.size, "log_root": self.log.root(), "state": self.state.hash()}
        f.update(draft.fields)
        draft.log = f["log_size"], f["log_root"]
        header = u16(f["version"]) + f["election_id"] + u64(f["height"]) + u64(f["view"]) + \
            u64(f["parent_view"]) + f["parent"] + u8(f["proposer"]) + u32(f["time"]) + \
            u32(f["n_items"]) + u32(f["body_len"]) + f["body_hash"] + u64(f["log_size"]) + \
            f["log_root"] + f["state"]
        draft.id = h("block", header)
        self.parent = draft
        return header + body

    def _apply(self, draft):
        state = self.state
        state.begin_block(draft)
        for data in draft.items:
            try:
                tx = Transaction(data)
                tx.read(self.m)
                if self.is_sound and tx.kind != GENESIS:
                    state.apply(tx)
                self.log.append(tx.leaf)
            except Refused as e:
                self.is_sound, self.refusal = False, (draft.height, str(e))
                self.log.append(NONE)
        if self.is_sound:
            state.end_block()


def record(kind, data):
    return u8(kind) + u32(len(data)) + data


def certificate(signers, election_id, kind, view, block, indices):
    """signers: the keys of the nodes, by index."""
    body = u8(kind) + u64(view) + block
    return body + u16(sum(1 << i for i in indices)) + \
        b"".join(signers[i].sign("vote", election_id, b"", body) for i in indices)


def cosignature(signer, election_id, head, node, size, root, time=1_700_000_000):
    """A node's word for the log after `end` (1) or `result` (2)."""
    text = f"cosignature/v1\ntime {time}\nkalpis/{election_id.hex()}\n{size}\n" + \
        base64.b64encode(root).decode() + "\n"
    return u8(head) + u8(node) + u64(time) + u64(size) + root + signer.plain(text.encode())


def archive(blocks, signatures, certificates, cosignatures=()):
    records = [record(BLOCK, b) for b in blocks]
    if signatures is not None:
        records.append(record(SIGNATURES, signatures))
    records += [record(CERTIFICATE, c) for c in certificates]
    records += [record(COSIGNATURE, c) for c in cosignatures]
    return MAGIC + b"".join(records) + record(END_OF_FILE, u64(len(records)))



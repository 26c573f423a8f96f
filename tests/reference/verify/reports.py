"""
Evidence, complaints and incidents (protocol.md 7.15 to 7.17; formats.md, "Reports").

What somebody with a key of the manifest says of somebody.  It changes no phase and no count.
"""
from collections import Counter, namedtuple

from . import accuse, ed25519, group
from .codec import Reader
from .errors import Refused, require
from .hashing import h, u8, u64
from .manifest import text

EVIDENCE, COMPLAINT, INCIDENT = 17, 18, 19
PURPOSE = {EVIDENCE: "evidence", COMPLAINT: "complaint", INCIDENT: "incident"}
TRUSTEE, NODE, OFFICER, REGISTRAR, KIOSK = range(1, 6)
DOUBLE_VOTE, UNSOUND_BLOCK, FALSE_MESSAGE, BREACH, TWO_FATES = range(1, 6)
KINDS = {DOUBLE_VOTE: "double-vote", UNSOUND_BLOCK: "unsound-block",
         FALSE_MESSAGE: "false-message", BREACH: "breach", TWO_FATES: "two-fates"}
OF_THE_CHAIN = {FALSE_MESSAGE: accuse.false_message, BREACH: accuse.breach,
                TWO_FATES: accuse.two_fates}
CATEGORIES = ("", "equipment", "power", "network", "access", "papers", "security", "other")
NOTARIZE, NULLIFY, FINALIZE = 1, 2, 3
PHASE_CHANGES = (6, 9, 12, 13, 16)

MAX_TEXT = 512
MAX_COMPLAINTS, MAX_INCIDENTS = 16, 64         # of one signer
MAX_EVIDENCE_BY, MAX_EVIDENCE_OF = 32, 4       # of one kind: of one signer, of one accused
MAX_TX = 2**20
HEADER = 207
NONE = bytes(32)

Report = namedtuple("Report", "kind by about what text")
Vote = namedtuple("Vote", "type view block signer signature")


def name(party):
    """As voter-observer writes it."""
    role, index = party
    return {TRUSTEE: f"trustee {index}", NODE: f"node {index + 1}", OFFICER: "the officer",
            REGISTRAR: "the registrar", KIOSK: f"kiosk {index}"}[role]


def read_party(r):
    role, index = r.u8(), r.u16()
    fits = {TRUSTEE: 1 <= index <= 13, NODE: index < 13, OFFICER: index == 0,
            REGISTRAR: index == 0, KIOSK: index < 1024}
    require(fits.get(role, False), "there is nobody of this role and number")
    return role, index


def read_flag(r):
    flag = r.u8()
    require(flag <= 1, "a flag is neither 0 nor 1")
    return flag == 1


def read_text(r):
    data = r.opaque(2, MAX_TEXT)
    try:
        return text(data.decode("utf-8"), 1, MAX_TEXT)
    except UnicodeDecodeError:
        raise Refused("a text is not UTF-8") from None


def read_vote(r):
    v = Vote(r.u8(), r.u64(), r.hash(), r.u8(), r.raw(64))
    require(NOTARIZE <= v.type <= FINALIZE and v.view > 0, "there is no such vote")
    require(v.type != NULLIFY or v.block == NONE, "a view that is given up has no block")
    return v


def conflict(a, b):
    """consensus.md 2.2."""
    if a.signer != b.signer or a.view != b.view:
        return False
    if NULLIFY in (a.type, b.type):
        return FINALIZE in (a.type, b.type)
    return a.block != b.block


class Reports:
    def __init__(self, manifest):
        self.m = manifest
        self.said = set()                      # offences and statements: each once
        self.by, self.of = Counter(), Counter()
        self.list = []                         # every Report that was accepted

    def _exists(self, party, kiosks):
        role, index = party
        require({TRUSTEE: index <= self.m.n, NODE: index < self.m.n, OFFICER: True,
                 REGISTRAR: True, KIOSK: index in kiosks}[role], "somebody is named who is not here")

    def _key(self, party):
        role, index = party
        self._exists(party, ())                # kiosks report nobody
        return {TRUSTEE: lambda: self.m.trustees[index - 1].signing_key,
                NODE: lambda: self.m.trustees[index].node_key,
                OFFICER: lambda: self.m.officer.signing_key,
                REGISTRAR: lambda: self.m.registrar.signing_key}[role]()

    def _count(self, counter, key, most):
        require(counter[key] < most, "a quota is used up")
        return lambda: counter.update((key,))

    def apply(self, kind, payload, state):
        """7.15 to 7.17: refuses, or remembers and returns the Report."""
        r = Reader(payload)
        by = read_party(r)
        about, what, said, evidence = None, None, None, None
        if kind == EVIDENCE:
            evidence = r.opaque(4, MAX_TX)
        elif kind == COMPLAINT:
            about = read_party(r)
            what = r.hash() if read_flag(r) else None
            said = read_text(r)
        else:
            category = r.u8()
            require(1 <= category < len(CATEGORIES), "there is no such category")
            what = CATEGORIES[category]
            if read_flag(r):
                about = (KIOSK, r.u16())
                require(about[1] < 1024, "there is no kiosk of this number")
            said = read_text(r)
        body, signature = payload[:r.at], r.raw(64)
        r.end()
        # 5.1: y is empty, so that a report is good in every phase
        ed25519.verify(self._key(by), signature, PURPOSE[kind], group.NAME, self.m.id, b"", body)
        if kind == EVIDENCE:
            number, about, once = self._judge(evidence, state)
            what = KINDS[number]
            counts = (self._count(self.of, (about, number), MAX_EVIDENCE_OF),
                      self._count(self.by, (by, kind, number), MAX_EVIDENCE_BY))
        else:
            once = (kind, body)
            counts = (self._count(self.by, (by, kind),
                                  MAX_COMPLAINTS if kind == COMPLAINT else MAX_INCIDENTS),)
        if about is not None:
            self._exists(about, state.kiosks)
        require(once not in self.said, "this was reported already")
        self.said.add(once)
        for count in counts:
            count()
        self.list.append(Report(kind, by, about, what, said))

    # ------------------------------------------------------------ evidence

    def _judge(self, data, state):
        """(kind, accused, offence) of evidence that holds (formats-evidence.md 2)."""
        r = Reader(data)
        kind = r.u8()
        require(kind in KINDS, "evidence of a kind that the chain does not take")
        if kind in OF_THE_CHAIN:
            about, act = OF_THE_CHAIN[kind](state, r)
            return kind, about, (EVIDENCE, kind, about, act)
        vote = (self._double_vote if kind == DOUBLE_VOTE else self._unsound_block)(r)
        return kind, (NODE, vote.signer), (EVIDENCE, kind, vote.signer, vote.view)

    def _holds(self, vote):
        require(vote.signer < self.m.n, "a vote is of no node")
        ed25519.verify(self.m.trustees[vote.signer].node_key, vote.signature, "vote", group.NAME,
                       self.m.id, b"", u8(vote.type) + u64(vote.view) + vote.block)

    def _double_vote(self, r):
        a, b = read_vote(r), read_vote(r)
        r.end()
        require((a.type, a.block) <= (b.type, b.block), "two votes are not in order")
        require(conflict(a, b), "two votes do not contradict each other")
        self._holds(a)
        self._holds(b)
        return a

    def _unsound_block(self, r):
        vote, header = read_vote(r), r.raw(HEADER)
        body = r.opaque(4, MAX_TX + 4) if read_flag(r) else None
        r.end()
        require(header[:2] == b"\0\1", "a block has another version")
        require(vote.type == NOTARIZE and vote.block == h("block", header),
                "the vote is of another block")
        require(vote.signer < self.m.n and vote.signer == self.m.leader(vote.view),
                "the vote is not its leader's")
        self._holds(vote)
        if self._bad_header(header, vote.view):
            require(body is None, "a body that nothing is compared with")
        else:
            require(body is not None and self._bad_body(header, body), "the block is not unsound")
        return vote

    def _bad_header(self, header, view):
        f = Reader(header[2:])
        election, height, its_view, parent_view = f.hash(), f.u64(), f.u64(), f.u64()
        f.hash()
        proposer, _, items, size = f.u8(), f.u32(), f.u32(), f.u32()
        return (election != self.m.id or its_view != view or proposer != self.m.leader(view) or
                parent_view >= its_view or height == 0 or items > 4096 or size > MAX_TX + 4)

    @staticmethod
    def _bad_body(header, body):
        f = Reader(header[95:])
        items, size, digest = f.u32(), f.u32(), f.hash()
        require(size == len(body) and digest == h("body", body), "the body is another block's")
        if items > 1 and size > MAX_TX:
            return True
        kinds, r = [], Reader(body)
        try:
            while r.at < len(body):
                item = r.opaque(4, MAX_TX)
                require(item and 1 <= item[0] <= INCIDENT, "an item is no transaction")
                kinds.append(item[0])
        except Refused:
            return True
        return len(kinds) != items or 1 in kinds or \
            (len(kinds) > 1 and any(k in PHASE_CHANGES for k in kinds))

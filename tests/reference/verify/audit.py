"""
Everything an observer checks, from the archive and the fingerprint alone (protocol.md §10).

Audit.run() reads the file once from its beginning and stops at the first thing that is wrong.
"""
from . import ed25519, group, reports, rules
from .chain import (BLOCK, CERTIFICATE, COSIGNATURE, FINALIZE, NOTARIZE, NULLIFY, SIGNATURES, Block,
                    Certificate, Cosignature, records)
from .errors import Missing, Refused, require
from .hashing import Tree
from .manifest import Manifest

CHECKS = ("manifest", "fingerprint", "constitution", "blocks", "ceremony", "roll", "phases",
          "ballots", "tests", "closings", "reports", "shares", "result", "log", "certificates",
          "cosignatures", "complete")
CHECK_OF = {rules.GENESIS: "blocks", rules.COMMIT: "ceremony", rules.DEAL: "ceremony",
            rules.COMPLAIN: "ceremony", rules.CONFIRM: "ceremony", rules.ADVANCE: "phases",
            rules.ROLL: "roll", rules.DEVICE: "roll", rules.OPEN: "phases", rules.CLOSE: "phases",
            rules.END: "phases", rules.BALLOT: "ballots", rules.TEST: "tests",
            rules.CLOSING: "closings", rules.SHARE: "shares", rules.RESULT: "result",
            **dict.fromkeys(rules.REPORTS, "reports")}


class Audit:
    """
    verdict: "yes", "no" or "cannot tell"; check and reason: what is wrong or missing, and where;
    counts: how many things each check has looked at.
    """

    def __init__(self, data, fingerprint=None, gamma=0):
        self.data = data
        self.gamma = gamma                     # how many nodes must vouch for end and for result
        self.fingerprint = fingerprint
        self.check, self.where = "complete", ""
        self.verdict, self.reason = None, None
        self.counts = dict.fromkeys(CHECKS, 0)
        self.missing = {}                      # check: what it lacks
        self.m = self.state = None
        self.constituted = False
        self.final = None                      # the height that is final
        self.last = (0, 0)                     # view and type of the certificate before
        self.vouched = (0, 0)                  # head and node of the cosignature before
        self.words = {1: 0, 2: 0}              # how many nodes vouch for end and for result
        self.heads = {}                        # size and root of the log after end and result

    def run(self):
        try:
            self._read()
            self._conclude()
        except Refused as e:
            self.verdict, self.reason = "no", str(e)
            return self
        self.verdict, self.where = ("cannot tell" if self.missing else "yes"), ""
        for check in CHECKS:
            if check in self.missing:
                self.check, self.reason = check, self.missing[check]
                break
        return self

    def _at(self, check, where=""):
        self.check, self.where = check, where

    def _read(self):
        file = records(self.data)
        while True:
            self._at("complete")
            try:
                kind, record = next(file)
                if kind == BLOCK:
                    block = Block(record)
            except StopIteration:
                return
            except Missing as e:
                self.missing["complete"] = str(e)
                return
            if kind == SIGNATURES:
                self._signatures(record)
            elif kind == CERTIFICATE:
                self._certificate(record)
            elif kind == COSIGNATURE:
                self._cosignature(record)
            elif self.m is None:
                self._first(block)
            else:
                self._next(block)

    # ------------------------------------------------------------ blocks

    def _first(self, block):
        self._at("blocks", "block 0")
        block.open_body()
        self._at("manifest", "block 0")
        require(block.n_items == 1 and block.items[0].kind == rules.GENESIS,
                "block 0 does not hold the manifest")
        self.m = Manifest(block.items[0].payload)
        self.counts["manifest"] = 1
        self._at("fingerprint")
        if self.fingerprint is None:
            self.missing["fingerprint"] = "no fingerprint was given"
        else:
            require(self.fingerprint == self.m.id, "it is another election")
            self.counts["fingerprint"] = 1
        self._at("blocks", "block 0")
        self.state, self.log = rules.State(self.m, block), Tree()
        block.items[0].read(self.m)
        self.log.append(block.items[0].leaf)
        require(block.is_first(self.m) and block.log_root == self.log.root() and
                block.state_hash == self.state.hash(), "block 0 does not follow from the manifest")
        self.head, self.views = block, {0: block}
        self.counts["blocks"] = self.counts["log"] = 1

    def _next(self, block):
        where = f"block {self.head.height + 1}"
        self._at("blocks", where)
        block.follows(self.head, self.m)
        block.open_body()
        self.state.begin_block(block)
        for number, tx in enumerate(block.items):
            check = CHECK_OF[tx.kind]
            self._at(check, f"{where}, transaction {number} ({tx.name})")
            self.state.apply(tx)
            self.log.append(tx.leaf)
            self.counts[check] += 1
        self.state.end_block()
        self._at("log", where)
        require(block.log_root == self.log.root(), "the log is not as the header says")
        require(block.state_hash == self.state.hash(), "the state is not as the header says")
        for tx in block.items:
            if tx.kind in (rules.END, rules.RESULT):
                self.heads[1 if tx.kind == rules.END else 2] = (self.log.size, self.log.root())
        self.head = self.views[block.view] = block
        self.counts["blocks"] += 1
        self.counts["log"] += 1

    # ------------------------------------------------------------ signatures and certificates

    def _signatures(self, record):
        self._at("constitution")
        require(self.m is not None and not self.constituted, "signatures in a wrong place")
        require(len(record) == 64 * self.m.n, "not every trustee signed the manifest")
        for i, card in enumerate(self.m.trustees):
            self.where = f"trustee {i + 1}"
            ed25519.verify(card.signing_key, record[64 * i:64 * i + 64], "genesis", group.NAME,
                           self.m.id, b"", self.m.id)
            self.counts["constitution"] += 1
        self.constituted = True

    def _certificate(self, record):
        """9.4."""
        self._at("certificates", f"certificate {self.counts['certificates']}")
        require(self.m is not None, "a certificate before the manifest")
        c = Certificate(record, self.m)
        require((c.view, c.type) > self.last, "certificates are not in order")
        block = self.views.get(c.view)
        if c.type in (NOTARIZE, FINALIZE) and block is not None:
            require(block.id == c.block, "nodes signed another block of this view")
        if c.type == FINALIZE:
            require(block is not None, "a block that is not here is final")
            require(self.last != (c.view, NULLIFY), "a view is both final and given up")
            self.final = block.height
        self.last = (c.view, c.type)
        self.counts["certificates"] += 1

    def _cosignature(self, record):
        """9.4."""
        self._at("cosignatures", f"cosignature {self.counts['cosignatures']}")
        require(self.m is not None, "a cosignature before the manifest")
        c = Cosignature(record, self.m)
        require((c.head, c.node) > self.vouched, "cosignatures are not in order")
        require(self.heads.get(c.head) == (c.size, c.root), "a node vouches for another log")
        self.vouched = (c.head, c.node)
        self.words[c.head] += 1
        self.counts["cosignatures"] += 1

    def _conclude(self):
        if self.m is None:
            self.missing["manifest"] = "there is no block"
            return
        if not self.constituted:
            self.missing["constitution"] = "the trustees' signatures are not here"
        if self.final != self.head.height:
            self.missing["certificates"] = "no certificate makes the last block final"
        if min(self.words.values()) < self.gamma:
            self.missing["cosignatures"] = "fewer nodes vouch for end or result than was asked for"
        if self.state.phase != rules.P_FINAL:
            self.missing.setdefault("complete", "the chain has no result")
        self.counts["complete"] = int("complete" not in self.missing)

    # ------------------------------------------------------------ what it comes to

    def turnout(self):
        s = self.state
        return {"voters": len(s.voters), "live": len(s.live), "replaced": s.ballots - len(s.live),
                "tests": s.tests}

    def reports(self):
        """Who says what of whom, as voter-observer verify --json has it (heights left out)."""
        out = []
        for r in self.state.reports.list:
            entry = {"type": rules.NAMES[r.kind], "by": reports.name(r.by),
                     "weight": "proof" if r.kind == rules.EVIDENCE else "claim"}
            if r.about is not None:
                entry["about"] = reports.name(r.about)
            if r.text is not None:
                entry["text"] = r.text
            if r.kind == rules.COMPLAINT:
                entry.update({"transaction": r.what.hex()} if r.what else {})
            else:
                entry["kind" if r.kind == rules.EVIDENCE else "category"] = r.what
            out.append(entry)
        return out

    def result(self):
        """As voter-observer verify --json has it."""
        out, at = [], 0
        for g in self.state.tally.groups:
            contest = self.m.contests[g.contest]
            counts = []
            if not g.withheld:
                for ident, _ in contest.slots:
                    counts.append({"option": ident, "count": self.state.counts[at]})
                    at += 1
            out.append({"contest": contest.id, "unit": self.m.units[g.unit][0],
                        "ballots": g.ballots, "weight": g.weight, "withheld": g.withheld,
                        "counts": counts})
        return out

"""
Everything an observer checks, from the archive and the fingerprint alone (protocol.md §10).

Audit.run() makes the fifteen checks in their order and stops at the first that fails.
"""
import time

from . import ed25519, group, rules
from .chain import FINALIZE, NULLIFY, Archive, Block, Certificate
from .errors import Missing, Refused, require
from .hashing import Tree
from .manifest import Manifest

CHECKS = ("manifest", "fingerprint", "constitution", "blocks", "ceremony", "roll", "phases",
          "ballots", "tests", "closings", "shares", "result", "log", "certificates", "complete")
CHECK_OF = {rules.COMMIT: "ceremony", rules.DEAL: "ceremony", rules.COMPLAIN: "ceremony",
            rules.CONFIRM: "ceremony", rules.ADVANCE: "ceremony", rules.ROLL: "roll",
            rules.DEVICE: "roll", rules.OPEN: "phases", rules.CLOSE: "phases", rules.END: "phases",
            rules.BALLOT: "ballots", rules.TEST: "tests", rules.CLOSING: "closings",
            rules.SHARE: "shares", rules.RESULT: "result"}


class Audit:
    def __init__(self, data, fingerprint=None):
        self.data = data
        self.fingerprint = fingerprint
        self.check, self.where = "manifest", ""
        self.verdict, self.reason = None, None
        self.counts = dict.fromkeys(CHECKS, 0)
        self.missing = None                    # (check, reason) of the first thing that is not there
        self.state = None

    def run(self):
        try:
            self._all()
        except Refused as e:
            self.verdict, self.reason = "no", str(e)
            return self
        except Missing as e:
            self._lacks(str(e))
        if self.missing:
            self.verdict = "cannot tell"
            self.check, self.reason = self.missing
        else:
            self.verdict = "yes"
        return self

    def _lacks(self, reason):
        self.missing = self.missing or (self.check, reason)

    def _at(self, check, where=""):
        self.check, self.where = check, where

    def _all(self):
        archive = Archive(self.data)
        self._manifest(archive)
        self._fingerprint()
        self._constitution(archive)
        self._blocks(archive)
        self._chain()
        self._certificates(archive)
        self._complete(archive)

    def _manifest(self, archive):
        self._at("manifest", "block 0")
        if not archive.blocks:
            raise Missing("there is no block")
        self.genesis = Block(archive.blocks[0])
        require(self.genesis.n_items == 1 and self.genesis.items[0].kind == rules.GENESIS,
                "block 0 does not hold the manifest")
        self.m = Manifest(self.genesis.items[0].payload)
        self.counts["manifest"] = 1

    def _fingerprint(self):
        self._at("fingerprint")
        if self.fingerprint is None:
            self._lacks("no fingerprint was given")
            return
        require(self.fingerprint == self.m.id, "it is another election")
        self.counts["fingerprint"] = 1

    def _constitution(self, archive):
        self._at("constitution")
        if archive.signatures is None:
            self._lacks("no trustee's signature under the manifest is here")
            return
        require(len(archive.signatures) == 64 * self.m.n, "not every trustee signed the manifest")
        for i, card in enumerate(self.m.trustees):
            self.where = f"trustee {i + 1}"
            ed25519.verify(card.signing_key, archive.signatures[64 * i:64 * i + 64], "genesis",
                           group.NAME, self.m.id, b"", self.m.id)
            self.counts["constitution"] += 1

    def _blocks(self, archive):
        self._at("blocks", "block 0")
        self.genesis.check_genesis(self.m)
        self.genesis.items[0].read(self.m)
        self.blocks = [self.genesis]
        for height, data in enumerate(archive.blocks[1:], 1):
            self.where = f"block {height}"
            block = Block(data)
            block.follows(self.blocks[-1], self.m)
            block.read_items(self.m)
            self.blocks.append(block)
        self.counts["blocks"] = len(self.blocks)

    def _chain(self):
        self.state = state = rules.State(self.m, self.genesis)
        log = Tree()
        for block in self.blocks:
            state.begin_block(block)
            for number, tx in enumerate(block.items):
                if tx.kind != rules.GENESIS:
                    check = CHECK_OF[tx.kind]
                    self._at(check, f"block {block.height}, transaction {number} ({tx.name})")
                    state.apply(tx)
                    self.counts[check] += 1
                log.append(tx.leaf)
            state.end_block()
            self._at("log", f"block {block.height}")
            require((block.log_size, block.log_root) == (log.size, log.root()),
                    "the log is not as the header says")
            require(block.state_hash == state.hash(), "the state is not as the header says")
            self.counts["log"] += 1

    def _certificates(self, archive):
        self._at("certificates")
        by_view = {b.view: b for b in self.blocks[1:]}
        before, final, seen = (0, 0), None, {}
        for number, data in enumerate(archive.certificates):
            self.where = f"certificate {number}"
            c = Certificate(data, self.m)
            require((c.view, c.type) > before, "certificates are not in order")
            before = (c.view, c.type)
            seen.setdefault(c.view, {})[c.type] = c.block
            if c.type == FINALIZE:
                require(c.view in by_view and by_view[c.view].id == c.block,
                        "a block that is not on the chain is final")
                final = by_view[c.view].height
            require(not (NULLIFY in seen[c.view] and FINALIZE in seen[c.view]),
                    "a view is both final and given up")
            self.counts["certificates"] += 1
        self.where = ""
        if final != self.blocks[-1].height:
            self._lacks("no certificate makes the last block final")

    def _complete(self, archive):
        self._at("complete")
        require(archive.fault is None, archive.fault)
        if self.state.phase != rules.P_FINAL:
            self._lacks("the chain has no result")
        if not archive.has_end:
            self._lacks("the file stops between two records")
        self.counts["complete"] = 1

    # ------------------------------------------------------------ what it comes to

    def turnout(self):
        s = self.state
        return {"voters": len(s.voters), "live": len(s.live), "replaced": s.ballots - len(s.live),
                "tests": s.tests}

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

"""
The rules of the chain (protocol.md §6, §7, §8): State.apply takes one transaction or refuses it.

A block is taken between begin_block and end_block, which does what happens "after the block".  Its
id depends on the state after it, so blocks are kept and their ids looked at only later.
"""
from collections import namedtuple

from . import ballotproof, ed25519, group, proofs
from .ceremony import Ceremony
from .codec import Reader
from .decryption import Decryption
from .errors import Refused, require
from .hashing import h, leaf_hash, tree_root, u8, u32, u64
from .manifest import MAX_SUM, text
from .reports import Reports
from .tally import Tally

(GENESIS, COMMIT, DEAL, COMPLAIN, CONFIRM, ADVANCE, ROLL, DEVICE, OPEN, BALLOT, TEST, CLOSE, END,
 CLOSING, SHARE, RESULT, EVIDENCE, COMPLAINT, INCIDENT) = range(1, 20)
NAMES = ("", "genesis", "dkg-commit", "dkg-deal", "dkg-complain", "dkg-confirm", "advance", "roll",
         "device", "open", "ballot", "test", "close", "end", "kiosk-closing", "share", "result",
         "evidence", "complaint", "incident")
REPORTS = (EVIDENCE, COMPLAINT, INCIDENT)
PHASE_CHANGES = (ADVANCE, OPEN, CLOSE, END, RESULT)

(P_COMMIT, P_DEAL, P_COMPLAIN, P_CONFIRM, P_ENROLMENT, P_OPEN, P_CLOSED, P_ENDED, P_FINAL,
 P_FAILED) = range(1, 11)
PHASES = {COMMIT: (1,), DEAL: (2,), COMPLAIN: (3,), CONFIRM: (4,), ADVANCE: (1, 2, 3, 4), ROLL: (5,),
          DEVICE: (5, 6, 7), OPEN: (5,), BALLOT: (6, 7), CLOSE: (6,), TEST: (7,), END: (7,),
          CLOSING: (7, 8), SHARE: (8,), RESULT: (8,),
          **dict.fromkeys(REPORTS, tuple(range(1, 11)))}

ENTRY = 38                                     # bytes of an entry of the roll on ristretto255
MAX_VOTERS = 1_000_000
MAX_BALLOTS_OF_VOTER = 100
MAX_KIOSKS = 1024
NONE = bytes(32)

Voter = namedtuple("Voter", "index credential weight style")
Live = namedtuple("Live", "tracker slip_key pairs")
Kiosk = namedtuple("Kiosk", "sign label")


def bits(trustees):
    return sum(1 << i - 1 for i in trustees)


class State:
    def __init__(self, manifest, genesis):
        self.m = manifest
        self.ceremony = Ceremony(manifest)
        self.phase = P_COMMIT
        self.anchor = genesis                  # block of the phase change or `advance` before
        self.acted = set()                     # in the present step of the ceremony
        self.step_block, self.step_time = None, None
        self.chunks, self.chunk_total = {}, None
        self.voters, self.roll_root, self.weight_sum = {}, None, 0
        self.keys = set(manifest.keys)
        self.kiosks, self.tests_of, self.closings = {}, {}, {}
        self.ballots_of, self.live = {}, {}
        self.ballots = self.tests = 0
        self.prefixes, self.alphas = set(), set()
        self.tally = self.decryption = None
        self.reports = Reports(manifest)
        self.shared, self.counts = set(), None
        self.y = b""
        self._votes_root = None

    # ------------------------------------------------------------ blocks

    def begin_block(self, block):
        self.block = block
        self.changed = False                   # a phase change or `advance` stands in it
        self.before = None                     # place of the item before
        self.in_block = set()                  # voters with a ballot in it
        if block.height == 1:
            self.step_time = block.time        # 6.2: the first step begins with block 1

    def end_block(self):
        if self.changed:
            self.anchor = self.block
        if self.phase in (P_COMMIT, P_DEAL, P_COMPLAIN, P_CONFIRM):
            waiting = set(range(1, self.m.n + 1)) - self.ceremony.excluded - self.acted
            if not waiting or self.changed:
                self._next_step(waiting)

    def _next_step(self, silent):
        c, phase = self.ceremony, self.phase
        if phase != P_CONFIRM:
            c.excluded |= silent
        self.phase, self.acted, self.step_time = phase + 1, set(), self.block.time
        if phase == P_DEAL:
            c.dealt = c.transcript
        if phase == P_COMPLAIN:
            self.step_block = self.block
            if not c.judge():
                self.phase = P_FAILED
        elif self.m.n - len(c.excluded) < self.m.t:
            self.phase = P_FAILED
        if self.phase == P_ENROLMENT:
            self.y = c.y

    def votes_root(self):
        if self.phase < P_OPEN or self.phase == P_FAILED:
            return NONE
        if self._votes_root is None:
            leaves = [NONE] * len(self.voters)
            for index, live in self.live.items():
                leaves[index] = live.tracker
            self._votes_root = tree_root(map(leaf_hash, leaves))
        return self._votes_root

    def hash(self):
        """7.12."""
        roll_count = len(self.voters)
        return h("state", u8(self.phase), u32(bits(self.ceremony.excluded)), u32(bits(self.acted)),
                 u32(bits(self.shared)), u32(roll_count), u64(self.weight_sum), u32(self.ballots),
                 u32(len(self.live)), u32(self.tests), u32(len(self.kiosks)),
                 u32(len(self.closings)), self.votes_root(),
                 self.tally.digest() if self.tally else NONE)

    # ------------------------------------------------------------ one transaction

    def apply(self, tx):
        kind = tx.kind
        require(kind in PHASES and self.phase in PHASES[kind],
                f"{NAMES[kind]} is not accepted in phase {self.phase}")
        tx.read(self.m)
        require(self.before is None or (self.before < tx.order and not self.changed and
                                        kind not in PHASE_CHANGES), "an item is out of order")
        self.before = tx.order
        if kind in (BALLOT, TEST):
            (self._ballot if kind == BALLOT else self._test)(tx.content)
            return
        if kind in REPORTS:
            self.reports.apply(kind, tx.payload, self)
            return
        r = Reader(tx.payload)
        if kind in (COMMIT, DEAL, COMPLAIN, SHARE):
            self._trustee_message(kind, r, tx.id)
        elif kind == ADVANCE:
            self._advance(r, tx.id)
        else:
            {CONFIRM: self._confirm, ROLL: self._roll, DEVICE: self._device, OPEN: self._open,
             CLOSE: self._close, END: self._end, CLOSING: self._closing,
             RESULT: self._result}[kind](r)
        r.end()

    def _signed(self, key, signature, kind, body):
        ed25519.verify(key, signature, NAMES[kind], group.NAME, self.m.id, self.y, body,
                       self.context(kind))

    def context(self, kind):
        """What a complaint or a share names besides what it says (5.1)."""
        if kind == SHARE:
            return self.decryption.end.id if self.decryption else NONE
        return self.ceremony.dealt if kind == COMPLAIN else None

    def _trustee(self, i):
        require(1 <= i <= self.m.n, "there is no such trustee")
        require(i not in self.ceremony.excluded, "the trustee is excluded")
        return self.m.trustees[i - 1]

    def _once(self, i, sent):
        require(i not in sent, "the trustee has sent this already")

    def _cosigned(self, r, kind):
        """5.4: over all that r has read so far."""
        body = r.data[:r.at]
        count, before = r.u8(), 0
        for _ in range(count):
            i, signature = r.u8(), r.raw(64)
            require(i > before, "trustees who signed are not in order")
            self._signed(self._trustee(i).signing_key, signature, kind, body)
            before = i
        require(count >= self.m.t, "too few trustees signed")
        self.changed = True

    def _anchored(self, anchor):
        require(anchor == self.anchor.id, "the anchor is not the last change of phase")

    # ------------------------------------------------------------ the ceremony

    def _trustee_message(self, kind, r, tx_id):
        i = r.u8()
        message = r.opaque(4, 2**20)
        body = r.data[:r.at]
        card = self._trustee(i)
        self._once(i, self.shared if kind == SHARE else self.acted)
        self._signed(card.signing_key, r.raw(64), kind, body)
        if kind == SHARE:
            require(self.tally.opened, "an election without ballots has no shares")
            self.decryption.add(i, message)
            self.shared.add(i)
            return
        {COMMIT: self.ceremony.commit, DEAL: self.ceremony.deal,
         COMPLAIN: self.ceremony.complain}[kind](i, message)
        self.ceremony.note(tx_id)
        self.acted.add(i)

    def _confirm(self, r):
        i, block, confirmation = r.u8(), r.hash(), r.hash()
        body = r.data[:r.at]
        card = self._trustee(i)
        self._once(i, self.acted)
        self._signed(card.signing_key, r.raw(64), CONFIRM, body)
        require(block == self.step_block.id and confirmation == self.ceremony.confirmation,
                "another key or another block is confirmed")
        self.acted.add(i)

    def _advance(self, r, tx_id):
        step, anchor = r.u8(), r.hash()
        self._cosigned(r, ADVANCE)
        self._anchored(anchor)
        require(step == self.phase, "another step is advanced")
        require(self.block.time >= self.step_time + self.m.dkg_min_minutes,
                "the silent were not given their time")
        if self.phase == P_CONFIRM:
            require(len(self.acted) >= self.m.t, "too few trustees have confirmed")
        else:
            self.ceremony.note(tx_id)

    # ------------------------------------------------------------ enrolment

    def _roll(self, r):
        index, total = r.u16(), r.u16()
        entries = r.opaque(4, 2**20)
        body = r.data[:r.at]
        self._signed(self.m.registrar.signing_key, r.raw(64), ROLL, body)
        require(index < total, "a chunk of the roll has an index above the total")
        require(entries and len(entries) % ENTRY == 0 and len(entries) // ENTRY <= 4096,
                "a chunk of the roll is not of whole entries")
        require(self.chunk_total in (None, total), "chunks of the roll differ in their total")
        require(index not in self.chunks, "a chunk of the roll comes twice")
        self._check_entries(entries)
        have = sum(map(len, self.chunks.values())) + len(entries)
        require(have // ENTRY <= MAX_VOTERS, "the roll is too long")
        chunks = {**self.chunks, index: entries}
        if len(chunks) == total:
            self._complete_roll(b"".join(chunks[i] for i in range(total)))
        self.chunks, self.chunk_total = chunks, total

    @staticmethod
    def _split(data):
        return [data[i:i + ENTRY] for i in range(0, len(data), ENTRY)]

    @staticmethod
    def _ascend(entries):
        require(all(a[:32] < b[:32] for a, b in zip(entries, entries[1:])),
                "the roll does not ascend")

    def _check_entries(self, data):
        """What can be said of a chunk alone."""
        entries = self._split(data)
        self._ascend(entries)
        for entry in entries:
            weight, style = int.from_bytes(entry[32:36], "big"), int.from_bytes(entry[36:], "big")
            require(not group.is_identity(group.decode(entry[:32])), "a credential is the identity")
            require(1 <= weight <= 1_000_000, "a weight is out of range")
            require(style < len(self.m.styles), "an entry of the roll has an unknown style")

    def _complete_roll(self, data):
        entries = self._split(data)
        self._ascend(entries)
        prints = {h("fingerprint", self.m.id, e[:32])[:8] for e in entries}
        require(len({int.from_bytes(p, "big") >> 4 for p in prints}) == len(entries),
                "two voters share a fingerprint")
        self.voters = {e[:32]: Voter(i, e[:32], int.from_bytes(e[32:36], "big"),
                                     int.from_bytes(e[36:], "big"))
                       for i, e in enumerate(entries)}
        weights = [v.weight for v in self.voters.values()]
        require(self.m.weights_accepted or len(set(weights)) == 1, "unequal weights are not accepted")
        largest = max(c.each_max for c in self.m.contests)
        require(largest * sum(weights) <= MAX_SUM, "the weights are too large")
        self.weight_sum = sum(weights)
        self.roll_root = tree_root(map(leaf_hash, entries))

    def _device(self, r):
        number, sign, curve = r.u16(), r.raw(32), r.raw(32)
        label = r.opaque(1, 64)
        body = r.data[:r.at]
        self._signed(self.m.officer.signing_key, r.raw(64), DEVICE, body)
        ed25519.check_key(sign)
        require(curve != NONE, "a CURVE key is zero")
        text(self._utf8(label), 0, 64)
        require(number < MAX_KIOSKS, "a kiosk's number is too large")
        require(number not in self.kiosks, "a kiosk's number comes twice")
        require(sign != curve and sign not in self.keys and curve not in self.keys,
                "a kiosk's key is known already")
        self.keys |= {sign, curve}
        self.kiosks[number] = Kiosk(sign, label)

    @staticmethod
    def _utf8(data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("a label is not UTF-8") from None

    # ------------------------------------------------------------ phases

    def _open(self, r):
        anchor, root, count, weight_sum = r.hash(), r.hash(), r.u32(), r.u64()
        y = r.opaque(2, 256)
        self._cosigned(r, OPEN)
        self._anchored(anchor)
        require(self.roll_root is not None, "the roll is not complete")
        require((root, count, weight_sum) == (self.roll_root, len(self.voters), self.weight_sum),
                "another roll is opened than stands on the chain")
        require(y == self.y, "another key is opened than the trustees made")
        self.phase = P_OPEN

    def _close(self, r):
        anchor = r.hash()
        self._cosigned(r, CLOSE)
        self._anchored(anchor)
        self.phase = P_CLOSED

    def _end(self, r):
        anchor = r.hash()
        self._cosigned(r, END)
        self._anchored(anchor)
        self.phase = P_ENDED
        by_index = {v.index: v for v in self.voters.values()}
        live = [(by_index[i].style, by_index[i].weight, ballot.pairs)
                for i, ballot in sorted(self.live.items())]
        self.tally = Tally(self.m, live)
        self.end_height, self.end_time = self.block.height, self.block.time
        self.decryption = Decryption(self.m, self.y, self.ceremony.public, self.tally,
                                     self.block)

    def _result(self, r):
        anchor, height = r.hash(), r.u64()
        count = r.u32()
        require(count <= 16384, "too many counts")
        counts = [r.u64() for _ in range(count)]
        self._cosigned(r, RESULT)
        self._anchored(anchor)
        require(height == self.end_height, "the result names another block as the end")
        self.decryption.check_counts(counts)
        self.counts = counts
        self.phase = P_FINAL

    # ------------------------------------------------------------ ballots and tests

    def _fresh(self, body):
        """No tracker shares its first 80 bits, no alpha stands anywhere else."""
        alphas = body.alphas
        require(body.tracker[:10] not in self.prefixes, "a tracker is on the chain already")
        require(len(set(alphas)) == len(alphas) and not self.alphas.intersection(alphas),
                "a ciphertext is on the chain already")
        self.prefixes.add(body.tracker[:10])
        self.alphas.update(alphas)

    def sound_ballot(self, b):
        """All that does not depend on what was cast before: (voter, ciphertexts)."""
        voter = self.voters.get(b.credential)
        require(voter is not None, "the credential is not on the roll")
        require(voter.style == b.body.style_index, "the voter has another style")
        self._schnorr(b.credential, b.signature, "ballot", b.tracker)
        if b.old_slip_key is not None:
            self._schnorr(b.old_slip_key, b.old_signature, "revote", b.tracker)
        return voter, b.body.pairs(self.y)

    def _ballot(self, b):
        voter, pairs = self.sound_ballot(b)
        self._takes_its_place(voter, b)
        self._fresh(b.body)
        self.ballots += 1
        self.ballots_of[voter.index] = self.ballots_of.get(voter.index, 0) + 1
        self.in_block.add(voter.index)
        self.live[voter.index] = Live(b.tracker, b.body.slip_key, pairs)
        self._votes_root = None

    def _schnorr(self, key, signature, purpose, tracker):
        proofs.schnorr(group.decode(key), key, signature, purpose, group.NAME, self.m.id,
                       self.y, tracker)

    def _takes_its_place(self, voter, b):
        """7.8."""
        live = self.live.get(voter.index)
        require(voter.index not in self.in_block, "the voter has two ballots in one block")
        if live is None:
            require(b.old_slip_key is None, "a first ballot names one that it replaces")
            return
        require(b.old_slip_key is not None, "the voter has a ballot already")
        require((b.body.replaced, b.old_slip_key) == (live.tracker, live.slip_key),
                "a ballot replaces another one than the voter's live ballot")
        require(self.ballots_of[voter.index] < MAX_BALLOTS_OF_VOTER,
                "the voter has cast too many ballots")

    def _kiosk(self, number, key):
        require(number in self.kiosks and self.kiosks[number].sign == key,
                "a kiosk's number and key are not as registered")

    def _test(self, t):
        self._kiosk(t.kiosk, t.kiosk_key)
        self._signed(t.kiosk_key, t.signature, TEST, t.signed)
        pairs = t.body.pairs(self.y)
        randomness = [group.scalar(r) for r in t.scalars]
        ballotproof.open_ciphertexts(pairs, self.y, randomness, t.selection)
        require(self.tests_of.get(t.kiosk, 0) < self.m.tests_per_kiosk,
                "the kiosk has used up its tests")
        self._fresh(t.body)
        self.tests_of[t.kiosk] = self.tests_of.get(t.kiosk, 0) + 1
        self.tests += 1

    def _closing(self, r):
        number, key = r.u16(), r.raw(32)
        cast, tested, voided = r.u32(), r.u32(), r.u32()
        r.hash()
        body = r.data[:r.at]
        self._kiosk(number, key)
        require(number not in self.closings, "a kiosk closes twice")
        self._signed(key, r.raw(64), CLOSING, body)
        self.closings[number] = (cast, tested, voided)


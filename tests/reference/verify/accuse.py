"""
Evidence that needs more than the keys of nodes: false messages of trustees, broken promises, two
fates (formats-evidence.md 2.3 to 2.6).  Each returns (accused, what tells the act from others).
"""
from . import ed25519, group
from .ballot import NONE, Ballot
from .ceremony import Ceremony, Deal
from .codec import Reader
from .errors import Refused, require
from .hashing import h, u8

TRUSTEE, NODE, KIOSK = 1, 2, 5
DEAL, COMPLAIN, CONFIRM, BALLOT, SHARE = 3, 4, 5, 10, 15
PURPOSE = {DEAL: "dkg-deal", COMPLAIN: "dkg-complain", CONFIRM: "dkg-confirm", SHARE: "share"}
CAST, VOID = 1, 3
GRACE = 10                                     # minutes
MAX_TX = 2**20


def _is_false(check, *args):
    try:
        check(*args)
    except Refused:
        return True
    return False


class Spoken:
    """A message of a trustee: 2.4."""

    def __init__(self, manifest, data):
        require(data and data[0] in PURPOSE, "this is no message that can be false")
        self.m, self.kind, payload = manifest, data[0], data[1:]
        r = Reader(payload)
        self.trustee = r.u8()
        if self.kind == CONFIRM:
            self.block, self.confirmation = r.hash(), r.hash()
        else:
            self.message = r.opaque(4, MAX_TX)
        self.body, self.signature = payload[:r.at], r.raw(64)
        r.end()
        require(1 <= self.trustee <= manifest.n, "there is no such trustee")

    def signed(self, y=b"", context=None):
        ed25519.verify(self.m.trustees[self.trustee - 1].signing_key, self.signature,
                       PURPOSE[self.kind], group.NAME, self.m.id, y, self.body, context)

    def fits(self, longest):
        require(len(self.message) <= longest, "a false message is longer than a sound one")

    # ------------------------------------------------------------ is it false?

    def deal(self, _):
        m = self.m
        self.fits(32 * m.t + 64 + 128 * m.n)
        self.signed()
        return _is_false(self._check_deal)

    def _check_deal(self):
        """As if it had been committed to, and were the first."""
        c, t, data = Ceremony(self.m), self.m.t, self.message
        commitments = [data[32 * k:32 * k + 32] for k in range(t)]
        c.commits[self.trustee] = h("dkg-commit", *c.who(self.trustee), *commitments,
                                    data[32 * t:32 * t + 64])
        Deal(c, self.trustee, data)

    def complain(self, state):
        c = state.ceremony
        require(c.dealt != NONE, "the deals are not in")
        self.fits(1 + (self.m.n - 1) * 97)
        self.signed(context=c.dealt)
        return _is_false(c.entries, self.trustee, self.message)

    def confirm(self, state):
        c = state.ceremony
        self.signed()
        require(c.confirmation is not None, "there is no key to confirm")
        require(self.block == state.step_block.id, "another block is confirmed")
        return self.confirmation != c.confirmation

    def share(self, state):
        require(state.decryption is not None and state.tally.opened, "nothing is decrypted")
        require(self.trustee not in state.ceremony.excluded, "the trustee has no share")
        self.fits(32 * len(state.tally.opened) + 64)
        self.signed(state.y, state.decryption.end.id)
        return _is_false(state.decryption.check, self.trustee, self.message)


def false_message(state, r):
    s = Spoken(state.m, r.opaque(4, MAX_TX))
    r.end()
    judge = {DEAL: s.deal, COMPLAIN: s.complain, CONFIRM: s.confirm, SHARE: s.share}[s.kind]
    require(judge(state), "nothing is false in the message")
    return (TRUSTEE, s.trustee), s.kind


def breach(state, r):
    m = state.m
    said = r.at
    tx_id, node, time = r.hash(), r.u8(), r.u64()
    body, signature = r.data[said:r.at], r.raw(64)
    data = r.opaque(4, MAX_TX)
    r.end()
    require(node < m.n, "a promise is of no node")
    ed25519.verify(m.trustees[node].node_key, signature, "promise", group.NAME, m.id, b"", body)
    require(data and data[0] == BALLOT, "what was promised is no ballot")
    b = Ballot(m, data[1:])
    require(b.id == tx_id, "another ballot was promised")
    require(state.tally is not None, "the election has not ended")
    require(time + GRACE <= state.end_time, "the promise was made too late")
    voter, _ = state.sound_ballot(b)
    require(voter.index not in state.live, "a ballot of this voter is on the chain")
    require(b.tracker[:10] not in state.prefixes, "a tracker like this one is on the chain")
    require(b.old_slip_key is None, "what the ballot replaces is not on the chain")
    alphas = b.body.alphas
    require(len(set(alphas)) == len(alphas) and not state.alphas.intersection(alphas),
            "a ciphertext is on the chain, or stands twice")
    return (NODE, node), tx_id


def two_fates(state, r):
    number, key, tracker = r.u16(), r.raw(32), r.hash()
    said = [(r.u8(), r.raw(64)) for _ in range(2)]
    r.end()
    require(CAST <= said[0][0] < said[1][0] <= VOID, "there are no two fates")
    require(number in state.kiosks and state.kiosks[number].sign == key,
            "a kiosk's number and key are not as registered")
    for fate, signature in said:
        ed25519.verify(key, signature, "slip-fate", group.NAME, state.m.id, b"",
                       tracker + u8(fate))
    return (KIOSK, number), tracker

"""
An election with all its keys: Election(definition, seed) begins one, the methods lead it on, and
archive() is what an observer would get.  Written from docs/ alone.
"""
from verify import group
from verify.chain import FINALIZE, Transaction
from verify.decryption import lagrange
from verify.field import Q, Table, total
from verify.hashing import h, h64, u8, u16, u32, u64
from verify.manifest import Manifest, canonical
from verify.reports import (COMPLAINT, EVIDENCE, INCIDENT, KIOSK, NODE, NOTARIZE, OFFICER, PURPOSE,
                            TRUSTEE)
from verify.rules import (ADVANCE, BALLOT, CLOSE, CLOSING, COMMIT, COMPLAIN, CONFIRM, DEAL, DEVICE,
                          END, GENESIS, NAMES, OPEN, RESULT, ROLL, SHARE, TEST)

from . import provers
from .chain import Draft, Sealer, archive, certificate, cosignature, in_order

NONE = bytes(32)


class Trustee:
    def __init__(self, chance, number):
        self.sign, self.node, self.checkpoint = (provers.Signer(chance) for _ in range(3))
        self.secret = chance.scalar()          # of the encryption key
        self.key = provers.times(self.secret)
        self.poly = None
        self.share = 0                         # of the joint secret
        card = {
            "format": "kalpis/v1/card", "role": "trustee", "name": f"Trustee {number}",
            "suite": "ristretto255", "signing_key": self.sign.public.hex(),
            "encryption_key": self.key.hex(), "node_key": self.node.public.hex(),
            "checkpoint_key": self.checkpoint.public.hex(), "curve_key": chance.bytes().hex(),
            "address": f"node{number}.example.org:20000",
            "encryption_proof": provers.knowledge(
                chance, self.secret, self.key, "card",
                h64("card-key", group.NAME, self.sign.public)).hex()}
        self.card = signed_card(card, self.sign, group.NAME)


def signed_card(card, signer, suite=b""):
    card = {k: v for k, v in card.items() if k != "signature"}
    return {**card, "signature": signer.sign("card", b"", b"", canonical(card), suite).hex()}


class Election:
    def __init__(self, definition, seed, trustees=4):
        self.chance = provers.Chance(seed)
        self.trustees = [Trustee(self.chance, i) for i in range(1, trustees + 1)]
        self.officials = {}
        self.value = {"format": "kalpis/v1/manifest",
                      "trustees": [t.card for t in self.trustees], **definition}
        for role in ("registrar", "officer"):
            signer = self.officials[role] = provers.Signer(self.chance)
            self.value[role] = signed_card({
                "format": "kalpis/v1/card", "role": role, "name": role.capitalize(),
                "signing_key": signer.public.hex()}, signer)
        self.manifest_bytes = canonical(self.value)
        self.m = Manifest(self.manifest_bytes)
        self.id = self.m.id
        self.signatures = b"".join(t.sign.sign("genesis", self.id, b"", self.id)
                                   for t in self.trustees)
        self.drafts, self.blocks, self.sealer = [], [], Sealer(self.m)
        self.voters, self.kiosks, self.secrets = {}, {}, {}
        self.view = self.minute = 0
        self.is_before_y = False
        self._append(Draft(0, 0, [u8(GENESIS) + self.manifest_bytes]))
        self.minute = 29_000_000

    # ------------------------------------------------------------ blocks

    def _append(self, draft):
        self.blocks.append(self.sealer.seal(draft))
        self.drafts.append(draft)

    def block(self, *items, views=1, minutes=1):
        self.view += views
        self.minute += minutes
        self._append(Draft(self.view, self.minute, in_order(self.m, items)))
        assert self.sealer.is_sound, self.sealer.refusal
        return self.drafts[-1]

    @property
    def state(self):
        return self.sealer.state

    @property
    def shares(self):
        return [tx for d in self.drafts for tx in d.items if tx[0] == SHARE]

    @property
    def y(self):
        """As it stands in what is signed: empty while `is_before_y`."""
        return b"" if self.is_before_y else self.state.y

    def archive(self):
        last = self.drafts[-1]
        final = certificate([t.node for t in self.trustees], self.id, FINALIZE, last.view, last.id,
                            range(self.m.quorum))
        return archive(self.blocks, self.signatures, [final], self.vouch(self.drafts))

    def vouch(self, drafts):
        """Two nodes for the end and one for the result, as far as the drafts have them."""
        heads = {1 if tx[0] == END else 2: d.log for d in drafts for tx in d.items
                 if tx[0] in (END, RESULT)}
        return [self.cosign(head, node, *heads[head])
                for head, node in ((1, 0), (1, 2), (2, 2)) if head in heads and node < self.m.n]

    def cosign(self, head, node, size, root):
        return cosignature(self.trustees[node].checkpoint, self.id, head, node, size, root)

    # ------------------------------------------------------------ signatures

    def signed(self, kind, body, signer):
        return u8(kind) + body + signer.sign(NAMES[kind], self.id, self.y, body,
                                             context=self.state.context(kind))

    def cosigned(self, kind, body, trustees):
        out = u8(kind) + body + u8(len(trustees))
        for i in trustees:
            out += u8(i) + self.trustees[i - 1].sign.sign(NAMES[kind], self.id, self.y, body)
        return out

    def from_trustee(self, kind, i, message):
        return self.signed(kind, u8(i) + u32(len(message)) + message, self.trustees[i - 1].sign)

    # ------------------------------------------------------------ reports

    def reporter(self, party):
        role, index = party
        if role == TRUSTEE:
            return self.trustees[index - 1].sign
        if role == NODE:
            return self.trustees[index].node
        return self.kiosks[index] if role == KIOSK else \
            self.officials["officer" if role == OFFICER else "registrar"]

    def report(self, kind, by, rest, signer=None):
        """Signed without y, whatever stands."""
        body = u8(by[0]) + u16(by[1]) + rest
        sig = (signer or self.reporter(by)).sign(PURPOSE[kind], self.id, b"", body)
        return u8(kind) + body + sig

    def evidence(self, by, data):
        return self.report(EVIDENCE, by, u32(len(data)) + data)

    def complaint_about(self, by, about, words, tx=None):
        return self.report(COMPLAINT, by, u8(about[0]) + u16(about[1]) +
                           (u8(1) + tx if tx else u8(0)) + u16(len(words)) + words)

    def incident(self, by, category, words, kiosk=None):
        return self.report(INCIDENT, by, u8(category) +
                           (u8(0) if kiosk is None else u8(1) + u16(kiosk)) +
                           u16(len(words)) + words)

    def node_vote(self, node, kind, view, block):
        body = u8(kind) + u64(view) + block
        return body + u8(node) + self.trustees[node].node.sign("vote", self.id, b"", body)

    def double_vote(self, node, view, first=h("body", b"1"), second=h("body", b"2")):
        votes = sorted(self.node_vote(node, NOTARIZE, view, b) for b in (first, second))
        return u8(1) + b"".join(votes)

    def unsound_block(self, view, body=None, node=None, **fields):
        """By the leader of the view; what the header says is sound but for fields and body."""
        f = {"election": self.id, "height": 1, "view": view, "parent_view": view - 1,
             "proposer": self.m.leader(view), "items": 1, "size": len(body or b""), **fields}
        header = u16(1) + f["election"] + u64(f["height"]) + u64(f["view"]) + \
            u64(f["parent_view"]) + NONE + u8(f["proposer"]) + u32(29_000_000) + \
            u32(f["items"]) + u32(f["size"]) + h("body", body or b"") + u64(2) + NONE + NONE
        node = self.m.leader(view) if node is None else node
        return u8(2) + self.node_vote(node, NOTARIZE, view, h("block", header)) + header + \
            (u8(0) if body is None else u8(1) + u32(len(body)) + body)

    def spoken(self, kind, i, rest):
        """What a trustee said in the ceremony (without y, whenever it is made), or its share."""
        keep, self.is_before_y = self.is_before_y, kind != SHARE
        tx = self.signed(kind, u8(i) + rest, self.trustees[i - 1].sign)
        self.is_before_y = keep
        return tx

    def false_message(self, tx):
        return u8(3) + u32(len(tx)) + tx

    def breach(self, node, time, ballot, signer=None):
        body = Transaction(ballot).identified(self.m) + u8(node) + u64(time)
        signer = signer or self.trustees[node].node
        return u8(4) + body + signer.sign("promise", self.id, b"", body) + u32(len(ballot)) + ballot

    def two_fates(self, number, key, tracker, fates, signer=None):
        signer = signer or self.kiosks[number]
        return u8(5) + u16(number) + key + tracker + b"".join(
            u8(f) + signer.sign("slip-fate", self.id, b"", tracker + u8(f)) for f in fates)

    # ------------------------------------------------------------ ceremony

    def who(self, i):
        return group.NAME, self.id, u8(self.m.n), u8(self.m.t), u8(i)

    def prepare_deal(self, i, bad_for=()):
        """Polynomial, commitments and deal of trustee i."""
        t, who = self.trustees[i - 1], self.who(i)
        t.poly = [self.chance.scalar() for _ in range(self.m.t)]
        commitments = [provers.times(a) for a in t.poly]
        proof = provers.knowledge(self.chance, t.poly[0], commitments[0], "dkg-deal",
                                  h64("dkg-deal", *who, *commitments))
        t.commit = h("dkg-commit", *who, *commitments, proof)
        t.deal = b"".join(commitments) + proof
        t.commitments, t.parcels = commitments, []
        for j, receiver in enumerate(self.trustees, 1):
            e = self.chance.scalar()
            share = (self.share_of(i, j) + (j in bad_for)) % Q
            key = group.decode(receiver.key)
            e_bytes = provers.times(e)
            box = provers.seal(group.scalar_bytes(share), who, j, receiver.key, e_bytes,
                               provers.times(e, key))
            context = h64("dkg-parcel", *who, u8(j), receiver.key, e_bytes, box)
            parcel_proof = provers.knowledge(self.chance, e, e_bytes, "dkg-parcel", context)
            t.parcels.append((e_bytes, box))
            t.deal += e_bytes + box + parcel_proof

    def share_of(self, i, j):
        return sum(a * pow(j, k, Q) for k, a in enumerate(self.trustees[i - 1].poly)) % Q

    def complaint(self, j, i):
        """One entry: j about the parcel of i."""
        t = self.trustees[j - 1]
        e, box = self.trustees[i - 1].parcels[j - 1]
        point = group.decode(e)
        revealed = provers.times(t.secret, point)
        context = h("dkg-complaint", *self.who(i), u8(j), t.key, *self.trustees[i - 1].commitments,
                    e, box)
        return u8(i) + revealed + provers.equality(self.chance, t.secret, t.key,
                                                   [(point, e, revealed)], "dkg-complaint", context)

    def complain(self, j, *entries):
        return self.from_trustee(COMPLAIN, j, u8(len(entries)) + b"".join(entries))

    def confirm(self, i):
        body = u8(i) + self.state.step_block.id + self.state.ceremony.confirmation
        return self.signed(CONFIRM, body, self.trustees[i - 1].sign)

    def advance(self, by):
        return self.cosigned(ADVANCE, u8(self.state.phase) + self.state.anchor.id, by)

    def commit_and_deal(self, dealers, bad_for=None):
        """bad_for: {dealer: receivers whose shares are bad}."""
        for i in dealers:
            self.prepare_deal(i, (bad_for or {}).get(i, ()))
        self.block(*(self.from_trustee(COMMIT, i, self.trustees[i - 1].commit) for i in dealers))

    def deal(self, dealers):
        for i in dealers:
            self.block(self.from_trustee(DEAL, i, self.trustees[i - 1].deal))

    def take_shares(self):
        """What each trustee holds once it is known who is excluded."""
        members = [i for i in range(1, self.m.n + 1) if i not in self.state.ceremony.excluded]
        for j in members:
            self.trustees[j - 1].share = sum(self.share_of(i, j) for i in members) % Q

    # ------------------------------------------------------------ enrolment and phases

    def roll(self, people, chunks=1):
        """people: (name, weight, style id).  Returns the chunks."""
        styles = [s["id"] for s in self.value["styles"]]
        entries = []
        for name, weight, style in people:
            key = provers.Schnorr(self.chance)
            self.voters[name] = (key, styles.index(style))
            entries.append(key.public + u32(weight) + u16(styles.index(style)))
        entries.sort()
        size = -(-len(entries) // chunks)
        return [self.roll_chunk(i, chunks, entries[i * size:(i + 1) * size])
                for i in range(chunks)]

    def roll_chunk(self, index, total_chunks, entries):
        data = b"".join(entries)
        return self.signed(ROLL, u16(index) + u16(total_chunks) + u32(len(data)) + data,
                           self.officials["registrar"])

    def device(self, number, label=b""):
        signer = self.kiosks[number] = provers.Signer(self.chance)
        return self.device_with(number, signer.public, self.chance.bytes(), label)

    def device_with(self, number, sign, curve, label=b""):
        return self.signed(DEVICE, u16(number) + sign + curve + u8(len(label)) + label,
                           self.officials["officer"])

    def open(self, by, **other):
        s = self.state
        f = {"anchor": s.anchor.id, "root": s.roll_root, "count": len(s.voters),
             "weight": s.weight_sum, "y": s.y, **other}
        return self.cosigned(OPEN, f["anchor"] + f["root"] + u32(f["count"]) + u64(f["weight"]) +
                             u16(len(f["y"])) + f["y"], by)

    def close(self, by, anchor=None):
        return self.cosigned(CLOSE, anchor or self.state.anchor.id, by)

    def end(self, by, anchor=None):
        return self.cosigned(END, anchor or self.state.anchor.id, by)

    # ------------------------------------------------------------ ballots

    def lock(self, style, selection, replaced=NONE, **other):
        """
        A ballot before anybody chose to cast or to test it.  `other` says things otherwise than an
        honest kiosk would: slip, randomness, bits, device, claimed (selection of the ciphertexts).
        """
        layout = self.m.styles[style].layout
        b = {"style": style, "credential": None, "blinding": self.chance.bytes(),
             "device": self.chance.bytes(), "replaced": replaced, "selection": selection,
             "slip": provers.Schnorr(self.chance) if self.m.revote else None,
             "randomness": [self.chance.scalar() for _ in range(layout.size)], "bits": None, **other}
        return b

    def _body(self, b, credential):
        """(tracker, the parts of the body)."""
        layout = self.m.styles[b["style"]].layout
        commitment = h("cred", self.id, credential, b["blinding"])
        replacement = slip = b""
        if self.m.revote:
            replacement = h("replaces", self.id, b["replaced"], b["blinding"])
            slip = b.get("slip_bytes") or b["slip"].public
        y = Table(group.decode(self.y))
        ciphertexts = b.get("ciphertexts") or provers.encrypt(y, b["selection"], b["randomness"])
        ctx = b.get("ctx") or h64("ballot-context", u8(1), group.NAME, self.id, self.y,
                                  layout.digest, commitment, b["device"], replacement, slip)
        proof = b.get("proof") or provers.prove(self.chance, layout, y, ctx, b["selection"],
                                                b["randomness"], ciphertexts, b["bits"])
        b["ciphertexts"], b["proof"] = ciphertexts, proof
        rest = slip + ciphertexts + proof
        tracker = h("tracker", self.id + u16(b["style"]) + commitment + b["device"] + replacement +
                    rest)
        return tracker, commitment, replacement, rest

    def cast(self, name, b, old_slip=None):
        """The transaction, and the tracker."""
        key = self.voters[name][0]
        tracker, _, _, rest = self._body(b, key.public)
        replaced = b["replaced"] if self.m.revote else b""
        out = u8(BALLOT) + u16(b["style"]) + b["device"] + replaced + rest + key.public + \
            b["blinding"] + key.sign("ballot", self.id, self.y, tracker)
        if old_slip:
            out += old_slip.public + old_slip.sign("revote", self.id, self.y, tracker)
        b["tracker"] = tracker
        return out

    def vote(self, name, selection, before=None, **other):
        """before: the lock of the ballot that this one replaces.  Returns (transaction, lock)."""
        b = self.lock(self.voters[name][1], selection, before["tracker"] if before else NONE, **other)
        return self.cast(name, b, before["slip"] if before else None), b

    def test(self, number, name, b, **other):
        """b, opened at a kiosk."""
        _, commitment, replacement, rest = self._body(b, self.voters[name][0].public)
        f = {"key": self.kiosks[number].public, "randomness": b["randomness"],
             "selection": b["selection"], "signer": self.kiosks[number], **other}
        body = u16(number) + f["key"] + u16(b["style"]) + commitment + b["device"] + replacement + \
            rest + b"".join(map(group.scalar_bytes, f["randomness"])) + \
            b"".join(map(u32, f["selection"]))
        return self.signed(TEST, body, f["signer"])

    def closing(self, number, cast, tested, voided, root=NONE, **other):
        f = {"key": self.kiosks[number].public, "signer": self.kiosks[number], **other}
        return self.signed(CLOSING, u16(number) + f["key"] + u32(cast) + u32(tested) +
                           u32(voided) + root, f["signer"])

    # ------------------------------------------------------------ the result

    def share(self, i, end=None):
        t, d = self.trustees[i - 1], self.state.decryption
        opened = self.state.tally.opened
        public = self.state.ceremony.public[i][1]
        decrypted = [provers.times(t.share, a.alpha) for a in opened]
        context = h("share", group.NAME, self.id, self.y, u8(i), end or d.end.id, d.sums)
        proof = provers.equality(self.chance, t.share, public,
                                 [(a.alpha, a.alpha_bytes, e) for a, e in zip(opened, decrypted)],
                                 "share", context)
        return self.from_trustee(SHARE, i, b"".join(decrypted) + proof)

    def counts(self):
        """What the sums decrypt to, by trying."""
        shares = self.state.decryption.shares[:self.m.t]
        members = [j for j, _ in shares]
        out, at = [], 0
        for a in self.state.tally.aggregates:
            if not a.is_opened:
                out.append(0)
                continue
            plain = total([(1, a.beta)] + [(-lagrange(j, members), d[at]) for j, d in shares])
            at += 1
            out.append(next(m for m in range(a.bound + 1)
                            if group.is_equal(plain, total([(m, group.GENERATOR)]))))
        return out

    def result(self, by, counts=None, height=None, anchor=None):
        counts = self.counts() if counts is None else counts
        body = (anchor or self.state.anchor.id) + \
            u64(self.state.end_height if height is None else height) + u32(len(counts)) + \
            b"".join(map(u64, counts))
        return self.cosigned(RESULT, body, by)

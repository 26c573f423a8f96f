"""The key ceremony (protocol.md §6, protocol-ceremony.md §3 to §8)."""
from . import group, proofs
from .codec import Reader
from .errors import Refused, require
from .field import Q, total
from .hashing import h, h64, u8, u32, x


def _check_scalars(proof):
    group.scalar(proof[:32])
    group.scalar(proof[32:])


class Deal:
    """4.6, checked as 5 says."""

    def __init__(self, ceremony, dealer, data):
        m, who = ceremony.manifest, ceremony.who(dealer)
        require(len(data) == 32 * m.t + 64 + 128 * m.n, "a deal has a wrong length")
        r = Reader(data)
        self.commitment_bytes = [r.raw(32) for _ in range(m.t)]
        proof = r.raw(64)
        self.commitments = [ceremony.member(c) for c in self.commitment_bytes]
        _check_scalars(proof)
        self.parcels = []
        for _ in range(m.n):
            e, box, parcel_proof = r.raw(32), r.raw(32), r.raw(64)
            self.parcels.append((ceremony.member(e), e, box, parcel_proof))
            _check_scalars(parcel_proof)
        require(ceremony.commits[dealer] == h("dkg-commit", *who, *self.commitment_bytes, proof),
                "a deal is not what its dealer had committed to")
        es = [p[1] for p in self.parcels]
        require(len(set(es)) == len(es) and not ceremony.seen.intersection(es),
                "a deal holds a parcel that was copied")
        proofs.knowledge(self.commitments[0], self.commitment_bytes[0], proof, "dkg-deal",
                         h64("dkg-deal", *who, *self.commitment_bytes))
        for j, (point, e, box, parcel_proof) in enumerate(self.parcels, 1):
            receiver = m.trustees[j - 1].encryption_bytes
            proofs.knowledge(point, e, parcel_proof, "dkg-parcel",
                             h64("dkg-parcel", *who, u8(j), receiver, e, box))
        ceremony.seen.update(es)

    def share_of(self, j):
        """The public key of j's share of this polynomial: the sum of j^k C_k."""
        return total([(pow(j, k, Q), c) for k, c in enumerate(self.commitments)])


class Ceremony:
    """What the messages of the chain add up to.  Trustees are numbered from 1."""

    def __init__(self, manifest):
        self.manifest = manifest
        self.excluded = set()
        self.commits, self.deals, self.complaints, self.confirmed = {}, {}, {}, set()
        self.seen = set()
        self.transcript = bytes(32)
        self.dealt = bytes(32)                 # the transcript when the deals were in
        self.y = self.confirmation = None
        self.public = {}

    def who(self, dealer):
        m = self.manifest
        return group.NAME, m.id, u8(m.n), u8(m.t), u8(dealer)

    @staticmethod
    def member(data):
        point = group.decode(data)
        require(not group.is_identity(point), "the identity stands in a message of the ceremony")
        return point

    def note(self, tx_id):
        self.transcript = h("ceremony", self.transcript, tx_id)

    def commit(self, i, data):
        require(len(data) == 32, "a commit has a wrong length")
        self.commits[i] = data

    def deal(self, i, data):
        self.deals[i] = Deal(self, i, data)

    def complain(self, j, data):
        """7.1, 7.2: every entry must prove what it reveals; judged later, all together."""
        entries = self.entries(j, data)
        require(not self.excluded.intersection(i for i, _ in entries), "a complaint names no dealer")
        self.complaints[j] = entries

    def entries(self, j, data):
        r = Reader(data)
        count, before, entries = r.u8(), 0, []
        require(count < self.manifest.n, "too many complaints")
        for _ in range(count):
            i, revealed, proof = r.u8(), r.raw(32), r.raw(64)
            require(before < i <= self.manifest.n, "complaints are not in order")
            require(i in self.deals, "a complaint names no dealer")
            require(i != j, "a trustee complains about itself")
            point = self.member(revealed)
            deal, before = self.deals[i], i
            e_point, e, box, _ = deal.parcels[j - 1]
            card = self.manifest.trustees[j - 1]
            context = h("dkg-complaint", *self.who(i), u8(j), card.encryption_bytes,
                        *deal.commitment_bytes, e, box)
            proofs.equality(card.encryption_key, card.encryption_bytes,
                            [(e_point, e, point, revealed)], proof, "dkg-complaint", context)
            entries.append((i, revealed))
        r.end()
        return entries

    def _is_good(self, i, j, revealed):
        """§6, with R for p_j * E."""
        _, e, box, _ = self.deals[i].parcels[j - 1]
        pad = x(32, "dkg-pad", *self.who(i), u8(j), self.manifest.trustees[j - 1].encryption_bytes,
                e, revealed)
        try:
            s = group.scalar(bytes(a ^ b for a, b in zip(box, pad)))
        except Refused:
            return False
        return group.is_equal(total([(s, group.GENERATOR)]), self.deals[i].share_of(j))

    def judge(self):
        """protocol.md 6.5, when the step ends; then the key (8.2).  False: the ceremony has failed."""
        for j, entries in self.complaints.items():
            for i, revealed in entries:
                self.excluded.add(j if self._is_good(i, j, revealed) else i)
        self.transcript = h("ceremony-end", self.transcript,
                            u32(sum(1 << i - 1 for i in self.excluded)))
        m = self.manifest
        members = [i for i in range(1, m.n + 1) if i not in self.excluded]
        if len(members) < m.t:
            return False
        y = total([(1, self.deals[i].commitments[0]) for i in members])
        for j in members:
            point = total([(1, self.deals[i].share_of(j)) for i in members])
            self.public[j] = (point, group.encode(point))
        if group.is_identity(y) or any(group.is_identity(p) for p, _ in self.public.values()):
            return False
        self.y = group.encode(y)
        keys = [self.public[j][1] if j in self.public else b"" for j in range(1, m.n + 1)]
        self.confirmation = h("dkg-confirm", group.NAME, m.id, u8(m.n), u8(m.t), self.transcript,
                              self.y, *keys)
        return True

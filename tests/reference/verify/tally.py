"""What is added up, and what stays closed (protocol.md §8)."""
from collections import namedtuple

from . import group
from .field import ZERO, total
from .hashing import h, u8, u32, u64

Group = namedtuple("Group", "contest unit ballots weight withheld sums")
Aggregate = namedtuple("Aggregate", "group slot alpha beta alpha_bytes beta_bytes is_opened bound")


class _Cell:
    def __init__(self, slots):
        self.ballots = self.weight = 0
        self.terms = [([], []) for _ in range(slots)]

    def add(self, other):
        self.ballots += other.ballots
        self.weight += other.weight
        for mine, theirs in zip(self.terms, other.terms):
            mine[0].extend(theirs[0])
            mine[1].extend(theirs[1])


class Tally:
    """live: (style index, weight, ciphertexts as pairs of elements) of each live ballot."""

    def __init__(self, manifest, live):
        self.manifest = manifest
        cells = self._cells(live)
        self.groups = []
        for contest in range(len(manifest.contests)):
            mine = {unit: cell for (c, unit), cell in cells.items() if c == contest}
            self.groups += self._merge(contest, mine)
        self.aggregates = []
        for index, g in enumerate(self.groups):
            if not g.withheld:
                contest = manifest.contests[g.contest]
                for slot, (alpha, beta) in enumerate(g.sums):
                    is_blank = contest.blank and slot == 0
                    bound = g.weight * (1 if is_blank else contest.each_max)
                    self.aggregates.append(Aggregate(
                        index, slot, alpha, beta, group.encode(alpha), group.encode(beta),
                        g.ballots > 0, bound))

    @property
    def opened(self):
        return [a for a in self.aggregates if a.is_opened]

    def digest(self):
        fields = [self.manifest.id]
        for g in self.groups:
            fields += [u32(g.contest), u32(g.unit), u32(g.ballots), u64(g.weight),
                       u8(int(g.withheld))]
        for a in self.aggregates:
            fields += [u32(a.group), u32(a.slot), a.alpha_bytes, a.beta_bytes]
        return h("tally", *fields)

    def _cells(self, live):
        contests = self.manifest.contests
        cells = {(c, unit): _Cell(len(contests[c].slots)) for c, unit in self.manifest.cells}
        for style_index, weight, pairs in live:
            style = self.manifest.styles[style_index]
            for contest, start in zip(style.contests, style.layout.starts):
                cell = cells[contest, style.unit]
                cell.ballots += 1
                cell.weight += weight
                for slot, (alphas, betas) in enumerate(cell.terms):
                    alphas.append((weight, pairs[start + slot][0]))
                    betas.append((weight, pairs[start + slot][1]))
        return cells

    def _merge(self, contest, cells):
        """8.2: deepest units first, what is too small joins its parent."""
        units, depth = self.manifest.units, self.manifest.depth
        slots = len(self.manifest.contests[contest].slots)
        for unit in sorted(range(len(units)), key=lambda u: -depth[u]):
            parent = units[unit][2]
            if unit in cells and parent is not None and \
                    cells[unit].ballots < self.manifest.publish_min:
                cells.setdefault(parent, _Cell(slots)).add(cells.pop(unit))
        out = []
        for unit, cell in sorted(cells.items()):
            withheld = 0 < cell.ballots < self.manifest.publish_min
            sums = [(total(a) if a else ZERO, total(b) if b else ZERO) for a, b in cell.terms]
            out.append(Group(contest, unit, cell.ballots, cell.weight, withheld, sums))
        return out

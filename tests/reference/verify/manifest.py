"""
The manifest (formats-files.md §1, §2, §3, §4): canonical JSON that defines the election.

Manifest(data) refuses, or holds what the rest needs.  Indices count from 0, trustees from 1.
"""
import json
import re
import socket
import unicodedata

from . import ed25519, group, proofs
from .errors import Refused, require
from .hashing import h, h64, sha256
from .layout import Group, Layout

MAX_SUM = 2**36


def parse(data):
    """JSON as §1 allows it."""
    def pairs(members):
        out = dict(members)
        require(len(out) == len(members), "a key is repeated")
        return out

    def no(text):
        raise Refused(f"the number {text[:20]} is not allowed")

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_float=no,
                          parse_constant=no)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as e:
        raise Refused(f"not JSON in UTF-8: {e}") from e


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False,
                      separators=(",", ":")).encode("utf-8", "surrogatepass")


def members(value, required, optional=()):
    require(isinstance(value, dict), "an object is expected")
    for key in value:
        require(key in required or key in optional, f"unknown key {key!r}")
    for key in required:
        require(key in value, f"{key!r} is missing")
    return value


def number(value, low, high, what):
    require(type(value) is int and low <= value <= high, f"{what} is not in {low} to {high}")
    return value


def boolean(value, what):
    require(type(value) is bool, f"{what} is not true or false")
    return value


def one_of(value, choices, what):
    require(type(value) is str and value in choices, f"{what} is not one of {choices}")
    return value


def ident(value):
    require(type(value) is str and re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", value),
            "an id is not well formed")
    return value


def listed(value, low, high, what):
    require(isinstance(value, list) and low <= len(value) <= high,
            f"{what}: not {low} to {high} entries")
    return value


# Seen by nobody, or changing how the rest is shown (formats-files 1.5).
_HIDDEN = ((0xad, 0xad), (0x34f, 0x34f), (0x115f, 0x1160), (0x17b4, 0x17b5), (0x200b, 0x200b),
           (0x2028, 0x202e), (0x2060, 0x206f), (0x3164, 0x3164), (0xfeff, 0xfeff),
           (0xffa0, 0xffa0), (0xfff0, 0xfffb), (0x1bca0, 0x1bca3), (0x1d173, 0x1d17a),
           (0xe0000, 0xe0fff))


def text(value, low=1, high=512):
    require(type(value) is str, "a text is expected")
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise Refused("a text is not UTF-8") from None
    require(low <= size <= high, f"a text is not of {low} to {high} bytes")
    require(unicodedata.is_normalized("NFC", value), "a text is not in normal form C")
    for c in value:
        bad = unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") or \
            any(low <= ord(c) <= high for low, high in _HIDDEN)
        require(not bad, f"a text holds U+{ord(c):04X}")
    return value


def hexadecimal(value, size):
    require(type(value) is str and re.fullmatch(f"[0-9a-f]{{{2 * size}}}", value),
            f"{size} bytes in hexadecimal are expected")
    return bytes.fromhex(value)


def _distinct(values, what):
    require(len(set(values)) == len(values), f"{what} are not all different")


_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


def is_host(host):
    if len(host) > 249:
        return False
    try:
        if host.startswith("[") and host.endswith("]"):
            socket.inet_pton(socket.AF_INET6, host[1:-1])
            return True
        if re.fullmatch(r"[0-9.]*", host):
            socket.inet_pton(socket.AF_INET, host)
            return True
    except (OSError, ValueError):
        return False
    return re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", host) is not None


def address(value):
    """formats-wire.md §1: (host, port)."""
    require(type(value) is str, "an address is expected")
    host, colon, port = value.rpartition(":")
    require(colon and re.fullmatch(r"[1-9][0-9]{3,4}", port) and 1024 <= int(port) <= 65508,
            "an address has no port of 1024 to 65508")
    require(is_host(host), "an address has no host")
    return host, int(port)


class Card:
    """§4."""

    PLAIN = ("format", "name", "role", "signing_key", "signature")
    TRUSTEE = ("suite", "encryption_key", "encryption_proof", "node_key", "checkpoint_key",
               "curve_key", "address")

    def __init__(self, value, role):
        is_trustee = role == "trustee"
        members(value, self.PLAIN + (self.TRUSTEE if is_trustee else ()))
        require(len(canonical(value)) <= 8192, "a card is too long")
        one_of(value["format"], ("kalpis/v1/card",), "format")
        one_of(value["role"], (role,), "role")
        self.name = text(value["name"])
        self.signing_key = hexadecimal(value["signing_key"], 32)
        signature = hexadecimal(value["signature"], 64)
        self.keys = [self.signing_key]         # that no kiosk may have
        ed25519.check_key(self.signing_key)
        if is_trustee:
            self._trustee(value)
        unsigned = canonical({k: v for k, v in value.items() if k != "signature"})
        ed25519.verify(self.signing_key, signature, "card", group.NAME if is_trustee else b"",
                       b"", b"", unsigned)

    def _trustee(self, value):
        one_of(value["suite"], ("ristretto255",), "suite")
        self.encryption_bytes = hexadecimal(value["encryption_key"], 32)
        self.encryption_key = group.decode(self.encryption_bytes)
        self.node_key = hexadecimal(value["node_key"], 32)
        self.checkpoint_key = hexadecimal(value["checkpoint_key"], 32)
        curve = hexadecimal(value["curve_key"], 32)
        require(curve != bytes(32), "a CURVE key is zero")
        ed25519.check_key(self.node_key)
        ed25519.check_key(self.checkpoint_key)
        self.keys += [self.node_key, self.checkpoint_key, curve]
        self.host, self.port = address(value["address"])
        proofs.knowledge(self.encryption_key, self.encryption_bytes,
                         hexadecimal(value["encryption_proof"], 64), "card",
                         h64("card-key", group.NAME, self.signing_key))


class Contest:
    """§2.4 as completed by §3.1."""

    def __init__(self, value, every_language):
        kind = one_of(value.get("type") if isinstance(value, dict) else None,
                      ("choose", "score"), "type")
        members(value, ("id", "title", "type", "options", "min", "max", "blank") +
                (("each_max",) if kind == "score" else ()))
        self.id = ident(value["id"])
        self.title = every_language(value["title"])
        self.options = []
        for option in listed(value["options"], 1, 128, "options"):
            members(option, ("id", "name"))
            self.options.append((ident(option["id"]), every_language(option["name"])))
        _distinct([o[0] for o in self.options], "ids of options")
        n = len(self.options)
        self.each_max = 1
        if kind == "score":
            self.each_max = number(value["each_max"], 1, 1_000_000, "each_max")
        self.max = number(value["max"], 1, n * self.each_max, "max")
        self.min = number(value["min"], 0, self.max, "min")
        self.blank = boolean(value["blank"], "blank")

    @property
    def slots(self):
        """Ids and names in the order of what is encrypted: the blank one first."""
        return [("blank", None)] * self.blank + self.options


class Manifest:
    KEYS = ("format", "title", "languages", "suite", "threshold", "trustees", "registrar",
            "officer", "rehearsal", "revote", "weights_reveal", "publish_min", "tests_per_kiosk",
            "dkg_min_minutes", "batch_min", "batch_wait_ms", "units", "contests", "styles")

    def __init__(self, data):
        require(len(data) <= 2**20, "the manifest is too long")
        value = parse(data)
        members(value, self.KEYS)
        one_of(value["format"], ("kalpis/v1/manifest",), "format")
        one_of(value["suite"], ("ristretto255",), "suite")
        self.id = sha256(data)
        self._settings(value)
        self._parties(value)
        self._units(value)
        contests = listed(value["contests"], 1, 64, "contests")
        self.contests = [Contest(c, self._every_language) for c in contests]
        _distinct([c.id for c in self.contests], "ids of contests")
        self._styles(value)
        require(canonical(value) == data, "the manifest is not in canonical form")

    def leader(self, view):
        """consensus.md 1.3."""
        first = int.from_bytes(h("leader", self.id)[:4], "big") % self.n
        return (view - 1 + first) % self.n

    def _every_language(self, value):
        members(value, self.languages)
        return {k: text(v) for k, v in value.items()}

    def _settings(self, value):
        self.languages = listed(value["languages"], 1, 8, "languages")
        for tag in self.languages:
            require(type(tag) is str and len(tag) <= 8 and
                    re.fullmatch(r"[a-z]{2,}(-[A-Za-z0-9]{2,})*", tag), "not a language's tag")
        _distinct(self.languages, "languages")
        self.title = self._every_language(value["title"])
        self.rehearsal = boolean(value["rehearsal"], "rehearsal")
        self.revote = one_of(value["revote"], ("never", "last"), "revote") == "last"
        self.weights_accepted = \
            one_of(value["weights_reveal"], ("refused", "accepted"), "weights_reveal") == "accepted"
        self.publish_min = number(value["publish_min"], 1, 1_000_000, "publish_min")
        self.tests_per_kiosk = number(value["tests_per_kiosk"], 1, 10_000, "tests_per_kiosk")
        self.dkg_min_minutes = number(value["dkg_min_minutes"], 0, 43_200, "dkg_min_minutes")
        number(value["batch_min"], 1, 4096, "batch_min")
        number(value["batch_wait_ms"], 0, 60_000, "batch_wait_ms")

    def _parties(self, value):
        cards = listed(value["trustees"], 1, 13, "trustees")
        self.trustees = [Card(c, "trustee") for c in cards]
        self.registrar = Card(value["registrar"], "registrar")
        self.officer = Card(value["officer"], "officer")
        self.n = len(self.trustees)
        self.t = number(value["threshold"], 1 if self.rehearsal else 2, self.n, "threshold")
        self.quorum = self.n - (self.n - 1) // 3
        self.keys = [k for c in self.trustees + [self.registrar, self.officer] for k in c.keys]
        _distinct(self.keys + [t.encryption_bytes for t in self.trustees], "keys of cards")
        _distinct([c.name for c in self.trustees], "names of trustees")
        for i, a in enumerate(self.trustees):
            for b in self.trustees[:i]:
                require(a.host != b.host or abs(a.port - b.port) >= 28, "two nodes share a port")

    def _units(self, value):
        units = listed(value["units"], 1, 256, "units")
        for unit in units:
            members(unit, ("id", "name"), ("merge_into",))
            ident(unit["id"])
        index = {u["id"]: i for i, u in enumerate(units)}
        require(len(index) == len(units), "ids of units are not all different")
        self.units = []
        for unit in units:
            parent = None
            if "merge_into" in unit:
                require(type(unit["merge_into"]) is str and unit["merge_into"] in index,
                        "merge_into names no unit")
                parent = index[unit["merge_into"]]
            self.units.append((unit["id"], self._every_language(unit["name"]), parent))
        self.depth = []
        for i in range(len(units)):
            depth, at = 0, i
            while self.units[at][2] is not None:
                depth, at = depth + 1, self.units[at][2]
                require(depth < len(units), "merge_into goes round in a circle")
            self.depth.append(depth)

    def _styles(self, value):
        units = {u[0]: i for i, u in enumerate(self.units)}
        contests = {c.id: i for i, c in enumerate(self.contests)}
        self.styles, ids = [], []
        for label, style in enumerate(listed(value["styles"], 1, 256, "styles")):
            members(style, ("id", "unit", "contests"))
            ids.append(ident(style["id"]))
            require(type(style["unit"]) is str and style["unit"] in units, "a style has no unit")
            order = []
            for c in listed(style["contests"], 1, 64, "contests of a style"):
                require(type(c) is str and c in contests, "a style names no contest")
                order.append(contests[c])
            require(order == sorted(set(order)), "contests of a style are not in order")
            self.styles.append(Style(label, units[style["unit"]], order, self.contests))
        _distinct(ids, "ids of styles")
        require({c for s in self.styles for c in s.contests} == set(range(len(self.contests))),
                "a contest is on no style")
        self.cells = sorted({(c, s.unit) for s in self.styles for c in s.contests})
        require(sum(len(self.contests[c].slots) for c, _ in self.cells) <= 16384,
                "there are too many sums")


class Style:
    def __init__(self, label, unit, order, contests):
        self.unit = unit
        self.contests = order
        self.layout = Layout(label, [
            Group(c, len(contests[c].options), contests[c].each_max, contests[c].min,
                  contests[c].max, contests[c].blank) for c in order])

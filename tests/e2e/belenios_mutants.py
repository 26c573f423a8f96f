"""
belenios_mutants.py: one thing wrong in a Belenios archive.

Of those in FORGED, all hashes, names, references, parents and heights are made anew, and signatures
where the liar has the key, so that the named check must find it.  Those in RAW are of bytes.
"""
import copy
import hashlib
import json
import os
import random
import re

import belenios as bel

HERE = os.path.dirname(os.path.abspath(__file__))


def figure(name):
    """A number of the group, in the specification's own digits."""
    with open(os.path.join(HERE, "..", "vectors", "belenios_groups.h"), encoding="utf-8") as f:
        text = re.search(r"belenios2048_%s\[\] =(.*?);" % name, f.read(), re.S)[1]
    return int("".join(re.findall(r'"(\d+)"', text)))


P, Q, G = map(figure, "pqg")
NAME = "BELENIOS-2048"
# What voters 0 to 3 choose; voter 0 votes again; voter 4 does not vote.
ANSWERS = [[[1, 0, 0], [0, 1, 0]], [[0, 1, 1], [1, 0, 0]], [[0, 0, 1], [0, 0, 1]],
           [[1, 1, 0], [0, 1, 0]]]
AGAIN = [[0, 1, 0], [0, 0, 1]]
VOTER_OF = [0, 1, 2, 3, 0]


def number(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def schnorr(x, prefix):
    """A proof over a text that ends with the commitment."""
    w = random.randrange(Q)
    c = number(prefix + str(pow(G, w, P))) % Q
    return {"challenge": str(c), "response": str((w - x * c) % Q)}


class Forge(bel.Record):
    def __init__(self, e, data):
        super().__init__(data)
        self.e, self.raw = e, data

    # --- who has which key ---

    def secret(self, voter):
        return int.from_bytes(hashlib.pbkdf2_hmac("sha256", self.e.codes[voter].encode(),
                                                  self.e.uuid.encode(), 1000), "big") % Q

    def credential(self, voter):
        return str(pow(G, self.secret(voter), P))

    def entry_of(self, voter):
        mine = self.credential(voter)
        return next(i for i, c in enumerate(self.credentials) if c.split(",")[0] == mine)

    def pedersen(self):
        return self.trustees[1][1]

    def signing_key(self, cert):
        mine = json.loads(cert["message"])["verification"]
        for p in bel.ending(self.e.folder, ".key"):
            sk = number("sk|" + bel.read_text(self.e.folder, p).strip()) % Q
            if str(pow(G, sk, P)) == mine:
                return sk
        raise KeyError

    # --- what is made anew ---

    def sign(self, ballot, voter):
        ballot.pop("signature", None)
        h = bel.hash64(bel.dumps(ballot))
        ballot["signature"] = {"hash": h, "proof": schnorr(self.secret(voter), f"sig|{h}|")}

    def rehash(self):
        """Every ballot names the election as it now is."""
        h = bel.hash64(bel.dumps(self.election))
        for ballot, voter in zip(self.ballots, VOTER_OF):
            ballot["election_hash"] = h
            self.sign(ballot, voter)


def plus(proof, key, by=1):
    proof[key] = str((int(proof[key]) + by) % Q)


def times(thing, key, by=G):
    thing[key] = str(int(thing[key]) * by % P)


def pok(x):
    key = str(pow(G, x, P))
    return {"pok": schnorr(x, f"pok|{NAME}|{key}|"), "public_key": key}


FORGED, RAW = [], []


def forged(name, blames):
    def keep(spoil):
        def build(f):
            spoil(f)
            return f.build()
        FORGED.append((name, blames, build))
        return spoil
    return keep


def raw(name, blames):
    def keep(spoil):
        RAW.append((name, blames, spoil))
        return spoil
    return keep


def all_of_them():
    return FORGED + RAW


# --- keys --------------------------------------------------------------------------------------------

@forged("key: of nobody", "key/key")
def _(f):
    times(f.election, "public_key")
    f.rehash()


@forged("key: the threshold trustees left out", "key/key")
def _(f):
    f.election["public_key"] = f.trustees[0][1]["public_key"]
    f.rehash()


@forged("trustee: challenge", "trustees/proof")
def _(f):
    plus(f.trustees[0][1]["pok"], "challenge")


@forged("trustee: response", "trustees/proof")
def _(f):
    plus(f.trustees[0][1]["pok"], "response")


@forged("trustee: key", "trustees/proof")
def _(f):
    times(f.trustees[0][1], "public_key")


@forged("trustee: key outside the group", "trustees/element")
def _(f):
    times(f.trustees[0][1], "public_key", P - 1)


@forged("trustee: another, who knows their key", "key/key")
def _(f):
    f.trustees[0][1] = pok(12345)


@forged("pedersen: signature of a certificate", "pedersen/signature")
def _(f):
    plus(f.pedersen()["certs"][0]["signature"], "response")


@forged("pedersen: key in a certificate", "pedersen/signature")
def _(f):
    keys = json.loads(f.pedersen()["certs"][1]["message"])
    times(keys, "encryption")
    f.pedersen()["certs"][1]["message"] = bel.dumps(keys).decode()


@forged("pedersen: signature of coefficients", "pedersen/signature")
def _(f):
    plus(f.pedersen()["coefexps"][2]["signature"], "challenge")


@forged("pedersen: a coefficient", "pedersen/signature")
def _(f):
    signed = f.pedersen()["coefexps"][0]
    inner = json.loads(signed["message"])
    times(inner["coefexps"], 1)
    signed["message"] = bel.dumps(inner).decode()


@forged("pedersen: a coefficient, signed", "pedersen/key")
def _(f):
    signed = f.pedersen()["coefexps"][0]
    inner = json.loads(signed["message"])
    times(inner["coefexps"], 1)
    message = bel.dumps(inner).decode()
    key = f.signing_key(f.pedersen()["certs"][0])
    f.pedersen()["coefexps"][0] = {"message": message,
                                   "signature": schnorr(key, f"sigmsg|{message}|")}


@forged("pedersen: proof of a key", "trustees/proof")
def _(f):
    plus(f.pedersen()["verification_keys"][1]["pok"], "challenge")


@forged("pedersen: another key, known", "pedersen/key")
def _(f):
    f.pedersen()["verification_keys"][1] = pok(54321)


@forged("pedersen: two keys change places", "pedersen/key")
def _(f):
    keys = f.pedersen()["verification_keys"]
    keys[0], keys[1] = keys[1], keys[0]


# --- the list of voters ------------------------------------------------------------------------------

@forged("credential: outside the group", "credentials/element")
def _(f):
    at = f.entry_of(4)
    key, weight = (f.credentials[at] + ",1").split(",")[:2]
    f.credentials[at] = f"{int(key) * (P - 1) % P},{weight}"


@forged("credential: twice", "credentials/duplicate")
def _(f):
    f.credentials.append(f.credentials[f.entry_of(4)])


@forged("credential: taken away", "roll/roll")
def _(f):
    del f.credentials[f.entry_of(2)]


@forged("credential: weight", "tally/tally")
def _(f):
    at = f.entry_of(1)
    f.credentials[at] = f.credentials[at].split(",")[0] + ",3"


# --- ballots -----------------------------------------------------------------------------------------

def on_ballot(name, blames, voter=1):
    """On the ballot of a voter, signed anew by them."""
    def keep(spoil):
        @forged("ballot: " + name, blames)
        def _(f):
            ballot = f.ballots[voter]
            spoil(ballot["answers"], f)
            f.sign(ballot, voter)
        return spoil
    return keep


@forged("ballot: challenge of the signature", "signatures/signature")
def _(f):
    plus(f.ballots[1]["signature"]["proof"], "challenge")


@forged("ballot: response of the signature", "signatures/signature")
def _(f):
    plus(f.ballots[4]["signature"]["proof"], "response")


@forged("ballot: what is signed", "signatures/hash")
def _(f):
    f.ballots[1]["signature"] = copy.deepcopy(f.ballots[2]["signature"])


@forged("ballot: signed by another", "signatures/signature")
def _(f):
    f.sign(f.ballots[1], 2)


@forged("ballot: taken over by another", "proofs/proof")
def _(f):
    f.ballots[3]["credential"] = f.credential(4)
    f.sign(f.ballots[3], 4)


@forged("ballot: an answer of another voter", "proofs/proof")
def _(f):
    f.ballots[1]["answers"][1] = copy.deepcopy(f.ballots[2]["answers"][1])
    f.sign(f.ballots[1], 1)


@forged("ballot: an answer of an earlier ballot", "copies/duplicate")
def _(f):
    f.ballots[4]["answers"] = copy.deepcopy(f.ballots[0]["answers"])
    f.sign(f.ballots[4], 0)


@on_ballot("alpha", "proofs/proof")
def _(a, f):
    times(a[0]["choices"][0], "alpha")


@on_ballot("beta: one vote more", "proofs/proof")
def _(a, f):
    times(a[0]["choices"][1], "beta")


@on_ballot("beta: one vote less", "proofs/proof", 2)
def _(a, f):
    times(a[1]["choices"][2], "beta", pow(G, -1, P))


@on_ballot("alpha outside the group", "proofs/element")
def _(a, f):
    times(a[0]["choices"][0], "alpha", P - 1)


@on_ballot("beta outside the group, proofs even", "proofs/element", 3)
def _(a, f):
    times(a[1]["choices"][1], "beta", P - 1)


@on_ballot("challenge of one choice", "proofs/proof")
def _(a, f):
    plus(a[0]["individual_proofs"][1][0], "challenge")


@on_ballot("challenges of one choice, same sum", "proofs/proof")
def _(a, f):
    plus(a[0]["individual_proofs"][2][0], "challenge")
    plus(a[0]["individual_proofs"][2][1], "challenge", -1)


@on_ballot("response of one choice", "proofs/proof")
def _(a, f):
    plus(a[1]["individual_proofs"][0][1], "response")


@on_ballot("proofs of two choices change places", "proofs/proof")
def _(a, f):
    proofs = a[0]["individual_proofs"]
    proofs[0], proofs[1] = proofs[1], proofs[0]


@on_ballot("two choices change places, proofs too", "proofs/proof", 3)
def _(a, f):
    for part in (a[0]["choices"], a[0]["individual_proofs"]):
        part[0], part[2] = part[2], part[0]


@on_ballot("overall challenge", "proofs/proof")
def _(a, f):
    plus(a[0]["overall_proof"][1], "challenge")


@on_ballot("overall response", "proofs/proof")
def _(a, f):
    plus(a[0]["overall_proof"][0], "response")


@on_ballot("overall response where blank is allowed", "proofs/proof")
def _(a, f):
    plus(a[1]["overall_proof"][0], "response")


@on_ballot("challenge of the blank proof", "proofs/proof", 2)
def _(a, f):
    plus(a[1]["blank_proof"][1], "challenge")


@on_ballot("response of the blank proof", "proofs/proof", 2)
def _(a, f):
    plus(a[1]["blank_proof"][0], "response")


@on_ballot("blank and another change places", "proofs/proof", 1)
def _(a, f):
    for part in (a[1]["choices"], a[1]["individual_proofs"]):
        part[0], part[1] = part[1], part[0]


@forged("election: other words, ballots signed anew", "proofs/proof")
def _(f):
    f.election["questions"][0]["question"] += "!"
    f.rehash()


# --- the sums ----------------------------------------------------------------------------------------

@forged("tally: alpha", "tally/tally")
def _(f):
    times(f.tally[0][1], "alpha")


@forged("tally: a vote more, and counted", "tally/tally")
def _(f):
    times(f.tally[0][1], "beta")
    f.result[0][1] += 1


@forged("tally: a replaced ballot instead of the last", "tally/tally")
def _(f):
    for q, sums in enumerate(f.tally):
        for k, total in enumerate(sums):
            for part in ("alpha", "beta"):
                times(total, part, int(f.ballots[0]["answers"][q]["choices"][k][part]))
                times(total, part, pow(int(f.ballots[4]["answers"][q]["choices"][k][part]), -1, P))


@forged("tally: number of ballots", "tally/tally")
def _(f):
    f.sized["num_tallied"] += 1


@forged("tally: total weight", "tally/tally")
def _(f):
    f.sized["total_weight"] -= 1


# --- decryption --------------------------------------------------------------------------------------

@forged("share: factor", "shares/proof")
def _(f):
    times(f.shares[0][0]["decryption_factors"][0], 1)


@forged("share: factor outside the group", "shares/element")
def _(f):
    times(f.shares[1][0]["decryption_factors"][1], 0, P - 1)


@forged("share: challenge", "shares/proof")
def _(f):
    plus(f.shares[1][0]["decryption_proofs"][0][0], "challenge")


@forged("share: response", "shares/proof")
def _(f):
    plus(f.shares[2][0]["decryption_proofs"][1][2], "response")


@forged("share: made with another key", "shares/proof")
def _(f):
    x, w, pd = 777, 888, f.shares[0][0]
    alpha = int(f.tally[0][0]["alpha"])
    c = number("decrypt|%s|%d|%d,%d" % (bel.hash64(bel.dumps(f.election)), pow(G, x, P),
                                        pow(G, w, P), pow(alpha, w, P))) % Q
    pd["decryption_factors"][0][0] = str(pow(alpha, x, P))
    pd["decryption_proofs"][0][0] = {"challenge": str(c), "response": str((w - x * c) % Q)}


@forged("share: said to be of another trustee", "shares/proof")
def _(f):
    owners = {s[1]["owner"] for s in f.shares}
    f.shares[2][1]["owner"] = ({2, 3, 4} - owners).pop()


@forged("share: of a trustee who gave one already", "shares/duplicate")
def _(f):
    f.steps.insert(-1, ["PartialDecryption", copy.deepcopy(f.of("PartialDecryption")[0])])


@forged("share: too few", "shares/threshold")
def _(f):
    del f.steps[-2]


# --- the result --------------------------------------------------------------------------------------

@forged("result: one vote more", "counts/tally")
def _(f):
    f.result[0][0] += 1


@forged("result: one vote less", "counts/tally")
def _(f):
    f.result[1][1] -= 1


@forged("result: two counts change places", "counts/tally")
def _(f):
    r = f.result[1]
    r[0], r[2] = r[2], r[0] + (r[0] == r[2])


# --- bytes -------------------------------------------------------------------------------------------

def entry_at(data, which, part=".event."):
    """Where the entry of that number among those of its kind begins, and where its content."""
    pos = seen = 0
    while pos < len(data):
        size = int(data[pos + 124:pos + 135], 8)
        if part.encode() in data[pos:pos + 100]:
            if seen == which:
                return pos, pos + 512, size
            seen += 1
        pos += 512 + size + -size % 512
    raise IndexError


@raw("raw: a digit of a ballot", "hashes/hash")
def _(f):
    at = f.raw.index(b'"beta":"') + 20
    digit = b"1" if f.raw[at:at + 1] != b"1" else b"2"
    return f.raw[:at] + digit + f.raw[at + 1:]


@raw("raw: the name of a record", "archive/format")
def _(f):
    at, _, _ = entry_at(f.raw, 2)
    digit = b"0" if f.raw[at:at + 1] != b"0" else b"1"
    return f.raw[:at] + digit + f.raw[at + 1:]


@raw("raw: cut in an entry", "archive/format")
def _(f):
    return f.raw[:-700]


@raw("raw: cut before an event", "events/incomplete")
def _(f):
    return f.raw[:entry_at(f.raw, 4)[0]]


@raw("raw: something behind the end", "archive/format")
def _(f):
    return f.raw + bytes(1024)


@raw("raw: a link in the tar", "archive/format")
def _(f):
    at, _, _ = entry_at(f.raw, 1)
    block = bytearray(f.raw[at:at + 512])
    block[156:157], block[148:156] = b"2", b" " * 8
    block[148:155] = b"%06o\0" % sum(block)
    return f.raw[:at] + bytes(block) + f.raw[at + 512:]


@raw("raw: an event left out", "events/parent")
def _(f):
    at, content, size = entry_at(f.raw, 2)
    data = entry_at(f.raw, 5, ".data.")[0]   # its ballot: four data of the setup come first
    return f.raw[:data] + f.raw[content + size + -size % 512:]


@raw("raw: a datum that no event brings", "events/incomplete")
def _(f):
    at = entry_at(f.raw, 0)[0]
    more = b"{}"
    return f.raw[:at] + bel.entry(bel.sha(more).hex() + ".data.json", more, f.time) + f.raw[at:]


@raw("raw: a height, names made anew", "events/parent")
def _(f):
    data = f.build()
    at, content, size = entry_at(data, 1)
    event = data[content:content + size].replace(b'"height":1', b'"height":2')
    return (data[:at] + bel.entry(bel.sha(event).hex() + ".event.json", event, f.time) +
            data[content + size + -size % 512:])


@raw("raw: a space in a ballot, names made anew", "ballots/format")
def _(f):
    return rewritten(f, lambda text: text.replace(b'"answers":', b'"answers": '))


@raw("raw: a leading zero in a ballot, names made anew", "ballots/format")
def _(f):
    return rewritten(f, lambda text: text.replace(b'"alpha":"', b'"alpha":"0', 1))


@raw("raw: a ballot put in again", "copies/duplicate")
def _(f):
    f.steps.insert(6, ["Ballot", [copy.deepcopy(f.ballots[1])]])   # changes no count
    return f.build()


@raw("raw: a ballot after the end", "events/order")
def _(f):
    f.steps.insert(7, ["Ballot", [copy.deepcopy(f.ballots[1])]])
    return f.build()


def rewritten(f, change):
    """The archive with the text of its first ballot changed, signature and all else made anew."""
    ballot = f.ballots[0]
    bare = {k: v for k, v in ballot.items() if k != "signature"}
    text = change(bel.dumps(bare))
    h = bel.hash64(text)
    text = text[:-1] + b',"signature":' + bel.dumps(
        {"hash": h, "proof": schnorr(f.secret(0), f"sig|{h}|")}) + b"}"
    dumps = bel.dumps
    try:
        bel.dumps = lambda thing: text if thing is ballot else dumps(thing)
        return f.build()
    finally:
        bel.dumps = dumps

"""
belenios.py: Belenios elections made by belenios-tool alone, and archives of them taken apart and put
together again, with or without something wrong in them (docs/belenios.md).
"""
import base64
import hashlib
import json
import os
import re
import subprocess

ENV = dict(os.environ, BELENIOS_USE_URANDOM="1")
SINGLE, PEDERSEN = "Single", "Pedersen"


def tool(folder, *args, stdin=None, check=True):
    done = subprocess.run(["belenios-tool", *args], cwd=folder, input=stdin, env=ENV, text=True,
                          check=check, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout if check else done.returncode


def accepts(folder):
    """What `belenios-tool election verify` says of the archive in a folder."""
    return tool(folder, "election", "verify", check=False) == 0


def read_text(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def write_text(text, *path):
    with open(os.path.join(*path), "w", encoding="utf-8") as f:
        f.write(text)


def ending(folder, suffix):
    return sorted(p for p in os.listdir(folder) if p.endswith(suffix))


# --- an election -------------------------------------------------------------------------------------

def question(answers, low, high, blank=False):
    q = {"answers": [f"Answer {i + 1}" for i in range(answers)]}
    if blank:
        q["blank"] = True
    q.update(min=low, max=high, question=f"{low} to {high} of {answers}?")
    return q


class Election:
    """singles trustees who must decrypt, and threshold=(t, n): t of n more."""

    def __init__(self, folder, rng, group, questions, weights, singles=1, threshold=None):
        self.folder, self.rng, self.group = folder, rng, group
        self.questions, self.weights = questions, weights
        self.singles, self.threshold = singles, threshold
        self.votes, self.last = [], {}
        os.makedirs(folder)
        self.uuid = tool(folder, "setup", "generate-token").strip()
        self.setup()
        self.path = os.path.join(folder, self.uuid + ".bel")

    def run(self, *args, stdin=None):
        return tool(self.folder, *args, stdin=stdin)

    def setup(self):
        on, about = ["--group", self.group], ["--uuid", self.uuid]
        if any(w != 1 for w in self.weights):
            write_text("".join(f"v{i}@example.com,v{i},{w}\n"
                               for i, w in enumerate(self.weights)), self.folder, "voters.txt")
            voters = ["--file", "voters.txt"]
        else:
            voters = ["--count", str(len(self.weights))]
        self.run("setup", "generate-credentials", *about, *on, *voters)
        for suffix, name in ((".pubcreds", "public_creds.json"), (".privcreds", "codes")):
            os.rename(os.path.join(self.folder, ending(self.folder, suffix)[0]),
                      os.path.join(self.folder, name))
        self.codes = [re.search(r"(\S+)$", line)[1]
                      for line in read_text(self.folder, "codes").splitlines()]
        if self.threshold:
            self.pedersen(on)
        for _ in range(self.singles):
            self.run("setup", "generate-trustee-key", *on)
        write_text("".join(read_text(self.folder, p) for p in ending(self.folder, ".pubkey")),
                   self.folder, "public_keys.jsons")
        self.run("setup", "make-trustees")
        write_text(json.dumps({"description": "Of \"all\"\u00e9\n", "name": "Forum \u03b1",
                               "questions": self.questions, "administrator": "A",
                               "credential_authority": "C"}), self.folder, "questions.json")
        self.run("setup", "make-election", *about, *on, "--template", "questions.json")
        self.run("archive", "init")
        for name in ("election.json", "trustees.json", "public_creds.json"):
            os.unlink(os.path.join(self.folder, name))

    def pedersen(self, on):
        least, all_of_them = self.threshold
        key = ["setup", "generate-trustee-key-threshold", *on]
        for _ in range(all_of_them):
            self.run(*key, "--step", "1")
        names = [p[:-len(".cert")] for p in ending(self.folder, ".cert")]
        write_text("".join(read_text(self.folder, n + ".cert") for n in names), self.folder,
                   "certs.jsons")
        key += ["--certs", "certs.jsons"]
        self.run(*key, "--step", "2")
        write_text("".join(self.run(*key, "--key", n + ".key", "--step", "3", "--threshold",
                                    str(least)) for n in names), self.folder, "polynomials.jsons")
        self.run(*key, "--step", "4", "--polynomials", "polynomials.jsons")
        out = "".join(self.run(*key, "--key", n + ".key", "--step", "5",
                               stdin=read_text(self.folder, n + ".vinput")) for n in names)
        write_text(self.run(*key, "--step", "6", "--polynomials", "polynomials.jsons", stdin=out),
                   self.folder, "threshold.json")

    # --- voting ---

    def choice(self, q):
        """A legal answer, with the blank vote first where there is one."""
        if "type" in q:
            return [self.rng.randrange(1, 4) for _ in q["value"]["answers"]]
        n = len(q["answers"])
        if q.get("blank") and self.rng.random() < 0.3:
            return [1] + [0] * n
        chosen = self.rng.sample(range(n), self.rng.randint(q["min"], q["max"]))
        return [0] * bool(q.get("blank")) + [int(i in chosen) for i in range(n)]

    def add(self, kind, payload=""):
        self.run("archive", "add-event", "--type=" + kind, stdin=payload)

    def vote(self, voter, answers=None):
        answers = answers or [self.choice(q) for q in self.questions]
        write_text(self.codes[voter], self.folder, "code")
        write_text(json.dumps(answers), self.folder, "answers")
        self.add("Ballot", self.run("election", "generate-ballot", "--privcred", "code",
                                    "--ballot", "answers"))
        self.last[voter] = answers

    def counts(self):
        """A plain count of the last answers, each by its weight."""
        return [[sum(self.weights[v] * a[i][k] for v, a in self.last.items())
                 for k in range(len(q["answers"]) + bool(q.get("blank")))]
                if "type" not in q else None for i, q in enumerate(self.questions)]

    def close(self):
        self.add("EndBallots")
        self.add("EncryptedTally", self.run("election", "compute-encrypted-tally"))

    def shuffle(self):
        for trustee in range(1, self.singles + 1):
            self.add("Shuffle", self.run("election", "shuffle", f"--trustee-id={trustee}"))
        self.add("EndShuffles")

    def decrypt(self):
        for i, key in enumerate(ending(self.folder, ".privkey")):
            self.add("PartialDecryption", self.run("election", "decrypt", "--privkey", key,
                                                   "--trustee-id", str(i + 1)))
        if self.threshold:
            self.decrypt_some(*self.threshold)
        self.add("Result", self.run("election", "compute-result"))

    def decrypt_some(self, least, all_of_them):
        # In the order of the certificates, which is that of the names.
        names = [p[:-len(".key")] for p in ending(self.folder, ".key")]
        for i in self.rng.sample(range(all_of_them), least):
            self.add("PartialDecryption", self.run(
                "election", "decrypt-threshold", "--key", names[i] + ".key", "--decryption-key",
                names[i] + ".dkey", "--trustee-id", str(self.singles + i + 1)))


# --- an archive, taken apart -------------------------------------------------------------------------

def dumps(thing):
    return json.dumps(thing, separators=(",", ":"), ensure_ascii=False).encode()


def sha(data):
    return hashlib.sha256(data).digest()


def hash64(data):
    return base64.b64encode(sha(data)).rstrip(b"=").decode()


def header(name, size, time):
    out = bytearray(512)
    out[:len(name)] = name.encode()
    out[100:107], out[108:115], out[116:123] = b"0000644", b"0000000", b"0000000"
    out[124:135], out[136:147] = b"%011o" % size, b"%011o" % time
    out[148:156], out[156:157] = b" " * 8, b"0"
    out[148:155] = b"%06o\0" % sum(out)
    return bytes(out)


def entry(name, data, time):
    return header(name, len(data), time) + data + bytes(-len(data) % 512)


def entries(data):
    """(name, content) of each, in order."""
    out, pos = [], 0
    while pos < len(data):
        name = data[pos:pos + 100].rstrip(b"\0").decode()
        size = int(data[pos + 124:pos + 135], 8)
        out.append((name, data[pos + 512:pos + 512 + size]))
        pos += 512 + size + -size % 512
    return out


class Record:
    """What an archive says, as objects that may be changed; build() makes names, references, parents
    and heights anew."""

    def __init__(self, data):
        files = entries(data)
        self.time = int(json.loads(files[0][1])["timestamp"])
        self.steps, waiting = [], []
        for name, content in files[1:]:
            if ".data." in name:
                waiting.append(json.loads(content))
            else:
                self.steps.append([json.loads(content)["type"], waiting])
                waiting = []
        self.election, self.trustees, self.credentials = self.steps[0][1][:3]

    def of(self, kind):
        return [data for k, data in self.steps if k == kind]

    @property
    def ballots(self):
        return [data[0] for data in self.of("Ballot")]

    @property
    def tally(self):
        return self.of("EncryptedTally")[0][0]

    @property
    def sized(self):
        return self.of("EncryptedTally")[0][1]

    @property
    def shares(self):
        return [tuple(data) for data in self.of("PartialDecryption")]

    @property
    def result(self):
        return self.of("Result")[0][0]["result"]

    def link(self, kind, data):
        """What refers to data by their hashes."""
        hashes = [sha(dumps(d)).hex() for d in data]
        if kind == "Setup":
            data[3].update(election=hashes[0], trustees=hashes[1], credentials=hashes[2])
        elif kind == "EncryptedTally":
            data[1]["encrypted_tally"] = hashes[0]
        elif kind in ("PartialDecryption", "Shuffle"):
            data[1]["payload"] = hashes[0]

    def build(self):
        head = dumps({"version": 1, "timestamp": str(self.time)})
        out, parent = [entry("BELENIOS", head, self.time)], None
        for height, (kind, data) in enumerate(self.steps):
            self.link(kind, data)
            event = {"parent": parent} if parent else {}
            event.update(height=height, type=kind)
            for datum in [dumps(d) for d in data]:
                event["payload"] = sha(datum).hex()
                out.append(entry(event["payload"] + ".data.json", datum, self.time))
            event = dumps(event)
            parent = sha(event).hex()
            out.append(entry(parent + ".event.json", event, self.time))
        return b"".join(out)

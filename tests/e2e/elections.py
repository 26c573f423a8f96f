"""
elections.py: whole elections with real processes: nodes, tools, the kiosk, the observer.  Each of
the small scripts test_election_* beside this file runs one of them and says whether it held.

Votes come from a seed that is printed (SEED); the result must equal the plain count of them.
The programs are those of BUILD/cheap, whose key files cost little to open; BUILD/tests/e2e has aids.
"""
import os
import random
import shutil
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "demo"), os.path.join(HERE, "..", "reference")]
import count                                   # noqa: E402
from election import Election, Failure         # noqa: E402
from kiosk import Kiosk                        # noqa: E402
from verify.audit import Audit                 # noqa: E402


def options(n):
    return [{"id": f"o{i}", "name": {"en": f"Option {i}"}} for i in range(1, n + 1)]


def base(contests, **more):
    return {"title": {"en": "A test"}, "languages": ["en"], "suite": "ristretto255",
            "batch_wait_ms": 50,
            "units": [{"id": "all", "name": {"en": "All"}}],
            "styles": [{"id": "a", "unit": "all", "contests": [c["id"] for c in contests]}],
            "contests": contests, **more}


def contest(ident, kind, n, **more):
    return {"id": ident, "type": kind, "title": {"en": ident.capitalize()},
            "options": options(n), **more}


ELECTIONS = {
    "one_option": base([contest("yes", "choose", 1, min=0, max=1)]),
    "forty_options": base([contest("many", "choose", 40, min=0, max=3)]),
    "all_blank": base([contest("mayor", "choose", 3, min=1, max=1, blank=True),
                       contest("points", "score", 3, each_max=4, max=6, blank=True)]),
    "weights": base([contest("mayor", "choose", 3, min=1, max=1)], weights_reveal="accepted"),
    "score": base([contest("points", "score", 5, each_max=5, max=9, min=3)]),
    "cheating_dealer": base([contest("mayor", "choose", 3, min=1, max=1, blank=True)]),
}


class Run:
    def __init__(self, name, folder):
        self.name = name
        self.seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**9))
        self.rng = random.Random(self.seed)
        self.definition = ELECTIONS[name]
        self.n = 7 if name == "cheating_dealer" else 4
        self.definition["threshold"] = 4 if self.n == 7 else 2
        self.voters = 6
        self.build = os.environ.get("BUILD", "build")
        self.e = Election(folder, os.path.join(self.build, "cheap"), self.n, self.definition,
                          quiet=True)

    def vote(self):
        votes = {}
        for c in self.definition["contests"]:
            votes[c["id"]] = ({"blank": 1} if self.name == "all_blank" else
                              count.random_vote(self.rng, c))
        return votes

    def cheat(self, step, i, out, archive):
        """Trustee 3 deals a bad share to trustee 5."""
        if (step, i) != ("deal", 2):
            return
        os.remove(out)
        self.e.run(os.path.join(self.build, "tests/e2e/cheat"), self.e.path("keys", "t2.key"),
                   self.e.path("keys", "passphrase"), archive, self.e.fingerprint, 5, out)

    def ceremony(self):
        if self.name != "cheating_dealer":
            return self.e.ceremony()
        active = self.e.ceremony(by=lambda step, i: i != 6, sabotage=self.cheat)
        if active != [0, 1, 3, 4, 5]:
            raise Failure(f"the cheat and the silent one should be out: {active}")
        return active

    def run(self):
        self.e.make_keys()
        self.e.define()
        self.e.constitute()
        self.e.start_nodes()
        active = self.ceremony()
        by = active[:self.definition["threshold"]]
        weights = [self.rng.choice((1, 2, 5)) if self.name == "weights" else 1
                   for _ in range(self.voters)]
        codes = self.e.enrol([("a", w) for w in weights])
        self.e.phase("open", by)
        ballots = []
        kiosk = Kiosk(self.e)
        for code, weight in zip(codes, weights):
            votes = self.vote()
            kiosk.vote(code, self.definition["contests"], votes)
            ballots.append(("a", weight, votes))
        kiosk.leave()
        self.e.phase("close", by)
        kiosk.close()
        self.e.phase("end", by)
        self.e.decrypt(active[-self.definition["threshold"]:])
        self.e.phase("result", by)
        self.e.heads_agree()
        archive = self.e.final_archive()
        report = self.e.verify(archive)
        plain = count.count(self.definition, ballots)
        if count.published(report) != plain:
            raise Failure(f"published {count.published(report)}, plain {plain}")
        if self.name == "one_option":
            self.check_log()
        if report["verdict"] != "yes" or report["turnout"]["live"] != self.voters:
            raise Failure(f"verdict {report['verdict']}, turnout {report['turnout']}")
        self.second_opinion(archive, report)

    def second_opinion(self, archive, report):
        """The verifier that shares no code with ours."""
        with open(archive, "rb") as f:
            audit = Audit(f.read(), bytes.fromhex(self.e.fingerprint)).run()
        if audit.verdict != "yes":
            raise Failure(f"the stranger says {audit.verdict}: {audit.check}: {audit.reason}")
        if (audit.result(), audit.turnout()) != (report["result"], report["turnout"]):
            raise Failure(f"the stranger counts {audit.result()}, {audit.turnout()}")

    def check_log(self):
        """Every node vouches; the log and a receipt as tools for transparency logs read them."""
        archive, tlog, proof = (self.e.path(f) for f in ("election.kalpis", "tlog", "a.tlog-proof"))
        observer, node = self.e.program("voter-observer"), self.e.program("tally-server")
        for gamma, code in ((self.n, 0), (self.n + 1, 3)):
            self.e.run(observer, "verify", archive, "--fingerprint", self.e.fingerprint, "--gamma",
                       str(gamma), ok=(code,))
        receipt = sorted(f for f in os.listdir(self.e.path("receipts"))
                         if f.endswith(".receipt"))[0]
        self.e.run(node, "export", "--config", self.e.config(0), "--tlog", tlog)
        self.e.run(observer, "receipt", self.e.path("receipts", receipt), "--archive", archive,
                   "--fingerprint", self.e.fingerprint, "--tlog-proof", proof)
        read = ["python3", "-B", "tests/reference/tlog.py", self.e.path("manifest.json"), tlog, proof]
        said = self.e.run(*read).stdout
        if f"signed={self.n}\n" not in said:
            raise Failure(f"not every node vouches: {said}")
        with open(proof, "r+", encoding="utf-8") as f:
            lines = f.read().split("\n")
            lines[1] = f"index {int(lines[1][6:]) ^ 1}"
            f.seek(0)
            f.write("\n".join(lines))
            f.truncate()
        self.e.run(*read, ok=(1,))


def main(name):
    folder = tempfile.mkdtemp(prefix=f"kalpis-{name}-")
    run = None
    try:
        run = Run(name, folder)
        print(f"seed {run.seed}")
        run.run()
    except Exception as e:   # whatever it was, the test failed; say what is known
        traceback.print_exc()
        print(f"[  FAILED  ] election_{name}: {e}\nfolder {folder} is kept")
        print("0 passed, 1 failed")
        return 1
    finally:
        if run is not None:
            run.e.stop_nodes()
    shutil.rmtree(folder)
    print(f"[       OK ] election_{name}")
    print("1 passed, 0 failed")
    return 0

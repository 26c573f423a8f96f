"""
demo.py: a whole election on this machine, every part of it real: key files, nodes as processes,
the key ceremony on their chain, voters at the kiosk, a node killed in the middle, the joint
decryption, the observer's verdict.

Settings come from the environment: VOTERS, TRUSTEES, THRESHOLD, DEFINITION, SEED, FOLDER, BUILD.
"""
import json
import os
import random
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import count                                    # noqa: E402
from election import Election, Failure, show    # noqa: E402
from kiosk import Kiosk                         # noqa: E402


OTHERS = 8   # voters who come before the person, in make demo-kiosk


def names(*pairs):
    return [{"id": i, "name": {"en": en, "fr": fr}} for i, en, fr in pairs]


DEFINITION = {
    "title": {"en": "Town of Calpe, council 2026", "fr": "Ville de Calpe, conseil 2026"},
    "languages": ["en", "fr"], "suite": "ristretto255", "revote": "last",
    "publish_min": 5, "tests_per_kiosk": 50, "dkg_min_minutes": 0, "batch_wait_ms": 200,
    "weights_reveal": "accepted",
    "units": [{"id": "harbour", "name": {"en": "Harbour", "fr": "Port"}, "merge_into": "town"},
              {"id": "town", "name": {"en": "Town", "fr": "Ville"}}],
    "styles": [{"id": "town", "unit": "town", "contests": ["mayor", "council", "budget"]},
               {"id": "harbour", "unit": "harbour", "contests": ["mayor", "council", "quay"]}],
    "contests": [
        {"id": "mayor", "type": "choose", "min": 1, "max": 1, "blank": True,
         "title": {"en": "Mayor", "fr": "Maire"},
         "options": names(("ada", "Ada Lovelace", "Ada Lovelace"),
                          ("alan", "Alan Turing", "Alan Turing"),
                          ("emmy", "Emmy Noether", "Emmy Noether"))},
        {"id": "council", "type": "choose", "min": 0, "max": 3,
         "title": {"en": "Council: approve up to three", "fr": "Conseil : trois au plus"},
         "options": names(("grace", "Grace Hopper", "Grace Hopper"),
                          ("henri", "Henri Poincaré", "Henri Poincaré"),
                          ("hypatia", "Hypatia", "Hypatie"),
                          ("carl", "Carl Gauss", "Carl Gauss"),
                          ("sofia", "Sofia Kovalevskaya", "Sofia Kovalevskaïa"))},
        {"id": "budget", "type": "score", "each_max": 5, "max": 8,
         "title": {"en": "Budget: give points", "fr": "Budget : donnez des points"},
         "options": names(("parks", "Parks", "Parcs"), ("school", "School", "École"),
                          ("library", "Library", "Bibliothèque"))},
        {"id": "quay", "type": "score", "each_max": 3, "max": 3,
         "title": {"en": "The new quay", "fr": "Le nouveau quai"},
         "options": names(("stone", "Stone", "Pierre"), ("wood", "Wood", "Bois"))},
    ],
}


def number(name, default, low, high):
    text = os.environ.get(name) or str(default)
    if not text.isdigit() or not low <= int(text) <= high:
        raise Failure(f"{name}={text}: a number from {low} to {high} is needed")
    return int(text)


def make_folder(path):
    """A fresh folder; only one that a demo made before is removed."""
    mark = os.path.join(path, ".kalpis-demo")
    if os.path.isdir(path):
        if not os.path.exists(mark):
            raise Failure(f"{path} is there and was not made by the demo: move it away")
        shutil.rmtree(path)
    os.makedirs(path)
    with open(mark, "w", encoding="utf-8") as f:
        f.write("made by make demo; removed by the next one\n")


class Demo:
    def __init__(self):
        self.start = time.monotonic()
        self.voters = number("VOTERS", 25, 4, 5000)
        self.n = number("TRUSTEES", 4, 1, 13)
        self.t = number("THRESHOLD", self.n // 2 + 1, 1, self.n)
        self.seed = number("SEED", random.SystemRandom().randrange(10**9), 0, 10**18)
        self.rng = random.Random(self.seed)
        self.folder = os.environ.get("FOLDER", "build/demo")
        self.by_hand = os.environ.get("BY_HAND") == "1"
        self.definition = dict(DEFINITION)
        if os.environ.get("DEFINITION"):
            with open(os.environ["DEFINITION"], encoding="utf-8") as f:
                self.definition = json.load(f)
        self.definition["threshold"] = self.t
        if self.t == 1:
            self.definition["rehearsal"] = True
        self.live = {}       # voter -> (style, weight, votes)
        self.slips = {}      # voter -> slip secret, under revote "last"

    def say(self, text):
        show(f"[{time.monotonic() - self.start:6.1f} s] {text}")

    def plan_voters(self):
        """Style and weight of each voter: a few in the last style, weights where allowed."""
        styles = [s["id"] for s in self.definition["styles"]]
        weighted = self.definition.get("weights_reveal") == "accepted"
        plan = []
        for v in range(self.voters):
            style = styles[0] if v % 8 else styles[(v // 8) % len(styles)]
            if v % 8 == 0 and len(styles) > 1:
                style = styles[1 + (v // 8) % (len(styles) - 1)] if v < 25 else styles[0]
            plan.append((style, self.rng.choice((1, 1, 1, 2, 3)) if weighted else 1))
        return plan

    def contests(self, style):
        wanted = next(s for s in self.definition["styles"] if s["id"] == style)["contests"]
        return [c for c in self.definition["contests"] if c["id"] in wanted]

    def vote_of(self, style):
        return {c["id"]: count.random_vote(self.rng, c) for c in self.contests(style)}

    def blank_vote(self, style):
        """Blank wherever it is allowed."""
        return {c["id"]: {"blank": 1} if c.get("blank") else count.random_vote(self.rng, c)
                for c in self.contests(style)}

    # --- acts ----------------------------------------------------------------------------------

    def set_up(self):
        make_folder(self.folder)
        build = os.environ.get("BUILD", "build")
        self.e = Election(self.folder, build, self.n, self.definition, say=self.say)
        self.say(f"{self.n} trustees make their keys; any {self.t} of them can decrypt")
        self.e.make_keys()
        self.e.define()
        self.say(f"the manifest is defined; fingerprint {self.e.fingerprint}")
        self.e.constitute()
        self.say("every trustee signed it: block 0")
        self.e.start_nodes()
        for i in range(self.n):
            show(f"           node {i}: pid {self.e.nodes[i].pid}, database "
                 f"{os.path.join(self.folder, 'nodes', str(i), 'data', 'chain.db')}")
        self.say("key ceremony on the chain: commit, deal, complain, confirm")
        self.e.ceremony()
        self.say("the joint key stands; nobody holds its secret")
        self.plan = self.plan_voters()
        self.codes = self.e.enrol(self.plan)
        self.e.phase("open", range(self.t))
        self.say(f"{self.voters} voters enrolled, the polls are open")

    def cast(self, kiosk, voter, votes):
        style, weight = self.plan[voter]
        slip = kiosk.vote(self.codes[voter], self.contests(style), votes,
                          old_slip=self.slips.get(voter))
        self.live[voter] = (style, weight, votes)
        self.slips[voter] = slip

    def vote(self):
        kiosk = Kiosk(self.e)
        abstain = self.rng.randrange(3, self.voters)   # somebody stays at home
        third = self.voters // 3
        self.cast(kiosk, 0, self.blank_vote(self.plan[0][0]))
        self.say("a blank vote is cast")
        for v in range(1, self.voters):
            if v == abstain:
                continue
            if v == 2:
                self.test_machine(kiosk)
            if v == third:
                self.kill_leader(kiosk, v)
            else:
                self.cast(kiosk, v, self.vote_of(self.plan[v][0]))
        if self.definition.get("revote") == "last":
            self.cast(kiosk, 1, self.vote_of(self.plan[1][0]))
            self.say("one voter votes again, with the key on the slip; the first ballot is replaced")
        self.say(f"{len(self.live)} of {self.voters} voters have voted")
        kiosk.leave()

    def test_machine(self, kiosk):
        """Lock a ballot, have it opened, check it on another machine; then vote for good."""
        voter = 2
        style = self.plan[voter][0]
        votes = self.vote_of(style)
        opening = kiosk.test(self.codes[voter], self.contests(style), votes,
                             old_slip=self.slips.get(voter))
        p = self.e.run(self.e.program("voter-observer"), "tested", opening, "--archive",
                       self.e.archive(), "--fingerprint", self.e.fingerprint)
        for contest in self.contests(style):
            for option, points in votes[contest["id"]].items():
                if points and option != "blank":
                    name = next(o for o in contest["options"] if o["id"] == option)["name"]
                    if next(iter(name.values())) not in p.stdout:
                        raise Failure(f"the test does not show {option}:\n{p.stdout}")
        self.say("one ballot was locked and opened instead of cast: the machine was honest")

    def kill_leader(self, kiosk, voter):
        """SIGKILL to the leader while a ballot waits; the others go on; it comes back."""
        leader = self.e.leader()
        started = kiosk.begin_cast(self.codes[voter], self.contests(self.plan[voter][0]),
                                   self.vote_of_kept(voter), old_slip=self.slips.get(voter))
        if self.n >= 4:
            self.e.kill_node(leader)
            self.say(f"node {leader}, the leader, is killed while a ballot waits")
        self.slips[voter] = kiosk.finish_cast(started)
        self.live[voter] = (*self.plan[voter], self.kept)
        if self.n >= 4:
            self.say("its voter has a receipt all the same")
            self.e.start_node(leader)
            self.e.wait_node(leader)
            head = self.e.heads_agree()
            self.say(f"node {leader} is back; all {self.n} nodes stand on block {head['height']}")

    def vote_of_kept(self, voter):
        self.kept = self.vote_of(self.plan[voter][0])
        return self.kept

    def by_person(self):
        """Leave the polls to a person at the full-screen kiosk, after some others have voted."""
        *others, yours = [v for v in range(self.voters) if self.plan[v][0] == self.plan[1][0]]
        kiosk = Kiosk(self.e)
        for v in others[:OTHERS]:
            self.cast(kiosk, v, self.vote_of(self.plan[v][0]))
        kiosk.leave()
        self.say(f"{len(self.live)} others have voted, so that nobody can tell your vote")
        show(f"\nThe polls are open.  Your voting code: {self.codes[yours]}\n"
             "The kiosk goes when you have voted; then the polls close and the count begins.\n")
        input("Press Enter to begin. ")
        Kiosk(self.e, start=False).by_person()

    def finish(self):
        self.e.phase("close", range(self.t))
        Kiosk(self.e, start=False).close()
        self.e.phase("end", range(self.t))
        self.say("closed and ended; the tests and the kiosk's closing are on the chain")
        if count.opens_something(self.definition, list(self.live.values())):
            deciders = sorted(self.rng.sample(range(self.n), self.t))
            self.e.decrypt(deciders)
            self.say(f"trustees {', '.join(str(i + 1) for i in deciders)} decrypt the sums, and "
                     "nothing else")
        self.e.phase("result", range(self.t))
        self.e.heads_agree()
        archive = self.e.final_archive()
        self.e.stop_nodes()
        return archive

    def judge(self, archive):
        report = self.e.verify(archive)
        with open(self.e.path("result.json"), "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1, sort_keys=True, ensure_ascii=False)
        if not self.by_hand:
            plain = count.count(self.definition, list(self.live.values()))
            if plain != count.published(report):
                raise Failure(f"the result is not the plain count:\n{count.published(report)}\n"
                              f"{plain}")
            if report["turnout"]["live"] != len(self.live):
                raise Failure("the turnout is wrong")
        p = self.e.run(self.e.program("voter-observer"), "verify", archive, "--fingerprint",
                       self.e.fingerprint)
        show("\n" + p.stdout)
        if not self.by_hand:
            show("The result equals the plain count of the votes that were typed.")
        self.check_receipts(archive)

    def check_receipts(self, archive):
        folder = self.e.path("receipts")
        names_ = sorted(f for f in os.listdir(folder) if f.endswith(".receipt"))
        for name in names_:
            self.e.run(self.e.program("voter-observer"), "receipt", os.path.join(folder, name),
                       "--archive", archive, "--fingerprint", self.e.fingerprint)
        show(f"Every one of {len(names_)} receipts holds against the final archive.")

    def next_steps(self):
        f = os.path.relpath(self.e.folder)
        show(f"""
What to look at next:
    build/voter-observer verify {f}/election.kalpis --fingerprint $(cat {f}/fingerprint)
    build/voter-observer receipt {f}/receipts/... --archive {f}/election.kalpis \\
        --fingerprint $(cat {f}/fingerprint)
    sqlite3 {f}/nodes/0/data/chain.db .schema
    {f}/cards, {f}/slips       what voters were given
    {f}/logs                   what every program said
    docs/house.md              how it is built
Votes came from SEED={self.seed}; the same again: make demo SEED={self.seed}""")

    def run(self):
        self.set_up()
        if self.by_hand:
            self.by_person()
        else:
            self.vote()
        self.judge(self.finish())
        self.next_steps()
        self.say("done")


def main():
    demo = None
    try:
        demo = Demo()
        demo.run()
        return 0
    except (Failure, OSError) as e:
        show(f"\nThe demo failed: {e}")
        return 1
    except KeyboardInterrupt:
        show("\nstopped")
        return 130
    finally:
        if demo is not None and hasattr(demo, "e"):
            demo.e.stop_nodes()


if __name__ == "__main__":
    sys.exit(main())

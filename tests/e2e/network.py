"""
network.py: an election whose nodes stand each in a network namespace of its own, on one bridge, and
what may happen to them there: loss, cuts, delay, a process that is killed or stopped, a full disk.
While they happen ballots are cast.  test_network and full_network run it.

Addresses: node i (from 1) is 10.77.0.i.  Every second node is reached by way of a relay, at 10.77.1.i
(relay.py).  Tools and clients stand at the bridge, 10.77.255.254.  A fault is a set of nftables rules in
the namespace of the node it concerns.  Everything dies with the namespace that this process is in.

Throughout: whenever a quorum is connected ballots get receipts.  Afterwards: one chain, every receipt
holds in it, every promise is kept, the count is the plain count of the votes.
"""
import glob
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "demo"))
import count                                   # noqa: E402
from election import Election, Failure, PORTS_OF_A_NODE   # noqa: E402

FIRST_PORT = 7000
DELTA_MS = 200
DISK_MB = 48
CLIENTS, GROUP = 3, 2               # who cast, and how many ballots each at a time
ANSWER = 10                         # seconds that a client waits before it asks another node
FLOW = 4                            # receipts that show that the election goes on
AGAIN = 20                          # receipts that the observer's program looks at
PATIENCE = int(os.environ.get("PATIENCE") or 90)

DEFINITION = {
    "title": {"en": "Faults"}, "languages": ["en"], "suite": "ristretto255", "batch_wait_ms": 50,
    "units": [{"id": "all", "name": {"en": "All"}}],
    "styles": [{"id": "a", "unit": "all", "contests": ["mayor"]}],
    "contests": [{"id": "mayor", "type": "choose", "min": 1, "max": 1, "title": {"en": "Mayor"},
                  "options": [{"id": f"o{i}", "name": {"en": f"Option {i}"}} for i in (1, 2, 3)]}],
}
OPTIONS = [o["id"] for o in DEFINITION["contests"][0]["options"]]

BLAME = re.compile(r" (evidence|peer-bad|peer-false-ballot|vote-not-signed|log-nonsense|"
                   r"promises-lost|guard-passed) ")


def works(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def enter(sentence):
    """
    Go on in a network namespace of this program's own.  Where the system refuses one: a skip, which is
    counted; with CI=true a failure.
    """
    if os.environ.get("KALPIS_NETWORK") == str(os.getpid()):
        return
    os.environ["KALPIS_NETWORK"] = str(os.getpid())
    for how in (["unshare", "-n", "-m"], ["unshare", "-r", "-n", "-m"]):
        if works(*how, "true"):
            os.execvp(how[0], [*how, sys.executable, "-B", *sys.argv])
    if os.environ.get("CI") == "true":
        print(f"[  FAILED  ] {sentence}: unshare -n is refused\n0 passed, 1 failed")
        sys.exit(1)
    print(f"[  SKIPPED ] {sentence}: unshare -n is refused\n0 passed, 0 failed")
    sys.exit(0)


def run(*command, stdin=None):
    p = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if p.returncode != 0:
        raise Failure(f"{' '.join(command)}: {p.stderr}")


def until(what, holds, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.1)
    raise Failure("it does not come: " + what)


class Wires:
    """The namespaces, the bridge, the relay and the firewalls.  Nodes count from 1 here."""
    def __init__(self, n, seed):
        self.n = n
        self.relayed = range(2, n + 1, 2)
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "name", "bridge", "type", "bridge")
        run("ip", "addr", "add", "10.77.255.254/16", "dev", "bridge")
        run("ip", "link", "set", "bridge", "up")
        self.homes = []
        for i in range(1, n + 1):
            run("ip", "addr", "add", f"10.77.1.{i}/16", "dev", "bridge")
            run("ip", "addr", "add", f"10.77.2.{i}/16", "dev", "bridge")
            self.add(i)
        self.rules = {i: [] for i in range(1, n + 1)}
        self.relay = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "relay.py"), str(FIRST_PORT),
             str(PORTS_OF_A_NODE), str(seed), *map(str, self.relayed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        if self.relay.stdout.readline() != "ready\n":
            raise Failure("the relay does not start")

    def add(self, i):
        home = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 100000"],
                                stdout=subprocess.PIPE, text=True)
        self.homes.append(home)
        home.stdout.readline()
        run("ip", "link", "add", f"v{i}", "type", "veth", "peer", "name", "eth", "netns",
            str(home.pid))
        run("ip", "link", "set", f"v{i}", "master", "bridge", "up")
        for words in (("addr", "add", f"10.77.0.{i}/16", "dev", "eth"), ("link", "set", "eth", "up"),
                      ("link", "set", "lo", "up")):
            run(*self.inside(i), "ip", *words)

    def inside(self, i):
        return ["nsenter", "-t", str(self.homes[i - 1].pid), "-n"]

    def address(self, i):
        return f"10.77.{1 if i in self.relayed else 0}.{i}:{FIRST_PORT}"

    def apply(self, i):
        rules = {"in": [], "out": []}
        for chain, rule in self.rules[i]:
            rules[chain].append(rule)
        run(*self.inside(i), "nft", "-f", "-", stdin="flush ruleset\ntable ip faults {\n" + "".join(
            f"chain {c} {{ type filter hook {hook} priority 0;\n{chr(10).join(rules[c])}\n}}\n"
            for c, hook in (("in", "input"), ("out", "output"))) + "}\n")

    @staticmethod
    def names(j):
        return f"{{ 10.77.0.{j}, 10.77.1.{j}, 10.77.2.{j} }}"

    def deafen(self, i, js):
        """Node i hears nothing from these."""
        self.rules[i] += [("in", f"ip saddr {self.names(j)} counter drop") for j in js if j != i]

    def mute(self, i, js):
        self.rules[i] += [("out", f"ip daddr {self.names(j)} counter drop") for j in js if j != i]

    def lose(self, i, pct):
        self.rules[i].append(("in", f"numgen random mod 100 < {pct} counter drop"))

    def delay(self, i, ms, jitter):
        self.relay.stdin.write(f"{i} {ms} {jitter}\n")

    def dropped(self, i):
        """Packets that the firewall of this node has dropped."""
        said = subprocess.run([*self.inside(i), "nft", "list", "ruleset"], capture_output=True,
                              text=True, check=True).stdout
        return sum(int(m) for m in re.findall(r"counter packets (\d+)", said))

    @staticmethod
    def greeting(i):
        """The first byte that a relayed node says to whoever comes."""
        with socket.create_connection((f"10.77.1.{i}", FIRST_PORT), PATIENCE) as s:
            s.settimeout(PATIENCE)
            if not s.recv(1):
                raise Failure(f"the relay does not reach node {i}")

    def heal(self):
        faulty = [i for i in range(1, self.n + 1) if self.rules[i]]
        if faulty and not sum(self.dropped(i) for i in faulty):
            raise Failure("no firewall dropped anything: the fault was none")
        for i in faulty:
            self.rules[i] = []
            self.apply(i)
        for i in self.relayed:
            self.delay(i, 0, 0)

    def end(self):
        for p in [*self.homes, self.relay]:
            p.kill()
            p.wait()


class Scattered(Election):
    """Nodes in namespaces, each with a small disk of its own."""
    wires = None

    def take_ports(self):
        pass

    def address(self, i):
        return self.wires.address(i + 1)

    def inside(self, i):
        return self.wires.inside(i + 1)

    def disk(self, i):
        return self.path("nodes", str(i), "disk")

    def write_config(self, i):
        os.makedirs(self.disk(i))
        run("mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", self.disk(i))
        with open(self.config(i), "w", encoding="utf-8") as f:
            f.write("[node]\nkey = node.key\npassphrase_file = ../../keys/passphrase\n"
                    "genesis = ../../genesis.kalpis\ndata = disk/data\n\n"
                    f"[net]\nbind = 10.77.0.{i + 1}\ndelta_ms = {DELTA_MS}\n")


class Network:
    def __init__(self, folder, n, ballots, seed, hold, pause):
        self.n, self.voters = n, ballots
        self.hold, self.pause = hold, pause   # seconds: of a fault, from and to; between ballots
        self.f = (n - 1) // 3
        self.rng = random.Random(seed)
        self.threshold = n - self.f
        build = os.environ.get("BUILD", "build")
        self.cast = os.path.abspath(os.path.join(build, "tests/e2e/cast"))
        self.wires = Wires(n, seed)
        self.e = Scattered(folder, os.path.join(build, "cheap"), n,
                           {**DEFINITION, "threshold": self.threshold}, quiet=True)
        self.e.wires = self.wires
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.faults, self.threads = [], []
        self.begun = 0               # ballots that somebody has begun to cast
        self.promised = []           # with a promise that nobody has asked after
        self.receipts = 0
        self.away = set()            # nodes that a client had better not ask
        self.done = {}               # fault: how often

    # --- before and after -----------------------------------------------------------------------

    def set_up(self):
        e = self.e
        e.make_keys()
        e.define()
        e.constitute()
        e.start_nodes()
        e.ceremony()
        e.enrol([("a", 1)] * self.voters)
        key = e.path("crowd.secret")
        e.run(self.cast, "keygen", key, e.path("crowd.pub"))
        device = e.paper("device.tx")
        e.run(e.program("tally-officer"), "device", "--key", e.path("keys", "officer.key"),
              *e.secret(), "--archive", e.archive(), "--fingerprint", e.fingerprint, "--kiosk", 1,
              "--keys", e.path("crowd.pub"), "--label", "Crowd", "--out", device)
        e.submit(device)
        e.phase("open", range(self.threshold))
        self.opened = e.archive()
        os.makedirs(e.path("ballots"))
        e.run(self.cast, "make", self.opened, key, e.path("ballots"),
              *sorted(glob.glob(e.path("cards", "*"))))
        self.ballots = sorted(glob.glob(e.path("ballots", "*.tx")))

    def finish(self):
        """Everybody is well again."""
        e = self.e
        self.over.set()
        for t in self.threads:
            t.join(4 * PATIENCE)
        self.raise_faults()
        if self.promised:
            e.run(self.cast, "receipts", self.opened, e.path("crowd.secret"), 0, *self.promised,
                  timeout=PATIENCE)
        e.heads_agree(PATIENCE)
        for step in ("close", "end"):
            e.phase(step, range(self.threshold))
        e.decrypt(range(self.threshold))
        e.phase("result", range(self.threshold))
        e.heads_agree(PATIENCE)

    def check(self):
        e = self.e
        archive = e.final_archive()
        ballots = [("a", 1, {"mayor": {o: int(i % len(OPTIONS) == n)
                                       for n, o in enumerate(OPTIONS)}}) for i in range(self.begun)]
        report = e.verify(archive)
        if report["verdict"] != "yes" or report["turnout"]["live"] != self.begun:
            raise Failure(f"{report['verdict']}, {report['turnout']}; {self.begun} were cast")
        plain = count.count(DEFINITION, ballots)
        if count.published(report) != plain:
            raise Failure(f"published {count.published(report)}, plain {plain}")
        receipts = sorted(glob.glob(e.path("ballots", "*.receipt")))
        if len(receipts) + len(self.promised) != self.begun:
            raise Failure(f"{len(receipts)} receipts, {len(self.promised)} promises alone, "
                          f"{self.begun} ballots")

        def verify(receipt):
            said = e.run(e.program("voter-observer"), "receipt", receipt, "-a", archive, "-f",
                         e.fingerprint).stdout
            if "\nfate=counted\n" not in "\n" + said:
                raise Failure(f"{receipt}: {said}")
        e.together(verify, self.rng.sample(receipts, min(AGAIN, len(receipts))))
        for path in glob.glob(e.path("logs", "node-*.log")):
            with open(path, encoding="utf-8") as f:
                for line in f:
                    if BLAME.search(line):
                        raise Failure(f"{path}: {line}")

    def raise_faults(self):
        if self.faults:
            raise Failure("\n".join(self.faults))
        for i, p in enumerate(self.e.nodes):
            if p is not None and p.poll() is not None and i not in self.away:
                raise Failure(f"node {i} has ended by itself: {p.returncode}")

    def end(self):
        self.over.set()
        for p in self.e.nodes:
            if p is not None:
                p.kill()
                p.wait()
        self.wires.end()
        for i in range(self.n):
            works("umount", "-l", self.e.disk(i))

    # --- ballots --------------------------------------------------------------------------------

    def ask(self, how, node, group):
        """False: it took too long, or the node is not there: nothing is known of these ballots."""
        p = subprocess.Popen([self.cast, how, self.opened, self.e.path("crowd.secret"), str(node),
                              str(GROUP), *group], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
        try:
            _, said = p.communicate(timeout=ANSWER)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            return False
        if p.returncode != 0:
            raise Failure(f"{how} {group} at node {node}: {said}")
        return True

    def some_node(self, rng):
        away = set(self.away)
        well = [i for i in range(self.n) if i not in away]
        return rng.choice(well) if well and rng.random() < 0.9 else rng.randrange(self.n)

    def bring(self, rng, group):
        if rng.random() < 0.2 and self.ask("send", self.some_node(rng), group):
            with self.lock:
                self.promised += group
            return
        while not self.ask("keep", self.some_node(rng), group):
            pass
        with self.lock:
            self.receipts += len(group)

    def bring_all(self, seed):
        rng = random.Random(seed)
        try:
            while not self.over.is_set() and not self.faults:
                with self.lock:
                    group = self.ballots[self.begun:self.begun + GROUP]
                    self.begun += len(group)
                if not group:
                    raise Failure("there are no ballots left")
                self.bring(rng, group)
                time.sleep(rng.random() * self.pause)
        except Exception:              # whatever it was: the test says so
            self.faults.append(traceback.format_exc())

    def vote(self):
        for _ in range(CLIENTS):
            t = threading.Thread(target=self.bring_all, args=(self.rng.random(),), daemon=True)
            t.start()
            self.threads.append(t)

    def flow(self, what, hold=True):
        """A quorum is connected, so ballots get receipts, and go on getting them."""
        if hold:
            time.sleep(self.rng.uniform(*self.hold))
        wanted = self.receipts + FLOW
        until(f"receipts during {what}", lambda: self.faults or self.receipts >= wanted)
        self.raise_faults()

    # --- faults ---------------------------------------------------------------------------------

    def height(self, i):
        return (self.e.status(i) or {"height": -1})["height"]

    def well(self):
        """All is healed, all see each other, and who lagged has caught up."""
        def is_well(i):
            self.raise_faults()
            s = self.e.status(i)
            return s is not None and s["peers"] == self.n - 1 and s["height"] >= height
        self.wires.heal()
        for i in range(self.n):
            if self.e.nodes[i] is None:
                self.e.start_node(i)
        self.away = set()
        height = max(self.height(i) for i in range(self.n))
        for i in range(self.n):
            until(f"node {i} at {height}, with all peers", lambda i=i: is_well(i))

    def some(self, most=None):
        """Up to f nodes."""
        return self.rng.sample(range(self.n), self.rng.randint(1, most or self.f))

    def killed(self):
        for i in self.some():
            self.away.add(i)
            self.e.kill_node(i)
        self.flow("a node that is dead")

    def stopped(self):
        nodes = self.some()
        for i in nodes:
            self.away.add(i)
            self.e.nodes[i].send_signal(signal.SIGSTOP)
        try:
            self.flow("a node that is stopped")
        finally:
            for i in nodes:
                self.e.nodes[i].send_signal(signal.SIGCONT)
        self.flow("a node that goes on", hold=False)

    def cut(self, deaf, mute):
        everybody = range(1, self.n + 1)
        for i in self.some():
            self.away.add(i)
            if deaf:
                self.wires.deafen(i + 1, everybody)
            if mute:
                self.wires.mute(i + 1, everybody)
            self.wires.apply(i + 1)
        self.flow("a cut")
        away = [self.height(i) for i in self.away]
        if deaf and max(away) >= max(self.height(i) for i in range(self.n)):
            raise Failure(f"who hears nobody knows all: {away}")

    def cut_off(self):
        self.cut(True, True)

    def deaf(self):
        self.cut(True, False)

    def dumb(self):
        self.cut(False, True)

    def one_link(self):
        """Two that cannot reach each other; all others can."""
        i, j = self.rng.sample(range(1, self.n + 1), 2)
        self.wires.deafen(i, [j])
        self.wires.deafen(j, [i])
        self.wires.apply(i)
        self.wires.apply(j)
        self.flow("a link that is cut")

    def loss(self):
        pct = self.rng.choice((2, 5, 10))
        for i in range(1, self.n + 1):
            self.wires.lose(i, pct)
            self.wires.apply(i)
        self.flow(f"a loss of {pct} of 100")

    def slow(self):
        ms = self.rng.choice((50, 150, 400))
        for i in self.wires.relayed:
            self.wires.delay(i, ms, self.rng.choice((0, 100)))
        self.flow("a slow network")
        begun = time.monotonic()
        self.wires.greeting(self.wires.relayed[0])
        if time.monotonic() - begun < ms / 1000:
            raise Failure("an answer came sooner than the relay lets it")

    def lossy(self, what):
        """The network is bad as well."""
        for i in range(1, self.n + 1):
            self.wires.lose(i, 3)
            self.wires.apply(i)
        for i in self.wires.relayed:
            self.wires.delay(i, 60, 60)
        getattr(self, what)()

    def lossy_killed(self):
        self.lossy("killed")

    def lossy_cut_off(self):
        self.lossy("cut_off")

    def two(self):
        """Two nodes (of seven), each with a fault of its own."""
        i, j = self.rng.sample(range(self.n), 2)
        self.away = {i, j}
        self.e.kill_node(i)
        self.wires.deafen(j + 1, range(1, self.n + 1))
        self.wires.apply(j + 1)
        self.flow("two faults")

    def full_disk(self):
        """The node may stop, and must not go on as if it had written.  With room it starts again."""
        i, = self.some(1)
        stuff = os.path.join(self.e.disk(i), "stuff")
        self.away.add(i)
        with open(stuff, "wb") as f:
            try:
                while True:
                    f.write(bytes(1 << 16))
                    f.flush()
            except OSError:
                pass
        self.flow("a full disk")
        until(f"node {i} stops", lambda: self.e.nodes[i].poll() is not None)
        self.e.nodes[i] = None
        os.remove(stuff)

    def halves(self):
        """No side has a quorum: nothing is ordered, all say so, and nothing is lost."""
        everybody = list(range(self.n))
        self.rng.shuffle(everybody)
        size = self.n // 2
        for side, others in ((everybody[:size], everybody[size:]),
                             (everybody[size:], everybody[:size])):
            if len(side) >= self.n - self.f:
                raise Failure("that is a quorum")
            for i in side:
                self.wires.deafen(i + 1, [j + 1 for j in others])
                self.wires.mute(i + 1, [j + 1 for j in others])
                self.wires.apply(i + 1)
        for i in everybody:
            until(f"node {i} says that it is stalled",
                  lambda i=i: (self.e.status(i) or {}).get("stalled") is True)
        before = [self.e.status(i)["height"] for i in everybody]
        with self.lock:
            receipts = self.receipts
        time.sleep(3)
        if [self.e.status(i)["height"] for i in everybody] != before:
            raise Failure("blocks without a quorum")
        if self.receipts > receipts + CLIENTS * GROUP:
            raise Failure("receipts without a quorum")

    def suffer(self, names):
        for name in names:
            begun = time.monotonic()
            getattr(self, name)()
            self.well()
            self.flow("calm", hold=False)
            self.done[name] = self.done.get(name, 0) + 1
            print(f"{name}: {time.monotonic() - begun:.1f} s, {self.receipts} receipts", flush=True)

    def run(self, names):
        self.set_up()
        self.vote()
        self.flow("the beginning", hold=False)
        self.suffer(names)
        self.finish()
        self.check()


ALL = ["killed", "stopped", "cut_off", "deaf", "dumb", "one_link", "loss", "slow", "full_disk",
       "lossy_killed", "lossy_cut_off", "halves"]


def main(sentence, n, ballots, names, hold, pause):
    """One election of n nodes, with these faults.  True: it held."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**9))
    folder = tempfile.mkdtemp(prefix="kalpis-network-")
    print(f"seed {seed}", flush=True)
    network, begun = None, time.monotonic()
    try:
        network = Network(folder, n, ballots, seed, hold, pause)
        names = names(network.rng)
        network.run(names)
    except Exception as e:   # whatever it was, the test failed; say what is known
        traceback.print_exc(file=sys.stdout)
        print(f"[  FAILED  ] {sentence}: {e}\nfolder {folder} is kept", flush=True)
        return False
    finally:
        if network is not None:
            network.end()
    if os.environ.get("KEEP"):
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    print(f"nodes={n} faults={len(names)} ballots={network.begun} receipts={network.receipts} "
          f"promises_alone={len(network.promised)} seconds={time.monotonic() - begun:.1f}")
    print(f"[       OK ] {sentence}", flush=True)
    return True

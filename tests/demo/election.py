"""
election.py: drives a whole election with the real programs, for the demo and the end-to-end tests.

Every step runs a program as a person would and stops at the first that fails.  Nothing here knows
cryptography; the plain count is computed from the votes alone, in count.py.
"""
import concurrent.futures
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time

PORTS_OF_A_NODE = 28


class Failure(Exception):
    """A step did not do what it should; the message says which."""


# What names a block of ports as ours, for as long as this process lives.
HELD = []


def hold(base):
    """False when another election on this machine has the block."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        s.bind(f"\0kalpis-ports-{base}")
    except OSError:
        s.close()
        return False
    HELD.append(s)
    return True


def is_free(base):
    sockets = []
    try:
        for port in range(base, base + PORTS_OF_A_NODE):
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sockets.append(s)
            s.bind(("127.0.0.1", port))
    except OSError:
        return False
    finally:
        for s in sockets:
            s.close()
    return True


def free_base():
    """
    A block of ports on loopback that nobody uses, below those that the system gives to outgoing
    connections (32768 and up) and those of tests/e2e/town.bash (20000 and up).
    """
    rng = random.SystemRandom()
    for _ in range(400):
        base = rng.randrange(10240, 19900, 32)
        if hold(base) and is_free(base):
            return base
    raise Failure("no free block of ports on loopback")


class Election:
    def __init__(self, folder, build, trustees, definition, say=print, quiet=False):
        self.folder = os.path.abspath(folder)
        self.build = os.path.abspath(build)
        self.n = trustees
        self.definition = definition
        self.say = (lambda *a: None) if quiet else say
        self.nodes = [None] * trustees
        self.exports = 0
        self.papers = 0
        self.fingerprint = None
        self.log = None
        for sub in ("", "keys", "nodes", "papers", "logs", "receipts", "slips", "spool"):
            os.makedirs(self.path(sub), exist_ok=True)
        self.log = open(self.path("logs", "commands.log"), "a", encoding="utf-8")
        with open(self.path("keys", "passphrase"), "w", encoding="utf-8") as f:
            f.write("a passphrase of the demo only\n")
        os.chmod(self.path("keys", "passphrase"), 0o600)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def program(self, name):
        return os.path.join(self.build, name)

    def run(self, *command, ok=(0,), stdin=None, timeout=120):
        """Run one program to its end."""
        command = [str(c) for c in command]
        start = time.monotonic()
        p = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout,
                           check=False)
        self.log.write(f"$ {' '.join(command)}\n{p.stdout}{p.stderr}"
                       f"[{p.returncode}] {time.monotonic() - start:.2f} s\n")
        self.log.flush()
        if p.returncode not in ok:
            raise Failure(f"{os.path.basename(command[0])} {command[1]} ended with "
                          f"{p.returncode}:\n{p.stdout}{p.stderr}")
        return p

    def together(self, work, items):
        """Do work(item) for each, two at a time; the order of results is that of items."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(work, items))

    # --- keys, manifest, block 0 ---------------------------------------------------------------

    def secret(self):
        return ["--passphrase-file", self.path("keys", "passphrase")]

    def take_ports(self):
        self.bases = [free_base() for _ in range(self.n)]

    def address(self, i):
        """Where others find this node."""
        return f"127.0.0.1:{self.bases[i]}"

    def make_trustee(self, i):
        self.run(self.program("tally-server"), "keygen", "--out", self.path("nodes", str(i)),
                 *self.secret())
        self.run(self.program("tally-trustee"), "keygen", "--key", self.path("keys", f"t{i}.key"),
                 *self.secret())
        self.run(self.program("tally-trustee"), "card", "--key", self.path("keys", f"t{i}.key"),
                 *self.secret(), "--node", self.path("nodes", str(i), "node.pub"),
                 "--name", f"Trustee {i + 1}", "--address", self.address(i),
                 "--out", self.path("keys", f"t{i}.card"))

    def make_official(self, role):
        self.run(self.program("tally-officer"), "keygen", "--role", role,
                 "--name", role.capitalize(), "--key", self.path("keys", f"{role}.key"),
                 *self.secret(), "--out", self.path("keys", f"{role}.card"))

    def make_keys(self):
        self.take_ports()
        self.together(lambda job: job(), [lambda i=i: self.make_trustee(i) for i in range(self.n)] +
                      [lambda r=r: self.make_official(r) for r in ("registrar", "officer")] +
                      [self.make_kiosk])

    def make_kiosk(self):
        self.run(self.program("voter-client"), "keygen", "--out", self.path("kiosk"),
                 *self.secret())

    def define(self):
        d = dict(self.definition)
        d["trustees"] = [f"t{i}.card" for i in range(self.n)]
        d["registrar"] = "registrar.card"
        d["officer"] = "officer.card"
        with open(self.path("keys", "definition.json"), "w", encoding="utf-8") as f:
            json.dump(d, f, ensure_ascii=False, indent=1)
        p = self.run(self.program("tally-officer"), "define", self.path("keys", "definition.json"),
                     "--out", self.path("manifest.json"))
        for line in p.stdout.splitlines():
            if line.startswith("fingerprint="):
                self.fingerprint = line.split("=", 1)[1]
        if self.fingerprint is None:
            raise Failure("define printed no fingerprint")
        with open(self.path("fingerprint"), "w", encoding="utf-8") as f:
            f.write(self.fingerprint + "\n")

    def sign_genesis(self, i):
        out = self.path("papers", f"genesis-{i}.sig")
        self.run(self.program("tally-trustee"), "sign-genesis", "--key",
                 self.path("keys", f"t{i}.key"), *self.secret(), "--manifest",
                 self.path("manifest.json"), "--fingerprint", self.fingerprint, "--out", out,
                 "--yes")
        return out

    def constitute(self):
        sigs = self.together(self.sign_genesis, range(self.n))
        self.run(self.program("tally-officer"), "genesis", "--manifest",
                 self.path("manifest.json"), "--out", self.path("genesis.kalpis"), *sigs)

    # --- nodes ---------------------------------------------------------------------------------

    def config(self, i):
        return self.path("nodes", str(i), "node.ini")

    def write_config(self, i):
        with open(self.config(i), "w", encoding="utf-8") as f:
            f.write("[node]\nkey = node.key\npassphrase_file = ../../keys/passphrase\n"
                    "genesis = ../../genesis.kalpis\ndata = data\n\n"
                    "[net]\nbind = 127.0.0.1\n")

    def inside(self, i):
        """What a node's command begins with."""
        return []

    def start_node(self, i, env=None):
        log = open(self.path("logs", f"node-{i}.log"), "a", encoding="utf-8")
        self.nodes[i] = subprocess.Popen(
            [*self.inside(i), self.program("tally-server"), "--config", self.config(i)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(env or {})})
        log.close()
        return self.nodes[i].pid

    def start_nodes(self):
        for i in range(self.n):
            self.write_config(i)
            self.start_node(i)
        for i in range(self.n):
            self.wait_node(i)

    def status(self, i):
        """What a node says of itself, or None."""
        p = self.run(self.program("tally-server"), "status", "--config", self.config(i), "--json",
                     ok=range(0, 256), timeout=30)
        if p.returncode != 0:
            return None
        return json.loads(p.stdout)

    def wait_node(self, i, seconds=40):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.nodes[i].poll() is not None:
                raise Failure(f"node {i} ended with {self.nodes[i].returncode}: see "
                              f"{self.path('logs', f'node-{i}.log')}")
            if self.status(i) is not None:
                return
            time.sleep(0.2)
        raise Failure(f"node {i} does not answer within {seconds} s")

    def kill_node(self, i, how=signal.SIGKILL):
        self.nodes[i].send_signal(how)
        self.nodes[i].wait(20)
        self.nodes[i] = None

    def live_nodes(self):
        return [i for i in range(self.n) if self.nodes[i] is not None]

    def stop_nodes(self):
        for p in self.nodes:
            if p is not None and p.poll() is None:
                p.terminate()
        for p in self.nodes:
            if p is not None:
                try:
                    p.wait(20)
                except subprocess.TimeoutExpired:
                    p.kill()
                    p.wait(20)
        self.nodes = [None] * self.n

    def heads_agree(self, seconds=40):
        """All running nodes stand on one head: wait for it, and return it."""
        deadline = time.monotonic() + seconds
        heads = {}
        while time.monotonic() < deadline:
            heads = {i: self.status(i) for i in self.live_nodes()}
            if all(heads.values()) and len({(h["height"], h["head"]) for h in heads.values()}) == 1:
                return next(iter(heads.values()))
            time.sleep(0.3)
        raise Failure(f"the nodes do not come to one head: {heads}")

    def leader(self):
        """Who leads the present view: consensus.md, "leader"."""
        view = self.status(self.live_nodes()[0])["view"]
        return (view - 1 + int(self.fingerprint[:8], 16)) % self.n

    # --- papers --------------------------------------------------------------------------------

    def archive(self, node=None):
        """A fresh export of the chain so far."""
        node = self.live_nodes()[0] if node is None else node
        self.exports += 1
        out = self.path("papers", f"chain-{self.exports:03}.kalpis")
        self.run(self.program("tally-server"), "export", "--config", self.config(node), "--out", out)
        return out

    def submit(self, *files, node=None, ok=(0,)):
        """Submit and wait until the transactions are final."""
        node = self.live_nodes()[0] if node is None else node
        return self.run(self.program("tally-server"), "submit", "--config", self.config(node),
                        "--wait", "60", *files, ok=ok)

    def paper(self, name):
        self.papers += 1
        return self.path("papers", f"{self.papers:03}-{name}")

    def trustee(self, i, command, archive, out, *more, ok=(0,)):
        return self.run(self.program("tally-trustee"), command, *more, "--key",
                        self.path("keys", f"t{i}.key"), *self.secret(), "--archive", archive,
                        "--out", out, "--yes", ok=ok)

    def phase(self, what, by):
        """Propose, approve, combine, submit."""
        archive = self.archive()
        proposal = self.paper(f"{what}.proposal")
        officer = [self.program("tally-officer"), "propose", "--archive", archive,
                   "--fingerprint", self.fingerprint]
        self.run(*officer, "--out", proposal, what)

        def approve(i):
            out = f"{proposal}.{i}"
            self.trustee(i, "approve", archive, out, proposal)
            return out
        approvals = self.together(approve, by)
        tx = self.paper(f"{what}.tx")
        self.run(*officer, "--combine", proposal, "--out", tx, *approvals)
        self.submit(tx)

    # --- the steps of an election --------------------------------------------------------------

    def ceremony_step(self, name, by, everyone, sabotage=None):
        archive = self.archive()

        def act(i):
            out = self.path("papers", f"{name}-{i}.tx")
            self.trustee(i, "ceremony", archive, out)
            if sabotage is not None:
                sabotage(name, i, out, archive)
            return out
        self.submit(*self.together(act, by))
        if set(by) != set(everyone):
            self.phase("advance", by)

    def ceremony(self, by=None, sabotage=None):
        """by(step) names who acts; the silent are left behind by `advance`."""
        active = list(range(self.n))
        for name in ("commit", "deal", "complain", "confirm"):
            acting = [i for i in active if by is None or by(name, i)]
            self.ceremony_step(name, acting, active, sabotage)
            active = [i for i in active if i not in self.excluded()]
        return active

    def excluded(self):
        """Indices that the chain has excluded, as tally-trustee inspect says."""
        p = self.run(self.program("tally-trustee"), "inspect", "--fingerprint", self.fingerprint,
                     self.archive())
        return {int(line.split()[1]) - 1 for line in p.stdout.splitlines()
                if line.startswith("trustee") and ", excluded" in line}

    def enrol(self, voters):
        """voters: (style, weight) each; returns the typed codes, in that order."""
        with open(self.path("keys", "voters"), "w", encoding="utf-8") as f:
            for number, (style, weight) in enumerate(voters):
                f.write(f"{style} {weight} {number + 1}\n")
        self.run(self.program("tally-officer"), "enrol", "--key",
                 self.path("keys", "registrar.key"), *self.secret(), "--archive", self.archive(),
                 "--fingerprint", self.fingerprint, "--voters", self.path("keys", "voters"),
                 "--out", self.path("enrolment"))
        rolls = sorted(f for f in os.listdir(self.path("enrolment")) if f.endswith(".tx"))
        device = self.paper("device.tx")
        self.run(self.program("tally-officer"), "device", "--key",
                 self.path("keys", "officer.key"), *self.secret(), "--archive", self.archive(),
                 "--fingerprint", self.fingerprint, "--kiosk", 0, "--keys",
                 self.path("kiosk", "kiosk.pub"), "--label", "Hall, left", "--out", device)
        self.submit(*[self.path("enrolment", r) for r in rolls], device)
        os.rename(self.path("enrolment", "cards"), self.path("cards"))
        codes = []
        for card in sorted(os.listdir(self.path("cards"))):
            with open(self.path("cards", card), encoding="utf-8") as f:
                codes += [line.strip() for line in f if line.startswith("    ")]
        if len(codes) != len(voters):
            raise Failure(f"{len(codes)} cards for {len(voters)} voters")
        return codes

    def decrypt(self, by):
        archive = self.archive()

        def share(i):
            out = self.path("papers", f"share-{i}.tx")
            self.trustee(i, "decrypt", archive, out)
            return out
        self.submit(*self.together(share, by))

    def final_archive(self):
        out = self.path("election.kalpis")
        self.run(self.program("tally-server"), "export", "--config",
                 self.config(self.live_nodes()[0]), "--out", out)
        return out

    def verify(self, archive, ok=(0,)):
        """The observer's verdict as JSON."""
        p = self.run(self.program("voter-observer"), "verify", archive, "--fingerprint",
                     self.fingerprint, "--json", ok=ok)
        return json.loads(p.stdout)


def show(text):
    print(text)
    sys.stdout.flush()

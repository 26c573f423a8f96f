"""
kiosk.py: types at the real voter-client --plain, as docs/kiosk-plain.md describes it, for any
number of voters one after the other.
"""
import os
import queue
import re
import signal
import subprocess
import threading
import time

from election import Failure

CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}\b")


class Kiosk:
    def __init__(self, election, start=True):
        self.e = election
        self.config = election.path("kiosk", "kiosk.ini")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("[kiosk]\nnumber = 0\nmanifest = ../manifest.json\n"
                    f"fingerprint = {election.fingerprint}\nkey = kiosk.key\n"
                    "passphrase_file = ../keys/passphrase\nspool = ../spool\n"
                    "receipts = ../receipts\nslips = ../slips\n")
        self.p = None
        if start:
            self.start()

    def start(self):
        log = open(self.e.path("logs", "kiosk.log"), "a", encoding="utf-8")
        self.p = subprocess.Popen([self.e.program("voter-client"), "--config", self.config,
                                   "--plain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=log, text=True, bufsize=1)
        log.close()
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.p.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def type(self, *lines):
        for line in lines:
            self.p.stdin.write(line + "\n")
        self.p.stdin.flush()

    def facts(self, until, seconds=90):
        """The key=value lines up to one of `until`; the screens between are for people."""
        found = {}
        seen = []
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise Failure("the kiosk does not go on:\n" + "\n".join(seen[-30:]))
            seen.append(line)
            m = re.fullmatch(r"([a-z-]+)=(.*)", line)
            if m:
                found[m[1]] = m[2]
                if f"{m[1]}={m[2]}" in until or m[1] in until:
                    return found

    @staticmethod
    def answer(contest, vote):
        if vote.get("blank"):
            return "blank"
        words = []
        for i, o in enumerate(contest["options"]):
            points = vote.get(o["id"], 0)
            if points:
                words.append(f"{i + 1}={points}" if contest["type"] == "score" else str(i + 1))
        return " ".join(words) if words else "none"

    def fill(self, code, contests, votes, old_slip):
        self.type(code, "yes")
        if old_slip:
            self.type(old_slip)
        for c in contests:
            self.type(self.answer(c, votes[c["id"]]), "next")
        self.type("lock")

    def slip_secret(self, facts):
        path = facts.get("slip-secret")
        if path is None:
            return None
        with open(path, encoding="utf-8") as f:
            m = CODE.search(f.read())
        if m is None:
            raise Failure(f"no code in {path}")
        return m[0]

    def begin_cast(self, code, contests, votes, old_slip=None):
        """Lock, and say cast: the ballot is on its way when this returns."""
        self.fill(code, contests, votes, old_slip)
        facts = self.facts({"tracker"})
        self.type("cast")
        return facts

    def finish_cast(self, facts):
        """Wait for the receipt."""
        facts.update(self.facts({"fate=CAST", "fate=REJECTED", "fate=VOID"}))
        if facts["fate"] != "CAST" or not os.path.exists(facts.get("receipt", "")):
            raise Failure(f"the ballot was not cast: {facts}")
        self.type("done")
        return self.slip_secret(facts)

    def vote(self, code, contests, votes, old_slip=None):
        return self.finish_cast(self.begin_cast(code, contests, votes, old_slip))

    def test(self, code, contests, votes, old_slip=None):
        """Lock a ballot and have it opened; the voter leaves without voting.  The opening."""
        self.fill(code, contests, votes, old_slip)
        self.type("test")
        facts = self.facts({"fate=TESTED"})
        self.type("stop", "yes", "done")
        return facts["opening"]

    def leave(self):
        """No voter will come any more."""
        self.p.stdin.close()
        try:
            self.p.wait(30)
        except subprocess.TimeoutExpired:
            self.p.send_signal(signal.SIGTERM)
            self.p.wait(20)

    def by_person(self):
        subprocess.run([self.e.program("voter-client"), "--config", self.config, "--once"],
                       check=False)

    def close(self):
        """After the close: the tests and the closing go to the chain."""
        self.e.run(self.e.program("voter-client"), "close", "--config", self.config, timeout=180)

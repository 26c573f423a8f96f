#!/usr/bin/env python3
"""
belenios.py: makes tests/vectors/belenios.inc: one small election in each group, every number of it
made by belenios-tool 2.0 (Debian's package), none by us.

    python3 tests/vectors/belenios.py >tests/vectors/belenios.inc

Each has a "Single" trustee, a "Pedersen" item of three trustees of whom two decrypt, and two
questions: 1 or 2 of 3; 1 of 2 or blank.  Three voters; the ballots of the second and the third
(who votes blank) are written down.  Another run makes other numbers: the file is kept, and this
script says how it came about.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

GROUPS = ["BELENIOS-2048", "RFC-3526-2048"]
QUESTIONS = {
    "description": "", "name": "Vectors",
    "questions": [
        {"answers": ["A", "B", "C"], "min": 1, "max": 2, "question": "One or two"},
        {"answers": ["D", "E"], "blank": True, "min": 1, "max": 1, "question": "One or blank"}],
    "administrator": "-", "credential_authority": "-"}
VOTES = [[[1, 0, 0], [0, 0, 1]], [[0, 1, 1], [0, 1, 0]], [[0, 0, 1], [1, 0, 0]]]
KEPT = [1, 2]


def tool(*args, stdin=None):
    env = dict(os.environ, BELENIOS_USE_URANDOM="1")
    return subprocess.run(["belenios-tool", *args], input=stdin, env=env, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def ending(suffix):
    return sorted(p for p in os.listdir(".") if p.endswith(suffix))


def add_event(kind, payload):
    tool("archive", "add-event", "--type=" + kind, stdin=payload)


def setup(group):
    """An election that is open.  Returns its uuid and the names of the Pedersen trustees."""
    uuid = tool("setup", "generate-token").strip()
    on, about = ["--group", group], ["--uuid", uuid]
    tool("setup", "generate-credentials", *about, *on, "--count", str(len(VOTES)))
    os.rename(ending(".pubcreds")[0], "public_creds.json")
    os.rename(ending(".privcreds")[0], "private_creds.txt")
    key = ["setup", "generate-trustee-key-threshold", *on]
    for _ in range(3):
        tool(*key, "--step", "1")
    names = [p[:-len(".cert")] for p in ending(".cert")]
    write("certs.jsons", "".join(read(n + ".cert") for n in names))
    key += ["--certs", "certs.jsons"]
    tool(*key, "--step", "2")
    write("polynomials.jsons", "".join(
        tool(*key, "--key", n + ".key", "--step", "3", "--threshold", "2") for n in names))
    tool(*key, "--step", "4", "--polynomials", "polynomials.jsons")
    out = "".join(tool(*key, "--key", n + ".key", "--step", "5", stdin=read(n + ".vinput"))
                  for n in names)
    write("threshold.json", tool(*key, "--step", "6", "--polynomials", "polynomials.jsons",
                                 stdin=out))
    tool("setup", "generate-trustee-key", *on)
    write("public_keys.jsons", read(ending(".pubkey")[0]))
    tool("setup", "make-trustees")
    write("questions.json", json.dumps(QUESTIONS))
    tool("setup", "make-election", *about, *on, "--template", "questions.json")
    return uuid, names


def run(group):
    uuid, names = setup(group)
    e = {"uuid": uuid, "election": read("election.json"), "seed": read(names[0] + ".key").strip(),
         "private_key": json.loads(read(ending(".privkey")[0]))}
    e["trustees"] = json.loads(read("trustees.json"))
    e["codes"] = [line.split()[1] for line in read("private_creds.txt").splitlines()]
    tool("archive", "init")
    for name in ("election.json", "trustees.json", "public_creds.json"):
        os.remove(name)
    e["ballots"] = []
    for code, vote in zip(e["codes"], VOTES):
        write("code", code)
        write("vote", json.dumps(vote))
        e["ballots"].append(tool("election", "generate-ballot", "--privcred", "code", "--ballot",
                                 "vote").strip())
        add_event("Ballot", e["ballots"][-1])
    add_event("EndBallots", "")
    e["tally"] = tool("election", "compute-encrypted-tally")
    add_event("EncryptedTally", e["tally"])
    e["parts"] = [tool("election", "decrypt", "--privkey", ending(".privkey")[0],
                       "--trustee-id", "1")]
    for i, n in enumerate(names):
        e["parts"].append(tool("election", "decrypt-threshold", "--key", n + ".key",
                               "--decryption-key", n + ".dkey", "--trustee-id", str(i + 2)))
    for part in e["parts"]:
        add_event("PartialDecryption", part)
    e["result"] = json.loads(tool("election", "compute-result"))["result"]
    e["encrypted_tally"] = encrypted_tally()
    return e


def encrypted_tally():
    """The data of the archive that is an array of arrays of ciphertexts."""
    bel = ending(".bel")[0]
    for name in subprocess.run(["tar", "-tf", bel], check=True, stdout=subprocess.PIPE,
                               text=True).stdout.split():
        data = json.loads(subprocess.run(["tar", "-xOf", bel, name], check=True,
                                         stdout=subprocess.PIPE, text=True).stdout)
        if isinstance(data, list) and data and isinstance(data[0], list) \
                and isinstance(data[0][0], dict):
            return data
    sys.exit("no encrypted tally in the archive")


def hjson(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def string(text, indent):
    """A C string, cut to the measure."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    parts, step = [], 80
    while text:
        end = step
        while text[:end].endswith("\\") and end < len(text):
            end += 1
        parts.append('"%s"' % text[:end])
        text = text[end:]
    return ("\n" + "\t" * indent).join(parts) if parts else '""'


def value(v, indent):
    """A C initializer of strings, numbers, lists and (name, value) pairs."""
    tab = "\t" * indent
    if isinstance(v, str):
        return string(v, indent)
    if isinstance(v, int):
        return str(v)
    if isinstance(v, dict):
        lines = [".%s = %s" % (k, value(x, indent + 1)) for k, x in v.items()]
    else:
        lines = [value(x, indent + 1) for x in v]
    return "{\n" + ",\n".join("\t" * (indent + 1) + x for x in lines) + "\n" + tab + "}"


def proof(p):
    return [p["challenge"], p["response"]]


def pair(c):
    return [c["alpha"], c["beta"]]


def ballot(e, i):
    b = json.loads(e["ballots"][i])
    bare = {k: v for k, v in b.items() if k != "signature"}
    if hjson(json.dumps(bare, separators=(",", ":"), ensure_ascii=False)) != b["signature"]["hash"]:
        sys.exit("the hash of a ballot is not what the specification says")
    first, second = b["answers"]
    return {
        "code": e["codes"][i], "credential": b["credential"], "hash": b["signature"]["hash"],
        "signature": proof(b["signature"]["proof"]),
        "first": {"choices": [pair(c) for c in first["choices"]],
                  "individual": [[proof(p) for p in x] for x in first["individual_proofs"]],
                  "overall": [proof(p) for p in first["overall_proof"]]},
        "second": {"choices": [pair(c) for c in second["choices"]],
                   "individual": [[proof(p) for p in x] for x in second["individual_proofs"]],
                   "overall": [proof(p) for p in second["overall_proof"]],
                   "blank": [proof(p) for p in second["blank_proof"]]}}


def signed(m, fields):
    inner = json.loads(m["message"])
    return {"message": m["message"], "signature": proof(m["signature"]),
            "elements": [x for f in fields for x in
                         ([inner[f]] if isinstance(inner[f], str) else inner[f])]}


def key(k):
    return {"key": k["public_key"], "pok": proof(k["pok"])}


def vector(group):
    e = run(group)
    kinds = {kind: body for kind, body in e["trustees"]}
    pedersen = kinds["Pedersen"]
    parts = [json.loads(p.splitlines()[0]) for p in e["parts"]]
    flat = [c for q in e["encrypted_tally"] for c in q]
    return {
        "group": group, "uuid": e["uuid"], "fingerprint": hjson(e["election"].strip()),
        "y": json.loads(e["election"])["public_key"],
        "single": key(kinds["Single"]), "single_secret": e["private_key"],
        "seed": e["seed"],
        "certs": [signed(c, ["verification", "encryption"]) for c in pedersen["certs"]],
        "coefexps": [signed(c, ["coefexps"]) for c in pedersen["coefexps"]],
        "keys": [key(k) for k in pedersen["verification_keys"]],
        "ballots": [ballot(e, i) for i in KEPT],
        "tally": [pair(c) for c in flat],
        "parts": [{"factors": [f for q in p["decryption_factors"] for f in q],
                   "proofs": [proof(x) for q in p["decryption_proofs"] for x in q]}
                  for p in parts],
        "result": [r for q in e["result"] for r in q]}


def wrap(v):
    """bel_proof and bel_pair hold an array: one brace more."""
    if isinstance(v, dict):
        return {k: wrap(x) for k, x in v.items()}
    if isinstance(v, list) and len(v) == 2 and all(isinstance(x, str) and x.isdigit() for x in v):
        return [list(v)]
    return [wrap(x) for x in v] if isinstance(v, list) else v


def plain(v):
    """The elements of a message are an array alone."""
    for m in v["certs"] + v["coefexps"]:
        m["elements"] = m["elements"][0]
    return v


def main():
    if not tool("--version").startswith("2.0"):
        sys.exit("belenios.py: this is not belenios-tool 2.0")
    vectors = []
    for group in GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            vectors.append(plain(wrap(vector(group))))
            os.chdir("/")
    print("/* Made by tests/vectors/belenios.py: what stands in bel_vectors. */")
    print(",\n".join(value(v, 0) for v in vectors))


if __name__ == "__main__":
    main()

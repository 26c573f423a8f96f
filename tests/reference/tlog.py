"""
tlog.py: reads what `tally-server export --tlog` and `voter-observer receipt --tlog-proof` write, as
somebody would who knows RFC 6962 and C2SP's tlog formats and nothing of elections, but for the keys
of the nodes, which it takes from the manifest.

    python3 tests/reference/tlog.py manifest.json FOLDER PROOF

Exit 0 only if every tile, the note and the proof hold.
"""
import base64
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from verify import ed25519   # noqa: E402


def sha(data):
    return hashlib.sha256(data).digest()


def root(hashes):
    """RFC 6962 2.1 over leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b"\x01" + root(hashes[:k]) + root(hashes[k:]))


def from_path(leaf, index, size, path):
    """RFC 9162 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn != 0, "the path is too long"
        if fn & 1 or fn == sn:
            r = sha(b"\x01" + p + r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b"\x01" + r + p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "the path is too short"
    return r


def read_note(text, keys):
    """(origin, size, root, how many of the keys signed)."""
    body, lines = text.split("\n\n")
    origin, size, top = body.split("\n")
    assert size == str(int(size)) and lines.endswith("\n")
    signed = set()
    for line in lines[:-1].split("\n"):
        dash, name, sig = line.split(" ")
        sig = base64.b64decode(sig, validate=True)
        assert dash == "\u2014" and len(sig) == 76
        for node, key in enumerate(keys):
            if sha(name.encode() + b"\n\x04" + key)[:4] != sig[:4]:
                continue
            when = int.from_bytes(sig[4:12], "big")
            message = f"cosignature/v1\ntime {when}\n{body}\n".encode()
            assert ed25519.holds(key, sig[12:], message), f"node {node}: the signature is false"
            signed.add(node)
    return origin, int(size), base64.b64decode(top, validate=True), len(signed)


def tile(folder, level, index, width):
    name = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        name = f"x{index % 1000:03}/" + name
    if width < 256:
        name += f".p/{width}"
    with open(os.path.join(folder, "tile", str(level), name), "rb") as f:
        return f.read()


def read_level(folder, level, count):
    data = b"".join(tile(folder, level, at // 256, min(256, count - at))
                    for at in range(0, count, 256))
    assert len(data) == 32 * count
    return [data[i:i + 32] for i in range(0, len(data), 32)]


def read_entries(folder, count):
    entries = []
    for at in range(0, count, 256):
        data = tile(folder, "entries", at // 256, min(256, count - at))
        while data:
            n = int.from_bytes(data[:2], "big")
            entries.append(data[2:2 + n])
            data = data[2 + n:]
    assert len(entries) == count
    return entries


def check_tiles(folder, size, top):
    leaves = read_level(folder, 0, size)
    assert root(leaves) == top, "the tiles have another root"
    assert leaves == [sha(b"\0" + e) for e in read_entries(folder, size)], "entries differ"
    level, below = 1, leaves
    while len(below) >= 256:
        above = read_level(folder, level, len(below) // 256)
        assert above == [root(below[i * 256:i * 256 + 256]) for i in range(len(above))]
        level, below = level + 1, above
    return leaves


def check_proof(text, keys, leaves):
    head, note = text.split("\n\n", 1)
    kind, index, *path = head.split("\n")
    assert kind == "c2sp.org/tlog-proof@v1" and index.startswith("index ")
    index = int(index[6:])
    _, size, top, signed = read_note(note, keys)
    path = [base64.b64decode(p, validate=True) for p in path]
    assert from_path(leaves[index], index, size, path) == top, "the path leads elsewhere"
    return index, signed


def main(manifest, folder, proof):
    with open(manifest, encoding="utf-8") as f:
        keys = [bytes.fromhex(t["checkpoint_key"]) for t in json.load(f)["trustees"]]
    with open(os.path.join(folder, "checkpoint"), encoding="utf-8") as f:
        origin, size, top, signed = read_note(f.read(), keys)
    assert signed > 0, "nobody known to us signed the checkpoint"
    leaves = check_tiles(folder, size, top)
    with open(proof, encoding="utf-8") as f:
        index, vouched = check_proof(f.read(), keys, leaves)
    print(f"origin={origin}\nsize={size}\nsigned={signed}\nindex={index}\nproof_signed={vouched}")


if __name__ == "__main__":
    main(*sys.argv[1:])

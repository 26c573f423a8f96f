#!/usr/bin/env python3
"""
mutants.py: does the simulator find bugs?  (docs/consensus.md §6)

Each mutant takes a rule of docs/consensus.md away from the production core.  It is compiled over
the real objects and must break a run within the given number of seeds.  `make sim-mutants`.
"""
import argparse
import pathlib
import shlex
import subprocess
import sys

C = "tally-server/consensus/"
NO_ASSERT = (C + "votes.c", "#include <assert.h>", "#define assert(x) ((void)0)")

# name, [(file, old, new)...]; every old stands exactly once.
MUTANTS = [
    ("finalize-after-nullify", [NO_ASSERT, (C + "votes.c",
        "		    slot_own(s, VOTE_NULLIFY)->state != OWN_NONE ||\n"
        "		    slot_own(s, VOTE_FINALIZE)->state != OWN_NONE)\n			continue;",
        "		    slot_own(s, VOTE_FINALIZE)->state != OWN_NONE)\n			continue;")]),
    ("finalize-without-own-notarize", [NO_ASSERT, (C + "votes.c",
        "		if (own->state == OWN_NONE || !ids_equal(own->block, s->n.block) ||\n",
        "		if (")]),
    ("gap-not-checked", [(C + "propose.c",
        "		if (u_of(c, v) != NULL)\n			continue;\n		*missing_view = v;",
        "		if (v > 0)\n			continue;\n		*missing_view = v;")]),
    ("base-not-checked", [(C + "propose.c",
        "	if (h->parent_view > c->final_view && !n_is_held(", "	if (0 && !n_is_held(")]),
    ("quorum-of-2f-plus-1", [("common/ledger/certificate.c",
        "	return n - committee_faults(n);", "	return 2 * committee_faults(n) + 1;")]),
    ("own-votes-forgotten", [(C + "recover.c",
        "	if (v->signer != c->cfg.self)\n		return ST_ROLE;\n	if (v->view <=",
        "	if (v->signer < LIMIT_TRUSTEES)\n		return ST_OK;\n	if (v->view <=")]),
    ("own-votes-not-counted-again", [(C + "recover.c",
        "	votes_store(c, s, v);\n	return c->evidence_count",
        "	return c->evidence_count")]),
    ("certificates-not-verified", [(C + "certify.c",
        "	st = certificate_check_with(&*cert, &c->cfg.committee, c->cfg.verify);"
        .replace("&*cert", "cert"), "	st = ST_OK;")]),
    ("votes-not-verified", [(C + "votes.c",
        "	if (!peers_may_verify(c, from, 1))\n		return ST_AGAIN;\n"
        "	if ((st = vote_check_with(v, &c->cfg.committee, c->cfg.verify)) != ST_OK) {",
        "	st = ST_OK;\n	if (st != ST_OK) {")]),
    ("certificates-not-recorded", [(C + "certify.c", "	out_certificate(c, cert);", "")]),
    ("blocks-not-recorded", [(C + "notarize.c", "	out_block(c, id);", "")]),
    ("own-block-made-anew-after-a-crash", [(C + "recover.c",
        "	memset(b, 0, sizeof(*b));\n	b->known = true;", "	memset(b, 0, sizeof(*b));")]),
    ("no-execution", [(C + "notarize.c",
        "		b->verdict = c->cfg.app.check(c->cfg.app.ctx, &why, &b->header, b->id, certified);",
        "		b->verdict = CONSENSUS_VALID;")]),
    ("guard-off", [(C + "step.c", "	c->guarded = cfg->amnesia;", "	c->guarded = false;")]),
    ("guard-asks-one-peer", [(C + "recover.c",
        "	if (count < (com->q < com->n ? com->q : com->n - 1))", "	if (count < 1)")]),
    ("nothing-said-again", [(C + "views.c",
        "	out_votes(c, CONSENSUS_ALL, c->cur, c->cur);\n"
        "	out_certs(c, CONSENSUS_ALL, c->cur - 1, c->cur - 1, true);\n", ""),
        (C + "sync.c",
        "		out_certs(c, CONSENSUS_ALL, c->standstill_view, last, true);\n"
        "		out_votes(c, CONSENSUS_ALL, c->standstill_view, last);\n", "")]),
    ("no-status", [(C + "sync.c", "		(void)out_message(c, WIRE_STATUS, CONSENSUS_ALL);",
        "")]),
    ("no-sync", [(C + "sync.c",
        "	m = to != CONSENSUS_ALL ? out_message(c, WIRE_SYNC_REQ, to) : NULL;",
        "	m = NULL;")]),
    ("no-fetch", [(C + "notarize.c",
        "	m = to != CONSENSUS_ALL ? out_message(c, WIRE_BLOCK_REQ, to) : NULL;",
        "	m = NULL;")]),
    ("timers-never-back-off", [(C + "views.c", "skipped--)\n		ms = ms * 3 / 2;",
        "skipped--)\n		ms = ms * 1 / 2;")]),
    ("idle-chain-grows-for-ever", [(C + "views.c",
        "	while (b != NULL && b->header.n_items == 0 && ms < c->cfg.view_max_ms) {",
        "	while (b != NULL && b->header.n_items == 0 && ms < 1) {")]),
    ("sync-chunk-not-certified", [(C + "sync.c",
        "	return certificate_check_with(&in->cert, &c->cfg.committee, c->cfg.verify);\n}",
        "	return ST_OK;\n}")]),
]


def build(args, name, edits, out):
    """The mutant's own objects, in front of the archives that hold the real ones."""
    objects = []
    texts = {}
    for path, old, new in edits:
        text = texts.get(path) or pathlib.Path(path).read_text()
        if text.count(old) != 1:
            sys.exit(f"{name}: {path} holds {text.count(old)} times: {old!r}")
        texts[path] = text.replace(old, new)
    for path, text in texts.items():
        source = out / path.replace("/", "_")
        source.write_text(text)
        objects.append(str(source.with_suffix(".o")))
        subprocess.run([args.cc, *shlex.split(args.cflags), "-w", "-c", "-o", objects[-1],
                        str(source)], check=True)
    program = str(out / "sim")
    subprocess.run([args.cc, *shlex.split(args.ldflags), "-o", program, args.main, *objects,
                    *shlex.split(args.ar), *shlex.split(args.libs)], check=True)
    return program


def main():
    parser = argparse.ArgumentParser()
    for name in ("cc", "cflags", "ldflags", "main", "ar", "libs", "build"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--seeds", default="20000")
    parser.add_argument("--only")
    args = parser.parse_args()
    survived = 0
    for name, edits in MUTANTS:
        if args.only and args.only != name:
            continue
        out = pathlib.Path(args.build) / "mutants" / name
        out.mkdir(parents=True, exist_ok=True)
        program = build(args, name, edits, out)
        run = subprocess.run([program, "-n", args.seeds, "-x"], capture_output=True, text=True)
        lines = [x for x in run.stdout.splitlines() if x.startswith("seed=")]
        if run.returncode == 0:
            survived += 1
            print(f"[  FAILED  ] {name}: not found in {args.seeds} seeds", flush=True)
        else:
            why = lines[0].split(" height=")[0] if lines else run.stderr.strip()[:100]
            print(f"[       OK ] {name}: {why}", flush=True)
    return survived != 0


if __name__ == "__main__":
    sys.exit(main())

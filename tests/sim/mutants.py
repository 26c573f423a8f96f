#!/usr/bin/env python3
"""
mutants.py: does the simulator find bugs?  (docs/simulation.md)

Each mutant takes a rule away from the production core or from its logs.  It is compiled over the
real objects and must break a run within the given number of seeds: `make sim-mutants` prints which
seed of how many.  `make sim-ablation` takes away the mechanisms that only repeat or repair, alone
and in pairs, and prints which of them nothing else makes up for.
"""
import argparse
import itertools
import pathlib
import re
import shlex
import subprocess
import sys

C = "tally-server/consensus/"
N = "tally-server/node/"
S = "tally-server/signer/"
NO_ASSERT = (C + "votes.c", "#include <assert.h>", "#define assert(x) ((void)0)")
NO_GUARD = (S + "guard.c",
            "	case VOTE_FINALIZE:\n		if (g->nullified || (g->notarized && !same))\n"
            "			return ST_CONFLICT;\n		return g->notarized ? ST_OK : ST_ORDER;",
            "	case VOTE_FINALIZE:\n		(void)same;\n		return ST_OK;")

# name, [(file, old, new)...]; every old stands exactly once.
MUTANTS = [
    # Safety: the votes.  Two memories stand against these, the core's and the signer's; the first
    # two take the signer's away as well, so that it is the oracle that sees them.
    ("finalize-after-nullify", [NO_ASSERT, NO_GUARD, (C + "votes.c",
        "		    slot_own(s, VOTE_NULLIFY)->state != OWN_NONE ||\n"
        "		    slot_own(s, VOTE_FINALIZE)->state != OWN_NONE)\n			continue;",
        "		    slot_own(s, VOTE_FINALIZE)->state != OWN_NONE)\n			continue;")]),
    ("finalize-without-own-notarize", [NO_ASSERT, NO_GUARD, (C + "votes.c",
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
    ("certificates-not-verified", [(C + "certify.c",
        "	st = certificate_check_with(cert, &c->cfg.committee, c->cfg.verify);",
        "	st = ST_OK;")]),
    ("votes-not-verified", [(C + "votes.c",
        "	if (!peers_may_verify(c, from, 1))\n		return ST_AGAIN;\n"
        "	if ((st = vote_check_with(v, &c->cfg.committee, c->cfg.verify)) != ST_OK) {",
        "	st = ST_OK;\n	if (st != ST_OK) {")]),
    ("a-vote-is-replaced-before-it-is-verified", [(C + "votes.c",
        "	t = slot_tally(s, v->type);\n	if ((t->has >> from & 1) != 0 &&\n",
        "	t = slot_tally(s, v->type);\n	if ((t->has >> from & 1) != 0)\n"
        "		memcpy(slot_tally(s, v->type)->sig[from], v->sig, sizeof(v->sig));\n"
        "	if ((t->has >> from & 1) != 0 &&\n")]),
    ("sync-chunk-not-certified", [(C + "sync.c",
        "	return certificate_check_with(&in->cert, &c->cfg.committee, c->cfg.verify);\n}",
        "	return ST_OK;\n}")]),
    # Safety: blocks.
    ("no-execution", [(C + "notarize.c",
        "		b->verdict = c->cfg.app.check(c->cfg.app.ctx, &why, &b->header, b->id, certified);",
        "		b->verdict = CONSENSUS_VALID;")]),
    ("bodies-not-compared-with-headers", [(C + "peers.c",
        "	enum status st = block_body_check(h, body, body_len);",
        "	enum status st = body_len < 1 || body != NULL ? ST_OK : block_body_check(h, body, 0);")]),
    ("own-block-made-anew-after-a-crash", [(C + "recover.c",
        "	memset(b, 0, sizeof(*b));\n	b->known = true;", "	memset(b, 0, sizeof(*b));")]),
    ("blocks-of-any-time", [(C + "notarize.c",
        "	return time_min <= clock_min + CONSENSUS_EARLY_MIN &&\n"
        "	       clock_min <= time_min + CONSENSUS_LATE_MIN;",
        "	return time_min <= clock_min + CONSENSUS_EARLY_MIN;")]),
    # What must be durable.
    ("certificates-not-recorded", [(C + "certify.c", "	out_certificate(c, cert);", "")]),
    ("blocks-not-recorded", [(C + "notarize.c", "	out_block(c, id);", "")]),
    ("the-signer-does-not-sync", [(S + "signer.c",
        "	if (st == ST_OK)\n		st = wal_sync(s->log);\n	crash_point(\"vote-sync\");",
        "	if (st == ST_OK)\n		st = wal_flush(s->log);\n	crash_point(\"vote-sync\");"),
        (S + "signer.c", '#include "tally-server/signer/guard.h"',
         '#include "tally-server/signer/guard.h"\n#include "tally-server/node/wal_impl.h"')]),
    ("the-log-does-not-sync", [(N + "wal.c", "	if (fdatasync(w->fd) != 0)", "	if (0)")]),
    ("a-renamed-log-is-not-synced", [(N + "wal.c",
        "	return file_sync_folder(w->folder) == ST_OK ? ST_OK : fail(w);", "	return ST_OK;")]),
    ("a-torn-tail-is-kept", [(N + "wal.c",
        "	if (ftruncate(w->fd, (off_t)scan->sound) != 0 || fsync(w->fd) != 0)",
        "	if (scan->size == 0)")]),
    ("damage-is-taken-for-a-torn-tail", [(N + "wal_scan.c",
        "	if (unwritten)\n		out->end = WAL_NEXT_SHORT;",
        "	if (out->end == WAL_NEXT_WRONG)\n		out->end = WAL_NEXT_SHORT;")]),
    ("an-older-copy-is-not-noticed", [(N + "wal.c",
        "	if (scan.instance < openings &&", "	if (0 && scan.instance < openings &&")]),
    ("a-write-that-failed-is-forgiven", [(N + "wal.c",
        "static enum status fail(struct wal *w)\n{\n	w->failed = true;\n	return ST_IO;",
        "static enum status fail(struct wal *w)\n{\n	w->batch_len = 0;\n	return ST_OK;")]),
    ("guard-off", [(C + "step.c", "	c->guarded = cfg->amnesia;", "	c->guarded = false;")]),
    ("guard-asks-one-peer", [(C + "recover.c",
        "	if (count < (com->q < com->n ? com->q : com->n - 1))", "	if (count < 1)")]),
    # Liveness.
    ("own-votes-not-counted-again", [(C + "recover.c",
        "	votes_store(c, s, v);\n	return c->evidence_count",
        "	return c->evidence_count")]),
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
    ("a-block-of-yesterday-is-waited-for", [(C + "votes.c",
        "	return c->expired || (t->has", "	return (c->expired && !b->known) || (t->has")]),
]

# What repeats and repairs.
MECHANISMS = [
    ("resend", [(C + "views.c",
        "	out_votes(c, CONSENSUS_ALL, c->cur, c->cur);\n"
        "	out_certs(c, CONSENSUS_ALL, c->cur - 1, c->cur - 1, true);\n", "")]),
    ("standstill", [(C + "sync.c",
        "		out_certs(c, CONSENSUS_ALL, c->standstill_view, last, true);\n"
        "		out_votes(c, CONSENSUS_ALL, c->standstill_view, last);\n", "")]),
    ("join-f+1", [(C + "votes.c",
        "	       votes_count(t, no_block) > committee_faults(c->cfg.committee.n) ||\n", "")]),
    ("join-leader", [(C + "votes.c",
        "	return c->expired || (t->has >> consensus_leader(c, c->cur) & 1) != 0 ||",
        "	return c->expired ||")]),
    ("announce", [(C + "certify.c",
        "	if (cert->type != VOTE_FINALIZE && c->started && (announce || advances))",
        "	if (0 && announce)")]),
    ("status", [(C + "sync.c", "		(void)out_message(c, WIRE_STATUS, CONSENSUS_ALL);",
        "")]),
    ("answer-old", [(C + "sync.c",
        "	out_certs(c, from, c->cur - 1, c->cur - 1, true);", "")]),
    ("cert-req", [(C + "propose.c",
        "	m = out_message(c, WIRE_CERT_REQ, to);", "	m = NULL;"),
        (C + "notarize.c",
        "	m = to != CONSENSUS_ALL ? out_message(c, WIRE_CERT_REQ, to) : NULL;",
        "	m = NULL;")]),
    ("justification", [(C + "propose.c",
        "	wire_count_set(w, at, 2, count);\n}",
        "	w->pos = at + 2;\n	(void)count;\n	wire_count_set(w, at, 2, 0);\n}")]),
    ("late-notarize", [(C + "notarize.c",
        "	if (s->has_n)\n		return slots_block(c, s->view, s->n.block);\n",
        "	if (s->has_n && s->view < c->cur)\n		return NULL;\n")]),
    ("certificate-records", [(C + "certify.c", "	out_certificate(c, cert);", "")]),
    ("empty-after-8-skipped", [(C + "views.c", "	if (c->cur - c->final_view > SKIPPED_MAX)",
        "	if (0)")]),
]


def build(args, name, edits):
    """The mutant's own objects, in front of the archives that hold the real ones."""
    out = pathlib.Path(args.build) / "mutants" / name
    out.mkdir(parents=True, exist_ok=True)
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


def first_failure(args, program, seeds):
    """(seed, what) of a run that fails, or None."""
    run = subprocess.run([program, "-n", str(seeds), "-j", args.jobs, "-x", "-q"],
                         capture_output=True, text=True)
    if run.returncode == 0:
        return None
    found = re.findall(r"^seed=(\d+) (?:commit=\S+ )?(.*?)(?: healed_ms=.*)?$", run.stdout, re.M)
    return min((int(seed), why) for seed, why in found) if found else (0, run.stderr[:100])


def mutants(args):
    survived = 0
    for name, edits in MUTANTS:
        if args.only and args.only != name:
            continue
        found = first_failure(args, build(args, name, edits), args.seeds)
        if found is None:
            survived += 1
            print(f"[  FAILED  ] {name}: not found in {args.seeds} seeds", flush=True)
        else:
            print(f"[       OK ] {name}: seed {found[0]}: {found[1]}", flush=True)
    return survived != 0


def ablation(args):
    pairs = [(m,) for m in MECHANISMS] + list(itertools.combinations(MECHANISMS, 2))
    stuck = set()
    for parts in pairs:
        name = "+".join(p[0] for p in parts)
        if (args.only and args.only not in name) or any((p[0],) in stuck for p in parts):
            continue
        edits = [e for p in parts for e in p[1]]
        found = first_failure(args, build(args, name, edits), args.ablation_seeds)
        if found is not None:
            stuck.add(tuple(p[0] for p in parts))
            print(f"without {name}: seed {found[0]}: {found[1]}", flush=True)
        else:
            print(f"without {name}: nothing in {args.ablation_seeds} seeds", flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser()
    for name in ("cc", "cflags", "ldflags", "main", "ar", "libs", "build", "jobs"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("--ablation", action="store_true")
    parser.add_argument("--ablation-seeds", type=int, default=1000)
    parser.add_argument("--only")
    args = parser.parse_args()
    return ablation(args) if args.ablation else mutants(args)


if __name__ == "__main__":
    sys.exit(main())

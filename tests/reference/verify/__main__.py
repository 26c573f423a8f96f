"""python3 tests/reference/verify ARCHIVE --fingerprint F"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from verify.audit import CHECKS, Audit     # noqa: E402

SHOWS = {
    "manifest": "the election is defined as the documents allow; each card proves its keys",
    "fingerprint": "it is the election whose fingerprint was given",
    "constitution": "every trustee signed the manifest",
    "blocks": "each block names the one before it and holds the body that it names",
    "ceremony": "the joint key follows from what the trustees sent",
    "roll": "the registrar signed the roll, the officer the kiosks",
    "phases": "enough trustees signed each phase",
    "ballots": "each is signed, proved and new",
    "tests": "each opens to what was selected",
    "closings": "each kiosk signed its figures",
    "reports": "each is signed by who may report; evidence holds",
    "shares": "each is proved to be of these sums",
    "result": "each count is that of its sum",
    "log": "log and state after each block are as its header says",
    "certificates": "a quorum of nodes signed the chain as final",
    "cosignatures": "so many nodes vouch for this end and this result",
    "complete": "the chain has its result and the file its end",
}


def fingerprint(text):
    digits = re.sub(r"\s", "", text)
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise argparse.ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return bytes.fromhex(digits)


def show_checks(audit):
    for number, name in enumerate(CHECKS, 1):
        outcome, text = "ok", SHOWS[name]
        if audit.verdict == "no" and name == audit.check:
            outcome, text = "WRONG", f"{audit.reason} ({audit.where})" if audit.where else audit.reason
        elif name in audit.missing:
            outcome, text = "missing", audit.missing[name]
        elif audit.verdict == "no":
            outcome = "as far as read"
        print(f"{number:2}  {name:<13} {outcome:<14} {audit.counts[name]:6}  {text}")


def show_reports(audit):
    for r in audit.reports():
        what = r.get("kind") or r.get("category") or ""
        words = (r["weight"], r["type"], what, "by", r["by"], *(("of", r["about"]) if "about" in r else ()))
        print("report:", " ".join(filter(None, words)), f"\"{r['text']}\"" if "text" in r else "")


def show_result(audit):
    turnout = audit.turnout()
    print("\nturnout: {live} of {voters}; {replaced} replaced, {tests} tests".format(**turnout))
    if audit.state.counts is None:
        return
    for g in audit.result():
        print(f"\n{g['contest']}, {g['unit']}: {g['ballots']} ballots, weight {g['weight']}")
        if g["withheld"]:
            print("    withheld")
        for line in g["counts"]:
            print(f"    {line['option']:<40} {line['count']:12}")


def main():
    parser = argparse.ArgumentParser(prog="verify", description="Checks a whole election.")
    parser.add_argument("archive")
    parser.add_argument("--fingerprint", type=fingerprint, help="64 digits, from the poster")
    parser.add_argument("--gamma", type=int, default=0, metavar="COUNT",
                        help="so many nodes must vouch for end and result")
    args = parser.parse_args()
    with open(args.archive, "rb") as f:
        audit = Audit(f.read(), args.fingerprint, args.gamma).run()
    show_checks(audit)
    if audit.verdict != "no" and audit.state:
        show_reports(audit)
        show_result(audit)
    print(f"\n{audit.verdict.upper()}" + (f": {audit.check}: {audit.reason}" if audit.reason else ""))
    return {"yes": 0, "no": 1, "cannot tell": 3}[audit.verdict]


if __name__ == "__main__":
    sys.exit(main())

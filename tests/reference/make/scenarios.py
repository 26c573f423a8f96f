"""
Two small elections that between them hold what an election can hold.

town: 3 of 4 trustees, revotes, weights, merged and withheld groups, a test of a second ballot, a
late ballot.  hamlet: 2 of 4, no revotes; one trustee is silent, one deals a bad share and is found
out, the last step of the ceremony is ended by `advance`; the roll comes in two chunks.  deserted:
nobody votes.  uneasy: nobody votes either, but people report each other in every phase.  quarrel:
trustees sign what is false, a node breaks its word, a kiosk contradicts itself.
"""
from verify.hashing import u8, u32
from verify.reports import KIOSK, NODE, OFFICER, REGISTRAR, TRUSTEE
from verify.rules import COMPLAIN, CONFIRM, DEAL, SHARE

from .election import Election


def _named(ident, **more):
    return {"id": ident, "name": {"en": ident.capitalize()}, **more}


def _contest(ident, kind, options, **more):
    return {"id": ident, "title": {"en": ident.capitalize()}, "type": kind,
            "options": [_named(o) for o in options], "blank": False, "min": 0, **more}


_USUAL = {"languages": ["en"], "suite": "ristretto255", "rehearsal": False, "revote": "never",
          "weights_reveal": "refused", "publish_min": 1, "tests_per_kiosk": 1, "dkg_min_minutes": 0,
          "batch_min": 1, "batch_wait_ms": 100}

TOWN = {
    **_USUAL, "title": {"en": "Town"}, "threshold": 3, "revote": "last",
    "weights_reveal": "accepted", "publish_min": 3,
    "units": [_named("harbour", merge_into="town"), _named("town"), _named("island"),
              _named("desert")],
    "contests": [_contest("mayor", "choose", ["ada", "alan"], min=1, max=1, blank=True),
                 _contest("budget", "score", ["parks", "school"], each_max=3, max=4),
                 _contest("quay", "choose", ["stone", "wood"], max=2)],
    "styles": [{"id": "town", "unit": "town", "contests": ["mayor", "budget"]},
               {"id": "harbour", "unit": "harbour", "contests": ["mayor", "quay"]},
               {"id": "island", "unit": "island", "contests": ["mayor"]},
               {"id": "desert", "unit": "desert", "contests": ["mayor"]}],
}

HAMLET = {
    **_USUAL, "title": {"en": "Hamlet"}, "threshold": 2, "dkg_min_minutes": 30,
    "units": [_named("all")],
    "contests": [_contest("well", "choose", ["yes", "no"], max=1)],
    "styles": [{"id": "all", "unit": "all", "contests": ["well"]}],
}


def town(seed):
    e = Election(TOWN, seed)
    every = (1, 2, 3, 4)
    e.commit_and_deal(every)
    e.deal(every)
    e.block(*(e.complain(j) for j in every), views=3)
    e.block(*(e.confirm(i) for i in every))
    e.take_shares()
    people = [("ann", 1, "town"), ("bob", 2, "town"), ("cid", 1, "town"), ("dot", 1, "harbour"),
              ("eva", 3, "island"), ("fay", 1, "town"), ("gil", 1, "desert")]
    e.block(*e.roll(people), e.device(7, b"Booth 7"))
    e.block(e.open((1, 2, 4)))
    locks = e.locks = {}

    def vote(name, selection, **more):
        tx, locks[name] = e.vote(name, selection, locks.get(name), **more)
        return tx

    e.block(vote("ann", [0, 1, 0, 3, 1]), vote("bob", [1, 0, 0, 0, 2]))
    e.block(vote("cid", [0, 0, 1, 2, 2]))
    e.block(vote("dot", [0, 1, 0, 1, 1]), vote("eva", [0, 0, 1]))
    e.first_of_ann = locks["ann"]
    e.block(vote("ann", [0, 0, 1, 1, 0]))
    e.block(e.close((2, 3, 4)))
    again = e.lock(0, [0, 1, 0, 1, 1], locks["cid"]["tracker"])
    e.tested = again
    e.block(e.test(7, "cid", again), e.device(8))
    e.block(e.closing(7, 6, 1, 0))
    e.block(e.closing(8, 0, 0, 0))
    e.block(vote("fay", [0, 1, 0, 0, 0]))                  # waited at the cut
    e.block(e.end((1, 2, 3, 4)))
    for i in (4, 1, 3):
        e.block(e.share(i), views=2 if i == 1 else 1)
    e.block(e.result((1, 3, 4)))
    return e


def hamlet(seed):
    e = Election(HAMLET, seed)
    e.commit_and_deal((1, 2, 3), {2: (3,)})
    e.block(e.advance((1, 3)), minutes=40)                 # 4 was silent and is excluded
    e.deal((1, 2, 3))
    e.block(e.complain(1), e.complain(2), e.complain(3, e.complaint(3, 2)))
    e.take_shares()
    e.block(e.confirm(1), e.confirm(3))                    # ends the step: 2 and 4 are excluded
    e.block(*e.roll([("una", 1, "all"), ("vic", 1, "all"), ("wim", 1, "all")], 2))
    e.block(e.device(0))
    e.block(e.open((1, 3)))
    e.locks = {}
    for name, selection in (("una", [1, 0]), ("vic", [0, 0])):
        tx, e.locks[name] = e.vote(name, selection)
        e.block(tx)
    e.block(e.close((1, 3)))
    e.block(e.end((1, 3)))
    for i in (1, 3):
        e.block(e.share(i))
    e.block(e.result((1, 3)))
    return e


def deserted(seed):
    """Nobody votes: no shares.  One of three is silent at the confirmation, `advance` ends it."""
    e = Election({**HAMLET, "title": {"en": "Deserted"}}, seed, trustees=3)
    e.commit_and_deal((1, 2, 3))
    e.deal((1, 2, 3))
    e.block(*(e.complain(j) for j in (1, 2, 3)))
    e.block(e.confirm(3), e.confirm(2))
    e.block(e.advance((2, 3)), minutes=30)
    e.block(*e.roll([("una", 1, "all")]))
    e.block(e.open((1, 2, 3)))
    e.block(e.close((1, 2)))
    e.block(e.end((1, 2)))
    e.block(e.result((1, 2)))
    return e


def uneasy(seed):
    """Reports in every phase, also after the result."""
    e = Election({**HAMLET, "title": {"en": "Uneasy"}}, seed, trustees=3)
    e.block(e.incident((OFFICER, 0), 4, "The doors opened late.".encode()))
    e.commit_and_deal((1, 2, 3))
    e.deal((1, 2, 3))
    e.block(*(e.complain(j) for j in (1, 2, 3)),
            e.complaint_about((TRUSTEE, 2), (TRUSTEE, 1), "Ne répond pas".encode()))
    e.block(e.confirm(3), e.confirm(2), e.evidence((NODE, 0), e.double_vote(2, 7)))
    e.block(e.advance((2, 3)), minutes=30)
    e.block(*e.roll([("una", 1, "all")]), e.device(7))
    e.block(e.complaint_about((REGISTRAR, 0), (KIOSK, 7), b"It is slow.", bytes(range(32))),
            e.incident((NODE, 1), 1, b"Paper jam", 7))
    e.block(e.open((1, 2, 3)))
    e.block(e.evidence((TRUSTEE, 3), e.unsound_block(9, height=0)),
            e.evidence((TRUSTEE, 3), e.unsound_block(10, body=u32(2) + u8(1) + u8(0))))
    e.block(e.close((1, 2)))
    e.block(e.evidence((NODE, 0), e.double_vote(2, 8)))
    e.block(e.end((1, 2)))
    e.block(e.complaint_about((OFFICER, 0), (NODE, 2), b"It broke its promise."))
    e.block(e.result((1, 2)))
    e.block(e.evidence((OFFICER, 0), e.double_vote(0, 3)),
            e.incident((TRUSTEE, 1), 7, b"It is over."))
    return e


def quarrel(seed):
    """False messages in their own phases and later, two fates, a promise that was not kept."""
    e = Election({**HAMLET, "title": {"en": "Quarrel"}}, seed, trustees=3)
    office = (OFFICER, 0)

    def accuse(data):
        e.block(e.evidence(office, data))

    e.commit_and_deal((1, 2, 3))
    deals = {i: e.trustees[i - 1].deal for i in (1, 2, 3)}
    e.honest_deal = u32(len(deals[1])) + deals[1]
    e.false_deal = e.honest_deal[:-1] + bytes([e.honest_deal[-1] ^ 1])
    accuse(e.false_message(e.spoken(DEAL, 1, e.false_deal)))
    e.deal((1, 2, 3))
    e.true_entry = e.complaint(2, 1)                       # proved, though the share is good
    e.false_entry = e.true_entry[:-32] + bytes(32)
    accuse(e.false_message(e.spoken(COMPLAIN, 2, u32(98) + u8(1) + e.false_entry)))
    e.block(*(e.complain(j) for j in (1, 2, 3)))
    s = e.state
    accuse(e.false_message(e.spoken(CONFIRM, 3, s.step_block.id + bytes(32))))
    e.block(*(e.confirm(i) for i in (1, 2, 3)))
    e.take_shares()
    e.block(*e.roll([(n, 1, "all") for n in ("una", "vic", "wim", "xan")]), e.device(7))
    e.block(e.open((1, 2)))
    e.kept, _ = e.vote("una", [1, 0])
    e.promised, lock = e.vote("vic", [0, 1])
    e.second, _ = e.vote("xan", [0, 1])
    e.copied, _ = e.vote("wim", [0, 1], randomness=[11, 12])
    e.copy, _ = e.vote("xan", [0, 1], randomness=[11, 13])
    e.promise_time = e.minute
    e.block(e.kept, e.copied)
    accuse(e.two_fates(7, e.kiosks[7].public, lock["tracker"], (1, 2)))
    e.block(e.close((1, 2)))
    e.block(e.end((1, 2)), minutes=60)
    e.shares_of = {i: e.share(i) for i in (1, 2, 3)}
    e.false_share = e.shares_of[3][6:-65] + bytes([e.shares_of[3][-65] ^ 1])
    accuse(e.false_message(e.spoken(SHARE, 3, u32(len(e.false_share)) + e.false_share)))
    accuse(e.breach(2, e.promise_time, e.promised))
    e.block(e.shares_of[1])
    e.block(e.shares_of[3])                                # whoever is accused still acts
    e.block(e.result((1, 3)))
    return e

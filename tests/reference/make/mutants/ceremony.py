"""The key ceremony."""
from verify import group
from verify.field import Q
from verify.hashing import h, u32, u8
from verify.rules import ADVANCE, COMMIT, COMPLAIN, CONFIRM, DEAL

from .. import provers
from ..copy import flipped, spliced
from .registry import mutant, mutants


@mutant("town", "ceremony")
def a_commit_signed_by_another_trustee(c):
    tx = c.tx(COMMIT, 0)
    with c.in_ceremony() as e:
        other = e.trustees[tx[1] % 4].sign
        c.put(COMMIT, 0, e.signed(COMMIT, tx[1:-64], other))


@mutant("town", "ceremony")
def a_commit_of_a_trustee_that_is_not_there(c):
    with c.in_ceremony() as e:
        c.put(COMMIT, 0, e.signed(COMMIT, u8(5) + u32(32) + bytes(32), e.trustees[0].sign))


@mutant("town", "ceremony")
def a_trustee_of_number_zero(c):
    with c.in_ceremony() as e:
        c.put(COMMIT, 0, e.signed(COMMIT, u8(0) + u32(32) + bytes(32), e.trustees[3].sign))


@mutant("town", "ceremony")
def a_commit_of_33_bytes(c):
    with c.in_ceremony() as e:
        c.put(COMMIT, 0, e.from_trustee(COMMIT, c.tx(COMMIT)[1], bytes(33)))


@mutant("town", "ceremony")
def two_commits_of_one_trustee(c):
    with c.in_ceremony() as e:
        i = c.tx(COMMIT)[1]
        c.beside(COMMIT, 0, e.from_trustee(COMMIT, i, bytes(32)))


@mutant("town", "ceremony")
def a_deal_that_was_not_committed_to(c):
    c.change(COMMIT, 2, 6, bytes(32))


def _deal(at, new=None):
    """A byte of trustee 2's deal; all that does not depend on knowing e or a_0 is made anew."""
    def change(c):
        tx = c.tx(DEAL, 1)
        message = tx[6:-64]
        message = flipped(message, at) if new is None else spliced(message, at, new)
        commitments = [message[32 * k:32 * k + 32] for k in range(3)]
        with c.in_ceremony() as e:
            for n in range(4):
                if c.tx(COMMIT, n)[1] == 2:
                    c.put(COMMIT, n, e.from_trustee(COMMIT, 2, h(
                        "dkg-commit", *e.who(2), *commitments, message[96:160])))
            c.put(DEAL, 1, e.from_trustee(DEAL, 2, message))
    return change


mutants("town", "ceremony", {
    "a_coefficient_that_is_no_element": _deal(64, b"\xff" * 32),
    "a_coefficient_that_is_the_identity": _deal(64, bytes(32)),
    "another_coefficient": _deal(64, provers.times(5)),
    "a_false_proof_of_the_first_coefficient": _deal(130),
    "a_scalar_above_the_order": _deal(128, group.scalar_bytes(Q)),
    "another_box": _deal(160 + 128 + 33),
    "a_false_proof_of_a_parcel": _deal(160 + 128 + 100),
})


@mutant("town", "ceremony")
def a_parcel_copied_from_another_dealer(c):
    _deal(160, c.tx(DEAL, 0)[6 + 160:6 + 288])(c)


@mutant("town", "ceremony")
def a_deal_that_is_too_short(c):
    with c.in_ceremony() as e:
        c.put(DEAL, 1, e.from_trustee(DEAL, 2, c.tx(DEAL, 1)[6:-64 - 128]))


@mutant("town", "ceremony")
def a_deal_left_out(c):
    draft, _ = c.place(DEAL, 3)
    draft.items = []


def _complaint(c):
    """Which list of the hamlet's complaints is not empty: trustee 3 complains about 2."""
    return next(n for n in range(3) if c.tx(COMPLAIN, n)[6])


@mutant("hamlet", "ceremony")
def a_complaint_with_a_false_proof(c):
    n = _complaint(c)
    c.change(COMPLAIN, n, -64 - 1, u8(c.tx(COMPLAIN, n)[-65] ^ 1))


@mutant("hamlet", "ceremony")
def a_complaint_that_reveals_something_else(c):
    n = _complaint(c)
    c.change(COMPLAIN, n, 8, provers.times(3))


@mutant("hamlet", "ceremony")
def a_complaint_about_one_who_is_excluded(c):
    n = _complaint(c)
    c.change(COMPLAIN, n, 7, u8(4))


@mutant("hamlet", "ceremony")
def a_complaint_about_oneself(c):
    with c.in_ceremony() as e:
        n = _complaint(c)
        c.put(COMPLAIN, n, e.complain(3, e.complaint(3, 3)))


@mutant("hamlet", "ceremony")
def more_complaints_than_trustees(c):
    with c.in_ceremony() as e:
        n = _complaint(c)
        c.put(COMPLAIN, n, e.complain(3, *(e.complaint(3, i) for i in (1, 2, 2, 2))))


@mutant("hamlet", "ceremony")
def two_complaints_about_one_dealer(c):
    with c.in_ceremony() as e:
        n = _complaint(c)
        c.put(COMPLAIN, n, e.complain(3, *(e.complaint(3, i) for i in (2, 2))))


@mutant("hamlet", "ceremony")
def a_bad_share_that_nobody_complains_about(c):
    """2 is not excluded, so another key is confirmed than these trustees did."""
    with c.in_ceremony() as e:
        n = _complaint(c)
        c.put(COMPLAIN, n, e.complain(3))


@mutant("hamlet", "ceremony")
def a_false_complaint_beside_the_true_one(c):
    """Its author is excluded, too few are left, the ceremony has failed."""
    with c.in_ceremony() as e:
        n = _complaint(c)
        c.put(COMPLAIN, n, e.complain(3, e.complaint(3, 1), e.complaint(3, 2)))


@mutant("hamlet", "ceremony")
def a_message_of_one_who_is_excluded(c):
    with c.in_ceremony() as e:
        c.block_before(COMPLAIN, 0, e.complain(4))


@mutant("town", "ceremony")
def another_hash_is_confirmed(c):
    c.change(CONFIRM, 0, 34, bytes(32))


@mutant("town", "ceremony")
def another_block_is_confirmed(c):
    c.change(CONFIRM, 0, 2, bytes(32))


@mutant("town", "ceremony")
def a_commit_in_the_step_of_deals(c):
    with c.in_ceremony() as e:
        c.block_before(DEAL, 0, e.from_trustee(COMMIT, 1, bytes(32)))


@mutant("hamlet", "phases")
def advance_before_its_time(c):
    draft, _ = c.place(ADVANCE)
    first = c.drafts[1].time
    draft.time = first + 29


@mutant("hamlet", "phases")
def advance_of_another_step(c):
    c.change(ADVANCE, 0, 1, u8(2))


@mutant("hamlet", "phases")
def advance_with_another_anchor(c):
    c.change(ADVANCE, 0, 2, bytes(32))


@mutant("hamlet", "phases")
def advance_by_one_trustee(c):
    c.put(ADVANCE, 0, c.resigned(c.tx(ADVANCE), (1,)))


@mutant("deserted", "phases")
def advance_with_one_confirmation(c):
    draft, _ = c.place(CONFIRM)
    draft.items = draft.items[:1]

"""Ballots, tests, and what kiosks say at the close."""
from verify import group
from verify.field import Q, total
from verify.rules import BALLOT, CLOSE, CLOSING, END, OPEN, TEST

from .. import provers
from ..chain import NONE
from ..copy import flipped, spliced
from .registry import mutant, mutants


def _vote(name, selection, old_slip=None, voter=None, replaced=None, style=None,
          **other):
    """A ballot in a block of its own before `close`."""
    def change(c):
        e = c.e
        kind = e.voters[voter or name][1] if style is None else style
        lock = e.lock(kind, selection, NONE if replaced is None else replaced(e),
                      **{k: v(e) if callable(v) else v for k, v in other.items()})
        c.block_before(CLOSE, 0, e.cast(name, lock, old_slip(e) if old_slip else None))
    return change


def _tracker(name):
    return lambda e: e.locks[name]["tracker"]


def _slip(name):
    return lambda e: e.locks[name]["slip"]


def _overvote(style, wrong, claimed):
    """Ciphertexts of `wrong`, bits of `claimed`."""
    def change(c):
        e = c.e
        bits = provers.selected_bits(e.m.styles[style].layout, claimed)
        c.block_before(CLOSE, 0, e.cast("fay", e.lock(style, wrong, bits=bits)))
    return change


def _same_randomness(e):
    return [e.locks["bob"]["randomness"][0]] + [e.chance.scalar() for _ in range(4)]


mutants("town", "ballots", {
    "two_choices_where_one_is_allowed": _vote("fay", [0, 1, 1, 0, 0]),
    "no_choice_where_one_is_needed": _vote("fay", [0, 0, 0, 0, 0]),
    "blank_and_a_choice": _vote("fay", [1, 1, 0, 0, 0]),
    "more_points_than_there_are": _vote("fay", [0, 1, 0, 3, 2]),
    "more_in_the_ciphertext_than_in_the_proof": _overvote(
        0, [0, 2, 0, 0, 0], [0, 1, 0, 0, 0]),
    "a_negative_vote": _overvote(0, [0, 1, Q - 1, 0, 0], [0, 1, 0, 0, 0]),
    "a_second_ballot_that_names_none": _vote("bob", [1, 0, 0, 0, 0]),
    "a_first_ballot_that_names_one": _vote(
        "fay", [1, 0, 0, 0, 0], replaced=_tracker("bob"), old_slip=_slip("bob")),
    "a_ballot_that_replaces_another_voters": _vote(
        "bob", [1, 0, 0, 0, 0], replaced=_tracker("cid"), old_slip=_slip("cid")),
    "a_ballot_that_replaces_one_replaced": _vote(
        "ann", [1, 0, 0, 0, 0], replaced=lambda e: e.first_of_ann["tracker"],
        old_slip=lambda e: e.first_of_ann["slip"]),
    "a_ballot_signed_by_another_slip": _vote(
        "bob", [1, 0, 0, 0, 0], replaced=_tracker("bob"), old_slip=_slip("cid")),
    "a_ballot_with_the_style_of_others": _vote("fay", [0, 1, 0, 1, 0], style=1),
    "a_ballot_with_a_style_that_is_not_written": _vote(
        "fay", [0, 0, 1], style=3),
    "randomness_that_was_used_before": _vote(
        "fay", [1, 0, 0, 0, 0], randomness=_same_randomness),
    "a_slip_key_that_is_the_identity": _vote("fay", [1, 0, 0, 0, 0], slip_bytes=bytes(32)),
    "a_slip_key_that_is_no_element": _vote("fay", [1, 0, 0, 0, 0], slip_bytes=b"\xff" * 32),
    "a_proof_for_another_context": _vote("fay", [1, 0, 0, 0, 0], ctx=bytes(64)),
})


def _part(manifest, tx):
    """Where things lie in a ballot of the town."""
    layout = manifest.styles[int.from_bytes(tx[1:3], "big")].layout
    proof = 99 + 64 * layout.size
    witness = proof + layout.proof_size
    return {"device": 3, "ciphertexts": 99, "proof": proof, "scalars": proof + 192,
            "credential": witness, "blinding": witness + 32, "R": witness + 64, "z": witness + 96}


def _byte(name):
    """A byte that nobody signs anew: a stranger's hand on the way."""
    return lambda c: c.put(BALLOT, 0, flipped(c.tx(BALLOT), _part(c.e.m, c.tx(BALLOT))[name]))


mutants("town", "ballots", {f"a_stranger_changes_{where}": _byte(where) for where in (
    "device", "ciphertexts", "proof", "scalars", "credential", "blinding", "R", "z")})


def _proof_with(at, new):
    """Bob's ballot with another byte string in its proof, signed by Bob."""
    def change(c):
        e = c.e
        n = next(n for n in range(5) if e.voters["bob"][0].public in c.tx(BALLOT, n))
        lock = e.locks["bob"]
        old = lock["proof"]
        value = new(old[at:at + 32] if at >= 0 else old[at:][:32])
        c.put(BALLOT, n, e.cast("bob", {**lock, "proof": spliced(old, at, value)}))
    return change


def _and_g(element):
    return group.encode(total([(1, group.decode(element)), (1, group.GENERATOR)]))


mutants("town", "ballots", {f"another_{name}_in_the_proof": _proof_with(32 * k, _and_g)
                            for k, name in enumerate(("b", "a", "c", "d", "t1", "t2"))})


mutants("town", "ballots", {
    "another_response_of_a_bit": _proof_with(192, lambda old: group.scalar_bytes(7)),
    "another_z_a": _proof_with(-96, lambda old: group.scalar_bytes(7)),
    "another_z_c": _proof_with(-64, lambda old: group.scalar_bytes(7)),
    "another_z": _proof_with(-32, lambda old: group.scalar_bytes(7)),
    "a_response_above_the_order": _proof_with(
        192, lambda old: (int.from_bytes(old, "little") + Q).to_bytes(32, "little")),
    "an_element_encoded_otherwise": _proof_with(0, lambda old: bytes(31) + b"\x80"),
})


@mutant("town", "ballots")
def a_ballot_longer_than_its_style(c):
    tx = c.tx(BALLOT)
    c.put(BALLOT, 0, tx + b"\0")


@mutant("town", "ballots")
def a_credential_that_is_not_on_the_roll(c):
    e = c.e
    e.voters["stranger"] = (provers.Schnorr(e.chance), 0)
    c.block_before(CLOSE, 0, e.vote("stranger", [1, 0, 0, 0, 0])[0])


@mutant("town", "ballots")
def the_same_ballot_again(c):
    c.block_before(CLOSE, 0, c.tx(BALLOT))


@mutant("hamlet", "ballots")
def a_second_ballot_where_none_is_allowed(c):
    c.block_before(CLOSE, 0, c.e.vote("una", [0, 1])[0])


@mutant("town", "ballots")
def two_ballots_of_a_voter_in_one_block(c):
    e = c.e
    first, lock = e.vote("gil", [1, 0, 0])
    second, _ = e.vote("gil", [0, 1, 0], lock)
    draft, _ = c.place(BALLOT, 0)
    c.beside(BALLOT, 0, first, second)


@mutant("town", "ballots")
def two_first_ballots_of_a_voter_in_one_block(c):
    c.beside(BALLOT, 0, c.e.vote("gil", [1, 0, 0])[0], c.e.vote("gil", [0, 1, 0])[0])


@mutant("town", "ballots")
def a_ballot_before_the_polls_open(c):
    c.block_before(OPEN, 0, c.e.vote("gil", [1, 0, 0])[0])


@mutant("town", "ballots")
def a_ballot_after_the_end(c):
    c.block_after(END, 0, c.e.vote("gil", [1, 0, 0])[0])


@mutant("town", "ballots")
def a_ballot_that_was_tested(c):
    e = c.e
    c.block_after(TEST, 0, e.cast("cid", e.tested, e.locks["cid"]["slip"]))


@mutant("town", "ballots")
def a_credential_signature_for_another_purpose(c):
    e = c.e
    lock = e.lock(0, [1, 0, 0, 0, 0])
    tx = e.cast("fay", lock)
    other = e.voters["fay"][0].sign("revote", e.id, e.y, lock["tracker"])
    c.block_before(CLOSE, 0, tx[:-64] + other)


def _test(**other):
    def change(c):
        e = c.e
        f = {k: v(e) for k, v in other.items()}
        c.put(TEST, 0, e.test(7, "cid", e.tested, **f))
    return change


mutants("town", "tests", {
    "a_test_that_says_another_selection": _test(selection=lambda e: [0, 0, 1, 1, 1]),
    "a_test_with_other_randomness": _test(
        randomness=lambda e: [r + 1 for r in e.tested["randomness"]]),
    "a_test_signed_by_another_kiosk": _test(signer=lambda e: e.kiosks[8]),
    "a_test_that_names_another_key": _test(key=lambda e: e.kiosks[8].public),
})


@mutant("town", "tests")
def a_test_that_says_a_scalar_above_the_order(c):
    size = 5
    tx = c.tx(TEST)
    at = len(tx) - 64 - 4 * size - 32
    value = int.from_bytes(tx[at:at + 32], "little") + Q
    c.change(TEST, 0, at, value.to_bytes(32, "little"))


@mutant("town", "tests")
def a_test_of_a_kiosk_that_is_not_there(c):
    e = c.e
    e.kiosks[9] = e.kiosks[7]
    c.put(TEST, 0, e.test(9, "cid", e.tested))


@mutant("town", "tests")
def one_test_too_many(c):
    e = c.e
    c.block_after(TEST, 0, e.test(7, "fay", e.lock(0, [1, 0, 0, 0, 0])))


@mutant("town", "tests")
def a_test_while_the_polls_are_open(c):
    e = c.e
    c.block_before(CLOSE, 0, e.test(7, "fay", e.lock(0, [1, 0, 0, 0, 0])))


@mutant("town", "tests")
def a_test_of_a_ballot_that_was_cast(c):
    e = c.e
    c.put(TEST, 0, e.test(7, "bob", e.locks["bob"]))


@mutant("town", "tests")
def a_test_with_a_false_proof(c):
    e = c.e
    c.put(TEST, 0, e.test(7, "fay", e.lock(0, [0, 1, 1, 0, 0])))


@mutant("town", "tests")
def a_test_with_more_bytes(c):
    tx = c.tx(TEST)
    c.put(TEST, 0, c.resigned(tx[:-64] + b"\0" + tx[-64:]))


@mutant("town", "closings")
def a_kiosk_that_closes_twice(c):
    c.block_after(CLOSING, 1, c.e.closing(7, 6, 1, 1))


@mutant("town", "closings")
def a_closing_signed_by_another_kiosk(c):
    c.put(CLOSING, 0, c.e.closing(7, 6, 1, 0, signer=c.e.kiosks[8]))


@mutant("town", "closings")
def a_closing_that_names_another_key(c):
    c.put(CLOSING, 0, c.e.closing(7, 6, 1, 0, key=c.e.kiosks[8].public))


@mutant("town", "closings")
def a_closing_while_the_polls_are_open(c):
    c.block_before(CLOSE, 0, c.tx(CLOSING))

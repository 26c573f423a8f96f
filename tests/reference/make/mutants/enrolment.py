"""Roll, kiosks, and the changes of phase."""
from verify.hashing import u16, u32, u64
from verify.rules import CLOSE, COMMIT, DEVICE, END, OPEN, ROLL, TEST

from .. import provers
from ..copy import flipped, spliced
from .registry import mutant, mutants


def _roll(change, resign=True):
    def mutate(c):
        tx = c.tx(ROLL)
        entries = [tx[9 + i:9 + i + 38] for i in range(0, len(tx) - 9 - 64, 38)]
        index, total_chunks, entries = change(0, 1, entries)
        c.put(ROLL, 0, c.e.roll_chunk(index, total_chunks, entries))
    return mutate


def _entry(at, new):
    return _roll(lambda i, t, e: (i, t, [spliced(e[0], at, new)] + e[1:]))


_torsion = bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
mutants("town", "roll", {
    "a_roll_in_another_order": _roll(lambda i, t, e: (i, t, [e[1], e[0]] + e[2:])),
    "a_voter_twice_on_the_roll": _roll(lambda i, t, e: (i, t, [e[0]] + e)),
    "a_roll_without_voters": _roll(lambda i, t, e: (i, t, [])),
    "a_credential_that_is_the_identity": _entry(0, bytes(32)),
    "a_credential_that_is_no_element": _entry(0, b"\1" + bytes(31)),
    "a_weight_of_zero": _entry(32, u32(0)),
    "a_weight_above_a_million": _entry(32, u32(1_000_001)),
    "a_style_that_is_not": _entry(36, u16(4)),
    "a_chunk_above_the_total": _roll(lambda i, t, e: (1, 1, e)),
    "a_total_of_zero": _roll(lambda i, t, e: (0, 0, e)),
    "half_an_entry": _roll(lambda i, t, e: (i, t, e + [bytes(19)])),
})


@mutant("town", "roll")
def a_roll_signed_by_the_officer(c):
    c.put(ROLL, 0, c.e.signed(ROLL, c.tx(ROLL)[1:-64], c.e.officials["officer"]))


@mutant("hamlet", "roll")
def a_chunk_twice(c):
    tx = c.tx(ROLL)
    c.put(ROLL, 1, c.resigned(spliced(c.tx(ROLL, 1), 1, tx[1:3])))


@mutant("hamlet", "roll")
def chunks_that_differ_in_their_total(c):
    c.change(ROLL, 1, 3, u16(3))


@mutant("hamlet", "roll")
def a_first_chunk_that_holds_a_weight_of_zero(c):
    """It is refused when it comes, not when the roll is complete: there is no second one."""
    other = c.tx(ROLL, 1)
    c.change(ROLL, 0, 9 + 32, u32(0))
    draft, _ = c.place(ROLL)
    draft.items.remove(other)


@mutant("hamlet", "roll")
def unequal_weights_where_they_are_refused(c):
    c.change(ROLL, 1, 9 + 32, u32(2))


@mutant("town", "roll")
def a_kiosk_signed_by_the_registrar(c):
    c.put(DEVICE, 0, c.e.signed(DEVICE, c.tx(DEVICE)[1:-64], c.e.officials["registrar"]))


def _device(number, sign=None, curve=None, label=b""):
    def change(c):
        chance = provers.Chance("device")
        a, b = provers.Signer(chance).public, chance.bytes()
        sign_key = sign(c) if sign else a
        curve_key = curve(c) if curve else b
        c.beside(TEST, 0, c.e.device_with(number, sign_key, curve_key, label))
    return change


mutants("town", "roll", {
    "a_number_of_a_kiosk_twice": _device(7),
    "a_kiosk_of_number_1024": _device(1024),
    "a_key_of_a_kiosk_twice": _device(9, sign=lambda c: c.e.kiosks[7].public),
    "a_kiosk_with_a_trustees_key": _device(9, sign=lambda c: c.e.trustees[0].sign.public),
    "a_kiosk_with_the_registrars_key": _device(
        9, sign=lambda c: c.e.officials["registrar"].public),
    "a_kiosk_with_a_nodes_curve_key": _device(
        9, curve=lambda c: bytes.fromhex(c.e.trustees[0].card["curve_key"])),
    "a_kiosk_with_another_ones_curve_key": _device(9, curve=lambda c: c.tx(DEVICE)[35:67]),
    "a_kiosk_with_one_key_for_both": _device(9, curve=lambda c: provers.Signer(
        provers.Chance("device")).public),
    "a_kiosk_with_a_curve_key_of_zeros": _device(9, curve=lambda c: bytes(32)),
    "a_kiosk_with_a_key_of_small_order": _device(9, sign=lambda c: b"\1" + bytes(31)),
    "a_kiosk_with_a_key_that_has_torsion": _device(9, sign=lambda c: _with_torsion()),
    "a_kiosk_with_a_key_that_is_no_point": _device(9, sign=lambda c: b"\2" + bytes(31)),
    "a_kiosk_whose_label_is_not_utf8": _device(9, label=b"\xff"),
    "a_kiosk_whose_label_has_a_newline": _device(9, label=b"a\nb"),
    "a_kiosk_whose_label_has_65_bytes": _device(9, label=b"a" * 65),
})


def _with_torsion():
    """A key of full order 8Q: a good one plus the point of order 2."""
    from verify.ed25519 import decode, encode
    from verify.field import add
    return encode(add(decode(provers.Signer(provers.Chance("torsion")).public), decode(_torsion)))


@mutant("town", "roll")
def a_kiosk_before_the_roll_can_be(c):
    c.block_before(COMMIT, 0, c.e.device_with(9, provers.Signer(c.e.chance).public, bytes([9]) * 32))


mutants("town", "phases", {
    "another_roll_is_opened": lambda c: c.change(OPEN, 0, 33, bytes(32)),
    "another_number_of_voters_is_opened": lambda c: c.change(OPEN, 0, 65, u32(8)),
    "another_sum_of_weights_is_opened": lambda c: c.change(OPEN, 0, 69, u64(11)),
    "another_key_is_opened": lambda c: c.change(OPEN, 0, 79, provers.times(2)),
    "opened_with_another_anchor": lambda c: c.change(OPEN, 0, 1, bytes(32)),
    "opened_by_two": lambda c: c.put(OPEN, 0, c.resigned(c.tx(OPEN), (1, 2))),
    "opened_by_one_thrice": lambda c: c.put(OPEN, 0, c.resigned(c.tx(OPEN), (1, 1, 1))),
    "signatures_in_another_order": lambda c: c.put(OPEN, 0, c.resigned(c.tx(OPEN), (4, 2, 1))),
    "a_fourth_signature_that_is_false": lambda c: c.put(
        END, 0, flipped(c.tx(END), -1)),
    "closed_with_another_anchor": lambda c: c.change(CLOSE, 0, 1, bytes(32)),
    "ended_with_another_anchor": lambda c: c.change(END, 0, 1, bytes(32)),
    "ended_before_it_is_closed": lambda c: c.block_before(CLOSE, 0, c.tx(END)),
    "closed_twice": lambda c: c.block_after(CLOSE, 0, c.tx(CLOSE)),
    "opened_before_the_roll": lambda c: c.drop(ROLL),
})


@mutant("hamlet", "phases")
def opened_by_one_who_is_excluded(c):
    c.put(OPEN, 0, c.resigned(c.tx(OPEN), (1, 4)))


@mutant("hamlet", "phases")
def opened_by_an_excluded_one_beyond_the_threshold(c):
    c.put(OPEN, 0, c.resigned(c.tx(OPEN), (1, 3, 4)))


@mutant("town", "phases")
def a_roll_that_changed_after_the_signatures(c):
    tx = c.tx(ROLL)
    weight = int.from_bytes(tx[41:45], "big")
    c.change(ROLL, 0, 41, u32(weight + 1))

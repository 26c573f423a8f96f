"""
Elections in which one thing is wrong, each with the check that must say so.  What depends on the
change is made anew (copy.py), so that nothing but the rule itself can refuse.
"""
from verify import group
from verify.chain import BLOCK, CERTIFICATE, END_OF_FILE, FINALIZE, NOTARIZE, NULLIFY, SIGNATURES
from verify.field import Q, total
from verify.hashing import h, u8, u16, u32, u64
from verify.manifest import canonical
from verify.rules import (ADVANCE, BALLOT, CLOSE, CLOSING, COMMIT, COMPLAIN, CONFIRM, DEAL, DEVICE,
                          END, GENESIS, OPEN, RESULT, ROLL, SHARE, TEST)

from . import provers
from .chain import NONE, record
from .copy import flipped, spliced
from .election import signed_card

MUTANTS = []                                   # (sentence, election, verdict, check, function)


def mutant(election, check, verdict="no"):
    def take(function):
        sentence = function.__name__
        MUTANTS.append((sentence, election, verdict, check, function))
        return function
    return take


# ------------------------------------------------------------ manifest, fingerprint, constitution

def _manifest(**changes):
    def change(c):
        value = {**c.e.value}
        for key, new in changes.items():
            value[key] = new(value) if callable(new) else new
        c.manifest = canonical(value)
    return change


def _contest(number, **changes):
    def change(value):
        contests = [dict(x) for x in value["contests"]]
        contests[number].update(changes)
        return contests
    return _manifest(contests=change)


def _card(number, resign=True, **changes):
    def change(c):
        t = c.e.trustees[number]
        card = {**t.card, **changes}
        card = signed_card(card, t.sign, group.NAME) if resign else card
        cards = [dict(x) for x in c.e.value["trustees"]]
        cards[number] = card
        c.manifest = canonical({**c.e.value, "trustees": cards})
    return change


for sentence, change in {
        "threshold_one_without_rehearsal": _manifest(threshold=1),
        "threshold_above_the_trustees": _manifest(threshold=5),
        "a_key_nobody_knows": _manifest(colour="red"),
        "publish_min_zero": _manifest(publish_min=0),
        "tests_per_kiosk_as_text": _manifest(tests_per_kiosk="1"),
        "rehearsal_as_a_number": _manifest(rehearsal=0),
        "another_group": _manifest(suite="belenios-2048"),
        "a_title_in_a_language_that_is_not_announced": _manifest(title={"en": "A", "fr": "B"}),
        "a_title_with_a_right_to_left_override": _manifest(title={"en": "A\u202eB"}),
        "a_title_with_a_soft_hyphen": _manifest(title={"en": "A\u00adB"}),
        "a_title_with_a_grapheme_joiner": _manifest(title={"en": "A\u034fB"}),
        "a_title_with_a_hangul_filler": _manifest(title={"en": "A\u3164B"}),
        "a_title_with_a_variation_selector": _manifest(title={"en": "A\ufe0fB"}),
        "a_title_of_private_use": _manifest(title={"en": "A\ue000B"}),
        "a_title_in_two_lines": _manifest(title={"en": "A\u2028B"}),
        "a_title_not_in_normal_form_c": _manifest(title={"en": "e\u0301"}),
        "a_title_of_nothing": _manifest(title={"en": ""}),
        "a_contest_asks_for_more_than_it_has": _contest(0, max=3),
        "a_score_whose_maximum_is_not_lowered": _contest(1, max=7),
        "a_minimum_above_the_maximum": _contest(0, min=2),
        "a_ranked_contest": _contest(0, type="ranked"),
        "each_max_in_a_contest_of_type_choose": _contest(0, each_max=1),
        "two_contests_of_one_name": _contest(2, id="mayor"),
        "a_style_without_contests": _manifest(styles=lambda v: v["styles"] + [
            {"id": "none", "unit": "town", "contests": []}]),
        "contests_of_a_style_in_another_order": _manifest(styles=lambda v: [
            {**v["styles"][0], "contests": ["budget", "mayor"]}] + v["styles"][1:]),
        "a_contest_on_no_style": _manifest(styles=lambda v: v["styles"][:1] + v["styles"][2:]),
        "units_that_merge_in_a_circle": _manifest(units=lambda v: v["units"][:1] + [
            {**v["units"][1], "merge_into": "harbour"}] + v["units"][2:]),
        "a_unit_that_merges_into_nothing": _manifest(units=lambda v: v["units"][:1] + [
            {**v["units"][1], "merge_into": "nowhere"}] + v["units"][2:]),
        "two_trustees_of_one_name": _card(1, name="Trustee 1"),
        "a_card_signed_by_nobody": _card(0, resign=False, name="Somebody"),
        "a_node_at_no_port": _card(0, address="node1.example.org:80"),
        "a_node_with_a_port_written_otherwise": _card(0, address="node1.example.org:020000"),
        "nodes_that_share_ports": _card(1, address="node1.example.org:20027"),
        "nodes_that_share_ports_in_capitals": _card(1, address="NODE1.example.org:20027"),
        "a_curve_key_of_zeros": _card(0, curve_key="00" * 32),
        "an_encryption_key_that_is_the_identity": _card(0, encryption_key="00" * 32),
        "a_node_key_of_small_order": _card(0, node_key="01" + "00" * 31),
        "a_card_of_another_role": _card(0, role="officer"),
}.items():
    change.__name__ = sentence
    mutant("town", "manifest")(change)


@mutant("town", "manifest")
def a_space_in_the_manifest(c):
    c.manifest = c.e.manifest_bytes[:-1] + b" }"


@mutant("town", "manifest")
def a_newline_after_the_manifest(c):
    c.manifest = c.e.manifest_bytes + b"\n"


@mutant("town", "manifest")
def a_repeated_key(c):
    c.manifest = b'{"batch_min":1,' + c.e.manifest_bytes[1:]


@mutant("town", "manifest")
def a_text_escaped_without_need(c):
    c.manifest = c.e.manifest_bytes.replace(b'"en":"Town"', b'"en":"T\\u006fwn"')


@mutant("town", "manifest")
def a_proof_of_possession_of_another_card(c):
    _card(0, encryption_key=c.e.trustees[1].card["encryption_key"],
          encryption_proof=c.e.trustees[1].card["encryption_proof"])(c)


@mutant("town", "manifest")
def one_key_in_two_roles(c):
    _card(0, checkpoint_key=c.e.trustees[0].card["node_key"])(c)


@mutant("town", "manifest")
def one_key_of_two_trustees(c):
    _card(0, checkpoint_key=c.e.trustees[1].card["node_key"])(c)


@mutant("town", "fingerprint")
def another_sound_manifest(c):
    _manifest(title={"en": "Another town"})(c)
    build = c.finish

    def finish(data):
        c.fingerprint = c.e.id
        return build(data)
    c.finish = finish


@mutant("town", "fingerprint", "cannot tell")
def no_fingerprint(c):
    c.fingerprint = None


@mutant("town", "constitution")
def a_flipped_signature_under_the_manifest(c):
    c.signatures = flipped(c.signatures, 70)


@mutant("town", "constitution")
def two_signatures_exchanged(c):
    s = c.signatures
    c.signatures = s[64:128] + s[:64] + s[128:]


@mutant("town", "constitution")
def one_signature_too_few(c):
    c.signatures = c.signatures[:-64]


@mutant("town", "constitution", "cannot tell")
def no_signatures(c):
    c.signatures = None


# ------------------------------------------------------------ blocks

for sentence, place, fields in (
        ("another_version", BALLOT, {"version": 2}),
        ("a_block_of_another_election", BALLOT, {"election_id": bytes(32)}),
        ("a_height_left_out", BALLOT, {"height": 99}),
        ("another_parent", BALLOT, {"parent": bytes(32)}),
        ("another_view_of_the_parent", BALLOT, {"parent_view": 1}),
        ("a_view_that_stands_still", BALLOT, {"view": 13}),
        ("a_time_that_goes_back", BALLOT, {"time": 28_000_000}),
        ("a_body_length_that_is_not", BALLOT, {"body_len": 5}),
        ("a_body_hash_that_is_not", BALLOT, {"body_hash": bytes(32)}),
        ("fewer_items_than_the_body_has", BALLOT, {"n_items": 1}),
        ("more_items_than_the_body_has", BALLOT, {"n_items": 3}),
        ("a_block_0_with_a_time", GENESIS, {"time": 1}),
        ("a_block_0_with_a_view", GENESIS, {"view": 1}),
        ("a_proposer_that_is_no_node", BALLOT, {"proposer": 4})):
    def change(c, place=place, fields=fields):
        c.header(place, 0, **fields)
    change.__name__ = sentence
    mutant("town", "blocks")(change)


@mutant("town", "blocks")
def a_proposer_that_does_not_lead(c):
    draft, _ = c.place(BALLOT)
    first = int.from_bytes(h("leader", c.e.id)[:4], "big")
    draft.fields["proposer"] = (draft.view + first) % 4


@mutant("town", "blocks")
def items_in_another_order(c):
    draft, _ = c.place(BALLOT)
    draft.items.reverse()


@mutant("town", "blocks")
def an_item_twice(c):
    draft, _ = c.place(CONFIRM)
    draft.items.insert(0, draft.items[0])


@mutant("town", "blocks")
def a_phase_change_in_company(c):
    draft, _ = c.place(OPEN)
    draft.items.insert(0, c.e.device_with(9, provers.Signer(c.e.chance).public, bytes([9]) * 32))


@mutant("town", "blocks")
def an_unknown_type(c):
    draft, _ = c.place(CLOSING)
    draft.items = [u8(17) + draft.items[0][1:]]


@mutant("town", "blocks")
def bytes_after_the_last_item(c):
    draft, _ = c.place(CLOSING)
    draft.body = u32(len(draft.items[0])) + draft.items[0] + b"\0"


@mutant("town", "blocks")
def a_second_genesis(c):
    c.block_before(OPEN, 0, c.tx(GENESIS))


@mutant("town", "blocks")
def a_block_left_out(c):
    def finish(data):
        blocks = list(c.e.blocks)
        return data.replace(record(BLOCK, blocks[9]), b"", 1)
    c.finish = finish


# ------------------------------------------------------------ ceremony

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


for sentence, change in {
        "a_coefficient_that_is_no_element": _deal(64, b"\xff" * 32),
        "a_coefficient_that_is_the_identity": _deal(64, bytes(32)),
        "another_coefficient": _deal(64, provers.times(5)),
        "a_false_proof_of_the_first_coefficient": _deal(130),
        "a_scalar_above_the_order": _deal(128, group.scalar_bytes(Q)),
        "another_box": _deal(160 + 128 + 33),
        "a_false_proof_of_a_parcel": _deal(160 + 128 + 100)}.items():
    change.__name__ = sentence
    mutant("town", "ceremony")(change)


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


@mutant("hamlet", "ceremony")
def a_complaint_with_a_false_proof(c):
    n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
    c.change(COMPLAIN, n, -64 - 1, u8(c.tx(COMPLAIN, n)[-65] ^ 1))


@mutant("hamlet", "ceremony")
def a_complaint_that_reveals_something_else(c):
    n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
    c.change(COMPLAIN, n, 8, provers.times(3))


@mutant("hamlet", "ceremony")
def a_complaint_about_one_who_is_excluded(c):
    n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
    c.change(COMPLAIN, n, 7, u8(4))


@mutant("hamlet", "ceremony")
def a_complaint_about_oneself(c):
    with c.in_ceremony() as e:
        n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
        c.put(COMPLAIN, n, e.complain(3, e.complaint(3, 3)))


@mutant("hamlet", "ceremony")
def more_complaints_than_trustees(c):
    with c.in_ceremony() as e:
        n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
        c.put(COMPLAIN, n, e.complain(3, *(e.complaint(3, i) for i in (1, 2, 2, 2))))


@mutant("hamlet", "ceremony")
def two_complaints_about_one_dealer(c):
    with c.in_ceremony() as e:
        n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
        c.put(COMPLAIN, n, e.complain(3, *(e.complaint(3, i) for i in (2, 2))))


@mutant("hamlet", "ceremony")
def a_bad_share_that_nobody_complains_about(c):
    """2 is not excluded, so another key is confirmed than these trustees did."""
    with c.in_ceremony() as e:
        n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
        c.put(COMPLAIN, n, e.complain(3))


@mutant("hamlet", "ceremony")
def a_false_complaint_beside_the_true_one(c):
    """Its author is excluded, too few are left, the ceremony has failed."""
    with c.in_ceremony() as e:
        n = next(n for n in range(3) if c.tx(COMPLAIN, n)[6])
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


@mutant("hamlet", "ceremony")
def advance_before_its_time(c):
    draft, _ = c.place(ADVANCE)
    first = c.drafts[1].time
    draft.time = first + 29


@mutant("hamlet", "ceremony")
def advance_of_another_step(c):
    c.change(ADVANCE, 0, 1, u8(2))


@mutant("hamlet", "ceremony")
def advance_with_another_anchor(c):
    c.change(ADVANCE, 0, 2, bytes(32))


@mutant("hamlet", "ceremony")
def advance_by_one_trustee(c):
    c.put(ADVANCE, 0, c.resigned(c.tx(ADVANCE), (1,)))


@mutant("deserted", "ceremony")
def advance_with_one_confirmation(c):
    draft, _ = c.place(CONFIRM)
    draft.items = draft.items[:1]


# ------------------------------------------------------------ roll and kiosks

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
for sentence, change in {
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
}.items():
    change.__name__ = sentence
    mutant("town", "roll")(change)


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


for sentence, change in {
        "a_number_of_a_kiosk_twice": _device(7),
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
}.items():
    change.__name__ = sentence
    mutant("town", "roll")(change)


def _with_torsion():
    """A key of full order 8Q: a good one plus the point of order 2."""
    from verify.ed25519 import decode, encode
    from verify.field import add
    return encode(add(decode(provers.Signer(provers.Chance("torsion")).public), decode(_torsion)))


@mutant("town", "roll")
def a_kiosk_before_the_roll_can_be(c):
    c.block_before(COMMIT, 0, c.e.device_with(9, provers.Signer(c.e.chance).public, bytes([9]) * 32))


# ------------------------------------------------------------ phases

for sentence, change in {
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
}.items():
    change.__name__ = sentence
    mutant("town", "phases")(change)


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


# ------------------------------------------------------------ ballots

def _vote(name, selection, before=None, old_slip=None, voter=None, replaced=None, style=None,
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


for sentence, change in {
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
}.items():
    change.__name__ = sentence
    mutant("town", "ballots")(change)


def _part(c, n=0):
    """Where things lie in the n-th ballot of the town (style 0: M = 5, N = 11)."""
    tx = c.tx(BALLOT, n)
    layout = c.e.m.styles[int.from_bytes(tx[1:3], "big")].layout
    proof = 3 + 96 + 64 * layout.size
    witness = proof + layout.proof_size
    return {"device": 3, "replaced": 35, "slip": 67, "ciphertexts": 99, "proof": proof,
            "scalars": proof + 192, "credential": witness, "blinding": witness + 32,
            "R": witness + 64, "z": witness + 96}


def _byte(name, add=0):
    """A byte that nobody signs anew: a stranger's hand on the way."""
    def change(c):
        c.put(BALLOT, 0, flipped(c.tx(BALLOT), _part(c)[name] + add))
    return change


for where in ("device", "ciphertexts", "proof", "scalars", "credential", "blinding", "R", "z"):
    change = _byte(where)
    change.__name__ = f"a_stranger_changes_{where}"
    mutant("town", "ballots")(change)


def _stolen(part, size):
    """Somebody else's credential and signature over the body of this one."""
    def change(c):
        e, n = c.e, 0
        tx, at = c.tx(BALLOT), _part(c)[part]
        new = {"f": lambda: group.scalar_bytes(
            (int.from_bytes(tx[at:at + 32], "little") + 1) % Q)}[size]()
        name = next(n for n, (k, _) in e.voters.items() if k.public == tx[_part(c)["credential"]:][:32])
        lock = dict(e.first_of_ann if name == "ann" else e.locks[name])
        proof = spliced(lock["proof"], at - _part(c)["proof"], new)
        c.put(BALLOT, n, e.cast(name, {**lock, "proof": proof}))
    return change


change = _stolen("scalars", "f")
change.__name__ = "a_response_changed_by_the_voter"
mutant("town", "ballots")(change)


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


for k, sentence in enumerate(("b", "a", "c", "d", "t1", "t2")):
    change = _proof_with(32 * k, lambda old: provers.times(1, total([(1, group.decode(old)),
                                                                    (1, group.GENERATOR)])))
    change.__name__ = f"another_{sentence}_in_the_proof"
    mutant("town", "ballots")(change)

for sentence, change in {
        "another_z_a": _proof_with(-96, lambda old: group.scalar_bytes(7)),
        "another_z_c": _proof_with(-64, lambda old: group.scalar_bytes(7)),
        "another_z": _proof_with(-32, lambda old: group.scalar_bytes(7)),
        "a_response_above_the_order": _proof_with(
            192, lambda old: (int.from_bytes(old, "little") + Q).to_bytes(32, "little")),
        "an_element_encoded_otherwise": _proof_with(0, lambda old: bytes(31) + b"\x80")}.items():
    change.__name__ = sentence
    mutant("town", "ballots")(change)


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


# ------------------------------------------------------------ tests and closings

def _test(**other):
    def change(c):
        e = c.e
        f = {k: v(e) for k, v in other.items()}
        c.put(TEST, 0, e.test(7, "cid", e.tested, **f))
    return change


for sentence, change in {
        "a_test_that_says_another_selection": _test(selection=lambda e: [0, 0, 1, 1, 1]),
        "a_test_with_other_randomness": _test(
            randomness=lambda e: [r + 1 for r in e.tested["randomness"]]),
        "a_test_signed_by_another_kiosk": _test(signer=lambda e: e.kiosks[8]),
        "a_test_that_names_another_key": _test(key=lambda e: e.kiosks[8].public),
}.items():
    change.__name__ = sentence
    mutant("town", "tests")(change)


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


# ------------------------------------------------------------ shares and result

def _share(at, new):
    return lambda c: c.change(SHARE, 0, at, new)


for sentence, change in {
        "another_share_of_a_sum": _share(6, provers.times(9)),
        "a_share_that_is_no_element": _share(6, b"\xff" * 32),
        "a_share_with_a_false_proof": _share(-128, group.scalar_bytes(1)),
        "a_share_with_a_scalar_above_the_order": _share(-96, b"\xff" * 32),
}.items():
    change.__name__ = sentence
    mutant("town", "shares")(change)


@mutant("town", "shares")
def a_share_for_another_end(c):
    c.put(SHARE, 0, c.e.share(4, end=bytes(32)))


@mutant("town", "shares")
def a_share_of_another_trustee(c):
    tx = c.tx(SHARE)
    c.put(SHARE, 0, c.e.from_trustee(SHARE, 2, tx[6:-64]))


@mutant("town", "shares")
def a_second_share_of_a_trustee(c):
    c.block_after(SHARE, 1, c.tx(SHARE))


@mutant("town", "shares")
def a_share_of_one_sum_too_few(c):
    tx = c.tx(SHARE)
    c.put(SHARE, 0, c.e.from_trustee(SHARE, 4, tx[6 + 32:-64]))


@mutant("hamlet", "shares")
def a_share_of_one_who_is_excluded(c):
    tx = c.tx(SHARE)
    c.put(SHARE, 0, c.e.from_trustee(SHARE, 4, tx[6:-64]))


@mutant("deserted", "shares")
def a_share_of_nothing(c):
    e = c.e
    c.block_before(RESULT, 0, e.from_trustee(SHARE, 1, bytes(64)))


def _count(n, new):
    def change(c):
        tx = c.tx(RESULT)
        old = int.from_bytes(tx[45 + 8 * n:53 + 8 * n], "big")
        c.change(RESULT, 0, 45 + 8 * n, u64(new(old)))
    return change


for sentence, change in {
        "a_vote_more": _count(1, lambda m: m + 1),
        "a_vote_less": _count(0, lambda m: m - 1),
        "a_vote_moved": lambda c: (_count(1, lambda m: m - 1)(c), _count(2, lambda m: m + 1)(c)),
        "the_order_of_the_group_more": _count(1, lambda m: m + Q % 2**64),
        "a_count_for_nobody": _count(6, lambda m: 1),
        "a_result_with_another_end": lambda c: c.change(RESULT, 0, 33, u64(3)),
        "a_result_with_another_anchor": lambda c: c.change(RESULT, 0, 1, bytes(32)),
        "a_result_by_two": lambda c: c.put(RESULT, 0, c.resigned(c.tx(RESULT), (1, 2))),
        "a_result_with_too_few_shares": lambda c: c.drop(SHARE, 2),
}.items():
    change.__name__ = sentence
    mutant("town", "result")(change)


@mutant("town", "result")
def a_result_with_a_count_too_many(c):
    e, tx = c.e, c.tx(RESULT)
    n = int.from_bytes(tx[41:45], "big")
    counts = [int.from_bytes(tx[45 + 8 * i:53 + 8 * i], "big") for i in range(n)]
    c.put(RESULT, 0, e.result((1, 3, 4), counts + [0],
                              int.from_bytes(tx[33:41], "big"), tx[1:33]))


# ------------------------------------------------------------ log, certificates, the file

for sentence, place, fields in (
        ("another_root_of_the_log", CLOSE, {"log_root": bytes(32)}),
        ("another_size_of_the_log", CLOSE, {"log_size": 1}),
        ("another_state", CLOSE, {"state": bytes(32)}),
        ("another_state_of_the_last_block", RESULT, {"state": bytes(32)}),
        ("another_state_of_block_0", GENESIS, {"state": bytes(32)})):
    def change(c, place=place, fields=fields):
        c.header(place, 0, **fields)
    change.__name__ = sentence
    mutant("town", "log")(change)


def _certificates(make):
    def change(c):
        c.certificates = lambda drafts: make(c, drafts)
    return change


for sentence, change in {
        "a_false_signature_of_a_node": _certificates(
            lambda c, d: [flipped(c.final(d)[0], -1)]),
        "a_quorum_less_one": _certificates(
            lambda c, d: [c.certificate(FINALIZE, d[-1].view, d[-1].id, (0, 1))]),
        "a_node_that_is_not_there": _certificates(
            lambda c, d: [spliced(c.final(d)[0], 41, u16(0b10011))]),
        "a_certificate_for_another_view": _certificates(
            lambda c, d: [c.certificate(FINALIZE, d[-1].view + 1, d[-1].id)]),
        "a_certificate_of_a_block_that_is_not_there": _certificates(
            lambda c, d: [c.certificate(FINALIZE, d[-2].view, bytes([1]) * 32)] + c.final(d)),
        "a_certificate_of_a_later_block_that_is_not_there": _certificates(
            lambda c, d: c.final(d) + [c.certificate(FINALIZE, d[-1].view + 1, bytes([1]) * 32)]),
        "certificates_in_another_order": _certificates(
            lambda c, d: c.final(d) + [c.certificate(FINALIZE, d[-2].view, d[-2].id)]),
        "a_certificate_twice": _certificates(lambda c, d: c.final(d) * 2),
        "a_certificate_of_an_unknown_type": _certificates(
            lambda c, d: [c.certificate(4, d[-1].view, d[-1].id)]),
        "a_view_both_final_and_given_up": _certificates(
            lambda c, d: [c.certificate(NULLIFY, d[-1].view, NONE)] + c.final(d)),
        "a_view_given_up_that_names_a_block": _certificates(
            lambda c, d: [c.certificate(NULLIFY, d[-2].view, d[-2].id)] + c.final(d)),
        "another_block_notarized_in_a_final_view": _certificates(
            lambda c, d: [c.certificate(NOTARIZE, d[-1].view, bytes([1]) * 32)] + c.final(d)),
        "another_block_notarized_in_a_view_of_the_chain": _certificates(
            lambda c, d: [c.certificate(NOTARIZE, d[-2].view, bytes([1]) * 32)] + c.final(d)),
        "bytes_after_a_certificate": _certificates(lambda c, d: [c.final(d)[0] + b"\0"]),
        "a_certificate_of_view_0": _certificates(
            lambda c, d: [c.certificate(FINALIZE, 0, d[0].id)] + c.final(d)),
}.items():
    change.__name__ = sentence
    mutant("town", "certificates")(change)

for sentence, change in {
        "no_certificate": _certificates(lambda c, d: []),
        "only_a_notarization": _certificates(
            lambda c, d: [c.certificate(NOTARIZE, d[-1].view, d[-1].id)]),
        "only_an_earlier_block_is_final": _certificates(
            lambda c, d: [c.certificate(FINALIZE, d[-2].view, d[-2].id)]),
}.items():
    change.__name__ = sentence
    mutant("town", "certificates", "cannot tell")(change)


def _cut_chain(c):
    """The last block is missing, the one before it is final."""
    c.drafts.pop()


_cut_chain.__name__ = "no_result"
mutant("town", "complete", "cannot tell")(_cut_chain)


def _finish(make):
    def change(c):
        c.finish = make
    return change


for sentence, verdict, change in (
        ("no_end", "cannot tell", _finish(lambda data: data[:-13])),
        ("cut_within_a_record", "no", _finish(lambda data: data[:-5])),
        ("another_number_of_records", "no", _finish(lambda data: data[:-1] + u8(data[-1] ^ 1))),
        ("a_record_after_the_end", "no", _finish(lambda data: data + record(CERTIFICATE, b""))),
        ("bytes_after_the_end", "no", _finish(lambda data: data + b"\0")),
        ("a_second_end", "no", _finish(lambda data: data + data[-13:])),
        ("an_end_of_nine_bytes", "no", _finish(
            lambda data: data[:-13] + record(END_OF_FILE, data[-8:] + b"\0"))),
        ("an_unknown_kind_of_record", "no", _finish(
            lambda data: data[:-13] + record(5, b"") + data[-13:])),
        ("signatures_twice", "no", _finish(lambda data: _twice(data)))):
    change.__name__ = sentence
    mutant("town", "complete", verdict)(change)


def _twice(data):
    at = 8
    while data[at] != SIGNATURES:
        at += 5 + int.from_bytes(data[at + 1:at + 5], "big")
    size = 5 + int.from_bytes(data[at + 1:at + 5], "big")
    out = data[:at] + data[at:at + size] * 2 + data[at + size:]
    return out[:-8] + u64(int.from_bytes(out[-8:], "big") + 1)

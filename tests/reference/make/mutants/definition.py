"""Manifest, fingerprint, constitution; headers and bodies."""
from verify import group
from verify.chain import BLOCK
from verify.hashing import u32, u8
from verify.manifest import canonical
from verify.rules import BALLOT, CLOSE, CLOSING, CONFIRM, GENESIS, OPEN

from .. import provers
from ..chain import record
from ..copy import flipped
from ..election import signed_card
from .registry import header, mutant, mutants


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


mutants("town", "manifest", {
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
    "a_curve_key_of_zeros": _card(0, curve_key="00" * 32),
    "an_encryption_key_that_is_the_identity": _card(0, encryption_key="00" * 32),
    "a_node_key_of_small_order": _card(0, node_key="01" + "00" * 31),
    "a_card_of_another_role": _card(0, role="officer"),
})


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


mutants("town", "blocks", {
    "a_block_of_another_election": header(BALLOT, election_id=bytes(32)),
    "a_height_left_out": header(BALLOT, height=99),
    "another_parent": header(BALLOT, parent=bytes(32)),
    "another_view_of_the_parent": header(BALLOT, parent_view=1),
    "a_view_that_stands_still": header(BALLOT, view=13),
    "a_time_that_goes_back": header(BALLOT, time=28_000_000),
    "a_body_length_that_is_not": header(BALLOT, body_len=5),
    "a_body_hash_that_is_not": header(BALLOT, body_hash=bytes(32)),
    "fewer_items_than_the_body_has": header(BALLOT, n_items=1),
    "more_items_than_the_body_has": header(BALLOT, n_items=3),
    "a_block_0_with_a_time": header(GENESIS, time=1),
    "a_block_0_with_a_view": header(GENESIS, view=1),
    "a_block_0_with_another_state": header(GENESIS, state=bytes(32)),
    "a_log_that_grows_by_another_number": header(CLOSE, log_size=1),
    "a_proposer_that_is_no_node": header(BALLOT, proposer=4),
    "a_proposer_that_does_not_lead": lambda c: c.header(
        BALLOT, 0, proposer=c.e.m.leader(c.place(BALLOT)[0].view + 1)),
})


@mutant("town", "ballots")
def items_in_another_order(c):
    draft, _ = c.place(BALLOT)
    draft.items.reverse()


@mutant("town", "ceremony")
def an_item_twice(c):
    draft, _ = c.place(CONFIRM)
    draft.items.insert(0, draft.items[0])


@mutant("town", "phases")
def a_phase_change_in_company(c):
    draft, _ = c.place(OPEN)
    draft.items.insert(0, c.e.device_with(9, provers.Signer(c.e.chance).public, bytes([9]) * 32))


@mutant("town", "blocks")
def an_unknown_type(c):
    draft, _ = c.place(CLOSING)
    draft.items = [u8(20) + draft.items[0][1:]]


@mutant("town", "blocks")
def bytes_after_the_last_item(c):
    draft, _ = c.place(CLOSING)
    draft.body = u32(len(draft.items[0])) + draft.items[0] + b"\0"


@mutant("town", "blocks")
def a_second_genesis(c):
    c.block_before(OPEN, 0, c.tx(GENESIS))


@mutant("town", "blocks")
def a_block_left_out(c):
    c.finish = lambda data: data.replace(record(BLOCK, c.e.blocks[9]), b"", 1)

"""Evidence, complaints, incidents: each refusal, and what is at its quota and one past it."""
from verify.ballot import Ballot
from verify.hashing import h, u8, u16, u32, u64
from verify.reports import (BREACH, COMPLAINT, EVIDENCE, FALSE_MESSAGE, FINALIZE,
                            INCIDENT, KIOSK, NODE, NOTARIZE, NULLIFY, OFFICER, REGISTRAR, TRUSTEE,
                            TWO_FATES)
from verify.rules import BALLOT, CLOSE, CONFIRM, DEAL, END, RESULT, SHARE
from verify.rules import COMMIT as DKG_COMMIT, COMPLAIN as DKG_COMPLAIN

from .. import provers
from ..chain import in_order
from ..copy import spliced
from .registry import mutant

NONE = bytes(32)
OFFICE = (OFFICER, 0)


def _item(*kinds):
    return b"".join(u32(2) + u8(k) + u8(0) for k in kinds)


def _after_result(sentence, make, verdict="no"):
    """One or more items in a block after the result."""
    def change(c):
        made = make(c.e)
        made = made if isinstance(made, list) else [made]
        c.block_after(RESULT, 0, *(in_order(c.e.m, made) if len(made) > 1 else made))
    change.__name__ = sentence
    mutant("uneasy", None if verdict == "yes" else "reports", verdict)(change)


def _evidence(sentence, make, verdict="no"):
    _after_result(sentence, lambda e: e.evidence(OFFICE, make(e)), verdict)


def _flip(data, at=-1):
    out = bytearray(data)
    out[at] ^= 1
    return bytes(out)


def _votes(e, *votes):
    return u8(1) + b"".join(e.node_vote(*v) for v in votes)


A, B = sorted((h("body", b"3"), h("body", b"4")))

# --- evidence

_evidence("a_double_vote_is_taken_after_the_result",
          lambda e: _votes(e, (1, FINALIZE, 5, A), (1, FINALIZE, 5, B)), "yes")
_evidence("a_nullify_and_a_finalize_are_a_double_vote",
          lambda e: _votes(e, (1, NULLIFY, 5, NONE), (1, FINALIZE, 5, A)), "yes")
_evidence("a_nullify_and_a_notarize_are_none",
          lambda e: _votes(e, (1, NOTARIZE, 5, A), (1, NULLIFY, 5, NONE)))
_evidence("two_votes_of_one_block", lambda e: _votes(e, (1, NOTARIZE, 5, A), (1, FINALIZE, 5, A)))
_evidence("two_votes_of_two_views", lambda e: _votes(e, (1, NOTARIZE, 5, A), (1, NOTARIZE, 6, B)))
_evidence("two_votes_of_two_nodes", lambda e: _votes(e, (1, NOTARIZE, 5, A), (2, NOTARIZE, 5, B)))
_evidence("two_votes_in_the_wrong_order",
          lambda e: _votes(e, (1, NOTARIZE, 5, B), (1, NOTARIZE, 5, A)))
_evidence("a_vote_whose_signature_is_false",
          lambda e: _flip(_votes(e, (1, NOTARIZE, 5, A), (1, NOTARIZE, 5, B))))
_evidence("a_vote_of_a_node_that_is_not_there", lambda e: u8(1) + b"".join(
    e.node_vote(1, NOTARIZE, 5, b)[:41] + u8(3) + bytes(64) for b in (A, B)))
_evidence("a_vote_in_view_zero", lambda e: _votes(e, (1, NOTARIZE, 0, A), (1, NOTARIZE, 0, B)))
_evidence("evidence_with_a_byte_left_over",
          lambda e: _votes(e, (1, NOTARIZE, 5, A), (1, NOTARIZE, 5, B)) + b"\0")
_evidence("evidence_of_a_kind_for_files", lambda e: u8(34) + u8(0) + bytes(16))
_evidence("evidence_that_holds_no_transaction", lambda e: u8(6) + u32(1) + u8(11))
_evidence("evidence_of_kind_seven", lambda e: u8(7) + bytes(200))
_evidence("empty_evidence", lambda e: b"")
_evidence("a_block_with_another_proposer", lambda e: e.unsound_block(12, proposer=13), "yes")
_evidence("a_block_with_two_phase_changes", lambda e: e.unsound_block(12, _item(12, 13), items=2),
          "yes")
_evidence("a_block_with_fewer_items_than_it_says",
          lambda e: e.unsound_block(12, _item(3), items=2), "yes")
_evidence("a_sound_block", lambda e: e.unsound_block(12, _item(3)))
_evidence("a_sound_header_without_its_body", lambda e: e.unsound_block(12))
_evidence("an_unsound_header_with_a_body", lambda e: e.unsound_block(12, b"anything", height=0))
_evidence("an_unsound_block_of_one_who_does_not_lead",
          lambda e: e.unsound_block(12, height=0, node=(e.m.leader(12) + 1) % 3))
_evidence("an_unsound_block_whose_vote_is_false",
          lambda e: _flip(e.unsound_block(12, height=0), 100))
_evidence("an_unsound_block_with_another_header",
          lambda e: _flip(e.unsound_block(12, height=0), -2))
_after_result("the_same_offence_twice", lambda e: e.evidence((REGISTRAR, 0), e.double_vote(2, 7, A, B)))
_after_result("as_many_offences_as_one_may_have", lambda e: [
    e.evidence(OFFICE, e.double_vote(1, v)) for v in range(20, 24)], "yes")
_after_result("one_offence_more_than_one_may_have", lambda e: [
    e.evidence(OFFICE, e.double_vote(1, v)) for v in range(20, 25)])

# --- who may, and about whom

_after_result("a_report_of_a_kiosk", lambda e: e.incident((KIOSK, 7), 1, b"I am slow."))
_after_result("a_report_of_a_trustee_who_is_not_there",
              lambda e: e.report(INCIDENT, (TRUSTEE, 4), u8(1) + u8(0) + u16(1) + b"x",
                                 e.reporter((TRUSTEE, 1))))
_after_result("a_report_of_trustee_zero",
              lambda e: e.report(INCIDENT, (TRUSTEE, 0), u8(1) + u8(0) + u16(1) + b"x",
                                 e.reporter((TRUSTEE, 1))))
_after_result("a_report_of_an_unknown_role",
              lambda e: e.report(INCIDENT, (6, 0), u8(1) + u8(0) + u16(1) + b"x",
                                 e.reporter((TRUSTEE, 1))))
_after_result("a_report_that_another_signed",
              lambda e: e.report(INCIDENT, OFFICE, u8(1) + u8(0) + u16(1) + b"x",
                                 e.reporter((TRUSTEE, 1))))
_after_result("a_node_that_signs_as_its_trustee",
              lambda e: e.report(INCIDENT, (TRUSTEE, 1), u8(1) + u8(0) + u16(1) + b"x",
                                 e.reporter((NODE, 0))))
_after_result("a_report_signed_for_another_type", lambda e: u8(INCIDENT) + e.report(
    COMPLAINT, OFFICE, u8(1) + u8(0) + u16(1) + b"x")[1:])
_after_result("a_complaint_about_a_kiosk_that_is_not_there",
              lambda e: e.complaint_about(OFFICE, (KIOSK, 8), b"It is slow."))
_after_result("a_complaint_about_a_node_that_is_not_there",
              lambda e: e.complaint_about(OFFICE, (NODE, 3), b"It is slow."))
_after_result("an_incident_at_a_kiosk_that_is_not_there",
              lambda e: e.incident(OFFICE, 1, b"It is slow.", 8))

# --- what is said

_after_result("a_category_that_is_not_there", lambda e: e.incident(OFFICE, 8, b"It is slow."))
_after_result("a_category_of_zero", lambda e: e.incident(OFFICE, 0, b"It is slow."))
_after_result("a_text_of_nothing", lambda e: e.incident(OFFICE, 1, b""))
_after_result("the_longest_text", lambda e: e.incident(OFFICE, 1, b"x" * 512), "yes")
_after_result("a_text_that_is_too_long", lambda e: e.incident(OFFICE, 1, b"x" * 513))
_after_result("a_text_with_a_line_feed", lambda e: e.incident(OFFICE, 1, b"a\nb"))
_after_result("a_text_that_turns_round", lambda e: e.incident(OFFICE, 1, "a\u202eb".encode()))
_after_result("a_text_that_is_not_utf8", lambda e: e.incident(OFFICE, 1, b"\xff"))
_after_result("a_text_that_is_not_nfc", lambda e: e.incident(OFFICE, 1, "e\u0301".encode()))
_after_result("a_flag_of_two", lambda e: e.report(
    INCIDENT, OFFICE, u8(1) + u8(2) + u16(7) + u16(1) + b"x"))
_after_result("a_report_with_a_byte_left_over", lambda e: e.incident(OFFICE, 1, b"x") + b"\0")
_after_result("the_same_words_twice", lambda e: e.incident((TRUSTEE, 1), 7, b"It is over."))
_after_result("as_many_complaints_as_one_may_send", lambda e: [
    e.complaint_about((TRUSTEE, 3), (NODE, 1), b"%d" % i) for i in range(16)], "yes")
_after_result("one_complaint_more_than_one_may_send", lambda e: [
    e.complaint_about((TRUSTEE, 3), (NODE, 1), b"%d" % i) for i in range(17)])
_after_result("as_many_incidents_as_one_may_send", lambda e: [
    e.incident((TRUSTEE, 3), 1, b"%d" % i) for i in range(64)], "yes")
_after_result("one_incident_more_than_one_may_send", lambda e: [
    e.incident((TRUSTEE, 3), 1, b"%d" % i) for i in range(65)])


@mutant("uneasy", "reports")
def a_report_beside_a_phase_change(c):
    c.beside(CLOSE, 0, c.e.incident(OFFICE, 1, b"It is slow."))


@mutant("uneasy", "reports")
def a_complaint_about_a_kiosk_before_it_is_there(c):
    c.block_before(EVIDENCE, 0, c.e.complaint_about(OFFICE, (KIOSK, 7), b"It is slow."))


@mutant("uneasy", None, "yes")
def reports_of_three_kinds_before_the_polls_open(c):
    c.beside(COMPLAINT, 1, c.e.evidence(OFFICE, c.e.double_vote(0, 30)),
             c.e.complaint_about(OFFICE, (KIOSK, 7), b"It is red."),
             c.e.incident(OFFICE, 1, b"It is blue."))


# --- evidence that the chain decides: what is brought after the result of the town

def _town(sentence, make, verdict="no", election="town"):
    def change(c):
        c.block_after(RESULT, 0, c.e.evidence(OFFICE, make(c)))
    change.__name__ = sentence
    mutant(election, None if verdict == "yes" else "reports", verdict)(change)


def _inside(kind, tx):
    return u8(kind) + u32(len(tx)) + tx


def _promise(e, node, tx_id, minutes, signer=None):
    body = tx_id + u8(node) + u64(minutes)
    return body + (signer or e.trustees[node].node).sign("promise", e.id, b"", body)


def _breach(c, name="gil", node=1, late=10, tx=None, tx_id=None, signer=None):
    e = c.e
    tx = tx or e.vote(name, [0, 1, 0], e.locks.get(name))[0]
    return u8(BREACH) + _promise(e, node, tx_id or Ballot(e.m, tx[1:]).id, e.state.end_time - late,
                                 signer) + u32(len(tx)) + tx


_town("a_promise_that_was_not_kept", _breach, "yes")
_town("a_promise_of_nine_minutes_before_the_end", lambda c: _breach(c, late=9))
_town("a_promise_of_after_the_end", lambda c: _breach(c, late=-1))
_town("a_promise_to_one_who_has_a_ballot", lambda c: _breach(c, "eva"))
_town("a_promise_that_was_kept", lambda c: _breach(c, tx=c.tx(BALLOT, 0)))
_town("a_promise_of_another_ballot", lambda c: _breach(c, tx_id=NONE))
_town("a_promise_that_another_node_signed", lambda c: _breach(c, signer=c.e.trustees[2].node))
_town("a_promise_of_no_ballot", lambda c: _breach(c, tx=c.tx(CLOSE, 0), tx_id=NONE))
_town("a_promised_ballot_with_a_false_signature", lambda c: _breach(
    c, tx=_flip(c.e.vote("gil", [0, 1, 0])[0])))
_town("a_promised_ballot_with_a_false_proof", lambda c: _breach(
    c, tx=c.e.vote("gil", [0, 1, 0], bits=[1, 1, 0])[0]))


def _fates(c, a=1, b=2, kiosk=7, signer=None, key=None):
    signer, tracker = signer or c.e.kiosks[7], h("body", b"slip")
    return u8(TWO_FATES) + u16(kiosk) + (key or signer.public) + tracker + b"".join(
        u8(f) + signer.sign("slip-fate", c.e.id, b"", tracker + u8(f)) for f in (a, b))


_town("two_fates_of_one_ballot", _fates, "yes")
_town("two_fates_of_which_one_is_void", lambda c: _fates(c, 2, 3), "yes")
_town("one_fate_twice", lambda c: _fates(c, 1, 1))
_town("two_fates_in_the_wrong_order", lambda c: _fates(c, 2, 1))
_town("a_fate_of_zero", lambda c: _fates(c, 0, 1))
_town("a_fate_of_four", lambda c: _fates(c, 1, 4))
_town("two_fates_under_the_key_of_another_kiosk", lambda c: _fates(c, signer=c.e.kiosks[8]))
_town("two_fates_of_a_kiosk_that_is_not_there", lambda c: _fates(c, kiosk=9))
_town("two_fates_under_a_key_of_small_order",
      lambda c: _fates(c, key=u8(1) + bytes(31)))
_town("two_fates_that_the_kiosk_did_not_sign", lambda c: _flip(_fates(c)))

# Evidence that opens a vote that counts is for files alone.
_town("a_ballot_that_was_cast_and_opened", lambda c: _inside(
    6, c.e.test(7, "ann", c.e.locks["ann"])))


def _said(c, kind, change, n=0, sign=True):
    """A message of the ceremony or a share in which something is changed, signed by its trustee."""
    tx = change(c.tx(kind, n))
    return _inside(FALSE_MESSAGE, c.resigned(tx) if sign else tx)


def _entry(dealer):
    """A complaint that proves nothing."""
    def change(tx):
        body = u8(1) + u8(dealer) + provers.times(5) + bytes(64)
        return tx[:2] + u32(len(body)) + body + tx[-64:]
    return change


_town("a_deal_with_a_false_proof", lambda c: _said(
    c, DEAL, lambda tx: spliced(tx, -65 - 31, bytes(31))), "yes")
_town("a_deal_of_another_length", lambda c: _said(
    c, DEAL, lambda tx: tx[:2] + u32(1) + u8(9) + tx[-64:]), "yes")
_town("a_true_deal", lambda c: _said(c, DEAL, lambda tx: tx))
_town("a_false_deal_that_its_trustee_did_not_sign",
      lambda c: _said(c, DEAL, lambda tx: spliced(tx, -65 - 31, bytes(31)), sign=False))
_town("a_confirmation_of_another_key", lambda c: _said(
    c, CONFIRM, lambda tx: spliced(tx, -65 - 31, bytes(31))), "yes")
_town("a_true_confirmation", lambda c: _said(c, CONFIRM, lambda tx: tx))
_town("a_confirmation_after_another_block", lambda c: _said(
    c, CONFIRM, lambda tx: spliced(tx, 2, bytes(31))))
_town("a_complaint_that_proves_nothing", lambda c: _said(c, DKG_COMPLAIN, _entry(3)), "yes")
_town("a_complaint_about_oneself", lambda c: _said(
    c, DKG_COMPLAIN, lambda tx: _entry(tx[1])(tx)), "yes")
_town("a_complaint_that_complains_of_nothing", lambda c: _said(c, DKG_COMPLAIN, lambda tx: tx))
_town("a_false_complaint_of_another_chain",
      lambda c: _said(c, DKG_COMPLAIN, _entry(3), sign=False))
_town("a_share_with_another_element", lambda c: _said(
    c, SHARE, lambda tx: spliced(tx, 6, provers.times(9))), "yes")
_town("a_share_of_another_length", lambda c: _said(
    c, SHARE, lambda tx: tx[:2] + u32(1) + u8(9) + tx[-64:]), "yes")
_town("a_true_share", lambda c: _said(c, SHARE, lambda tx: tx))
_town("a_false_share_of_another_end", lambda c: _said(
    c, SHARE, lambda tx: spliced(tx, 6, provers.times(9)), sign=False))
_town("a_message_of_a_kind_that_nobody_judges", lambda c: _said(c, DKG_COMMIT, lambda tx: tx))
_town("a_false_share_where_no_sum_is_opened",
      lambda c: _inside(FALSE_MESSAGE, c.e.from_trustee(SHARE, 1, bytes(64))), "no", "deserted")
_town("a_false_share_of_one_who_was_excluded", lambda c: _inside(
    FALSE_MESSAGE, c.e.from_trustee(SHARE, 4, bytes(96))), "no", "hamlet")


@mutant("town", "reports")
def a_broken_promise_before_the_end(c):
    c.block_before(END, 0, c.e.evidence(OFFICE, _breach(c, late=12)))


@mutant("town", "reports")
def the_same_broken_promise_twice(c):
    tx = c.e.vote("gil", [0, 1, 0])[0]
    for by in (OFFICE, (NODE, 2)):
        c.block_after(RESULT, 0, c.e.evidence(by, _breach(c, tx=tx)))

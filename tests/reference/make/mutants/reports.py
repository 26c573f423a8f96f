"""Evidence, complaints, incidents: each refusal, and what is at its quota and one past it."""
from verify.hashing import h, u8, u16, u32
from verify.reports import (COMPLAINT, EVIDENCE, FINALIZE, INCIDENT, KIOSK, NODE, NOTARIZE, NULLIFY,
                            OFFICER, REGISTRAR, TRUSTEE)
from verify.rules import CLOSE, RESULT

from ..chain import in_order
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
_evidence("evidence_of_a_kind_that_the_chain_does_not_judge", lambda e: u8(6) + u32(1) + u8(11))
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

"""Evidence that the chain decides: what shows somebody's fault, and all that looks like it."""
from verify.hashing import h, u8, u32
from verify.rules import BALLOT, COMPLAIN, CONFIRM, DEAL, NAMES, RESULT, SHARE

from .registry import mutant

OFFICE = (3, 0)
NONE = bytes(32)


def _evidence(sentence, make, verdict="no"):
    def change(c):
        c.block_after(RESULT, 0, c.e.evidence(OFFICE, make(c.e)))
    change.__name__ = sentence
    mutant("quarrel", None if verdict == "yes" else "reports", verdict)(change)


def _spoken(sentence, kind, trustee, make, verdict="no"):
    _evidence(sentence, lambda e: e.false_message(e.spoken(kind, trustee, make(e))), verdict)


def _signed_about(kind, i, rest, e, context, signer=None):
    """As the trustee, or another, would sign it where the deals or the end were others."""
    body = u8(i) + rest
    signer = e.trustees[(signer or i) - 1].sign
    y = e.state.y if kind == SHARE else b""
    return e.false_message(u8(kind) + body + signer.sign(NAMES[kind], e.id, y, body,
                                                         context=context))


def _sized(data):
    return u32(len(data)) + data


# --- deals: the manifest decides

_spoken("evidence_of_an_honest_deal", DEAL, 1, lambda e: e.honest_deal)
_spoken("the_deal_of_another_as_ones_own", DEAL, 2, lambda e: e.honest_deal, "yes")
_spoken("a_false_deal_of_one_who_was_accused_of_another", DEAL, 1, lambda e: e.false_deal)
_spoken("a_deal_that_is_no_deal", DEAL, 3, lambda e: _sized(b"no"), "yes")
_spoken("a_false_deal_that_is_too_long", DEAL, 2, lambda e: _sized(e.false_deal[4:] + b"\0"))
_spoken("a_false_deal_of_nobody", DEAL, 0, lambda e: e.false_deal)
_evidence("a_false_deal_that_another_signed",
          lambda e: _signed_about(DEAL, 2, e.false_deal, e, None, 3))
_evidence("a_false_deal_with_a_byte_left_over",
          lambda e: e.false_message(e.spoken(DEAL, 2, e.false_deal)) + b"\0")

# --- complaints: the deals that the signature names

_spoken("evidence_of_a_complaint_that_is_proved", COMPLAIN, 3,
        lambda e: _sized(u8(1) + e.complaint(3, 1)))
_spoken("evidence_of_no_complaint", COMPLAIN, 3, lambda e: _sized(u8(0)))
_spoken("the_complaint_of_another", COMPLAIN, 3, lambda e: _sized(u8(1) + e.true_entry), "yes")
_spoken("a_complaint_about_oneself", COMPLAIN, 1, lambda e: _sized(u8(1) + e.true_entry), "yes")
_evidence("a_false_complaint_about_other_deals", lambda e: _signed_about(
    COMPLAIN, 3, _sized(u8(1) + e.false_entry), e, h("body", b"elsewhere")))
_evidence("a_false_complaint_that_names_no_deals", lambda e: _signed_about(
    COMPLAIN, 3, _sized(u8(1) + e.false_entry), e, None))

# --- confirmations: the block that they name

_spoken("evidence_of_an_honest_confirmation", CONFIRM, 1,
        lambda e: e.state.step_block.id + e.state.ceremony.confirmation)
_spoken("a_confirmation_of_another_hash", CONFIRM, 1,
        lambda e: e.state.step_block.id + h("body", b"other"), "yes")
_spoken("a_confirmation_of_another_block", CONFIRM, 1,
        lambda e: h("body", b"elsewhere") + h("body", b"other"))

# --- shares: the end that the signature names

_spoken("evidence_of_an_honest_share", SHARE, 1, lambda e: e.shares_of[1][2:-64])
_spoken("the_share_of_another_as_ones_own", SHARE, 2, lambda e: e.shares_of[1][2:-64], "yes")
_spoken("a_share_that_is_too_short", SHARE, 2, lambda e: _sized(e.false_share[32:]), "yes")
_spoken("a_share_that_is_too_long", SHARE, 2, lambda e: _sized(NONE + e.false_share))
_evidence("a_false_share_of_another_end", lambda e: _signed_about(
    SHARE, 2, _sized(e.false_share), e, h("body", b"elsewhere")))
_evidence("a_commit_is_never_false",
          lambda e: e.false_message(e.signed(2, u8(1) + _sized(b"no"), e.trustees[0].sign)))

# --- promises

_evidence("a_promise_that_was_kept", lambda e: e.breach(1, e.promise_time, e.kept))
_evidence("a_promise_that_was_not_kept", lambda e: e.breach(1, e.promise_time, e.second), "yes")
_evidence("a_promise_ten_minutes_before_the_end",
          lambda e: e.breach(1, e.state.end_time - 10, e.second), "yes")
_evidence("a_promise_nine_minutes_before_the_end",
          lambda e: e.breach(1, e.state.end_time - 9, e.second))
_evidence("a_promise_after_the_end", lambda e: e.breach(1, e.state.end_time + 500, e.second))
_evidence("a_promise_of_the_end_of_time", lambda e: e.breach(1, 2**64 - 1, e.second))
_evidence("a_promise_of_what_copies_a_ciphertext", lambda e: e.breach(1, e.promise_time, e.copy))
_evidence("a_promise_of_one_who_has_voted_otherwise", lambda e: e.breach(
    1, e.promise_time, e.vote("una", [0, 1])[0]))
_evidence("a_promise_that_another_node_signed",
          lambda e: e.breach(1, e.promise_time, e.second, e.trustees[0].node))
_evidence("a_promise_that_a_trustee_signed",
          lambda e: e.breach(1, e.promise_time, e.second, e.trustees[1].sign))
_evidence("a_promise_of_another_ballot", lambda e: e.breach(1, e.promise_time, e.second)[
    :-len(e.second)] + e.vote("xan", [0, 1])[0])
_evidence("a_promise_of_a_ballot_that_nobody_signed", lambda e: e.breach(
    1, e.promise_time, e.second[:-1] + bytes([e.second[-1] ^ 1])))
_evidence("a_promise_of_a_ballot_with_a_false_proof", lambda e: e.breach(
    1, e.promise_time, e.vote("xan", [0, 1], ctx=bytes(64))[0]))
_evidence("the_same_promise_of_two_nodes", lambda e: e.breach(0, e.promise_time, e.promised), "yes")
_evidence("a_promise_that_was_reported_before",
          lambda e: e.breach(2, e.promise_time + 1, e.promised))
_evidence("a_promise_of_what_is_no_ballot",
          lambda e: e.breach(1, e.promise_time, e.second).replace(u8(BALLOT) + e.second[1:9],
                                                                  u8(11) + e.second[1:9]))

# --- fates


def _fates(sentence, verdict, fates, tracker=NONE, number=7, key=None, signer=None):
    _evidence(sentence, lambda e: e.two_fates(
        number, key(e) if key else e.kiosks[7].public, tracker, fates,
        signer(e) if signer else e.kiosks[7]), verdict)


_fates("two_fates_of_another_ballot", "yes", (2, 3))
_fates("cast_and_void", "yes", (1, 3))
_fates("one_fate_twice", "no", (2, 2))
_fates("two_fates_in_the_wrong_order", "no", (3, 2))
_fates("a_fate_that_is_none", "no", (2, 4))
_fates("a_fate_of_zero", "no", (0, 2))
_fates("two_fates_of_a_kiosk_that_is_not_there", "no", (2, 3), number=8)
_fates("two_fates_under_the_key_of_another", "no", (2, 3), key=lambda e: e.trustees[0].node.public,
       signer=lambda e: e.trustees[0].node)
_fates("two_fates_that_another_signed", "no", (2, 3), signer=lambda e: e.trustees[0].node)

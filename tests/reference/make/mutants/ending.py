"""Shares, result, log, certificates, and the file."""
from verify import group
from verify.chain import CERTIFICATE, END_OF_FILE, FINALIZE, NOTARIZE, NULLIFY, SIGNATURES
from verify.field import Q
from verify.hashing import u16, u64, u8
from verify.rules import BALLOT, CLOSE, END, RESULT, SHARE

from .. import provers
from ..chain import NONE, cosignature, record
from ..copy import flipped, spliced
from .registry import header, mutant, mutants


def _share(at, new):
    return lambda c: c.change(SHARE, 0, at, new)


mutants("town", "shares", {
    "another_share_of_a_sum": _share(6, provers.times(9)),
    "a_share_that_is_no_element": _share(6, b"\xff" * 32),
    "a_share_with_a_false_proof": _share(-128, group.scalar_bytes(1)),
    "a_share_with_a_scalar_above_the_order": _share(-96, b"\xff" * 32),
})


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


mutants("town", "result", {
    "a_vote_more": _count(1, lambda m: m + 1),
    "a_vote_less": _count(0, lambda m: m - 1),
    "a_vote_moved": lambda c: (_count(1, lambda m: m - 1)(c), _count(2, lambda m: m + 1)(c)),
    "the_order_of_the_group_more": _count(1, lambda m: m + Q % 2**64),
    "a_count_for_nobody": _count(6, lambda m: 1),
    "a_result_with_another_end": lambda c: c.change(RESULT, 0, 33, u64(3)),
    "a_result_with_another_anchor": lambda c: c.change(RESULT, 0, 1, bytes(32)),
    "a_result_by_two": lambda c: c.put(RESULT, 0, c.resigned(c.tx(RESULT), (1, 2))),
    "a_result_with_too_few_shares": lambda c: c.drop(SHARE, 2),
})


@mutant("town", "result")
def a_result_with_a_count_too_many(c):
    e, tx = c.e, c.tx(RESULT)
    n = int.from_bytes(tx[41:45], "big")
    counts = [int.from_bytes(tx[45 + 8 * i:53 + 8 * i], "big") for i in range(n)]
    c.put(RESULT, 0, e.result((1, 3, 4), counts + [0],
                              int.from_bytes(tx[33:41], "big"), tx[1:33]))


mutants("town", "log", {
    "another_root_of_the_log": header(CLOSE, log_root=bytes(32)),
    "another_state": header(CLOSE, state=bytes(32)),
    "another_state_of_the_last_block": header(RESULT, state=bytes(32)),
})


def _certificates(make):
    def change(c):
        c.certificates = lambda drafts: make(c, drafts)
    return change


mutants("town", "certificates", {
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
})


mutants("town", "certificates", {
    "no_certificate": _certificates(lambda c, d: []),
    "only_a_notarization": _certificates(
        lambda c, d: [c.certificate(NOTARIZE, d[-1].view, d[-1].id)]),
    "only_an_earlier_block_is_final": _certificates(
        lambda c, d: [c.certificate(FINALIZE, d[-2].view, d[-2].id)]),
}, verdict="cannot tell")


def _words(make):
    """What nodes vouch for: end is the (size, root) of the log there, and result the same."""
    def change(c):
        def words(drafts):
            end, result = (next(d for d in drafts if d.items[0][0] == kind).log
                           for kind in (END, RESULT))
            return make(c.e, end, result)
        c.cosignatures = words
    return change


mutants("town", "cosignatures", {
    "a_false_cosignature": _words(lambda e, end, _: [flipped(e.cosign(1, 0, *end), -1)]),
    "a_node_that_vouches_for_another_root": _words(
        lambda e, end, _: [e.cosign(1, 0, end[0], bytes(32))]),
    "a_node_that_vouches_for_another_size": _words(
        lambda e, end, _: [e.cosign(1, 0, end[0] + 1, end[1])]),
    "a_node_that_vouches_for_the_end_as_the_result": _words(
        lambda e, end, _: [e.cosign(2, 0, *end)]),
    "a_node_that_vouches_for_something_else": _words(
        lambda e, end, _: [e.cosign(3, 0, *end)]),
    "a_node_that_vouches_twice": _words(lambda e, end, _: [e.cosign(1, 0, *end)] * 2),
    "cosignatures_in_another_order": _words(
        lambda e, end, result: [e.cosign(2, 0, *result), e.cosign(1, 1, *end)]),
    "a_word_of_another_node": _words(
        lambda e, end, _: [spliced(e.cosign(1, 0, *end), 1, b"\1")]),
    "a_word_of_a_node_that_is_not_there": _words(
        lambda e, end, _: [spliced(e.cosign(1, 0, *end), 1, b"\4")]),
    "a_word_of_another_time": _words(lambda e, end, _: [flipped(e.cosign(1, 0, *end), 9)]),
    "a_word_with_another_key_of_the_node": _words(lambda e, end, _: [cosignature(
        e.trustees[0].node, e.id, 1, 0, *end)]),
    "bytes_after_a_cosignature": _words(lambda e, end, _: [e.cosign(1, 0, *end) + b"\0"]),
})


@mutant("town", "cosignatures")
def a_word_for_a_result_that_is_not_there(c):
    c.drafts.pop()
    c.cosignatures = lambda drafts: [c.e.cosign(2, 0, *c.e.drafts[-1].log)]


@mutant("town", "complete", "cannot tell")
def no_result(c):
    """The last block is missing, the one before it is final."""
    c.drafts.pop()


def _finish(make):
    def change(c):
        c.finish = make
    return change


mutants("town", "complete", {"no_end": _finish(lambda data: data[:-13])}, verdict="cannot tell")
mutants("town", "complete", {
    "cut_within_a_record": _finish(lambda data: data[:-5]),
    "another_number_of_records": _finish(lambda data: data[:-1] + u8(data[-1] ^ 1)),
    "a_record_after_the_end": _finish(lambda data: data + record(CERTIFICATE, b"")),
    "bytes_after_the_end": _finish(lambda data: data + b"\0"),
    "a_second_end": _finish(lambda data: data + data[-13:]),
    "an_end_of_nine_bytes": _finish(
        lambda data: data[:-13] + record(END_OF_FILE, data[-8:] + b"\0")),
    "an_unknown_kind_of_record": _finish(lambda data: data[:-13] + record(6, b"") + data[-13:]),
    "another_version_of_a_header": header(BALLOT, version=2),
})


@mutant("town", "constitution")
def signatures_twice(c):
    c.finish = _twice


def _twice(data):
    at = 8
    while data[at] != SIGNATURES:
        at += 5 + int.from_bytes(data[at + 1:at + 5], "big")
    size = 5 + int.from_bytes(data[at + 1:at + 5], "big")
    out = data[:at] + data[at:at + size] * 2 + data[at + size:]
    return out[:-8] + u64(int.from_bytes(out[-8:], "big") + 1)

"""A size says only in which step of 1 MiB a content lies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.sealing import drafts, padding
from bids.sealing.locking import Cost
from bids.sealing.padding import LARGEST, PREFIX, STEP
from bids.sealing.refusals import SealRefused, Unopenable


@pytest.mark.parametrize("size", [0, 1, STEP - 1, STEP, STEP + 1, 2 * STEP, LARGEST - 1, LARGEST])
def test_contents_come_back_and_fill_whole_steps(size):
    content = bytes([7]) * size
    padded = padding.pad(content)
    assert (len(padded) - PREFIX) % STEP == 0
    assert 0 <= len(padded) - PREFIX - max(size, 1) < STEP
    assert padding.unpad(padded) == content


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=3000))
def test_small_contents_are_all_of_one_size(content):
    assert len(padding.pad(content)) == PREFIX + STEP
    assert padding.unpad(bytes(padding.pad(content))) == content


def test_more_than_a_part_may_hold_is_refused():
    with pytest.raises(SealRefused) as refusal:
        padding.pad(bytes(LARGEST + 1))
    assert str(refusal.value) == "This has 33554433 bytes, and a part has at most 33554432."


def lengthened(padded, size):
    return size.to_bytes(PREFIX, "big") + bytes(padded[PREFIX:])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda padded: b"",
        lambda padded: padded[: PREFIX - 1],
        lambda padded: padded[:PREFIX],
        lambda padded: padded[:-1],
        lambda padded: padded + b"\0",
        lambda padded: padded + bytes(STEP),
        lambda padded: padded[:-1] + b"\1",
        lambda padded: lengthened(padded, 2),
        lambda padded: lengthened(padded, STEP + 1),
        lambda padded: lengthened(padded, LARGEST + 1),
        lambda padded: lengthened(padded, 2**64 - 1),
    ],
)
def test_what_is_not_exactly_padded_is_refused(spoil):
    with pytest.raises(Unopenable, match="full size"):
        padding.unpad(spoil(bytes(padding.pad(b"abc"))))


@pytest.mark.parametrize("size", [0, 1, STEP, STEP + 5])
def test_a_wiped_buffer_holds_zeros_and_keeps_its_size(size):
    buffer = bytearray(b"\xff" * size)
    padding.wipe(buffer)
    assert buffer == bytes(size)


# --- drafts -------------------------------------------------------------------------------------------------
def test_pieces_of_a_draft_have_one_size_whatever_little_is_written():
    key = drafts.new_key("1", "password", cost=Cost(8, 1, 1))
    written = [{"price": "1"}, {"price": "1" * 99}, {"answers": "x" * 15_000}, {"answers": "x" * 17_000}]
    sizes = [len(drafts.seal(key.public, piece, owner="bid", subject="answers")) for piece in written]
    assert sizes[0] == sizes[1] == sizes[2] == sizes[3] - drafts.STEP
    private = drafts.unlock("1", key, "password")
    for piece in written:
        sealed = drafts.seal(key.public, piece, owner="bid", subject="answers")
        assert drafts.unseal(private, sealed, owner="bid", subject="answers") == piece

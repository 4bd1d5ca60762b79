"""Files and manifests open in their place only: not flipped, cut, swapped, replayed or moved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.sealing import padding, parts, suite
from bids.sealing.canonical import bound_to, canonical, sha256
from bids.sealing.parts import Binding, Envelope, FileEntry, Manifest, PartDigest
from bids.sealing.refusals import SealRefused, Unopenable

PACKAGE, AMENDED = sha256(b"package 0"), sha256(b"package 1")
BINDING = Binding(tender="tender-1", envelope=Envelope.TECHNICAL, bid="bid-1", package=PACKAGE)
CONTENT = b"%PDF-1.7 how we answer"
ANSWERS = {"answers": {"R-1": {"says": "yes", "evidence": ["part-1"]}}, "period": 12}
MOVES = [
    {"tender": "tender-2"},
    {"envelope": Envelope.PRICE},
    {"bid": "bid-2"},
]


@pytest.fixture(scope="module")
def pair():
    return suite.new_key_pair()


@pytest.fixture(scope="module")
def file(pair):
    return parts.seal_file(pair.public, CONTENT, binding=BINDING, part="part-1", name="回覆.pdf")


@pytest.fixture(scope="module")
def manifest(file):
    return Manifest(content=ANSWERS, files=(file.entry,))


@pytest.fixture(scope="module")
def sealed(pair, manifest):
    return parts.seal_manifest(pair.public, manifest, binding=BINDING, version=1)


def open_file(pair, sealed, entry, **moved):
    return parts.open_file(pair.private, sealed, binding=replace(BINDING, **moved), entry=entry)


def open_manifest(pair, sealed, *, version=1, count=2, **moved):
    binding = replace(BINDING, **moved)
    return parts.open_manifest(pair.private, sealed, binding=binding, version=version, parts=count)


def flipped(content, place):
    return content[:place] + bytes([content[place] ^ 0x80]) + content[place + 1 :]


# --- files -------------------------------------------------------------------------------------------------
def test_a_file_opens_and_its_entry_says_what_it_is(pair, file):
    assert open_file(pair, file.sealed, file.entry) == CONTENT
    assert file.entry == FileEntry(
        part="part-1",
        name="回覆.pdf",
        size=len(CONTENT),
        digest=sha256(CONTENT),
        sealed_digest=sha256(file.sealed),
        package=PACKAGE,
    )


def test_a_sealed_file_shows_nothing_of_content_name_or_exact_size(pair, file):
    for secret in (CONTENT[:8], CONTENT[9:], "回覆".encode(), file.entry.digest.encode()):
        assert secret not in file.sealed
    longer = parts.seal_file(pair.public, CONTENT * 50, binding=BINDING, part="part-2", name="b.pdf")
    assert len(longer.sealed) == len(file.sealed) == padding.STEP + padding.PREFIX + suite.OVERHEAD


def test_a_file_that_is_too_large_is_refused(pair):
    with pytest.raises(SealRefused, match="a part has at most"):
        parts.seal_file(pair.public, bytes(padding.LARGEST + 1), binding=BINDING, part="p", name="a.pdf")


@pytest.mark.parametrize("content", [b"", bytes(padding.STEP), bytes(padding.LARGEST)], ids=len)
def test_files_of_every_size_open(pair, content):
    made = parts.seal_file(pair.public, content, binding=BINDING, part="p", name="a.pdf")
    assert open_file(pair, made.sealed, made.entry) == content


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, padding.STEP + padding.PREFIX + suite.OVERHEAD - 1))
def test_a_flipped_file_is_refused_even_if_its_digest_is_changed_with_it(pair, file, place):
    spoiled = flipped(file.sealed, place)
    with pytest.raises(Unopenable, match="not the one that the bid lists"):
        open_file(pair, spoiled, file.entry)
    with pytest.raises(Unopenable):
        open_file(pair, spoiled, replace(file.entry, sealed_digest=sha256(spoiled)))


@pytest.mark.parametrize("cut", [0, 1, suite.OVERHEAD, padding.STEP, -1])
def test_a_truncated_or_lengthened_file_is_refused(pair, file, cut):
    for spoiled in (file.sealed[:cut], file.sealed + b"\0"):
        with pytest.raises(Unopenable):
            open_file(pair, spoiled, file.entry)
        with pytest.raises(Unopenable):
            open_file(pair, spoiled, replace(file.entry, sealed_digest=sha256(spoiled)))


@pytest.mark.parametrize("moved", MOVES)
def test_a_file_that_was_moved_does_not_open(pair, file, moved):
    with pytest.raises(Unopenable, match="altered or moved"):
        open_file(pair, file.sealed, file.entry, **moved)


@pytest.mark.parametrize("claim", [{"part": "part-2"}, {"package": AMENDED}])
def test_a_file_that_is_listed_as_another_does_not_open(pair, file, claim):
    with pytest.raises(Unopenable, match="altered or moved"):
        open_file(pair, file.sealed, replace(file.entry, **claim))


@pytest.mark.parametrize("claim", [{"size": 1}, {"digest": sha256(b"other")}])
def test_a_file_whose_content_is_not_what_is_listed_is_refused(pair, file, claim):
    with pytest.raises(Unopenable, match="its content is not what the bid lists"):
        open_file(pair, file.sealed, replace(file.entry, **claim))


def test_two_files_of_a_bid_cannot_be_swapped(pair, file):
    other = parts.seal_file(pair.public, b"other", binding=BINDING, part="part-2", name="b.pdf")
    for sealed, entry in ((file.sealed, other.entry), (other.sealed, file.entry)):
        with pytest.raises(Unopenable, match="not the one that the bid lists"):
            open_file(pair, sealed, entry)


def test_a_file_sealed_again_does_not_take_the_place_of_the_listed_one(pair, file):
    again = parts.seal_file(pair.public, CONTENT, binding=BINDING, part="part-1", name="回覆.pdf")
    with pytest.raises(Unopenable, match="not the one that the bid lists"):
        open_file(pair, again.sealed, file.entry)


def test_a_file_staged_before_an_amendment_opens_in_a_bid_submitted_after_it(pair, file):
    assert open_file(pair, file.sealed, file.entry, package=AMENDED) == CONTENT


def test_the_other_envelopes_key_opens_nothing(file, sealed):
    stranger = suite.new_key_pair()
    with pytest.raises(Unopenable):
        open_file(stranger, file.sealed, file.entry)
    with pytest.raises(Unopenable):
        open_manifest(stranger, sealed)


# --- the manifest ------------------------------------------------------------------------------------------
def test_a_manifest_opens_as_it_was_sealed(pair, manifest, sealed):
    assert open_manifest(pair, sealed) == manifest
    assert manifest.parts == 2


def test_a_price_without_files_is_one_part(pair):
    price = Manifest(content={"price": "1200000.00", "currency": "TWD"})
    made = parts.seal_manifest(
        pair.public, price, binding=replace(BINDING, envelope=Envelope.PRICE), version=3
    )
    assert open_manifest(pair, made, version=3, count=1, envelope=Envelope.PRICE) == price
    assert b"1200000" not in made


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, padding.STEP + padding.PREFIX + suite.OVERHEAD - 1))
def test_a_flipped_manifest_is_refused(pair, sealed, place):
    with pytest.raises(Unopenable):
        open_manifest(pair, flipped(sealed, place))


@pytest.mark.parametrize("cut", [0, 1, suite.OVERHEAD, padding.STEP, -1])
def test_a_truncated_manifest_is_refused(pair, sealed, cut):
    with pytest.raises(Unopenable):
        open_manifest(pair, sealed[:cut])


@pytest.mark.parametrize("moved", [*MOVES, {"package": AMENDED}, {"version": 2}, {"count": 1}, {"count": 3}])
def test_a_manifest_that_was_moved_or_replayed_does_not_open(pair, sealed, moved):
    with pytest.raises(Unopenable, match="altered or moved"):
        open_manifest(pair, sealed, **moved)


def test_a_manifest_is_no_file_and_a_file_no_manifest(pair, file, sealed):
    entry = replace(file.entry, sealed_digest=sha256(sealed))
    with pytest.raises(Unopenable):
        open_file(pair, sealed, entry)
    with pytest.raises(Unopenable):
        open_manifest(pair, file.sealed)


def test_no_manifest_lists_a_file_twice(pair, file):
    twice = Manifest(content={}, files=(file.entry, replace(file.entry, name="b.pdf")))
    with pytest.raises(SealRefused, match="lists one file twice"):
        parts.seal_manifest(pair.public, twice, binding=BINDING, version=1)


@pytest.mark.parametrize("content", [{"price": 1.5}, {"price": 2**60}, {"x": b""}, [], "text"])
def test_what_could_not_be_read_back_is_not_sealed(pair, content):
    with pytest.raises(SealRefused):
        parts.seal_manifest(pair.public, Manifest(content=content), binding=BINDING, version=1)


@pytest.mark.parametrize("claim", [{"digest": "no"}, {"sealed_digest": ""}, {"package": "x"}, {"size": "1"}])
def test_a_line_without_proper_digests_is_not_sealed(pair, file, claim):
    wrong = Manifest(content={}, files=(replace(file.entry, **claim),))
    with pytest.raises(SealRefused, match="not written as a bid"):
        parts.seal_manifest(pair.public, wrong, binding=BINDING, version=1)


def forged(pair, text, count):
    """Somebody who has the public key seals what they like into the right place."""
    info = bound_to(
        "manifest",
        tender="tender-1",
        envelope="technical",
        bid="bid-1",
        package=PACKAGE,
        version=1,
        part=0,
        parts=count,
    )
    return suite.seal(pair.public, padding.pad(text), info)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not json",
        b"[]",
        b"1",
        b"{}",
        b'{"content": {}, "files": []}',
        b'{"content":[],"files":[]}',
        b'{"content":{}}',
        b'{"content":{},"files":1}',
        b'{"content":{},"files":[1]}',
        b'{"content":{},"files":[{}]}',
        canonical({"content": {}, "files": ["x"]}),
        canonical({"content": {}, "files": [], "more": 1}),
    ],
)
def test_what_opens_and_is_no_manifest_is_refused_in_plain_words(pair, text):
    with pytest.raises(Unopenable, match="not written as a bid has to be"):
        open_manifest(pair, forged(pair, text, 1), count=1)


def test_a_manifest_that_lists_fewer_files_than_the_bid_has_is_refused(pair):
    with pytest.raises(Unopenable, match="as many files"):
        open_manifest(pair, forged(pair, b'{"content":{},"files":[]}', 4), count=4)


def test_nobody_has_to_remember_to_wipe_what_was_padded(pair, monkeypatch):
    buffers = []
    pad = padding.pad
    monkeypatch.setattr(padding, "pad", lambda content: buffers.append(pad(content)) or buffers[-1])
    parts.seal_file(pair.public, CONTENT, binding=BINDING, part="p", name="a.pdf")
    with pytest.raises(SealRefused):
        parts.seal_file(b"no key", CONTENT, binding=BINDING, part="p", name="a.pdf")
    assert [any(buffer) for buffer in buffers] == [False, False]


# --- the commitment ----------------------------------------------------------------------------------------
AT = datetime(2026, 11, 22, 8, 59, 59, 123_456, UTC)
DIGESTS = (
    PartDigest(Envelope.TECHNICAL, sha256(b"manifest")),
    PartDigest(Envelope.TECHNICAL, sha256(b"file")),
    PartDigest(Envelope.PRICE, sha256(b"price")),
)
VERSION = {"bid": "bid-1", "version": 1, "package": PACKAGE, "parts": DIGESTS, "received_at": AT}


def test_a_commitment_is_the_digest_of_a_text_that_anybody_can_write():
    lines = ",".join(f'{{"digest":"{part.digest}","envelope":"{part.envelope}"}}' for part in DIGESTS)
    text = (
        f'{{"bid":"bid-1","format":"assay/1","package":"{PACKAGE}","parts":[{lines}],'
        '"received_at":"2026-11-22T08:59:59.123Z","use":"commitment","version":1}'
    )
    assert parts.commitment(**VERSION) == sha256(text.encode())


def test_whatever_changes_changes_the_commitment():
    changes = [
        {},
        {"bid": "bid-2"},
        {"version": 2},
        {"package": AMENDED},
        {"parts": DIGESTS[:-1]},
        {"parts": DIGESTS[::-1]},
        {"parts": (replace(DIGESTS[0], envelope=Envelope.PRICE), *DIGESTS[1:])},
        {"received_at": AT + timedelta(milliseconds=1)},
    ]
    commitments = sorted(parts.commitment(**VERSION | change) for change in changes)
    assert all(one != other for one, other in pairwise(commitments))
    assert parts.commitment(**VERSION) == parts.commitment(
        **VERSION | {"received_at": AT.replace(microsecond=123_000)}
    )

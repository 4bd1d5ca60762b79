"""Receipts, refusals and what lies around them: signed, canonical, and checked by the verifier alone."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bids.sealing import merkle, receipts
from bids.sealing.canonical import canonical as canonical_here
from bids.sealing.parts import PartDigest, commitment
from bids.sealing.refusals import SealRefused
from procurement.signing import verify
from procurement.signing.keys import SigningKey

KEY = SigningKey.from_seed(bytes(range(32)))
AT = datetime(2026, 11, 22, 8, 50, 0, 123999, tzinfo=UTC)
BID, TENDER, PACKAGE = (
    "5c8f0000-0000-4000-8000-000000000001",
    "0d3c0000-0000-4000-8000-000000000002",
    "ab" * 32,
)
PARTS = [PartDigest("technical", "01" * 32), PartDigest("price", "02" * 32)]


def make(version=1, key=KEY):
    bound = {"bid": BID, "version": version, "package": PACKAGE, "parts": PARTS, "received_at": AT}
    return receipts.receipt(
        key,
        kind=receipts.SUBMITTED,
        tender=TENDER,
        reference="ITS-2026-900",
        commitment=commitment(**bound),
        **bound,
    )


def late():
    return receipts.refusal(
        KEY,
        tender=TENDER,
        reference="ITS-2026-900",
        package=PACKAGE,
        reason=receipts.LATE,
        digest="03" * 32,
        received_at=AT,
        deadline=AT - timedelta(seconds=1),
    )


def test_the_key_is_the_one_of_the_seed():
    # RFC 8032, 7.1, test 1.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert SigningKey.from_seed(seed).public == public
    assert seed.hex() not in repr(SigningKey.from_seed(seed))


def test_a_receipt_says_what_came_and_when_to_the_millisecond():
    document = receipts.verify(receipts.text(make()), KEY.public)
    assert document["received_at"] == "2026-11-22T08:50:00.123Z"
    assert (document["bid"], document["version"]) == (BID, 1)
    assert document["parts"] == [
        {"envelope": "technical", "digest": "01" * 32},
        {"envelope": "price", "digest": "02" * 32},
    ]


def test_the_file_is_canonical_json_here_and_there():
    assert receipts.text(make()) == canonical_here(make())


@pytest.mark.parametrize("document", [make(), late()], ids=["receipt", "refusal"])
def test_every_change_is_found(document):
    for name in document:
        value = document[name]
        altered = document | {name: value + 1 if isinstance(value, int) else "0" if value != "0" else "1"}
        with pytest.raises(SealRefused):
            receipts.verify(receipts.text(altered), KEY.public)
        without = {key: value for key, value in document.items() if key != name}
        with pytest.raises(SealRefused):
            receipts.verify(receipts.text(without), KEY.public)
    with pytest.raises(SealRefused):
        receipts.verify(receipts.text(document | {"more": "x"}), KEY.public)


def test_another_keys_receipt_is_none():
    other = SigningKey.from_seed(bytes(32))
    with pytest.raises(SealRefused):
        receipts.verify(receipts.text(make(key=other)), KEY.public)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"a":1,"a":1}', b"\xff", b'{"format":"x"}', b"[" * 9999]
)
def test_what_is_no_receipt_is_refused_in_words(content):
    with pytest.raises(SealRefused, match="no receipt of this site"):
        receipts.verify(content, KEY.public)


def test_a_digest_that_is_none_is_not_signed():
    with pytest.raises(SealRefused):
        receipts.refusal(
            KEY, tender="", reference="", package="", reason="late", digest="", received_at=AT, deadline=AT
        )


def test_who_was_counted_can_prove_it():
    document = make()
    leaves = merkle.padded([bytes.fromhex(document["commitment"])])
    closing = receipts.closing_record(
        KEY,
        tender=TENDER,
        reference="ITS-2026-900",
        package=PACKAGE,
        deadline=AT,
        closed_at=AT,
        leaves=leaves,
    )
    assert closing["size"] == 64
    assert verify.check_document(closing, verify.CLOSING, {KEY.public}) == KEY.public
    proof = receipts.inclusion(leaves, receipt=document, closing=closing)
    assert verify.check_inclusion(proof, {KEY.public}) == KEY.public
    for wrong in (
        {"receipt": make(version=2)},
        {"receipt": document | {"version": 2}},
        {"receipt": None},
        {"index": (proof["index"] + 1) % 64},
        {"index": "0"},
        {"proof": proof["proof"][1:]},
        {"proof": [proof["proof"][0]] * 6},
        {"closing": closing | {"root": "00" * 32}},
        {"format": "assay-inclusion/2"},
        {"more": ""},
    ):
        with pytest.raises(verify.Fault):
            verify.check_inclusion(proof | wrong, {KEY.public})
    with pytest.raises(verify.Fault, match="not trusted"):
        verify.check_inclusion(proof, {"00" * 32})
    with pytest.raises(ValueError, match="not in list"):
        receipts.inclusion(leaves, receipt=make(version=2), closing=closing)


# --- the verifier as a file of its own ----------------------------------------------------------------------
def run(tmp_path, *arguments):
    """The verifier, copied elsewhere, in a Python that finds nothing of the project and no Django."""
    copy = tmp_path / "verify.py"
    copy.write_bytes(Path(verify.__file__).read_bytes())
    return subprocess.run(
        [sys.executable, "-P", "-W", "error", copy, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_single_file_checks_a_receipt(tmp_path):
    (tmp_path / "receipt.json").write_bytes(receipts.text(make()))
    good = run(tmp_path, "receipt.json", "--key", KEY.public)
    assert (good.returncode, good.stderr) == (0, "")
    assert "2026-11-22T08:50:00.123Z" in good.stdout
    assert "Compare this key" in run(tmp_path, "receipt.json").stdout
    assert run(tmp_path, "receipt.json", "--key", "00" * 32).returncode == 1
    (tmp_path / "receipt.json").write_bytes(receipts.text(make() | {"version": 2}))
    bad = run(tmp_path, "receipt.json")
    assert bad.returncode == 1
    assert "NOT VERIFIED" in bad.stderr


def test_the_single_file_imports_nothing_but_cryptography(tmp_path):
    probe = (
        "import sys, runpy; runpy.run_path('verify.py', run_name='x');"
        "found = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(found & {'django', 'procurement', 'bids', 'rfc8785'}))"
    )
    (tmp_path / "verify.py").write_bytes(Path(verify.__file__).read_bytes())
    found = subprocess.run(
        [sys.executable, "-P", "-c", probe], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"

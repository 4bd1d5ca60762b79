"""The published package: one text, one digest, and nothing in it that nobody should rely on."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bids.sealing import package, suite
from bids.sealing.canonical import canonical, sha256
from bids.sealing.package import Package, PublishedOfficer
from bids.sealing.parts import Envelope
from bids.sealing.refusals import SealRefused

TECHNICAL, PRICE = (suite.new_key_pair().public for _ in range(2))
OFFICERS = tuple(
    PublishedOfficer(code=code, name=name, unit=unit, fingerprint=sha256(code.encode()))
    for code, name, unit in [
        ("chen", "陳怡君", "IT"),
        ("lin", "林志明", "security"),
        ("wang", "王淑芬", "business"),
    ]
)
PAIRS = (("chen", "lin"), ("chen", "wang"), ("lin", "wang"))
PACKAGE = Package(
    tender="tender-1",
    amendment=0,
    specification=sha256(b"what is asked for"),
    deadline=datetime(2026, 12, 1, 17, 0, tzinfo=timezone(timedelta(hours=8))),
    envelopes={Envelope.TECHNICAL: TECHNICAL, Envelope.PRICE: PRICE},
    officers=OFFICERS,
    pairs=PAIRS,
    system_key="0011223344556677",
)


def test_a_package_is_read_as_it_was_written():
    assert package.read(PACKAGE.text()) == PACKAGE
    assert package.read(PACKAGE.text()).text() == PACKAGE.text()
    assert PACKAGE.digest() == sha256(PACKAGE.text())


def test_the_text_says_what_a_bidder_relies_on():
    assert json.loads(PACKAGE.text()) == {
        "format": 1,
        "tender": "tender-1",
        "amendment": 0,
        "specification": sha256(b"what is asked for"),
        "deadline": "2026-12-01T09:00:00.000Z",
        "envelopes": {"technical": TECHNICAL.hex(), "price": PRICE.hex()},
        "officers": [
            {"code": each.code, "name": each.name, "unit": each.unit, "fingerprint": each.fingerprint}
            for each in OFFICERS
        ],
        "pairs": [["chen", "lin"], ["chen", "wang"], ["lin", "wang"]],
        "system_key": "0011223344556677",
        "notice": "",
    }


def test_whatever_changes_changes_the_digest():
    changes = [
        {},
        {"tender": "tender-2"},
        {"amendment": 1, "notice": sha256(b"what was changed")},
        {"amendment": 1, "notice": sha256(b"something else")},
        {"specification": sha256(b"something else")},
        {"deadline": PACKAGE.deadline + timedelta(milliseconds=1)},
        {"envelopes": {Envelope.TECHNICAL: PRICE, Envelope.PRICE: TECHNICAL}},
        {"officers": (replace(OFFICERS[0], name="Chen Yi-chun"), *OFFICERS[1:])},
        {"officers": (replace(OFFICERS[0], fingerprint=sha256(b"new key")), *OFFICERS[1:])},
        {"officers": (replace(OFFICERS[0], unit="audit"), *OFFICERS[1:])},
        {"system_key": "8899aabbccddeeff"},
    ]
    assert len({replace(PACKAGE, **change).digest() for change in changes}) == len(changes)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"envelopes": {Envelope.PRICE: PRICE}}, "two keys"),
        ({"envelopes": {"technical": TECHNICAL, "prices": PRICE}}, "two keys"),
        ({"envelopes": {Envelope.TECHNICAL: PRICE, Envelope.PRICE: PRICE}}, "two keys"),
        ({"envelopes": {Envelope.TECHNICAL: b"none", Envelope.PRICE: PRICE}}, "not a key"),
        ({"officers": OFFICERS[:2], "pairs": PAIRS[:1]}, "At least 3"),
        ({"officers": tuple(replace(each, unit="IT") for each in OFFICERS)}, "one unit"),
        ({"officers": tuple(replace(each, fingerprint=sha256(b"")) for each in OFFICERS)}, "same key"),
        ({"officers": (replace(OFFICERS[0], fingerprint="no"), *OFFICERS[1:])}, "not a package"),
        ({"pairs": PAIRS[:2]}, "were lost"),
        ({"pairs": PAIRS[::-1]}, "not a package"),
        ({"pairs": (*PAIRS, ("chen", "huang"))}, "two of the officers"),
        ({"specification": "no digest"}, "not a package"),
        ({"amendment": -1}, "not a package"),
        ({"amendment": True}, "not a package"),
        ({"amendment": 1}, "not a package"),
        ({"notice": sha256(b"nothing was changed")}, "not a package"),
        ({"amendment": 1, "notice": "no digest"}, "not a package"),
    ],
)
def test_what_nobody_should_rely_on_is_refused(change, sentence):
    with pytest.raises(SealRefused, match=sentence):
        replace(PACKAGE, **change)


def test_a_deadline_without_a_zone_is_an_error():
    with pytest.raises(ValueError, match="time zone"):
        replace(PACKAGE, deadline=datetime(2026, 12, 1))


def spoiled(spoil):
    fields = json.loads(PACKAGE.text())
    spoil(fields)
    return canonical(fields)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        json.dumps(json.loads(PACKAGE.text())).encode(),
        spoiled(lambda fields: fields.update(format=2)),
        spoiled(lambda fields: fields.update(more=1)),
        spoiled(lambda fields: fields.pop("system_key")),
        spoiled(lambda fields: fields.update(deadline="2026-12-01T17:00:00.000+08:00")),
        spoiled(lambda fields: fields.update(envelopes=[])),
        spoiled(lambda fields: fields.update(envelopes={"technical": 1, "price": 2})),
        spoiled(lambda fields: fields["envelopes"].update(price=PRICE.hex().upper())),
        spoiled(lambda fields: fields.update(officers=["chen"])),
        spoiled(lambda fields: fields["officers"][0].update(more=1)),
        spoiled(lambda fields: fields.update(pairs=[["chen"]])),
        spoiled(lambda fields: fields["pairs"][0].reverse()),
    ],
)
def test_a_package_that_is_written_otherwise_is_not_read(text):
    with pytest.raises(SealRefused):
        package.read(text)

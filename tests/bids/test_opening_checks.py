"""Each bid is checked as it is opened: one that does not hold is out with the reason, and stops no other."""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from bids import queries
from bids.actions import opening, versions
from bids.actions.unsealing import price_of
from bids.choices import BidStatus, Envelope
from bids.models import Bid, Claim, ClosingRecord, Package, StagedFile
from bids.sealing import merkle
from bids.sealing.refusals import Unopenable
from procurement.choices import Stage
from procurement.models import AuditEntry, Vendor
from tests.bids import tampering
from tests.bids.tampering import alter, flipped, manifest_of, path_of_file, version_of
from tests.bids.vendors import add_file, entries, save, withdraw
from tests.cast import NOW, declare_nothing, hand_in, open_bids, open_prices, unlock
from tests.files.making import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_in(cast, published, settings, tmp_path):
    """Two bids, the vendor's with a file; the deadline is over."""
    settings.MEDIA_ROOT = tmp_path / "media"
    save(cast.vendor, published)
    add_file(cast.vendor, published)
    hand_in(cast.vendor, published, "15000000", at=NOW - timedelta(hours=3))
    hand_in(cast.rival, published, "12000000", at=NOW - timedelta(hours=2))
    return close(published)


def close(tender):
    tender.deadline = NOW - timedelta(hours=1)
    tender.save(update_fields=["deadline"])
    return tender


@pytest.fixture
def unlocked(cast, handed_in):
    """The bidders are named and two officers took their turns: the bids can be read."""
    tender = opening.name_bidders(actor=cast.officer, tender=handed_in, now=NOW)
    declare_nothing(tender)
    unlock(tender, Envelope.TECHNICAL)
    return tender


def read(cast, tender):
    """Open; gives the bids of the vendor and of the rival."""
    opening.open_technical(actor=cast.officer, tender=tender, now=NOW)
    return [Bid.objects.get(vendor=person.vendor) for person in (cast.vendor, cast.rival)]


def is_out(bid, why):
    """Excluded with that reason, on record, and nothing of it was read."""
    assert bid.status == BidStatus.EXCLUDED
    assert bid.reason.startswith("Unreadable: ")
    assert why in bid.reason
    assert not bid.claims.exists()
    assert not bid.attachments.exists()
    assert AuditEntry.objects.filter(action="find bid unreadable", object=str(bid.pk)).count() == 1
    return True


def is_open(bid):
    assert bid.status == BidStatus.VALID, bid.reason
    return bid.claims.count() == 3 and bid.opened_at == NOW


def test_what_holds_is_opened_and_the_record_names_what_was_committed(cast, unlocked):
    bids = read(cast, unlocked)
    assert all(map(is_open, bids))
    (record,) = entries("open bids")
    committed = {last.commitment for _bid, last in queries.handed_in(unlocked)}
    assert {line["commitment"] for line in record["bids"]} == committed
    assert committed <= set(json.loads(unlocked.closing.leaves))
    assert record["root"] == unlocked.closing.root
    assert not AuditEntry.objects.filter(action="find bid unreadable").exists()


# --- what was altered afterwards --------------------------------------------------------------------------
def _another_package(bid):
    package = Package.objects.get()
    digest = hashlib.sha256(b"another").hexdigest()
    other = Package.objects.create(tender=bid.tender, amendment=1, text=package.text, digest=digest, at=NOW)
    alter(version_of(bid), package=other)


def _flip_manifest(bid, *, and_digest=False):
    sealed = flipped(manifest_of(bid).get().sealed)
    alter(manifest_of(bid), sealed=sealed)
    if and_digest:
        alter(manifest_of(bid), digest=hashlib.sha256(sealed).hexdigest())


def _take_from_rival(bid):
    """The rival's manifest in place of the own one."""
    other = manifest_of(Bid.objects.exclude(pk=bid.pk).get()).get()
    alter(manifest_of(bid), sealed=other.sealed, digest=other.digest)


STORED, TRAIL, FILE = (
    "not what was handed in",
    "audit trail says something else",
    "the one that the bid lists",
)
GONE, NO_FILE = "not stored any more", "not there any more"

ALTERED = {
    "manifest": (_flip_manifest, STORED),
    "manifest and digest": (lambda bid: _flip_manifest(bid, and_digest=True), STORED),
    "digest": (lambda bid: alter(manifest_of(bid), digest="0" * 64), STORED),
    "manifest cut": (lambda bid: alter(manifest_of(bid), sealed=b""), STORED),
    "the rival's manifest": (_take_from_rival, STORED),
    "no manifest": (lambda bid: manifest_of(bid).delete(), GONE),
    "nothing left": (tampering.erase, GONE),
    "number of parts": (lambda bid: alter(manifest_of(bid), parts=1), "does not open"),
    "version": (lambda bid: alter(version_of(bid), number=2), TRAIL),
    "time": (lambda bid: alter(version_of(bid), at=NOW - timedelta(hours=4)), TRAIL),
    "commitment": (lambda bid: alter(version_of(bid), commitment="0" * 64), TRAIL),
    "package": (_another_package, TRAIL),
    "withdrawn by nobody": (lambda bid: alter(version_of(bid), kind="withdrawal"), TRAIL),
    "trail": (tampering.alter_parts, TRAIL),
    "trail unreadable": (lambda bid: tampering.alter_trail(tampering.entry_of(bid), payload="{"), TRAIL),
    "trail silent": (lambda bid: tampering.alter_trail(tampering.entry_of(bid), action="save"), TRAIL),
    "file": (lambda bid: path_of_file(bid).write_bytes(flipped(path_of_file(bid).read_bytes())), FILE),
    "file cut": (lambda bid: path_of_file(bid).write_bytes(path_of_file(bid).read_bytes()[:-1]), FILE),
    "file emptied": (lambda bid: path_of_file(bid).write_bytes(b""), FILE),
    "no file": (lambda bid: path_of_file(bid).unlink(), NO_FILE),
    "no row of the file": (lambda bid: StagedFile.objects.filter(bid=bid).delete(), NO_FILE),
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_bid_that_was_altered_is_out_and_stops_no_other(cast, unlocked, what):
    change, why = ALTERED[what]
    bid = Bid.objects.get(vendor=cast.vendor.vendor)
    change(bid)
    before = [bytes(row.sealed) for row in manifest_of(bid)], list(version_of(bid).values())
    broken, sound = read(cast, unlocked)
    assert is_out(broken, why)
    assert is_open(sound)
    # neither repaired nor deleted
    assert ([bytes(row.sealed) for row in manifest_of(bid)], list(version_of(bid).values())) == before


def test_a_bid_is_its_vendors(cast, unlocked):
    alter(Bid.objects.filter(vendor=cast.vendor.vendor), vendor=Vendor.objects.create(name="Impostor"))
    opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert is_out(Bid.objects.get(vendor__name="Impostor"), "another vendor handed this bid in")
    assert is_open(Bid.objects.get(vendor=cast.rival.vendor))


def test_a_version_that_was_taken_away_does_not_bring_back_the_one_before(cast, published):
    hand_in(cast.vendor, published, "1", at=NOW - timedelta(hours=3))
    last = hand_in(cast.vendor, published, "2", at=NOW - timedelta(hours=2))
    hand_in(cast.rival, published, "3", at=NOW - timedelta(hours=2))
    for rows in (last.manifests.all(), version_of(last.bid).filter(pk=last.pk)):
        rows._raw_delete(rows.db)  # before the closing, so that its record names the first version
    open_bids(cast.officer, close(published))
    assert is_out(Bid.objects.get(pk=last.bid_id), TRAIL)
    assert is_open(Bid.objects.get(vendor=cast.rival.vendor))


def set_back(tender, stage, deadline):
    alter(type(tender).objects.filter(pk=tender.pk), stage=stage, deadline=deadline)
    tender.refresh_from_db()
    return tender


def test_what_came_in_behind_the_closing_record_is_out(cast, handed_in, monkeypatch):
    tender = opening.name_bidders(actor=cast.officer, tender=handed_in, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr("bids.rules.submission.closing_of", lambda tender: None)
        set_back(tender, Stage.PUBLISHED, NOW)
        hand_in(cast.vendor, tender, "1", at=NOW - timedelta(minutes=30))
    open_bids(cast.officer, set_back(tender, Stage.BIDDERS_NAMED, NOW - timedelta(hours=1)))
    assert is_out(Bid.objects.get(vendor=cast.vendor.vendor), "not what was committed at the deadline")
    assert is_open(Bid.objects.get(vendor=cast.rival.vendor))


# --- what is no bid although it is sealed -----------------------------------------------------------------
def _sealed_as(monkeypatch, cast, published, **change):
    """The vendor's bid is sealed with another content, and all about it is as it should be."""
    write = versions._technical
    with monkeypatch.context() as patch:
        patch.setattr(versions, "_technical", lambda *given: write(*given) | change)
        hand_in(cast.vendor, published, "1", at=NOW - timedelta(hours=2))
    hand_in(cast.rival, published, "2", at=NOW - timedelta(hours=2))
    open_bids(cast.officer, close(published))
    return [Bid.objects.get(vendor=person.vendor) for person in (cast.vendor, cast.rival)]


def _said(**change):
    return [
        {"requirement": "R1", "answer": "met", "note": "", "evidence": "", "until": "", "files": []} | change
    ]


@pytest.mark.parametrize(
    "answers",
    [
        None,
        "met",
        ["met"],
        [{"requirement": "R1"}],
        _said(answer="perhaps"),
        _said(evidence="verified"),
        _said(until="some day"),
        _said(note="a\x00b"),
        _said(note=None),
        _said(files=7),
    ],
)
def test_a_bid_that_is_not_written_as_one_is_out(cast, published, monkeypatch, answers):
    broken, sound = _sealed_as(monkeypatch, cast, published, answers=answers)
    assert is_out(broken, "not written as a bid has to be")
    assert is_open(sound)


def test_a_bid_on_another_specification_is_out(cast, published, monkeypatch):
    broken, sound = _sealed_as(monkeypatch, cast, published, publication="sha256:" + "0" * 64)
    assert is_out(broken, "another specification")
    assert is_open(sound)


def test_a_file_that_is_not_what_its_name_says_is_out(cast, published):
    save(cast.vendor, published)
    add_file(cast.vendor, published, "report.pdf", content=picture())
    hand_in(cast.vendor, published, "1", at=NOW - timedelta(hours=2))
    hand_in(cast.rival, published, "2", at=NOW - timedelta(hours=2))
    open_bids(cast.officer, close(published))
    assert is_out(Bid.objects.get(vendor=cast.vendor.vendor), "report.pdf")
    assert is_open(Bid.objects.get(vendor=cast.rival.vendor))


def test_a_withdrawal_is_checked_and_listed(cast, handed_in):
    row = withdraw(cast.vendor, Bid.objects.get(vendor=cast.vendor.vendor), at=NOW - timedelta(hours=2))
    open_bids(cast.officer, handed_in)
    bid = Bid.objects.get(pk=row.bid_id)
    assert (bid.status, bid.opened_at, bid.claims.count()) == (BidStatus.WITHDRAWN, NOW, 0)
    assert is_open(Bid.objects.get(vendor=cast.rival.vendor))


# --- prices -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content",
    [
        *(
            {"currency": "TWD", "price": price}
            for price in ("NaN", "Infinity", "-5", "1e9", "", " 1", "１", 5)
        ),
        {"currency": "USD", "price": "5"},
        {"currency": "TWD"},
        {},
    ],
)
def test_what_is_no_price_is_refused(content):
    with pytest.raises(Unopenable, match="no price"):
        price_of(content, "TWD")


def test_a_price_is_read_to_the_digit():
    assert price_of({"currency": "TWD", "price": "15460000.05"}, "TWD") == Decimal("15460000.05")


@pytest.fixture
def with_no_price(cast, published, monkeypatch):
    """The rival's envelope names something that is no price."""
    hand_in(cast.vendor, published, "15000000", at=NOW - timedelta(hours=3))
    with monkeypatch.context() as patch:
        patch.setattr(versions, "plain", lambda price: "NaN")
        hand_in(cast.rival, published, "12000000", at=NOW - timedelta(hours=2))
    tender = open_bids(cast.officer, close(published))
    return set_back(tender, Stage.TECHNICAL_LOCKED, tender.deadline)


def test_a_price_that_is_none_puts_its_bid_out_and_stops_no_other(cast, with_no_price):
    tender = open_prices(cast.officer, with_no_price)
    assert tender.stage == Stage.PRICE_OPENED
    prices = {bid.vendor.name: (bid.price, bid.status) for bid in Bid.objects.select_related("vendor")}
    assert prices == {
        "Bedrock Security": (Decimal(15000000), BidStatus.VALID),
        "Quickwin Technology": (None, BidStatus.EXCLUDED),
    }
    assert [len(record["bids"]) for record in entries("open prices")] == [1]


def test_a_price_envelope_that_was_altered_puts_its_bid_out(cast, with_no_price):
    bid = Bid.objects.get(vendor=cast.vendor.vendor)
    alter(manifest_of(bid, "price"), sealed=flipped(manifest_of(bid, "price").get().sealed))
    open_prices(cast.officer, with_no_price)
    bid.refresh_from_db()
    assert (bid.price, bid.status) == (None, BidStatus.EXCLUDED)
    assert STORED in bid.reason


# --- what no bid is to blame for --------------------------------------------------------------------------
def _change_leaf(record):
    leaves = json.loads(record.leaves)
    leaves[0] = "0" * 64
    return {"leaves": json.dumps(leaves), "root": merkle.root([bytes.fromhex(leaf) for leaf in leaves]).hex()}


@pytest.mark.parametrize(
    "change",
    [
        _change_leaf,
        lambda record: {"leaves": record.leaves[:-40]},
        lambda record: {"leaves": "[]"},
        lambda record: {"document": record.document.replace(record.root, "0" * 64)},
        lambda record: {"document": ""},
    ],
)
def test_under_an_altered_closing_record_nothing_opens_and_nothing_is_lost(cast, unlocked, change):
    record = ClosingRecord.objects.get()
    kept = {"leaves": record.leaves, "root": record.root, "document": record.document}
    alter(ClosingRecord.objects.all(), **change(record))
    with pytest.raises(ValidationError, match="not the one that was signed at the deadline"):
        opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert not Claim.objects.exists()
    assert not Bid.objects.exclude(unsealed_at=None, status=BidStatus.VALID).exists()
    # what was signed, and mailed, is put back
    alter(ClosingRecord.objects.all(), **kept)
    assert all(map(is_open, read(cast, unlocked)))


def test_where_the_files_are_not_at_hand_no_bid_is_called_unreadable(cast, unlocked, settings, tmp_path):
    there = settings.MEDIA_ROOT
    settings.MEDIA_ROOT = tmp_path / "not mounted"
    with pytest.raises(ValidationError, match="folder of sealed files is not there"):
        opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert not Bid.objects.exclude(unsealed_at=None, status=BidStatus.VALID).exists()
    settings.MEDIA_ROOT = there
    assert all(map(is_open, read(cast, unlocked)))

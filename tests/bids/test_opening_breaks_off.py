"""An opening that breaks off goes on where it stopped, and until it is complete nobody reads a word of it."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from bids import queries
from bids.actions import opening
from bids.actions.unsealing import Unsealer
from bids.choices import BidStatus, Envelope
from bids.models import Attachment, Bid, Claim
from bids.sealing.refusals import KeyUnavailable
from procurement.choices import Role, Stage
from procurement.models import AuditEntry, User, Vendor
from procurement.rules import Forbidden
from tests.bids.vendors import add_file, entries, save
from tests.cast import NOW, declare_nothing, hand_in, open_technical, unlock

pytestmark = pytest.mark.django_db


class PowerCut(BaseException):
    """What no code catches."""


@pytest.fixture
def unlocked(cast, published):
    """Three bids, each with a file; two officers took their turns."""
    third = User.objects.create(
        username="third", name="Third", role=Role.VENDOR, vendor=Vendor.objects.create(name="Third")
    )
    for hour, person in enumerate((cast.vendor, cast.rival, third)):
        save(person, published)
        add_file(person, published, f"{person.username}.pdf")
        hand_in(person, published, "12000000", at=NOW - timedelta(hours=5 - hour))
    published.deadline = NOW - timedelta(hours=1)
    published.save(update_fields=["deadline"])
    tender = opening.name_bidders(actor=cast.officer, tender=published, now=NOW)
    declare_nothing(tender)
    unlock(tender, Envelope.TECHNICAL)
    return tender


def how_far():
    """How many bids were read, with their claims and files, and how many anybody may read."""
    read = Bid.objects.exclude(unsealed_at=None)
    assert Claim.objects.count() == 3 * read.count()
    assert Attachment.objects.count() == read.count()
    return read.count(), Bid.objects.exclude(opened_at=None).count()


def is_complete(tender):
    tender.refresh_from_db()
    assert tender.stage == Stage.TECHNICAL_OPENED
    assert how_far() == (3, 3)
    positions = Bid.objects.order_by("position").values_list("vendor__name", "status")
    assert list(positions) == [
        (name, BidStatus.VALID) for name in ("Bedrock Security", "Quickwin Technology", "Third")
    ]
    assert [len(record["bids"]) for record in entries("open bids")] == [3]
    return True


def nobody_reads(cast, client, tender):
    for person in (cast.officer, cast.security, cast.auditor, cast.rival):
        assert not queries.claims_visible_to(person).exists()
        assert not queries.attachments_visible_to(person).exists()
    for person in (cast.officer, cast.security, cast.auditor):
        assert not queries.bids_visible_to(person).exists()
    client.force_login(cast.officer)
    return client.get(reverse("verification", args=[tender.pk])).status_code == 403


@pytest.mark.parametrize("fault", [PowerCut, MemoryError, KeyUnavailable])
@pytest.mark.parametrize("bids", [0, 1, 2])
def test_what_was_read_stays_and_the_rest_follows(  # noqa: PLR0917 - fixtures
    client, clock, cast, unlocked, monkeypatch, bids, fault
):
    read, count = Unsealer.open, iter(range(3))

    def open_some(self, bid, submission):
        opened = read(self, bid, submission)
        if next(count) == bids:
            raise fault("in the middle")
        return opened

    with monkeypatch.context() as patch:
        patch.setattr(Unsealer, "open", open_some)
        with pytest.raises(fault):
            opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert how_far() == (bids, 0)
    assert nobody_reads(cast, client, unlocked)
    assert not entries("open bids")
    # another officer of the unit may go on; no turn is needed again
    opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW + timedelta(days=1))
    assert is_complete(unlocked)


def test_what_was_half_written_is_written_anew(cast, unlocked, monkeypatch):
    def fail(*said):
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(opening, "_list_files", fail)
        with pytest.raises(PowerCut):
            opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert how_far() == (0, 0)
    opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert is_complete(unlocked)


def test_a_fault_at_the_last_step_leaves_all_bids_read_and_none_opened(cast, unlocked, monkeypatch):
    def fail(*said):
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("procurement.audit.stage_changed", fail)
        with pytest.raises(PowerCut):
            opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert how_far() == (3, 0)
    assert not entries("open bids")
    opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    assert is_complete(unlocked)


def test_many_bids_are_opened_in_stretches(client, clock, cast, unlocked, monkeypatch):
    monkeypatch.setattr("bids.views.opening.STRETCH", 0.0)
    client.force_login(cast.officer)
    for read in (1, 2):
        answer = client.post(reverse("open-technical", args=[unlocked.pk]))
        assert answer.status_code == 302
        said = list(get_messages(answer.wsgi_request))[-1]
        assert str(said) == f"{read} of 3 bids are read so far. Open the bids once more to go on."
        assert how_far() == (read, 0)
        assert nobody_reads(cast, client, unlocked)
    client.post(reverse("open-technical", args=[unlocked.pk]))
    assert is_complete(unlocked)


def test_opening_twice_is_harmless(cast, unlocked):
    for _times in range(2):
        last = opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW, seconds=0)
    assert last.stage == Stage.BIDDERS_NAMED
    opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    before = list(AuditEntry.objects.values_list("seq", flat=True))
    with pytest.raises(Forbidden):
        opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    with pytest.raises(Forbidden):
        open_technical(cast.officer, unlocked)
    assert is_complete(unlocked)
    assert list(AuditEntry.objects.values_list("seq", flat=True)) == before


def test_prices_that_broke_off_are_opened_all_together(cast, unlocked, monkeypatch):
    opening.open_technical(actor=cast.officer, tender=unlocked, now=NOW)
    type(unlocked).objects.update(stage=Stage.TECHNICAL_LOCKED)
    unlocked.refresh_from_db()
    unlock(unlocked, Envelope.PRICE)
    read = opening._read_price

    def read_one(actor, reader, bid, submission, now):
        read(actor, reader, bid, submission, now)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(opening, "_read_price", read_one)
        with pytest.raises(PowerCut):
            opening.open_prices(actor=cast.officer, tender=unlocked, now=NOW)
    assert not Bid.objects.exclude(price=None).exists()
    assert opening.open_prices(actor=cast.officer, tender=unlocked, now=NOW).stage == Stage.PRICE_OPENED
    assert set(Bid.objects.values_list("price", flat=True)) == {12000000}

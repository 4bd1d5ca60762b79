"""Keys that are lost: one officer of three costs no bid, two cost all, and that is said in plain words."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions import opening, unlocking
from bids.actions.keys import drill_key, enrol_key
from bids.choices import Envelope
from bids.models import Bid, Claim, OpeningTurn
from procurement.choices import Stage
from procurement.models import User
from tests.cast import NOW, OPENERS, PASSPHRASES, PASSWORD, declare_nothing, unlock

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(named):
    """Bids wait for two officers."""
    declare_nothing(named)
    return named


def take_turn(name, tender, typed=None, *, at=NOW, envelope=Envelope.TECHNICAL):
    return unlocking.unlock_envelope(
        actor=User.objects.get(username=name),
        tender=tender,
        envelope=envelope,
        typed=PASSPHRASES[name] if typed is None else typed,
        now=at,
    )


def lock(tender):
    type(tender).objects.filter(pk=tender.pk).update(stage=Stage.TECHNICAL_LOCKED)
    tender.refresh_from_db()
    return tender


@pytest.mark.parametrize("lost", OPENERS)
def test_without_any_one_officer_every_bid_and_every_price_opens(cast, waiting, lost):
    User.objects.filter(username=lost).exclude(pk=cast.officer.pk).update(is_active=False)
    left = [name for name in OPENERS if name != lost]
    unlock(waiting, Envelope.TECHNICAL, *left)
    tender = opening.open_technical(actor=cast.officer, tender=waiting, now=NOW)
    assert Claim.objects.count() == 6
    unlock(lock(tender), Envelope.PRICE, *reversed(left))
    opening.open_prices(actor=cast.officer, tender=tender, now=NOW)
    assert sorted(Bid.objects.values_list("price", flat=True)) == [Decimal(12000000), Decimal(15000000)]


@pytest.mark.parametrize("left", OPENERS)
def test_with_two_officers_lost_nothing_opens_and_nothing_changes(client, clock, cast, waiting, left):
    stored = list(Bid.objects.values())
    key = take_turn(left, waiting)
    for name in OPENERS:
        if name != left:
            with pytest.raises(ValidationError, match=r"not the passphrase|unlock"):
                take_turn(name, waiting, PASSPHRASES[left])
    take_turn(left, waiting, at=NOW + timedelta(minutes=1))
    key.refresh_from_db()
    assert (key.opened_at, key.opened_key) == (None, "")
    with pytest.raises(ValidationError, match="Two opening officers unlock the envelopes first"):
        opening.open_technical(actor=cast.officer, tender=waiting, now=NOW)
    client.force_login(cast.officer)
    answer = client.post(reverse("open-technical", args=[waiting.pk]))
    assert answer.status_code == 422
    assert "Two opening officers unlock the envelopes first" in answer.content.decode()
    waiting.refresh_from_db()
    assert (waiting.stage, Claim.objects.count()) == (Stage.BIDDERS_NAMED, 0)
    assert list(Bid.objects.values()) == stored


def test_the_turn_of_one_officer_is_worth_nothing_after_its_time(cast, waiting):
    take_turn("officer", waiting)
    take_turn("auditor", waiting, at=NOW + timedelta(minutes=15))
    assert waiting.envelope_keys.get(envelope="technical").opened_at is None
    assert OpeningTurn.objects.exclude(halves="").count() == 1


# --- a new key after the publication ------------------------------------------------------------------------
def test_a_tender_opens_with_the_key_that_it_was_published_with(cast, waiting):
    _new, words = enrol_key(actor=cast.auditor, now=NOW)
    take_turn("officer", waiting)
    with pytest.raises(ValidationError) as refusal:
        take_turn("auditor", waiting, words)
    (said,) = refusal.value.messages
    published = waiting.opening_officers.get(user=cast.auditor).key
    assert "older key" in said
    assert published.fingerprint[:8] in said.replace(" ", "")
    assert drill_key(actor=cast.auditor, typed=words, now=NOW).is_drilled(NOW)
    key = take_turn("auditor", waiting)
    assert key.opened_at == NOW
    opening.open_technical(actor=cast.officer, tender=waiting, now=NOW)
    assert Claim.objects.count() == 6


def test_who_makes_a_new_key_is_told_which_tenders_need_the_one_before(client, clock, cast, waiting):
    client.force_login(cast.auditor)
    page = client.get(reverse("opening-key")).content.decode()
    assert "ITS-2026-900" in page
    assert "Keep the passphrase of your present key" in page
    client.post(reverse("opening-key-enrol"), {"enrol-password": PASSWORD})
    again = client.get(reverse("opening-key")).content.decode()
    assert "ITS-2026-900" in again
    client.force_login(cast.security)
    assert "ITS-2026-900" not in client.get(reverse("opening-key")).content.decode()

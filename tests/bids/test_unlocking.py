"""Two officers of three unlock an envelope, and nobody else does."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions import unlocking
from bids.actions.custody import appoint_opening_officers, suggested_officers, system_key
from bids.choices import Envelope
from bids.models import EnvelopeKey, KeyHalf, OfficerKey, OpeningTurn
from bids.sealing import suite
from bids.sealing.refusals import KeyUnavailable
from procurement.choices import Stage
from procurement.models import AuditEntry, Tender
from procurement.rules import Forbidden
from tests.cast import NOW, OPENERS, PASSPHRASES, give_key, unlock

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def waiting(published):
    """The bidders are named; who bid does not matter here."""
    published.stage = Stage.BIDDERS_NAMED
    published.save()
    return published


def take_turn(cast, tender, name, *, typed=None, at=NOW, envelope=Envelope.TECHNICAL):
    return unlocking.unlock_envelope(
        actor=getattr(cast, name),
        tender=tender,
        envelope=envelope,
        typed=PASSPHRASES[name] if typed is None else typed,
        now=at,
    )


def test_publication_makes_two_keys_and_splits_each_among_three(published):
    keys = {key.envelope: key for key in published.envelope_keys.all()}
    assert set(keys) == {"technical", "price"}
    assert keys["technical"].public != keys["price"].public
    for key in keys.values():
        assert key.halves.count() == 6
        assert {half.officer.user.username for half in key.halves.all()} == set(OPENERS)
    package = published.packages.get()
    assert all(key.public in package.text for key in keys.values())
    assert all(row.key.fingerprint in package.text for row in published.opening_officers.all())


@pytest.mark.parametrize(
    "pair", [("officer", "auditor"), ("auditor", "next_above"), ("next_above", "officer")]
)
def test_any_two_officers_unlock_the_envelope(cast, waiting, pair):
    key = take_turn(cast, waiting, pair[0])
    assert key.opened_at is None
    key = take_turn(cast, waiting, pair[1], at=NOW + 14 * MINUTE)
    assert key.opened_at == NOW + 14 * MINUTE
    assert suite.public_of(unlocking.envelope_private(key)).hex() == key.public
    assert [turn.halves for turn in OpeningTurn.objects.all()] == ["", ""]
    actions = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert actions[-2:] == ["take turn at envelope", "unlock envelope"]


def test_one_officer_twice_unlocks_nothing(cast, waiting):
    for minutes in range(3):
        key = take_turn(cast, waiting, "officer", at=NOW + minutes * MINUTE)
    assert key.opened_at is None
    with pytest.raises(Exception, match=r"too short|altered"):
        unlocking.envelope_private(key)


def test_the_second_officer_has_fifteen_minutes(cast, waiting):
    take_turn(cast, waiting, "officer")
    key = take_turn(cast, waiting, "auditor", at=NOW + 15 * MINUTE)
    assert key.opened_at is None
    key = take_turn(cast, waiting, "officer", at=NOW + 29 * MINUTE)
    assert key.opened_at == NOW + 29 * MINUTE


def test_a_wrong_passphrase_unlocks_nothing_and_stands_in_the_trail(cast, waiting):
    with pytest.raises(ValidationError) as refusal:
        take_turn(cast, waiting, "officer", typed=PASSPHRASES["auditor"])
    assert list(refusal.value.error_dict) == ["passphrase"]
    assert not OpeningTurn.objects.exists()
    assert AuditEntry.objects.order_by("seq").last().action == "fail to unlock envelope"


def test_nobody_else_and_nothing_too_early(cast, published):
    with pytest.raises(Forbidden, match="Only the opening officers"):
        take_turn(cast, published, "approver", typed="whatever")
    with pytest.raises(Forbidden, match="belongs to the stage"):
        take_turn(cast, published, "officer")
    published.stage = Stage.TECHNICAL_OPENED
    published.save()
    with pytest.raises(Forbidden, match="belongs to the stage"):
        take_turn(cast, published, "officer", envelope=Envelope.PRICE)


def test_a_half_of_another_tender_or_officer_opens_nothing(cast, waiting):
    halves = list(KeyHalf.objects.filter(envelope_key__envelope="technical", officer__user=cast.officer))
    foreign = KeyHalf.objects.filter(envelope_key__envelope="price", officer__user=cast.officer).first()
    KeyHalf.objects.filter(pk=halves[0].pk).update(sealed=foreign.sealed)
    with pytest.raises(ValidationError, match="does not open"):
        take_turn(cast, waiting, "officer")


def test_without_the_system_key_two_officers_open_nothing(cast, waiting, settings, tmp_path):
    take_turn(cast, waiting, "officer")
    settings.SYSTEM_KEY = tmp_path / "nowhere.key"
    with pytest.raises(KeyUnavailable, match="no key at"):
        take_turn(cast, waiting, "auditor")
    with pytest.raises(KeyUnavailable):
        system_key()
    assert EnvelopeKey.objects.filter(opened_at__isnull=False).count() == 0


def test_opening_officers_are_suggested(client, cast, draft):
    draft.opening_officers.all().delete()
    three = suggested_officers(draft, NOW)
    assert [user.username for user in three] == ["auditor", "next_above", "officer"]  # by name
    give_key(cast.approver)
    assert suggested_officers(draft, NOW) == []  # four have keys
    other = Tender.objects.create(reference="ITS-2", title="Another", officer=cast.officer)
    last = [cast.officer, cast.approver, cast.auditor]
    appoint_opening_officers(actor=cast.officer, tender=other, users=last, now=NOW)
    assert suggested_officers(draft, NOW) == last
    client.force_login(cast.officer)
    form = client.get(reverse("opening-officers", args=[draft.pk])).context["form"]
    assert [form[name].initial for name in form.fields] == [user.pk for user in last]
    OfficerKey.objects.filter(user=cast.approver).update(drilled_at=None)
    assert suggested_officers(draft, NOW) == three


def test_opening_officers_are_three_people_of_two_units(cast, draft):
    appoint = {"actor": cast.officer, "tender": draft, "now": NOW}
    with pytest.raises(ValidationError, match="3 different people"):
        appoint_opening_officers(users=[cast.officer, cast.auditor, cast.auditor], **appoint)
    heads = [cast.approver, cast.next_above]
    cast.security_head.unit = cast.approver.unit
    with pytest.raises(ValidationError, match="not all be of one unit"):
        appoint_opening_officers(users=[*heads, cast.security_head], **appoint)
    with pytest.raises(ValidationError, match="cannot open bids"):
        appoint_opening_officers(users=[cast.officer, cast.auditor, cast.administrator], **appoint)
    with pytest.raises(ValidationError, match="Stranger has no part in this tender"):
        appoint_opening_officers(users=[cast.officer, cast.auditor, cast.stranger], **appoint)
    rows = appoint_opening_officers(users=[cast.auditor, cast.officer, cast.approver], **appoint)
    assert [row.user.username for row in rows] == ["auditor", "officer", "approver"]


def test_the_cast_unlocks_by_itself(published):
    published.stage = Stage.TECHNICAL_LOCKED
    published.save()
    unlock(published, Envelope.PRICE)
    assert published.envelope_keys.get(envelope="price").opened_at == NOW

"""Opening keys: made with a passphrase that is shown once, and proved again every month."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions.keys import drill_key, enrol_key
from bids.models import OfficerKey
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db


def test_a_key_is_proved_by_its_passphrase_for_thirty_days(cast):
    key, passphrase = enrol_key(actor=cast.officer, now=NOW)
    assert not key.is_drilled(NOW)
    key = drill_key(actor=cast.officer, typed=passphrase.upper().replace(" ", "  "), now=NOW)
    assert key.is_drilled(NOW + timedelta(days=29, hours=23))
    assert not key.is_drilled(NOW + timedelta(days=30))
    actions = list(AuditEntry.objects.order_by("seq").values_list("action", "actor_name"))
    assert [action for action, _name in actions] == ["enrol opening key", "drill opening key"]


def test_neither_database_nor_trail_holds_the_passphrase(cast):
    key, passphrase = enrol_key(actor=cast.officer, now=NOW)
    kept = " ".join([key.locked, key.public, *AuditEntry.objects.values_list("payload", flat=True)])
    assert not [word for word in passphrase.split() if f'"{word}"' in kept or f" {word} " in kept]


def test_another_passphrase_is_refused_and_stands_in_the_trail(cast):
    key, passphrase = enrol_key(actor=cast.officer, now=NOW)
    _other, foreign = enrol_key(actor=cast.auditor, now=NOW)
    for typed in (foreign, "too few words", passphrase + " zebra"):
        with pytest.raises(ValidationError) as refusal:
            drill_key(actor=cast.officer, typed=typed, now=NOW)
        assert list(refusal.value.error_dict) == ["passphrase"]
    key.refresh_from_db()
    assert key.drilled_at is None
    assert AuditEntry.objects.filter(action="fail drill of opening key").count() == 3


def test_a_new_key_retires_the_one_before(cast):
    first, passphrase = enrol_key(actor=cast.officer, now=NOW)
    second, _words = enrol_key(actor=cast.officer, now=NOW + timedelta(hours=1))
    first.refresh_from_db()
    assert first.retired_at == NOW + timedelta(hours=1)
    assert OfficerKey.objects.get(retired_at=None) == second
    with pytest.raises(ValidationError):
        drill_key(actor=cast.officer, typed=passphrase, now=NOW)


def test_vendors_and_the_administrator_hold_no_key(cast):
    for nobody in (cast.vendor, cast.administrator):
        with pytest.raises(Forbidden, match="This is for"):
            enrol_key(actor=nobody, now=NOW)


def test_who_has_no_key_has_nothing_to_prove(cast):
    with pytest.raises(ValidationError, match="no opening key yet"):
        drill_key(actor=cast.officer, typed="anything at all", now=NOW)


def test_the_passphrase_is_on_one_answer_and_no_other(client, cast):
    client.force_login(cast.auditor)
    assert "You have no opening key" in client.get(reverse("opening-key")).content.decode()
    refused = client.post(reverse("opening-key-enrol"), {"enrol-password": "not mine"})
    assert refused.status_code == 422
    assert not OfficerKey.objects.exists()

    shown = client.post(reverse("opening-key-enrol"), {"enrol-password": PASSWORD})
    words = shown.context["words"]
    assert len(words) == 7
    assert shown.headers["Cache-Control"] == "no-store"
    assert not any(f">{words[0]}<" in client.get(reverse("opening-key")).content.decode() for _ in range(2))

    wrong = client.post(reverse("opening-key-drill"), {"passphrase": "not these words, I am afraid, sir"})
    assert wrong.status_code == 422
    assert "Word" in wrong.content.decode() or "unlock" in wrong.content.decode()
    right = client.post(reverse("opening-key-drill"), {"passphrase": " ".join(words)}, follow=True)
    assert "Your passphrase opens your key." in right.content.decode()
    assert "is proved until" in right.content.decode()

"""Two signatures under a draft: whose, under what text, and until when."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions.clearances import sign_off_draft
from bids.actions.publication import draft_fingerprint, publish
from bids.actions.readiness import BLOCKS, publication_checks
from procurement.actions.locking import Stale
from procurement.choices import ClearanceSide, Stage
from procurement.models import AuditEntry, Clearance
from procurement.rules import Forbidden
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db

SECURITY, OWNER = ClearanceSide.SECURITY, ClearanceSide.OWNER


@pytest.fixture
def unsigned(draft):
    Clearance.objects.all().delete()
    draft.refresh_from_db()
    return draft


def sign(who, tender, side, seen=None):
    seen = draft_fingerprint(tender) if seen is None else seen
    return sign_off_draft(actor=who, tender=tender, side=side, seen=seen, now=NOW)


def blocking(tender):
    tender.refresh_from_db()
    return [check for check in publication_checks(tender, NOW) if check.level == BLOCKS]


def test_nothing_is_published_before_both_sides_signed(cast, unsigned):
    found = blocking(unsigned)
    assert [check.text for check in found] == [
        "Not signed off: Security.",
        "Not signed off: Accountable unit.",
    ]
    assert all(check.who and check.about for check in found)
    sign(cast.security, unsigned, SECURITY)
    with pytest.raises(ValidationError, match="Not signed off: Accountable unit"):
        publish(actor=cast.officer, tender=unsigned, now=NOW)
    row = sign(cast.security_head, unsigned, OWNER)
    assert (row.signed_by, row.fingerprint) == ("Security_Head (Security)", draft_fingerprint(unsigned))
    tender = publish(actor=cast.officer, tender=unsigned, now=NOW)
    assert (tender.stage, tender.fingerprint) == (Stage.PUBLISHED, row.fingerprint)
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.action for entry in entries[:2]] == ["sign off draft", "sign off draft"]
    assert json.loads(entries[2].payload)["signed_off"] == {
        "security": "Security (Security)",
        "owner": "Security_Head (Security)",
    }


def test_a_signature_lapses_with_a_change_and_stands_again_when_it_is_undone(cast, unsigned):
    sign(cast.security, unsigned, SECURITY)
    sign(cast.security_head, unsigned, OWNER)
    title = unsigned.requirements.get(code="R1").title
    unsigned.requirements.filter(code="R1").update(title="Softer")
    found = [check.text for check in blocking(unsigned)]
    assert len(found) == 2
    signed = "Security (Security) signed off for Security on 2026/11/22 14:00; the draft changed since"
    assert signed in found[0]
    unsigned.requirements.filter(code="R1").update(title=title)
    assert not blocking(unsigned)


@pytest.mark.parametrize(
    ("who", "side"),
    [
        ("business", SECURITY),
        ("officer", SECURITY),
        ("auditor", SECURITY),
        ("administrator", SECURITY),
        ("vendor", SECURITY),
        ("business", OWNER),
        ("business_head", OWNER),
        ("approver", OWNER),
        ("officer", OWNER),
    ],
)
def test_others_sign_nothing(cast, unsigned, who, side):
    with pytest.raises(Forbidden):
        sign(getattr(cast, who), unsigned, side)
    assert not Clearance.objects.exists()


def test_one_person_does_not_sign_twice(cast, unsigned):
    sign(cast.security, unsigned, SECURITY)
    with pytest.raises(Forbidden, match="two people sign"):
        sign(cast.security, unsigned, OWNER)
    with pytest.raises(Forbidden, match="signed off already"):
        sign(cast.security_head, unsigned, SECURITY)


def test_nobody_signs_what_was_not_on_screen(cast, unsigned):
    seen = draft_fingerprint(unsigned)
    unsigned.requirements.filter(code="R1").update(title="Softer")
    with pytest.raises(Stale):
        sign(cast.security, unsigned, SECURITY, seen)
    assert not Clearance.objects.exists()


def test_what_is_published_is_signed_no_more(cast, published):
    with pytest.raises(Forbidden, match="frozen"):
        sign(cast.security, published, SECURITY)


def test_it_is_signed_on_the_page_with_the_password(client, cast, unsigned, clock):
    url = reverse("draft-sign-off", args=[unsigned.pk, "security"])
    page = reverse("tender", args=[unsigned.pk])
    client.force_login(cast.security)
    text = client.get(page).content.decode()
    assert url in text
    assert reverse("draft-sign-off", args=[unsigned.pk, "owner"]) in text
    seen = {"seen": draft_fingerprint(unsigned)}
    wrong = client.post(url, seen | {"security-password": "wrong"})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.content.decode()
    assert client.post(url, {"security-password": PASSWORD}).status_code == 409
    assert not Clearance.objects.exists()
    assert client.post(url, seen | {"security-password": PASSWORD}).url == page
    assert Clearance.objects.get().signer == cast.security
    assert reverse("draft-sign-off", args=[unsigned.pk, "owner"]) not in client.get(page).content.decode()
    assert client.post(reverse("draft-sign-off", args=[unsigned.pk, "nobody"])).status_code == 404
    client.force_login(cast.vendor)
    assert client.post(url, seen).status_code == 404

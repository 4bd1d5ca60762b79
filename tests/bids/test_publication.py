"""The tender page, publication and cancellation."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions.publication import cancel, draft_fingerprint, is_as_published, publish
from bids.cases import publication_fingerprint
from procurement.actions.locking import Stale
from procurement.choices import Role, Stage
from procurement.models import AuditEntry, Tender, Vendor
from procurement.rules import Forbidden
from tests.cast import NOW
from tests.signing_off import sign_off

pytestmark = pytest.mark.django_db


def change(tender, **values):
    """Set columns of the tender behind its back."""
    Tender.objects.filter(pk=tender.pk).update(**values)


# --- publication ------------------------------------------------------------------------------------------
def test_what_is_published_is_frozen_with_its_fingerprint(cast, draft):
    draft.refresh_from_db()
    expected = draft_fingerprint(draft)
    publish(actor=cast.officer, tender=draft, now=NOW, seen=expected)
    draft.refresh_from_db()
    assert (draft.stage, draft.published_at) == (Stage.PUBLISHED, NOW)
    assert draft.fingerprint == expected == publication_fingerprint(draft.published_text)
    document = json.loads(draft.published_text)
    assert document["owner"] == "Security"
    assert [row["code"] for row in document["specification"]["requirements"]] == ["R1", "R2", "R3"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.tender) == ("publish tender", draft)
    assert json.loads(entry.payload)["fingerprint"] == expected
    with pytest.raises(Forbidden):
        publish(actor=cast.officer, tender=draft, now=NOW)


@pytest.mark.parametrize("who", ["security", "approver", "auditor", "administrator", "vendor"])
def test_only_officers_publish_and_cancel(cast, draft, who):
    with pytest.raises(Forbidden):
        publish(actor=getattr(cast, who), tender=draft, now=NOW)
    with pytest.raises(Forbidden):
        cancel(actor=getattr(cast, who), tender=draft, reason="x", now=NOW)
    assert not AuditEntry.objects.exists()


def test_nobody_publishes_what_was_not_on_screen(cast, draft):
    draft.refresh_from_db()
    seen = draft_fingerprint(draft)
    draft.requirements.filter(code="R1").update(title="Changed by a colleague")
    sign_off(draft)
    with pytest.raises(Stale):
        publish(actor=cast.officer, tender=draft, now=NOW, seen=seen)
    draft.refresh_from_db()
    assert draft.is_draft()


def test_the_rows_are_held_against_what_was_published(cast, published):
    assert is_as_published(published)
    cast.security.name = "Renamed"
    cast.security.save()
    published.refresh_from_db()
    assert is_as_published(published), "a name may change; it was copied"
    published.requirements.filter(code="R1").update(title="Softer")
    assert not is_as_published(published)


@pytest.mark.parametrize("column", ["published_text", "fingerprint"])
def test_a_changed_publication_is_seen(published, column):
    setattr(published, column, getattr(published, column).replace("a", "b"))
    assert not is_as_published(published)


# --- cancellation -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("stage", ["draft", "closed", "opened", "locked", "priced"])
def test_a_tender_ends_at_any_stage_before_the_award(cast, request, stage):
    tender = request.getfixturevalue(stage)
    cancel(actor=cast.officer, tender=tender, reason=" The system is given up. ", now=NOW)
    tender.refresh_from_db()
    assert (tender.stage, tender.cancelled_reason) == (Stage.CANCELLED, "The system is given up.")
    entry = AuditEntry.objects.first()
    assert (entry.action, json.loads(entry.payload)["reason"]) == ("cancel tender", "The system is given up.")
    with pytest.raises(Forbidden):
        cancel(actor=cast.officer, tender=tender, reason="again", now=NOW)


def test_a_cancellation_needs_a_reason(cast, draft):
    with pytest.raises(ValidationError):
        cancel(actor=cast.officer, tender=draft, reason="  ", now=NOW)


# --- the page ---------------------------------------------------------------------------------------------
def page(client, who, tender):
    client.force_login(who)
    return client.get(reverse("tender", args=[tender.pk]))


def body(client, who, tender):
    return page(client, who, tender).content.decode()


def test_an_officer_publishes_from_the_page(client, cast, draft, clock):
    shown = page(client, cast.officer, draft)
    assert shown.context["blocking"] == 0
    url = reverse("publish", args=[draft.pk])
    assert client.get(url).status_code == 405
    client.post(url, {"seen": shown.context["draft_fingerprint"]})
    draft.refresh_from_db()
    assert draft.stage == Stage.PUBLISHED
    assert draft.fingerprint in body(client, cast.officer, draft)


def test_a_form_without_a_fingerprint_publishes_nothing(client, cast, draft, clock):
    client.force_login(cast.officer)
    assert client.post(reverse("publish", args=[draft.pk])).status_code == 409


def test_a_blocked_draft_has_no_button_but_a_reason(client, cast, draft, clock):
    change(draft, deadline=None)
    draft.requirements.filter(code="R2").update(evidence="")
    sign_off(draft)
    text = body(client, cast.officer, draft)
    assert "It opens when 2 points are settled." in text
    assert reverse("publish", args=[draft.pk]) not in text
    assert reverse("tender-edit", args=[draft.pk]) in text
    client.post(reverse("publish", args=[draft.pk]), {"seen": "whatever"})
    assert "R2 asks for no evidence." in body(client, cast.officer, draft)


def test_others_of_the_bank_read_a_draft_without_its_doors(client, cast, draft, clock):
    for who in (cast.security, cast.auditor, cast.approver):
        text = body(client, who, draft)
        assert "This is for: Procurement officer." in text
        for name in ("tender-edit", "requirement-new", "criterion-new", "seat-new", "cancel", "publish"):
            assert reverse(name, args=[draft.pk]) not in text


@pytest.mark.parametrize("who", ["stranger", "vendor", "administrator"])
def test_strangers_do_not_learn_of_a_draft(client, cast, draft, who):
    assert page(client, getattr(cast, who), draft).status_code == 404
    for name in ("publish", "cancel"):
        assert client.post(reverse(name, args=[draft.pk]), {"reason": "x"}).status_code == 404


def test_a_vendor_reads_what_was_published_and_no_more(client, cast, published, clock):
    change(published, reserve_price=Decimal(17123456))
    text = body(client, cast.vendor, published)
    assert "Requirement R1" in text
    assert reverse("bid", args=[published.pk]) in text
    assert "17,123,456" not in text
    assert "Panel" not in text
    assert "Answers for the system" not in text
    assert "17,123,456" in body(client, cast.officer, published)


def test_once_opened_only_bidders_know_the_tender(client, cast, opened, clock):
    assert page(client, cast.vendor, opened).status_code == 200
    cast.stranger.role, cast.stranger.unit = Role.VENDOR, None
    cast.stranger.vendor = Vendor.objects.create(name="Third")
    cast.stranger.save()
    assert page(client, cast.stranger, opened).status_code == 404


def test_a_difference_from_the_publication_is_shown(client, cast, published, clock):
    assert "What is stored is what was published." in body(client, cast.auditor, published)
    published.requirements.filter(code="R1").update(title="Softer")
    assert "What is stored differs from what was published." in body(client, cast.auditor, published)


def test_a_tender_is_cancelled_from_the_page(client, cast, published, clock):
    client.force_login(cast.officer)
    url = reverse("cancel", args=[published.pk])
    refused = client.post(url, {"reason": " "})
    assert list(refused.context["cancel_form"].errors) == ["reason"]
    client.post(url, {"reason": "The system is given up."})
    assert "The system is given up." in body(client, cast.officer, published)
    client.force_login(cast.security)
    assert client.post(url, {"reason": "x"}).status_code == 403


def test_weights_and_tabs_tell_no_more_than_the_stage(client, cast, opened, clock):
    tabs = {tab["url"].rsplit("/", 2)[1] for tab in page(client, cast.officer, opened).context["tabs"]}
    assert {"opening", "verification", "marks"} <= tabs
    assert "decision" not in tabs
    assert [tab["current"] for tab in page(client, cast.vendor, opened).context["tabs"]] == [True, False]


def test_the_page_asks_as_often_for_many_rows_as_for_few(client, draft, clock, django_assert_num_queries):
    client.force_login(draft.officer)
    with django_assert_num_queries(45):
        client.get(reverse("tender", args=[draft.pk]))
    first, leaf = draft.requirements.first(), draft.criteria.get(code="Q")
    for number in range(2):
        first.pk, first.code, first.position = None, f"R1{number}", 10 + number
        first.save(force_insert=True)
        leaf.pk, leaf.code, leaf.position = None, f"Z{number}", 10 + number
        leaf.save(force_insert=True)
    with django_assert_num_queries(45):
        client.get(reverse("tender", args=[draft.pk]))

"""Refusals are entries of the trail, and flood nobody's trail."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from procurement import audit
from procurement.audit.refusals import LIMIT, WINDOW
from procurement.models import AuditEntry
from tests.cast import NOW, hand_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(caplog):
    """A refusal is a warning in the log, too; here they are meant."""
    caplog.set_level("CRITICAL", "django.request")


def refused():
    return list(AuditEntry.objects.filter(action="refuse").order_by("seq"))


def test_who_is_told_no_is_on_record_with_tender_and_address_by_name(client, cast, draft):
    client.force_login(cast.security)
    assert client.get(reverse("tender-edit", args=[draft.pk])).status_code == 403
    assert client.post(reverse("publish", args=[draft.pk]), {"secret": "15000000"}).status_code == 403
    first, second = refused()
    assert (first.actor_name, first.object, first.tender) == ("Security (Security)", "tender-edit", draft)
    assert json.loads(first.payload) == {"method": "GET"}
    assert (second.object, json.loads(second.payload)) == ("publish", {"method": "POST"})
    assert audit.verify_chain().intact


def test_a_page_of_no_tender_is_on_record_without_one(client, cast):
    client.force_login(cast.officer)
    assert client.get(reverse("people")).status_code == 403
    (entry,) = refused()
    assert (entry.object, entry.tender) == ("people", None)


def test_what_is_not_there_is_no_refusal(client, cast, draft):
    client.force_login(cast.stranger)
    assert client.get(reverse("tender", args=[draft.pk])).status_code == 404
    client.logout()
    assert client.get(reverse("people")).status_code == 302
    assert refused() == []


def test_nobody_floods_the_trail(client, cast, django_assert_num_queries):
    client.force_login(cast.officer)
    for _ in range(LIMIT + 5):
        assert client.get(reverse("people")).status_code == 403
    entries = refused()
    assert len(entries) == LIMIT
    assert [json.loads(row.payload).get("last", False) for row in entries] == [False] * (LIMIT - 1) + [True]
    before = AuditEntry.objects.count()
    with django_assert_num_queries(2):  # the head, and how many there were: nothing is written or locked
        audit.record_refusal(actor=cast.officer, route="people", method="GET", tender=None, now=NOW)
    assert AuditEntry.objects.count() == before
    client.force_login(cast.security)
    client.get(reverse("people"))
    assert len(refused()) == LIMIT + 1, "others are still on record"


def test_after_a_while_they_are_recorded_again(client, cast):
    for _ in range(LIMIT):
        audit.record_refusal(actor=cast.officer, route="people", method="GET", tender=None, now=NOW)
    with transaction.atomic():
        for _ in range(WINDOW):
            audit.record(actor=cast.auditor, action="look", object="", now=NOW)
    assert audit.record_refusal(actor=cast.officer, route="people", method="GET", tender=None, now=NOW)


def test_a_refusal_that_cannot_be_recorded_is_still_one(client, cast, monkeypatch, caplog):
    def fail(**_arguments):
        raise DatabaseError

    caplog.set_level("ERROR", "procurement.middleware")
    monkeypatch.setattr(audit, "record_refusal", fail)
    client.force_login(cast.officer)
    assert client.get(reverse("people")).status_code == 403
    assert "A refusal was not recorded" in caplog.text


def test_whom_a_tender_refuses_tells_of_no_bid_before_the_opening(client, clock, cast, published):
    def seen():
        client.force_login(cast.auditor)
        actions = [row.action for row in client.get(reverse("trail")).context["page"]]
        return [action for action in actions if action != "make key of drafts"]  # tells of a first sign-in

    with transaction.atomic():
        audit.record(actor=cast.officer, action="publish tender", object="", now=NOW, tender=published)
    hand_in(cast.vendor, published, "15000000")
    clock(published.deadline + timedelta(minutes=1))
    client.force_login(cast.vendor)
    assert client.post(reverse("bid-withdraw", args=[published.pk])).status_code == 403
    assert len(refused()) == 1
    assert seen() == ["publish tender"]
    published.stage = "technical_opened"
    published.save(update_fields=["stage"])
    assert seen() == ["refuse", "submit bid", "publish tender"]

"""All tenders by stage: since when they stand there, who acts next, what is late, and the workbook."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from bids.actions.publication import cancel
from bids.models import Objection
from procurement.models import AuditEntry, Question, Tender
from tests.awarded import recommend_it
from tests.bids.objecting import object_to
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def listed(client, who, **query):
    client.force_login(who)
    return client.get(reverse("tenders"), query)


def lines(client, who, **query):
    return {line.tender.reference: line for line in listed(client, who, **query).context["lines"]}


def begun(tender, days, **values):
    """Another draft, begun so many days ago."""
    copy = Tender.objects.create(
        reference=f"DRAFT-{days}", title="Another", officer=tender.officer, owner_unit=tender.owner_unit,
        **values,
    )  # fmt: skip
    Tender.objects.filter(pk=copy.pk).update(created_at=NOW - timedelta(days=days))
    return copy


def ask(tender, cast, days):
    """A question of a vendor, so many days ago."""
    return Question.objects.create(
        pk=uuid4(), tender=tender, vendor=cast.vendor.vendor, asker=cast.vendor, text="Which port?",
        asked_at=NOW - timedelta(days=days),
    )  # fmt: skip


# --- where they stand ---------------------------------------------------------------------------------------
def test_they_stand_by_stage_and_the_late_ones_come_first(client, cast, published):
    begun(published, 1, deadline=NOW + timedelta(days=1))
    begun(published, 12, deadline=NOW - timedelta(days=2))
    page = listed(client, cast.officer)
    assert [line.tender.reference for line in page.context["lines"]] == [
        "DRAFT-12",
        "DRAFT-1",
        published.reference,
    ]
    groups = [(group.stands, group.count, group.late) for group in page.context["groups"]]
    assert groups == [("draft", 2, 1), ("published", 1, 0)]
    assert "1 is late." in page.content.decode()


def test_since_when_and_who_acts_next(client, cast, draft, priced):
    shown = lines(client, cast.officer)
    line = shown[priced.reference]
    assert (line.days, line.next_step, line.next_by) == (0, "Look at the ranking", "Officer")
    Tender.objects.filter(pk=priced.pk).update(priced_at=NOW - timedelta(days=6))
    assert lines(client, cast.auditor)[priced.reference].days == 6
    begun(priced, 30)
    assert lines(client, cast.auditor)["DRAFT-30"].days == 30


def test_a_stage_without_a_column_is_told_by_the_trail(client, cast, priced, clock):
    recommend_it(priced)
    clock(NOW + timedelta(days=4))
    line = lines(client, cast.officer)[priced.reference]
    assert (line.stands, line.days, line.next_by) == ("ranked", 4, "Approver")


def test_a_cancelled_one_waits_for_nobody(client, cast, published, clock):
    cancel(actor=cast.officer, tender=published, reason="Given up", now=NOW)
    clock(NOW + timedelta(days=3))
    line = lines(client, cast.officer)[published.reference]
    assert (line.stands, line.days, line.next_step, line.late) == ("cancelled", 3, "", ())


# --- late ---------------------------------------------------------------------------------------------------
def test_bidding_that_is_over_waits_for_the_bidders_to_be_named(client, cast, closed, clock):
    clock(closed.deadline + timedelta(days=2))
    line = lines(client, cast.officer)[closed.reference]
    assert (line.stands, line.days) == ("closed", 2)
    assert line.late == ("Bidding is over and nobody has named the bidders, late by 2 days",)
    assert list(lines(client, cast.officer, stage="closed")) == [closed.reference]
    assert lines(client, cast.officer, stage="published") == {}


def test_questions_past_their_day(client, cast, published):
    ask(published, cast, 2)
    assert lines(client, cast.officer)[published.reference].late == ()
    ask(published, cast, 4)
    ask(published, cast, 5)
    assert lines(client, cast.officer)[published.reference].late == (
        "2 questions are unanswered, late by 2 days",
    )


def test_objections_past_their_day_are_told_to_those_who_read_them(client, cast, published):
    object_to(published, cast.security, vendor="")
    assert lines(client, cast.officer)[published.reference].late == ()
    Objection.objects.update(due_at=NOW - timedelta(hours=1))
    late = ("1 objection is unanswered, since today",)
    assert lines(client, cast.officer)[published.reference].late == late
    Objection.objects.update(withdrawn_by="Security", withdrawn_at=NOW, withdrawn_reason="Solved")
    assert lines(client, cast.officer)[published.reference].late == ()


def test_vendors_are_told_nothing_of_it(client, cast, published):
    ask(published, cast, 9)
    page = listed(client, cast.vendor, late="on", unit=str(published.owner_unit_id))
    (line,) = page.context["lines"]
    assert (line.late, line.next_by, line.days) == ((), "", None)
    text = page.content.decode()
    assert "unanswered" not in text
    assert "Excel" not in text
    assert "Accountable unit" not in text
    assert client.get(reverse("tenders-workbook")).status_code == 403


# --- narrowed -----------------------------------------------------------------------------------------------
def test_it_is_narrowed_by_unit_officer_period_and_lateness(client, cast, units, published):
    begun(published, 400, deadline=NOW - timedelta(days=1))
    begun(published, 2)
    Tender.objects.filter(reference="DRAFT-2").update(owner_unit=units["it"], officer=None)
    assert set(lines(client, cast.officer, unit=str(units["it"].pk))) == {"DRAFT-2"}
    assert set(lines(client, cast.officer, officer=str(cast.officer.pk))) == {
        "DRAFT-400",
        published.reference,
    }
    assert set(lines(client, cast.officer, begun="2025")) == {"DRAFT-400"}
    assert set(lines(client, cast.officer, late="on")) == {"DRAFT-400"}
    assert set(lines(client, cast.officer, q="end-POINT")) == {published.reference}
    assert "No tender matches." in listed(client, cast.officer, q="nothing").content.decode()


# --- the workbook -------------------------------------------------------------------------------------------
def test_the_workbook_holds_the_list_and_the_trail_says_who_took_it(client, cast, published):
    begun(published, 12, deadline=NOW - timedelta(days=2))
    Tender.objects.filter(reference="DRAFT-12").update(title="=1+1")
    client.force_login(cast.security_head)
    answer = client.get(reverse("tenders-workbook"), {"stage": "draft"})
    assert answer["Content-Disposition"] == 'attachment; filename="tenders-2026-11-22.xlsx"'
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    (line,) = (dict(zip(rows[3], row, strict=True)) for row in rows[4:])
    assert (line["Reference"], line["Tender"], line["Days at this stage"]) == ("DRAFT-12", "=1+1", 12)
    assert (line["Next step"], line["Whose"]) == ("Complete and publish", "Officer")
    assert line["Late"] == "The deadline of the draft is over, late by 2 days"
    assert AuditEntry.objects.filter(action="export tenders", object="1").count() == 1


@pytest.mark.parametrize("part", ["officer", "security"])
def test_it_costs_the_same_with_one_tender_and_with_three(client, cast, published, part):
    counts = []
    for number in range(3):
        if number:
            copy = begun(published, number, approver=cast.approver, escalation=cast.next_above)
            Tender.objects.filter(pk=copy.pk).update(stage="ranked", fingerprint="sha256:0")
        client.force_login(getattr(cast, part))
        with CaptureQueriesContext(connection) as made:
            assert client.get(reverse("tenders")).status_code == 200
        counts.append(len(made))
    assert counts[1] == counts[2]
    assert counts[1] == counts[0] + 1  # the trail is asked once there is something to ask

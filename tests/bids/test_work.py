"""My work: what waits for whom at each stage, and what nobody may learn from it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bids.actions import scoring, verification
from bids.actions.awards import present_ranking
from bids.actions.complaints import complain
from bids.choices import Envelope
from bids.models import Claim
from procurement.models import Clearance, Tender
from tests.awarded import approve_it, award_it, recommend_it
from tests.bids.companies import declared
from tests.bids.objecting import DAY, answer, object_to
from tests.cast import NOW, hand_in, mark_everything, unlock

pytestmark = pytest.mark.django_db


def page(client, who):
    client.force_login(who)
    return client.get(reverse("work"))


def tasks(client, who):
    return [(task.what, task.url) for task in page(client, who).context["tasks"]]


def waits(client, who):
    return [(wait.what, wait.who) for wait in page(client, who).context["waits"]]


# --- officers ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("stage", "what", "place"),
    [
        ("draft", "Complete and publish", "tender"),
        ("closed", "Name the bidders", "opening"),
        ("locked", "Open the prices", "opening"),
        ("priced", "Put the ranking before the approver", "decision"),
    ],
)
@pytest.mark.usefixtures("clock")
def test_what_waits_for_the_officer(client, request, stage, what, place):
    tender = request.getfixturevalue(stage)
    if stage == "locked":
        unlock(tender, Envelope.PRICE)  # the officer is one of those who open, too
    assert tasks(client, tender.officer) == [(what, reverse(place, args=[tender.pk]))]


def test_an_envelope_waits_for_two_of_those_who_open_it(client, cast, named, clock):
    waiting = ("Unlock: Technical envelope", reverse("opening", args=[named.pk]))
    assert waiting in tasks(client, cast.auditor)
    unlock(named, Envelope.TECHNICAL, "auditor")
    assert waiting not in tasks(client, cast.auditor)
    assert waiting in tasks(client, cast.next_above)
    assert waiting not in tasks(client, cast.approver)
    clock(NOW + timedelta(minutes=16))
    assert waiting in tasks(client, cast.auditor)
    unlock(named, Envelope.TECHNICAL, at=NOW + timedelta(minutes=17))
    assert waiting not in tasks(client, cast.next_above)


def test_the_officer_locks_when_every_member_has_submitted(client, cast, opened, clock):
    assert tasks(client, cast.officer) == []
    assert waits(client, cast.officer) == [("Marks", "Security Security"), ("Marks", "Business Business")]
    marks = {"S": "1", "Q": "1"}
    mark_everything(opened, {"Bedrock Security": marks, "Quickwin Technology": marks})
    for seat in opened.seats.all():
        scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)
    assert tasks(client, cast.officer) == [
        ("Settle the differences and lock the marks", reverse("differences", args=[opened.pk]))
    ]
    assert waits(client, cast.officer) == []


def test_another_officers_tender_is_another_officers_work(client, cast, draft, clock):
    cast.approver.role = "officer"
    cast.approver.save()
    assert tasks(client, cast.approver) == []
    assert draft.title in page(client, cast.approver).content.decode()


def test_bids_are_waited_for_and_not_counted(client, cast, published, clock):
    none = page(client, cast.officer).content.decode()
    assert waits(client, cast.officer) == [("Bids", "Vendors")]
    hand_in(cast.vendor, published, "15000000")
    hand_in(cast.rival, published, "12000000")
    both = page(client, cast.officer).content.decode()
    for who in (cast.officer, cast.security, cast.approver, cast.auditor):
        text = page(client, who).content.decode()
        assert "Bedrock" not in text
        assert "15,000,000" not in text
    assert without_tokens(none) == without_tokens(both), "the page looks the same with two bids as with none"


def without_tokens(text):
    return [line for line in text.splitlines() if "csrf" not in line.lower()]


# --- panel members ----------------------------------------------------------------------------------------
def test_what_waits_for_a_member(client, cast, opened, clock):
    assert tasks(client, cast.security) == [
        ("Give your marks", reverse("marks", args=[opened.pk])),
        ("Verify the evidence", reverse("verification", args=[opened.pk])),
    ]
    detail = page(client, cast.security).context["tasks"][1].detail
    assert detail == "6 answers on R1, R2, R3"
    assert tasks(client, cast.business) == [("Give your marks", reverse("marks", args=[opened.pk]))]


def test_what_was_verified_waits_no_more(client, cast, opened, clock):
    for claim in Claim.objects.filter(bid__tender=opened):
        verification.record_finding(
            actor=cast.security, claim=claim, verified=True, finding="seen", seen=claim.version, now=NOW
        )
    assert tasks(client, cast.security) == [("Give your marks", reverse("marks", args=[opened.pk]))]


def test_a_member_waits_for_the_answer_to_the_own_objection(client, cast, opened, clock):
    object_to(opened, cast.security, claim="The key is the vendor's")
    assert waits(client, cast.security) == [("OBJ-1 The key is the vendor's", "Approver")]
    assert waits(client, cast.business) == []


def test_strangers_see_nothing(client, cast, opened, clock):
    shown = page(client, cast.stranger)
    assert (shown.context["tasks"], list(shown.context["page"])) == ([], [])
    assert opened.title not in shown.content.decode()


# --- approvers --------------------------------------------------------------------------------------------
def test_an_objection_comes_before_the_award(client, cast, priced, clock):
    objection = object_to(priced, cast.security)
    present_ranking(actor=cast.officer, tender=priced, now=NOW)
    assert tasks(client, cast.approver) == [
        ("Answer an objection", reverse("objection", args=[objection.pk]))
    ]
    answer(objection, cast.approver)
    assert tasks(client, cast.approver) == []


def test_an_award_waits_for_each_signature_in_turn(client, cast, priced, clock):
    tender = present_ranking(actor=cast.officer, tender=priced, now=NOW)
    record = [("Record the panel's recommendation", reverse("recommendation", args=[tender.pk]))]
    approve = [("Approve the recommendation", reverse("approve", args=[tender.pk]))]
    decide = [("Decide the award", reverse("award", args=[tender.pk]))]
    assert tasks(client, cast.officer) == record
    assert tasks(client, cast.security_head) == []
    recommend_it(tender)
    assert (tasks(client, cast.officer), tasks(client, cast.approver)) == ([], [])
    assert tasks(client, cast.security_head) == tasks(client, cast.business_head) == approve
    approve_it(tender, "security_head")
    assert (tasks(client, cast.security_head), tasks(client, cast.business_head)) == ([], approve)
    approve_it(tender, "business_head")
    assert tasks(client, cast.approver) == tasks(client, cast.next_above) == decide
    assert tasks(client, cast.business_head) == []


def test_a_complaint_waits_for_the_named_approver(client, cast, priced, clock):
    award_it(priced)
    row = complain(
        actor=cast.vendor, tender=priced, bid=None, complainant="", text="Unfair", received_at=NOW, now=NOW
    )
    assert tasks(client, cast.approver) == [("Answer a complaint", reverse("complaint", args=[row.pk]))]
    assert tasks(client, cast.security_head) == []


def test_an_objection_that_is_overdue_goes_to_the_one_next_above_as_well(client, cast, opened, clock):
    objection = object_to(opened, cast.security)
    assert tasks(client, cast.next_above) == []
    clock(NOW + 2 * DAY)
    due = [("Answer an objection", reverse("objection", args=[objection.pk]))]
    assert tasks(client, cast.next_above) == tasks(client, cast.approver) == due


def test_a_condition_waits_for_its_owner_and_a_remedy_for_the_raiser(client, cast, locked, clock):
    first, second = object_to(locked, cast.security), object_to(locked, cast.security)
    condition = answer(first, cast.approver, "accepted").conditions.get()
    answer(second, cast.approver, "upheld")
    meet = reverse("objection", args=[first.pk]) + f"#condition-{condition.pk}"
    assert tasks(client, cast.business) == [("Meet a condition", meet)]
    assert ("Confirm the remedy", reverse("objection", args=[second.pk])) in tasks(client, cast.security)
    assert ("OBJ-2 The vendor alone holds the signing key", "Security") in waits(client, cast.officer)


# --- vendors ----------------------------------------------------------------------------------------------
def test_a_vendor_hands_in_and_then_waits(client, cast, published, clock):
    for person in (cast.vendor, cast.rival):
        declared(person)
    assert tasks(client, cast.vendor) == [("Hand in your bid", reverse("bid", args=[published.pk]))]
    hand_in(cast.vendor, published, "15000000")
    assert tasks(client, cast.vendor) == []
    assert waits(client, cast.vendor) == [("Your bid is handed in", "The bank")]
    assert tasks(client, cast.rival) == [("Hand in your bid", reverse("bid", args=[published.pk]))]


def test_after_the_deadline_there_is_nothing_to_hand_in(client, cast, published, clock):
    declared(cast.vendor)
    clock(published.deadline)
    assert tasks(client, cast.vendor) == []


# --- everybody --------------------------------------------------------------------------------------------
def test_tasks_stand_by_deadline_and_late_ones_are_counted(client, cast, draft, clock):
    for number, days in enumerate((5, -1, 1)):
        Tender.objects.create(
            reference=f"T{number}", title="x", officer=cast.officer, deadline=NOW + timedelta(days=days)
        )
    shown = page(client, cast.officer)
    assert [task.tender.reference for task in shown.context["tasks"]] == ["T1", "T2", "T0", draft.reference]
    assert (shown.context["overdue"], shown.context["soon"]) == (1, 1)
    assert "Officer, 4 things wait for you" in shown.content.decode()


def test_nothing_to_do_is_a_sentence(client, cast, clock):
    assert "Nothing waits for you." in page(client, cast.approver).content.decode()
    assert reverse("people") in page(client, cast.administrator).content.decode()
    assert reverse("trail") in page(client, cast.auditor).content.decode()


@pytest.mark.parametrize(
    ("who", "queries"), [("officer", 19), ("security", 21), ("approver", 19), ("vendor", 8)]
)
@pytest.mark.usefixtures("opened", "clock")
def test_the_page_asks_as_often_for_three_tenders_as_for_one(
    client, cast, django_assert_num_queries, who, queries
):
    client.force_login(getattr(cast, who))
    with django_assert_num_queries(queries):
        client.get(reverse("work"))
    for number in range(2):
        Tender.objects.create(
            reference=f"T{number}",
            title="x",
            officer=cast.officer,
            owner=cast.security,
            owner_unit=cast.security.unit,
            deadline=NOW + timedelta(days=1),
        )
    with django_assert_num_queries(queries):
        client.get(reverse("work"))


# --- signatures under drafts --------------------------------------------------------------------------------
def signing(client, who):
    found = page(client, who).context["tasks"]
    return [(task.detail, task.url) for task in found if task.what == "Sign the draft off"]


@pytest.mark.usefixtures("clock")
def test_a_draft_waits_for_the_signatures_that_are_missing(client, cast, draft):
    assert signing(client, cast.security) == []
    url = reverse("tender", args=[draft.pk])
    Clearance.objects.filter(side="owner").delete()
    assert signing(client, cast.security_head) == [("For: Accountable unit", url)]
    assert signing(client, cast.security) == []  # who signed for the other side
    Clearance.objects.all().delete()
    assert signing(client, cast.security) == [("For: Security", url), ("For: Accountable unit", url)]
    for part in ("officer", "business", "business_head", "auditor", "vendor"):
        assert signing(client, getattr(cast, part)) == []


@pytest.mark.usefixtures("clock")
def test_what_was_changed_waits_for_another_signature(client, cast, draft):
    Tender.objects.filter(pk=draft.pk).update(title="Something else")
    assert [detail for detail, _url in signing(client, cast.security_head)] == [
        "For: Security",
        "For: Accountable unit",
    ]


@pytest.mark.usefixtures("clock")
def test_an_empty_draft_waits_for_no_signature(client, cast, draft):
    Clearance.objects.all().delete()
    draft.requirements.all().delete()
    assert signing(client, cast.security) == []

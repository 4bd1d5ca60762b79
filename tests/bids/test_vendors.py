"""Vendors' records: the tier and its rule, what counts, and that nothing leaks from tenders that go on."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bids.actions import incidents
from bids.choices import Tier
from bids.models import Incident, Promise, Recusal
from bids.queries import vendors as queries
from bids.queries.vendors import Record, tier_of
from procurement.choices import Role
from procurement.models import RegisterEntry, User, Vendor
from procurement.rules import Forbidden
from tests.bids.promised import DUE, RIVAL, VENDOR, promise_of, sign
from tests.cast import NOW, hand_in

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


# --- the published rule -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("record", "tier"),
    [
        (Record(), Tier.NEW),
        (Record(critical=1, incidents=1), Tier.NEW),
        (Record(awards=1, open=3), Tier.NEW),
        (Record(awards=1, open=3, high=1), Tier.B),
        (Record(awards=1, open=3, critical=1), Tier.C),
        (Record(awards=1, kept=9, late=1), Tier.A),
        (Record(awards=1, kept=10), Tier.A),
        (Record(awards=1, kept=89, late=11), Tier.B),
        (Record(awards=1, kept=10, high=1), Tier.B),
        (Record(awards=1, kept=7, late=3), Tier.B),
        (Record(awards=1, kept=69, late=31), Tier.C),
        (Record(awards=1, kept=9, broken=1), Tier.A),
        (Record(awards=1, kept=99, broken=1, broken_gates=1), Tier.C),
        (Record(awards=1, kept=10, critical=1), Tier.C),
        (Record(awards=9, late=1), Tier.C),
    ],
)
def test_the_tier_follows_from_the_record(record, tier):
    assert tier_of(record) == tier


def test_the_share_is_exact_and_absent_where_nothing_was_due():
    assert Record(awards=1, kept=2, late=1).share_kept == Fraction(2, 3)
    assert Record(awards=1, open=4).share_kept is None


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 22), date(2024, 11, 22)),
        (date(2028, 2, 29), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2024, 2, 28)),
    ],
)
def test_incidents_count_for_24_months(today, first):
    assert queries.counted_from(today) == first


# --- what counts ------------------------------------------------------------------------------------------
def record_of(name, today=TODAY):
    vendor = Vendor.objects.get(name=name)
    return queries.records_of([vendor], today)[vendor.pk]


def happen(actor, vendor, *, severity="high", on=TODAY, tender=None):
    return incidents.record_incident(
        actor=actor,
        vendor=vendor,
        tender=tender,
        severity=severity,
        happened_on=on,
        what="Agent crashed",
        now=NOW,
    )


def test_promises_incidents_and_awards_make_the_record(cast, promised):
    assert record_of(VENDOR) == Record(awards=1, open=3)
    sign(cast.security, promise_of(promised, "R1"))
    sign(cast.security, promise_of(promised, "R2"), "broken")
    happen(cast.officer, cast.vendor.vendor, severity="critical")
    happen(cast.security, cast.vendor.vendor, severity="low")
    happen(cast.security, cast.vendor.vendor, on=date(2024, 11, 21))
    late = DUE.date() + timedelta(days=1)
    assert record_of(VENDOR, late) == Record(
        awards=1, kept=1, late=1, broken=1, broken_gates=1, critical=1, incidents=3
    )
    assert record_of(RIVAL) == Record()


def test_a_broken_promise_that_is_kept_later_counts_as_late(cast, promised):
    promise = promise_of(promised, "R1")
    sign(cast.security, promise, "broken")
    assert record_of(VENDOR).broken_gates == 1
    sign(cast.security, promise)
    assert record_of(VENDOR) == Record(awards=1, late=1, open=2)


def test_a_suspended_award_counts_for_nothing(cast, promised):
    promised.awards.update(suspended_at=NOW, suspended_by="Approver")
    assert record_of(VENDOR) == Record()


# --- incidents --------------------------------------------------------------------------------------------
def test_it_security_and_officers_record_incidents_and_nobody_else(cast, promised, units):
    technician = User.objects.create(username="it", name="It", role=Role.MEMBER, unit=units["it"])
    for actor in (cast.officer, cast.security, technician):
        happen(actor, cast.vendor.vendor)
    for name in ("business", "approver", "security_head", "auditor", "administrator", "vendor", "rival"):
        with pytest.raises(Forbidden):
            happen(getattr(cast, name), cast.vendor.vendor)
    with pytest.raises(ValidationError):
        happen(cast.officer, cast.vendor.vendor, on=NOW.date() + timedelta(days=1))


def test_an_incident_is_closed_once_and_never_changed(client, cast, promised, clock):
    incident = happen(cast.officer, cast.vendor.vendor, tender=promised)
    client.force_login(cast.security)
    url = reverse("incident-close", args=[incident.pk])
    assert client.post(url, {"note": " "}).status_code == 422
    assert client.post(url, {"note": "Patched"}).status_code == 302
    assert client.post(url, {"note": "Again"}).status_code == 403
    stored = Incident.objects.get()
    assert (stored.closing_note, stored.closed_by) == ("Patched", "Security (Security)")
    assert (stored.what, stored.recorded_by) == ("Agent crashed", "Officer (Procurement)")
    assert record_of(VENDOR).high == 1, "closed, and still what happened"


def test_an_incident_is_linked_to_what_the_vendor_won_only(client, cast, promised, clock):
    client.force_login(cast.officer)
    said = {"severity": "high", "happened_on": "2026-11-20", "what": "Down", "tender": promised.pk}
    rival = reverse("incident-new", args=[cast.rival.vendor_id])
    assert client.post(rival, said).status_code == 200
    assert not Incident.objects.exists()
    own = reverse("incident-new", args=[cast.vendor.vendor_id])
    assert client.post(own, said).status_code == 302
    assert Incident.objects.get().tender == promised


# --- pages, and what they must not tell -------------------------------------------------------------------
def main_of(client, who, url):
    client.force_login(who)
    page = client.get(url)
    assert page.status_code == 200
    return page.content.decode().partition('<div class="wrap">')[2].partition("<footer")[0]


BANK = ("officer", "security", "business", "approver", "auditor", "stranger")


@pytest.mark.usefixtures("clock")
def test_the_pages_are_the_banks(client, cast, promised):
    urls = [reverse("vendors"), reverse("vendor", args=[cast.vendor.vendor_id])]
    for name, who in cast.everybody().items():
        client.force_login(who)
        let_in = name in BANK or who.role == Role.APPROVER
        assert {client.get(url).status_code for url in urls} == {200 if let_in else 403}, name


@pytest.mark.usefixtures("clock")
def test_before_the_opening_nobody_can_tell_who_bid(client, cast, published):
    urls = [reverse("vendors")] + [
        reverse("vendor", args=[pk]) for pk in Vendor.objects.values_list("pk", flat=True)
    ]
    before = {(name, url): main_of(client, getattr(cast, name), url) for name in BANK for url in urls}
    hand_in(cast.vendor, published, "15000000", at=NOW - timedelta(hours=3))
    after = {(name, url): main_of(client, getattr(cast, name), url) for name in BANK for url in urls}
    assert before == after


@pytest.mark.usefixtures("clock")
def test_of_a_tender_that_goes_on_the_page_tells_that_there_is_a_bid_and_no_more(client, cast, opened):
    url = reverse("vendor", args=[cast.vendor.vendor_id])
    assert opened.title in main_of(client, cast.officer, url)
    assert "Not decided" in main_of(client, cast.officer, url)
    assert opened.title not in main_of(client, cast.stranger, url)
    bid = opened.bids.get(vendor=cast.vendor.vendor)
    Recusal.objects.create(seat=opened.seats.get(user=cast.business), bid=bid, position=0)
    recused = main_of(client, cast.business, url)
    assert opened.title not in recused
    assert opened.reference not in main_of(client, cast.business, reverse("vendors"))
    bids = [row.bid_count for row in client.get(reverse("vendors")).context["page"]]
    assert bids == [0, 1]
    bid.status, bid.reason = "excluded", "Out"
    bid.save()
    assert "Excluded" not in main_of(client, cast.officer, url), "it would tell which letter the bidder has"


@pytest.mark.usefixtures("clock")
def test_no_page_shows_a_price(client, cast, promised):
    promised.bids.update(price="15000000")
    for vendor in Vendor.objects.all():
        assert "15,000,000" not in main_of(client, cast.officer, reverse("vendor", args=[vendor.pk]))


@pytest.mark.usefixtures("clock")
def test_places_come_from_what_the_award_froze(client, cast, promised):
    client.force_login(cast.auditor)
    won = client.get(reverse("vendor", args=[cast.vendor.vendor_id])).context["page"][0]
    lost = client.get(reverse("vendor", args=[cast.rival.vendor_id])).context["page"][0]
    assert [(won.place, won.won), (lost.place, lost.won)] == [(1, True), (2, False)]
    assert promised.title in main_of(client, cast.stranger, reverse("vendor", args=[cast.rival.vendor_id]))


@pytest.mark.usefixtures("clock")
def test_the_record_is_the_same_for_every_reader(client, cast, promised):
    url = reverse("vendor", args=[cast.vendor.vendor_id])
    records = set()
    for name in BANK:
        client.force_login(getattr(cast, name))
        context = client.get(url).context
        records.add((context["record"], context["tier"]))
    assert len(records) == 1


@pytest.mark.usefixtures("clock")
def test_the_list_is_narrowed_by_name_and_tier(client, cast, promised):
    sign(cast.security, promise_of(promised, "R1"), "broken")
    client.force_login(cast.officer)

    def names(**query):
        return [row.name for row in client.get(reverse("vendors"), query).context["page"]]

    assert names() == [VENDOR, RIVAL]
    assert names(tier="C") == [VENDOR]
    assert names(tier="new") == [RIVAL]
    assert names(q="quick") == [RIVAL]
    assert names(q="quick", tier="C") == []


@pytest.mark.usefixtures("clock")
def test_the_rule_stands_on_the_page(client, cast, promised):
    for url in (reverse("vendors"), reverse("vendor", args=[cast.vendor.vendor_id])):
        assert "at least 90 % of due promises kept in time" in main_of(client, cast.officer, url)


@pytest.mark.usefixtures("clock")
def test_exceptions_that_a_member_may_not_read_are_not_counted_for_it(client, cast, promised):
    RegisterEntry.objects.create(
        system="ATM", kind="port", origin="a", target="b", opening="443", reason="r", risk="r",
        owner=cast.officer, unit=cast.officer.unit, expires_on=NOW.date(), vendor=cast.vendor.vendor,
        proposer=cast.officer, proposed_by="Officer", proposed_at=NOW, advice="agrees", advice_reason="x",
        advised_by="Security", decision="granted", decision_reason="x", decided_by="Approver",
    )  # fmt: skip
    for who, count in ((cast.officer, 1), (cast.security, 1), (cast.business, 0)):
        client.force_login(who)
        page = client.get(reverse("vendors")).context["page"]
        assert [row.exception_count for row in page] == [count, 0]


@pytest.mark.usefixtures("clock")
def test_the_list_costs_the_same_with_one_vendor_and_with_three(client, cast, promised):
    client.force_login(cast.officer)
    client.get(reverse("vendors"))
    with CaptureQueriesContext(connection) as two:
        client.get(reverse("vendors"))
    for number in range(3):
        Vendor.objects.create(name=f"Vendor {number}")
    with CaptureQueriesContext(connection) as five:
        client.get(reverse("vendors"))
    assert len(two) == len(five)
    assert Promise.objects.count() == 3

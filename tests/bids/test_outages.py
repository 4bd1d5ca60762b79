"""Outages: on record by name, and the same time back for every tender that one touched, all at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from bids.actions import amendments, outages
from bids.choices import AmendmentKind, AmendmentState
from bids.models import Amendment, Outage
from bids.queries import current_package, needs_confirmation, tenders_touched
from procurement.choices import Stage
from procurement.models import Tender
from procurement.rules import Forbidden
from tests.bids.amending import agree, outage, propose
from tests.bids.vendors import entries
from tests.cast import NOW, hand_in

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def another(tender, reference, **fields):
    """A tender published like this one, with a package of its own."""
    package = current_package(tender)
    copy = Tender.objects.get(pk=tender.pk)
    copy._state.adding, copy.pk = True, None
    copy.pk = Tender._meta.pk.get_default()
    copy.reference = reference
    for name, value in fields.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    text = package.text.replace(str(tender.pk), str(copy.pk))
    copy.packages.create(amendment=0, text=text, digest=f"{copy.pk.int:064x}"[-64:], at=NOW)
    return copy


@pytest.fixture
def row(published):
    """Bids could not come in for an hour and a half minute, until just now."""
    return outage(NOW - HOUR - 30 * timedelta(seconds=1), NOW)


@pytest.fixture
def three(published):
    """Beside the published tender one that closes soon, one that just closed, and three not touched."""
    return {
        "open": published,
        "soon": another(published, "T-SOON", deadline=NOW + 10 * MINUTE),
        "over": another(published, "T-OVER", deadline=NOW - 10 * MINUTE),
        "before": another(published, "T-BEFORE", deadline=NOW - 2 * HOUR),
        "after": another(published, "T-AFTER", published_at=NOW),
        "draft": another(published, "T-DRAFT", stage=Stage.DRAFT),
    }


def extend(cast, row, minutes=61, *, at=NOW):
    return outages.extend_after_outage(actor=cast.officer, outage=row, minutes=minutes, clock=lambda: at)


# --- on record --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["officer", "administrator"])
def test_officers_and_administrators_record_an_outage(published, name):
    row = outage(NOW - HOUR, NOW, by=name)
    assert row.recorded_by.startswith(name.title())
    (entry,) = entries("record outage")
    assert entry["begins_at"] == "2026-11-22T05:00:00.000Z"


@pytest.mark.parametrize("name", ["approver", "security", "auditor", "vendor"])
def test_others_do_not(published, name):
    with pytest.raises(Forbidden, match="This is for"):
        outage(NOW - HOUR, NOW, by=name)


def test_an_outage_ends_after_it_began_and_is_over(published):
    with pytest.raises(ValidationError, match="end after it began"):
        outage(NOW, NOW)
    with pytest.raises(ValidationError, match="still to come"):
        outage(NOW - HOUR, NOW + MINUTE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Outage.objects.filter(pk=outage(NOW - HOUR, NOW).pk).update(ends_at=NOW - HOUR)


# --- the same for all -------------------------------------------------------------------------------------
def test_its_length_is_rounded_up_to_the_minute_and_less_is_refused(cast, row):
    assert outages.least_minutes(row) == 61
    with pytest.raises(ValidationError, match="61 minutes"):
        extend(cast, row, 60)


def test_every_tender_that_it_touched_gets_the_same_time_at_once(cast, row, three):
    touched = {tender.reference for tender in tenders_touched(row)}
    assert touched == {three[name].reference for name in ("open", "soon", "over")}
    before = {name: tender.deadline for name, tender in three.items()}
    rows = extend(cast, row)
    assert {found.tender.reference for found in rows} == {three["open"].reference, "T-SOON"}
    assert {found.deadline - found.deadline_before for found in rows} == {61 * MINUTE}
    done = outages.agree_after_outage(actor=cast.approver, outage=row, clock=lambda: NOW)
    assert [found.state(NOW) for found in done] == [AmendmentState.AGREED] * 2
    for name, tender in three.items():
        tender.refresh_from_db()
        moved = 61 * MINUTE if name in {"open", "soon"} else timedelta(0)
        assert tender.deadline == before[name] + moved
        assert tender.packages.count() == (2 if moved else 1)
    assert len(entries("agree to amendment")) == 2


def test_more_time_after_an_outage_asks_for_no_confirmation(cast, published, row):
    bid = hand_in(cast.vendor, published, "100").bid
    extend(cast, row)
    outages.agree_after_outage(actor=cast.approver, outage=row, clock=lambda: NOW)
    assert not needs_confirmation(bid)


def test_what_the_deadline_overtakes_lapses_and_the_others_go_on(cast, row, three):
    extend(cast, row)
    late = three["soon"].deadline
    done = outages.agree_after_outage(actor=cast.approver, outage=row, clock=lambda: late)
    assert [found.tender.reference for found in done] == [three["open"].reference]
    overtaken = Amendment.objects.get(tender=three["soon"])
    assert overtaken.state(late) == AmendmentState.LAPSED
    three["soon"].refresh_from_db()
    assert three["soon"].deadline == late


def test_it_is_given_once_and_what_waits_is_decided_first(cast, published, row, three):
    waiting = propose(published, deadline=published.deadline + DAY)
    assert [found.tender.reference for found in extend(cast, row)] == ["T-SOON"]
    outages.agree_after_outage(actor=cast.approver, outage=row, clock=lambda: NOW)
    agree(waiting)
    assert [found.tender.pk for found in extend(cast, row)] == [published.pk]
    with pytest.raises(ValidationError, match="no tender that can be given"):
        extend(cast, row)


# --- two people -------------------------------------------------------------------------------------------
def test_nobody_agrees_to_the_own_proposal_nor_for_one_tender_alone(cast, row, three):
    rows = extend(cast, row)
    with pytest.raises(Forbidden, match="You proposed this"):
        outages.agree_after_outage(actor=cast.officer, outage=row, clock=lambda: NOW)
    with pytest.raises(Forbidden, match="approver, or another officer"):
        outages.agree_after_outage(actor=cast.next_above, outage=row, clock=lambda: NOW)
    with pytest.raises(Forbidden, match="all tenders at once"):
        agree(rows[0])
    with pytest.raises(Forbidden, match="all tenders at once"):
        amendments.take_back_amendment(actor=cast.officer, amendment=rows[0])


def test_it_is_refused_or_taken_back_for_all(cast, row, three):
    extend(cast, row)
    with pytest.raises(ValidationError, match="Say why"):
        outages.refuse_after_outage(actor=cast.approver, outage=row, reason="")
    with pytest.raises(Forbidden, match="Only who proposed"):
        outages.take_back_after_outage(actor=cast.approver, outage=row, clock=lambda: NOW)
    done = outages.refuse_after_outage(actor=cast.approver, outage=row, reason="Longer", clock=lambda: NOW)
    assert {found.outcome for found in done} == {"refused"}
    again = extend(cast, row, 120)
    assert {found.deadline - found.deadline_before for found in again} == {2 * HOUR}
    done = outages.take_back_after_outage(actor=cast.officer, outage=row, clock=lambda: NOW)
    assert {found.outcome for found in done} == {"taken_back"}
    with pytest.raises(Forbidden, match="Nothing waits"):
        outages.agree_after_outage(actor=cast.approver, outage=row, clock=lambda: NOW)


def test_one_mail_tells_a_vendor_of_all_tenders(
    cast, row, three, mailoutbox, django_capture_on_commit_callbacks
):
    cast.vendor.email = "vendor@example.com"
    cast.vendor.save()
    extend(cast, row)
    with django_capture_on_commit_callbacks(execute=True):
        outages.agree_after_outage(actor=cast.approver, outage=row, clock=lambda: NOW)
    (mail,) = mailoutbox
    assert mail.subject == "2 tenders have a later deadline"
    assert "T-SOON" in mail.body
    assert three["open"].reference in mail.body
    assert "confirm" not in mail.body


def test_an_amendment_of_an_outage_names_it(published, row):
    found = propose(published, deadline=published.deadline + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Amendment.objects.filter(pk=found.pk).update(kind=AmendmentKind.OUTAGE)

"""Amendments: two people, before the deadline, the same for all; what was handed in before is confirmed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from bids import queries
from bids.actions import amendments, opening, submission
from bids.actions.amendments import notice_digest
from bids.actions.publication import is_as_published
from bids.choices import AmendmentKind, AmendmentState, BidStatus, Envelope
from bids.models import Amendment, Bid, Package, Submission
from bids.sealing import package
from bids.sealing.package import notice_of
from procurement.choices import Role
from procurement.models import User
from procurement.rules import Forbidden
from tests.bids.amending import WORDS, agree, amend, propose
from tests.bids.vendors import add_file, checked, entries, manifest, save, submit, withdraw
from tests.cast import NOW, declare_nothing, hand_in, unlock

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def colleague(cast):
    """Another officer of the same unit."""
    return User.objects.create(
        username="colleague", name="Colleague", role=Role.OFFICER, unit=cast.officer.unit, language="en"
    )


def facts(tender):
    """What the last package says."""
    return package.read(queries.current_package(tender).text.encode())


# --- two people -------------------------------------------------------------------------------------------
def test_one_proposes_and_nothing_changes_another_agrees_and_it_does(cast, published):
    before, later = queries.current_package(published), published.deadline + DAY
    row = propose(published, deadline=later)
    published.refresh_from_db()
    assert (row.state(NOW), published.deadline) == (AmendmentState.WAITS, later - DAY)
    assert published.packages.count() == 1
    row = agree(row)
    published.refresh_from_db()
    assert published.deadline == later
    assert (row.state(NOW), row.number) == (AmendmentState.AGREED, 1)
    assert (row.proposed_by, row.decided_by) == ("Officer (Procurement)", "Approver (Management)")
    said = facts(published)
    assert (said.amendment, said.deadline, said.notice) == (1, later, notice_digest(row))
    first = package.read(before.text.encode())
    assert (said.envelopes, said.officers, said.specification) == (
        first.envelopes,
        first.officers,
        first.specification,
    )
    (entry,) = entries("agree to amendment")
    assert (entry["package"], entry["number"]) == (row.package.digest, 1)
    assert (entry["proposed_by"], entry["text_en"]) == (row.proposed_by, WORDS["text_en"])
    assert len(entries("propose amendment")) == 1


def test_what_was_published_stays_published(published):
    fingerprint, text = published.fingerprint, published.published_text
    amend(published, deadline=published.deadline + DAY)
    assert is_as_published(published)
    assert (published.fingerprint, published.published_text) == (fingerprint, text)
    published.deadline += SECOND
    assert not is_as_published(published), "nobody agreed to this deadline"
    published.deadline -= DAY + SECOND
    assert not is_as_published(published), "nor is the first one in force any more"


@pytest.mark.parametrize(
    "changed",
    [
        {"text_zh": "附件三"},
        {"text_en": "Annex 3"},
        {"kind": AmendmentKind.EXTENSION},
        {"deadline": NOW + 9 * DAY},
        {"deadline_before": NOW},
    ],
)
def test_an_amendment_that_was_reworded_is_seen(published, changed):
    amend(published, deadline=published.deadline + DAY)
    Amendment.objects.update(**changed)
    assert not is_as_published(published)


@pytest.mark.parametrize("changed", [{"text": "{}"}, {"digest": "0" * 64}])
def test_a_package_that_was_rewritten_is_seen(published, changed):
    amend(published)
    published.packages.filter(amendment=1).update(**changed)
    assert not is_as_published(published)


def test_nobody_agrees_to_what_they_proposed(cast, published, colleague):
    row = propose(published, deadline=published.deadline + DAY)
    for act in (
        lambda: agree(row, by="officer"),
        lambda: amendments.refuse_amendment(actor=cast.officer, amendment=row, reason="No"),
    ):
        with pytest.raises(Forbidden, match="You proposed this"):
            act()
    assert agree(row, by="colleague").decided_by == "Colleague (Procurement)"


@pytest.mark.parametrize(
    "name", ["next_above", "security_head", "security", "auditor", "vendor", "administrator"]
)
def test_who_may_not_agree(published, name):
    row = propose(published, deadline=published.deadline + DAY)
    with pytest.raises(Forbidden, match="approver, or another officer"):
        agree(row, by=name)


def test_an_officer_of_another_unit_does_not_agree(cast, published, colleague):
    colleague.unit = cast.business.unit
    colleague.save()
    with pytest.raises(Forbidden, match="approver, or another officer"):
        agree(propose(published, deadline=published.deadline + DAY), by="colleague")


@pytest.mark.parametrize("name", ["approver", "security", "auditor", "vendor", "administrator"])
def test_who_may_not_propose(published, name):
    with pytest.raises(Forbidden, match="This is for"):
        propose(published, by=name, deadline=published.deadline + DAY)


def test_one_proposal_waits_at_a_time(cast, published):
    row = propose(published, deadline=published.deadline + DAY)
    with pytest.raises(ValidationError, match="Another proposal waits"):
        propose(published, deadline=published.deadline + 2 * DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Amendment.objects.filter(pk=row.pk).first().__class__.objects.create(
            tender=published,
            kind=AmendmentKind.DOCUMENTS,
            deadline_before=published.deadline,
            proposer=cast.officer,
            proposed_by="x",
            proposed_at=NOW,
        )
    amendments.take_back_amendment(actor=cast.officer, amendment=row, clock=lambda: NOW)
    assert agree(propose(published, deadline=published.deadline + DAY)).number == 1


def test_it_is_refused_with_a_reason_or_taken_back_by_who_proposed_it(cast, published):
    row = propose(published, deadline=published.deadline + DAY)
    with pytest.raises(ValidationError, match="Say why"):
        amendments.refuse_amendment(actor=cast.approver, amendment=row, reason="")
    with pytest.raises(Forbidden, match="Only who proposed"):
        amendments.take_back_amendment(actor=cast.approver, amendment=row)
    row = amendments.refuse_amendment(
        actor=cast.approver, amendment=row, reason="Too long", clock=lambda: NOW
    )
    assert (row.state(NOW), row.reason, row.package) == (AmendmentState.REFUSED, "Too long", None)
    with pytest.raises(Forbidden, match="decided already"):
        agree(row)
    with pytest.raises(Forbidden, match="decided already"):
        amendments.take_back_amendment(actor=cast.officer, amendment=row)
    assert published.packages.count() == 1
    assert [entry["reason"] for entry in entries("refuse amendment")] == ["Too long"]


# --- before the deadline, and only later ------------------------------------------------------------------
@pytest.mark.parametrize("moved", [timedelta(0), -SECOND, -DAY])
def test_a_deadline_is_only_moved_to_a_later_time(published, moved):
    with pytest.raises(ValidationError, match="only moved to a later time"):
        propose(published, deadline=published.deadline + moved)


def test_an_extension_names_its_deadline(published):
    with pytest.raises(ValidationError, match="Say until when"):
        propose(published)


def test_both_steps_are_taken_before_the_old_deadline(published):
    late = published.deadline
    with pytest.raises(Forbidden, match="before the deadline"):
        propose(published, deadline=late + DAY, at=late)
    row = propose(published, deadline=late + DAY, at=late - SECOND)
    with pytest.raises(Forbidden, match="before the deadline"):
        agree(row, at=late)
    published.refresh_from_db()
    assert (published.deadline, row.state(late)) == (late, AmendmentState.LAPSED)
    agree(row, at=late - timedelta(microseconds=1))
    published.refresh_from_db()
    assert published.deadline == late + DAY


def test_the_time_is_read_once_the_tender_is_locked(cast, published, clock):
    """What was in time when the page was sent may be late once the lock is there."""
    row, late = propose(published, deadline=published.deadline + DAY), published.deadline
    times = iter([late])
    with pytest.raises(Forbidden, match="before the deadline"):
        amendments.agree_amendment(actor=cast.approver, amendment=row, clock=lambda: next(times))


def test_after_the_closing_nothing_is_amended(cast, closed):
    tender = opening.name_bidders(actor=cast.officer, tender=closed, now=NOW)
    with pytest.raises(Forbidden, match="before the deadline"):
        propose(tender, deadline=NOW + DAY)


def test_a_clock_that_went_back_moves_no_deadline(published, monkeypatch):
    row = propose(published, deadline=published.deadline + DAY)
    monkeypatch.setattr("procurement.clock.behind", lambda _now: timedelta(minutes=5))
    with pytest.raises(Forbidden, match="clock went back"):
        agree(row)
    with pytest.raises(Forbidden, match="clock went back"):
        propose(published, deadline=published.deadline + DAY)


def test_a_bid_is_late_by_the_new_deadline_and_not_by_the_old(cast, published):
    old = published.deadline
    amend(published, kind=AmendmentKind.EXTENSION, deadline=old + DAY)
    row = hand_in(cast.vendor, published, "100", at=old + timedelta(hours=1))
    assert row.package.amendment == 1
    save(cast.rival, published, at=old + timedelta(hours=1))
    with pytest.raises(submission.Late):
        submit(cast.rival, published, at=old + DAY)


# --- what has to be confirmed -----------------------------------------------------------------------------
def test_more_time_alone_asks_for_nothing_and_changed_documents_do(cast, published):
    bid = hand_in(cast.vendor, published, "100").bid
    amend(published, kind=AmendmentKind.EXTENSION, deadline=published.deadline + DAY)
    assert not queries.needs_confirmation(bid)
    amend(published)
    assert queries.needs_confirmation(bid)
    amend(published, kind=AmendmentKind.EXTENSION, deadline=published.deadline + DAY)
    assert queries.needs_confirmation(bid), "and more time does not take the question back"
    row = submission.confirm_bid(actor=cast.vendor, bid=bid, clock=lambda: NOW)
    assert row.confirmed.amendment == 3
    assert not queries.needs_confirmation(bid)
    document = checked(row.confirmation)
    assert (document["kind"], document["package"]) == ("confirmed", row.confirmed.digest)
    assert queries.confirmation_asked(published) == 2


def test_a_confirmed_bid_answers_to_later_documents_again_and_a_replaced_one_does_not(cast, published):
    bid = hand_in(cast.vendor, published, "100").bid
    amend(published)
    submission.confirm_bid(actor=cast.vendor, bid=bid, clock=lambda: NOW)
    amend(published)
    assert queries.needs_confirmation(bid)
    hand_in(cast.vendor, published, "90")
    assert not queries.needs_confirmation(bid)
    withdraw(cast.vendor, bid)
    amend(published)
    assert not queries.needs_confirmation(bid), "what was withdrawn is not asked about"


def test_files_staged_before_an_amendment_are_handed_in_and_opened_after_it(cast, published):
    save(cast.vendor, published)
    file = add_file(cast.vendor, published, "before.pdf")
    first = queries.current_package(published).digest
    amend(published, deadline=published.deadline + DAY)
    add_file(cast.vendor, published, "after.pdf", code="R2")
    row = submit(cast.vendor, published)
    listed = {entry.name: entry.package for entry in manifest(row).files}
    assert listed == {"before.pdf": first, "after.pdf": row.package.digest}
    assert file.package.digest == first


def test_what_was_not_confirmed_is_opened_all_the_same_and_known(cast, published):
    hand_in(cast.vendor, published, "100")
    hand_in(cast.rival, published, "90")
    amend(published)
    submission.confirm_bid(actor=cast.rival, bid=Bid.objects.get(vendor=cast.rival.vendor), clock=lambda: NOW)
    after = published.deadline + DAY
    tender = opening.name_bidders(actor=cast.officer, tender=published, now=after)
    declare_nothing(tender, at=after)
    unlock(tender, Envelope.TECHNICAL, at=after)
    opening.open_technical(actor=cast.officer, tender=tender, now=after)
    assert {bid.status for bid in tender.bids.all()} == {BidStatus.VALID}
    asked = queries.confirmation_asked(tender)
    unconfirmed = {
        bid.vendor.name: queries.is_unconfirmed(last, asked) for bid, last in queries.handed_in(tender)
    }
    assert unconfirmed == {"Bedrock Security": True, "Quickwin Technology": False}


# --- on record --------------------------------------------------------------------------------------------
def test_what_an_amendment_says_is_bound_into_its_package(published):
    amend(published)
    row = Amendment.objects.get()
    assert facts(published).notice == notice_digest(row)
    row.text_en += " And another thing."
    assert facts(published).notice != notice_digest(row)
    assert notice_of(kind="documents") != notice_of(kind="extension")


def test_a_row_is_decided_by_name_and_published_once_agreed(published):
    row = agree(propose(published, deadline=published.deadline + DAY))
    for broken in (
        {"decided_by": ""},
        {"decided_at": None},
        {"package": None},
        {"outcome": "refused"},
        {"outcome": ""},
        {"deadline": row.deadline_before},
        {"kind": AmendmentKind.OUTAGE},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Amendment.objects.filter(pk=row.pk).update(**broken)
    assert Package.objects.filter(tender=published).count() == 2


def test_an_amendment_changes_no_receipt(cast, published):
    row = hand_in(cast.vendor, published, "100")
    amend(published, deadline=published.deadline + DAY)
    again = Submission.objects.get()
    assert (again.receipt, again.commitment, again.package_id) == (
        row.receipt,
        row.commitment,
        row.package_id,
    )
    assert checked(again.receipt)["package"] == published.packages.first().digest


# --- mails ------------------------------------------------------------------------------------------------
@pytest.fixture
def addresses(cast):
    """Two vendors' people with an address, one of whom reads Chinese; one who left."""
    cast.vendor.email, cast.rival.email = "vendor@example.com", "rival@example.com"
    cast.rival.language = "zh-hant"
    for person in (cast.vendor, cast.rival):
        person.save()
    User.objects.create(
        username="gone",
        role=Role.VENDOR,
        vendor=cast.vendor.vendor,
        email="gone@example.com",
        is_active=False,
    )


def test_all_vendors_are_told_each_in_a_mail_of_their_own(
    cast, published, addresses, mailoutbox, django_capture_on_commit_callbacks
):
    hand_in(cast.vendor, published, "100")
    with django_capture_on_commit_callbacks(execute=True):
        row = propose(published, kind=AmendmentKind.DOCUMENTS, deadline=published.deadline + DAY)
    assert mailoutbox == []
    with django_capture_on_commit_callbacks(execute=True):
        row = agree(row)
    mails = {mail.to[0]: mail for mail in mailoutbox}
    assert sorted(mails) == ["rival@example.com", "vendor@example.com"]
    assert all(len(mail.to) == 1 and not mail.cc and not mail.bcc for mail in mailoutbox)
    own = mails["vendor@example.com"]
    assert own.subject == "ITS-2026-900: amendment 1"
    for words in (WORDS["text_en"], row.package.digest, "confirm it or replace it", "14:00"):
        assert words in own.body
    assert WORDS["text_zh"] in mails["rival@example.com"].body
    assert "Bedrock" not in own.body


def test_mail_that_fails_stops_nothing(
    published, addresses, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def refuse(_mail):
        raise OSError("no route to host")

    monkeypatch.setattr("bids.actions.notices.EmailMessage.send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        row = agree(propose(published, deadline=published.deadline + DAY))
    assert row.outcome == "agreed"
    assert "was not mailed to ['vendor" in caplog.text

"""Handing in a bid: drafts, versions, lateness, staleness."""

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
import rfc8785
from django.core.exceptions import ValidationError

from bids import queries
from bids.actions import submission
from bids.choices import SubmissionKind
from bids.models import Attachment, Bid, Claim, Submission
from procurement.actions.locking import Stale
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.cast import NOW, hand_in, open_bids

MET = {code: {"answer": "met", "note": ""} for code in ("R1", "R2", "R3")}


def save(person, tender, answers=MET, *, price="100", seen=0, at=NOW):
    return submission.save_draft(actor=person, tender=tender, answers=answers, price=price, seen=seen, now=at)


def test_a_draft_is_kept_and_leaves_no_trace_in_the_trail(cast, published):
    bid = save(
        cast.vendor,
        published,
        {"R1": {"answer": "not_met", "note": "later"}, "X": {"answer": "met", "note": ""}},
    )
    said = {"answer": "not_met", "note": "later", "evidence": "", "until": ""}
    assert bid.draft == {"answers": {"R1": said}, "price": "100"}
    assert not AuditEntry.objects.exists()


def test_the_second_of_two_who_save_the_same_draft_is_told(cast, published):
    bid = save(cast.vendor, published)
    save(cast.vendor, published, price="200", seen=bid.version)
    with pytest.raises(Stale):
        save(cast.vendor, published, price="300", seen=bid.version)
    with pytest.raises(Stale):
        save(cast.vendor, published, price="300", seen=0)
    bid.refresh_from_db()
    assert bid.draft["price"] == "200"


def test_a_bid_is_handed_in_as_two_texts_and_a_digest_of_both(cast, published):
    receipt = hand_in(cast.vendor, published, "15000000")
    technical, price = json.loads(receipt.technical), json.loads(receipt.price)
    said = {"answer": "met", "note": "", "evidence": "claimed", "until": ""}
    assert technical["answers"][0] == {"requirement": "R1", **said}
    assert "price" not in technical
    assert price["price"] == "15000000"
    whole = {"price": receipt.price, "technical": receipt.technical}
    assert receipt.digest == hashlib.sha256(rfc8785.dumps(whole)).hexdigest()
    assert receipt.by_name == "Vendor (Bedrock Security)"


def test_nobody_can_guess_the_price_out_of_the_digest(cast, published):
    first = hand_in(cast.vendor, published, "15000000")
    second = hand_in(cast.vendor, published, "15000000")
    salts = {json.loads(receipt.price)["salt"] for receipt in (first, second)}
    assert len(salts) == 2
    assert {len(salt) for salt in salts} == {32}


def test_the_trail_says_that_a_bid_came_in_and_nothing_of_what_is_inside(cast, published):
    receipt = hand_in(cast.vendor, published, "15000000")
    entry = AuditEntry.objects.get(action="submit bid")
    assert json.loads(entry.payload) == {"digest": receipt.digest, "version": 1}
    assert entry.object == str(receipt.bid_id)


def test_a_bid_is_replaced_withdrawn_and_handed_in_again(cast, published):
    hand_in(cast.vendor, published, "1")
    hand_in(cast.vendor, published, "2")
    bid = Bid.objects.get()
    out = submission.withdraw_bid(actor=cast.vendor, bid=bid, now=NOW)
    assert (out.number, out.kind, out.technical, out.price) == (3, SubmissionKind.WITHDRAWAL, "", "")
    assert queries.standing_submission(bid) is None
    with pytest.raises(Forbidden, match="no bid to withdraw"):
        submission.withdraw_bid(actor=cast.vendor, bid=bid, now=NOW)
    hand_in(cast.vendor, published, "3")
    assert queries.standing_submission(bid).number == 4
    assert Submission.objects.count() == 4


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({"R1": MET["R1"]}, "R2, R3"),
        (MET | {"R3": {"answer": "not_applicable", "note": " "}}, "R3"),
    ],
)
def test_answers_that_are_missing_are_named(cast, published, answers, codes):
    bid = save(cast.vendor, published, answers)
    with pytest.raises(ValidationError, match=codes):
        submission.submit_bid(
            actor=cast.vendor, tender=published, price=Decimal(1), seen=bid.version, now=NOW
        )
    assert not Submission.objects.exists()


def proven(level, *, note="", until="2027-06-30"):
    return {"R1": {"answer": "met", "note": note, "evidence": level, "until": until}}


@pytest.mark.parametrize("level", ["attested", "tested"])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "Evidence beyond a claim needs a file or a note: R1."),
        ({"note": " \n"}, "Evidence beyond a claim needs a file or a note: R1."),
        ({"note": "report 12", "until": ""}, "Say until when the evidence is good: R1."),
    ],
)
def test_more_than_a_claim_is_refused_without_something_to_look_at_and_a_day(
    cast, published, level, answer, reason
):
    bid = save(cast.vendor, published, MET | proven(level, **answer))
    with pytest.raises(ValidationError, match=reason):
        submission.submit_bid(
            actor=cast.vendor, tender=published, price=Decimal(1), seen=bid.version, now=NOW
        )
    assert not Submission.objects.exists()


@pytest.mark.parametrize("way", ["note", "file"])
def test_evidence_with_its_day_is_handed_in_and_stands_in_the_claim(cast, published, way):
    answer = proven("tested", note="report 12" if way == "note" else "")
    bid = save(cast.vendor, published, MET | answer)
    if way == "file":
        requirement = published.requirements.get(code="R1")
        submission.add_file(
            actor=cast.vendor,
            tender=published,
            requirement=requirement,
            name="r.pdf",
            content=b"%PDF-",
            now=NOW,
        )
    receipt = submission.submit_bid(
        actor=cast.vendor, tender=published, price=Decimal(1), seen=bid.version, now=NOW
    )
    assert json.loads(receipt.technical)["answers"][0] == {"requirement": "R1", **answer["R1"]}
    late = published.deadline + timedelta(seconds=1)
    open_bids(cast.officer, published, at=late)
    claims = Claim.objects.order_by("position").values_list("evidence", "evidence_until")
    assert list(claims) == [("tested", date(2027, 6, 30)), ("claimed", None), ("claimed", None)]


def test_a_file_taken_out_of_the_draft_is_no_evidence(cast, published):
    requirement = published.requirements.get(code="R1")
    words = {"actor": cast.vendor, "tender": published, "now": NOW}
    file = submission.add_file(**words, requirement=requirement, name="r.pdf", content=b"%PDF-")
    bid = save(cast.vendor, published, MET | proven("attested"), seen=1)
    submission.submit_bid(**words, price=Decimal(1), seen=bid.version)
    submission.remove_file(actor=cast.vendor, attachment=file, now=NOW)
    bid.refresh_from_db()
    with pytest.raises(ValidationError, match="needs a file or a note"):
        submission.submit_bid(**words, price=Decimal(1), seen=bid.version)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"answer": "met", "evidence": "verified", "until": "2027-01-01"}, ("claimed", "")),
        ({"answer": "met", "evidence": "claimed", "until": "2027-01-01"}, ("claimed", "")),
        ({"answer": "met"}, ("claimed", "")),
        ({"answer": "not_met", "evidence": "tested", "until": "2027-01-01"}, ("", "")),
        ({"answer": "met", "evidence": "attested", "until": "2027-01-01"}, ("attested", "2027-01-01")),
    ],
)
def test_a_vendor_gives_no_more_than_its_own_levels_and_only_to_what_it_meets(cast, published, said, kept):
    draft = save(cast.vendor, published, {"R1": {"note": "x"} | said}).draft
    assert (draft["answers"]["R1"]["evidence"], draft["answers"]["R1"]["until"]) == kept


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)])
def test_at_the_deadline_it_is_late_and_the_draft_is_kept(cast, published, late):
    bid = save(cast.vendor, published)
    moment = published.deadline + late
    for action in (
        lambda: save(cast.vendor, published, price="999", seen=bid.version, at=moment),
        lambda: hand_in(cast.vendor, published, "999", at=moment),
        lambda: submission.submit_bid(
            actor=cast.vendor, tender=published, price=Decimal(1), seen=bid.version, now=moment
        ),
        lambda: submission.withdraw_bid(actor=cast.vendor, bid=bid, now=moment),
        lambda: submission.add_file(
            actor=cast.vendor,
            tender=published,
            requirement=published.requirements.first(),
            name="a.pdf",
            content=b"%PDF-",
            now=moment,
        ),
    ):
        with pytest.raises(Forbidden, match="deadline has passed"):
            action()
    bid.refresh_from_db()
    assert bid.draft["price"] == "100"
    assert not Submission.objects.exists()
    assert not Attachment.objects.exists()


def test_just_before_the_deadline_it_is_in_time(cast, published):
    moment = published.deadline - timedelta(microseconds=1)
    assert hand_in(cast.vendor, published, "1", at=moment).at == moment


def test_only_vendors_bid_and_only_while_bidding_goes_on(cast, draft):
    with pytest.raises(Forbidden, match="takes no bids"):
        save(cast.vendor, draft)
    for person in (cast.officer, cast.security, cast.auditor):
        with pytest.raises(Forbidden, match="This is for: Vendor"):
            save(person, draft)


def test_a_vendor_cannot_withdraw_anothers_bid(cast, published):
    receipt = hand_in(cast.vendor, published, "1")
    with pytest.raises(Forbidden, match="another vendor"):
        submission.withdraw_bid(actor=cast.rival, bid=receipt.bid, now=NOW)


def test_files_are_added_kept_by_what_was_handed_in_and_capped(cast, published, monkeypatch):
    requirement = published.requirements.first()

    def add(name):
        return submission.add_file(
            actor=cast.vendor,
            tender=published,
            requirement=requirement,
            name=name,
            content=b"%PDF-1.7",
            now=NOW,
        )

    file = add("report.pdf")
    assert file.sha256 == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert "report" not in file.file.name
    receipt = hand_in(cast.vendor, published, "1")
    assert [row["name"] for row in json.loads(receipt.technical)["files"]] == ["report.pdf"]
    submission.remove_file(actor=cast.vendor, attachment=file, now=NOW)
    assert json.loads(hand_in(cast.vendor, published, "1").technical)["files"] == []
    monkeypatch.setattr(submission, "MOST_FILES", 1)
    add("second.pdf")
    with pytest.raises(ValidationError, match="at most 1 files"):
        add("third.pdf")


def test_a_file_that_was_never_handed_in_leaves_the_disk(cast, published, django_capture_on_commit_callbacks):
    requirement = published.requirements.first()
    words = {"actor": cast.vendor, "tender": published, "requirement": requirement, "now": NOW}
    attachment = submission.add_file(**words, name="draft.pdf", content=b"%PDF-")
    storage, stored = attachment.file.storage, attachment.file.name
    assert storage.exists(stored)
    with django_capture_on_commit_callbacks(execute=True):
        submission.remove_file(actor=cast.vendor, attachment=attachment, now=NOW)
    assert not storage.exists(stored)
    assert not Attachment.objects.exists()

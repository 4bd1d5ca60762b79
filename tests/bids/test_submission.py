"""Handing in a bid, sealed: versions, receipts, lateness, files."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from bids import queries
from bids.actions import submission
from bids.choices import Envelope, SubmissionKind
from bids.models import Bid, LateBid, SealedManifest, StagedFile, Submission
from bids.sealing import parts
from bids.sealing.parts import PartDigest
from procurement.actions.locking import Stale
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from procurement.signing.keys import UnsafeKey
from tests.bids.vendors import (
    MET,
    add_file,
    checked,
    draft_of,
    entries,
    manifest,
    private_key,
    remove_file,
    save,
    stored,
    submit,
    withdraw,
)
from tests.cast import NOW, hand_in, opened_drafts


# --- what is handed in ------------------------------------------------------------------------------------
def test_a_bid_is_handed_in_as_two_sealed_envelopes(cast, published):
    file = add_file(cast.vendor, published)
    row = hand_in(cast.vendor, published, "15000000")
    technical, price = manifest(row), manifest(row, Envelope.PRICE)
    said = {"answer": "met", "note": "", "evidence": "claimed", "until": ""}
    assert technical.content["answers"][0] == {"requirement": "R1", **said, "files": [str(file.pk)]}
    assert technical.content["publication"] == published.fingerprint
    assert [entry.name for entry in technical.files] == ["r.pdf"]
    assert price.content == {"currency": "TWD", "price": "15000000"}
    assert row.by_name == "Vendor (Bedrock Security)"
    assert row.package == published.packages.get()


def test_a_sealed_file_opens_to_the_two_officers_and_is_what_came_in(cast, published):
    file = add_file(cast.vendor, published, content=b"%PDF-1.7 secret")
    entry = manifest(hand_in(cast.vendor, published, "1")).files[0]
    binding = parts.Binding(str(published.pk), "technical", str(file.bid_id), entry.package)
    kept = stored(file)
    opened = parts.open_file(private_key(published, Envelope.TECHNICAL), kept, binding=binding, entry=entry)
    assert opened == b"%PDF-1.7 secret"
    assert b"secret" not in kept


def test_the_commitment_is_over_every_sealed_part_in_order(cast, published):
    file = add_file(cast.vendor, published)
    row = hand_in(cast.vendor, published, "15000000")
    sealed = {item.envelope: bytes(item.sealed) for item in row.manifests.all()}
    digests = [
        PartDigest("technical", hashlib.sha256(sealed["technical"]).hexdigest()),
        PartDigest("technical", hashlib.sha256(stored(file)).hexdigest()),
        PartDigest("price", hashlib.sha256(sealed["price"]).hexdigest()),
    ]
    assert queries.committed_parts(row) == digests
    assert row.commitment == parts.commitment(
        bid=str(row.bid_id), version=1, package=row.package.digest, parts=digests, received_at=row.at
    )
    assert [item.parts for item in row.manifests.all()] == [2, 1]


def test_the_trail_says_what_came_in_and_nothing_of_what_is_inside(cast, published):
    row = hand_in(cast.vendor, published, "15000000")
    digests = queries.committed_parts(row)
    said = {
        "commitment": row.commitment,
        "package": row.package.digest,
        "parts": [{"digest": part.digest, "envelope": part.envelope} for part in digests],
        "vendor": str(row.bid.vendor_id),
        "version": 1,
    }
    assert entries("submit bid") == [said]
    assert AuditEntry.objects.get(action="submit bid").object == str(row.bid_id)


def test_a_receipt_is_signed_and_says_what_the_row_says(cast, published):
    row = hand_in(cast.vendor, published, "15000000", at=NOW + timedelta(microseconds=123_456))
    document = checked(row.receipt)
    assert document["kind"] == "submitted"
    assert document["version"] == 1
    assert document["commitment"] == row.commitment
    assert document["received_at"] == "2026-11-22T06:00:00.123Z"
    assert document["reference"] == "ITS-2026-900"


def test_a_receipt_is_mailed_once_it_is_committed(cast, published, django_capture_on_commit_callbacks):
    cast.vendor.email = "vendor@example.com"
    with django_capture_on_commit_callbacks(execute=True):
        row = hand_in(cast.vendor, published, "15000000")
        assert not mail.outbox
    (sent,) = mail.outbox
    assert sent.to == ["vendor@example.com"]
    assert sent.attachments[0].content == row.receipt
    assert "15000000" not in sent.body


def test_without_a_key_to_sign_with_nothing_is_accepted(cast, published, settings, tmp_path, caplog):
    settings.SIGNING_KEY = tmp_path / "missing.key"
    with pytest.raises(UnsafeKey, match="There is no key at"):
        hand_in(cast.vendor, published, "1")
    assert not Submission.objects.exists()
    assert not entries("submit bid")


def test_a_bid_is_replaced_withdrawn_and_handed_in_again(cast, published):
    hand_in(cast.vendor, published, "1")
    hand_in(cast.vendor, published, "2")
    bid = Bid.objects.get()
    out = withdraw(cast.vendor, bid)
    assert (out.number, out.kind, out.manifests.count()) == (3, SubmissionKind.WITHDRAWAL, 0)
    assert checked(out.receipt)["kind"] == "withdrawn"
    assert queries.committed_parts(out) == []
    assert queries.standing_submission(bid) is None
    with pytest.raises(Forbidden, match="no bid to withdraw"):
        withdraw(cast.vendor, bid)
    hand_in(cast.vendor, published, "3")
    assert queries.standing_submission(bid).number == 4
    assert [said["version"] for said in entries("submit bid")] == [1, 2, 4]
    assert Submission.objects.count() == 4


def test_what_is_opened_is_the_latest_version_with_its_manifests(cast, published, django_assert_num_queries):
    hand_in(cast.vendor, published, "1")
    hand_in(cast.vendor, published, "2")
    hand_in(cast.rival, published, "3", at=NOW + timedelta(seconds=1))
    with django_assert_num_queries(1):
        rows = queries.handed_in(published)
        found = [(bid.vendor.name, row.number, row.package.pk) for bid, row in rows]
    package = published.packages.get().pk
    assert found == [("Bedrock Security", 2, package), ("Quickwin Technology", 1, package)]
    for _bid, row in rows:
        assert [item.envelope for item in row.manifests.all()] == ["technical", "price"]


# --- once, and in order -----------------------------------------------------------------------------------
def test_sent_twice_it_is_taken_once_and_the_first_receipt_is_given(cast, published):
    save(cast.vendor, published)
    key = uuid4()
    first = submit(cast.vendor, published, key=key)
    again = submit(cast.vendor, published, key=key, price="999", seen=0, at=published.deadline)
    assert again == first
    assert again.receipt == first.receipt
    bid = Bid.objects.get()
    out = withdraw(cast.vendor, bid, key=(other := uuid4()))
    assert withdraw(cast.vendor, bid, key=other) == out
    assert Submission.objects.count() == 2
    assert len(entries("submit bid")) == len(entries("withdraw bid")) == 1


def test_a_key_of_another_vendor_is_another_key(cast, published):
    key = uuid4()
    save(cast.vendor, published)
    save(cast.rival, published)
    assert submit(cast.vendor, published, key=key) != submit(cast.rival, published, key=key)


def test_what_another_person_saved_meanwhile_is_not_handed_in(cast, published):
    bid = save(cast.vendor, published)
    save(cast.vendor, published, price="7")
    with pytest.raises(Stale):
        submit(cast.vendor, published, seen=bid.version)


# --- what is missing --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({"R1": MET["R1"]}, "R2, R3"),
        (MET | {"R3": {"answer": "not_applicable", "note": " "}}, "R3"),
    ],
)
def test_answers_that_are_missing_are_named(cast, published, answers, codes):
    save(cast.vendor, published, answers)
    with pytest.raises(ValidationError, match=codes):
        submit(cast.vendor, published)
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
    save(cast.vendor, published, MET | proven(level, **answer))
    with pytest.raises(ValidationError, match=reason):
        submit(cast.vendor, published)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("way", ["note", "file"])
def test_evidence_with_its_day_is_handed_in(cast, published, way):
    answer = proven("tested", note="report 12" if way == "note" else "")
    save(cast.vendor, published, MET | answer)
    files = [str(add_file(cast.vendor, published).pk)] if way == "file" else []
    said = manifest(submit(cast.vendor, published)).content["answers"][0]
    assert said == {"requirement": "R1", **answer["R1"], "files": files}


def test_a_file_taken_out_of_the_draft_is_no_evidence(cast, published):
    save(cast.vendor, published, MET | proven("attested"))
    file = add_file(cast.vendor, published)
    submit(cast.vendor, published)
    remove_file(cast.vendor, file)
    with pytest.raises(ValidationError, match="needs a file or a note"):
        submit(cast.vendor, published)


def test_a_file_that_is_not_stored_as_it_was_sealed_is_not_handed_in(cast, published):
    save(cast.vendor, published)
    file = add_file(cast.vendor, published)
    StagedFile.objects.filter(pk=file.pk).update(digest="0" * 64)
    with pytest.raises(ValidationError, match=r"“r.pdf” is damaged"):
        submit(cast.vendor, published)


# --- too late ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)])
def test_at_the_deadline_a_bid_is_refused_on_record_with_a_signed_refusal(cast, published, late):
    bid = save(cast.vendor, published)
    moment = published.deadline + late
    with pytest.raises(submission.Late) as refused:
        submit(cast.vendor, published, at=moment)
    row = LateBid.objects.get()
    assert refused.value.row == row
    assert (row.bid, row.at, row.by_name) == (bid, moment, "Vendor (Bedrock Security)")
    document = checked(row.refusal)
    assert (document["reason"], document["digest"]) == ("late", row.digest)
    assert document["deadline"] == "2026-11-29T06:00:00.000Z"
    assert entries("refuse late bid") == [{"digest": row.digest}]
    assert not Submission.objects.exists()
    assert not SealedManifest.objects.exists()


def test_it_is_the_clock_under_the_lock_that_counts(cast, published):
    save(cast.vendor, published)
    read = []

    def clock():
        from django.db import connection  # noqa: PLC0415

        read.append(connection.in_atomic_block)
        return published.deadline

    with pytest.raises(submission.Late):
        submission.submit_bid(
            actor=cast.vendor,
            tender=published,
            opened=opened_drafts(cast.vendor),
            price=1,
            seen=2,
            key=uuid4(),
            clock=clock,
        )
    assert read == [True]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_at_the_deadline_nothing_else_is_changed_either(cast, published, late):
    hand_in(cast.vendor, published, "100")
    moment = published.deadline + late
    bid = Bid.objects.get()
    for action in (
        lambda: save(cast.vendor, published, price="999", at=moment),
        lambda: withdraw(cast.vendor, bid, at=moment),
        lambda: add_file(cast.vendor, published, at=moment),
        lambda: submission.confirm_bid(actor=cast.vendor, bid=bid, clock=lambda: moment),
    ):
        with pytest.raises(Forbidden, match="deadline has passed"):
            action()
    assert draft_of(cast.vendor, bid).price == "100"
    assert Submission.objects.count() == 1
    assert not StagedFile.objects.exists()


def test_what_is_not_late_is_not_refused_as_late(cast, published):
    save(cast.vendor, published)
    with pytest.raises(Forbidden, match="has not passed yet"):
        submission.refuse_late(
            actor=cast.vendor,
            tender=published,
            opened=opened_drafts(cast.vendor),
            answers={},
            price="1",
            clock=lambda: NOW,
        )


def test_just_before_the_deadline_it_is_in_time(cast, published):
    moment = published.deadline - timedelta(microseconds=1)
    assert hand_in(cast.vendor, published, "1", at=moment).at == moment


def test_only_vendors_bid_and_only_while_bidding_goes_on(cast, draft):
    with pytest.raises(Forbidden, match="takes no bids"):
        save(cast.vendor, draft)
    for person in (cast.officer, cast.security, cast.auditor):
        with pytest.raises(Forbidden, match="This is for: Vendor"):
            submission.submit_bid(
                actor=person, tender=draft, opened=None, price=1, seen=0, key=uuid4(), clock=lambda: NOW
            )


def test_a_vendor_cannot_withdraw_anothers_bid(cast, published):
    receipt = hand_in(cast.vendor, published, "1")
    with pytest.raises(Forbidden, match="another vendor"):
        withdraw(cast.rival, receipt.bid)


def test_what_was_sealed_ahead_is_taken_unless_something_changed_meanwhile(cast, published):
    requirements = list(published.requirements.order_by("position"))

    def write(price):
        save(cast.vendor, published, price=price)
        bid = Bid.objects.get()
        return submission.seal_ahead(bid, draft_of(cast.vendor, bid), requirements, Decimal(price))

    def sealed(ahead, price):
        row = submission.submit_bid(
            actor=cast.vendor,
            tender=published,
            opened=opened_drafts(cast.vendor),
            price=Decimal(price),
            seen=Bid.objects.get().version,
            key=uuid4(),
            ahead=ahead,
            clock=lambda: NOW,
        )
        manifests = SealedManifest.objects.filter(submission=row).values_list("sealed", flat=True)
        return {bytes(manifest) for manifest in manifests}

    def envelopes(ahead):
        return {envelope.sealed for envelope in ahead.envelopes}

    cheap, dear = write("100"), write("200")
    assert not sealed(cheap, "200") & envelopes(cheap)  # of another content
    assert not sealed(dear, "200") & envelopes(dear)  # for a place that is taken
    last = write("200")
    assert sealed(last, "200") == envelopes(last)

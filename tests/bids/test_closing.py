"""Closing: one signed record when the deadline is over, mailed to who bid, and nothing comes in after it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from bids.actions import opening
from bids.actions.closing import close_when_over
from bids.actions.submission import Late
from bids.models import ClosingRecord
from bids.sealing import merkle
from procurement.audit.checkpoints import signing_key
from procurement.models import AuditEntry, Tender, User, Vendor
from procurement.rules import Forbidden
from procurement.signing import verify
from procurement.signing.anchors import Anchors
from procurement.templatetags.figures import fingerprint
from tests.bids.vendors import save, submit, withdraw
from tests.cast import NOW, declare_nothing, hand_in, open_bids, sign_in

pytestmark = pytest.mark.django_db

AFTER = NOW + timedelta(days=8)


@pytest.fixture
def addressed(cast):
    """Everybody has an address."""
    for user in User.objects.all():
        user.email = f"{user.username}@mail.example"
        user.save()


@pytest.fixture
def over(clock, cast, published):
    """The deadline is over: the vendor's bid counts, the rival withdrew."""
    hand_in(cast.vendor, published, "15000000")
    withdraw(cast.rival, hand_in(cast.rival, published, "12000000").bid)
    clock(AFTER)
    return published


def close():
    """What the command printed."""
    out = StringIO()
    call_command("close_tenders", stdout=out)
    return out.getvalue()


# --- the command ------------------------------------------------------------------------------------------
def test_the_command_closes_what_is_over_once(over):
    said = close()
    record = ClosingRecord.objects.get()
    assert said == f"{over.reference}: closed, root {record.root}\n"
    document = verify.read_document(record.document)
    assert verify.check_document(document, verify.CLOSING) == signing_key().public
    assert (document["root"], document["size"]) == (record.root, 64)
    assert close() == ""
    assert ClosingRecord.objects.count() == 1
    assert AuditEntry.objects.filter(action="close bidding").count() == 1


def test_before_the_deadline_there_is_nothing_to_close(cast, clock, published):
    clock(published.deadline - timedelta(microseconds=1))
    hand_in(cast.vendor, published, "15000000")
    assert close() == ""
    clock(published.deadline)
    assert "closed" in close()


def test_a_tender_nobody_bid_on_is_closed_like_any_other(clock, cast, published):
    clock(AFTER)
    assert "closed" in close()
    assert len(json.loads(ClosingRecord.objects.get().leaves)) == 64
    named = opening.name_bidders(actor=cast.officer, tender=published, now=AFTER)
    assert open_bids(cast.officer, named, at=AFTER).is_opened


def test_drafts_cancelled_tenders_and_those_of_paper_are_left_alone(clock, cast, published):
    clock(AFTER)
    published.packages.all().delete()
    for stage in ("draft", "cancelled", "published"):
        Tender.objects.filter(pk=published.pk).update(stage=stage)
        assert close() == ""


def test_without_a_key_it_says_so_and_the_next_run_closes(over, settings, tmp_path):
    key, settings.SIGNING_KEY = settings.SIGNING_KEY, tmp_path / "nothing"
    errors = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("close_tenders", stderr=errors)
    assert end.value.code == 1
    assert errors.getvalue().startswith(f"{over.reference}: not closed: ")
    assert not ClosingRecord.objects.exists()
    settings.SIGNING_KEY = key
    assert "closed" in close()


def test_it_makes_a_checkpoint(over, anchored, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        close()
    assert [row["reason"] for row in Anchors(anchored).read()] == ["close bidding"]


def test_naming_the_bidders_closes_what_nobody_closed(cast, over):
    opening.name_bidders(actor=cast.officer, tender=over, now=AFTER)
    assert ClosingRecord.objects.get().at == AFTER
    assert close_when_over(tender=over, now=AFTER) is None
    actions = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert actions[-2:] == ["close bidding", "name bidders"]


# --- afterwards -------------------------------------------------------------------------------------------
def test_once_closed_nothing_is_added_even_if_the_clock_went_back(cast, over):
    close()
    draft_seen, just_before = over.bids.get(vendor=cast.vendor.vendor), over.deadline - timedelta(seconds=1)
    with pytest.raises(Forbidden, match="closed and signed"):
        submit(cast.vendor, over, at=just_before)
    with pytest.raises(Forbidden, match="closed and signed"):
        save(cast.vendor, over, at=just_before)
    with pytest.raises(Forbidden, match="closed and signed"):
        withdraw(cast.vendor, draft_seen, at=just_before)
    with pytest.raises(Late):
        submit(cast.vendor, over, at=AFTER)
    assert draft_seen.submissions.count() == 1


def test_the_leaves_are_what_counts_and_do_not_tell_how_much(cast, over):
    close()
    leaves = json.loads(ClosingRecord.objects.get().leaves)
    last = {bid.submissions.latest("number").commitment for bid in over.bids.all()}
    assert len(last) == 2
    assert last < set(leaves)
    assert len(set(leaves)) == 64
    assert merkle.root([bytes.fromhex(leaf) for leaf in leaves]).hex() == ClosingRecord.objects.get().root
    older = over.bids.get(vendor=cast.rival.vendor).submissions.get(number=1).commitment
    assert older not in leaves


# --- the mail ---------------------------------------------------------------------------------------------
def test_bidders_and_audit_get_a_mail_each_once_it_is_committed(
    over, addressed, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        close()
        assert mail.outbox == [], "not before it is committed"
    assert sorted(message.to for message in mail.outbox) == [
        ["auditor@mail.example"],
        ["rival@mail.example"],
        ["vendor@mail.example"],
    ]
    record = ClosingRecord.objects.get()
    for message in mail.outbox:
        assert not message.cc
        assert not message.bcc
        assert message.attachments[0] == ("closing-its-2026-900.json", record.document, "application/json")
        for name in ("Bedrock", "Quickwin", "Vendor", "Rival"):
            assert name not in message.subject + message.body
        assert ("Keep the file" in message.body) == (message.to != ["auditor@mail.example"])


def test_naming_the_bidders_mails_it_too_and_only_once(
    cast, over, addressed, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        opening.name_bidders(actor=cast.officer, tender=over, now=AFTER)
    assert len(mail.outbox) == 3
    with django_capture_on_commit_callbacks(execute=True):
        close()
    assert len(mail.outbox) == 3


def test_a_mail_that_fails_stops_no_other(
    over, addressed, caplog, monkeypatch, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    send = mail.EmailMessage.send

    def fail_for_the_vendor(message, *more):
        if message.to == ["vendor@mail.example"]:
            raise ConnectionRefusedError
        return send(message, *more)

    monkeypatch.setattr(mail.EmailMessage, "send", fail_for_the_vendor)
    with django_capture_on_commit_callbacks(execute=True):
        close()
    assert len(mail.outbox) == 2
    assert "was not mailed" in caplog.text
    assert ClosingRecord.objects.exists()


# --- fetched again ----------------------------------------------------------------------------------------
def test_who_bid_and_the_bank_fetch_the_record_again(client, cast, over):
    address = reverse("closing-record", args=[over.pk])
    client.force_login(cast.auditor)
    assert client.get(address).status_code == 404, "there is none yet"
    close()
    for person in (cast.vendor, cast.rival, cast.auditor, cast.officer):
        client.force_login(person)
        response = client.get(address)
        assert response.content.decode() == ClosingRecord.objects.get().document
        assert response.headers["Content-Disposition"] == 'attachment; filename="closing-its-2026-900.json"'
    vendor = Vendor.objects.create(name="Third")
    outsider = User.objects.create(username="third", role="vendor", vendor=vendor, name="Third")
    for person in (outsider, cast.administrator, cast.stranger):
        client.force_login(person)
        assert client.get(address).status_code == 404


def test_a_draft_alone_is_no_bid(client, clock, cast, published):
    save(cast.rival, published)
    clock(AFTER)
    close()
    client.force_login(cast.rival)
    assert client.get(reverse("closing-record", args=[published.pk])).status_code == 404
    assert b"closing/" not in client.get(reverse("bid", args=[published.pk])).content


def test_before_the_opening_the_page_tells_neither_root_nor_number(client, cast, over):
    close()
    client.force_login(cast.auditor)
    page = client.get(reverse("opening", args=[over.pk])).content.decode()
    assert reverse("closing-record", args=[over.pk]) in page
    assert fingerprint(ClosingRecord.objects.get().root) not in page


# --- proofs -----------------------------------------------------------------------------------------------
@pytest.fixture
def read(cast, over):
    """The bids are opened."""
    named = opening.name_bidders(actor=cast.officer, tender=over, now=AFTER)
    declare_nothing(named, at=AFTER)
    return open_bids(cast.officer, named, at=AFTER)


def test_after_the_opening_each_bidder_proves_to_have_been_counted(client, cast, read, tmp_path, capsys):
    for person, kind in ((cast.vendor, "submitted"), (cast.rival, "withdrawn")):
        sign_in(client, person)
        address = reverse("bid-proof", args=[read.pk])
        assert address in client.get(reverse("bid", args=[read.pk])).content.decode()
        response = client.get(address)
        assert response.headers["Content-Disposition"].startswith('attachment; filename="proof-its-2026-900-')
        document = verify.read_document(response.content)
        assert document["receipt"]["kind"] == kind
        assert document["closing"]["root"] == read.closing.root
        (tmp_path / "proof.json").write_bytes(response.content)
        call_command("verify_receipt", str(tmp_path / "proof.json"))
        assert "was in the closing record" in capsys.readouterr().out
        with pytest.raises(SystemExit):
            call_command("verify_receipt", str(tmp_path / "proof.json"), "--key", "00" * 32)


def test_a_proof_that_was_altered_shows_nothing(client, cast, read, tmp_path):
    sign_in(client, cast.vendor)
    document = verify.read_document(client.get(reverse("bid-proof", args=[read.pk])).content)
    other = json.loads(read.bids.get(vendor=cast.rival.vendor).submissions.get(number=1).receipt)
    for wrong in ({"receipt": other}, {"index": (document["index"] + 1) % 64}, {"proof": []}):
        (tmp_path / "proof.json").write_text(json.dumps(document | wrong))
        with pytest.raises(SystemExit) as end:
            call_command("verify_receipt", str(tmp_path / "proof.json"))
        assert end.value.code == 1


def test_before_the_opening_there_is_no_proof(client, cast, over):
    sign_in(client, cast.vendor)
    steps = (close, lambda: opening.name_bidders(actor=cast.officer, tender=over, now=AFTER))
    for step in steps:
        step()
        assert client.get(reverse("bid-proof", args=[over.pk])).status_code == 404
        assert b"bid/proof" not in client.get(reverse("bid", args=[over.pk])).content


def test_what_is_not_in_the_record_has_no_proof(client, cast, read):
    read.closing.leaves = json.dumps([leaf.hex() for leaf in merkle.padded([])])
    read.closing.save()
    sign_in(client, cast.vendor)
    response = client.get(reverse("bid-proof", args=[read.pk]), follow=True)
    assert "Tell the bank’s auditor at once" in response.content.decode()

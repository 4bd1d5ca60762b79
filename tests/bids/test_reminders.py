"""`manage.py remind`: who is mailed what, once a day, and what a mail never says."""

import json
from io import StringIO
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import get_language, override

from bids import queries
from bids.actions import answers, reminders
from bids.actions.panel import recuse
from bids.actions.reminders import Matter, send_reminders
from bids.models import Claim, SentReminder, Waiver
from procurement import audit
from procurement.models import AuditEntry, User
from tests.bids.objecting import DAY, answer, object_to
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addresses(cast):
    """Everybody has an address."""
    for person in cast.everybody().values():
        person.email = f"{person.username}@bank.example"
        person.save(update_fields=["email"])


def mailed():
    """Who was mailed, in order."""
    return [letter.to[0].partition("@")[0] for letter in mail.outbox]


def test_the_approver_is_mailed_once_a_day(cast, opened):
    objection = object_to(opened, cast.security)
    assert send_reminders(now=NOW, address="https://assay.example").mails == 1
    letter = mail.outbox[0]
    assert letter.to == ["approver@bank.example"]
    assert letter.subject == "1 thing waits for you"
    assert "Answer an objection: OBJ-1, due 2026/11/24 14:00" in letter.body
    assert "ITS-2026-900" in letter.body
    assert f"https://assay.example{reverse('objection', args=[objection.pk])}" in letter.body
    assert send_reminders(now=NOW).mails == 0
    assert send_reminders(now=NOW + DAY).mails == 1
    assert mailed() == ["approver", "approver"]


def test_what_is_new_on_the_day_is_mailed_alone(cast, opened):
    object_to(opened, cast.security)
    send_reminders(now=NOW)
    object_to(opened, cast.security)
    send_reminders(now=NOW)
    assert "OBJ-2" in mail.outbox[1].body
    assert "OBJ-1" not in mail.outbox[1].body


def test_what_is_not_due_yet_can_wait(cast, opened):
    object_to(opened, cast.security, due_at=NOW + 5 * DAY)
    send_reminders(now=NOW)
    assert mailed() == []
    send_reminders(now=NOW + 3 * DAY)
    assert mailed() == ["approver"]


def test_an_overdue_answer_calls_the_one_next_above(cast, opened):
    object_to(opened, cast.security)
    send_reminders(now=NOW + 2 * DAY)
    assert sorted(mailed()) == ["approver", "next_above"]
    assert "overdue since 2026/11/24 14:00" in mail.outbox[0].body


def test_an_answer_ends_it_and_its_condition_calls_the_owner(cast, opened):
    answered = answer(object_to(opened, cast.security), cast.approver, "accepted")
    send_reminders(now=NOW)
    assert mailed() == []
    send_reminders(now=NOW + 19 * DAY)
    assert mailed() == ["business"]
    assert "Meet a condition" in mail.outbox[0].body
    answers.meet_condition(
        actor=cast.business, condition=answered.conditions.get(), evidence="Report", now=NOW + 19 * DAY
    )
    send_reminders(now=NOW + 20 * DAY)
    assert mailed() == ["business"]


def test_who_is_recused_meanwhile_is_mailed_nothing_about_the_bid(cast, opened):
    answer(object_to(opened, cast.security), cast.approver, "accepted")
    claim = Claim.objects.get(bid__vendor__name="Bedrock Security", requirement__code="R1")
    Waiver.objects.create(
        claim=claim,
        reason="Cash day",
        expires_on=(NOW + 20 * DAY).date(),
        proposer=cast.business,
        security_signer=cast.security_head,
        security_by="Security_Head",
        approver=cast.approver,
        approved_by="Approver",
    )
    seat = opened.seats.get(user=cast.business)
    recuse(actor=cast.officer, seat=seat, bid=claim.bid, reason="kin", now=NOW)
    send_reminders(now=NOW + 19 * DAY)
    assert sorted(mailed()) == ["approver", "security_head"]
    assert not queries.conditions_open(cast.business).exists()
    assert queries.conditions_open().filter(owner=cast.business).exists(), "it is still to be met"


def test_no_mail_names_a_bidder_or_says_what_is_wrong(cast, priced):
    words = {"claim": "Bedrock Security holds the key", "argument": "At 15,000,000 it is no bargain"}
    object_to(priced, cast.security, **words)
    answer(object_to(priced, cast.security, **words), cast.approver, "accepted")
    send_reminders(now=NOW + 19 * DAY)
    assert len(mail.outbox) == 3
    for letter in mail.outbox:
        text = letter.subject + letter.body
        for secret in ("Bedrock", "Quickwin", "15,000,000", "12,000,000", "bargain", "HSM"):
            assert secret not in text


def test_the_mail_is_in_the_language_of_the_person(cast, opened, monkeypatch):
    def source(now):
        for person in (cast.approver, cast.next_above):
            yield Matter(person, "a", lazy(get_language, str)(), "OBJ-1", opened, now, "/")

    cast.approver.language, cast.next_above.language = "zh-hant", ""
    monkeypatch.setattr(reminders, "SOURCES", [source])
    with override("en"):
        send_reminders(now=NOW)
    assert [letter.body.partition(":")[0] for letter in mail.outbox] == ["zh-hant", "zh-hant"]
    cast.next_above.language = "en"
    send_reminders(now=NOW + DAY)
    assert sorted(letter.body.partition(":")[0] for letter in mail.outbox[2:]) == ["en", "zh-hant"]


def test_people_who_left_or_have_no_address_are_not_mailed(cast, opened):
    User.objects.filter(pk=cast.approver.pk).update(email="")
    User.objects.filter(pk=cast.next_above.pk).update(is_active=False)
    object_to(opened, cast.security)
    run = send_reminders(now=NOW + 2 * DAY)
    assert (run.mails, run.without_address) == (0, ["approver"])
    assert not SentReminder.objects.exists()


def test_a_mail_that_fails_stops_no_other_and_is_tried_again(cast, opened, monkeypatch):
    deliver = EmailBackend.send_messages

    def refuse(self, messages):
        if messages[0].to == ["approver@bank.example"]:
            raise SMTPException("no such box")
        return deliver(self, messages)

    object_to(opened, cast.security)
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    run = send_reminders(now=NOW + 2 * DAY)
    assert (run.failed, mailed()) == (["approver"], ["next_above"])
    monkeypatch.setattr(EmailBackend, "send_messages", deliver)
    send_reminders(now=NOW + 2 * DAY)
    assert mailed() == ["next_above", "approver"]


def test_every_run_is_on_the_trail(cast, opened, clock):
    object_to(opened, cast.security)
    out = StringIO()
    call_command("remind", address="https://assay.example/", stdout=out)
    assert "1 mails, 1 matters" in out.getvalue()
    assert "https://assay.example/objections/" in mail.outbox[0].body
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.actor_name) == ("send reminders", "manage.py")
    assert json.loads(entry.payload)["mails"] == "1"
    assert audit.verify_chain().intact


def test_a_failed_mail_ends_the_command_with_1(cast, opened, clock, monkeypatch):
    def refuse(self, messages):
        raise OSError("no route")

    object_to(opened, cast.security)
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    err = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("remind", stdout=StringIO(), stderr=err)
    assert "not sent: approver" in err.getvalue()


def test_a_waiver_that_ends_calls_everybody_who_signed_it(cast, opened):
    waiver = Waiver.objects.create(
        claim=Claim.objects.filter(bid__tender=opened, requirement__code="R1").first(),
        reason="Cash day",
        expires_on=(NOW + 10 * DAY).date(),
        proposer=cast.business,
        security_signer=cast.security_head,
        security_by="Security_Head",
        approver=cast.approver,
        approved_by="Approver",
    )
    send_reminders(now=NOW + 8 * DAY)
    assert mailed() == []
    send_reminders(now=NOW + 9 * DAY)
    assert sorted(mailed()) == ["approver", "business", "security_head"]
    assert f"A waiver ends: {waiver.claim.requirement.code}" in mail.outbox[0].body
    send_reminders(now=NOW + 11 * DAY)
    assert len(mail.outbox) == 3


def test_another_kind_is_one_more_function(cast, opened, monkeypatch):
    def waivers(now):
        yield Matter(cast.security, "waiver 1", "Renew a waiver", "R1", opened, now, "/waivers/1/")

    monkeypatch.setattr(reminders, "SOURCES", [waivers])
    send_reminders(now=NOW)
    assert "Renew a waiver: R1" in mail.outbox[0].body

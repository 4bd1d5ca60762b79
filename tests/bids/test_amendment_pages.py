"""Pages of amendments, outages and other opening officers, and what they tell vendors and the clock."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bids import queries
from bids.actions import keys, reminders
from bids.choices import AmendmentKind
from bids.models import Amendment, OfficerReplacement, Outage, Submission
from tests.bids.amending import WORDS, agree, amend, outage, propose, replace, turn
from tests.bids.bid_pages import HTMX, form_of, post_signed, signed, text_of
from tests.bids.companies import declared
from tests.cast import NOW, PASSPHRASES, PASSWORD, give_key, hand_in, sign_in

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = "2026-12-01T17:00"


@pytest.fixture(autouse=True)
def stopped(clock):
    """Everything takes place at one moment."""
    return clock


def page(client, person, name, *arguments):
    sign_in(client, person)
    return text_of(client.get(reverse(name, args=arguments)))


def post(client, person, name, *arguments, **data):
    sign_in(client, person)
    return client.post(reverse(name, args=arguments), data, follow=True)


def tasks(client, person):
    sign_in(client, person)
    return [(task.what, task.url) for task in client.get(reverse("work")).context["tasks"]]


def waits(client, person):
    return [(wait.what, wait.who) for wait in client.get(reverse("work")).context["waits"]]


def proposal(**more):
    return {"kind": "documents", "deadline": LATER} | WORDS | more


# --- amendments -------------------------------------------------------------------------------------------
def test_an_amendment_is_proposed_and_agreed_to_on_the_page(client, cast, published):
    said = text_of(post(client, cast.officer, "amendment-propose", published.pk, **proposal()))
    assert "Nothing changes before a second person agrees." in said
    assert "You proposed this: somebody else agrees to it or refuses it." in said
    assert waits(client, cast.officer)[-1] == ("A second person for an amendment", "Approver")
    row = Amendment.objects.get()
    where = reverse("amendments", args=[published.pk])
    assert tasks(client, cast.approver) == [("Decide on an amendment", where)]
    wrong = post(client, cast.approver, "amendment-agree", row.pk, **{"agree-password": "wrong"})
    assert wrong.status_code == 422
    said = text_of(post(client, cast.approver, "amendment-agree", row.pk, **{"agree-password": PASSWORD}))
    assert "The amendment is in force, and all vendors are told." in said
    assert WORDS["text_en"] in said
    assert tasks(client, cast.approver) == []
    published.refresh_from_db()
    assert published.deadline.isoformat() == "2026-12-01T09:00:00+00:00"


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client, cast, published):
    early = post(
        client, cast.officer, "amendment-propose", published.pk, **proposal(deadline="2026-11-23T09:00")
    )
    assert early.status_code == 422
    assert "A deadline is only moved to a later time" in text_of(early)
    assert WORDS["text_zh"] in text_of(early)
    empty = post(client, cast.officer, "amendment-propose", published.pk, **proposal(text_en=""))
    assert empty.status_code == 422
    assert not Amendment.objects.exists()


def test_it_is_refused_with_a_reason_and_taken_back(client, cast, published):
    row = propose(published, deadline=published.deadline + DAY)
    assert post(client, cast.approver, "amendment-refuse", row.pk).status_code == 422
    said = text_of(post(client, cast.approver, "amendment-refuse", row.pk, **{"refuse-reason": "Too long"}))
    assert "Proposed and not in force" in said
    assert "Too long" in said
    row = propose(published, deadline=published.deadline + DAY)
    assert "Taken back" in text_of(post(client, cast.officer, "amendment-take-back", row.pk))


def test_a_proposal_that_the_deadline_overtook_is_shown_as_such(client, cast, published, stopped):
    propose(published, deadline=published.deadline + DAY)
    stopped(published.deadline)
    said = page(client, cast.approver, "amendments", published.pk)
    assert "Overtaken by the deadline" in said
    assert "Bidding is over: nothing is amended any more" in said
    assert "Decide on an amendment" not in [what for what, _url in tasks(client, cast.approver)]


def test_the_tender_page_lists_what_was_changed_and_names_nobody_to_vendors(client, cast, published):
    package = amend(published, deadline=published.deadline + DAY)
    agreed_by = "Approver (Management)"
    said = page(client, cast.auditor, "tender", published.pk)
    for words in (
        WORDS["text_en"],
        package.digest,
        agreed_by,
        "Amendment 1",
        "What is stored is what was published.",
    ):
        assert words in said
    said = page(client, cast.vendor, "tender", published.pk)
    assert WORDS["text_en"] in said
    assert package.digest in said
    assert agreed_by not in said
    cast.vendor.language = "zh-hant"
    cast.vendor.save()
    sign_in(client, cast.vendor)
    client.cookies["django_language"] = "zh-hant"
    assert WORDS["text_zh"] in text_of(client.get(reverse("tender", args=[published.pk])))


def test_what_is_only_proposed_no_vendor_sees(client, cast, published):
    before = page(client, cast.vendor, "tender", published.pk)
    row = propose(published, deadline=published.deadline + DAY)
    assert WORDS["text_en"] not in page(client, cast.vendor, "tender", published.pk)
    assert "Amendment" not in before
    assert client.post(reverse("amendment-agree", args=[row.pk])).status_code == 404


def test_the_page_asks_as_often_with_three_amendments_as_with_one(
    client, cast, published, django_assert_max_num_queries
):
    sign_in(client, cast.officer)
    address = reverse("amendments", args=[published.pk])
    amend(published)
    client.get(address)
    with django_assert_max_num_queries(30) as asked:
        client.get(address)
    number = len(asked)
    amend(published)
    amend(published)
    with django_assert_max_num_queries(number):
        client.get(address)


# --- the vendor -------------------------------------------------------------------------------------------
def test_a_vendor_confirms_or_replaces_after_the_documents_were_changed(client, cast, published):
    for person, price in ((cast.vendor, "100"), (cast.rival, "90")):
        declared(person)
        hand_in(person, published, price)
    amend(published, kind=AmendmentKind.EXTENSION, deadline=published.deadline + DAY)
    assert tasks(client, cast.vendor) == []
    amend(published)
    bid = reverse("bid", args=[published.pk])
    assert tasks(client, cast.vendor) == [("Confirm or replace your bid", bid + "#amended")]
    assert "Amendment 2 needs your answer" in text_of(client.get(bid))
    assert "Version 1 is confirmed" in text_of(post_signed(client, "confirm", published))
    assert tasks(client, cast.vendor) == []
    assert "needs your answer" not in text_of(client.get(bid))
    assert tasks(client, cast.rival) == [("Confirm or replace your bid", bid + "#amended")]
    hand_in(cast.rival, published, "80")
    assert tasks(client, cast.rival) == []


def test_an_open_page_learns_of_a_later_deadline(client, cast, published, stopped):
    old = published.deadline.isoformat()
    said = page(client, cast.vendor, "bid", published.pk)
    address = reverse("bid-time", args=[published.pk])
    assert f'hx-get="{address}" hx-trigger="every 60s"' in said
    amend(published, deadline=published.deadline + DAY)
    fragment = text_of(client.get(address, headers=HTMX))
    assert published.deadline.isoformat() in fragment
    assert 'id="dock-time" hx-swap-oob="true"' in fragment
    saved = text_of(
        client.post(reverse("bid", args=[published.pk]), form_of(published), headers={"HX-Request": "true"})
    )
    assert 'id="time-left" class="pad" hx-swap-oob="true"' in saved
    assert old not in saved
    stopped(published.deadline)
    sign_in(client, cast.vendor)
    assert "hx-trigger" not in text_of(client.get(address))


# --- outages ----------------------------------------------------------------------------------------------
def test_an_outage_goes_on_record_and_gives_time_back_on_the_page(client, cast, published):
    data = {"begins_at": "2026-11-22T12:00", "ends_at": "2026-11-22T13:30"} | WORDS
    said = text_of(post(client, cast.administrator, "outage-record", **data))
    assert "no bids could come in for 90 minutes" in said
    assert published.reference not in said, "administrators see no tender"
    row = Outage.objects.get()
    assert reverse("outage", args=[row.pk]) in page(client, cast.officer, "outages")
    assert published.reference in page(client, cast.officer, "outage", row.pk)
    short = post(client, cast.officer, "outage-extend", row.pk, minutes="89")
    assert short.status_code == 422
    post(client, cast.officer, "outage-extend", row.pk, minutes="120")
    assert tasks(client, cast.approver) == [("Decide on an amendment", reverse("outage", args=[row.pk]))]
    said = text_of(post(client, cast.approver, "outage-agree", row.pk, **{"agree-password": PASSWORD}))
    assert "All of them have the later deadline, and all vendors are told." in said
    before = published.deadline
    published.refresh_from_db()
    assert published.deadline == before + 2 * HOUR


def test_it_is_refused_or_taken_back_on_the_page(client, cast, published):
    row = outage(NOW - HOUR, NOW)
    post(client, cast.officer, "outage-extend", row.pk, minutes="60")
    assert post(client, cast.approver, "outage-refuse", row.pk).status_code == 422
    said = text_of(post(client, cast.approver, "outage-refuse", row.pk, **{"refuse-reason": "Longer"}))
    assert "Longer" in said
    post(client, cast.officer, "outage-extend", row.pk, minutes="90")
    assert "Taken back" in text_of(post(client, cast.officer, "outage-take-back", row.pk))
    assert post(client, cast.officer, "outage-record", begins_at="x").status_code == 422


# --- opening officers -------------------------------------------------------------------------------------
def test_two_officers_agree_to_another_one_on_the_page(client, cast, published):
    give_key(cast.security_head)
    where = reverse("replacement", args=[published.pk])
    assert where in page(client, cast.officer, "tender", published.pk)
    leaving = queries.standing_officers(published).get(user=cast.next_above)
    data = {"leaving": leaving.pk, "successor": cast.security_head.pk, "reason": "Left the bank"}
    said = text_of(post(client, cast.officer, "replacement-propose", published.pk, **data))
    assert "Security_Head is to open in the place of Next_Above" in said
    row = OfficerReplacement.objects.get()
    assert ("Agree to another opening officer", where) in tasks(client, cast.auditor)
    for person in (cast.officer, cast.auditor):
        wrong = post(client, person, "replacement-turn", row.pk, password=PASSWORD, passphrase="x y z")
        assert wrong.status_code == 422
        turn_of = {"password": PASSWORD, "passphrase": PASSPHRASES[person.username]}
        said = text_of(post(client, person, "replacement-turn", row.pk, **turn_of))
    assert "Another opening officer" in said
    assert "Left the bank" in said
    assert "Left the bank" not in page(client, cast.vendor, "tender", published.pk)
    assert "Another opening officer" in page(client, cast.vendor, "tender", published.pk)


def test_a_proposal_is_taken_back_on_the_page_and_faults_stand_there(client, cast, published):
    row = replace(published, "next_above", "security_head")
    post(client, cast.officer, "replacement-take-back", row.pk)
    leaving = queries.standing_officers(published).get(user=cast.next_above)
    data = {"leaving": leaving.pk, "successor": cast.auditor.pk, "reason": "x"}
    refused = post(client, cast.officer, "replacement-propose", published.pk, **data)
    assert refused.status_code == 422
    assert "3 different people" in text_of(refused)


# --- drills -----------------------------------------------------------------------------------------------
def test_whoever_opens_is_reminded_of_the_drill_and_the_officer_is_told(client, cast, published, stopped):
    key = reverse("opening-key")
    assert tasks(client, cast.auditor) == []
    stopped(NOW + 31 * DAY)
    published.deadline = NOW + 40 * DAY
    published.save()
    assert tasks(client, cast.auditor) == [("Prove your passphrase", key)]
    assert ("Have opening keys proved", reverse("replacement", args=[published.pk])) in tasks(
        client, cast.officer
    )
    keys.drill_key(actor=cast.auditor, typed=PASSPHRASES["auditor"], now=NOW + 31 * DAY)
    assert tasks(client, cast.auditor) == []


def test_whoever_is_named_makes_a_key(client, cast, draft):
    cast.auditor.officer_keys.all().delete()
    assert tasks(client, cast.auditor) == [("Make your opening key", reverse("opening-key"))]
    assert tasks(client, cast.security_head) == []


def test_mails_remind_of_the_drill(cast, published, mailoutbox):
    for person in (cast.auditor, cast.officer):
        person.email = f"{person.username}@example.com"
        person.save()
    reminders.send_reminders(now=NOW + 27 * DAY)
    assert mailoutbox == []
    reminders.send_reminders(now=NOW + 29 * DAY)
    assert {mail.to[0] for mail in mailoutbox} == {"auditor@example.com", "officer@example.com"}
    assert all("Prove your passphrase" in mail.body for mail in mailoutbox)
    mailoutbox.clear()
    reminders.send_reminders(now=NOW + 31 * DAY)
    officer = next(mail for mail in mailoutbox if mail.to == ["officer@example.com"])
    assert "An opening key is not proved: Auditor" in officer.body


def test_a_bid_is_handed_in_by_those_who_say_that_they_read_what_was_amended(client, cast, published):
    sign_in(client, cast.vendor)
    where = reverse("bid-submit", args=[published.pk])
    shown = client.get(reverse("bid", args=[published.pk])).content.decode()
    assert "We have read the amendments" not in shown
    amend(published, kind=AmendmentKind.DOCUMENTS, deadline=None)
    shown = client.get(reverse("bid", args=[published.pk])).content.decode()
    assert "We have read the amendments up to number 1." in shown
    unread = client.post(where, signed(form_of(published), amendment="1"))
    assert "say that you did" in text_of(unread)
    draft_version = unread.context["form"]["version"].value()
    amend(published, kind=AmendmentKind.DOCUMENTS, deadline=None)
    later = client.post(where, signed(form_of(published, draft_version), amendment="1", read="on"))
    assert later.status_code == 422
    assert "Amendment 2 came in force while you were writing." in text_of(later)
    assert 'name="amendment" value="2"' in text_of(later)
    assert not Submission.objects.exists()
    draft_version = later.context["form"]["version"].value()
    client.post(where, signed(form_of(published, draft_version), amendment="2", read="on"))
    assert Submission.objects.get().package.amendment == 2


def test_no_mail_and_no_page_of_the_bank_tells_who_has_to_confirm(client, cast, published, mailoutbox):
    amend(published)
    none = [page(client, person, "amendments", published.pk) for person in (cast.officer, cast.auditor)]
    hand_in(cast.vendor, published, "100")
    amended = agree(propose(published, kind=AmendmentKind.DOCUMENTS))
    both = page(client, cast.officer, "amendments", published.pk)
    assert amended.package.digest in both
    assert "Bedrock" not in "".join([*none, both])
    mailoutbox.clear()
    for person in (cast.vendor, cast.rival):
        person.email = f"{person.username}@example.com"
        person.save()
    reminders.send_reminders(now=published.deadline - HOUR)
    assert [mail for mail in mailoutbox if "vendor" in mail.to[0] or "rival" in mail.to[0]] == []


def test_a_turn_that_waits_is_shown_with_its_end(client, cast, published):
    row = turn(replace(published, "next_above", "security_head"), "officer")
    said = page(client, cast.auditor, "replacement", published.pk)
    assert row.first_by in said
    assert "A second opening officer" in said

"""What everybody may read of a tender without an account, and that it says nothing of bids."""

import hashlib
import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from bids.actions import questions as asking
from bids.actions.companies import invite_vendors
from bids.actions.notices import tell_invited_later
from bids.actions.publication import is_as_published
from bids.views.public_content import public_specification
from procurement.choices import PriceFormula, Role, Stage
from procurement.models import Tender, User, Vendor
from tests.bids.amending import agree, propose
from tests.bids.bid_pages import text_of
from tests.cast import NOW, hand_in, publish

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def stopped(clock, client):
    """Everything takes place at one moment, and whoever reads chose English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return clock


def get(client, name, *arguments):
    return client.get(reverse(name, args=arguments))


def test_everybody_reads_what_is_published(client, published):
    published.criteria.filter(code="S").update(anchors=[{"mark": "45", "text": "Shown to work"}])
    text = text_of(get(client, "public-tender", published.pk))
    for said in (
        "Requirement R1",
        "Test report",
        "Shown to work",
        "W × (20,000,000 − P) ÷ (20,000,000 − 10,000,000)",
        "All points at 10,000,000 or less",
        "Higher on the heaviest criterion → Lots",
        "2026/11/29 14:00",
        "2026/11/24 14:00",
        "Class 1",
        "Accountable unit</dt><dd>Security</dd>",
        "Marking units</dt><dd>Business, Security</dd>",
        published.fingerprint,
        published.packages.get().digest,
    ):
        assert said in text, said


def test_criteria_are_read_in_the_readers_language_and_frozen_in_both(client, draft):
    draft.criteria.filter(code="S").update(title="資安", title_en="Security of the bid")
    tender = publish(draft)
    for language, said, not_said in (
        ("en", "Security of the bid", "資安"),
        ("zh-hant", "資安", "of the bid"),
    ):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        text = text_of(get(client, "public-tender", tender.pk)).partition('id="criteria"')[2]
        row = text.partition(">S</td>")[2].partition("</tr>")[0]
        assert said in row
        assert not_said not in row
    assert json.loads(public_specification(tender))["criteria_in_english"] == {"S": "Security of the bid"}
    assert is_as_published(tender)
    tender.criteria.filter(code="S").update(title_en="Price")
    assert not is_as_published(tender)


def test_nobody_is_named_and_nothing_secret_is_said(client, cast, published):
    people = {"officer": "Zoltan", "security": "Yolanda", "business": "Xenia", "approver": "Wendelin"}
    for who, name in people.items():
        User.objects.filter(pk=getattr(cast, who).pk).update(name=name)
    Tender.objects.filter(pk=published.pk).update(reserve_price="17123456")
    text = text_of(get(client, "public-tender", published.pk))
    assert not [name for name in people.values() if name in text]
    assert "17,123,456" not in text


def test_the_file_leaves_out_the_reserve_price_and_names(draft):
    Tender.objects.filter(pk=draft.pk).update(reserve_price="17123456")
    tender = publish(draft)
    assert "17123456" in tender.published_text
    found = json.loads(public_specification(tender))
    assert "reserve_price" not in found["specification"]
    assert {"owner", "approver", "escalation", "requirement_owners"}.isdisjoint(found)
    assert found["specification"]["criteria"]


def test_files_have_the_digests_that_stand_beside_them(client, published):
    text = text_of(get(client, "public-tender", published.pk))
    package = get(client, "public-package", published.pk, 0)
    assert hashlib.sha256(package.content).hexdigest() == published.packages.get().digest
    assert f"sha256:{json.loads(package.content)['specification']}" == published.fingerprint
    file = get(client, "public-specification", published.pk)
    assert hashlib.sha256(file.content).hexdigest() in text
    assert get(client, "public-package", published.pk, 1).status_code == 404


def test_a_draft_and_a_limited_tender_are_nobodys_to_read(client, draft, published):
    for changes in ({"invited_only": True}, {"stage": Stage.DRAFT}):
        kept = {name: getattr(published, name) for name in changes}
        Tender.objects.filter(pk=published.pk).update(**changes)
        for name in ("public-tender", "public-specification"):
            assert get(client, name, published.pk).status_code == 404
        assert get(client, "public-package", published.pk, 0).status_code == 404
        assert published.reference not in text_of(client.get(reverse("public-tenders")))
        Tender.objects.filter(pk=published.pk).update(**kept)
    assert get(client, "public-tender", published.pk).status_code == 200


PAGES = (("public-tender",), ("public-specification",), ("public-package", 0))


def test_invited_vendors_read_and_print_what_was_published_to_them(client, cast, draft):
    invite_vendors(
        actor=cast.officer,
        tender=draft,
        invited_only=True,
        vendors=[cast.vendor.vendor],
        seen=draft.version,
        now=NOW,
    )
    tender = publish(draft)
    agree(propose(tender, deadline=NOW + 9 * DAY))
    for reader, status in ((None, 404), (cast.rival, 404), (cast.vendor, 200), (cast.officer, 200)):
        if reader is not None:
            client.force_login(reader)
        answers = [get(client, name, tender.pk, *more).status_code for name, *more in PAGES]
        assert answers == [status] * 3, reader
        assert tender.title not in text_of(client.get(reverse("public-tenders")))
    client.force_login(cast.vendor)
    text = text_of(get(client, "public-tender", tender.pk))
    assert "the same for everybody who is invited, and for nobody else" in text
    assert "<del>2026/11/29 14:00</del>" in text
    assert reverse("public-tender", args=[tender.pk]) in text_of(get(client, "tender", tender.pk))


def test_who_is_invited_is_told_when_it_is_published_and_nobody_else(
    cast, draft, mailoutbox, django_capture_on_commit_callbacks
):
    for person in (cast.vendor, cast.rival):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@example.com")
    draft.invited_only = True
    draft.invited.set([cast.vendor.vendor])
    with django_capture_on_commit_callbacks(execute=True):
        tell_invited_later(draft)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["vendor@example.com"], "ITS-2026-900: you are invited to bid")
    assert "Questions are taken until 2026/11/24 14:00." in mail.body
    draft.invited_only = False
    with django_capture_on_commit_callbacks(execute=True):
        tell_invited_later(draft)
    assert len(mailoutbox) == 1


def test_the_list_shows_what_can_be_bid_for(client, published, clock):
    where = reverse("public-tenders")
    assert published.title in text_of(client.get(where))
    assert published.title in text_of(client.get(where, {"q": "atm"}))
    assert "No open tender matches." in text_of(client.get(where, {"q": "nothing"}))
    clock(NOW + 7 * DAY)
    assert "No tender is open to everybody" in text_of(client.get(where))
    assert get(client, "public-tender", published.pk).status_code == 200


def test_a_cancelled_tender_says_so(client, published):
    Tender.objects.filter(pk=published.pk).update(stage=Stage.CANCELLED, cancelled_reason="Given up.")
    text = text_of(get(client, "public-tender", published.pk))
    assert "This tender was cancelled." in text
    assert "Given up." in text


def test_what_was_and_what_is_stand_side_by_side(client, published):
    agree(propose(published, deadline=NOW + 9 * DAY))
    page = get(client, "public-tender", published.pk)
    first, second = page.context["versions"]
    assert (first.number, first.differences) == (0, ())
    (difference,) = second.differences
    assert (difference.was, difference.now) == ("2026/11/29 14:00", "2026/12/01 14:00")
    text = page.content.decode()
    assert "<del>2026/11/29 14:00</del>" in text
    assert "<ins>2026/12/01 14:00</ins>" in text
    package = get(client, "public-package", published.pk, 1)
    assert hashlib.sha256(package.content).hexdigest() == second.digest


@pytest.mark.parametrize("formula", PriceFormula.values)
def test_every_formula_is_said_in_words(client, published, formula):
    bands = [{"up_to": "10000000", "points": "30"}]
    Tender.objects.filter(pk=published.pk).update(
        price_formula=formula, price_parameters={"bands": bands} if formula == PriceFormula.BANDS else {}
    )
    found = get(client, "public-tender", published.pk).context["formula"]
    assert found.words
    assert bool(found.symbols) == (formula not in {"none", "marked", "ceiling-linear"})


def test_it_says_the_same_whether_none_one_or_seven_bid(client, cast, published):
    def said():
        names = ("public-tender", "public-specification")
        pages = [get(client, name, published.pk).content for name in names]
        pages += [
            get(client, "public-package", published.pk, 0).content,
            get(client, "public-tenders").content,
        ]
        return [re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]*', b"", page) for page in pages]

    none = said()
    hand_in(cast.vendor, published, "15000000", at=NOW - timedelta(hours=1))
    asking.ask_question(actor=cast.vendor, tender=published, text="Peak?", clock=lambda: NOW)
    assert said() == none
    for number in range(6):
        vendor = Vendor.objects.create(name=f"Vendor {number}")
        person = User.objects.create(
            username=f"v{number}",
            password=cast.vendor.password,
            name=f"V{number}",
            role=Role.VENDOR,
            vendor=vendor,
            language="en",
        )
        hand_in(person, published, f"1{number}000000", at=NOW - timedelta(hours=1))
    assert said() == none


def test_the_page_asks_as_often_for_many_requirements_as_for_few(
    client, published, django_assert_max_num_queries
):
    def counted():
        with django_assert_max_num_queries(60) as found:
            assert get(client, "public-tender", published.pk).status_code == 200
        return len(found)

    few = counted()
    row = published.requirements.first()
    for number in range(9):
        row.pk, row.code = None, f"X{number}"
        row.save(force_insert=True)
    assert counted() == few

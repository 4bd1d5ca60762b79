"""Companies: the tax id, what they declare, how they are let in, and who is invited to bid."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from bids.actions import drafts
from bids.actions.companies import (
    MOST_A_DAY,
    approve_registration,
    declare_company,
    invite_vendors,
    refuse_registration,
)
from bids.actions.notices import _tell
from bids.actions.releases import release_of
from bids.actions.reminders import send_reminders
from bids.forms.companies import ProfileForm, lines_of
from bids.models import Amendment
from bids.queries import award_of, is_invited
from bids.queries.concentration import concentration
from bids.views.companies_content import shown
from procurement.actions.locking import Stale
from procurement.models import AuditEntry, CompanyProfile, Registration, Tender, User, Vendor
from procurement.models.people import check_tax_id
from procurement.queries import tenders_visible_to
from procurement.rules import Forbidden
from tests.awarded import award_it
from tests.bids.companies import ASKED, DECLARED, PASSWORD, TAX_ID, declared, registered
from tests.bids.paper_reading import awarded_atm
from tests.cast import NOW, publish
from tests.secrets import opened_drafts

pytestmark = pytest.mark.django_db

ENGLISH = {"accept-language": "en"}


# --- the tax id -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", ["04595257", "10458575", "10458574", "10458570", "00000000"])
def test_a_tax_id_has_a_right_checksum(number):
    check_tax_id(number)


@pytest.mark.parametrize(
    "number", ["04595258", "10458576", "1234567", "123456789", "1234567a", "０４５９５２５７", ""]
)
def test_a_wrong_tax_id_is_refused(number):
    with pytest.raises(ValidationError, match="tax id"):
        check_tax_id(number)


def test_two_vendors_have_not_one_tax_id(cast):
    Vendor.objects.filter(pk=cast.vendor.vendor_id).update(tax_id=TAX_ID)
    other = cast.rival.vendor
    other.tax_id = TAX_ID
    with pytest.raises(ValidationError, match="this tax id is there already"):
        other.full_clean()


def test_the_tax_id_is_the_identifier_in_open_data(cast, locked):
    Vendor.objects.filter(pk=cast.vendor.vendor_id).update(tax_id=TAX_ID)
    parties = {party["name"]: party for party in release_of(locked, NOW)["parties"]}
    assert parties["Bedrock Security"]["identifier"]["id"] == TAX_ID
    assert "identifier" not in parties["Quickwin Technology"]


# --- what is declared -------------------------------------------------------------------------------------
def test_every_declaration_stays(cast):
    declared(cast.vendor)
    assert declared(cast.vendor) is None
    declared(cast.vendor, at=NOW + timedelta(days=1), control="JP")
    rows = CompanyProfile.objects.order_by("number").values_list("number", "control", "declared_by")
    assert [row[:2] for row in rows] == [(1, "TW"), (2, "JP")]
    assert rows[0][2] == "Vendor (Bedrock Security)"
    assert (
        '"changed":["control"]'
        in AuditEntry.objects.filter(action="declare company").order_by("seq").last().payload
    )
    with pytest.raises(ValidationError, match="Name the owners of at least 25 %"):
        declared(cast.vendor, owners=[])
    with pytest.raises(ValidationError, match="two capital letters"):
        declared(cast.vendor, control="Taiwan")


def test_that_there_is_no_large_owner_stands_where_owners_do(cast):
    declared(cast.vendor, owners=[], no_large_owner=True)
    rows = dict(shown(CompanyProfile.objects.get(), NOW.date()))
    assert [line.text for line in rows["owners of at least 25 %"]] == [
        "None: no owner holds as much as 25 %."
    ]
    assert "no owner holds as much as 25 %" not in rows


def test_nobody_declares_for_another_company(cast):
    for person in (cast.officer, cast.rival):
        with pytest.raises(Forbidden):
            declare_company(actor=person, vendor=cast.vendor.vendor, values=DECLARED, seen=0, now=NOW)


def form(**typed):
    data = {key: value for key, value in DECLARED.items() if not isinstance(value, list | bool)}
    lists = {"owners": "王大明; TW; 40", "subcontractors": "", "origins": "", "certificates": ""}
    return ProfileForm(data | lists | typed)


def test_lists_are_typed_in_lines():
    typed = form(owners="王大明；tw；40 %\nAnn; JP; 25", certificates="ISO 27001; BSI; IS 1; 2027/6/30")
    assert typed.is_valid(), typed.errors
    assert typed.cleaned_data["owners"] == [
        {"name": "王大明", "country": "TW", "share": "40"},
        {"name": "Ann", "country": "JP", "share": "25"},
    ]
    assert typed.cleaned_data["certificates"][0]["until"] == "2027-06-30"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"owners": "A; TW"}, "Line 1 has 2 parts, and 3 are expected."),
        ({"owners": "A; TW; 40\nB; Taiwan; 30"}, "Line 2: “Taiwan” should be a country"),
        ({"owners": "A; TW; 24"}, "should be a share of 25 to 100 %"),
        ({"owners": "A; TW; 60\nB; TW; 50"}, "add up to more than 100 %"),
        ({"owners": "A; TW; 60\nA; TW; 60"}, "A line stands there twice."),
        ({"owners": "; TW; 60"}, "a text of 1 to 200 characters"),
        ({"certificates": "ISO; BSI; 1; soon"}, "should be a day, as in 2027-06-30"),
        ({"origins": "\n".join(f"P{n}; TW" for n in range(101))}, "more than 100 lines"),
        ({"country": "Taiwan"}, "at most 2 characters"),
        ({"address": "a\x07b"}, "control character"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(typed, said):
    found = form(**typed)
    assert not found.is_valid()
    assert said in str(found.errors.as_text())


def test_columns_are_shown_as_they_are_typed_whatever_the_order_they_are_kept_in():
    for name in ("owners", "subcontractors", "origins", "certificates"):
        columns = ProfileForm.base_fields[name].columns
        assert lines_of([{column: column for column in sorted(columns)}]) == "; ".join(columns)


def test_the_company_page(client, cast, clock):
    client.force_login(cast.vendor)
    where = reverse("company")
    assert "Nothing is declared yet" in client.get(where).content.decode()
    data = {key: value for key, value in DECLARED.items() if not isinstance(value, list | bool)}
    data |= {"owners": "王大明; TW; 40", "certificates": "ISO 27001; BSI; IS 1; 2020-01-01", "seen": "0"}
    assert client.post(where, data).url == where
    page = client.get(where).content.decode()
    assert "王大明; TW; 40" in page
    assert "Ended" in page
    assert client.post(where, data | {"control": "JP"}).status_code == 409
    wrong = client.post(where, data | {"owners": "王大明", "seen": "1"})
    assert wrong.status_code == 422
    assert "Line 1 has 1 parts" in wrong.content.decode()
    client.force_login(cast.officer)
    history = client.get(reverse("vendor-company", args=[cast.vendor.vendor_id])).content.decode()
    assert "王大明; TW; 40" in history
    assert DECLARED["account"] not in history
    client.force_login(cast.rival)
    assert client.get(reverse("vendor-company", args=[cast.vendor.vendor_id])).status_code == 403
    assert DECLARED["address"] not in client.get(where).content.decode()


# --- being let in -----------------------------------------------------------------------------------------
def test_a_company_asks_and_is_let_in(client, cast, clock, django_capture_on_commit_callbacks):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    where = reverse("registration-new")
    response = client.post(where, ASKED | {"password": PASSWORD})
    assert "ann@newcomer.example" in response.content.decode()
    row = Registration.objects.get()
    assert not User.objects.filter(username=row.email).exists()
    assert row.password
    assert PASSWORD not in row.password
    assert PASSWORD not in AuditEntry.objects.get(action="ask for registration").payload
    client.force_login(cast.officer)
    assert "Newcomer Ltd" in client.get(reverse("registrations")).content.decode()
    assert client.get(reverse("registration", args=[row.pk])).status_code == 200
    decide = reverse("registration-decide", args=[row.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(decide, {"version": "1", "approve": "1"}).url == reverse("registrations")
    row.refresh_from_db()
    person = User.objects.get(username="ann@newcomer.example")
    assert (row.approved, row.password, person.vendor.name) == (True, "", "Newcomer Ltd")
    assert (person.vendor.tax_id, person.role) == (TAX_ID, "vendor")
    assert "can sign in" in mail.outbox[0].subject
    client.logout()
    signed_in = client.post(reverse("sign-in"), {"username": person.username, "password": PASSWORD})
    assert signed_in.status_code == 302
    client.force_login(cast.officer)
    assert client.post(decide, {"version": "2", "refuse": "1", "reason": "x"}).status_code == 403


def test_a_refusal_is_mailed_with_its_reason(cast, django_capture_on_commit_callbacks):
    row = registered()
    with pytest.raises(ValidationError, match="Say why"):
        refuse_registration(actor=cast.officer, registration=row, reason=" ", seen=1, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        refuse_registration(actor=cast.officer, registration=row, reason="No address", seen=1, now=NOW)
    assert "No address" in mail.outbox[0].body
    assert mail.outbox[0].to == ["ann@newcomer.example"]
    assert not Vendor.objects.filter(name="Newcomer Ltd").exists()


def test_one_more_person_of_a_vendor(cast):
    approve_registration(
        actor=cast.administrator,
        registration=registered(),
        vendor=cast.vendor.vendor,
        reason="",
        seen=1,
        now=NOW,
    )
    assert cast.vendor.vendor.people.count() == 2


def test_a_name_that_is_taken_makes_no_second_vendor(cast):
    row = registered(name="bedrock　security")
    with pytest.raises(ValidationError, match="is there already"):
        approve_registration(actor=cast.officer, registration=row, vendor=None, reason="", seen=1, now=NOW)
    assert User.objects.filter(vendor=cast.vendor.vendor).count() == 1
    with pytest.raises(Stale):
        approve_registration(actor=cast.officer, registration=row, vendor=None, reason="", seen=7, now=NOW)


@pytest.mark.parametrize("part", ["security", "vendor", "auditor", "approver"])
def test_others_let_nobody_in(cast, part):
    with pytest.raises(Forbidden):
        approve_registration(
            actor=getattr(cast, part), registration=registered(), vendor=None, reason="", seen=1, now=NOW
        )


def test_a_flood_is_stopped(db):
    for number in range(MOST_A_DAY):
        registered(name=f"Company {number}")
    with pytest.raises(ValidationError, match="Too many registrations"):
        registered()
    registered(at=NOW + timedelta(days=1, seconds=1))


def test_the_answer_is_the_same_whoever_is_known(client, cast, clock):
    User.objects.filter(pk=cast.vendor.pk).update(username="known@bank.example")
    Vendor.objects.filter(pk=cast.vendor.vendor_id).update(tax_id=TAX_ID)
    known = client.post(
        reverse("registration-new"),
        ASKED | {"password": PASSWORD, "email": "known@bank.example", "name": "Bedrock Security"},
    )
    assert (known.status_code, known.templates[0].name) == (200, "bids/companies/asked.html")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"tax_id": "04595258"}, "its checksum is wrong"),
        ({"tax_id": ""}, "A company of Taiwan has a tax id."),
        ({"password": "short"}, "too short"),
        ({"email": "nobody"}, "valid email"),
        ({"words": "x" * 2001}, "At most 2,000 characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, db, clock, typed, said):
    response = client.post(
        reverse("registration-new"), ASKED | {"password": PASSWORD} | typed, headers=ENGLISH
    )
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Registration.objects.exists()


# --- who may bid ------------------------------------------------------------------------------------------
@pytest.fixture
def invited(cast, draft):
    return invite_vendors(
        actor=cast.officer,
        tender=draft,
        invited_only=True,
        vendors=[cast.vendor.vendor],
        seen=draft.version,
        now=NOW,
    )


def test_only_invited_vendors_learn_of_a_tender(client, cast, invited, clock):
    tender = publish(invited)
    assert tenders_visible_to(cast.vendor).filter(pk=tender.pk).exists()
    assert not tenders_visible_to(cast.rival).filter(pk=tender.pk).exists()
    assert is_invited(cast.vendor, tender)
    client.force_login(cast.rival)
    for name in ("tender", "bid"):
        assert client.get(reverse(name, args=[tender.pk])).status_code == 404
    client.force_login(cast.vendor)
    page = client.get(reverse("bid", args=[tender.pk]))
    assert page.status_code == 200
    assert client.get(reverse("invitations", args=[tender.pk])).status_code == 403


def test_who_is_not_invited_hands_in_nothing(cast, invited):
    tender = publish(invited)
    with pytest.raises(Forbidden, match="Only invited vendors"):
        drafts.save_draft(
            actor=cast.rival,
            tender=tender,
            opened=opened_drafts(cast.rival),
            answers={},
            price="1",
            seen=0,
            now=NOW,
        )


def test_the_list_is_fixed_with_the_publication(client, cast, invited, clock):
    client.force_login(cast.officer)
    where = reverse("invitations", args=[invited.pk])
    page = client.get(where).content.decode()
    assert "Bedrock Security" in page
    opened = client.post(where, {"version": invited.version})
    assert opened.url == where
    invited.refresh_from_db()
    assert (invited.invited_only, invited.invited.count()) == (False, 0)
    empty = client.post(where, {"version": invited.version, "invited_only": "on"})
    assert "Choose who is invited" in empty.content.decode()
    publish(invited)
    refused = client.post(where, {"version": invited.version, "invited_only": "on"})
    assert refused.status_code == 403


def test_open_data_says_that_the_tender_is_limited(cast, invited):
    assert release_of(invited, NOW)["tender"]["procurementMethod"] == "limited"
    Tender.objects.update(invited_only=False)
    assert release_of(Tender.objects.get(), NOW)["tender"]["procurementMethod"] == "open"


def test_amendments_are_mailed_to_the_invited(cast, invited):
    User.objects.filter(pk__in=[cast.vendor.pk, cast.rival.pk]).update(email="someone@vendor.example")
    tender = publish(invited)
    row = Amendment(
        tender=tender, kind="extension", text_en="Later", text_zh="延後", package=tender.packages.get()
    )
    _tell([row])
    assert len(mail.outbox) == 1


# --- what follows from it ---------------------------------------------------------------------------------
def test_a_certificate_that_ends_is_reminded_of(cast, clock):
    User.objects.filter(pk=cast.vendor.pk).update(email="vendor@bedrock.example")
    last = timezone.localdate(NOW) + timedelta(days=30)
    declared(cast.vendor, certificates=[DECLARED["certificates"][0] | {"until": last.isoformat()}])
    for days, mails in ((0, 1), (1, 1), (23, 2), (29, 3), (30, 4), (31, 4)):
        send_reminders(now=NOW + timedelta(days=days))
        assert len(mail.outbox) == mails, days
    assert "A certificate ends: declare the next one: ISO 27001 IS 1" in mail.outbox[0].body


def test_concentration_adds_up_what_stands(client, cast, priced, clock):
    assert concentration(NOW.date()) == []
    award = award_it(priced)
    atm = awarded_atm(cast)
    rows = concentration(NOW.date())
    assert sum(row.share for row in rows) == 1
    assert {row.vendor: row.value for row in rows} == {
        award.bid.vendor: award.bid.price,
        award_of(atm).bid.vendor: award_of(atm).bid.price,
    }
    client.force_login(cast.auditor)
    page = client.get(reverse("vendor-concentration")).content.decode()
    assert rows[0].vendor.name in page
    type(award).objects.filter(pk=award.pk).update(suspended_at=NOW, suspended_by="x")
    assert [row.share for row in concentration(NOW.date())] == [1]


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_ask_as_often_for_many_as_for_one(client, cast, clock, django_assert_num_queries, number):
    for n in range(number):
        registered(name=f"Company {n}")
    client.force_login(cast.administrator)
    client.get(reverse("registrations"))
    with django_assert_num_queries(4):
        client.get(reverse("registrations"))


def test_what_waits_stands_among_the_tasks(client, cast, clock):
    registered()
    client.force_login(cast.officer)
    assert "Let a company in, or not" in client.get(reverse("work")).content.decode()
    client.force_login(cast.vendor)
    assert "Declare who you are" in client.get(reverse("work")).content.decode()
    declared(cast.vendor)
    assert "Declare who you are" not in client.get(reverse("work")).content.decode()
    soon = timezone.localdate(NOW) + timedelta(days=29)
    declared(cast.vendor, certificates=[DECLARED["certificates"][0] | {"until": soon.isoformat()}])
    assert "A certificate ends" in client.get(reverse("work")).content.decode()

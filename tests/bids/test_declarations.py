"""Interests are declared between the naming of the bidders and the opening, and a recused person is out."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids import queries
from bids.actions import opening, panel
from bids.choices import DeclarationOutcome, Envelope
from bids.models import Bid, Claim, Declaration, Recusal
from procurement.choices import Aggregation, Method, Profile, Stage
from procurement.models import AuditEntry, Seat
from procurement.rules import Forbidden
from tests.bids.vendors import withdraw
from tests.cast import NOW, declare_nothing, hand_in, open_bids, open_technical, unlock

PROMISES = ["I keep silent.", "I take nothing."]


def seat_of(tender, person):
    return tender.seats.get(user=person)


def declare(tender, person, *vendors, name=None):
    return panel.declare(
        actor=person,
        seat=seat_of(tender, person),
        interests=[
            {"vendor": vendor, "ground": "kin", "detail": "A brother works there."} for vendor in vendors
        ],
        undertakings=PROMISES,
        typed_name=person.name if name is None else name,
        now=NOW,
    )


def recuse(cast, tender, person, vendor="Bedrock Security"):
    """A member is recused; an absent one, who owes nothing, keeps the panel at two who can decide."""
    absent = {"position": 9, "unit": cast.officer.unit, "present": False}
    Seat.objects.get_or_create(tender=tender, code="absent", defaults=absent)
    bid = Bid.objects.get(tender=tender, vendor__name=vendor)
    return panel.recuse(actor=cast.officer, seat=seat_of(tender, person), bid=bid, reason="kin", now=NOW)


def page(client, person, name, tender, status=200):
    client.force_login(person)
    answer = client.get(reverse(name, args=[tender.pk]))
    assert answer.status_code == status
    return answer.content.decode()


# --- who bid ----------------------------------------------------------------------------------------------
def test_the_bidders_are_named_to_the_bank_and_nothing_else_is(client, clock, cast, named):
    for person in (cast.officer, cast.security, cast.approver, cast.auditor):
        text = page(client, person, "opening", named)
        assert text.index("Bedrock Security") < text.index("Quickwin Technology")
        assert "2 bidders are named" in text
        assert not queries.bids_visible_to(person).exists()
        assert not queries.claims_visible_to(person).exists()
        for name in ("verification", "marks", "decision"):
            page(client, person, name, named, status=403)
    for person in (cast.stranger, cast.administrator):
        page(client, person, "opening", named, status=404)
    assert "Quickwin" not in page(client, cast.vendor, "bid", named)


def test_who_withdrew_is_no_bidder(cast, published):
    hand_in(cast.rival, published, "1", at=NOW - timedelta(hours=3))
    receipt = hand_in(cast.vendor, published, "1", at=NOW - timedelta(hours=3))
    withdraw(cast.vendor, receipt.bid, at=NOW - timedelta(hours=2))
    published.deadline = NOW - timedelta(hours=1)
    published.save()
    named = opening.name_bidders(actor=cast.officer, tender=published, now=NOW)
    assert [str(bid) for bid in queries.bidders_visible_to(cast.officer, named)] == ["Quickwin Technology"]
    payload = json.loads(AuditEntry.objects.get(action="name bidders").payload)
    assert payload == {"bidders": ["Quickwin Technology"]}


# --- declaring --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["Security", " Ｓecurity ", "Secu rity", "Ｓｅｃｕｒｉｔｙ"])
def test_the_typed_name_is_the_signature(cast, named, typed):
    row = declare(named, cast.security, name=typed)
    assert (row.number, row.signed_name, row.interests) == (1, "Security (Security)", [])
    assert row.undertakings == PROMISES
    assert row.is_settled


@pytest.mark.parametrize("typed", ["", "security", "Business", "Security 2"])
def test_another_name_signs_nothing(cast, named, typed):
    with pytest.raises(ValidationError, match="Type your full name as it stands here: Security"):
        declare(named, cast.security, name=typed)
    assert not Declaration.objects.exists()


def test_who_may_declare_and_when(cast, closed, request):
    with pytest.raises(Forbidden, match="have not been named yet"):
        declare(closed, cast.security)
    tender = request.getfixturevalue("named")
    with pytest.raises(Forbidden, match="Only the member on this seat"):
        panel.declare(
            actor=cast.business,
            seat=seat_of(tender, cast.security),
            interests=[],
            undertakings=PROMISES,
            typed_name="Business",
            now=NOW,
        )
    declare(tender, cast.security)
    with pytest.raises(Forbidden, match="declared and signed already"):
        declare(tender, cast.security, "Bedrock Security")


@pytest.mark.parametrize(
    "interest",
    [
        {"vendor": "Nobody Ltd", "ground": "kin", "detail": "x"},
        {"vendor": "Bedrock Security", "ground": "friendship", "detail": "x"},
        {"vendor": "Bedrock Security", "ground": "kin", "detail": ""},
    ],
)
def test_an_interest_is_in_a_bidder_for_a_ground_with_particulars(cast, named, interest):
    with pytest.raises(ValidationError):
        panel.declare(
            actor=cast.security,
            seat=seat_of(named, cast.security),
            interests=[interest],
            undertakings=PROMISES,
            typed_name="Security",
            now=NOW,
        )


def test_a_member_declares_on_one_page(client, clock, cast, named):
    address = reverse("declaration", args=[named.pk])
    client.force_login(cast.security)
    text = client.get(address).content.decode()
    assert "Employment or agency within three years" in text
    bid = Bid.objects.get(vendor__name="Bedrock Security")
    signed = {"confidentiality": "on", "conduct": "on", "signed_name": "Security"}
    grounds, detail = {f"grounds-{bid.pk}": ["self", "kin"]}, {f"detail-{bid.pk}": "A brother."}
    refused = [
        (signed, "Say whether you have an interest"),
        (signed | {"none": "on"} | grounds | detail, "Leave one of them out."),
        (signed | grounds, "Say what connects you with Bedrock Security."),
        (signed | {"none": "on"} | detail, "Tick the ground that this is about."),
        ({"none": "on", "conduct": "on", "signed_name": "Security"}, "This field is required."),
        ({"none": "on", "confidentiality": "on", "conduct": "on", "signed_name": "X"}, "Type your full name"),
    ]
    for data, why in refused:
        answer = client.post(address, data)
        assert (answer.status_code, why in answer.content.decode()) == (422, True), why
    kept = client.post(address, signed | grounds | detail | {"signed_name": "X"}).content.decode()
    assert "A brother." in kept
    assert not Declaration.objects.exists()
    done = client.post(address, signed | grounds | detail, follow=True).content.decode()
    row = Declaration.objects.get()
    assert row.interests == [
        {"vendor": "Bedrock Security", "ground": "self", "detail": "A brother."},
        {"vendor": "Bedrock Security", "ground": "kin", "detail": "A brother."},
    ]
    assert len(row.undertakings) == 2
    assert "The officer decides on it before the bids are opened." in done
    assert client.post(address, signed | {"none": "on"}).status_code == 403


def test_only_members_of_the_panel_have_the_page(client, clock, cast, named, draft):
    for person in (cast.officer, cast.approver, cast.auditor, cast.stranger, cast.vendor):
        page(client, person, "declaration", named, status=404)


def test_declared_interests_are_read_by_officers_and_auditors_only(client, clock, cast, named):
    declare(named, cast.security, "Bedrock Security")
    for person in (cast.officer, cast.auditor):
        assert "A brother works there." in page(client, person, "opening", named)
    for person in (cast.business, cast.approver):
        text = page(client, person, "opening", named)
        assert "A brother works there." not in text
        assert "Interest declared" not in text
    assert "A brother works there." in page(client, cast.security, "declaration", named)


# --- the opening waits ------------------------------------------------------------------------------------
def test_the_bids_stay_closed_until_everybody_present_has_declared(cast, named):
    with pytest.raises(ValidationError, match="not been declared yet by: Security, Business"):
        opening.open_technical(actor=cast.officer, tender=named, now=NOW)
    declare(named, cast.business)
    with pytest.raises(ValidationError, match=r"not been declared yet by: Security\."):
        opening.open_technical(actor=cast.officer, tender=named, now=NOW)
    seat = seat_of(named, cast.security)
    panel.set_presence(actor=cast.officer, seat=seat, present=False, reason="ill", seen=1, now=NOW)
    assert open_technical(cast.officer, named).stage == Stage.TECHNICAL_OPENED


def test_an_unsettled_interest_keeps_the_bids_closed(cast, named):
    declare(named, cast.business)
    row = declare(named, cast.security, "Bedrock Security")
    with pytest.raises(ValidationError, match="wait for the officer: Security"):
        opening.open_technical(actor=cast.officer, tender=named, now=NOW)
    panel.ask_again(actor=cast.officer, declaration=row, reason="Which brother?", now=NOW)
    with pytest.raises(ValidationError, match="not been declared yet by: Security"):
        opening.open_technical(actor=cast.officer, tender=named, now=NOW)
    declare(named, cast.security)
    assert open_technical(cast.officer, named).stage == Stage.TECHNICAL_OPENED
    kept = row.seat.declarations.order_by("number").values_list("number", "outcome", "outcome_reason")
    assert list(kept) == [(1, DeclarationOutcome.ASKED, "Which brother?"), (2, "", "")]


def test_seats_without_an_account_are_not_asked(cast, draft, request):
    Seat.objects.filter(user=cast.business).update(user=None)
    tender = request.getfixturevalue("named")
    declare(tender, cast.security)
    assert open_technical(cast.officer, tender).stage == Stage.TECHNICAL_OPENED


def test_without_bidders_nobody_declares(cast, published):
    published.deadline = NOW - timedelta(hours=1)
    published.save()
    named = opening.name_bidders(actor=cast.officer, tender=published, now=NOW)
    assert open_technical(cast.officer, named).stage == Stage.TECHNICAL_OPENED


# --- what the officer does --------------------------------------------------------------------------------
def test_a_declared_interest_is_settled_by_recusal_from_the_bid(client, clock, cast, named):
    row = declare(named, cast.security, "Bedrock Security")
    address, data = reverse("declaration-settle", args=[row.pk]), {"outcome": "recused", "reason": "kin"}
    client.force_login(cast.security)
    assert client.post(address, data).status_code == 403
    client.force_login(cast.business)
    assert client.post(address, data).status_code == 404
    client.force_login(cast.officer)
    assert client.post(address, data | {"reason": ""}).status_code == 422
    assert client.post(address, data).status_code == 302
    recusal = Recusal.objects.get()
    assert (str(recusal.bid), recusal.reason, recusal.at) == ("Bedrock Security", "kin", NOW)
    assert recusal.by_name == "Officer (Procurement)"
    assert client.post(address, data).status_code == 403


@pytest.mark.parametrize(
    "rules",
    [
        {"profile": Profile.TW_PUBLIC},
        {"aggregation": Aggregation.SUM},
        {"method": Method.RANK_SUM},
    ],
)
def test_under_some_rules_one_interest_is_out_of_the_whole_case(cast, draft, request, rules):
    type(draft).objects.filter(pk=draft.pk).update(**rules)
    draft.refresh_from_db()
    tender = request.getfixturevalue("named")
    row = declare(tender, cast.security, "Bedrock Security")
    panel.settle_by_recusal(actor=cast.officer, declaration=row, reason="kin", now=NOW)
    assert {str(recusal.bid) for recusal in Recusal.objects.all()} == {
        "Bedrock Security",
        "Quickwin Technology",
    }
    assert queries.bidders_visible_to(cast.security, tender) == []
    panel.lift_recusal(actor=cast.officer, recusal=Recusal.objects.first(), reason="a namesake", now=NOW)
    assert not Recusal.objects.exists()


def test_a_mistaken_recusal_is_lifted_before_the_opening_only(client, clock, cast, named):
    recusal = recuse(cast, named, cast.security)
    address = reverse("recusal-lift", args=[recusal.pk])
    client.force_login(cast.officer)
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "wrong bid"}).status_code == 302
    assert not Recusal.objects.exists()
    entry = AuditEntry.objects.get(action="lift recusal")
    assert json.loads(entry.payload) == {"bids": ["Bedrock Security"], "reason": "wrong bid"}
    recusal = recuse(cast, named, cast.security)
    open_bids(cast.officer, named)
    with pytest.raises(Forbidden, match="before the bids are opened, and not afterwards"):
        panel.lift_recusal(actor=cast.officer, recusal=recusal, reason="x", now=NOW)


def test_who_was_recused_for_a_declaration_declares_anew_when_that_is_lifted(cast, named):
    row = declare(named, cast.security, "Bedrock Security")
    panel.settle_by_recusal(actor=cast.officer, declaration=row, reason="kin", now=NOW)
    panel.lift_recusal(actor=cast.officer, recusal=Recusal.objects.get(), reason="a namesake", now=NOW)
    declare(named, cast.business)
    with pytest.raises(ValidationError, match="not been declared yet by: Security"):
        opening.open_technical(actor=cast.officer, tender=named, now=NOW)
    assert declare(named, cast.security).number == 2


def test_a_member_who_is_out_of_everything_declares_nothing(cast, named):
    for vendor in ("Bedrock Security", "Quickwin Technology"):
        recuse(cast, named, cast.security, vendor)
    declare(named, cast.business)
    assert open_technical(cast.officer, named).stage == Stage.TECHNICAL_OPENED


# --- who comes late ---------------------------------------------------------------------------------------
def test_who_was_absent_sees_no_bid_before_declaring(client, clock, cast, named):
    declare(named, cast.business)
    seat = seat_of(named, cast.security)
    seat = panel.set_presence(actor=cast.officer, seat=seat, present=False, reason="ill", seen=1, now=NOW)
    tender = open_technical(cast.officer, named)
    assert not queries.bids_visible_to(cast.security).exists()
    assert not queries.claims_visible_to(cast.security).exists()
    back = {"actor": cast.officer, "seat": seat, "present": True, "reason": "well", "now": NOW}
    with pytest.raises(ValidationError, match="Security has not declared interests yet"):
        panel.set_presence(**back, seen=2)
    row = declare(tender, cast.security, "Bedrock Security")
    with pytest.raises(ValidationError, match="or they are not settled"):
        panel.set_presence(**back, seen=2)
    panel.settle_by_recusal(actor=cast.officer, declaration=row, reason="kin", now=NOW)
    assert panel.set_presence(**back, seen=2).present
    assert [str(bid) for bid in queries.bids_visible_to(cast.security)] == ["Quickwin Technology"]


# --- who is out -------------------------------------------------------------------------------------------
def test_a_recused_person_finds_the_bid_behind_no_door(client, clock, cast, named):
    recuse(cast, named, cast.security)
    tender = open_bids(cast.officer, named)
    vendor = "Bedrock Security"
    assert vendor not in {str(bid) for bid in queries.bids_visible_to(cast.security)}
    assert not queries.claims_visible_to(cast.security).filter(bid__vendor__name=vendor).exists()
    assert not queries.claims_to_verify(cast.security).filter(bid__vendor__name=vendor).exists()
    assert not queries.attachments_visible_to(cast.security).filter(bid__vendor__name=vendor).exists()
    bid = Bid.objects.get(tender=tender, vendor__name=vendor)
    plan = queries.marking(tender)
    assert bid not in plan.bids_of(seat_of(tender, cast.security))
    assert not queries.marks_visible_to(cast.security, tender, plan).filter(bid=bid).exists()
    hidden = Claim.objects.filter(bid=bid).first()
    client.force_login(cast.security)
    assert client.post(reverse("finding-save", args=[hidden.pk]), {"version": 1}).status_code == 404
    cell = [tender.pk, tender.criteria.get(code="S").pk, bid.pk]
    assert client.post(reverse("mark-save", args=cell), {"mark": "1", "version": 0}).status_code == 404
    for name in ("work", "tenders"):
        assert vendor not in client.get(reverse(name)).content.decode()
    for name in ("tender", "verification", "marks"):
        assert vendor not in client.get(reverse(name, args=[tender.pk])).content.decode()


def test_the_ranking_shows_every_bid_and_so_not_to_a_recused_member(client, clock, cast, named, request):
    recuse(cast, named, cast.business)
    tender = request.getfixturevalue("priced")
    for name in ("decision", "workbook", "case-file", "result-file"):
        assert "kept from a bid of this tender" in page(client, cast.business, name, tender, status=403)
        client.force_login(cast.security)
        assert client.get(reverse(name, args=[tender.pk])).status_code == 200, name
    assert "Ranking and decision" not in page(client, cast.business, "tender", tender)


# --- work -------------------------------------------------------------------------------------------------
def test_work_says_who_has_to_declare_and_to_settle(client, clock, cast, named):
    def work(person):
        client.force_login(person)
        context = client.get(reverse("work")).context
        own = [task.what for task in context["tasks"] if task.tender == named]
        return own, [(wait.what, wait.who) for wait in context["waits"]]

    assert work(cast.security)[0] == ["Declare your interests"]
    unlocks = "Unlock: Technical envelope"
    assert work(cast.officer) == (
        [unlocks],
        [
            ("Declaration of interests", "Security Security"),
            ("Declaration of interests", "Business Business"),
        ],
    )
    declare(named, cast.security, "Bedrock Security")
    assert work(cast.security)[0] == []
    assert sorted(work(cast.officer)[0]) == ["Settle declared interests", unlocks]
    row = Declaration.objects.get()
    panel.settle_by_recusal(actor=cast.officer, declaration=row, reason="kin", now=NOW)
    declare_nothing(named)
    unlock(named, Envelope.TECHNICAL)
    assert work(cast.officer) == (["Open the bids"], [])


# --- further members --------------------------------------------------------------------------------------
def test_a_member_is_appointed_before_the_opening_and_declares(client, clock, cast, named):
    address, data = (
        reverse("member-appoint", args=[named.pk]),
        {"user": cast.stranger.pk, "reason": "in place"},
    )
    client.force_login(cast.security)
    assert client.post(address, data).status_code == 403
    client.force_login(cast.officer)
    assert client.post(address, data | {"reason": ""}).status_code == 422
    assert client.post(address, data | {"user": cast.business.pk}).status_code == 422
    assert client.post(address, data | {"expert": "on"}).status_code == 302
    seat = seat_of(named, cast.stranger)
    assert (seat.unit, seat.expert, seat.code) == (cast.stranger.unit, True, "stranger")
    with pytest.raises(ValidationError, match="Security, Business, Stranger"):
        opening.open_technical(actor=cast.officer, tender=named, now=NOW)
    assert open_bids(cast.officer, named).stage == Stage.TECHNICAL_OPENED
    named.refresh_from_db()
    with pytest.raises(Forbidden, match="belongs to the stage"):
        panel.appoint(actor=cast.officer, tender=named, user=cast.stranger, expert=False, reason="x", now=NOW)

"""The small cast that plays every test, and the tender that it plays with."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from bids.actions import drafts, opening, panel, scoring, submission, unlocking
from bids.actions.custody import make_keys
from bids.cases import publication_fingerprint, publication_text
from bids.choices import Envelope
from bids.models import Bid, OfficerKey, OpeningOfficer, Submission
from bids.queries import code_of, declaration_states, marking
from bids.sealing import officers, suite
from bids.sealing.locking import Cost
from procurement.choices import Kind, PriceFormula, Role, Severity, Stage, SystemClass
from procurement.models import Criterion, Intake, Requirement, Seat, Tender, Unit, User, Vendor
from tests.remembered import remembered
from tests.secrets import NOW, PASSWORD, opened_drafts, sign_in  # noqa: F401 - asked for with the cast
from tests.signing_off import sign_off


@dataclass
class Cast:
    """Everybody by part."""

    officer: User
    security: User
    business: User
    approver: User
    next_above: User
    security_head: User
    business_head: User
    auditor: User
    administrator: User
    vendor: User
    rival: User
    stranger: User

    def everybody(self) -> dict[str, User]:
        """Person by part."""
        return vars(self)


#: What unlocks the keys of those who open bids, by user name.
PASSPHRASES: dict[str, str] = {}
#: The tender that every test plays with, and who opens its bids.
REFERENCE = "ITS-2026-900"
OPENERS = ("officer", "auditor", "next_above")


def give_key(user: User, *, at: datetime = NOW) -> OfficerKey:
    """An opening key that was proved at that moment; its passphrase is in `PASSPHRASES`."""
    made = officers.enrol(code_of(user), cost=Cost(*settings.SEALING_COST))
    PASSPHRASES[user.username] = made.passphrase
    return OfficerKey.objects.create(
        user=user,
        public=made.public.hex(),
        fingerprint=suite.fingerprint(made.public),
        locked=made.locked,
        made_at=at,
        drilled_at=at,
    )


def _person(username: str, role: Role, *, unit: Unit | None = None, vendor: Vendor | None = None) -> User:
    return User.objects.create(
        username=username,
        password=make_password(PASSWORD),
        name=username.title(),
        role=role,
        unit=unit,
        vendor=vendor,
        language="en",
    )


def enter_units() -> dict[str, Unit]:
    """The units, by code; each code is its side."""
    names = {
        "management": ("經理部門", "Management"),
        "it": ("資訊處", "IT"),
        "security": ("資安處", "Security"),
        "business": ("業務處", "Business"),
        "procurement": ("採購處", "Procurement"),
        "audit": ("稽核處", "Audit"),
    }
    return {
        code: Unit.objects.create(code=code, name_zh=zh, name_en=en, kind=code)
        for code, (zh, en) in names.items()
    }


@pytest.fixture
def units(db: None) -> dict[str, Unit]:
    """The units, by code."""
    remembered("units", enter_units, PASSPHRASES)
    return {unit.code: unit for unit in Unit.objects.all()}


def enter_cast(units: dict[str, Unit]) -> Cast:
    """Officer, members, approvers, auditor, administrator, two vendors' people, and a member with no seat."""
    return Cast(
        officer=_person("officer", Role.OFFICER, unit=units["procurement"]),
        security=_person("security", Role.MEMBER, unit=units["security"]),
        business=_person("business", Role.MEMBER, unit=units["business"]),
        approver=_person("approver", Role.APPROVER, unit=units["management"]),
        next_above=_person("next_above", Role.APPROVER, unit=units["management"]),
        security_head=_person("security_head", Role.APPROVER, unit=units["security"]),
        business_head=_person("business_head", Role.APPROVER, unit=units["business"]),
        auditor=_person("auditor", Role.AUDITOR, unit=units["audit"]),
        administrator=_person("administrator", Role.ADMINISTRATOR, unit=units["it"]),
        vendor=_person("vendor", Role.VENDOR, vendor=Vendor.objects.create(name="Bedrock Security")),
        rival=_person("rival", Role.VENDOR, vendor=Vendor.objects.create(name="Quickwin Technology")),
        stranger=_person("stranger", Role.MEMBER, unit=units["business"]),
    )


@pytest.fixture
def cast(units: dict[str, Unit]) -> Cast:
    """Everybody."""
    remembered("cast", lambda: enter_cast(units), PASSPHRASES)
    people = {user.username: user for user in User.objects.select_related("unit", "vendor")}
    return Cast(**{field.name: people[field.name] for field in fields(Cast)})


#: Answers that make a Class 1 system.
ANSWERS = {
    "bought": ["atm-endpoint"],
    "system": "class1",
    "data": "financial",
    "exposure": "internal",
    "operator": "remote",
    "impact": "all",
    "place": "premises",
    "price": "from-10m",
}


def enter_intake(tender: Tender) -> Intake:
    """An intake that is answered and proposes nothing, so that a test changes what it likes in the draft."""
    return Intake.objects.create(
        tender=tender,
        rules="tests",
        answers=ANSWERS,
        worst=ANSWERS,
        system_class="1",
        level="high",
        tier="medium",
        proposals=[],
        answered_by="Officer (Procurement)",
        answered_at=NOW - timedelta(days=30),
    )


def enter_draft(cast: Cast, units: dict[str, Unit]) -> Tender:
    """A complete draft: two gates, one scored requirement, 45 security + 25 quality + 30 price, two seats."""
    tender = Tender.objects.create(
        reference=REFERENCE,
        title="ATM end-point protection",
        officer=cast.officer,
        system="ATM",
        system_class=SystemClass.CLASS_1,
        owner_unit=units["security"],
        owner=cast.security,
        approver=cast.approver,
        escalation=cast.next_above,
        price_formula=PriceFormula.CEILING_LINEAR,
        price_parameters={"ceiling": "20000000", "floor": "10000000"},
        tie_break=["heaviest-criterion", "lots"],
        budget="18500000",
        deadline=NOW + timedelta(days=7),
    )
    for position, (code, mandatory, severity) in enumerate(
        [("R1", True, Severity.CRITICAL), ("R2", True, Severity.HIGH), ("R3", False, Severity.MEDIUM)]
    ):
        Requirement.objects.create(
            tender=tender,
            position=position,
            code=code,
            title=f"Requirement {code}",
            mandatory=mandatory,
            severity=severity,
            unit=units["security"],
            owner=cast.security,
            source="ATM baseline 4.1",
            evidence="Test report",
        )
    leaves = [("S", Kind.SECURITY, "45"), ("Q", Kind.QUALITY, "25"), ("P", Kind.PRICE, "30")]
    for position, (code, kind, weight) in enumerate(leaves):
        Criterion.objects.create(
            tender=tender, position=position, code=code, title=kind.label, kind=kind, weight=weight
        )
    for position, person in enumerate((cast.security, cast.business)):
        Seat.objects.create(
            tender=tender,
            position=position,
            code=person.username,
            unit=person.unit,
            user=person,
            name=person.name,
        )
    enter_intake(tender)
    for position, name in enumerate(OPENERS):
        user = getattr(cast, name)
        give_key(user)
        OpeningOfficer.objects.create(tender=tender, user=user, position=position)
    return sign_off(tender)


@pytest.fixture
def draft(cast: Cast, units: dict[str, Unit], anchored: Path) -> Tender:
    """A complete draft, on a site that can sign."""
    return _remembered("draft", lambda: enter_draft(cast, units))


def _remembered(name: str, build: Callable[[], object]) -> Tender:
    """The tender of the tests after something was built, or put back as it was built for a test before."""
    remembered(name, build, PASSPHRASES)
    return Tender.objects.get(reference=REFERENCE)


# --- the same tender, stage by stage ----------------------------------------------------------------------
@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Stops the site's clock at `NOW`; called with a moment it moves there."""

    def stop_at(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    stop_at(NOW)
    return stop_at


def publish(tender: Tender, *, at: datetime = NOW - timedelta(days=7)) -> Tender:
    """Freeze a draft as it stands."""
    tender.refresh_from_db()
    tender.published_text = publication_text(tender)
    tender.fingerprint = publication_fingerprint(tender.published_text)
    tender.published_at, tender.stage = at, Stage.PUBLISHED
    tender.save()
    make_keys(tender, at)
    return tender


def hand_in(person: User, tender: Tender, price: str, *, at: datetime = NOW, **answers: str) -> Submission:
    """A vendor's person answers all requirements, "met" unless told (`R1="not_met"`), and hands in."""
    given = {row.code: answers.get(row.code, "met") for row in tender.requirements.all()}
    said = {
        code: {"answer": answer, "note": "None here" if answer == "not_applicable" else ""}
        for code, answer in given.items()
    }
    known = Bid.objects.filter(tender=tender, vendor=person.vendor).first()
    seen, opened = known.version if known else 0, opened_drafts(person)
    bid = drafts.save_draft(
        actor=person, tender=tender, opened=opened, answers=said, price=price, seen=seen, now=at
    )
    return submission.submit_bid(
        actor=person,
        tender=tender,
        opened=opened,
        price=Decimal(price),
        seen=bid.version,
        key=uuid4(),
        clock=lambda: at,
    )


def mark_everything(tender: Tender, marks: dict[str, dict[str, str]], *, price: bool = False) -> None:
    """Every seat gives the same marks: by vendor, then by criterion."""
    plan = marking(tender)
    for seat in plan.seats:
        for leaf, bid in plan.cells_of(seat, price=price):
            scoring.save_mark(
                actor=seat.user,
                seat=seat,
                bid=bid,
                criterion=leaf.row,
                mark=Decimal(marks[bid.vendor.name][leaf.row.code]),
                comment="",
                seen=0,
                now=NOW,
            )


@pytest.fixture
def published(draft: Tender) -> Tender:
    """Open for bids, which nobody has handed in."""
    _remembered("published", lambda: publish(draft))
    draft.refresh_from_db()
    return draft


def close(cast: Cast, tender: Tender) -> Tender:
    """Both vendors hand in, and the deadline is over."""
    hand_in(cast.vendor, tender, "15000000", at=NOW - timedelta(hours=3))
    hand_in(cast.rival, tender, "12000000", at=NOW - timedelta(hours=2))
    tender.deadline = NOW - timedelta(hours=1)
    tender.save()
    return tender


@pytest.fixture
def closed(cast: Cast, published: Tender) -> Tender:
    """Two bids came in; the deadline was an hour ago and nobody has opened them."""
    _remembered("closed", lambda: close(cast, published))
    published.refresh_from_db()
    return published


@pytest.fixture
def named(cast: Cast, closed: Tender) -> Tender:
    """The bank knows who bid, and nothing more."""
    return _remembered("named", lambda: opening.name_bidders(actor=cast.officer, tender=closed, now=NOW))


def declare_nothing(tender: Tender, *, at: datetime = NOW) -> None:
    """Every member who still has to declare says that there is no interest in any bidder."""
    for standing in declaration_states(tender):
        if standing.is_missing:
            seat = standing.seat
            panel.declare(
                actor=seat.user,
                seat=seat,
                interests=[],
                undertakings=["I keep silent."],
                typed_name=seat.user.name,
                now=at,
            )


def open_bids(officer: User, tender: Tender, *, at: datetime = NOW) -> Tender:
    """From the deadline to opened bids: the bidders are named, and nobody has an interest in one."""
    if tender.stage == Stage.PUBLISHED:
        tender = opening.name_bidders(actor=officer, tender=tender, now=at)
    declare_nothing(tender, at=at)
    return open_technical(officer, tender, at=at)


def open_technical(officer: User, tender: Tender, *, at: datetime = NOW) -> Tender:
    """Two officers unlock the envelopes, and the bids are read."""
    unlock(tender, Envelope.TECHNICAL, at=at)
    return opening.open_technical(actor=officer, tender=tender, now=at)


def open_prices(officer: User, tender: Tender, *, at: datetime = NOW) -> Tender:
    """Two officers unlock the prices, and they are read."""
    unlock(tender, Envelope.PRICE, at=at)
    return opening.open_prices(actor=officer, tender=tender, now=at)


@pytest.fixture
def opened(cast: Cast, named: Tender) -> Tender:
    """Claims can be verified and bids marked."""
    return _remembered("opened", lambda: open_bids(cast.officer, named))


def lock(cast: Cast, tender: Tender) -> Tender:
    """Everybody marks and submits, and the marks are locked."""
    marks = {"Bedrock Security": {"S": "40", "Q": "20"}, "Quickwin Technology": {"S": "30", "Q": "22"}}
    mark_everything(tender, marks)
    for seat in tender.seats.filter(present=True):
        scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)
    return opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)


@pytest.fixture
def locked(cast: Cast, opened: Tender) -> Tender:
    """Both members marked: 40 and 20 for the vendor, 30 and 22 for the rival."""
    return _remembered("locked", lambda: lock(cast, opened))


@pytest.fixture
def priced(cast: Cast, locked: Tender) -> Tender:
    """The prices are open, and the bids can be ranked."""
    return _remembered("priced", lambda: open_prices(cast.officer, locked))


# --- two officers at an envelope ---------------------------------------------------------------------------
def unlock(tender: Tender, envelope: Envelope, *names: str, at: datetime = NOW) -> None:
    """Two officers, or those that are named, take their turns at an envelope."""
    for name in names or OPENERS[:2]:
        unlocking.unlock_envelope(
            actor=User.objects.get(username=name),
            tender=tender,
            envelope=envelope,
            typed=PASSPHRASES[name],
            now=at,
        )

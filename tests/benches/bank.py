"""A bank with a tender that many vendors bid on; needs Django to be set up."""

from datetime import datetime

from bids.actions import drafts, staging
from bids.actions.custody import appoint_opening_officers
from bids.models import Bid
from bids.queries import OpenedKey
from procurement.choices import Kind, PriceFormula, Role, Severity
from procurement.models import Criterion, Requirement, Seat, Tender, Unit, User, Vendor
from tests.cast import OPENERS, give_key, publish

#: Where each file of `content.bundle` stands.
CODES = ("R1", "R2", "R3")
PRICE = "15000000"


def enter_tender(now: datetime, deadline: datetime) -> Tender:
    """The people of the bank, and a tender that is open for bids."""
    units = {
        code: Unit.objects.create(code=code, name_zh=code, name_en=code, kind=code)
        for code in ("procurement", "security", "business", "audit", "management")
    }
    roles = {
        "officer": (Role.OFFICER, "procurement"),
        "security": (Role.MEMBER, "security"),
        "business": (Role.MEMBER, "business"),
        "auditor": (Role.AUDITOR, "audit"),
        "next_above": (Role.APPROVER, "management"),
    }
    people = {
        name: User.objects.create(
            username=name, name=name.title(), role=role, unit=units[unit], language="en"
        )
        for name, (role, unit) in roles.items()
    }
    tender = Tender.objects.create(
        reference="BENCH",
        title="Made up to be timed",
        officer=people["officer"],
        price_formula=PriceFormula.CEILING_LINEAR,
        price_parameters={"ceiling": "20000000", "floor": "10000000"},
        deadline=deadline,
    )
    for position, code in enumerate(CODES):
        Requirement.objects.create(
            tender=tender, position=position, code=code, title=code, severity=Severity.HIGH, mandatory=False
        )
    for position, (kind, weight) in enumerate([(Kind.SECURITY, "70"), (Kind.PRICE, "30")]):
        Criterion.objects.create(
            tender=tender, position=position, code=kind.value, title=kind.value, kind=kind, weight=weight
        )
    for position, name in enumerate(("security", "business")):
        user = people[name]
        Seat.objects.create(
            tender=tender, position=position, code=name, unit=user.unit, user=user, name=user.name
        )
    for name in OPENERS:
        give_key(people[name], at=now)
    appoint_opening_officers(
        actor=people["officer"], tender=tender, users=[people[name] for name in OPENERS], now=now
    )
    return publish(tender, at=now)


def enter_vendor(number: int, password: str = "") -> User:
    """A vendor's person, who can sign in where there is a password (as it is stored)."""
    vendor = Vendor.objects.create(name=f"Vendor {number:02}")
    return User.objects.create(
        username=f"vendor{number:02}",
        name=f"Vendor {number:02}",
        role=Role.VENDOR,
        vendor=vendor,
        password=password,
        language="en",
    )


def stage(
    person: User, opened: OpenedKey, tender: Tender, files: list[tuple[str, bytes]], now: datetime
) -> Bid:
    """The vendor answers everything, and puts files beside the answers."""
    said = {code: {"answer": "met", "note": "We do."} for code in CODES}
    bid = drafts.save_draft(
        actor=person, tender=tender, opened=opened, answers=said, price=PRICE, seen=0, now=now
    )
    requirements = list(tender.requirements.order_by("position"))
    for number, (name, content) in enumerate(files):
        staging.add_file(
            actor=person,
            tender=tender,
            opened=opened,
            requirement=requirements[number % len(requirements)],
            name=name,
            content=content,
            now=now,
        )
    return bid

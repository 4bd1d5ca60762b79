"""The small cast that plays every test, and the tender that it plays with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password

from procurement.choices import Kind, PriceFormula, Role, Severity, SystemClass
from procurement.models import Criterion, Requirement, Seat, Tender, Unit, User, Vendor

#: The moment at which tests take place, unless they say otherwise.
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

PASSWORD = "a long enough password"
# Argon2 takes its time on purpose: once a run is enough.
_HASHED = make_password(PASSWORD)


@dataclass
class Cast:
    """Everybody by part."""

    officer: User
    security: User
    business: User
    approver: User
    auditor: User
    administrator: User
    vendor: User
    rival: User
    stranger: User

    def everybody(self) -> dict[str, User]:
        """Person by part."""
        return vars(self)


def _person(username: str, role: Role, *, unit: Unit | None = None, vendor: Vendor | None = None) -> User:
    return User.objects.create(
        username=username,
        password=_HASHED,
        name=username.title(),
        job_title="",
        role=role,
        unit=unit,
        vendor=vendor,
        language="en",
    )


@pytest.fixture
def units(db: None) -> dict[str, Unit]:
    """The five units, by code."""
    names = {
        "it": ("資訊處", "IT"),
        "security": ("資安處", "Security"),
        "business": ("業務處", "Business"),
        "procurement": ("採購處", "Procurement"),
        "audit": ("稽核處", "Audit"),
    }
    return {code: Unit.objects.create(code=code, name_zh=zh, name_en=en) for code, (zh, en) in names.items()}


@pytest.fixture
def cast(units: dict[str, Unit]) -> Cast:
    """Officer, members, approver, auditor, administrator, two vendors' people, and a member with no seat."""
    return Cast(
        officer=_person("officer", Role.OFFICER, unit=units["procurement"]),
        security=_person("security", Role.MEMBER, unit=units["security"]),
        business=_person("business", Role.MEMBER, unit=units["business"]),
        approver=_person("approver", Role.APPROVER, unit=units["it"]),
        auditor=_person("auditor", Role.AUDITOR, unit=units["audit"]),
        administrator=_person("administrator", Role.ADMINISTRATOR, unit=units["it"]),
        vendor=_person("vendor", Role.VENDOR, vendor=Vendor.objects.create(name="Bedrock Security")),
        rival=_person("rival", Role.VENDOR, vendor=Vendor.objects.create(name="Quickwin Technology")),
        stranger=_person("stranger", Role.MEMBER, unit=units["business"]),
    )


@pytest.fixture
def draft(cast: Cast, units: dict[str, Unit]) -> Tender:
    """A complete draft: two gates, one scored requirement, 45 security + 25 quality + 30 price, two seats."""
    tender = Tender.objects.create(
        reference="ITS-2026-900",
        title="ATM end-point protection",
        officer=cast.officer,
        system="ATM",
        system_class=SystemClass.CLASS_1,
        owner_unit=units["security"],
        owner=cast.security,
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
    return tender

"""What is published of a tender, for everybody: its rules in words and symbols, its versions, its files.

Nothing here looks at bids: the same stands there whether none or seven came in.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from django.utils.translation import gettext as _

from bids import queries
from bids.models import Amendment, Package
from bids.sealing import package as sealed
from procurement.choices import PriceFormula, Stage
from procurement.models import Seat, Tender, Unit
from procurement.templatetags.figures import amount, moment

#: What the frozen text holds that is not for bidders: names of people, and the price that nobody is told.
_NAMES = ("owner", "approver", "escalation", "requirement_owners")
_SECRET = ("reserve_price",)


def public_specification(tender: Tender) -> bytes:
    """The frozen text without names of people and without the reserve price, as canonical JSON (RFC 8785)."""
    document: dict[str, Any] = json.loads(tender.published_text)
    kept = {name: value for name, value in document.items() if name not in _NAMES}
    kept["specification"] = {
        name: value for name, value in document["specification"].items() if name not in _SECRET
    }
    return rfc8785.dumps(kept)


def digest_of(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def marking_units(tender: Tender) -> list[Unit]:
    """Units of the panel, without names, until it is named who bids: seats may change for that reason."""
    if tender.stage != Stage.PUBLISHED:
        return []
    seats = Seat.objects.filter(tender=tender).values("unit")
    return list(Unit.objects.filter(pk__in=seats).order_by("code"))


# --- the price ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Formula:
    """How a price becomes points: in words, and in symbols where there are any."""

    words: str
    symbols: str = ""


def formula_of(tender: Tender) -> Formula:
    """The price formula (case file, Price points); W are the points of the price, P is the bid's price."""
    parameters = tender.price_parameters
    if tender.price_formula == PriceFormula.CEILING_LINEAR and {"ceiling", "floor"} <= parameters.keys():
        figures = {"ceiling": amount(parameters["ceiling"]), "floor": amount(parameters["floor"])}
        words = _(
            "All points at %(floor)s or less, none at %(ceiling)s or more, and in a straight line between."
        )
        return Formula(words % figures, "W × ({ceiling} − P) ÷ ({ceiling} − {floor})".format(**figures))
    if tender.price_formula == PriceFormula.BANDS:
        words = _("The first band that the price fits gives its points; above the last there are none.")
        bands = (f"P ≤ {amount(band['up_to'])}: {band['points']}" for band in parameters.get("bands", []))
        return Formula(words, "; ".join(bands))
    words, symbols = _plain_formulas()[PriceFormula(tender.price_formula)]
    return Formula(words, symbols)


def _plain_formulas() -> dict[PriceFormula, tuple[str, str]]:
    return {
        PriceFormula.NONE: (_("The price is not scored."), ""),
        PriceFormula.MARKED: (_("The panel marks the price."), ""),
        PriceFormula.CEILING_LINEAR: (_("In a straight line below a published ceiling."), ""),
        PriceFormula.LOWEST_OVER_PRICE: (
            _("The lowest price that takes part gets all points; twice that price gets half of them."),
            "W × Pmin ÷ P",
        ),
        PriceFormula.LINEAR_TO_LOWEST: (
            _("The lowest price that takes part gets all points; twice that price gets none."),
            "W × (2 − P ÷ Pmin)",
        ),
        PriceFormula.MIN_MAX: (
            _("The lowest price gets all points, the highest none, and the rest in a straight line between."),
            "W × (Pmax − P) ÷ (Pmax − Pmin)",
        ),
        PriceFormula.MEAN: (
            _("The mean price gets half of the points; what is cheaper gets more, what is dearer less."),
            "W × (½ − (P − Pmean) ÷ Pmean)",
        ),
    }


# --- versions -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Difference:
    """One thing as it was and as it is."""

    what: str
    was: str
    now: str


@dataclass(frozen=True)
class Version:
    """A package, what it is about, what it says, and what differs from the one before."""

    number: int
    at: datetime
    digest: str
    label: str
    text: str
    differences: tuple[Difference, ...]
    confirms: bool


def versions_of(tender: Tender) -> list[Version]:
    """The publication and everything that was published after it, the first one first."""
    amended = {row.number: row for row in queries.agreed_amendments(tender)}
    found: list[Version] = []
    before: sealed.Package | None = None
    for row in tender.packages.order_by("amendment"):
        read = sealed.read(row.text.encode())
        found.append(_version(row, amended.get(row.amendment), before, read))
        before = read
    return found


def _version(
    row: Package, amendment: Amendment | None, before: sealed.Package | None, read: sealed.Package
) -> Version:
    label = amendment.get_kind_display() if amendment else _("Another opening officer")
    return Version(
        number=row.amendment,
        at=row.at,
        digest=row.digest,
        label=label if row.amendment else _("Publication"),
        text=amendment.text if amendment else "",
        differences=_differences(before, read) if before else (),
        confirms=amendment is not None and amendment.kind == "documents",
    )


def _differences(before: sealed.Package, read: sealed.Package) -> tuple[Difference, ...]:
    """What two packages say differently; the specification and the keys never do."""
    found = []
    if before.deadline != read.deadline:
        found.append(Difference(_("Bids until"), moment(before.deadline), moment(read.deadline)))
    if before.officers != read.officers:
        keys = (", ".join(one.fingerprint[:16] for one in each.officers) for each in (before, read))
        was, now = keys
        found.append(Difference(_("Keys of those who open"), was, now))
    return tuple(found)

"""What a release is made of, as frozen dataclasses. What must not be said is not in here at all.

Money and marks are exact: `Decimal` as they were entered, `Fraction` where they were computed. Moments know
their offset. Absent is `None` or empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Organisation:
    """The bank or a vendor: an id that is its own inside this publisher's data, its name, its register entry.

    `scheme` and `number` are those of a register of companies, such as `TW-BAN` and a tax id.
    """

    id: str
    name: str
    scheme: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement; a mandatory one is a gate. `more` are texts by the names of our extension."""

    code: str
    title: str
    kind: str
    mandatory: bool
    severity: str
    source: str = ""
    evidence: str = ""
    more: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A node of the criteria tree with its effective `points`; `kind` is empty for a group."""

    code: str
    title: str
    kind: str
    parent: str
    weight: Decimal
    points: Fraction
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An amendment that was published."""

    number: int
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """The place of a bid, the figure that decided it, its total, and its points by criterion."""

    place: int
    figure: Fraction
    total: Fraction | None
    points: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Offer:
    """A bid, as much of it as may be said: `status` is a code of the standard's list."""

    id: str
    status: str
    vendor: Organisation | None = None
    at: datetime | None = None
    price: Decimal | None = None
    score: Score | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """An award: `status` is a code of the standard's list (pending, active, cancelled)."""

    number: int
    bid: str
    vendor: Organisation
    price: Decimal | None
    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the release says in words of its own, in the language of the release."""

    method: str
    gates: str
    scored: str
    opening: str
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Process:
    """A tender as far as it has come. `stage` is a stage of the site; `changed` when anything changed last.

    `offers` is None before the opening: nothing is said about bids, not even that there are none.
    """

    ocid: str
    reference: str
    title: str
    language: str
    stage: str
    changed: datetime
    buyer: Organisation
    words: Words
    currency: str
    method: str
    price_formula: str
    total_points: Decimal
    budget: Decimal | None = None
    published_at: datetime | None = None
    deadline: datetime | None = None
    opened_at: datetime | None = None
    competition: str = "open"
    rules: Mapping[str, object] = field(default_factory=dict)
    fingerprint: str = ""
    criteria: tuple[Weighed, ...] = ()
    requirements: tuple[Asked, ...] = ()
    changes: tuple[Change, ...] = ()
    offers: tuple[Offer, ...] | None = None
    awards: tuple[Decided, ...] = ()
    no_award: bool = False

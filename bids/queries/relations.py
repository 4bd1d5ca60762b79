"""What bidders of one tender have in common: pointers for people to follow, and no reason to reject anybody.

Compared is what each declared last, and what the files of its bid say of their making. Two bidders can share
an address in good faith, and a made-up one hides more than it shows.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bids.choices import BidStatus
from bids.models import Attachment, Bid
from procurement.models import CompanyProfile, Tender, User, Vendor
from procurement.sheets.names import case_key

from .companies import latest_profiles

#: What can be shared, in the order in which it is shown.
KINDS: dict[str, str | Promise] = {
    "owner": pgettext_lazy("company", "Owner"),
    "account": _("Bank account"),
    "address": _("Address"),
    "phone": _("Phone"),
    "contact": _("Contact"),
    "email": _("Email"),
    "subcontractor": _("Subcontractor"),
    "file": _("The same file"),
    "author": _("Author of a file"),
    "editor": _("Who saved a file last"),
    "company": _("Company in a file"),
    "created": _("Moment at which a file was made"),
}
_OF_FILES = ("author", "editor", "company", "created")
#: Digits of a phone number that count: the rest is how a country or an area is dialled.
_DIGITS = 8

Facts = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Relation:
    """That two bidders share something: its kind (of `KINDS`) and what it is."""

    first: Vendor
    second: Vendor
    kind: str
    what: str

    @property
    def label(self) -> str:
        """The kind in the reader's language."""
        return str(KINDS[self.kind])


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found, which bidders declared nothing, and how many files nobody has looked into."""

    relations: list[Relation]
    undeclared: list[Vendor]
    files_left: int


def bids_compared(tender: Tender) -> QuerySet[Bid]:
    """The opened bids, but for those that were withdrawn."""
    bids = Bid.objects.filter(tender=tender, opened_at__isnull=False).exclude(status=BidStatus.WITHDRAWN)
    return bids.select_related("vendor").order_by("position", "pk")


def files_compared(tender: Tender) -> QuerySet[Attachment]:
    """The files of those bids."""
    return Attachment.objects.filter(bid__in=bids_compared(tender).values("pk")).select_related("bid__vendor")


def compared(tender: Tender) -> Compared:
    """What the bidders of an opened tender share, in four queries whatever their number."""
    vendors = {bid.vendor_id: bid.vendor for bid in bids_compared(tender)}
    facts: dict[int, Facts] = {pk: dict(_own_name(vendor)) for pk, vendor in vendors.items()}
    profiles = list(latest_profiles(Vendor.objects.filter(pk__in=vendors)))
    for profile in profiles:
        facts[profile.vendor_id] |= dict(_declared(profile))
    for vendor, email in (
        User.objects.filter(vendor__in=vendors).exclude(email="").values_list("vendor", "email")
    ):
        facts[vendor]["email", email.casefold()] = email
    files = list(files_compared(tender))
    for file in files:
        facts[file.bid.vendor_id] |= dict(_said_by(file))
    declared = {profile.vendor_id for profile in profiles}
    return Compared(
        relations=list(_shared(vendors, facts)),
        undeclared=[vendor for pk, vendor in vendors.items() if pk not in declared],
        files_left=sum(file.traces is None for file in files),
    )


def _shared(vendors: dict[int, Vendor], facts: dict[int, Facts]) -> Iterator[Relation]:
    order = list(KINDS)
    for one, other in combinations(vendors, 2):
        common = facts[one].keys() & facts[other].keys()
        for kind, key in sorted(common, key=lambda fact: (order.index(fact[0]), fact[1])):
            yield Relation(vendors[one], vendors[other], kind, facts[one][kind, key])


def _own_name(vendor: Vendor) -> Iterator[tuple[tuple[str, str], str]]:
    """A bidder that owns another one, or works for it, shares its own name with what that one declares."""
    for kind in ("owner", "subcontractor"):
        yield (kind, _bare(vendor.name)), vendor.name


def _declared(profile: CompanyProfile) -> Iterator[tuple[tuple[str, str], str]]:
    for row in profile.owners:
        yield ("owner", _bare(row["name"])), row["name"]
    for row in profile.subcontractors:
        yield ("subcontractor", _bare(row["name"])), row["name"]
    for kind in ("address", "contact"):
        yield (kind, _bare(getattr(profile, kind))), getattr(profile, kind)
    yield ("email", profile.email.casefold()), profile.email
    digits = re.sub(r"\D", "", profile.phone)
    if len(digits) >= _DIGITS:
        yield ("phone", digits[-_DIGITS:]), profile.phone
    account = _bare(profile.account)
    if account:
        yield ("account", account), f"…{account[-4:]}"


def _said_by(file: Attachment) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("file", file.sha256), file.name
    traces = file.traces or {}
    for kind in _OF_FILES:
        if traces.get(kind):
            yield (kind, _bare(traces[kind])), f"{traces[kind]} ({file.name})"


def _bare(text: str) -> str:
    """A text without what people write differently: width, case, spaces and marks."""
    return re.sub(r"[\W_]", "", case_key(text))


def pairs(relations: Iterable[Relation]) -> int:
    """How many pairs of bidders share anything."""
    return len({(row.first.pk, row.second.pk) for row in relations})

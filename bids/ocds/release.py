"""A tender as an OCDS release, and releases as a package (Open Contracting Data Standard 1.1).

Fields and codes: release schema 1.1 with the extensions lots, bids, requirements, awardCriteria and
bidOpening. The award criteria breakdown belongs to a lot, so a tender is one lot here.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from bids.evaluation.exact import text as exact_text
from bids.ocds.extension import FOLDER
from bids.ocds.facts import Asked, Decided, Offer, Organisation, Process, Score, Weighed
from bids.ocds.writing import number, write

Document = dict[str, object]

VERSION = "1.1"
#: The only lot of a tender.
LOT = "1"
#: The standard's own extensions, by the addresses that its registry gives them. Nobody fetches them here.
_REGISTERED = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_{}_extension/{}/extension.json"
)
EXTENSIONS = tuple(
    _REGISTERED.format(name, version)
    for name, version in (
        ("lots", "master"),
        ("bid", "master"),
        ("requirements", "master"),
        ("awardCriteria", "master"),
        ("location", "v1.1.5"),  # without which bidOpening cannot be read
        ("bidOpening", "master"),
    )
)

_STATUS = {"draft": "planning", "awarded": "complete", "cancelled": "cancelled"}
_PRICE_ALONE = ("lowest-price", "pass-then-lowest")
_OPENED = ("technical_opened", "technical_locked", "price_opened", "ranked")


def package(
    releases: Iterable[Document], *, uri: str, published: datetime, publisher: str, site: str
) -> Document:
    """A release package; `site` is the address of the site with its last slash, where our extension lies."""
    return {
        "uri": uri,
        "version": VERSION,
        "extensions": [*EXTENSIONS, f"{site}{FOLDER}extension.json"],
        "publishedDate": stamp(published),
        "publisher": {"name": publisher, "uri": site},
        "releases": list(releases),
    }


def release(process: Process) -> Document:
    """The release of a tender as it stands. The same facts give the same release, its id among it."""
    body = filled(
        {
            "date": stamp(process.changed),
            "tag": tags(process),
            "initiationType": "tender",
            "language": process.language,
            "parties": _parties(process),
            "buyer": _reference(process.buyer),
            "tender": _tender(process),
            "bids": _bids(process),
            "awards": [_award(process, award) for award in process.awards],
        }
    )
    digest = hashlib.sha256(write(body).encode()).hexdigest()
    return {"ocid": process.ocid, "id": f"{process.ocid}-{digest[:16]}"} | body


def tags(process: Process) -> list[str]:
    """What the release is about (codelist releaseTag)."""
    if process.stage == "draft":
        return ["planning"]
    if process.stage == "cancelled":
        return ["tenderCancellation"]
    standing = [award for award in process.awards if award.status != "cancelled"]
    if standing:
        first = len(process.awards) == 1 and standing[0].status == "pending"
        return ["award" if first else "awardUpdate"]
    if process.awards:
        return ["awardCancellation"]
    if process.stage in _OPENED:
        return ["tenderUpdate"]
    return ["tenderAmendment"] if process.changes else ["tender"]


def stamp(moment: datetime) -> str:
    """A moment as the standard wants it: ISO 8601 with seconds and an offset."""
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment.isoformat(timespec="seconds")


def filled(value: Mapping[str, object]) -> Document:
    """The document without what is empty, at every level; the schemas refuse empty lists and texts."""
    kept = {}
    for key, inner in value.items():
        rest = _filled(inner)
        if rest not in (None, "", [], {}):
            kept[key] = rest
    return kept


def _filled(value: object) -> object:
    if isinstance(value, Mapping):
        return filled(value)
    if isinstance(value, list):
        return [rest for rest in map(_filled, value) if rest not in (None, "", [], {})]
    return value


# --- parties ----------------------------------------------------------------------------------------------
def _parties(process: Process) -> list[Document]:
    """Everybody named in the release, each once, with all its roles."""
    roles: dict[Organisation, list[str]] = {process.buyer: ["buyer", "procuringEntity"]}
    for offer in process.offers or ():
        if offer.vendor:
            roles.setdefault(offer.vendor, []).append("tenderer")
    for award in process.awards:
        known = roles.setdefault(award.vendor, [])
        if award.status != "cancelled" and "supplier" not in known:
            known.append("supplier")
    return [
        {"id": one.id, "name": one.name, "identifier": _identifier(one), "roles": what}
        for one, what in roles.items()
    ]


def _identifier(one: Organisation) -> Document:
    return {"scheme": one.scheme, "id": one.number, "legalName": one.name} if one.number else {}


def _reference(one: Organisation | None) -> Document:
    return {"id": one.id, "name": one.name} if one else {}


# --- the tender -------------------------------------------------------------------------------------------
def _tender(process: Process) -> Document:
    offers = process.offers or ()
    return {
        "id": process.reference,
        "title": process.title,
        "status": _status(process),
        "procuringEntity": _reference(process.buyer),
        "value": _value(process.budget, process.currency),
        "procurementMethod": process.competition,
        "awardCriteria": _award_criteria_code(process),
        "awardCriteriaDetails": process.words.method,
        "submissionMethod": ["electronicSubmission"],
        "tenderPeriod": {
            "startDate": _stamped(process.published_at),
            "endDate": _stamped(process.deadline),
        },
        "numberOfTenderers": len(offers) or None,
        "tenderers": [_reference(offer.vendor) for offer in offers],
        "amendments": [
            {"id": str(change.number), "date": stamp(change.at), "description": change.text}
            for change in process.changes
        ],
        "bidOpening": _opening(process),
        "criteria": _criteria(process),
        "lots": [
            {
                "id": LOT,
                "title": process.title,
                "status": _status(process),
                "value": _value(process.budget, process.currency),
                "awardCriteria": _award_criteria(process),
            }
        ],
        "assayRules": dict(process.rules)
        | {
            "method": process.method,
            "totalPoints": number(process.total_points),
            "currency": process.currency,
            "fingerprint": process.fingerprint,
        },
    }


def _status(process: Process) -> str:
    """Codelist tenderStatus. Bidding, opening and evaluation are all "active"."""
    if process.no_award and process.stage == "cancelled":
        return "unsuccessful"
    return _STATUS.get(process.stage, "active")


def _value(amount: Decimal | None, currency: str) -> Document:
    return {"amount": amount, "currency": currency} if amount is not None else {}


def _stamped(moment: datetime | None) -> str:
    return stamp(moment) if moment else ""


def _opening(process: Process) -> Document:
    """When the bids were opened; only of an opening that was held."""
    if process.offers is None or process.opened_at is None:
        return {}
    return {"date": stamp(process.opened_at), "description": process.words.opening}


def _award_criteria_code(process: Process) -> str:
    """Codelist awardCriteria: price alone, quality alone (no price criterion), or rated criteria."""
    if process.method in _PRICE_ALONE:
        return "priceOnly"
    priced = any(leaf.kind == "price" for leaf in process.criteria)
    return "ratedCriteria" if priced or process.method != "total" else "qualityOnly"


def _criteria(process: Process) -> list[Document]:
    """Requirements: all gates of a kind in one group, because all of them must be met.

    A gate expects the answer true. What is scored expects nothing: marks look at the answer.
    """
    found: list[Document] = []
    for mandatory, title in ((True, process.words.gates), (False, process.words.scored)):
        kinds = dict.fromkeys(row.kind for row in process.requirements if row.mandatory is mandatory)
        for kind in kinds:
            code = f"{'gates' if mandatory else 'scored'}-{kind}"
            rows = [row for row in process.requirements if row.mandatory is mandatory and row.kind == kind]
            found.append(
                {
                    "id": code,
                    "title": f"{title}: {process.words.groups.get(kind, kind)}",
                    "relatedLots": [LOT],
                    "requirementGroups": [{"id": code, "requirements": [_requirement(row) for row in rows]}],
                }
            )
    return found


def _requirement(row: Asked) -> Document:
    return {
        "id": row.code,
        "title": row.title,
        "dataType": "boolean",
        "expectedValue": True if row.mandatory else None,
        "assayRequirement": {
            "kind": row.kind,
            "mandatory": row.mandatory,
            "severity": row.severity,
            "source": row.source,
            "evidence": row.evidence,
            **row.more,
        },
    }


def _award_criteria(process: Process) -> Document:
    """The leaves with their effective points, and beside them the tree that the points come from."""
    leaves = [node for node in process.criteria if node.kind]
    return {
        "weightingDescription": process.words.method if leaves else "",
        "criteria": [_award_criterion(leaf) for leaf in leaves],
        "assayGroups": [_node(node) | {"title": node.title} for node in process.criteria if not node.kind],
    }


def _award_criterion(leaf: Weighed) -> Document:
    """A weight that no finite decimal holds is given in the extension alone, as a fraction."""
    points = exact_text(leaf.points)
    numbers = [] if "/" in points else [{"number": Decimal(points), "weight": "pointsExact"}]
    if leaf.minimum is not None:
        numbers.append({"number": leaf.minimum, "threshold": "minimumScore"})
    return {
        "type": "price" if leaf.kind == "price" else "quality",
        "name": leaf.title,
        "numbers": numbers,
        "assayCriterion": _node(leaf) | {"kind": leaf.kind},
    }


def _node(node: Weighed) -> Document:
    numbers = {"minimum": node.minimum, "maximum": node.maximum}
    return {
        "code": node.code,
        "parent": node.parent,
        "weight": number(node.weight),
        "points": exact_text(node.points),
        "titleEn": node.title_en,
        **{name: "" if value is None else number(value) for name, value in numbers.items()},
    }


# --- bids and awards --------------------------------------------------------------------------------------
def _bids(process: Process) -> Document:
    """What may be said of the bids, and how many there are; nothing before the opening."""
    if process.offers is None:
        return {}
    counts = {"bids": len(process.offers)}
    if process.awards:
        counts["validBids"] = sum(offer.status == "valid" for offer in process.offers)
        counts["disqualifiedBids"] = sum(offer.status == "disqualified" for offer in process.offers)
    return {
        "statistics": [
            {"id": measure, "measure": measure, "value": count, "relatedLot": LOT}
            for measure, count in counts.items()
        ],
        "details": [_bid(process, offer) for offer in process.offers],
    }


def _bid(process: Process, offer: Offer) -> Document:
    return {
        "id": offer.id,
        "submissionType": "bid",
        "date": _stamped(offer.at),
        "status": offer.status,
        "tenderers": [_reference(offer.vendor)],
        "value": _value(offer.price, process.currency),
        "relatedLots": [LOT],
        "hasRank": True if offer.score else None,
        "rank": offer.score.place if offer.score else None,
        "assayScore": _score(offer.score) if offer.score else {},
    }


def _score(score: Score) -> Document:
    return {
        "figure": exact_text(score.figure),
        "total": _exact(score.total),
        "points": [{"code": code, "points": exact_text(value)} for code, value in score.points.items()],
    }


def _exact(value: Fraction | None) -> str:
    return "" if value is None else exact_text(value)


def _award(process: Process, award: Decided) -> Document:
    return {
        "id": f"{process.reference}-{award.number}",
        "status": award.status,
        "date": stamp(award.at),
        "value": _value(award.price, process.currency),
        "suppliers": [_reference(award.vendor)],
        "relatedBids": [award.bid],
        "relatedLots": [LOT],
    }

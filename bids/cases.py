"""The one bridge between rows of the database and the case that the arithmetic reads."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import rfc8785
from django.utils.translation import gettext

from bids.evaluation import Case, Issue, Result, check_specification, evaluate, read_document
from bids.evaluation.case import FORMAT, Criterion, Price
from bids.evaluation.tree import Tree, tree_of
from bids.models import Agreed, Bid, Claim, Mark, Recusal
from procurement.models import CriterionUnit, Tender
from procurement.models.fields import plain

Document = dict[str, Any]


def sentence(template: str, params: Mapping[str, str]) -> str:
    """A sentence of the arithmetic in the reader's language."""
    return gettext(template).format(**params) if template else ""


def evaluated(tender: Tender) -> tuple[Case, Result]:
    """The tender's case and what the arithmetic makes of it. Raises `bids.evaluation.Refused`."""
    case = read_document(case_document(tender))
    return case, evaluate(case)


def specification_issues(tender: Tender) -> list[Issue]:
    """What the arithmetic would refuse (`error`) or point out (`warning`) in a tender without bids."""
    return list(check_specification(specification_document(tender)))


def case_document(tender: Tender) -> Document:
    """The whole case file, bids in order of position. Unopened prices are null."""
    return specification_document(tender) | {"lots_drawn": tender.lots_drawn, "bids": _bids(tender)}


def specification_document(tender: Tender) -> Document:
    """The case file without what came in: rules, criteria, requirements and panel."""
    return _rules(tender) | {
        "criteria": _criteria(tender),
        "requirements": _requirements(tender),
        "panel": _panel(tender) or None,
    }


def publication_text(tender: Tender) -> str:
    """What publication freezes, as canonical JSON (RFC 8785): the specification but the panel, the deadline,
    the system and who answers for it, names copied.
    """
    document = _without_nulls(specification_document(tender))
    document.pop("panel", None)
    return rfc8785.dumps(
        {
            "specification": document,
            "system": tender.system,
            "system_class": tender.system_class,
            "owner_unit": tender.owner_unit.code if tender.owner_unit else "",
            "owner": str(tender.owner or ""),
            "requirement_owners": {
                requirement.code: str(requirement.owner)
                for requirement in tender.requirements.select_related("owner")
                if requirement.owner
            },
            "deadline": tender.deadline.isoformat() if tender.deadline else "",
        }
    ).decode()


def publication_fingerprint(text: str) -> str:
    """SHA-256 of a publication text, as `sha256:` and 64 hex digits."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def criteria_tree(tender: Tender) -> Tree:
    """The criteria as a tree with effective points, also of a draft whose rules are not complete yet."""
    return tree_of(
        Case(
            reference=tender.reference,
            title=tender.title,
            bids=(),
            total_points=Fraction(tender.total_points),
            price=Price(formula=tender.price_formula),
            criteria=tuple(
                Criterion(
                    code=row["code"],
                    title=row["title"],
                    weight=Fraction(row["weight"]),
                    parent=row["parent"],
                    minimum=None if row["minimum"] is None else Fraction(row["minimum"]),
                    kind=row["kind"],
                    units=tuple(row["units"]) if row["units"] else None,
                )
                for row in _criteria(tender)
            ),
        )
    )


def _number(number: Decimal | None) -> str | None:
    """A number as the case file may write it, exactly."""
    return None if number is None else plain(number)


def _without_nulls(document: Document) -> Document:
    """The document without its null keys, at the top level and one below."""
    kept = {key: value for key, value in document.items() if value is not None}
    return {
        key: [_without_nulls(row) if isinstance(row, dict) else row for row in value]
        if isinstance(value, list)
        else value
        for key, value in kept.items()
    }


def _rules(tender: Tender) -> Document:
    """Everything at the top of the case file that is no list of rows."""
    return {
        "format": FORMAT,
        "reference": tender.reference,
        "title": tender.title,
        "currency": tender.currency,
        "profile": tender.profile,
        "method": tender.method,
        "quality_scale": tender.quality_scale,
        "fair_price_ceiling": _number(tender.fair_price_ceiling),
        "aggregation": tender.aggregation,
        "unit_shares": tender.unit_shares,
        "total_points": _number(Decimal(tender.total_points)),
        "price": {"formula": tender.price_formula, **tender.price_parameters},
        "pass_mark": tender.pass_mark,
        "rank_scope": tender.rank_scope,
        "tied_rank": tender.tied_rank,
        "tie_break": tender.tie_break,
        "rounding": tender.rounding,
        "budget": _number(tender.budget),
        "reserve_price": _number(tender.reserve_price),
        "low_price": tender.low_price,
        "panel_rules": tender.panel_rules,
    }


def _criteria(tender: Tender) -> list[Document]:
    units = _grouped(
        CriterionUnit.objects.filter(criterion__tender=tender)
        .order_by("criterion_id", "position")
        .values_list("criterion_id", "unit__code")
    )
    rows = tender.criteria.order_by("position").values_list(
        "pk", "code", "title", "weight", "parent__code", "minimum", "kind", "maximum", "value"
    )
    return [
        {
            "code": code,
            "title": title,
            "weight": _number(weight),
            "parent": parent,
            "minimum": _number(minimum),
            "kind": kind or None,
            "maximum": _number(maximum),
            "units": units.get(pk),
            "value": _number(value),
        }
        for pk, code, title, weight, parent, minimum, kind, maximum, value in rows
    ]


def _requirements(tender: Tender) -> list[Document]:
    rows = tender.requirements.order_by("position").values_list(
        "code", "title", "kind", "mandatory", "severity", "unit__code", "source", "evidence"
    )
    return [
        {
            "code": code,
            "title": title,
            "kind": kind,
            "mandatory": mandatory,
            "severity": severity,
            "unit": unit,
            "source": source or None,
            "evidence": evidence or None,
        }
        for code, title, kind, mandatory, severity, unit, source, evidence in rows
    ]


def _panel(tender: Tender) -> list[Document]:
    recused = _grouped(
        Recusal.objects.filter(seat__tender=tender)
        .order_by("seat_id", "position")
        .values_list("seat_id", "bid__vendor__name")
    )
    rows = tender.seats.order_by("position").values_list(
        "pk", "code", "unit__code", "name", "expert", "present"
    )
    return [
        {
            "code": code,
            "unit": unit,
            "name": name or None,
            "expert": expert,
            "present": present,
            "recused": recused.get(pk, []),
        }
        for pk, code, unit, name, expert, present in rows
    ]


def _bids(tender: Tender) -> list[Document]:
    """Opened bids; what has not been opened is not there."""
    claims, marks, agreed = _claims(tender), _marks(tender), _agreed(tender)
    rows = (
        Bid.objects.filter(tender=tender, opened_at__isnull=False)
        .order_by("position")
        .values_list("pk", "vendor__name", "price", "status", "reason")
    )
    return [
        {
            "vendor": vendor,
            "price": _number(price),
            "status": status,
            "reason": reason or None,
            "claims": claims.get(pk, []),
            "marks": marks.get(pk, []),
            "consensus": agreed.get(pk, []),
        }
        for pk, vendor, price, status, reason in rows
    ]


def _claims(tender: Tender) -> dict[Any, list[Document]]:
    claims = (
        Claim.objects.filter(bid__tender=tender).select_related("requirement").order_by("bid_id", "position")
    )
    return _grouped(
        (
            claim.bid_id,
            {
                "requirement": claim.requirement.code,
                "met": claim.met,
                "verified": claim.verified,
                "waiver": {"by": claim.waived_by, "reason": claim.waiver_reason} if claim.waived_by else None,
            },
        )
        for claim in claims
    )


def _marks(tender: Tender) -> dict[Any, list[Document]]:
    rows = (
        Mark.objects.filter(bid__tender=tender)
        .order_by("bid_id", "position", "pk")
        .values_list("bid_id", "seat__code", "criterion__code", "mark", "comment")
    )
    return _grouped(
        (
            bid,
            {"member": member, "criterion": criterion, "mark": _number(mark), "comment": comment or None},
        )
        for bid, member, criterion, mark, comment in rows
    )


def _agreed(tender: Tender) -> dict[Any, list[Document]]:
    rows = (
        Agreed.objects.filter(bid__tender=tender)
        .order_by("bid_id", "position")
        .values_list("bid_id", "criterion__code", "mark", "reason")
    )
    return _grouped(
        (bid, {"criterion": criterion, "mark": _number(mark), "reason": reason})
        for bid, criterion, mark, reason in rows
    )


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    """Lists of second members by first member, in order."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups

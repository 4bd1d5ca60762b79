"""The one bridge between rows of the database and the case that the arithmetic reads."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import rfc8785
from django.utils import timezone
from django.utils.translation import gettext

from bids.evaluation import Case, Issue, Refused, Result, check_specification, evaluate, read_document
from bids.evaluation.case import FORMAT, Criterion, Price
from bids.evaluation.tree import Tree, tree_of
from bids.models import Agreed, Bid, Claim, Correction, LotDraw, Mark, Recusal, Waiver
from bids.queries import Rounds, removals
from procurement.choices import TieRule
from procurement.models import CriterionUnit, Requirement, Tender
from procurement.models.fields import plain

Document = dict[str, Any]


def sentence(template: str, params: Mapping[str, str]) -> str:
    """A sentence of the arithmetic in the reader's language."""
    return gettext(template).format(**params) if template else ""


def faults_of(refusal: Refused) -> list[str]:
    """Why a case cannot be evaluated, a sentence each in the reader's language."""
    return [sentence(issue.template, issue.params) for issue in refusal.issues if issue.level == "error"]


def evaluated(
    tender: Tender, *, now: datetime, waivers: bool = True, round_number: int | None = None
) -> tuple[Case, Result]:
    """The tender's case and what the arithmetic makes of it. Raises `bids.evaluation.Refused`.

    With `waivers` it is the ranking with accepted exceptions, without them the one as scored.
    """
    case = read_document(case_document(tender, now=now, waivers=waivers, round_number=round_number))
    return case, evaluate(case)


def specification_issues(tender: Tender) -> list[Issue]:
    """What the arithmetic would refuse (`error`) or point out (`warning`) in a tender without bids."""
    return list(check_specification(specification_document(tender)))


def case_document(
    tender: Tender, *, now: datetime, waivers: bool = True, round_number: int | None = None
) -> Document:
    """The whole case file, bids in order of position. Unopened prices are null.

    Waivers are those in force at `now`, or none. Every round of evaluation is a case of its own; the one that
    goes on is the default.
    """
    rounds = Rounds(tender, round_number or tender.round)
    document = specification_document(tender, rounds.number)
    bids = _bids(tender, rounds, timezone.localdate(now) if waivers else None)
    ties = {"tie_break": _tie_rules(tender), "lots_drawn": tender.lots_drawn}
    return document | ties | {"bids": bids}


def _tie_rules(tender: Tender) -> list[str]:
    """The published tie rules, with lots at the end where the panel resolved to draw them all the same.

    Lots are the last step of every way to settle a tie (最有利標評選辦法 §14, §15-1). An order of lots that
    came with a file and under other rules changes nothing.
    """
    rules = list(tender.tie_break)
    if TieRule.LOTS in rules or not tender.lots_drawn:
        return rules
    drawn = LotDraw.objects.filter(tender=tender, drawn_at__isnull=False).exists()
    return [*rules, TieRule.LOTS.value] if drawn else rules


def specification_document(tender: Tender, round_number: int = 1) -> Document:
    """The case file without what came in: rules, criteria, requirements and panel."""
    return _rules(tender) | {
        "criteria": _criteria(tender),
        "requirements": _requirements(tender),
        "panel": _panel(tender, round_number) or None,
    }


def publication_text(tender: Tender) -> str:
    """What publication freezes, as canonical JSON (RFC 8785): the specification but the panel, the deadline,
    the system, how the panel works and who answers for what, names copied.
    """
    document = _without_nulls(specification_document(tender))
    document.pop("panel", None)
    asked = tender.requirements.order_by("position").select_related("owner", "criterion")
    criteria = list(tender.criteria.order_by("position"))
    leaves = [row for row in criteria if row.kind]
    english = {row.code: row.title_en for row in criteria if row.title_en}
    until = tender.questions_until
    return rfc8785.dumps(
        {
            "specification": document,
            "system": tender.system,
            "system_class": tender.system_class,
            "owner_unit": tender.owner_unit.code if tender.owner_unit else "",
            "owner": str(tender.owner or ""),
            "approver": str(tender.approver or ""),
            "escalation": str(tender.escalation or ""),
            "requirement_owners": {row.code: str(row.owner) for row in asked if row.owner},
            "requirement_criteria": {row.code: row.criterion.code for row in asked if row.criterion},
            "requirement_texts": {row.code: texts for row in asked if (texts := _texts(row))},
            "anchors": {row.code: row.anchors for row in leaves if row.anchors},
            "evidence_caps": [row.code for row in leaves if row.caps_marks],
            "comment_at_ends": tender.comment_at_ends,
            "masked_bidders": tender.masked_bidders,
            "difference_thresholds": tender.difference_thresholds,
            "standstill_days": tender.standstill_days,
            "deadline": tender.deadline.isoformat() if tender.deadline else "",
        }
        | ({"questions_until": until.isoformat()} if until else {})
        | ({"criteria_in_english": english} if english else {})
    ).decode()


#: Columns of a requirement that are published beside those of the case file.
_TEXTS = (
    "title_en",
    "why",
    "why_en",
    "pass_test",
    "pass_test_en",
    "evidence_en",
    "evidence_level",
    "catalogue",
    "catalogue_version",
    "entry",
    "entry_digest",
)


def _texts(row: Requirement) -> dict[str, str]:
    """What a requirement says beside the case file, without what is empty."""
    return {name: text for name in _TEXTS if (text := getattr(row, name))}


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


def _panel(tender: Tender, round_number: int) -> list[Document]:
    """The panel; a member whose result was removed is out of the count just as a recused one is."""
    recused = _grouped(
        Recusal.objects.filter(seat__tender=tender)
        .order_by("seat_id", "position")
        .values_list("seat_id", "bid__vendor__name")
    )
    for seat, bid in removals(tender, round_number):
        recused[seat] = list(dict.fromkeys([*recused.get(seat, []), bid.vendor.name]))
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


def _bids(tender: Tender, rounds: Rounds, waivers_on: date | None) -> list[Document]:
    """Opened bids; what has not been opened is not there."""
    claims, marks, agreed = _claims(tender, waivers_on), _marks(tender, rounds), _agreed(tender, rounds)
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


def _claims(tender: Tender, waivers_on: date | None) -> dict[Any, list[Document]]:
    """Claims with the waivers in force on the day; none where there is no day."""
    waivers = Waiver.objects.filter(claim__bid__tender=tender).order_by("pk")
    in_force = {row.claim_id: row for row in waivers if waivers_on and row.is_in_force(waivers_on)}
    claims = (
        Claim.objects.filter(bid__tender=tender).select_related("requirement").order_by("bid_id", "position")
    )
    return _grouped(
        (
            claim.bid_id,
            {
                "requirement": claim.requirement.code,
                "met": claim.met,
                "verified": claim.finding_that_counts,
                "waiver": _waiver(in_force.get(claim.pk)),
            },
        )
        for claim in claims
    )


def _waiver(waiver: Waiver | None) -> Document | None:
    return {"by": waiver.signed_by, "reason": waiver.reason} if waiver else None


def _marks(tender: Tender, rounds: Rounds) -> dict[Any, list[Document]]:
    """The marks that stand: of the last round that marked the leaf, with the member's own correction."""
    corrected = dict(
        Correction.objects.filter(mark__bid__tender=tender)
        .order_by("number")
        .values_list("mark", "corrected")
    )
    rows = (
        Mark.objects.filter(bid__tender=tender)
        .order_by("bid_id", "position", "pk")
        .values_list("pk", "bid_id", "seat__code", "criterion__code", "round", "mark", "comment")
    )
    return _grouped(
        (
            bid,
            {
                "member": member,
                "criterion": criterion,
                "mark": _number(corrected.get(pk, mark)),
                "comment": comment or None,
            },
        )
        for pk, bid, member, criterion, number, mark, comment in rows
        if rounds.of(criterion) == number
    )


def _agreed(tender: Tender, rounds: Rounds) -> dict[Any, list[Document]]:
    rows = (
        Agreed.objects.filter(bid__tender=tender)
        .order_by("bid_id", "position")
        .values_list("bid_id", "criterion__code", "round", "mark", "reason")
    )
    return _grouped(
        (bid, {"criterion": criterion, "mark": _number(mark), "reason": reason})
        for bid, criterion, number, mark, reason in rows
        if rounds.of(criterion) == number
    )


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    """Lists of second members by first member, in order."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups

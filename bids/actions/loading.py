"""Storing a case file as a tender: all of it or nothing."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids.cases import publication_fingerprint, publication_text
from bids.choices import Answer
from bids.evaluation import Case, fingerprint
from bids.evaluation.case import Price
from bids.models import Agreed, Bid, Claim, Mark, Recusal, Waiver
from procurement import audit
from procurement.choices import Stage, UnitKind
from procurement.models import Criterion, CriterionUnit, Requirement, Seat, Tender, Unit, User, Vendor
from procurement.models.fields import CODE_LENGTH, plain


def decimal_of(number: Fraction) -> Decimal:
    """The same number as a decimal, exactly. Every number of a case file has one."""
    places = max(number.denominator.bit_length(), 1) if number.denominator > 1 else 0
    while places and (number * 10 ** (places - 1)).denominator == 1:
        places -= 1
    digits = abs(number.numerator) * 10**places // number.denominator
    return Decimal((number < 0, tuple(map(int, str(digits))), -places))


def load_case(case: Case, *, now: datetime, actor: User | None = None) -> Tender:
    """Store a checked case as a tender whose prices are open, ready to be looked at and awarded.

    Units and vendors that are not known yet are entered. Raises `ValidationError` when the reference is taken
    or an identifier is too long to be stored.
    """
    _check_storable(case)
    with transaction.atomic():
        tender = _store_tender(case, actor, now)
        units = _store_units(case)
        requirements = _store_requirements(case, tender, units)
        criteria = _store_criteria(case, tender, units)
        seats = _store_seats(case, tender, units)
        bids = _store_bids(case, tender, now)
        for bid in case.bids:
            _store_what_a_bid_holds(bid, bids[bid.vendor], requirements, criteria, seats)
        Recusal.objects.bulk_create(
            Recusal(seat=seats[member.code], bid=bids[vendor], position=position)
            for member in case.members
            for position, vendor in enumerate(member.recused)
        )
        _freeze(tender)
        audit.record(
            actor=actor,
            action="load case",
            object=tender,
            now=now,
            tender=tender,
            case=fingerprint(case),
            publication=tender.fingerprint,
        )
        audit.stage_changed("load case")
    return tender


def _check_storable(case: Case) -> None:
    """Refuse what the tables cannot hold, and a reference that is taken."""
    if Tender.objects.filter(reference=case.reference).exists():
        raise ValidationError(
            _("A tender with the reference “%(text)s” exists."), params={"text": case.reference}
        )
    names = {
        "reference": [case.reference],
        "criteria": [node.code for node in case.criteria],
        "requirements": [row.code for row in case.requirements],
        "panel": [text for member in case.members for text in (member.code, member.unit, member.name or "")],
        "bids": [bid.vendor for bid in case.bids],
    }
    faults = [
        ValidationError(
            _("%(path)s: a name or code of %(length)s characters; %(limit)s is the limit."),
            params={"path": path, "length": len(text), "limit": CODE_LENGTH},
        )
        for path, texts in names.items()
        for text in texts
        if len(text) > CODE_LENGTH
    ]
    if faults:
        raise ValidationError(faults)


def _text(number: Fraction | None) -> str | None:
    return None if number is None else plain(decimal_of(number))


def _kept(**values: Any) -> dict[str, Any]:
    """The values that are there."""
    return {key: value for key, value in values.items() if value is not None}


def _price_parameters(price: Price) -> dict[str, Any]:
    bands = [{"up_to": _text(band.up_to), "points": _text(band.points)} for band in price.bands]
    return _kept(
        fixed_price=price.fixed_price or None,
        ceiling=_text(price.ceiling),
        floor=_text(price.floor),
        bands=bands or None,
    )


def _rule_columns(case: Case) -> dict[str, Any]:
    """The columns of a tender that hold an object or a list of the case file."""
    mark, difference, rounding = case.pass_mark, case.marked_difference, case.rounding
    return {
        "unit_shares": {unit: _text(share) for unit, share in case.unit_shares.items()}
        if case.unit_shares
        else None,
        "price_formula": case.price.formula,
        "price_parameters": _price_parameters(case.price),
        "pass_mark": {"points": _text(mark.points), "on": mark.on, "rule": mark.rule} if mark else None,
        "tie_break": list(case.tie_break),
        "lots_drawn": list(case.lots_drawn),
        "rounding": {
            thing: {"places": rule.places, "mode": rule.mode}
            for thing in ("leaf_points", "price_score", "price_points", "total")
            if (rule := getattr(rounding, thing))
        }
        if rounding
        else None,
        "low_price": [
            _kept(rule=alarm.rule, share=_text(alarm.share), sd=_text(alarm.sd), min_bids=alarm.min_bids)
            for alarm in case.low_price
        ],
        "panel_rules": {
            "marked_difference": {
                "high": _text(difference.high),
                "low": _text(difference.low),
                "leaf_high_share": _text(difference.leaf_high_share),
            }
        }
        if difference
        else None,
    }


def _decimal(number: Fraction | None) -> Decimal | None:
    return None if number is None else decimal_of(number)


def _store_tender(case: Case, actor: User | None, now: datetime) -> Tender:
    return Tender.objects.create(
        reference=case.reference,
        title=case.title,
        currency=case.currency,
        stage=Stage.DRAFT,
        officer=actor,
        profile=case.profile,
        method=case.method,
        quality_scale=case.quality_scale,
        fair_price_ceiling=_decimal(case.fair_price_ceiling),
        aggregation=case.aggregation,
        total_points=decimal_of(case.total_points),
        rank_scope=case.rank_scope,
        tied_rank=case.tied_rank,
        budget=_decimal(case.budget),
        reserve_price=_decimal(case.reserve_price),
        deadline=now,
        published_at=now,
        opened_at=now,
        priced_at=now,
        **_rule_columns(case),
    )


def _freeze(tender: Tender) -> None:
    """Publish and open in one step: what is loaded was decided elsewhere."""
    tender.published_text = publication_text(tender)
    tender.fingerprint = publication_fingerprint(tender.published_text)
    tender.stage = Stage.PRICE_OPENED
    tender.save(update_fields=["published_text", "fingerprint", "stage"])


def _store_units(case: Case) -> dict[str, Unit]:
    """Units by code; those not known yet are entered under their code."""
    codes = dict.fromkeys(
        [
            *(member.unit for member in case.members),
            *(row.unit for row in case.requirements if row.unit),
            *(unit for node in case.criteria for unit in node.units or ()),
        ]
    )
    return {
        code: Unit.objects.get_or_create(
            code=code, defaults={"name_zh": code, "name_en": code, "kind": _side_of(code)}
        )[0]
        for code in codes
    }


def _side_of(code: str) -> UnitKind:
    """The side of a unit whose code says it; business where it does not."""
    return UnitKind(code) if code in UnitKind.values else UnitKind.BUSINESS


def _store_requirements(case: Case, tender: Tender, units: dict[str, Unit]) -> dict[str, Requirement]:
    rows = Requirement.objects.bulk_create(
        Requirement(
            tender=tender,
            position=position,
            code=row.code,
            title=row.title,
            kind=row.kind,
            mandatory=row.mandatory,
            severity=row.severity,
            unit=units[row.unit] if row.unit else None,
            source=row.source or "",
            evidence=row.evidence or "",
        )
        for position, row in enumerate(case.requirements)
    )
    return {row.code: row for row in rows}


def _store_criteria(case: Case, tender: Tender, units: dict[str, Unit]) -> dict[str, Criterion]:
    rows = {
        node.code: Criterion(
            tender=tender,
            position=position,
            code=node.code,
            title=node.title,
            weight=decimal_of(node.weight),
            minimum=_decimal(node.minimum),
            kind=node.kind or "",
            maximum=_decimal(node.maximum),
            value=_decimal(node.value),
        )
        for position, node in enumerate(case.criteria)
    }
    Criterion.objects.bulk_create(rows.values())
    children = [node for node in case.criteria if node.parent]
    for node in children:
        rows[node.code].parent = rows[node.parent]
    Criterion.objects.bulk_update([rows[node.code] for node in children], ["parent"])
    CriterionUnit.objects.bulk_create(
        CriterionUnit(criterion=rows[node.code], unit=units[unit], position=position)
        for node in case.criteria
        for position, unit in enumerate(node.units or ())
    )
    return rows


def _store_seats(case: Case, tender: Tender, units: dict[str, Unit]) -> dict[str, Seat]:
    rows = Seat.objects.bulk_create(
        Seat(
            tender=tender,
            position=position,
            code=member.code,
            unit=units[member.unit],
            name=member.name or "",
            expert=member.expert,
            present=member.present,
        )
        for position, member in enumerate(case.members)
    )
    return {row.code: row for row in rows}


def _store_bids(case: Case, tender: Tender, now: datetime) -> dict[str, Bid]:
    rows = Bid.objects.bulk_create(
        Bid(
            tender=tender,
            vendor=Vendor.objects.get_or_create(name=bid.vendor)[0],
            position=position,
            status=bid.status,
            reason=bid.reason or "",
            price=_decimal(bid.price),
            opened_at=now,
        )
        for position, bid in enumerate(case.bids)
    )
    return {bid.vendor: row for bid, row in zip(case.bids, rows, strict=True)}


def _store_what_a_bid_holds(
    bid: Any,
    row: Bid,
    requirements: dict[str, Requirement],
    criteria: dict[str, Criterion],
    seats: dict[str, Seat],
) -> None:
    """Claims, marks and agreed marks of one bid, in the order of the file."""
    answers = {True: Answer.MET, False: Answer.NOT_MET, None: ""}
    claims = Claim.objects.bulk_create(
        Claim(
            bid=row,
            requirement=requirements[claim.requirement],
            position=position,
            answer=answers[claim.met],
            verified=claim.verified,
        )
        for position, claim in enumerate(bid.claims)
    )
    Waiver.objects.bulk_create(
        Waiver(claim=stored, reason=claim.waiver.reason, approved_by=claim.waiver.by, loaded=True)
        for stored, claim in zip(claims, bid.claims, strict=True)
        if claim.waiver
    )
    Mark.objects.bulk_create(
        Mark(
            bid=row,
            seat=seats[mark.member],
            criterion=criteria[mark.criterion],
            position=position,
            mark=_decimal(mark.mark),
            comment=mark.comment or "",
        )
        for position, mark in enumerate(bid.marks)
    )
    Agreed.objects.bulk_create(
        Agreed(
            bid=row,
            criterion=criteria[agreed.criterion],
            position=position,
            mark=decimal_of(agreed.mark),
            reason=agreed.reason,
        )
        for position, agreed in enumerate(bid.consensus)
    )

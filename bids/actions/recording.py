"""Entering an evaluation that was held on paper: all of it or nothing."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import signature
from bids.cases import evaluated, faults_of
from bids.choices import Answer
from bids.evaluation import Refused, fingerprint
from bids.models import Bid, Claim, Mark, Submission
from procurement import audit
from procurement.actions.locking import enforce_and_lock
from procurement.choices import Stage
from procurement.models import Tender, User, Vendor
from procurement.sheets.names import case_key

Row = dict[str, Any]


def record_evaluation(*, actor: User, tender: Tender, bids: Iterable[Row], now: datetime) -> Tender:
    """Store bids with prices, claims and marks, as `bids.imports` read them, and open the prices.

    Vendors that are not known yet are entered. Raises `Forbidden`, and `ValidationError` when bids came in
    here or the whole cannot be evaluated.
    """
    with transaction.atomic():
        tender = enforce_and_lock(
            lambda person, row: rules.can_record_evaluation(person, row, now), actor, tender
        )
        if Submission.objects.filter(bid__tender=tender).exists():
            raise ValidationError(_("Bids were handed in here. Open them; nothing was imported."))
        store = _Store(tender, signature(actor), now)
        for position, row in enumerate(bids):
            store.add(row, position)
        tender.stage, tender.opened_at, tender.priced_at = Stage.PRICE_OPENED, now, now
        tender.save(update_fields=["stage", "opened_at", "priced_at"])
        audit.record(
            actor=actor,
            action="record evaluation",
            object=tender,
            now=now,
            tender=tender,
            case=_fingerprint(tender, now),
        )
        audit.stage_changed("record evaluation")
    return tender


def _fingerprint(tender: Tender, now: datetime) -> str:
    """The fingerprint of what is stored now; what cannot be evaluated or ranked is not stored."""
    try:
        case, result = evaluated(tender, now=now)
    except Refused as refusal:
        raise ValidationError(faults_of(refusal)) from refusal
    if result.holes:
        raise ValidationError(_("Marks or prices are missing; nothing was imported."))
    return fingerprint(case)


class _Store:
    """Writes the rows of one bid after the other."""

    def __init__(self, tender: Tender, signed: str, now: datetime) -> None:
        self.tender, self.signed, self.now = tender, signed, now
        self.requirements = list(tender.requirements.order_by("position"))
        self.criteria = {row.code: row for row in tender.criteria.all()}
        self.seats = {row.code: row for row in tender.seats.all()}

    def add(self, row: Row, position: int) -> None:
        """One bid; a draft that its vendor had begun here becomes it."""
        vendor = self._vendor(row["vendor"])
        bid, _made = Bid.objects.update_or_create(
            tender=self.tender,
            vendor=vendor,
            defaults={
                "position": position,
                "status": row["status"],
                "reason": row["reason"] or "",
                "price": None if row["price"] is None else Decimal(row["price"]),
                "opened_at": self.now,
            },
        )
        self._add_claims(bid, {claim["requirement"]: claim for claim in row["claims"]})
        Mark.objects.bulk_create(
            Mark(
                bid=bid,
                seat=self.seats[mark["member"]],
                criterion=self.criteria[mark["criterion"]],
                position=number,
                mark=None if mark["mark"] is None else Decimal(mark["mark"]),
                comment=mark["comment"] or "",
            )
            for number, mark in enumerate(row["marks"])
        )

    def _vendor(self, name: str) -> Vendor:
        """The vendor that a case file takes for the one of this name, or a new one."""
        known = {case_key(vendor.name): vendor for vendor in Vendor.objects.all()}
        return known.get(case_key(name)) or Vendor.objects.create(name=name)

    def _add_claims(self, bid: Bid, given: dict[str, Row]) -> None:
        """One claim for every requirement; a finding carries the name of whoever enters it."""
        nothing = {"met": None, "verified": None, "note": None, "applicable": True}
        claims = []
        for position, requirement in enumerate(self.requirements):
            said = given.get(requirement.code, nothing)
            found = said["verified"] is not None
            note = said["note"] or ""
            claims.append(
                Claim(
                    bid=bid,
                    requirement=requirement,
                    position=position,
                    answer=_answer(said),
                    note=note,
                    verified=said["verified"],
                    finding=note if found else "",
                    verified_by=self.signed if found else "",
                    verified_at=self.now if found else None,
                )
            )
        Claim.objects.bulk_create(claims)


def _answer(said: Row) -> str:
    """The vendor's answer; an empty cell is none."""
    if said["met"] is None:
        return "" if said["applicable"] else Answer.NOT_APPLICABLE
    return Answer.MET if said["met"] else Answer.NOT_MET

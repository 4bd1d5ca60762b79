"""The state that an answer to an objection rests on: bid, findings and marks, or what the tender asks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from bids.models import Agreed, Attachment, Bid, Claim, Correction, Mark, Recusal
from procurement.choices import Stage
from procurement.models import Criterion, CriterionUnit, Requirement, Tender
from procurement.models.fields import plain

from .marking import Rounds, is_marking, removals, sheets_missing
from .marking import marking as plan_of

#: A state as JSON has it: texts, lists and objects, no numbers.
Document = dict[str, Any]

#: By which rules bids are judged: columns of the tender that an answer to an objection rests on, too.
RULES = (
    "profile",
    "method",
    "quality_scale",
    "aggregation",
    "unit_shares",
    "price_formula",
    "price_parameters",
    "pass_mark",
    "tie_break",
    "panel_rules",
    "comment_at_ends",
    "masked_bidders",
    "difference_thresholds",
)


def bid_bases(bids: Iterable[Bid]) -> dict[object, Document]:
    """The state of every bid, by key: status, findings, files, and the marks that stand.

    `marks` is None until the marks are locked: until then nobody may learn that any were given. In a later
    round `again` names the leaves that are marked anew, which are left out until all sheets are in.
    The queries grow with the tenders, not with the bids.
    """
    rows = list(bids)
    keys = [bid.pk for bid in rows]
    findings, files = _findings(keys), _files(keys)
    marks = _marks({bid.tender.pk: bid.tender for bid in rows}.values(), keys)
    return {
        bid.pk: {
            "bid": {"status": bid.status, "reason": bid.reason},
            "findings": findings.get(bid.pk, {}),
            "files": files.get(bid.pk, []),
            "marks": marks.get(bid.pk),
        }
        for bid in rows
    }


def specification_bases(tenders: Iterable[Tender]) -> dict[object, Document]:
    """What every tender asks, how it weighs it and by which rules, by key."""
    rows = list(tenders)
    keys = [tender.pk for tender in rows]
    found: dict[object, Document] = {
        tender.pk: {
            "rules": {name: getattr(tender, name) for name in RULES},
            "requirements": {},
            "criteria": {},
        }
        for tender in rows
    }
    for row in Requirement.objects.filter(tender__in=keys).select_related("unit", "criterion"):
        found[row.tender_id]["requirements"][row.code] = {
            "title": row.title,
            "kind": row.kind,
            "mandatory": row.mandatory,
            "severity": row.severity,
            "unit": row.unit.code if row.unit else "",
            "evidence": row.evidence,
            "criterion": row.criterion.code if row.criterion else "",
        }
    units = _marking_units(keys)
    for leaf in Criterion.objects.filter(tender__in=keys).select_related("parent"):
        found[leaf.tender_id]["criteria"][leaf.code] = {
            "title": leaf.title,
            "kind": leaf.kind,
            "parent": leaf.parent.code if leaf.parent else "",
            "weight": plain(leaf.weight),
            "minimum": "" if leaf.minimum is None else plain(leaf.minimum),
            "maximum": "" if leaf.maximum is None else plain(leaf.maximum),
            "units": units[leaf.pk],
            "anchors": leaf.anchors,
            "caps": leaf.caps_marks,
        }
    return found


def _marking_units(keys: Sequence[UUID]) -> dict[int, list[str]]:
    """The codes of the units that mark each criterion, by its key."""
    units: dict[int, list[str]] = defaultdict(list)
    rows = CriterionUnit.objects.filter(criterion__tender__in=keys).order_by("criterion_id", "position")
    for criterion, code in rows.values_list("criterion_id", "unit__code"):
        units[criterion].append(code)
    return units


def has_changed(then: Document, now: Document) -> bool:
    """Whether the state is another one. Marks that were not locked then have come, and not changed."""
    if "marks" in then and then["marks"] is None:
        now = now | {"marks": None}
    return then != now


def _findings(keys: Sequence[UUID]) -> dict[object, Document]:
    """What each bid says to every requirement and what was found, by code."""
    found: dict[object, Document] = defaultdict(dict)
    for claim in Claim.objects.filter(bid__in=keys).select_related("requirement"):
        found[claim.bid_id][claim.requirement.code] = {
            "answer": claim.answer,
            "note": claim.note,
            "verified": claim.verified,
            "finding": claim.finding,
            "verified_by": claim.verified_by,
            "evidence": claim.evidence,
            "evidence_until": claim.evidence_until.isoformat() if claim.evidence_until else "",
            "evidence_found": claim.evidence_found,
            "not_applicable_by": claim.not_applicable_by,
            "not_applicable_reason": claim.not_applicable_reason,
        }
    return found


def _files(keys: Sequence[UUID]) -> dict[object, list[str]]:
    """The digests of the files of each bid, in order."""
    found: dict[object, list[str]] = defaultdict(list)
    rows = Attachment.objects.filter(bid__in=keys).order_by("sha256", "pk")
    for bid, sha256 in rows.values_list("bid_id", "sha256"):
        found[bid].append(sha256)
    return found


def _marks(tenders: Iterable[Tender], keys: Sequence[UUID]) -> dict[UUID, Document]:
    """The marks that stand on each bid: by criterion those of the members, and the agreed one.

    Corrections are in; members that are recused or whose result was removed are listed as `out`.
    """
    shown = {tender.pk: _Shown(tender) for tender in tenders if _are_locked(tender)}
    found: dict[UUID, Document] = {}
    for bid, tender in Bid.objects.filter(pk__in=keys, tender__in=shown).values_list("pk", "tender_id"):
        again = sorted(shown[tender].again)
        found[bid] = {"marks": {}, "agreed": {}, "again": again, "out": shown[tender].out.get(bid, [])}
    corrected = dict(
        Correction.objects.filter(mark__bid__in=list(found))
        .order_by("number")
        .values_list("mark_id", "corrected")
    )
    related = ("bid", "seat", "criterion")
    for row in Mark.objects.filter(bid__in=list(found)).select_related(*related).order_by("pk"):
        if shown[row.bid.tender_id].stands(row.criterion.code, row.round):
            stands = corrected.get(row.pk, row.mark)
            given = found[row.bid_id]["marks"].setdefault(row.criterion.code, {})
            given[row.seat.code] = None if stands is None else plain(stands)
    for agreed in Agreed.objects.filter(bid__in=list(found)).select_related("bid", "criterion"):
        if shown[agreed.bid.tender_id].stands(agreed.criterion.code, agreed.round):
            found[agreed.bid_id]["agreed"][agreed.criterion.code] = plain(agreed.mark)
    return found


def _are_locked(tender: Tender) -> bool:
    return tender.is_opened and tender.stage != Stage.TECHNICAL_OPENED


class _Shown:
    """Which marks of a tender stand and are no secret, and whose do not count."""

    def __init__(self, tender: Tender) -> None:
        self.rounds = Rounds(tender, tender.round)
        under_way = is_marking(tender) and bool(sheets_missing(tender, plan_of(tender)))
        self.again = (self.rounds.marked_now or frozenset()) if under_way else frozenset()
        self.out: Mapping[object, list[str]] = self._out(tender)

    def stands(self, criterion: str, number: int) -> bool:
        """Whether marks of that round on the leaf count, and all of them are given."""
        return criterion not in self.again and self.rounds.of(criterion) == number

    def _out(self, tender: Tender) -> dict[object, list[str]]:
        out: dict[object, set[str]] = defaultdict(set)
        for bid, seat in Recusal.objects.filter(seat__tender=tender).values_list("bid_id", "seat__code"):
            out[bid].add(seat)
        removed = removals(tender, tender.round)
        codes = dict(tender.seats.values_list("pk", "code")) if removed else {}
        for seat_key, row in removed:
            out[row.pk].add(codes[seat_key])
        return {bid: sorted(seats) for bid, seats in out.items()}

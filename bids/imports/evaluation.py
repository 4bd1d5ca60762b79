"""An evaluation held on paper, out of uploaded tables: bids with prices, their claims, and members' marks.

What the sheets hold is put into the tender's case file, and the case file's own validation says whether it
can be evaluated. Its faults are shown beside the cells they come from.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from bids.cases import sentence, specification_document
from bids.evaluation import Case, Issue, Refused, Result, evaluate, read_document
from procurement.imports import Complaint, complaint
from procurement.models import Tender
from procurement.sheets.names import case_key
from procurement.sheets.parsing import Fault, Parsed, Place, parse, parse_all
from procurement.sheets.unreadable import Unreadable, gettext_noop

Row = dict[str, Any]

_NO_BID = gettext_noop("No bid is from “%(vendor)s”.")
_PATH = re.compile(r"bids\[(\d+)\](?:\.(marks|claims)\[(\d+)\])?(?:\.(\w+))?")


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    content: bytes


@dataclass
class Outcome:
    """What an upload holds; `bids` may be recorded only where there is no fault."""

    bids: list[Row] = field(default_factory=list)
    faults: list[Complaint] = field(default_factory=list)
    notes: list[Complaint] = field(default_factory=list)


def try_evaluation(tender: Tender, bids: Upload, marks: Upload | None) -> Outcome:
    """Read the bids, with their claims, and the marks, from the same workbook or from a file of their own.

    Nothing is stored. Everything that is wrong is listed, with its sheet and cell where it comes from one.
    """
    sheets = _Sheets(tender)
    sheets.read(bids, marks)
    outcome = Outcome(
        faults=[complaint(fault) for fault in sheets.faults], notes=[*map(complaint, sheets.notes)]
    )
    if outcome.faults:
        return outcome
    outcome.bids = sheets.rows
    try:
        _case, result = evaluable(tender, sheets.rows)
    except Refused as refusal:
        outcome.faults = [sheets.complaint_of(issue) for issue in refusal.issues if issue.level == "error"]
    else:
        outcome.faults = [Complaint("", "", text) for text in _holes(result)]
    return outcome


def evaluable(tender: Tender, rows: Iterable[Row]) -> tuple[Case, Result]:
    """The tender's case with these bids, and its result. Raises `bids.evaluation.Refused`."""
    case = read_document(specification_document(tender) | {"bids": [_case_bid(row) for row in rows]})
    return case, evaluate(case)


def _case_bid(row: Row) -> Row:
    """A bid as the case file has it: without notes, and "not applicable" as no answer."""
    claims = [{key: claim[key] for key in ("requirement", "met", "verified")} for claim in row["claims"]]
    return row | {"claims": claims}


def _holes(result: Result) -> list[str]:
    """What is missing for a ranking, a sentence each."""
    price, mark = _("%(vendor)s has no price."), _("%(vendor)s has no mark on %(criterion)s.")
    own = _("%(vendor)s has no mark of %(member)s on %(criterion)s.")
    return [
        (price if hole.criterion == "price" else own if hole.member else mark)
        % {"vendor": hole.vendor, "criterion": hole.criterion, "member": hole.member}
        for hole in result.holes
    ]


class _Sheets:
    """The rows of the upload by the keys of the case file, and where each came from."""

    def __init__(self, tender: Tender) -> None:
        self.tender = tender
        self.rows: list[Row] = []
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self._places: list[Place] = []
        self._mark_places: list[list[Place]] = []
        self._requirements = _by_key(tender.requirements.values_list("code", flat=True))
        self._criteria = _by_key(tender.criteria.values_list("code", flat=True))
        self._members = _by_key(tender.seats.values_list("code", flat=True))

    def read(self, bids: Upload, marks: Upload | None) -> None:
        """Read both kinds; faults are collected."""
        codes, currency = list(self._requirements.values()), self.tender.currency
        parsed = parse("bids", bids.name, bids.content, currency=currency, codes=codes)
        self._collect(parsed)
        for row, place in zip(parsed.rows, parsed.places, strict=True):
            self._add_bid(row, place)
        given = (
            parse("marks", marks.name, marks.content, currency=currency) if marks else self._marks_in(bids)
        )
        if given is None:
            return
        self._collect(given)
        by_vendor = {case_key(str(row["vendor"])): number for number, row in enumerate(self.rows)}
        for row, place in zip(given.rows, given.places, strict=True):
            self._add_mark(row, place, by_vendor)

    def _collect(self, parsed: Parsed) -> None:
        self.faults += parsed.faults
        self.notes += parsed.notes

    def _marks_in(self, bids: Upload) -> Parsed | None:
        """The sheet of marks beside the bids, if there is one."""
        try:
            return parse_all(bids.name, bids.content, currency=self.tender.currency).get("marks")
        except Unreadable:
            return None

    def _add_bid(self, row: Row, place: Place) -> None:
        claims = [
            claim | {"requirement": _known(self._requirements, claim["requirement"])}
            for claim in row["claims"]
        ]
        self.rows.append(
            {
                "vendor": row["vendor"],
                "price": row["price"],
                "status": row["status"] or "valid",
                "reason": row["reason"],
                "claims": claims,
                "marks": [],
            }
        )
        self._places.append(place)
        self._mark_places.append([])

    def _add_mark(self, row: Row, place: Place, by_vendor: dict[str, int]) -> None:
        number = by_vendor.get(case_key(str(row["vendor"])))
        if number is None:
            if row["vendor"]:
                self.faults.append(place.fault("vendor", _NO_BID, {"vendor": str(row["vendor"])}))
            return
        self.rows[number]["marks"].append(
            {
                "member": _known(self._members, row["member"]),
                "criterion": _known(self._criteria, row["criterion"]),
                "mark": row["mark"],
                "comment": row["comment"],
            }
        )
        self._mark_places[number].append(place)

    def complaint_of(self, issue: Issue) -> Complaint:
        """A fault of the case file, beside the cell that it comes from if it comes from one."""
        text = sentence(issue.template, issue.params)
        match = _PATH.match(issue.path)
        if match is None:
            return Complaint("", issue.path, text)
        bid, kind, index, key = match.groups()
        of_mark = kind == "marks"
        place = self._mark_places[int(bid)][int(index)] if of_mark else self._places[int(bid)]
        spot = place.fault(key or "", "", {}) if of_mark or not kind else place.fault(0, "", {})
        return Complaint(spot.sheet, spot.address, text)


def _by_key(codes: Iterable[str]) -> dict[str, str]:
    return {case_key(code): code for code in codes}


def _known(codes: dict[str, str], typed: Any) -> Any:
    """The tender's own spelling of a code; what it does not know stays as typed."""
    return codes.get(case_key(str(typed)), typed)

"""What was recorded beside the arithmetic of a tender, as sheets of the ranking workbook."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bids import queries
from bids.actions.rankings import Rankings
from bids.evaluation import Result
from bids.exports import RecordSheet, RecordTable
from bids.models import Agreed, Correction, Dissent, Resolution
from bids.queries.objections import Standing, standings
from procurement.models import Tender, User
from procurement.templatetags.figures import listed

Row = tuple[Any, ...]


class Records:
    """The sheets of one tender for one reader, in the active language.

    `labels` are what members are called on the sheet of marks, by code of the seat. Where that is a letter
    (`confidential`), nothing here ties a letter to a person: marks go by letter, presence is a number, and
    dissent has no name. Waivers and objections are acts by name and keep it.
    """

    def __init__(
        self, actor: User, tender: Tender, now: datetime, labels: Mapping[str, str], *, confidential: bool
    ) -> None:
        self.actor, self.tender, self.now, self.labels = actor, tender, now, labels
        self.confidential = confidential

    def sheets(self, rankings: Rankings) -> list[RecordSheet]:
        """All of them, in the order of the workbook."""
        return [
            self.exceptions(rankings),
            self.rounds(rankings.with_exceptions.result),
            self.marks(),
            self.resolutions(),
            self.objections(),
        ]

    # --- exceptions -----------------------------------------------------------------------------------------
    def exceptions(self, rankings: Rankings) -> RecordSheet:
        """Both rankings side by side, and every waiver and accepted risk with who signed."""
        today = timezone.localdate(self.now)
        rows = queries.waivers_visible_to(self.actor).filter(claim__bid__tender=self.tender).order_by("pk")
        waivers = [
            (
                row.word,
                row.claim.requirement.code,
                str(row.claim.bid),
                str(row.state(today).label),
                row.reason,
                row.control,
                row.proposed_by,
                row.security_by,
                row.approved_by,
                row.expires_on,
                f"{row.refused_by} {row.refused_reason}".strip(),
            )
            for row in rows
        ]
        return RecordSheet(
            _("Exceptions"),
            _("The ranking as scored never moves when something is waived. Figures as evaluated."),
            [
                _both(rankings),
                RecordTable(_("Waivers and accepted risks"), _waiver_columns(), waivers, _nothing()),
            ],
        )

    # --- rounds ---------------------------------------------------------------------------------------------
    def rounds(self, result: Result) -> RecordSheet:
        """What every round gave, and which criteria were marked again in it."""
        opened = list(queries.rounds_visible_to(self.actor).filter(tender=self.tender))
        documents = [json.loads(row.result_text) for row in opened] + [result.to_document()]
        again = [
            (
                row.number,
                listed(row.criteria),
                str(row.resolution),
                row.opened_by,
                timezone.localtime(row.opened_at),
                row.fingerprint,
            )
            for row in opened
        ]
        standing = [row for number, document in enumerate(documents, 1) for row in _places(number, document)]
        places = ((_("Round"), 10), (_("Vendor"), 30), (_("Place"), 16), (_("Figure"), 26))
        heads = (_("Criteria marked again"), _("Resolution"), pgettext("round", "Opened by"), _("Opened"))
        columns = [
            (_("Round"), 10),
            *((head, 26) for head in heads),
            (_("Fingerprint of the round before"), 40),
        ]
        return RecordSheet(
            _("Rounds"),
            _("Every round is a case of its own. The last one is the ranking of this workbook."),
            [
                RecordTable(_("Places in each round"), places, standing, _("Nobody is ranked.")),
                RecordTable(_("What was marked again"), columns, again, _("There was one round.")),
            ],
        )

    # --- marks ----------------------------------------------------------------------------------------------
    def marks(self) -> RecordSheet:
        """What the panel agreed on, and what members changed in their own marks."""
        agreed = (
            Agreed.objects.filter(bid__tender=self.tender)
            .select_related("bid__vendor", "criterion")
            .order_by("bid__position", "position", "round")
        )
        marks = [(str(row.bid), row.criterion.code, row.round, row.mark, row.reason) for row in agreed]
        corrected = (
            Correction.objects.filter(mark__bid__tender=self.tender)
            .select_related("mark__bid__vendor", "mark__criterion", "mark__seat")
            .order_by("mark__bid__position", "mark__position", "mark", "number")
        )
        heads = (
            (_("Bid"), 26),
            (_("Criterion"), 14),
            (_("Round"), 10),
            (_("Agreed mark"), 14),
            (_("Reason"), 60),
        )
        return RecordSheet(
            _("Agreed and corrected marks"),
            _("Originals are kept for ever; an agreed mark takes the place of the members' marks."),
            [
                RecordTable(_("Agreed marks"), heads, marks, _("The panel agreed on no mark.")),
                RecordTable(
                    _("Corrections"),
                    _correction_columns(),
                    [self._correction(row) for row in corrected],
                    _("Nobody corrected a mark."),
                ),
            ],
        )

    def _correction(self, row: Correction) -> Row:
        original = row.mark.mark
        return (
            str(row.mark.bid),
            row.mark.criterion.code,
            row.mark.round,
            original,
            row.reason,
            row.corrected,
            None if original is None else Decimal(row.corrected) - Decimal(original),
            self.labels.get(row.mark.seat.code, row.mark.seat.code),
            timezone.localtime(row.at),
        )

    # --- resolutions ----------------------------------------------------------------------------------------
    def resolutions(self) -> RecordSheet:
        """What the panel decided, who was present, the votes, and who dissented; and lots."""
        rows = queries.resolutions_visible_to(self.actor).filter(tender=self.tender)
        draws = queries.lot_draws_visible_to(self.actor).filter(tender=self.tender)
        lots = [
            (
                str(row.resolution),
                listed(row.vendors),
                row.seed_source,
                row.seed,
                row.witnesses,
                listed(row.order),
                row.drawn_by,
                row.drawn_at and timezone.localtime(row.drawn_at),
            )
            for row in draws
        ]
        heads = (_("Vendors"), _("Source of the seed"), _("Seed"), _("Witnesses"), _("Order"), _("Drawn by"))
        columns = [(_("Resolution"), 14), *((head, 22) for head in heads), (pgettext("moment", "Drawn"), 22)]
        return RecordSheet(
            _("Resolutions"),
            _("Decisions of those present, with reasons and dissent; never changed."),
            [
                RecordTable(
                    _("Resolutions"),
                    _resolution_columns(),
                    [self._resolution(row) for row in rows],
                    _nothing(),
                ),
                RecordTable(_("Lots"), columns, lots, _("No lots were drawn.")),
            ],
        )

    def _resolution(self, row: Resolution) -> Row:
        about = [row.criterion and row.criterion.code, row.bid and str(row.bid)]
        removed = [self.labels.get(row.seat.code, row.seat.code)] if row.seat else []
        return (
            str(row),
            str(row.get_kind_display()),
            row.round,
            listed(text for text in [*about, *removed] if text),
            row.reason,
            len(row.present) if self.confidential else listed(member["name"] for member in row.present),
            row.in_favour,
            row.against,
            "\n".join(self._dissent(dissent) for dissent in row.dissents.all()),
            row.recorded_by,
            timezone.localtime(row.recorded_at),
        )

    def _dissent(self, row: Dissent) -> str:
        return row.text if self.confidential else f"{row.by_name}: {row.text}"

    # --- objections -----------------------------------------------------------------------------------------
    def objections(self) -> RecordSheet:
        """Every objection with its answers, and what was promised in them."""
        rows = queries.objections_visible_to(self.actor).filter(tender=self.tender).order_by("number")
        found = standings(rows, self.now)
        conditions = [
            (
                str(standing.objection),
                condition.text,
                condition.control,
                condition.owner_name,
                condition.due_on,
                condition.met_by,
                condition.met_evidence,
            )
            for standing in found
            for answer in standing.objection.answers.all()
            for condition in answer.conditions.all()
        ]
        heads = (_("Compensating control"), _("Owner"), _("Due"), _("Met, says"), _("How it was met"))
        columns = [(_("Objection"), 12), (_("Condition"), 40), *((head, 26) for head in heads)]
        return RecordSheet(
            _("Objections"),
            _("Each is answered by name; an answer that was given stays."),
            [
                RecordTable(
                    _("Objections and answers"),
                    _objection_columns(),
                    [row for standing in found for row in self._objection(standing)],
                    _("Nobody objected."),
                ),
                RecordTable(_("Conditions"), columns, conditions, _("There are no conditions.")),
            ],
        )

    def _objection(self, standing: Standing) -> Iterable[Row]:
        """One line an answer; one where there is none."""
        row = standing.objection
        said = (
            str(row),
            row.claim,
            str(row.bid or ""),
            row.requirement.code if row.requirement else "",
            str(row.get_severity_display()),
            row.raised_by,
            timezone.localtime(row.raised_at),
            timezone.localtime(row.due_at),
            str(standing.state.label),
        )
        answers: list[Row] = [
            (
                str(answer.get_kind_display()),
                answer.reason,
                answer.answered_by,
                timezone.localtime(answer.answered_at),
                answer.expires_on,
            )
            for answer in row.answers.all()
        ]
        return [(*said, *answer) for answer in answers or [("", "", "", None, None)]]


def _places(number: int, document: Mapping[str, Any]) -> list[Row]:
    """A line for every ranked bid of a result file, or one that says that there is none."""
    ranked = document.get("ranking") or ()
    rows: list[Row] = [(number, row["vendor"], row["place"], Fraction(row["figure"])) for row in ranked]
    return rows or [
        (number, _("Nobody was ranked: marks or prices were missing, or no bid passed."), None, None)
    ]


def _nothing() -> str:
    return _("There is nothing here.")


def _both(rankings: Rankings) -> RecordTable:
    """Place and figure of every bid that is ranked in either ranking."""
    scored = {row.vendor: row for row in rankings.as_scored.result.ranking}
    accepted = {row.vendor: row for row in rankings.with_exceptions.result.ranking}
    rows: list[Row] = []
    for vendor in dict.fromkeys([*accepted, *scored]):
        one, other = scored.get(vendor), accepted.get(vendor)
        cells = [(row.place, row.figure) if row else ("—", "—") for row in (one, other)]
        rows.append((vendor, *cells[0], *cells[1], ", ".join(other.waived) if other else ""))
    columns = (
        (_("Vendor"), 24),
        (_("Place as scored"), 14),
        (_("Figure as scored"), 24),
        (_("Place with exceptions"), 18),
        (_("Figure with exceptions"), 30),
        (_("Gates waived"), 30),
    )
    return RecordTable(_("Both rankings"), columns, rows, _("Nobody is ranked."))


def _waiver_columns() -> list[tuple[str, int]]:
    heads = (
        _("Exception"),
        _("Requirement"),
        _("Bid"),
        _("State"),
        _("Reason"),
        _("Compensating control"),
        _("Proposed by"),
        _("For security"),
        _("Approver"),
        _("Expiry date"),
        _("Refused"),
    )
    return [(head, 24) for head in heads]


def _correction_columns() -> list[tuple[str, int]]:
    heads = (
        _("Bid"),
        _("Criterion"),
        _("Round"),
        _("Original"),
        _("Reason"),
        _("Corrected"),
        _("Difference"),
        _("Member"),
        _("Time"),
    )
    return [(head, 14) for head in heads]


def _resolution_columns() -> list[tuple[str, int]]:
    return [
        (_("Resolution"), 14),
        (_("Decision"), 30),
        (_("Round"), 22),
        (_("About"), 26),
        (_("Reason"), 40),
        (_("Present"), 40),
        (_("In favour"), 22),
        (_("Against"), 22),
        (_("Dissent"), 40),
        (_("Recorded by"), 26),
        (_("Recorded"), 18),
    ]


def _objection_columns() -> list[tuple[str, int]]:
    heads = (
        _("Bid"),
        _("Requirement"),
        _("Severity"),
        _("Raised by"),
        _("Raised"),
        _("Answer due"),
        _("State"),
        _("Answer"),
        _("Reason"),
        _("Answered by"),
        _("Answered"),
        _("Expiry date"),
    )
    return [(_("Objection"), 12), (_("What is wrong"), 40), *((head, 22) for head in heads)]

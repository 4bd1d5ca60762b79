"""What the opening page says of the panel: who sits, who declared what, who is out, and by which rules."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.panel import obstacles_to_open, out_of_case
from bids.choices import DeclarationOutcome, Ground
from bids.models import Declaration, Recusal, ScoreSheet
from procurement.choices import Role, Stage
from procurement.models import Seat, Tender, User


@dataclass(frozen=True)
class Place:
    """A seat of the panel as the page shows it; `sheet` is None where nobody may know."""

    seat: Seat
    recusals: list[Recusal]
    counted: bool
    sheet: ScoreSheet | None
    waiting: bool

    @property
    def name(self) -> str:
        """Who sits here."""
        return str(self.seat)

    @property
    def recused_from(self) -> list[str]:
        """The bids, by name."""
        return [str(recusal.bid) for recusal in self.recusals]


@dataclass(frozen=True)
class Word:
    """What a member declared, and what became of it."""

    standing: queries.DeclarationState
    can_settle: bool

    @property
    def seat(self) -> Seat:
        """Whose word it is."""
        return self.standing.seat

    @property
    def last(self) -> Declaration | None:
        """What was signed last."""
        return self.standing.last

    @property
    def interests(self) -> list[tuple[str, str, str]]:
        """Vendor, ground in words and particulars of every declared interest."""
        rows: list[dict[str, Any]] = self.last.interests if self.last else []
        return [(row["vendor"], str(Ground(row["ground"]).label), row["detail"]) for row in rows]

    @property
    def state(self) -> tuple[str, str]:
        """Paint and word of the chip."""
        if self.seat.user_id is None:
            return "", _("No account")
        if self.last is None or self.last.outcome == DeclarationOutcome.ASKED:
            if not self.standing.is_missing:
                return "", _("Recused") if self.standing.is_out else _("Not needed")
            return "warn", _("Asked again") if self.last else _("Not declared")
        if self.last.waits_for_officer:
            return "no", _("Interest declared")
        return ("warn", _("Recused")) if self.last.interests else ("ok", _("No interest"))

    @property
    def grounds(self) -> str:
        """The declared interests in one text, to begin the reason of a recusal with."""
        return "; ".join(f"{vendor}: {ground}, {detail}" for vendor, ground, detail in self.interests)


class PanelContent:
    """The panel of one tender, as a person of the bank sees it between naming and lock."""

    def __init__(self, user: User, tender: Tender) -> None:
        self.user, self.tender = user, tender
        self.can_staff = rules.can_staff_panel(user, tender)
        self.can_appoint = rules.can_appoint(user, tender)
        self.can_read_declarations = rules.can_read_declarations(user)
        self.can_lift = bool(self.can_staff) and tender.stage == Stage.BIDDERS_NAMED

    @cached_property
    def _states(self) -> list[queries.DeclarationState]:
        return queries.declaration_states(self.tender)

    @cached_property
    def places(self) -> list[Place]:
        """The panel; who has submitted marks is for the officer, and for everybody once they are locked."""
        plan = queries.marking(self.tender)
        on_panel = any(seat.user_id == self.user.pk for seat in plan.seats)
        told = self.user.role == Role.OFFICER and not on_panel
        told = told or (self.tender.is_opened and not queries.is_marking(self.tender))
        sheets = {sheet.seat_id: sheet for sheet in queries.submitted_sheets(self.tender)} if told else {}
        waiting = {seat.pk for seat in queries.sheets_missing(self.tender, plan)} if told else set()
        recusals: dict[int, list[Recusal]] = {}
        for row in queries.recusals_visible_to(self.user).filter(seat__tender=self.tender):
            recusals.setdefault(row.seat_id, []).append(row)
        return [
            Place(
                seat,
                recusals.get(seat.pk, []),
                seat.pk in plan.counted,
                sheets.get(seat.pk),
                seat.pk in waiting,
            )
            for seat in plan.seats
        ]

    @cached_property
    def words(self) -> list[Word]:
        """The declarations, for those who may read them; empty where the bidders were never named."""
        if not self.can_read_declarations or self.tender.bidders_named_at is None:
            return []
        return [
            Word(row, bool(self.can_staff) and row.last is not None and row.last.waits_for_officer)
            for row in self._states
        ]

    @property
    def recusal_is_of_all(self) -> bool:
        """Whether a recusal puts the member out of the whole case."""
        return queries.recusal_is_of_all(self.tender)

    @cached_property
    def rules(self) -> list[rules.PanelRule]:
        """Rules of composition and quorum, once recused members are out."""
        seats, out = [row.seat for row in self._states], out_of_case(self.tender, self._states)
        return rules.composition(self.tender, seats, out) + rules.attendance(self.tender, seats, out)

    @cached_property
    def obstacles(self) -> list[str]:
        """What keeps the bids closed."""
        return obstacles_to_open(self.tender) if self.tender.stage == Stage.BIDDERS_NAMED else []

"""Who runs the panel and who declares interests; and what a panel must be like to evaluate at all."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.evaluation.agreement import LEAST_EXPERTS
from bids.models import Declaration, Recusal
from procurement.choices import Profile, Role, Stage
from procurement.models import Seat, Tender, User
from procurement.rules import Verdict, has_role, no_unless

from .bank import at_stage

#: Members that a committee has at least (組織準則 §4).
LEAST_MEMBERS = 5

#: Where the rules of a committee stand.
ORGANISATION = gettext_lazy("Organisation rules for evaluation committees")
DELIBERATION = gettext_lazy("Deliberation rules for evaluation committees")


def can_staff_panel(actor: User, tender: Tender) -> Verdict:
    """Officers enter recusals and absences from the naming of the bidders until the marks are locked."""
    named = tender.stage == Stage.BIDDERS_NAMED
    stage = Stage.BIDDERS_NAMED if named else Stage.TECHNICAL_OPENED
    return has_role(actor, Role.OFFICER) & at_stage(tender, stage)


def can_appoint(actor: User, tender: Tender) -> Verdict:
    """Officers add members between naming and opening: recusals may leave a panel too small (組織準則 §4)."""
    return has_role(actor, Role.OFFICER) & at_stage(tender, Stage.BIDDERS_NAMED)


def can_read_declarations(actor: User) -> Verdict:
    """Declared interests are private: officers act on them, auditors read them, members read their own."""
    return has_role(actor, Role.OFFICER, Role.AUDITOR)


def can_declare(actor: User, seat: Seat, last: Declaration | None) -> Verdict:
    """The member on the seat declares once, and anew when the officer asks again.

    Who was absent at the opening declares before taking part; until then the bids stay hidden.
    """
    tender = seat.tender
    opened = tender.stage == Stage.TECHNICAL_OPENED
    return (
        no_unless(seat.user_id == actor.pk, _("Only the member on this seat declares here."))
        & no_unless(tender.bidders_named_at is not None, _("The bidders have not been named yet."))
        & at_stage(tender, Stage.TECHNICAL_OPENED if opened else Stage.BIDDERS_NAMED)
        & no_unless(
            last is None or not (last.is_settled or last.waits_for_officer),
            _("You have declared and signed already. The officer can ask you again."),
        )
    )


def can_settle(actor: User, declaration: Declaration) -> Verdict:
    """Officers recuse for a declared interest or ask again, once."""
    return can_staff_panel(actor, declaration.seat.tender) & no_unless(
        declaration.waits_for_officer, _("There is nothing to settle in this declaration.")
    )


def can_lift_recusal(actor: User, recusal: Recusal) -> Verdict:
    """Officers take a mistaken recusal back before the opening, and never after it."""
    return has_role(actor, Role.OFFICER) & no_unless(
        recusal.seat.tender.stage == Stage.BIDDERS_NAMED,
        _("A recusal can be lifted before the bids are opened, and not afterwards."),
    )


# --- what a panel must be like ------------------------------------------------------------------------------
@dataclass(frozen=True)
class PanelRule:
    """One rule of composition or quorum, with the figures it was held against and where it stands.

    `binding` says that the tender's profile must keep it; other profiles are only reminded.
    """

    holds: bool
    text: str
    source: str | Promise
    binding: bool

    @property
    def blocks(self) -> bool:
        """Whether it stands in the way."""
        return self.binding and not self.holds


def composition(tender: Tender, seats: Collection[Seat], out: Collection[int] = ()) -> list[PanelRule]:
    """Size and experts of the panel without the seats (keys) in `out`; none where no regime has rules.

    組織準則 §4: five members or more, at least a third of them experts. Recused members leave the count, and
    others are appointed in their place.
    """
    if tender.profile == Profile.OPEN:
        return []
    members = [seat for seat in seats if seat.pk not in out]
    experts = _experts(members)
    figures = {"n": len(members), "experts": experts, "least": LEAST_MEMBERS}
    return [
        _rule(
            tender,
            len(members) >= LEAST_MEMBERS,
            _("At least %(least)d members: there are %(n)d.") % figures,
            ORGANISATION,
        ),
        _rule(
            tender,
            bool(members) and 3 * experts >= len(members),
            _("At least a third are experts: %(experts)d of %(n)d.") % figures,
            ORGANISATION,
        ),
    ]


def attendance(tender: Tender, seats: Collection[Seat], out: Collection[int] = ()) -> list[PanelRule]:
    """Quorum of those present without the seats (keys) in `out`; none where no regime has rules.

    審議規則 §9: half of the members, among those present two experts, who are at least a third of them.
    """
    if tender.profile == Profile.OPEN:
        return []
    members = [seat for seat in seats if seat.pk not in out]
    present = [seat for seat in members if seat.present]
    experts = _experts(present)
    figures = {"n": len(members), "present": len(present), "experts": experts, "least": LEAST_EXPERTS}
    return [
        _rule(
            tender,
            2 * len(present) >= len(members) > 0,
            _("Quorum: at least half of the members are present: %(present)d of %(n)d.") % figures,
            DELIBERATION,
        ),
        _rule(
            tender,
            experts >= LEAST_EXPERTS and 3 * experts >= len(present),
            _(
                "Quorum: at least %(least)d experts are present, and a third of those present: "
                "%(experts)d of %(present)d."
            )
            % figures,
            DELIBERATION,
        ),
    ]


def _experts(seats: Iterable[Seat]) -> int:
    return sum(seat.expert for seat in seats)


def _rule(tender: Tender, holds: bool, text: str, source: Promise) -> PanelRule:
    return PanelRule(holds, text, source, binding=tender.profile == Profile.TW_PUBLIC)

"""Where members and units are apart, what was done about it, and members' corrections of their own marks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.submission import hold, signature
from bids.choices import ResolutionKind
from bids.evaluation import Case
from bids.evaluation.differences import AMBER, GREEN, RED, Difference, Thresholds, differences
from bids.models import Correction, FirstOpinion, Mark, Resolution
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.models import Tender, User
from procurement.models.fields import plain
from procurement.models.tender import default_thresholds
from procurement.rules import Forbidden
from procurement.templatetags.figures import listed

#: What the panel may decide about an item.
OF_AN_ITEM = (
    ResolutionKind.KEEP,
    ResolutionKind.CORRECTED,
    ResolutionKind.AGREED,
    ResolutionKind.REMOVE,
    ResolutionKind.REDO,
)

#: Where an item stands: it waits for a resolution, has one, has the reasons of those apart, or misses some.
PENDING, RESOLVED, EXPLAINED, UNEXPLAINED, AGREEING = "pending", "resolved", "explained", "silent", ""


@dataclass(frozen=True)
class Item:
    """One leaf of one bid as it stands now, and as it was before members corrected their own marks.

    Its level is the worse of the two, so that a red difference stays on the agenda until the panel has said
    something about it. `silent` are the members at an end of the marks who gave no reason.
    """

    now: Difference
    first: Difference
    level: str
    silent: tuple[str, ...]
    resolutions: tuple[Resolution, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Vendor and code of the leaf."""
        return self.now.vendor, self.now.code

    @property
    def is_corrected(self) -> bool:
        """Whether a member changed an own mark."""
        return self.now.members != self.first.members

    @property
    def state(self) -> str:
        """Where it stands."""
        if self.resolutions:
            return RESOLVED
        if self.level == GREEN:
            return AGREEING
        if self.level == RED:
            return PENDING
        return UNEXPLAINED if self.silent else EXPLAINED


def thresholds_of(tender: Tender) -> Thresholds:
    """The tender's thresholds; one that is not set is the default one."""
    shares = default_thresholds() | tender.difference_thresholds
    return Thresholds(
        unit_red=Fraction(shares["unit_red"]),
        unit_amber=Fraction(shares["unit_amber"]),
        member_red=Fraction(shares["member_red"]),
    )


def items_of(tender: Tender, case: Case) -> list[Item]:
    """Every item of the round that goes on, largest difference first (as first marked), in three queries.

    `case` is the tender's own, of that round; bids that a reader may not see are left out by its caller.
    """
    rounds = queries.Rounds(tender, tender.round)
    thresholds = thresholds_of(tender)
    corrected = _corrected(tender, rounds)
    first = {(row.vendor, row.code): row for row in differences(_as_first_marked(case, corrected))}
    resolutions = _resolutions(tender, rounds)
    comments = {
        (bid.vendor, mark.criterion, mark.member): mark.comment for bid in case.bids for mark in bid.marks
    }
    explained = {key for key, comment in comments.items() if comment} | set(corrected)
    items = [
        Item(
            now=row,
            first=first[row.vendor, row.code],
            level=_worse(thresholds, row, first[row.vendor, row.code]),
            silent=tuple(
                member for member in _at_the_ends(row) if (row.vendor, row.code, member) not in explained
            ),
            resolutions=tuple(resolutions.get((row.vendor, row.code), ())),
        )
        for row in differences(case)
    ]
    return sorted(items, key=lambda item: item.first.shares, reverse=True)


def unresolved(items: Iterable[Item]) -> list[Item]:
    """The items about which the panel must still decide."""
    return [item for item in items if item.state == PENDING]


def obstacle_of_differences(tender: Tender, case: Case) -> str:
    """Why the marks cannot be locked or presented for their differences; empty where they can.

    A marked difference goes to the panel (審議規則 §6): it is settled by a recorded decision, and by nothing
    else.
    """
    waiting = [f"{item.now.code} × {item.now.vendor}" for item in unresolved(items_of(tender, case))]
    if not waiting:
        return ""
    return _("The panel must decide about these differences first: %(items)s.") % {"items": listed(waiting)}


def obstacle_to_present(tender: Tender, case: Case) -> str:
    """Why the ranking of a later round cannot be presented yet; empty where it can, and in a locked round."""
    if not queries.is_marking(tender):
        return ""
    waiting = queries.sheets_missing(tender, queries.marking(tender))
    if waiting:
        return _("Score sheets of this round are still missing from: %(names)s.") % {"names": listed(waiting)}
    return obstacle_of_differences(tender, case)


def _worse(thresholds: Thresholds, *pair: Difference) -> str:
    levels = {thresholds.level(row) for row in pair}
    return next(level for level in (RED, AMBER, GREEN) if level in levels)


def _at_the_ends(row: Difference) -> list[str]:
    """The members with the lowest and with the highest mark."""
    ends = {min(row.members.values()), max(row.members.values())}
    return [member for member, mark in row.members.items() if mark in ends]


def _corrected(tender: Tender, rounds: queries.Rounds) -> dict[tuple[str, str, str], Decimal | None]:
    """The original of every mark that was corrected and stands, by vendor, leaf and member."""
    rows = Correction.objects.filter(mark__bid__tender=tender).values_list(
        "mark__bid__vendor__name", "mark__criterion__code", "mark__seat__code", "mark__round", "mark__mark"
    )
    return {
        (vendor, code, member): mark
        for vendor, code, member, number, mark in rows
        if rounds.of(code) == number
    }


def _as_first_marked(case: Case, originals: Mapping[tuple[str, str, str], Decimal | None]) -> Case:
    """The case before anybody corrected a mark."""
    if not originals:
        return case
    bids = []
    for bid in case.bids:
        marks = []
        for mark in bid.marks:
            original = originals.get((bid.vendor, mark.criterion, mark.member))
            marks.append(mark if original is None else replace(mark, mark=Fraction(original)))
        bids.append(replace(bid, marks=tuple(marks)))
    return replace(case, bids=tuple(bids))


def _resolutions(tender: Tender, rounds: queries.Rounds) -> dict[tuple[str, str], list[Resolution]]:
    """What was decided about each item since its leaf was marked last, by vendor and leaf."""
    found: dict[tuple[str, str], list[Resolution]] = {}
    rows = Resolution.objects.filter(
        tender=tender, kind__in=OF_AN_ITEM, criterion__isnull=False, bid__isnull=False
    )
    for row in rows.select_related("criterion", "bid__vendor").order_by("number"):
        if row.round >= rounds.of(row.criterion.code):
            found.setdefault((row.bid.vendor.name, row.criterion.code), []).append(row)
    return found


def correct_mark(
    *, actor: User, mark: Mark, corrected: Decimal, reason: str, seen: int, now: datetime
) -> Correction:
    """Change an own mark after the talk, with a reason; the original stays for ever and the last one counts.

    `seen` is how many corrections were on screen. Raises `Forbidden`, `Stale`, and `ValidationError` while
    sheets are missing and for a mark that could not be given: off the scale, above what the evidence allows.
    """
    if not reason:
        raise ValidationError({"reason": _("Say why you correct your mark.")})
    with transaction.atomic():
        hold(mark.seat.tender)
        mark = enforce_and_lock(rules.can_correct, actor, mark)
        tender = mark.seat.tender
        plan = queries.marking(tender)
        leaf = _own_leaf(plan, mark)
        waiting = queries.sheets_missing(tender, plan)
        if waiting:
            text = _("Marks are corrected once these have submitted theirs: %(names)s.")
            raise ValidationError(text % {"names": listed(waiting)})
        faults = _yardstick(leaf, mark, tender, now).faults(corrected, "", reason)
        if faults:
            raise ValidationError({"corrected": list(faults.values())})
        stored = list(mark.corrections.order_by("number"))
        _check_change(stored, mark, corrected, seen)
        correction = Correction.objects.create(
            mark=mark,
            number=len(stored) + 1,
            corrected=corrected,
            reason=reason,
            by_name=signature(actor),
            at=now,
        )
        audit.record(
            actor=actor,
            action="correct mark",
            object=mark.seat,
            now=now,
            tender=tender,
            bid=str(mark.bid),
            criterion=mark.criterion.code,
            original=plain(mark.mark),
            corrected=plain(corrected),
            reason=reason,
        )
    return correction


def _own_leaf(plan: queries.Marking, mark: Mark) -> queries.Leaf:
    """The leaf, if the member still judges the bid on it: neither recused nor removed."""
    for leaf, bid in plan.cells_of(mark.seat, price=False):
        if (leaf.row.pk, bid.pk) == (mark.criterion_id, mark.bid_id):
            return leaf
    raise Forbidden(_("This mark does not count any more."))


def _yardstick(leaf: queries.Leaf, mark: Mark, tender: Tender, now: datetime) -> rules.Yardstick:
    """Against what the corrected mark is held: the same as the first one."""
    support = queries.supports(tender, [mark.bid], timezone.localdate(now), criterion=leaf.row)
    opinion = FirstOpinion.objects.filter(bid=mark.bid, criterion=leaf.row).first()
    return rules.Yardstick(tender, leaf, support.get((leaf.row.pk, mark.bid_id)), opinion)


def _check_change(stored: list[Correction], mark: Mark, corrected: Decimal, seen: int) -> None:
    """Raise `Stale` for a correction not seen, and `ValidationError` where nothing would change."""
    if len(stored) != seen:
        raise Stale(_("You corrected this mark in another window. Load the page again."))
    if corrected == (stored[-1].corrected if stored else mark.mark):
        raise ValidationError({"corrected": _("This is the mark that stands already.")})

"""One cell of the marks page: a bid on a criterion, the form for one's own mark, what to read beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from bids import rules
from bids.forms.scoring import SIGNS, MarkForm, steps_of
from bids.models import Attachment, Bid, FirstOpinion, Mark
from bids.queries import Answered, Leaf
from procurement.models import Criterion
from procurement.models.fields import plain


def anchor_of(criterion: Criterion, bid: Bid) -> str:
    """Where on the page the cell stands."""
    return f"#cell-{criterion.pk}-{bid.pk}"


@dataclass(frozen=True)
class Step:
    """A mark to choose from: whether the evidence caps it, it is chosen, and it asks for a reason."""

    value: int
    capped: bool
    chosen: bool
    asks: bool


@dataclass(frozen=True)
class Beside:
    """What a bid answers to one requirement that informs the criterion, and the files that came with it."""

    answer: Answered
    files: list[Attachment]

    @property
    def drawn(self) -> int:
        """The step for the evidence badge, which takes one off by itself where evidence has expired."""
        return self.answer.step + self.answer.is_expired


@dataclass(frozen=True)
class Cell:
    """One bid on one criterion; `number` counts the cells of the page from 1."""

    number: int
    bid: Bid
    name: str
    leaf: Leaf
    mark: Mark | None
    earlier: Mark | None
    yardstick: rules.Yardstick
    form: MarkForm
    is_stale: bool = False
    files: Mapping[tuple[int, object], list[Attachment]] = field(default_factory=dict)

    @property
    def steps(self) -> list[Step]:
        """The marks to choose from; empty where the scale is too long or too fine for that."""
        cap = self.yardstick.cap
        return [
            Step(
                value,
                cap is not None and value > cap,
                self.typed == str(value),
                "comment" in self.yardstick.faults(Decimal(value), "", ""),
            )
            for value in steps_of(self.leaf.maximum)
        ]

    @property
    def top(self) -> str:
        """The top of the scale."""
        return rules.scale_figure(self.leaf.maximum)

    @property
    def cap(self) -> str:
        """The highest mark that the evidence allows; empty where it allows all."""
        cap = self.yardstick.cap
        return "" if cap is None or cap >= self.leaf.maximum else rules.scale_figure(cap)

    @property
    def typed(self) -> str:
        """The mark as it stands in the field; `x` for an abstention, `n` for "not my field"."""
        return str(self.form["mark"].value() or "")

    @property
    def figure(self) -> str:
        """The same, empty where it is no number."""
        return "" if self.typed in SIGNS.values() else self.typed

    @property
    def opinion(self) -> FirstOpinion | None:
        """What the working group thought."""
        return self.yardstick.opinion

    @property
    def besides(self) -> list[Beside]:
        """The answers that inform the criterion, in order of the requirements."""
        support = self.yardstick.support
        return [
            Beside(answer, self.files.get((answer.requirement.pk, self.bid.pk), []))
            for answer in (support.answers if support else ())
        ]

    @property
    def weakest(self) -> Beside | None:
        """The answer with the least behind it; None where no requirement applies."""
        support = self.yardstick.support
        weakest = support.weakest if support else None
        return Beside(weakest, []) if weakest else None

    @property
    def fallen(self) -> str:
        """Why the stored mark does not stand any more, empty where it does."""
        return " ".join(fall(self.yardstick, self.mark).values()) if self.mark else ""

    @property
    def state(self) -> tuple[str, str]:
        """Paint and word of the chip."""
        if self.form.errors:
            return "no", _("Not saved")
        if self.mark is None:
            return "", _("Not yet marked")
        if self.fallen:
            return "warn", _("Look again")
        return ("ok", _("Saved")) if self.mark.mark is not None else ("", self.mark.get_absence_display())


def fall(yardstick: rules.Yardstick, mark: Mark) -> dict[str, str]:
    """What stands against a stored mark now."""
    return yardstick.faults(mark.mark, mark.absence, mark.comment)


def form_of(mark: Mark | None) -> MarkForm:
    """The form with what is stored."""
    if mark is None:
        return MarkForm(initial={"mark": "", "comment": "", "version": 0})
    given = SIGNS[mark.absence] if mark.mark is None else plain(Decimal(mark.mark))
    return MarkForm(initial={"mark": given, "comment": mark.comment, "version": mark.version})


@dataclass(frozen=True)
class NavRow:
    """A line of the list at the left: a criterion, or a bidder, with a square for each of its cells."""

    code: str
    title: str
    url: str
    current: bool
    dots: list[str]

    @property
    def count(self) -> int:
        """How many of its cells are done."""
        return sum(dot in {"d", "a"} for dot in self.dots)


@dataclass(frozen=True)
class Left:
    """A cell that still wants something."""

    url: str
    text: str
    here: bool

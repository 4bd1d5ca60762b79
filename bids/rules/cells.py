"""What a mark must be to be kept: on the scale, founded on evidence, and explained where it stands out."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from bids.choices import Absence
from bids.models import FirstOpinion
from bids.queries import Leaf, Support, cap_of
from procurement.models import Tender
from procurement.models.fields import plain

from .marks import can_abstain


def scale_figure(number: Fraction) -> str:
    """A point of a scale in digits; published scales are decimals of at most 6 places."""
    return plain(round(Decimal(number.numerator) / Decimal(number.denominator), 6))


def off_scale(mark: Decimal, maximum: Fraction) -> str:
    """What is wrong with a mark that is not on the scale, empty where it is."""
    if 0 <= Fraction(mark) <= maximum:
        return ""
    return _("The scale goes from 0 to %(top)s.") % {"top": scale_figure(maximum)}


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Against what one member's mark of one bid on one criterion is held."""

    tender: Tender
    leaf: Leaf
    support: Support | None = None
    opinion: FirstOpinion | None = None

    @property
    def cap(self) -> Fraction | None:
        """The highest mark that the evidence allows; None where the scale alone limits it."""
        return cap_of(self.leaf.row, self.leaf.maximum, self.support)

    @property
    def why_capped(self) -> str:
        """Which evidence caps the mark, and how high; empty where the whole scale may be used."""
        cap = self.cap
        weakest = self.support.weakest if self.support else None
        if self.support is None or weakest is None or cap is None or cap >= self.leaf.maximum:
            return ""
        figures = {
            "code": weakest.requirement.code,
            "level": weakest.level.label if weakest.level else "",
            "cap": scale_figure(cap),
            "top": scale_figure(self.leaf.maximum),
        }
        if self.support.shows_nothing:
            return _("Nothing stands behind the answer to %(code)s: the mark can be at most 0.") % figures
        if weakest.level is None:
            return (
                _(
                    "%(code)s is not met, which counts like a bare claim:"
                    " the mark can be at most %(cap)s of %(top)s."
                )
                % figures
            )
        if weakest.is_expired:
            return (
                _(
                    "The evidence on %(code)s has expired and counts as “%(level)s”:"
                    " the mark can be at most %(cap)s of %(top)s."
                )
                % figures
            )
        return (
            _("The evidence on %(code)s is “%(level)s”: the mark can be at most %(cap)s of %(top)s.")
            % figures
        )

    def faults(self, mark: Decimal | None, absence: str, comment: str) -> dict[str, str]:
        """What stands against keeping it, by field (`mark`, `comment`); empty where nothing does.

        Without a number it is an abstention, which asks for a reason, or not the member's field.
        """
        if mark is None:
            if not can_abstain(self.tender):
                return {"mark": str(can_abstain(self.tender).reason)}
            unexplained = absence != Absence.NOT_MY_FIELD and not comment
            return {"comment": _("Say why you do not mark this.")} if unexplained else {}
        wrong = off_scale(mark, self.leaf.maximum)
        if not wrong and self.cap is not None and Fraction(mark) > self.cap:
            wrong = self.why_capped
        if wrong:
            return {"mark": wrong}
        missing = "" if comment else self._asks_for_a_reason(mark)
        return {"comment": missing} if missing else {}

    def _asks_for_a_reason(self, mark: Decimal) -> str:
        """Why the mark asks for a reason, empty where it needs none."""
        if self.tender.comment_at_ends and Fraction(mark) in {0, self.leaf.maximum}:
            return _("Give a reason: this is the lowest or the highest mark of the scale.")
        if self.opinion is not None and self.opinion.mark not in {None, mark}:
            first = plain(self.opinion.mark)
            return _("Give a reason: the working group’s first opinion was %(mark)s.") % {"mark": first}
        return ""

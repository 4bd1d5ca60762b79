"""What papers are written from: the rows of the records, read once."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext as _

from bids.evaluation import Case, Result
from bids.evaluation.result import Row
from bids.evaluation.tree import Tree, tree_of
from bids.models import (
    Approval,
    Award,
    Bid,
    Claim,
    Dissent,
    FirstOpinion,
    LotDraw,
    Recusal,
    Resolution,
    ScoreSheet,
    Submission,
    Waiver,
)
from bids.queries import OpeningFacts, Standing
from procurement.models import Seat, Tender, Unit
from procurement.templatetags import figures

from . import words
from .document import Foot


@dataclass(frozen=True)
class Ranked:
    """A case and its result."""

    case: Case
    result: Result

    @property
    def tree(self) -> Tree:
        """The criteria of the case."""
        return tree_of(self.case)

    def row_of(self, vendor: str) -> Row | None:
        """The vendor's row, where it is ranked."""
        return next((row for row in self.result.ranking if row.vendor == vendor), None)


@dataclass(frozen=True)
class Apart:
    """An item on which members or units are further apart than the threshold, and what was decided on it."""

    vendor: str
    code: str
    spread: Fraction
    resolutions: Sequence[Resolution]
    corrected: bool


@dataclass(frozen=True)
class Records:
    """Everything on record about a tender that a paper can say.

    `as_scored` and `accepted` are the rankings without and with exceptions; the award, once made, is that of
    its own frozen case. Marks are `named` or stand by letter; a `nameless` copy has no member's name at all.
    """

    tender: Tender
    as_scored: Ranked | None
    accepted: Ranked | None
    award: Award | None
    recommendation: Resolution | None
    approvals: Sequence[Approval]
    resolutions: Sequence[Resolution]
    dissents: Sequence[Dissent]
    draws: Sequence[LotDraw]
    objections: Sequence[Standing]
    waivers: Sequence[Waiver]
    opinions: Sequence[FirstOpinion]
    apart: Sequence[Apart]
    seats: Sequence[Seat]
    recusals: Sequence[Recusal]
    sheets: Sequence[ScoreSheet]
    claims: Sequence[Claim]
    envelopes: Sequence[tuple[Bid, Submission | None]]
    units: Mapping[str, Unit]
    organisation: str
    producer: str
    now: datetime
    opening: OpeningFacts
    #: The number of the amendment that asked for bids to be confirmed; 0 where none did.
    confirmation_asked: int
    as_published: bool
    named: bool = True
    nameless: bool = False
    letters: Mapping[str, str] = field(default_factory=dict)

    @property
    def followed(self) -> Ranked | None:
        """The ranking that the award, or the recommendation, follows; as scored where there is neither."""
        follows = bool(self.award and self.award.with_exceptions)
        if self.award is None and self.recommendation is not None:
            follows = self.recommendation.recommendation.with_exceptions
        return self.accepted if follows else self.as_scored

    @property
    def differ(self) -> bool:
        """Whether accepted exceptions make another ranking."""
        if self.as_scored is None or self.accepted is None:
            return False
        return self.as_scored.result.fingerprint != self.accepted.result.fingerprint

    def member(self, code: str) -> str:
        """What a member is called on this paper."""
        seat = next((seat for seat in self.seats if seat.code == code), None)
        return str(seat) if self.named and seat else self.letters.get(code, code)

    def unit(self, code: str) -> str:
        """The unit's name in the language of the paper."""
        return self.units[code].name if code in self.units else code

    def told(self, text: str) -> str:
        """Free text, without the members' names where they stand by letter."""
        return text if self.named else without(text, self._member_names())

    def signed(self, signature: str) -> str:
        """A copied signature; in a nameless copy a member's is none."""
        hidden = self.nameless and any(name in signature for name in self._member_names())
        return _("a panel member") if hidden else signature

    def _member_names(self) -> dict[str, str]:
        names = {seat.name for seat in self.seats} | {seat.user.name for seat in self.seats if seat.user}
        return {name: _("a panel member") for name in names if name}

    @property
    def is_pending(self) -> bool:
        """Whether an objection is not settled: then a paper is no basis for an award."""
        return any(row.freezes for row in self.objections)

    def foot(self, *, ranking: bool = True) -> Foot:
        """The foot of every sheet; a paper that tells nothing of the ranking leaves out its fingerprint."""
        fingerprint = ""
        if ranking and self.followed is not None:
            fingerprint = self.award.fingerprint if self.award else self.followed.result.fingerprint
        return Foot(
            reference=_("Reference %(text)s") % {"text": self.tender.reference},
            publication=_("Publication fingerprint %(text)s")
            % {"text": figures.fingerprint(self.tender.fingerprint)},
            ranking=_("Ranking fingerprint %(text)s") % {"text": figures.fingerprint(fingerprint)}
            if fingerprint
            else "",
            produced=_("Produced %(moment)s by %(person)s")
            % {"moment": figures.stamp(self.now), "person": self.producer},
            pending=_("Pending: objections are not settled; this paper is no basis for an award.")
            if self.is_pending
            else "",
        )


def without(text: str, names: Mapping[str, str]) -> str:
    """The text with other words in place of each name, in upper or lower case; the longest name counts."""
    if not names:
        return text
    words_for = {name.casefold(): other for name, other in names.items()}
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(pattern, lambda match: words_for[match[0].casefold()], text, flags=re.IGNORECASE)


def letters_of(seats: Iterable[Seat], salt: str) -> dict[str, str]:
    """A letter for every member, in an order that says nothing of seat, unit or name."""
    codes = sorted(
        (seat.code for seat in seats), key=lambda code: hashlib.sha256(f"{salt} {code}".encode()).digest()
    )
    return {
        code: _("Member %(letter)s") % {"letter": words.letter(number)} for number, code in enumerate(codes)
    }

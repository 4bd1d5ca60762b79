"""What an opening stands on: packages, officers and their turns, the closing record, and what came late."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from bids.choices import Envelope
from bids.models import ClosingRecord, EnvelopeKey, LateBid, OpeningTurn, Package
from bids.sealing import package
from bids.sealing.refusals import SealRefused
from procurement.models import Tender

from .closing import closing_of

_TURNS = Prefetch("turns", OpeningTurn.objects.select_related("officer__key", "officer__user__unit"))


@dataclass(frozen=True)
class Unlocked:
    """An envelope of a tender; `at` is when the second officer unlocked it, empty while it is locked."""

    envelope: Envelope
    at: datetime | None
    turns: tuple[OpeningTurn, ...]


@dataclass(frozen=True)
class OpeningFacts:
    """Everything about a tender's opening that is not in its bids. `late` is for after the opening."""

    packages: tuple[Package, ...]
    unlocked: tuple[Unlocked, ...]
    closing: ClosingRecord | None
    late: tuple[LateBid, ...]

    @property
    def published(self) -> tuple[tuple[Package, package.Package | None], ...]:
        """The packages with what their texts say; None where somebody has made one unreadable."""
        return tuple((row, _said(row)) for row in self.packages)

    @property
    def system_key(self) -> str:
        """The identifier of the system key that the envelopes' keys were split with; empty for none."""
        return next((said.system_key for _row, said in self.published if said is not None), "")


def opening_facts(tender: Tender) -> OpeningFacts:
    """Read them; late bids only once the bids are opened, because they tell of bidders."""
    late = LateBid.objects.filter(tender=tender).select_related("bid__vendor")
    return OpeningFacts(
        packages=tuple(tender.packages.all()),
        unlocked=tuple(
            Unlocked(Envelope(key.envelope), key.opened_at, tuple(_last_two(key)) if key.opened_at else ())
            for key in tender.envelope_keys.prefetch_related(_TURNS).order_by("-envelope")
        ),
        closing=closing_of(tender),
        late=tuple(late) if tender.opened_at is not None else (),
    )


def turns_of(tender: Tender, envelope: Envelope) -> list[OpeningTurn]:
    """The turns of the two officers who unlocked an envelope, in order."""
    key = tender.envelope_keys.filter(envelope=envelope, opened_at__isnull=False).first()
    return [] if key is None else _last_two(key)


def _said(row: Package) -> package.Package | None:
    try:
        return package.read(row.text.encode())
    except SealRefused:
        return None


def _last_two(key: EnvelopeKey) -> list[OpeningTurn]:
    """The turns that unlocked it: a turn that nobody followed in time stands before them."""
    return list(key.turns.all())[-2:]

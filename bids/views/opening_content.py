"""What the opening page says: envelopes in order of receipt, what was checked, and the panel."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries, rules
from bids.actions.unlocking import WITHIN, waiting_turn
from bids.choices import BidStatus, SubmissionKind
from bids.choices import Envelope as SealedEnvelope
from bids.models import Bid, OpeningOfficer, OpeningTurn, Submission
from procurement.choices import Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, no_unless
from procurement.templatetags.figures import listed

from .opening_record import RecordContent
from .panel_content import PanelContent


@dataclass(frozen=True)
class Envelope:
    """A bid with what was handed in last; imported bids came in on paper and have none."""

    bid: Bid
    submission: Submission | None
    #: The number of the amendment that asked for bids to be confirmed; 0 where none did.
    asked: int

    @property
    def state(self) -> str:
        """How the seal is drawn."""
        if self.bid.status == BidStatus.WITHDRAWN:
            return "withdrawn"
        return "late" if self.bid.status == BidStatus.EXCLUDED else "opened"

    @property
    def _sent(self) -> bool:
        return self.submission is not None and self.submission.kind == SubmissionKind.BID

    @property
    def files(self) -> int | None:
        """How many files it holds; None where nothing was opened."""
        return len(self.bid.attachments.all()) if self._sent else None

    @property
    def intact(self) -> bool | None:
        """Whether it opened as it was committed at the deadline; None where there was nothing to open."""
        return not self.bid.unreadable if self._sent else None

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the tender was amended afterwards and the vendor has not confirmed the bid."""
        return (
            self._sent and self.submission is not None and queries.is_unconfirmed(self.submission, self.asked)
        )


@dataclass(frozen=True)
class Seal:
    """An envelope of the tender: who has unlocked it, and until when the second officer is awaited."""

    envelope: SealedEnvelope
    turns: list[OpeningTurn]
    waiting: OpeningTurn | None
    opened: bool
    awaited: list[OpeningOfficer]
    can_unlock: Verdict

    @property
    def until(self) -> datetime | None:
        """When the turn of the first officer ends."""
        return self.waiting.at + WITHIN if self.waiting else None


class OpeningContent:
    """The opening of one tender, as a person of the bank sees it."""

    def __init__(self, user: User, tender: Tender, now: datetime) -> None:
        self.user, self.tender, self.now = user, tender, now
        self.can_name = rules.can_name_bidders(user, tender, now)
        self.can_open = rules.can_open_technical(user, tender)
        self.can_lock = rules.can_lock_marks(user, tender)
        self.can_open_prices = rules.can_open_prices(user, tender)
        self.can_record = rules.can_record_evaluation(user, tender, now)

    @property
    def title(self) -> str:
        """The page's conclusion."""
        if self.tender.stage == Stage.BIDDERS_NAMED:
            n = len(self.bidders)
            return ngettext("%(n)d bidder is named", "%(n)d bidders are named", n) % {"n": n}
        if not self.tender.is_opened:
            if self.tender.is_closed(self.now):
                return _("Bidding is over; the bids are still closed")
            return _("Bids stay closed until the deadline")
        n = sum(envelope.bid.status != BidStatus.WITHDRAWN for envelope in self.envelopes)
        return ngettext("%(n)d bid was opened", "%(n)d bids were opened", n) % {"n": n}

    @property
    def sentence(self) -> str:
        """What comes next, and who does it."""
        if self.tender.stage == Stage.BIDDERS_NAMED:
            return _(
                "Their names are all that anybody knows. The panel declares its interests, two opening "
                "officers unlock the envelopes, and an officer opens the bids."
            )
        if not self.tender.is_opened:
            return _(
                "Nobody, officers included, can read a bid or learn whether there is one before it is opened."
            )
        return {
            Stage.TECHNICAL_OPENED: _(
                "Units verify and mark now. Prices stay closed until the marks are locked."
            ),
            Stage.TECHNICAL_LOCKED: _(
                "The marks are locked. Two opening officers unlock the prices, and an officer opens them."
            ),
        }.get(Stage(self.tender.stage), _("Everything is open."))

    @cached_property
    def envelopes(self) -> list[Envelope]:
        """What came in, in order of receipt; empty before the opening."""
        if not self.tender.is_opened:
            return []
        latest = {submission.bid_id: submission for _bid, submission in queries.handed_in(self.tender)}
        bids = queries.bids_visible_to(self.user).filter(tender=self.tender)
        bids = bids.prefetch_related("attachments", "claims")
        asked = queries.confirmation_asked(self.tender)
        return [Envelope(bid, latest.get(bid.pk), asked) for bid in bids]

    @cached_property
    def seal(self) -> Seal | None:
        """The envelope that is unlocked at this stage; None at every other stage."""
        envelope = {
            Stage.BIDDERS_NAMED: SealedEnvelope.TECHNICAL,
            Stage.TECHNICAL_LOCKED: SealedEnvelope.PRICE,
        }.get(Stage(self.tender.stage))
        key = self.tender.envelope_keys.filter(envelope=envelope).first() if envelope else None
        if key is None:
            return None
        waiting, opened = waiting_turn(key, self.now), key.opened_at is not None
        awaited = [] if opened else list(queries.standing_officers(self.tender))
        return Seal(
            envelope=envelope,
            turns=queries.turns_of(self.tender, envelope),
            waiting=waiting,
            opened=opened,
            awaited=[row for row in awaited if waiting is None or row.pk != waiting.officer_id],
            can_unlock=rules.can_unlock(self.user, self.tender, envelope),
        )

    @property
    def _unlocked(self) -> Verdict:
        """Whether two officers unlocked what is opened next."""
        return no_unless(
            self.seal is None or self.seal.opened, _("Two opening officers unlock the envelopes first.")
        )

    @property
    def counts(self) -> str:
        """How many envelopes of each status there are, in a line."""
        held = [envelope.bid.status for envelope in self.envelopes]
        return " · ".join(f"{status.label} {held.count(status)}" for status in BidStatus if status in held)

    @cached_property
    def record(self) -> RecordContent:
        """What was checked, who unlocked what, and what came in late."""
        return RecordContent(self.user, self.tender, self.now, self.envelopes)

    @cached_property
    def bidders(self) -> list[Bid]:
        """Who bid, by name and nothing else, between the naming and the opening."""
        if self.tender.stage != Stage.BIDDERS_NAMED:
            return []
        return queries.bidders_visible_to(self.user, self.tender)

    @cached_property
    def panel(self) -> PanelContent:
        """The panel, its declarations and its rules."""
        return PanelContent(self.user, self.tender)

    @property
    def _sheets_in(self) -> Verdict:
        """Whether every sheet is submitted."""
        waiting = listed(place.name for place in self.panel.places if place.waiting)
        return no_unless(
            not waiting, _("Score sheets are still missing from: %(names)s.") % {"names": waiting}
        )

    @property
    def _nothing_missing(self) -> Verdict:
        """Whether every declaration is in and settled, and the panel large enough."""
        obstacles = self.panel.obstacles
        return no_unless(not obstacles, " ".join(obstacles))

    @property
    def next_step(self) -> tuple[str, str, Verdict]:
        """URL name, verb and rule of the step that comes next; empty when the opening is complete."""
        if self.tender.stage == Stage.TECHNICAL_OPENED:
            return "lock-marks", _("Lock the marks"), self.can_lock & self._sheets_in
        if self.tender.stage == Stage.TECHNICAL_LOCKED:
            return "open-prices", _("Open the prices"), self.can_open_prices & self._unlocked
        if self.tender.stage == Stage.BIDDERS_NAMED:
            return (
                "open-technical",
                _("Open the bids"),
                self.can_open & self._nothing_missing & self._unlocked,
            )
        return "name-bidders", _("Name the bidders"), self.can_name

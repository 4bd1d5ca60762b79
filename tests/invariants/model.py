"""What should happen: a tender and its offers in memory, after the specification and not after the code.

Names, answers, prices and files are markers: each is spelled in one way only, so that wherever it turns up
one knows whose it is, of which version, and whether it may be there already.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DRAFT, PUBLISHED, NAMED, OPENED, LOCKED, PRICED, RANKED, CANCELLED = (
    "draft",
    "published",
    "bidders_named",
    "technical_opened",
    "technical_locked",
    "price_opened",
    "ranked",
    "cancelled",
)
ORDER = (DRAFT, PUBLISHED, NAMED, OPENED, LOCKED, PRICED, RANKED)
VENDORS = ("vendor", "rival", "third")
OPENERS = ("officer", "auditor", "next_above")
WITHIN = timedelta(minutes=15)
#: So many wrong passphrases in a row and nothing is heard for a quarter of an hour, which no process takes.
GUESSES = 5
CODES = ("R1", "R2", "R3")

#: Everything that a vendor writes in these processes looks like one of these, and nothing else does.
MARKERS = re.compile(rb"Quarzfels-\d{4}|Basalt-\d{4}|15\d{3}357\.2468")
#: One of these is in each of them, and a fixed text is found twenty times faster than a pattern.
_FIXED = (b"Quarzfels-", b"Basalt-", b"357.2468")


def markers_in(content: bytes) -> set[bytes]:
    """The markers in what is written, mailed, logged or stored."""
    return set(MARKERS.findall(content)) if any(text in content for text in _FIXED) else set()


@dataclass(frozen=True)
class Content:
    """What a bid says: answers by code, each with the same note, the price, and files by identifier."""

    answers: tuple[tuple[str, str], ...] = ()
    note: str = ""
    price: str = ""
    files: tuple[tuple[str, str], ...] = ()

    @property
    def is_complete(self) -> bool:
        return {code for code, answer in self.answers if answer} >= set(CODES)

    @property
    def technical(self) -> set[bytes]:
        """The markers of the first envelope."""
        return {word.encode() for word in (self.note, *(name[:11] for _pk, name in self.files)) if word}


@dataclass(frozen=True)
class Sent:
    """A version that was acknowledged, and the receipt that the vendor holds."""

    number: int
    kind: str
    at: datetime
    key: object
    receipt: str
    commitment: str
    content: Content | None
    amendment: int = 0


@dataclass(frozen=True)
class Proposal:
    """An amendment that waits for a second person."""

    pk: object
    proposer: str
    kind: str
    deadline: datetime | None


@dataclass
class Offer:
    """One vendor's work on the tender."""

    draft: Content = Content()
    sent: list[Sent] = field(default_factory=list)
    late: int = 0
    confirmed: int = -1
    #: Somebody with the database in hand changed what was stored.
    tampered: bool = False

    @property
    def last(self) -> Sent | None:
        return self.sent[-1] if self.sent else None

    @property
    def stands(self) -> bool:
        return self.last is not None and self.last.kind == "bid"


class Model:
    """The tender as it should stand."""

    def __init__(self, stage: str, now: datetime, deadline: datetime) -> None:
        self.stage, self.now, self.deadline = stage, now, deadline
        self.offers = {name: Offer() for name in VENDORS}
        #: The latest time that the clock has shown: while it shows less, no bids are taken.
        self.latest = now
        self.turns: dict[str, tuple[str, datetime]] = {}
        self.unlocked: set[str] = set()
        self.guesses = Counter()
        self.declared = False
        #: Whether the weights of a draft are 100 together.
        self.adds_up = True
        #: Whether somebody objected to the draft, which keeps it from being published: nobody answers here.
        self.objected = False
        self.closed = False
        #: The number of the last amendment, and of the last that changed the documents.
        self.amendment = self.documents = 0
        self.proposal: Proposal | None = None
        self._words = 0

    # --- words ----------------------------------------------------------------------------------------------
    def _number(self) -> int:
        self._words += 1
        return self._words

    def note(self) -> str:
        return f"Quarzfels-{self._number():04d}"

    def price(self) -> str:
        return f"15{self._number() % 1000:03d}357.2468"

    def file_name(self) -> str:
        return f"Basalt-{self._number():04d}.pdf"

    def may_be_read(self) -> set[bytes]:
        """The markers that are no secret any more: of what counts, in the envelopes that are unlocked."""
        found: set[bytes] = set()
        for offer in self.offers.values():
            if not offer.stands or offer.tampered:
                continue
            if "technical" in self.unlocked:
                found |= offer.last.content.technical
            if "price" in self.unlocked:
                found.add(offer.last.content.price.encode())
        return found

    # --- what should be allowed -----------------------------------------------------------------------------
    def publishing(self, name: str) -> str:
        ready = self.now < self.deadline and self.adds_up and not self.objected
        return self._officers(name, DRAFT, ready)

    @property
    def is_paused(self) -> bool:
        return self.latest - self.now > timedelta(seconds=2)

    def takes_bids(self, at: datetime) -> bool:
        paused = self.latest - at > timedelta(seconds=2)
        return self.stage == PUBLISHED and at < self.deadline and not self.closed and not paused

    def submitting(self, name: str, at: datetime, key: object) -> str:
        offer = self.offers[name]
        if self.stage in (DRAFT, CANCELLED):
            return "refused"
        if any(sent.key == key for sent in offer.sent):
            return "done"
        if at >= self.deadline:
            return "late"
        return "done" if self.takes_bids(at) and offer.draft.is_complete else "refused"

    def withdrawing(self, name: str, at: datetime, key: object) -> str:
        offer = self.offers[name]
        if any(sent.key == key for sent in offer.sent) and self.stage not in (DRAFT, CANCELLED):
            return "done"
        return "done" if self.takes_bids(at) and offer.stands else "refused"

    def confirming(self, name: str, at: datetime) -> str:
        offer = self.offers[name]
        waits = offer.stands and max(offer.last.amendment, offer.confirmed) < self.documents
        return "done" if waits and self.takes_bids(at) else "refused"

    def proposing(self, name: str, deadline: datetime | None) -> str:
        later = deadline is None or deadline > self.deadline
        free = self.takes_bids(self.now) and self.proposal is None
        return "done" if name == "officer" and free and later else "refused"

    def deciding(self, name: str) -> str:
        """The tender's approver agrees or refuses, before the old deadline."""
        return "done" if name == "approver" and self.takes_bids(self.now) else "refused"

    def decide(self, agrees: bool) -> None:
        proposal, self.proposal = self.proposal, None
        if agrees:
            self.amendment += 1
            self.deadline = proposal.deadline or self.deadline
            if proposal.kind == "documents":
                self.documents = self.amendment

    def closing(self) -> bool:
        return self.stage == PUBLISHED and self.now >= self.deadline

    def unlocking(self, name: str, envelope: str, *, right: bool) -> str:
        return "done" if right and self._is_heard(name, envelope) else "refused"

    def _is_heard(self, name: str, envelope: str) -> bool:
        stage = {"technical": NAMED, "price": LOCKED}[envelope]
        return name in OPENERS and self.stage == stage and self.guesses[name] < GUESSES

    def guess(self, name: str, envelope: str, *, right: bool) -> None:
        if self._is_heard(name, envelope):
            self.guesses[name] = 0 if right else self.guesses[name] + 1

    def take_turn(self, name: str, envelope: str) -> None:
        if envelope in self.unlocked:
            return
        before = self.turns.get(envelope)
        if before and before[0] != name and self.now - before[1] < WITHIN:
            self.unlocked.add(envelope)
        else:
            self.turns[envelope] = (name, self.now)

    def opening(self, name: str) -> str:
        ready = self.declared or not any(offer.stands for offer in self.offers.values())
        return self._officers(name, NAMED, "technical" in self.unlocked and ready)

    def pricing(self, name: str) -> str:
        return self._officers(name, LOCKED, "price" in self.unlocked)

    def _officers(self, name: str, stage: str, ready: bool) -> str:
        return "done" if name == "officer" and self.stage == stage and ready else "refused"

    # --- what happened --------------------------------------------------------------------------------------
    def go_to(self, stage: str) -> None:
        """No stage goes back, whatever anybody did."""
        if stage != CANCELLED:
            assert ORDER.index(stage) == ORDER.index(self.stage) + 1, f"{self.stage} to {stage}"
        self.stage = stage

"""What the opening page says of the record: what was checked, who unlocked what, and what came in late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries
from bids.actions.publication import is_as_published
from bids.models import ClosingRecord, LateBid, OpeningTurn, Package
from bids.queries import OpeningFacts
from procurement.models import Tender, User
from procurement.templatetags.figures import fingerprint, moment


class Opened(Protocol):
    """A bid among those that came in."""

    @property
    def intact(self) -> bool | None:
        """Whether it opened as it was committed; None where there was nothing to open."""

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the vendor has not confirmed it under an amendment that asked for that."""


@dataclass(frozen=True)
class Check:
    """A line of the integrity list; `url` names an address of the tender with what stands behind it."""

    kind: str
    text: str
    who: str
    url: str = ""

    @property
    def sign(self) -> str:
        """The sign of the kind."""
        return {"ok": "check", "no": "x", "warn": "alert", "act": "clock", "": "lock"}[self.kind]


@dataclass(frozen=True)
class Turn:
    """An officer who unlocked an envelope: which, who, of which unit as published, and when."""

    envelope: str
    turn: OpeningTurn
    unit: str


def _unit(turn: OpeningTurn) -> str:
    """The unit as published: its name while the officer is of it, else its code."""
    code, unit = turn.officer.unit_code, turn.officer.user.unit
    return str(unit) if unit is not None and unit.code == code else code


class RecordContent:
    """The record of one tender's opening, as a person of the bank sees it."""

    def __init__(self, user: User, tender: Tender, now: datetime, opened: Sequence[Opened]) -> None:
        self.user, self.tender, self.now, self.opened = user, tender, now, opened

    @cached_property
    def facts(self) -> OpeningFacts:
        """Packages, turns, closing record and late bids."""
        return queries.opening_facts(self.tender)

    @property
    def closing(self) -> ClosingRecord | None:
        """What the bidding was closed with; None before, and for a tender whose bids came on paper."""
        return self.facts.closing

    @cached_property
    def turns(self) -> list[Turn]:
        """Both officers of each envelope, in order."""
        return [
            Turn(str(one.envelope.label), turn, _unit(turn))
            for one in self.facts.unlocked
            for turn in one.turns
        ]

    @property
    def packages(self) -> list[tuple[Package, datetime | None]]:
        """What was published, and with which deadline; None where it cannot be read any more."""
        return [(row, said.deadline if said else None) for row, said in self.facts.published]

    @cached_property
    def late(self) -> list[LateBid]:
        """What came in too late, without that of bidders whom the person is kept from."""
        if not self.facts.late:
            return []
        kept = set(queries.bids_kept_from(self.user).filter(tender=self.tender).values_list("pk", flat=True))
        return [row for row in self.facts.late if row.bid_id not in kept]

    # --- the integrity list ---------------------------------------------------------------------------------
    @property
    def checks(self) -> list[Check]:
        """What was checked, each with what was found."""
        if self.tender.is_open_for_bids(self.now):
            return [self._specification, self._deadline("act", _("Bidding goes on"))]
        lines = [self._specification, self._deadline("ok", _("By the server’s clock")), *self._closed]
        if not self.tender.is_opened:
            return [*lines, Check("", _("Bids are closed"), _("An officer opens them"))]
        return [*lines, *self._bids, self._prices]

    @property
    def _specification(self) -> Check:
        same = is_as_published(self.tender)
        return Check(
            "ok" if same else "no",
            _("Unchanged since publication") if same else _("Changed since publication"),
            _("Fingerprint %(text)s, computed again") % {"text": fingerprint(self.tender.fingerprint)},
        )

    def _deadline(self, kind: str, who: str) -> Check:
        return Check(kind, _("Deadline %(moment)s") % {"moment": moment(self.tender.deadline)}, who)

    @property
    def _closed(self) -> list[Check]:
        """The closing record. Its root is shown once it tells nobody anything; the file is there before."""
        if not self.facts.packages:
            return []
        if self.closing is None:
            return [
                Check("act", _("Bidding is not signed as closed yet"), _("Within a minute of the deadline"))
            ]
        return [Check("ok", _("Closed under one signed root"), moment(self.closing.at), "closing-record")]

    @property
    def _bids(self) -> list[Check]:
        intact = [row.intact for row in self.opened if row.intact is not None]
        lines = [
            Check(
                "ok" if all(intact) else "no",
                _("What was opened is what was committed at the deadline"),
                _("%(n)d of %(total)d") % {"n": sum(intact), "total": len(intact)},
            )
        ]
        n = sum(row.is_unconfirmed for row in self.opened)
        if n:
            text = ngettext(
                "%(n)d bid is not confirmed under the last amendment",
                "%(n)d bids are not confirmed under the last amendment",
                n,
            )
            lines.append(Check("warn", text % {"n": n}, _("Opened all the same, and shown as such")))
        return lines

    @property
    def _prices(self) -> Check:
        if self.tender.is_priced:
            since = _("since %(moment)s") % {"moment": moment(self.tender.priced_at)}
            return Check("ok", _("Prices are open"), since)
        return Check("", _("Prices are closed"), _("They are opened once the marks are locked"))

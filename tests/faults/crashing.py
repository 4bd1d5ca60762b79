"""Processes that end at each step of what they do, without a word; the next one goes on from there.

A step is a statement that changes rows, the moment before and after each commit, and every wait for the disk.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection

from bids.actions import opening, scoring, submission, unlocking
from bids.choices import Envelope
from bids.models import Bid, Submission
from procurement.choices import Stage
from procurement.models import Tender, User
from tests.bids.vendors import add_file, draft_of
from tests.cast import OPENERS, PASSPHRASES, declare_nothing, mark_everything
from tests.faults import site
from tests.files.making import pdf

#: How a process ends that was told to end in the middle of things.
DIED = 70
CHANGES = ("INSERT", "UPDATE", "DELETE")


class Steps:
    """Counts the steps of this process, and ends it at one of them."""

    def __init__(self, last: int) -> None:
        self.left = last
        self._watching = connection.execute_wrapper(self._execute)
        self._watching.__enter__()
        self._commit, self._fsync = connection.commit, os.fsync
        connection.commit, os.fsync = self._commits, self._writes

    def _step(self) -> None:
        self.left -= 1
        if not self.left:
            os._exit(DIED)

    def _execute(self, execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith(CHANGES):
            self._step()
        return execute(sql, *more)

    def _commits(self) -> None:
        self._step()
        self._commit()
        self._step()

    def _writes(self, file: int) -> None:
        self._step()
        self._fsync(file)


class Walk:
    """One tender from the first file to the opened prices, with a crash at each step of the way."""

    def __init__(self) -> None:
        self.pk = site.enter_tender("FAULT-CRASH").pk
        self.first, self.second = site.enter_vendors(2, "crash")
        self.officer = site.everybody().officer
        self.after = self.tender.deadline + timedelta(seconds=1)
        self.promises = site.Promises()
        self.crashes: dict[str, int] = {}

    @property
    def tender(self) -> Tender:
        return Tender.objects.get(pk=self.pk)

    def through(
        self,
        name: str,
        act: Callable[[], Any],
        done: Callable[[], bool] = lambda: False,
        progress: Callable[[], Any] = lambda: None,
    ) -> None:
        """Do it again and again, with a crash one step later each time, until it comes to its end.

        Where a crash left progress behind, the steps are counted from there.
        """
        step, before = 1, progress()
        while not done():

            def work(_report: site.Report, last: int = step) -> None:
                Steps(last)
                act()

            code, _said = site.fork(work).wait()
            self.promises.check()
            if not code:
                break
            assert code == DIED, f"{name} ended with {code} at step {step}"
            self.crashes[name] = self.crashes.get(name, 0) + 1
            now = progress()
            step, before = (step + 1, before) if now == before else (1, now)
        assert self.crashes.get(name), f"{name} had no step to crash at"

    # --- until the deadline ---------------------------------------------------------------------------------
    def bid(self) -> None:
        tender = self.tender
        self.through("stage", lambda: add_file(self.first, tender, content=pdf(), at=self._now))
        self.through("save", lambda: site.write_bid(self.first, self.tender))
        key = uuid4()
        self.through("submit", lambda: site.hand_in(self.first, self.tender, key=key))
        (sent,) = Submission.objects.filter(idempotency_key=key)
        names = [file.entry.name for file in draft_of(self.first, sent.bid).files]
        assert set(names) == {"r.pdf"}, f"the draft lost its file: {names}"
        site.write_bid(self.second, tender, price="12000000")
        site.hand_in(self.second, tender, price="12000000")
        key, own = uuid4(), Bid.objects.get(tender=tender, vendor=self.second.vendor)
        self.through("withdraw", lambda: submission.withdraw_bid(actor=self.second, bid=own, key=key))
        assert own.submissions.get(idempotency_key=key).number == 2
        site.hand_in(self.second, tender, price="12000000")

    @property
    def _now(self) -> Any:
        return self.after - timedelta(hours=1)

    # --- the opening ----------------------------------------------------------------------------------------
    def open(self) -> None:
        self._at(Stage.BIDDERS_NAMED, "name", opening.name_bidders)
        declare_nothing(self.tender, at=self.after)
        self._unlock(Envelope.TECHNICAL)
        self._at(Stage.TECHNICAL_OPENED, "open", opening.open_technical, self._read)
        marks = {"S": "40", "Q": "20"}
        mark_everything(self.tender, {"crash00": marks, "crash01": marks})
        for seat in self.tender.seats.filter(present=True):
            scoring.submit_marks(actor=seat.user, seat=seat, now=self.after)
        self._at(Stage.TECHNICAL_LOCKED, "lock", opening.lock_marks)
        self._unlock(Envelope.PRICE)
        self._at(Stage.PRICE_OPENED, "price", opening.open_prices)
        prices = dict(self.tender.bids.values_list("vendor__name", "price"))
        assert prices == {"crash00": Decimal(15000000), "crash01": Decimal(12000000)}, prices

    def _at(
        self, stage: str, name: str, action: Callable[..., Any], progress: Callable[[], Any] = lambda: None
    ) -> None:
        self.through(
            name,
            lambda: action(actor=self.officer, tender=self.tender, now=self.after),
            lambda: self.tender.stage == stage,
            progress,
        )

    def _read(self) -> int:
        return self.tender.bids.filter(unsealed_at__isnull=False).count()

    def _unlock(self, envelope: Envelope) -> None:
        for turn, name in enumerate(OPENERS[:2]):
            self.through(
                f"{envelope.value} turn {turn + 1}",
                lambda name=name: unlocking.unlock_envelope(
                    actor=User.objects.get(username=name),
                    tender=self.tender,
                    envelope=envelope,
                    typed=PASSPHRASES[name],
                    now=self.after,
                ),
                lambda turn=turn: self._turns(envelope) > turn,
            )

    def _turns(self, envelope: Envelope) -> int:
        return self.tender.envelope_keys.get(envelope=envelope).turns.count()


def run() -> dict[str, Any]:
    """Nothing is half done, whoever comes next finishes it, and what was opened is what was sent."""
    walk = Walk()
    walk.bid()
    walk.open()
    return {"crashes": sum(walk.crashes.values()), "by step": walk.crashes}

"""One process on the real actions: what it writes, mails and logs is watched, and at its end undone."""

import itertools
import json
import logging
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine

from bids.actions.submission import Late
from bids.models import Bid
from procurement import clock
from procurement.actions.locking import Stale
from procurement.clock import watch as really_watch
from procurement.models import AuditEntry, AuditHead, Tender
from procurement.rules import Forbidden
from tests.invariants.beginnings import Beginning
from tests.invariants.model import Model, markers_in
from tests.stored import Stored

REFUSALS = (Forbidden, Stale, ValidationError)


class Crash(Exception):
    """The process ends here, in the middle of things."""


def texts(value):
    """A value of a row or a parameter of a statement as bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return b"" if value is None or isinstance(value, int | float | UUID) else str(value).encode()


class Lines(logging.Handler):
    """Everything that is logged."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


class World(RuleBasedStateMachine):
    """The tender, the people and the watch over what is written; the tender is undone with the process."""

    #: Set by the test: the people by name, the tenders by stage, opened keys, passphrases, what was reached,
    #: and the beginnings that were made so far.
    people = tenders = keys = passphrases = done = beginnings = None

    def __init__(self):
        super().__init__()
        self.leaks, self.told, self.begun = [], [], ""
        #: Tables that were ever written, and those written since the promises were looked at.
        self.tables, self.written, self.found_base = set(), {"all"}, None
        self.stored = Stored()
        self.rows = self.stored.rows
        self.logged = Lines()
        logging.getLogger().addHandler(self.logged)
        clock._seen, self.real_counter = None, clock._counter
        mail.outbox.clear()
        # A page opens a draft anew each time; what one process has read is nothing to the next.
        self.opened_keys = {name: replace(key, read={}) for name, key in self.keys.items()}
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.watched = connection.execute_wrapper(self._watch)
        self.watched.__enter__()
        head = AuditHead.objects.get(pk=1)
        self.head, self.entries = (head.seq, head.hash), []
        self.counter = 0.0

    def begin(self, stage):
        """Play with the tender of that stage."""
        row = self.tenders[stage]
        self.key = row.pk
        self.model = Model(stage, self.start, row.deadline)

    def begin_further_on(self, name, build):
        """Play on from where `build` leads; most often what it did for another process is put back."""
        known = self.beginnings.get(name)
        if known is None or known.is_worn:
            self.beginnings[name] = Beginning.of(self, build)
        else:
            known.put_back(self)

    def teardown(self):
        error = sys.exc_info()[1]
        if isinstance(error, Exception):
            self.tell(error)
        self.watched.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)
        logging.getLogger().removeHandler(self.logged)
        clock._seen, clock._counter = None, self.real_counter
        for path in self.files():
            path.unlink()

    def tell(self, error):
        """Let the failure say first after which steps it came, for whoever reads no more than that."""
        steps = f"after {len(self.told)} steps from {self.begun}, the last: {'; '.join(self.told[-5:])}"
        if isinstance(error, AssertionError):
            error.args = (f"{steps}: {error}",)
        error.add_note(f"{steps}\nAll of them: {'; '.join(self.told)}")

    # --- the watch ------------------------------------------------------------------------------------------
    def _watch(self, execute, sql, params, many, context):
        """Whatever is written to the database passes here; what it must not hold is kept for the promises."""
        if table := self.stored.changed_by(sql):
            self.tables.add(table)
            self.written.add(table)
            self.found_base = None
            values = itertools.chain.from_iterable(params) if many else params or ()
            found = markers_in(b"\0".join(map(texts, values)))
            if found and (early := found - self.model.may_be_read()):
                self.leaks.append((sql[:60], early))
        return execute(sql, params, many, context)

    # --- the world ------------------------------------------------------------------------------------------
    @property
    def tender(self):
        return self.rows(Tender, pk=self.key)[0]

    @property
    def now(self):
        return self.model.now

    def who(self, name):
        return self.people[name]

    def bid(self, name):
        """The vendor's bid as it is stored."""
        vendor = self.who(name).vendor
        for row in self.rows(Bid, tender=self.key, vendor=vendor.pk):
            row.tender, row.vendor = self.tender, vendor
            return row
        return None

    def files(self):
        """What lies in the folders of sealed files and of checkpoints."""
        found = itertools.chain(settings.MEDIA_ROOT.rglob("*"), settings.ANCHORS.glob("*"))
        return [path for path in found if path.is_file()]

    def attempt(self, expected, action, **arguments):
        """Do it, or be told no, as the model has it where that is known; then comes what follows a commit."""
        outcome = None
        try:
            outcome = action(**arguments)
            told = "done"
        except Late as late:
            told, outcome = "late", late.row
        except REFUSALS as refusal:
            told, outcome = "refused", None
            self.why = str(refusal)
        self.after_commit()
        name = getattr(action, "__name__", str(action))
        self.done[f"{name} {told}"] += 1
        self.told.append(f"{name} by {arguments.get('actor', 'the site')} {told}")
        why = f" ({self.why})" if told == "refused" else ""
        assert expected in (None, told), f"{name} at {self.model.stage}: {told}{why}, and not {expected}"
        return outcome, told == "done"

    def after_commit(self):
        """Mails and checkpoints wait for the commit; here it comes after every action."""
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, call, _robust in waiting:
            call()

    @contextmanager
    def crashing(self, module, name, after, *, surely=False):
        """The process ends at the call of that number; what was committed before it stays."""
        real, calls = getattr(module, name), itertools.count()

        def crash(*args, **kwargs):
            if next(calls) == after:
                raise Crash
            return real(*args, **kwargs)

        setattr(module, name, crash)
        try:
            yield
            assert not surely, f"{name} was never reached"
        except Crash:
            self.after_commit()
            self.done["crash"] += 1
            self.told.append(f"crash at {name}")
        finally:
            setattr(module, name, real)

    def tick(self, seconds):
        """Time goes by, on the clock and on the counter of the machine."""
        self.model.now += timedelta(seconds=seconds)
        self.model.latest = max(self.model.latest, self.model.now)
        self.counter += seconds
        if seconds:
            self.told.append(f"{seconds} s go by")

    def set_back(self, seconds):
        """Somebody sets the clock back, and the site looks at it before and after."""
        clock._counter = lambda: self.counter
        really_watch(self.now)
        self.model.now -= timedelta(seconds=seconds)
        really_watch(self.now)
        self.told.append(f"the clock goes back by {seconds} s")

    def new_entries(self):
        """What the trail has got since the last look; each follows the one before."""
        rows = AuditEntry.objects.filter(seq__gt=self.head[0]).order_by("seq")
        new = list(rows.values_list("seq", "prev_hash", "hash", "action", "object", "payload"))
        for seq, previous, digest, *_said in new:
            assert (seq - 1, previous) == self.head, "the trail only grows (I10)"
            self.head = (seq, digest)
        self.entries += [(action, about, json.loads(payload)) for *_chain, action, about, payload in new]
        return new

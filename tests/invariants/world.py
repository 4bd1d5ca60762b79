"""One process on the real actions: what it writes, mails and logs is watched, and at its end undone."""

import itertools
import json
import logging
import re
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine

from bids.actions.submission import Late
from procurement import clock
from procurement.actions.locking import Stale
from procurement.clock import watch as really_watch
from procurement.models import AuditEntry, AuditHead, Tender
from procurement.rules import Forbidden
from tests.invariants.model import MARKERS, Model

REFUSALS = (Forbidden, Stale, ValidationError)
CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
#: The table that a statement changes, as Django writes it.
_TABLE = re.compile(r'[^"]*"([^"]+)"')
_numbers = itertools.count()


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

    #: Set by the test: the people by name, the tenders by stage, opened keys, passphrases, what was reached.
    people = tenders = keys = passphrases = done = None

    def __init__(self):
        super().__init__()
        self.leaks, self.changed = [], True
        self.tables, self.found_bids, self.found_base = set(), {}, None
        self.logged = Lines()
        logging.getLogger().addHandler(self.logged)
        settings.ANCHORS = settings.MEDIA_ROOT.parent / f"anchors-{next(_numbers)}"
        mail.outbox.clear()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.watched = connection.execute_wrapper(self._watch)
        self.watched.__enter__()
        head = AuditHead.objects.get(pk=1)
        self.first_head, self.head = head.seq, (head.seq, head.hash)
        self.entries, self.fetched = [], None
        self.counter = 0.0

    def begin(self, stage):
        """Play with the tender of that stage."""
        row = self.tenders[stage]
        self.key = row.pk
        self.model = Model(stage, self.start, row.deadline)

    def teardown(self):
        self.watched.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)
        logging.getLogger().removeHandler(self.logged)
        clock._seen = None
        for path in settings.MEDIA_ROOT.rglob("*"):
            if path.is_file():
                path.unlink()

    # --- the watch ------------------------------------------------------------------------------------------
    def _watch(self, execute, sql, params, many, context):
        """Whatever is written to the database passes here; what it must not hold is kept for the promises."""
        if sql.startswith(CHANGES):
            self.changed = True
            self.fetched, self.found_bids, self.found_base = None, {}, None
            self.tables.add(_TABLE.match(sql)[1])
            values = itertools.chain.from_iterable(params) if many else params or ()
            found = set(MARKERS.findall(b"\0".join(map(texts, values))))
            if found and (early := found - self.model.may_be_read()):
                self.leaks.append((sql[:60], early))
        return execute(sql, params, many, context)

    # --- the world ------------------------------------------------------------------------------------------
    @property
    def tender(self):
        if self.fetched is None:
            self.fetched = Tender.objects.get(pk=self.key)
        return self.fetched

    @property
    def now(self):
        return self.model.now

    def who(self, name):
        return self.people[name]

    def bid(self, name):
        """The vendor's bid as it is stored; asked for again only where something was written since."""
        if name not in self.found_bids:
            rows = self.tender.bids.filter(vendor=self.who(name).vendor)
            self.found_bids[name] = rows.select_related("tender", "vendor").first()
        return self.found_bids[name]

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
        assert expected in (None, told), f"{name} at {self.model.stage}: {told}, and not {expected}"
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
        finally:
            setattr(module, name, real)

    def tick(self, seconds):
        """Time goes by, on the clock and on the counter of the machine."""
        self.model.now += timedelta(seconds=seconds)
        self.model.latest = max(self.model.latest, self.model.now)
        self.counter += seconds

    def set_back(self, seconds):
        """Somebody sets the clock back, and the site looks at it before and after."""
        clock._counter = lambda: self.counter
        really_watch(self.now)
        self.model.now -= timedelta(seconds=seconds)
        really_watch(self.now)

    def new_entries(self):
        """What the trail has got since the last look; each follows the one before."""
        rows = AuditEntry.objects.filter(seq__gt=self.head[0]).order_by("seq")
        new = list(rows.values_list("seq", "prev_hash", "hash", "action", "object", "payload"))
        for seq, previous, digest, *_said in new:
            assert (seq - 1, previous) == self.head, "the trail only grows (I10)"
            self.head = (seq, digest)
        self.entries += [(action, about, json.loads(payload)) for *_chain, action, about, payload in new]
        return new

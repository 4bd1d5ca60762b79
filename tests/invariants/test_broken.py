"""The machine is not blind: with one thing broken in the code it finds out, by the promise that is meant.

What it runs on makes no difference to that, so it is shown on SQLite alone.
"""

import pytest

from bids.actions import drafts, receipts, submission, unsealing
from bids.models import Bid
from bids.rules import amendments as amendment_rules
from bids.rules import keys as key_rules
from bids.rules import opening as opening_rules
from procurement import audit, queries
from procurement.choices import Stage
from procurement.rules import YES
from tests.invariants import judging
from tests.invariants.model import PUBLISHED
from tests.invariants.test_machine import run


# --- one thing broken each --------------------------------------------------------------------------------
def counts_whole_seconds(monkeypatch):
    """The time of receipt loses its fraction, so that what comes 0.3 s late is in time (I2)."""
    real = submission.submit_bid

    def submit_bid(*, clock, **arguments):
        return real(clock=lambda: clock().replace(second=0, microsecond=0), **arguments)

    monkeypatch.setattr(submission, "submit_bid", submit_bid)


def mails_receipts_before_the_commit(monkeypatch):
    """A receipt goes out although the transaction dies (I3)."""
    monkeypatch.setattr(receipts.transaction, "on_commit", lambda call, robust: call())


def keeps_the_price_beside_the_draft(monkeypatch):
    """A draft leaves its price in clear (I1)."""
    real = drafts.seal_draft

    def seal_draft(bid, draft, changed=()):
        real(bid, draft, changed)
        Bid.objects.filter(pk=bid.pk).update(reason=draft.price)

    monkeypatch.setattr(drafts, "seal_draft", seal_draft)


def unlocks_prices_at_any_stage(monkeypatch):
    """Two officers unlock the prices while bids are marked (I5)."""
    monkeypatch.setattr(key_rules, "at_stage", lambda tender, *stages: YES)


def opens_what_is_stored(monkeypatch):
    """An opened bid is not held against trail and closing record (I4)."""

    def whatever_is_there(reader, bid, submission):
        return submission.manifests.get(envelope=reader.envelope)

    monkeypatch.setattr(unsealing.Unsealer, "_committed_manifest", whatever_is_there)


def forgets_withdrawals(monkeypatch):
    """A withdrawal has no entry in the trail (I3)."""
    real = audit.record

    def record(*, action, **arguments):
        return None if action == "withdraw bid" else real(action=action, **arguments)

    monkeypatch.setattr(submission.audit, "record", record)


def ranks_with_waivers_only(monkeypatch):
    """The ranking as scored counts waivers, too (I8)."""
    real = judging.case_document

    def case_document(tender, *, now, waivers=True):
        return real(tender, now=now, waivers=True)

    monkeypatch.setattr(judging, "case_document", case_document)


def lets_proposers_agree(monkeypatch):
    """Whoever proposes an amendment agrees to it, too (I11)."""
    monkeypatch.setattr(amendment_rules, "is_second_person", lambda actor, rows: YES)


def goes_anywhere(monkeypatch):
    """A stage can be reached from everywhere (I12)."""
    monkeypatch.setattr(opening_rules, "can_move", lambda tender, stage: YES)


def shows_the_auditor_every_entry(monkeypatch):
    """The trail tells of bids before they are opened (I9)."""
    for stage in (Stage.PUBLISHED, Stage.BIDDERS_NAMED):
        monkeypatch.setitem(queries._SEALED, stage, ())


#: Where the processes begin that find it soon, and what they say then.
BREAKS = {
    counts_whole_seconds: ("bids", "submit_bid at published: done, and not late|the time of receipt"),
    mails_receipts_before_the_commit: (PUBLISHED, r"\(I3\)"),
    keeps_the_price_beside_the_draft: (PUBLISHED, r"\(I1\)"),
    unlocks_prices_at_any_stage: ("opened", "unlock_envelope at .*: done, and not refused"),
    opens_what_is_stored: ("replaced", r"\(I4\)"),
    forgets_withdrawals: ("bids", r"\(I3\)"),
    ranks_with_waivers_only: ("ranked", r"\(I8\)"),
    lets_proposers_agree: ("bids", "agree_amendment at published: done, and not refused"),
    goes_anywhere: ("opened", "the tender is at|done, and not refused"),
    shows_the_auditor_every_entry: ("bids", r"\(I9\)"),
}


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("breaks", BREAKS, ids=lambda breaks: breaks.__name__)
def test_what_is_broken_is_found(stage_set, monkeypatch, breaks):
    breaks(monkeypatch)
    begins, says = BREAKS[breaks]
    with pytest.raises(AssertionError, match=says):
        run(stage_set | {"begins": (begins,)}, examples=100)

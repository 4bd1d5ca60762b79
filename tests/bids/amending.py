"""Amendments by two people, outages, and turns at a replacement, in few words."""

from bids.actions import amendments, outages, replacing
from bids.choices import AmendmentKind
from procurement.models import User
from tests.cast import NOW, PASSPHRASES, give_key

WORDS = {"text_zh": "附件二更正如下。", "text_en": "Annex 2 is corrected."}


def propose(tender, *, kind=AmendmentKind.EXTENSION, by="officer", deadline=None, at=NOW, **words):
    """One person proposes."""
    return amendments.propose_amendment(
        actor=User.objects.get(username=by),
        tender=tender,
        kind=kind,
        deadline=deadline,
        clock=lambda: at,
        **WORDS | words,
    )


def agree(row, *, by="approver", at=NOW):
    """Another one agrees."""
    return amendments.agree_amendment(actor=User.objects.get(username=by), amendment=row, clock=lambda: at)


def amend(tender, **more):
    """Both, one after the other; the documents unless told otherwise. The package that was published."""
    row = agree(propose(tender, **{"kind": AmendmentKind.DOCUMENTS} | more), at=more.get("at", NOW))
    tender.refresh_from_db()
    return row.package


def outage(begins, ends, *, by="administrator", at=NOW):
    """An outage on record."""
    actor = User.objects.get(username=by)
    return outages.record_outage(actor=actor, begins_at=begins, ends_at=ends, now=at, **WORDS)


def replace(tender, leaving, successor, *, by="officer", at=NOW, **more):
    """Somebody is proposed to open in an officer's place, with a key of the own unless told otherwise."""
    new = User.objects.get(username=successor)
    if more.pop("key", True):
        give_key(new)
    return replacing.propose_replacement(
        actor=User.objects.get(username=by),
        tender=tender,
        leaving=tender.opening_officers.get(user__username=leaving, replaced_at=None),
        successor=new,
        reason="Left the bank",
        now=at,
    )


def turn(row, name, *, typed=None, at=NOW):
    """One of those who open agrees."""
    return replacing.agree_replacement(
        actor=User.objects.get(username=name),
        replacement=row,
        typed=PASSPHRASES[name] if typed is None else typed,
        now=at,
    )

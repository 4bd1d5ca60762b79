"""What a vendor has not handed in yet: keys that its people's passwords unlock, and drafts sealed to them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.choices import DATED_EVIDENCE, OFFERED_EVIDENCE, Answer, Evidence
from bids.models import Bid, DraftKey, SealedDraft
from bids.queries.drafts import ANSWERS, Draft, OpenedKey
from bids.sealing import drafts
from bids.sealing.locking import Cost
from bids.sealing.refusals import WrongPassphrase
from procurement import audit, throttle
from procurement.actions.locking import advance, enforce_and_lock
from procurement.actions.people import change_own_password
from procurement.choices import Role
from procurement.models import Tender, User


# --- keys -------------------------------------------------------------------------------------------------
def open_drafts(*, actor: User, password: str, now: datetime) -> str:
    """What the browser keeps for the session so that drafts open: 32 bytes in hex, by Argon2id.

    The password was checked. Where it does not unlock the person's key (it was reset) that key is retired,
    and with it what only it opened; where there is none one is made. Empty for whoever is of no vendor.
    """
    if actor.role != Role.VENDOR:
        return ""
    row = queries.draft_key_of(actor)
    if row is not None:
        key = drafts.DraftKey(bytes.fromhex(row.public), row.locked)
        kept = drafts.stretch(key, password)
        try:
            drafts.unlock_stretched(queries.code_of(actor), key, kept)
        except WrongPassphrase:
            pass
        else:
            return kept.hex()
    made = drafts.new_key(queries.code_of(actor), password, cost=Cost(*settings.SEALING_COST))
    if not _put_in_place_of(row, actor, made, now):
        return open_drafts(actor=actor, password=password, now=now)
    return drafts.stretch(made, password).hex()


def _put_in_place_of(row: DraftKey | None, actor: User, made: drafts.DraftKey, now: datetime) -> bool:
    """Store a key in place of the one that was seen; not where another sign-in was quicker."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        if queries.draft_key_of(actor) != row:
            return False
        DraftKey.objects.filter(user=actor, retired_at=None).update(retired_at=now)
        key = DraftKey.objects.create(user=actor, public=made.public.hex(), locked=made.locked, made_at=now)
        audit.record(actor=actor, action="make key of drafts", object=key.pk, now=now)
    return True


def change_password(*, actor: User, old: str, new: str, now: datetime) -> str:
    """Set one's own new password and lock the key of one's drafts with it; gives what `open_drafts` gives.

    Raises `ValidationError`, at `old` where that is not the password, and at `password` for a weak one.
    """
    if not throttle.knows_password(actor, old):
        raise ValidationError({"old": _("This is not your password.")})
    row = queries.draft_key_of(actor)
    with transaction.atomic():
        change_own_password(actor=actor, old=old, new=new, now=now)
        if row is not None:
            key = drafts.DraftKey(bytes.fromhex(row.public), row.locked)
            owner, cost = queries.code_of(actor), Cost(*settings.SEALING_COST)
            # A key of an older password does not unlock; it is retired right below.
            with suppress(WrongPassphrase):
                row.locked = drafts.lock(owner, drafts.unlock(owner, key, old), new, cost=cost)
                row.save(update_fields=["locked"])
    return open_drafts(actor=actor, password=new, now=now)


# --- what is written --------------------------------------------------------------------------------------
def open_tender(actor: User, tender: Tender, now: datetime) -> Tender:
    """The tender, locked, while it takes bids. Raises `Forbidden` with the reason."""
    return enforce_and_lock(lambda person, row: rules.can_bid(person, row, now), actor, tender)


def own_bid(actor: User, tender: Tender) -> Bid:
    """The vendor's bid row, made when first needed; the tender is locked."""
    bid, _made = Bid.objects.get_or_create(tender=tender, vendor=actor.vendor)
    bid.tender = tender
    return bid


def readable(bid: Bid, opened: OpenedKey) -> Draft:
    """The draft, as it stands before a change. Raises `ValidationError` where it does not open."""
    draft = queries.draft_of(bid, opened)
    if draft is None:
        raise ValidationError(_("The draft of this bid does not open to you. Nothing was changed."))
    return draft


def seal_draft(bid: Bid, draft: Draft, changed: Iterable[str] = ()) -> None:
    """Seal the pieces that changed to the keys of all who work on the bid, and to a new key all of them."""
    wanted = set(changed)
    there = set(SealedDraft.objects.filter(bid=bid).values_list("key", "subject"))
    rows = [
        SealedDraft(
            bid=bid,
            key=key,
            subject=subject,
            sealed=drafts.seal(bytes.fromhex(key.public), value, owner=str(bid.pk), subject=subject),
        )
        for key in queries.draft_keys_for(bid)
        for subject, value in draft.pieces()
        if subject in wanted or (key.pk, subject) not in there
    ]
    SealedDraft.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["bid", "key", "subject"], update_fields=["sealed"]
    )


def save_draft(
    *,
    actor: User,
    tender: Tender,
    opened: OpenedKey,
    answers: Mapping[str, Mapping[str, str]],
    price: str,
    seen: int,
    now: datetime,
) -> Bid:
    """Keep the vendor's unfinished work: what is said by requirement code, and the price as typed.

    An answer has a note and, where it is "met", the level of its evidence and the ISO day until which that is
    good; without a level it is claimed and no more. `seen` is the version on screen, 0 where there was no bid
    yet. A draft has no legal effect and leaves no entry in the trail, which would tell that somebody is
    writing a bid. Raises `Forbidden`, `Stale`, and `ValidationError` where the draft does not open.
    """
    with transaction.atomic():
        tender = open_tender(actor, tender, now)
        bid = own_bid(actor, tender)
        advance(bid, seen or 1)
        known = set(tender.requirements.values_list("code", flat=True))
        said = as_kept({code: row for code, row in answers.items() if code in known})
        seal_draft(bid, replace(readable(bid, opened), answers=said, price=price), [ANSWERS])
        bid.save(update_fields=["version"])
    return bid


def as_kept(answers: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Answers as a draft holds them: none that says nothing, and no evidence of what is not met."""
    return {
        code: {"answer": row["answer"], "note": row["note"], **_evidence_of(row)}
        for code, row in answers.items()
        if row["answer"] or row["note"]
    }


def start_anew(*, actor: User, tender: Tender, opened: OpenedKey, now: datetime) -> Bid:
    """Throw away a draft that does not open to the person, its files included; what was handed in stays.

    Raises `Forbidden`, and `ValidationError` where the draft does open: that one is changed, not lost.
    """
    with transaction.atomic():
        bid = own_bid(actor, open_tender(actor, tender, now))
        if queries.draft_of(bid, opened) is not None:
            raise ValidationError(_("This draft opens to you. Change it instead."))
        bid = Bid.objects.select_for_update().get(pk=bid.pk)
        SealedDraft.objects.filter(bid=bid).delete()
        bid.staged_files.update(removed=True)
        bid.version += 1
        bid.save(update_fields=["version"])
    return bid


def _evidence_of(said: Mapping[str, str]) -> dict[str, str]:
    """The level that the vendor gives an answer, and its day, as far as they mean anything."""
    if said["answer"] != Answer.MET:
        return {"evidence": "", "until": ""}
    level = said.get("evidence", "")
    level = level if level in OFFERED_EVIDENCE else Evidence.CLAIMED.value
    return {"evidence": str(level), "until": said.get("until", "") if level in DATED_EVIDENCE else ""}

"""Replacing an opening officer: two of those who open hand the keys out anew, and open nothing by it.

What two officers bring is the quorum's share. It is handed out to the new three under a fresh random number
that the system's share takes up, too; the two shares are never joined, so nobody gains an envelope's key.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.custody import fault_of_officers, holders, publish_amended, store_halves, system_key
from bids.actions.unlocking import WITHIN, named, pair_of, private_key_of, sealed_halves
from bids.choices import Decided
from bids.models import EnvelopeKey, OfficerReplacement, OpeningOfficer
from bids.sealing import shares
from bids.sealing.package import notice_of
from bids.sealing.refusals import KeyUnavailable, SealRefused
from procurement import audit
from procurement.actions.changes import signature
from procurement.actions.locking import enforce_and_lock
from procurement.models import Tender, User


def propose_replacement(
    *, actor: User, tender: Tender, leaving: OpeningOfficer, successor: User, reason: str, now: datetime
) -> OfficerReplacement:
    """Propose that somebody opens in an officer's place; the same person may come back with a new key.

    Raises `Forbidden`, and `ValidationError` where these three could not be a tender's officers, where the
    successor's key is not proved, where another proposal waits, or where two officers can no longer agree.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_propose_replacement, actor, tender)
        if queries.waiting_replacement(tender) is not None:
            raise ValidationError(_("Another replacement waits for two officers. It is decided first."))
        standing = list(queries.standing_officers(tender))
        _check(standing, leaving, successor, now)
        row = OfficerReplacement.objects.create(
            tender=tender,
            leaving=leaving,
            successor=successor,
            reason=reason,
            proposer=actor,
            proposed_by=signature(actor),
            proposed_at=now,
        )
        audit.record(
            actor=actor,
            action="propose replacement of opening officer",
            object=row.pk,
            now=now,
            tender=tender,
            **_said(row),
        )
    return row


def _said(row: OfficerReplacement) -> dict[str, str]:
    return {
        "kind": "officers",
        "leaving": row.leaving.name,
        "successor": signature(row.successor),
        "reason": row.reason,
    }


def _check(
    standing: Sequence[OpeningOfficer], leaving: OpeningOfficer, successor: User, now: datetime
) -> None:
    """Raise `ValidationError` unless the successor can open in the officer's place, and two can agree."""
    staying = [row for row in standing if row.pk != leaving.pk]
    if len(staying) == len(standing):
        raise ValidationError({"leaving": _("This person does not open the bids of this tender.")})
    _check_quorum(standing, successor)
    key = queries.key_of(successor)
    if key is None:
        raise ValidationError({"successor": _("%(name)s has no opening key.") % {"name": successor}})
    if key.pk == leaving.key_id:
        raise ValidationError({"successor": _("%(name)s opens with this key already.") % {"name": successor}})
    if not key.is_drilled(now):
        raise ValidationError(
            {"successor": _("%(name)s has not proved the opening key within 30 days.") % {"name": successor}}
        )
    fault = fault_of_officers(leaving.tender, [*(row.user for row in staying), successor])
    if fault:
        raise ValidationError({"successor": fault})


def _check_quorum(standing: Sequence[OpeningOfficer], successor: User) -> None:
    """Raise `ValidationError` in plain words where no two officers are left who could agree."""
    able = {str(row.pk) for row in standing if row.user.is_active and row.user_id != successor.pk}
    try:
        shares.standing_pairs(shares.allowed_pairs(holders(standing)), able)
    except SealRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal


# --- two turns --------------------------------------------------------------------------------------------
def agree_replacement(
    *, actor: User, replacement: OfficerReplacement, typed: str, now: datetime
) -> OfficerReplacement:
    """Take one's turn; with the second officer's, within 15 minutes, the successor opens from now on.

    Raises `Forbidden`, `ValidationError` at `passphrase` where that is wrong, `ValidationError` where the
    successor can no longer come in, and `KeyUnavailable` where the system key is not at hand.
    """
    rules.can_take_replacement_turn(actor, replacement).enforce()
    officer = queries.standing_officers(replacement.tender).get(user=actor)
    private = private_key_of(actor, officer, typed, now)
    with transaction.atomic():
        tender = Tender.objects.select_for_update().get(pk=replacement.tender_id)
        row = enforce_and_lock(rules.can_take_replacement_turn, actor, replacement)
        row.tender = tender
        _check(list(queries.standing_officers(tender)), row.leaving, row.successor, now)
        try:
            own = _opened(private, officer)
            if row.first_id in (None, officer.pk) or row.first_at <= now - WITHIN:
                _wait(row, officer, own, now)
            else:
                _hand_out(row, officer, own, now)
        except KeyUnavailable:
            raise
        except SealRefused as refusal:
            raise ValidationError(_(refusal.template) % refusal.params) from refusal
        _record_turn(actor, row, officer, now)
    return row


def _record_turn(actor: User, row: OfficerReplacement, officer: OpeningOfficer, now: datetime) -> None:
    """Put on record that an officer took a turn, or that with the second one the officers changed."""
    payload: dict[str, object] = {"key": officer.key.fingerprint}
    if row.outcome:
        payload |= {
            "number": row.number,
            "package": row.package.digest,
            "officers": [row.first_by, row.decided_by],
            **_said(row),
        }
    action = "replace opening officer" if row.outcome else "take turn at replacement"
    audit.record(actor=actor, action=action, object=row.pk, now=now, tender=row.tender, **payload)


def _closed(tender: Tender) -> list[EnvelopeKey]:
    """The keys of the envelopes that nobody has unlocked; what was unlocked needs no officer any more."""
    return list(tender.envelope_keys.select_for_update().filter(opened_at=None).order_by("pk"))


def _opened(private: bytes, officer: OpeningOfficer) -> dict[str, tuple[shares.Half, ...]]:
    """The officer's halves, by envelope."""
    return {
        key.envelope: shares.open_halves(private, sealed_halves(key), officer=str(officer.pk), key=named(key))
        for key in _closed(officer.tender)
    }


def _wait(
    row: OfficerReplacement,
    officer: OpeningOfficer,
    own: dict[str, tuple[shares.Half, ...]],
    now: datetime,
) -> None:
    """Keep the first officer's halves under the system key until the second one follows."""
    kept = {
        envelope: {"|".join(half.pair): half.value.hex() for half in halves}
        for envelope, halves in own.items()
    }
    row.first, row.first_at, row.first_by = officer, now, signature(officer.user)
    row.halves = system_key().wrap(json.dumps(kept).encode(), _context(row)).hex()
    row.save(update_fields=["first", "first_at", "first_by", "halves"])


def _context(row: OfficerReplacement) -> str:
    return f"replacement {row.tender_id} {row.pk} {row.first_id}"


def _hand_out(
    row: OfficerReplacement,
    officer: OpeningOfficer,
    own: dict[str, tuple[shares.Half, ...]],
    now: datetime,
) -> None:
    """Put the successor in place, hand both keys out anew, and publish who opens."""
    wrapper = system_key()
    kept = json.loads(wrapper.unwrap(bytes.fromhex(row.halves), _context(row)))
    standing = _successors(row, now)
    for key in _closed(row.tender):
        first = [
            shares.Half(str(row.first_id), pair_of(*map(int, pair.split("|"))), bytes.fromhex(value))
            for pair, value in kept[key.envelope].items()
        ]
        which = named(key)
        quorum = shares.quorum_of(which, first, own[key.envelope], check=key.quorum_check)
        system = wrapper.unwrap(bytes.fromhex(key.system_share), shares.wrapping_context(which))
        store_halves(key, shares.hand_out_anew(which, system, quorum, holders(standing)), wrapper)
        key.turns.update(halves="")
    row.halves = ""
    row.package = publish_amended(row.tender, notice=notice_of(**_said(row)), now=now, officers=standing)
    row.outcome, row.decided_by, row.decided_at = Decided.AGREED, signature(officer.user), now
    row.save(update_fields=["halves", "package", "outcome", "decided_by", "decided_at"])


def _successors(row: OfficerReplacement, now: datetime) -> list[OpeningOfficer]:
    """The officers from now on, the successor in the place of who leaves."""
    leaving = row.leaving
    leaving.replaced_at = now
    leaving.save(update_fields=["replaced_at"])
    OpeningOfficer.objects.create(
        tender=row.tender,
        user=row.successor,
        position=leaving.position,
        key=queries.key_of(row.successor),
        name=signature(row.successor),
        unit_code=row.successor.unit.code,
    )
    return list(queries.standing_officers(row.tender))


def take_back_replacement(
    *, actor: User, replacement: OfficerReplacement, now: datetime
) -> OfficerReplacement:
    """End a proposal that two officers did not agree to. Raises `Forbidden`."""
    with transaction.atomic():
        row = enforce_and_lock(rules.can_take_back_replacement, actor, replacement)
        row.outcome, row.decided_by, row.decided_at = Decided.TAKEN_BACK, signature(actor), now
        row.halves = ""
        row.save(update_fields=["outcome", "decided_by", "decided_at", "halves"])
        audit.record(actor=actor, action="take back replacement", object=row.pk, now=now, tender=row.tender)
    return row

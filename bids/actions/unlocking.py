"""Two officers unlock an envelope, each with the own passphrase, the second within fifteen minutes."""

import json
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.custody import system_key
from bids.actions.submission import signature
from bids.choices import Envelope
from bids.models import EnvelopeKey, OfficerKey, OpeningOfficer, OpeningTurn
from bids.sealing import officers, shares
from bids.sealing.refusals import KeyUnavailable, SealRefused, WrongPassphrase
from procurement import audit, throttle
from procurement.actions.locking import enforce_and_lock
from procurement.models import Tender, User
from procurement.templatetags.figures import fingerprint

#: The second officer follows within this time of the first (sealing specification, Opening).
WITHIN = timedelta(minutes=15)


def unlock_envelope(
    *, actor: User, tender: Tender, envelope: Envelope, typed: str, now: datetime
) -> EnvelopeKey:
    """Take one's turn; with the second officer's the envelope's key is whole, and the bids can be opened.

    The first officer's halves wait under the system key, and open nothing by themselves. A turn that was not
    followed in time is taken again. Raises `Forbidden`, and `ValidationError` at `passphrase` where that is
    wrong, which is an entry of the trail, too, and `KeyUnavailable` where the system key is not at hand: the
    turn is not taken then.
    """
    tender = _may_unlock(actor, tender, envelope)
    officer = tender.opening_officers.select_related("key").get(user=actor, replaced_at=None)
    private = private_key_of(actor, officer, typed, now)
    with transaction.atomic():
        tender = enforce_and_lock(lambda person, row: rules.can_unlock(person, row, envelope), actor, tender)
        key = tender.envelope_keys.select_for_update().get(envelope=envelope)
        if key.opened_at is not None:
            return key
        try:
            own = shares.open_halves(private, sealed_halves(key), officer=str(officer.pk), key=named(key))
            before = _turn_before(key, officer, now)
            if before is None:
                _wait(key, officer, own, now)
            else:
                _join(key, before, own, now)
        except KeyUnavailable:
            raise
        except SealRefused as refusal:
            raise ValidationError(_(refusal.template) % refusal.params) from refusal
        audit.record(
            actor=actor,
            action="unlock envelope" if key.opened_at else "take turn at envelope",
            object=tender,
            now=now,
            tender=tender,
            envelope=envelope.value,
            key=officer.key.fingerprint,
        )
    return key


def _may_unlock(actor: User, tender: Tender, envelope: Envelope) -> Tender:
    """The tender as it stands, where the actor may unlock it: guesses are not made inside a transaction."""
    tender = Tender.objects.get(pk=tender.pk)
    rules.can_unlock(actor, tender, envelope).enforce()
    return tender


def envelope_private(key: EnvelopeKey) -> bytes:
    """The private key of an envelope that two officers unlocked. Raises `SealRefused`."""
    return system_key().unwrap(bytes.fromhex(key.opened_key), _opened_context(key))


def waiting_turn(key: EnvelopeKey, now: datetime) -> OpeningTurn | None:
    """The turn that the second officer has to follow, while there is time."""
    return key.turns.filter(at__gt=now - WITHIN).exclude(halves="").order_by("at").last()


def private_key_of(actor: User, officer: OpeningOfficer, typed: str, now: datetime) -> bytes:
    """The officer's key, as long as the passphrase was not guessed at too often.

    Raises `ValidationError` at `passphrase` where that is wrong, which is an entry of the trail, too.
    """
    throttle.check(actor, throttle.PASSPHRASE)
    key = officer.key
    try:
        private = officers.unlock(
            queries.code_of(actor), public=bytes.fromhex(key.public), locked=key.locked, typed=typed
        )
    except SealRefused as refusal:
        with transaction.atomic():
            audit.record(
                actor=actor,
                action="fail to unlock envelope",
                object=officer.tender,
                now=now,
                tender=officer.tender,
            )
        throttle.count(actor, throttle.PASSPHRASE)
        raise ValidationError({"passphrase": _why_not(key, refusal)}) from refusal
    throttle.forget(actor, throttle.PASSPHRASE)
    return private


def _why_not(key: OfficerKey, refusal: SealRefused) -> str:
    """Why a key stays locked; who has made a newer one may have typed the passphrase of that."""
    if isinstance(refusal, WrongPassphrase) and key.retired_at is not None:
        return _(
            "This tender opens with your older key %(key)s, and this is not its passphrase. If you have lost "
            "that one, the two other officers open the tender."
        ) % {"key": fingerprint(key.fingerprint)}
    return _(refusal.template) % refusal.params


def named(key: EnvelopeKey) -> shares.EnvelopeKey:
    """Which key it is that is in pieces."""
    return shares.EnvelopeKey(str(key.tender_id), key.envelope, bytes.fromhex(key.public))


def sealed_halves(key: EnvelopeKey) -> list[shares.SealedHalf]:
    """Its pieces as they are stored."""
    return [
        shares.SealedHalf(
            officer=str(row.officer_id),
            pair=pair_of(row.officer_id, row.partner_id),
            sealed=bytes.fromhex(row.sealed),
        )
        for row in key.halves.all()
    ]


def pair_of(one: int, other: int) -> shares.Pair:
    """Two officers as a pair is named."""
    first, second = sorted((str(one), str(other)))
    return first, second


def _turn_before(key: EnvelopeKey, officer: OpeningOfficer, now: datetime) -> OpeningTurn | None:
    turn = waiting_turn(key, now)
    return None if turn is None or turn.officer_id == officer.pk else turn


def _wait(key: EnvelopeKey, officer: OpeningOfficer, own: tuple[shares.Half, ...], now: datetime) -> None:
    key.turns.update(halves="")
    turn = OpeningTurn(envelope_key=key, officer=officer, at=now, signed_by=signature(officer.user))
    text = json.dumps({"|".join(half.pair): half.value.hex() for half in own})
    turn.halves = system_key().wrap(text.encode(), _turn_context(turn)).hex()
    turn.save()


def _join(key: EnvelopeKey, before: OpeningTurn, own: tuple[shares.Half, ...], now: datetime) -> None:
    wrapper = system_key()
    kept = json.loads(wrapper.unwrap(bytes.fromhex(before.halves), _turn_context(before)))
    first = [
        shares.Half(str(before.officer_id), pair_of(*map(int, pair.split("|"))), bytes.fromhex(value))
        for pair, value in kept.items()
    ]
    share = wrapper.unwrap(bytes.fromhex(key.system_share), shares.wrapping_context(named(key)))
    private = shares.join(named(key), share, first, own)
    key.opened_key = wrapper.wrap(private, _opened_context(key)).hex()
    key.opened_at = now
    key.save(update_fields=["opened_key", "opened_at"])
    key.turns.update(halves="")
    officer = OpeningOfficer.objects.select_related("user__unit", "user__vendor").get(pk=int(own[0].officer))
    OpeningTurn.objects.create(envelope_key=key, officer=officer, at=now, signed_by=signature(officer.user))


def _turn_context(turn: OpeningTurn) -> str:
    return f"turn {turn.envelope_key.tender_id} {turn.envelope_key.envelope} {turn.officer_id}"


def _opened_context(key: EnvelopeKey) -> str:
    return f"opened {key.tender_id} {key.envelope} {key.public}"

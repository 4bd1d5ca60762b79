"""Opening keys: enrolment with a passphrase that is shown once, and the drill that proves it is known."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.models import OfficerKey
from bids.sealing import officers, suite
from bids.sealing.locking import Cost
from bids.sealing.refusals import SealRefused
from procurement import audit, throttle
from procurement.models import User


def enrol_key(*, actor: User, now: datetime) -> tuple[OfficerKey, str]:
    """Make a key for the person; gives it and its passphrase, which nobody can read again.

    The key from before is retired. Raises `Forbidden`.
    """
    rules.can_hold_key(actor).enforce()
    made = officers.enrol(queries.code_of(actor), cost=Cost(*settings.SEALING_COST))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        OfficerKey.objects.filter(user=actor, retired_at=None).update(retired_at=now)
        fingerprint = suite.fingerprint(made.public)
        key = OfficerKey.objects.create(
            user=actor, public=made.public.hex(), fingerprint=fingerprint, locked=made.locked, made_at=now
        )
        audit.record(actor=actor, action="enrol opening key", object=key.pk, now=now, fingerprint=fingerprint)
    return key, made.passphrase


def drill_key(*, actor: User, typed: str, now: datetime) -> OfficerKey:
    """Open a fresh challenge with the person's key, as an opening would, and keep nothing but the time.

    A passphrase that does not unlock the key is an entry of the trail, too, and is counted. Raises
    `Forbidden`, and `ValidationError` at `passphrase`.
    """
    rules.can_hold_key(actor).enforce()
    key = queries.key_of(actor)
    if key is None:
        raise ValidationError(_("You have no opening key yet."))
    throttle.check(actor, throttle.PASSPHRASE)
    try:
        officers.drill(
            queries.code_of(actor), public=bytes.fromhex(key.public), locked=key.locked, typed=typed
        )
    except SealRefused as refusal:
        with transaction.atomic():
            audit.record(actor=actor, action="fail drill of opening key", object=key.pk, now=now)
        throttle.count(actor, throttle.PASSPHRASE)
        raise ValidationError({"passphrase": _(refusal.template) % refusal.params}) from refusal
    throttle.forget(actor, throttle.PASSPHRASE)
    with transaction.atomic():
        key.drilled_at = now
        key.save(update_fields=["drilled_at"])
        audit.record(actor=actor, action="drill opening key", object=key.pk, now=now)
    return key

"""Opening keys that wait: to be made, to be proved again, to be used, or to be handed out anew."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from bids import queries
from bids.actions.unlocking import WITHIN
from bids.choices import Envelope
from bids.models import OpeningOfficer
from procurement.choices import Stage
from procurement.models import User
from procurement.templatetags.figures import listed

from .tasks import Task


def own_key(user: User, places: list[OpeningOfficer], now: datetime) -> Iterator[Task]:
    """A key to make for a tender that the person opens, or a passphrase to prove once a month."""
    key, url = queries.key_of(user), reverse("opening-key")
    tender = places[0].tender if places else None
    what = ""
    if key is None and places:
        what, label = _("Make your opening key"), _("To your key")
    elif key is not None and not key.is_drilled(now):
        what, label = _("Prove your passphrase"), _("To the drill")
    if what:
        detail = _("Bids are opened with it") if key is None else _("It was not proved within 30 days")
        yield Task(what, tender, None, detail, url, label, about=_("Opening key"))


def envelopes_to_unlock(user: User, places: list[OpeningOfficer], now: datetime) -> Iterator[Task]:
    """Envelopes at which the person can take a turn; until when, where another officer has taken one."""
    stages = {Envelope.TECHNICAL: Stage.BIDDERS_NAMED, Envelope.PRICE: Stage.TECHNICAL_LOCKED}
    tenders = [place.tender for place in places if place.tender.stage in stages.values()]
    for key in queries.locked_envelopes(tenders) if tenders else ():
        turn = next((turn for turn in key.turns.all() if turn.halves and now < turn.at + WITHIN), None)
        if key.tender.stage != stages[Envelope(key.envelope)] or (turn and turn.officer.user_id == user.pk):
            continue
        detail = _("%(name)s has unlocked it") % {"name": turn.signed_by} if turn else _("Two officers do")
        what = _("Unlock: %(envelope)s") % {"envelope": key.get_envelope_display()}
        url = reverse("opening", args=[key.tender_id])
        yield Task(what, key.tender, turn.at + WITHIN if turn else None, detail, url, _("To your turn"))


def replacements_to_agree(user: User, places: list[OpeningOfficer]) -> Iterator[Task]:
    """Replacements that the person, as one of those who open, has still to agree to."""
    for row in queries.replacements_waiting([place.tender for place in places]):
        if user.pk != row.successor_id:
            url = reverse("replacement", args=[row.tender_id])
            detail = _("%(successor)s in the place of %(leaving)s") % {
                "successor": row.successor,
                "leaving": row.leaving.user,
            }
            yield Task(
                _("Agree to another opening officer"), row.tender, None, detail, url, _("To your turn")
            )


def lapsed_officers(user: User, now: datetime) -> Iterator[Task]:
    """Tenders of the officer whose opening officers have not proved their keys, or have left."""
    for tender, rows in queries.lapsed_openers(user, now):
        url = reverse("replacement" if not tender.is_draft() else "tender", args=[tender.pk])
        detail = listed(row.user for row in rows)
        yield Task(_("Have opening keys proved"), tender, None, detail, url, _("Who opens the bids"))

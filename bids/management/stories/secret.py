"""What people of the story keep to themselves: one password for all, and passphrases of opening keys."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bids.actions.drafts import open_drafts
from bids.actions.keys import drill_key, enrol_key
from bids.queries import OpenedKey, opened_key
from procurement.models import User

#: Who opens the bids of every tender of the story.
OPENERS = ("zheng", "fang", "ye")

#: Before the first tender of the story went out.
LONG_AGO = timedelta(days=95)


@dataclass(frozen=True)
class Secrets:
    """The password of everybody, and passphrases by user name."""

    password: str
    passphrases: dict[str, str]
    _opened: dict[str, OpenedKey] = field(default_factory=dict, init=False, repr=False)

    def opened(self, person: User, now: datetime) -> OpenedKey:
        """A vendor's person's key of drafts: made at the first bid, and kept open for those that follow."""
        if person.username not in self._opened:
            kept = open_drafts(actor=person, password=self.password, now=now)
            self._opened[person.username] = opened_key(person, kept)
        return self._opened[person.username]


def make_secrets(people: dict[str, User], password: str, now: datetime) -> Secrets:
    """Opening keys for those who open bids, made long ago and proved today."""
    passphrases = {}
    for username in OPENERS:
        _key, passphrases[username] = enrol_key(actor=people[username], now=now - LONG_AGO)
        drill_key(actor=people[username], typed=passphrases[username], now=now)
    return Secrets(password, passphrases)

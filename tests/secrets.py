"""When tests take place, and the passwords and keys that their people know."""

from datetime import UTC, datetime

from django.test import Client

from bids.actions import drafts
from bids.queries import OpenedKey, opened_key
from bids.views.front_door import DRAFTS_COOKIE
from procurement.models import User

#: The moment at which tests take place, unless they say otherwise.
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

PASSWORD = "a long enough password"


def opened_drafts(person: User, password: str = PASSWORD) -> OpenedKey:
    """A vendor's person's key of drafts, made with the first call and opened with the password."""
    opened = opened_key(person, drafts.open_drafts(actor=person, password=password, now=NOW))
    assert opened is not None
    return opened


def sign_in(client: Client, person: User) -> None:
    """As `force_login`, with what the browser keeps of a vendor's password so that drafts open."""
    client.force_login(person)
    kept = drafts.open_drafts(actor=person, password=PASSWORD, now=NOW)
    if kept:
        client.cookies[DRAFTS_COOKIE] = kept

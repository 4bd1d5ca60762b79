"""What a vendor has written and not yet submitted: sealed to a key that only the vendor's password unlocks.

A draft is read and written while the vendor works, so it is sealed to a key of the vendor and not to an
envelope. A password that was changed locks the key anew; one that was forgotten loses the draft, never a
submitted bid.
"""

from dataclasses import dataclass, field
from typing import Any

from bids.sealing import locking, padding, suite
from bids.sealing.canonical import Json, bound_to, canonical, parse
from bids.sealing.locking import COST, Cost

#: Sizes of pieces tell how much was written in these steps; what is said of a file always fills one.
STEP = 16 * 1024


@dataclass(frozen=True)
class DraftKey:
    """A vendor's key for drafts: the public half, and the private half locked with a password."""

    public: bytes
    locked: str = field(repr=False)


def new_key(owner: str, password: str, *, cost: Cost = COST) -> DraftKey:
    """Make a key for the drafts of an owner. Raises ``SealRefused`` where the password is empty."""
    pair = suite.new_key_pair()
    return DraftKey(public=pair.public, locked=lock(owner, pair.private, password, cost=cost))


def lock(owner: str, private: bytes, password: str, *, cost: Cost = COST) -> str:
    """Return the text that keeps an owner's key locked with a password, taken as it was typed."""
    return locking.lock(private, password, about=_about(owner, suite.public_of(private)), cost=cost)


def unlock(owner: str, key: DraftKey, password: str) -> bytes:
    """Return the private key. Raises ``WrongPassphrase`` or ``Unopenable`` as ``locking.unlock`` does."""
    return locking.unlock(key.locked, password, about=_about(owner, key.public))


def stretch(key: DraftKey, password: str) -> bytes:
    """Return what a browser keeps for a session in place of the password. Raises ``Unopenable``."""
    return locking.stretch(key.locked, password)


def unlock_stretched(owner: str, key: DraftKey, stretched: bytes) -> bytes:
    """Return the private key, by what ``stretch`` gave. Raises as ``unlock`` does."""
    return locking.unlock_stretched(key.locked, stretched, about=_about(owner, key.public))


def seal(public: bytes, value: Json, *, owner: str, subject: str) -> bytes:
    """Seal a piece of a draft. ``subject`` names the piece; no other piece opens in its place."""
    padded = padding.pad(canonical(value), STEP)
    try:
        return suite.seal(public, padded, _info(owner, subject))
    finally:
        padding.wipe(padded)


def unseal(private: bytes, sealed: bytes, *, owner: str, subject: str) -> Any:
    """Return what ``seal`` sealed. Raises ``Unopenable`` where it was altered or is another piece's."""
    return parse(padding.unpad(suite.unseal(private, sealed, _info(owner, subject)), STEP))


def _about(owner: str, public: bytes) -> bytes:
    return bound_to("draft key", owner=owner, key=suite.fingerprint(public))


def _info(owner: str, subject: str) -> bytes:
    return bound_to("draft", owner=owner, subject=subject)

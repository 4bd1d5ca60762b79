"""The keys of opening officers: enrolment with a generated passphrase, unlocking, and the drill."""

import secrets
from dataclasses import dataclass, field

from bids.sealing import locking, passphrases, suite
from bids.sealing.canonical import bound_to
from bids.sealing.locking import COST, Cost
from bids.sealing.refusals import Unopenable, gettext_noop


@dataclass(frozen=True)
class Enrolment:
    """A new officer's key: ``public`` and ``locked`` are stored, ``passphrase`` is shown once."""

    public: bytes
    locked: str = field(repr=False)
    passphrase: str = field(repr=False)


def enrol(officer: str, *, words: int = passphrases.WORDS, cost: Cost = COST) -> Enrolment:
    """Make a key for the officer of that code and lock it with a fresh passphrase."""
    pair = suite.new_key_pair()
    passphrase = passphrases.generate(words)
    locked = locking.lock(pair.private, passphrase, about=_about(officer, pair.public), cost=cost)
    return Enrolment(public=pair.public, locked=locked, passphrase=passphrase)


def unlock(officer: str, *, public: bytes, locked: str, typed: str) -> bytes:
    """Return an officer's private key.

    Raises ``WrongPassphrase`` where what was typed is not the passphrase of this officer's key, and
    ``Unopenable`` where the stored key is damaged or is not the one of ``public``.
    """
    private = locking.unlock(locked, passphrases.read(typed), about=_about(officer, public))
    if suite.public_of(private) != public:
        raise Unopenable(gettext_noop("This key is not the one that the officer was enrolled with."))
    return private


def drill(officer: str, *, public: bytes, locked: str, typed: str) -> None:
    """Open a fresh challenge with an officer's key, as an opening would. Nothing of it is kept.

    Raises what ``unlock`` raises; who comes back without a refusal can still open.
    """
    info = bound_to("drill", officer=officer)
    challenge = suite.seal(public, secrets.token_bytes(32), info)
    private = unlock(officer, public=public, locked=locked, typed=typed)
    suite.unseal(private, challenge, info)  # what opens is what was sealed: an altered text would be refused


def _about(officer: str, public: bytes) -> bytes:
    return bound_to("officer key", officer=officer, key=suite.fingerprint(public))

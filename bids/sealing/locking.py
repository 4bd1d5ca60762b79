"""A private key locked with a secret that somebody remembers: Argon2id (RFC 9106), then AES-256-GCM.

What is kept is a text (canonical JSON) that holds the costs it was made with, so that costs can rise
later while old keys still open. Whoever has that text can guess secrets at the speed that the costs
allow: hence generated passphrases.
"""

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from bids.sealing.canonical import bound_to, canonical, parse
from bids.sealing.refusals import SealRefused, Unopenable, WrongPassphrase, gettext_noop

FORMAT = 1
_SALT_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16


@dataclass(frozen=True)
class Cost:
    """What a guess costs: memory in KiB, passes over it, and lanes that are worked on side by side.

    Raises ``SealRefused`` beyond 1 GiB, 64 passes or 64 lanes, or where lanes have less than 8 KiB each:
    a stored text that was tampered with must not be able to exhaust the machine.
    """

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        """Refuse costs that Argon2id does not take, or that the machine should not."""
        if not all(type(number) is int for number in (self.memory, self.passes, self.lanes)):
            raise _damaged()
        if not (1 <= self.lanes <= 64 and 1 <= self.passes <= 64 and 8 * self.lanes <= self.memory <= 2**20):
            raise _damaged()


#: The costs that the site uses: 64 MiB, three passes, four lanes.
COST = Cost()


def lock(content: bytes, secret: str, *, about: bytes, cost: Cost = COST) -> str:
    """Return the text that keeps ``content`` locked with ``secret``, taken as it is.

    ``about`` says whose key it is (see ``canonical.bound_to``); it is not stored, and unlocking needs the
    same. Raises ``SealRefused`` where the secret is empty.
    """
    if not secret:
        raise SealRefused(gettext_noop("A key is not locked with nothing."))
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    box = AESGCM(_derive(secret, salt, cost)).encrypt(nonce, content, _beside(about, cost))
    fields = {"format": FORMAT, **asdict(cost), "salt": salt.hex(), "nonce": nonce.hex(), "box": box.hex()}
    return canonical(fields).decode()


def unlock(locked: str, secret: str, *, about: bytes) -> bytes:
    """Return what ``lock`` locked.

    Raises ``WrongPassphrase`` where the secret is not the one, or the text was altered or is another's, which
    cannot be told apart; and ``Unopenable`` where the text is damaged so that it cannot be read at all.
    """
    return unlock_stretched(locked, stretch(locked, secret), about=about)


def stretch(locked: str, secret: str) -> bytes:
    """Return the 32 bytes that a secret makes for this one text, at its costs.

    With them the text is unlocked again and again without the secret, and without the costs. Raises
    ``Unopenable`` where the text cannot be read.
    """
    cost, salt, _nonce, _box = _read(locked)
    return _derive(secret, salt, cost)


def unlock_stretched(locked: str, stretched: bytes, *, about: bytes) -> bytes:
    """Return what ``lock`` locked, by what ``stretch`` made of the secret. Raises as ``unlock`` does."""
    cost, _salt, nonce, box = _read(locked)
    try:
        return AESGCM(stretched).decrypt(nonce, box, _beside(about, cost))
    except (InvalidTag, ValueError) as error:  # ValueError: not as many bytes as a key has
        raise WrongPassphrase(gettext_noop("What was typed does not unlock this key.")) from error


def _derive(secret: str, salt: bytes, cost: Cost) -> bytes:
    argon2 = Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return argon2.derive(secret.encode("utf-8", "surrogatepass"))


def _beside(about: bytes, cost: Cost) -> bytes:
    return bound_to("locked key", about=about.hex(), **asdict(cost))


def _read(locked: str) -> tuple[Cost, bytes, bytes, bytes]:
    try:
        fields: Any = parse(locked.encode())
        if fields.pop("format") != FORMAT:
            raise _damaged()
        salt, nonce, box = (bytes.fromhex(fields.pop(name)) for name in ("salt", "nonce", "box"))
        cost = Cost(**fields)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _damaged() from error
    if len(salt) != _SALT_BYTES or len(nonce) != _NONCE_BYTES or len(box) < _TAG_BYTES:
        raise _damaged()
    return cost, salt, nonce, box


def _damaged() -> Unopenable:
    return Unopenable(gettext_noop("This locked key is damaged."))

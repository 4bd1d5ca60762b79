"""The system key, under which the system's shares are kept: the interface, and a key in a file.

``KeyWrapper`` is what a KMS or an HSM offers as well (``hsm.py`` is one). Every implementation answers to
the same rules: what is wrapped opens only with the same key and the same context, and says which key it
needs.
"""

import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bids.sealing.canonical import bound_to
from bids.sealing.refusals import KeyUnavailable, Unopenable, gettext_noop
from procurement.signing.keys import UnsafeKey, make_key_file, read_key_file

NONCE_BYTES = 12
TAG_BYTES = 16

_FORMAT = 1
_ID_BYTES = 8


class KeyWrapper(Protocol):
    """Something that keeps short secrets under a key of its own."""

    @property
    def key_id(self) -> str:
        """The key's identifier, 16 hexadecimal digits; it tells nothing about the key."""

    def wrap(self, content: bytes, context: str) -> bytes:
        """Return ``content`` encrypted and bound to ``context``. Raises ``KeyUnavailable``."""

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Return what was wrapped.

        Raises ``KeyUnavailable`` where the key is not there or is another one, and ``Unopenable`` where
        what was wrapped was altered or belongs to another context.
        """


class FileKeyWrapper:
    """A system key in a file of 32 bytes, under AES-256-GCM. The file is read once.

    Stored is ``01 || key identifier (8 bytes) || nonce (12 bytes) || ciphertext || tag (16 bytes)``.
    """

    def __init__(self, path: Path, *, apart_from: Sequence[Path]) -> None:
        """Read the key. ``apart_from`` are the folders of database, uploads and pages, where it must not lie.

        Raises ``KeyUnavailable`` where the file is missing, a link, readable by others, of another owner
        or mode, in one of those folders, or of another length.
        """
        try:
            key = read_key_file(path, apart_from)
        except UnsafeKey as refusal:
            raise KeyUnavailable(refusal.template, refusal.params) from refusal
        self.key_id = hmac.digest(key, b"assay/1 key identifier", "sha256")[:_ID_BYTES].hex()
        self._cipher = AESGCM(key)

    @staticmethod
    def make(path: Path) -> None:
        """Write a fresh key to a new file that only its owner can read.

        Raises ``KeyUnavailable`` where something lies there already: a system key is never overwritten.
        """
        try:
            make_key_file(path)
        except UnsafeKey as refusal:
            raise KeyUnavailable(refusal.template, refusal.params) from refusal

    def wrap(self, content: bytes, context: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return labelled(_FORMAT, self.key_id, nonce, self._cipher.encrypt(nonce, content, beside(context)))

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        nonce, box = unlabelled(_FORMAT, self.key_id, wrapped)
        try:
            return self._cipher.decrypt(nonce, box, beside(context))
        except InvalidTag as error:
            raise altered() from error


def beside(context: str) -> bytes:
    """Return what is authenticated beside the content, for every kind of system key."""
    return bound_to("wrapped", context=context)


def labelled(format_: int, key_id: str, nonce: bytes, box: bytes) -> bytes:
    """Return what is stored: format byte, key identifier, nonce, box (ciphertext and tag)."""
    return bytes([format_]) + bytes.fromhex(key_id) + nonce + box


def unlabelled(format_: int, key_id: str, wrapped: bytes) -> tuple[bytes, bytes]:
    """Return nonce and box of what ``labelled`` put together.

    Raises ``KeyUnavailable`` where another kind of system key, or another key, is needed, and
    ``Unopenable`` where it is too short.
    """
    start = 1 + _ID_BYTES
    if len(wrapped) < start + NONCE_BYTES + TAG_BYTES:
        raise altered()
    if wrapped[0] != format_:
        raise KeyUnavailable(gettext_noop("This needs another kind of system key than the site has."))
    needed = wrapped[1:start].hex()
    if needed != key_id:
        raise KeyUnavailable(
            gettext_noop("This needs the system key %(needed)s, and the site has %(present)s."),
            {"needed": needed, "present": key_id},
        )
    return wrapped[start : start + NONCE_BYTES], wrapped[start + NONCE_BYTES :]


def altered() -> Unopenable:
    """Return the refusal of what was wrapped and does not open with the right key."""
    return Unopenable(gettext_noop("What the system key protects was altered or moved."))

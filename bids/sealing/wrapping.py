"""The system key, under which the system's shares are kept: the interface, and a key in a file.

``KeyWrapper`` is what a KMS or an HSM offers as well (``hsm.py`` is one). Every implementation answers to
the same rules: what is wrapped opens only with the same key and the same context, and says which key it
needs.
"""

import errno
import hmac
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bids.sealing.canonical import bound_to
from bids.sealing.refusals import KeyUnavailable, Unopenable, gettext_noop

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
MODE = 0o400

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
        key = _read_key(path, apart_from)
        self.key_id = hmac.digest(key, b"assay/1 key identifier", "sha256")[:_ID_BYTES].hex()
        self._cipher = AESGCM(key)

    @staticmethod
    def make(path: Path) -> None:
        """Write a fresh key to a new file that only its owner can read.

        Raises ``KeyUnavailable`` where something lies there already: a system key is never overwritten.
        """
        try:
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE
            )
        except FileExistsError as error:
            raise KeyUnavailable(
                gettext_noop("There is a file %(path)s already, and a system key is never overwritten."),
                {"path": str(path)},
            ) from error
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, MODE)
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(descriptor)

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


def _read_key(path: Path, apart_from: Sequence[Path]) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise _unsafe(gettext_noop("There is no system key at %(path)s."), path) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unsafe(
                gettext_noop("The system key %(path)s is a link; it has to be the file."), path
            ) from error
        raise _unsafe(gettext_noop("The system key %(path)s cannot be read by the site."), path) from error
    try:
        _check_place(path, apart_from)
        _check_file(path, os.fstat(descriptor))
        key = os.read(descriptor, KEY_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(key) != KEY_BYTES:
        raise _unsafe(
            gettext_noop("The system key %(path)s has to be 32 bytes long, no more and no less."), path
        )
    return key


def _check_place(path: Path, apart_from: Sequence[Path]) -> None:
    place = path.resolve()
    for folder in apart_from:
        if place.is_relative_to(folder.resolve()):
            raise KeyUnavailable(
                gettext_noop(
                    "The system key %(path)s lies in %(folder)s and would be copied with what it protects."
                ),
                {"path": str(path), "folder": str(folder)},
            )


def _check_file(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _unsafe(gettext_noop("The system key %(path)s is not a file."), path)
    if status.st_nlink != 1:
        raise _unsafe(
            gettext_noop("The system key %(path)s has a second name somewhere; make a new file."), path
        )
    if status.st_uid != os.geteuid():
        raise _unsafe(
            gettext_noop("The system key %(path)s has to belong to the user that the site runs as."), path
        )
    if stat.S_IMODE(status.st_mode) != MODE:
        raise KeyUnavailable(
            gettext_noop(
                "The system key %(path)s has mode %(mode)s; it has to be 0400, for its owner to read."
            ),
            {"path": str(path), "mode": f"{stat.S_IMODE(status.st_mode):04o}"},
        )


def _unsafe(template: str, path: Path) -> KeyUnavailable:
    return KeyUnavailable(template, {"path": str(path)})

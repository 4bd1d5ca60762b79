"""The site's Ed25519 signing key: a file outside of database, media and anchors, and signing with it."""

import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from procurement.signing.verify import Document, canonical

#: Bytes of a key file: the seed of an Ed25519 key (RFC 8032, 5.1.5), or any key of 256 bits.
KEY_SIZE = 32


def gettext_noop(message: str) -> str:
    """Mark a text for translation and return it as it is; the site translates it where it is shown."""
    return message


class UnsafeKey(ValueError):
    """A key file that is missing or does not lie as safely as it has to, and why.

    ``template`` is an English sentence marked for translation and ``params`` fills it: the site shows
    ``_(refusal.template) % refusal.params``.
    """

    def __init__(self, template: str, params: Mapping[str, str | int] | None = None) -> None:
        """Keep the sentence and what fills it apart."""
        super().__init__(template, params)
        self.template = template
        self.params: dict[str, str | int] = dict(params or {})

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.template % self.params


def read_key_file(path: Path, apart_from: Iterable[Path] = ()) -> bytes:
    """The 32 bytes of a key file that nobody but this process's account may read.

    Raises `UnsafeKey` for a missing file, a link, another owner, rights for others, another size, or a place
    inside one of the folders that it has to lie apart from.
    """
    shown = {"path": str(path)}
    for folder in apart_from:
        if path.resolve().is_relative_to(folder.resolve()):
            raise UnsafeKey(
                gettext_noop("The key file %(path)s lies inside %(folder)s, and would be copied with it."),
                shown | {"folder": str(folder)},
            )
    try:
        # Not blocking, so that a pipe in its place holds up nobody.
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise UnsafeKey(gettext_noop("The key file %(path)s is a link."), shown) from error
        raise UnsafeKey(gettext_noop("The key file %(path)s cannot be read."), shown) from error
    try:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode):
            raise UnsafeKey(gettext_noop("The key file %(path)s is no file."), shown)
        if facts.st_uid != os.geteuid():
            raise UnsafeKey(gettext_noop("The key file %(path)s belongs to another account."), shown)
        if facts.st_mode & 0o077:
            raise UnsafeKey(
                gettext_noop("Others may read the key file %(path)s. Set its mode to 0400."), shown
            )
        content = os.read(file, KEY_SIZE + 1)
    finally:
        os.close(file)
    if len(content) != KEY_SIZE:
        raise UnsafeKey(gettext_noop("The key file %(path)s does not hold a key."), shown)
    return content


def make_key_file(path: Path) -> None:
    """Write a new random key with mode 0400. Raises `UnsafeKey` where there is a file already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o400)
    except FileExistsError as error:
        raise UnsafeKey(
            gettext_noop("There is a file %(path)s already; nothing was changed."), {"path": str(path)}
        ) from error
    with os.fdopen(file, "wb") as opened:
        opened.write(secrets.token_bytes(KEY_SIZE))
        opened.flush()
        os.fsync(file)


@dataclass(frozen=True)
class SigningKey:
    """The site's key. `repr` shows no secret: the library's own object holds it."""

    _private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_file(cls, path: Path, apart_from: Iterable[Path] = ()) -> "SigningKey":
        """The key in a file; raises `UnsafeKey`."""
        return cls.from_seed(read_key_file(path, apart_from))

    @property
    def public(self) -> str:
        """The public key, 32 bytes in hex: what is published, and what signatures are checked with."""
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, document: Document) -> Document:
        """The document with `key` and `signature`, which covers all the rest in its canonical form.

        Raises `procurement.signing.verify.Fault` for what has no canonical form.
        """
        signed = document | {"key": self.public}
        return signed | {"signature": self._private.sign(canonical(signed)).hex()}

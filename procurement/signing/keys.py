"""Keys in files, outside of what they protect; and the site's Ed25519 signing key, which lies in one."""

import errno
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
#: For its owner to read, and for nobody to write.
MODE = 0o400


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
    """The 32 bytes of a key file that nobody but this process's account may read, and that lies apart.

    `apart_from` are the folders of what it protects. Raises `UnsafeKey` where the file is missing, a link, of
    another owner, mode or length, has a second name, or lies in one of those folders.
    """
    try:
        # Not blocking, so that a pipe in its place holds up nobody.
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise _unsafe(gettext_noop("There is no key at %(path)s."), path) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unsafe(
                gettext_noop("The key file %(path)s is a link; it has to be the file."), path
            ) from error
        raise _unsafe(gettext_noop("The key file %(path)s cannot be read by the site."), path) from error
    try:
        _check_place(path, apart_from)
        _check_file(path, os.fstat(file))
        content = os.read(file, KEY_SIZE + 1)
    finally:
        os.close(file)
    if len(content) != KEY_SIZE:
        raise _unsafe(
            gettext_noop("The key file %(path)s has to be 32 bytes long, no more and no less."), path
        )
    return content


def _check_place(path: Path, apart_from: Iterable[Path]) -> None:
    place = path.resolve()
    for folder in apart_from:
        if place.is_relative_to(folder.resolve()):
            raise UnsafeKey(
                gettext_noop(
                    "The key file %(path)s lies in %(folder)s and would be copied with what it protects."
                ),
                {"path": str(path), "folder": str(folder)},
            )


def _check_file(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise _unsafe(gettext_noop("The key file %(path)s is not a file."), path)
    if facts.st_nlink != 1:
        raise _unsafe(
            gettext_noop("The key file %(path)s has a second name somewhere; make a new file."), path
        )
    if facts.st_uid != os.geteuid():
        raise _unsafe(
            gettext_noop("The key file %(path)s has to belong to the user that the site runs as."), path
        )
    mode = stat.S_IMODE(facts.st_mode)
    if mode != MODE:
        raise UnsafeKey(
            gettext_noop(
                "The key file %(path)s has mode %(mode)s; it has to be 0400, for its owner to read."
            ),
            {"path": str(path), "mode": f"{mode:04o}"},
        )


def _unsafe(template: str, path: Path) -> UnsafeKey:
    return UnsafeKey(template, {"path": str(path)})


def make_key_file(path: Path) -> None:
    """Write a new random key that only its owner can read, whatever the umask says.

    Raises `UnsafeKey` where something lies there already, and `OSError` where nothing can be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    except FileExistsError as error:
        raise _unsafe(
            gettext_noop("There is a file %(path)s already, and a key is never overwritten."), path
        ) from error
    with os.fdopen(file, "wb") as opened:
        os.fchmod(file, MODE)
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

"""The parts of a bid: files and the manifest that lists them, sealed to an envelope and bound to their place.

A file is sealed when it is staged, before anybody knows in which version it will stand. It is bound to
tender, envelope, bid, package and its own identifier. The manifest is sealed when the bid is submitted:
it holds the answers or the price, and every file's name, size and digests, and it is bound to version and
number of parts as well. So a part that was moved, swapped or replayed does not open, or is not the one
that the manifest lists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bids.sealing import padding, suite
from bids.sealing.canonical import Json, bound_to, canonical, is_digest, parse, sha256, timestamp
from bids.sealing.refusals import SealRefused, Unopenable, gettext_noop
from bids.sealing.suite import Buffer


class Envelope(StrEnum):
    """The two envelopes of a tender, opened one after the other."""

    TECHNICAL = "technical"
    PRICE = "price"


@dataclass(frozen=True)
class Binding:
    """What every part is bound to: identifiers as text, and the digest of the package it was sealed under."""

    tender: str
    envelope: str
    bid: str
    package: str


@dataclass(frozen=True)
class FileEntry:
    """A line of the manifest.

    ``part`` is the file's identifier, ``size`` is in bytes, ``digest`` is the SHA-256 of the content and
    ``sealed_digest`` that of what is stored; ``package`` is the digest of the package that was current
    when the file was staged. Name, size and ``digest`` tell of the content: until submission they may be
    kept sealed only.
    """

    part: str
    name: str
    size: int
    digest: str
    sealed_digest: str
    package: str


@dataclass(frozen=True)
class SealedFile:
    """What is stored of a file, and its line of the manifest."""

    sealed: bytes
    entry: FileEntry


@dataclass(frozen=True)
class Manifest:
    """What an envelope of a bid says, in JSON without binary fractions, and the files that belong to it."""

    content: Mapping[str, Json]
    files: tuple[FileEntry, ...] = ()

    @property
    def parts(self) -> int:
        """How many parts the envelope has, this one included."""
        return 1 + len(self.files)


@dataclass(frozen=True)
class PartDigest:
    """What may be shown of a sealed part: its envelope and the SHA-256 of what is stored."""

    envelope: str
    digest: str


def seal_file(public: bytes, content: Buffer, *, binding: Binding, part: str, name: str) -> SealedFile:
    """Seal a file to its envelope's key. The caller's own copy of the content is the caller's to wipe.

    Raises ``SealRefused`` where the file is larger than a part may be.
    """
    sealed = _seal(public, content, _file_info(binding, part))
    entry = FileEntry(
        part=part,
        name=name,
        size=len(content),
        digest=sha256(content),
        sealed_digest=sha256(sealed),
        package=binding.package,
    )
    return SealedFile(sealed=sealed, entry=entry)


def open_file(private: bytes, sealed: Buffer, *, binding: Binding, entry: FileEntry) -> bytes:
    """Open a file that a manifest lists.

    ``binding`` is the manifest's; the package is taken from the entry, since a file may have been staged
    before an amendment. Raises ``Unopenable`` where the file is another than the one listed, or does not
    open.
    """
    if sha256(sealed) != entry.sealed_digest:
        raise Unopenable(gettext_noop("This file is not the one that the bid lists."))
    staged = Binding(binding.tender, binding.envelope, binding.bid, entry.package)
    content = padding.unpad(suite.unseal(private, sealed, _file_info(staged, entry.part)))
    if len(content) != entry.size or sha256(content) != entry.digest:
        raise Unopenable(gettext_noop("This file opens, but its content is not what the bid lists."))
    return content


def seal_manifest(public: bytes, manifest: Manifest, *, binding: Binding, version: int) -> bytes:
    """Seal a manifest to its envelope's key, as part 0 of a version.

    Raises ``SealRefused`` where the content is not JSON without binary fractions, where two lines name one
    file, where a digest is none, or where all of it is larger than a part may be.
    """
    files = [asdict(entry) for entry in manifest.files]
    text = canonical({"content": manifest.content, "files": files})
    _read(text)  # what could not be read back is not sealed
    return _seal(public, text, _manifest_info(binding, version, manifest.parts))


def open_manifest(private: bytes, sealed: Buffer, *, binding: Binding, version: int, parts: int) -> Manifest:
    """Open the manifest of a version, of which ``parts`` is the number of parts in this envelope.

    Raises ``Unopenable`` where it was altered, belongs elsewhere, or does not list as many files as it
    has to.
    """
    manifest = _read(padding.unpad(suite.unseal(private, sealed, _manifest_info(binding, version, parts))))
    if manifest.parts != parts:
        raise Unopenable(gettext_noop("This opens, but it does not list as many files as the bid has."))
    return manifest


def commitment(
    *, bid: str, version: int, package: str, parts: Sequence[PartDigest], received_at: datetime
) -> str:
    """Return the commitment of a version: the SHA-256 of everything about it that may be shown.

    ``parts`` are all sealed parts in the order of submission; ``received_at`` counts to the millisecond.
    """
    return sha256(
        bound_to(
            "commitment",
            bid=bid,
            version=version,
            package=package,
            parts=[asdict(part) for part in parts],
            received_at=timestamp(received_at),
        )
    )


def _seal(public: bytes, content: Buffer, info: bytes) -> bytes:
    padded = padding.pad(content)
    try:
        return suite.seal(public, padded, info)
    finally:
        padding.wipe(padded)


def _file_info(binding: Binding, part: str) -> bytes:
    return bound_to("file", **asdict(binding), part=part)


def _manifest_info(binding: Binding, version: int, parts: int) -> bytes:
    return bound_to("manifest", **asdict(binding), version=version, part=0, parts=parts)


def _read(text: bytes) -> Manifest:
    """Return the manifest that a text holds. Raises ``Unopenable`` where it is not written as one."""
    try:
        value = parse(text)
        if set(value) != {"content", "files"}:
            raise TypeError
        files = tuple(_entry(line) for line in value["files"])
        manifest = Manifest(content=_content(value["content"]), files=files)
    except (KeyError, TypeError, SealRefused) as error:
        raise Unopenable(gettext_noop("This opens, but it is not written as a bid has to be.")) from error
    if len({entry.part for entry in files}) != len(files):
        raise Unopenable(gettext_noop("This opens, but it lists one file twice."))
    return manifest


def _content(value: Any) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _entry(line: Any) -> FileEntry:
    texts = all(isinstance(line[key], str) for key in ("part", "name"))
    digests = all(is_digest(line[key]) for key in ("digest", "sealed_digest", "package"))
    if not (texts and digests and type(line["size"]) is int):
        raise TypeError
    return FileEntry(**line)

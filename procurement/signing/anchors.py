"""The anchors: a folder outside of the database with one signed file per checkpoint, only ever added to."""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from procurement.signing.keys import SigningKey
from procurement.signing.verify import (
    CHECKPOINT,
    GENESIS,
    Document,
    Fault,
    canonical,
    check_document,
    digest_of,
    read_document,
)


def file_name(number: int) -> str:
    """The name of the file of a checkpoint."""
    return f"checkpoint-{number:08}.json"


class Anchors:
    """The checkpoints in a folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def is_empty(self) -> bool:
        """Whether there is no checkpoint yet."""
        return not any(self.folder.glob("checkpoint-*.json"))

    def read(self, trusted: Collection[str] = ()) -> list[Document]:
        """Every checkpoint, oldest first, each signed and naming the one before.

        Raises `Fault`, and `OSError`.
        """
        found: list[Document] = []
        for path in sorted(self.folder.glob("checkpoint-*.json")):
            checkpoint = self._checked(path, trusted)
            if path.name != file_name(len(found) + 1):
                raise Fault(f"{file_name(len(found) + 1)} is missing")
            before = found[-1] if found else None
            if checkpoint["number"] != len(found) + 1 or checkpoint["previous"] != _digest(before):
                raise Fault(f"{path.name} does not follow the one before it")
            if before and checkpoint["size"] < before["size"]:
                raise Fault(f"{path.name} is of a shorter trail than the one before it")
            found.append(checkpoint)
        return found

    def last(self, trusted: Collection[str] = ()) -> Document | None:
        """The newest checkpoint by its number; None where there is none. Raises `Fault`, `OSError`."""
        paths = sorted(self.folder.glob("checkpoint-*.json"))
        return self._checked(paths[-1], trusted) if paths else None

    def add(self, key: SigningKey, *, size: int, head: str, at: str, reason: str) -> Document:
        """Sign a checkpoint and write it as the next file, which is there whole or not at all.

        A trail that is shorter than the last checkpoint says gets none: it did not grow from there. Raises
        `Fault`, and `OSError` where the folder cannot be written.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            before = self.last()
            if before and (size < before["size"] or (size == before["size"] and head != before["head"])):
                raise Fault("the trail is older than its last checkpoint, or another one")
            checkpoint = key.sign(
                {
                    "format": CHECKPOINT,
                    "number": before["number"] + 1 if before else 1,
                    "size": size,
                    "head": head,
                    "at": at,
                    "reason": reason,
                    "previous": _digest(before),
                }
            )
            self._write(file_name(checkpoint["number"]), canonical(checkpoint))
        return checkpoint

    def put_aside(self, name: str) -> None:
        """Move every checkpoint into a folder of that name beside them, so that a new series can begin.

        Raises `OSError`, also where there is such a folder already.
        """
        with self._alone():
            (self.folder / name).mkdir(mode=0o700)
            for path in sorted(self.folder.glob("checkpoint-*.json")):
                path.rename(self.folder / name / path.name)

    def _checked(self, path: Path, trusted: Collection[str]) -> Document:
        try:
            checkpoint = read_document(path.read_bytes())
            check_document(checkpoint, CHECKPOINT, trusted)
        except Fault as fault:
            raise Fault(f"{path.name}: {fault}") from fault
        return checkpoint

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time: each checkpoint names the one before it."""
        with (self.folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, name: str, content: bytes) -> None:
        draft = self.folder / f".{name}.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, self.folder / name)  # refuses to take the place of a file
        draft.unlink()
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _digest(checkpoint: Document | None) -> str:
    """What the next checkpoint names: the digest of the file, or zeros before the first."""
    return digest_of(checkpoint) if checkpoint else GENESIS

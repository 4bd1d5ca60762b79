"""The same inspection in a process of its own: a file that bursts it hurts nobody else.

The child knows nothing of the site: it is started with an empty environment and no open file but its two
pipes, may use little memory and time, and can open no file and no connection once it has said that it is
ready. What it answers is a kind or one of the known sentences; silence, death and anything else are refusals.
"""

import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bids.files import refused
from bids.files.inspection import MOST_BYTES, too_large
from bids.files.kinds import Kind
from bids.files.names import tidy_name
from bids.files.refused import COSTLY, CRASHED, FileRefused

_ROOT = Path(__file__).resolve().parents[2]
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from bids.files.confined import main; main(*sys.argv[2:])"
)
_HEAD = struct.Struct(">II")
_LENGTH = struct.Struct(">I")
_MOST_ANSWER = 16_384
_MOST_START = 30
_PIPE = 65_536
#: Seconds in which a child without its pipes goes away by itself.
_LAST_WORDS = 0.5

#: The sentences that the child may answer with.
_SENTENCES = {text for name, text in vars(refused).items() if name.isupper() and not name.startswith("_")}


class _Silent(Exception):
    """The child did not answer in time, or not at all."""


@dataclass(frozen=True)
class Limits:
    """What one file may cost: memory of the child in MB (60 are its own), seconds of computing, seconds."""

    megabytes: int = 640
    cpu_seconds: int = 40
    seconds: int = 60


@dataclass(frozen=True)
class _Question:
    """A file that a child was given, and until when it has to say something."""

    name: str
    child: subprocess.Popen[bytes]
    until: float


class Inspector:
    """A child process that inspects files one after the other, started anew after each that bursts it.

    A context manager; not to be shared between threads.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        """Nothing is started before the first file."""
        self.limits = limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """The inspector itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    def inspect(self, name: str, content: bytes) -> Kind:
        """The kind of the file. Raises `FileRefused`; for a file that bursts its limits, too."""
        return self._answer_to(self._ask(name, content))

    def inspect_all(self, files: Iterable[tuple[str, bytes]]) -> list[Kind]:
        """The kinds of files, in order: while one is inspected the next is fetched.

        Raises `FileRefused` for the first that is refused, and what fetching the next raises after that.
        """
        kinds: list[Kind] = []
        asked: _Question | None = None
        try:
            for name, content in files:
                if asked is not None:
                    before, asked = asked, None
                    kinds.append(self._answer_to(before))
                asked = self._ask(name, content)
                del content  # the child has it
        finally:
            if asked is not None:
                kinds.append(self._answer_to(asked))
        return kinds

    def _ask(self, name: str, content: bytes) -> _Question:
        name = tidy_name(name)
        if len(content) > MOST_BYTES:
            raise too_large(name, len(content))
        until = time.monotonic() + self.limits.seconds
        try:
            child = self._ready_child()
            given = name.encode()
            self._write(child, _HEAD.pack(len(given), len(content)) + given, until)
            self._write(child, content, until)
        except (_Silent, OSError):
            raise self._burst(name) from None
        return _Question(name, child, until)

    def _answer_to(self, asked: _Question) -> Kind:
        try:
            answer = self._read_answer(asked.child, asked.until)
        except (_Silent, OSError):
            raise self._burst(asked.name) from None
        return self._understood(answer, asked.name)

    def _burst(self, name: str) -> FileRefused:
        """Why there is no answer: killed for its time (SIGXCPU) or by us, or memory was at an end."""
        return FileRefused(CRASHED if _is_crash(self.close()) else COSTLY, {"name": name})

    def close(self) -> int | None:
        """End the child and wait for it; how it ended by itself, None where it had to be ended."""
        child, self._child = self._child, None
        if child is None:
            return None
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            return child.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None

    def _ready_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close()
        limits = [str(value) for value in asdict(self.limits).values()]
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter on our own module
            [sys.executable, "-I", "-c", _START, str(_ROOT), *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            bufsize=0,
        )
        os.set_blocking(_number(self._child.stdin), False)
        self._read_answer(self._child, time.monotonic() + _MOST_START)
        return self._child

    def _write(self, child: subprocess.Popen[bytes], data: bytes, until: float) -> None:
        rest, pipe = memoryview(data), _number(child.stdin)
        while rest:
            _wait(pipe, until, to_write=True)
            rest = rest[os.write(pipe, rest[:_PIPE]) :]

    def _read_answer(self, child: subprocess.Popen[bytes], until: float) -> bytes:
        (length,) = _LENGTH.unpack(_read(_number(child.stdout), _LENGTH.size, until))
        if length > _MOST_ANSWER:
            raise _Silent
        return _read(_number(child.stdout), length, until)

    def _understood(self, answer: bytes, name: str) -> Kind:
        try:
            said = json.loads(answer)
            if "kind" in said:
                return Kind(said["kind"])
            template, params = said["template"], said["params"]
        except (ValueError, KeyError, TypeError):
            template, params = CRASHED, {}
        if template not in _SENTENCES or not isinstance(params, dict):
            template, params = CRASHED, {}
        if template in (COSTLY, CRASHED):
            self.close()  # the next file is not to meet a child that is about to leave
        raise FileRefused(template, params | {"name": name})


def inspect_in_child(name: str, content: bytes, limits: Limits | None = None) -> Kind:
    """`inspect` in a child process of its own. Raises `FileRefused`; for many files use an `Inspector`."""
    with Inspector(limits) as child:
        return child.inspect(name, content)


def _number(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise _Silent
    return pipe.fileno()


def _is_crash(status: int | None) -> bool:
    return status is not None and status < 0 and -status not in (9, 24)  # SIGKILL, SIGXCPU


def _wait(pipe: int, until: float, *, to_write: bool = False) -> None:
    """Wait until the pipe can be used. Raises `_Silent` when the time is over."""
    left = until - time.monotonic()
    poll = select.poll()
    poll.register(pipe, select.POLLOUT if to_write else select.POLLIN)
    if left <= 0 or not poll.poll(left * 1000):
        raise _Silent


def _read(pipe: int, length: int, until: float) -> bytes:
    data = b""
    while len(data) < length:
        _wait(pipe, until)
        more = os.read(pipe, length - len(data))
        if not more:
            raise _Silent
        data += more
    return data

"""What the child process runs: limits first, then file after file from the one pipe, answers to the other."""

import gc
import importlib
import json
import os
import pkgutil
import resource
import struct
import sys
from contextlib import suppress

import pypdf
from PIL import Image

from bids.files.inspection import inspect
from bids.files.refused import COSTLY, FileRefused

_HEAD = struct.Struct(">II")
_LENGTH = struct.Struct(">I")
_OUT = 1
_PICTURES = ("PIL.MpoImagePlugin", "PIL.TiffImagePlugin")
_CODECS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "latin-1",
    "ascii",
    "cp437",
    "charmap",
    "unicode_escape",
)


def main(megabytes: str, cpu_seconds: str, _seconds: str) -> None:
    """Inspect files until the pipe ends; leave after one that memory did not suffice for."""
    _read_ahead()
    _confine(int(megabytes))
    _answer({"ready": True})
    while True:
        head = sys.stdin.buffer.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        name_length, length = _HEAD.unpack(head)
        _allow_seconds(int(cpu_seconds))
        name = sys.stdin.buffer.read(name_length).decode()
        try:
            answer: dict[str, object] = {
                "kind": inspect(name, sys.stdin.buffer.read(length), seconds=float(cpu_seconds)).value
            }
        except FileRefused as refusal:
            answer = {"template": refusal.template, "params": refusal.params}
        except MemoryError:
            answer = {"template": COSTLY, "params": {}}
        gc.collect()  # libraries leave rings behind, and each holds a whole file
        _answer(answer)
        if answer.get("template") == COSTLY:
            return


def _read_ahead() -> None:
    """Import what the libraries would import when they first need it: no file can be opened later."""
    for codec in _CODECS:
        "".encode(codec)
    Image.preinit()
    names = [module.name for module in pkgutil.walk_packages(pypdf.__path__, "pypdf.")]
    for name in (*_PICTURES, *names):
        with suppress(ImportError):  # of something that only other uses of the library need
            importlib.import_module(name)


def _confine(megabytes: int) -> None:
    """Little memory; no file or connection beyond the pipes, nothing written, no process, no core dump."""
    for what, most in (
        (resource.RLIMIT_AS, megabytes * 1024 * 1024),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _allow_seconds(seconds: int) -> None:
    """So many more seconds of computing for the next file; past them the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _answer(said: dict[str, object]) -> None:
    data = json.dumps(said).encode()
    data = _LENGTH.pack(len(data)) + data
    while data:
        data = data[os.write(_OUT, data) :]

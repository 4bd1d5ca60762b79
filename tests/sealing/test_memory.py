"""What a process still holds after it sealed something.

Of a file there is no copy. Of a manifest there is none either where memory that is given back is overwritten,
which the C library of Linux does when it is told to.
"""

import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: How a service is started so that memory which is given back is overwritten at once (GNU C library).
OVERWRITING = {
    "PYTHONMALLOC": "malloc",
    "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
}
#: Seals a content with a marker that is spelled there only: the process knows it masked.
SEALS = """
import sys
from bids.sealing import padding, parts, suite
masked = bytes.fromhex(sys.argv[1])
public = suite.new_key_pair().public
binding = parts.Binding("tender", "technical", "bid", "0" * 64)
def file(size, keep):
    content = bytearray(size)
    for place, byte in enumerate(masked):
        content[size // 2 + place] = byte ^ 0x55
    parts.seal_file(public, content, binding=binding, part="part", name="a.pdf")
    if not keep:
        padding.wipe(content)
    return content
def manifest():
    answers = {"says": "".join(chr(byte ^ 0x55) for byte in masked)}
    parts.seal_manifest(public, parts.Manifest(answers), binding=binding, version=1)
"""
#: What was done stays referred to until the process is told to end.
WAITS = """
print("sealed", flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="reads another process's memory as Linux shows it"
)


def copies_left(work, **environment):
    """How often the marker stands in the memory of a process that has done the work and still runs."""
    marker = b"MARKER-" + secrets.token_hex(16).encode()
    masked = bytes(byte ^ 0x55 for byte in marker).hex()
    with subprocess.Popen(
        [sys.executable, "-c", f"{SEALS}kept = {work}{WAITS}", masked],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"sealed\n"
        return sum(area.count(marker) for area in memory_of(process.pid))


def memory_of(pid):
    process = Path(f"/proc/{pid}")
    with (process / "mem").open("rb", buffering=0) as memory:
        for line in (process / "maps").read_text().splitlines():
            area = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if area:
                start, end = (int(digits, 16) for digits in area.groups())
                memory.seek(start)
                yield memory.read(end - start)


@pytest.mark.parametrize("size", [1_000, 2_000_000, 20_000_000])
def test_no_copy_of_a_sealed_file_is_left(size):
    assert copies_left(f"file({size}, keep=False)") == 0


def test_the_search_finds_what_is_there():
    assert copies_left("file(2_000_000, keep=True)") == 1


def test_no_copy_of_a_sealed_manifest_is_left_where_freed_memory_is_overwritten():
    assert copies_left("manifest()", **OVERWRITING) == 0

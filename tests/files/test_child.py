"""The child process: the same answers, and a file that bursts it is refused while the parent lives on."""

import os
import random
import time
import zlib

import pytest

from bids.files import MEGABYTE, FileRefused, Inspector, Kind, Limits, child, inspect, inspect_in_child
from tests.files.making import compressed, docx_file, named, on_opening, pdf, picture, xlsx_file

COSTLY = "takes more memory or time"
CRASHED = "stopped the check"


@pytest.fixture(scope="module")
def inspector():
    with Inspector() as ready:
        yield ready


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("報告.pdf", pdf(), Kind.PDF),
        ("b.pdf", compressed(pdf()), Kind.PDF),
        ("a.docx", docx_file(), Kind.DOCX),
        ("a.xlsx", xlsx_file(), Kind.XLSX),
        ("a.png", picture(), Kind.PNG),
        ("a.jpg", picture("JPEG"), Kind.JPG),
    ],
)
def test_the_child_says_the_same(inspector, name, content, kind):
    assert inspector.inspect(name, content) is kind


def test_the_child_refuses_the_same(inspector):
    content = pdf(on_opening(named(S="/Launch", F="x")))
    with pytest.raises(FileRefused) as here:
        inspect("報告.pdf", content)
    with pytest.raises(FileRefused) as there:
        inspector.inspect("報告.pdf", content)
    assert (there.value.template, there.value.params) == (here.value.template, here.value.params)
    with pytest.raises(FileRefused, match="invisible"):
        inspector.inspect("a\x00.pdf", content)
    with pytest.raises(FileRefused, match="20 MB is the limit"):
        inspector.inspect("a.pdf", bytes(21 * MEGABYTE))


def test_files_of_the_reference_data_are_taken_by_the_child(inspector, shared):
    for path in [*shared.rglob("*.xlsx"), *shared.rglob("*.png")]:
        assert inspector.inspect(path.name, path.read_bytes()).value == path.suffix[1:]


def test_one_call_starts_and_ends_a_child():
    assert inspect_in_child("a.pdf", pdf()) is Kind.PDF


def wide_picture():
    """A sound picture of 60 million pixels, which needs more memory than the test allows."""
    return picture(size=(10_000, 6_000), mode="L")


def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_is_taken():
    with Inspector(Limits(megabytes=90)) as small:
        with pytest.raises(FileRefused, match=COSTLY):
            small.inspect("a.png", wide_picture())
        assert small.inspect("b.png", picture()) is Kind.PNG


def test_the_largest_picture_fits_into_the_usual_memory(inspector):
    assert inspector.inspect("a.png", picture(size=(8_000, 8_000), mode="RGBA")) is Kind.PNG


def slow_pdf():
    """A PDF whose table is wrong for every object, so that each is searched for in all of the file."""
    filler = b"%" + random.Random(4).randbytes(4 * MEGABYTE).replace(b"\n", b" ").replace(b"\r", b" ")
    rows = b"".join(b"%010d 00000 n \n" % (20 + number) for number in range(20_000))
    head = b"%PDF-1.4\n" + filler + b"\n"
    return (
        head
        + b"xref\n0 20001\n0000000000 65535 f \n"
        + rows
        + b"trailer << /Size 20001 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(head)
    )


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_taken():
    with Inspector(Limits(seconds=2, cpu_seconds=1)) as hasty:
        began = time.monotonic()
        with pytest.raises(FileRefused):
            hasty.inspect("a.pdf", slow_pdf())
        assert time.monotonic() - began < 10
        assert hasty.inspect("b.png", picture()) is Kind.PNG


@pytest.mark.parametrize(
    ("doing", "sentence"),
    [
        ("os.abort()", CRASHED),
        ("os.kill(os.getpid(), 11)", CRASHED),
        ("os._exit(0)", COSTLY),
        ("time.sleep(60)", COSTLY),
        ("sys.stdout.buffer.write(b'no answer at all')", COSTLY),
        ("os.write(1, b'\\0\\0\\0\\x02{}')", CRASHED),
        ('os.write(1, b\'\\0\\0\\0\\x1b{"template":"x","params":1}\')', CRASHED),
    ],
)
def test_a_child_that_dies_hangs_or_babbles_is_a_refusal(monkeypatch, doing, sentence):
    script = (
        "import os, sys, time; os.write(1, b'\\0\\0\\0\\2{}');"
        f"sys.stdin.buffer.read(8 + 5 + {len(pdf())}); {doing}"
    )
    monkeypatch.setattr(child, "_START", script)
    with Inspector(Limits(seconds=3)) as broken:
        with pytest.raises(FileRefused, match=sentence):
            broken.inspect("a.pdf", pdf())
        monkeypatch.undo()
        assert broken.inspect("a.pdf", pdf()) is Kind.PDF


def test_a_child_that_dies_while_it_is_told_is_a_refusal(monkeypatch):
    monkeypatch.setattr(
        child, "_START", "import os; os.write(1, b'\\0\\0\\0\\2{}'); os.read(0, 9); os.abort()"
    )
    with Inspector(Limits(seconds=3)) as broken, pytest.raises(FileRefused):
        broken.inspect("a.pdf", b"%PDF-" + bytes(5 * MEGABYTE))


def test_the_child_has_no_environment_and_can_open_nothing(monkeypatch):
    monkeypatch.setenv("ASSAY_SECRET_KEY", "secret")
    looking = (
        "import sys, os, socket, resource; sys.path.insert(0, sys.argv[1])\n"
        "from bids.files import confined\n"
        "confined._confine(400)\n"
        "found = list(os.environ)\n"
        "for use in (lambda: open('/etc/passwd'), lambda: socket.socket(), lambda: os.pipe()):\n"
        "    try:\n"
        "        found.append(use())\n"
        "    except OSError:\n"
        "        pass\n"
        "for what in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):\n"
        "    found += [what] * (resource.getrlimit(what)[1] != 0)\n"
        "confined._answer({'ready': True})\n"
        "sys.stdin.buffer.read(8)\n"
        "confined._answer({'kind': 'pdf' if found in ([], ['LC_CTYPE']) else str(found)})\n"
    )
    monkeypatch.setattr(child, "_START", looking)
    assert inspect_in_child("a.pdf", pdf()) is Kind.PDF


def test_no_child_is_left_over():
    with Inspector() as ready:
        ready.inspect("a.pdf", pdf())
        number = ready._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_bomb_in_a_stream_of_objects_costs_little(inspector):
    """A stream of 200 MB of zeros in 200 KB, where the file's objects should be."""
    bomb = zlib.compress(bytes(200 * MEGABYTE), 9)
    head = b"%PDF-1.5\n1 0 obj << /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length "
    body = head + b"%d >>\nstream\n" % len(bomb) + bomb + b"\nendstream endobj\n"
    tail = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
    tail += b"trailer << /Size 2 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    with pytest.raises(FileRefused):
        inspector.inspect("a.pdf", body + tail)
    assert inspector.inspect("a.pdf", pdf()) is Kind.PDF


def test_of_many_files_the_first_that_is_refused_counts():
    fetched = []

    def files(*given):
        for name, content in given:
            fetched.append(name)
            yield name, content

    with Inspector() as inspector:
        assert inspector.inspect_all([]) == []
        assert inspector.inspect_all(files(("a.pdf", pdf()), ("b.png", picture()))) == [Kind.PDF, Kind.PNG]
        with pytest.raises(FileRefused) as refusal:
            inspector.inspect_all(
                files(("c.pdf", pdf()), ("d.pdf", picture()), ("e.pdf", b""), ("f.pdf", pdf()))
            )
        assert refusal.value.params["name"] == "d.pdf"
        assert fetched == ["a.pdf", "b.png", "c.pdf", "d.pdf", "e.pdf"]  # one ahead, and no further
        assert inspector.inspect("g.pdf", pdf()) is Kind.PDF


def test_what_could_not_be_fetched_is_said_once_the_file_before_it_is_known_to_be_sound():
    def files(first):
        yield "a.pdf", first
        raise LookupError

    with Inspector() as inspector:
        with pytest.raises(LookupError):
            inspector.inspect_all(files(pdf()))
        with pytest.raises(FileRefused):
            inspector.inspect_all(files(picture()))
        assert inspector.inspect("b.pdf", pdf()) is Kind.PDF

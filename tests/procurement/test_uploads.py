"""Uploads: in memory only, bounded, overwritten when the request is over, and refused with a reason."""

import gc
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from procurement.uploads import PATIENCE, HeldFile

KILOBYTE = 1024


@pytest.fixture(autouse=True)
def small_cap(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100 * KILOBYTE


def sent(*sizes, **more):
    """A request that brought files of so many bytes."""
    files = [SimpleUploadedFile(f"{n}.bin", b"\x01" * size) for n, size in enumerate(sizes)]
    return RequestFactory().post("/", {"file": files, "field": "value"}, **more)


def kept(request):
    files = request.FILES.getlist("file")
    return [(file.name, file.size, file.was_dropped, len(file.held)) for file in files]


def test_files_are_held_in_memory_and_read_as_files():
    request = sent(3 * KILOBYTE, 70 * KILOBYTE)
    assert kept(request) == [
        ("0.bin", 3 * KILOBYTE, False, 3 * KILOBYTE),
        ("1.bin", 70 * KILOBYTE, False, 70 * KILOBYTE),
    ]
    assert request.POST["field"] == "value"
    small, large = request.FILES.getlist("file")
    assert (small.read(2), small.read(), small.read()) == (b"\x01\x01", b"\x01" * (3 * KILOBYTE - 2), b"")
    assert sum(map(len, large.chunks(KILOBYTE))) == 70 * KILOBYTE
    assert (large.seek(-1, io.SEEK_END), large.read()) == (70 * KILOBYTE - 1, b"\x01")


def test_what_there_is_no_room_for_is_counted_and_not_kept():
    assert kept(sent(200 * KILOBYTE)) == [("0.bin", 200 * KILOBYTE, True, 0)]
    assert kept(sent(60 * KILOBYTE, 60 * KILOBYTE, 10 * KILOBYTE)) == [
        ("0.bin", 60 * KILOBYTE, False, 60 * KILOBYTE),
        ("1.bin", 60 * KILOBYTE, True, 0),
        ("2.bin", 10 * KILOBYTE, False, 10 * KILOBYTE),
    ]


def test_far_too_long_a_request_is_not_listened_to():
    request = sent((PATIENCE + 1) * 100 * KILOBYTE)
    assert request.FILES == {}
    assert request._stream.read(1) != b""  # the rest was never read


@pytest.mark.parametrize("sizes", [(5,), (200 * KILOBYTE,), (60 * KILOBYTE, 60 * KILOBYTE)])
def test_nothing_is_left_when_the_request_is_over(sizes):
    request = sent(*sizes)
    buffers = [file.held for file in request.FILES.getlist("file")]
    request.close()  # as every response does in the end
    assert not any(any(held) for held in buffers)


class Broken:
    """A connection that is lost after 70 KiB."""

    def __init__(self, whole):
        self.whole, self.left = whole, 70 * KILOBYTE

    def read(self, size=-1):
        self.left -= max(size, 0)
        if self.left < 0:
            raise OSError("the connection was lost")
        return self.whole.read(size)


def test_nothing_is_left_of_a_file_whose_sender_hung_up(monkeypatch):
    made = []
    beginning = HeldFile.__init__
    monkeypatch.setattr(
        HeldFile, "__init__", lambda file, held, **more: (made.append(held), beginning(file, held, **more))[1]
    )
    request = sent(90 * KILOBYTE)
    request._stream = Broken(request._stream)
    with pytest.raises(OSError, match="lost"):
        request.FILES  # noqa: B018 - reading it is what fails
    assert made
    del request
    gc.collect()
    (held,) = made
    assert not any(held)

"""Uploads stay in memory, and no longer than their request: what people send may be part of a bid.

Django's own handlers write large files to the temporary folder in clear, and leave what small ones held to
whoever uses that memory next. Here a file is collected in one buffer that is overwritten with zeros when the
request is closed, whatever became of it. Copies that Python and its libraries make while a file is read are
out of reach.
"""

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

#: A request that is longer than this many times what is taken is cut off; of a shorter one the rest is read
#: and dropped, because a browser hears no answer before it has sent everything.
PATIENCE = 8


class _Reader(io.RawIOBase):
    """Reads a buffer without a copy of it."""

    def __init__(self, held: bytearray) -> None:
        super().__init__()
        self._held, self._at = held, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = max(0, min(len(buffer), len(self._held) - self._at))
        with memoryview(self._held) as view:
            buffer[:size] = view[self._at : self._at + size]
        self._at += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, len(self._held))[whence])
        return self._at


class HeldFile(UploadedFile):
    """A file that came in: `held` is its content until the request is closed.

    Of a file for which there was no room only name and size are known, and `was_dropped` says so.
    """

    def __init__(self, held: bytearray, *, name: str | None, content_type: str | None) -> None:
        super().__init__(_Reader(held), name, content_type, 0)
        self.held, self.was_dropped = held, False

    def drop(self) -> None:
        """Forget the content, and count on."""
        self.wipe()
        self.held.clear()
        self.was_dropped = True

    def wipe(self) -> None:
        """Overwrite the content with zeros."""
        self.held[:] = bytes(len(self.held))

    def close(self) -> None:
        self.wipe()
        super().close()

    def __del__(self) -> None:
        """Django closes no file that was still coming in when the connection broke."""
        self.wipe()


class HoldUploads(FileUploadHandler):
    """Collects the files of a request, together no more than `FILE_UPLOAD_MAX_MEMORY_SIZE`."""

    file: HeldFile

    def handle_raw_input(self, _data: Any, _meta: Any, content_length: int, *_more: Any) -> None:
        """Learn how much is coming."""
        most = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        self._room, self._is_endless = min(content_length, most), content_length > PATIENCE * most

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Make room for whatever may still come: a buffer that grows leaves copies behind."""
        super().new_file(*args, **kwargs)
        self.file = HeldFile(bytearray(self._room), name=self.file_name, content_type=self.content_type)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece while there is room for it. What is far too long is not even listened to."""
        if self._is_endless:
            raise StopUpload(connection_reset=True)
        end = start + len(raw_data)
        self.file.size = end
        if end <= len(self.file.held):
            self.file.held[start:end] = raw_data
        elif not self.file.was_dropped:
            self.file.drop()

    def file_complete(self, file_size: int) -> HeldFile:
        """The file, as far as it was kept."""
        file = self.file
        file.size = file_size
        if not file.was_dropped:
            del file.held[file_size:]
            self._room -= file_size
        return file

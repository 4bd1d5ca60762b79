"""Django's SQLite, but those who want to write stand in line.

SQLite lets in one writer at a time. Its own way to wait is to ask again and again, the newcomer most often
and who has waited long but every 100 milliseconds: where many write at once, somebody may be passed over
until the time is up, and "database is locked" is all they hear. Here a transaction begins when its turn has
come. The line is a lock on a file beside the database: the system keeps the order and takes out of it who has
died. SQLite's own lock still guards the data; nothing depends on everybody's standing in line. Whoever stood
in it for as long as SQLite itself would wait is told what SQLite would say.
"""

import fcntl
from io import FileIO
from pathlib import Path
from threading import Thread

from django.db import OperationalError
from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that begins its transactions in this way."""

    _line: FileIO | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._wait_in_line()
        begun = False
        try:
            super()._start_transaction_under_autocommit()
            begun = True
        finally:
            if not begun:
                self._leave_line()

    def _wait_in_line(self) -> None:
        """Return when nobody who came before is waiting or writing. A database in memory has no line.

        Raises `OperationalError` when it took too long.
        """
        if self.is_in_memory_db():
            return
        if self._line is None:
            name = str(self.settings_dict["NAME"])
            self._line = FileIO(Path(name).with_name(Path(name).name + "-line"), "a")
        try:
            fcntl.flock(self._line, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait_patiently(self._line)

    def _wait_patiently(self, line: FileIO) -> None:
        """Wait in a thread: the system's own wait knows no end. Who left gives its turn up when it comes."""
        gave_up = False

        def wait() -> None:
            fcntl.flock(line, fcntl.LOCK_EX)
            if gave_up:
                line.close()

        waiting = Thread(target=wait, daemon=True)
        waiting.start()
        waiting.join(self.settings_dict["OPTIONS"].get("timeout", 5))
        gave_up = waiting.is_alive()
        if gave_up:
            self._line = None
            if not waiting.is_alive():  # its turn came just now
                line.close()
            raise OperationalError("database is locked")

    def _leave_line(self) -> None:
        if self._line is not None:
            fcntl.flock(self._line, fcntl.LOCK_UN)

    def _commit(self) -> None:
        super()._commit()
        self._leave_line()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._leave_line()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            if self._line is not None:
                self._line.close()
                self._line = None

"""Django's SQLite, but whoever waits to write has the same chance as everybody else.

SQLite lets in one writer at a time. Its own way to wait asks again after 1, 2, 5 … and in the end every 100
milliseconds, so that whoever came last asks most often: where many write at once, the longest waiting may be
passed over until their time is up, and "database is locked" is all they hear. Here everybody asks at the same
pace, for as long as the option `timeout` says.
"""

import random
import sqlite3
import time

from django.db.backends.sqlite3 import base

#: Seconds between two questions, at random so that those who wait do not ask in step.
PACE = (0.005, 0.015)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that begins its transactions in this way."""

    def _start_transaction_under_autocommit(self) -> None:
        patience = self.settings_dict["OPTIONS"].get("timeout", 5)
        deadline = time.monotonic() + patience
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._begins() and time.monotonic() < deadline:
                time.sleep(random.uniform(*PACE))  # noqa: S311 - no secret
            if not self.connection.in_transaction:
                super()._start_transaction_under_autocommit()  # raises as Django does
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")

    def _begins(self) -> bool:
        """Whether the transaction begins; it cannot while somebody else writes."""
        try:
            self.connection.execute(f"BEGIN {self.transaction_mode or 'DEFERRED'}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return False
            raise
        return True

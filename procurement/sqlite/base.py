"""Django's SQLite, but whoever has waited longest to write comes next.

SQLite lets in one writer at a time. Its own way to wait asks again after 1, 2, 5 … and in the end every 100
milliseconds, so that whoever came last asks most often: where many write at once, the longest waiting may be
passed over until their time is up, and "database is locked" is all they hear. Here it is the other way round:
the longer somebody has waited, the more often they ask, for as long as the option `timeout` says.
"""

import random
import sqlite3
import time

from django.db.backends.sqlite3 import base

#: Seconds until somebody who has just come asks again; after so many seconds of waiting it is half of that,
#: after twice as many a third, and so on.
FIRST_PAUSE, HALVED_AFTER = 0.02, 0.1


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that begins its transactions in this way."""

    def _start_transaction_under_autocommit(self) -> None:
        patience = self.settings_dict["OPTIONS"].get("timeout", 5)
        since = time.monotonic()
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._begins() and (waited := time.monotonic() - since) < patience:
                pause = FIRST_PAUSE / (1 + waited / HALVED_AFTER)
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret, only not in step
            if not self.connection.in_transaction:
                super()._start_transaction_under_autocommit()  # refused as Django refuses
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

"""What a site may lack: room on the disk, its database, its keys, mail.

Whoever asks is told so by the right status, nothing is half stored, and no receipt is given for what is not
there.
"""

import errno
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import DiskFull

from bids.actions import opening
from bids.models import Bid, EnvelopeKey, OpeningTurn, SealedDraft, StagedFile, Submission
from procurement.models import AuditEntry, Tender, User
from procurement.signing.keys import make_key_file
from tests.bids.bid_pages import HTMX, form_of
from tests.cast import OPENERS, PASSPHRASES, PASSWORD, declare_nothing, sign_in
from tests.faults import site
from tests.files.making import pdf

#: Seconds for which another process keeps the database to itself, at least; the site waits for less.
LOCKED = float(os.environ.get("ASSAY_FAULT_SECONDS", "1"))
PATIENCE = 20 if LOCKED > 20 else LOCKED / 2
CHANGES = ("INSERT", "UPDATE", "DELETE")


class Desk:
    """A vendor's person at the bid page of a tender, over HTTP."""

    def __init__(self, name: str) -> None:
        self.tender = site.enter_tender(f"FAULT-{name}")
        (self.person,) = site.enter_vendors(1, name)
        site.write_bid(self.person, self.tender)
        self.client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        sign_in(self.client, self.person)

    def post(self, name: str, data: dict[str, Any], **more: Any) -> Any:
        return self.client.post(reverse(name, args=[self.tender.pk]), data, **more)

    def submit(self, **more: Any) -> Any:
        """Hand in what the page shows."""
        version = Bid.objects.get(tender=self.tender, vendor=self.person.vendor).version
        data = form_of(self.tender, version, price="15000000")
        return self.post("bid-submit", data | {"password": PASSWORD, "key": str(uuid4())}, **more)

    def upload(self, **more: Any) -> Any:
        requirement = self.tender.requirements.get(code="R1")
        data = {"requirement": requirement.pk, "file": SimpleUploadedFile("r.pdf", pdf())}
        return self.post("bid-file-add", data, **more)

    def save(self, **more: Any) -> Any:
        version = Bid.objects.get(tender=self.tender, vendor=self.person.vendor).version
        return self.post("bid", form_of(self.tender, version, price="15000000"), **more)


def stored() -> dict[str, Any]:
    """What must not change where something was refused."""
    drafts = {row.pk: bytes(row.sealed) for row in SealedDraft.objects.all()}
    return {
        "versions": Submission.objects.count(),
        "files": StagedFile.objects.count(),
        "entries": AuditEntry.objects.exclude(action="refuse").count(),
        "drafts": drafts,
        "turns": OpeningTurn.objects.count(),
        "opened": EnvelopeKey.objects.filter(opened_at__isnull=False).count(),
        "published": Tender.objects.exclude(stage="draft").count(),
    }


def refused(what: str, ask: Callable[..., Any], status: int, *, drafts_may_change: bool = False) -> None:
    """Ask as a page and as a script: both hear the status and a sentence, and nothing is stored."""
    for headers in ({}, HTMX):
        before = stored()
        response = ask(headers=headers)
        assert response.status_code == status, f"{what}: {response.status_code}, not {status}"
        text = response.content.decode()
        assert ("<html" in text) == (not headers), f"{what}: {text[:200]}"
        assert "nothing" in text or "沒有" in text or "未" in text, f"{what}: {text[-600:]}"
        after = stored()
        if drafts_may_change:
            after["drafts"] = before["drafts"]
        assert after == before, f"{what} left something behind"


# --- the disk -----------------------------------------------------------------------------------------------
@contextmanager
def no_room_at(step: int) -> Iterator[list[int]]:
    """The database says that the disk is full at that change of a row."""
    left = [step]

    def watch(execute: Any, sql: str, *more: Any) -> Any:
        # The mark of the clock is not kept then, and that is all: it stops nobody.
        if sql.startswith(CHANGES) and "clockmark" not in sql:
            left[0] -= 1
            if not left[0]:
                raise OperationalError("no room") from DiskFull("no room")
        return execute(sql, *more)

    with connection.execute_wrapper(watch):
        yield left


def full_disk() -> dict[str, int]:
    desk, steps = Desk("disk"), 0
    for name, ask in (("save", desk.save), ("upload", desk.upload), ("submit", desk.submit)):
        for step in range(1, 100):
            before = stored()
            with no_room_at(step) as left:
                response = ask()
            if left[0] > 0:
                break  # it came to its end
            assert response.status_code == 507, f"{name} at step {step}: {response.status_code}"
            after = stored()
            if name == "submit":  # the draft is saved first, in a transaction of its own
                after["drafts"] = before["drafts"]
            assert after == before, f"{name} at step {step} left something behind"
            steps += 1
        assert response.status_code == 302, f"{name} without a fault: {response.status_code}"
    refused("a file too many", lambda **more: site_writes_no_more(lambda: desk.upload(**more)), 507)
    if connection.vendor == "sqlite":
        full = lambda **more: without_pages(lambda: desk.submit(**more))  # noqa: E731 - a name for the table
        refused("a full file", full, 507, drafts_may_change=True)
    assert desk.upload().status_code == 302
    return {"full": steps}


def site_writes_no_more(act: Callable[[], Any]) -> Any:
    """The system refuses files of more than half a megabyte, as it does where a quota is used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**19, hard))
    try:
        return act()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def without_pages(act: Callable[[], Any]) -> Any:
    """SQLite's own word for a full disk: the file may not grow."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count")
        (most,) = cursor.fetchone()
        cursor.execute("PRAGMA max_page_count = 1")  # what it has is the least that it takes
        try:
            return act()
        finally:
            connection.ensure_connection()
            with connection.cursor() as again:
                again.execute(f"PRAGMA max_page_count = {most}")


# --- the database -------------------------------------------------------------------------------------------
def locked_database() -> dict[str, float]:
    desk = Desk("lock")
    holder = site.fork(_keeping(desk.tender))
    _wait_for("kept")
    _wait_at_most(PATIENCE)
    begun = time.monotonic()
    before = stored()
    response = desk.submit()
    waited = time.monotonic() - begun
    assert response.status_code == 503, f"locked: {response.status_code}"
    assert response.headers["Retry-After"] == "30"
    assert stored() == before, "something was stored all the same"
    time.sleep(max(0.0, begun + LOCKED - time.monotonic()))
    Path(settings.VAR, "released").touch()
    holder.wait()
    _wait_at_most(20)
    again = desk.submit()
    assert again.status_code == 302, f"after it: {again.status_code} {again.content.decode()[-1500:]}"
    return {"locked for": LOCKED, "told after": round(waited, 1)}


def _keeping(tender: Tender) -> Any:
    def work(_report: site.Report) -> None:
        with transaction.atomic():
            Tender.objects.select_for_update().get(pk=tender.pk)
            Path(settings.VAR, "kept").touch()
            _wait_for("released")

    return work


def _wait_for(sign: str) -> None:
    while not Path(settings.VAR, sign).exists():
        time.sleep(0.01)


def _wait_at_most(seconds: float) -> None:
    """How long this process waits for the database from now on."""
    if connection.vendor == "sqlite":
        connection.close()
        connection.settings_dict["OPTIONS"]["timeout"] = seconds
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{int(seconds * 1000)}ms'")


# --- keys and mail ------------------------------------------------------------------------------------------
def missing_keys() -> dict[str, int]:
    desk = Desk("keys")
    nowhere = settings.VAR / "nowhere.key"
    with override_settings(SIGNING_KEY=nowhere):
        refused("no key to sign with", desk.submit, 503, drafts_may_change=True)
    other = settings.VAR.parent / "other.key"
    make_key_file(other)
    with override_settings(SYSTEM_KEY=nowhere):
        assert desk.submit().status_code == 302, "the system key is not needed to hand in"
    Tender.objects.filter(pk=desk.tender.pk).update(deadline=timezone.now())
    desk.tender.refresh_from_db()
    officer = site.everybody().officer
    desk.tender = opening.name_bidders(actor=officer, tender=desk.tender, now=timezone.now())
    declare_nothing(desk.tender, at=timezone.now())
    with override_settings(SYSTEM_KEY=nowhere):
        refused("no system key", Opening(desk.tender).unlock, 503)
    with override_settings(SYSTEM_KEY=other):
        assert (
            Opening(desk.tender).unlock().status_code == 302
        )  # the first turn waits under the key that is there
        refused("another system key", Opening(desk.tender, 1).unlock, 503)
    return {"keys": 3}


class Opening:
    """An opening officer at a tender whose deadline is over."""

    def __init__(self, tender: Tender, number: int = 0) -> None:
        self.tender, self.name = tender, OPENERS[number]
        self.client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        self.client.force_login(User.objects.get(username=self.name))

    def unlock(self, **more: Any) -> Any:
        data = {"password": PASSWORD, "passphrase": PASSPHRASES[self.name]}
        return self.client.post(reverse("envelope-unlock", args=[self.tender.pk, "technical"]), data, **more)


def no_mail() -> dict[str, int]:
    desk = Desk("mail")
    closed = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 9}
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", **closed):
        assert desk.submit().status_code == 302
        assert mail.get_connection().host == "127.0.0.1"
    row = Submission.objects.get(bid__tender=desk.tender)
    fetched = desk.client.get(reverse("bid-receipt", args=[desk.tender.pk, row.number]))
    assert fetched.content.decode() == row.receipt
    return {"receipts without mail": 1}


def lost_connection() -> dict[str, int]:
    """A file that broke off on its way leaves nothing, and those that arrived before it stay."""
    desk = Desk("wire")
    assert desk.upload().status_code == 302
    before = stored()
    response = desk.upload(**{"wsgi.input": _Broken()})
    assert response.status_code == 400, f"a broken upload: {response.status_code}"
    assert stored() == before, "a broken upload left something behind"
    assert desk.upload().status_code == 302
    assert StagedFile.objects.filter(bid__tender=desk.tender).count() == 2
    assert desk.submit().status_code == 302
    return {"broken uploads": 1}


class _Broken:
    """A connection on which nothing comes any more."""

    def read(self, *_size: int) -> bytes:
        raise OSError(errno.ECONNRESET, "the connection was lost")

    readline = read


def run() -> dict[str, Any]:
    """Each outage in a process of its own."""
    figures: dict[str, Any] = {}
    for outage in (full_disk, locked_database, missing_keys, no_mail, lost_connection):
        (said,) = site.apart(lambda report, act=outage: report(**act()))
        site.Promises().check()
        figures |= said
    return figures

"""What people hear when the site cannot do its part: a status and a sentence, and nothing is stored."""

import errno
import fcntl
import sqlite3

import pytest
from django.core import mail
from django.db import InterfaceError, OperationalError
from django.urls import reverse
from psycopg.errors import DiskFull, LockNotAvailable

from bids.models import Bid, Submission
from bids.sealing.refusals import KeyUnavailable
from procurement.models import Tender, User
from procurement.signing.keys import UnsafeKey
from procurement.sqlite.base import DatabaseWrapper
from procurement.views.faults import fault_of
from tests.bids.bid_pages import HTMX, form_of, post_bid, signed, text_of
from tests.bids.vendors import save
from tests.cast import NOW


def caused(error, cause):
    error.__cause__ = cause
    return error


def full():
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    return caused(OperationalError("database or disk is full"), cause)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(errno.ENOSPC, "x"), 507),
        (OSError(errno.EDQUOT, "x"), 507),
        (full(), 507),
        (caused(OperationalError("x"), DiskFull("x")), 507),
        (caused(OperationalError("x"), LockNotAvailable("x")), 503),
        (OperationalError("database is locked"), 503),
        (InterfaceError("connection already closed"), 503),
        (UnsafeKey("no key"), 503),
        (KeyUnavailable("no key"), 503),
        (OSError(errno.ENOENT, "x"), None),
        (ValueError("x"), None),
    ],
)
def test_a_fault_has_the_status_that_says_whose_it_is(error, status):
    fault = fault_of(error)
    assert (fault and fault.status) == status


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "A key of the site is not at hand, so nothing was accepted"), ("zh-hant", "")],
)
@pytest.mark.usefixtures("page")
def test_without_a_key_to_sign_with_the_page_says_so(client, published, settings, language, sentence):
    User.objects.filter(username="vendor").update(language=language)
    settings.SIGNING_KEY = settings.SIGNING_KEY.with_name("secret-place.key")
    response = post_bid(client, published)
    assert response.status_code == 503
    assert f'lang="{language}"' in text_of(response)
    assert sentence in text_of(response)
    assert "secret-place" not in text_of(response)  # a vendor is not told what lies where
    assert not Submission.objects.exists()


def test_a_script_hears_a_sentence(client, page, published, settings, tmp_path):
    settings.SIGNING_KEY = tmp_path / "missing.key"
    data = signed(form_of(published))
    response = client.post(reverse("bid-submit", args=[published.pk]), data, headers=HTMX)
    assert response.status_code == 503
    assert response.headers["Content-Type"].startswith("text/plain")
    assert text_of(response).startswith("A key of the site is not at hand")


def test_the_bank_is_told_which_key(client, cast, closed, settings, tmp_path):
    settings.SIGNING_KEY = tmp_path / "secret-place.key"
    client.force_login(cast.officer)
    response = client.post(reverse("name-bidders", args=[closed.pk]))
    assert response.status_code == 503
    assert "secret-place" in text_of(response)
    assert Tender.objects.get(pk=closed.pk).stage == closed.stage


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("database is locked"), 503), (full(), 507), (ValueError("x"), 500)],
)
def test_what_breaks_outside_of_any_page_is_answered_as_well(client, db, monkeypatch, error, status):
    def broken():
        raise error

    monkeypatch.setattr("procurement.clock.read", broken)
    client.raise_request_exception = False
    response = client.get(reverse("sign-in"))
    assert response.status_code == status
    assert response.headers.get("Retry-After") == ("30" if status == 503 else None)
    assert "<html" in text_of(response)


def test_a_draft_that_cannot_be_saved_stays_as_it_was(client, page, cast, published, monkeypatch):
    bid = save(cast.vendor, published, price="5")

    def locked(*_said, **_more):
        raise OperationalError("database is locked")

    monkeypatch.setattr("bids.actions.drafts.seal_draft", locked)
    response = client.post(page, form_of(published, bid.version, price="6"), headers=HTMX)
    assert response.status_code == 503
    assert "Try again in half a minute" in text_of(response)
    assert Bid.objects.get().version == bid.version


# --- late ---------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("page")
def test_a_refusal_is_mailed_once_it_is_committed(
    client, cast, published, django_capture_on_commit_callbacks
):
    cast.vendor.email = "vendor@example.com"
    cast.vendor.save()
    save(cast.vendor, published)
    Tender.objects.update(deadline=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        assert post_bid(client, published, 1).status_code == 409
        assert not mail.outbox
    (sent,) = mail.outbox
    assert sent.to == ["vendor@example.com"]
    name, content, _kind = sent.attachments[0]
    assert name.startswith("refusal-")
    assert '"late"' in content
    assert NOW.isoformat() not in sent.body


# --- the line before SQLite ---------------------------------------------------------------------------------
def test_who_waits_for_the_database_too_long_is_told_so_and_loses_nothing(tmp_path):
    name = tmp_path / "data.sqlite3"
    database = DatabaseWrapper(
        {
            "NAME": str(name),
            "OPTIONS": {"timeout": 0.05, "transaction_mode": "IMMEDIATE"},
            "TIME_ZONE": None,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
        }
    )
    with (tmp_path / "data.sqlite3-line").open("a") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        with pytest.raises(OperationalError, match="database is locked"):
            database._wait_in_line()
        assert database._line is None
    database._wait_in_line()  # who gave up took the turn, and gave it back
    database._leave_line()
    database._line.close()

"""Until the opening nothing that a vendor writes lies anywhere in clear."""

import json
import logging

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from bids.models import LateBid, SealedManifest, StagedFile, Submission
from procurement.models import User
from tests.bids.bid_pages import form_of, post_bid
from tests.cast import PASSWORD
from tests.files.making import pdf

NOTE, PRICE, NAME = "Quarzfels-Verfahren", "13572468", "Basaltbericht.pdf"


def everything_in_the_database():
    """Every value of every row of every table, texts and bytes alike."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the names are the database's own
            for row in cursor.fetchall():
                for value in row:
                    yield bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def everything_on_the_disk():
    for path in settings.MEDIA_ROOT.rglob("*"):
        if path.is_file():
            yield path.name.encode() + path.read_bytes()


def everything_mailed():
    for message in mail.outbox:
        yield str(message.message()).encode()


@pytest.fixture
def verbose(caplog, settings, tmp_path):
    """A log of everything, and a folder of this test's own for files."""
    caplog.set_level(logging.DEBUG)
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def worked(client, clock, verbose, published, django_capture_on_commit_callbacks):
    """A vendor signs in, saves, adds a file, hands in, replaces what was handed in, and is late."""
    User.objects.filter(username="vendor").update(email="vendor@example.com")
    page = reverse("bid", args=[published.pk])
    said = {"R1_note": NOTE, "price": PRICE}
    file = {"file": SimpleUploadedFile(NAME, pdf()), "requirement": published.requirements.first().pk}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("sign-in"), {"username": "vendor", "password": PASSWORD})
        client.post(page, form_of(published, **said))
        client.post(reverse("bid-file-add", args=[published.pk]), file)
        post_bid(client, published, 2, **said)
        post_bid(client, published, 3, **said)
        clock(published.deadline)
        client.post(reverse("sign-in"), {"username": "vendor", "password": PASSWORD})
        post_bid(client, published, 4, **said)
    return client


def test_what_was_written_stands_nowhere_in_clear(worked, caplog):
    assert Submission.objects.count() == 2
    assert SealedManifest.objects.count() == 4
    assert StagedFile.objects.count() == LateBid.objects.count() == 1
    assert len(mail.outbox) == 3
    session = json.dumps(dict(worked.session)).encode()
    places = {
        "database": list(everything_in_the_database()),
        "disk": list(everything_on_the_disk()),
        "mail": list(everything_mailed()),
        "session": [session],
        "log": [caplog.text.encode()],
    }
    secrets = [text.encode() for text in (NOTE, PRICE, NAME, "13,572,468", "%PDF-")]
    assert len(places["disk"]) == 1
    found = [
        (place, secret)
        for place, values in places.items()
        for secret in secrets
        if any(secret in value or secret.hex().encode() in value for value in values)
    ]
    assert found == []
    assert any(b"assay-receipt" in value for value in places["database"]), "the search reads what is there"


def test_neither_the_password_nor_what_the_browser_keeps_is_stored(worked, caplog):
    kept = worked.cookies["assay-drafts"].value
    values = [*everything_in_the_database(), caplog.text.encode(), json.dumps(dict(worked.session)).encode()]
    for secret in (PASSWORD.encode(), kept.encode(), bytes.fromhex(kept)):
        assert not any(secret in value for value in values)

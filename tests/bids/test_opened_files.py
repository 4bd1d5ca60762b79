"""Files of opened bids are opened each time that they are read, and what stands in the way is said."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions.unsealing import content_of
from bids.models import Attachment, StagedFile
from bids.sealing.refusals import KeyUnavailable
from bids.sealing.wrapping import FileKeyWrapper
from procurement.models import AuditEntry
from tests.bids.tampering import alter, flipped
from tests.bids.vendors import REPORT, add_file, save
from tests.cast import NOW, hand_in, open_bids

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(clock, cast, published, settings, tmp_path):
    """The one file of the one bid, which is opened."""
    settings.MEDIA_ROOT = tmp_path / "media"
    save(cast.vendor, published)
    add_file(cast.vendor, published, "report.pdf")
    hand_in(cast.vendor, published, "15000000", at=NOW - timedelta(hours=3))
    published.deadline = NOW - timedelta(hours=1)
    published.save(update_fields=["deadline"])
    open_bids(cast.officer, published)
    return Attachment.objects.get()


def fetch(client, person, file):
    client.force_login(person)
    return client.get(reverse("attachment", args=[file.pk]))


def test_reading_leaves_nothing_in_clear_on_the_disk(client, cast, file, settings):
    assert b"".join(fetch(client, cast.officer, file).streaming_content) == REPORT
    stored = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [StagedFile.objects.get().sealed.name.partition("/")[2]]
    assert REPORT not in stored[0].read_bytes()


@pytest.mark.parametrize("other", [None, "another key"])
def test_without_the_system_key_of_the_opening_a_file_stays_closed(  # noqa: PLR0917 - fixtures
    client, cast, file, settings, tmp_path, other
):
    kept = settings.SYSTEM_KEY
    settings.SYSTEM_KEY = tmp_path / "system.key"
    if other:
        FileKeyWrapper.make(settings.SYSTEM_KEY)
    with pytest.raises(KeyUnavailable):
        content_of(file)
    answer = fetch(client, cast.officer, file)
    assert answer.status_code == 503
    text = answer.content.decode()
    assert "A key of the site is not at hand" in text
    assert "report.pdf" not in text
    assert not AuditEntry.objects.filter(action="read file").exists()
    settings.SYSTEM_KEY = kept
    assert fetch(client, cast.officer, file).status_code == 200


def _put(file, content):
    with file.sealed.sealed.storage.open(file.sealed.sealed.name, "wb") as stored:
        stored.write(content)


def _flip(file):
    with file.sealed.sealed.open("rb") as stored:
        content = stored.read()
    _put(file, flipped(content))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_flip, "not the one that the bid lists"),
        (lambda file: _put(file, b""), "not the one that the bid lists"),
        (lambda file: file.sealed.sealed.storage.delete(file.sealed.sealed.name), "not there any more"),
        (lambda file: alter(StagedFile.objects.all(), digest="0" * 64), "not the one that the bid lists"),
        (lambda file: alter(Attachment.objects.all(), sha256="0" * 64), "not what the bid lists"),
        (lambda file: alter(Attachment.objects.all(), size=7), "not what the bid lists"),
    ],
)
def test_a_file_that_was_altered_since_is_not_handed_out(client, cast, file, change, why):
    change(file)
    file = Attachment.objects.select_related("sealed__package", "bid__tender").get()
    with pytest.raises(ValidationError, match=why):
        content_of(file)
    answer = fetch(client, cast.officer, file)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "This file is not as it was opened" in text
    assert why in text
    assert not AuditEntry.objects.filter(action="read file").exists()
    assert fetch(client, cast.vendor, file).status_code == 404

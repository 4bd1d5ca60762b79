"""What the bank reads of bids, and takes away, is on record; before the opening there is nothing to read."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from bids.models import Attachment
from procurement.models import AuditEntry
from tests.bids.vendors import REPORT, add_file, save
from tests.cast import NOW, hand_in, open_bids

pytestmark = pytest.mark.django_db


def read():
    rows = AuditEntry.objects.filter(action__in=["read bids", "read file"]).order_by("seq")
    return [(row.actor_name.partition(" ")[0], row.action, json.loads(row.payload)["page"]) for row in rows]


@pytest.fixture
def opened(cast, published):
    """One bid with a file, opened."""
    save(cast.vendor, published)
    add_file(cast.vendor, published, "report.pdf", at=NOW - timedelta(hours=4))
    hand_in(cast.vendor, published, "15000000", at=NOW - timedelta(hours=3))
    published.deadline = NOW - timedelta(hours=1)
    published.save(update_fields=["deadline"])
    return open_bids(cast.officer, published, at=NOW - timedelta(minutes=30))


def test_the_first_reading_of_a_session_is_an_entry(client, clock, cast, opened):
    client.force_login(cast.security)
    for _ in range(3):
        assert client.get(reverse("verification", args=[opened.pk])).status_code == 200
    assert client.get(reverse("marks", args=[opened.pk])).status_code == 200
    client.force_login(cast.officer)
    assert client.get(reverse("verification", args=[opened.pk])).status_code == 200
    assert read() == [
        ("Security", "read bids", "verification"),
        ("Security", "read bids", "marks"),
        ("Officer", "read bids", "verification"),
    ]


def test_who_takes_a_file_is_an_entry(client, clock, cast, opened):
    file = Attachment.objects.get()
    client.force_login(cast.security)
    response = client.get(reverse("attachment", args=[file.pk]))
    assert b"".join(response) == REPORT
    (entry,) = AuditEntry.objects.filter(action="read file")
    assert (entry.object, entry.tender) == ("Bedrock Security · report.pdf", opened)
    assert entry.actor_role == "member"


def test_before_the_opening_nobody_reads_and_nothing_of_it_is_on_record(client, clock, cast, published):
    hand_in(cast.vendor, published, "15000000")
    for person in (cast.officer, cast.security, cast.auditor):
        client.force_login(person)
        for name in ("verification", "marks", "decision"):
            assert client.get(reverse(name, args=[published.pk])).status_code == 403
    assert read() == []


def test_an_own_score_sheet_that_is_taken_is_an_entry(client, clock, cast, opened):
    client.force_login(cast.security)
    assert client.get(reverse("score-sheet", args=[opened.pk])).status_code == 200
    assert AuditEntry.objects.filter(action="export score sheet", tender=opened).count() == 1


def test_without_an_entry_nothing_is_handed_out(client, clock, cast, opened, monkeypatch):
    def fail(**_arguments):
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr("bids.middleware.record_reading", fail)
    client.force_login(cast.security)
    with pytest.raises(RuntimeError):
        client.get(reverse("verification", args=[opened.pk]))

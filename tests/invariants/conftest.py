"""The people and two tenders, one to be published and one that is, on a site that costs little."""

import os

import pytest

from bids.actions import unsealing
from bids.files import inspect
from bids.models import OpeningOfficer
from bids.sealing import drafts, padding
from procurement.choices import Role
from procurement.models import Tender, User, Vendor
from tests.cast import (  # noqa: F401 - fixtures of the cast
    NOW,
    OPENERS,
    PASSPHRASES,
    cast,
    draft,
    enter_intake,
    give_key,
    opened_drafts,
    publish,
    units,
)
from tests.invariants.model import DRAFT, PUBLISHED, VENDORS
from tests.signing_off import sign_off

#: Bytes of a step of padding, in place of a megabyte; what is said of a file still fills one.
SMALL_STEP = 2**12


class HereInspector:
    """Looks at a file in this process: the child that does it otherwise has tests of its own."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def inspect_all(self, files):
        return [inspect(name, content) for name, content in files]


@pytest.fixture
def cheap(monkeypatch, settings, tmp_path):
    """Small steps of padding, no child process, no wait for a disk: the same is done and costs less."""
    for function in (padding.pad, padding.unpad):
        monkeypatch.setattr(function, "__defaults__", (SMALL_STEP,))
    monkeypatch.setattr(drafts, "STEP", SMALL_STEP)
    monkeypatch.setattr(unsealing, "Inspector", HereInspector)
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    settings.MEDIA_ROOT = tmp_path / "var" / "media"
    settings.MEDIA_ROOT.mkdir(parents=True)


def copy_of(tender, reference):
    """A second draft that asks the same."""
    columns = {
        field.name: getattr(tender, field.name)
        for field in Tender._meta.concrete_fields
        if field.name not in ("id", "created_at")
    }
    row = Tender.objects.create(**columns | {"reference": reference})
    for children in (tender.requirements, tender.criteria, tender.seats):
        for child in children.all():
            child.pk, child.tender = None, row
            child._state.adding = True
            child.save()
    enter_intake(row)
    for position, name in enumerate(OPENERS):
        OpeningOfficer.objects.create(tender=row, user=User.objects.get(username=name), position=position)
    return sign_off(row)


@pytest.fixture
def stage_set(cheap, cast, draft):  # noqa: F811 - a fixture of the cast
    """What every process needs, as attributes of its class."""
    third = Vendor.objects.create(name="Third Systems")
    people = cast.everybody() | {
        "third": User.objects.create(
            username="third", name="Third", role=Role.VENDOR, vendor=third, language="en"
        )
    }
    User.objects.filter(vendor__isnull=False).update(email="vendor@example.com")
    for person in people.values():
        person.refresh_from_db()
    tenders = {DRAFT: copy_of(draft, "ITS-2026-901"), PUBLISHED: publish(draft)}
    return {
        "people": people,
        "tenders": tenders,
        "keys": {name: opened_drafts(people[name]) for name in VENDORS},
        "passphrases": {name: PASSPHRASES[name] for name in OPENERS},
        "requirement": draft.requirements.get(code="R1"),
        "start": NOW,
    }

"""The demo's story: what a first visitor sees."""

import re
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from docx import Document

from bids.actions.opening import open_technical
from bids.actions.releases import packaged, release_of
from bids.actions.unlocking import unlock_envelope
from bids.actions.unsealing import content_of
from bids.cases import evaluated
from bids.choices import BidStatus, Envelope, ObjectionState
from bids.management.stories.people import PARTS
from bids.models import Attachment, Bid, LateBid, Objection
from bids.queries.objections import standing
from procurement import audit
from procurement.choices import Stage
from procurement.models import Tender, User
from procurement.signing.keys import make_key_file
from tests.bids.release_schema import problems, read

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, tmp_path_factory):
    """The story is told once; every test takes back what it changed, and the last one all of it."""
    keys = tmp_path_factory.mktemp("story")
    make_key_file(keys / "signing.key")
    out = StringIO()
    with (
        override_settings(SIGNING_KEY=keys / "signing.key", ANCHORS=keys / "anchors"),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        call_command("loadstory", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def logins(told, db):
    return told


def test_everybody_who_is_printed_can_sign_in(client, logins):
    password = logins.splitlines()[0].rpartition(" ")[2]
    for part in PARTS:
        assert part.username in logins
        typed = {"username": part.username, "password": password}
        assert client.post(reverse("sign-in"), typed).status_code == 302, part.username
        assert client.get(reverse("work")).status_code == 200


def test_the_cheapest_fails_two_gates_and_one_is_close_behind_the_winner(logins):
    case, result = evaluated(Tender.objects.get(reference="ITS-2026-041"), now=timezone.now())
    assert len(case.bids) == 5
    cheapest = result.price_only
    assert [reason.code for reason in cheapest.would_have_been_excluded_for] == ["requirement_not_met"] * 2
    first, second = result.ranking[:2]
    assert 0 < first.figure - second.figure < 2


def test_it_and_business_disagree_and_a_warning_is_open(logins):
    _case, result = evaluated(Tender.objects.get(reference="ITS-2026-041"), now=timezone.now())
    units = result.unit_split["Q1"]["鼎澈資訊"]
    assert units["it"] - units["business"] == 3
    (warning,) = Objection.objects.filter(tender__reference="ITS-2026-041")
    assert standing(warning, timezone.now()).state == ObjectionState.OPEN


def test_tenders_stand_at_every_kind_of_stage(logins):
    stages = set(Tender.objects.values_list("stage", flat=True))
    assert stages >= {
        Stage.DRAFT,
        Stage.PUBLISHED,
        Stage.BIDDERS_NAMED,
        Stage.TECHNICAL_OPENED,
        Stage.PRICE_OPENED,
        Stage.RANKED,
        Stage.AWARDED,
    }
    assert Tender.objects.count() == 11


def test_nobody_of_the_bank_sees_the_bids_that_are_still_sealed(client, logins):
    tender = Tender.objects.get(reference="ITS-2026-046")
    assert Bid.objects.filter(tender=tender).count() == 2
    client.force_login(User.objects.get(username="zheng"))
    assert "磐礎資安" not in client.get(reverse("tender", args=[tender.pk])).content.decode()


def test_two_of_those_who_open_bids_do_it_with_the_passphrases_that_are_printed(logins):
    printed = logins.partition("Passphrases")[2]
    tender, now = Tender.objects.get(reference="ITS-2026-049"), timezone.now()
    assert tender.stage == Stage.BIDDERS_NAMED
    assert LateBid.objects.filter(tender=tender).count() == 1
    for username in ("fang", "ye"):
        passphrase = re.search(rf"^  {username} +(.+)$", printed, re.MULTILINE)[1]
        officer = User.objects.get(username=username)
        words = {"envelope": Envelope.TECHNICAL, "typed": passphrase, "now": now}
        unlock_envelope(actor=officer, tender=tender, **words)
    tender = open_technical(actor=User.objects.get(username="zheng"), tender=tender, now=now)
    assert tender.stage == Stage.TECHNICAL_OPENED
    assert tender.bids.filter(opened_at__isnull=False, status=BidStatus.VALID).count() == 3
    file = Attachment.objects.filter(bid__tender=tender).first()
    assert "保險庫" in Document(BytesIO(content_of(file))).paragraphs[0].text


def test_the_trail_of_the_story_holds(logins):
    assert audit.verify_chain().intact


def test_a_database_with_people_in_it_is_left_alone(logins):
    with pytest.raises(CommandError, match="empty"):
        call_command("loadstory", stdout=StringIO())
    assert User.objects.count() == len(PARTS)


def test_every_tender_of_the_story_is_valid_as_open_data(logins):
    tenders = list(Tender.objects.all())
    assert {tender.stage for tender in tenders} >= {Stage.DRAFT, Stage.PUBLISHED, Stage.AWARDED}
    for tender in tenders:
        package = read(packaged(tender, release_of(tender, timezone.now())))
        assert problems(package) == [], tender

"""The demo's story: what a first visitor sees."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from bids.cases import evaluated
from bids.choices import ObjectionState
from bids.management.stories.people import PARTS
from bids.models import Bid, Objection
from bids.queries.objections import standing
from procurement import audit
from procurement.choices import Stage
from procurement.models import Tender, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def logins():
    out = StringIO()
    call_command("loadstory", stdout=out)
    return out.getvalue()


def test_everybody_who_is_printed_can_sign_in(client, logins):
    password = logins.splitlines()[0].rpartition(" ")[2]
    for part in PARTS:
        assert part.username in logins
        assert client.login(username=part.username, password=password), part.username
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
        Stage.TECHNICAL_OPENED,
        Stage.PRICE_OPENED,
        Stage.RANKED,
        Stage.AWARDED,
    }
    assert Tender.objects.count() == 10


def test_nobody_of_the_bank_sees_the_bids_that_are_still_sealed(client, logins):
    tender = Tender.objects.get(reference="ITS-2026-046")
    assert Bid.objects.filter(tender=tender).count() == 2
    client.force_login(User.objects.get(username="zheng"))
    assert "磐礎資安" not in client.get(reverse("tender", args=[tender.pk])).content.decode()


def test_the_trail_of_the_story_holds(logins):
    assert audit.verify_chain().intact


def test_a_database_with_people_in_it_is_left_alone(logins):
    with pytest.raises(CommandError, match="empty"):
        call_command("loadstory", stdout=StringIO())
    assert User.objects.count() == len(PARTS)

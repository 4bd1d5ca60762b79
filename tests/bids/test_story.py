"""The demo's story: what a first visitor sees."""

import re
from fractions import Fraction
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from docx import Document

from bids.actions.asking import standing_of
from bids.actions.clearances import signings_of
from bids.actions.opening import open_technical
from bids.actions.publication import draft_fingerprint
from bids.actions.readiness import blocking, publication_checks
from bids.actions.releases import packaged, release_of
from bids.actions.unlocking import unlock_envelope
from bids.actions.unsealing import content_of
from bids.cases import evaluated, specification_document
from bids.choices import BidStatus, Envelope, ObjectionState
from bids.evaluation.advisor import BEST, CHEAP, advise, ground_of, plausible
from bids.management.stories.people import PARTS
from bids.models import Attachment, Bid, LateBid, Objection
from bids.queries.board import all_bought
from bids.queries.board_figures import Figures
from bids.queries.board_matters import overruled, past_due
from bids.queries.companies import latest_profiles, registrations_waiting
from bids.queries.objections import standing
from bids.queries.relations import compared
from bids.queries.similar import similar_tenders
from procurement import audit
from procurement.choices import Agreement, PriceFormula, Stage
from procurement.models import Catalogue, Tender, User
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
    assert Tender.objects.count() == 16


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


def page(client, username, name, *args, **query):
    """What a person reads there, in English."""
    person = User.objects.get(username=username)
    person.language = "en"
    person.save(update_fields=["language"])
    client.force_login(person)
    got = client.get(reverse(name, args=args), query)
    assert got.status_code == 200, name
    return got.content.decode()


def test_catalogues_stand_beside_each_other_and_a_newer_edition_shows_what_it_changes(client, logins):
    stored = Catalogue.objects.values_list("code", "edition", "language")
    assert {row[0] for row in stored} == {"assay-baseline", "OWN-COMMON", "tw-annex10-excerpt"}
    new = Catalogue.objects.get(code="OWN-COMMON", edition="115", language="zh-Hant")
    old = Catalogue.objects.get(code="OWN-COMMON", edition="114")
    shown = page(client, "lin", "catalogue-difference", new.pk, old.pk)
    assert "<ins>" in shown
    assert "<del>" in shown


def test_a_draft_of_several_catalogues_is_held_up_by_blanks_and_by_what_security_has_not_said(logins):
    tender = Tender.objects.get(reference="ITS-2026-055")
    sources = set(tender.requirements.values_list("catalogue", flat=True))
    assert sources == {"assay-baseline", "OWN-COMMON", "tw-annex10-excerpt"}
    assert not tender.requirements.filter(title_en="").exclude(catalogue="tw-annex10-excerpt").exists()
    assert any(row.blanks for row in tender.requirements.all())
    answers = tender.intake.lowerings.order_by("number").values_list("answer", flat=True)
    assert list(answers) == [Agreement.AGREED, ""]
    standing = standing_of(tender)
    assert {"agreed", "waits"} <= set(standing.state.values())
    assert "lowered" not in standing.state.values()


def test_the_advisor_shows_that_a_hopeless_bid_would_make_another_one_first(client, logins):
    tender = Tender.objects.get(reference="ITS-2026-055")
    assert tender.price_formula == PriceFormula.LINEAR_TO_LOWEST
    assert "Expensive best" in page(client, "zheng", "advisor", tender.pk)
    ground = ground_of(specification_document(tender))
    reversal = advise(ground, plausible(ground), tender.profile).reversal
    assert (reversal.before.first, reversal.after.first) == (BEST, CHEAP)


def test_one_draft_waits_for_the_owner_and_another_one_has_to_be_signed_again(logins):
    ready, changed = (Tender.objects.get(reference=f"ITS-2026-{number}") for number in ("054", "055"))
    security, owner = signings_of(ready, draft_fingerprint(ready))
    assert security.row is not None
    assert owner.row is None
    assert [check.text for check in blocking(publication_checks(ready, timezone.now()))] == [owner.text]
    assert next(iter(signings_of(changed, draft_fingerprint(changed)))).lapsed is not None


def test_invited_vendors_alone_know_of_their_tender(client, logins):
    tender = Tender.objects.get(reference="ITS-2026-053")
    assert tender.invited.count() == 2
    assert "SWIFT" in page(client, "panchu", "tender", tender.pk)
    client.force_login(User.objects.get(username="jiehui"))
    assert client.get(reverse("tender", args=[tender.pk])).status_code == 404


def test_companies_declare_who_owns_them_and_two_bidders_have_much_in_common(client, logins):
    assert sorted(registrations_waiting().values_list("name", flat=True)) == ["曜石資安股份有限公司"]
    today = timezone.localdate()
    ends = {
        profile.vendor.name: [row["ended"] for row in profile.certificates_on(today)]
        for profile in latest_profiles()
    }
    assert ends == {
        "磐礎資安": [False, False],
        "遠衡系統": [False],
        "捷惠科技": [True],
        "鼎澈資訊": [False, False],
    }
    tender = Tender.objects.get(reference="ITS-2026-047")
    found = compared(tender)
    assert {(row.first.name, row.second.name) for row in found.relations} == {("遠衡系統", "捷惠科技")}
    kinds = {row.kind for row in found.relations}
    assert kinds == {"owner", "address", "phone", "subcontractor", "author", "created"}
    assert "劉冠廷" in page(client, "zheng", "relations", tender.pk)


def test_the_board_has_something_to_read_in_every_panel(logins):
    found = Figures(all_bought(), overruled(), past_due(timezone.localdate()))
    assert found.price_share == Fraction(1, 3)
    assert found.dearer
    assert found.met
    assert found.overruled
    assert found.past_due
    assert len(found.holdings) == 3
    assert dict(found.lacking).keys() >= {"no_intake", "no_owner"}


def test_a_past_tender_is_shown_beside_the_intake_with_what_went_wrong(client, logins):
    tender = Tender.objects.get(reference="ITS-2026-054")
    officer = User.objects.get(username="zheng")
    past = similar_tenders(officer, tender, tender.intake, timezone.localdate())
    assert any(row.went_wrong for row in past)


def test_the_trail_of_the_story_holds(logins):
    assert audit.verify_chain().intact


def test_a_database_with_people_in_it_is_left_alone(logins):
    with pytest.raises(CommandError, match="empty"):
        call_command("loadstory", stdout=StringIO())
    assert User.objects.count() == len(PARTS) + 1  # and who came in by a registration


def test_every_tender_of_the_story_is_valid_as_open_data(logins):
    tenders = list(Tender.objects.all())
    assert {tender.stage for tender in tenders} >= {Stage.DRAFT, Stage.PUBLISHED, Stage.AWARDED}
    for tender in tenders:
        package = read(packaged(tender, release_of(tender, timezone.now())))
        assert problems(package) == [], tender

"""A tender as open data: valid at every stage, silent about what may not be said, and read back as it was."""

import json
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from bids.actions import complaints, publication
from bids.actions.releases import export_release, packaged, process_of, release_of
from bids.imports.ocds import Wanted, store_release, try_release
from bids.models import Award, Bid
from bids.ocds import EXTENSIONS, extension_files, release
from procurement.models import AuditEntry, Criterion, Tender
from procurement.rules import Forbidden
from tests.awarded import award_it
from tests.bids.paper_reading import EXCEPTED, OUT, WINNER, atm, awarded_atm, load
from tests.bids.release_schema import SITE, problems, read, registered, release_schema
from tests.cast import NOW

pytestmark = pytest.mark.django_db

STORIES = [
    "tw-fire-emr-rank-sum",
    "tw-kitchen-pass-then-lowest",
    "tw-road-price-per-point",
    "usac-sample-matrix",
]


def package_of(tender, at=NOW):
    return read(packaged(tender, release_of(tender, at)))


def one(tender, at=NOW):
    return package_of(tender, at)["releases"][0]


# --- valid ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("stage", "tag", "status"),
    [
        ("draft", "planning", "planning"),
        ("published", "tender", "active"),
        ("closed", "tender", "active"),
        ("named", "tender", "active"),
        ("opened", "tenderUpdate", "active"),
        ("locked", "tenderUpdate", "active"),
        ("priced", "tenderUpdate", "active"),
    ],
)
def test_a_release_is_valid_at_every_stage(request, stage, tag, status):
    tender = request.getfixturevalue(stage)
    package = package_of(tender)
    assert problems(package) == []
    found = package["releases"][0]
    assert (found["tag"], found["tender"]["status"]) == ([tag], status)
    assert found["tender"]["lots"][0]["status"] == status


def test_an_award_is_pending_then_active(cast, priced):
    award = award_it(priced)
    priced.refresh_from_db()
    first, final = one(priced), one(priced, award.standstill_until + timedelta(seconds=1))
    assert (first["tag"], first["awards"][0]["status"]) == (["award"], "pending")
    assert (final["tag"], final["awards"][0]["status"]) == (["awardUpdate"], "active")
    assert first["id"] != final["id"]
    assert first["tender"]["status"] == "complete"
    assert problems(package_of(priced)) == []
    assert sorted(party["roles"] for party in first["parties"]) == [
        ["buyer", "procuringEntity"],
        ["tenderer"],
        ["tenderer", "supplier"],
    ]


def test_an_award_that_was_suspended_is_cancelled(cast, priced):
    award_it(priced)
    priced.refresh_from_db()
    entered = complaints.complain(
        actor=cast.officer,
        tender=priced,
        complainant="A vendor",
        text="The marks are wrong.",
        received_at=NOW,
        bid=None,
        now=NOW,
    )
    complaints.answer_complaint(
        actor=cast.approver,
        complaint=entered,
        seen=entered.version,
        answer="upheld",
        reason="They are.",
        now=NOW,
    )
    priced.refresh_from_db()
    found = one(priced)
    assert (found["tag"], found["awards"][0]["status"]) == (["awardCancellation"], "cancelled")
    assert {bid["status"] for bid in found["bids"]["details"]} == {"pending"}
    assert problems(package_of(priced)) == []


def test_a_tender_that_was_given_up_is_cancelled(cast, published):
    publication.cancel(actor=cast.officer, tender=published, reason="Nobody needs it.", now=NOW)
    published.refresh_from_db()
    package = package_of(published)
    assert problems(package) == []
    found = package["releases"][0]
    assert (found["tag"], found["tender"]["status"]) == (["tenderCancellation"], "cancelled")
    assert "Nobody needs it" not in json.dumps(found, default=str)


@pytest.mark.parametrize("name", STORIES)
def test_the_published_evaluations_are_valid(cast, name):
    assert problems(package_of(load(name, cast))) == []


def test_the_story_is_valid(cast):
    tender = awarded_atm(cast)
    assert problems(package_of(tender)) == []


def test_every_extension_is_named_and_ours_is_served(client):
    release_schema()
    assert registered() == set(EXTENSIONS)
    for name, text in extension_files("http://testserver/").items():
        response = Client().get(reverse("ocds-extension", args=[name]))
        assert response.status_code == 200
        assert len(response.content.decode()) > 100
        assert text
    assert client.get(reverse("ocds-extension", args=["other.json"])).status_code == 404
    declared = json.loads(extension_files(SITE)["extension.json"])
    assert declared["documentationUrl"]["en"] == "https://assay.example/ocds/extension/README.md"


# --- exact ------------------------------------------------------------------------------------------------
def test_numbers_are_exact(cast, draft):
    Tender.objects.filter(pk=draft.pk).update(budget="12345678901234567.89")
    Criterion.objects.filter(tender=draft, code="S").update(weight="1")
    Criterion.objects.filter(tender=draft, code="Q").update(weight="1")
    Criterion.objects.filter(tender=draft, code="P").update(weight="1")
    draft.refresh_from_db()
    text = packaged(draft, release_of(draft, NOW))
    assert '"amount": 12345678901234567.89' in text
    assert problems(read(text)) == []
    leaf = read(text)["releases"][0]["tender"]["lots"][0]["awardCriteria"]["criteria"][0]
    assert "numbers" not in leaf
    assert leaf["assayCriterion"]["points"] == "100/3"


def test_the_same_tender_gives_the_same_release(cast, published):
    first = release_of(published, NOW)
    assert first == release_of(published, NOW + timedelta(days=1))
    published.title = "Another one"
    published.save()
    assert release_of(published, NOW)["id"] != first["id"]


# --- silent -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("stage", ["closed", "named"])
def test_nothing_is_said_of_bids_before_the_opening(request, draft, stage):
    tender = request.getfixturevalue(stage)
    with_bids = packaged(tender, release_of(tender, NOW))
    assert '"bids"' not in with_bids
    assert "numberOfTenderers" not in with_bids
    for bid in Bid.objects.select_related("vendor"):
        assert str(bid.pk) not in with_bids
        assert bid.vendor.name not in with_bids
    process = process_of(tender, NOW)
    assert process.offers is None
    assert process.opened_at is None


def test_while_members_mark_without_names_no_vendor_is_named(cast, opened):
    text = packaged(opened, release_of(opened, NOW))
    assert len(read(text)["releases"][0]["bids"]["details"]) == 2
    assert "Bedrock" not in text
    opened.masked_bidders = False
    opened.save()
    assert "Bedrock" in packaged(opened, release_of(opened, NOW))


@pytest.mark.parametrize("stage", ["opened", "locked", "priced"])
def test_before_the_award_no_price_and_no_score_is_said(request, stage):
    tender = request.getfixturevalue(stage)
    text = packaged(tender, release_of(tender, NOW))
    found = read(text)["releases"][0]
    assert "15000000" not in text
    assert "12000000" not in text
    assert "awards" not in found
    for bid in found["bids"]["details"]:
        assert set(bid) <= {"id", "submissionType", "date", "status", "tenderers", "relatedLots"}
        assert bid["status"] == "pending"
    assert [row["measure"] for row in found["bids"]["statistics"]] == ["bids"]


def test_of_losers_nothing_but_that_they_took_part_is_said(cast):
    tender = awarded_atm(cast)
    text = packaged(tender, release_of(tender, NOW))
    found = read(text)["releases"][0]
    by_name = {bid["tenderers"][0]["name"]: bid for bid in found["bids"]["details"]}
    assert {"value", "rank", "assayScore"} <= set(by_name[WINNER])
    assert by_name[WINNER]["value"]["amount"] == Bid.objects.get(tender=tender, vendor__name=WINNER).price
    assert (by_name[OUT]["status"], by_name[EXCEPTED]["status"]) == ("disqualified", "disqualified")
    for name, bid in by_name.items():
        if name != WINNER:
            assert set(bid) <= {"id", "submissionType", "date", "status", "tenderers", "relatedLots"}
    losing = Bid.objects.filter(tender=tender).exclude(vendor__name=WINNER)
    for bid in losing:
        assert str(bid.price) not in text
    for seat in tender.seats.all():
        assert seat.name not in text
    assert Award.objects.get().reason not in text


def test_the_reserve_price_is_never_said(cast, priced):
    Tender.objects.filter(pk=priced.pk).update(reserve_price="17654321")
    priced.refresh_from_db()
    award_it(priced)
    priced.refresh_from_db()
    assert "17654321" not in packaged(priced, release_of(priced, NOW))


# --- who ---------------------------------------------------------------------------------------------------
def test_taking_a_release_is_an_entry(client, cast, published, clock):
    client.force_login(cast.officer)
    response = client.get(reverse("ocds-release", args=[published.pk]))
    assert response.headers["Content-Disposition"] == 'attachment; filename="ITS-2026-900-ocds.json"'
    package = read(response.content)
    entry = AuditEntry.objects.get(action="export release")
    assert package["releases"][0]["id"] in entry.payload
    assert problems(package) == []


@pytest.mark.parametrize("part", ["security", "business", "vendor", "stranger"])
def test_members_and_vendors_take_none(cast, published, part):
    with pytest.raises(Forbidden):
        export_release(actor=getattr(cast, part), tender=published, now=NOW)


def test_the_page_says_what_is_in_it(client, cast, closed, clock):
    client.force_login(cast.auditor)
    page = client.get(reverse("ocds", args=[closed.pk])).content.decode()
    assert "Nothing is said before the opening." in page
    assert "ocds-assay0-" in page


def test_the_command_writes_a_package(cast, published, tmp_path):
    file = tmp_path / "release.json"
    call_command("ocds", published.reference, output=file, stdout=StringIO())
    assert problems(read(file.read_text(encoding="utf-8"))) == []
    with pytest.raises(CommandError, match="no tender has the reference"):
        call_command("ocds", "none")
    with pytest.raises(CommandError, match="This is for"):
        call_command("ocds", published.reference, by="security")


# --- there and back ---------------------------------------------------------------------------------------
KEPT = (
    *("title", "currency", "budget", "deadline", "profile", "method", "quality_scale", "aggregation"),
    *(
        "total_points",
        "price_formula",
        "price_parameters",
        "pass_mark",
        "rank_scope",
        "tied_rank",
        "tie_break",
    ),
    *("rounding", "system_class"),
)


def back(actor, tender, at=NOW):
    data = packaged(tender, release_of(tender, at)).encode()
    return store_release(actor=actor, data=data, wanted=Wanted(reference="BACK-1"), now=at)


@pytest.mark.parametrize("name", ["published", *STORIES, "atm-endpoint"])
def test_what_goes_out_comes_back(cast, request, name):
    tender = request.getfixturevalue(name) if name == "published" else load(name, cast)
    tender.requirements.update(title_en="In English", why="Because", pass_test="It is shown")
    tender.criteria.update(title_en="Criterion in English")
    again = back(cast.officer, tender, NOW - timedelta(days=1))
    tender.refresh_from_db()
    again.refresh_from_db()
    assert {key: getattr(again, key) for key in KEPT} == {key: getattr(tender, key) for key in KEPT}
    asked = (
        "code",
        "title",
        "kind",
        "mandatory",
        "severity",
        "source",
        "evidence",
        "title_en",
        "why",
        "pass_test",
    )
    assert set(again.requirements.values_list(*asked)) == set(tender.requirements.values_list(*asked))
    weighed = ("code", "title", "title_en", "parent__code", "kind", "weight", "minimum", "maximum")
    assert set(again.criteria.values_list(*weighed)) == set(tender.criteria.values_list(*weighed))
    assert again.stage == "draft"
    assert release(process_of(again, NOW))["tender"]["lots"] != []


def test_the_file_on_the_page(client, cast, published, clock):
    data = packaged(published, release_of(published, NOW)).encode()
    client.force_login(cast.officer)
    where = reverse("ocds-import")
    assert "Store the draft" not in client.get(where).content.decode()
    page = client.post(where, {"file": _file(data), "reference": "ITS-2026-901"})
    assert page.status_code == 200
    assert not Tender.objects.filter(reference="ITS-2026-901").exists()
    plan = page.context["plan"]
    stored = client.post(where, {"plan": plan})
    tender = Tender.objects.get(reference="ITS-2026-901")
    assert stored.url == reverse("tender", args=[tender.pk])
    assert AuditEntry.objects.filter(action="import release", tender=tender).exists()
    assert client.get(stored.url).status_code == 200
    again = client.post(where, {"plan": plan}, follow=True)
    assert "already exists" in again.content.decode()
    refused = client.post(where, {"file": _file(data)})
    assert "Nothing can be imported" in refused.content.decode()
    client.force_login(cast.security)
    assert client.get(where).status_code == 403


def _file(data):
    file = BytesIO(data)
    file.name = "release.json"
    return file


def test_a_dry_run_stores_nothing(cast, published, tmp_path):
    file = tmp_path / "release.json"
    file.write_text(packaged(published, release_of(published, NOW)), encoding="utf-8")
    before = AuditEntry.objects.count(), Tender.objects.count()
    told = StringIO()
    call_command("loadocds", file, dry_run=True, reference="X-1", stdout=told)
    assert "3 criteria, 3 requirements" in told.getvalue()
    assert (AuditEntry.objects.count(), Tender.objects.count()) == before
    call_command("loadocds", file, reference="X-1", stdout=told)
    assert Tender.objects.get(reference="X-1").criteria.count() == 3
    with pytest.raises(CommandError, match="already exists"):
        call_command("loadocds", file, stdout=told)


def test_a_deadline_that_is_over_is_left(cast, published):
    data = packaged(published, release_of(published, NOW)).encode()
    later = published.deadline + timedelta(days=1)
    outcome = try_release(actor=cast.officer, data=data, wanted=Wanted("X-1"), now=later)
    assert outcome.draft.deadline is None
    assert [(one.path, one.text) for one in outcome.left] == [
        ("releases[0].tender.tenderPeriod.endDate", "The deadline is over: enter another one.")
    ]


def test_who_writes_no_tenders_imports_none(cast):
    with pytest.raises(Forbidden):
        try_release(actor=cast.approver, data=b"{}", wanted=Wanted(), now=NOW)


def test_the_story_atm_tender_has_all_fields(cast):
    """A release of the ATM tender says what a vendor needs, in the site's language."""
    found = one(atm(cast))
    assert found["language"] == "zh-Hant"
    assert found["tender"]["value"]["currency"] == "TWD"
    groups = [criterion["id"] for criterion in found["tender"]["criteria"]]
    assert groups[0].startswith("gates-")

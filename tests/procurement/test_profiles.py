"""Specifications as OSCAL profiles: out and in again, what others wrote, and what is refused."""

import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procurement.actions.blanks import fill_blanks
from procurement.actions.locking import Stale
from procurement.actions.picking import Choice, pick
from procurement.actions.profiles import profile_of, store_profile, try_profile
from procurement.actions.reusing import document_of
from procurement.catalogues import baseline
from procurement.catalogues.profile_file import Selection
from procurement.models import Requirement
from procurement.rules import Forbidden
from tests.bids.test_picking import load
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def asked(cast, draft):
    """A draft with own requirements, some of the baseline with an open blank, and foreign ones."""
    keys = load(cast)
    load(cast, "zh-Hant")
    leaf = draft.criteria.get(code="S")
    ids = ["b:ASY-AC-03", keys["X1"], "b:ASY-AC-01", keys["V7.4.2"]]
    pick(actor=cast.officer, tender=draft, keys=ids, choice=Choice(criterion=leaf), now=NOW)
    row = Requirement.objects.get(code="X1")
    fill_blanks(actor=cast.officer, tender=draft, values={(row.pk, "p1"): "7"}, now=NOW)
    draft.requirements.filter(code="R2").update(title_en="In English", why="因為", pass_test="看見")
    return draft


def empty(draft):
    draft.requirements.all().delete()
    return draft


def take(cast, tender, data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    lines = try_profile(actor=cast.officer, tender=tender, data=data)
    if lines.faults:
        return lines
    expected = [vars(line) for line in lines.lines]
    return store_profile(actor=cast.officer, tender=tender, data=data, expected=expected, now=NOW)


def foreign(**more):
    """A profile that somebody else wrote."""
    body = {"metadata": {"title": "Theirs"}, "imports": [{"href": "../ASVS.json", **more.pop("take", {})}]}
    return {"profile": body | more}


# --- out and in --------------------------------------------------------------------------------------------
def test_what_goes_out_comes_in_as_it_was(cast, asked):
    before, data = document_of(asked)["requirements"], profile_of(asked, NOW)
    outcome = take(cast, empty(asked), data)
    assert outcome.faults == []
    assert document_of(asked)["requirements"] == before


def test_a_profile_names_catalogues_and_identifiers_as_oscal_does(asked):
    profile = json.loads(profile_of(asked, NOW))["profile"]
    held = {one["uuid"]: one for one in profile["back-matter"]["resources"]}
    taken = {
        held[one["href"][1:]]["title"]: one.get("include-controls", [{}])[0].get("with-ids")
        for one in profile["imports"]
    }
    assert taken == {
        baseline.CODE: ["ASY-AC-03", "ASY-AC-01"],
        "ASVS": ["X1", "V7.4.2"],
        "own requirements": None,
    }
    assert profile["modify"]["set-parameters"] == [{"param-id": "p1", "values": ["7"]}]
    own = next(one for one in held.values() if "base64" in one)
    catalogue = json.loads(base64.b64decode(own["base64"]["value"]))["catalog"]
    assert [control["title"] for control in catalogue["controls"]] == ["R1", "R2", "R3"]
    assert catalogue["controls"][0]["parts"][0]["prose"] == "Requirement R1"


def test_the_same_specification_gives_the_same_bytes(asked):
    assert profile_of(asked, NOW) == profile_of(asked, NOW)


def test_what_is_there_already_is_not_added_twice(cast, asked):
    outcome = take(cast, asked, profile_of(asked, NOW))
    assert (outcome.lines, outcome.there) == ([], 7)
    assert asked.requirements.count() == 7


def test_a_unit_or_criterion_that_is_not_there_is_left_out_and_said(cast, asked):
    data = profile_of(asked, NOW).replace(b'"value": "S"', b'"value": "Z9"')
    outcome = take(cast, empty(asked), data)
    assert "“Z9” of ASY-AC-03 is not there and was left out." in outcome.notes
    assert not asked.requirements.filter(criterion__isnull=False).exists()


# --- what others wrote -------------------------------------------------------------------------------------
def test_a_foreign_profile_takes_what_it_names_with_its_values(cast, draft):
    load(cast)
    load(cast, "zh-Hant")
    data = foreign(
        take={"include-controls": [{"with-ids": ["X1"]}]},
        modify={"set-parameters": [{"param-id": "p1", "values": ["3"]}]},
    )
    data["profile"]["imports"][0]["href"] = "#r"
    data["profile"]["back-matter"] = {
        "resources": [
            {"uuid": "r", "title": "ASVS", "props": [{"name": "version", "value": "5.0.0"}], "rlinks": []}
        ]
    }
    outcome = take(cast, draft, data)
    assert outcome.faults == []
    row = draft.requirements.get(code="X1")
    assert (row.title, row.title_en) == ("錯誤3次後鎖定。", "Lock after 3 tries. Always.")
    assert row.blanks == []


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [
        ({}, {"V7.4.2", "X1"}),
        ({"include-all": {}}, {"V7.4.2", "X1"}),
        ({"include-controls": [{"matching": [{"pattern": "V*"}]}]}, {"V7.4.2"}),
        ({"include-all": {}, "exclude-controls": [{"with-ids": ["X1"]}]}, {"V7.4.2"}),
    ],
)
def test_selections_are_read_as_oscal_means_them(cast, draft, chosen, codes):
    row = load(cast)["catalogue"]
    row.title = "ASVS.json"
    row.save()
    data = foreign(take=chosen)
    outcome = try_profile(actor=cast.officer, tender=draft, data=json.dumps(data).encode())
    assert {line.code for line in outcome.lines} == codes
    assert draft.requirements.count() == 3


def test_enhancements_come_with_their_control_where_the_profile_says_so():
    named = {"names": (), "code": "", "edition": "", "everything": False, "identifiers": ("ac-2",)}
    assert Selection(**named, with_children=True).takes("ac-2.1", ["ac-2", "ac"])
    assert not Selection(**named).takes("ac-2.1", ["ac-2", "ac"])
    assert Selection(**named).takes("ac-2", ["ac"])
    assert not Selection(**named, without=("ac-*",)).takes("ac-2", ["ac"])


# --- what is refused ---------------------------------------------------------------------------------------
def test_a_catalogue_that_is_not_stored_stops_all_of_it(cast, asked):
    data = json.loads(profile_of(asked, NOW))
    data["profile"]["back-matter"]["resources"][1]["title"] = "Other"
    assert "not stored here" in take(cast, empty(asked), data).faults[0]
    assert not asked.requirements.exists()


def test_an_identifier_that_the_catalogue_has_not_is_said(cast, draft):
    load(cast)
    resource = {"uuid": "r", "title": "ASVS", "props": [{"name": "version", "value": "5.0.0"}]}
    data = foreign(
        take={"include-controls": [{"with-ids": ["X1", "V99"]}]}, **{"back-matter": {"resources": [resource]}}
    )
    data["profile"]["imports"][0]["href"] = "#r"
    assert take(cast, draft, data).faults == ["ASVS 5.0.0 (en) has no requirement V99 that can be asked."]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"catalog": {}}',
        b'{"profile": []}',
        b'{"profile": {"imports": []}}',
        b'{"profile": {"imports": [1]}}',
        b'{"profile": {"imports": [{"href": "#x"}], "modify": {"alters": [{"adds": 1}]}}}',
        b'{"profile": {"imports": [{}]}}',
        b"\xff\xfe",
        (
            b'{"profile": {"imports": [{"href": "#a"}], "back-matter": {"resources": '
            b'[{"uuid": "a", "base64": {"value": "?"}}]}}}'
        ),
        b"{" * 5000,
    ],
)
def test_what_is_no_profile_is_refused_in_words(cast, draft, data):
    outcome = try_profile(actor=cast.officer, tender=draft, data=data)
    assert outcome.faults
    assert all(isinstance(fault, str) and fault for fault in outcome.faults)


def test_a_draft_that_changed_since_the_dry_run_is_left_alone(cast, asked):
    data = profile_of(asked, NOW)
    empty(asked)
    with pytest.raises(Stale):
        store_profile(actor=cast.officer, tender=asked, data=data, expected=[], now=NOW)
    assert not asked.requirements.exists()


def test_only_drafts_take_a_profile_in(cast, published):
    with pytest.raises(Forbidden):
        try_profile(actor=cast.officer, tender=published, data=b"{}")


# --- the pages ---------------------------------------------------------------------------------------------
def test_upload_dry_run_and_confirmation(client, cast, asked):
    client.force_login(cast.officer)
    file = client.get(reverse("profile-file", args=[asked.pk]))
    assert "profile.json" in file["Content-Disposition"]
    empty(asked)
    where = reverse("profile-import", args=[asked.pk])
    dry = client.post(where, {"file": SimpleUploadedFile("p.json", file.content)})
    assert not asked.requirements.exists()
    assert "錯誤7次後鎖定。" in dry.content.decode()
    assert client.post(where, {"plan": dry.context["plan"]}).status_code == 302
    assert asked.requirements.count() == 7
    client.post(where, {"plan": dry.context["plan"] + "x"})
    bad = client.post(where, {"file": SimpleUploadedFile("p.json", b"{}")})
    assert "This is no OSCAL profile in JSON." in bad.content.decode()

"""Picking requirements out of catalogues and the baseline: what is found, what is copied, what is refused."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.actions import picking
from procurement.actions.catalogues import load_catalogue
from procurement.actions.locking import Stale
from procurement.actions.picking import Choice, pick
from procurement.catalogues import Catalogue, Entry, Kind, Level, LevelScheme, Parameter, baseline
from procurement.models import AuditEntry, CatalogueEntry, Requirement
from procurement.rules import Forbidden
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TEXTS = {
    "en": {
        "V7.4.2": "Sessions end when an account is disabled.",
        "X1": "Lock after [number] tries.\nAlways.",
    },
    "zh-Hant": {"V7.4.2": "帳號停用時終止其工作階段。", "X1": "錯誤[次數]次後鎖定。"},
}


def load(cast, language="en", code="ASVS", texts=None):
    label = {"en": "number", "zh-Hant": "次數"}[language]
    texts = texts or TEXTS[language]
    entries = [Entry("G", Kind.GROUP, 0, label="G", title="Group")]
    for position, (name, text) in enumerate(texts.items(), 1):
        blanks = (Parameter("p1", label, (), ("5",)),) if name == "X1" else ()
        entries.append(
            Entry(
                name,
                Kind.ASSESSABLE,
                position,
                parent="G",
                label=name,
                text=text,
                shown=text,
                guidance="Because.",
                levels=(str(position),),
                parameters=blanks,
            )
        )
    catalogue = Catalogue(
        code=code,
        version="5.0.0",
        title=code,
        entries=tuple(entries),
        language=language,
        scheme=LevelScheme((Level("1", ""), Level("2", "")), cumulative=True),
    )
    row, _is_new = load_catalogue(actor=cast.officer, catalogue=catalogue, files={}, now=NOW)
    return {f"{one.identifier}": f"e:{one.pk}" for one in row.entries.all()} | {"catalogue": row}


def take(cast, tender, *keys, **choice):
    return pick(actor=cast.officer, tender=tender, keys=keys, choice=Choice(**choice), now=NOW)


def page(client, who, tender, **query):
    client.force_login(who)
    return client.get(reverse("requirements-pick", args=[tender.pk]), query)


# --- what is copied ----------------------------------------------------------------------------------------
def test_a_row_of_the_baseline_comes_with_everything(cast, draft):
    assert take(cast, draft, "b:ASY-AC-03").added == ["ASY-AC-03"]
    row, entry = Requirement.objects.get(code="ASY-AC-03"), baseline.by_id()["ASY-AC-03"]
    assert (row.catalogue, row.catalogue_version, row.entry) == (baseline.CODE, baseline.VERSION, "ASY-AC-03")
    assert row.entry_digest == entry.digest
    assert (row.why, row.why_en, row.evidence) == (entry.why.zh, entry.why.en, entry.asks.zh)
    assert "[hours to disable]" in row.title_en
    assert [blank["suggested"] for blank in row.blanks] == ["24"]
    assert row.unit.kind == entry.side
    assert row.mandatory == entry.is_gate_at("high")


def test_a_row_of_a_catalogue_comes_in_both_languages_with_its_blanks(cast, draft, units):
    keys = load(cast)
    load(cast, "zh-Hant")
    assert take(cast, draft, keys["X1"]).added == ["X1"]
    row = Requirement.objects.get(code="X1")
    assert (row.title, row.title_en) == ("錯誤[次數]次後鎖定。", "Lock after [number] tries. Always.")
    assert row.parameters == [
        {"id": "p1", "label": "次數", "label_en": "number", "suggested": "5", "value": ""}
    ]
    assert [blank["id"] for blank in row.blanks] == ["p1"]
    assert (row.mandatory, row.unit, row.why_en) == (False, units["security"], "Because.")
    assert row.source == "ASVS 5.0.0 X1"
    assert len(row.entry_digest) == 64


def test_a_catalogue_of_one_language_is_the_text_of_record(cast, draft):
    take(cast, draft, load(cast)["V7.4.2"])
    row = Requirement.objects.get(code="V7.4.2")
    assert (row.title, row.title_en) == ("Sessions end when an account is disabled.", "")


def test_what_is_said_of_all_holds_for_all(cast, draft, units):
    leaf = draft.criteria.get(code="S")
    keys = load(cast)
    picked = take(cast, draft, "b:ASY-AC-01", keys["X1"], mandatory=True, unit=units["it"], criterion=leaf)
    rows = Requirement.objects.filter(code__in=picked.added)
    assert {(row.mandatory, row.unit.code, row.criterion.code) for row in rows} == {(True, "it", "S")}


def test_who_answers_for_a_unit_already_answers_for_what_is_picked(cast, draft, units):
    take(cast, draft, "b:ASY-AC-01", "b:ASY-AC-02")
    rows = {row.code: row for row in draft.requirements.select_related("unit")}
    assert (rows["ASY-AC-01"].unit.code, rows["ASY-AC-01"].owner) == ("security", cast.security)
    assert (rows["ASY-AC-02"].unit.code, rows["ASY-AC-02"].owner) == ("it", None)
    draft.requirements.update(owner=None)
    take(cast, draft, "b:ASY-AC-05")
    assert draft.requirements.get(code="ASY-AC-05").owner == cast.security  # the system's owner


def test_they_come_after_the_others_in_the_order_chosen_with_one_entry_in_the_trail(cast, draft):
    take(cast, draft, "b:ASY-SI-01", "b:ASY-AC-01")
    codes = list(draft.requirements.values_list("code", flat=True))
    assert codes == ["R1", "R2", "R3", "ASY-SI-01", "ASY-AC-01"]
    payload = json.loads(AuditEntry.objects.get(action="pick requirements").payload)
    assert set(payload["added"]) == {"ASY-SI-01", "ASY-AC-01"}


def test_what_is_there_stays_out_and_a_code_that_is_taken_gets_a_number(cast, draft):
    take(cast, draft, "b:ASY-AC-01")
    again = take(cast, draft, "b:ASY-AC-01", "b:ASY-AC-02")
    assert (again.added, again.there) == (["ASY-AC-02"], 1)
    assert take(cast, draft, load(cast, texts={"r1": "Something."})["r1"]).added == ["r1-2"]


# --- what is refused ---------------------------------------------------------------------------------------
def test_nothing_chosen_is_refused(cast, draft):
    with pytest.raises(ValidationError, match="Choose at least one"):
        take(cast, draft)


@pytest.mark.parametrize("key", ["e:999999", "b:ASY-XX-99", "x", "e:", "e:-1"])
def test_a_row_that_is_gone_stops_all_of_it(cast, draft, key):
    with pytest.raises(Stale):
        take(cast, draft, "b:ASY-AC-01", key)
    assert draft.requirements.count() == 3


def test_a_heading_cannot_be_picked(cast, draft):
    with pytest.raises(Stale):
        take(cast, draft, load(cast)["G"])


def test_nothing_is_read_beside_the_price(cast, draft):
    with pytest.raises(ValidationError, match="mark by quality"):
        take(cast, draft, "b:ASY-AC-01", criterion=draft.criteria.get(code="P"))


def test_a_draft_has_an_end(cast, draft, monkeypatch):
    monkeypatch.setattr(picking, "MOST", 4)
    with pytest.raises(ValidationError, match="5 requirements; at most 4"):
        take(cast, draft, "b:ASY-AC-01", "b:ASY-AC-02")
    assert draft.requirements.count() == 3


def test_only_officers_pick_and_only_for_drafts(cast, draft, published):
    with pytest.raises(Forbidden):
        take(cast, published, "b:ASY-AC-01")
    with pytest.raises(Forbidden):
        pick(actor=cast.security, tender=published, keys=["b:ASY-AC-01"], choice=Choice(), now=NOW)


# --- the page ----------------------------------------------------------------------------------------------
def labels(response):
    return [row.label for row in response.context["page"]]


def test_everything_is_searched_in_both_languages(client, cast, draft):
    load(cast)
    load(cast, "zh-Hant")
    assert labels(page(client, cast.officer, draft, q="工作階段"))[-1] == "V7.4.2"
    assert "ASY-AC-03" in labels(page(client, cast.officer, draft, q="工作階段"))
    assert "V7.4.2" in labels(page(client, cast.officer, draft, q="sessions disabled"))
    assert labels(page(client, cast.officer, draft, q="asy-ac-03")) == ["ASY-AC-03"]


def test_the_baseline_is_narrowed_by_family_level_and_what_is_bought(client, cast, draft):
    rows = baseline.by_id().values()
    wanted = [
        row.id
        for row in rows
        if row.family == "SI" and row.level == "basic" and (not row.profiles or "hardware" in row.profiles)
    ]
    query = {"source": "baseline", "family": "SI", "level": "basic", "profile": "hardware"}
    assert labels(page(client, cast.officer, draft, **query)) == wanted


def test_a_catalogue_is_narrowed_by_its_level_and_all_found_come_in_at_once(client, cast, draft):
    row = load(cast)["catalogue"]
    load(cast, code="Other", texts={"O1": "Something else."})
    assert labels(page(client, cast.officer, draft, source=row.pk, level="1")) == ["V7.4.2"]
    where = reverse("requirements-pick", args=[draft.pk]) + f"?source={row.pk}&level=2"
    response = client.post(where, {"all": "1"})
    assert response.url == where
    assert set(draft.requirements.values_list("code", flat=True)) == {"R1", "R2", "R3", "V7.4.2", "X1"}


def test_what_is_there_and_what_asks_for_the_same_are_marked(client, cast, draft):
    load(cast)
    take(cast, draft, "b:ASY-AC-03")
    html = page(client, cast.officer, draft, q="ASY-AC-03").content.decode()
    assert "there as ASY-AC-03" in html
    response = page(client, cast.officer, draft, q="Sessions end")
    found = {row.label: row.twins for row in response.context["page"]}
    assert found["V7.4.2"] == ["ASY-AC-03: they correspond"]


def test_the_stored_baseline_is_not_offered_beside_the_built_in_one(client, cast, draft):
    load_catalogue(actor=cast.officer, catalogue=baseline.as_catalogue("en"), files={}, now=NOW)
    assert labels(page(client, cast.officer, draft, q="ASY-AC-03")) == ["ASY-AC-03"]
    assert "assay-baseline" not in page(client, cast.officer, draft).content.decode()


def test_a_refusal_keeps_what_was_chosen(client, cast, draft):
    client.force_login(cast.officer)
    where = reverse("requirements-pick", args=[draft.pk])
    response = client.post(where, {"picks": ["b:ASY-AC-01"], "unit": "99999"})
    assert response.status_code == 422
    assert response.context["chosen"] == ["b:ASY-AC-01"]
    assert client.post(where, {}).status_code == 422


def test_the_page_makes_the_same_queries_for_one_row_and_many(client, cast, draft):
    load(cast)
    where = reverse("requirements-pick", args=[draft.pk])
    client.force_login(cast.officer)
    client.get(where)
    counts = []
    for query in ({"q": "Sessions end when"}, {"q": "e", "page": "99"}):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(where, query).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] == 14
    assert CatalogueEntry.objects.count() == 3

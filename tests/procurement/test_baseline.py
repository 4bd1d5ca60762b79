"""The built-in baseline: whole, in both languages, and its corresponding identifiers exist."""

import json
from collections.abc import Iterator

import pytest

from procurement.catalogues import baseline
from procurement.catalogues.entries import Kind
from tests.conftest import SHARED

CATALOGUES = SHARED / "data" / "catalogues"


def read(*parts):
    path = CATALOGUES.joinpath(*parts)
    if not path.exists():
        pytest.skip("the shared catalogues are not here")
    return json.loads(path.read_text(encoding="utf-8"))


def rows():
    return list(baseline.by_id().values())


def test_seven_families_hold_about_eighty_requirements():
    assert [family.code for family in baseline.families()] == ["AC", "AU", "CP", "IA", "SA", "SC", "SI"]
    assert 75 <= len(rows()) <= 100
    assert all(len(family.requirements) >= 8 for family in baseline.families())


def test_every_profile_has_requirements_of_its_own():
    for profile in baseline.PROFILES:
        assert any(profile in row.profiles for row in rows()), profile


def test_every_circumstance_asks_for_something():
    for circumstance in baseline.CIRCUMSTANCES:
        assert any(circumstance in row.when for row in rows()), circumstance


def test_texts_are_in_their_language():
    for row in rows():
        for words in (row.text, row.why, row.test, row.asks):
            assert any("一" <= letter <= "鿿" for letter in words.zh), row.id
            # A suggested place may be written in Chinese; a text may not.
            assert not any("一" <= letter <= "鿿" for letter in words.en), row.id


def test_a_blank_shows_as_a_label_in_brackets():
    row = baseline.by_id()["ASY-SI-01"]
    assert "[days for critical]" in row.shown(row.text).en
    assert "[嚴重風險修補日數]" in row.shown(row.text).zh
    assert "{" not in row.shown(row.text).zh


def test_the_bank_rules_are_there():
    ownership, origin, backdoor = (baseline.by_id()[f"ASY-SA-{number}"] for number in ("01", "03", "05"))
    assert "25 %" in ownership.text.zh
    assert "25 %" in ownership.text.en
    for row in (ownership, origin, backdoor):
        assert row.unsure
        assert row.source.zh
        assert row.is_gate_at("basic")


def test_levels_and_gates_only_grow():
    for row in rows():
        asked = [row.is_asked(level, baseline.PROFILES, baseline.CIRCUMSTANCES) for level in baseline.LEVELS]
        gates = [row.is_gate_at(level) for level in baseline.LEVELS]
        assert asked == sorted(asked), row.id
        assert gates == sorted(gates), row.id


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"id": "ASY-XX-01"}, "no identifier"),
        ({"en": ""}, "en is missing"),
        ({"why_zh": "長" * 401}, "why_zh is missing or longer"),
        ({"from": "extreme"}, "from is none of"),
        ({"profiles": ["toaster"]}, "unknown profiles toaster"),
        ({"at_high": "claimed", "evidence_level": "tested"}, "weaker evidence"),
        ({"en": "Within {hours} hours."}, "the blanks of the text"),
        ({"check": True}, "no source"),
        ({"colour": "red"}, "unknown colour"),
    ],
)
def test_a_slip_of_the_pen_is_refused(change, what):
    words = {
        f"{text}{language}": "文 text" for text in ("", "why_", "test_", "asks_") for language in ("zh", "en")
    }
    row = words | {
        "id": "ASY-AC-99",
        "from": "basic",
        "gate": "never",
        "severity": "low",
        "side": "it",
        "evidence_level": "claimed",
    }
    assert baseline._requirement(row, "AC").id == "ASY-AC-99"
    with pytest.raises(baseline.Faulty, match=what):
        baseline._requirement(row | change, "AC")


@pytest.mark.parametrize("language", baseline.LANGUAGES)
def test_it_reads_as_a_catalogue(language):
    catalogue = baseline.as_catalogue(language)
    kinds = [entry.kind for entry in catalogue.entries]
    assert kinds.count(Kind.ASSESSABLE) == len(rows())
    assert kinds.count(Kind.GROUP) == 7
    assert [entry.position for entry in catalogue.entries] == list(range(len(catalogue.entries)))
    assert catalogue.scheme.names == ("普", "中", "高")
    assert sum(len(entry.parameters) for entry in catalogue.entries) == catalogue.declared > 0


# --- the identifiers that correspond ---------------------------------------------------------------------
def named(catalogue: str) -> set[str]:
    return {one for row in rows() for one in row.corresponds.get(catalogue, ())}


def controls(group) -> Iterator[str]:
    for control in group.get("controls", ()):
        yield control["id"]
        yield from controls(control)


def identifiers(value) -> Iterator[str]:
    if isinstance(value, dict):
        if "bom-ref" in value and "identifier" in value:
            yield value["identifier"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from identifiers(one)


def test_identifiers_of_annex_10_exist():
    known = {row["id"] for row in read("taiwan-annex10", "tw-annex10.json")["requirements"]}
    assert named("annex10") <= known
    assert len(named("annex10")) > 60


def test_identifiers_of_asvs_exist():
    document = read("owasp-asvs-5.0.0", "asvs-5.0.0-en.flat.json")
    assert named("asvs") <= {row["req_id"] for row in document["requirements"]}


def test_identifiers_of_mvsp_exist():
    document = read("mvsp-3.0", "mvsp_v3.0-20231109-catalog.json")
    assert named("mvsp") <= {one for group in document["catalog"]["groups"] for one in controls(group)}


def test_identifiers_of_nist_800_53_exist():
    name = "NIST_SP-800-53_rev5_MODERATE-baseline-resolved-profile_catalog-min.json"
    document = read("nist-sp800-53r5", name)
    assert named("nist") <= {one for group in document["catalog"]["groups"] for one in controls(group)}


def test_identifiers_of_ssdf_exist():
    assert named("ssdf") <= set(identifiers(read("nist-ssdf-1.1", "nist-ssdf-1.1.cdx.json")))

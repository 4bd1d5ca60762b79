"""Published catalogues, with the counts that their publishers give."""

from pathlib import Path

import pytest

from procurement.catalogues import Unreadable, read_catalogue, read_files, report_on

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "catalogues"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/catalogues is not here")

ASVS = {"assessable": 345, "groups": 97, "levels": {"1": 70, "2": 183, "3": 92}, "parameters": 0}
ANNEX = {"assessable": 79, "notes": 1, "levels": {"普": 45, "中": 17, "高": 18}, "parameters": 0}
COUNTS = {
    "owasp-asvs-5.0.0/asvs-5.0.0-en.json": ASVS,
    "owasp-asvs-5.0.0/asvs-5.0.0-en.flat.json": ASVS,
    "owasp-asvs-5.0.0/asvs-5.0.0-en.csv": ASVS,
    "owasp-asvs-5.0.0/asvs-5.0.0-en.xml": ASVS,
    "owasp-asvs-5.0.0/asvs-5.0.0-en.cdx.json": ASVS,
    "nist-sp800-53r5/NIST_SP-800-53_rev5_LOW-baseline-resolved-profile_catalog-min.json": {
        "assessable": 149,
        "groups": 18,
        "parameters": 445,
    },
    "nist-sp800-53r5/NIST_SP-800-53_rev5_MODERATE-baseline-resolved-profile_catalog-min.json": {
        "assessable": 287,
        "groups": 18,
        "parameters": 643,
    },
    "mvsp-3.0/mvsp_v3.0-20231109-catalog.json": {"assessable": 25, "groups": 4, "parameters": 0},
    "nist-ssdf-1.1/nist-ssdf-1.1.cdx.json": {"assessable": 42, "groups": 23, "parameters": 0},
    "taiwan-annex10/tw-annex10.json": ANNEX,
    "taiwan-annex10/tw-annex10.csv": ANNEX,
}


def read(name):
    path = DATA / name
    return read_catalogue(path.name, path.read_bytes())


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name):
    told = report_on(read(name)).to_document()
    expected = {"withdrawn": 0, "notes": 0, "levels": {}, "problems": []} | COUNTS[name]
    assert {key: told[key] for key in expected} == expected


def test_the_folder_of_the_osps_baseline():
    files = {path.name: path.read_bytes() for path in (DATA / "ossf-osps-baseline").glob("*.yaml")}
    told = report_on(read_files(files))
    controls = [entry for entry in told.catalogue.entries if entry.id.count("-") == 2 and "." not in entry.id]
    assert len(controls) == 41
    assert told.assessable == 65
    assert list(told.levels) == ["maturity-1", "maturity-2", "maturity-3"]
    assert told.problems == ()
    assert [entry.id for entry in told.catalogue.entries if entry.retired] == ["OSPS-BR-01.02"]


def test_the_forms_of_the_asvs_hold_the_same():
    assert len({read(name).digest for name in COUNTS if "asvs" in name}) == 1


def test_level_2_of_the_asvs_asks_for_253_and_annex_10_adds_up():
    assert report_on(read("owasp-asvs-5.0.0/asvs-5.0.0-en.json")).asked_by == {"1": 70, "2": 253, "3": 345}
    assert report_on(read("taiwan-annex10/tw-annex10.csv")).asked_by == {"普": 45, "中": 62, "高": 80}


def test_the_note_of_annex_10_is_no_requirement():
    entries = {entry.id: entry for entry in read("taiwan-annex10/tw-annex10.json").entries}
    assert entries["TW-A10-IA-08"].kind.value == "note"


def test_a_control_of_nist_reads_as_printed():
    name = next(name for name in COUNTS if "LOW" in name)
    control = next(entry for entry in read(name).entries if entry.id == "ac-2")
    assert control.label == "AC-2"
    assert "- d. Specify:\n  1. Authorized users of the system;" in control.shown
    assert "c. Require [prerequisites and criteria] for group and role membership;" in control.shown
    assert {blank.label for blank in control.parameters} >= {"prerequisites and criteria", "frequency"}


def test_comments_in_json_are_refused_with_their_line():
    with pytest.raises(Unreadable, match=r"Line 2 holds a comment, and JSON has none\. Take every line"):
        read("google-vsaq/webapp.json")

"""OSCAL catalogues and profiles: what counts, what a control says, and what a profile makes of it."""

import json

import pytest

from procurement.catalogues import Kind, Unreadable
from tests.procurement.catalogue_files import (
    CONTROL,
    OSCAL,
    OSCAL_XML,
    PROFILE,
    dumped,
    entry_of,
    ids,
    read,
    report,
)


# --- catalogues --------------------------------------------------------------------------------------------
def test_a_control_and_its_enhancements_count_and_what_is_withdrawn_counts_apart():
    assert report("tiny.json", OSCAL).to_document() == {
        "code": "TINY",
        "version": "1.0",
        "language": "en",
        "assessable": 2,
        "groups": 1,
        "withdrawn": 1,
        "notes": 0,
        "levels": {},
        "parameters": 2,
        "problems": [],
    }


def test_items_of_a_statement_are_parts_of_its_control():
    control = entry_of(read("tiny.json", OSCAL), "ac-2")
    assert control.text.splitlines() == [
        "The organization:",
        "",
        "- a. Names accounts;",
        "- b. Reviews them {{ insert: param, ac-2_prm_1 }} or {{ insert: param, ac-2_prm_2 }}.",
    ]
    assert control.label == "AC-2"
    assert control.parent == "ac"
    assert control.guidance == "Accounts are *many*."


def test_parameters_are_visible_blanks():
    control = entry_of(read("tiny.json", OSCAL), "ac-2")
    assert "Reviews them [frequency] or [one or more: weekly / every [frequency]]." in control.shown
    assert [blank.id for blank in control.parameters] == ["ac-2_prm_1", "ac-2_prm_2"]
    assert control.parameters[1].choices == ("weekly", "every {{ insert: param, ac-2_prm_1 }}")


def test_a_value_of_the_publisher_is_no_blank():
    params = [{**CONTROL["params"][0], "values": ["monthly"]}, CONTROL["params"][1]]
    document = json.loads(json.dumps(OSCAL))
    document["catalog"]["groups"][0]["controls"][0]["params"] = params
    control = entry_of(read("tiny.json", document), "ac-2")
    assert "Reviews them monthly or [one or more: weekly / every monthly]." in control.shown
    assert [blank.id for blank in control.parameters] == ["ac-2_prm_2"]


def test_a_blank_that_nothing_declares_is_told():
    document = json.loads(json.dumps(OSCAL))
    document["catalog"]["groups"][0]["controls"][0]["params"] = [CONTROL["params"][1]]
    told = report("tiny.json", document)
    assert "[ac-2_prm_1]" in entry_of(told.catalogue, "ac-2").shown
    assert any("“ac-2” has a blank that nothing declares: ac-2_prm_1." in str(one) for one in told.problems)


def test_a_withdrawn_control_says_where_it_went():
    gone = entry_of(read("tiny.json", OSCAL), "ac-2.2")
    assert gone.kind is Kind.WITHDRAWN
    assert gone.remark == "incorporated into ac-2"


def test_xml_and_yaml_say_the_same_as_json():
    lines = "\n".join(
        ["catalog:", *(f"  {line}" for line in json.dumps(OSCAL["catalog"], indent=1).split("\n"))]
    )
    catalogues = [read("tiny.json", OSCAL), read("tiny.xml", OSCAL_XML), read("tiny.yaml", lines.encode())]
    assert len({catalogue.digest for catalogue in catalogues}) == 1
    assert {catalogue.publisher for catalogue in catalogues} == {"Us"}


def test_controls_that_only_hold_controls_of_another_class_are_headings():
    inner = {"id": "r.1", "class": "security_requirement", "parts": [{"name": "statement", "prose": "Do."}]}
    outer = {"id": "r", "class": "requirement", "title": "R", "controls": [inner]}
    gone = {
        "id": "q",
        "class": "requirement",
        "title": "Q",
        "props": [{"name": "status", "value": "withdrawn"}],
    }
    document = {"catalog": {"metadata": {"title": "T"}, "groups": [{"id": "f", "controls": [outer, gone]}]}}
    catalogue = read("t.json", document)
    assert ids(catalogue, Kind.ASSESSABLE) == ["r.1"]
    assert ids(catalogue, Kind.GROUP) == ["f", "r"]
    assert ids(catalogue, Kind.WITHDRAWN) == ["q"]
    outer["class"] = inner["class"] = ""
    assert ids(read("t.json", document), Kind.ASSESSABLE) == ["r", "r.1"]


# --- profiles ----------------------------------------------------------------------------------------------
def beside(*files):
    def find(_names):
        return files

    return find


def test_a_profile_chooses_fills_in_and_changes():
    stored = [("tiny_catalog.json", dumped(OSCAL))]
    catalogue = read("low.json", PROFILE, beside=beside(*stored))
    assert ids(catalogue, Kind.ASSESSABLE) == ["ac-2"]
    assert ids(catalogue, Kind.GROUP) == ["ac"]
    control = entry_of(catalogue, "ac-2")
    assert "Reviews them monthly" in control.shown
    assert control.shown.endswith("- Ours.")
    assert control.guidance == ""
    assert catalogue.source == "../xml/tiny_catalog.xml"
    assert entry_of(read("tiny.json", OSCAL), "ac-2").guidance, "the catalogue itself stays as it is"


def choosing(**selection):
    body = {"metadata": {"title": "P"}, "imports": [{"href": "tiny.xml", **selection}]}
    return read("p.json", {"profile": body}, beside=beside(("tiny.xml", OSCAL_XML)))


def test_ways_to_choose():
    assert ids(choosing(**{"include-all": {}}), Kind.ASSESSABLE) == ["ac-2", "ac-2.1"]
    only = {"include-all": {}, "exclude-controls": [{"with-ids": ["ac-2"]}]}
    assert ids(choosing(**only), Kind.ASSESSABLE) == ["ac-2.1"]
    children = {"include-controls": [{"with-child-controls": "yes", "with-ids": ["ac-2"]}]}
    assert ids(choosing(**children), Kind.ASSESSABLE) == ["ac-2", "ac-2.1"]
    pattern = {"include-controls": [{"matching": [{"pattern": "ac-2.*"}]}]}
    catalogue = choosing(**pattern)
    assert ids(catalogue, Kind.ASSESSABLE) == ["ac-2.1"]
    assert ids(catalogue, Kind.GROUP) == [], "without as-is a profile has no groups"


def test_what_a_profile_asks_for_and_does_not_find_is_told():
    catalogue = choosing(**{"include-controls": [{"with-ids": ["ac-2", "zz-9"]}]})
    assert [str(problem) for problem in catalogue.problems] == [
        "The profile asks for “zz-9”, which “tiny.xml” does not have."
    ]


def test_a_profile_without_its_catalogue_says_what_is_missing():
    with pytest.raises(Unreadable, match=r"draws on “tiny_catalog.xml”, which is not here"):
        read("low.json", PROFILE)


def test_profiles_in_a_circle_come_to_an_end():
    with pytest.raises(Unreadable, match=r"The profile draws on itself, by way of “tiny_catalog.xml”\."):
        read("low.json", PROFILE, beside=beside(("tiny_catalog.json", dumped(PROFILE))))

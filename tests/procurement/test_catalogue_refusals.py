"""Files that nobody should have to read: each is refused in words, with the place."""

import json
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.catalogues import LARGEST_FILE, Unreadable, read_catalogue, read_files, report_on
from procurement.catalogues.difference import compare
from procurement.catalogues.entries import ROWS
from tests.procurement.catalogue_files import (
    ANNEX_CSV,
    ASVS,
    ASVS_XML,
    CYCLONEDX,
    LIST,
    OSCAL,
    OSCAL_XML,
    PROFILE,
    TABLE,
    dumped,
    read,
)

BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><catalog><metadata><title>&c;</title></metadata></catalog>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><catalog><title>&a;</title></catalog>'
YAML_BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\ncontrols: [*b,*b,*b,*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.json", b"", "The file is empty."),
        ("a.json", b"  \n ", "The file is empty."),
        ("a.json", b'\n// hello\n{"catalog": {}}', "Line 2 holds a comment, and JSON has none."),
        ("a.json", b'{\n "catalog": 1, /* x */ "b": 2}', "Line 2 holds a comment"),
        ("a.json", b'{"catalog": {"a": NaN}}', "Line 1 holds NaN, which is no number in JSON."),
        ("a.json", b'{"a": "NaN",\n"catalog": -Infinity}', "Line 2 holds -Infinity"),
        ("a.json", b'{"catalog": ', "in line 1, column 13, a value is missing"),
        ("a.json", b'{"catalog": {},}', "This is no JSON"),
        ("a.json", b'{"catalog": {"a": 1,\n"a": 2}}', "catalog: the key “a” is given more than once."),
        ("a.json", b'{"catalog":\n "\xff"}', "The file is not UTF-8: byte 15, in line 2, cannot be read."),
        ("a.json", b'{"catalog": {"x": "\\u0000"}}', "catalog.x: the text holds a character that no text"),
        ("a.json", b'{"catalog": {"x": "\\ud800"}}', "(U+D800)"),
        ("a.json", b"[" * 100_000, "nested too deep"),
        ("a.json", b'{"catalog":' + b'{"a":' * 70 + b"1" + b"}" * 71, "nested more than 64 levels deep"),
        ("a.json", b'{"catalog": {"groups": 5}}', "catalog.groups: a list is expected here."),
        ("a.json", b'{"catalog": {"groups": [5]}}', "catalog.groups[0]: an object is expected here."),
        (
            "a.json",
            b'{"catalog": {"controls": [{"id": ["x"]}]}}',
            "catalog.controls[0].id: a text is expected here.",
        ),
        ("a.json", b'{"catalog": {}}', "The catalogue holds no control."),
        ("a.json", b'{"system-security-plan": {}}', "OSCAL of another kind (system-security-plan)"),
        ("a.json", b'{"questionnaire": []}', "This is a questionnaire (VSAQ)"),
        ("a.json", b'{"hello": 1}', "This is no catalogue that is known here."),
        ("a.json", b"7", "This is no catalogue that is known here."),
        ("a.json", b'{"profile": {}}', "The profile draws on no catalogue."),
        ("a.json", b'{"profile": {"imports": [{}]}}', "profile.imports[0]: the import does not say"),
        ("a.json", b'{"bomFormat": "CycloneDX"}', "The file holds no standard"),
        ("a.json", b'{"requirements": []}', "no row below them is filled"),
        ("a.json", b'{"requirements": [{"x": "y"}]}', "No columns for identifier and text are found."),
        ("a.xml", BOMB, "declares entities"),
        ("a.xml", OUTSIDE, "declares entities"),
        ("a.xml", b"<catalog><metadata>", "the file ends in line 1, column 20, before"),
        ("a.xml", b"<a>" * 70 + b"</a>" * 70, "nested more than 64 levels deep"),
        ("a.xml", b"<bom><x/></bom>", "CycloneDX in XML"),
        ("a.xml", b"<assessment-plan/>", "OSCAL of another kind (assessment-plan)"),
        ("a.xml", b'<?xml version="1.0" encoding="no-such"?><a/>', "This is no XML"),
        ("a.yaml", YAML_BOMB, "Line 2 repeats a whole part by an alias (*a)."),
        ("a.yaml", b"a: &a x\nb: [" + b"*a," * 101 + b"]", "more than 100 aliases"),
        ("a.yaml", b"controls: [\n", "This is no YAML"),
        ("a.yaml", b"a: 1\na: 2\n", "Line 2: the key “a” is given more than once."),
        ("a.yaml", b"a: !!python/object:os.system x\n", "Line 1: the tag tag:yaml.org,2002:python"),
        ("a.yaml", b"a: 1\n---\nb: 2\n", "begins a second document"),
        ("a.yaml", b"a:\n  <<: x\n", "Line 2: the merge key"),
        ("a.yaml", b"? [a]\n: b\n", "Line 1: a key must be a plain text."),
        ("a.yaml", b"a: \x07", "This is no YAML"),
        ("a.yaml", b"- " * 70 + b"x", "nested more than 64 levels deep"),
        ("a.yaml", b"hello\n", "This is no catalogue that is known here."),
        ("a.csv", b"x,y\n1,2\n", "None of the first 20 rows names the columns"),
        ("a.csv", b"id,text\n", "no row below them is filled"),
        ("a.pdf", b"%PDF-1.7", "This is a PDF"),
    ],
)
def test_refused_in_words(name, data, words):
    with pytest.raises(Unreadable) as refusal:
        read_catalogue(name, data)
    assert words in str(refusal.value)


def test_caps():
    with pytest.raises(Unreadable, match=r"The file is larger than 10 MB"):
        read_catalogue("a.json", b" " * (LARGEST_FILE + 1))
    for name, many in (("a.json", b"[" + b"{}," * 500_000), ("a.yaml", b"- a\n" * 400_001)):
        with pytest.raises(Unreadable, match="more than 400000 values"):
            read_catalogue(name, many)
    rows = [{"id": f"A{number}", "text": "Do."} for number in range(ROWS + 1)]
    with pytest.raises(Unreadable, match="more than 20000 rows"):
        read("a.json", {"requirements": rows})
    assert len(read("a.json", {"requirements": rows[1:]}).entries) == ROWS
    with pytest.raises(Unreadable, match="the identifier is longer than 200 characters"):
        read("a.json", {"requirements": [{"id": "A" * 201, "text": "Do."}]})
    with pytest.raises(Unreadable, match="the text is longer than 250000 characters"):
        read("a.json", {"requirements": [{"id": "A", "text": "x" * 250_001}]})


def test_a_circle_of_parents_is_refused():
    rows = [{"id": "A", "text": "x", "parent": "B"}, {"id": "B", "text": "y", "parent": "A"}]
    with pytest.raises(Unreadable, match="belongs, by way of others, to itself"):
        read("a.json", {"requirements": rows})


def test_several_standards_in_one_file_are_refused():
    two = CYCLONEDX["definitions"]["standards"] * 2
    with pytest.raises(Unreadable, match=r"The file holds 2 standards \(ASVS, ASVS\)"):
        read("a.json", {"bomFormat": "CycloneDX", "definitions": {"standards": two}})


def test_a_broken_file_of_a_folder_is_named():
    with pytest.raises(Unreadable, match=r"b.yaml: Line 2: the key “x” is given more than once."):
        read_files({"a.yaml": LIST, "b.yaml": b"x: 1\nx: 2\n"})


# --- nothing but the refusal -------------------------------------------------------------------------------
SAMPLES = [
    ("a.json", dumped(OSCAL)),
    ("a.json", dumped(ASVS)),
    ("a.json", dumped(CYCLONEDX)),
    ("a.json", dumped(PROFILE)),
    ("a.xml", OSCAL_XML),
    ("a.xml", ASVS_XML),
    ("a.yaml", LIST),
    ("a.csv", ANNEX_CSV),
    ("a.csv", TABLE),
    ("a.yaml", b"sections:\n- id: '1'\n  title: A\n  checks:\n  - {id: '1.1', text: Do., level: 1}\n"),
    (
        "a.yaml",
        (
            b"urn: u\nobjects:\n  framework:\n    ref_id: F\n    requirement_nodes:\n"
            b"    - {urn: a, assessable: true, ref_id: A, name: Do., implementation_groups: ['1']}\n"
        ),
    ),
    ("a.xml", b'<s><r id="1" l1="true">Do.</r><r id="2">More.</r></s>'),
    ("a.csv", b"Practices,Tasks\nP (PO.1): x,PO.1.1: Do.\n,PO.1.2: More.\n"),
]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def only_refuses(name, data):
    try:
        catalogue = read_catalogue(name, data, beside=lambda _names: [("b.json", dumped(OSCAL))])
        assert catalogue.digest
        assert json.dumps(report_on(catalogue).to_document())
        assert not compare(catalogue.entries, catalogue.entries)
    except Unreadable as refusal:
        said = str(refusal)
    else:
        said = "read"
    assert said


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_changed_bytes_are_read_or_refused(data):
    name, whole = data.draw(st.sampled_from(SAMPLES))
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, min(begin + 40, len(whole))))
    only_refuses(name, whole[:begin] + data.draw(st.binary(max_size=12)) + whole[end:])


def paths(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield from paths(below, (*path, key))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_changed_values_are_read_or_refused(data):
    document = json.loads(json.dumps(data.draw(st.sampled_from([OSCAL, ASVS, CYCLONEDX, PROFILE]))))
    path = data.draw(st.sampled_from([path for path in paths(document) if path]))
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = data.draw(VALUES)
    only_refuses("a.json", dumped(document))


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=200), name=st.sampled_from(["a.json", "a.xml", "a.yaml", "a.csv", "a.xlsx", "a"])
)
def test_any_bytes_are_read_or_refused(data, name):
    only_refuses(name, BytesIO(data).read())

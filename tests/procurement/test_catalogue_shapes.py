"""Catalogues as publishers write them: odd heads, ticks, sheets, groups without names, lists of any keys."""

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest

from procurement.catalogues import Unreadable, read_catalogue, report_on
from procurement.catalogues.naming import language_of_text
from tests.procurement.catalogue_files import dumped


def told(name, data):
    """The report of a file, or of an object as JSON."""
    return report_on(read_catalogue(name, data if isinstance(data, bytes) else dumped(data)))


def table(*rows, separator=",", encoding="utf-8"):
    """Rows as a text file."""
    text = StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def counts(report):
    """Requirements, headings, withdrawn rows, notes."""
    return report.assessable, report.groups, report.withdrawn, report.notes


# --- OSCAL --------------------------------------------------------------------------------------------------
def control(name, text="Do.", **more):
    return {"id": name, "title": name, "parts": [{"name": "statement", "prose": text}], **more}


def oscal(*groups, **more):
    return {"catalog": {"metadata": {"title": "T", "version": "1"}, "groups": [*groups], **more}}


def test_groups_without_identifier_may_share_a_title():
    inner = [
        {"title": "Awareness", "controls": [control("a")]},
        {"title": "Awareness", "controls": [control("b")]},
    ]
    report = told("a.json", oscal({"title": "Staff", "groups": inner}))
    assert counts(report) == (2, 3, 0, 0)
    assert report.problems == ()
    assert [entry.parent for entry in report.catalogue.entries if not entry.parent.startswith("Staff")] == [
        "",
        "Awareness",
    ]


def test_questions_about_controls_are_notes():
    question = control("a.1", "Is it done?", **{"class": "caiq-question"})
    asked = control("a", **{"class": "control", "controls": [question]})
    assert counts(told("a.json", oscal({"id": "g", "title": "G", "controls": [asked]}))) == (1, 1, 0, 1)


def test_classes_that_name_a_source_make_no_headings():
    deepest = control("a.1.1", **{"class": "other"})
    inner = control("a.1", **{"class": "other", "controls": [deepest]})
    asked = control("a", **{"class": "kernel", "controls": [inner]})
    assert counts(told("a.json", oscal({"id": "g", "title": "G", "controls": [asked]}))) == (3, 1, 0, 0)


@pytest.mark.parametrize(
    "gone",
    [
        control("b", "Dropped (moved to a)"),
        control("b", "[Withdrawn: Incorporated into a.]"),
        {"id": "b", "title": "B", "links": [{"rel": "incorporated-into", "href": "#a"}]},
    ],
)
def test_a_control_may_say_without_a_status_that_it_is_gone(gone):
    report = told("a.json", oscal({"id": "g", "title": "G", "controls": [control("a"), gone]}))
    assert counts(report) == (1, 1, 1, 0)


def test_choices_in_choices_come_to_an_end():
    chain = [
        {"id": f"p{number}", "select": {"choice": [f"{{{{ insert: param, p{number + 1} }}}}"] * 10}}
        for number in range(8)
    ]
    whole = oscal({"id": "g", "title": "G", "controls": [control("a", "{{ insert: param, p0 }}" * 20)]})
    whole["catalog"]["params"] = chain
    assert len(told("a.json", whole).catalogue.entries[1].shown) < 200_000


# --- profiles -----------------------------------------------------------------------------------------------
def resolved(*imports, **body):
    """The rows of a profile over one small catalogue."""
    listed = [control("a", params=[{"id": "p"}]), control("b", controls=[control("b.1")])]
    groups = {"id": "g", "title": "G", "controls": listed}
    profile = {"profile": {"metadata": {"title": "P"}, "imports": list(imports), **body}}
    found = [("c.json", dumped(oscal(groups)))]
    return report_on(read_catalogue("p.json", dumped(profile), beside=lambda _names: found))


ALL = {"href": "c.json", "include-all": {}}


def test_the_first_of_controls_that_come_twice_is_used_where_the_profile_says_so():
    twice = resolved(ALL, ALL, merge={"combine": {"method": "use-first"}, "as-is": True})
    assert counts(twice) == (3, 1, 0, 0)
    assert twice.problems == ()
    kept = resolved(ALL, ALL, merge={"combine": {"method": "keep"}})
    assert kept.assessable == 3
    assert len(kept.problems) == 3


def test_a_profile_that_chooses_nothing_says_so():
    with pytest.raises(Unreadable, match="The profile chooses no control"):
        resolved({"href": "c.json", "include-controls": [{"matching": [{"pattern": "z*"}]}]})


@pytest.mark.parametrize(
    ("position", "text"),
    [
        ("before", "New.\n\nDo."),
        ("after", "Do.\n\nNew."),
        ("starting", "New.\n\nDo."),
        ("ending", "Do.\n\nNew."),
    ],
)
def test_parts_are_added_beside_others_and_into_them(position, text):
    into = {"by-id": "a"} if position in ("starting", "ending") else {"by-id": "a_smt"}
    part = {"name": "statement", "prose": "New."}
    alter = {"control-id": "a", "adds": [{"position": position, "parts": [part], **into}]}
    listed = [control("a")]
    listed[0]["parts"][0]["id"] = "a_smt"
    whole = dumped(oscal({"id": "g", "title": "G", "controls": listed}))
    profile = {"profile": {"metadata": {"title": "P"}, "imports": [ALL], "modify": {"alters": [alter]}}}
    read = read_catalogue("p.json", dumped(profile), beside=lambda _names: [("c.json", whole)])
    assert read.entries[0].text == text


# --- tables -------------------------------------------------------------------------------------------------
HEAD = ("req_id", "req_description", "L")
ROWS = (HEAD, ("1.1", "One; two, three", "1"), ("1.2", "More", "2"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator(separator):
    assert told("a.csv", table(*ROWS, separator=separator)).levels == {"1": 1, "2": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "big5"])
def test_any_encoding_of_chinese(encoding):
    rows = (("編號", "控制措施", "等級"), ("1", "應建立帳號管理機制。", "普"), ("2", "應定期審核。", "高"))
    report = told("表.csv", table(*rows, encoding=encoding))
    assert report.levels == {"普": 1, "中": 0, "高": 1}
    assert report.asked_by == {"普": 1, "中": 1, "高": 2}


def test_ticks_under_the_names_of_levels():
    rows = (("項次", "控制措施", "普", "中", "高"), ("1", "甲", "V", "V", "●"), ("2", "乙", "×", "—", "✓"))
    assert told("表.csv", table(*rows)).levels == {"普": 1, "中": 1, "高": 2}
    rows = (("Safeguard ID", "Description", "IG1", "IG2"), ("1.1", "Do", "x", "x"), ("1.2", "More", "", "x"))
    assert told("a.csv", table(*rows)).levels == {"IG1": 1, "IG2": 2}


def test_groups_that_are_named_once():
    rows = (("構面", "編號", "內容"), ("存取", "A1", "甲"), ("", "A2", "乙"), ("稽核", "B1", "丙"))
    report = told("a.csv", table(*rows))
    assert counts(report) == (3, 2, 0, 0)
    assert [entry.parent for entry in report.catalogue.entries if entry.id == "A2"] == ["存取"]


def test_a_column_may_name_the_section_and_not_the_row():
    rows = [("Section", "Name", "Item", "Description", "L1", "L2")]
    rows += [("V1", "Architecture", f"1.1.{number}", f"Do {number}", "", "X") for number in range(1, 5)]
    report = told("a.csv", table(*rows))
    assert counts(report) == (4, 1, 0, 0)
    assert report.catalogue.entries[0].title == "Architecture"


def test_a_line_above_the_rows_of_its_section_is_a_heading():
    rows = (("#", "Detail", "Level 1", "Level 2"), ("V1", "Architecture", "", ""), ("1.1", "Do", "x", "x"))
    report = told("a.csv", table(*rows))
    assert counts(report) == (1, 1, 0, 0)
    assert report.catalogue.entries[1].parent == "V1"


def test_identifier_and_text_in_one_cell():
    rows = (
        ("Practices", "Tasks", "References"),
        ("Define (PO.1): Ensure", "PO.1.1: Identify", "x"),
        ("", "PO.1.2: Keep", "x"),
    )
    report = told("SSDF 1.1.csv", table(*rows))
    assert counts(report) == (2, 1, 0, 0)
    assert [(entry.id, entry.text) for entry in report.catalogue.entries[1:]] == [
        ("PO.1.1", "Identify"),
        ("PO.1.2", "Keep"),
    ]


def workbook(*sheets, merged=""):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
        if merged and not number:
            sheet.merge_cells(merged)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_sheet_for_each_chapter():
    head = ["ID", "Requirement", "Level"]
    report = told("a.xlsx", workbook([head, ["1.1", "Do", 1]], [head, ["2.1", "More", 2]]))
    assert (report.assessable, report.problems) == (2, ())
    report = told("a.xlsx", workbook([head, ["1.1", "Do", 1]], [["Code", "Text"], ["x", "y"]]))
    assert report.assessable == 1
    assert [str(problem) for problem in report.problems] == [
        "The sheet “S1” has other columns than the first; it is not read."
    ]


def test_levels_below_a_merged_head():
    rows = [["ID", "Requirement", "Level", None], [None, None, "L1", "L2"], ["1.1", "Do", None, "x"]]
    assert told("a.xlsx", workbook(rows, merged="C1:D1")).levels == {"1": 0, "2": 1}


# --- lists of any keys --------------------------------------------------------------------------------------
MASVS = b"""metadata: {title: Mobile Standard (MS), version: v2.1.0}
groups:
- {id: MS-STORAGE, title: Storage, controls: [{id: MS-STORAGE-1, statement: Stores., description: Why.}]}
"""
LIBRARY = b"""urn: urn:x:library:l
locale: fr
version: 3
objects:
  framework:
    ref_id: F
    implementation_groups_definition: [{ref_id: '1', name: One}, {ref_id: '2', name: Two}]
    requirement_nodes:
    - {urn: 'u:a', assessable: false, ref_id: A, name: Access}
    - urn: u:a1
      parent_urn: u:a
      assessable: true
      ref_id: A.1
      description: Do.
      implementation_groups: ['1']
    - {urn: 'u:a2', parent_urn: 'u:a', assessable: true, name: More., implementation_groups: ['2']}
"""
NESTED = b"""title: Benchmark
version: 1.10
sections:
- id: '1'
  title: Hosts
  checks:
  - {id: '1.1', description: Harden., level: 1}
  - {id: '1.2', description: Patch., level: 2}
  - {description: Lost.}
"""


def test_statements_and_why():
    [_group, entry] = told("a.yaml", MASVS).catalogue.entries
    assert (entry.text, entry.guidance, entry.parent) == ("Stores.", "Why.", "MS-STORAGE")


def test_frameworks_of_ciso_assistant():
    report = told("a.yaml", LIBRARY)
    assert counts(report) == (2, 1, 0, 0)
    assert report.levels == {"1": 1, "2": 1}
    assert (report.catalogue.code, report.catalogue.version, report.catalogue.language) == ("F", "3", "fr")
    assert [(entry.id, entry.text) for entry in report.catalogue.entries[1:]] == [
        ("A.1", "Do."),
        ("a2", "More."),
    ]
    with pytest.raises(Unreadable, match="holds no framework"):
        told("a.yaml", b"urn: x\nobjects: {threats: []}\n")


def test_nodes_without_identifiers_of_their_own_are_told_apart():
    nodes = "".join(
        f"    - {{urn: 'u:n:{name}', assessable: true, name: {name}}}\n" for name in ("a:1", "b:1")
    )
    head = "urn: u\nobjects:\n  framework:\n    ref_id: F\n    requirement_nodes:\n"
    report = told("a.yaml", (head + nodes).encode())
    assert [entry.id for entry in report.catalogue.entries] == ["a:1", "b:1"]


def test_rows_inside_each_other_under_any_keys_and_what_is_lost():
    report = told("a.yaml", NESTED)
    assert counts(report) == (2, 1, 0, 0)
    assert report.catalogue.version == "1.10"
    assert [str(problem) for problem in report.problems] == [
        "sections[0].checks[2] has no identifier and is left out: Lost."
    ]
    assert "of no publisher known here" in str(report.catalogue.remarks[0])


def test_keys_that_are_identifiers():
    rows = {"AC-1": {"title": "P", "description": "Do."}, "AC-2": {"title": "Q", "description": "More."}}
    assert [entry.id for entry in told("a.json", {"controls": rows}).catalogue.entries] == ["AC-1", "AC-2"]


def test_a_list_of_elements():
    rows = b'<r id="1.1" l1="true" l2="true">Do.</r><r id="1.2" l2="true">More.</r>'
    assert told("OWASP_S-1.0.xml", b"<s>" + rows + b"</s>").levels == {"1": 1, "2": 2}


def test_what_lists_no_requirements_is_no_catalogue():
    for data in (b"jobs: {build: {steps: [{name: Check, uses: x}]}}\n", b"name: x\nversion: 1\n"):
        with pytest.raises(Unreadable, match="no catalogue that is known here"):
            told("a.yaml", data)


# --- languages, time ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Die Einrichtung muss sicherstellen, dass Daten nicht verloren werden und geschützt sind."),
        ("fr", "Vérifiez que les données sont protégées et que les clés ne sont pas dans le code."),
        ("es", "Verifique que los datos del usuario y las claves están protegidos por el sistema."),
        ("ja", "システムはすべての利用者を認証しなければならない。"),
        ("ko", "시스템은 모든 사용자를 인증해야 한다."),
        ("ru", "Убедитесь, что данные защищены."),
        ("ar", "تحقق من أن البيانات محمية."),
        ("zh-Hant", "資通系統應認證使用者。"),
        ("zh-Hans", "系统应认证用户权限。"),
        ("en", "AES 256"),
        ("en", ""),
    ],
)
def test_languages_are_known_by_script_and_words(language, text):
    assert language_of_text(text) == language


def test_a_version_in_the_name_stands_in_for_one_that_is_not_stated():
    assert told("list-4.0.3-en.json", [{"id": "1", "text": "Do."}]).catalogue.version == "4.0.3"


def test_long_chains_and_many_columns():
    rows = [{"bom-ref": f"a{number}", "parent": f"a{number - 1}", "text": "x"} for number in range(3_000)]
    standard = {"bom-ref": "s", "name": "S", "requirements": rows[1:]}
    told("a.json", {"bomFormat": "CycloneDX", "definitions": {"standards": [standard]}})
    with pytest.raises(Unreadable, match="more than 200 columns"):
        told("a.json", [{"id": "1", "text": "x", **{f"k{number}": "" for number in range(200)}}])

"""The other formats of catalogues, in small files made here; differences, and markdown."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from procurement.catalogues import Kind, LevelScheme, Naming, Unreadable, read_catalogue, read_files, template
from procurement.catalogues.difference import compare, marked
from procurement.catalogues.entries import Level
from procurement.catalogues.markdown import to_html
from procurement.catalogues.naming import code_of_title, language_of_name, language_of_text, version_of_name
from tests.procurement.catalogue_files import (
    ANNEX_CSV,
    ASVS,
    ASVS_CSV,
    ASVS_XML,
    CYCLONEDX,
    LIST,
    LIST_METADATA,
    TABLE,
    entry_of,
    ids,
    read,
    report,
)

# --- ASVS and CycloneDX ------------------------------------------------------------------------------------
FLAT = {
    "requirements": [
        dict(zip(ASVS_CSV.decode().split("\n")[0].split(","), line.split(","), strict=True))
        for line in ASVS_CSV.decode().split("\n")[1:3]
    ]
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("asvs-9.0.0-en.json", ASVS),
        ("asvs-9.0.0-en.flat.json", FLAT),
        ("asvs-9.0.0-en.csv", ASVS_CSV),
        ("asvs-9.0.0-en.xml", ASVS_XML),
        ("asvs-9.0.0-en.cdx.json", CYCLONEDX),
    ],
)
def test_the_asvs_is_the_same_in_every_form(name, content):
    told = report(name, content)
    counts = {"assessable": 2, "groups": 2, "withdrawn": 0, "notes": 0, "parameters": 0, "problems": []}
    assert told.to_document() == {"code": "ASVS", "version": "9.0.0", "language": "en", **counts} | {
        "levels": {"1": 1, "2": 0, "3": 1} if name[-3:] != "csv" and "flat" not in name else {"1": 1, "3": 1}
    }
    assert told.catalogue.scheme.cumulative
    assert told.asked_by["3"] == 2
    assert [entry.id for entry in told.catalogue.entries] == ["V1", "V1.1", "V1.1.1", "V1.1.2"]


def test_ticked_levels_are_sets_and_a_deleted_row_is_withdrawn():
    def item(code, text, *levels):
        ticks = {f"L{n}": {"Required": n in levels, "Requirement": ""} for n in (1, 2, 3)}
        return {"Shortcode": code, "Description": text, **ticks}

    rows = [item("V1.1.1", "Verify one.", 2, 3), item("V1.1.2", "[DELETED, DUPLICATE OF 4.1.3]")]
    rows.append(item("V1.1.3", "[已删除，不可操作]"))
    chapter = {"Shortcode": "V1", "Name": "C", "Items": [{"Shortcode": "V1.1", "Name": "S", "Items": rows}]}
    told = report("a.json", {**ASVS, "Requirements": [chapter]})
    assert told.levels == {"1": 0, "2": 1, "3": 1}
    assert not told.catalogue.scheme.cumulative
    assert (told.assessable, told.withdrawn) == (1, 2)


def standard(*requirements, **more):
    return {
        "bomFormat": "CycloneDX",
        "declarations": {
            "standards": [{"bom-ref": "x-1", "version": "1", "requirements": requirements, **more}]
        },
    }


def test_in_cyclonedx_what_has_nothing_below_it_is_asked():
    told = report(
        "x.json",
        standard(
            {"bom-ref": "a", "identifier": "A", "text": "A heading with a text."},
            {"bom-ref": "b", "identifier": "B", "text": "Do.", "parent": "a", "descriptions": ["Why."]},
            {"bom-ref": "c", "identifier": "C", "text": "Alone."},
            {"bom-ref": "d", "identifier": "D", "title": "A title and nothing else"},
        ),
    )
    assert ids(told.catalogue, Kind.ASSESSABLE) == ["B", "C"]
    assert ids(told.catalogue, Kind.GROUP) == ["A", "D"]
    assert entry_of(told.catalogue, "B").guidance == "Why."


def test_where_only_activities_have_identifiers_the_rest_are_headings():
    told = report(
        "x.json",
        standard(
            {"bom-ref": "practice", "title": "Practice", "text": "Which nothing is below."},
            {"bom-ref": "A1", "identifier": "A1", "text": "Do.", "parent": "gone"},
        ),
    )
    assert (told.assessable, told.groups) == (1, 1)
    assert [str(problem) for problem in told.problems] == [
        "“A1” belongs to “gone”, which is not in the file."
    ]


def test_what_a_level_says_it_holds_is_held_against_what_was_read():
    levels = [
        {"identifier": "Level 1", "requirements": ["a", "b"]},
        {"identifier": "Level 2", "requirements": []},
    ]
    told = report("x.json", standard({"bom-ref": "a", "identifier": "A", "text": "Do."}, levels=levels))
    assert [str(problem) for problem in told.problems] == [
        "The level “1” names 1 requirements that are not in the file: b.",
        "The file says that the level “1” holds 2; 1 were read.",
    ]
    assert not told.blocked


def test_the_publishers_own_count_is_held_against_what_was_read():
    told = report("asvs.json", {**ASVS, "Version": "5.0.0"})
    assert [str(one) for one in told.problems] == [
        "The publisher counts 345 (OWASP ASVS 5.0.0); 2 were read."
    ]


# --- YAML lists, tables, our own form ----------------------------------------------------------------------
def test_levels_of_a_list_are_sets_and_what_is_retired_is_counted_but_not_picked():
    told = report("OSPS-AC.yaml", LIST)
    assert told.catalogue.code == "OSPS"
    assert told.levels == {"maturity-1": 2, "maturity-2": 1}
    assert not told.catalogue.scheme.cumulative
    assert (told.assessable, told.groups) == (2, 2)
    assert entry_of(told.catalogue, "OSPS-AC-01.02").retired
    assert entry_of(told.catalogue, "OSPS-AC-01.01").text == "MFA MUST be used."


def test_a_folder_of_lists_is_one_catalogue():
    files = {"OSPS-AC.yaml": LIST, "metadata.yaml": LIST_METADATA, "lexicon.yaml": b"- term: X\n"}
    catalogue = read_files(files)
    assert (catalogue.code, catalogue.version, catalogue.title) == (
        "OSPS-BASELINE",
        "2026.10",
        "Open Source Baseline",
    )
    assert catalogue.scheme.levels == (Level("maturity-1", "Level 1"), Level("maturity-2", "Level 2"))
    with pytest.raises(Unreadable, match=r"read as one YAML list only \(OSPS\); a.json is none"):
        read_files(files | {"a.json": b"{}"})


def test_the_first_edition_of_such_a_list_has_criteria():
    old = b"category: AC\ncriteria:\n - {id: A-1, maturity_level: 1, criterion: MUST., rationale: Why.}\n"
    told = report("old.yaml", old)
    assert (told.assessable, told.groups, told.levels) == (1, 1, {"1": 1})
    assert entry_of(told.catalogue, "A-1").guidance == "Why."


def test_annex_10_has_a_note_and_cumulative_levels():
    told = report("tw-annex10.csv", ANNEX_CSV)
    assert (told.assessable, told.notes, told.groups) == (2, 1, 4)
    assert told.levels == {"普": 2, "中": 0, "高": 1}
    assert told.asked_by == {"普": 2, "中": 2, "高": 3}
    assert told.catalogue.language == "zh-Hant-TW"
    assert "checked against the gazette" in str(told.catalogue.remarks[0])
    assert entry_of(told.catalogue, "TW-A10-AC-02").remark == "原中級移列"


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_our_own_form_filled_in_is_read(language):
    filled = template.blank_csv(language).decode("utf-8-sig").rstrip("\r\n").split("\r\n")
    kinds = {"zh-hant": ("群組", "要求", "廢止", "註"), "en": ("Group", "Requirement", "Withdrawn", "Note")}[
        language
    ]
    lowest = {"zh-hant": "普", "en": "1"}[language]
    rows = [
        f"G,,{kinds[0]},Access,,,,",
        f"G-1,G,{kinds[1]},,Do one.,{lowest},Why.,",
        f"G-2,G,{kinds[2]},,Gone.,,,",
        f"G-3,G,{kinds[3]},,Read it so.,,,mind",
    ]
    told = report("form.csv", "\r\n".join([*filled, *rows]).encode())
    assert (told.assessable, told.groups, told.withdrawn, told.notes) == (1, 1, 1, 1)
    assert (told.catalogue.code, told.catalogue.version) == ("BANK-SEC", "1.0")
    assert told.catalogue.scheme.cumulative
    assert told.levels[lowest] == 1
    assert told.problems == ()


def test_the_empty_workbook_is_read_as_empty():
    with pytest.raises(Unreadable, match="no row below them is filled"):
        read_catalogue("form.xlsx", template.blank_workbook("en"))


def test_the_workbook_filled_in_is_read():
    book = load_workbook(BytesIO(template.blank_workbook("zh-hant")))
    for row in (["A-1", None, None, "一", "應採用加密機制。", "高"], ["A-2", None, "註", None, "從寬解釋。"]):
        book.worksheets[0].append(row)
    file = BytesIO()
    book.save(file)
    told = report("form.xlsx", file.getvalue())
    assert (told.assessable, told.notes, told.levels) == (1, 1, {"普": 0, "中": 0, "高": 1})
    assert told.catalogue.language == "zh-Hant"


def test_groups_may_have_identifiers_and_names():
    rows = b"GV.OC-01,GV,GOVERN,Context,Known.\nGV.OC-02,GV,GOVERN,Context,Met.\n"
    catalogue = read("csf.csv", b"id,function_id,function,category,text\n" + rows)
    assert [(entry.id, entry.title, entry.parent) for entry in catalogue.entries[:2]] == [
        ("GV", "GOVERN", ""),
        ("GV / Context", "Context", "GV"),
    ]
    assert ids(catalogue, Kind.ASSESSABLE) == ["GV.OC-01", "GV.OC-02"]


def test_a_group_may_be_called_by_a_whole_sentence():
    group = read("x.json", {"requirements": [{"id": "A", "text": "Do.", "category": "Long " * 60}]}).entries[
        0
    ]
    assert (group.kind, len(group.id), group.title) == (Kind.GROUP, 161, ("Long " * 60).strip())


def test_a_table_may_have_titles_only():
    assert read("x.csv", b"id,title\nA,Do it\n").entries[0].text == "Do it"


# --- what is wrong with a file -----------------------------------------------------------------------------
def test_doubled_rows_empty_texts_and_lost_rows_are_told():
    rows = b"id,title,text\nA,,Do.\nA,,Do.\nB,,One.\nB,,Another.\nC,Only a title,\n,,Nameless.\n"
    told = report("x.csv", rows)
    assert [(problem.blocks, str(problem)) for problem in told.problems] == [
        (True, "“B” stands twice with different texts (x 5); only the first is kept."),
        (True, "x 7 has no identifier and is left out: Nameless."),
        (False, "“A” stands twice with the same text (x 3); it is kept once."),
        (False, "1 requirements have no text: C"),
    ]
    assert told.blocked


def test_what_a_person_calls_it_goes_before_what_the_file_says():
    catalogue = read("x.csv", TABLE, naming=Naming("OURS", "7", "zh_hant"))
    assert (catalogue.code, catalogue.version, catalogue.language) == ("OURS", "7", "zh-Hant")
    with pytest.raises(Unreadable, match="is no language tag"):
        read("x.csv", TABLE, naming=Naming(language="no language at all"))


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("MVSP - Minimum Viable Secure Product  - v3.0-20231109", "MVSP"),
        (
            "NIST Special Publication 800-53 Revision 5.1.1 LOW IMPACT BASELINE",
            "NIST-SP-800-53-LOW-BASELINE",
        ),
        ("Sample Catalog *for Demonstration*", "SAMPLE-CATALOG-FOR-DEMONSTRATION"),
    ],
)
def test_codes_of_titles(title, code):
    assert code_of_title(title) == code


def test_names_of_files():
    assert language_of_name("OWASP Application Security Verification Standard 4.0.3-zh-cn.json") == "zh-CN"
    assert language_of_name("NIST_SP-800-53_rev5_catalog-min.json") == ""
    assert version_of_name("asvs-5.0.0-en.flat.json") == "5.0.0"
    assert version_of_name("tw-annex10.csv") == ""
    assert language_of_text("應採用加密機制。") == "zh-Hant"
    assert language_of_text("应采用加密机制。") == "zh-Hans"


# --- levels, differences, markdown -------------------------------------------------------------------------
def test_cumulative_levels_ask_for_what_the_lower_ones_ask():
    levels = tuple(map(Level, "普中高"))
    assert LevelScheme(levels, cumulative=True).asked_by("中") == {"普", "中"}
    assert LevelScheme(levels).asked_by("中") == {"中"}
    with pytest.raises(KeyError):
        LevelScheme(levels).asked_by("低")


def test_what_a_newer_edition_changes():
    before = read("x.csv", TABLE).entries
    after = read("x.csv", b"id,title,text,level\nA-1,One,Do only one.,2\nA-3,Three,Do three.,1\n").entries
    differs = compare(before, after)
    assert [entry.id for entry in differs.added] == ["A-3"]
    assert [entry.id for entry in differs.removed] == ["A-2"]
    change = differs.changed[0]
    assert change.moved_level
    assert [(piece.change, piece.text) for piece in change.pieces if piece.change] == [
        ("added", " only")
    ] or [(piece.change, piece.text) for piece in change.pieces if piece.change] == [("added", "only ")]
    assert not compare(before, before)


def test_words_of_chinese_are_its_characters():
    pieces = marked("應採用加密機制。", "應採用強加密機制。")
    assert [piece.text for piece in pieces if piece.change == "added"] == ["強"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b*", "<p>a <em>b</em></p>\n"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](#ac-2)", '<p><a rel="noopener noreferrer nofollow">a</a></p>\n'),
        ("[a](https://x.y)", '<p><a href="https://x.y" rel="noopener noreferrer nofollow">a</a></p>\n'),
        ('<b style="x" onclick="y">', '<p>&lt;b style="x" onclick="y"&gt;</p>\n'),
    ],
)
def test_markdown_goes_through_an_allow_list(text, html):
    assert to_html(text) == html


def test_a_picture_is_no_picture():
    assert "<img" not in to_html("![i](https://x.y/z.png)")

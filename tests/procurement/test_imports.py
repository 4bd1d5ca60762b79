"""Requirements and criteria out of a table: dry run, faults by cell, all of it or nothing."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procurement.actions.locking import Stale
from procurement.actions.picking import Choice, pick
from procurement.actions.reusing import document_of
from procurement.imports import store_import, try_import
from procurement.models import AuditEntry, Criterion, Requirement
from procurement.rules import Forbidden
from procurement.sheets.parsing import parse
from tests.cast import NOW

pytestmark = pytest.mark.django_db

REQUIREMENTS = """code,title,kind,mandatory,severity,unit,source,evidence
R1,Requirement R1,,,重大,,,
R3,Now a gate,security,是,medium,資訊處,,
R4,New one,legal,no,low,Security,Rule 4,A letter
"""

CRITERIA = """code,parent,title,kind,weight,minimum,maximum,units,value
S1,S,Allow-listing,資安,25,,5,資安處、IT,
S2,S,Patching,security,20,,,,
S,,Security,,45,27,,,
"""


def read(kind, text):
    return parse(kind, f"{kind}.csv", text.encode())


def dry(cast, tender, kind, text):
    return try_import(actor=cast.officer, tender=tender, parsed=read(kind, text), now=NOW)


def run(cast, tender, kind, text):
    outcome = dry(cast, tender, kind, text)
    return store_import(
        actor=cast.officer, tender=tender, parsed=read(kind, text), expected=outcome.lines, now=NOW
    )


def does(outcome):
    return {line.code: line.does for line in outcome.lines}


#: What readers of English, and those who verify, get beside the text of record.
BESIDE_TEXTS = """編號,要求,英文要求,符合條件,最低佐證程度
R1,主機執行白名單,The host runs listed programs only,未列名程式遭阻擋,第三方測試
"""


# --- the import ---------------------------------------------------------------------------------------------
def test_a_dry_run_stores_nothing(cast, draft):
    before = list(Requirement.objects.values())
    outcome = dry(cast, draft, "requirements", REQUIREMENTS)
    assert outcome.faults == []
    assert does(outcome) == {"R1": "same", "R3": "changed", "R4": "added"}
    assert outcome.lines[1].changes["mandatory"] == [False, True]
    assert list(Requirement.objects.values()) == before
    assert not AuditEntry.objects.exists()


def test_requirements_are_added_and_changed(cast, draft, units):
    run(cast, draft, "requirements", REQUIREMENTS)
    first, third, fourth = (Requirement.objects.get(code=code) for code in ("R1", "R3", "R4"))
    assert (first.source, first.evidence) == ("ATM baseline 4.1", "Test report"), "empty cells change nothing"
    assert (third.title, third.mandatory, third.unit, third.owner) == ("Now a gate", True, units["it"], None)
    assert (fourth.kind, fourth.mandatory, fourth.unit) == ("legal", False, units["security"])
    assert [entry.action for entry in AuditEntry.objects.order_by("seq")] == [
        "edit requirement",
        "add requirement",
        "import requirements",
    ]
    assert does(dry(cast, draft, "requirements", REQUIREMENTS)) == dict.fromkeys(("R1", "R3", "R4"), "same")


def test_criteria_come_in_whatever_order_they_stand_in(cast, draft):
    outcome = run(cast, draft, "criteria", CRITERIA)
    assert does(outcome) == {"S": "changed", "S1": "added", "S2": "added"}
    group, part = Criterion.objects.get(code="S"), Criterion.objects.get(code="S1")
    assert (group.kind, group.minimum, part.parent, part.maximum) == ("", 27, group, 5)
    assert [link.unit.code for link in part.marking_units.all()] == ["security", "it"]
    assert does(dry(cast, draft, "criteria", CRITERIA)) == dict.fromkeys(("S", "S1", "S2"), "same")


def test_a_tree_of_new_criteria_in_any_order(cast, draft):
    draft.criteria.all().delete()
    text = "code,parent,title,kind,weight\nA1a,A1,x,quality,1\nA1,A,x,,1\nA,,x,,1\n"
    run(cast, draft, "criteria", text)
    assert Criterion.objects.get(code="A1a").parent.parent.code == "A"


BESIDE = """code,parent,title,weight,kind,maximum,anchors,evidence_caps
S,,Security,45,security,5,"5 = 本行實測
0：未提供",否
"""


def test_the_scale_and_what_is_read_beside_it_come_in(cast, draft):
    outcome = run(cast, draft, "criteria", BESIDE)
    assert outcome.lines[0].changes["evidence_caps"] == [None, False]
    leaf = Criterion.objects.get(code="S")
    assert leaf.anchors == [{"mark": "0", "text": "未提供"}, {"mark": "5", "text": "本行實測"}]
    assert not leaf.caps_marks
    run(cast, draft, "requirements", "code,title,criterion\nR1,Requirement R1,ｓ\n")
    assert Requirement.objects.get(code="R1").criterion == leaf
    run(cast, draft, "requirements", "code,title,source\nR1,Requirement R1,Rule 5\n")
    run(cast, draft, "criteria", "code,title,weight\nS,Safety,45\n")
    leaf.refresh_from_db()
    assert (len(leaf.anchors), leaf.evidence_caps) == (2, False), "empty cells change nothing"
    assert Requirement.objects.get(code="R1").criterion == leaf


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        ("requirements", "code,title,unit\nR9,x,nobody\n", "C2 No unit is called “nobody”."),
        ("requirements", "code,title,severity\nR9,x,terrible\n", "C2 "),
        ("requirements", "code,title\nR9,x\nr９,y\n", "A3 “r９” stands twice"),
        ("criteria", "code,title,weight,parent\nX,x,5,Y\n", "D2 No criterion has the code “Y”."),
        ("criteria", "code,title,weight,parent\nX,x,5,Y\nY,y,5,X\n", "D2 No criterion has the code “Y”."),
        ("criteria", "code,title,weight,parent\nS,x,45,S\n", "D2 A criterion cannot be part of itself."),
        ("criteria", "code,title,weight\nX,x,0\n", "C2 "),
        ("criteria", "code,title,weight,maximum,anchors\nX,x,1,5,6 = best\n", "E2 The mark 6 lies above"),
        ("criteria", "code,title,weight,anchors\nX,x,1,best\n", "D2 “best” is no anchor"),
        ("criteria", "code,title,weight,evidence_caps\nX,x,1,perhaps\n", "D2 “perhaps” is neither"),
        ("requirements", "code,title,criterion\nR9,x,Z\n", "C2 No criterion has the code “Z”."),
        ("criteria", "code,title,weight,units\nX,x,1,資安處、外星處\n", "D2 No unit is called “外星處”."),
    ],
)
def test_every_fault_has_its_cell_and_nothing_is_stored(cast, draft, kind, text, fault):
    first = dry(cast, draft, kind, text).faults[0]
    assert fault in f"{first.address} {first.text}"
    assert not AuditEntry.objects.exists()


def test_all_faults_are_listed(cast, draft):
    text = "code,title,unit\nR8,x,nobody\nR9,y,no one\n"
    assert [fault.address for fault in dry(cast, draft, "requirements", text).faults] == ["C2", "C3"]


def test_more_rows_than_a_specification_has(cast, draft):
    text = "code,title\n" + "".join(f"R{n},x\n" for n in range(100, 1101))
    assert "at most 1000" in dry(cast, draft, "requirements", text).faults[0].text


def test_what_changed_since_the_dry_run_is_not_overwritten(cast, draft):
    outcome = dry(cast, draft, "requirements", REQUIREMENTS)
    draft.requirements.filter(code="R3").update(title="Changed by a colleague")
    parsed = read("requirements", REQUIREMENTS)
    with pytest.raises(Stale):
        store_import(actor=cast.officer, tender=draft, parsed=parsed, expected=outcome.lines, now=NOW)
    assert draft.requirements.count() == 3
    assert not AuditEntry.objects.exists()


def test_only_into_a_draft_and_only_by_officers(cast, published):
    with pytest.raises(Forbidden):
        dry(cast, published, "requirements", REQUIREMENTS)
    published.stage = "draft"
    published.save()
    parsed = read("requirements", REQUIREMENTS)
    with pytest.raises(Forbidden):
        try_import(actor=cast.security, tender=published, parsed=parsed, now=NOW)


# --- the pages ----------------------------------------------------------------------------------------------
def upload(client, tender, text, kind="requirements", name="r.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(
        reverse("tender-import", args=[tender.pk, kind]), {"file": SimpleUploadedFile(name, data)}
    )


def test_from_upload_to_confirmation(client, cast, draft):
    client.force_login(cast.officer)
    url = reverse("tender-import", args=[draft.pk, "requirements"])
    assert client.get(url).status_code == 200
    page = upload(client, draft, REQUIREMENTS)
    assert draft.requirements.count() == 3
    assert client.post(url, {"plan": page.context["plan"]}).url == reverse("tender", args=[draft.pk])
    assert draft.requirements.count() == 4


def test_a_faulty_file_offers_no_confirmation(client, cast, draft):
    client.force_login(cast.officer)
    page = upload(client, draft, "code,title,unit\nR9,x,nobody\n")
    assert "plan" not in page.context
    assert "No unit is called “nobody”." in page.content.decode()
    assert ">C2<" in page.content.decode()


def test_a_file_that_is_none_gets_a_sentence(client, cast, draft):
    client.force_login(cast.officer)
    for name, data in (
        ("r.xlsx", b"%PDF-1.7 no table"),
        ("r.csv", b""),
        ("r.xlsx", b"PK\x03\x04broken"),
    ):
        page = upload(client, draft, data, name=name)
        assert page.status_code == 200
        assert "plan" not in page.context


def test_a_plan_is_one_persons_for_one_tender(client, cast, draft):
    client.force_login(cast.officer)
    plan = upload(client, draft, REQUIREMENTS).context["plan"]
    for url, sent in (
        (reverse("tender-import", args=[draft.pk, "criteria"]), plan),
        (reverse("tender-import", args=[draft.pk, "requirements"]), plan + "x"),
    ):
        assert "too old" in client.post(url, {"plan": sent}, follow=True).content.decode()
    assert draft.requirements.count() == 3


def test_a_stale_plan_is_refused(client, cast, draft):
    client.force_login(cast.officer)
    plan = upload(client, draft, REQUIREMENTS).context["plan"]
    draft.requirements.filter(code="R3").update(title="Changed by a colleague")
    url = reverse("tender-import", args=[draft.pk, "requirements"])
    assert client.post(url, {"plan": plan}).status_code == 409


def test_nothing_to_do_says_so(client, cast, draft):
    client.force_login(cast.officer)
    page = upload(client, draft, "code,title\nR1,Requirement R1\n")
    assert "Everything in the file is here already." in page.content.decode()


def test_the_dry_run_says_what_the_scale_becomes(client, cast, draft):
    client.force_login(cast.officer)
    page = upload(client, draft, BESIDE, "criteria").content.decode()
    assert "0 = 未提供; 5 = 本行實測" in page
    assert "evidence caps the mark: — → No" in page


def test_texts_come_in_beside_the_text_of_record(cast, draft):
    run(cast, draft, "requirements", BESIDE_TEXTS)
    row = draft.requirements.get(code="R1")
    assert (row.title, row.title_en) == ("主機執行白名單", "The host runs listed programs only")
    assert (row.pass_test, row.evidence_level) == ("未列名程式遭阻擋", "tested")
    assert does(dry(cast, draft, "requirements", BESIDE_TEXTS)) == {"R1": "same"}
    run(cast, draft, "requirements", "code,title\nR1,改寫之要求\n")
    row.refresh_from_db()
    assert (row.title, row.title_en, row.pass_test) == ("改寫之要求", "", "未列名程式遭阻擋")


def test_a_criterion_that_is_renamed_loses_the_english_that_nobody_looked_at(cast, draft):
    run(cast, draft, "criteria", "code,title,weight,title_en\nS,資安,45,Security\n")
    row = draft.criteria.get(code="S")
    assert (row.title, row.title_en) == ("資安", "Security")
    run(cast, draft, "criteria", "code,title,weight\nS,資訊安全,45\n")
    row.refresh_from_db()
    assert (row.title, row.title_en) == ("資訊安全", "")


def test_where_a_requirement_comes_from_goes_out_and_comes_in_with_its_blanks(client, cast, draft):
    pick(actor=cast.officer, tender=draft, keys=["b:ASY-AC-03"], choice=Choice(), now=NOW)
    before = document_of(draft)["requirements"]
    client.force_login(cast.officer)
    out = client.get(reverse("import-filled", args=[draft.pk, "requirements"])).content
    draft.requirements.all().delete()
    parsed = parse("requirements", "out.xlsx", out)
    expected = try_import(actor=cast.officer, tender=draft, parsed=parsed, now=NOW).lines
    store_import(actor=cast.officer, tender=draft, parsed=parsed, expected=expected, now=NOW)
    assert document_of(draft)["requirements"] == before
    assert [blank["id"] for blank in draft.requirements.get(code="ASY-AC-03").blanks] == ["hours"]


def test_a_level_of_evidence_that_is_none_is_named_with_its_cell(cast, draft):
    outcome = dry(cast, draft, "requirements", BESIDE_TEXTS.replace("第三方測試", "很好"))
    (fault,) = outcome.faults
    assert fault.address == "E2"
    assert "很好" in fault.text


@pytest.mark.parametrize("kind", ["requirements", "criteria"])
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_what_goes_out_comes_back_as_the_same(client, cast, draft, kind, language):
    run(cast, draft, "criteria", BESIDE)
    run(cast, draft, "requirements", "code,title,criterion\nR1,Requirement R1,S\n")
    run(cast, draft, "requirements", BESIDE_TEXTS)
    client.force_login(cast.officer)
    type(cast.officer).objects.filter(pk=cast.officer.pk).update(language=language)
    out = client.get(reverse("import-filled", args=[draft.pk, kind]))
    assert out.headers["Content-Disposition"] == f'attachment; filename="{draft.reference}-{kind}.xlsx"'
    parsed = parse(kind, "out.xlsx", out.content)
    outcome = try_import(actor=cast.officer, tender=draft, parsed=parsed, now=NOW)
    assert outcome.faults == []
    stored = draft.requirements if kind == "requirements" else draft.criteria
    assert does(outcome) == dict.fromkeys(stored.values_list("code", flat=True), "same")
    values = {row["code"]: row for row in parsed.rows}
    if kind == "criteria":
        assert (values["S"]["anchors"], values["S"]["evidence_caps"]) == ("0 = 未提供\n5 = 本行實測", False)
    else:
        assert values["R1"]["criterion"] == "S"


def test_the_filled_table_asks_the_same_queries_for_one_row_as_for_three(
    client, cast, draft, django_assert_num_queries
):
    client.force_login(cast.officer)
    url = reverse("import-filled", args=[draft.pk, "requirements"])
    client.get(url)  # the first reading is an entry of the trail
    for _rows in (3, 1):
        with django_assert_num_queries(4):
            client.get(url)
        draft.requirements.exclude(code="R1").delete()


def test_unknown_kinds_are_not_there(client, cast, draft):
    client.force_login(cast.officer)
    assert client.get(reverse("tender-import", args=[draft.pk, "bids"])).status_code == 404
    assert client.get(reverse("import-template", args=["bids", "xlsx"])).status_code == 404
    assert client.get(reverse("import-filled", args=[draft.pk, "bids"])).status_code == 404
    assert client.get(reverse("import-template", args=["criteria", "pdf"])).status_code == 404


@pytest.mark.parametrize("kind", ["requirements", "criteria"])
def test_templates_are_handed_out_and_taken_back(client, cast, draft, kind):
    client.force_login(cast.officer)
    workbook = client.get(reverse("import-template", args=[kind, "xlsx"]))
    assert workbook.headers["Content-Disposition"] == f'attachment; filename="{kind}.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(workbook.content)).sheetnames
    table = client.get(reverse("import-template", args=[kind, "csv"]))
    assert table.headers["Content-Type"].startswith("text/csv")
    assert upload(client, draft, table.content, kind).status_code == 200
    client.force_login(cast.vendor)
    assert client.get(reverse("import-template", args=[kind, "csv"])).status_code == 403

"""Loading catalogues: once, never changed, on the trail; who may; what a profile draws on; the command."""

import json
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from procurement import queries
from procurement.actions import catalogues as steps
from procurement.catalogues import Naming
from procurement.catalogues.baseline import as_catalogue
from procurement.choices import EntryKind
from procurement.models import AuditEntry, Catalogue, CatalogueEntry, CatalogueUpload
from procurement.rules import Forbidden
from tests.cast import NOW
from tests.procurement.catalogue_files import (
    ANNEX_CSV,
    ASVS,
    ASVS_CSV,
    LIST,
    LIST_METADATA,
    OSCAL,
    OSCAL_XML,
    PROFILE,
    TABLE,
    dumped,
    read,
)

pytestmark = pytest.mark.django_db


def load(actor, name="tiny.json", content=OSCAL, **more):
    data = content if isinstance(content, bytes) else dumped(content)
    catalogue = steps.read_files({name: data}, more)
    return steps.load_catalogue(actor=actor, catalogue=catalogue, files={name: data}, now=NOW)


def test_everything_of_a_row_is_stored(cast):
    row, is_new = load(cast.officer)
    assert is_new
    assert (row.code, row.edition, row.language, row.publisher) == ("TINY", "1.0", "en", "Us")
    assert row.loaded_by == "Officer (Procurement)"
    read_again = [entry.as_read() for entry in row.entries.all()]
    assert tuple(read_again) == read("tiny.json", OSCAL).entries
    control = row.entries.get(identifier="ac-2")
    assert (control.parent, control.family) == ("ac", "ac")
    assert row.entries.get(identifier="ac-2.1").family == "ac"
    assert row.entries.get(identifier="ac").family == ""
    assert control.digest == control.as_read().digest
    assert row.families == [("ac", "Access Control")]


def test_the_same_content_again_changes_nothing(cast):
    first, _is_new = load(cast.officer)
    entries = AuditEntry.objects.count()
    again, is_new = load(cast.security, "tiny.xml", OSCAL_XML)
    assert (again.pk, is_new) == (first.pk, False)
    assert AuditEntry.objects.count() == entries


def test_the_same_edition_with_another_content_is_refused(cast):
    load(cast.officer, "t.csv", TABLE)
    changed = TABLE.replace(b"Do one.", b"Do it all.") + b"A-3,,Do three.,1\n"
    with pytest.raises(
        ValidationError, match=r"1 rows are new here, 0 are missing, 1 differ. Nothing was changed"
    ):
        load(cast.officer, "t.csv", changed)
    assert CatalogueEntry.objects.count() == 2
    newer, _is_new = load(cast.officer, "t.csv", changed, version="2")
    assert [other.edition for other in newer.other_editions] == ["unstated"]


def test_a_file_with_faults_is_not_loaded(cast):
    with pytest.raises(ValidationError, match="“A” stands twice with different texts"):
        load(cast.officer, "t.csv", b"id,text\nA,One.\nA,Two.\n")
    assert not Catalogue.objects.exists()


def test_who_loads_and_who_reads(cast):
    for name in ("officer", "security", "security_head"):
        load(getattr(cast, name), "t.csv", TABLE, version=name)
    for name in ("business", "business_head", "approver", "auditor", "administrator", "vendor", "stranger"):
        with pytest.raises(Forbidden):
            load(getattr(cast, name), "t.csv", TABLE, version=name)
    for name in ("officer", "security", "business", "stranger", "approver", "auditor"):
        assert queries.catalogues_visible_to(getattr(cast, name)).count() == 3
        assert queries.entries_for_picking(getattr(cast, name)).count() == 6
    for name in ("administrator", "vendor"):
        assert not queries.catalogues_visible_to(getattr(cast, name)).exists()
        assert not queries.entries_for_picking(getattr(cast, name)).exists()


def test_the_trail_tells_what_was_loaded(cast):
    row, _is_new = load(cast.officer)
    entry = AuditEntry.objects.get(action="load catalogue")
    payload = json.loads(entry.payload)
    assert (entry.object, entry.actor_name) == (str(row), "Officer (Procurement)")
    assert payload["digest"] == row.digest
    assert payload["assessable"] == "2"
    assert list(payload["files"]) == ["tiny.json"]


def test_only_what_can_be_asked_is_for_picking(cast):
    load(cast.officer)
    load(cast.officer, "OSPS-AC.yaml", LIST)
    load(cast.officer, "tw-annex10.csv", ANNEX_CSV)
    picked = queries.entries_for_picking(cast.business)
    assert {entry.identifier for entry in picked} == {
        "ac-2",
        "ac-2.1",
        "OSPS-AC-01.01",
        "TW-A10-AC-01",
        "TW-A10-AC-02",
    }
    assert [entry.identifier for entry in picked.saying("reviews accounts")] == ["ac-2"]
    assert [entry.identifier for entry in picked.saying("監控")] == ["TW-A10-AC-02"]


def test_levels_add_up_or_are_sets(cast):
    annex, _is_new = load(cast.officer, "tw-annex10.csv", ANNEX_CSV)
    entries = annex.entries.filter(kind=EntryKind.ASSESSABLE)
    assert entries.asked_by(annex.scheme, "高").count() == 2
    assert entries.asked_by(annex.scheme, "中").count() == 1
    osps, _is_new = load(cast.officer, "OSPS-AC.yaml", LIST)
    assert osps.entries.asked_by(osps.scheme, "maturity-2").count() == 1
    with pytest.raises(KeyError):
        osps.entries.asked_by(osps.scheme, "maturity-9")


def test_a_profile_draws_on_what_is_stored(cast):
    files = {"low.json": dumped(PROFILE)}
    with pytest.raises(ValidationError, match="which is not here"):
        steps.keep_upload(actor=cast.officer, files=files, naming={}, now=NOW)
    load(cast.officer, "tiny_catalog.xml", OSCAL_XML)
    upload = steps.keep_upload(actor=cast.officer, files=files, naming={}, now=NOW)
    row, _is_new = steps.load_upload(actor=cast.officer, upload=upload, now=NOW)
    assert row.code == "TINY-LOW"
    assert "monthly" in row.entries.get(identifier="ac-2").shown
    assert not CatalogueUpload.objects.exists()


def test_a_person_has_one_upload(cast):
    for version in ("1", "2"):
        steps.keep_upload(actor=cast.officer, files={"t.csv": TABLE}, naming={"version": version}, now=NOW)
    upload = CatalogueUpload.objects.get()
    assert steps.read_files(steps.unpacked(bytes(upload.files)), upload.naming).version == "2"


def test_files_come_back_as_they_were_packed():
    files = {"b.yaml": b"x", "a.yaml": "中".encode()}
    assert steps.unpacked(steps.packed(files)) == files
    assert steps.packed(files) == steps.packed(dict(reversed(files.items())))


def test_the_built_in_baseline_is_a_catalogue_in_each_language(cast):
    for language in ("zh-Hant", "en"):
        row, is_new = steps.load_catalogue(
            actor=cast.officer, catalogue=as_catalogue(language), files={}, now=NOW
        )
        assert is_new
        assert row.entries.pickable().count() > 75


# --- the command -------------------------------------------------------------------------------------------
def run(*arguments, **options):
    out = StringIO()
    call_command("loadcatalogue", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_the_report_and_nothing_else(tmp_path):
    path = tmp_path / "tiny.json"
    path.write_bytes(dumped(OSCAL))
    assert json.loads(run(path, dry_run=True, format="json")) == {
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
    assert not Catalogue.objects.exists()


def test_the_command_loads_once(tmp_path):
    path = tmp_path / "asvs-9.0.0-en.csv"
    path.write_bytes(ASVS_CSV)
    assert "ASVS 9.0.0 (en) is loaded." in run(path)
    assert "ASVS 9.0.0 (en) was here already." in run(path)
    assert AuditEntry.objects.get(action="load catalogue").actor_name == "manage.py"
    said = run(path, code="OURS", edition="1", language="de")
    assert "OURS 1 (de) is loaded." in said
    assert "level 3: 1 rows; it asks for 2" in said


def test_the_command_reads_a_folder(tmp_path):
    (tmp_path / "OSPS-AC.yaml").write_bytes(LIST)
    (tmp_path / "metadata.yaml").write_bytes(LIST_METADATA)
    (tmp_path / "README.md").write_text("none")
    told = json.loads(run(tmp_path, format="json"))
    assert (told["code"], told["assessable"]) == ("OSPS-BASELINE", 2)
    assert Catalogue.objects.get().file_name == ""


def test_the_command_finds_what_a_profile_draws_on(tmp_path):
    profile = tmp_path / "low.json"
    profile.write_bytes(dumped(PROFILE))
    with pytest.raises(CommandError, match=r"draws on “tiny_catalog.xml”, which is not here") as refusal:
        run(profile, dry_run=True)
    assert refusal.value.returncode == 2
    other = tmp_path / "elsewhere" / "other-name.xml"
    other.parent.mkdir()
    other.write_bytes(OSCAL_XML)
    assert "1 requirements" in run(profile, dry_run=True, beside=[other])
    (tmp_path / "tiny_catalog.json").write_bytes(dumped(OSCAL))
    assert "1 requirements" in run(profile, dry_run=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"// x\n{}", "Line 1 holds a comment"),
        (b"id,text\nA,One.\nA,Two.\n", "stands twice with different texts"),
        (None, "cannot be read"),
    ],
)
def test_the_command_refuses_with_status_2(tmp_path, content, words):
    path = tmp_path / ("x.json" if content and content.startswith(b"/") else "x.csv")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=words) as refusal:
        run(path)
    assert refusal.value.returncode == 2
    assert not Catalogue.objects.exists()


def test_the_command_needs_to_know_what(tmp_path):
    for arguments in ([], [tmp_path, "--baseline"]):
        with pytest.raises(CommandError, match=r"Name a file, or --baseline."):
            run(*arguments)
    assert "is loaded." in run("--baseline")
    assert Catalogue.objects.count() == 2


def test_the_naming_of_a_person_is_kept():
    assert steps.read_files({"a.json": dumped(ASVS)}, {"code": "X"}).code == "X"
    assert Naming() == Naming("", "", "")

"""A case file goes into the database and comes back as it was."""

import json
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from bids.actions.loading import decimal_of, load_case
from bids.cases import case_document, evaluated, publication_fingerprint, publication_text
from bids.evaluation import Refused, evaluate, fingerprint, read, read_document
from bids.models import Mark
from procurement.choices import Stage
from procurement.models import AuditEntry, Tender
from tests.cast import NOW

ROOT = Path(__file__).resolve().parents[2]
STORIES = sorted((ROOT / "bids" / "management" / "stories").glob("*.json"))
SHARED = sorted(
    path for path in (ROOT.parent / "shared" / "cases").glob("*.json") if ".expected" not in path.name
)

pytestmark = pytest.mark.django_db


def store(path):
    return load_case(read(path.read_bytes()), now=NOW)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_stored_case_has_the_fingerprint_and_the_result_of_the_file(path):
    original = read(path.read_bytes())
    tender = store(path)
    case, result = evaluated(tender, now=NOW)
    assert fingerprint(case) == fingerprint(original)
    assert result.to_document() == evaluate(original).to_document()
    assert tender.stage == Stage.PRICE_OPENED


@pytest.mark.skipif(not SHARED, reason="the worked cases (shared/cases) are not beside this checkout")
def test_every_worked_case_goes_in_and_comes_out_unchanged():
    stored = 0
    for path in SHARED:
        try:
            original = read(path.read_bytes())
        except Refused:
            continue
        if Tender.objects.filter(reference=original.reference).exists():
            Tender.objects.filter(reference=original.reference).update(reference=f"before {path.stem}")
        tender = store(path)
        assert fingerprint(read_document(case_document(tender, now=NOW))) == fingerprint(original), path.name
        stored += 1
    assert stored > 200


def test_what_is_loaded_is_published_and_on_the_trail():
    tender = store(STORIES[0])
    assert tender.fingerprint == publication_fingerprint(publication_text(tender))
    entry = AuditEntry.objects.get(tender=tender)
    assert entry.action == "load case"
    assert json.loads(entry.payload)["publication"] == tender.fingerprint


def test_a_reference_is_taken_once_and_nothing_is_half_stored():
    store(STORIES[0])
    marks = Mark.objects.count()
    with pytest.raises(ValidationError, match="exists"):
        store(STORIES[0])
    assert (Tender.objects.count(), Mark.objects.count()) == (1, marks)


def test_a_name_too_long_for_the_tables_is_refused_in_words():
    case = json.loads(STORIES[0].read_text(encoding="utf-8"))
    case["reference"] = "x" * 201
    with pytest.raises(ValidationError, match="201"):
        load_case(read(json.dumps(case)), now=NOW)
    assert not Tender.objects.exists()


@pytest.mark.parametrize(
    "text", ["0", "-1", "0.000000000000000000000000000001", "12345678901234567890123456789.5"]
)
def test_a_number_is_stored_exactly(text):
    assert Fraction(decimal_of(Fraction(text))) == Fraction(text)


def test_the_commands_store_and_write_back(tmp_path):
    out = StringIO()
    call_command("loadcase", str(STORIES[0]), stdout=out)
    reference = json.loads(STORIES[0].read_text(encoding="utf-8"))["reference"]
    assert reference in out.getvalue()
    dumped = StringIO()
    call_command("dumpcase", reference, stdout=dumped)
    assert fingerprint(read(dumped.getvalue())) == fingerprint(read(STORIES[0].read_bytes()))


def test_the_commands_refuse_with_status_2(tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": "tender-case/1"}')
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("loadcase", str(broken), stderr=errors)
    assert stopped.value.code == 2
    assert "reference: " in errors.getvalue()
    for name, argument in (("loadcase", str(tmp_path / "nothing.json")), ("dumpcase", "nothing")):
        with pytest.raises(CommandError) as refused:
            call_command(name, argument)
        assert refused.value.returncode == 2

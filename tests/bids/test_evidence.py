"""The evidence of a tender: a folder that the verifier checks alone, and that shows nothing of others."""

import hashlib
import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from bids.actions import evidence, publication
from bids.sealing import merkle, receipts
from bids.sealing.parts import PartDigest, commitment
from procurement import audit
from procurement.audit.checkpoints import make_checkpoint, signing_key
from procurement.choices import Stage
from procurement.models import AuditEntry, Tender
from procurement.signing import verify
from procurement.signing.verify import Fault, canonical, check_folder
from tests.cast import NOW

pytestmark = pytest.mark.django_db

BID = "5c8f0000-0000-4000-8000-000000000001"
PACKAGE = "ab" * 32


def note(cast, tender, text):
    with transaction.atomic():
        audit.record(actor=cast.officer, action="look", object=text, now=NOW, tender=tender)


@pytest.fixture
def walked(cast, draft, anchored):
    """A tender from publication to its cancellation, between entries of another and of none."""
    other = Tender.objects.create(reference="ITS-2026-901", title="Something confidential")
    note(cast, other, "confidential before")
    make_checkpoint("daily")
    note(cast, other, "confidential once more")
    tender = publication.publish(actor=cast.officer, tender=draft, now=NOW)
    make_checkpoint("publish tender")
    note(cast, other, "confidential between")
    note(cast, None, "about nothing")
    return publication.cancel(actor=cast.officer, tender=tender, reason="Given up.", now=NOW)


@pytest.fixture
def sealed(walked):
    """Receipt, refusal, closing record and proof, as they come with sealed bids."""
    key, bound = signing_key(), {"tender": str(walked.pk), "reference": walked.reference, "package": PACKAGE}
    parts = [PartDigest("technical", "01" * 32)]
    told = {"bid": BID, "version": 1, "package": PACKAGE, "parts": parts, "received_at": NOW}
    receipt = receipts.receipt(
        key,
        kind=receipts.SUBMITTED,
        tender=bound["tender"],
        reference=bound["reference"],
        commitment=commitment(**told),
        **told,
    )
    refusal = receipts.refusal(
        key, reason=receipts.LATE, digest="02" * 32, received_at=NOW, deadline=NOW, **bound
    )
    leaves = merkle.padded([bytes.fromhex(receipt["commitment"])])
    closing = receipts.closing_record(key, deadline=NOW, closed_at=NOW, leaves=leaves, **bound)
    proof = receipts.inclusion(
        leaves, tender=str(walked.pk), bid=BID, version=1, commitment=receipt["commitment"]
    )
    return {
        f"receipts/{BID}-1.json": canonical(receipt),
        "receipts/late-1.json": canonical(refusal),
        "closing.json": canonical(closing),
        f"inclusion/{BID}.json": canonical(proof),
    }


@pytest.fixture
def folder(walked, sealed, tmp_path):
    """The whole folder."""
    evidence.write_evidence(tender=walked, folder=tmp_path / "evidence", now=NOW, sealed=sealed)
    return tmp_path / "evidence"


def run(folder, *arguments):
    """The verifier that lies in the folder, with nothing of the project in reach."""
    command = [sys.executable, "-P", "-W", "error", folder / "verify.py", folder, *arguments]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)


def sign_again(folder):
    """What somebody with the signing key could do: a manifest that fits what was altered."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    files = [file for file in folder.rglob("*") if file.is_file() and file != path]
    digests = {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }
    document = {key: value for key, value in manifest.items() if key not in {"key", "signature"}}
    path.write_bytes(canonical(signing_key().sign(document | {"files": digests})))


def edit(path, change):
    """Replace the lines of a file by what `change` makes of them."""
    lines = change(path.read_text(encoding="utf-8").splitlines())
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def test_the_verifier_in_the_folder_checks_all_of_it(folder, walked):
    done = run(folder, "--key", signing_key().public)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ITS-2026-900: everything in this folder holds" in done.stdout
    # publish, cancel, export evidence; with one of another tender before, one after, and one of none
    assert "3 entries of the tender, in a chain of 6 without a gap" in done.stdout
    assert "3 checkpoints, 2 receipts or refusals, 1 proofs" in done.stdout
    assert run(folder, "--key", "00" * 32).returncode == 1
    call_command("verify_receipt", str(folder))


def test_nothing_of_other_tenders_is_shown(folder):
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "onfidential" not in text, path.name
            assert "about nothing" not in text
    own = [line for line in (folder / "trail.jsonl").read_text().splitlines() if "salt" in line]
    assert len(own) == 3


def test_it_is_an_entry_that_evidence_was_taken(folder, walked):
    entry = AuditEntry.objects.latest("seq")
    assert (entry.action, entry.actor_name, entry.tender) == ("export evidence", "manage.py", walked)


@pytest.mark.parametrize(
    "name",
    ["trail.jsonl", "publication.json", "keys.json", "verify.py", "closing.json", f"inclusion/{BID}.json"],
)
def test_every_file_that_is_altered_is_found(folder, name):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    with pytest.raises(Fault, match="not what the manifest says"):
        check_folder(folder)


def test_a_file_too_many_and_one_too_few_are_found(folder):
    (folder / "more.txt").write_text("x")
    with pytest.raises(Fault, match="not in the manifest: more"):
        check_folder(folder)
    (folder / "more.txt").unlink()
    (folder / "receipts" / "late-1.json").unlink()
    with pytest.raises(Fault, match="missing"):
        check_folder(folder)


def without(number):
    return lambda lines: [line for at, line in enumerate(lines) if at not in {number, len(lines) + number}]


def saying(old, new):
    return lambda lines: [line.replace(old, new) for line in lines]


def hiding(lines):
    """An entry of the tender as if it were another tender's."""
    said = json.loads(next(line for line in lines if "cancel tender" in line))
    link = {"seq": said["seq"], "mark": "00" * 32, "digest": "00" * 32}
    return [json.dumps(link) if "cancel tender" in line else line for line in lines]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (without(2), "is missing"),
        (without(-1), "does not end at the last checkpoint"),
        (saying("Given up.", "Because."), "does not lead to the checkpoint"),
        (saying("cancel tender", "nothing done"), "does not lead to the checkpoint"),
        (hiding, "does not lead to the checkpoint"),
    ],
)
def test_even_who_has_the_key_cannot_alter_the_trail_under_its_checkpoints(folder, change, fault):
    edit(folder / "trail.jsonl", change)
    sign_again(folder)
    with pytest.raises(Fault, match=fault):
        check_folder(folder)


def test_an_entry_of_the_tender_cannot_be_left_out_as_if_it_were_anothers(folder):
    def hide(lines):
        line = json.loads(lines[-1])
        said = [
            line.pop(name)
            for name in ("at", "actor_name", "actor_role", "action", "object", "payload", "salt")
        ]
        link = {"seq": line["seq"], "mark": verify.tender_mark(line["tender"])}
        return [*lines[:-1], json.dumps(link | {"digest": verify.content_digest(line["tender"], *said)})]

    edit(folder / "trail.jsonl", hide)
    sign_again(folder)
    with pytest.raises(Fault, match="is of the tender, and what it says is left out"):
        check_folder(folder)


def test_another_publication_and_a_stolen_receipt_are_found(folder, sealed):
    published = (folder / "publication.json").read_bytes()
    (folder / "publication.json").write_bytes(published.replace(b"45", b"46"))
    sign_again(folder)
    with pytest.raises(Fault, match="not what the trail says was published"):
        check_folder(folder)
    (folder / "publication.json").write_bytes(published)
    (folder / "receipts" / f"{BID}-1.json").unlink()
    sign_again(folder)
    with pytest.raises(Fault, match="has no receipt"):
        check_folder(folder)
    (folder / "closing.json").unlink()
    sign_again(folder)
    with pytest.raises(Fault, match="no closing record"):
        check_folder(folder)


def test_checkpoints_cannot_be_taken_out(folder):
    (folder / "checkpoints" / "checkpoint-00000002.json").unlink()
    sign_again(folder)
    with pytest.raises(Fault, match="does not follow"):
        check_folder(folder)


# --- the command --------------------------------------------------------------------------------------------
def test_the_command_writes_the_folder_with_case_and_result(cast, priced, anchored, tmp_path):
    out = StringIO()
    call_command("evidence", priced.reference, "--out", str(tmp_path / "it"), stdout=out)
    assert {"case.json", "result.json", "publication.json"} <= {
        path.name for path in (tmp_path / "it").iterdir()
    }
    assert run(tmp_path / "it").returncode == 0
    assert signing_key().public in out.getvalue()
    with pytest.raises(CommandError):
        call_command("evidence", priced.reference, "--out", str(tmp_path / "it"))


def test_while_bids_are_closed_there_is_no_evidence_of_them(cast, published, anchored, tmp_path):
    note(cast, published, "publish tender")
    for stage in (Stage.PUBLISHED, Stage.BIDDERS_NAMED):
        Tender.objects.filter(pk=published.pk).update(stage=stage)
        with pytest.raises(CommandError, match="would tell who bids"):
            call_command("evidence", published.reference, "--out", str(tmp_path / "it"), "--despite-open")
    assert not (tmp_path / "it").exists()


def test_while_bids_on_another_tender_are_closed_it_takes_a_word_that_is_recorded(cast, walked, tmp_path):
    Tender.objects.filter(reference="ITS-2026-901").update(stage=Stage.PUBLISHED, fingerprint="x")
    where = str(tmp_path / "it")
    with pytest.raises(CommandError, match="would tell how many"):
        call_command("evidence", walked.reference, "--out", where)
    call_command("evidence", walked.reference, "--out", where, "--despite-open", stdout=StringIO())
    assert json.loads(AuditEntry.objects.latest("seq").payload) == {"despite_open": True}


def test_a_missing_key_and_an_unknown_tender_are_said_in_words(cast, walked, settings, tmp_path):
    with pytest.raises(CommandError, match="no tender has the reference"):
        call_command("evidence", "nothing")
    settings.SIGNING_KEY = tmp_path / "nothing"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("evidence", walked.reference, "--out", str(tmp_path / "it"))

"""The evidence of a tender: a folder that the verifier checks alone, and that shows nothing of others."""

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from bids.actions import evidence, publication
from bids.actions.closing import close_when_over
from bids.actions.custody import system_key
from bids.actions.submission import Late
from bids.sealing import merkle, receipts
from procurement import audit
from procurement.audit.checkpoints import make_checkpoint, signing_key
from procurement.choices import Stage
from procurement.models import AuditEntry, Tender
from procurement.signing import verify
from procurement.signing.verify import Fault, canonical, check_folder
from tests.bids.vendors import submit, withdraw
from tests.cast import NOW, hand_in, open_bids

pytestmark = pytest.mark.django_db

#: After the deadline.
AFTER = NOW + timedelta(days=8)


def note(cast, tender, text):
    with transaction.atomic():
        audit.record(actor=cast.officer, action="look", object=text, now=NOW, tender=tender)


@pytest.fixture
def walked(cast, draft, anchored):
    """A tender from publication to opened bids, between entries of another and of none.

    The vendor's second version counts, the rival withdrew, and somebody else came late.
    """
    other = Tender.objects.create(reference="ITS-2026-901", title="Something confidential")
    note(cast, other, "confidential before")
    make_checkpoint("daily")
    note(cast, other, "confidential once more")
    tender = publication.publish(actor=cast.officer, tender=draft, now=NOW)
    make_checkpoint("publish tender")
    note(cast, other, "confidential between")
    note(cast, None, "about nothing")
    for price in ("15000000", "14000000"):
        hand_in(cast.vendor, tender, price)
    withdraw(cast.rival, hand_in(cast.rival, tender, "12000000").bid)
    with pytest.raises(Late):
        submit(cast.vendor, tender, at=AFTER)
    return open_bids(cast.officer, tender, at=AFTER)


@pytest.fixture
def folder(walked, tmp_path):
    """The whole folder."""
    evidence.write_evidence(tender=walked, folder=tmp_path / "evidence", now=AFTER)
    return tmp_path / "evidence"


def own(folder, name):
    """A document of the folder, and its path."""
    (path,) = folder.glob(name)
    return path, json.loads(path.read_text())


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
    entries, links = AuditEntry.objects.filter(tender=walked), AuditEntry.objects.filter(seq__gt=1)
    said = f"{entries.count()} entries of the tender, in a chain of {links.count()} without a gap"
    assert said in done.stdout
    # Two versions, one that was withdrawn and its withdrawal, and a refusal; both bids were counted.
    assert "3 checkpoints, 5 receipts or refusals, 2 proofs" in done.stdout
    assert run(folder, "--key", "00" * 32).returncode == 1
    call_command("verify_receipt", str(folder))


def test_the_opening_record_says_who_opened_what(folder, walked, cast):
    _path, opening = own(folder, "opening.json")
    assert [row["name"] for row in opening["officers"]["technical"]] == [
        "Officer (Procurement)",
        "Auditor (Audit)",
    ]
    assert opening["officers"]["price"] == []
    told = {bid["vendor"]: (bid["version"], bid["status"]) for bid in opening["bids"]}
    assert told == {"Bedrock Security": (2, "valid"), "Quickwin Technology": (2, "withdrawn")}
    assert [row["vendor"] for row in opening["late"]] == ["Bedrock Security"]
    assert opening["root"] == walked.closing.root
    assert opening["system_key"] == system_key().key_id


def test_nothing_of_other_tenders_is_shown(folder, walked):
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "onfidential" not in text, path.name
            assert "about nothing" not in text
    said = [line for line in (folder / "trail.jsonl").read_text().splitlines() if "salt" in line]
    assert len(said) == AuditEntry.objects.filter(tender=walked).count()


def test_it_is_an_entry_that_evidence_was_taken(folder, walked):
    entry = AuditEntry.objects.latest("seq")
    assert (entry.action, entry.actor_name, entry.tender) == ("export evidence", "manage.py", walked)


def test_every_file_that_is_altered_is_found(folder):
    names = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert len(names) > 15
    for path in names:
        content = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        with pytest.raises(Fault, match="not what the manifest says"):
            check_folder(folder)
        path.write_bytes(content)
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
    said = json.loads(next(line for line in lines if "open bids" in line))
    link = {"seq": said["seq"], "mark": "00" * 32, "digest": "00" * 32}
    return [json.dumps(link) if "open bids" in line else line for line in lines]


def test_even_who_has_the_key_cannot_alter_the_trail_under_its_checkpoints(folder):
    trail = folder / "trail.jsonl"
    content = trail.read_bytes()
    for change, fault in (
        (without(2), "is missing"),
        (without(-1), "does not end at the last checkpoint"),
        (saying("Officer (Procurement)", "Somebody else"), "does not lead to the checkpoint"),
        (saying("open bids", "nothing done"), "does not lead to the checkpoint"),
        (hiding, "does not lead to the checkpoint"),
    ):
        edit(trail, change)
        sign_again(folder)
        with pytest.raises(Fault, match=fault):
            check_folder(folder)
        trail.write_bytes(content)


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


def test_another_publication_is_found(folder):
    published = (folder / "publication.json").read_bytes()
    (folder / "publication.json").write_bytes(published.replace(b"45", b"46"))
    sign_again(folder)
    with pytest.raises(Fault, match="not what the trail says was published"):
        check_folder(folder)


def first_of(folder, kind):
    """The path of the first receipt of a kind."""
    return next(
        path for path in folder.glob("receipts/*.json") if json.loads(path.read_text()).get("kind") == kind
    )


def test_what_is_taken_out_is_missed_even_when_it_is_signed_again(folder):
    for path, fault in (
        (first_of(folder, "submitted"), "otherwise than the receipts"),
        (first_of(folder, "withdrawn"), "otherwise than the receipts"),
        (folder / "receipts" / "late-1.json", "otherwise than the refusals"),
        (folder / "closing.json", "otherwise than the closing record"),
        (next(folder.glob("inclusion/*.json")), "opened is not what was closed"),
        (folder / "packages" / "0.json", "another tender or package"),
    ):
        content = path.read_bytes()
        path.unlink()
        sign_again(folder)
        with pytest.raises(Fault, match=fault):
            check_folder(folder)
        path.write_bytes(content)
    sign_again(folder)
    check_folder(folder)


def test_what_was_opened_is_what_was_closed(folder):
    path, opening = own(folder, "opening.json")
    opening["bids"][0]["commitment"] = "00" * 32
    path.write_bytes(canonical(opening))
    sign_again(folder)
    with pytest.raises(Fault, match="opened is not what was closed"):
        check_folder(folder)


def test_a_proof_of_another_closing_record_is_found(folder, walked):
    path = next(folder.glob("inclusion/*.json"))
    proof = json.loads(path.read_text())
    leaves = merkle.padded([bytes.fromhex(proof["receipt"]["commitment"])])
    closing = {key: value for key, value in proof["closing"].items() if key not in {"key", "signature"}}
    other = signing_key().sign(closing | {"root": merkle.root(leaves).hex(), "size": len(leaves)})
    path.write_bytes(canonical(receipts.inclusion(leaves, receipt=proof["receipt"], closing=other)))
    sign_again(folder)
    with pytest.raises(Fault, match="of another closing record"):
        check_folder(folder)


def test_checkpoints_cannot_be_taken_out(folder):
    (folder / "checkpoints" / "checkpoint-00000002.json").unlink()
    sign_again(folder)
    with pytest.raises(Fault, match="does not follow"):
        check_folder(folder)


def test_of_a_tender_given_up_after_its_deadline_there_are_receipts_and_no_proofs(
    cast, draft, anchored, tmp_path
):
    tender = publication.publish(actor=cast.officer, tender=draft, now=NOW)
    hand_in(cast.vendor, tender, "15000000")
    close_when_over(tender=tender, now=AFTER)
    publication.cancel(actor=cast.officer, tender=tender, reason="Given up.", now=AFTER)
    call_command("evidence", tender.reference, "--out", str(tmp_path / "it"), stdout=StringIO())
    assert (tmp_path / "it" / "closing.json").exists()
    assert not (tmp_path / "it" / "inclusion").exists()
    assert not (tmp_path / "it" / "opening.json").exists()
    assert "1 receipts or refusals, 0 proofs" in run(tmp_path / "it").stdout


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
    with pytest.raises(CommandError, match="There is no key"):
        call_command("evidence", walked.reference, "--out", str(tmp_path / "it"))

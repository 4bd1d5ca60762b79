"""The evidence of a tender: a folder that anybody checks with no database, by the verifier inside."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries
from bids.actions.sealed_evidence import sealed_documents
from bids.cases import evaluated
from bids.evaluation import Refused, case_file
from procurement import audit
from procurement.audit.chain import dashed, dated, moment, pages
from procurement.audit.checkpoints import make_checkpoint, signing_key, trusted_keys
from procurement.choices import Stage
from procurement.models import AuditEntry, Tender
from procurement.queries import first_sealed_number
from procurement.signing import verify
from procurement.signing.anchors import Anchors, file_name
from procurement.signing.verify import Document, canonical

#: Before these are over the trail names those who bid.
_SEALED_STAGES = (Stage.PUBLISHED, Stage.BIDDERS_NAMED)


def check_can_leave(tender: Tender, *, despite_open: bool) -> None:
    """Raise `ValidationError` where evidence would tell of bids that are not opened.

    That of the tender itself would name them; that of another has a line, without content, for each of them.
    """
    if tender.stage in _SEALED_STAGES:
        raise ValidationError(_("The bids are not opened yet. Evidence would tell who bids."))
    if first_sealed_number() is not None and not despite_open:
        raise ValidationError(
            _("Bids on another tender are not opened yet: the length of the trail would tell how many.")
        )


def write_evidence(*, tender: Tender, folder: Path, now: datetime, despite_open: bool = False) -> Document:
    """Write the evidence of a tender into a new folder and return its signed manifest.

    That it was written is an entry, and a checkpoint is made, so that the chain in it ends at a signature.
    Raises `ValidationError`, and what `procurement.audit.checkpoints.make_checkpoint` raises;
    `FileExistsError` for a folder that is there.
    """
    check_can_leave(tender, despite_open=despite_open)
    key = signing_key()
    with transaction.atomic():
        audit.record(
            actor=None,
            action="export evidence",
            object=tender,
            now=now,
            tender=tender,
            despite_open=despite_open,
        )
    last = make_checkpoint("export evidence")
    folder.mkdir(parents=True)
    for name, content in {**_documents(tender, now), **sealed_documents(tender)}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _write_chain(tender, folder, last["size"])
    shutil.copyfile(verify.__file__, folder / "verify.py")
    manifest = key.sign(
        {
            "format": verify.EVIDENCE,
            "tender": str(tender.pk),
            "reference": tender.reference,
            "title": tender.title,
            "made_at": moment(now),
            "files": dict(_digests(folder)),
        }
    )
    (folder / "manifest.json").write_bytes(canonical(manifest))
    return manifest


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def _documents(tender: Tender, now: datetime) -> dict[str, bytes]:
    """What was published, and case and result where the tender can be evaluated; the public keys."""
    found = {"keys.json": canonical({"format": "assay-keys/1", "keys": sorted(trusted_keys())})}
    if tender.published_text:
        found["publication.json"] = tender.published_text.encode()
    if not tender.is_priced:
        return found
    try:
        case, result = evaluated(tender, now=queries.waivers_count_at(tender, now))
    except Refused:
        return found
    for name, document in (("case.json", case_file(case)), ("result.json", result.to_document())):
        found[name] = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return found


def _write_chain(tender: Tender, folder: Path, upto: int) -> None:
    """The checkpoints that matter, and every link of the chain between the first and the last of them.

    What entries of other tenders say is left out; their digests hold the chain together.
    """
    first = AuditEntry.objects.filter(tender=tender).order_by("seq").values_list("seq", flat=True)[0]
    checkpoints = [row for row in Anchors(settings.ANCHORS).read(trusted_keys()) if row["size"] <= upto]
    before = [row for row in checkpoints if row["size"] < first]
    start = before[-1] if before else {"size": 0, "head": verify.GENESIS, "number": 0}
    (folder / "checkpoints").mkdir()
    for row in checkpoints:
        if row["number"] >= start["number"]:
            (folder / "checkpoints" / file_name(row["number"])).write_bytes(canonical(row))
    with (folder / "trail.jsonl").open("wb") as file:
        head = {
            "format": verify.TRAIL,
            "tender": str(tender.pk),
            "size": start["size"],
            "head": start["head"],
        }
        file.write(canonical(head) + b"\n")
        for page in pages(start["size"], upto):
            for seq, of_tender, at, *said, _prev_hash, _hash in page:
                content = [dashed(of_tender), dated(at), *said]
                file.write(_line(seq, content, str(tender.pk)) + b"\n")


def _line(seq: int, content: list[str], tender: str) -> bytes:
    """An entry of the tender with all it says; of another with its digest alone."""
    if content[0] == tender:
        return canonical({"seq": seq, **dict(zip(verify.SAID, content, strict=True))})
    mark, digest = verify.tender_mark(content[0]), verify.content_digest(*content)
    return canonical({"seq": seq, "mark": mark, "digest": digest})

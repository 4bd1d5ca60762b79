"""Catalogues: an upload waits for its dry run, a catalogue is loaded once and never changed."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement import catalogues as reading
from procurement.actions.changes import signature
from procurement.catalogues import Quoted, Unreadable
from procurement.catalogues.difference import compare
from procurement.catalogues.entries import Remark
from procurement.catalogues.oscal_profile import matches
from procurement.models import AuditHead, Catalogue, CatalogueEntry, CatalogueUpload, User
from procurement.models.catalogue import LEVEL_MARK
from procurement.models.fields import CODE_LENGTH

#: Rows that one statement stores.
_BATCH = 500

Files = Mapping[str, bytes]


def sentence(remark: Remark | Unreadable) -> str:
    """A remark or a refusal in the reader's language, and so one that it quotes."""
    said = {
        name: sentence(value.refusal) if isinstance(value, Quoted) else value
        for name, value in remark.params.items()
    }
    return _(remark.template) % said


def packed(files: Files) -> bytes:
    """Files in one archive, for the database; the same files give the same bytes."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        for name in sorted(files):
            pack.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The files of such an archive."""
    with zipfile.ZipFile(BytesIO(archive)) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def stored_files(names: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """The files of stored catalogues that may be one of those named: what a profile draws on."""
    known = Catalogue.objects.exclude(file_name="").values_list("pk", "file_name", "title")
    for pk, file_name, title in known.order_by("-pk"):
        if matches(names, file_name) or title in names:
            archive = Catalogue.objects.values_list("files", flat=True).get(pk=pk)
            yield from unpacked(bytes(archive)).items()


def read_files(files: Files, naming: Mapping[str, str] | None = None) -> reading.Catalogue:
    """Read files; a profile finds what it draws on among the stored catalogues. Raises `Unreadable`."""
    return reading.read_files(files, beside=stored_files, naming=reading.Naming(**(naming or {})))


def keep_upload(*, actor: User, files: Files, naming: Mapping[str, str], now: datetime) -> CatalogueUpload:
    """Keep files until their dry run is confirmed, in the place of what the person handed in before.

    Raises `Forbidden`, and `ValidationError` for what cannot be read.
    """
    rules.can_load_catalogues(actor).enforce()
    try:
        read_files(files, naming)
    except reading.Unreadable as refusal:
        raise ValidationError({"files": sentence(refusal)}) from refusal
    values = {"files": packed(files), "naming": dict(naming), "uploaded_at": now}
    upload, _is_new = CatalogueUpload.objects.update_or_create(uploader=actor, defaults=values)
    return upload


def load_upload(*, actor: User, upload: CatalogueUpload, now: datetime) -> tuple[Catalogue, bool]:
    """Load what a person handed in, and forget the upload. Raises as `load_catalogue`."""
    with transaction.atomic():
        files = unpacked(bytes(upload.files))
        try:
            catalogue = read_files(files, upload.naming)
        except reading.Unreadable as refusal:
            raise ValidationError(sentence(refusal)) from refusal
        loaded = load_catalogue(actor=actor, catalogue=catalogue, files=files, now=now)
        upload.delete()
    return loaded


def load_catalogue(
    *, actor: User | None, catalogue: reading.Catalogue, files: Files, now: datetime
) -> tuple[Catalogue, bool]:
    """Store a catalogue; gives it, and whether it is new. The same content a second time changes nothing.

    `actor` is None on the command line. Raises `Forbidden`, and `ValidationError` where the file has a fault
    that forbids loading, or the same edition is stored with another content.
    """
    if actor is not None:
        rules.can_load_catalogues(actor).enforce()
    report = reading.report_on(catalogue)
    if report.blocked:
        raise ValidationError([sentence(problem) for problem in report.problems if problem.blocks])
    with transaction.atomic():
        AuditHead.objects.select_for_update().get(pk=1)  # two loads of one edition come one after the other
        known = _known(catalogue)
        if known is not None:
            _check_same(known, catalogue)
            return known, False
        row = _store(catalogue, files, signature(actor) if actor else "manage.py", now)
        counts = report.to_document()
        audit.record(
            actor=actor,
            action="load catalogue",
            object=f"{row.code} {row.edition} ({row.language})",
            now=now,
            digest=catalogue.digest,
            files={name: sha256(data).hexdigest() for name, data in sorted(files.items())},
            assessable=str(counts["assessable"]),
            withdrawn=str(counts["withdrawn"]),
            problems=str(len(report.problems)),
        )
    return row, True


def _known(catalogue: reading.Catalogue) -> Catalogue | None:
    names = {"code": catalogue.code, "edition": catalogue.version, "language": catalogue.language}
    return Catalogue.objects.defer("files").filter(**names).first()


def _check_same(known: Catalogue, catalogue: reading.Catalogue) -> None:
    """Raise `ValidationError` unless the stored edition has the same content."""
    if known.digest == catalogue.digest:
        return
    differs = compare([entry.as_read() for entry in known.entries.all()], catalogue.entries)
    raise ValidationError(
        _(
            "%(catalogue)s is stored already with another content: %(added)d rows are new here, %(removed)d"
            " are missing, %(changed)d differ. Nothing was changed. If this is another edition, say which"
            " version it is."
        )
        % {
            "catalogue": known,
            "added": len(differs.added),
            "removed": len(differs.removed),
            "changed": len(differs.changed),
        }
    )


def _store(catalogue: reading.Catalogue, files: Files, loaded_by: str, now: datetime) -> Catalogue:
    """Store the catalogue and its rows."""
    row = Catalogue.objects.create(
        code=catalogue.code,
        edition=catalogue.version,
        language=catalogue.language,
        title=catalogue.title,
        publisher=catalogue.publisher,
        source=catalogue.source,
        licence=catalogue.licence,
        levels=[[level.name, level.title] for level in catalogue.scheme.levels],
        cumulative=catalogue.scheme.cumulative,
        declared=catalogue.declared,
        digest=catalogue.digest,
        remarks=[[one.template, dict(one.params)] for one in catalogue.remarks],
        file_name=next(iter(files))[:CODE_LENGTH] if len(files) == 1 else "",
        files=packed(files),
        loaded_by=loaded_by,
        loaded_at=now,
    )
    families = families_of(catalogue.entries)
    entries = [_entry(row, entry, families[entry.id]) for entry in catalogue.entries]
    CatalogueEntry.objects.bulk_create(entries, batch_size=_BATCH)
    return row


def families_of(entries: Iterable[reading.Entry]) -> dict[str, str]:
    """Identifier → identifier of the outermost row that it belongs to; "" for what belongs to none."""
    parents = {entry.id: entry.parent for entry in entries}
    families: dict[str, str] = {}
    for identifier in parents:
        path, at = [], identifier
        while parents.get(at) in parents and at not in families:
            path.append(at)
            at = parents[at]
        top = families.get(at) or at
        families |= dict.fromkeys(path, top)
        families.setdefault(identifier, "")
    return families


def _entry(row: Catalogue, entry: reading.Entry, family: str) -> CatalogueEntry:
    names = LEVEL_MARK.join(entry.levels)
    return CatalogueEntry(
        catalogue=row,
        position=entry.position,
        identifier=entry.id,
        kind=entry.kind.value,
        parent=entry.parent,
        family=family,
        label=entry.label[:CODE_LENGTH],
        title=entry.title,
        text=entry.text,
        shown=entry.shown,
        guidance=entry.guidance,
        level_names=f"{LEVEL_MARK}{names}{LEVEL_MARK}" if names else "",
        parameters=[
            {"id": one.id, "label": one.label, "choices": list(one.choices), "values": list(one.values)}
            for one in entry.parameters
        ],
        remark=entry.remark,
        retired=entry.retired,
        digest=entry.digest,
    )

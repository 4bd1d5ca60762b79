"""Checkpoints: size and head of the trail, signed, kept where the database's own keeper cannot write.

One is made after each change of stage, daily and on demand (`manage.py checkpoint`). Each is a file among the
anchors. The mail that goes out with it carries the SHA-256 of that file and neither size nor head: how much
the trail has grown would tell how many bids came in.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from smtplib import SMTPException

from django.conf import settings
from django.core.checks import Critical
from django.core.mail import send_mail
from django.db import DatabaseError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from procurement.audit.chain import REWRITTEN, SHORTENED, ChainState, moment, verify_chain
from procurement.models import AuditEntry, AuditHead
from procurement.signing.anchors import Anchors, file_name
from procurement.signing.keys import SigningKey, UnsafeKey
from procurement.signing.verify import Document, Fault, digest_of

logger = logging.getLogger(__name__)

#: The checkpoints themselves do not hold: a file is missing, altered, or signed by somebody else.
UNREADABLE = "the checkpoints cannot be read, or are not as they were signed"


def signing_key() -> SigningKey:
    """The site's signing key; raises `UnsafeKey`. It lies apart from what is copied about."""
    apart_from = (Path(settings.MEDIA_ROOT), Path(settings.STATIC_ROOT), settings.ANCHORS)
    return SigningKey.from_file(settings.SIGNING_KEY, apart_from)


def trusted_keys() -> frozenset[str]:
    """Public keys (hex) whose signatures are the site's: the one in use and those that were; raises
    `UnsafeKey`.
    """
    return frozenset({signing_key().public, *settings.RETIRED_KEYS})


def make_checkpoint(reason: str) -> Document:
    """Sign size and head of the trail as they are stored, add the file, and mail its digest.

    Raises `UnsafeKey`; `Fault` where the trail does not extend the last checkpoint; `OSError` where nothing
    can be written.
    """
    head = AuditHead.objects.get(pk=1)
    checkpoint = Anchors(settings.ANCHORS).add(
        signing_key(), size=head.seq, head=head.hash, at=moment(timezone.now()), reason=reason
    )
    _mail(checkpoint)
    return checkpoint


def stage_changed(reason: str) -> None:
    """Make a checkpoint once the transaction of a change of stage is committed.

    The change stands even where that fails: it is logged, and the auditor's page says that none was made.
    """
    transaction.on_commit(lambda: _try_checkpoint(reason), robust=True)


def _try_checkpoint(reason: str) -> None:
    try:
        make_checkpoint(reason)
    except (UnsafeKey, Fault, OSError) as fault:
        logger.critical("No checkpoint of the audit trail was made (%s): %s", reason, fault)


def _mail(checkpoint: Document) -> None:
    """The digest of the file to everybody who keeps one; a mail that fails is logged and stops nothing."""
    if not settings.ANCHOR_MAILS:
        return
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Checkpoint %(number)d of the audit trail") % {"number": checkpoint["number"]}
        text = _(
            "Time: %(at)s\nOccasion: %(reason)s\nFile: %(file)s\nSHA-256: %(digest)s\n\n"
            "Keep this mail. Whoever rewrites the audit trail would also have to rewrite that file, and its "
            "SHA-256 would no longer be the one above."
        ) % {
            "at": checkpoint["at"],
            "reason": _(checkpoint["reason"]),
            "file": file_name(checkpoint["number"]),
            "digest": digest_of(checkpoint),
        }
    try:
        send_mail(subject, text, None, settings.ANCHOR_MAILS)
    except (SMTPException, OSError) as fault:
        logger.error("Checkpoint %s was not mailed: %s", checkpoint["number"], fault)  # noqa: TRY400 - one line


# --- holding the database against them --------------------------------------------------------------------
@dataclass(frozen=True)
class AnchorState:
    """The last checkpoint, and why the database does not extend it; empty where it does."""

    last: Document | None
    why: str = ""
    detail: str = ""


def anchor_state() -> AnchorState:
    """Hold the database against the last checkpoint alone: quick, for every page and every start."""
    anchors = Anchors(settings.ANCHORS)
    try:
        last = None if anchors.is_empty() else anchors.last(trusted_keys())
    except (UnsafeKey, Fault, OSError) as fault:
        return AnchorState(None, UNREADABLE, str(fault))
    if last is None or last["size"] == 0:
        return AnchorState(last)
    if AuditHead.objects.get(pk=1).seq < last["size"]:
        return AnchorState(last, SHORTENED)
    found = AuditEntry.objects.filter(pk=last["size"]).values_list("hash", flat=True).first()
    return AnchorState(last, "" if found == last["head"] else REWRITTEN)


def verify_trail(folder: Path | None = None, trusted: Sequence[str] = ()) -> tuple[ChainState, int]:
    """Recompute the whole chain and lead it through every checkpoint; the second is how many there are.

    `folder` is a copy of the anchors kept elsewhere, `trusted` the public keys that count; the site's own
    unless given. Where the checkpoints themselves do not hold, nothing is recomputed: it is broken at 0.
    """
    anchors = Anchors(folder or settings.ANCHORS)
    try:
        checkpoints = [] if anchors.is_empty() else anchors.read(trusted or trusted_keys())
    except (UnsafeKey, Fault, OSError) as fault:
        return ChainState(0, 0, f"{UNREADABLE}: {fault}"), 0
    heads = {row["size"]: row["head"] for row in checkpoints if row["size"]}
    return verify_chain(heads), len(checkpoints)


def check_anchors(databases: Sequence[str] | None = None, **_options: object) -> list[Critical]:
    """The system check: a database that is older than the last checkpoint, or another one."""
    if "default" not in (databases or ()):
        return []
    try:
        state = anchor_state()
    except DatabaseError:
        return []  # no tables yet; `migrate` runs this, too
    if not state.why:
        return []
    hint = "Find out why before anybody works on it; `manage.py verify_audit` says more."
    return [Critical(f"The audit trail is {state.why} {state.detail}".strip(), hint=hint, id="audit.C001")]


def report_at_start() -> None:
    """Log what the system check finds, when a server starts."""
    for message in check_anchors(["default"]):
        logger.critical("%s %s", message.msg, message.hint)

"""What the auditor reads about the state of the trail: the chain, its checkpoints, the last verification."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from procurement.audit.chain import ALTERED, MISSING, OTHER_HEAD, REWRITTEN, SHORTENED, UNCHAINED
from procurement.audit.checkpoints import UNREADABLE, anchor_state
from procurement.models import AuditEntry
from procurement.queries import last_verification


def why(reason: str) -> str:
    """What is wrong with the first entry that does not hold, or with the checkpoints."""
    sentences = {
        MISSING: _("It is missing."),
        UNCHAINED: _("It is not chained to the entry before it."),
        ALTERED: _("The content does not match its hash."),
        OTHER_HEAD: _("The trail does not end where its head row says."),
        REWRITTEN: _(
            "It is not the entry that was there when a checkpoint was signed: the trail was rewritten."
        ),
        SHORTENED: _(
            "The database is older than its last checkpoint: entries were cut off, or a backup was restored."
        ),
        UNREADABLE: _("The checkpoints cannot be read, or are not as they were signed."),
    }
    return sentences[reason]


@dataclass(frozen=True)
class Verification:
    """What the last verification found, and when; `fault` is empty where everything held."""

    entry: AuditEntry
    fault: str


@dataclass(frozen=True)
class TrailState:
    """Chain, checkpoints and last verification, in the reader's language."""

    anchored_at: datetime | None
    anchored_for: str
    anchor_fault: str
    mailed_to: int
    verification: Verification | None

    @property
    def is_at_fault(self) -> bool:
        """Whether anything does not hold."""
        return bool(self.anchor_fault or (self.verification and self.verification.fault))


def trail_state() -> TrailState:
    """How the trail stands now. Only the last checkpoint is looked at; the chain is not recomputed."""
    anchors = anchor_state()
    entry = last_verification()
    return TrailState(
        anchored_at=datetime.fromisoformat(anchors.last["at"]) if anchors.last else None,
        anchored_for=_(anchors.last["reason"]) if anchors.last else "",
        anchor_fault=why(anchors.why) if anchors.why else "",
        mailed_to=len(settings.ANCHOR_MAILS),
        verification=Verification(entry, _fault(entry)) if entry else None,
    )


def _fault(entry: AuditEntry) -> str:
    """What a verification found wrong, in one text."""
    found = json.loads(entry.payload)
    if found["intact"]:
        return ""
    if not found["broken_at"]:
        return why(found["why"])
    where = _("Entry #%(n)s does not hold.") % {"n": found["broken_at"]}
    return f"{where} {why(found['why'])}"

"""Somebody with the database's own powers: what checkpoints are there to find."""

from django.db import connection

from procurement.audit.chain import moment
from procurement.models import AuditEntry, AuditHead
from procurement.models.audit import TRIGGERS
from procurement.signing.verify import GENESIS, content_digest, entry_hash, tender_mark


class Unguarded:
    """The trail without its triggers, which are back at the end."""

    def __enter__(self):
        self._run(TRIGGERS[connection.vendor][1])

    def __exit__(self, *_error):
        self._run(TRIGGERS[connection.vendor][0])

    def _run(self, statements):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def restore(seq):
    """Go back to an older state, as an old backup would: later entries are gone, and the head says so."""
    with Unguarded():
        AuditEntry.objects.filter(seq__gt=seq).delete()
    last = AuditEntry.objects.filter(seq=seq).first()
    AuditHead.objects.update(seq=seq, hash=last.hash if last else GENESIS)


def rewrite(**first):
    """Change the first entry and compute chain and head anew, so that it is intact in itself."""
    previous = GENESIS
    with Unguarded():
        AuditEntry.objects.filter(seq=1).update(**first)
        for entry in AuditEntry.objects.order_by("seq"):
            tender = str(entry.tender_id or "")
            said = (entry.actor_name, entry.actor_role, entry.action, entry.object, entry.payload, entry.salt)
            digest = content_digest(tender, moment(entry.at), *said)
            found = entry_hash(entry.seq, tender_mark(tender), digest, previous)
            AuditEntry.objects.filter(seq=entry.seq).update(prev_hash=previous, hash=found)
            previous = found
    AuditHead.objects.update(hash=previous)

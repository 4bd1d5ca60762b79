"""The audit trail: rows that are only ever added."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.signing.verify import GENESIS

from .fields import SIGNATURE_LENGTH
from .tender import Tender


class AuditEntry(models.Model):
    """One action, chained to the one before it. Names are copied, so that leaving the bank changes no record.

    `payload` is the exact canonical text that was hashed. Triggers of the database refuse UPDATE and DELETE.
    """

    seq = models.PositiveBigIntegerField(_("number"), primary_key=True)
    tender = models.ForeignKey(Tender, models.PROTECT, null=True, related_name="+", verbose_name=_("tender"))
    at = models.DateTimeField(_("time"))
    actor_name = models.CharField(_("person"), max_length=SIGNATURE_LENGTH)
    actor_role = models.CharField(_("role"), max_length=100)
    action = models.CharField(_("action"), max_length=100)
    object = models.TextField(_("object"))
    payload = models.TextField(_("content"))
    #: Random, and hashed with the content: who is shown the chain alone cannot guess what others did.
    salt = models.CharField(max_length=32)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering: ClassVar = ["-seq"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes: ClassVar = [models.Index(fields=["tender", "-seq"], name="audit_of_a_tender")]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action}"


class AuditHead(models.Model):
    """The one row that every append locks: how long the chain is and its last hash."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="audit_head_is_single", condition=models.Q(id=1)),
        ]

    def __str__(self) -> str:
        return f"#{self.seq}"


_SQLITE_TRIGGER = """
CREATE TRIGGER audit_entry_no_{verb} BEFORE {verb} ON procurement_auditentry
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
"""

# INSERT OR REPLACE deletes the row that is in its way, and no trigger on DELETE is told of it.
_SQLITE_INSERT_TRIGGER = """
CREATE TRIGGER audit_entry_no_REPLACE BEFORE INSERT ON procurement_auditentry
WHEN EXISTS (SELECT 1 FROM procurement_auditentry WHERE seq = NEW.seq OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
"""

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_entry_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail only grows'; END $$
"""

_POSTGRESQL_TRIGGER = """
CREATE TRIGGER audit_entry_no_{verb} BEFORE {verb} ON procurement_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_only_grows()
"""

#: Statements that make, and unmake, the triggers which refuse to change the trail, by database.
TRIGGERS: dict[str, tuple[list[str], list[str]]] = {
    "sqlite": (
        [
            *(_SQLITE_TRIGGER.format(verb=verb) for verb in ("UPDATE", "DELETE")),
            _SQLITE_INSERT_TRIGGER,
        ],
        [f"DROP TRIGGER IF EXISTS audit_entry_no_{verb}" for verb in ("UPDATE", "DELETE", "REPLACE")],
    ),
    "postgresql": (
        [
            _POSTGRESQL_FUNCTION,
            *(_POSTGRESQL_TRIGGER.format(verb=verb) for verb in ("UPDATE", "DELETE", "TRUNCATE")),
        ],
        [
            f"DROP TRIGGER IF EXISTS audit_entry_no_{verb} ON procurement_auditentry"
            for verb in ("UPDATE", "DELETE", "TRUNCATE")
        ],
    ),
}

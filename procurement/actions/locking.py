"""Locks and versions: what every action that changes a row begins with."""

from collections.abc import Callable
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext as _

from procurement.models import User
from procurement.models.fields import Versioned
from procurement.rules import Verdict

Row = TypeVar("Row", bound=models.Model)


class Stale(Exception):
    """Somebody else saved the same thing first. `str()` says so in the reader's language."""


def enforce_and_lock(rule: Callable[[User, Row], Verdict], actor: User, row: Row) -> Row:
    """Hold the rule against the row, lock it, and hold the rule against what is stored now.

    Raises `procurement.rules.Forbidden`. Must run inside a transaction.
    """
    rule(actor, row).enforce()
    fresh = type(row)._default_manager.select_for_update().get(pk=row.pk)
    rule(actor, fresh).enforce()
    return fresh


def advance(row: Versioned, seen: int) -> None:
    """Raise `Stale` unless `seen`, the version that the person had on screen, is stored; then count up.

    The caller saves the row with `version` among its fields. The row must be locked.
    """
    stored = type(row)._default_manager.select_for_update().values_list("version", flat=True).get(pk=row.pk)
    if stored != seen:
        raise Stale(
            _("Somebody saved “%(row)s” while you were editing it. Load it again; nothing was overwritten.")
            % {"row": row}
        )
    row.version = stored + 1

"""Setting what a person entered, and telling the trail what became different."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from procurement.models import Unit, User
from procurement.models.fields import plain


def signature(actor: User) -> str:
    """A person as signed: name, title, and unit or vendor, copied so that leaving changes no record."""
    return f"{actor} ({actor.belongs_to})"


def as_payload(value: Any) -> Any:
    """A value as the trail keeps it: numbers, moments and rows as text, everything else as JSON has it."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Unit):
        return value.code
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, list | tuple | models.QuerySet):
        return [as_payload(item) for item in value]
    return value


def entered(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was entered in a new row, without what was left empty, for the trail."""
    return {name: as_payload(value) for name, value in values.items() if value not in (None, "", [], {})}


def put(row: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the attributes and give back those that differ from before, as `[old, new]` for the trail.

    Nothing is saved.
    """
    changes = {}
    for name, value in values.items():
        old = getattr(row, name)
        if as_payload(old) != as_payload(value):
            changes[name] = [as_payload(old), as_payload(value)]
        setattr(row, name, value)
    return changes


def next_position(rows: models.QuerySet[Any]) -> int:
    """The position after the last of the rows."""
    last = rows.aggregate(last=models.Max("position"))["last"]
    return 0 if last is None else last + 1


def only(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The named values, in that order; raises `KeyError` where one is not there."""
    return {name: values[name] for name in names}

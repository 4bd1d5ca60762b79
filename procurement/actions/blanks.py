"""Filling in the blanks of requirements: the numbers and places that are the bank's to set."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.models import Requirement, Tender, User
from procurement.models.specification import BLANK_LENGTH, BLANK_TEXTS


def fill_blanks(*, actor: User, tender: Tender, values: Mapping[tuple[int, str], str], now: datetime) -> int:
    """Put values into the blanks of requirements, by key of the requirement and id of the blank.

    An empty value leaves its blank. Returns how many were filled. Raises `ValidationError` for a value that
    is too long or has square brackets or lines, `Stale` where a requirement is gone, and `Forbidden`.
    """
    given = {place: text for place, value in values.items() if (text := value.strip())}
    for text in given.values():
        if len(text) > BLANK_LENGTH or set("[]\r\n") & set(text):
            raise ValidationError(
                _("“%(text)s”: at most %(n)d characters, and no square brackets.")
                % {"text": text[:BLANK_LENGTH], "n": BLANK_LENGTH}
            )
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        rows = {row.pk: row for row in tender.requirements.select_for_update()}
        if not {key for key, _blank in given} <= rows.keys():
            raise Stale(_("A requirement was deleted meanwhile. Nothing was filled in."))
        filled = 0
        for key, row in rows.items():
            own = {blank: text for (of, blank), text in given.items() if of == key}
            if own:
                filled += _fill(actor, row, own, now)
    return filled


def _fill(actor: User, row: Requirement, values: Mapping[str, str], now: datetime) -> int:
    """Fill blanks of one requirement; those that stand no more are left alone."""
    standing = {blank["id"] for blank in row.blanks}
    new = {blank: text for blank, text in values.items() if blank in standing}
    if not new:
        return 0
    for blank in row.parameters:
        if blank["id"] in new:
            blank["value"] = new[blank["id"]]
            for name in BLANK_TEXTS:
                label = blank["label_en"] if name.endswith("_en") else blank["label"]
                setattr(row, name, getattr(row, name).replace(f"[{label}]", blank["value"]))
    row.version += 1
    row.save(update_fields=[*BLANK_TEXTS, "parameters", "version"])
    audit.record(
        actor=actor, action="fill in blanks", object=row, now=now, tender=row.tender, values=dict(new)
    )
    return len(new)

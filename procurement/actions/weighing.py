"""The weights of a draft's criteria, all at once, and the usual words for its scales."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement.actions.changes import put
from procurement.actions.locking import Stale, advance, enforce_and_lock
from procurement.choices import Kind
from procurement.models import Tender, User
from procurement.models.fields import plain

#: Decimals of a weight that is spread; where it does not come out even, the first ones bear the rest.
PLACES = 2

#: What marks from 0 to 5 mean where nobody said otherwise, lowest first, in both languages: people who mark
#: beside each other may read different ones.
USUAL: Mapping[str, tuple[str, ...]] = {
    Kind.SECURITY: (
        "沒有，或明顯不符 / Nothing, or plainly not met",
        "只有構想，無從查核 / An idea, and nothing that can be checked",
        "僅有廠商自述 / The vendor’s word only",
        "文件足以證明 / Documents show that it is met",
        "獨立測試證明 / An independent test shows it",
        "本行自行測試證明 / Our own test shows it",
    ),
    Kind.QUALITY: (
        "沒有提出，或無法使用 / Nothing offered, or of no use",
        "多數需求未滿足 / Most of what is needed is missing",
        "部分滿足，需自行補足 / Some of it, with work left to us",
        "滿足需求 / What is needed",
        "滿足需求，並有實績證明 / What is needed, proved elsewhere",
        "優於需求，且本行已驗證 / More than is needed, and we have tried it",
    ),
}


def spread(whole: Decimal, number: int) -> list[Decimal]:
    """Weights as equal as they can be that add up to the whole exactly, the larger ones first.

    Equal where they have at most `PLACES` decimals, else a hundredth, or the whole's last decimal, apart.
    Raises `ValidationError` where there is too little to spread.
    """
    exponent = whole.normalize().as_tuple().exponent
    unit = Decimal(1).scaleb(-max(PLACES, -exponent if isinstance(exponent, int) else 0))
    share, rest = divmod(int(whole / unit), number)
    if share <= 0:
        raise ValidationError(_("There is nothing left to spread."))
    return [(share + (place < rest)) * unit for place in range(number)]


def set_weights(
    *, actor: User, tender: Tender, weights: Mapping[int, Decimal], seen: Mapping[int, int], now: datetime
) -> int:
    """Give criteria their weights, all of them or none; how many became different.

    Both by key; `seen` are the versions on screen. Raises `ValidationError` for a weight that is not
    more than 0, `Stale` where a criterion was changed or deleted meanwhile, and `Forbidden`.
    """
    if any(weight <= 0 for weight in weights.values()):
        raise ValidationError(_("A weight is more than 0."))
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        rows = {row.pk: row for row in tender.criteria.select_for_update()}
        if not weights.keys() <= rows.keys():
            raise Stale(_("Somebody deleted a criterion meanwhile. Nothing was changed."))
        changes = {}
        for key, weight in weights.items():
            row = rows[key]
            changed = put(row, {"weight": weight})
            if changed:
                advance(row, seen[key])
                row.full_clean(exclude=["tender", "parent"])
                row.save(update_fields=["weight", "version"])
                changes[row.code] = changed["weight"]
        if changes:
            audit.record(
                actor=actor, action="set weights", object=tender, now=now, tender=tender, changes=changes
            )
    return len(changes)


def give_anchors(*, actor: User, tender: Tender, now: datetime) -> int:
    """Give every criterion that people mark and that has no words for its marks the usual ones; how many.

    A criterion without a scale of its own gets one from 0 to 5; on any other scale the same words stand at
    the same shares of it. Raises `Forbidden`.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        rows = tender.criteria.select_for_update().filter(kind__in=USUAL)
        bare = [row for row in rows if not row.anchors]
        for row in bare:
            words = USUAL[row.kind]
            steps = len(words) - 1
            top = Decimal(steps) if row.maximum is None else row.maximum
            row.maximum = top
            row.anchors = [
                {"mark": plain(top * mark / steps), "text": text} for mark, text in enumerate(words)
            ]
            row.version += 1
            row.save(update_fields=["anchors", "maximum", "version"])
        if bare:
            audit.record(
                actor=actor,
                action="give usual anchors",
                object=tender,
                now=now,
                tender=tender,
                criteria=[row.code for row in bare],
            )
    return len(bare)

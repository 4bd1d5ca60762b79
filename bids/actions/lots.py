"""Lots for first place: drawn in the open before witnesses, or by a seed from a source named before."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import signature
from bids.cases import evaluated
from bids.choices import ResolutionKind
from bids.evaluation import Refused
from bids.evaluation.evaluation import RE_EVALUATION_OR_LOTS
from bids.evaluation.lots import drawn_order
from bids.models import LotDraw, Resolution
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.models import Tender, User
from procurement.rules import Verdict


def tied_vendors(tender: Tender, now: datetime) -> tuple[str, ...]:
    """The vendors that share first place, in file order; empty where nobody does, or it is not known yet."""
    try:
        _case, result = evaluated(tender, now=now)
    except Refused:
        return ()
    if RE_EVALUATION_OR_LOTS not in result.needs:
        return ()
    return tuple(row.vendor for row in result.ranking if row.place == 1)


def resolution_to_draw(tender: Tender) -> Resolution | None:
    """The resolution to draw lots that no drawing has been begun on."""
    begun = LotDraw.objects.filter(tender=tender).values("resolution")
    rows = Resolution.objects.filter(tender=tender, kind=ResolutionKind.LOTS, round=tender.round)
    return rows.exclude(pk__in=begun).order_by("-number").first()


def announced_draw(tender: Tender) -> LotDraw | None:
    """The drawing whose seed is awaited."""
    rows = LotDraw.objects.filter(tender=tender, drawn_at__isnull=True, resolution__round=tender.round)
    return rows.order_by("-pk").first()


def draw_in_the_open(
    *, actor: User, tender: Tender, order: Sequence[str], witnesses: str, now: datetime
) -> LotDraw:
    """Record lots that were drawn by hand: in which order they came out, and who watched.

    Raises `Forbidden`, and `ValidationError` without a resolution, witnesses, or every tied vendor once.
    """
    with transaction.atomic():
        tender, resolution, tied = _begun(actor, tender, now)
        if not witnesses:
            raise ValidationError({"witnesses": _("Name the witnesses.")})
        if sorted(order) != sorted(tied):
            raise ValidationError({"order": _("Name every vendor in first place once, and nobody else.")})
        draw = LotDraw.objects.create(
            tender=tender, resolution=resolution, vendors=list(tied), witnesses=witnesses
        )
        return _drawn(actor, tender, draw, order, now)


def announce_seed(*, actor: User, tender: Tender, source: str, now: datetime) -> LotDraw:
    """Say where the seed of the lots will come from, before anybody can know it.

    Raises `Forbidden`, and `ValidationError` without a resolution or a source.
    """
    with transaction.atomic():
        tender, resolution, tied = _begun(actor, tender, now)
        if not source:
            raise ValidationError(
                {"source": _("Say where the seed will come from, and when it is published.")}
            )
        draw = LotDraw.objects.create(
            tender=tender,
            resolution=resolution,
            vendors=list(tied),
            seed_source=source,
            announced_by=signature(actor),
            announced_at=now,
        )
        audit.record(
            actor=actor,
            action="announce source of seed",
            object=resolution,
            now=now,
            tender=tender,
            vendors=list(tied),
            source=source,
        )
    return draw


def draw_by_seed(
    *, actor: User, tender: Tender, draw: LotDraw, seed: str, witnesses: str, now: datetime
) -> LotDraw:
    """Enter the seed from the announced source: the order follows from it (`bids.evaluation.lots`).

    Raises `Forbidden`, `Stale` where the lots are drawn or first place changed since, and `ValidationError`
    for a seed that is not one line.
    """
    with transaction.atomic():
        tender = enforce_and_lock(_may_draw, actor, tender)
        draw = LotDraw.objects.select_for_update().get(pk=draw.pk, tender=tender)
        if draw.drawn_at or not draw.seed_source or list(tied_vendors(tender, now)) != draw.vendors:
            raise Stale(_("First place is another one than when the source was announced."))
        try:
            order = drawn_order(seed, tender.reference, draw.vendors)
        except ValueError as fault:
            raise ValidationError({"seed": _("The seed is one line of text.")}) from fault
        draw.seed, draw.witnesses = seed, witnesses
        return _drawn(actor, tender, draw, order, now)


def _may_draw(actor: User, tender: Tender) -> Verdict:
    return rules.can_resolve(actor, tender, ResolutionKind.LOTS)


def _begun(actor: User, tender: Tender, now: datetime) -> tuple[Tender, Resolution, tuple[str, ...]]:
    """The locked tender, the panel's resolution to draw lots, and who shares first place."""
    tender = enforce_and_lock(_may_draw, actor, tender)
    if announced_draw(tender) is not None:
        raise Stale(_("The source of a seed was announced already."))
    resolution = resolution_to_draw(tender)
    if resolution is None:
        raise ValidationError(_("The panel resolves to draw lots first."))
    tied = tied_vendors(tender, now)
    if not tied:
        raise ValidationError(_("First place is not tied: there is nothing to draw lots for."))
    return tender, resolution, tied


def _drawn(actor: User, tender: Tender, draw: LotDraw, order: Sequence[str], now: datetime) -> LotDraw:
    """Keep the order with the drawing and where the case file has it: those drawn come before all others."""
    draw.order, draw.drawn_by, draw.drawn_at = list(order), signature(actor), now
    draw.save()
    tender.lots_drawn = [*order, *(vendor for vendor in tender.lots_drawn if vendor not in order)]
    tender.save(update_fields=["lots_drawn"])
    audit.record(
        actor=actor,
        action="draw lots",
        object=draw.resolution,
        now=now,
        tender=tender,
        order=list(order),
        seed=draw.seed,
        source=draw.seed_source,
        witnesses=draw.witnesses,
    )
    return draw

"""A tender as open data (OCDS): what may be said of it at its stage, and an entry for each release taken.

Before the opening nothing is said about bids, not even whether there are any. From the opening to the award a
bid has an id, the moment of its receipt and, once members no longer mark without names, its vendor. After the
award the winner's price, place and score are said, and of the others that they took part and whether they
were valid: a loser learns the rest of its own in the letter. The reserve price, findings, single marks,
members and reasons are never in a release.
"""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bids import ocds, queries, rules
from bids.cases import criteria_tree, specification_document
from bids.choices import BidStatus, ResolutionKind
from bids.evaluation import evaluate, read
from bids.evaluation.result import Result
from bids.models import Award, Bid
from bids.ocds.extension import REQUIREMENT_ORIGIN, REQUIREMENT_TEXTS
from bids.ocds.rules import own_rules
from procurement import audit
from procurement.choices import RequirementKind
from procurement.models import AuditEntry, Tender, User, Vendor

#: What changes a draft, or ends it, as the trail names it.
_WRITING = (
    *("create tender", "edit tender", "invite vendors", "import release", "cancel tender"),
    *(
        f"{verb} {noun}"
        for verb in ("add", "edit", "move", "delete")
        for noun in ("requirement", "criterion")
    ),
    *("import requirements", "import criteria"),
)
_STATUS = {"final": "active", "suspended": "cancelled"}


def export_release(*, actor: User, tender: Tender, now: datetime) -> str:
    """The release package of a tender as JSON text, and an entry that it was taken. Raises `Forbidden`."""
    rules.can_export_release(actor, tender).enforce()
    release = release_of(tender, now)
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="export release",
            object=tender,
            now=now,
            tender=tender,
            release=str(release["id"]),
            tag=release["tag"],
        )
    return packaged(tender, release)


def release_of(tender: Tender, now: datetime) -> ocds.Document:
    """The release of a tender as it stands at the moment, in the site's own language."""
    with override(settings.LANGUAGE_CODE):
        return ocds.release(process_of(tender, now))


def packaged(tender: Tender, release: ocds.Document) -> str:
    """A release in its package, as JSON text."""
    site = settings.SITE_ADDRESS
    return ocds.write(
        ocds.package(
            [release],
            uri=f"{site}{reverse('ocds-release', args=[tender.pk]).lstrip('/')}",
            published=datetime.fromisoformat(str(release["date"])),
            publisher=_bank().name,
            site=site,
        )
    )


def process_of(tender: Tender, now: datetime) -> ocds.Process:
    """What may be said of the tender at the moment."""
    awards = list(tender.awards.select_related("bid__vendor").prefetch_related("complaints").order_by("pk"))
    document = specification_document(tender)
    return ocds.Process(
        ocid=f"{settings.OCDS_PREFIX}-{tender.pk}",
        reference=tender.reference,
        title=tender.title,
        language={"zh-hant": "zh-Hant"}.get(settings.LANGUAGE_CODE, settings.LANGUAGE_CODE),
        stage=tender.stage,
        changed=_changed(tender, awards, now),
        buyer=_bank(),
        words=_words(tender),
        currency=tender.currency,
        method=tender.method,
        price_formula=tender.price_formula,
        total_points=Decimal(tender.total_points),
        budget=tender.budget,
        published_at=tender.published_at,
        deadline=tender.deadline,
        opened_at=tender.opened_at,
        competition="limited" if tender.invited_only else "open",
        rules=own_rules(document | {"system_class": tender.system_class}),
        fingerprint=tender.fingerprint,
        criteria=_criteria(tender),
        requirements=_requirements(tender),
        changes=_changes(tender),
        offers=_offers(tender),
        awards=tuple(_decided(number, award, now) for number, award in enumerate(awards, 1)),
        no_award=tender.resolutions.filter(kind=ResolutionKind.NO_AWARD, round=tender.round).exists(),
    )


def _bank() -> ocds.Organisation:
    return ocds.Organisation("bank", settings.BANK_NAME or _("The bank"))


def _organisation(vendor: Vendor) -> ocds.Organisation:
    scheme = "TW-BAN" if vendor.tax_id else ""
    return ocds.Organisation(f"vendor-{vendor.pk}", vendor.name, scheme, vendor.tax_id)


def _words(tender: Tender) -> ocds.Words:
    return ocds.Words(
        method=str(tender.get_method_display()),
        gates=_("Must be met"),
        scored=_("Weighed in the marks"),
        opening=_("Opened by two officers, prices after the marks were locked."),
        groups={kind.value: str(kind.label) for kind in RequirementKind},
    )


def _changed(tender: Tender, awards: list[Award], now: datetime) -> datetime:
    """When anything changed last of what a release says; before the opening nothing that tells of bids."""
    written = AuditEntry.objects.filter(tender=tender, action__in=_WRITING).order_by("-seq")
    moments = [tender.created_at, tender.published_at, written.values_list("at", flat=True).first()]
    moments += [change.decided_at for change in queries.agreed_amendments(tender)]
    moments.append(tender.opened_at)
    for award in awards:
        moments += [award.awarded_at, award.suspended_at]
        if queries.state_of(award, now).is_final:
            answered = [row.answered_at for row in award.complaints.all()]
            moments += [award.standstill_until, *answered]
    return max(moment for moment in moments if moment is not None)


# --- what is asked ----------------------------------------------------------------------------------------
def _criteria(tender: Tender) -> tuple[ocds.Weighed, ...]:
    tree = criteria_tree(tender)
    rows = {row.code: row for row in tender.criteria.select_related("parent").order_by("position")}
    return tuple(
        ocds.Weighed(
            code=code,
            title=row.title,
            kind="" if tree.children.get(code) else row.kind or "quality",
            parent=row.parent.code if row.parent else "",
            weight=row.weight,
            points=tree.effective[code],
            minimum=row.minimum,
            maximum=row.maximum,
            title_en=row.title_en,
        )
        for code, row in rows.items()
    )


def _requirements(tender: Tender) -> tuple[ocds.Asked, ...]:
    return tuple(
        ocds.Asked(
            code=row.code,
            title=row.title,
            kind=row.kind,
            mandatory=row.mandatory,
            severity=row.severity,
            source=row.source,
            evidence=row.evidence,
            more={name: getattr(row, key) for key, name in (REQUIREMENT_TEXTS | REQUIREMENT_ORIGIN).items()},
        )
        for row in tender.requirements.order_by("position")
    )


def _changes(tender: Tender) -> tuple[ocds.Change, ...]:
    return tuple(
        ocds.Change(row.number, row.decided_at, row.text)
        for row in queries.agreed_amendments(tender)
        if row.decided_at is not None
    )


# --- what came in -----------------------------------------------------------------------------------------
def _offers(tender: Tender) -> tuple[ocds.Offer, ...] | None:
    """The opened bids, in order of receipt; None before the opening."""
    if tender.opened_at is None:
        return None
    award = queries.award_of(tender)
    result = evaluate(read(award.case_text)) if award else None
    received = {bid.pk: submission.at for bid, submission in queries.handed_in(tender)}
    named = award is not None or not (tender.masked_bidders and queries.is_marking(tender))
    bids = tender.bids.filter(opened_at__isnull=False).select_related("vendor").order_by("position")
    return tuple(
        _offer(bid, received=received.get(bid.pk), named=named, award=award, result=result) for bid in bids
    )


def _offer(
    bid: Bid, *, received: datetime | None, named: bool, award: Award | None, result: Result | None
) -> ocds.Offer:
    won = award is not None and award.bid_id == bid.pk
    return ocds.Offer(
        id=str(bid.pk),
        status=_status_of(bid, result),
        vendor=_organisation(bid.vendor) if named else None,
        at=received,
        price=bid.price if won else None,
        score=_score(bid, result) if won and result else None,
    )


def _status_of(bid: Bid, result: Result | None) -> str:
    """Codelist bidStatus: before the award every bid waits, whatever was found."""
    if bid.status == BidStatus.WITHDRAWN:
        return "withdrawn"
    if result is None:
        return "pending"
    out = {exclusion.vendor for exclusion in result.excluded}
    return "disqualified" if bid.vendor.name in out else "valid"


def _score(bid: Bid, result: Result) -> ocds.Score | None:
    row = next((row for row in result.ranking if row.vendor == bid.vendor.name), None)
    if row is None:
        return None
    known = {code: value for code, value in row.points.items() if value is not None}
    return ocds.Score(place=row.place, figure=row.figure, total=row.total, points=known)


def _decided(number: int, award: Award, now: datetime) -> ocds.Decided:
    """Codelist awardStatus: pending in the standstill, active once final, cancelled when suspended."""
    return ocds.Decided(
        number=number,
        bid=str(award.bid_id),
        vendor=_organisation(award.bid.vendor),
        price=award.bid.price,
        at=award.awarded_at,
        status=_STATUS.get(queries.state_of(award, now).kind, "pending"),
    )

"""The last moves of a tender: the ranking presented, a bid recommended, and the award by name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.differences import obstacle_to_present
from bids.actions.promises import make_promises
from bids.actions.rankings import Followed, can_be_awarded, followed, rankings_of
from bids.actions.resolutions import Matter, Meeting, check_meeting, record
from bids.actions.submission import signature
from bids.cases import evaluated, faults_of
from bids.choices import ResolutionKind
from bids.evaluation import Refused, canonical, case_file
from bids.evaluation.evaluation import RE_EVALUATION_OR_LOTS
from bids.evaluation.result import RANKED
from bids.models import Award, Bid, Recommendation, Resolution, Waiver
from bids.queries import recommendation_of
from bids.queries.work import end_of
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.choices import Stage
from procurement.models import Tender, User


def present_ranking(*, actor: User, tender: Tender, now: datetime) -> Tender:
    """Put the ranking before the panel and the approvers; marks no longer change.

    Raises `Forbidden`, `ValidationError`.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_present, actor, tender)
        try:
            case, result = evaluated(tender, now=now)
        except Refused as refusal:
            raise ValidationError(faults_of(refusal)) from refusal
        obstacle = obstacle_to_present(tender, case)
        if obstacle:
            raise ValidationError(obstacle)
        if result.status != RANKED:
            raise ValidationError(_("Nobody is ranked yet: marks or prices are missing."))
        if RE_EVALUATION_OR_LOTS in result.needs and not rules.can_draw_lots(tender):
            raise ValidationError(str(rules.can_draw_lots(tender).reason))
        tender.stage = Stage.RANKED
        tender.save(update_fields=["stage"])
        audit.record(
            actor=actor,
            action="present ranking",
            object=tender,
            now=now,
            tender=tender,
            fingerprint=result.fingerprint,
            winner=result.winner or "",
        )
        audit.stage_changed("present ranking")
    return tender


# --- recommendation ---------------------------------------------------------------------------------------
def recommend(
    *,
    actor: User,
    tender: Tender,
    bid: Bid,
    meeting: Meeting,
    discussed: bool,
    benefits: str,
    seen: str,
    now: datetime,
) -> Resolution:
    """Record that the panel recommends a bid, by more than half of those present, with quorum.

    `seen` is the fingerprint of both rankings on screen. Raises `Forbidden`, `Stale`, and `ValidationError`
    where the bid cannot be awarded, or a dearer one has no word on what the money buys.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_recommend, actor, tender)
        rankings = rankings_of(tender, now)
        if rankings.fingerprint != seen:
            raise Stale(_("The ranking has changed since you opened this page. Look at it again first."))
        check_meeting(tender, None, meeting)
        bid = tender.bids.select_related("vendor").get(pk=bid.pk)
        choice = followed(rankings, bid.vendor.name)
        verdict = can_be_awarded(tender, choice)
        if choice is None or not verdict:
            raise ValidationError({"bid": str(verdict.reason)})
        _check_benefits(choice, benefits)
        last = tender.resolutions.aggregate(last=Max("number"))["last"] or 0
        matter = Matter(ResolutionKind.RECOMMEND, bid=bid)
        resolution = record(
            actor=actor, tender=tender, matter=matter, meeting=meeting, number=last + 1, now=now
        )
        Recommendation.objects.create(
            resolution=resolution,
            fingerprint=choice.result.fingerprint,
            with_exceptions=choice.with_exceptions,
            discussed=discussed,
            benefits=benefits,
        )
        audit.record(
            actor=actor,
            action="recommend award",
            object=bid,
            now=now,
            tender=tender,
            resolution=str(resolution),
            fingerprint=choice.result.fingerprint,
            with_exceptions=choice.with_exceptions,
            discussed=discussed,
            benefits=benefits,
        )
    return resolution


def _check_benefits(choice: Followed, benefits: str) -> None:
    """A dearer bid needs a word on what the money buys (採購法 §56; 最有利標評選辦法)."""
    if choice.costs_more and not benefits:
        raise ValidationError(
            {"benefits": _("Price alone would have bought another bid: say what the higher price buys.")}
        )


# --- award ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Words:
    """What the approver says: why, what the higher price buys, and why first place was departed from."""

    reason: str
    benefits: str = ""
    departure: str = ""


def recommended(tender: Tender, now: datetime) -> Followed | None:
    """Where the recommended bid stands by now; None without a recommendation that can still be followed."""
    resolution = recommendation_of(tender)
    if resolution is None or resolution.bid is None:
        return None
    return followed(rankings_of(tender, now), resolution.bid.vendor.name)


def award(*, actor: User, tender: Tender, words: Words, seen: str, now: datetime) -> Award:
    """Award to the recommended bid, by name and with reasons, and freeze the case and the result with it.

    `seen` is the ranking fingerprint that the approver had on screen. Raises `Forbidden` with what is still
    to do, `Stale` when the ranking is another one by now, and `ValidationError` for words not given.
    """
    with transaction.atomic():
        tender = enforce_and_lock(lambda person, row: rules.can_award(person, row, now), actor, tender)
        choice = recommended(tender, now)
        verdict = can_be_awarded(tender, choice)
        if choice is None or not verdict:
            raise ValidationError(str(verdict.reason))
        if choice.result.fingerprint != seen:
            raise Stale(_("The ranking has changed since you opened this page. Look at it again first."))
        rules.can_award(actor, tender, now, seen).enforce()
        _check_words(actor, tender, choice, words)
        decision = _store(actor, tender, choice, words, now)
        tender.stage = Stage.AWARDED
        tender.save(update_fields=["stage"])
        _tell(actor, decision, choice, now)
        make_promises(actor=actor, tender=tender, bid=decision.bid, now=now)
    return decision


def _check_words(actor: User, tender: Tender, choice: Followed, words: Words) -> None:
    """What has to be said, and by whom."""
    if not words.reason:
        raise ValidationError({"reason": _("Give the reason of the award.")})
    _check_benefits(choice, words.benefits)
    if choice.is_first:
        return
    if actor.pk != tender.approver_id:
        raise ValidationError(_("Only the approver named in the tender may depart from first place."))
    if not words.departure:
        raise ValidationError({"departure": _("Say why the cheapest is taken although it is not first.")})


def standstill_until(tender: Tender, now: datetime) -> datetime:
    """The last moment of the standstill: the end, in Taipei, of the last day."""
    return end_of(timezone.localdate(now) + timedelta(days=tender.standstill_days))


def _store(actor: User, tender: Tender, choice: Followed, words: Words, now: datetime) -> Award:
    resolution = recommendation_of(tender)
    return Award.objects.create(
        tender=tender,
        bid=resolution.bid,
        resolution=resolution,
        reason=words.reason,
        benefits=words.benefits,
        departure_reason="" if choice.is_first else words.departure,
        with_exceptions=choice.with_exceptions,
        exceptions=_exceptions(resolution.bid, choice),
        signer=actor,
        awarded_by=signature(actor),
        awarded_at=now,
        standstill_until=standstill_until(tender, now),
        case_text=canonical(case_file(choice.ranking.case)),
        result_text=canonical(choice.result.to_document()),
        fingerprint=choice.result.fingerprint,
        other_case_text=canonical(case_file(choice.other.case)) if choice.other else "",
    )


def _exceptions(bid: Bid, choice: Followed) -> list[dict[str, str]]:
    """Every exception that the award rests on, copied with the names of those who signed it."""
    rows = Waiver.objects.filter(
        claim__bid=bid, claim__requirement__code__in=choice.row.waived, refused_by=""
    )
    last = {
        row.claim.requirement.code: row
        for row in rows.select_related("claim__requirement").order_by("pk")
        if row.approved_by
    }
    return [
        {
            "code": code,
            "title": row.claim.requirement.title,
            "signed_by": row.signed_by,
            "reason": row.reason,
            "expires_on": row.expires_on.isoformat() if row.expires_on else "",
        }
        for code, row in last.items()
    ]


def _tell(actor: User, decision: Award, choice: Followed, now: datetime) -> None:
    """The entry of the trail."""
    alone = choice.result.price_only
    audit.record(
        actor=actor,
        action="award",
        object=decision.bid,
        now=now,
        tender=decision.tender,
        reason=decision.reason,
        benefits=decision.benefits,
        departure=decision.departure_reason,
        resolution=str(decision.resolution),
        fingerprint=decision.fingerprint,
        with_exceptions=decision.with_exceptions,
        exceptions=decision.exceptions,
        standstill_until=decision.standstill_until.isoformat(),
        price_alone=alone.vendor if alone else "",
        unmet_by_price_alone=list(alone.unmet) if alone else [],
    )
    audit.stage_changed("award")

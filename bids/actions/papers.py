"""Producing a paper: who may, what it is written from, and an entry of the trail for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from bids import queries, rules
from bids.actions.differences import items_of
from bids.actions.publication import is_as_published
from bids.actions.rankings import rankings_of
from bids.evaluation import Case, Refused, evaluate, read
from bids.evaluation.differences import RED
from bids.models import (
    Approval,
    Award,
    Bid,
    Claim,
    Dissent,
    FirstOpinion,
    LotDraw,
    Recusal,
    ScoreSheet,
    Submission,
    Waiver,
)
from bids.papers.award_paper import award_paper
from bids.papers.document import Paper
from bids.papers.letter import letter
from bids.papers.minutes import minutes
from bids.papers.notice import notice
from bids.papers.opening_record import opening_record
from bids.papers.records import Apart, Ranked, Records, letters_of
from procurement import audit
from procurement.choices import Profile, Role
from procurement.models import Tender, Unit, User
from procurement.rules import Verdict, no_unless


@dataclass(frozen=True)
class Kind:
    """A paper of the whole tender: who may have it, and who writes it."""

    rule: Callable[[User, Tender], Verdict]
    write: Callable[[Records, str], Paper]


#: Papers by the name in their address.
KINDS: dict[str, Kind] = {
    "opening-record": Kind(rules.can_produce_opening_record, opening_record),
    "minutes": Kind(rules.can_produce_papers, minutes),
    "award-paper": Kind(rules.can_produce_papers, award_paper),
    "award-notice": Kind(rules.can_take_notice, notice),
}


def produce(
    *, actor: User, tender: Tender, kind: str, language: str, form: str, lettered: bool, now: datetime
) -> Paper:
    """A paper of the tender in a language of the site, and an entry that it was produced.

    `form` is how it leaves: print or docx. In a `lettered` copy members stand by letter everywhere. Raises
    `Forbidden`, and `bids.evaluation.Refused` where the tender cannot be evaluated.
    """
    KINDS[kind].rule(actor, tender).enforce()
    with override(language):
        records = records_of(actor, tender, lettered=lettered, now=now)
        paper = KINDS[kind].write(records, language)
    _record(actor, tender, paper, form=form, lettered=lettered, bid="", now=now)
    return paper


def produce_letter(*, actor: User, bid: Bid, language: str, form: str, now: datetime) -> Paper:
    """The letter to a bid that was not awarded: for the vendor itself, and for those who keep the papers."""
    can_take_letter(actor, bid).enforce()
    with override(language):
        paper = letter(records_of(actor, bid.tender, lettered=True, now=now), bid, language)
    _record(actor, bid.tender, paper, form=form, lettered=True, bid=str(bid), now=now)
    return paper


def can_take_letter(actor: User, bid: Bid) -> Verdict:
    """Whether there is a letter to the bid, and the person may have it."""
    award = queries.award_of(bid.tender)
    own = actor.role != Role.VENDOR or actor.vendor_id == bid.vendor_id
    return rules.can_take_notice(actor, bid.tender) & no_unless(
        own and award is not None and bid in losers_of(award), _("There is no letter to this bid.")
    )


def losers_of(award: Award) -> list[Bid]:
    """The bids that get a letter: those of the frozen case that are valid or excluded, but for the winner."""
    vendors = [row.vendor for row in read(award.case_text).bids if row.status != "withdrawn"]
    bids = award.tender.bids.filter(vendor__name__in=vendors).exclude(pk=award.bid_id)
    return list(bids.select_related("vendor", "tender").order_by("position"))


def _record(
    actor: User, tender: Tender, paper: Paper, *, form: str, lettered: bool, bid: str, now: datetime
) -> None:
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="produce paper",
            object=tender,
            now=now,
            tender=tender,
            paper=paper.kind,
            language=paper.language,
            form=form,
            lettered=lettered,
            bid=bid,
        )


# --- what papers are written from -------------------------------------------------------------------------
def records_of(actor: User, tender: Tender, *, lettered: bool, now: datetime) -> Records:
    """Read the records once. After the award the rankings are those of its frozen cases.

    Under the Procurement Act individual marks stay confidential: members stand by letter but for auditors.
    """
    award = queries.award_of(tender)
    as_scored, accepted = _rankings(tender, award, now)
    seats = list(tender.seats.select_related("unit", "user").order_by("position"))
    resolutions = list(
        tender.resolutions.select_related("criterion", "bid__vendor", "seat", "recommendation")
        .prefetch_related("rounds")
        .order_by("number")
    )
    recommendation = award.resolution if award else queries.recommendation_of(tender)
    confidential = tender.profile == Profile.TW_PUBLIC and actor.role != Role.AUDITOR
    return Records(
        tender=tender,
        as_scored=as_scored,
        accepted=accepted,
        award=award,
        recommendation=recommendation,
        approvals=list(Approval.objects.filter(resolution=recommendation).order_by("pk")),
        resolutions=resolutions,
        dissents=list(
            Dissent.objects.filter(resolution__tender=tender).select_related("seat").order_by("pk")
        ),
        draws=list(LotDraw.objects.filter(tender=tender).order_by("pk")),
        objections=queries.standings(
            tender.objections.select_related("tender", "bid__vendor", "requirement").order_by("number"), now
        ),
        waivers=list(
            Waiver.objects.filter(claim__bid__tender=tender)
            .select_related("claim__requirement", "claim__bid__vendor")
            .order_by("pk")
        ),
        opinions=list(
            FirstOpinion.objects.filter(bid__tender=tender)
            .select_related("criterion", "bid__vendor")
            .order_by("criterion__position", "bid__position")
        ),
        apart=_apart(tender, as_scored),
        seats=seats,
        recusals=list(Recusal.objects.filter(seat__tender=tender).select_related("seat", "bid__vendor")),
        sheets=list(ScoreSheet.objects.filter(seat__tender=tender)),
        claims=list(Claim.objects.filter(bid__tender=tender).select_related("requirement", "bid__vendor")),
        envelopes=_envelopes(tender),
        units={unit.code: unit for unit in Unit.objects.all()},
        organisation=settings.BANK_NAME,
        producer=actor.name,
        now=now,
        opening=queries.opening_facts(tender),
        confirmation_asked=queries.confirmation_asked(tender),
        as_published=is_as_published(tender),
        named=not (lettered or confidential),
        nameless=lettered,
        letters=letters_of(seats, tender.fingerprint),
    )


def _rankings(tender: Tender, award: Award | None, now: datetime) -> tuple[Ranked | None, Ranked | None]:
    """The rankings without and with exceptions; none before prices are open, or where it is refused."""
    if award is not None:
        followed = _ranked(read(award.case_text))
        other = _ranked(read(award.other_case_text)) if award.other_case_text else followed
        return (other, followed) if award.with_exceptions else (followed, other)
    if not tender.is_priced:
        return None, None
    try:
        rankings = rankings_of(tender, now)
    except Refused:
        return None, None
    pair = (rankings.as_scored, rankings.with_exceptions)
    return Ranked(pair[0].case, pair[0].result), Ranked(pair[1].case, pair[1].result)


def _ranked(case: Case) -> Ranked:
    return Ranked(case, evaluate(case))


def _apart(tender: Tender, ranked: Ranked | None) -> list[Apart]:
    """Items that are over a threshold, or were talked about."""
    if ranked is None:
        return []
    return [
        Apart(
            vendor=item.now.vendor,
            code=item.now.code,
            spread=max(item.first.unit_spread, item.first.member_spread),
            resolutions=item.resolutions,
            corrected=item.is_corrected,
        )
        for item in items_of(tender, ranked.case)
        if item.resolutions or item.is_corrected or item.level == RED
    ]


def _envelopes(tender: Tender) -> list[tuple[Bid, Submission | None]]:
    """Bids in order of receipt; those that were loaded with a case came on paper."""
    handed_in = queries.handed_in(tender)
    known = {bid.pk for bid, _number in handed_in}
    loaded = tender.bids.filter(opened_at__isnull=False).select_related("vendor").order_by("position")
    return [*handed_in, *((bid, None) for bid in loaded if bid.pk not in known)]

"""What the winner promised: made at the award, planned, signed by name, and what going live needs."""

import hashlib
import uuid
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import signature
from bids.choices import Outcome, Proof
from bids.models import Acceptance, Bid, Claim, Promise, SignOff
from bids.queries.awards import award_of
from bids.queries.promises import standing_promises, uncovered, unsettled_gates
from procurement import audit
from procurement.actions.locking import advance, enforce_and_lock
from procurement.actions.register import request_entry
from procurement.choices import Exposure
from procurement.models import RegisterEntry, Requirement, Tender, User
from procurement.models.fields import CODE_LENGTH
from procurement.templatetags.figures import listed

#: Days from the award to the day on which promises are due unless somebody plans another one.
DAYS_TO_GO_LIVE = 90

#: What in the evidence asked for names the kind of proof; the first that is found counts.
_PROOF_WORDS = (
    (Proof.SBOM, ("sbom", "component", "元件", "組件")),
    (Proof.SOURCE_REVIEW, ("source", "原始碼", "源碼")),
    (Proof.DEMONSTRATION, ("demonstrat", "展示", "示範", "演練")),
    (Proof.TEST_REPORT, ("test", "scan", "測試", "掃描", "檢測", "驗證")),
)


def proof_asked(evidence: str) -> Proof:
    """The kind of proof that the words of a requirement ask for; a document where they name none."""
    words = evidence.lower()
    return next(
        (proof for proof, signs in _PROOF_WORDS if any(sign in words for sign in signs)), Proof.DOCUMENT
    )


def make_promises(*, actor: User, tender: Tender, bid: Bid, now: datetime) -> list[Promise]:
    """Turn every requirement that the winning bid meets into a promise; belongs to the award's transaction.

    Met is what the finding says, else the claim; what security agreed does not apply is no promise. Where the
    bid was awarded before and the award suspended, its promises live again, and unsigned ones get a new day.
    """
    due_on = timezone.localdate(now) + timedelta(days=DAYS_TO_GO_LIVE)
    Acceptance.objects.update_or_create(tender=tender, defaults={"target_on": due_on})
    Promise.objects.filter(bid=bid, outcome="").update(due_on=due_on)
    known = set(Promise.objects.filter(bid=bid).values_list("requirement", flat=True))
    claims = Claim.objects.filter(bid=bid).select_related("requirement").order_by("requirement__position")
    met = [claim.requirement for claim in claims if claim.counts_as_met and not claim.does_not_apply]
    promises = Promise.objects.bulk_create(
        _promise(tender, bid, requirement, due_on) for requirement in met if requirement.pk not in known
    )
    audit.record(
        actor=actor,
        action="make promises",
        object=bid,
        now=now,
        tender=tender,
        codes=[promise.code for promise in promises],
        due_on=due_on.isoformat(),
    )
    return promises


def _promise(tender: Tender, bid: Bid, requirement: Requirement, due_on: date) -> Promise:
    """The promise of one requirement; where it names nobody, who owns the system answers for it."""
    named = requirement.unit_id or requirement.owner_id
    return Promise(
        tender=tender,
        bid=bid,
        requirement=requirement,
        position=requirement.position,
        code=requirement.code,
        text=requirement.title,
        mandatory=requirement.mandatory,
        severity=requirement.severity,
        unit_id=requirement.unit_id if named else tender.owner_unit_id,
        owner_id=requirement.owner_id if named else tender.owner_id,
        proof=proof_asked(requirement.evidence),
        due_on=due_on,
        first_due_on=due_on,
    )


def _check_day(field: str, old: date, new: date, today: date) -> None:
    """Raise `ValidationError` where a day would be moved to the past, or after it is over."""
    if new == old:
        return
    if old < today:
        raise ValidationError({field: _("This day is over and can no longer be moved.")})
    if new < today:
        raise ValidationError({field: _("This day is over.")})


def plan_promise(
    *, actor: User, promise: Promise, due_on: date, proof: str, reason: str, seen: int, now: datetime
) -> Promise:
    """Set when a promise is due and what shows that it is kept. The day set at the award stays on record.

    A day that is over cannot be moved: it stays late. Raises `Forbidden`, `Stale` and `ValidationError`.
    """
    with transaction.atomic():
        promise = enforce_and_lock(rules.can_plan_promise, actor, promise)
        advance(promise, seen)
        _check_day("due_on", promise.due_on, due_on, timezone.localdate(now))
        before = {"due_on": promise.due_on.isoformat(), "proof": promise.proof}
        promise.due_on, promise.proof = due_on, Proof(proof)
        promise.save(update_fields=["due_on", "proof", "version"])
        audit.record(
            actor=actor,
            action="plan promise",
            object=promise.code,
            now=now,
            tender=promise.tender,
            before=before,
            due_on=due_on.isoformat(),
            proof=proof,
            reason=reason,
        )
    return promise


def set_target(
    *, actor: User, acceptance: Acceptance, target_on: date, reason: str, seen: int, now: datetime
) -> Acceptance:
    """Move the day of going live, and with it the open promises that were due on it.

    Raises `Forbidden`, `Stale`, and `ValidationError` where either day is over.
    """
    with transaction.atomic():
        acceptance = enforce_and_lock(rules.can_move_target, actor, acceptance)
        advance(acceptance, seen)
        old = acceptance.target_on
        _check_day("target_on", old, target_on, timezone.localdate(now))
        acceptance.target_on = target_on
        acceptance.save(update_fields=["target_on", "version"])
        moved = list(
            standing_promises()
            .select_for_update()
            .filter(tender=acceptance.tender_id, outcome="", due_on=old)
        )
        for promise in moved:
            promise.due_on, promise.version = target_on, promise.version + 1
            promise.save(update_fields=["due_on", "version"])
        audit.record(
            actor=actor,
            action="set go-live target",
            object=acceptance,
            now=now,
            tender=acceptance.tender,
            before=old.isoformat(),
            target_on=target_on.isoformat(),
            reason=reason,
            moved=[promise.code for promise in moved],
        )
    return acceptance


def set_contract_end(
    *, actor: User, acceptance: Acceptance, until: date | None, seen: int, now: datetime
) -> Acceptance:
    """Enter the contract's last day, which may be over; None takes it out, and the contract runs on.

    Raises `Forbidden`, `Stale`, and `ValidationError` for a day before the award.
    """
    with transaction.atomic():
        acceptance = enforce_and_lock(rules.can_set_contract_end, actor, acceptance)
        advance(acceptance, seen)
        award = award_of(acceptance.tender)
        if until and award and until < timezone.localdate(award.awarded_at):
            raise ValidationError({"contract_until": _("A contract does not end before its award.")})
        before, acceptance.contract_until = acceptance.contract_until, until
        acceptance.save(update_fields=["contract_until", "version"])
        audit.record(
            actor=actor,
            action="set end of contract",
            object=acceptance,
            now=now,
            tender=acceptance.tender,
            before=before.isoformat() if before else "",
            until=until.isoformat() if until else "",
        )
    return acceptance


def sign_off(
    *,
    actor: User,
    promise: Promise,
    outcome: str,
    text: str,
    file: tuple[str, bytes] | None,
    seen: int,
    now: datetime,
) -> SignOff:
    """Sign, by name, that a promise is kept or broken, with words and perhaps a file (its name and content).

    What was signed before stays; the last one counts. Raises `Forbidden`, `Stale` and `ValidationError`.
    """
    with transaction.atomic():
        promise = enforce_and_lock(lambda person, row: rules.can_sign_off(person, row, now), actor, promise)
        advance(promise, seen)
        if outcome not in rules.next_outcomes(promise):
            raise ValidationError({"outcome": _("This is what was signed last.")})
        signed = SignOff(
            promise=promise,
            number=promise.sign_offs.count() + 1,
            outcome=outcome,
            text=text,
            by_name=signature(actor),
            at=now,
        )
        if file is not None:
            _put_file(signed, *file)
        signed.save(force_insert=True)
        promise.was_broken = promise.was_broken or promise.outcome == Outcome.BROKEN
        promise.outcome, promise.settled_on = Outcome(outcome), timezone.localdate(now)
        promise.save(update_fields=["outcome", "settled_on", "was_broken", "version"])
        audit.record(
            actor=actor,
            action="sign promise as kept" if outcome == Outcome.KEPT else "sign promise as broken",
            object=promise.code,
            now=now,
            tender=promise.tender,
            text=text,
            file=signed.file_name,
            sha256=signed.sha256,
        )
    return signed


def _put_file(signed: SignOff, name: str, content: bytes | bytearray) -> None:
    """Keep the file under a random name. Its kind and size were checked by the form."""
    signed.file_name, signed.size = name, len(content)
    signed.sha256 = hashlib.sha256(content).hexdigest()
    signed.file = ContentFile(content, name=uuid.uuid4().hex)


def ask_to_go_live(
    *, actor: User, tender: Tender, owner: User, reason: str, risk: str, expires_on: date, now: datetime
) -> RegisterEntry:
    """Ask for an exception for every gate promise that is open or broken: an entry of the register.

    Security and an approver answer it there, each in another person. One that stands is prolonged by it.
    Raises `Forbidden`, and `ValidationError` where nothing is open.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_ask_to_go_live, actor, tender)
        gates = unsettled_gates(tender)
        if not gates:
            raise ValidationError(_("Every gate promise is kept: no exception is needed."))
        earlier = RegisterEntry.objects.filter(tender=tender, kind=Exposure.GOING_LIVE).order_by("-pk")
        system = tender.system or tender.title
        entry = request_entry(
            actor=actor,
            values={
                "system": system[:CODE_LENGTH],
                "kind": Exposure.GOING_LIVE,
                "origin": gates[0].bid.vendor.name[:CODE_LENGTH],
                "target": system[:CODE_LENGTH],
                "opening": "\n".join(str(promise) for promise in gates),
                "reason": reason,
                "risk": risk,
                "owner": owner,
                "expires_on": expires_on,
                "tender": tender,
                "vendor": gates[0].bid.vendor,
            },
            renews=next((row for row in earlier if row.is_standing), None),
            now=now,
        )
        entry.promises.set(gates)
        audit.record(
            actor=actor,
            action="ask to go live with open promises",
            object=entry,
            now=now,
            tender=tender,
            codes=[promise.code for promise in gates],
        )
    return entry


def go_live(*, actor: User, tender: Tender, seen: int, now: datetime) -> Acceptance:
    """Say, by name and once, that the system is in operation.

    Raises `Forbidden`, `Stale`, and `ValidationError` with the list where a gate promise is open or broken
    and no exception in force covers it.
    """
    with transaction.atomic():
        tender = enforce_and_lock(lambda who, row: rules.can_go_live(who, row, now), actor, tender)
        acceptance = Acceptance.objects.select_for_update().get(tender=tender)
        advance(acceptance, seen)
        gates, today = unsettled_gates(tender), timezone.localdate(now)
        missing = uncovered(gates, today)
        if missing:
            raise ValidationError(
                _("Gate promises are open or broken, and no exception covers them: %(codes)s.")
                % {"codes": listed(promise.code for promise in missing)}
            )
        acceptance.live_by, acceptance.live_at = signature(actor), now
        acceptance.live_despite = [
            {"code": promise.code, "exception": str(promise.covered_by(today))} for promise in gates
        ]
        acceptance.save(update_fields=["live_by", "live_at", "live_despite", "version"])
        audit.record(
            actor=actor,
            action="go live",
            object=tender.system or tender,
            now=now,
            tender=tender,
            despite=acceptance.live_despite,
        )
    return acceptance

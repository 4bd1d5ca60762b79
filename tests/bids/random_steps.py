"""What people try between the opening and the price, by the book and against it."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from bids import queries
from bids.actions import (
    differences,
    resolutions,
    scoring,
    verification,
    waivers,
)
from bids.actions.resolutions import Matter, Meeting
from bids.cases import case_document
from bids.choices import ResolutionKind
from bids.evaluation import Refused, evaluate, read_document
from bids.models import Claim, Mark, Waiver
from procurement import audit
from procurement.actions.locking import Stale
from procurement.models import Criterion, User
from procurement.rules import Forbidden
from tests.cast import NOW

PEOPLE = (
    "officer",
    "security",
    "business",
    "approver",
    "next_above",
    "security_head",
    "business_head",
    "stranger",
)
anybody = st.sampled_from(PEOPLE)
either = st.integers(0, 1)
REFUSALS = (Forbidden, Stale, ValidationError)


def ranking_of(document):
    """What the arithmetic makes of a case file, or its refusal."""
    try:
        result = evaluate(read_document(document))
    except Refused as refusal:
        return [issue.code for issue in refusal.issues]
    return [(row.place, row.vendor, row.figure) for row in result.ranking], result.status


class Steps(RuleBasedStateMachine):
    """Marks, talk, findings and waivers on one tender with opened bids; every example ends where it began."""

    cast = tender_key = None
    done: Counter = Counter()

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = NOW
        self.signed = {}
        self.raised = {}

    def teardown(self):
        assert audit.verify_chain().intact
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- the world ------------------------------------------------------------------------------------------
    @property
    def tender(self):
        return type(self.tender_row)._default_manager.get(pk=self.tender_row.pk)

    def who(self, name) -> User:
        return getattr(self.cast, name)

    def bid(self, number):
        return list(self.tender.bids.order_by("position"))[number]

    def leaf(self, number) -> Criterion:
        return self.tender.criteria.get(code="SQ"[number])

    def attempt(self, name, action, **arguments):
        """Do it, or be told no; what fails leaves nothing behind."""
        try:
            with transaction.atomic():
                outcome = action(now=self.now, **arguments)
        except REFUSALS:
            return None
        self.done[name] += 1
        return outcome

    def meeting(self, reason="As discussed."):
        present = [seat for seat in self.tender.seats.select_related("unit", "user") if seat.present]
        return Meeting(present, in_favour=len(present), against=0, reason=reason)

    # --- marks ----------------------------------------------------------------------------------------------
    @rule(name=anybody, bid=either, leaf=either, mark=st.sampled_from(["0", "5", "22", "25", "44"]))
    def mark(self, name, bid, leaf, mark):
        actor, criterion = self.who(name), self.leaf(leaf)
        seat = self.tender.seats.filter(user=actor).first() or self.tender.seats.first()
        known = Mark.objects.filter(
            seat=seat, bid=self.bid(bid), criterion=criterion, round=self.tender.round
        ).first()
        self.attempt(
            "mark",
            scoring.save_mark,
            actor=actor,
            seat=seat,
            bid=self.bid(bid),
            criterion=criterion,
            mark=Decimal(mark),
            comment="A reason that is long enough.",
            seen=known.version if known else 0,
        )

    @rule(gap=st.sampled_from(["same", "apart"]))
    def everybody_marks(self, gap):
        """Both members finish and sign their sheets."""
        for number, seat in enumerate(self.tender.seats.select_related("user", "unit")):
            for leaf, bid in queries.cells_missing(queries.marking(self.tender), seat):
                top = Decimal(20)
                given = top if gap == "same" or not number else Decimal(2)
                self.attempt(
                    "mark",
                    scoring.save_mark,
                    actor=seat.user,
                    seat=seat,
                    bid=bid,
                    criterion=leaf.row,
                    mark=given + bid.position,
                    comment="A reason that is long enough.",
                    seen=0,
                )
            self.sign(seat)

    @rule(name=st.sampled_from(["security", "business"]))
    def signs(self, name):
        self.sign(self.tender.seats.get(user=self.who(name)))

    def sign(self, seat):
        if self.attempt("sign", scoring.submit_marks, actor=seat.user, seat=seat):
            rounds = self.tender.round
            for row in Mark.objects.filter(seat=seat, round=rounds):
                self.signed[row.pk] = (row.mark, row.absence, row.comment)

    @rule(name=anybody, bid=either, leaf=either, mark=st.sampled_from(["1", "18", "24"]))
    def correct(self, name, bid, leaf, mark):
        row = Mark.objects.filter(
            bid=self.bid(bid), criterion=self.leaf(leaf), seat__user=self.who(name)
        ).last()
        row = row or Mark.objects.filter(bid=self.bid(bid)).first()
        if row:
            self.attempt(
                "correct",
                differences.correct_mark,
                actor=self.who(name),
                mark=row,
                corrected=Decimal(mark),
                reason="After the talk.",
                seen=row.corrections.count(),
            )

    @rule(
        name=anybody,
        kind=st.sampled_from([ResolutionKind.KEEP, ResolutionKind.REMOVE, ResolutionKind.REDO]),
        bid=either,
        leaf=either,
    )
    def resolve(self, name, kind, bid, leaf):
        """The panel decides about an item."""
        tender = self.tender
        self.attempt(
            f"resolve {kind}",
            resolutions.resolve,
            actor=self.who(name),
            tender=tender,
            matter=Matter(
                kind,
                criterion=self.leaf(leaf),
                bid=self.bid(bid),
                seat=tender.seats.first(),
                again=[self.leaf(leaf)],
            ),
            meeting=self.meeting(),
            seen=tender.resolutions.count(),
        )

    # --- findings and waivers -------------------------------------------------------------------------------
    @rule(name=anybody, bid=either, code=st.sampled_from(["R1", "R2", "R3"]), met=st.booleans())
    def find(self, name, bid, code, met):
        claim = Claim.objects.get(bid=self.bid(bid), requirement__code=code)
        self.attempt(
            "find",
            verification.record_finding,
            actor=self.who(name),
            claim=claim,
            verified=met,
            finding="Seen on the machine.",
            seen=claim.version,
        )

    @rule(name=anybody, bid=either, code=st.sampled_from(["R1", "R2", "R3"]))
    def propose(self, name, bid, code):
        before = self.base()
        self.attempt(
            "propose",
            waivers.propose_waiver,
            actor=self.who(name),
            claim=Claim.objects.get(bid=self.bid(bid), requirement__code=code),
            reason="Until the replacement.",
            control="A guard.",
            expires_on=timezone.localdate(self.now) + timedelta(days=20),
        )
        assert self.base() == before

    @rule(name=anybody, agrees=st.booleans())
    def sign_waiver(self, name, agrees):
        waiver = Waiver.objects.order_by("pk").last()
        if waiver is None:
            return
        before = self.base()
        arguments = {"actor": self.who(name), "waiver": waiver, "seen": waiver.version}
        if agrees:
            self.attempt("sign waiver", waivers.sign_waiver, **arguments)
        else:
            self.attempt("refuse waiver", waivers.refuse_waiver, reason="No.", **arguments)
        assert self.base() == before

    @rule(bid=either, leaf=either)
    def talked_over_by_the_book(self, bid, leaf):
        """Members are apart; one corrects, and the panel has the criterion marked again."""
        self.everybody_marks("apart")
        self.correct("business", bid, leaf, "18")
        self.resolve("officer", ResolutionKind.REDO, bid, leaf)

    @rule(bid=either)
    def waived_by_the_book(self, bid):
        """A gate fails, and both signatures are given."""
        self.find("security", bid, "R1", False)
        self.propose("officer", bid, "R1")
        self.sign_waiver("security_head", True)
        self.sign_waiver("approver", True)

    def base(self):
        """The ranking as scored."""
        return ranking_of(case_document(self.tender, now=self.now, waivers=False))

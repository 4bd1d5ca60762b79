"""What people try between the opening and the price, by the book and against it."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
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
from bids.actions.scoring import GivenMark
from bids.cases import case_document
from bids.choices import ResolutionKind
from bids.evaluation import Refused, evaluate, read_document
from bids.models import Bid, Claim, Correction, Mark, Resolution, Waiver
from procurement import audit
from procurement.actions.locking import Stale
from procurement.models import Criterion, Seat, Tender, User
from procurement.rules import Forbidden
from tests.cast import NOW
from tests.stored import Stored

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
REASON = "A reason that is long enough."
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
        self.stored = Stored()
        self.rows = self.stored.rows
        self.watched = connection.execute_wrapper(self._watch)
        self.watched.__enter__()
        self.key = self.tender_row.pk
        self.now = NOW
        self.signed = {}
        self.raised = {}
        #: The ranking as scored, until something is written or time goes by; and whether that was looked at.
        self.scored, self.looked_at = None, False

    def teardown(self):
        self.watched.__exit__(None, None, None)
        assert audit.verify_chain().intact
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def _watch(self, execute, sql, params, many, context):
        if self.stored.changed_by(sql):
            self.scored, self.looked_at = None, False
        return execute(sql, params, many, context)

    # --- the world ------------------------------------------------------------------------------------------
    @property
    def tender(self) -> Tender:
        return self.rows(Tender, pk=self.key)[0]

    def who(self, name) -> User:
        return getattr(self.cast, name)

    def bids(self) -> list[Bid]:
        found, tender = self.rows(Bid, "position", tender=self.key), self.tender
        vendors = {user.vendor_id: user.vendor for user in (self.cast.vendor, self.cast.rival)}
        for row in found:
            row.tender, row.vendor = tender, vendors[row.vendor_id]
        return found

    def bid(self, number) -> Bid:
        return self.bids()[number]

    def leaf(self, number) -> Criterion:
        row = self.rows(Criterion, tender=self.key, code="SQ"[number])[0]
        row.tender = self.tender
        return row

    def seats(self) -> list[Seat]:
        found, tender = self.rows(Seat, "position", tender=self.key), self.tender
        people = {user.pk: user for user in self.cast.everybody().values()}
        for row in found:
            row.tender, row.user = tender, people[row.user_id]
            row.unit = row.user.unit
        return found

    def claim(self, number, code) -> Claim:
        bid = self.bid(number)
        row = self.rows(Claim, bid=bid.pk, requirement__code=code)[0]
        row.bid = bid
        return row

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
        present = [seat for seat in self.seats() if seat.present]
        return Meeting(present, in_favour=len(present), against=0, reason=reason)

    # --- marks ----------------------------------------------------------------------------------------------
    @rule(name=anybody, bid=either, leaf=either, mark=st.sampled_from(["0", "5", "22", "25", "44"]))
    def mark(self, name, bid, leaf, mark):
        actor, row, criterion, seats = self.who(name), self.bid(bid), self.leaf(leaf), self.seats()
        seat = next((own for own in seats if own.user_id == actor.pk), seats[0])
        at = {"seat": seat.pk, "bid": row.pk, "criterion": criterion.pk, "round": row.tender.round}
        known = self.rows(Mark, **at)
        self.attempt(
            "mark",
            scoring.save_mark,
            actor=actor,
            seat=seat,
            bid=row,
            criterion=criterion,
            mark=Decimal(mark),
            comment=REASON,
            seen=known[0].version if known else 0,
        )

    @rule(gap=st.sampled_from(["same", "apart"]))
    def everybody_marks(self, gap):
        """Both members finish and sign their sheets."""
        plan = queries.marking(self.tender)
        for number, seat in enumerate(self.seats()):
            top = Decimal(20 if gap == "same" or not number else 2)
            given = [
                GivenMark(bid, leaf.row, top + bid.position, "", REASON, 0)
                for leaf, bid in queries.cells_missing(plan, seat)
            ]
            if given:
                self.attempt("mark", scoring.save_marks, actor=seat.user, seat=seat, given=given)
            self.sign(seat)

    @rule(name=st.sampled_from(["security", "business"]))
    def signs(self, name):
        self.sign(next(seat for seat in self.seats() if seat.user == self.who(name)))

    def sign(self, seat):
        if self.attempt("sign", scoring.submit_marks, actor=seat.user, seat=seat):
            for row in self.rows(Mark, seat=seat.pk, round=self.tender.round):
                self.signed[row.pk] = (row.mark, row.absence, row.comment)

    @rule(name=anybody, bid=either, leaf=either, mark=st.sampled_from(["1", "18", "24"]))
    def correct(self, name, bid, leaf, mark):
        marks = self.rows(Mark, "position", "pk", bid=self.bid(bid).pk)
        at = {"criterion": self.leaf(leaf).pk, "seat__user": self.who(name).pk}
        own = self.rows(Mark, "position", "pk", bid=self.bid(bid).pk, **at)
        for row in own[-1:] or marks[:1]:
            self.attempt(
                "correct",
                differences.correct_mark,
                actor=self.who(name),
                mark=row,
                corrected=Decimal(mark),
                reason="After the talk.",
                seen=len(self.rows(Correction, mark=row.pk)),
            )

    @rule(
        name=anybody,
        kind=st.sampled_from([ResolutionKind.KEEP, ResolutionKind.REMOVE, ResolutionKind.REDO]),
        bid=either,
        leaf=either,
    )
    def resolve(self, name, kind, bid, leaf):
        """The panel decides about an item."""
        tender, criterion = self.tender, self.leaf(leaf)
        self.attempt(
            f"resolve {kind}",
            resolutions.resolve,
            actor=self.who(name),
            tender=tender,
            matter=Matter(
                kind,
                criterion=criterion,
                bid=self.bid(bid),
                seat=self.seats()[0],
                again=[criterion],
            ),
            meeting=self.meeting(),
            seen=len(self.rows(Resolution, tender=self.key)),
        )

    # --- findings and waivers -------------------------------------------------------------------------------
    @rule(name=anybody, bid=either, code=st.sampled_from(["R1", "R2", "R3"]), met=st.booleans())
    def find(self, name, bid, code, met):
        claim = self.claim(bid, code)
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
            claim=self.claim(bid, code),
            reason="Until the replacement.",
            control="A guard.",
            expires_on=timezone.localdate(self.now) + timedelta(days=20),
        )
        assert self.base() == before

    @rule(name=anybody, agrees=st.booleans())
    def sign_waiver(self, name, agrees):
        known = self.rows(Waiver, "pk")
        if not known:
            return
        waiver, before = known[-1], self.base()
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
        if self.scored is None:
            self.scored = ranking_of(case_document(self.tender, now=self.now, waivers=False))
        return self.scored

"""Random processes from the opening to the award: whatever people try, in whatever order, promises hold.

Everybody tries everything, also what is not theirs, and only a refusal may come back: `Forbidden`, `Stale`,
`ValidationError`.
"""

import os
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from bids.actions import (
    answers,
    approvals,
    awards,
    objections,
    opening,
    resolutions,
)
from bids.actions.awards import Words
from bids.actions.resolutions import Matter
from bids.actions.snapshots import on_screen
from bids.cases import case_document, evaluated
from bids.choices import AnswerKind, ApprovalSide, Envelope, ResolutionKind
from bids.models import Approval, Award, Mark, Objection, ObjectionAnswer, Resolution, ScoreSheet, Waiver
from procurement.choices import Stage
from tests.bids.random_steps import Steps, anybody, either, ranking_of
from tests.cast import unlock
from tests.dice import DICE

#: How many processes CI tries; more on request.
EXAMPLES = int(os.environ.get("ASSAY_RANDOM_PROCESSES", "200"))


class Process(Steps):
    """The same tender on to warnings, signatures and the award."""

    # --- objections -----------------------------------------------------------------------------------------
    @rule(name=anybody, bid=st.sampled_from([None, 0, 1]))
    def object(self, name, bid):
        row = self.attempt(
            "object",
            objections.raise_objection,
            actor=self.who(name),
            tender=self.tender,
            bid=None if bid is None else self.bid(bid),
            requirement=None,
            severity="high",
            claim="The key is the vendor's.",
            remedy="Keep the key here.",
            due_at=self.now + timedelta(days=2),
        )
        if row:
            self.raised[row.pk] = None

    @rule(name=anybody, kind=st.sampled_from(list(AnswerKind)))
    def answer(self, name, kind):
        row = self.last_objection()
        if row is None:
            return
        today = timezone.localdate(self.now)
        term = answers.Term("Move the key.", "Two people.", self.cast.security, today + timedelta(days=3))
        given = self.attempt(
            f"answer {kind}",
            answers.answer_objection,
            actor=self.who(name),
            objection=row,
            seen=on_screen(row, self.now),
            kind=kind,
            reason="Weighed.",
            expires_on=today + timedelta(days=10),
            conditions=[term],
        )
        if given:
            self.raised[row.pk] = kind

    def last_objection(self):
        known = self.rows(Objection, "pk")
        return known[-1] if known else None

    @rule(bid=either, kind=st.sampled_from([*AnswerKind, AnswerKind.UPHELD]))
    def objected_and_answered_by_the_book(self, bid, kind):
        self.object("security", bid)
        self.answer("approver", kind)

    @rule(name=anybody)
    def remedy(self, name):
        row = self.last_objection()
        if row and self.attempt(
            "remedy", answers.confirm_remedy, actor=self.who(name), objection=row, text="Seen."
        ):
            self.raised[row.pk] = "remedied"

    # --- the way to the award -------------------------------------------------------------------------------
    @rule(name=st.sampled_from(["officer", "security", "approver"]))
    def step(self, name):
        """The next move of the tender; red differences are kept first."""
        tender, actor = self.tender, self.who(name)
        moves = {
            Stage.TECHNICAL_OPENED: ("lock", opening.lock_marks),
            Stage.TECHNICAL_LOCKED: ("open prices", opening.open_prices),
            Stage.PRICE_OPENED: ("present", awards.present_ranking),
        }
        if tender.stage not in moves:
            return
        for bid in self.bids():
            for leaf in (0, 1):
                self.keep(bid, self.leaf(leaf))
        if tender.stage == Stage.TECHNICAL_LOCKED:
            unlock(tender, Envelope.PRICE)
        what, action = moves[tender.stage]
        self.attempt(what, action, actor=actor, tender=tender)

    def keep(self, bid, criterion):
        tender, known = self.tender, self.rows(Resolution, tender=self.key)
        at = bid.pk, criterion.pk, tender.round
        if at not in {(row.bid_id, row.criterion_id, row.round) for row in known}:
            self.attempt(
                "resolve keep",
                resolutions.resolve,
                actor=self.cast.officer,
                tender=tender,
                matter=Matter(ResolutionKind.KEEP, criterion=criterion, bid=bid),
                meeting=self.meeting(),
                seen=len(known),
            )

    @rule(name=st.sampled_from(["officer", "approver"]), bid=either)
    def recommend(self, name, bid):
        tender = self.tender
        if tender.stage != Stage.RANKED:
            return
        self.attempt(
            "recommend",
            awards.recommend,
            actor=self.who(name),
            tender=tender,
            bid=self.bid(bid),
            meeting=self.meeting("Best for the bank."),
            discussed=True,
            benefits="Fewer attacks.",
            seen=awards.rankings_of(tender, self.now).fingerprint,
        )

    @rule(name=anybody, approved=st.sampled_from([True, True, True, False]))
    def approve(self, name, approved):
        tender = self.tender
        if tender.stage == Stage.RANKED:
            self.attempt(
                "approve" if approved else "refuse",
                approvals.approve,
                actor=self.who(name),
                tender=tender,
                approved=approved,
                reason="Read.",
                seen=self.seen(tender),
            )

    @rule(name=anybody)
    def award(self, name):
        tender = self.tender
        if tender.stage != Stage.RANKED:
            return
        frozen = [key for key, answer in self.raised.items() if answer is None]
        upheld = [key for key, answer in self.raised.items() if answer == AnswerKind.UPHELD]
        decision = self.attempt(
            "award",
            awards.award,
            actor=self.who(name),
            tender=tender,
            words=Words("Best for the bank.", "Fewer attacks.", "It is cheaper."),
            seen=self.seen(tender),
        )
        if decision:
            assert not frozen
            against = Objection.objects.filter(pk__in=upheld).exclude(bid__isnull=True)
            assert decision.bid_id not in {row.bid_id for row in against}
            _case, result = evaluated(tender, now=self.now, waivers=decision.with_exceptions)
            assert result.fingerprint == decision.fingerprint

    def seen(self, tender):
        choice = awards.recommended(tender, self.now)
        return choice.result.fingerprint if choice else "nothing"

    @rule()
    def to_the_award_by_the_book(self):
        """Everything in its order; what stands in the way is still in the way."""
        self.everybody_marks("same")
        for _move in range(3):
            self.step("officer")
        for bid in (0, 1):
            self.recommend("officer", bid)
        for name in ("security_head", "business_head"):
            self.approve(name, True)
        self.award("approver")

    @rule(days=st.sampled_from([1, 3, 21]))
    def time_goes_by(self, days):
        self.now += timedelta(days=days)
        self.scored, self.looked_at = None, False

    # --- what holds -----------------------------------------------------------------------------------------
    @invariant()
    def promises_hold(self):
        """As long as nothing is written and no time goes by, they hold as they did a step before."""
        if not self.looked_at:
            self.originals_are_unchanged()
            self.a_signed_sheet_is_complete()
            self.nobody_approves_the_own_proposal()
            self.waivers_never_move_the_base_ranking()
            self.looked_at = True

    def originals_are_unchanged(self):
        stored = {
            row.pk: (row.mark, row.absence, row.comment)
            for row in self.rows(Mark, bid__tender=self.key)
            if row.pk in self.signed
        }
        assert stored == self.signed

    def a_signed_sheet_is_complete(self):
        assert len(self.signed) <= len(self.rows(Mark, bid__tender=self.key))
        assert len(self.rows(ScoreSheet, seat__tender=self.key)) <= 2 * self.tender.round

    def nobody_approves_the_own_proposal(self):
        for waiver in self.rows(Waiver):
            signers = [waiver.proposer_id, waiver.security_signer_id, waiver.approver_id]
            signers = [key for key in signers if key]
            assert len(signers) == len(set(signers))
        panel = {seat.user_id for seat in self.seats()} | {self.cast.officer.pk}
        raisers = {row.pk: row.raiser_id for row in self.rows(Objection, "pk")}
        for answer in self.rows(ObjectionAnswer):
            assert answer.answerer_id not in panel | {raisers[answer.objection_id]}
        approvals = self.rows(Approval)
        for approval in approvals:
            assert approval.signer_id not in panel
        for decision in self.rows(Award):
            at = decision.resolution_id, decision.fingerprint
            given = [row for row in approvals if (row.resolution_id, row.fingerprint) == at and row.approved]
            sides = [row for row in given if row.side != ApprovalSide.FINAL]
            assert {row.side for row in sides} == {ApprovalSide.SECURITY, ApprovalSide.BUSINESS}
            assert decision.signer_id not in panel | {row.signer_id for row in sides}
            assert len({row.signer_id for row in sides}) == 2

    def waivers_never_move_the_base_ranking(self):
        if not self.rows(Waiver):
            return
        document = case_document(self.tender, now=self.now)
        for bid in document["bids"]:
            for claim in bid["claims"]:
                claim["waiver"] = None
        assert ranking_of(document) == self.base()


#: From so many processes on, all of this has to be reached, or they show nothing.
ENOUGH = 140
REACHED = {
    "award",
    "sign waiver",
    "object",
    "answer accepted",
    "answer upheld",
    "correct",
    "resolve keep",
    "resolve redo",
}


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(2))
def test_random_processes_keep_their_promises(cast, opened, number):
    done = Counter()
    machine = seed(number)(type("Tried", (Process,), {"cast": cast, "tender_row": opened, "done": done}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES // 2,
            stateful_step_count=20,
            deadline=None,
            backend=DICE,
            database=None,
            phases=[Phase.generate],  # to make a failing process shorter takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    if EXAMPLES >= ENOUGH:
        assert set(done) >= REACHED, done

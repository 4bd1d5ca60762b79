"""Two people amend the tender while bids come in, and others try alone, too late, or for themselves."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bids.actions import amendments
from bids.choices import AmendmentKind
from bids.models import Amendment
from tests.invariants.bidding import Bidding
from tests.invariants.model import VENDORS, Proposal

people = st.sampled_from(("officer", "officer", "approver", "approver", "security", "vendor"))
kinds = st.sampled_from([AmendmentKind.EXTENSION, AmendmentKind.DOCUMENTS])


class Amending(Bidding):
    """Extensions and changed documents."""

    @rule(name=people, kind=kinds, hours=st.sampled_from([-1, 0, 1, 48]))
    def proposes_an_amendment(self, name, kind, hours):
        model = self.model
        deadline = model.deadline + timedelta(hours=hours)
        if kind == AmendmentKind.DOCUMENTS and hours <= 0:
            deadline = None
        row, done = self.attempt(
            model.proposing(name, deadline),
            amendments.propose_amendment,
            actor=self.who(name),
            tender=self.tender,
            kind=kind,
            text_zh="說明",
            text_en="What was made clear",
            deadline=deadline,
            clock=lambda: self.now,
        )
        if done:
            model.proposal = Proposal(row.pk, name, kind.value, deadline)

    @rule(name=people, agrees=st.sampled_from([True, True, False]))
    def decides_on_the_amendment(self, name, agrees):
        proposal = self.model.proposal
        if proposal is None:
            return
        action = amendments.agree_amendment if agrees else amendments.refuse_amendment
        arguments = {} if agrees else {"reason": "Not needed."}
        row, done = self.attempt(
            self.model.deciding(name),
            action,
            actor=self.who(name),
            amendment=self.proposed(),
            clock=lambda: self.now,
            **arguments,
        )
        if done:
            assert name != proposal.proposer, "nobody approves the own request (I11)"
            self.model.decide(agrees)
            assert row.number == (self.model.amendment if agrees else 0)

    @rule(name=people)
    def takes_the_amendment_back(self, name):
        proposal = self.model.proposal
        if proposal is None:
            return
        _row, done = self.attempt(
            "done" if name == proposal.proposer else "refused",
            amendments.take_back_amendment,
            actor=self.who(name),
            amendment=self.proposed(),
            clock=lambda: self.now,
        )
        if done:
            self.model.proposal = None

    def proposed(self):
        """The proposal as the page of its tender has it."""
        row = self.rows(Amendment, pk=self.model.proposal.pk)[0]
        row.tender = self.tender
        return row

    @rule(kind=kinds)
    def amended_by_the_book(self, kind):
        self.proposes_an_amendment("officer", kind, 48)
        for name in ("officer", "approver"):
            self.decides_on_the_amendment(name, True)
        for name in VENDORS:
            self.confirms(name, name)

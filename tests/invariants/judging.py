"""What people try from the opened bids to the ranking: marks, waivers, objections, prices, evaluation."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from bids import queries
from bids.actions import awards, objections, opening, scoring, verification, waivers
from bids.actions.scoring import GivenMark
from bids.cases import case_document, evaluated
from bids.choices import BidStatus, Envelope
from bids.evaluation import Refused
from bids.models import Attachment, Bid, Claim, ScoreSheet, Waiver
from procurement.models import Tender
from tests.bids.random_steps import ranking_of
from tests.invariants.amending import Amending
from tests.invariants.bidding import anybody
from tests.invariants.model import DRAFT, LOCKED, NAMED, OPENED, OPENERS, PRICED, RANKED, VENDORS

people = st.sampled_from(
    ("officer", "security", "business", "approver", "security_head", "business_head", "stranger", "vendor")
)
codes = st.sampled_from(["R1", "R2", "R3"])
REASON = "A reason that is long enough."


class Judging(Amending):
    """The same tender on to the ranking."""

    # --- opened bids ----------------------------------------------------------------------------------------
    def look_inside(self):
        """Where every bid was read: the opened ones are those committed at the closing, as they were sent."""
        if self.model.stage != NAMED or self.tender.stage != OPENED:
            return
        self.model.go_to(OPENED)
        rows = {row.vendor.name: row for row in Bid.objects.filter(tender=self.key).select_related("vendor")}
        for name in VENDORS:
            offer, row = self.model.offers[name], rows.get(str(self.who(name).vendor))
            if offer.last is None:
                assert row is None or row.opened_at is None, "a draft is no bid"
                continue
            self.holds(offer, row)

    def holds(self, offer, row):
        assert row.opened_at is not None, f"{row} was handed in and is opened (I4)"
        wanted = BidStatus.VALID if offer.stands else BidStatus.WITHDRAWN
        assert row.status == (BidStatus.EXCLUDED if offer.tampered else wanted), f"{row}: {row.reason} (I4)"
        claims = {claim.requirement.code: (claim.answer, claim.note) for claim in self.claims(row)}
        files = {(str(file.pk), file.name) for file in Attachment.objects.filter(bid=row)}
        if offer.tampered or not offer.stands:
            assert not claims
            assert not files
            return
        content = offer.last.content
        assert claims == {code: (answer, content.note) for code, answer in content.answers}
        assert files == set(content.files)

    def claims(self, bid):
        return Claim.objects.filter(bid=bid).select_related("requirement")

    def opened(self, number):
        rows = self.rows(Bid, "position", "pk", tender=self.key, opened_at__isnull=False)
        return rows[number % len(rows)] if rows else None

    # --- marks ----------------------------------------------------------------------------------------------
    @rule(name=st.sampled_from(["security", "business"]), mark=st.integers(1, 25))
    def fills_a_sheet(self, name, mark):
        if self.model.stage != OPENED:
            return
        tender, seat = self.tender, self.tender.seats.select_related("user", "unit").get(user=self.who(name))
        given = [
            GivenMark(bid, leaf.row, Decimal(mark % 24 + bid.position), "", REASON, 0)
            for leaf, bid in queries.cells_missing(queries.marking(tender), seat)
        ]
        if given:
            self.attempt(None, scoring.save_marks, actor=seat.user, seat=seat, given=given, now=self.now)
        self.attempt(None, scoring.submit_marks, actor=seat.user, seat=seat, now=self.now)

    @rule(name=anybody)
    def locks_the_marks(self, name):
        ready = len(self.rows(ScoreSheet, seat__tender=self.key)) == 2
        ready |= not any(offer.stands and not offer.tampered for offer in self.model.offers.values())
        allowed = name == "officer" and self.model.stage == OPENED and ready
        _row, done = self.attempt(
            None if allowed else "refused",
            opening.lock_marks,
            actor=self.who(name),
            tender=self.tender,
            now=self.now,
        )
        if done:
            self.model.go_to(LOCKED)

    @rule(name=anybody)
    def opens_the_prices(self, name):
        _row, done = self.attempt(
            self.model.pricing(name),
            opening.open_prices,
            actor=self.who(name),
            tender=self.tender,
            now=self.now,
        )
        if not done:
            return
        self.model.go_to(PRICED)
        prices = dict(Bid.objects.filter(tender=self.key).values_list("vendor__name", "price"))
        for vendor in VENDORS:
            offer = self.model.offers[vendor]
            sent = offer.stands and not offer.tampered
            wanted = Decimal(offer.last.content.price) if sent else None
            assert prices.get(str(self.who(vendor).vendor)) == wanted

    @rule(name=anybody)
    def presents(self, name):
        allowed = name == "officer" and self.model.stage == PRICED
        _row, done = self.attempt(
            None if allowed else "refused",
            awards.present_ranking,
            actor=self.who(name),
            tender=self.tender,
            now=self.now,
        )
        if done:
            self.model.go_to(RANKED)

    @rule(mark=st.integers(1, 25))
    def to_the_ranking_by_the_book(self, mark):
        for name in ("security", "business"):
            self.fills_a_sheet(name, mark)
        self.locks_the_marks("officer")
        for name in OPENERS[1:]:
            self.unlocks(name, Envelope.PRICE, True)
        self.opens_the_prices("officer")
        self.presents("officer")

    # --- exceptions and objections --------------------------------------------------------------------------
    @rule(name=people, number=st.integers(0, 2), code=codes, met=st.booleans())
    def finds(self, name, number, code, met):
        claim = self.claim(number, code)
        if claim:
            self.attempt(
                None,
                verification.record_finding,
                actor=self.who(name),
                claim=claim,
                verified=met,
                finding="Seen on the machine.",
                seen=claim.version,
                now=self.now,
            )

    def claim(self, number, code):
        bid = self.opened(number)
        return self.claims(bid).filter(requirement__code=code).first() if bid else None

    @rule(name=people, number=st.integers(0, 2), code=codes)
    def proposes_a_waiver(self, name, number, code):
        claim = self.claim(number, code)
        if claim is None:
            return
        before = self.base()
        self.attempt(
            None,
            waivers.propose_waiver,
            actor=self.who(name),
            claim=claim,
            reason="Until the replacement.",
            control="A guard.",
            expires_on=timezone.localdate(self.now) + timedelta(days=20),
            now=self.now,
        )
        assert self.base() == before, "a waiver never moves the base ranking (I8)"

    @rule(name=people, agrees=st.sampled_from([True, True, False]))
    def signs_a_waiver(self, name, agrees):
        known = self.rows(Waiver, "pk", claim__bid__tender=self.key)
        if not known:
            return
        waiver = known[-1]
        actor, before = self.who(name), self.base()
        own = actor.pk in (waiver.proposer_id, waiver.security_signer_id, waiver.approver_id)
        arguments = {"actor": actor, "waiver": waiver, "seen": waiver.version, "now": self.now}
        if not agrees:
            arguments["reason"] = "No."
        action = waivers.sign_waiver if agrees else waivers.refuse_waiver
        self.attempt("refused" if own else None, action, **arguments)
        assert self.base() == before, "a waiver never moves the base ranking (I8)"

    @rule(number=st.integers(0, 2), proposer=st.sampled_from(["officer", "security"]))
    def waived_by_the_book(self, number, proposer):
        """A gate fails, and both signatures are given; who proposed it signs nothing."""
        self.finds("security", number, "R1", False)
        self.proposes_a_waiver(proposer, number, "R1")
        for name in (proposer, "security_head", "approver"):
            self.signs_a_waiver(name, True)

    def base(self):
        """The ranking as scored; until the prices are open it says what is missing."""
        if self.found_base is None:
            self.found_base = ranking_of(case_document(self.tender, now=self.now, waivers=False))
        return self.found_base

    @rule(name=people, number=st.sampled_from([None, 0, 1]))
    def objects(self, name, number):
        bid = None if number is None else self.opened(number)
        before = self.base() if bid else None
        _row, done = self.attempt(
            None,
            objections.raise_objection,
            actor=self.who(name),
            tender=self.tender,
            bid=bid,
            requirement=None,
            severity="high",
            claim="The key is the vendor's.",
            remedy="Keep the key here.",
            due_at=self.now + timedelta(days=2),
            now=self.now,
        )
        self.model.objected |= done and self.model.stage == DRAFT
        assert bid is None or self.base() == before, "an objection never moves the ranking (I8)"

    @rule()
    def ranks_twice(self):
        """The ranking is a function of what is stored (I7)."""
        if self.model.stage not in (PRICED, RANKED):
            return
        try:
            _case, result = evaluated(self.tender, now=self.now)
        except Refused:
            return
        _case, again = evaluated(Tender.objects.get(pk=self.key), now=self.now)
        assert result.to_document() == again.to_document()
        self.done["ranked twice"] += 1

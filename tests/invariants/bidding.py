"""What vendors, officers and the clock do from the publication to the opening, by the book and against it."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bids.actions import closing, drafts, opening, publication, staging, submission, unlocking
from bids.choices import Envelope
from bids.models import StagedFile, Submission
from procurement import audit
from procurement.actions import specification
from procurement.models import Criterion, Tender
from tests.cast import declare_nothing
from tests.files.making import pdf
from tests.invariants.model import (
    CANCELLED,
    CODES,
    DRAFT,
    NAMED,
    OPENERS,
    PUBLISHED,
    VENDORS,
    Offer,
    Sent,
)
from tests.invariants.world import World

PDF = pdf()
vendors = st.sampled_from(VENDORS)
anybody = st.sampled_from(
    ("officer", "officer", "officer", "security", "approver", "administrator", "vendor")
)
envelopes = st.sampled_from(list(Envelope))
either = st.booleans()


class Bidding(World):
    """Publication, drafts, files, versions, late bids, the deadline, closing, naming, unlocking, opening."""

    #: Where processes begin, by chance; what lies further on comes about as anything else does.
    begins = (DRAFT, PUBLISHED, PUBLISHED, "bids", "replaced", "opened", "ranked")

    @initialize(number=st.integers(0, 6))
    def starts(self, number):
        start = self.begun = self.begins[number % len(self.begins)]
        self.begin(DRAFT if start == DRAFT else PUBLISHED)
        if start not in (DRAFT, PUBLISHED):
            self.begin_further_on(start, lambda: self.goes_by_the_book(start))

    def goes_by_the_book(self, start):
        for name in VENDORS[:2] * (1 + (start == "replaced")):
            self.bids_by_the_book(name)
        if start != "bids":
            self.to_the_deadline(0)
            self.names("officer")
        if start in ("opened", "ranked"):
            self.opened_by_the_book()
        if start == "ranked":
            self.finds("security", 0, "R1", False)
            self.to_the_ranking_by_the_book(20)

    # --- the tender -----------------------------------------------------------------------------------------
    @rule(name=anybody)
    def publishes(self, name):
        _row, done = self.attempt(
            self.model.publishing(name),
            publication.publish,
            actor=self.who(name),
            tender=self.tender,
            now=self.now,
        )
        if done:
            self.model.go_to(PUBLISHED)

    @rule(name=anybody, weight=st.sampled_from(["45", "45", "50"]))
    def changes_the_weights(self, name, weight):
        row = Criterion.objects.filter(tender=self.key).first()
        values = {name: getattr(row, name) for name in (*specification.CRITERION,)} | {
            "weight": weight,
            "units": [],
        }
        _row, done = self.attempt(
            "done" if name == "officer" and self.model.stage == DRAFT else "refused",
            specification.edit_criterion,
            actor=self.who(name),
            criterion=row,
            values=values,
            seen=row.version,
            now=self.now,
        )
        if done:
            self.model.adds_up = weight == "45"

    @rule(name=st.sampled_from(["officer", "security"]), often=st.sampled_from([False] * 4 + [True]))
    def cancels(self, name, often):
        if not often:
            return
        allowed = name == "officer" and self.model.stage != CANCELLED
        _row, done = self.attempt(
            "done" if allowed else "refused",
            publication.cancel,
            actor=self.who(name),
            tender=self.tender,
            reason="Not needed any more.",
            now=self.now,
        )
        if done:
            self.model.go_to(CANCELLED)

    # --- drafts ---------------------------------------------------------------------------------------------
    @rule(name=vendors, complete=st.sampled_from([True, True, False]), fresh=either)
    def saves(self, name, complete, fresh):
        model, offer, bid = self.model, self.model.offers[name], self.bid(name)
        note, price = model.note(), model.price()
        codes = CODES if complete else CODES[:2]
        answers = {code: {"answer": "met", "note": note} for code in codes}
        seen = bid.version if bid else 0
        # A first version is that of a page on which nothing was saved yet, too.
        fresh |= bid is None or bid.version == 1
        takes = model.takes_bids(self.now) and fresh
        _row, done = self.attempt(
            "done" if takes else "refused",
            drafts.save_draft,
            actor=self.who(name),
            tender=self.tender,
            opened=self.opened_keys[name],
            answers=answers,
            price=price,
            seen=seen if fresh else max(0, seen - 1),
            now=self.now,
        )
        if done:
            answered = tuple((code, "met") for code in codes)
            offer.draft = replace(offer.draft, answers=answered, note=note, price=price)

    @rule(name=vendors)
    def stages_a_file(self, name):
        model, offer = self.model, self.model.offers[name]
        called = model.file_name()
        row, done = self.attempt(
            "done" if model.takes_bids(self.now) else "refused",
            staging.add_file,
            actor=self.who(name),
            tender=self.tender,
            opened=self.opened_keys[name],
            requirement=self.requirement,
            name=called,
            content=PDF,
            now=self.now,
        )
        if done:
            offer.draft = replace(offer.draft, files=(*offer.draft.files, (str(row.pk), called)))

    @rule(name=vendors)
    def takes_a_file_out(self, name):
        offer = self.model.offers[name]
        if not offer.draft.files:
            return
        first, *rest = offer.draft.files
        _row, done = self.attempt(
            "done" if self.model.takes_bids(self.now) else "refused",
            staging.remove_file,
            actor=self.who(name),
            file=StagedFile.objects.get(pk=first[0]),
            opened=self.opened_keys[name],
            now=self.now,
        )
        if done:
            offer.draft = replace(offer.draft, files=tuple(rest))

    # --- versions -------------------------------------------------------------------------------------------
    @rule(name=vendors, waits=st.sampled_from([0, 0, 0, 0.4, 2]), again=st.sampled_from([False, False, True]))
    def submits(self, name, waits, again):
        """The bid waits for the lock of the tender that long; the time that counts is read after it."""
        offer, at = self.model.offers[name], self.clock_after(waits)
        key = offer.last.key if again and offer.last else uuid4()
        row, done = self.attempt(
            self.model.submitting(name, at(), key), submission.submit_bid, **self.sending(name, key), clock=at
        )
        if done:
            self.acknowledged(offer, row, key, offer.draft)
        elif row is not None:
            offer.late += 1

    def clock_after(self, seconds):
        self.tick(seconds)
        return lambda: self.now

    def sending(self, name, key):
        bid = self.bid(name)
        return {
            "actor": self.who(name),
            "tender": self.tender,
            "opened": self.opened_keys[name],
            "price": Decimal(self.model.offers[name].draft.price or "1"),
            "seen": bid.version if bid else 1,
            "key": key,
        }

    def acknowledged(self, offer: Offer, row: Submission, key, content):
        """The vendor holds a receipt; sent twice it is the same one."""
        known = next((sent for sent in offer.sent if sent.key == key), None)
        if known is not None:
            assert row.receipt == known.receipt
            return
        assert row.at == self.now, "the time of receipt is the one under the lock"
        assert row.at < self.model.deadline, "nothing is accepted at or after the deadline (I2)"
        offer.sent.append(
            Sent(
                row.number,
                row.kind,
                row.at,
                key,
                row.receipt,
                row.commitment,
                content,
                self.model.amendment,
            )
        )

    @rule(name=vendors, after=st.integers(0, 1))
    def submits_into_a_crash(self, name, after):
        """The transaction dies when everything is written: no version, no entry, no receipt, no mail."""
        if self.model.submitting(name, self.now, None) != "done":
            return
        module, what = ((audit, "record"), (submission, "seal_draft"))[after]
        with self.crashing(module, what, 0, surely=True):
            submission.submit_bid(**self.sending(name, uuid4()), clock=lambda: self.now)

    @rule(name=vendors, again=st.sampled_from([False, False, True]))
    def withdraws(self, name, again):
        offer, bid = self.model.offers[name], self.bid(name)
        if bid is None:
            return
        key = offer.last.key if again and offer.last else uuid4()
        row, done = self.attempt(
            self.model.withdrawing(name, self.now, key),
            submission.withdraw_bid,
            actor=self.who(name),
            bid=bid,
            key=key,
            clock=lambda: self.now,
        )
        if done:
            self.acknowledged(offer, row, key, None)

    @rule(name=vendors, of=vendors)
    def confirms(self, name, of):
        bid = self.bid(of)
        if bid is None:
            return
        expected = self.model.confirming(name, self.now) if of == name else "refused"
        _row, done = self.attempt(
            expected, submission.confirm_bid, actor=self.who(name), bid=bid, clock=lambda: self.now
        )
        if done:
            self.model.offers[name].confirmed = self.model.amendment

    @rule(name=vendors)
    def bids_by_the_book(self, name):
        self.saves(name, True, True)
        self.stages_a_file(name)
        self.submits(name, 0, False)

    # --- the clock ------------------------------------------------------------------------------------------
    @rule(seconds=st.sampled_from([1, 60, 7200, 16 * 60, 86_400]))
    def time_goes_by(self, seconds):
        self.tick(seconds)

    @rule(seconds=st.sampled_from([-1, -0.3, -0.001, 0, 0.001]))
    def to_the_deadline(self, seconds):
        gap = (self.model.deadline - self.now).total_seconds() + seconds
        if gap > 0:
            self.tick(gap)

    @rule(seconds=st.sampled_from([1, 3600, 8 * 86_400]), often=st.sampled_from([False] * 3 + [True]))
    def clock_is_set_back(self, seconds, often):
        if often:
            self.set_back(seconds)

    # --- closing and opening --------------------------------------------------------------------------------
    @rule()
    def the_site_closes_the_bidding(self):
        if self.model.closing():
            with transaction.atomic():
                tender = Tender.objects.select_for_update().get(pk=self.key)
                self.attempt("done", closing.close_bidding, tender=tender, now=self.now)
            self.model.closed = True

    @rule(name=anybody)
    def names(self, name):
        allowed = name == "officer" and self.model.closing()
        _row, done = self.attempt(
            "done" if allowed else "refused",
            opening.name_bidders,
            actor=self.who(name),
            tender=self.tender,
            now=self.now,
        )
        if done:
            self.model.closed = True
            self.model.go_to(NAMED)

    @rule()
    def members_declare(self):
        if self.model.stage == NAMED:
            declare_nothing(self.tender, at=self.now)
            self.model.declared = True

    @rule(
        name=st.sampled_from([*OPENERS, "approver"]),
        envelope=envelopes,
        right=st.sampled_from([True, True, False]),
    )
    def unlocks(self, name, envelope, right):
        expected = self.model.unlocking(name, envelope, right=right)
        self.model.guess(name, envelope, right=right)
        _key, done = self.attempt(
            expected,
            unlocking.unlock_envelope,
            actor=self.who(name),
            tender=self.tender,
            envelope=envelope,
            typed=self.passphrases.get(name, "none") if right else "seven words that are wrong by far",
            now=self.now,
        )
        if done:
            self.model.take_turn(name, envelope)

    @rule(
        name=anybody,
        seconds=st.sampled_from([None, None, 0]),
        crash=st.sampled_from([None, None, 0, 1]),
    )
    def opens(self, name, seconds, crash):
        """All at once, bit by bit, or until the process dies in the middle."""
        arguments = {"actor": self.who(name), "tender": self.tender, "now": self.now, "seconds": seconds}
        if crash is not None:
            with self.crashing(opening, "_read_bid", crash):
                self.attempt(self.model.opening(name), opening.open_technical, **arguments)
                self.look_inside()
            return
        self.attempt(self.model.opening(name), opening.open_technical, **arguments)
        self.look_inside()

    def look_inside(self):
        """What opened bids say is looked at where they are judged."""

    @rule()
    def opened_by_the_book(self):
        self.members_declare()
        for name in OPENERS[:2]:
            self.unlocks(name, Envelope.TECHNICAL, True)
        self.opens("officer", None, None)

    # --- behind the site's back -----------------------------------------------------------------------------
    @rule(name=vendors)
    def an_older_version_is_put_back(self, name):
        """Between closing and opening somebody with the database removes the last version of a bid."""
        offer = self.model.offers[name]
        versions = [sent for sent in offer.sent if sent.kind == "bid"]
        if self.model.stage != NAMED or len(versions) < 2 or not offer.stands or offer.tampered:
            return
        row = Submission.objects.get(bid__tender=self.key, commitment=offer.last.commitment)
        if row.bid.unsealed_at is not None:
            return
        with connection.cursor() as cursor:
            cursor.execute('DELETE FROM "bids_sealedmanifest" WHERE submission_id = %s', [row.pk])
            cursor.execute('DELETE FROM "bids_submission" WHERE id = %s', [row.pk])
        offer.tampered = True
        offer.sent.pop()
        self.done["an older version is put back"] += 1

    @rule(name=vendors)
    def put_back_and_opened(self, name):
        self.an_older_version_is_put_back(name)
        self.opened_by_the_book()

"""What holds after every step, whatever was tried: the twelve invariants of sealed bids and their trail."""

import itertools
import sys

from django.core import mail
from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from bids import queries
from bids.actions.publication import is_as_published
from bids.models import Bid, EnvelopeKey, Submission
from procurement.audit.checkpoints import make_checkpoint, verify_trail
from procurement.models import AuditEntry, AuditHead, Tender
from procurement.queries import audit_entries_visible_to
from tests.invariants.judging import Judging
from tests.invariants.model import CANCELLED, DRAFT, NAMED, ORDER, PUBLISHED, VENDORS, markers_in
from tests.invariants.world import texts

#: What tells that somebody bids.
OF_BIDS = {"submit bid", "withdraw bid", "confirm bid", "refuse late bid"}
BANK = (
    "officer",
    "security",
    "business",
    "approver",
    "security_head",
    "auditor",
    "administrator",
    "stranger",
)


class Promises(Judging):
    """The invariants, of which those that ask the database do so where something was written."""

    mailed = logged_so_far = 0

    @invariant()
    def what_is_written_keeps_its_promises(self):
        if not self.written or not hasattr(self, "model"):
            return
        assert not self.leaks, f"written in clear before its time (I1): {self.leaks}"
        self.stage_goes_forward()
        self.receipts_versions_and_trail_agree()
        self.prices_are_closed()
        self.trail_extends()
        self.written.clear()

    def stage_goes_forward(self):
        """I12; `Model.go_to` has already held every move against the one way."""
        stage = self.tender.stage
        assert stage == self.model.stage, f"the tender is at {stage}, and should be at {self.model.stage}"

    def receipts_versions_and_trail_agree(self):
        """I3: what the vendor was told, what is stored, and what the trail says are one and the same."""
        if AuditEntry._meta.db_table in self.written:
            self.new_entries()
        held = [sent for offer in self.model.offers.values() for sent in offer.sent]
        rows = [(row.commitment, row.receipt) for row in self.rows(Submission, bid__tender=self.key)]
        assert sorted(rows) == sorted((sent.commitment, sent.receipt) for sent in held), "(I3)"
        if any(offer.tampered for offer in self.model.offers.values()):
            return
        said = {
            kind: sorted(payload["commitment"] for action, _of, payload in self.entries if action == kind)
            for kind in ("submit bid", "withdraw bid")
        }
        for kind, action in (("bid", "submit bid"), ("withdrawal", "withdraw bid")):
            assert said[action] == sorted(sent.commitment for sent in held if sent.kind == kind), "(I3)"
        late = [payload["digest"] for action, _of, payload in self.entries if action == "refuse late bid"]
        assert len(late) == sum(offer.late for offer in self.model.offers.values())

    def prices_are_closed(self):
        """I5: before the marks are locked no price is stored, and the key of the prices is in pieces."""
        if self.model.stage not in ORDER[: ORDER.index("technical_locked")]:
            return
        assert all(row.price is None for row in self.rows(Bid, tender=self.key)), "(I5)"
        assert "price" not in self.model.unlocked, "(I5)"
        keys = self.rows(EnvelopeKey, tender=self.key, envelope="price")
        assert all(row.opened_key == "" for row in keys), "(I5)"

    def trail_extends(self):
        """I10: nothing but new entries, and the head is the last of them."""
        (head,) = self.rows(AuditHead)
        assert (head.seq, head.hash) == self.head, "(I10)"

    @invariant()
    def mails_and_logs_tell_nothing(self):
        """I1, and I3 of the mails: each receipt that goes out is one that the vendor holds."""
        if not hasattr(self, "model"):
            return
        held = {sent.receipt for offer in self.model.offers.values() for sent in offer.sent}
        for message in mail.outbox[self.mailed :]:
            assert not markers_in(str(message.message()).encode()), "(I1)"
            for name, content, _kind in message.attachments:
                confirmed = '"kind":"confirmed"' in content or '"refusal"' in content
                assert confirmed or not name.startswith("receipt") or content in held, "(I3)"
        for line in self.logged.lines[self.logged_so_far :]:
            assert not markers_in(line.encode()), "(I1)"
        self.mailed, self.logged_so_far = len(mail.outbox), len(self.logged.lines)

    # --- what people look at --------------------------------------------------------------------------------
    @rule(name=st.sampled_from(["auditor"] * 3 + [*BANK, *VENDORS]), door=st.integers(0, 6))
    def counts(self, name, door):
        """I9: before the opening no door leads to anybody else's bid, nor to how many there are."""
        person, stage = self.who(name), self.model.stage
        if stage not in (PUBLISHED, NAMED, CANCELLED, DRAFT):
            return
        own = {"vendor": person.vendor} if person.vendor else {"pk": None}
        others = Bid.objects.filter(tender=self.key).exclude(**own).values("pk")
        sealed = others.filter(opened_at__isnull=True)
        doors = (
            lambda: queries.bids_visible_to(person).filter(pk__in=sealed),
            lambda: queries.submissions_visible_to(person).filter(bid__in=others),
            lambda: queries.late_bids_visible_to(person).filter(bid__in=others),
            lambda: queries.attachments_visible_to(person).filter(bid__in=sealed),
            lambda: queries.claims_visible_to(person).filter(bid__in=sealed),
            lambda: stage == PUBLISHED and queries.bidders_visible_to(person, self.tender),
            lambda: stage in (PUBLISHED, NAMED) and self.entries_of_bids(person),
        )
        door = 6 if name == "auditor" else door
        assert not doors[door](), f"{name} counts bids at door {door} (I9)"

    def entries_of_bids(self, person):
        return audit_entries_visible_to(person).filter(tender=self.key, action__in=OF_BIDS)

    @rule()
    def administrator_reads_everything(self):
        """I1: every value of every row, and every file, before its envelope is opened."""
        found = set()
        with connection.cursor() as cursor:
            for table in self.tables:  # the others are as they were before anybody wrote anything
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the names are the database's own
                values = itertools.chain.from_iterable(cursor.fetchall())
                found |= markers_in(b"\0".join(map(texts, values)))
        for path in self.files():
            found |= markers_in(path.name.encode() + b"\0" + path.read_bytes())
        assert found <= self.model.may_be_read(), "an administrator reads bids (I1)"
        self.done["administrator reads everything"] += 1

    @rule()
    def the_trail_is_verified(self):
        """I10: the whole chain holds and leads through every checkpoint; there is one more."""
        make_checkpoint("a test")
        state, checkpoints = verify_trail()
        assert state.intact, state.why
        assert checkpoints

    def teardown(self):
        try:
            if hasattr(self, "model") and sys.exc_info()[0] is None:
                self.stored.forget()
                self.written = {*self.tables, AuditEntry._meta.db_table}
                self.what_is_written_keeps_its_promises()
                self.administrator_reads_everything()
                self.the_trail_is_verified()
                if self.model.stage not in (DRAFT, CANCELLED):
                    assert is_as_published(Tender.objects.get(pk=self.key)), "what was published changed (I6)"
        finally:
            super().teardown()

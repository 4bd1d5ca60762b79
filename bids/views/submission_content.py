"""What the vendor's bid page says: the answers with their files, what is still missing, and what counts."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bids import queries
from bids.actions.submission import Gaps, gaps_in
from bids.choices import Answer, Envelope, Evidence, SubmissionKind
from bids.files import MOST_BYTES
from bids.forms.submission import AnswerRow, DraftForm, read_price
from bids.models import Amendment, Bid, ClosingRecord, LateBid, Submission
from bids.queries.drafts import Draft, DraftFile
from procurement.models import Requirement, Tender
from procurement.signing.verify import Document


@dataclass(frozen=True)
class Row:
    """A requirement, the fields of its answer and its files."""

    field: AnswerRow
    files: list[DraftFile]
    today: date

    @property
    def requirement(self) -> Requirement:
        """What is asked."""
        return self.field.requirement

    @property
    def choices(self) -> list[tuple[str, str | Promise, str, str, bool]]:
        """The answers to choose from: value, word, sign, class, and whether it is the chosen one."""
        looks = {
            Answer.MET: ("check", "ok"),
            Answer.NOT_MET: ("x", "no"),
            Answer.NOT_APPLICABLE: ("minus", ""),
        }
        return [
            (answer.value, answer.label, *look, self.field.said == answer) for answer, look in looks.items()
        ]

    @property
    def breaks_gate(self) -> bool:
        """Whether the answer would exclude the bid."""
        return self.requirement.mandatory and self.field.said in (Answer.NOT_MET, Answer.NOT_APPLICABLE)

    @property
    def step(self) -> int:
        """The step of the evidence, 1 for a claim; 0 where the answer is not "met"."""
        return list(Evidence).index(self.field.level) + 1 if self.field.level else 0

    @property
    def expired(self) -> bool:
        """Whether the evidence is no longer good today, and counts one step less."""
        until = self.field.good_until
        return self.field.is_dated and until is not None and until < self.today

    @property
    def lacks_proof(self) -> bool:
        """Whether more than a claim is made with neither a file nor a note."""
        return self.field.is_dated and not self.files and not self.field.has_note

    @property
    def lacks_day(self) -> bool:
        """Whether the day is missing until which the evidence is good."""
        return self.field.is_dated and not self.field.until.value()


@dataclass(frozen=True)
class Check:
    """A line of the list "before you submit"."""

    kind: str
    text: str
    end: str = ""
    anchor: str = ""

    @property
    def sign(self) -> str:
        """The sign of the kind."""
        return {"ok": "check", "warn": "alert", "no": "x"}[self.kind]


class BidContent:
    """The page of one vendor's bid, which may not exist yet; `form` holds what is shown in the fields."""

    #: What a browser is told not even to send.
    most_bytes = MOST_BYTES

    def __init__(self, tender: Tender, form: DraftForm, draft: Draft, today: date) -> None:
        self.tender, self.form, self.draft, self.today = tender, form, draft, today
        self.bid: Bid | None = form.bid

    @cached_property
    def rows(self) -> list[Row]:
        """The requirements in order."""
        files = defaultdict(list)
        for file in self.draft.files:
            files[file.requirement].append(file)
        return [Row(row, files[row.requirement.code], self.today) for row in self.form.rows()]

    @cached_property
    def submissions(self) -> list[Submission]:
        """What was handed in, the latest first."""
        return list(self.bid.submissions.order_by("-number")) if self.bid else []

    @property
    def latest(self) -> Submission | None:
        """What was handed in last."""
        return self.submissions[0] if self.submissions else None

    @property
    def stands(self) -> bool:
        """Whether a bid counts now."""
        return self.latest is not None and self.latest.kind == SubmissionKind.BID

    @property
    def next_number(self) -> int:
        """The version that would be handed in next."""
        return self.latest.number + 1 if self.latest else 1

    @property
    def price_typed(self) -> str:
        """The price of the draft as it was typed."""
        return self.draft.price

    @cached_property
    def _price(self) -> tuple[Decimal | None, str]:
        """The price of the draft as it is read, or why it cannot be read."""
        try:
            return read_price(self.price_typed, self.tender.currency), ""
        except ValidationError as error:
            return None, " ".join(error.messages)

    @property
    def price(self) -> Decimal | None:
        """The price as it is read; None where it cannot be."""
        return self._price[0]

    @property
    def price_fault(self) -> str:
        """Why the draft's price cannot be handed in; empty when it can."""
        return self._price[1]

    @cached_property
    def gaps(self) -> Gaps:
        """What the draft lacks before it can be handed in."""
        return gaps_in(self.draft, self.form.requirements)

    @property
    def answered(self) -> int:
        """How many requirements the draft answers."""
        return len(self.form.requirements) - len(self.gaps.answer)

    @property
    def blocked(self) -> str:
        """Why the draft cannot be handed in as it stands; empty when it can."""
        n = len(self.gaps)
        faults = (
            [ngettext("%(n)d answer is not complete.", "%(n)d answers are not complete.", n) % {"n": n}]
            if n
            else []
        )
        if self.price_fault:
            faults.append(self.price_fault)
        if faults and self.stands:
            faults.append(_("Until you submit again, version %(n)d stands.") % {"n": self.latest.number})
        return " ".join(faults)

    @property
    def checks(self) -> list[Check]:
        """What to look at before handing in."""
        total = len(self.form.requirements)
        of = _("%(n)d of %(total)d") % {"n": self.answered, "total": total}
        lines = [Check("warn" if self.gaps.answer else "ok", _("Requirements answered"), of)]
        for row in self.gaps.answer:
            text = _("%(code)s has no answer") % {"code": row.code}
            lines.append(Check("no" if row.mandatory else "warn", text, *_place(row)))
        for text, rows in (
            (_("%(code)s needs a reason"), self.gaps.reason),
            (_("%(code)s needs a file or a note behind its evidence"), self.gaps.proof),
            (_("%(code)s needs the day until which its evidence is good"), self.gaps.day),
            (
                _("%(code)s is a gate and not met: the bid is excluded unless it is waived"),
                [row.requirement for row in self.rows if row.breaks_gate],
            ),
            (
                _("The evidence of %(code)s has expired and counts one step less"),
                [row.requirement for row in self.rows if row.expired],
            ),
        ):
            lines += [Check("warn", text % {"code": row.code}, *_place(row)) for row in rows]
        price = (
            Check("no", self.price_fault, "", "price")
            if self.price_fault
            else Check("ok", pgettext("of a bid", "Price"), _("readable"))
        )
        return [*lines, price]

    @property
    def sent(self) -> Mapping[str, Any] | None:
        """What the draft remembers of the bid that counts; None where it is not known to this person."""
        sent = self.draft.sent
        known = self.stands and sent is not None and self.latest is not None
        return sent if known and sent["version"] == self.latest.number else None

    @property
    def unsent(self) -> bool:
        """Whether the draft says something else than the bid that counts."""
        return self.sent is not None and any(
            self.sent[name] != value for name, value in self.draft.written.items()
        )

    @property
    def as_sent(self) -> bool:
        """Whether the draft says what the bid that counts does."""
        return self.sent is not None and not self.unsent

    @cached_property
    def receipt(self) -> Document:
        """The latest receipt; it lists the digests of the sealed parts."""
        return json.loads(self.latest.receipt) if self.latest else {}

    @property
    def bytes_sent(self) -> int:
        """How large the files of the bid that counts are together, as far as it is known."""
        return sum(self.sent["sizes"]) if self.sent else 0

    @property
    def files_sent(self) -> int:
        """How many files the bid that counts has: the parts less the two manifests."""
        return max(len(self.receipt.get("parts", ())) - len(Envelope), 0)

    @property
    def fault(self) -> str:
        """Why the bid could not be read, once the bids are opened; empty where it could."""
        return self.bid.fault if self.bid is not None and self.bid.opened_at is not None else ""

    @cached_property
    def closing(self) -> ClosingRecord | None:
        """What the bidding was closed with; None before, and for who handed nothing in."""
        return queries.closing_of(self.tender) if self.latest else None

    @cached_property
    def late(self) -> list[LateBid]:
        """What came in late, the first one first."""
        return list(LateBid.objects.filter(bid=self.bid)) if self.bid else []

    @cached_property
    def amendments(self) -> list[Amendment]:
        """What was changed that the bid that counts was not confirmed under; empty where it stands."""
        if self.bid is None or not self.stands or not queries.needs_confirmation(self.bid):
            return []
        return queries.unanswered_amendments(self.latest)

    @property
    def amendment(self) -> int:
        """The number of the last of them; 0 where there is none."""
        return self.amendments[-1].number if self.amendments else 0


def _place(row: Requirement) -> tuple[str, str]:
    """The word at the end of a line about a requirement, and where it leads."""
    return (_("gate") if row.mandatory else _("scored"), f"r{row.pk}")

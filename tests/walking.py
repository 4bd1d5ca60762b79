"""A tender that walks from its draft to the award, and leaves every row that an address can name."""

import uuid
from datetime import timedelta
from typing import Any

from django.urls import URLPattern, reverse
from django.urls.converters import UUIDConverter

from bids.actions import complaints, incidents, opening, panel, scoring, submission
from bids.actions.publication import cancel
from bids.actions.questions import ask_question
from bids.actions.waivers import propose_waiver
from bids.choices import ResolutionKind
from bids.models import Bid, Claim, LotDraw, Objection, Resolution
from bids.queries import electorate
from procurement import intake
from procurement.actions.catalogues import load_catalogue
from procurement.actions.intake import ask_to_lower
from procurement.actions.reusing import save_template
from procurement.catalogues import Naming
from procurement.choices import ClearanceSide, Role
from procurement.models import Lowering, SpecificationTemplate, Tender, Unit, User, Vendor
from tests.awarded import approve_it, award_it, recommend_it
from tests.bids.amending import outage, propose, replace
from tests.bids.companies import registered
from tests.bids.meeting import mark_of, meeting, resolve
from tests.bids.objecting import TODAY, answer, object_to
from tests.bids.promised import promise_of, sign
from tests.bids.vendors import add_file, save
from tests.cast import (
    NOW,
    PASSPHRASES,
    Cast,
    close,
    hand_in,
    lock,
    mark_everything,
    open_bids,
    open_prices,
    opened_drafts,
    publish,
)
from tests.procurement import exceptions
from tests.procurement.catalogue_files import TABLE, read
from tests.remembered import remembered

from .routes import STAGES

RIVAL = "Quickwin Technology"
MARKS = {"Bedrock Security": {"S": "40", "Q": "20"}, RIVAL: {"S": "30", "Q": "22"}}
MINUTE = timedelta(minutes=1)

#: The stages on the way, where they are not simply those before.
_LINE = "DPCNOMLRKAF"
_ASIDE = {"S": "DPCNOMLRKS", "X": "DPCNOX"}

#: What stands in an address besides keys, by the part and then by the route.
_WORDS = {
    "kind": {"record-template": "bids", "round-case": "case", "ledger-row": "register"},
    "extension": {},
    "number": {"public-package": 0},
}
_USUAL = {"kind": "requirements", "extension": "xlsx", "number": 1}


OTHERS = ("colleague", "recused", "undeclared", "outsider")

#: What a walk leaves in `Walk.rows`, by the letters of its stages.
_ROWS: dict[str, dict[str, Any]] = {}


def enter_others(units: dict[str, Unit]) -> None:
    """Those who are not of the shared cast: three more of security, and a vendor that never bids."""

    def person(username: str, **more: Any) -> None:
        User.objects.create(username=username, name=username.title(), language="en", **more)

    for name in OTHERS[:3]:
        person(name, role=Role.MEMBER, unit=units["security"])
    person(OTHERS[3], role=Role.VENDOR, vendor=Vendor.objects.create(name="Third"))


class Walk:
    """The tender, everybody by part, and the keys of its rows by the words of the routes that name them."""

    def __init__(self, cast: Cast, units: dict[str, Unit], draft: Tender) -> None:
        self.cast, self.tender = cast, draft
        remembered("others", lambda: enter_others(units), PASSPHRASES)
        self.people = cast.everybody() | {name: User.objects.get(username=name) for name in OTHERS}
        self.rows: dict[str, Any] = {}

    def to(self, letter: str) -> "Walk":
        """From the draft to the stage of that letter, with every row as soon as there can be one."""
        self._along(_ASIDE.get(letter, _LINE[: _LINE.find(letter) + 1]))
        return self

    def _along(self, way: str) -> None:
        """Through these stages; how far others came on the same way is put back, and not done again."""

        def build() -> None:
            if len(way) > 1:
                self._along(way[:-1])
            step = getattr(self, f"_{STAGES[way[-1]]}")
            self.tender = step() or self.tender
            _ROWS[way] = dict(self.rows)

        remembered(f"walk {way}", build, PASSPHRASES)
        self.rows = dict(_ROWS[way])
        self.tender.refresh_from_db()

    @property
    def _rivals(self) -> Bid:
        return Bid.objects.get(tender=self.tender, vendor=self.cast.rival.vendor)

    # --- until the bids are opened --------------------------------------------------------------------------
    def _draft(self) -> None:
        """Security has still to sign, and something is to be lowered."""
        self.tender.clearances.filter(side=ClearanceSide.SECURITY).delete()
        self.rows |= {
            "requirement": self.tender.requirements.first().pk,
            "criterion": self.tender.criteria.get(code="S").pk,
            "seat": self.tender.seats.first().pk,
            "lowering": self._lower().pk,
        }
        self._object("", files=[("report.pdf", b"%PDF-1.7")])

    def _lower(self) -> Lowering:
        """The officer asks for less than an intake proposes."""
        return ask_to_lower(
            actor=self.cast.officer,
            tender=self.tender,
            items=[intake.Lowering("method", "total", "lowest-price")],
            reason="It is a commodity.",
            now=NOW - MINUTE,
        )

    def _object(self, vendor: str, **more: Any) -> Objection:
        """The security member objects, and the routes lead there from now on."""
        row = object_to(self.tender, self.cast.security, vendor=vendor, **more)
        self.rows |= {"objection": row.pk, "objection-file": row.files.get().pk}
        return row

    def _published(self) -> Tender:
        """The vendor hands in a bid with a file; nobody else does so far. Two proposals wait."""
        tender = publish(self.tender)
        self.rows |= {
            "amendment": propose(tender, deadline=NOW + timedelta(days=8)).pk,
            "replacement": replace(tender, "auditor", "security_head").pk,
            "outage": outage(NOW - timedelta(hours=2), NOW - timedelta(hours=1)).pk,
        }
        vendor = self.cast.vendor
        save(vendor, tender, {}, price="")
        file = add_file(vendor, tender, "report.pdf")
        self.rows["attachment"] = file.pk
        hand_in(vendor, tender, "15000000")
        about = {"requirement": tender.requirements.first(), "clock": lambda: NOW - MINUTE}
        asked = ask_question(actor=vendor, tender=tender, text="Is the peak included?", **about)
        self.rows["question"] = asked.pk
        return tender

    def _closed(self) -> Tender:
        """The rival hands in once more: it fails a gate, and calls a requirement not applicable."""
        tender = close(self.cast, self.tender)
        said = {"R1": "not_met", "R3": "not_applicable"}
        hand_in(self.cast.rival, tender, "12000000", at=NOW - timedelta(minutes=90), **said)
        late = submission.refuse_late(
            actor=self.cast.rival,
            tender=tender,
            opened=opened_drafts(self.cast.rival),
            answers={},
            price="1",
            clock=lambda: NOW,
        )
        self.rows["late-refusal"] = late.pk
        self.rows |= dict.fromkeys(("bid", "letter"), self._rivals.pk)
        return tender

    def _named(self) -> Tender:
        """Two more members: one is recused and declares an interest, one is absent and declares nothing."""
        tender = opening.name_bidders(actor=self.cast.officer, tender=self.tender, now=NOW)
        officer, early = {"actor": self.cast.officer}, {"now": NOW - MINUTE}
        seats = [
            panel.appoint(
                user=self.people[who], expert=False, reason="More of us", tender=tender, **officer, **early
            )
            for who in ("recused", "undeclared")
        ]
        panel.set_presence(seat=seats[1], present=False, reason="Ill", seen=1, **officer, **early)
        recusal = panel.recuse(seat=seats[0], bid=self._rivals, reason="Kin", **officer, **early)
        interest = {"vendor": "Bedrock Security", "ground": "other", "detail": "Old friends"}
        declaration = panel.declare(
            actor=self.people["recused"],
            seat=seats[0],
            interests=[interest],
            undertakings=["I keep silent."],
            typed_name="Recused",
            **early,
        )
        self.rows |= {"recusal": recusal.pk, "declaration": declaration.pk}
        return tender

    # --- the panel at work ----------------------------------------------------------------------------------
    def _opened(self) -> Tender:
        """The interest is taken back; objections and a waiver on the rival's bid are in all their states."""
        declaration = self.tender.seats.get(code="recused").declarations.get()
        panel.ask_again(actor=self.cast.officer, declaration=declaration, reason="Who?", now=NOW - MINUTE)
        self.tender = tender = open_bids(self.cast.officer, self.tender)
        claims = {row.requirement.code: row for row in Claim.objects.filter(bid=self._rivals)}
        waiver = propose_waiver(
            actor=self.cast.officer,
            claim=claims["R3"],
            reason="Replaced in March",
            control="Released by hand",
            expires_on=TODAY + timedelta(days=90),
            now=NOW,
        )
        upheld, accepted = (object_to(tender, self.cast.security, vendor=RIVAL) for _times in range(2))
        answer(upheld, self.cast.approver, "upheld")
        conditions = answer(accepted, self.cast.approver, "accepted").conditions
        self._object(RIVAL, files=[("report.pdf", b"%PDF-1.7")])
        self.rows |= {
            "finding-save": claims["R2"].pk,
            "not-applicable-accept": claims["R3"].pk,
            "waiver-new": claims["R1"].pk,
            "waiver": waiver.pk,
            "objection-remedy": upheld.pk,
            "condition-met": accepted.pk,
            "condition": conditions.get().pk,
        }
        return tender

    def _marked(self) -> None:
        """Every sheet is in, and the panel keeps the marks of an item of the rival's bid."""
        mark_everything(self.tender, MARKS)
        for seat in self.tender.seats.filter(present=True):
            scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)
        kept = self._resolve(
            ResolutionKind.KEEP, bid=self._rivals, criterion=self.tender.criteria.get(code="Q")
        )
        position = self._rivals.position
        self.rows |= {
            "dissent-new": kept.pk,
            "mark": mark_of(self.tender, self.cast.security, position=position).pk,
        }

    def _resolve(self, kind: str, **about: Any) -> Resolution:
        seats = [seat for seat in electorate(self.tender, None) if seat.present]
        held = meeting(self.tender, present=seats)
        return resolve(self.cast.officer, self.tender, kind, held=held, now=NOW - MINUTE, **about)

    def _locked(self) -> Tender:
        """Quality is marked once more before the marks are locked."""
        self._resolve(ResolutionKind.REDO, again=[self.tender.criteria.get(code="Q")])
        self.tender.refresh_from_db()
        return lock(self.cast, self.tender)

    # --- from the prices on ---------------------------------------------------------------------------------
    def _priced(self) -> Tender:
        """Lots were drawn, as if there had been a tie."""
        tender = open_prices(self.cast.officer, self.tender)
        resolution = Resolution.objects.create(
            tender=tender,
            number=tender.resolutions.count() + 1,
            kind=ResolutionKind.LOTS,
            round=tender.round,
            reason="A tie",
            in_favour=2,
            recorded_by="Officer",
            recorder=self.cast.officer,
            recorded_at=NOW,
        )
        draw = LotDraw.objects.create(
            tender=tender, resolution=resolution, vendors=list(MARKS), order=list(MARKS), drawn_at=NOW
        )
        self.rows["draw"] = draw.pk
        return tender

    def _ranked(self) -> None:
        """Whatever froze the award is answered, and the panel recommends the vendor."""
        for row in self.tender.objections.filter(answers__isnull=True):
            answer(row, self.cast.approver)
        recommend_it(self.tender)

    def _signed(self) -> None:
        approve_it(self.tender)

    def _awarded(self) -> None:
        """A promise is signed with a file, and a complaint of the rival is answered."""
        award_it(self.tender)
        file, final = ("test.pdf", b"%PDF-1.7"), NOW + timedelta(days=self.tender.standstill_days + 1)
        signed = sign(self.cast.security, promise_of(self.tender, "R3"), file=file, at=final)
        complaint = self._complain()
        complaints.answer_complaint(
            actor=self.cast.approver,
            complaint=complaint,
            seen=1,
            answer="rejected",
            reason="In vain",
            now=NOW,
        )
        self.rows |= {"promise": promise_of(self.tender, "R2").pk, "sign-off-file": signed.pk}

    def _complain(self) -> Any:
        """The officer enters a complaint of the rival."""
        self.tender.refresh_from_db()
        row = complaints.complain(
            actor=self.cast.officer,
            tender=self.tender,
            bid=self._rivals,
            complainant="",
            text="We were cheaper",
            received_at=NOW,
            now=NOW,
        )
        self.rows["complaint"] = row.pk
        return row

    def _frozen(self) -> None:
        self._complain()

    def _cancelled(self) -> None:
        cancel(actor=self.cast.officer, tender=self.tender, reason="The system is given up.", now=NOW)

    # --- what belongs to no tender --------------------------------------------------------------------------
    def with_records(self) -> "Walk":
        """An incident, and entries of the register that the officer asked for, in three of their states."""
        cast = self.cast
        incident = incidents.record_incident(
            actor=cast.officer,
            vendor=cast.rival.vendor,
            tender=None,
            severity="high",
            happened_on=TODAY,
            what="A key was lost",
            now=NOW,
        )
        advised = exceptions.ask(cast.officer)
        exceptions.advise(cast.security, advised)
        overruled = exceptions.granted(cast, cast.officer, "against").pk
        stored = [
            load_catalogue(actor=None, catalogue=tiny, files={}, now=NOW)[0].pk
            for tiny in (read("t.csv", TABLE, naming=Naming(version=number)) for number in ("1", "2"))
        ]
        self.rows |= {
            "catalogue": stored[0],
            "other": stored[1],
            "incident-close": incident.pk,
            "register": exceptions.ask(cast.officer).pk,
            "register-decide": advised.pk,
            "register-close": overruled,
            "record": overruled,
            "registration": registered().pk,
            "template": self._template().pk,
        }
        return self

    def _template(self) -> SpecificationTemplate:
        """A specification that is kept."""
        return save_template(actor=self.cast.officer, tender=self.tender, name="Kept", note="", now=NOW)

    # --- addresses ------------------------------------------------------------------------------------------
    def address(self, key: str, pattern: URLPattern) -> str:
        """The address of a route, with the rows that there are; what there is not yet has no key."""
        name, _colon, variant = key.partition(":")
        arguments = {
            part: self._part(part, name, variant, pattern, isinstance(converter, UUIDConverter))
            for part, converter in pattern.pattern.converters.items()
        }
        return reverse(name, kwargs=arguments)

    def _part(self, part: str, name: str, variant: str, pattern: URLPattern, has_uuid: bool) -> Any:
        if part in _USUAL:
            return _WORDS[part].get(name, _USUAL[part])
        if part in {"paper", "envelope", "document", "side"}:
            return variant
        if part == "pk" and str(pattern.pattern).startswith("tenders/"):
            return self.tender.pk
        first = name.partition("-")[0]
        words = [name, first] if part == "pk" else [{"file": "attachment"}.get(part, part)]
        fixed = {
            "incident-new": self.cast.rival.vendor_id,
            "person": self.cast.rival.pk,
            "unit": self.cast.officer.unit_id,
            "vendor": self.cast.rival.vendor_id,
        }
        known = fixed | self.rows
        return next((known[word] for word in words if word in known), uuid.UUID(int=0) if has_uuid else 0)

"""A snapshot beside the case as it stands: what of it the reader may see, line by line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids.choices import Answer, BidStatus, Evidence
from bids.models import Objection
from bids.queries.basis import RULES
from procurement.models import Tender
from procurement.templatetags.figures import clauses, fingerprint, listed, money_words, points

Document = dict[str, Any]

#: What stands where a value is not there.
NOTHING = "—"


@dataclass(frozen=True)
class Line:
    """One thing of the case: as it was, and as it is now."""

    label: str
    then: str
    now: str
    mono: bool = False

    @property
    def differs(self) -> bool:
        """Whether it has changed."""
        return self.then != self.now


@dataclass(frozen=True)
class Reader:
    """What of a snapshot may be shown: other findings of the bid, marks, and the ranking."""

    bids: bool
    marks: bool
    ranking: bool


class Comparison:
    """One snapshot of an objection against the present state."""

    def __init__(self, objection: Objection, then: Document, now: Document, reader: Reader) -> None:
        self.objection, self.tender, self.reader = objection, objection.tender, reader
        self.then, self.now = then, now

    @property
    def changed(self) -> bool:
        """Whether anything that is shown differs."""
        return any(line.differs for line in self.lines())

    def lines(self) -> list[Line]:
        """What is shown, the most telling first."""
        about = self._bid() if self.objection.bid_id else self._specification()
        return [*self._ranking(), *about, *self._fingerprints()]

    def _line(self, label: str, of: Any, *, mono: bool = False) -> Line:
        return Line(label, of(self.then) or NOTHING, of(self.now) or NOTHING, mono)

    # --- figures --------------------------------------------------------------------------------------------
    def _ranking(self) -> Iterator[Line]:
        if self.reader.ranking and (self.then["ranking"] or self.now["ranking"]):
            yield self._line(_("First place"), lambda state: _first(state["ranking"]))
            yield self._line(_("Second place"), lambda state: _second(state["ranking"]))
            yield self._line(_("Price alone"), lambda state: _alone(state["ranking"], self.tender))

    def _fingerprints(self) -> Iterator[Line]:
        yield self._line(
            _("Publication fingerprint"), lambda state: fingerprint(state["publication"]), mono=True
        )
        if self.reader.ranking and (self.then["ranking"] or self.now["ranking"]):
            yield self._line(
                _("Ranking fingerprint"),
                lambda state: fingerprint((state["ranking"] or {}).get("fingerprint", "")),
                mono=True,
            )

    # --- one bid --------------------------------------------------------------------------------------------
    def _bid(self) -> Iterator[Line]:
        code = self.objection.requirement.code if self.objection.requirement else ""
        if code:
            yield self._line(_("Finding on %(code)s") % {"code": code}, lambda state: _finding(state, code))
            yield self._line(
                _("Evidence for %(code)s") % {"code": code}, lambda state: _evidence(state, code)
            )
        yield self._line(_("Bid"), _status)
        if self.reader.bids:
            yield self._line(_("Requirements met"), _met)
            yield from self._other_findings(code)
        if self.reader.marks:
            yield from self._marks()

    def _other_findings(self, code: str) -> Iterator[Line]:
        """Those that differ."""
        then, now = self.then["basis"]["findings"], self.now["basis"]["findings"]
        for other in sorted({*then, *now} - {code}):
            if then.get(other) != now.get(other):
                yield self._line(
                    _("Finding on %(code)s") % {"code": other},
                    lambda state, other=other: clauses(
                        text for text in (_finding(state, other), _evidence(state, other)) if text
                    ),
                )

    def _marks(self) -> Iterator[Line]:
        """The leaves whose marks differ. Marks that were not locked then have come, and not changed."""
        then, now = self.then["basis"]["marks"], self.now["basis"]["marks"]
        if then is None or now is None:
            return
        leaves = sorted({*then["marks"], *now["marks"], *then["agreed"], *now["agreed"]})
        lines = [
            self._line(_("Marks on %(code)s") % {"code": leaf}, lambda state, leaf=leaf: _marks(state, leaf))
            for leaf in leaves
        ]
        differing = [line for line in lines if line.differs]
        yield from differing
        if not differing:
            count = sum(len(given) for given in now["marks"].values())
            text = ngettext("%(n)d mark", "%(n)d marks", count) % {"n": count}
            yield Line(_("Marks"), text, text)

    # --- what the tender asks -------------------------------------------------------------------------------
    def _specification(self) -> Iterator[Line]:
        yield from self._rules()
        yield self._line(_("Requirements"), lambda state: str(len(state["basis"]["requirements"])))
        for kind, word in (
            ("requirements", _("Requirement %(code)s")),
            ("criteria", _("Criterion %(code)s")),
        ):
            then, now = self.then["basis"][kind], self.now["basis"][kind]
            about = {self.objection.requirement.code} if self.objection.requirement else set()
            for code in sorted({*then, *now}):
                if then.get(code) != now.get(code) or (kind == "requirements" and code in about):
                    yield self._line(
                        word % {"code": code},
                        lambda state, code=code, kind=kind: _asked(state["basis"][kind].get(code)),
                    )

    def _rules(self) -> Iterator[Line]:
        """Those that differ, by the names that the form of the tender gives them."""
        then, now = (state["basis"]["rules"] for state in (self.then, self.now))
        for name in RULES:
            if then[name] != now[name]:
                field = Tender._meta.get_field(name)
                yield self._line(
                    str(field.verbose_name),
                    lambda state, field=field: _ruled(field, state["basis"]["rules"][field.name]),
                )


def _ruled(field: Any, value: Any) -> str:
    """A rule in words where it is chosen from a list, else as the case file has it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, str):
        return str(dict(field.flatchoices).get(value, value))
    return json.dumps(value, ensure_ascii=False) if value else ""


def _first(ranking: Document | None) -> str:
    """Who is first, with its figure and the lead."""
    if not ranking or not ranking["places"]:
        return ""
    row = ranking["places"][0]
    text = f"{row['vendor']} {points(Fraction(row['figure']))}"
    if not ranking["lead"]:
        return text
    return _("%(first)s, ahead by %(lead)s") % {"first": text, "lead": points(Fraction(ranking["lead"]))}


def _second(ranking: Document | None) -> str:
    second = ranking["places"][1:] if ranking else []
    return f"{second[0]['vendor']} {points(Fraction(second[0]['figure']))}" if second else ""


def _alone(ranking: Document | None, tender: Tender) -> str:
    """What price alone would have bought, and how much of what was asked it leaves out."""
    alone = ranking["alone"] if ranking else None
    if not alone:
        return ""
    price = money_words(Fraction(alone["price"]), tender.currency)
    left = len(alone["unmet"])
    unmet = ngettext("%(n)d requirement not met", "%(n)d requirements not met", left) % {"n": left}
    return clauses([f"{listed(alone['vendors'])} {price}", unmet])


def _status(state: Document) -> str:
    bid = state["basis"]["bid"]
    return clauses(text for text in (str(BidStatus(bid["status"]).label), bid["reason"]) if text)


def _finding(state: Document, code: str) -> str:
    """What was found, by whom; else what the vendor says."""
    row = state["basis"]["findings"].get(code)
    if row is None:
        return ""
    if row["verified"] is None:
        if row["not_applicable_by"]:
            return _("Does not apply, agrees %(name)s") % {"name": row["not_applicable_by"]}
        answer = str(Answer(row["answer"]).label) if row["answer"] else _("nothing")
        return _("The vendor says: %(answer)s") % {"answer": answer}
    word = _("Met") if row["verified"] else _("Not met")
    return " · ".join(text for text in (word, row["finding"], row["verified_by"]) if text)


def _evidence(state: Document, code: str) -> str:
    row = state["basis"]["findings"].get(code)
    level = (row["evidence_found"] or row["evidence"]) if row else ""
    if not level:
        return ""
    word = str(Evidence(level).label)
    until = row["evidence_until"] if row else ""
    return _("%(level)s until %(day)s") % {"level": word, "day": until} if until else word


def _met(state: Document) -> str:
    """How many requirements count as met."""
    rows = list(state["basis"]["findings"].values())
    met = [
        row
        for row in rows
        if row["verified"]
        or (row["verified"] is None and (row["answer"] == Answer.MET or row["not_applicable_by"]))
    ]
    return _("%(have)s of %(of)s") % {"have": len(met), "of": len(rows)}


def _marks(state: Document, leaf: str) -> str:
    """The members' marks in the order of their codes, and what was agreed on."""
    marks = state["basis"]["marks"]
    given = listed(mark or NOTHING for _member, mark in sorted(marks["marks"].get(leaf, {}).items()))
    agreed = marks["agreed"].get(leaf)
    return clauses(
        text for text in (given, _("agreed: %(mark)s") % {"mark": agreed} if agreed else "") if text
    )


def _asked(row: Document | None) -> str:
    """A requirement or a criterion in words."""
    if row is None:
        return _("not there")
    if "mandatory" in row:
        kind = _("Gate") if row["mandatory"] else _("Scored")
        return clauses(text for text in (row["title"], kind, row["evidence"], row["criterion"]) if text)
    floor = _("minimum %(points)s") % {"points": row["minimum"]} if row["minimum"] else ""
    top = _("top of the scale %(mark)s") % {"mark": row["maximum"]} if row["maximum"] else ""
    caps = _("weak evidence caps the mark") if row["caps"] else ""
    anchors = listed(f"{anchor['mark']} = {anchor['text']}" for anchor in row["anchors"])
    texts = (row["title"], row["weight"], floor, top, listed(row["units"]), caps, anchors)
    return clauses(text for text in texts if text)

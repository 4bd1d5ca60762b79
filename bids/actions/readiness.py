"""Whether a draft may be published: what blocks it, what is worth a second look, and what is in order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids.actions.asking import lowered_checks, reworded, standing_of
from bids.actions.clearances import signings_of
from bids.actions.custody import fault_of_officers, system_key
from bids.cases import (
    criteria_tree,
    publication_fingerprint,
    publication_text,
    sentence,
    specification_issues,
)
from bids.evaluation.issues import ERROR, Issue
from bids.evaluation.tree import Tree
from bids.models import Objection
from bids.models.key import DRILL_HOLDS
from bids.queries import freezes, key_of
from bids.rules import LEAST_VOTERS, composition, why_frozen
from bids.sealing.refusals import KeyUnavailable
from procurement.choices import Profile, RequirementKind, Role, TieRule, UnitKind
from procurement.models import Criterion, Requirement, Seat, Tender, User
from procurement.templatetags.figures import listed, moment, plain, share

BLOCKS, REMINDS, PASSES = "no", "warn", "ok"

#: What a check is about where it is about no row: lists to which something must be added.
REQUIREMENTS, CRITERIA, SEATS, OPENING = "requirements", "criteria", "seats", "opening"
INTAKE, STEPS, BLANKS, SIGNATURES = "intake", "steps", "blanks", "signatures"

#: Issues that a check of this room says in its own words.
_SAID_HERE = frozenset({"no_security_requirement", "no_tie_rule"})

#: Guard rails that warn in a case file and block a publication, by profile.
_BLOCKING = {Profile.BANK.value: frozenset({"security_outweighed"})}

_ROW = re.compile(r"(?P<list>criteria|requirements)\[(?P<index>[0-9]+)\]\.?(?P<field>.*)")


@dataclass(frozen=True)
class Check:
    """One finding: how grave, what, who owns it, and the row or list where it can be put right."""

    level: str
    text: str
    who: str = ""
    about: Tender | Requirement | Criterion | Objection | str | None = None


def blocking(found: list[Check]) -> list[Check]:
    """Those that stand against publication."""
    return [check for check in found if check.level == BLOCKS]


def publication_checks(tender: Tender, now: datetime, fingerprint: str = "") -> list[Check]:
    """Every check of a draft: blocking ones first, then reminders, then what is in order.

    `fingerprint` is that of the draft as it stands, where it is known.
    """
    fingerprint = fingerprint or publication_fingerprint(publication_text(tender))
    specification = _Specification(tender)
    found = [
        *specification.intake(),
        *specification.owners(),
        *specification.requirement_checks(),
        *specification.blanks(),
        *specification.weights(),
        *specification.anchors(),
        *specification.panel(),
        *specification.answering(),
        *specification.opening(now),
        *specification.objections(now),
        *specification.dates(now),
        *specification.rules(),
        *specification.issues(),
        *specification.signatures(fingerprint),
    ]
    found = [
        replace(check, who=specification.officer) if check.level == BLOCKS and not check.who else check
        for check in found
    ]
    order = [BLOCKS, REMINDS, PASSES]
    return sorted(found, key=lambda check: order.index(check.level))


class _Specification:
    """The rows of a draft, read once."""

    def __init__(self, tender: Tender) -> None:
        self.tender = tender
        self.requirements = list(tender.requirements.select_related("unit", "owner__unit"))
        self.criteria = list(tender.criteria.all())
        self.seats: list[Seat] = list(tender.seats.select_related("unit"))
        self.tree: Tree = criteria_tree(tender)
        self.officer = _name(tender.officer) or _("A procurement officer")

    # --- the right questions ----------------------------------------------------------------------------
    def intake(self) -> Iterator[Check]:
        """The intake is answered, and nothing that it proposes is lowered without security's agreement."""
        standing = standing_of(self.tender, self.requirements)
        if standing is None:
            text = _("The intake is not answered: nobody knows yet what security has to be asked.")
            yield Check(BLOCKS, text, self.officer, INTAKE)
            return
        for text, is_step in lowered_checks(standing):
            yield Check(BLOCKS, text, self.officer, STEPS if is_step else INTAKE)
        waiting = len(standing.uncovered) - len(standing.unasked)
        if waiting:
            text = ngettext(
                "%(n)d lowered proposal waits for security’s answer.",
                "%(n)d lowered proposals wait for security’s answer.",
                waiting,
            )
            yield Check(BLOCKS, text % {"n": waiting}, _("Security"), INTAKE)
        if not standing.uncovered:
            words = {"class": standing.row.system_class, "level": standing.row.get_level_display()}
            text = _("Intake: Class %(class)s, protection level %(level)s; nothing is lowered unagreed.")
            yield Check(PASSES, text % words, standing.row.answered_by)

    def blanks(self) -> Iterator[Check]:
        """No blank is left in a requirement; what was reworded is worth a look."""
        codes = [row.code for row in self.requirements if row.blanks]
        if codes:
            text = _("Blanks are not filled in: %(codes)s.") % {"codes": listed(codes)}
            yield Check(BLOCKS, text, self.officer, BLANKS)
        changed = reworded(self.requirements)
        if changed:
            text = _("Worded otherwise than the baseline: %(codes)s.") % {"codes": listed(changed)}
            yield Check(REMINDS, text, self.officer, REQUIREMENTS)

    # --- who answers ------------------------------------------------------------------------------------
    def owners(self) -> Iterator[Check]:
        """Somebody answers for the system, and for every requirement, by unit and by name."""
        tender = self.tender
        if tender.owner_unit is None or tender.owner is None:
            text = _("Nobody answers for the system: name a unit and a person.")
            yield Check(BLOCKS, text, self.officer, tender)
        else:
            yield Check(PASSES, _("The system has an owner."), _name(tender.owner))
        for row in self.requirements:
            if row.unit is None or row.owner is None:
                text = _("%(code)s has no accountable unit and person.") % {"code": row.code}
                yield Check(BLOCKS, text, _name(row.owner) or self.officer, row)

    def answering(self) -> Iterator[Check]:
        """Two approvers above the units: one answers objections, the other where that is late."""
        tender = self.tender
        named = {_("Approver"): tender.approver, _("Next above"): tender.escalation}
        faults = [fault for part, person in named.items() if (fault := self._not_above(part, person))]
        if tender.approver is not None and tender.approver == tender.escalation:
            faults.append(_("Approver and next above must be two persons."))
        for fault in faults:
            yield Check(BLOCKS, fault, self.officer, tender)
        if not faults:
            yield Check(PASSES, _("Objections are answered above the units."), _name(tender.approver))

    def _not_above(self, part: str, person: User | None) -> str:
        """Why the person cannot answer objections to this tender; empty where they can."""
        if person is None:
            return _("%(part)s: nobody is named who answers objections.") % {"part": part}
        words = {"part": part, "name": person}
        if person.role != Role.APPROVER or not person.is_active:
            return _("%(part)s: %(name)s is no approver.") % words
        tender = self.tender
        proposed = {tender.officer_id, tender.owner_id, *(seat.user_id for seat in self.seats)}
        if person.pk in proposed:
            return _("%(part)s: %(name)s runs or owns the tender, or sits on its panel.") % words
        of_security = person.unit is not None and person.unit.kind == UnitKind.SECURITY
        if of_security or person.unit_id == tender.owner_unit_id:
            return (
                _("%(part)s: %(name)s belongs to security or to the accountable unit, not above both.")
                % words
            )
        return ""

    def opening(self, now: datetime) -> Iterator[Check]:
        """Three people with a key each whose passphrase was proved lately; the system key is at hand."""
        users = [row.user for row in self.tender.opening_officers.select_related("user__unit")]
        fault = fault_of_officers(self.tender, users)
        if fault:
            yield Check(BLOCKS, fault, self.officer, OPENING)
            return
        unproved = [user for user in users if (key := key_of(user)) is None or not key.is_drilled(now)]
        for user in unproved:
            text = _(
                "%(name)s has not proved an opening key within %(n)d days: that is done under “Opening key”, "
                "behind the own name."
            )
            yield Check(BLOCKS, text % {"name": user, "n": DRILL_HOLDS.days}, _name(user), OPENING)
        try:
            system_key()
        except KeyUnavailable as refusal:
            yield Check(BLOCKS, _(refusal.template) % refusal.params, _("Whoever runs the site"))
        else:
            if not unproved:
                yield Check(PASSES, _("Any two of %(names)s open the bids.") % {"names": listed(users)})

    def objections(self, now: datetime) -> Iterator[Check]:
        """What security has against the specification."""
        for row in freezes(self.tender, now):
            named = self.tender.approver if row.waits else row.objection.raiser
            yield Check(BLOCKS, why_frozen(row), _name(named), row.objection)

    # --- what is asked ----------------------------------------------------------------------------------
    def requirement_checks(self) -> Iterator[Check]:
        """A security gate, and evidence asked for every gate."""
        gates = [row for row in self.requirements if row.mandatory]
        if not any(row.kind == RequirementKind.SECURITY for row in gates):
            text = _("No security requirement is a gate: a tender that asks for none cannot be published.")
            yield Check(BLOCKS, text, _name(self.tender.owner) or self.officer, REQUIREMENTS)
        else:
            text = ngettext("%(n)d gate is asked.", "%(n)d gates are asked.", len(gates)) % {"n": len(gates)}
            yield Check(PASSES, text)
        for row in self.requirements:
            if not row.evidence.strip():
                level = BLOCKS if row.mandatory else REMINDS
                text = _("%(code)s asks for no evidence.") % {"code": row.code}
                yield Check(level, text, _name(row.owner) or self.officer, row)

    # --- how it is weighed ------------------------------------------------------------------------------
    def weights(self) -> Iterator[Check]:
        """Siblings add up to 100, to their parent's weight or to its effective points."""
        rows = {row.code: row for row in self.criteria}
        faults = [(code, fault) for code in (None, *self.tree.groups) if (fault := self._sum_fault(code))]
        for code, fault in faults:
            yield Check(BLOCKS, fault, self.officer, rows[code] if code else CRITERIA)
        if self.tree.nodes and not faults:
            points = {"points": plain(Fraction(self.tender.total_points))}
            yield Check(PASSES, _("The weights add up to %(points)s.") % points)
            yield from self._kinds()

    def _sum_fault(self, code: str | None) -> str:
        """What is wrong with the sum of the weights below a node, or of the roots."""
        below = self.tree.children.get(code, ())
        whole = Fraction(self.tender.total_points) if code is None else self.tree.effective[code]
        allowed = {Fraction(100), whole} | ({self.tree.nodes[code].weight} if code else set())
        found = sum((self.tree.nodes[child].weight for child in below), Fraction(0))
        if not below or found in allowed:
            return ""
        figures = {"sum": plain(found), "codes": listed(below), "code": code}
        figures["allowed"] = " / ".join(plain(figure) for figure in sorted(allowed))
        if code is None:
            return _("The weights of %(codes)s add up to %(sum)s; they must add up to %(allowed)s.") % figures
        return (
            _("The parts of %(code)s (%(codes)s) add up to %(sum)s; they must add up to %(allowed)s.")
            % figures
        )

    def _kinds(self) -> Iterator[Check]:
        """How much security and price weigh, and whether security has a floor."""
        sums = {kind: self._points_of(kind) for kind in ("security", "price")}
        if self.tree.reachable and sums["security"] >= sums["price"] > 0:
            figures = {name: share(points / self.tree.reachable) for name, points in sums.items()}
            yield Check(PASSES, _("Security weighs %(security)s, price %(price)s.") % figures)
        if any(
            self.tree.nodes[code].minimum
            for leaf in self.tree.of_kind("security")
            for code in self.tree.upwards(leaf)
        ):
            yield Check(PASSES, _("Security has a minimum."))
        elif sums["security"]:
            text = _("Security has no minimum: a low mark can be bought back by price.")
            yield Check(REMINDS, text, self.officer, CRITERIA)

    def _points_of(self, kind: str) -> Fraction:
        return sum((self.tree.effective[code] for code in self.tree.of_kind(kind)), Fraction(0))

    def anchors(self) -> Iterator[Check]:
        """Words for marks that nobody can give, because the scale ends below them."""
        for row in self.criteria:
            top = self.tree.effective.get(row.code) if row.maximum is None else Fraction(row.maximum)
            off = [] if top is None else [one["mark"] for one in row.anchors if Fraction(one["mark"]) > top]
            if off:
                figures = {"code": row.code, "marks": listed(off), "top": plain(top)}
                text = _("%(code)s has words for the marks %(marks)s; its scale ends at %(top)s.") % figures
                yield Check(BLOCKS, text, self.officer, row)

    # --- who marks --------------------------------------------------------------------------------------
    def panel(self) -> Iterator[Check]:
        """A seat for every leaf that people mark, and a person on every seat."""
        if not self.seats:
            yield Check(BLOCKS, _("Nobody sits on the panel."), self.officer, SEATS)
            return
        if len(self.seats) < LEAST_VOTERS:
            text = _("The panel has one member, and nobody decides alone: add another one.")
            yield Check(BLOCKS, text, self.officer, SEATS)
        rows = {row.code: row for row in self.criteria}
        units = {seat.unit.code for seat in self.seats}
        unmarked = [leaf for leaf in self.tree.marked if leaf.units and not units & set(leaf.units)]
        for leaf in unmarked:
            text = _("Nobody on the panel marks %(code)s: its units have no seat.") % {"code": leaf.code}
            yield Check(BLOCKS, text, self.officer, rows[leaf.code])
        for seat in self.seats:
            if seat.user_id is None:
                text = _("The seat “%(seat)s” has no person.") % {"seat": seat}
                yield Check(BLOCKS, text, self.officer, SEATS)
        if self.tree.marked and not unmarked:
            yield Check(PASSES, _("Every criterion has somebody who marks it."))
        yield from self._composition()

    def _composition(self) -> Iterator[Check]:
        """Size and experts of the panel: binding for some, worth a look for others."""
        for rule in composition(self.tender, self.seats):
            text = _("%(rule)s (%(source)s)") % {"rule": rule.text, "source": rule.source}
            level = PASSES if rule.holds else BLOCKS if rule.binding else REMINDS
            yield Check(level, text, self.officer, SEATS)

    # --- until when, by which rules ---------------------------------------------------------------------
    def dates(self, now: datetime) -> Iterator[Check]:
        """A deadline that is still to come."""
        deadline = self.tender.deadline
        if deadline is None:
            yield Check(BLOCKS, _("There is no deadline for bids."), self.officer, self.tender)
        elif deadline <= now:
            text = _("The deadline for bids, %(moment)s, is over.") % {"moment": moment(deadline)}
            yield Check(BLOCKS, text, self.officer, self.tender)
        else:
            yield Check(PASSES, _("Bids come in until %(moment)s.") % {"moment": moment(deadline)})
        until = self.tender.questions_end
        if until is not None and until <= now < deadline:
            text = _("The time for questions ended on %(moment)s, before anybody could ask.")
            level = BLOCKS if self.tender.questions_until else REMINDS
            yield Check(level, text % {"moment": moment(until)}, self.officer, self.tender)

    def rules(self) -> Iterator[Check]:
        """A budget, and an order for equal bids."""
        tender = self.tender
        if tender.budget is None:
            yield Check(REMINDS, _("There is no budget."), self.officer, tender)
        if tender.tie_break:
            names = " → ".join(str(TieRule(rule).label) for rule in tender.tie_break)
            yield Check(PASSES, _("Equal bids are split by: %(rules)s.") % {"rules": names})
        else:
            yield Check(REMINDS, _("No rule says what happens between equal bids."), self.officer, tender)

    def issues(self) -> Iterator[Check]:
        """What the arithmetic refuses or points out."""
        blocking_codes = _BLOCKING.get(self.tender.profile, frozenset())
        for issue in specification_issues(self.tender):
            if issue.code not in _SAID_HERE:
                blocks = issue.level == ERROR or issue.code in blocking_codes
                text = sentence(issue.template, issue.params)
                about, named = self._about(issue)
                yield Check(BLOCKS if blocks else REMINDS, f"{named}{text}", self.officer, about)

    # --- whose names stand under it ---------------------------------------------------------------------
    def signatures(self, fingerprint: str) -> Iterator[Check]:
        """Security and the accountable unit signed the draft as it stands."""
        for signing in signings_of(self.tender, fingerprint):
            level = PASSES if signing.row else BLOCKS
            yield Check(level, signing.text, signing.who(self.tender), SIGNATURES)

    def _about(self, issue: Issue) -> tuple[Tender | Requirement | Criterion | str, str]:
        """The row or list that an issue's path leads to, and what it is called there."""
        match = _ROW.fullmatch(issue.path)
        if match:
            rows = self.criteria if match["list"] == CRITERIA else self.requirements
            row = rows[int(match["index"])]
            return row, _called(row.code, row, match["field"])
        if issue.path.startswith("panel["):
            return SEATS, ""
        if issue.path in {CRITERIA, REQUIREMENTS}:
            return issue.path, ""
        return self.tender, _called("", self.tender, issue.path)


def _called(code: str, row: Tender | Requirement | Criterion, path: str) -> str:
    """The row and the field of a path in the reader's words, before a sentence."""
    first, _dot, rest = path.partition(".")
    parts = {"ceiling": _("ceiling"), "floor": _("floor"), "bands": _("price bands")}
    names = {field.name: str(getattr(field, "verbose_name", "")) for field in row._meta.get_fields()}
    names["price"] = parts.get(rest.partition("[")[0], names.get("price_formula", ""))
    words = [word for word in (code, names.get(first.partition("[")[0], first)) if word]
    return f"{', '.join(words)}: " if words else ""


def _name(person: User | None) -> str:
    """Person and unit."""
    return f"{person} · {person.belongs_to}" if person else ""

"""How a draft stands against what its intake proposes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids.cases import criteria_tree
from bids.evaluation.tree import Tree
from procurement import intake
from procurement.actions.intake import lowerings_with, proposals_of
from procurement.catalogues import baseline
from procurement.choices import (
    Agreement,
    EvidenceAsked,
    Method,
    PriceFormula,
    SystemClass,
    UnitKind,
)
from procurement.intake import proposals as keys
from procurement.models import Intake, Requirement, Tender
from procurement.templatetags.figures import listed


@dataclass(frozen=True)
class Standing:
    """An intake beside its draft: each proposal with what the draft holds of it."""

    row: Intake
    findings: list[intake.Finding]

    @cached_property
    def uncovered(self) -> list[intake.Finding]:
        """What is lowered without security's agreement."""
        return intake.not_covered(self.findings, lowerings_with(self.row, Agreement.AGREED))

    @cached_property
    def unasked(self) -> list[intake.Finding]:
        """What is lowered and about which nobody has asked security yet."""
        return intake.not_covered(self.findings, lowerings_with(self.row, Agreement.AGREED, ""))

    @property
    def lowerable(self) -> list[intake.Finding]:
        """What somebody may ask to lower; weights only once there are criteria to speak of."""
        weights = (keys.SECURITY_WEIGHT, keys.PRICE_WEIGHT)
        weighed = any(self._by_key[key].found != "0" for key in weights if key in self._by_key)
        rules = (keys.SECURITY_WEIGHT, keys.SECURITY_MINIMUM)
        return [one for one in self.unasked if weighed or one.proposal.key not in rules]

    @cached_property
    def state(self) -> dict[str, str]:
        """How each proposal stands, by key: met, raised, agreed, waits or lowered."""
        uncovered = {one.proposal.key for one in self.uncovered}
        unasked = {one.proposal.key for one in self.unasked}
        return {key: self._state(one, uncovered, unasked) for key, one in self._by_key.items()}

    @cached_property
    def _by_key(self) -> dict[str, intake.Finding]:
        return {one.proposal.key: one for one in self.findings}

    @staticmethod
    def _state(one: intake.Finding, uncovered: set[str], unasked: set[str]) -> str:
        key = one.proposal.key
        if not one.is_lowered:
            return "raised" if one.is_raised else "met"
        if key in unasked:
            return "lowered"
        return "waits" if key in uncovered else "agreed"


def standing_of(tender: Tender, requirements: list[Requirement] | None = None) -> Standing | None:
    """How the draft stands against its intake; None where nobody answered it."""
    row = Intake.objects.filter(tender=tender).prefetch_related("lowerings").first()
    if row is None:
        return None
    asked = list(tender.requirements.all()) if requirements is None else requirements
    facts = facts_of(tender, asked, row)
    return Standing(
        row, [*intake.compare(proposals_of(row), facts), *intake.answers_lowered(row.answers, row.worst)]
    )


def facts_of(tender: Tender, requirements: list[Requirement], row: Intake) -> intake.Facts:
    """What the draft holds of what an intake proposes."""
    tree = criteria_tree(tender)
    whole = tree.reachable or Fraction(1)
    security, price = (_points(tree, kind) for kind in ("security", "price"))
    minimum = sum(_minimums(tree, None), Fraction(0))
    return intake.Facts(
        system_class=tender.system_class,
        method=tender.method,
        price_formula=tender.price_formula,
        security_weight=_percent(security / whole),
        price_weight=_percent(price / whole),
        security_minimum=_percent(minimum / security) if security else Decimal(0),
        panel=frozenset(tender.seats.values_list("unit__kind", flat=True)),
        asks={one.entry: _asked(one) for one in requirements if one.catalogue == baseline.CODE},
        steps=frozenset(row.steps),
    )


def reworded(requirements: list[Requirement]) -> list[str]:
    """Codes of requirements of the baseline that no longer say, blanks apart, what was taken over."""
    known = baseline.by_id()
    return [
        row.code
        for row in requirements
        if row.catalogue == baseline.CODE
        and row.entry in known
        and row.entry_digest == known[row.entry].digest
        and row.title != _as_taken(known[row.entry], row)
    ]


def _as_taken(entry: baseline.Requirement, row: Requirement) -> str:
    """The text of an entry with the blanks that were filled in."""
    text = entry.shown(entry.text).zh
    for blank in row.parameters:
        if blank["value"]:
            text = text.replace(f"[{blank['label']}]", blank["value"])
    return text


def _asked(row: Requirement) -> str:
    """A requirement as a proposal would write it."""
    return f"{keys.GATE if row.mandatory else keys.SCORED}/{row.evidence_level or EvidenceAsked.CLAIMED}"


def _points(tree: Tree, kind: str) -> Fraction:
    return sum((tree.effective[code] for code in tree.of_kind(kind)), Fraction(0))


def _minimums(tree: Tree, parent: str | None) -> Iterator[Fraction]:
    """The minimums of the topmost nodes that have one and hold nothing but security."""
    security = set(tree.of_kind("security"))
    for code in tree.children.get(parent, ()):
        below = {leaf.code for leaf in tree.leaves if code in tree.upwards(leaf.code)}
        minimum = tree.nodes[code].minimum
        if minimum and below <= security:
            yield minimum
        else:
            yield from _minimums(tree, code)


def _percent(share: Fraction) -> Decimal:
    """A share in per cent, cut to four decimal places: never more than it is."""
    return Decimal(int(share * 1_000_000)) / Decimal(10_000)


# --- in words -----------------------------------------------------------------------------------------------
def in_words(one: intake.Finding) -> tuple[str, str, str]:
    """What a proposal is about, what is proposed and what the draft holds, in the reader's language."""
    key, proposed, found = one.proposal.key, one.proposal.value, one.found
    return name_of(one.proposal), value_in_words(key, proposed), value_in_words(key, found)


def name_of(proposal: intake.Proposal) -> str:
    """What a proposal is about."""
    prefix, _colon, rest = proposal.key.partition(":")
    names = {
        keys.SYSTEM_CLASS: _("System class"),
        keys.METHOD: _("Method"),
        keys.FORMULA: _("Price formula"),
        keys.SECURITY_WEIGHT: _("Weight of security"),
        keys.PRICE_WEIGHT: _("Weight of the price"),
        keys.SECURITY_MINIMUM: _("Minimum of security"),
    }
    if proposal.key in names:
        return names[proposal.key]
    if prefix == keys.PANEL[:-1]:
        return _("Panel: %(side)s") % {"side": UnitKind(rest).label}
    if prefix == keys.STEP[:-1]:
        return _(proposal.why.template)
    if prefix == keys.ANSWER[:-1]:
        return _("Answer: %(question)s") % {"question": _(intake.BY_CODE[rest.partition(":")[0]].text)}
    return rest


def value_in_words(key: str, value: str) -> str:
    """A value of a proposal in the reader's language."""
    prefix, _colon, rest = key.partition(":")
    question, _colon, option = rest.partition(":")
    if prefix == keys.ANSWER[:-1]:
        return _(intake.BY_CODE[question].text_of(option or value)) if value else _("not any more")
    if not value:
        return _("nothing")
    if key in (keys.SECURITY_WEIGHT, keys.PRICE_WEIGHT, keys.SECURITY_MINIMUM):
        return f"{value} %"
    if prefix == keys.ASK[:-1]:
        strength, evidence = value.split("/")
        gate = _("Gate") if strength == keys.GATE else _("Scored")
        return f"{gate} · {EvidenceAsked(evidence).label}"
    choices = {keys.SYSTEM_CLASS: SystemClass, keys.METHOD: Method, keys.FORMULA: PriceFormula}
    if key in choices:
        return str(choices[key](value).label)
    return _("confirmed") if prefix == keys.STEP[:-1] else _("a seat")


def lowered_checks(standing: Standing) -> Iterator[tuple[str, bool]]:
    """What is lowered and was never put before security: each rule by itself, requirements together.

    With each whether it is a step before the tender.
    """
    unasked = [one.proposal.key for one in standing.unasked]
    asks = [key.removeprefix(keys.ASK) for key in unasked if key.startswith(keys.ASK)]
    for one in standing.unasked:
        name, proposed, found = in_words(one)
        words = {"name": name, "proposed": proposed, "found": found}
        if one.proposal.key.startswith(keys.STEP):
            yield _("Not confirmed: %(name)s.") % words, True
        elif not one.proposal.key.startswith(keys.ASK):
            yield _("%(name)s: %(proposed)s is proposed, the draft has %(found)s.") % words, False
    if asks:
        text = ngettext(
            "%(n)d proposed requirement is left out or weakened: %(codes)s.",
            "%(n)d proposed requirements are left out or weakened: %(codes)s.",
            len(asks),
        )
        yield text % {"n": len(asks), "codes": listed(asks)}, False

"""What is remarked beside a bid on the ranking: why it is out, what was waived, how a tie was split."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from bids.evaluation.requirements import waived
from bids.evaluation.result import Reason
from bids.exports.draft import Draft
from bids.exports.figures import BidFigures
from bids.exports.words import in_a_row, listed, sentence


def note_of(draft: Draft, bid: BidFigures) -> str:
    """The remark as evaluated; empty where there is nothing to say."""
    vendor = bid.bid.vendor
    reasons = [reason for out in draft.result.excluded if out.vendor == vendor for reason in out.reasons]
    if reasons:
        return reasons_of(draft, reasons)
    holes = [hole for hole in draft.result.holes if hole.vendor == vendor]
    if holes:
        missing = dict.fromkeys(_hole(hole.criterion) for hole in holes)
        return _("Missing: {what}").format(what=in_a_row(missing))
    return listed([*_waivers(draft, bid), *_tie(draft, vendor)])


def reasons_of(draft: Draft, reasons: Sequence[Reason]) -> str:
    """Why a bid is out: gates by code, everything else as a sentence."""
    unmet = [reason.at for reason in reasons if reason.code == "requirement_not_met" and reason.at]
    others = [sentence(reason) for reason in reasons if reason.code != "requirement_not_met"]
    return listed([*others, *_unmet(draft, unmet)])


def _unmet(draft: Draft, codes: list[str]) -> list[str]:
    """The gates that a bid does not meet, with their severity."""
    severities = {r.code: draft.words.severities[r.severity] for r in draft.plan.case.requirements}
    gates = in_a_row(_("{code} ({severity})").format(code=code, severity=severities[code]) for code in codes)
    return [_("Not met: {gates}").format(gates=gates)] if codes else []


def _hole(criterion: str) -> str:
    return _("the price") if criterion == "price" else criterion


def _waivers(draft: Draft, bid: BidFigures) -> list[str]:
    excused = waived(draft.plan.case, bid.bid)
    waivers = {claim.requirement: claim.waiver for claim in bid.bid.claims if claim.waiver}
    return [_("{code} waived by {by}").format(code=code, by=waivers[code].by) for code in excused]


def _tie(draft: Draft, vendor: str) -> list[str]:
    rules = [row.tie_broken_by for row in draft.result.ranking if row.vendor == vendor and row.tie_broken_by]
    return [_("Tie split by: {rule}").format(rule=draft.words.tie_rules[rule]) for rule in rules]

"""The first stage: a bid's status, and the requirements it meets, does not meet, or was waived from."""

from bids.evaluation.case import SEVERITIES, Bid, Case, Requirement
from bids.evaluation.issues import gettext_noop, shown
from bids.evaluation.result import Reason


def unmet(case: Case, bid: Bid) -> tuple[Requirement, ...]:
    """The requirements that the bid does not meet, waived or not, mandatory or not; silence is not met."""
    met = {claim.requirement for claim in bid.claims if claim.finding}
    return tuple(requirement for requirement in case.requirements if requirement.code not in met)


def unmet_by_severity(case: Case, bid: Bid) -> tuple[str, ...]:
    """The codes of what the bid does not meet, the gravest first, then in file order."""
    return tuple(r.code for r in sorted(unmet(case, bid), key=lambda r: SEVERITIES.index(r.severity)))


def waived(case: Case, bid: Bid) -> tuple[str, ...]:
    """The mandatory requirements that the bid does not meet and that somebody waived."""
    waivers = {claim.requirement for claim in bid.claims if claim.waiver}
    return tuple(r.code for r in unmet(case, bid) if r.mandatory and r.code in waivers)


def first_stage(case: Case, bid: Bid) -> tuple[Reason, ...]:
    """Every reason of status and requirements for which the bid is not scored."""
    reasons: list[Reason] = []
    if bid.status == "withdrawn":
        reasons.append(Reason("withdrawn", None, gettext_noop("The vendor withdrew the bid.")))
    elif bid.status == "excluded":
        template = gettext_noop("The bid was excluded: {reason}")
        reasons.append(Reason("excluded", None, template, {"reason": bid.reason or ""}))
    template = gettext_noop("The mandatory requirement “{title}” is not met.")
    excused = waived(case, bid)
    reasons += [
        Reason("requirement_not_met", requirement.code, template, {"title": shown(requirement.title)})
        for requirement in unmet(case, bid)
        if requirement.mandatory and requirement.code not in excused
    ]
    return tuple(reasons)

"""Whole sentences of the advisor, so that each can be translated whole; figures come as text."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.choices import DummyBid
from bids.evaluation.advisor import BEST, CHEAP, MIDDLE, Outcome, Reversal, Weight
from bids.evaluation.case import Case
from procurement.templatetags.figures import sentences

Figures = Mapping[str, str]

_FAVOURS = {
    CHEAP: gettext_lazy(
        "The cheap outlier comes first, ahead of %(second)s by %(lead)s. These rules favour the low price."
    ),
    MIDDLE: gettext_lazy(
        "The middle bid comes first, ahead of %(second)s by %(lead)s. These rules favour neither extreme."
    ),
    BEST: gettext_lazy(
        "The expensive best bid comes first, ahead of %(second)s by %(lead)s. These rules favour what is "
        "marked best."
    ),
}


def first(outcome: Outcome) -> str:
    """Who is first, or that nobody is alone there."""
    if outcome.first is not None:
        return str(DummyBid(outcome.first).label)
    return _("Shared") if outcome.order else _("Nobody")


def favour(outcome: Outcome, lead: str) -> str:
    """Whom the rules favour."""
    if outcome.first is None:
        if not outcome.order:
            return _("No dummy bid passes, so these rules choose nobody.")
        names = " = ".join(str(DummyBid(code).label) for code in outcome.order[0])
        return _("Several dummy bids share first place: %(names)s. These rules favour none of them.") % {
            "names": names
        }
    if outcome.second is None:
        return _("Only one dummy bid passes: %(name)s.") % {"name": first(outcome)}
    figures = {"first": first(outcome), "second": str(DummyBid(outcome.second).label), "lead": lead}
    if outcome.lead == 0:
        text = _("%(first)s comes first by the rule for equal bids only: it is level with %(second)s.")
        return text % figures
    return str(_FAVOURS[outcome.first]) % figures


def no_turning(kind: str, *, first: bool) -> str:
    """Where no price turns first place."""
    if kind == "never":
        return _("The cheap outlier does not come first however cheap it is.")
    if first:
        return _("The cheap outlier comes first at any price: these rules do not look at it.")
    return _("The cheap outlier would come first at any other price.")


def turning(figures: Figures, *, first: bool, tie: bool) -> str:
    """Where the cheap outlier's place turns."""
    if first:
        text = _("The cheap outlier stays first until its price is %(percent)s higher, %(price)s.") % figures
    else:
        text = (
            _("The cheap outlier comes first once its price is %(percent)s lower, %(price)s or less.")
            % figures
        )
    if tie:
        text = sentences([text, _("At exactly that price it is level with this bid: %(rival)s.") % figures])
    return text


def exchange(figures: Figures, *, price: bool, mark: bool) -> str:
    """What one percent of price is worth against one mark."""
    if not price:
        return _("One percent less price changes nothing for the middle bid.")
    if not mark:
        return (
            _(
                "One percent less price is worth %(percent)s to the middle bid; one mark more on “%(leaf)s” "
                "changes nothing."
            )
            % figures
        )
    return (
        _(
            "For the middle bid one percent less price is worth %(percent)s, and one mark more on “%(leaf)s” "
            "(scale to %(top)s) is worth %(mark)s: as much as %(worth)s of its price."
        )
        % figures
    )


def cluster(figures: Figures) -> str:
    """Between which marks and prices bids lie; marks are of a scale to `top`, if there is one."""
    if "top" in figures:
        text = _(
            "marks lie between %(low)s and %(high)s of %(top)s and prices between %(least)s and %(most)s"
        )
    else:
        text = _(
            "marks lie between %(low)s and %(high)s of the scale and prices between %(least)s and %(most)s"
        )
    return text % figures


def weight(figures: Figures, found: Weight) -> str:
    """What a kind is published as and what it decides."""
    if found.published is None:
        text = _("%(kind)s has no published weight and decides %(effective)s when %(cluster)s.")
    elif found.published == found.effective:
        text = _("%(kind)s is published as %(published)s and decides as much when %(cluster)s.")
    else:
        text = _("%(kind)s is published as %(published)s but decides %(effective)s when %(cluster)s.")
    return text % figures


# --- reversal -------------------------------------------------------------------------------------
_WHY = {
    "lowest-over-price": gettext_lazy(
        "Points for the price are measured by the lowest price: when a cheaper bid joins, all others lose "
        "points, and the cheapest of them lose most."
    ),
    "linear-to-lowest": gettext_lazy(
        "Points for the price are measured by the lowest price: when a cheaper bid joins, all others lose "
        "points until they have none."
    ),
    "min-max": gettext_lazy(
        "Points for the price are measured between the lowest and the highest price: one dear bid stretches "
        "the scale, and the others’ prices move together at its top."
    ),
    "mean": gettext_lazy(
        "Points for the price are measured by the mean of all prices: one extreme price moves it for all "
        "others, and not by as many points for each."
    ),
}


def reversal(found: Reversal, figures: Figures, case: Case) -> list[str]:
    """What a hopeless bid does to the others, and why."""
    if found.found:
        texts = [
            _(
                "A bid that cannot win, at %(price)s and with %(security)s of the marks on security, changes "
                "the order from %(before)s to %(after)s."
            )
            % figures
        ]
        if found.first_changed:
            texts.append(_("It changes who comes first."))
    elif not found.looks_at_others:
        if case.price.formula == "marked":
            return [
                _("People mark the price: whether one bid moves their marks of another is theirs to avoid.")
            ]
        return [
            _("No bid that joins or leaves changes what the others get, so that it cannot turn their order.")
        ]
    elif found.hopeless:
        texts = [
            _(
                "No hopeless bid that was tried turns the order of these three, but one at %(price)s shrinks "
                "the lead of the first from %(lead_before)s to %(lead)s."
            )
            % figures
        ]
    else:
        texts = [
            _("No hopeless bid that was tried turns the order of these three; closer bids could be turned.")
        ]
    return [*texts, *_why(case)]


def _why(case: Case) -> list[str]:
    why = [str(_WHY[case.price.formula])] if case.price.relative else []
    if case.quality_scale == "relative-to-best":
        text = _(
            "Quality is measured by the best bid: when a better one joins at any price, all others lose."
        )
        why.append(text)
    return why


# --- other formulas and methods ---------------------------------------------------------------------
_WHY_NOT = {
    "not_allowed": gettext_lazy("Not tried: the profile does not allow it."),
    "no_values": gettext_lazy("Not tried: no criterion says what it is worth in money."),
    "no_price_criterion": gettext_lazy("Not tried: the draft has no criterion for the price."),
    "no_quality": gettext_lazy("Not tried: the draft has no criterion but the price."),
    "has_minimum": gettext_lazy("Not tried: a minimum is held against points for the price."),
    "not_agreed": gettext_lazy("Not tried: agreed marks make no ranks of members."),
}
_ASSUMED = {
    "ceiling": gettext_lazy("Assumed: from %(money)s down to 0."),
    "bands": gettext_lazy("Assumed: five bands between half of %(money)s and all of it."),
    "fair_price": gettext_lazy("Assumed: a fair price of at most %(money)s."),
}


def why_not(code: str) -> str:
    """Why a variant was not tried; empty where it was."""
    return str(_WHY_NOT[code]) if code else ""


def assumed(code: str, amount: str) -> str:
    """What a variant assumed; empty for nothing."""
    return str(_ASSUMED[code]) % {"money": amount} if code else ""

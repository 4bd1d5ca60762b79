"""What is said about a ranking once it is there: the second sheet of the award paper."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bids.choices import ObjectionState, ResolutionKind
from bids.evaluation import Result
from bids.evaluation.case import SEVERITIES
from bids.evaluation.differences import differences
from bids.evaluation.result import Reason, TurningPoint
from bids.evaluation.robustness import robustness
from bids.queries import Standing
from procurement.choices import Severity
from procurement.models import Seat
from procurement.templatetags.figures import amount, plain, points, share

from . import words
from .document import Block, Notes, Row, Signature, Signatures, Table, Text, row, table
from .records import Apart, Ranked, Records

#: What is drawn to see how firm first place is: so many weightings, each share within this part of itself,
#: from a seed that is printed, so that anybody can draw the same ones.
WEIGHTINGS, NEAR, SEED = 20_000, Fraction(1, 5), 7

#: Up to so many cells of marks; a larger case would keep the reader waiting, and `evaluate` says the same.
MOST_CELLS = 3000


def figure_word(result: Result) -> str:
    """What the method's figure is called."""
    return {
        "total": _("Total"),
        "rank_sum": _("Sum of ranks"),
        "price_per_point": _("Price per point"),
        "price": pgettext("of a bid", "Price"),
        "adjusted_price": _("Adjusted price"),
    }[result.figure]


def why_out(ranked: Ranked, reason: Reason) -> str:
    """A reason of exclusion: the requirement with its severity, or the rule's sentence."""
    requirement = next((row for row in ranked.case.requirements if row.code == reason.at), None)
    if requirement is None:
        return _(reason.template).format(**reason.params)
    level = Severity(requirement.severity).label
    return words.with_brackets(f"{requirement.code} {requirement.title}", level)


def blocks(records: Records) -> Iterator[Block]:
    """Notes, price alone, firmness, objections and exceptions, signatures."""
    yield Notes(words.counted(_notes(records)))
    ranked = records.followed
    if ranked is not None:
        yield from _alone(ranked)
        yield from _firm(ranked)
    yield from _warnings(records)
    yield from _award(records)
    yield Signatures(signatures(records))
    yield Text(_("A correction is signed and dated by the member who makes it."), small=True)


# --- the statutory notes ----------------------------------------------------------------------------------
def _notes(records: Records) -> list[str]:
    return [_discussion(records), _first_opinion(records), _marked(records), _dissent(records)]


def _discussion(records: Records) -> str:
    """Was every item discussed, and who was there."""
    away = sum(not seat.present for seat in records.seats)
    here = len(records.seats) - away
    present = _("%(here)d members present, %(away)d absent.") % {"here": here, "away": away}
    if records.recommendation is None:
        return _("Item by item: not recorded yet.") + " " + present
    if records.recommendation.recommendation.discussed:
        held = _("Item by item: the members present discussed every criterion.")
    else:
        held = _("Item by item: not every criterion was discussed.")
    return f"{held} {present}"


def _first_opinion(records: Records) -> str:
    """Where the result departs from the working group's first opinion, and how that was handled."""
    if not records.opinions or records.followed is None:
        return _("Difference from the working group's first opinion: no first opinion was recorded.")
    items = {(item.vendor, item.code): item for item in differences(records.followed.case)}
    tree = records.followed.tree
    apart = []
    for opinion in records.opinions:
        code, vendor = opinion.criterion.code, opinion.bid.vendor.name
        item = items.get((vendor, code))
        if opinion.mark is None or item is None or item.points is None:
            continue
        mark = item.points * tree.scales[code] / tree.effective[code]
        if abs(mark - opinion.mark) * 10 >= tree.scales[code]:
            pair = {"opinion": plain(opinion.mark), "result": plain(mark)}
            text = _("first opinion %(opinion)s, result %(result)s") % pair
            apart.append(words.labelled(f"{code} {vendor}", text))
    lead = _("Difference from the working group's first opinion:")
    if not apart:
        return f"{lead} {_('none of a tenth of the scale or more.')}"
    reasons = _("Members who departed from it gave their reasons on their sheets.")
    return f"{lead} {words.sentences(apart)}. {reasons}"


def _marked(records: Records) -> str:
    """Marked differences and what the panel decided about them (審議規則 §6)."""
    texts = [_of_item(records, item) for item in records.apart]
    flagged = {(flag.vendor, flag.at or "") for flag in _flags(records)} - {
        (item.vendor, item.code) for item in records.apart
    }
    whole = [row for row in records.resolutions if row.kind in _OF_MARKS and row.criterion is None]
    for vendor, code in sorted(flagged):
        decided = [str(row) for row in whole if row.bid is None or row.bid.vendor.name == vendor]
        texts.append(words.labelled(f"{code} {vendor}".strip(), words.listed(decided)))
    lead = _("Marked differences and their handling:")
    return f"{lead} {words.sentences(texts) if texts else _('none.')}"


_OF_MARKS = (ResolutionKind.KEEP, ResolutionKind.REMOVE, ResolutionKind.REDO)


def _flags(records: Records) -> tuple:
    return records.followed.result.marked_differences if records.followed else ()


def _of_item(records: Records, item: Apart) -> str:
    """One item, and its resolutions in words."""
    decided = [
        words.labelled(
            str(resolution),
            words.with_brackets(resolution.get_kind_display(), records.told(resolution.reason)),
        )
        for resolution in item.resolutions
    ]
    if item.corrected and not decided:
        decided = [_("corrected by the member")]
    handled = words.sentences(decided) if decided else _("no resolution is recorded")
    spread = _("%(marks)s marks apart") % {"marks": points(item.spread, 1)}
    return words.labelled(words.with_brackets(f"{item.code} {item.vendor}", spread), handled)


def _dissent(records: Records) -> str:
    """Every differing opinion, in full."""
    texts = [
        words.labelled(records.member(row.seat.code), records.told(row.text)) for row in records.dissents
    ]
    return _("Differing opinions:") + " " + (words.sentences(texts) if texts else _("none."))


# --- price alone and firmness -----------------------------------------------------------------------------
def _alone(ranked: Ranked) -> Iterator[Table]:
    """What price alone would have bought, and what that leaves out."""
    alone, requirements = ranked.result.price_only, {row.code: row for row in ranked.case.requirements}
    if alone is None:
        return
    unmet = [requirements[code] for code in alone.unmet]
    levels = [
        f"{Severity(level).label} {count}"
        for level in SEVERITIES
        if (count := sum(row.severity == level for row in unmet))
    ]
    count = ngettext("%(n)d requirement", "%(n)d requirements", len(unmet)) % {"n": len(unmet)}
    saving = words.figures.ABSENT
    if alone.premium:
        saving = _("saves %(sum)s (%(share)s)") % {
            "sum": amount(alone.premium),
            "share": share(alone.premium / (alone.price + alone.premium)),
        }
    impact = words.sentences(row.title for row in unmet)
    vendors = words.listed(alone.vendors)
    titles = (
        _("Price alone would have bought"),
        _("Difference in price"),
        _("Not met"),
        _("What that leaves out"),
    )
    cells = (f"{vendors}\n{amount(alone.price)}", saving, f"{count}\n{words.listed(levels)}", impact)
    yield table(titles, [row(*cells, looks="crcl")], (18, 16, 16, 50))
    if alone.same_as_winner:
        yield Text(_("Price alone would have bought the same bid: no conflict."), small=True)


def _firm(ranked: Ranked) -> Iterator[Table]:
    """At which share of each group of criteria another bid would be first."""
    result, tree = ranked.result, ranked.tree
    if result.turning_points is None or not result.ranking:
        return
    rows = []
    for code in tree.roots:
        published = tree.effective[code] / ranked.case.total_points
        name = words.with_brackets(tree.nodes[code].title, share(published))
        turns = [_turn(point) for point in result.turning_points.get(code, ())]
        rows.append(row(name, words.sentences(turns) if turns else _("first place never changes")))
    second = result.ranking[1] if len(result.ranking) > 1 else None
    if second and result.figure == "total":
        lead = points(result.ranking[0].figure - second.figure)
        rows.append(row(_("Lead over second place"), words.with_brackets(lead, second.vendor)))
    if result.winner is not None and _cells(ranked) <= MOST_CELLS:
        rows += _drawn_and_left_out(ranked, result.winner)
    yield table(
        (_("How firm first place is"), _("Turning points when one share alone is moved")), rows, (30, 70)
    )


def _cells(ranked: Ranked) -> int:
    return len(ranked.case.bids) * len(ranked.tree.leaves) * max(1, len(ranked.case.members))


def _drawn_and_left_out(ranked: Ranked, winner: str) -> Iterator[Row]:
    """In which share of weightings near the published one first place stays, and what it stands without.

    Only how many: whose marks carry first place is nobody's to read off a paper.
    """
    advice = robustness(ranked.case, count=WEIGHTINGS, seed=SEED, within=float(NEAR))
    drawn = _(
        "%(count)s weightings at random, each share within %(near)s of the published one (seed %(seed)s)"
    )
    figures = {"count": amount(WEIGHTINGS), "near": f"±{share(NEAR, 0)}", "seed": str(SEED)}
    stays = _("first place stays in %(share)s") % {"share": share(Fraction(str(advice.winner_share or 0)))}
    yield row(drawn % figures, stays)
    marked = {leaf.code for leaf in ranked.tree.marked}
    out = advice.left_out
    criteria = {code: first for code, first in out.criteria.items() if code in marked}
    counts = [
        _("%(thing)s: %(same)d of %(all)d unchanged")
        % {"thing": thing, "same": sum(first == winner for first in firsts.values()), "all": len(firsts)}
        for thing, firsts in ((_("members"), out.members), (_("units"), out.units), (_("criteria"), criteria))
        if len(firsts) > 1
    ]
    if counts:
        yield row(_("One left out after the other"), words.sentences(counts))


def _turn(point: TurningPoint) -> str:
    tie = _("tie")
    texts = {"share": share(point.share), "below": point.below or tie, "above": point.above or tie}
    return _("at %(share)s from %(below)s to %(above)s") % texts


# --- objections, exceptions, award ------------------------------------------------------------------------
def _warnings(records: Records) -> Iterator[Table]:
    """Every objection and every exception with the names under them."""
    rows = [_objection(records, standing) for standing in records.objections]
    for waiver in records.waivers:
        claim = waiver.claim
        title = f"{waiver.word} {claim.requirement.code} {claim.requirement.title}"
        what = words.with_brackets(title, claim.bid.vendor.name)
        until = _("until %(day)s") % {"day": words.day(waiver.expires_on)} if waiver.expires_on else ""
        state = waiver.state(timezone.localdate(records.now)).label
        rows.append(
            row(
                what,
                records.signed(waiver.proposed_by),
                records.signed(waiver.signed_by),
                str(state),
                words.sentences([waiver.control, until]),
            )
        )
    titles = (
        _("Objections and exceptions"),
        _("Raised by"),
        _("Answered by"),
        _("Answer"),
        _("Conditions, expiry"),
    )
    if rows:
        yield table(titles, rows, (34, 15, 17, 14, 20))
    else:
        yield Text(_("Nobody raised an objection, and there is no exception."), small=True)


def _objection(records: Records, standing: Standing) -> tuple:
    objection, answer = standing.objection, standing.answer
    vendor = objection.bid.vendor.name if objection.bid else ""
    conditions = [_condition(condition.text, condition.due_on) for condition in standing.conditions]
    expiry = (
        _("until %(day)s") % {"day": words.day(answer.expires_on)} if answer and answer.expires_on else ""
    )
    if standing.state == ObjectionState.WITHDRAWN:
        said = words.labelled(standing.state.label, records.told(objection.withdrawn_reason))
    elif answer:
        said = f"{answer.get_kind_display()}, {words.day(answer.answered_at)}"
    else:
        said = _("Pending (due %(moment)s)") % {"moment": words.moment(objection.due_at)}
    return row(
        words.with_brackets(f"{objection} {objection.claim}", vendor),
        records.signed(objection.raised_by),
        answer.answered_by if answer else "",
        f"{said}; {standing.state.label}" if standing.freezes and answer else said,
        words.sentences([*conditions, expiry]),
    )


def _condition(text: str, due_on: date) -> str:
    return words.with_brackets(text, words.day(due_on))


def _award(records: Records) -> Iterator[Table]:
    """Who recommended, approved and decided, and why."""
    rows = []
    if records.recommendation is not None:
        resolution = records.recommendation
        votes = _("%(in_favour)d of %(present)d in favour") % {
            "in_favour": resolution.in_favour,
            "present": len(resolution.present),
        }
        rows.append(row(_("Recommendation"), str(resolution.bid), votes, records.told(resolution.reason)))
        if resolution.recommendation.benefits:
            rows.append(row(_("What the higher price buys"), "", "", resolution.recommendation.benefits))
    for approval in records.approvals:
        word = _("Approved") if approval.approved else _("Refused")
        who = f"{approval.signed_by}, {words.day(approval.signed_at)}"
        rows.append(row(words.labelled(approval.get_side_display(), word), "", who, approval.reason))
    award = records.award
    if award is not None:
        who = f"{award.awarded_by}, {words.day(award.awarded_at)}"
        rows.append(row(_("Award"), award.bid.vendor.name, who, award.reason))
        if award.departure_reason:
            rows.append(row(_("Departure from first place"), "", award.awarded_by, award.departure_reason))
        rows += [
            row(_("Exception %(code)s") % {"code": one["code"]}, "", one["signed_by"], one["reason"])
            for one in award.exceptions
        ]
    if rows:
        yield table((_("Step"), _("Bid"), pgettext("who signed", "By"), _("Reason")), rows, (20, 14, 26, 40))


# --- signatures -------------------------------------------------------------------------------------------
def signatures(records: Records) -> tuple[Signature, ...]:
    """A place for every member present, and for who keeps the record."""
    present = [seat for seat in records.seats if seat.present]
    if records.nameless:
        names = sorted(records.member(seat.code) for seat in present)
        return tuple(Signature(_("Panel member"), name, "") for name in names)
    if not records.named:
        present.sort(key=str)  # in the order of the seats the letters could be read off
    people = [Signature(_part(seat), str(seat), records.unit(seat.unit.code)) for seat in present]
    officer = records.tender.officer
    if officer:
        people.append(
            Signature(_("Record"), officer.name, f"{officer.belongs_to} {officer.job_title}".strip())
        )
    return tuple(people)


def _part(seat: Seat) -> str:
    return _("Panel member, expert") if seat.expert else _("Panel member")

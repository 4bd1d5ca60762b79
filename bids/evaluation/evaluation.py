"""One evaluation, from a case to its result."""

from collections.abc import Mapping
from dataclasses import dataclass

from bids.evaluation.agreement import marked_differences, panel_figures, uneven_units, unit_split
from bids.evaluation.alarms import low_prices
from bids.evaluation.case import Case
from bids.evaluation.document import fingerprint
from bids.evaluation.guards import guard_rails
from bids.evaluation.issues import Issue, Refused, gettext_noop, warning
from bids.evaluation.panel import Panel, panel_of
from bids.evaluation.price_only import price_only
from bids.evaluation.ranking import Ballots, Ranking, Scoring, ballots_of
from bids.evaluation.reading import read
from bids.evaluation.result import (
    FIGURES,
    INCOMPLETE,
    NO_VALID_BID,
    RANKED,
    BidSteps,
    Document,
    Exclusion,
    PanelFigures,
    Result,
    Row,
    refused_document,
)
from bids.evaluation.stages import Stages, Standing
from bids.evaluation.tree import Tree, tree_of
from bids.evaluation.turning import turning_points

QUORUM = "quorum"
RE_EVALUATION_OR_LOTS = "re_evaluation_or_lots"


def evaluate_file(data: bytes | str) -> Document:
    """The result file of a case file, whatever is in it."""
    try:
        return evaluate(read(data)).to_document()
    except Refused as refusal:
        return refused_document(refusal.issues)


@dataclass(frozen=True, slots=True)
class Run:
    """What an evaluation works with, up to the ranked rows; nobody is ranked while there are holes."""

    tree: Tree
    panel: Panel
    standing: Standing
    ballots: Ballots
    scorings: Mapping[str, Scoring]
    rows: tuple[Row, ...]
    tie_issues: tuple[Issue, ...]

    @property
    def first(self) -> str | None:
        """The bid that is alone in first place, whether or not the panel has a quorum."""
        first = [row.vendor for row in self.rows if row.place == 1]
        return first[0] if len(first) == 1 else None


def run(case: Case) -> Run:
    """Points, gates and ranking of a case."""
    tree = tree_of(case)
    panel = panel_of(case, tree)
    stages = Stages(case, tree, panel)
    standing = stages.run()
    ballots = ballots_of(case, stages.marking, standing)
    ranking = Ranking(case, tree, panel, standing, ballots)
    scorings = ranking.scorings()
    rows, tie_issues = ((), ()) if standing.holes else ranking.rows(scorings)
    return Run(tree, panel, standing, ballots, scorings, rows, tie_issues)


def evaluate(case: Case) -> Result:
    """The result of a case that was read and checked."""
    done = run(case)
    tree, standing, sheets = done.tree, done.standing, done.standing.sheets
    complete = not standing.holes
    sat = panel_figures(case, done.panel, done.ballots)
    winner, needs, quorum_issues = _winner(done, sat)
    uneven = uneven_units(case, tree, done.panel, sheets)
    return Result(
        status=_status(done),
        fingerprint=fingerprint(case),
        method=case.method,
        figure=FIGURES[case.method],
        ranking=done.rows,
        excluded=tuple(Exclusion(vendor, reasons) for vendor, reasons in standing.reasons.items()),
        winner=winner,
        needs=needs,
        members=done.ballots.figures,
        effective_points=tree.effective,
        price_only=price_only(case, winner, standing.reasons),
        turning_points=turning_points(case, tree, done.rows) if complete else None,
        low_price=low_prices(case),
        marked_differences=marked_differences(case, tree, done.ballots, sheets),
        unit_split=unit_split(tree, sheets),
        panel=sat,
        issues=(*guard_rails(case, tree), *uneven, *done.tie_issues, *quorum_issues),
        holes=standing.holes,
        steps=_steps(standing, done.scorings),
    )


def _status(done: Run) -> str:
    if done.standing.holes:
        return INCOMPLETE
    return RANKED if done.rows else NO_VALID_BID


def _winner(done: Run, panel: PanelFigures | None) -> tuple[str | None, tuple[str, ...], tuple[Issue, ...]]:
    """Who wins, what is needed before anybody does, and a warning where the panel has no quorum."""
    needs: list[str] = []
    issues: list[Issue] = []
    if done.rows and done.first is None:
        needs.append(RE_EVALUATION_OR_LOTS)
    if panel is not None and panel.quorum is False:
        needs.append(QUORUM)
        template = gettext_noop(
            "The panel has no quorum: {present} of {members} present, {experts} of them experts."
        )
        counts = {"present": panel.present, "members": panel.members, "experts": panel.experts}
        issues.append(warning("no_quorum", "panel", template, **{key: str(n) for key, n in counts.items()}))
    return (None if needs else done.first), tuple(needs), tuple(issues)


def _steps(standing: Standing, scorings: Mapping[str, Scoring]) -> dict[str, BidSteps]:
    return {
        vendor: BidSteps(
            vendor=vendor,
            leaves=sheet.leaves,
            price=sheet.price,
            quality_unrounded=sheet.quality_unrounded,
            quality=sheet.quality,
            total_unrounded=sheet.total_unrounded,
            total=sheet.total,
            scale_factor=scorings[vendor].scale_factor,
            scaled_quality=scorings[vendor].scaled_quality,
            figure_total=scorings[vendor].total,
            adjustments=scorings[vendor].adjustments,
            held=standing.held[vendor],
        )
        for vendor, sheet in standing.sheets.items()
    }

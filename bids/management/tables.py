"""The result of an evaluation as lines for a terminal."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from bids.evaluation import Case, Reason, Result
from bids.evaluation.exact import text
from bids.evaluation.issues import Issue, shown

Cells = list[str]


def result_lines(case: Case, result: Result, advice: dict[str, Any] | None) -> list[str]:
    """The ranking, who is out and why, what price alone would have bought, and what to look at."""
    return [
        f"{case.reference}  {shown(case.title)}",
        f"{result.method} · {result.status} · {result.fingerprint}",
        "",
        *_ranking(case, result),
        *_excluded(result),
        *_verdict(result),
        *_price_only(case, result),
        *(f"{_('Warning')}: {_sentence(issue)}" for issue in result.issues),
        *_holes(result),
        *(_advice(advice) if advice else ()),
    ]


def table(rows: list[Cells]) -> Iterator[str]:
    """Cells in columns; East Asian wide characters take two."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in cell)


def _sentence(said: Issue | Reason) -> str:
    return _(said.template).format(**said.params)


def _ranking(case: Case, result: Result) -> Iterator[str]:
    if not result.ranking:
        return
    head = [_("Place"), _("Vendor"), _("Price") + f" ({case.currency})", _("Total"), result.figure]
    rows = [
        [
            str(row.place),
            shown(row.vendor),
            "–" if row.price is None else text(row.price),
            "–" if row.total is None else text(row.total),
            text(row.figure),
        ]
        for row in result.ranking
    ]
    yield from table([head, *rows])


def _excluded(result: Result) -> Iterator[str]:
    for out in result.excluded:
        for reason in out.reasons:
            yield f"{_('Out')}: {shown(out.vendor)}: {_sentence(reason)}"


def _verdict(result: Result) -> Iterator[str]:
    yield ""
    yield f"{_('Winner')}: {shown(result.winner) if result.winner else '–'}"
    if result.needs:
        yield f"{_('Needed first')}: {', '.join(result.needs)}"


def _price_only(case: Case, result: Result) -> Iterator[str]:
    cheapest = result.price_only
    if cheapest is None:
        return
    vendors = ", ".join(shown(vendor) for vendor in cheapest.vendors)
    yield f"{_('Price alone would have bought')}: {vendors}, {text(cheapest.price)} {case.currency}"
    for reason in cheapest.would_have_been_excluded_for:
        yield f"  {_sentence(reason)}"


def _holes(result: Result) -> Iterator[str]:
    for hole in result.holes:
        names = [hole.vendor, hole.criterion, *([hole.member] if hole.member else [])]
        yield f"{_('Missing')}: {' · '.join(shown(name) for name in names)}"


def _advice(advice: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield _("Share of random weightings in which a bid comes first (advice, not the result):")
    yield from table(
        [[shown(v), f"{100 * shares[0]:.1f} %"] for v, shares in advice["acceptability"].items()] or [[""]]
    )

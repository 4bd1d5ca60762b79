"""Pictures of the advisor as text: exact places, a sentence for the blind, and nothing outside."""

from fractions import Fraction

import pytest
from defusedxml.ElementTree import fromstring
from django.template import engines
from django.utils import translation

from bids.evaluation.advisor import ground_of
from bids.evaluation.advisor.curve import curve_of
from bids.evaluation.advisor.outcome import outcome_of
from tests.evaluation.advising import draft, trio


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def drawing(source, **context):
    """The SVG as a tree, which also says that it is well formed."""
    return fromstring(engines["django"].from_string("{% load advice %}" + source).render(context).strip())


def curve(formula, tag="{% price_curve curve.corners curve.worth dots %}"):
    ground, asked = ground_of(draft(formula)), trio()
    outcome = outcome_of(ground, asked.dummies)
    dots = [
        {
            "name": stand.dummy.code,
            "price": stand.dummy.price,
            "points": stand.price_points,
            "first": stand.dummy.code == outcome.first,
        }
        for stand in outcome.stands
    ]
    return drawing(tag, curve=curve_of(ground, asked, outcome), dots=dots)


# --- price to points --------------------------------------------------------------------------------------
def test_the_curve_says_what_each_dummy_gets():
    svg = curve("ceiling-linear")
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == (
        "Dummy bids: price to the right, points for it upward, of 30. cheap: 600 gets 18.00 points; "
        "middle: 800 gets 12.00 points; best: 1,000 gets 6.00 points"
    )
    assert [title.text for title in svg.iter("title")] == [
        "cheap: 600 gets 18.00 points",
        "middle: 800 gets 12.00 points",
        "best: 1,000 gets 6.00 points",
    ]


def test_only_the_first_is_painted():
    classes = [circle.get("class") for circle in curve("min-max").iter("circle")]
    assert classes == ["f-act halo", "f-sheet", "ax-k", "f-sheet", "ax-k"]


def test_dots_lie_on_the_line():
    svg = curve("linear-to-lowest")
    [path] = [path.get("d") for path in svg.iter("path") if "L" in path.get("d")]
    corners = set(path.removeprefix("M").split("L"))
    dots = {f"{circle.get('cx')} {circle.get('cy')}" for circle in svg.iter("circle")}
    assert dots <= corners


@pytest.mark.parametrize("formula", ["bands", "mean", "min-max", "lowest-over-price"])
@pytest.mark.parametrize("tag", ["", " phone=True"])
def test_nothing_stands_outside(formula, tag):
    svg = curve(formula, "{% price_curve curve.corners curve.worth dots" + tag + " %}")
    _, _, width, height = map(float, svg.get("viewBox").split())
    for text in svg.iter("text"):
        assert 0 <= float(text.get("x")) <= width
        assert 0 < float(text.get("y")) < height
    for circle in svg.iter("circle"):
        assert 0 < float(circle.get("cy")) < height


# --- published and effective weights ------------------------------------------------------------------------
BARS = [
    {
        "label": "Security",
        "kind": "security",
        "published": Fraction(45, 100),
        "effective": Fraction(1, 4),
        "sentence": "Security is published as 45% but decides 25.0%.",
    },
    {
        "label": "Price",
        "kind": "price",
        "published": None,
        "effective": Fraction(3, 4),
        "sentence": "Price decides 75.0%.",
    },
]


def test_bars_are_as_long_as_their_shares():
    svg = drawing("{% weight_pairs bars %}", bars=BARS)
    lengths = [float(rect.get("width")) for rect in svg.iter("rect")]
    whole = 960 - 84 - 92
    assert lengths == [round(whole * share, 1) for share in (0.45, 0.25, 0, 0.75)]
    assert [rect.get("fill") for rect in svg.iter("rect")] == [None, None, None, "url(#hatch)"]
    assert svg.get("aria-label") == "Security is published as 45% but decides 25.0%. Price decides 75.0%."
    texts = [text.text for text in svg.iter("text")]
    assert texts == [
        "Security", "published 45.0%", "decides 25.0%", "Price", "published —", "decides 75.0%",
    ]  # fmt: skip

"""Charts as text: exact places, labels that do not cover each other, and a sentence for the blind."""

import re
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import pytest
from defusedxml.ElementTree import fromstring
from django.template import engines
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.templatetags import charts, scatter_plot


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def rendered(source, **context):
    return engines["django"].from_string("{% load charts %}" + source).render(context).strip()


def drawing(source, **context):
    """The SVG as a tree, which also says that it is well formed."""
    return fromstring(rendered(source, **context))


PARTS = [
    {"label": "Security", "kind": "security", "value": Decimal("38.93")},
    {"label": "Quality", "kind": "quality", "value": Decimal("20.20")},
    {"label": "Price", "kind": "price", "value": Decimal("13.62")},
]


# --- contributions ------------------------------------------------------------------------------------------
def test_contributions_stand_end_to_end_and_add_up():
    svg = drawing("{% contribution_bar 'Panchu' parts %}", parts=PARTS)
    starts = [
        rect.get("x") for rect in svg.iter("rect") if rect.get("width", "").endswith("%") and rect.get("x")
    ]
    assert starts == ["0.00%", "38.93%", "59.13%"]
    assert [text.text for text in svg.iter("text")] == ["38.9", "20.2", "13.6"]
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == (
        "Panchu: Security 38.93, Quality 20.20, Price 13.62; together 72.75 of 100 points"
    )


def test_a_thin_contribution_is_only_spoken():
    svg = drawing("{% contribution_bar 'A' parts %}", parts=[PARTS[0] | {"value": Decimal("2.99")}, PARTS[2]])
    assert [text.text for text in svg.iter("text")] == ["13.6"]
    assert "Security 2.99" in svg.get("aria-label")


def test_parts_may_come_one_by_one_and_as_objects():
    parts = (SimpleNamespace(**part) for part in PARTS)
    assert "together 72.75" in rendered("{% contribution_bar 'A' parts %}", parts=parts)


def test_the_key_names_the_paints():
    html = rendered("{% contribution_key parts %}", parts=PARTS)
    assert re.findall(r"</svg>([^<]+)<", html) == ["Security 38.93", "Quality 20.2", "Price 13.62"]


# --- turning points -----------------------------------------------------------------------------------------
ROOTS = [
    {
        "label": "Security",
        "share": Fraction(45, 100),
        "bands": [
            {"from": 0, "to": Decimal("0.337"), "vendor": "Yuanheng", "place": 2},
            {"from": Decimal("0.337"), "to": Decimal("0.616"), "vendor": "Panchu", "place": 1},
            {"from": Decimal("0.616"), "to": 1, "vendor": "Dingche", "place": 3},
        ],
    },
    {
        "label": "Quality and operations",
        "share": Fraction(25, 100),
        "bands": [
            {"from": 0, "to": Decimal("0.512"), "vendor": "Panchu", "place": 1},
            {"from": Decimal("0.512"), "to": 1, "vendor": "Yuanheng", "place": 2},
        ],
    },
]


def test_turning_points_lie_at_their_share():
    svg = drawing("{% turning_axis roots %}", roots=ROOTS)
    assert svg.get("viewBox") == "0 0 640 144"
    bands = [(r.get("x"), r.get("y"), r.get("width"), r.get("class")) for r in svg.iter("rect")]
    assert bands[:3] == [
        ("86.0", "30", "181.7", "w-b"), ("269.7", "30", "149.2", "w-a"), ("420.9", "30", "207.1", "w-c"),
    ]  # fmt: skip
    assert bands[3][1] == "92"
    assert {t.text: t.get("x") for t in svg.iter("text") if (t.text or "").endswith("7%")} == {
        "33.7%": "268.7"
    }
    assert svg.get("aria-label") == (
        "Security, published at 45%: first place changes 11.3 points lower or 16.6 higher. "
        "Quality and operations, published at 25%: first place changes 26.2 points higher."
    )


@pytest.mark.parametrize(
    ("bands", "text"),
    [
        ([(0, "0.4"), ("0.4", 1)], "first place changes 5.0 points lower."),
        ([(0, 1)], "no other share changes first place."),
        ([(0, "0.4496"), ("0.4496", 1)], "first place changes 0.04 points lower."),
        ([(0, "0.45"), ("0.45", 1)], "first place changes 0.00 points higher."),
    ],
)
def test_the_sentence_of_a_root(bands, text):
    root = {"label": "S", "share": Decimal("0.45"), "bands": [{"from": a, "to": b} for a, b in bands]}
    assert rendered("{% turning_sentence root %}", root=root) == f"S, published at 45%: {text}"


def test_near_turning_points_have_their_labels_on_two_lines():
    edges = ["0", "0.30", "0.33", "0.36", "1"]
    bands = [{"from": a, "to": b, "vendor": f"V{a}", "place": None} for a, b in pairwise(edges)]
    svg = drawing("{% turning_axis roots %}", roots=[{"label": "S", "share": Fraction(1, 2), "bands": bands}])
    lines = [t.get("y") for t in svg.iter("text") if t.get("class") == "t11 fw"]
    assert lines == ["71.0", "83.0", "71.0"]
    assert {rect.get("class") for rect in svg.iter("rect")} == {"w-o"}


def test_a_band_that_nobody_wins_alone_is_a_tie():
    bands = [{"from": 0, "to": 1, "vendor": "", "place": None}]
    assert ">tie</text>" in rendered(
        "{% turning_axis r %}", r=[{"label": "S", "share": "0.5", "bands": bands}]
    )


# --- shares of weightings and cases -------------------------------------------------------------------------
def test_shares_of_weightings_never_claim_all_or_nothing():
    shares = [("A", 1, "0.998"), ("B", 2, "0.002"), ("C", 3, "0")]
    row = {"label": "Any", "shares": [{"vendor": v, "place": p, "share": Decimal(s)} for v, p, s in shares]}
    svg = drawing("{% share_bars rows %}", rows=[row])
    assert svg.get("aria-label") == "Any: A >99%, B <1%, C 0%"
    assert len(list(svg.iter("rect"))) == 2


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6))
@settings(max_examples=50)
def test_shares_of_weightings_stay_on_their_line(weights):
    total = sum(weights)
    shares = [{"vendor": f"V{i}", "place": i, "share": Fraction(w, total)} for i, w in enumerate(weights, 1)]
    (row,) = charts.share_bars([{"label": "Any", "shares": shares}])["rows"]
    ends = [float(bar["x"]) + float(bar["width"]) for bar in row["bars"]]
    assert float(row["bars"][0]["x"]) == 128
    assert ends == sorted(ends)
    assert ends[-1] <= 628.1


def test_one_square_a_case():
    svg = drawing("{% case_squares cases 'Panchu' %}", cases=[True, True, False, True])
    assert [rect.get("class") for rect in svg.iter("rect")] == ["f-act", "f-act", "f-no", "f-act"]
    assert svg.get("aria-label") == "3 of 4 cases keep Panchu first"
    wide = drawing("{% case_squares cases 'A' %}", cases=[True] * 30)
    assert (wide.get("width"), wide.get("height")) == ("312", "26")


# --- price and security -------------------------------------------------------------------------------------
POINTS = [
    {"vendor": "Panchu", "price": 15_460_000, "security": Decimal("38.93"), "place": 1},
    {"vendor": "Yuanheng", "price": 14_720_000, "security": Decimal("33.94"), "place": 2},
    {"vendor": "Dingche", "price": 17_450_000, "security": Decimal("42.39"), "place": 3},
    {
        "vendor": "Jiehui",
        "price": 11_980_000,
        "security": Decimal("16.74"),
        "place": None,
        "reason": "5 gates not met",
    },
    {"vendor": "Hongxiang", "price": 13_300_000, "security": Decimal("28.4"), "place": None, "reason": "R07"},
]


def test_the_scatter_puts_price_and_points_where_they_belong():
    svg = drawing("{% scatter points 45 27 18500000 slope=3 %}", points=POINTS)
    circles = {(c.get("cx"), c.get("cy")): c.get("class") for c in svg.iter("circle")}
    assert circles[("322.5", "55.4")] == "f-act halo"
    assert circles[("276.6", "87.8")] == "ax-k"
    paths = {path.get("d"): path.get("class") for path in svg.iter("path")}
    assert paths["M46 132.8H542"] == "s-no"
    assert paths["M511.0 16V308"] == "ax dash"
    assert paths["M46.0 142.2L448.0 16.0"] == "ax dash"
    assert "M100.8 193.4l12 12m0 -12l-12 12" in paths
    texts = ["".join(text.itertext()) for text in svg.iter("text")]
    assert "Security minimum 27; below it nobody is chosen" in texts
    assert "Equal total: one million dearer needs 3.0 more points" in texts
    assert [t for t in texts if t.isdigit() and 11 <= int(t) <= 19] == [str(n) for n in range(11, 20)]
    assert "Jiehui: 11,980,000, 16.74 points, 5 gates not met" in svg.get("aria-label")


def test_bids_without_price_or_points_are_left_out():
    points = [POINTS[0], {"vendor": "X", "price": None, "security": 3, "place": None}]
    assert "X:" not in rendered("{% scatter points 45 %}", points=points)
    assert drawing("{% scatter points 45 %}", points=[]).get("role") == "img"


def test_small_prices_are_in_thousands():
    html = rendered("{% scatter points 45 slope=3 %}", points=[POINTS[0] | {"price": 420_000}])
    assert "Price (thousand TWD)" in html


prices = st.integers(1, 5_000_000_000)
bids = st.lists(st.tuples(prices, st.decimals(0, 45, places=2), st.booleans()), max_size=20)


@given(bids, st.one_of(st.none(), st.integers(0, 45)), st.one_of(st.none(), prices))
@settings(max_examples=150, deadline=None)
def test_any_scatter_stays_inside_and_keeps_labels_apart(rows, minimum, budget):
    points = [
        {
            "vendor": f"Vendor {i}",
            "price": price,
            "security": security,
            "place": i if ranked else None,
            "reason": "R1",
        }
        for i, (price, security, ranked) in enumerate(rows, 1)
    ]
    drawn = charts.scatter(points, 45, minimum, budget, slope=Fraction(3))
    for mark in drawn["marks"]:
        assert scatter_plot.LEFT - 0.1 <= float(mark["x"]) <= scatter_plot.RIGHT + 0.1
        assert scatter_plot.TOP - 0.1 <= float(mark["y"]) <= scatter_plot.BOTTOM + 0.1
    assert 2 <= len(drawn["columns"]) <= 12
    named = [mark for mark in drawn["marks"] if mark["name"] and mark["place"] != 1]
    boxes = [
        scatter_plot.Box(_left(m), float(m["label"]["y"]) - 11, scatter_plot.text_width(m["name"], 12), 14)
        for m in named
    ]
    for i, box in enumerate(boxes):
        assert all(box.overlap(other) <= 3 for other in boxes[:i])


def _left(mark):
    width = scatter_plot.text_width(mark["name"], 12)
    if mark["note"]:
        width += 3 + scatter_plot.text_width(mark["note"], 11)
    return (
        float(mark["label"]["x"]) - {"start": 0, "middle": width / 2, "end": width}[mark["label"]["anchor"]]
    )


@pytest.mark.parametrize(
    "source",
    [
        "{% contribution_bar x parts %}",
        "{% case_squares cases x %}",
        "{% turning_axis roots %}",
        "{% share_bars rows %}",
        "{% scatter points 45 %}",
    ],
)
def test_names_are_escaped_and_nothing_is_styled_inline(source):
    x = "<b> & \"quoted\" 'name'"
    html = rendered(
        source, x=x, parts=PARTS, cases=[True], points=[POINTS[0] | {"vendor": x}],
        roots=[{"label": x, "share": "0.5", "bands": [{"from": 0, "to": 1, "vendor": x, "place": 1}]}],
        rows=[{"label": x, "shares": [{"vendor": x, "place": 1, "share": 1}]}],
    )  # fmt: skip
    fromstring(html)
    assert "<b>" not in html
    assert "style=" not in html

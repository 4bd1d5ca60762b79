"""The bar of weights: it adds up, and every label can be read, on a phone, too."""

import re
from decimal import Decimal

import pytest
from django.utils import translation

from procurement.templatetags import drawing

from .test_components import rendered


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


WEIGHTS = [
    {"label": "Security", "value": Decimal(45), "kind": "security"},
    {"label": "Quality", "value": Decimal(25), "kind": "quality"},
    {"label": "Price", "value": Decimal(30), "kind": "price"},
]


def test_the_weight_bar_adds_up_and_hatches_the_price():
    html = rendered("{% weight_bar weights %}", weights=WEIGHTS)
    assert 'aria-label="Weights: Security 45, Quality 25, Price 30"' in html
    assert [*re.findall(r'x="([\d.]+%)" y="0" width="[\d.]+%"', html)] == ["0.00%", "45.00%", "70.00%"]
    assert html.count('fill="url(#hatch)"') == html.count("<svg")
    assert 'height="34" role="img"' in html


def test_on_a_phone_a_label_that_does_not_fit_its_segment_stands_above():
    long = [*WEIGHTS[:2], WEIGHTS[2] | {"label": "Price (total cost of three years)"}]
    html = rendered("{% weight_bar weights %}", weights=long)
    wide, small = re.findall(r'<svg class="bar100 (desk|phone)".*?</svg>', html, re.DOTALL)
    assert (wide, small) == ("desk", "phone")
    on_phone = html[html.index("bar100 phone") :]
    assert re.search(
        r'text-anchor="end" y="\d+" class="t12 fw">Price \(total cost of three years\) 30<', on_phone
    )
    assert rendered("{% weight_bar weights %}", weights=WEIGHTS[:1]).count("<svg") == 1


def test_a_narrow_weight_has_its_label_above():
    weights = [WEIGHTS[0] | {"value": 3}, WEIGHTS[1] | {"value": 92}, WEIGHTS[2] | {"value": 5}]
    html = rendered("{% weight_bar weights %}", weights=weights)
    assert 'height="52" role="img"' in html
    assert re.search(r'<text x="100.00%" text-anchor="end" y="11" class="t12 fw">Price 5<', html)


def test_narrow_neighbours_do_not_cover_each_other():
    weights = [WEIGHTS[0] | {"value": 2}] * 3 + [WEIGHTS[1] | {"value": 94}]
    drawn = drawing.weight_segments(weights, None)
    assert len({segment["label_y"] for segment in drawn["segments"] if "row" in segment}) == 3

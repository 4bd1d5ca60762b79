"""Figures as text, components as markup, and what the style sheets promise: contrast, and their files."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from procurement.templatetags import figures

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "static" / "css"
NOW = datetime(2026, 11, 22, 6, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def rendered(source, request=None, **context):
    return engines["django"].from_string("{% load assay %}" + source).render(context, request)


# --- figures ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Decimal("72.745"), 2, "72.75"),
        (Decimal("-1.885"), 2, "−1.89"),
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(2, 3), 0, "1"),
        (1234567, 0, "1,234,567"),
        ("0.005", 2, "0.01"),
        (0.145, 2, "0.15"),
        (Decimal("-0.001"), 2, "0.00"),
        (None, 2, "—"),
        ("", 2, "—"),
    ],
)
def test_points_are_rounded_half_up_with_a_real_minus(value, places, text):
    assert figures.points(value, places) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_half_up_agrees_with_decimal(value):
    assert figures.half_up(value, 2) == value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def test_differences_and_shares_carry_their_sign():
    assert figures.signed(Decimal("0.5")) == "+0.50"
    assert figures.signed(0) == "0.00"
    assert figures.signed_amount(-740000) == "−740,000"
    assert figures.signed_amount(1990000) == "+1,990,000"
    assert figures.share(Fraction(1, 3)) == "33.3%"
    assert figures.signed_share(Decimal("-0.2251")) == "−22.5%"
    assert figures.plain(Decimal("45.00")) == "45"
    assert figures.plain(Decimal("37.50")) == "37.5"
    assert figures.plain(100) == "100"


@pytest.mark.parametrize(
    ("value", "currency", "in_english", "in_chinese"),
    [
        (15_460_000, "TWD", "NT$ 15.46 million", "1,546 萬元"),
        (980_000, "TWD", "NT$ 980,000", "98 萬元"),
        (9_800, "TWD", "NT$ 9,800", "9,800 元"),
        (1_850_000_000, "TWD", "NT$ 1.85 billion", "18.5 億元"),
        (Decimal("9800.50"), "TWD", "NT$ 9,800.50", "9,800.50 元"),
        (-3_480_000, "TWD", "NT$ −3.48 million", "−348 萬元"),
        (120_000, "USD", "US$ 120,000", "US$ 12 萬"),
        (500, "CHF", "CHF 500", "CHF 500"),
        (None, "TWD", "—", "—"),
    ],
)
def test_money_in_sentences(value, currency, in_english, in_chinese):
    assert figures.money_words(value, currency) == in_english
    with translation.override("zh-hant"):
        assert figures.money_words(value, currency) == in_chinese


def test_money_in_tables():
    assert rendered("{{ x|money }}", x=15_460_000) == "NT$ 15,460,000"
    assert rendered("{{ x|amount }}", x=Decimal("1470.5")) == "1,470.50"
    assert rendered("{{ x|money:'USD' }}", x=None) == "—"


def test_moments_are_in_taipei():
    assert figures.moment(NOW) == "2026/11/22 14:05"
    assert figures.short_moment(NOW) == "11/22 14:05"
    assert figures.stamp(NOW) == "2026-11-22 14:05:12"
    assert figures.day(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == "2026/11/23"
    assert figures.short_day(date(2026, 11, 22)) == "11/22"
    assert figures.moment(None) == "—"


def test_fingerprints_in_groups():
    assert figures.fingerprint("3f9c81aa5e07d2b4ffff") == "3f9c 81aa 5e07 d2b4"
    assert figures.fingerprint("sha256:3f9c81aa5e07d2b4ffff", 2) == "3f9c 81aa"
    assert figures.fingerprint("") == "—"


# --- verdicts -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "sign"), [("ok", "check"), ("no", "x"), ("warn", "alert"), ("act", "arrow"), ("", "minus")]
)
def test_a_chip_has_sign_and_word(kind, sign):
    html = rendered("{% chip kind 'Signed' %}", kind=kind)
    assert f'href="#i-{sign}"' in html
    assert "Signed</span>" in html
    assert ('class="chip"' if not kind else f'class="chip {kind}"') in html


def test_every_sign_is_drawn():
    symbols = (ROOT / "procurement/templates/procurement/_symbols.html").read_text(encoding="utf-8")
    drawn = set(re.findall(r'id="i-(\w+)"', symbols))
    templates = [*ROOT.glob("procurement/templates/**/*.html"), *ROOT.glob("bids/templates/**/*.html")]
    sources = "".join(path.read_text(encoding="utf-8") for path in templates)
    used = set(re.findall(r'#i-(\w+)"', sources)) | set(re.findall(r'{% icon "(\w+)"', sources))
    assert used - drawn == set()


def test_text_of_people_is_escaped():
    html = rendered(
        "{% chip 'ok' x %}{% person x x %}{% note '' x %}{% icon 'x' x %}{% empty x %}", x="<b>'\""
    )
    assert "<b>'" not in html
    assert html.count("&lt;b&gt;") >= 5


@pytest.mark.parametrize(
    ("level", "bars", "word"),
    [("critical", 4, "Critical"), ("high", 3, "High"), ("medium", 2, "Medium"), ("low", 1, "Low")],
)
def test_severity_is_bars_and_word(level, bars, word):
    html = rendered("{% severity level %}", level=level)
    assert html.count('class="on"') == bars
    assert html.count("<rect") == 4
    assert word in html


def test_gate_and_score_do_not_look_alike():
    assert rendered("{% gate_tag True %}").strip() == '<span class="kind-gate">Gate</span>'
    assert rendered("{% gate_tag False %}").strip() == '<span class="kind-score">Scored</span>'


def test_expired_evidence_counts_one_step_less():
    html = rendered("{% evidence 3 %}")
    assert html.count('class="on"') == 3
    assert "Independently tested" in html
    html = rendered("{% evidence 3 expired=True %}")
    assert html.count('class="on"') == 2
    assert "Expired; counts as: Attested" in html
    assert "No evidence" in rendered("{% evidence 0 expired=True %}")
    assert "Attested or better" in rendered("{% evidence 2 least=True %}")


def test_evidence_is_counted():
    html = rendered("{% evidence_count 9 12 %}")
    assert html.count("f-sec") == 9
    assert html.count("f-rule") == 3
    assert "9 of 12" in html
    assert "<svg" not in rendered("{% evidence_count 9 60 %}")


def test_a_person_has_name_post_and_part():
    html = rendered("{% person '林以安' '資安處' '副處長' '見證人' %}")
    assert ">林</span>" in html
    assert "資安處 副處長 · 見證人" in html
    assert "post" not in rendered("{% person 'Ann' %}")


def test_a_blocked_button_says_why():
    html = rendered("{% blocked 'publish' 'Publish' 'Two owners are missing.' %}")
    assert 'aria-disabled="true"' in html
    assert 'aria-describedby="publish-why"' in html
    assert '<span class="hint" id="publish-why">Two owners are missing.</span>' in html
    assert "disabled=" not in html.replace("aria-disabled=", "")


@pytest.mark.parametrize("state", ["sealed", "opened", "late", "withdrawn"])
def test_seals_differ_in_shape(state):
    others = {"sealed", "opened", "late", "withdrawn"} - {state}
    html = rendered("{% seal state %}", state=state)
    assert all(rendered("{% seal state %}", state=other) != html for other in others)


def test_ticks_show_the_stage():
    stages = [{"name": "Bidding", "state": "done"}, {"name": "Award", "state": "now"}]
    html = rendered("{% stage_ticks stages %}", stages=[*stages, SimpleNamespace(name="x", state="future")])
    assert re.findall(r'class="(f-\w+)"', html) == ["f-edge", "f-act", "f-rule"]
    assert "Award" in html


# --- deadlines ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ahead", "state", "text"),
    [
        (timedelta(days=-2, hours=-3), "due late", "Overdue by 2 days"),
        (timedelta(hours=-3), "due late", "Overdue"),
        (timedelta(days=2), "due soon", "11/24 14:05"),
        (timedelta(days=9), "due", "12/01 14:05"),
    ],
)
def test_deadlines_in_lists(ahead, state, text):
    html = rendered("{% due deadline now %}", deadline=NOW + ahead, now=NOW)
    assert f'class="{state}"' in html
    assert f">{text}<" in html


def test_no_deadline():
    assert (
        rendered("{% due deadline now %}", deadline=None, now=NOW).strip() == '<span class="faint">—</span>'
    )


def test_the_clock_starts_from_the_servers_time():
    html = rendered(
        "{% countdown d now %}", d=NOW + timedelta(days=2, hours=4, minutes=18, seconds=9), now=NOW
    )
    assert "2<small>d</small>04<small>h</small>18<small>m</small>" in html
    assert f'data-now="{NOW.isoformat()}"' in html
    html = rendered("{% countdown d now %}", d=NOW + timedelta(minutes=18, seconds=9), now=NOW)
    assert "0<small>h</small>18<small>m</small>09<small>s</small>" in html
    html = rendered("{% countdown d now %}", d=NOW, now=NOW)
    assert 'class="clock over"' in html
    assert ">Closed<" in html


# --- bars and lists -----------------------------------------------------------------------------------------
def test_a_bar_stays_inside_its_line():
    assert 'width="62.50%"' in rendered("{% bar 10 16 'security' %}")
    assert 'width="100.00%"' in rendered("{% bar 20 16 'quality' %}")
    assert 'fill="url(#hatch)"' in rendered("{% bar 1 2 'price' %}")
    assert 'width="0.00%"' in rendered("{% bar 0 0 %}")
    assert 'width="60.00%"' in rendered("{% progress 3 5 'three of five' %}")


def test_pages_keep_the_other_filters(rf):
    page = Paginator(range(300), 10).page(5)
    html = rendered("{% pages page %}", rf.get("/tenders?q=atm&page=5"), page=page)
    assert 'href="?q=atm&amp;page=6"' in html
    assert '<span class="here" aria-current="page">5</span>' in html
    assert "41–50 of 300" in html
    assert rendered("{% pages page %}", rf.get("/"), page=Paginator([1], 10).page(1)).strip() == ""


# --- the frame ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "500"])
def test_error_pages_need_no_request_and_no_database(name):
    html = render_to_string(f"{name}.html", {})
    assert "<h1>" in html
    assert "traceback" not in html.lower()


def test_a_refusal_is_the_rules_own_sentence():
    assert "This is for: Approver." in render_to_string("403.html", {"exception": "This is for: Approver."})


@pytest.mark.parametrize(("theme", "attribute"), [("auto", None), ("light", "light"), ("dark", "dark")])
def test_the_theme_is_set_by_the_server_unless_left_to_the_computer(theme, attribute):
    html = render_to_string("base.html", {"user": {"theme": theme}})
    tag = re.search(r"<html[^>]*>", html)[0]
    assert ("data-bs-theme" in tag) == (attribute is not None)
    assert attribute is None or f'data-bs-theme="{attribute}"' in tag


def test_the_head_of_a_tender_marks_stage_and_tab():
    html = render_to_string(
        "procurement/_tender_head.html",
        {
            "reference": "ITS-2026-041",
            "title": "ATM <b>",
            "state": {"kind": "warn", "label": "Frozen"},
            "facts": [("Budget", "NT$ 18,500,000")],
            "stages": [
                {"name": "Specification", "date": "10/05", "state": "done"},
                {"name": "Bidding", "date": "11/09", "state": "now"},
                {"name": "Award", "state": "future"},
            ],
            "tabs": [
                {"url": "/s", "label": "Specification", "current": False},
                {"url": "/b", "label": "Bids", "count": 0, "current": True},
                {"label": "Decision"},
            ],
        },
    )
    assert html.count('aria-current="step"') == 1
    assert '<a href="/b" aria-current="page">Bids<span class="n">0</span></a>' in html
    assert '<span class="off">Decision</span>' in html
    assert "ATM &lt;b&gt;" in html


# --- the style sheets ---------------------------------------------------------------------------------------
def tokens():
    text = (STYLES / "tokens.css").read_text(encoding="utf-8")
    pairs = {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    }
    return pairs | {name: (value, value) for name, value in re.findall(r"--([\w-]+): (#\w{6});", text)}


def contrast(one, other):
    """WCAG 2.2, contrast ratio of relative luminances."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT = [
    *[(ink, ground) for ink in ("ink", "ink2", "ink3") for ground in ("sheet", "paper", "sunk", "act-wash")],
    *[(ink, ground) for ink in ("act", "ok", "no", "warn") for ground in ("sheet", "paper")],
    ("act", "act-wash"), ("ok", "ok-wash"), ("no", "no-wash"), ("warn", "warn-wash"),
    ("ink", "no-tint"), ("ink2", "no-tint"), ("no", "no-tint"), ("ink", "no-wash"), ("ink", "warn-wash"),
    ("act-ink", "act"), ("sheet", "ink"), ("sheet", "no"), ("sheet", "ok"),
    ("on-sec", "sec"), ("on-qual", "qual"), ("on-price", "price"), ("ink2", "rule"),
    ("bar-ink", "bar"), ("bar-ink2", "bar"), ("on-brass", "brass"),
]  # fmt: skip
GRAPHICS = [
    (ink, ground)
    for ink in ("edge", "sec", "qual", "price", "u-sec", "u-it", "u-biz", "u-ext", "act", "no")
    for ground in ("sheet", "paper")
] + [("brass", "bar")]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (GRAPHICS, 3.0)], ids=["text", "graphics"])
def test_contrast(theme, pairs, least):
    colours = tokens()
    ratios = {(a, b): round(contrast(colours[a][theme], colours[b][theme]), 2) for a, b in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


def test_every_colour_used_is_a_token():
    defined = set(
        re.findall(r"--([\w-]+):", "".join(p.read_text(encoding="utf-8") for p in STYLES.glob("*.css")))
    )
    used = {
        name
        for path in STYLES.glob("*.css")
        for name in re.findall(r"var\(--([\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert used - defined == set()


def test_every_file_a_style_sheet_names_is_there():
    vendors = {"ibm-plex-sans": "@fontsource/ibm-plex-sans", "ibm-plex-mono": "@fontsource/ibm-plex-mono"}
    if not (ROOT / "node_modules").is_dir():
        pytest.skip("no node_modules: run make install")
    named = re.findall(
        r"url\(\.\./vendor/([\w-]+)/([^)]+)\)", (STYLES / "tokens.css").read_text(encoding="utf-8")
    )
    assert named
    assert [
        file for vendor, file in named if not (ROOT / "node_modules" / vendors[vendor] / file).is_file()
    ] == []

"""What must hold for every case: made-up ones by the hundred, and broken ones by the thousand."""

import json
import random
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bids.evaluation import Refused, evaluate_file, read, read_document
from bids.evaluation.exact import rounded, text

from .making import figures, places, put, result_of
from .random_cases import random_case

pytestmark = pytest.mark.filterwarnings("error")
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
quietly = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@quietly
@given(SEEDS)
def test_the_order_of_bids_members_and_criteria_changes_nothing(seed):
    document = random_case(seed)
    shuffled = json.loads(json.dumps(document))
    shuffle = random.Random(seed).shuffle
    for some in (shuffled["bids"], shuffled["panel"], shuffled["criteria"], shuffled["requirements"]):
        shuffle(some)
    for bid in shuffled["bids"]:
        shuffle(bid["marks"])
        shuffle(bid["claims"])
    one, other = result_of(document), result_of(shuffled)
    assert figures(one) == figures(other)
    assert places(one) == places(other)
    assert (one.status, one.winner, set(one.holes)) == (other.status, other.winner, set(other.holes))
    assert one.panel.kendall_w == other.panel.kendall_w
    assert one.members.keys() == other.members.keys()
    assert all(dict(one.members[member]) == dict(other.members[member]) for member in one.members)


@quietly
@given(SEEDS, st.integers(min_value=1, max_value=10**6))
def test_scaling_all_prices_changes_no_order(seed, factor):
    document = random_case(seed, money=True)
    scaled = json.loads(json.dumps(document))
    for bid in scaled["bids"]:
        bid["price"] = bid["price"] and text(Fraction(bid["price"]) * factor)
    for place, keys in ((scaled, ("fair_price_ceiling",)), (scaled["price"], ("ceiling", "floor"))):
        for key in keys:
            if key in place:
                place[key] = text(Fraction(place[key]) * factor)
    for band in scaled["price"].get("bands", ()):
        band["up_to"] = text(Fraction(band["up_to"]) * factor)
    for node in scaled["criteria"]:
        if "value" in node:
            node["value"] = text(Fraction(node["value"]) * factor)
    assert places(result_of(document)) == places(result_of(scaled))


@quietly
@given(SEEDS)
def test_an_excluded_bid_moves_nobody_under_absolute_formulas(seed):
    document = random_case(seed, relative=False)
    document["rank_scope"] = "passing"
    result = result_of(document)
    out = [excluded.vendor for excluded in result.excluded]
    left = [bid for bid in document["bids"] if bid["vendor"] not in out]
    if result.status == "incomplete" or not left:
        return
    without = document | {"bids": left, "lots_drawn": [v for v in document["lots_drawn"] if v not in out]}
    without = json.loads(json.dumps(without))
    if any(member.get("recused") for member in without["panel"]):
        return
    assert places(result_of(without)) == places(result)
    assert figures(result_of(without)) == figures(result)


@quietly
@given(SEEDS)
def test_silence_never_raises_a_place(seed):
    document = random_case(seed)
    before = places(result_of(document))
    for index, bid in enumerate(document["bids"]):
        for claim in range(len(bid["claims"])):
            for silence in (None, False):
                quiet = put(document, f"bids[{index}].claims[{claim}].met", silence)
                after = places(result_of(quiet))
                if bid["vendor"] in before and bid["vendor"] in after:
                    assert after[bid["vendor"]] >= before[bid["vendor"]] or after == before
                else:
                    assert bid["vendor"] not in after


@quietly
@given(SEEDS)
def test_the_steps_add_up_to_the_figures(seed):
    document = random_case(seed)
    case, result = read_document(document), result_of(document)
    for row in result.ranking:
        known = [points for points in row.points.values() if points is not None]
        steps = result.steps[row.vendor]
        if len(known) == len(row.points):
            assert steps.total_unrounded == sum(known)
        if case.method in ("total", "best-fair-price"):
            assert row.figure == row.total == steps.figure_total
        assert all(held.passed for held in steps.held) or case.method == "lowest-price"
    best = sorted(row.place for row in result.ranking)
    assert best == [row.place for row in result.ranking]


@quietly
@given(SEEDS)
def test_leaving_the_table_changes_the_places_of_others_only_upwards_for_total(seed):
    document = random_case(seed, relative=False) | {
        "method": "total",
        "fair_price_ceiling": None,
        "tie_break": [],
    }
    document["quality_scale"] = "absolute"
    for node in document["criteria"]:
        node.pop("value", None)
    result = result_of(document)
    for index, bid in enumerate(document["bids"]):
        gone = places(result_of(put(document, f"bids[{index}].status", "withdrawn")))
        for vendor, place in places(result).items():
            assert vendor == bid["vendor"] or gone[vendor] <= place or result.status == "incomplete"


@quietly
@given(
    st.fractions(), st.integers(min_value=0, max_value=12), st.sampled_from(["half-up", "half-even", "down"])
)
def test_rounding_is_near_and_symmetric(number, places, mode):
    near = rounded(number, places, mode)
    assert abs(near - number) < Fraction(1, 10**places)
    assert (near * 10**places).denominator == 1
    assert rounded(-number, places, mode) == -near
    assert rounded(near, places, mode) == near


@quietly
@given(st.fractions())
def test_numbers_are_written_exactly(number):
    assert Fraction(text(number)) == number


def test_very_long_numbers_are_written_too():
    number = Fraction(7**20000, 3)
    written, below = text(number).split("/")
    assert below == "3"
    assert len(written) > 16_000
    assert int(written[-9:]) == 7**20000 % 10**9
    assert text(-(Fraction(10) ** 5000)) == "-1" + "0" * 5000


# --- nothing whatever produces a traceback ----------------------------------------
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from(["", " ", "s", "m1", "A", "1e5", "-1", "0", "\ud800", "\u0000", "資安", "9" * 40]),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
)


def every_path(value, path=""):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from every_path(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from every_path(inner, f"{path}[{index}]")


def answered(data):
    """Whether the answer is a result file, evaluated or refused with a path and a sentence for each fault."""
    document = evaluate_file(data)
    json.dumps(document).encode()
    if document["status"] == "refused":
        assert all(issue["code"] and issue["message"] for issue in document["issues"])
        assert all("\n" not in issue["path"] + issue["message"] for issue in document["issues"])
        assert any(issue["level"] == "error" for issue in document["issues"])
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), SEEDS)
def test_a_mutated_case_is_answered(data, seed):
    document = random_case(seed)
    for _ in range(data.draw(st.integers(min_value=1, max_value=4))):
        paths = [path for path in every_path(document) if path]
        path = data.draw(st.sampled_from(paths))
        document = put(document, path, data.draw(VALUES))
    assert answered(json.dumps(document))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SEEDS, st.integers(min_value=0), st.binary(max_size=4), st.sampled_from(["cut", "put", "swap"]))
def test_broken_bytes_are_answered(seed, at, some, how):
    whole = json.dumps(random_case(seed), ensure_ascii=False).encode()
    at %= len(whole)
    broken = {
        "cut": whole[:at],
        "put": whole[:at] + some + whole[at:],
        "swap": whole[:at] + some + whole[at + len(some) :],
    }[how]
    assert answered(broken)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789eE+-.ntfrue \\u', max_size=60))
def test_any_text_is_answered(data):
    assert answered(data)


@pytest.mark.parametrize(
    "data",
    [
        "[" * 1_000_000,
        '{"a":' * 100_000,
        '"' + "\\" * 100_001,
        "9" * 1_000_000,
        "-" * 1000,
        '{"bids": ' + "9" * 5000 + "}",
        '{"total_points": 1e' + "9" * 5000 + "}",
        '{"total_points": -0.' + "0" * 100_000 + "}",
        "{" + ",".join(f'"k{n}": 1' for n in range(20_000)) + "}",
        "{" + ",".join('"k": 1' for _ in range(20_000)) + "}",
        '{"criteria": [' + ",".join("{}" for _ in range(20_000)) + "]}",
        '{"\\ud800": 1}',
        '{"title": "\\udfff"}',
        "\ud800",
        "\x00",
        '{"a": "\x00"}',
    ],
    ids=range(16),
)
def test_a_broken_file_is_refused(data):
    assert answered(data)
    with pytest.raises(Refused):
        read(data)


def test_a_long_chain_of_criteria_needs_no_recursion():
    chain = [{"code": "c0", "title": "c", "weight": 1}]
    chain += [{"code": f"c{n}", "title": "c", "weight": 1, "parent": f"c{n - 1}"} for n in range(1, 5000)]
    chain[-1] |= {"kind": "security", "maximum": 5}
    document = random_case(1) | {"criteria": chain, "price": {"formula": "none"}, "aggregation": "mean"}
    assert answered(json.dumps(document))
    looped = put(document, "criteria[0].parent", "c4999")
    issues = evaluate_file(json.dumps(looped))["issues"]
    assert sum(issue["code"] == "cycle" for issue in issues) == 5000

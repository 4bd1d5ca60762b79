"""The walk of a tender through the actions of the bids wing."""

from bids.cases import evaluated
from bids.models import Bid, Claim
from procurement.choices import Stage
from tests.cast import NOW


def test_the_walk_ends_in_a_ranking(priced):
    assert priced.stage == Stage.PRICE_OPENED
    _case, result = evaluated(priced, now=NOW)
    assert [(row.vendor, row.place) for row in result.ranking] == [
        ("Quickwin Technology", 1),
        ("Bedrock Security", 2),
    ]
    # 40 + 20 + 30 × (20 − 15) ÷ 10, and 30 + 22 + 30 × (20 − 12) ÷ 10
    assert [row.total for row in result.ranking] == [76, 75]


def test_claims_are_written_at_the_opening_and_prices_after_the_lock(opened):
    assert Claim.objects.count() == 6
    assert set(Bid.objects.values_list("price", flat=True)) == {None}

"""Lots by seed: the same for everybody who draws them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bids.evaluation.lots import drawn_order, ticket

LINES = st.text(min_size=1, max_size=40).filter(lambda text: "\n" not in text and text.isprintable())


def test_a_ticket_is_the_digest_of_three_lines():
    text = "12 07 33 41 05 28\nITS-2026-041\n磐礎資安".encode()
    assert ticket("12 07 33 41 05 28", "ITS-2026-041", "磐礎資安") == hashlib.sha256(text).hexdigest()
    # written down once, so that the recipe cannot change unseen
    assert ticket("a", "b", "c") == "ea7fb08b7a2dc4619ffb7c7bb38d95a2047935fa165d71b12efd3852a2e6d0cc"


@given(LINES, LINES, st.lists(LINES, min_size=1, max_size=6, unique=True), st.randoms())
def test_the_order_follows_from_the_seed_and_not_from_the_list(seed, reference, vendors, random):
    order = drawn_order(seed, reference, vendors)
    tickets = [ticket(seed, reference, vendor) for vendor in order]
    assert tickets == sorted(tickets)
    shuffled = list(vendors)
    random.shuffle(shuffled)
    assert drawn_order(seed, reference, shuffled) == order
    assert set(order) == set(vendors)


def test_every_vendor_comes_first_about_as_often():
    firsts = [drawn_order(str(n), "R", ["A", "B", "C"])[0] for n in range(3000)]
    assert all(900 < firsts.count(vendor) < 1100 for vendor in "ABC")


@pytest.mark.parametrize("seed", ["", "two\nlines"])
def test_a_seed_is_one_line(seed):
    with pytest.raises(ValueError, match=seed or "^$"):
        drawn_order(seed, "R", ["A", "B"])


def test_nobody_has_two_tickets():
    with pytest.raises(ValueError, match="A"):
        drawn_order("s", "R", ["A", "A"])

"""The cast, and the tender stage by stage, for the tests of the bids wing."""

import pytest
from django.utils import translation

from tests.bids.asked import bare, taken  # noqa: F401 - fixtures are found by name
from tests.bids.bid_pages import page  # noqa: F401 - fixtures are found by name
from tests.bids.promised import colleague, promised  # noqa: F401 - fixtures are found by name
from tests.cast import (  # noqa: F401 - fixtures are found by name
    cast,
    clock,
    closed,
    draft,
    locked,
    opened,
    priced,
    published,
    units,
)


@pytest.fixture(autouse=True)
def english():
    """Sentences are compared in the language they are written in."""
    with translation.override("en"):
        yield

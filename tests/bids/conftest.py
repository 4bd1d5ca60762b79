"""The cast, and the tender stage by stage, for the tests of the bids wing."""

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

"""What the tests of the asking side share."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences as they stand in the code, whatever the test before spoke."""
    with translation.override("en"):
        yield

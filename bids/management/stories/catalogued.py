"""The catalogues of the story: the built-in baseline, the bank's own in two editions, part of 附表十."""

from datetime import datetime
from pathlib import Path

from procurement import catalogues
from procurement.actions.catalogues import load_catalogue
from procurement.catalogues.baseline import LANGUAGES, as_catalogue
from procurement.models import User

FOLDER = Path(__file__).parent / "catalogues"

#: Older editions first: what is loaded last is the newest.
FILES = ("own-common-114.csv", "own-common-115.csv", "own-common-115-en.csv", "annex10-excerpt.csv")


def tell(people: dict[str, User], now: datetime) -> None:
    """Security's engineer loads them."""
    security = people["chen"]
    for language in LANGUAGES:
        load_catalogue(actor=security, catalogue=as_catalogue(language), files={}, now=now)
    for name in FILES:
        files = {name: (FOLDER / name).read_bytes()}
        load_catalogue(actor=security, catalogue=catalogues.read_files(files), files=files, now=now)

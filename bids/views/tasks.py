"""One row of "my work": something to do, or something that others do."""

from dataclasses import dataclass
from datetime import datetime

from procurement.models import Tender


@dataclass(frozen=True)
class Task:
    """Something to do, on which tender, until when, and where."""

    what: str
    tender: Tender
    due: datetime | None = None
    detail: str = ""
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Wait:
    """Something that others do, and who."""

    what: str
    tender: Tender
    who: str
    due: datetime | None = None
    state: str = ""

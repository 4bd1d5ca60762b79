"""One row of "my work": something to do, or something that others do."""

from dataclasses import dataclass
from datetime import datetime

from procurement.models import Tender


@dataclass(frozen=True)
class Task:
    """Something to do, on which tender, until when, and where; `about` names it where there is no tender."""

    what: str
    tender: Tender | None
    due: datetime | None = None
    detail: str = ""
    url: str = ""
    label: str = ""
    about: str = ""

    @property
    def reference(self) -> str:
        """The tender's reference, or what it is about."""
        return self.tender.reference if self.tender else self.about


@dataclass(frozen=True)
class Wait:
    """Something that others do, and who."""

    what: str
    tender: Tender | None
    who: str
    due: datetime | None = None
    state: str = ""

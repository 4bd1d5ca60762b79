"""Fields of a foreign document, read by type; every fault, warning and thing left over with its path."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bids.evaluation.issues import Issue, error, gettext_noop, printable, shown, warning
from bids.evaluation.json_text import Numeral, joined

#: The level of a note about something that was not taken.
LEFT = "left"
#: Numbers beyond this many digits before or after the point are no money and no marks.
_MOST_DIGITS = 24

_REASONS = {
    "bids": gettext_noop("Bids come in here sealed; those of another site are not taken."),
    "awards": gettext_noop("An award is made here, and not taken over."),
    "contracts": gettext_noop("Contracts are not kept here."),
    "documents": gettext_noop("Documents are linked there; attach what is still needed."),
    "items": gettext_noop("There are no items here: say in the requirements what is wanted."),
    "selectionCriteria": gettext_noop("Enter what bidders must fulfil as requirements."),
}


class Fields:
    """An object of the file. What is not of the expected type is a fault, what is absent is empty."""

    def __init__(
        self, values: Mapping[str, Any], path: str = "", told: tuple[list[Issue], list[Issue]] | None = None
    ) -> None:
        self.values, self.path = values, path
        self.faults, self.notes = told or ([], [])

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.values)

    @staticmethod
    def key(code: str) -> str:
        """Codes that look alike are the same one."""
        return unicodedata.normalize("NFKC", code).casefold()

    # --- telling ------------------------------------------------------------------------------------------
    def fault(self, code: str, key: str, template: str, /, **params: str) -> None:
        """Something that refuses the file."""
        issue = error(code, self._at(key), template, **params)
        if issue not in self.faults:
            self.faults.append(issue)

    def warn(self, code: str, key: str, template: str, /, **params: str) -> None:
        """Something that was taken otherwise than it stands there."""
        self.notes.append(warning(code, self._at(key), template, **params))

    def leave(self, key: str, template: str, /, **params: str) -> None:
        """Something that was not taken."""
        self.notes.append(Issue(LEFT, "left", self._at(key), template, params))

    def leave_others(self, known: Iterable[str]) -> None:
        """Every key that nobody reads is a note."""
        for key in self.values:
            if key not in known:
                self.leave(key, _REASONS.get(key, gettext_noop("There is no place for it here.")))

    def _at(self, key: str) -> str:
        return joined(self.path, key) if key else self.path

    # --- reading ------------------------------------------------------------------------------------------
    def inner(self, key: str) -> "Fields":
        """An object below; empty where there is none."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, dict):
            self.fault("type", key, gettext_noop("An object is expected here."))
            value = None
        return Fields(value or {}, self._at(key), (self.faults, self.notes))

    def rows(self, key: str, *, most: int) -> "list[Fields]":
        """Objects in a list; none where there is none."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self.fault("type", key, gettext_noop("A list of objects is expected here."))
            return []
        if len(value) > most:
            template = gettext_noop("There are {number} entries; at most {most} are read.")
            self.fault("too_many", key, template, number=str(len(value)), most=str(most))
            return []
        return [
            Fields(row, f"{self._at(key)}[{place}]", (self.faults, self.notes))
            for place, row in enumerate(value)
        ]

    def text(self, key: str, *, most: int, number: bool = False) -> str:
        """A text without blanks at its ends; a number only where that will do."""
        value = self.values.get(key)
        if value is None or (isinstance(value, bool) and number):
            return ""
        if not isinstance(value, str) or (isinstance(value, Numeral) and not number):
            self.fault("type", key, gettext_noop("A text is expected here."))
            return ""
        text = str(value).strip()
        if len(text) > most:
            template = gettext_noop("The text has {length} characters; {most} are allowed.")
            self.fault("too_long", key, template, length=str(len(text)), most=str(most))
            return ""
        bare = text.replace("\n", "").replace("\r", "").replace("\t", "")
        if printable(bare) != bare:
            self.fault("unprintable", key, gettext_noop("There are characters in it that cannot be shown."))
            return ""
        return text

    def flag(self, key: str) -> bool | None:
        """True, false, or nothing."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            self.fault("type", key, gettext_noop("true or false is expected here."))
            return None
        return value

    def choice(self, key: str, known: Sequence[str]) -> str:
        """One of the known words; empty where there is none."""
        text = self.text(key, most=200)
        if text and text not in known:
            template = gettext_noop("“{text}” is not known here. Known are: {known}.")
            self.fault("unknown", key, template, text=shown(text), known=", ".join(known))
            return ""
        return text

    def number(self, key: str) -> Decimal | None:
        """A JSON number, exactly."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, Numeral):
            self.fault("type", key, gettext_noop("A number is expected here."))
            return None
        return self._decimal(key, value)

    def exact(self, key: str, *, above: int | None = None) -> Decimal | None:
        """A number that stands in a text, as our own extension has it."""
        text = self.text(key, most=100)
        number = self._decimal(key, text) if text else None
        if number is not None and above is not None and number <= above:
            self.fault(
                "too_small", key, gettext_noop("More than {above} is expected here."), above=str(above)
            )
            return None
        return number

    def _decimal(self, key: str, text: str) -> Decimal | None:
        try:
            number = Decimal(text) if text.isascii() and len(text) <= 100 and "_" not in text else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            self.fault("number", key, gettext_noop("“{text}” is not a number."), text=shown(text))
            return None
        exponent = number.as_tuple().exponent
        if number.adjusted() > _MOST_DIGITS or not isinstance(exponent, int) or exponent < -_MOST_DIGITS:
            template = gettext_noop("The number has more than {most} digits before or after the point.")
            self.fault("digits", key, template, most=str(_MOST_DIGITS))
            return None
        return number

    def moment(self, key: str) -> datetime | None:
        """A moment with an offset; one without is left, because nobody knows when it is."""
        text = self.text(key, most=100)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fault("moment", key, gettext_noop("“{text}” is not a moment of ISO 8601."), text=shown(text))
            return None
        if moment.tzinfo is None:
            self.leave(key, gettext_noop("The moment says no offset: enter it by hand."))
            return None
        return moment

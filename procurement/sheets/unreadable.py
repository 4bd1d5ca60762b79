"""The refusal of this package: a sentence about a value or a file that could not be read."""

from collections.abc import Mapping


def gettext_noop(message: str) -> str:
    """Mark a text for translation and return it as it is; the site translates it where it is shown."""
    return message


class Unreadable(ValueError):
    """A value or a file that cannot be read, and why.

    ``template`` is an English sentence marked for translation and ``params`` fills it: the site shows
    ``_(refusal.template) % refusal.params``.
    """

    def __init__(self, template: str, params: Mapping[str, str | int | float] | None = None) -> None:
        """Keep the sentence and what fills it apart."""
        super().__init__(template, params)
        self.template = template
        self.params: dict[str, str | int | float] = dict(params or {})

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.template % self.params


#: How much of what was typed a sentence repeats.
_SHOWN = 60


def shown(text: str) -> str:
    """Return the text as a sentence may repeat it: one line, not long."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"

"""The refusals of this package: a sentence about what could not be sealed, opened or unlocked."""

from collections.abc import Mapping

from procurement.signing.keys import UnsafeKey


def gettext_noop(message: str) -> str:
    """Mark a text for translation and return it as it is; the site translates it where it is shown."""
    return message


class SealRefused(ValueError):
    """Something that was not done, and why.

    ``template`` is an English sentence marked for translation and ``params`` fills it: the site shows
    ``_(refusal.template) % refusal.params``. No sentence holds a secret, or a piece of what was sealed.
    """

    def __init__(self, template: str, params: Mapping[str, str | int] | None = None) -> None:
        """Keep the sentence and what fills it apart."""
        super().__init__(template, params)
        self.template = template
        self.params: dict[str, str | int] = dict(params or {})

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.template % self.params


class Unopenable(SealRefused):
    """What was sealed does not open here: it was altered, moved or replayed, or another key is needed."""


class WrongPassphrase(SealRefused):
    """The secret that was typed does not unlock the key."""


class KeyUnavailable(SealRefused, UnsafeKey):
    """The system key is missing, unsafe or not the one that is needed: nothing opens until it is there.

    Whoever answers people says so as of any other key of the site, and not as of a mistake of theirs.
    """

"""Generated passphrases, and the ways in which people type them."""

import re
import secrets
import unicodedata
from functools import cache

from mnemonic import Mnemonic

from bids.sealing.refusals import WrongPassphrase, gettext_noop

#: Words of a passphrase: each of the 2,048 words adds 11 bits, seven make 77.
WORDS = 7
#: Fewer are neither made nor taken.
FEWEST_WORDS = 6

#: Marks above letters, and signs without a shape such as zero-width spaces.
_DROPPED = {"Mn", "Cf"}


@cache
def word_list() -> tuple[str, ...]:
    """Return the 2,048 English words of BIP-39, no two of which begin with the same four letters."""
    return tuple(Mnemonic("english").wordlist)


def generate(words: int = WORDS) -> str:
    """Return a fresh passphrase in the form that ``read`` gives: words in lower case with a space between.

    Raises ``ValueError`` for fewer than six words.
    """
    if words < FEWEST_WORDS:
        raise ValueError("too few words for a passphrase")
    return " ".join(secrets.choice(word_list()) for _ in range(words))


def read(typed: str) -> str:
    """Return a passphrase as it was generated, however it was typed.

    Capitals, full-width letters, spaces of any kind and number, numbering, commas, hyphens and new lines
    are forgiven. Raises ``WrongPassphrase`` where words are missing or are not on the list, and says
    which by their place only.
    """
    plain = unicodedata.normalize("NFKD", typed)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in _DROPPED)
    words = re.findall(r"[^\W\d_]+", plain.casefold())
    if len(words) < FEWEST_WORDS:
        raise WrongPassphrase(
            gettext_noop("A passphrase has at least %(fewest)s words, and %(count)s were typed."),
            {"fewest": FEWEST_WORDS, "count": len(words)},
        )
    known = set(word_list())
    for place, word in enumerate(words, 1):
        if word not in known:
            raise WrongPassphrase(gettext_noop("Word %(place)s is not on the word list."), {"place": place})
    return " ".join(words)

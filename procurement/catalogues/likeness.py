"""Which requirements ask for the same: by what corresponds to them, and by their words.

Words are compared as sets of shingles: pairs of neighbouring words, and in Chinese pairs of neighbouring
characters. Two texts are alike where their sets have at least `ALIKE` in common: the Jaccard index, exact
(Broder, "On the resemblance and containment of documents", 1997). Only pairs that can reach it are compared:
they share one of their rarest shingles (prefix filter; Bayardo, Ma and Srikant, "Scaling up all pairs
similarity search", 2007), which changes no result.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import ceil

from procurement.catalogues import baseline

#: From this share of common shingles on, two texts are alike.
ALIKE = Fraction(1, 2)
#: Shingles of a text that are looked at: those of its first ten pages or so.
MOST_SHINGLES = 2000

#: How two requirements are twins: the same entry, entries that correspond, or alike in words.
SAME, CORRESPONDS, WORDS = "same", "corresponds", "words"

_TOKEN = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_HAN = re.compile(r"[\u3400-\u9fff]")

#: What tells by its code that a catalogue is one of those to which the baseline gives what corresponds.
_KNOWN = {
    "annex10": ("annex10",),
    "asvs": ("asvs",),
    "mvsp": ("mvsp",),
    "nist": ("800-53",),
    "ssdf": ("ssdf", "800-218"),
}
#: Editions of a catalogue whose identifiers mean something else begin otherwise.
_EDITIONS = {"asvs": "5."}


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement as it is compared: where it comes from ("" where somebody wrote it), and its texts."""

    key: str
    catalogue: str
    edition: str
    entry: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """A requirement that asks for the same as another: its key, how one sees it, share of shingles."""

    key: str
    how: str
    share: Fraction = Fraction(1)


def shingles(text: str) -> frozenset[str]:
    """The shingles of a text, whatever its letters' width and case; a text of one word is its own shingle."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    found = {
        f"{first} {second}"
        for first, second in pairwise(tokens[: MOST_SHINGLES + 1])
        if bool(_HAN.match(first)) == bool(_HAN.match(second))
    }
    return frozenset(found or tokens[:1])


def resemblance(first: frozenset[str], second: frozenset[str]) -> Fraction:
    """What two sets have in common as a share of both together, from 0 to 1; 0 where both are empty."""
    union = len(first | second)
    return Fraction(len(first & second), union) if union else Fraction(0)


def scheme_of(catalogue: str, edition: str) -> str:
    """Which of the catalogues that the baseline corresponds to this is; "" for any other."""
    code = catalogue.casefold()
    for scheme, signs in _KNOWN.items():
        if any(sign in code for sign in signs) and edition.lstrip("v").startswith(_EDITIONS.get(scheme, "")):
            return scheme
    return ""


@cache
def _topics() -> dict[tuple[str, str], frozenset[str]]:
    """The requirements of the baseline by each identifier that corresponds to them."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in baseline.by_id().values():
        for scheme, names in row.corresponds.items():
            for name in names:
                found[scheme, name.casefold()].add(row.id)
    return {name: frozenset(ids) for name, ids in found.items()}


def topics_of(asked: Asked) -> frozenset[str]:
    """The requirements of the baseline that ask for what this one asks for, by their identifiers."""
    if asked.catalogue == baseline.CODE:
        return frozenset({asked.entry})
    scheme = scheme_of(asked.catalogue, asked.edition)
    return _topics().get((scheme, asked.entry.casefold()), frozenset())


class Likeness:
    """Requirements, kept so that what asks for the same as another is found without comparing all of them."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self._asked = {one.key: one for one in asked}
        self._sets = {key: [shingles(text) for text in one.texts if text] for key, one in self._asked.items()}
        self._frequency = Counter(sign for sets in self._sets.values() for one in sets for sign in one)
        self._entries: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_topic: dict[str, list[str]] = defaultdict(list)
        self._rare: dict[str, set[str]] = defaultdict(set)
        for key, one in self._asked.items():
            if one.entry:
                self._entries[one.catalogue, one.entry].append(key)
            for topic in topics_of(one):
                self._by_topic[topic].append(key)
            for signs in self._sets[key]:
                for sign in self._rarest(signs):
                    self._rare[sign].add(key)

    def _rarest(self, signs: frozenset[str]) -> list[str]:
        """So many of the rarest shingles that no set can be alike without one of them."""
        ordered = sorted(signs, key=lambda sign: (self._frequency[sign], sign))
        return ordered[: len(signs) - ceil(ALIKE * len(signs)) + 1]

    def twins_of(self, one: Asked) -> list[Twin]:
        """What asks for the same as this one, itself left out: the plainest reason for each, in order of key.

        Rows of one catalogue were told apart by their publisher: that both correspond to a third is nothing.
        """
        found: dict[str, Twin] = {twin.key: twin for twin in self._alike(one)}
        for topic in topics_of(one):
            for key in self._by_topic[topic]:
                if self._asked[key].catalogue != one.catalogue:
                    found[key] = Twin(key, CORRESPONDS)
        if one.entry:
            found |= {key: Twin(key, SAME) for key in self._entries[one.catalogue, one.entry]}
        return [found[key] for key in sorted(found) if key != one.key]

    def _alike(self, one: Asked) -> Iterator[Twin]:
        own = [shingles(text) for text in one.texts if text]
        near = {key for signs in own for sign in self._rarest(signs) for key in self._rare.get(sign, ())}
        for key in near:
            share = max(resemblance(first, second) for first in own for second in self._sets[key])
            if share >= ALIKE:
                yield Twin(key, WORDS, share)

    def pairs(self) -> list[tuple[str, Twin]]:
        """Every two that ask for the same, once: the key that came first, and the other one."""
        place = {key: number for number, key in enumerate(self._asked)}
        found = [
            (key, twin)
            for key, one in self._asked.items()
            for twin in self.twins_of(one)
            if place[key] < place[twin.key]
        ]
        return sorted(found, key=lambda pair: (place[pair[0]], place[pair[1].key]))


_ANNEX = re.compile(r"TW-A10-(?P<family>[A-Z]{2})-", re.IGNORECASE)


def families_of(asked: Asked) -> frozenset[str]:
    """Families of 附表十 that a requirement covers: by its identifier, or by what it corresponds to."""
    own = _ANNEX.match(asked.entry)
    families = {baseline.by_id()[topic].family for topic in topics_of(asked) if topic in baseline.by_id()}
    return frozenset(families | ({own["family"].upper()} if own else set()))

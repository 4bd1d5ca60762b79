"""The bank's own baseline: what a security specification asks, in Chinese and English side by side.

One YAML file holds one family of 附表十. Everything is checked when it is read, so that a slip of the pen
stops the first test and not a tender.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from procurement.catalogues.entries import (
    Catalogue,
    Entry,
    Kind,
    Level,
    LevelScheme,
    Parameter,
)

#: What the baseline is called where it stands beside other catalogues, and its edition.
CODE = "assay-baseline"
VERSION = "2026.11"

#: The languages in which every text is there.
LANGUAGES = ("zh-Hant", "en")

#: Families, in the order of 附表十.
FILES = (
    "access_control",
    "event_logging",
    "continuity",
    "identification",
    "acquisition",
    "communications",
    "integrity",
)

#: Protection levels 普, 中, 高: each asks for what the ones before it ask.
LEVELS = ("basic", "medium", "high")
LEVEL_NAMES = {"basic": "普", "medium": "中", "high": "高"}
#: A requirement that is never a gate by default.
NEVER = "never"

#: What is bought.
PROFILES = (
    "atm-endpoint",
    "core-payment",
    "internet-banking",
    "mobile-app",
    "saas-cloud",
    "network-soc",
    "custom-development",
    "hardware",
)

#: Circumstances on which a requirement may depend.
CIRCUMSTANCES = (
    "remote",
    "outsourced",
    "cloud",
    "abroad",
    "internet",
    "partners",
    "sensitive",
    "development",
    "third-party-test",
)

SEVERITIES = ("low", "medium", "high", "critical")
#: Sides of the bank that can answer for a requirement.
SIDES = ("security", "it", "business", "procurement")
#: Levels of evidence that a vendor can bring, weakest first.
EVIDENCE = ("claimed", "attested", "tested")

#: Catalogues whose identifiers are given as corresponding.
CORRESPONDING = {
    "annex10": "附表十",
    "asvs": "ASVS 5.0",
    "mvsp": "MVSP 3.0",
    "nist": "NIST 800-53r5",
    "ssdf": "SSDF 1.1",
}

#: The same for readers of English.
CORRESPONDING_EN = CORRESPONDING | {"annex10": "Annex 10"}

#: What files of catalogues put around the number that people know.
_AROUND = re.compile(r"TW-A10-|ctl_|-mvsp")

#: Longest text of a demand, in characters.
LONGEST = 400

_ID = re.compile(r"ASY-(?P<family>[A-Z]{2})-[0-9]{2}")
_BLANK = re.compile(r"\{([a-z_]+)\}")
_TEXTS = ("", "why_", "test_", "asks_")
_KEYS = {"id", "from", "gate", "severity", "side", "evidence_level", *CORRESPONDING} | {
    f"{text}{language}" for text in (*_TEXTS, "source_") for language in ("zh", "en")
}
_OPTIONAL = {"at_high", "profiles", "when", "blanks", "check"}


class Faulty(Exception):
    """A file of the baseline is not what it has to be."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text in a language, Chinese unless it is English."""
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Blank:
    """A number or place that the bank fills in: `label` stands in the text until then."""

    id: str
    label: Words
    suggested: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand to which a vendor can be held.

    `level` is the lowest that asks for it, `gate` the lowest at which not to meet it excludes a bid (`NEVER`:
    at none). No `profiles` means all of them; of `when` one circumstance is enough, and none means always.
    `unsure` says that the text of the rule named as `source` has still to be compared.
    """

    id: str
    family: str
    text: Words
    why: Words
    test: Words
    asks: Words
    level: str
    gate: str
    severity: str
    side: str
    evidence_level: str
    evidence_at_high: str
    profiles: frozenset[str]
    when: frozenset[str]
    blanks: tuple[Blank, ...]
    corresponds: Mapping[str, tuple[str, ...]]
    source: Words
    unsure: bool

    def shown(self, words: Words) -> Words:
        """A text of it with its blanks in square brackets."""
        return Words(self._filled(words.zh, "zh"), self._filled(words.en, "en"))

    def _filled(self, text: str, language: str) -> str:
        labels = {blank.id: f"[{blank.label.of(language)}]" for blank in self.blanks}
        return _BLANK.sub(lambda match: labels[match[1]], text)

    @property
    def sources(self) -> Words:
        """The rule that asks for it, and what corresponds in other catalogues, on one line."""
        zh, en = self._also(CORRESPONDING), self._also(CORRESPONDING_EN)
        if self.source.zh:
            zh.insert(0, f"{self.source.zh}（條文待核對）" if self.unsure else self.source.zh)
            en.insert(0, f"{self.source.en} (check the text)" if self.unsure else self.source.en)
        return Words("；".join(zh), "; ".join(en))

    def _also(self, titles: Mapping[str, str]) -> list[str]:
        """What corresponds, each catalogue under its title."""
        return [
            f"{title} {', '.join(_AROUND.sub('', one) for one in self.corresponds[name])}"
            for name, title in titles.items()
            if name in self.corresponds
        ]

    @property
    def digest(self) -> str:
        """SHA-256 of the demand in both languages, in hex."""
        return hashlib.sha256(f"{self.text.zh}\n{self.text.en}".encode()).hexdigest()

    def evidence_for(self, level: str) -> str:
        """The level of evidence asked at a protection level."""
        return self.evidence_at_high if level == LEVELS[-1] else self.evidence_level

    def is_gate_at(self, level: str) -> bool:
        """Whether not to meet it excludes a bid at a protection level."""
        return self.gate != NEVER and LEVELS.index(level) >= LEVELS.index(self.gate)

    def is_asked(self, level: str, profiles: Iterable[str], circumstances: Iterable[str]) -> bool:
        """Whether it is asked at a level, of what is bought, under the circumstances."""
        return (
            LEVELS.index(level) >= LEVELS.index(self.level)
            and (not self.profiles or not self.profiles.isdisjoint(profiles))
            and (not self.when or not self.when.isdisjoint(circumstances))
        )


@dataclass(frozen=True, slots=True)
class Family:
    """One of the seven families, with its demands."""

    code: str
    title: Words
    requirements: tuple[Requirement, ...]


@cache
def families() -> tuple[Family, ...]:
    """The whole baseline. Raises `Faulty` where a file is not what it has to be."""
    found = tuple(_family(name) for name in FILES)
    ids = [row.id for family in found for row in family.requirements]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise Faulty(f"These stand twice: {', '.join(twice)}.")
    return found


@cache
def by_id() -> Mapping[str, Requirement]:
    """Every requirement by its identifier, in order."""
    return {row.id: row for family in families() for row in family.requirements}


def family_title(code: str) -> Words:
    """What a family is called. Raises `KeyError`."""
    return {family.code: family.title for family in families()}[code]


def as_catalogue(language: str) -> Catalogue:
    """The baseline as a catalogue beside the foreign ones, in one language."""
    entries: list[Entry] = []
    for family in families():
        title = family.title.of(language)
        entries.append(Entry(family.code, Kind.GROUP, len(entries), label=family.code, title=title))
        entries += [
            _entry(row, len(entries) + place, language) for place, row in enumerate(family.requirements)
        ]
    return Catalogue(
        code=CODE,
        version=VERSION,
        language=language,
        title=Words("Assay 內建資安基準", "Assay built-in security baseline").of(language),
        entries=tuple(entries),
        scheme=LevelScheme(tuple(Level(LEVEL_NAMES[name], name) for name in LEVELS), cumulative=True),
        publisher="Assay",
        declared=sum(len(row.blanks) for row in by_id().values()),
    )


def _entry(row: Requirement, position: int, language: str) -> Entry:
    test, asks = row.shown(row.test).of(language), row.asks.of(language)
    return Entry(
        id=row.id,
        kind=Kind.ASSESSABLE,
        position=position,
        parent=row.family,
        label=row.id,
        text=row.text.of(language),
        shown=row.shown(row.text).of(language),
        guidance="\n\n".join([row.why.of(language), test, asks]),
        levels=(LEVEL_NAMES[row.level],),
        parameters=tuple(Parameter(blank.id, blank.label.of(language)) for blank in row.blanks),
    )


def _family(name: str) -> Family:
    """One file, checked."""
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    code = document["family"]
    rows = tuple(_requirement(row, code) for row in document["requirements"])
    return Family(code, Words(document["zh"], document["en"]), rows)


def _requirement(row: Mapping[str, Any], family: str) -> Requirement:
    """One demand, checked."""
    _check(row, family)
    texts = {name: Words(row[f"{name}zh"], row[f"{name}en"]) for name in _TEXTS}
    return Requirement(
        id=row["id"],
        family=family,
        text=texts[""],
        why=texts["why_"],
        test=texts["test_"],
        asks=texts["asks_"],
        level=row["from"],
        gate=row["gate"],
        severity=row["severity"],
        side=row["side"],
        evidence_level=row["evidence_level"],
        evidence_at_high=row.get("at_high", row["evidence_level"]),
        profiles=frozenset(row.get("profiles", ())),
        when=frozenset(row.get("when", ())),
        blanks=tuple(
            Blank(blank["id"], Words(blank["zh"], blank["en"]), blank["suggested"])
            for blank in row.get("blanks", ())
        ),
        corresponds={name: tuple(row[name]) for name in CORRESPONDING if name in row},
        source=Words(row.get("source_zh", ""), row.get("source_en", "")),
        unsure=row.get("check", False),
    )


def _check(row: Mapping[str, Any], family: str) -> None:
    """Raise `Faulty` unless the row has all its texts, known words, and exactly the blanks it declares."""
    name = row.get("id", "?")
    match = _ID.fullmatch(name)
    if match is None or match["family"] != family:
        raise Faulty(f"{name}: no identifier of family {family}.")
    unknown = set(row) - _KEYS - _OPTIONAL
    if unknown:
        raise Faulty(f"{name}: unknown {', '.join(sorted(unknown))}.")
    for key in (f"{text}{language}" for text in _TEXTS for language in ("zh", "en")):
        if not 1 <= len(str(row.get(key, "")).strip()) <= LONGEST:
            raise Faulty(f"{name}: {key} is missing or longer than {LONGEST} characters.")
    _check_words(name, row)
    _check_blanks(name, row)


def _check_words(name: str, row: Mapping[str, Any]) -> None:
    known: dict[str, tuple[str, ...]] = {
        "from": LEVELS,
        "gate": (*LEVELS, NEVER),
        "severity": SEVERITIES,
        "side": SIDES,
        "evidence_level": EVIDENCE,
        "at_high": EVIDENCE,
    }
    for key, words in known.items():
        if row.get(key, words[0]) not in words or (key != "at_high" and key not in row):
            raise Faulty(f"{name}: {key} is none of {', '.join(words)}.")
    for key, words in {"profiles": PROFILES, "when": CIRCUMSTANCES}.items():
        unknown = set(row.get(key, ())) - set(words)
        if unknown:
            raise Faulty(f"{name}: unknown {key} {', '.join(sorted(unknown))}.")
    if EVIDENCE.index(row.get("at_high", EVIDENCE[-1])) < EVIDENCE.index(row["evidence_level"]):
        raise Faulty(f"{name}: weaker evidence at the high level.")
    if row.get("check") and not (row.get("source_zh") and row.get("source_en")):
        raise Faulty(f"{name}: a text to be checked, and no source.")


def _check_blanks(name: str, row: Mapping[str, Any]) -> None:
    declared = {blank["id"] for blank in row.get("blanks", ())}
    for language in ("zh", "en"):
        demanded = set(_BLANK.findall(row[language]))
        others = {blank for text in _TEXTS[1:] for blank in _BLANK.findall(row[f"{text}{language}"])}
        if demanded != declared or not others <= declared:
            raise Faulty(f"{name}: the blanks of the text in “{language}” are not those declared.")

"""What a catalogue is called: code, version and language, out of titles and names of files."""

import re
from collections import Counter
from pathlib import PurePosixPath

_LANGUAGES = "ar|bg|cs|da|de|el|en|es|fa|fi|fr|he|hi|hu|id|it|ja|ko|nl|no|pl|pt|ro|ru|sv|th|tr|uk|vi|zh"
_TAG = re.compile(
    rf"(?:^|[-_. ])((?:{_LANGUAGES})(?:[-_](?:hans|hant))?(?:[-_](?:br|cn|pt|sg|tw|hk|us|gb|mx))?)$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:^|[-_ ]|\bv)v?(\d+(?:\.\d+){1,3}(?:[-.]?(?:draft|rc|beta)\d*)?)(?=$|[-_ ])", re.IGNORECASE
)
_SHORT = re.compile(r"[A-Z][A-Z0-9-]{1,11}")
#: A script that one language writes, or one above all.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("fa", re.compile(r"[پچژگ]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
#: How much of a text has to be of a script: one that stands among others, or the one of the text.
_AMONG, _MOST = 0.04, 0.2
_MIXED = ("ja", "uk", "fa")
#: Words that no text of a language goes without, and that other languages do not write.
_WORDS = {
    "en": {"the", "of", "and", "that", "are", "is", "for", "be", "with"},
    "de": {"der", "die", "und", "das", "nicht", "für", "werden", "ist", "mit", "eine"},
    "fr": {"les", "des", "et", "une", "est", "pour", "dans", "être", "aux", "sont"},
    "es": {"los", "las", "del", "que", "una", "por", "para", "el", "y"},
    "pt": {"os", "uma", "não", "são", "que", "para", "dos", "em", "ou"},
    "it": {"che", "di", "della", "gli", "sono", "non", "una", "il", "delle"},
    "nl": {"het", "een", "van", "niet", "wordt", "zijn", "dat", "voor"},
    "pl": {"nie", "jest", "się", "oraz", "przez", "lub", "są"},
    "sv": {"och", "att", "som", "inte", "är", "för", "av"},
    "tr": {"ve", "bir", "için", "veya", "olarak", "ile"},
    "fi": {"ja", "on", "ei", "tai", "että", "ovat"},
}
#: Words that a text is judged by.
_SAMPLE = 5_000
#: Signs that only one of the two scripts writes, common enough to stand in any text.
_TRADITIONAL = set("資應與於機關個為業統護碼證據權時會對從無動環")
_SIMPLIFIED = set("资应与机关个为业统护码证据权时会对从无动环")

#: What is left of the name of a publication and makes it long.
_NOISE = (
    (re.compile(r"\bSpecial Publication\b", re.IGNORECASE), "SP"),
    (re.compile(r"\b(?:Rev(?:ision|\.)?|Version|v)\s*\d[\w.+-]*", re.IGNORECASE), ""),
    (re.compile(r"\bIMPACT\b", re.IGNORECASE), ""),
)
_LONGEST = 60


def stem(name: str) -> str:
    """The name of a file without folders and endings: "asvs-5.0.0-en.flat.json" gives "asvs-5.0.0-en"."""
    base = PurePosixPath(name.replace("\\", "/")).name
    known = r"(\.(json|xml|csv|tsv|txt|ya?ml|xlsx|cdx|flat|legacy|min))+$"
    return re.sub(known, "", base, flags=re.IGNORECASE)


def tag(text: str) -> str:
    """A language tag as BCP 47 writes it: "zh_hant_tw" gives "zh-Hant-TW"."""
    parts = re.split(r"[-_]", text.strip())
    written = [parts[0].lower()]
    written += [part.title() if len(part) == 4 else part.upper() for part in parts[1:]]
    return "-".join(written)


def language_of_name(name: str) -> str:
    """The language at the end of a file's name; "" where there is none."""
    found = _TAG.search(stem(name))
    return tag(found[1]) if found else ""


def version_of_name(name: str) -> str:
    """The version in a file's name; "" where there is none."""
    found = _VERSION.search(stem(name))
    return found[1] if found else ""


def language_of_text(text: str) -> str:
    """The language of a text by its script, or by its commonest words; English where neither tells."""
    for language, script in _SCRIPTS:
        least = _AMONG if language in _MIXED else _MOST
        if text and len(script.findall(text)) >= least * len(text):
            return _script_of_chinese(text) if language == "zh" else language
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold())[:_SAMPLE])
    scores = {language: sum(words[word] for word in known) for language, known in _WORDS.items()}
    return max(scores, key=lambda language: scores[language])


def _script_of_chinese(text: str) -> str:
    """Traditional or simplified, by signs that only one of them writes."""
    simplified = sum(sign in _SIMPLIFIED and sign not in _TRADITIONAL for sign in text)
    traditional = sum(sign in _TRADITIONAL and sign not in _SIMPLIFIED for sign in text)
    return "zh-Hans" if simplified > traditional else "zh-Hant"


def code_of_title(title: str) -> str:
    """A short code for a publication: what it calls itself in capitals, else its title without the edition.

    "MVSP - Minimum Viable Secure Product - v3.0" gives MVSP; "NIST Special Publication 800-53 Revision 5.1.1
    LOW IMPACT BASELINE" gives NIST-SP-800-53-LOW-BASELINE.
    """
    first = re.split(r"\s+[-–:]\s+", title.strip(), maxsplit=1)[0]
    if _SHORT.fullmatch(first):
        return first
    short = title.partition(":")[0]
    for pattern, instead in _NOISE:
        short = pattern.sub(instead, short)
    words = re.findall(r"[^\W_]+(?:[-.][^\W_]+)*", short)
    code = "-".join(words)
    return (code[:_LONGEST].rsplit("-", 1)[0] if len(code) > _LONGEST else code).upper()


def code_without(text: str, version: str) -> str:
    """A reference without its version: "ASVS-5.0.0" gives ASVS, "bsimm-v13" BSIMM."""
    bare = version.lower().removeprefix("v")
    code = (
        re.sub(rf"[-_ ]?v?{re.escape(bare)}$", "", text.strip(), flags=re.IGNORECASE)
        if bare
        else text.strip()
    )
    return re.sub(r"\s+", "-", code or text).upper()

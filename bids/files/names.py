"""Names of files: what people see is what is kept."""

import re
import unicodedata

from bids.files.refused import NAME_LENGTH, NAME_PATH, NAME_SIGNS, FileRefused

#: Characters; the column that keeps the name is as wide.
MOST_NAME = 255

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# What shows as nothing although it counts as a letter, a mark or a sign (Unicode's
# Default_Ignorable_Code_Point; U+2800 is the empty Braille cell).
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|]')


def tidy_name(name: str) -> str:
    """The name in Unicode's composed form (NFC), with no space around it.

    Raises `FileRefused` for signs that nobody sees, more than 255 characters, and signs that some
    system takes for a path.
    """
    tidy = unicodedata.normalize("NFC", name).strip()
    if any(unicodedata.category(sign) in _UNSEEN for sign in tidy) or _BLANK.search(tidy):
        raise FileRefused(NAME_SIGNS)
    if len(tidy) > MOST_NAME:
        raise FileRefused(NAME_LENGTH, {"limit": MOST_NAME})
    if _NOT_IN_NAMES.search(tidy) or tidy.startswith(".") or tidy.endswith("."):
        raise FileRefused(NAME_PATH, {"name": tidy})
    return tidy

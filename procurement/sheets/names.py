"""Names of vendors that are the same company, written a little differently."""

import re
import unicodedata

#: Characters that are written for each other in company names; the first of each group stands for all.
_VARIANTS = (
    *("銹锈鏽", "臺台", "峰峯", "群羣", "裡裏", "線綫", "強强"),
    *("祕秘", "煙菸", "溫温", "廠厰", "啟啓", "豐豊"),
)
_SAME = str.maketrans({sign: group[0] for group in _VARIANTS for sign in group[1:]})


def name_key(name: str) -> str:
    """Return a key that is equal for names which differ only in width, case, spaces, marks or variants.

    For a suggestion ("is it …?"), never for taking one vendor for another without asking.
    """
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold()).translate(_SAME)


def case_key(name: str) -> str:
    """Return the key under which a case file takes two codes or vendors for one: NFKC and case folding."""
    return unicodedata.normalize("NFKC", name).casefold()

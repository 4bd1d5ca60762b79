"""What the marks of a scale mean, written as lines: `5 = tested by us`."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from procurement.forms.fields import NumberField
from procurement.models.fields import plain

#: Lines that one scale may have.
MOST = 50

#: A number and its words, with an equals sign or a colon of either width between.
_LINE = re.compile(r"(?P<mark>[^=＝:：]+)[=＝:：](?P<words>.+)")


def lines_of(anchors: Iterable[Mapping[str, str]]) -> str:
    """The anchors as they are edited, one a line."""
    return "\n".join(f"{anchor['mark']} = {anchor['text']}" for anchor in anchors)


def read_anchors(text: str, maximum: Decimal | None) -> list[dict[str, str]]:
    """The anchors that stand in the lines, lowest mark first, as `{"mark": number as text, "text": words}`.

    `maximum` is the top of the scale, None where it is not known yet. Raises `ValidationError` for a line
    that is no anchor, a mark off the scale, and a mark that is there twice.
    """
    found: dict[Decimal, str] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise ValidationError(_("A scale has at most %(most)d anchors.") % {"most": MOST})
    for line in lines:
        mark, words = _read(line, maximum)
        if mark in found:
            raise ValidationError(_("The mark %(mark)s is there twice.") % {"mark": plain(mark)})
        found[mark] = words
    return [{"mark": plain(mark), "text": found[mark]} for mark in sorted(found)]


def _read(line: str, maximum: Decimal | None) -> tuple[Decimal, str]:
    """The mark and the words of one line."""
    parts = _LINE.fullmatch(line)
    words = " ".join(parts["words"].split()) if parts else ""
    if parts is None or not words:
        raise ValidationError(_("“%(line)s” is no anchor: write it as “5 = words”.") % {"line": line})
    mark = NumberField(required=True, least=0).clean(parts["mark"])
    if maximum is not None and mark > maximum:
        raise ValidationError(
            _("The mark %(mark)s lies above the top of the scale, %(top)s.")
            % {"mark": plain(mark), "top": plain(maximum)}
        )
    return mark, words

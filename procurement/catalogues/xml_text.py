"""XML read with care: no entities, no external parts, not deeper and not larger than a catalogue is."""

from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from procurement.catalogues.tree import DEEPEST_LEVEL, MOST_VALUES
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ENTITIES = gettext_noop(
    "The XML declares entities or draws on other files, which no catalogue needs; it is not opened."
)
_BROKEN = gettext_noop("This is no XML: %(problem)s.")
_UNCLOSED = gettext_noop(
    "This is no XML: in line %(line)d, column %(column)d, another element is closed than was opened."
)
_ENDS = gettext_noop(
    "This is no XML: the file ends in line %(line)d, column %(column)d, before its elements do."
)
_PLACE = gettext_noop("This is no XML: line %(line)d, column %(column)d, cannot be read (%(problem)s).")
#: Codes of expat that have a sentence of their own.
_FAULTS = {3: _ENDS, 5: _ENDS, 7: _UNCLOSED}
_TOO_DEEP = gettext_noop("The file is nested more than %(limit)d levels deep.")
_TOO_MANY = gettext_noop("The file holds more than %(limit)d values.")


def parse_xml(data: bytes) -> "Element":
    """The root element. Raises `Unreadable`."""
    depth = count = 0
    roots: list[Element] = []
    try:
        for event, element in ElementTree.iterparse(BytesIO(data), events=("start", "end")):
            if not roots:
                roots.append(element)
            depth += 1 if event == "start" else -1
            count += 1
            if depth > DEEPEST_LEVEL:
                raise Unreadable(_TOO_DEEP, {"limit": DEEPEST_LEVEL})
            if count > 2 * MOST_VALUES:
                raise Unreadable(_TOO_MANY, {"limit": MOST_VALUES})
    except DefusedXmlException as fault:
        raise Unreadable(_ENTITIES) from fault
    except ParseError as fault:
        line, column = fault.position
        said: dict[str, str | int] = {
            "line": line,
            "column": column + 1,
            "problem": shown(str(fault).partition(":")[0]),
        }
        raise Unreadable(_FAULTS.get(fault.code, _PLACE), said) from fault
    except (LookupError, ValueError) as fault:
        if isinstance(fault, Unreadable):
            raise
        raise Unreadable(_BROKEN, {"problem": shown(str(fault))}) from fault
    if not roots:
        raise Unreadable(_BROKEN, {"problem": "no element"})
    return roots[0]


def local(element: "Element") -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]

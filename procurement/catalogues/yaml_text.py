"""YAML read strictly: one document of plain lists, objects and texts, built from the parser's events.

No tag makes an object and no alias copies one, so nothing grows: a file of ten lines cannot unfold to a
gigabyte. Every scalar stays the text that was written (a version 1.10 is not 1.1).
"""

from dataclasses import dataclass, field

import yaml

from procurement.catalogues.json_text import decode
from procurement.catalogues.tree import DEEPEST_LEVEL, MOST_VALUES, check, object_of
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

#: Aliases that stand for a single text.
ALIASES = 100

_BROKEN = gettext_noop(
    "This is no YAML: line %(line)d cannot be read. Look at indentation, colons and quotes (%(problem)s)."
)
_CONTROL = gettext_noop("This is no YAML: the file holds a control character.")
_ALIAS = gettext_noop(
    "Line %(line)d repeats a whole part by an alias (*%(name)s). Write the part out and load the file again."
)
_MANY_ALIASES = gettext_noop("Line %(line)d: the file has more than %(limit)d aliases.")
_TAG = gettext_noop("Line %(line)d: the tag %(tag)s is not read; only plain values are.")
_TWICE = gettext_noop("Line %(line)d: the key “%(key)s” is given more than once.")
_KEY = gettext_noop("Line %(line)d: a key must be a plain text.")
_MERGE = gettext_noop("Line %(line)d: the merge key << is not read. Write the keys out.")
_TOO_DEEP = gettext_noop("Line %(line)d is nested more than %(limit)d levels deep.")
_TOO_MANY = gettext_noop("The file holds more than %(limit)d values.")
_DOCUMENTS = gettext_noop("Line %(line)d begins a second document; one file holds one catalogue.")

_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
_NULL = {"", "~", "null", "Null", "NULL"}
_PARSER = getattr(
    yaml, "CLoader", yaml.Loader
)  # the C parser where PyYAML was built with it; no constructor runs


@dataclass
class _Open:
    """A list or an object that is not closed yet."""

    is_object: bool
    anchor: str | None
    values: list[object] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


class _Tree:
    """Builds the document, event by event."""

    def __init__(self) -> None:
        self.document: object = None
        self.documents = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, str] = {}
        self._aliases = self._count = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise Unreadable(_DOCUMENTS, {"line": line})
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event, line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self._open.pop()
            pairs = list(zip(done.keys, done.values, strict=True)) if done.is_object else []
            self._put(object_of(pairs) if done.is_object else done.values, line)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        _check_tag(event.tag, line)
        if event.anchor:
            self._anchors[event.anchor] = event.value
        plain = event.style is None and event.value in _NULL
        self._put(None if plain and not self._is_key_next() else event.value, line)

    def _alias(self, event: yaml.AliasEvent, line: int) -> None:
        self._aliases += 1
        if event.anchor not in self._anchors:
            raise Unreadable(_ALIAS, {"line": line, "name": shown(str(event.anchor))})
        if self._aliases > ALIASES:
            raise Unreadable(_MANY_ALIASES, {"line": line, "limit": ALIASES})
        self._put(self._anchors[event.anchor], line)

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, line: int) -> None:
        _check_tag(event.tag, line)
        if len(self._open) >= DEEPEST_LEVEL:
            raise Unreadable(_TOO_DEEP, {"line": line, "limit": DEEPEST_LEVEL})
        if self._is_key_next():
            raise Unreadable(_KEY, {"line": line})
        self._open.append(_Open(isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _is_key_next(self) -> bool:
        top = self._open[-1] if self._open else None
        return top is not None and top.is_object and len(top.keys) == len(top.values)

    def _put(self, value: object, line: int) -> None:
        """Put a finished value where it belongs."""
        self._count += 1
        if self._count > MOST_VALUES:
            raise Unreadable(_TOO_MANY, {"limit": MOST_VALUES})
        if not self._open:
            self.document = value
        elif self._is_key_next():
            key = str(value)
            if key == "<<":
                raise Unreadable(_MERGE, {"line": line})
            if key in self._open[-1].seen:
                raise Unreadable(_TWICE, {"line": line, "key": shown(key)})
            self._open[-1].seen.add(key)
            self._open[-1].keys.append(key)
        else:
            self._open[-1].values.append(value)


def _check_tag(tag: str | None, line: int) -> None:
    if tag not in _PLAIN_TAGS:
        raise Unreadable(_TAG, {"line": line, "tag": shown(str(tag))})


def parse_yaml(data: bytes) -> object:
    """The document of a file. Raises `Unreadable`, in words and with the line."""
    tree = _Tree()
    text = decode(data)
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            tree.take(event)
    except yaml.reader.ReaderError as fault:
        raise Unreadable(_CONTROL) from fault
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        said: dict[str, str | int] = {
            "problem": shown(fault.problem or ""),
            "line": mark.line + 1 if mark else 1,
        }
        raise Unreadable(_BROKEN, said) from fault
    except (RecursionError, UnicodeEncodeError) as fault:
        raise Unreadable(_CONTROL) from fault
    check(tree.document)
    return tree.document

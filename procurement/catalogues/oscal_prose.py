"""What an OSCAL control says: its parts as markdown, and the blanks in them."""

import re
from collections.abc import Callable, Mapping

from procurement.catalogues.entries import Parameter, one_line
from procurement.catalogues.tree import Node

#: {{ insert: param, ac-1_prm_1 }}, and {{ ac-1_prm_1 }} as OSCAL 1.0 drafts had it.
INSERT = re.compile(r"\{\{\s*(?:insert:\s*)?(?:param[,:]?\s+)?([\w.\-]+)\s*\}\}")
#: Parts that explain how a control is tested, and do not say what is asked.
_ASSESSMENT = ("assess", "objective", "objects", "method")
_GUIDANCE = ("guidance", "overview", "example", "information", "rationale", "discussion", "purpose")
#: What markdown itself takes for an item of a list.
_NUMBERED = re.compile(r"\d{1,9}[.)]\s")
#: A parameter may stand in the choices of another; not deeper than any real one.
_DEEPEST_CHOICE = 5
#: Choices of a parameter in one blank, in characters; NIST's longest have about 700.
_LONGEST_CHOICES = 5_000


def parameter_of(node: Node) -> Parameter:
    """A parameter as it is declared."""
    select = node.node("select")
    how_many = select.text("how-many")
    choices = tuple(one_line(choice) for choice in select.texts("choice"))
    label = one_line(node.text("label"))
    if not label and choices:
        label = "one or more" if how_many == "one-or-more" else "one of"
    values = tuple(one_line(value) for value in node.texts("values") if value.strip())
    return Parameter(node.text("id"), label, choices, values)


def _is_named(part: Node, words: tuple[str, ...]) -> bool:
    name = part.text("name").casefold()
    return any(word in name for word in words)


def label_of(node: Node) -> str:
    """How the publisher writes the identifier; "" where it does not say."""
    labels = {
        prop.text("class"): prop.text("value") for prop in node.nodes("props") if prop.text("name") == "label"
    }
    return one_line(labels.get("") or next(iter(labels.values()), ""))


def statement_of(control: Node) -> str:
    """What the control asks, as markdown: its statements, else every part that neither explains nor tests."""
    parts = list(control.nodes("parts"))
    chosen = [part for part in parts if part.text("name") == "statement"]
    if not chosen:
        chosen = [part for part in parts if not _is_named(part, _ASSESSMENT + _GUIDANCE)]
    return "\n\n".join(text for part in chosen if (text := _markdown(part))).strip()


def guidance_of(control: Node) -> str:
    """What explains the control, as markdown."""
    sections = []
    for part in control.nodes("parts"):
        if part.text("name") != "statement" and _is_named(part, _GUIDANCE) and (text := _markdown(part)):
            title = one_line(part.text("title"))
            sections.append(f"**{title}**\n\n{text}" if title else text)
    return "\n\n".join(sections).strip()


def _markdown(part: Node) -> str:
    """A part as a paragraph, and the parts in it as a nested list."""
    prose = part.text("prose").strip()
    inner = _items(part, "")
    return "\n\n".join(text for text in (prose, inner) if text)


def _items(part: Node, indent: str) -> str:
    """The parts of a part as items of a list; one that says nothing leaves its place to its own parts."""
    lines = []
    for child in part.nodes("parts"):
        line = " ".join(piece for piece in (label_of(child), child.text("prose").strip()) if piece)
        if not line:
            lines.append(_items(child, indent))
            continue
        number = _NUMBERED.match(line)
        below = indent + " " * (len(number[0]) if number else 2)
        lines.append(indent + ("" if number else "- ") + line.replace("\n", f"\n{below}"))
        lines.append(_items(child, below))
    return "\n".join(line for line in lines if line)


def filled(text: str, known: Mapping[str, Parameter]) -> tuple[str, tuple[Parameter, ...]]:
    """The text with `[label]` for every blank, and the blanks that nobody has filled in, in order.

    What the publisher has put in already stands in the text; an insertion that nothing declares is a blank
    with its own name.
    """
    blanks: dict[str, Parameter] = {}
    written: dict[tuple[str, int], str] = {}

    def put(match: re.Match[str], depth: int = 0) -> str:
        parameter = known.get(match[1]) or Parameter(match[1], match[1])
        if parameter.values:
            return ", ".join(parameter.values)
        blanks.setdefault(parameter.id, parameter)
        key = (parameter.id, depth)
        if key not in written:
            written[key] = _blank(parameter, put, depth)
        return written[key]

    shown = INSERT.sub(put, text)
    return shown, tuple(blanks.values())


def _blank(parameter: Parameter, put: Callable[[re.Match[str], int], str], depth: int) -> str:
    """A parameter as a blank with its choices; with its label alone where those would run on and on."""
    label = f"[{parameter.label or parameter.id}"
    if depth >= _DEEPEST_CHOICE or sum(map(len, parameter.choices)) > _LONGEST_CHOICES:
        return f"{label}]"
    choices = [INSERT.sub(lambda inner: put(inner, depth + 1), choice) for choice in parameter.choices]
    whole = f"{label}: {' / '.join(choices)}]" if choices else f"{label}]"
    return whole if len(whole) <= _LONGEST_CHOICES else f"{label}]"

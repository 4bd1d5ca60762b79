"""OSCAL profiles: which controls of which catalogue, with which parameters filled in and parts changed.

The catalogues must lie at hand: nothing is fetched. The resolved profile is a catalogue document, read like
any other (OSCAL, "Profile Resolution", which calls the steps import, merge and modify).
"""

import fnmatch
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from procurement.catalogues.entries import one_line
from procurement.catalogues.naming import stem
from procurement.catalogues.tree import Node
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

#: Finds the document of a catalogue or profile by the names of its file or its title; None without.
Finder = Callable[[tuple[str, ...]], Node | None]

#: Profiles may draw on profiles; not deeper than any real one.
DEEPEST_IMPORT = 8

_MISSING = gettext_noop(
    "The profile draws on “%(name)s”, which is not here. Load that catalogue first, or put its file beside"
    " the profile; nothing is fetched from elsewhere."
)
_NO_IMPORT = gettext_noop("The profile draws on no catalogue.")
_NO_NAME = gettext_noop("%(place)s: the import does not say what it draws on (href).")
_TOO_DEEP = gettext_noop("The profile draws on profiles that draw on profiles, more than %(limit)d deep.")
_NO_CONTROL = gettext_noop("The profile asks for “%(id)s”, which “%(name)s” does not have.")
_NOT_CHANGED = gettext_noop("The profile changes “%(id)s”, which it does not choose.")

Object = dict[str, Any]


class Resolved:
    """A resolved profile: its document, the files it drew on, and what could not be done."""

    def __init__(self, document: Object, sources: list[str], problems: list[tuple[str, Object]]) -> None:
        self.document, self.sources, self.problems = document, sources, problems


def resolve(profile: Node, find: Finder, depth: int = 0) -> Resolved:
    """The catalogue that a profile document stands for.

    Raises `Unreadable` where a catalogue it draws on is not at hand, and for circles.
    """
    if depth >= DEEPEST_IMPORT:
        raise Unreadable(_TOO_DEEP, {"limit": DEEPEST_IMPORT})
    body = profile.node("profile")
    imports = list(body.nodes("imports"))
    if not imports:
        raise Unreadable(_NO_IMPORT)
    result: Object = {"metadata": body.node("metadata").value, "groups": [], "controls": [], "params": []}
    resolved = Resolved({"catalog": result}, [], [])
    keeps_groups = body.node("merge").text("as-is") == "true"
    for one in imports:
        _import(one, body, find, depth, resolved, keeps_groups=keeps_groups)
    _modify(body.node("modify"), result, resolved.problems)
    return resolved


def _import(
    one: Node, body: Node, find: Finder, depth: int, resolved: Resolved, *, keeps_groups: bool
) -> None:
    """Add what one import chooses."""
    names = _names(one.text("href"), body)
    if not names:
        raise Unreadable(_NO_NAME, {"place": one.place})
    found = find(names)
    if found is None:
        raise Unreadable(_MISSING, {"name": shown(PurePosixPath(names[0]).name)})
    if "profile" in found:
        inner = resolve(found, find, depth + 1)
        resolved.problems += inner.problems
        found = Node(inner.document)
    source = found.node("catalog")
    resolved.sources.append(names[0])
    chosen, asked = _chosen(one, source)
    missing = sorted(asked - _ids(source))
    resolved.problems += [(_NO_CONTROL, {"id": shown(name), "name": shown(names[0])}) for name in missing]
    result: Object = resolved.document["catalog"]
    kept = _kept(source, chosen, keeps_groups=keeps_groups)
    result["groups"] += kept.get("groups", [])
    result["controls"] += kept.get("controls", [])
    result["params"] += [param.value for param in source.nodes("params")]


def _names(href: str, body: Node) -> tuple[str, ...]:
    """The names of the files that an import may mean; a reference is looked up in the back matter."""
    if not href.startswith("#"):
        return (one_line(href),) if href else ()
    for resource in body.node("back-matter").nodes("resources"):
        if resource.text("uuid") == href[1:]:
            names = [link.text("href") for link in resource.nodes("rlinks")]
            names += [resource.text("title"), resource.text("description")]
            return tuple(one_line(name) for name in names if name) or (href,)
    return (href,)


def matches(names: tuple[str, ...], file_name: str) -> bool:
    """Whether a file is one of those named, whatever its folder and its format."""
    return stem(file_name).casefold() in {stem(name).casefold() for name in names}


def _walk(holder: Node) -> Iterator[tuple[Node, Node]]:
    """Every control with what holds it, in the order of the file."""
    for group in holder.nodes("groups"):
        yield from _walk(group)
    for control in holder.nodes("controls"):
        yield control, holder
        yield from _walk(control)


def _ids(source: Node) -> set[str]:
    return {control.text("id") for control, _holder in _walk(source)}


def _chosen(one: Node, source: Node) -> tuple[set[str], set[str]]:
    """The identifiers that an import takes, and those that it names one by one."""
    everything = _ids(source)
    asked: set[str] = set()
    chosen = set(everything) if "include-all" in one or "include-controls" not in one else set()
    for selection in one.nodes("include-controls"):
        chosen |= _selected(selection, source, asked)
    for selection in one.nodes("exclude-controls"):
        chosen -= _selected(selection, source, set())
    return chosen & everything, asked


def _selected(selection: Node, source: Node, asked: set[str]) -> set[str]:
    """The identifiers that a selection names or has a pattern for, with those inside where it says so."""
    named = {one_line(name) for name in selection.texts("with-ids")}
    asked |= named
    patterns = [matching.text("pattern") for matching in selection.nodes("matching")]
    found = set(named)
    takes_children = selection.text("with-child-controls") == "yes"
    for control, holder in _walk(source):
        name = control.text("id")
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns) or (
            takes_children and holder.text("id") in found and holder.value is not source.value
        ):
            found.add(name)
    return found


def _kept(holder: Node, chosen: set[str], *, keeps_groups: bool) -> Object:
    """The chosen controls of a group or a control; one whose holder is not chosen moves up."""
    groups: list[Object] = []
    controls: list[Object] = []
    for group in holder.nodes("groups"):
        inner = _kept(group, chosen, keeps_groups=keeps_groups)
        if not keeps_groups:
            controls += inner["controls"]
        elif inner["groups"] or inner["controls"]:
            groups.append({**group.value, **inner})
    for control in holder.nodes("controls"):
        inner = _kept(control, chosen, keeps_groups=keeps_groups)
        if control.text("id") in chosen:
            controls.append({**control.value, "controls": inner["controls"]})
        else:
            controls += inner["controls"]
    return {"groups": groups, "controls": controls}


# --- what the profile changes ------------------------------------------------------------------------------
def _modify(modify: Node, result: Object, problems: list[tuple[str, Object]]) -> None:
    catalogue = Node(result)
    controls = {control.text("id"): control.value for control, _holder in _walk(catalogue)}
    _set_parameters(modify, [result, *_groups(catalogue), *controls.values()])
    for alter in modify.nodes("alters"):
        name = alter.text("control-id")
        if name not in controls:
            problems.append((_NOT_CHANGED, {"id": shown(name)}))
            continue
        control = controls[name]
        for remove in alter.nodes("removes"):
            _remove(control, remove)
        for add in alter.nodes("adds"):
            _add(control, add)


def _groups(holder: Node) -> Iterator[Object]:
    for group in holder.nodes("groups"):
        yield group.value
        yield from _groups(group)


def _set_parameters(modify: Node, holders: list[Object]) -> None:
    """Put labels, choices and values into the declared parameters."""
    given = {
        one.text("param-id"): {key: one.value[key] for key in ("label", "select", "values") if key in one}
        for one in modify.nodes("set-parameters")
    }
    for holder in holders:
        params = [param.value for param in Node(holder).nodes("params")]
        if params:
            holder["params"] = [{**param, **given.get(str(param.get("id")), {})} for param in params]


def _fits(item: Object, remove: Node) -> bool:
    """Whether every condition of a removal holds for an object; one without any removes nothing."""
    conditions = {"by-name": "name", "by-class": "class", "by-id": "id", "by-ns": "ns"}
    wanted = {key: remove.text(name) for name, key in conditions.items() if name in remove}
    return bool(wanted) and all(item.get(key) == value for key, value in wanted.items())


def _remove(holder: Object, remove: Node) -> None:
    """Take out whatever fits, at any depth of the control's own parts."""
    kind = remove.text("by-item-name")
    kinds = {"part": "parts", "prop": "props", "link": "links", "param": "params"}
    for name, key in kinds.items():
        if kind not in ("", name) or not isinstance(holder.get(key), list):
            continue
        holder[key] = [item for item in holder[key] if not (isinstance(item, dict) and _fits(item, remove))]
    if isinstance(holder.get("parts"), list):
        holder["parts"] = [dict(part) for part in holder["parts"] if isinstance(part, dict)]
        for part in holder["parts"]:
            _remove(part, remove)


def _add(control: Object, add: Node) -> None:
    """Put parts, properties, links and parameters where the addition says; `by-id` names a part."""
    target = _target(control, add.text("by-id")) if "by-id" in add else control
    if target is None:
        return
    position = add.text("position", "ending")
    if "title" in add:
        target["title"] = add.text("title")
    for key in ("params", "props", "links", "parts"):
        new = [node.value for node in add.nodes(key)]
        if new:
            old = [node.value for node in Node(target).nodes(key)]
            target[key] = new + old if position in ("starting", "before") else old + new


def _target(holder: Object, identifier: str) -> Object | None:
    """The part of that identifier, copied on the way so that the catalogue itself stays as it is."""
    if not isinstance(holder.get("parts"), list):
        return None
    holder["parts"] = [dict(part) for part in holder["parts"] if isinstance(part, dict)]
    for part in holder["parts"]:
        if part.get("id") == identifier:
            found: Object = part
            return found
        inner = _target(part, identifier)
        if inner is not None:
            return inner
    return None

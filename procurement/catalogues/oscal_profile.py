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
_CIRCLE = gettext_noop("The profile draws on itself, by way of “%(name)s”.")
_CHOOSES_NONE = gettext_noop("The profile chooses no control of what it draws on.")
_NO_CONTROL = gettext_noop("The profile asks for “%(id)s”, which “%(name)s” does not have.")
_NOT_CHANGED = gettext_noop("The profile changes “%(id)s”, which it does not choose.")

Object = dict[str, Any]


class Resolved:
    """A resolved profile: its document, the files it drew on, and what could not be done."""

    def __init__(self, document: Object, sources: list[str], problems: list[tuple[str, Object]]) -> None:
        self.document, self.sources, self.problems = document, sources, problems


def resolve(profile: Node, find: Finder, chain: tuple[str, ...] = ()) -> Resolved:
    """The catalogue that a profile document stands for; `chain` names the profiles that led to it.

    Raises `Unreadable` where a catalogue it draws on is not at hand, for circles, and where none is chosen.
    """
    if len(chain) >= DEEPEST_IMPORT:
        raise Unreadable(_TOO_DEEP, {"limit": DEEPEST_IMPORT})
    body = profile.node("profile")
    imports = list(body.nodes("imports"))
    if not imports:
        raise Unreadable(_NO_IMPORT)
    result: Object = {"metadata": body.node("metadata").value, "groups": [], "controls": [], "params": []}
    resolved = Resolved({"catalog": result}, [], [])
    merge = body.node("merge")
    for one in imports:
        _import(one, body, find, chain, resolved)
    if not any(True for _each in _walk(Node(result))):
        raise Unreadable(_CHOOSES_NONE)
    if merge.node("combine").text("method") in ("use-first", "merge"):
        _use_first(result, set())
    _join_groups(result)
    _modify(body.node("modify"), result, resolved.problems)
    return resolved


def _import(one: Node, body: Node, find: Finder, chain: tuple[str, ...], resolved: Resolved) -> None:
    """Add what one import chooses."""
    names = _names(one.text("href"), body)
    if not names:
        raise Unreadable(_NO_NAME, {"place": one.place})
    found = find(names)
    if found is None:
        raise Unreadable(_MISSING, {"name": shown(PurePosixPath(names[0]).name)})
    if "profile" in found:
        name = stem(names[0]).casefold()
        if name in chain:
            raise Unreadable(_CIRCLE, {"name": shown(PurePosixPath(names[0]).name)})
        inner = resolve(found, find, (*chain, name))
        resolved.problems += inner.problems
        found = Node(inner.document)
    source = found.node("catalog")
    resolved.sources.append(names[0])
    chosen, asked = _chosen(one, source)
    missing = sorted(asked - _ids(source))
    resolved.problems += [(_NO_CONTROL, {"id": shown(name), "name": shown(names[0])}) for name in missing]
    result: Object = resolved.document["catalog"]
    kept = _kept(source, chosen, keeps_groups=body.node("merge").text("as-is") == "true")
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


def _use_first(holder: Object, seen: set[str]) -> None:
    """Keep the first control of each identifier, where the profile says that the rest are the same."""
    for group in Node(holder).nodes("groups"):
        _use_first(group.value, seen)
    kept = []
    for control in Node(holder).nodes("controls"):
        name = control.text("id")
        if name not in seen:
            seen.add(name)
            kept.append(control.value)
            _use_first(control.value, seen)
    if "controls" in holder:
        holder["controls"] = kept


def _join_groups(holder: Object) -> None:
    """Make one of groups that several imports bring under the same name."""
    found: dict[str, Object] = {}
    groups: list[Object] = []
    for group in Node(holder).nodes("groups"):
        name = group.text("id") or one_line(group.text("title"))
        first = found.setdefault(name, group.value)
        if not name or first is group.value:
            groups.append(group.value)
            continue
        for key in ("groups", "controls"):
            first[key] = [one.value for held in (Node(first), group) for one in held.nodes(key)]
    if groups:
        holder["groups"] = groups
    for one in groups:
        _join_groups(one)


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
    """Put parts, properties, links and parameters where the addition says.

    `by-id` names the control, or a part or a parameter in it: "before" and "after" put parts or parameters
    beside that one, "starting" and "ending" put everything into it.
    """
    named, position = add.text("by-id"), add.text("position", "ending")
    if named and named != control.get("id"):
        place = _place(control, named)
        if place is None:
            return
        key, siblings, index = place
        if position in ("before", "after"):
            at = index + (position == "after")
            siblings[at:at] = [node.value for node in add.nodes(key)]
            return
        target: Object = siblings[index]
    else:
        target = control
    if "title" in add:
        target["title"] = add.text("title")
    for key in ("params", "props", "links", "parts"):
        new = [node.value for node in add.nodes(key)]
        if new:
            old = [node.value for node in Node(target).nodes(key)]
            target[key] = new + old if position in ("starting", "before") else old + new


def _place(holder: Object, identifier: str) -> tuple[str, list[Object], int] | None:
    """The list that holds the part or parameter of that identifier, its key, and where it stands.

    What is passed on the way is copied, so that the catalogue itself stays as it is.
    """
    for key in ("params", "parts"):
        if not isinstance(holder.get(key), list):
            continue
        items: list[Object] = [dict(one) for one in holder[key] if isinstance(one, dict)]
        holder[key] = items
        for index, one in enumerate(items):
            if one.get("id") == identifier:
                return key, items, index
            if inner := _place(one, identifier):
                return inner
    return None

"""What must fit together in a case: codes, references, the tree, and which setting may stand beside which."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from bids.evaluation.case import Case, Criterion
from bids.evaluation.issues import Issue, error, gettext_noop, shown
from bids.evaluation.tree import Tree, children_of, downward, tree_of

# Effective points that can stand as a scale: decimals of at most 6 places.
_FINEST_SCALE = 10**6

REPEATED = gettext_noop("“{name}” is given more than once.")
DANGLING = gettext_noop("There is no “{name}”.")
NOT_WITH_METHOD = gettext_noop("This does not go with the method “{method}”.")


def folded(name: str) -> str:
    """The form in which two codes, or two vendors, count as the same: NFKC, then case folded."""
    return name if name.isascii() and name.islower() else unicodedata.normalize("NFKC", name).casefold()


def short(points: Fraction) -> bool:
    """Whether a leaf's points may stand as the top of its scale: a decimal of at most 6 places."""
    return _FINEST_SCALE % points.denominator == 0


class Checks:
    """The faults between values that could be read; `faulty` are the paths of those that could not.

    Whatever depends on a value that could not be read is left alone: mending that value decides it. So
    nothing is said of what stands below a `vague` code (none, or that of several nodes) or a `circular` one.
    """

    def __init__(self, case: Case, faulty: set[str], *, specification: bool = False) -> None:
        self.case = case
        self.faulty = frozenset(faulty)
        self.specification = specification
        self.issues: list[Issue] = []
        vendors = self._codes("bids", "vendor", (bid.vendor for bid in case.bids))
        self.vendors = None if specification and not case.bids else vendors
        self.requirements = self._codes("requirements", "code", (r.code for r in case.requirements))
        members = self._codes("panel", "code", (member.code for member in case.members))
        self.members = members if case.members else None
        self.criteria = self._codes("criteria", "code", (node.code for node in case.criteria))
        times = Counter(node.code for node in case.criteria)
        self.vague = frozenset(code for code in times if not code or times[code] > 1)
        self.circular = self._cycles()
        self.children = children_of(tuple(n for n in case.criteria if n.code not in self.circular))
        self.tree = self._tree()
        leaves = [node for node in case.criteria if self.is_leaf(node)]
        self.price_leaves = [leaf for leaf in leaves if leaf.kind == "price"]
        by_people = case.price.formula == "marked"
        self.marked = [leaf for leaf in leaves if leaf.kind and (leaf.kind != "price" or by_people)]
        self.kinds_known = all(leaf.kind for leaf in leaves)
        nodes = [f"criteria[{index}]" for index in range(len(case.criteria))]
        self.parents_known = self.sound(*nodes, *(f"{node}.parent" for node in nodes))

    def fault(self, code: str, path: str, template: str, /, **params: str) -> None:
        """Note an error."""
        self.issues.append(error(code, path, template, **params))

    def sound(self, *paths: str) -> bool:
        """Whether nothing at these paths was faulty when it was read."""
        return self.faulty.isdisjoint(paths)

    def given(self, value: object, path: str) -> bool:
        """Whether an optional value is there, whether or not it could be read."""
        return value is not None or not self.sound(path)

    def _codes(self, key: str, name: str, codes: Iterable[str]) -> frozenset[str] | None:
        """The codes of a list, repeated ones noted; `None` where one could not be read."""
        seen: set[str] = set()
        known: set[str] = set()
        for index, code in enumerate(codes):
            if code:
                if folded(code) in seen:
                    self.fault("repeated", f"{key}[{index}].{name}", REPEATED, name=shown(code))
                seen.add(folded(code))
            known.add(code)
        return None if "" in known or not self.sound(key) else frozenset(known)

    def _tree(self) -> Tree | None:
        """The tree, where every code, parent and weight could be read and nothing is repeated or circular."""
        case = self.case
        for index, node in enumerate(case.criteria):
            if node.parent is not None and self.criteria is not None and node.parent not in self.criteria:
                self.fault("dangling", f"criteria[{index}].parent", DANGLING, name=shown(node.parent))
        parts = [
            f"criteria[{index}].{key}" for index in range(len(case.criteria)) for key in ("weight", "parent")
        ]
        whole = not self.vague and len(downward(self.children)) == len(case.criteria)
        return tree_of(case) if whole and self.sound("criteria", "total_points", *parts) else None

    def _cycles(self) -> frozenset[str]:
        """Every node whose parents lead back to it, noted as a fault."""
        circular: set[str] = set()
        nodes = {node.code: node for node in self.case.criteria if node.code not in self.vague}
        places = {node.code: index for index, node in enumerate(self.case.criteria)}
        walked: set[str] = set()
        for start in nodes:
            path: dict[str, None] = {}
            step: str | None = start
            while step in nodes and step not in path and step not in walked:
                path[step] = None
                step = nodes[step].parent
            if step is not None and step in path:
                walk = list(path)
                circle = walk[walk.index(step) :]
                circular.update(circle)
                for code in circle:
                    template = gettext_noop("“{name}” lies above itself.")
                    self.fault("cycle", f"criteria[{places[code]}].parent", template, name=shown(code))
            walked.update(path)
        return frozenset(circular)

    def is_leaf(self, node: Criterion) -> bool:
        """Whether nothing is known to stand below the node."""
        return node.code not in self.children or node.code in self.vague

    def default_scale(self, leaf: Criterion, path: str) -> Fraction | None:
        """The points that are the top of a leaf's scale; `None` with a `maximum`, or while not known."""
        if self.tree is None or leaf.kind is None or self.given(leaf.maximum, f"{path}.maximum"):
            return None
        return self.tree.scales.get(leaf.code)

    def top(self, leaf: Criterion, path: str) -> Fraction | None:
        """The top of a leaf's scale, `None` where it is not known."""
        points = self.default_scale(leaf, path)
        return leaf.maximum if points is None or not short(points) else points

    def names(self, names: Iterable[str], known: Iterable[str] | None, path: str) -> None:
        """Refuse a name given twice or not among the `known` ones (with `None` any may exist)."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name and name in seen:
                self.fault("repeated", f"{path}[{index}]", REPEATED, name=shown(name))
            elif name and known is not None and name not in known:
                self.fault("dangling", f"{path}[{index}]", DANGLING, name=shown(name))
            seen.add(name)

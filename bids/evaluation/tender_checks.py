"""What must fit together in a tender: its settings, its criteria, its price formula, its panel."""

from bids.evaluation.case import Criterion
from bids.evaluation.checks import NOT_WITH_METHOD, Checks, short
from bids.evaluation.exact import text
from bids.evaluation.issues import gettext_noop, shown
from bids.evaluation.json_text import joined

NO_PRICE_LEAF = ("price-per-point", "pass-then-lowest", "adjusted-price")

_LEAVES_ONLY = gettext_noop("This belongs to leaves only, and other criteria stand below this one.")
_NEEDS_MARKS = gettext_noop("At least one leaf that people mark is needed.")
_NOT_WITH_AGGREGATION = gettext_noop("This does not go with the aggregation “{aggregation}”.")
_TOO_MANY_POINTS = gettext_noop("This is more than the {most} points that can be reached.")


class TenderChecks(Checks):
    """The checks that need no bid."""

    def tender(self) -> None:
        """Everything about the tender."""
        self.units = self._units()
        self._settings()
        self._unit_shares()
        self._tie_break()
        self._low_price()
        self._price()
        self.above_price = self._above_price()
        for index, node in enumerate(self.case.criteria):
            self._criterion(node, f"criteria[{index}]")
        self._criteria_as_a_whole()
        self._pass_mark()
        for index, member in enumerate(self.case.members):
            self.names(member.recused, self.vendors, f"panel[{index}].recused")
        self.names(self.case.lots_drawn, self.vendors, "lots_drawn")

    def _units(self) -> frozenset[str] | None:
        """The units of the panel; `None` where they are not all known."""
        if not self.sound("panel") or (self.specification and not self.case.members):
            return None
        units = frozenset(member.unit for member in self.case.members)
        return None if "" in units else units

    @property
    def every_member_marks(self) -> bool:
        """Whether each counted member must mark each leaf: aggregation `sum`, or method `rank-sum`."""
        return self.case.aggregation == "sum" or self.case.method == "rank-sum"

    def _settings(self) -> None:
        case = self.case
        if case.quality_scale == "relative-to-best":
            if self.sound("method") and case.method != "total":
                self.fault("not_allowed", "quality_scale", NOT_WITH_METHOD, method=case.method)
            elif case.aggregation == "sum":
                self.fault("not_allowed", "quality_scale", _NOT_WITH_AGGREGATION, aggregation="sum")
        if case.method == "best-fair-price":
            if case.fair_price_ceiling is None and self.sound("fair_price_ceiling"):
                self.fault(
                    "missing", "fair_price_ceiling", gettext_noop("This method needs a fair price ceiling.")
                )
        elif self.given(case.fair_price_ceiling, "fair_price_ceiling") and self.sound("method"):
            self.fault("not_allowed", "fair_price_ceiling", NOT_WITH_METHOD, method=case.method)
        if case.aggregation == "consensus" and case.method == "rank-sum":
            self.fault("not_allowed", "aggregation", NOT_WITH_METHOD, method=case.method)

    def _unit_shares(self) -> None:
        shares = self.case.unit_shares
        if shares is None:
            return
        if self.case.aggregation != "unit-mean" and self.sound("aggregation"):
            template = _NOT_WITH_AGGREGATION
            self.fault("not_allowed", "unit_shares", template, aggregation=self.case.aggregation)
        if self.units is None or not self.sound("unit_shares"):
            return
        for unit in shares:
            if unit not in self.units:
                template = gettext_noop("No panel member belongs to “{name}”.")
                self.fault("dangling", joined("unit_shares", unit), template, name=shown(unit))
        for unit in self.case.units:
            path = joined("unit_shares", unit)
            if unit not in shares and self.sound(path):
                self.fault("missing", path, gettext_noop("Every unit of the panel needs a share."))

    def _tie_break(self) -> None:
        self.names(self.case.tie_break, None, "tie_break")
        for index, rule in enumerate(self.case.tie_break):
            if rule == "more-first-places" and self.case.method != "rank-sum" and self.sound("method"):
                self.fault("not_allowed", f"tie_break[{index}]", NOT_WITH_METHOD, method=self.case.method)

    def _low_price(self) -> None:
        needed = {
            "share-of-reserve": ("reserve_price", self.case.reserve_price),
            "share-of-budget": ("budget", self.case.budget),
        }
        for index, alarm in enumerate(self.case.low_price):
            key, money = needed.get(alarm.rule, ("", None))
            if key and money is None and self.sound(key):
                template = gettext_noop("This alarm needs “{key}”.")
                self.fault("missing", f"low_price[{index}].rule", template, key=key)

    def _price(self) -> None:
        price = self.case.price
        if price.ceiling is not None and price.floor is not None and price.ceiling <= price.floor:
            self.fault("out_of_range", "price.ceiling", gettext_noop("The ceiling must be above the floor."))
        if price.formula == "bands" and not price.bands and self.sound("price.bands"):
            self.fault("missing", "price.bands", gettext_noop("At least one band is needed."))
        most = self.tree.effective[self.tree.price_leaf.code] if self.tree and self.tree.price_leaf else None
        before = None
        for index, band in enumerate(price.bands):
            path = f"price.bands[{index}]"
            sound = self.sound(path, f"{path}.up_to")
            if sound and before is not None and band.up_to <= before:
                self.fault("out_of_range", f"{path}.up_to", gettext_noop("Bands must rise strictly."))
            if most is not None and band.points > most:
                self.fault("out_of_range", f"{path}.points", _TOO_MANY_POINTS, most=text(most))
            before = band.up_to if sound else before

    def _criterion(self, node: Criterion, path: str) -> None:
        if not self.is_leaf(node):
            for key in ("kind", "maximum", "units", "value"):
                if self.given(getattr(node, key), f"{path}.{key}"):
                    self.fault("not_allowed", f"{path}.{key}", _LEAVES_ONLY)
        else:
            if not self.given(node.kind, f"{path}.kind") and self._surely_a_leaf(node):
                self.fault("missing", f"{path}.kind", gettext_noop("A leaf needs a kind."))
            self._leaf(node, path)
        if node.units is not None:
            self._units_of(node.units, f"{path}.units")
        self._minimum(node, path)

    def _surely_a_leaf(self, leaf: Criterion) -> bool:
        """Whether no node that could not be read may stand below a node without children."""
        return self.parents_known and leaf.code not in self.vague and leaf.code not in self.circular

    def _leaf(self, leaf: Criterion, path: str) -> None:
        case = self.case
        if leaf.kind == "price":
            self._price_leaf(leaf, path)
        if (
            self.given(leaf.value, f"{path}.value")
            and case.method != "adjusted-price"
            and self.sound("method")
        ):
            self.fault("not_allowed", f"{path}.value", NOT_WITH_METHOD, method=case.method)
        points = self.default_scale(leaf, path)
        if points is not None and not short(points):
            template = gettext_noop(
                "The leaf is worth {points} points, so the top of its scale must be given."
            )
            self.fault("maximum_needed", f"{path}.maximum", template, points=text(points))

    def _price_leaf(self, leaf: Criterion, path: str) -> None:
        if leaf is not self.price_leaves[0]:
            self.fault(
                "not_allowed", f"{path}.kind", gettext_noop("There is at most one leaf of kind price.")
            )
        if self.case.method in NO_PRICE_LEAF:
            self.fault("not_allowed", f"{path}.kind", NOT_WITH_METHOD, method=self.case.method)
        elif self.case.price.formula == "none" and self._formula_known:
            template = gettext_noop("Without a price formula there is no leaf of kind price.")
            self.fault("not_allowed", f"{path}.kind", template)
        if self.case.price.computed:
            for key in ("maximum", "units"):
                if self.given(getattr(leaf, key), f"{path}.{key}"):
                    template = gettext_noop("A formula gives the points of this leaf, nobody marks it.")
                    self.fault("not_allowed", f"{path}.{key}", template)

    def _units_of(self, units: tuple[str, ...], path: str) -> None:
        if self.every_member_marks:
            template = gettext_noop("Here every member marks every leaf.")
            self.fault("not_allowed", path, template)
        if not units and self.sound(path):
            self.fault("missing", path, gettext_noop("At least one unit is needed."))
        self.names(units, self.units, path)

    def _above_price(self) -> frozenset[str]:
        """The leaves of kind price and every node above them, as far as the parents lead."""
        nodes = {node.code: node for node in self.case.criteria if node.code not in self.vague}
        found: set[str] = set()
        for leaf in self.price_leaves:
            step: str | None = leaf.code
            while step in nodes and step not in found:
                found.add(step)
                step = None if step in self.circular else nodes[step].parent
        return frozenset(found)

    def _minimum(self, node: Criterion, path: str) -> None:
        path = f"{path}.minimum"
        if node.minimum is not None and self.tree and node.minimum > (most := self.tree.effective[node.code]):
            self.fault("out_of_range", path, _TOO_MANY_POINTS, most=text(most))
        if self.case.price.relative and node.code in self.above_price and self.given(node.minimum, path):
            template = gettext_noop(
                "A minimum cannot be held against points that depend on other bids' prices."
            )
            self.fault("not_allowed", path, template)

    def _criteria_as_a_whole(self) -> None:
        case = self.case
        if not self.sound("criteria"):
            return
        if not case.criteria and self.sound("method") and case.method != "lowest-price":
            self.fault("missing", "criteria", gettext_noop("At least one criterion is needed."))
        if self.kinds_known and not self.price_leaves and case.price.formula != "none":
            self.fault("missing", "criteria", gettext_noop("The price formula needs a leaf of kind price."))
        if self.every_member_marks and self.kinds_known and not self.marked and self._formula_known:
            self.fault("missing", "criteria", _NEEDS_MARKS)
        if case.method == "adjusted-price" and not self._may_have_a_value():
            self.fault("missing", "criteria", gettext_noop("At least one leaf with a value is needed."))
        if self.marked and not case.members and self.sound("panel") and not self.specification:
            self.fault("missing", "panel", gettext_noop("Where people mark a leaf a panel is needed."))

    @property
    def _formula_known(self) -> bool:
        return self.sound("price", "price.formula")

    def _may_have_a_value(self) -> bool:
        """Whether a node has a value, or may have one that could not be read."""
        return any(
            self.given(node.value, f"criteria[{index}].value") or not self.sound(f"criteria[{index}]")
            for index, node in enumerate(self.case.criteria)
        )

    def _pass_mark(self) -> None:
        mark = self.case.pass_mark
        if mark is None:
            return
        if mark.rule == "majority" and any(
            node.units is not None and self.is_leaf(node) for node in self.case.criteria
        ):
            template = gettext_noop("A majority needs members who mark every leaf, and a leaf has units.")
            self.fault("not_allowed", "pass_mark.rule", template)
        if self.tree and self.sound("pass_mark.on"):
            most = self.tree.reachable if mark.on == "total" else self.tree.quality
            if mark.points > most:
                self.fault("out_of_range", "pass_mark.points", _TOO_MANY_POINTS, most=text(most))

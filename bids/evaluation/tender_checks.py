"""What must fit together in a tender: its settings, its criteria, its price formula, its panel."""

from bids.evaluation.case import Criterion
from bids.evaluation.checks import NOT_WITH_METHOD, Checks
from bids.evaluation.exact import text
from bids.evaluation.issues import gettext_noop, shown
from bids.evaluation.json_text import joined

NO_PRICE_LEAF = ("price-per-point", "pass-then-lowest", "adjusted-price")

_LEAVES_ONLY = gettext_noop("This belongs to leaves only, and other criteria stand below this one.")
_NEEDS_MARKS = gettext_noop("At least one leaf that people mark is needed.")
_NOT_WITH_AGGREGATION = gettext_noop("This does not go with the aggregation “{aggregation}”.")
_TOO_MANY_POINTS = gettext_noop("This is more than the {most} points that can be reached.")
# Effective points that can stand as a scale: decimals of at most 6 places.
_FINEST_SCALE = 10**6


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
        for index, node in enumerate(self.case.criteria):
            if node.code and node.code not in self.circular:
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
        elif case.fair_price_ceiling is not None and self.sound("method"):
            self.fault("not_allowed", "fair_price_ceiling", NOT_WITH_METHOD, method=case.method)
        if case.aggregation == "consensus" and case.method == "rank-sum":
            self.fault("not_allowed", "aggregation", NOT_WITH_METHOD, method=case.method)

    def _unit_shares(self) -> None:
        shares = self.case.unit_shares
        if shares is None or not self.sound("unit_shares"):
            return
        if self.case.aggregation != "unit-mean" and self.sound("aggregation"):
            template = _NOT_WITH_AGGREGATION
            self.fault("not_allowed", "unit_shares", template, aggregation=self.case.aggregation)
        if self.units is None:
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
                if getattr(node, key) is not None and self.sound(f"{path}.{key}"):
                    self.fault("not_allowed", f"{path}.{key}", _LEAVES_ONLY)
        elif node.kind is None:
            self.fault("missing", f"{path}.kind", gettext_noop("A leaf needs a kind."))
        else:
            self._leaf(node, path)
        self._minimum(node, path)

    def _leaf(self, leaf: Criterion, path: str) -> None:
        case = self.case
        if leaf.kind == "price" and self.sound(f"{path}.kind"):
            self._price_leaf(leaf, path)
        if leaf.value is not None and case.method != "adjusted-price" and self.sound("method"):
            self.fault("not_allowed", f"{path}.value", NOT_WITH_METHOD, method=case.method)
        if leaf.units is not None:
            self._leaf_units(leaf.units, f"{path}.units")
        if leaf.maximum is None and self.sound(f"{path}.maximum", "price.formula"):
            self._default_scale(leaf, f"{path}.maximum")

    def _default_scale(self, leaf: Criterion, path: str) -> None:
        """Effective points are the top of a scale only where they are a short decimal."""
        points = self.tree.scales.get(leaf.code) if self.tree else None
        if points is not None and _FINEST_SCALE % points.denominator:
            template = gettext_noop(
                "The leaf is worth {points} points, so the top of its scale must be given."
            )
            self.fault("maximum_needed", path, template, points=text(points))

    def _price_leaf(self, leaf: Criterion, path: str) -> None:
        if leaf is not self.price_leaves[0]:
            self.fault(
                "not_allowed", f"{path}.kind", gettext_noop("There is at most one leaf of kind price.")
            )
        if self.case.method in NO_PRICE_LEAF:
            self.fault("not_allowed", f"{path}.kind", NOT_WITH_METHOD, method=self.case.method)
        elif self.case.price.formula == "none" and self.sound("price", "price.formula"):
            template = gettext_noop("Without a price formula there is no leaf of kind price.")
            self.fault("not_allowed", f"{path}.kind", template)
        if self.case.price.computed:
            for key in ("maximum", "units"):
                if getattr(leaf, key) is not None:
                    template = gettext_noop("A formula gives the points of this leaf, nobody marks it.")
                    self.fault("not_allowed", f"{path}.{key}", template)

    def _leaf_units(self, units: tuple[str, ...], path: str) -> None:
        if self.every_member_marks:
            template = gettext_noop("Here every member marks every leaf.")
            self.fault("not_allowed", path, template)
        if not units and self.sound(path):
            self.fault("missing", path, gettext_noop("At least one unit is needed."))
        self.names(units, self.units, path)

    def _minimum(self, node: Criterion, path: str) -> None:
        if node.minimum is None or self.tree is None:
            return
        most = self.tree.effective[node.code]
        if node.minimum > most:
            self.fault("out_of_range", f"{path}.minimum", _TOO_MANY_POINTS, most=text(most))
        if self.case.price.relative and node.code in self.tree.above_price:
            template = gettext_noop(
                "A minimum cannot be held against points that depend on other bids' prices."
            )
            self.fault("not_allowed", f"{path}.minimum", template)

    def _criteria_as_a_whole(self) -> None:
        case = self.case
        if not self.sound("criteria"):
            return
        kinds = [f"criteria[{index}].kind" for index in range(len(case.criteria))]
        if not case.criteria:
            if self.sound("method") and case.method != "lowest-price":
                self.fault("missing", "criteria", gettext_noop("At least one criterion is needed."))
        elif not self.price_leaves and case.price.formula != "none" and self.sound("price.formula", *kinds):
            self.fault("missing", "criteria", gettext_noop("The price formula needs a leaf of kind price."))
        if self.every_member_marks and not self.marked:
            self.fault("missing", "criteria", _NEEDS_MARKS)
        values = [f"criteria[{index}].value" for index in range(len(case.criteria))]
        if (
            case.method == "adjusted-price"
            and self.sound(*values)
            and all(node.value is None for node in case.criteria)
        ):
            self.fault("missing", "criteria", gettext_noop("At least one leaf with a value is needed."))
        if self.marked and not case.members and self.sound("panel") and not self.specification:
            self.fault("missing", "panel", gettext_noop("Where people mark a leaf a panel is needed."))

    def _pass_mark(self) -> None:
        mark = self.case.pass_mark
        if mark is None:
            return
        if mark.rule == "majority" and any(node.units is not None for node in self.case.criteria):
            template = gettext_noop("A majority needs members who mark every leaf, and a leaf has units.")
            self.fault("not_allowed", "pass_mark.rule", template)
        if self.tree and self.sound("pass_mark.on"):
            most = self.tree.reachable if mark.on == "total" else self.tree.quality
            if mark.points > most:
                self.fault("out_of_range", "pass_mark.points", _TOO_MANY_POINTS, most=text(most))

"""The case file, key by key: what each value must be by itself. What must fit together is in `checks`."""

from collections.abc import Iterator
from fractions import Fraction

from bids.evaluation import case as words
from bids.evaluation.case import (
    Agreed,
    Alarm,
    Band,
    Bid,
    Case,
    Claim,
    Criterion,
    Mark,
    MarkedDifference,
    Member,
    PassMark,
    Price,
    Requirement,
    Round,
    Rounding,
    Waiver,
)
from bids.evaluation.fields import Bounds, Fields, Object
from bids.evaluation.issues import gettext_noop
from bids.evaluation.json_text import joined

MOST_MARKS = 200_000

ANY = Bounds()
POSITIVE = Bounds(above=0)
NOT_NEGATIVE = Bounds(least=0)

_TOP = frozenset(
    {"format", "reference", "title", "currency", "profile", "method", "quality_scale", "fair_price_ceiling"}
    | {
        "aggregation",
        "unit_shares",
        "total_points",
        "criteria",
        "price",
        "requirements",
        "pass_mark",
        "rank_scope",
    }
    | {"tied_rank", "tie_break", "lots_drawn", "rounding", "budget", "reserve_price", "low_price", "panel"}
    | {"panel_rules", "bids"}
)
_CRITERION = frozenset({"code", "title", "weight", "parent", "minimum", "kind", "maximum", "units", "value"})
_PRICE = frozenset({"formula", "fixed_price", "ceiling", "floor", "bands"})
_PRICE_KEYS = {"marked": {"fixed_price"}, "ceiling-linear": {"ceiling", "floor"}, "bands": {"bands"}}
_BAND = frozenset({"up_to", "points"})
_REQUIREMENT = frozenset({"code", "title", "kind", "mandatory", "severity", "unit", "source", "evidence"})
_PASS_MARK = frozenset({"points", "on", "rule"})
_ROUND = frozenset({"places", "mode"})
_ALARM = frozenset({"rule", "share", "sd", "min_bids"})
_ALARM_KEYS = {"sd-below-mean": {"sd", "min_bids"}, "spain-85": set[str]()}
_MEMBER = frozenset({"code", "unit", "name", "expert", "present", "recused"})
_DIFFERENCE = frozenset({"high", "low", "leaf_high_share"})
_BID = frozenset({"vendor", "price", "status", "reason", "claims", "marks", "consensus"})
_CLAIM = frozenset({"requirement", "met", "verified", "waiver"})
_WAIVER = frozenset({"by", "reason"})
_MARK = frozenset({"member", "criterion", "mark", "comment"})
_AGREED = frozenset({"criterion", "mark", "reason"})


class CaseFields(Fields):
    """Reads a document as a case; a faulty value leaves its default, or an empty text or 0, and its path.

    With `specification` the document is a tender before bids: `bids` and `panel` may be absent.
    """

    def __init__(self, *, specification: bool = False) -> None:
        super().__init__()
        self.specification = specification
        self._marks = 0

    def case(self, document: object) -> Case:
        """The whole case. `issues` says what is wrong with it."""
        top = self.keys(document, "", _TOP)
        if not isinstance(document, dict):
            return Case(reference="", title="", criteria=(), bids=())
        self.choice(top, "format", "", (words.FORMAT,), None)
        criteria = tuple(self._criterion(*item) for item in self.items(top, "criteria", "", required=True))
        panel = None
        if "panel" in top:
            panel = tuple(self._member(*item) for item in self.items(top, "panel", ""))
        bids = self.items(top, "bids", "", required=not self.specification)
        return Case(
            reference=self.needed_text(top, "reference", ""),
            title=self.needed_text(top, "title", ""),
            currency=self._currency(top),
            profile=self.choice(top, "profile", "", words.PROFILES, "bank"),
            method=self.choice(top, "method", "", words.METHODS, "total"),
            quality_scale=self.choice(top, "quality_scale", "", words.QUALITY_SCALES, "absolute"),
            fair_price_ceiling=self.number(top, "fair_price_ceiling", "", NOT_NEGATIVE),
            aggregation=self.choice(top, "aggregation", "", words.AGGREGATIONS, "mean"),
            unit_shares=self._unit_shares(top),
            total_points=self.number(top, "total_points", "", POSITIVE) or Fraction(100),
            criteria=criteria,
            price=self._price(top),
            requirements=tuple(self._requirement(*item) for item in self.items(top, "requirements", "")),
            pass_mark=self._pass_mark(top),
            rank_scope=self.choice(top, "rank_scope", "", words.RANK_SCOPES, "passing"),
            tied_rank=self.choice(top, "tied_rank", "", words.TIED_RANKS, "competition"),
            tie_break=self._tie_break(top),
            lots_drawn=self._texts(top, "lots_drawn", ""),
            rounding=self._rounding(top),
            budget=self.number(top, "budget", "", POSITIVE),
            reserve_price=self.number(top, "reserve_price", "", POSITIVE),
            low_price=tuple(self._alarm(*item) for item in self.items(top, "low_price", "")),
            panel=panel,
            marked_difference=self._marked_difference(top),
            bids=tuple(self._bid(*item) for item in bids),
        )

    def _texts(self, source: Object, key: str, path: str) -> tuple[str, ...]:
        """A list of texts; a faulty one stands as an empty text, so that the others keep their places."""
        return tuple(self.text_value(value, where) or "" for value, where in self.items(source, key, path))

    def _currency(self, top: Object) -> str:
        value = self.text(top, "currency", "")
        if value is None:
            return "TWD"
        if not (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):
            self.fault("not_allowed", "currency", gettext_noop("A currency is three capital letters."))
        return value

    def _unit_shares(self, top: Object) -> dict[str, Fraction] | None:
        shares = top.get("unit_shares")
        if shares is None:
            return None
        units = frozenset(str(unit) for unit in shares) if isinstance(shares, dict) else frozenset()
        known = self.keys(shares, "unit_shares", units)
        return {unit: self.needed_number(known, unit, "unit_shares", POSITIVE) for unit in known}

    def _tie_break(self, top: Object) -> tuple[str, ...]:
        rules = self.items(top, "tie_break", "")
        return tuple(self.choice_value(value, where, words.TIE_RULES) or "" for value, where in rules)

    def _criterion(self, value: object, path: str) -> Criterion:
        node = self.keys(value, path, _CRITERION)
        if not isinstance(value, dict):
            return Criterion(code="", title="", weight=Fraction(0))
        kind = None
        if "kind" in node:
            kind = self.choice_value(node["kind"], f"{path}.kind", words.CRITERION_KINDS)
        return Criterion(
            code=self.needed_text(node, "code", path),
            title=self.needed_text(node, "title", path),
            weight=self.needed_number(node, "weight", path, POSITIVE),
            parent=self.text(node, "parent", path),
            minimum=self.number(node, "minimum", path, NOT_NEGATIVE),
            kind=kind,
            maximum=self.number(node, "maximum", path, POSITIVE),
            units=self._texts(node, "units", path) if "units" in node else None,
            value=self.number(node, "value", path, ANY),
        )

    def _price(self, top: Object) -> Price:
        if "price" not in top:
            return Price()
        price = self.keys(top["price"], "price", _PRICE)
        if "price" in self.faulty:
            return Price()
        formula = self.choice(price, "formula", "price", words.FORMULAS, None)
        if "price.formula" not in self.faulty:
            self._only(price, "price", {"formula"} | _PRICE_KEYS.get(formula, set()))
            for key in sorted(_PRICE_KEYS.get(formula, set()) - {"fixed_price"}):
                if key not in price:
                    self.missing(f"price.{key}")
        fixed_price = self.flag(price, "fixed_price", "price")
        return Price(
            formula=formula,
            # One that could not be read may be true, so no bound that it lifts is held against the tender.
            fixed_price="price.fixed_price" in self.faulty if fixed_price is None else fixed_price,
            ceiling=self.number(price, "ceiling", "price", POSITIVE),
            floor=self.number(price, "floor", "price", NOT_NEGATIVE),
            bands=tuple(self._band(*item) for item in self.items(price, "bands", "price")),
        )

    def _only(self, source: Object, path: str, allowed: set[str]) -> None:
        """Refuse the keys that this formula or rule does not have."""
        for key in source:
            if key not in allowed:
                self.fault("not_allowed", joined(path, key), gettext_noop("This does not belong here."))

    def _band(self, value: object, path: str) -> Band:
        band = self.keys(value, path, _BAND)
        if not isinstance(value, dict):
            return Band(up_to=Fraction(0), points=Fraction(0))
        up_to = self.needed_number(band, "up_to", path, NOT_NEGATIVE)
        return Band(up_to=up_to, points=self.needed_number(band, "points", path, NOT_NEGATIVE))

    def _requirement(self, value: object, path: str) -> Requirement:
        source = self.keys(value, path, _REQUIREMENT)
        if not isinstance(value, dict):
            return Requirement(code="", title="")
        return Requirement(
            code=self.needed_text(source, "code", path),
            title=self.needed_text(source, "title", path),
            kind=self.choice(source, "kind", path, words.REQUIREMENT_KINDS, "security"),
            mandatory=self.flag(source, "mandatory", path) is not False,
            severity=self.choice(source, "severity", path, words.SEVERITIES, "medium"),
            unit=self.text(source, "unit", path),
            source=self.text(source, "source", path, lines=True),
            evidence=self.text(source, "evidence", path, lines=True),
        )

    def _pass_mark(self, top: Object) -> PassMark | None:
        if "pass_mark" not in top:
            return None
        mark = self.keys(top["pass_mark"], "pass_mark", _PASS_MARK)
        if "pass_mark" in self.faulty:
            return None
        return PassMark(
            points=self.needed_number(mark, "points", "pass_mark", NOT_NEGATIVE),
            on=self.choice(mark, "on", "pass_mark", words.PASS_MARK_ON, "total"),
            rule=self.choice(mark, "rule", "pass_mark", words.PASS_MARK_RULES, "mean"),
        )

    def _rounding(self, top: Object) -> Rounding | None:
        if "rounding" not in top:
            return None
        source = self.keys(top["rounding"], "rounding", frozenset(words.ROUNDED_THINGS))
        rounds = {
            thing: self._round(source[thing], f"rounding.{thing}")
            for thing in words.ROUNDED_THINGS
            if thing in source
        }
        return Rounding(**rounds) if rounds else None

    def _round(self, value: object, path: str) -> Round:
        source = self.keys(value, path, _ROUND)
        if path in self.faulty:
            return Round(0, "half-up")
        places = self.needed_number(source, "places", path, Bounds(least=0, whole=True))
        if places > 12:
            self.fault("out_of_range", f"{path}.places", gettext_noop("At most 12 places are kept."))
            places = Fraction(0)
        return Round(int(places), self.choice(source, "mode", path, words.ROUNDING_MODES, None))

    def _alarm(self, value: object, path: str) -> Alarm:
        source = self.keys(value, path, _ALARM)
        if not isinstance(value, dict):
            return Alarm(rule="")
        rule = self.choice(source, "rule", path, words.ALARM_RULES, None)
        sound = f"{path}.rule" not in self.faulty
        if sound:
            keys = _ALARM_KEYS.get(rule, {"share"})
            self._only(source, path, {"rule"} | keys)
            for key in sorted(keys - {"min_bids"}):
                if key not in source:
                    self.missing(f"{path}.{key}")
        least = self.number(source, "min_bids", path, Bounds(least=2, whole=True))
        return Alarm(
            rule=rule if sound else "",
            share=self.number(source, "share", path, POSITIVE),
            sd=self.number(source, "sd", path, NOT_NEGATIVE),
            min_bids=(2 if least is None else int(least)) if rule == "sd-below-mean" else None,
        )

    def _member(self, value: object, path: str) -> Member:
        source = self.keys(value, path, _MEMBER)
        if not isinstance(value, dict):
            return Member(code="", unit="")
        return Member(
            code=self.needed_text(source, "code", path),
            unit=self.needed_text(source, "unit", path),
            name=self.text(source, "name", path),
            expert=self.flag(source, "expert", path) or False,
            present=self.flag(source, "present", path) is not False,
            recused=self._texts(source, "recused", path),
        )

    def _marked_difference(self, top: Object) -> MarkedDifference | None:
        if "panel_rules" not in top:
            return None
        rules = self.keys(top["panel_rules"], "panel_rules", frozenset({"marked_difference"}))
        if "marked_difference" not in rules:
            return None
        path = "panel_rules.marked_difference"
        source = self.keys(rules["marked_difference"], path, _DIFFERENCE)
        if path in self.faulty:
            return None
        share = self.needed_number(source, "leaf_high_share", path, POSITIVE)
        if share > 1:
            self.fault("out_of_range", f"{path}.leaf_high_share", gettext_noop("A share is at most 1."))
        return MarkedDifference(
            high=self.needed_number(source, "high", path, ANY),
            low=self.needed_number(source, "low", path, ANY),
            leaf_high_share=share,
        )

    def _bid(self, value: object, path: str) -> Bid:
        source = self.keys(value, path, _BID)
        if not isinstance(value, dict):
            return Bid(vendor="", price=None)
        if "price" not in value:
            self.missing(f"{path}.price")
        return Bid(
            vendor=self.needed_text(source, "vendor", path),
            price=self.number(source, "price", path, POSITIVE),
            status=self.choice(source, "status", path, words.BID_STATUSES, "valid"),
            reason=self.text(source, "reason", path, lines=True),
            claims=tuple(self._claim(*item) for item in self.items(source, "claims", path)),
            marks=tuple(self._mark_list(source, path)),
            consensus=tuple(self._agreed(*item) for item in self.items(source, "consensus", path)),
        )

    def _claim(self, value: object, path: str) -> Claim:
        source = self.keys(value, path, _CLAIM)
        if not isinstance(value, dict):
            return Claim(requirement="")
        waiver = None
        if "waiver" in source:
            waived = self.keys(source["waiver"], f"{path}.waiver", _WAIVER)
            if f"{path}.waiver" not in self.faulty:
                waiver = Waiver(
                    by=self.needed_text(waived, "by", f"{path}.waiver"),
                    reason=self.needed_text(waived, "reason", f"{path}.waiver", lines=True),
                )
        return Claim(
            requirement=self.needed_text(source, "requirement", path),
            met=self.flag(source, "met", path),
            verified=self.flag(source, "verified", path),
            waiver=waiver,
        )

    def _mark_list(self, source: Object, path: str) -> Iterator[Mark]:
        for value, where in self.items(source, "marks", path):
            self._marks += 1
            if self._marks == MOST_MARKS + 1:
                template = gettext_noop("A case holds at most {most} marks.")
                self.fault("too_large", "", template, most=str(MOST_MARKS))
            yield self._mark(value, where)

    def _mark(self, value: object, path: str) -> Mark:
        source = self.keys(value, path, _MARK)
        if not isinstance(value, dict):
            return Mark(member="", criterion="", mark=None)
        if "mark" not in value:
            self.missing(f"{path}.mark")
        return Mark(
            member=self.needed_text(source, "member", path),
            criterion=self.needed_text(source, "criterion", path),
            mark=self.number(source, "mark", path, NOT_NEGATIVE),
            comment=self.text(source, "comment", path, lines=True),
        )

    def _agreed(self, value: object, path: str) -> Agreed:
        source = self.keys(value, path, _AGREED)
        if not isinstance(value, dict):
            return Agreed(criterion="", mark=Fraction(0), reason="")
        return Agreed(
            criterion=self.needed_text(source, "criterion", path),
            mark=self.needed_number(source, "mark", path, NOT_NEGATIVE),
            reason=self.needed_text(source, "reason", path, lines=True),
        )

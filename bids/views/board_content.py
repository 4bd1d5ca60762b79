"""What the board's page says: the finding of each figure as a sentence, and the columns over the years."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids.forms.board import FIGURES, AwardFilters, BoardFilters
from bids.queries import board as awards
from bids.queries import board_matters as matters
from bids.queries.board import Bought
from bids.queries.board_figures import Figures
from bids.queries.board_matters import Matter
from procurement.choices import Role
from procurement.forms.periods import Period, periods_of
from procurement.models import User
from procurement.queries import tenders_visible_to
from procurement.templatetags import figures as words

#: Years that the columns show at most.
YEARS = 5


@dataclass(frozen=True)
class Column:
    """The share of awards on price only in a year or a quarter."""

    period: Period
    count: int
    of: int
    current: bool

    @property
    def name(self) -> str:
        """The year with the one of the other calendar, or the quarter."""
        return str(self.period)

    @property
    def short(self) -> str:
        """As it stands under the column."""
        return f"Q{self.period.quarter}" if self.period.quarter else str(self.period.year)

    @property
    def share(self) -> Fraction:
        """Of the awards of the period, of which there is one at least."""
        return Fraction(self.count, self.of)


class Board:
    """The figures for one reader, of the period and the unit that the query string names."""

    def __init__(self, request: HttpRequest, filters: type[BoardFilters] = BoardFilters) -> None:
        self.user, self.now = request.user, request.now
        self.today = timezone.localdate(request.now)
        self.every = awards.all_bought()
        over, late = matters.overruled(), matters.past_due(self.today)
        vendors = {"vendors": [row.vendor for row in self.every]} if filters is AwardFilters else {}
        self.filters = filters(
            request.GET,
            moments=[*(row.at for row in self.every), *(row.at for row in [*over, *late])],
            units=[row.unit for row in [*self.every, *over, *late] if row.unit],
            now=request.now,
            **vendors,
        )
        self.period, self.unit = self.filters.chosen, self.filters.value("unit")
        self.of_unit = [row for row in self.every if self._of_unit(row)]
        self.figures = Figures(
            [row for row in self.of_unit if self._holds(row)],
            [row for row in over if self._of_unit(row) and self._holds(row)],
            [row for row in late if self._of_unit(row) and self._holds(row)],
        )

    def _of_unit(self, row: Bought | Matter) -> bool:
        return not self.unit or (row.unit is not None and str(row.unit.pk) == self.unit)

    def _holds(self, row: Bought | Matter) -> bool:
        return self.period is None or self.period.holds(row.at)

    @property
    def title(self) -> str:
        """The period in words."""
        return str(self.period) if self.period else _("All years")

    # --- columns ------------------------------------------------------------------------------------------
    def columns(self) -> list[Column]:
        """The last years, or the quarters of the year in which a chosen quarter lies; empty ones left out."""
        quarterly = self.period is not None and self.period.quarter > 0
        known = [period for period in periods_of(row.at for row in self.of_unit) if self._shown(period)]
        return [self._column(period) for period in sorted(known)[-4 if quarterly else -YEARS :]]

    def _shown(self, period: Period) -> bool:
        if self.period is None or not self.period.quarter:
            return not period.quarter
        return bool(period.quarter) and period.year == self.period.year

    def _column(self, period: Period) -> Column:
        rows = [row for row in self.of_unit if period.holds(row.at)]
        count = sum(row.on_price_only for row in rows)
        return Column(period, count, len(rows), current=period == self.period)

    # --- sentences ----------------------------------------------------------------------------------------
    def finding(self) -> str:
        """The page in a sentence."""
        found = self.figures
        of = len(found.bought)
        if not of:
            return _("No award stands in this period, so there is nothing to say of prices yet.")
        return ngettext(
            "%(n)d of %(of)d award went by price only.", "%(n)d of %(of)d awards went by price only.", of
        ) % {"n": found.count("price"), "of": of}

    def opening(self) -> str:
        """What stands below the title: the share of awards on price only, and what others cost more."""
        return words.sentences([self.finding(), self.premium() if self.figures.dearer else ""])

    def paid(self) -> str:
        """What was paid above the cheapest bids, and what it bought."""
        return words.sentences([self.premium(), self.bought() if self.figures.dearer else ""])

    def on_price(self) -> str:
        """How the awards on price only divide."""
        found = self.figures
        alone, cheapest = found.count("alone"), found.count("cheapest")
        return _(
            "In %(alone)d nothing but the price counted; in %(cheapest)d security counted and the cheapest"
            " bid won anyway; in %(others)d another bid won."
        ) % {"alone": alone, "cheapest": cheapest, "others": len(found.bought) - alone - cheapest}

    def premium(self) -> str:
        """What was paid above the cheapest bids."""
        found = self.figures
        if not found.dearer:
            return _("No award cost more than the cheapest bid.")
        sums = [
            _("%(money)s, which is %(share)s of everything paid")
            % {"money": words.money_words(row.paid, row.currency), "share": words.share(row.share)}
            for row in found.premiums
        ]
        return ngettext(
            "%(n)d award cost more than the cheapest bid, by %(sums)s.",
            "%(n)d awards cost more than the cheapest bid, together by %(sums)s.",
            len(found.dearer),
        ) % {"n": len(found.dearer), "sums": words.listed(sums)}

    def bought(self) -> str:
        """What the premium bought."""
        found = self.figures
        texts = [
            ngettext(
                "It bought %(n)d requirement that the cheapest bid does not meet.",
                "It bought %(n)d requirements that the cheapest bids do not meet.",
                found.met_count,
            )
            % {"n": found.met_count}
        ]
        if found.count("cheapest_out"):
            text = ngettext(
                "%(n)d of the cheapest bids was excluded.",
                "%(n)d of the cheapest bids were excluded.",
                found.count("cheapest_out"),
            )
            texts.append(text % {"n": found.count("cheapest_out")})
        if found.security is not None:
            text = ngettext(
                "In %(n)d award where both bids have points, security lies %(points)s of its points higher.",
                "In %(n)d awards where both bids have points, security lies on average %(points)s of its"
                " points higher.",
                found.compared,
            )
            texts.append(text % {"n": found.compared, "points": words.signed_share(found.security)})
        return words.sentences(texts)

    def overruled(self) -> str:
        """How often advice was overruled."""
        n = len(self.figures.overruled)
        if not n:
            return _("No advice was overruled.")
        return ngettext(
            "Advice was overruled %(n)d time on what is awarded.",
            "Advice was overruled %(n)d times on what is awarded.",
            n,
        ) % {"n": n}

    def past_due(self) -> str:
        """How much is past due, and for how long."""
        rows = self.figures.past_due
        if not rows:
            return _("Nothing that was promised is past due.")
        days = max(row.late(self.today) for row in rows)
        return ngettext(
            "%(n)d condition, promise or exception is past due or broken, by %(days)d days at most.",
            "%(n)d conditions, promises and exceptions are past due or broken, by %(days)d days at most.",
            len(rows),
        ) % {"n": len(rows), "days": max(days, 0)}

    def concentration(self) -> str:
        """Who holds the most."""
        if not self.figures.holdings:
            return _("Nothing is awarded at a known price.")
        top = max(self.figures.holdings, key=lambda row: (row.share, row.awards))
        return _("%(vendor)s holds %(share)s of the awarded value in %(currency)s.") % {
            "vendor": top.vendor,
            "share": words.share(top.share),
            "currency": top.currency,
        }

    def lacking(self) -> list[tuple[str, object, int]]:
        """What awarded tenders went without: code, words, how many."""
        return [(code, FIGURES[code], count) for code, count in self.figures.lacking]

    # --- rows ---------------------------------------------------------------------------------------------
    def by_unit(self) -> list[tuple[str, int]]:
        """How often each unit overruled advice, the most first."""
        counts: dict[str, int] = {}
        for row in self.figures.overruled:
            name = str(row.unit or "—")
            counts[name] = counts.get(name, 0) + 1
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def known_keys(user: User, rows: Sequence[Bought | Matter]) -> set[object]:
    """Keys of the tenders that the reader may open; all of them but for members, whose tenders are few."""
    keys = {row.tender.pk for row in rows if row.tender}
    if user.role != Role.MEMBER:
        return keys
    return set(tenders_visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))

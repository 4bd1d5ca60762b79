"""Closed lists of the procurement wing: roles, stages and their moves, kinds."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class Role(models.TextChoices):
    """What a person does here; everybody has exactly one role."""

    OFFICER = "officer", _("Procurement officer")
    MEMBER = "member", _("Panel member")
    APPROVER = "approver", _("Approver")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")
    VENDOR = "vendor", _("Vendor")


class UnitKind(models.TextChoices):
    """Which side a unit stands on: who warns, who approves for whom (see `SECURITY_SIDE`)."""

    SECURITY = "security", _("Security")
    IT = "it", _("IT")
    BUSINESS = "business", _("Business")
    PROCUREMENT = "procurement", _("Procurement")
    MANAGEMENT = "management", _("Management")
    AUDIT = "audit", _("Audit")
    EXTERNAL = "external", _("External experts")


#: The units that approve an award for IT and security.
SECURITY_SIDE = frozenset({UnitKind.SECURITY, UnitKind.IT})


class Stage(models.TextChoices):
    """Where a tender stands. "Closed" is no stage: the clock says it, from the deadline."""

    DRAFT = "draft", _("Specification")
    PUBLISHED = "published", _("Bidding")
    BIDDERS_NAMED = "bidders_named", _("Declarations of interest")
    TECHNICAL_OPENED = "technical_opened", _("Verification and marks")
    TECHNICAL_LOCKED = "technical_locked", _("Marks locked")
    PRICE_OPENED = "price_opened", _("Prices opened")
    RANKED = "ranked", _("Award review")
    AWARDED = "awarded", _("Award")
    CANCELLED = "cancelled", _("Cancelled")


#: The one way forward; no stage goes back, but for an award that a complaint brought down. Every stage before
#: the award may also be cancelled.
MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.PUBLISHED, Stage.CANCELLED}),
    Stage.PUBLISHED: frozenset({Stage.BIDDERS_NAMED, Stage.CANCELLED}),
    Stage.BIDDERS_NAMED: frozenset({Stage.TECHNICAL_OPENED, Stage.CANCELLED}),
    Stage.TECHNICAL_OPENED: frozenset({Stage.TECHNICAL_LOCKED, Stage.CANCELLED}),
    Stage.TECHNICAL_LOCKED: frozenset({Stage.PRICE_OPENED, Stage.CANCELLED}),
    Stage.PRICE_OPENED: frozenset({Stage.RANKED, Stage.CANCELLED}),
    Stage.RANKED: frozenset({Stage.AWARDED, Stage.CANCELLED}),
    Stage.AWARDED: frozenset({Stage.RANKED}),
    Stage.CANCELLED: frozenset(),
}

#: Stages in the order in which a tender walks through them.
WALK = [stage for stage in Stage if stage is not Stage.CANCELLED]

#: Bids can be looked at from here on.
OPENED_STAGES = frozenset(WALK[WALK.index(Stage.TECHNICAL_OPENED) :])

#: Prices, and so totals and places, can be looked at from here on.
PRICED_STAGES = frozenset(WALK[WALK.index(Stage.PRICE_OPENED) :])


class Profile(models.TextChoices):
    """Whose rules guard the tender."""

    BANK = "bank", _("Private bank")
    TW_PUBLIC = "tw-public", _("Taiwan Government Procurement Act")
    OPEN = "open", _("No rules of a regime")


class Method(models.TextChoices):
    """How bids are put in order (case file, Methods)."""

    TOTAL = "total", _("Highest total")
    RANK_SUM = "rank-sum", _("Lowest sum of ranks")
    PRICE_PER_POINT = "price-per-point", _("Lowest price per point")
    PASS_THEN_LOWEST = "pass-then-lowest", _("Pass mark, then lowest price")
    ADJUSTED_PRICE = "adjusted-price", _("Lowest adjusted price")
    BEST_FAIR_PRICE = "best-fair-price", _("Highest total under a fair price")
    LOWEST_PRICE = "lowest-price", _("Lowest price")


class QualityScale(models.TextChoices):
    """Whether non-price totals count as they are or relative to the best one."""

    ABSOLUTE = "absolute", _("As marked")
    RELATIVE = "relative-to-best", _("Relative to the best bid")


class Aggregation(models.TextChoices):
    """How the marks of many members become one."""

    MEAN = "mean", _("Mean of members")
    MEDIAN = "median", _("Median of members")
    UNIT_MEAN = "unit-mean", _("Mean of unit means")
    SUM = "sum", _("Sum of members")
    CONSENSUS = "consensus", _("Agreed mark")


class PriceFormula(models.TextChoices):
    """How a price becomes points (case file, Price points)."""

    NONE = "none", _("Price is not scored")
    MARKED = "marked", _("Marked by the panel")
    LOWEST_OVER_PRICE = "lowest-over-price", _("Lowest price ÷ price")
    LINEAR_TO_LOWEST = "linear-to-lowest", _("Linear from the lowest price")
    MIN_MAX = "min-max", _("Between lowest and highest price")
    MEAN = "mean", _("Around the mean price")
    CEILING_LINEAR = "ceiling-linear", _("Linear below a published ceiling")
    BANDS = "bands", _("Published price bands")


class Kind(models.TextChoices):
    """What a criterion is about."""

    SECURITY = "security", _("Security")
    QUALITY = "quality", _("Quality")
    PRICE = "price", _("Price")


class EntryKind(models.TextChoices):
    """What a row of a catalogue is (`procurement.catalogues.entries.Kind`)."""

    ASSESSABLE = "assessable", _("Requirement")
    GROUP = "group", _("Heading")
    WITHDRAWN = "withdrawn", pgettext_lazy("catalogue entry", "Withdrawn")
    NOTE = "note", pgettext_lazy("catalogue entry", "Note")


class RequirementKind(models.TextChoices):
    """What a requirement is about."""

    SECURITY = "security", _("Security")
    LEGAL = "legal", _("Legal")
    TECHNICAL = "technical", _("Technical")


class Severity(models.TextChoices):
    """What it would mean if a requirement were not met."""

    CRITICAL = "critical", _("Critical")
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class TieRule(models.TextChoices):
    """What splits equal bids (case file, Ties)."""

    HEAVIEST_CRITERION = "heaviest-criterion", _("Higher on the heaviest criterion")
    MORE_FIRST_PLACES = "more-first-places", _("More first places")
    HIGHER_SECURITY = "higher-security", _("Higher security points")
    LOWER_PRICE = "lower-price", _("Lower price")
    LOTS = "lots", _("Lots")


class TiedRank(models.TextChoices):
    """What rank equal bids get from one member."""

    COMPETITION = "competition", _("1, 1, 3")
    DENSE = "dense", _("1, 1, 2")
    AVERAGE = "average", _("1.5, 1.5, 3")


class RankScope(models.TextChoices):
    """Which bids take part in each member's ranks."""

    PASSING = "passing", _("Bids that pass")
    ALL = "all", _("All marked bids")


class SystemClass(models.TextChoices):
    """Class of the system concerned (Bankers Association, supply chain risk rules)."""

    CLASS_1 = "1", _("Class 1: ATM, tellers, SWIFT, core")
    CLASS_2 = "2", _("Class 2: supports a Class 1 system or faces customers")
    CLASS_3 = "3", _("Class 3: all others")


class ProtectionLevel(models.TextChoices):
    """How much a system is to be protected (資通系統防護需求分級原則); each asks for all before it, too."""

    BASIC = "basic", _("Basic (普)")
    MEDIUM = "medium", _("Medium (中)")
    HIGH = "high", _("High (高)")


class RiskTier(models.TextChoices):
    """How much risk there is in what others do for the bank."""

    NONE = "none", pgettext_lazy("outsourcing risk", "None")
    LOW = "low", pgettext_lazy("outsourcing risk", "Low")
    MEDIUM = "medium", pgettext_lazy("outsourcing risk", "Medium")
    HIGH = "high", pgettext_lazy("outsourcing risk", "High")


class EvidenceAsked(models.TextChoices):
    """The least that has to stand behind an answer, weakest first; what the bank tests itself comes after."""

    CLAIMED = "claimed", _("Claimed")
    ATTESTED = "attested", _("Attested")
    TESTED = "tested", _("Independently tested")


class Part(models.TextChoices):
    """What can be taken over from an intake, each by itself."""

    RULES = "rules", _("Class, method and price formula")
    CRITERIA = "criteria", _("Criteria with weights and the minimum of security")
    REQUIREMENTS = "requirements", _("Requirements of the built-in baseline")
    PANEL = "panel", _("Panel seats")


class Agreement(models.TextChoices):
    """What security answered to a proposal that somebody wants to lower."""

    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused")


class ClearanceSide(models.TextChoices):
    """Whose signature a draft needs before it is published."""

    SECURITY = "security", _("Security")
    OWNER = "owner", _("Accountable unit")


class Exposure(models.TextChoices):
    """What an entry of the exception register opens."""

    CONNECTION = "connection", _("Connection")
    PORT = "port", _("Port")
    FUNCTION = "function", _("Function")
    GOING_LIVE = "going_live", _("Going live with a gate promise open")


class Advice(models.TextChoices):
    """What security says to a request, by name."""

    AGREES = "agrees", pgettext_lazy("security", "Agrees")
    CONDITIONS = "conditions", _("Agrees with conditions")
    AGAINST = "against", _("Advises against")


class Decision(models.TextChoices):
    """What an approver decided on a request, by name."""

    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class EntryState(models.TextChoices):
    """Where an entry of the exception register stands on a day."""

    ASKED = "asked", _("Waits for security")
    ADVISED = "advised", _("Waits for a decision")
    OPEN = "open", _("In force")
    OVERDUE = "overdue", _("Overdue")
    REFUSED = "refused", _("Refused")
    CLOSED = "closed", pgettext_lazy("exception or incident", "Closed")
    PROLONGED = "prolonged", _("Prolonged")


class Theme(models.TextChoices):
    """Light, dark, or what the person's computer says."""

    AUTO = "auto", _("As the computer")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


#: What the audit trail calls what people do in this wing: stored in English, shown in the reader's language.
ACTIONS = (
    gettext_noop("enrol administrator"),
    gettext_noop("set clock back"),
    gettext_noop("settle clock"),
    gettext_noop("settle trail"),
    gettext_noop("create person"),
    gettext_noop("edit person"),
    gettext_noop("change password"),
    gettext_noop("activate person"),
    gettext_noop("deactivate person"),
    gettext_noop("create unit"),
    gettext_noop("edit unit"),
    gettext_noop("create vendor"),
    gettext_noop("edit vendor"),
    gettext_noop("load catalogue"),
    gettext_noop("create tender"),
    gettext_noop("edit tender"),
    gettext_noop("save template"),
    gettext_noop("delete template"),
    gettext_noop("start from specification"),
    gettext_noop("answer intake"),
    gettext_noop("confirm step"),
    gettext_noop("ask to lower proposals"),
    gettext_noop("agree to lower proposals"),
    gettext_noop("refuse to lower proposals"),
    gettext_noop("take over proposals"),
    gettext_noop("fill in blanks"),
    gettext_noop("add requirement"),
    gettext_noop("edit requirement"),
    gettext_noop("move requirement"),
    gettext_noop("delete requirement"),
    gettext_noop("import requirements"),
    gettext_noop("import profile"),
    gettext_noop("pick requirements"),
    gettext_noop("order requirements"),
    gettext_noop("edit requirements"),
    gettext_noop("add criterion"),
    gettext_noop("edit criterion"),
    gettext_noop("move criterion"),
    gettext_noop("delete criterion"),
    gettext_noop("import criteria"),
    gettext_noop("set weights"),
    gettext_noop("give usual anchors"),
    gettext_noop("add seat"),
    gettext_noop("edit seat"),
    gettext_noop("delete seat"),
    gettext_noop("request exception"),
    gettext_noop("advise on exception"),
    gettext_noop("grant exception"),
    gettext_noop("refuse exception"),
    gettext_noop("close exception"),
    gettext_noop("export register"),
    gettext_noop("export specification"),
    gettext_noop("refuse"),
    gettext_noop("verify trail"),
)
